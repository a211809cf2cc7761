"""Where the labels of wires go: a shape chip on every wire, and the chip of what a gradient delivers beside it.

Labels are put where they hide neither a card nor one another, as long as there is such a place on the wire. Their
places follow from geometry and shapes alone, so that nothing jumps while the sweep runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gradviz.graph import Report
from gradviz.ops import Shape
from gradviz.picture.curves import Floats, points_on
from gradviz.picture.fonts import shorten, text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Rect
from gradviz.picture.numbers import show_shape
from gradviz.picture.tensor_layout import small_layout
from gradviz.picture.theme import Theme

_SHAPE_STOPS = np.array([0.56, 0.48, 0.64, 0.4, 0.72, 0.32, 0.8, 0.24])
_SHAPE_SIDES = (0.0, -1.0, 1.0)
_SHARE_STOPS = np.array([0.3, 0.24, 0.36, 0.18, 0.42, 0.48, 0.56, 0.64, 0.72])
_SHARE_SIDES = (0.0, 1.0, -1.0, 2.0, -2.0)
_CUT_STOPS = np.array([0.78, 0.72, 0.84, 0.66, 0.6, 0.5])
_HUNG_BELOW = 3.0
_WIDEST_SHAPE = 18.0
_TILE = 128.0
_KEPT = 8

CUT, CUT_ON_PURPOSE = "⊣ ∅", "✂ ∅"
"""The marks where nothing is sent back: for any reason, and where an op is there to cut."""


class Labels(NamedTuple):
    """Rectangles (x, y, w, h) for every wire of a geometry.

    `shapes` are those of the chips with the shape, `shares` of those with the contribution, `cuts` of the marks where
    nothing is sent back; `cut_stops` say how far along the wire, 0 at its source, the latter are.
    """

    shapes: tuple[Rect, ...]
    shares: tuple[Rect, ...]
    cuts: tuple[Rect, ...]
    cut_stops: tuple[float, ...]


@lru_cache(maxsize=_KEPT)
def labels_of(geometry: Geometry, report: Report, theme: Theme) -> Labels:
    """Return where the labels of all wires go."""
    shapes = [report.shapes.get(geometry.ids[row]) for row in geometry.sources]
    taken = _Taken()
    for x, y, w, h in geometry.rects.tolist():
        taken.add((x, y, w, h))
    along, back = geometry.curves, geometry.backs[:, ::-1]
    on_wires = _places(along, _SHAPE_STOPS, _sizes(shapes, shape_size, theme), _SHAPE_SIDES)
    shape_rects = [taken.take(each)[0] for each in _Choices.of(on_wires)]
    shares = _places(back, _SHARE_STOPS, _sizes(shapes, share_size, theme), _SHARE_SIDES)
    cuts = _places(back, _CUT_STOPS, np.broadcast_to(cut_size(theme), (len(shapes), 2)), _SHARE_SIDES)
    share_rects, cut_rects, stops = [], [], []
    for share_choices, cut_choices in zip(_Choices.of(shares), _Choices.of(cuts), strict=True):
        cut, stop = taken.freest(cut_choices)  # a wire has a contribution or a cut, never both
        share_rects.append(taken.take(share_choices)[0])
        taken.add(cut)
        cut_rects.append(cut)
        stops.append(float(_CUT_STOPS[stop % len(_CUT_STOPS)]))
    return Labels(tuple(shape_rects), tuple(share_rects), tuple(cut_rects), tuple(stops))


def _sizes(
    shapes: list[Shape | None], size: Callable[[Shape | None, Theme], tuple[float, float]], theme: Theme
) -> Floats:
    return np.array([size(shape, theme) for shape in shapes], dtype=np.float64).reshape(-1, 2)


def shape_size(shape: Shape | None, theme: Theme) -> tuple[float, float]:
    """Return width and height of the chip with a shape."""
    width = text_width(shape_text(shape, theme), theme.shape_size)
    return width + 1.5 * theme.spacing, round(1.5 * theme.shape_size)


def shape_text(shape: Shape | None, theme: Theme) -> str:
    """Return what stands in the chip with a shape: a question mark where it is not known, dots where it is long."""
    return "?" if shape is None else shorten(show_shape(shape), _WIDEST_SHAPE * theme.spacing, theme.shape_size)


def share_size(shape: Shape | None, theme: Theme) -> tuple[float, float]:
    """Return width and height of the chip with a contribution of a shape, its frame included."""
    layout = small_layout(shape, theme)
    return layout.w + 0.75 * theme.spacing, layout.h + 0.75 * theme.spacing


def cut_size(theme: Theme) -> tuple[float, float]:
    """Return width and height of the mark where nothing is sent back."""
    return text_width(CUT, theme.shape_size) + theme.spacing, 1.5 * theme.shape_size


def _places(curves: Floats, stops: Floats, sizes: Floats, sides: tuple[float, ...]) -> Floats:
    """Return rectangles to choose from, (wires, choices, 4), of `sizes`, (wires, 2): all stops at the first side first.

    At side 0 a label is centred on its line, at 1 it touches the line from below where that is level, at -1 from
    above; at 2 it keeps as much distance again.
    """
    points = points_on(curves, stops)
    along = points_on(curves, stops + 0.01) - points
    away = np.stack([-along[..., 1], along[..., 0]], axis=2)
    away /= np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)[..., None]
    reach = np.sum(np.abs(away) * sizes[:, None] / 2, axis=2) + _HUNG_BELOW
    step = away * reach[..., None]
    middles = np.concatenate([points + side * step for side in sides], axis=1)
    wide = np.broadcast_to(sizes[:, None], middles.shape)
    return np.concatenate([middles - wide / 2, wide], axis=2)


class _Choices(NamedTuple):
    """Rectangles to choose from: the first at hand, all of them, (choices, 4), in an array that is rarely unpacked."""

    first: Rect
    all: Floats

    @classmethod
    def of(cls, rectangles: Floats) -> Iterator[_Choices]:
        """Yield the choices of each wire, from rectangles (wires, choices, 4)."""
        for (x, y, w, h), each in zip(rectangles[:, 0].tolist(), rectangles, strict=True):
            yield cls((x, y, w, h), each)


class _Taken:
    """Rectangles that are taken, found by the tiles of a coarse grid that they touch."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], list[Rect]] = {}

    def add(self, rect: Rect) -> None:
        """Take a rectangle."""
        for tile in _tiles(rect):
            self._tiles.setdefault(tile, []).append(rect)

    def freest(self, choices: _Choices) -> tuple[Rect, int]:
        """Return the first of some rectangles that is free, or the one that hides least, and which one it is."""
        if not self.hidden_by(choices.first):
            return choices.first, 0
        least, best, found = np.inf, choices.first, 0
        for row, (x, y, w, h) in enumerate(choices.all.tolist()):
            hidden = self.hidden_by((x, y, w, h))
            if hidden < least:
                least, best, found = hidden, (x, y, w, h), row
            if not hidden:
                break
        return best, found

    def take(self, choices: _Choices) -> tuple[Rect, int]:
        """Take the freest of some rectangles, and return it and which one it is."""
        rect, row = self.freest(choices)
        self.add(rect)
        return rect, row

    def hidden_by(self, rect: Rect) -> float:
        """Return the area, in square pixels, of all that is taken and that a rectangle would hide."""
        x, y, w, h = rect
        hidden = 0.0
        for tile in _tiles(rect):
            for left, top, width, height in self._tiles.get(tile, ()):
                across = min(x + w, left + width) - max(x, left)
                down = min(y + h, top + height) - max(y, top)
                if across > 0 and down > 0:
                    hidden += across * down
        return hidden


def _tiles(rect: Rect) -> Iterator[tuple[int, int]]:
    x, y, w, h = rect
    for column in range(int(x // _TILE), int((x + w) // _TILE) + 1):
        for row in range(int(y // _TILE), int((y + h) // _TILE) + 1):
            yield column, row
