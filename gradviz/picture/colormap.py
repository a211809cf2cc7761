"""Signed numbers as colours: blue is positive, vermillion negative, zero the neutral middle.

The maps are Crameri's perceptually uniform vik (light themes) and berlin (dark ones). Limits are symmetric, so that
equal magnitudes are equally strong. The strength follows the square root of the magnitude: one scale serves a whole
run, in which a hundredth of the largest number is common, and on a straight scale it would look like zero. What is no
ordinary number, or lies beyond the limit, is marked and never lost. Booleans have no sign: they are two greys.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gradviz.assets import read_text
from gradviz.ops import Array
from gradviz.picture.theme import Theme

Rgb = NDArray[np.uint8]

_HALF = 256
"""Steps from zero to the limit in the tables that colours are looked up in."""

_REACH = 0.72
"""The part of each half of a map that is used: at their ends maps are nearly black or white, and signs look alike."""

_OUTLIER = 4.0
"""An outlier is more than so many times the root mean square of the tensor's numbers that are not zero."""

_DARK_BELOW = 0.2
"""The relative luminance at which light and dark ink are equally well read."""


class Mark(IntEnum):
    """What a cell holds that its colour cannot say."""

    NONE = 0
    NAN = 1
    PLUS_INFINITY = 2
    MINUS_INFINITY = 3
    ABOVE = 4
    BELOW = 5


def coloured(values: Array, limit: float, theme: Theme) -> tuple[Rgb, NDArray[np.uint8]]:
    """Return the colours of numbers, uint8 (*shape, 3), and their marks (`Mark`), uint8 of their shape.

    `limit` is the magnitude that has the full colour; with 0 every number that is not zero lies beyond it.
    """
    if values.dtype == np.bool_:
        return _greys(theme)[values.astype(np.intp)], np.zeros(values.shape, np.uint8)
    with np.errstate(all="ignore"):
        numbers = values.astype(np.float64, copy=False)
        shares = np.where(np.isfinite(numbers), _share(numbers, limit), np.sign(numbers))
        shares = np.copysign(np.sqrt(np.abs(shares)), shares)
    steps = np.rint(np.nan_to_num(np.clip(shares, -1.0, 1.0)) * _HALF).astype(np.intp) + _HALF
    marks = _marks(numbers, limit)
    found = _table(theme.colormap)[steps]
    found[marks == Mark.NAN] = _greys(theme)[2]
    return found, marks


def colours(values: Array, limit: float, theme: Theme) -> Rgb:
    """Return the colours of numbers, uint8 (*shape, 3); `limit` is the magnitude that has the full colour."""
    return coloured(values, limit, theme)[0]


def scale_limit(array: Array) -> float:
    """Return the magnitude at which a scale for an array ends: its largest finite one, or that of what is no outlier.

    0 where nothing finite differs from zero.
    """
    sizes = np.abs(array.astype(np.float64, copy=False))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not sizes.size:
        return 0.0
    most = float(sizes.max())
    return min(most, _OUTLIER * most * float(np.sqrt(np.mean(np.square(sizes / most)))))


def is_dark(rgb: Rgb) -> NDArray[np.bool_]:
    """Tell of colours (…, 3) which are so dark that they want light ink."""
    return np.asarray(_linear()[rgb] @ np.array([0.2126, 0.7152, 0.0722]) < _DARK_BELOW)


def _share(numbers: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """Return how far numbers are on their way to the limit; beyond it, more than 1."""
    if limit > 0:
        return np.asarray(numbers / limit)
    return np.sign(numbers)


def _marks(numbers: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    marks = np.zeros(numbers.shape, np.uint8)
    beyond = float(limit) * (1 + 1e-6)  # a limit may have been rounded to float32
    marks[numbers > beyond] = Mark.ABOVE
    marks[numbers < -beyond] = Mark.BELOW
    marks[numbers == np.inf] = Mark.PLUS_INFINITY
    marks[numbers == -np.inf] = Mark.MINUS_INFINITY
    marks[np.isnan(numbers)] = Mark.NAN
    return marks


@cache
def _table(name: str) -> Rgb:
    """Return a map as 513 colours from -1 to 1, its most neutral colour in the middle, from those of its file."""
    listed = bytes.fromhex(read_text(f"colormaps/{name}.txt"))
    known = np.frombuffer(listed, np.uint8).reshape(-1, 3)
    neutral = int(np.argmin(np.ptp(known.astype(np.int64), axis=1)))
    low, high = neutral - _REACH * neutral, neutral + _REACH * (len(known) - 1 - neutral)
    places = np.interp(np.arange(2 * _HALF + 1), [0, _HALF, 2 * _HALF], [low, neutral, high])
    channels = [np.interp(places, np.arange(len(known)), known[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


@cache
def _greys(theme: Theme) -> Rgb:
    """Return the greys of False, True and NaN: mixtures of the theme's card and ink."""
    card, ink = (np.frombuffer(bytes.fromhex(colour[1:]), np.uint8).astype(float) for colour in (theme.card, theme.ink))
    return np.rint([card + share * (ink - card) for share in (0.07, 0.3, 0.45)]).astype(np.uint8)


@cache
def _linear() -> NDArray[np.float64]:
    """Return the linear light of each 8-bit value of sRGB (IEC 61966-2-1)."""
    values = np.arange(256) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
