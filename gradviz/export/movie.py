"""A sweep as files: a PNG for every moment, and one GIF in which the gradients travel.

In the GIF each frame of the run plays through its stops, drawn over the still picture of the moment before, as it does
on screen, and rests. All its pictures share one palette: the colours that fill most of the film exactly, the rest as
near as can be.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.engine import Send, Tape, run
from gradviz.errors import FormatError, LimitError
from gradviz.export.image import on_sheet, png_bytes
from gradviz.export.parts import spanning, with_legend
from gradviz.export.sheet import Sheet, sheet_for
from gradviz.formats import write_file
from gradviz.graph import Document
from gradviz.picture import Picture, Rect, Theme, compose, compose_legend, compose_motion, load_theme

GIF_NAME = "sweep.gif"

MOST_MOMENTS = 400
"""Moments of a run that are written as pictures."""

MOST_GIF_SIDE = 1600
"""Pixels of the longer side of a GIF; a larger picture is made smaller."""

_SEND_STOPS = ((0.25, 350), (0.5, 900), (0.75, 600), *((0.75 + 0.05 * step, 80) for step in range(1, 5)))
"""Progress and milliseconds of the stops of a `Send`: the total, the rule, the product, and the journey."""

_STOPS = ((0.5, 250),)
_REST, _LAST_REST = 700, 2500

_EXACT, _COLOURS = 160, 256
_SAMPLES = 12


class Shot(NamedTuple):
    """Pictures over one another, and how many milliseconds they stay."""

    layers: tuple[Picture, ...]
    milliseconds: int


@dataclass(frozen=True)
class Film:
    """A document's run in pictures of one theme."""

    document: Document
    tape: Tape
    theme: Theme

    def still(self, index: int) -> Picture:
        """Return the picture of a moment with its legend."""
        return compose(self.document, self.tape.at(index), self.theme, legend=True)

    def shots(self, index: int) -> Iterator[Shot]:
        """Yield how the run comes to a moment, and the moment itself."""
        if index:
            frame = self.tape.frames[index - 1]
            ground = self._ground(index)
            for progress, milliseconds in _SEND_STOPS if isinstance(frame, Send) else _STOPS:
                motion = compose_motion(self.document, self.tape.at(index), self.theme, progress)
                yield Shot((ground, motion), milliseconds)
        is_last = index == len(self.tape.frames)
        yield Shot((self.still(index),), _LAST_REST if is_last else _REST)

    def _ground(self, index: int) -> Picture:
        """Return what lies under the motion towards a moment: the moment before it, told as the one that comes."""
        margin = 3.0 * self.theme.spacing
        before = compose(self.document, self.tape.at(index - 1), self.theme, active=False)
        width = before.bounds[2] - 2 * margin
        return with_legend(before, compose_legend(self.document, self.tape.at(index), self.theme, width), margin)


def write_sweep(
    document: Document,
    folder: str | os.PathLike[str],
    *,
    tape: Tape | None = None,
    theme: str = "light",
    scale: float = 1.0,
) -> tuple[Path, ...]:
    """Write every moment of a document's run as `frame_000.png`, …, and all of it as `sweep.gif`; return their paths.

    The folder is made where there is none. Raises LimitError for a run of too many moments, FormatError where it
    cannot be written.
    """
    film = Film(document, run(document) if tape is None else tape, load_theme(theme))
    count = len(film.tape.frames) + 1
    if count > MOST_MOMENTS:
        raise LimitError(
            "a run of {count:,} moments is too long for pictures (at most {most:,}): draw single moments with "
            "`gradviz render --frame`",
            count=count,
            most=MOST_MOMENTS,
        )
    home = _folder(folder)
    paths = [*_write_stills(film, home, scale), home / GIF_NAME]
    write_file(paths[-1], gif_bytes(film))
    return tuple(paths)


def _folder(folder: str | os.PathLike[str]) -> Path:
    home = Path(folder)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError("cannot make the folder {path}: {why}", path=home, why=error.strerror) from error
    return home


def _write_stills(film: Film, home: Path, scale: float) -> Iterator[Path]:
    """Write all moments on sheets of one size."""
    moments = range(len(film.tape.frames) + 1)
    sheet = sheet_for(spanning([film.still(index) for index in moments]), scale)
    digits = max(3, len(str(moments[-1])))
    for index in moments:
        path = home / f"frame_{index:0{digits}}.png"
        write_file(path, png_bytes(on_sheet((film.still(index),), sheet, film.theme.background)))
        yield path


def gif_bytes(film: Film) -> bytes:
    """Return a film as the bytes of a GIF that repeats for ever."""
    shots = [shot for index in range(len(film.tape.frames) + 1) for shot in film.shots(index)]
    sheet = _sheet_for_all(shots)
    some = np.unique(np.linspace(0, len(shots) - 1, _SAMPLES).astype(int)).tolist()
    palette = _Indexer(_palette([_pixels(film, shots[index], sheet) for index in some]))
    frames = (palette.indexed(_pixels(film, shot, sheet)) for shot in shots)
    written = io.BytesIO()
    next(frames).save(
        written,
        "GIF",
        save_all=True,
        append_images=frames,
        duration=[shot.milliseconds for shot in shots],
        loop=0,
        optimize=False,
    )
    return written.getvalue()


def _sheet_for_all(shots: Sequence[Shot]) -> Sheet:
    """Return a sheet on which every picture of a film fits, with what moves beyond the edges of the graph."""
    bounds = spanning([shot.layers[0] for shot in shots])
    left, top, right, bottom = bounds[0], bounds[1], bounds[0] + bounds[2], bounds[1] + bounds[3]
    for shot in shots:
        for motion in shot.layers[1:]:
            if len(motion.items):
                low, high = motion.item_bounds[:, :2].min(axis=0), motion.item_bounds[:, 2:].max(axis=0)
                left, top = min(left, float(low[0])), min(top, float(low[1]))
                right, bottom = max(right, float(high[0])), max(bottom, float(high[1]))
    around: Rect = (left, top, right - left, bottom - top)
    return sheet_for(around, min(1.0, MOST_GIF_SIDE / max(around[2], around[3], 1.0)))


def _pixels(film: Film, shot: Shot, sheet: Sheet) -> NDArray[np.uint8]:
    """Return a shot as pixels, uint8 of shape (height, width, 3)."""
    image = on_sheet(shot.layers, sheet, film.theme.background)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _palette(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return the colours, (at most 256, 3), that serve all pictures: the commonest exactly, then those of the rest."""
    from PIL import Image

    packed, counts = np.unique(np.concatenate([_packed(picture) for picture in pictures]), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    exact, rest = packed[order[:_EXACT]], packed[order[_EXACT:]]
    if not rest.size:
        return _unpacked(exact)
    others = Image.fromarray(_unpacked(rest)[None]).quantize(_COLOURS - _EXACT, Image.Quantize.MEDIANCUT)
    found = np.array(others.getpalette(), np.uint8).reshape(-1, 3)
    return np.concatenate([_unpacked(exact), found])[:_COLOURS]


class _Indexer:
    """Gives each pixel the nearest colour of a palette, and remembers which that is; Pillow's own search is coarse."""

    def __init__(self, palette: NDArray[np.uint8]) -> None:
        self._palette = palette
        self._nearest = np.zeros(1 << 24, np.uint8)
        self._is_known = np.zeros(1 << 24, np.bool_)

    def indexed(self, pixels: NDArray[np.uint8]) -> Any:
        """Return a picture, (height, width, 3), in the colours of the palette, as an image of Pillow."""
        from PIL import Image

        packed = _packed(pixels)
        self._learn(np.unique(packed[~self._is_known[packed]]))
        height, width, _ = pixels.shape
        image = Image.frombytes("P", (width, height), self._nearest[packed].tobytes())
        image.putpalette(self._palette.tobytes())
        return image

    def _learn(self, packed: NDArray[np.int32]) -> None:
        gaps = _unpacked(packed)[:, None].astype(np.int32) - self._palette.astype(np.int32)
        self._nearest[packed] = np.argmin(np.square(gaps).sum(axis=-1), axis=1)
        self._is_known[packed] = True


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return pixels (height, width, 3) as one number each, (pixels,)."""
    red, green, blue = pixels.reshape(-1, 3).astype(np.int32).T
    return (red << 16) | (green << 8) | blue


def _unpacked(packed: NDArray[np.int32]) -> NDArray[np.uint8]:
    return np.stack([packed >> 16, packed >> 8, packed], axis=-1).astype(np.uint8)
