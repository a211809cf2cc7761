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
from gradviz.picture.fonts import text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Rect
from gradviz.picture.numbers import show_shape
from gradviz.picture.tensor_layout import small_layout
from gradviz.picture.theme import Theme

_SHAPE_STOPS = np.array([0.56, 0.48, 0.64, 0.4, 0.72, 0.32, 0.8])
_SHARE_STOPS = np.array([0.3, 0.24, 0.36, 0.18, 0.42, 0.48, 0.56, 0.64, 0.72])
_CUT_STOPS = np.array([0.78, 0.72, 0.84, 0.66, 0.6, 0.5])
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
    along = points_on(geometry.curves, _SHAPE_STOPS)
    shape_rects = [taken.take(each)[0] for each in _Choices.of(_centred(along, _sizes(shapes, shape_size, theme)))]
    back = geometry.backs[:, ::-1]
    shares = _beside_line(back, _SHARE_STOPS, _sizes(shapes, share_size, theme))
    cuts = _beside_line(back, _CUT_STOPS, np.broadcast_to(cut_size(theme), (len(shapes), 2)))
    share_rects, cut_rects, stops = [], [], []
    for share_choices, cut_choices in zip(_Choices.of(shares), _Choices.of(cuts), strict=True):
        cut, stop = taken.first_free(cut_choices)  # a wire has a contribution or a cut, never both
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
    width = text_width(show_shape(shape) if shape is not None else "?", theme.shape_size, weight="semibold")
    return width + 1.25 * theme.spacing, round(1.5 * theme.shape_size)


def share_size(shape: Shape | None, theme: Theme) -> tuple[float, float]:
    """Return width and height of the chip with a contribution of a shape, its frame included."""
    layout = small_layout(shape, theme)
    return layout.w + 0.75 * theme.spacing, layout.h + 0.75 * theme.spacing


def cut_size(theme: Theme) -> tuple[float, float]:
    """Return width and height of the mark where nothing is sent back."""
    return text_width(CUT, theme.shape_size) + theme.spacing, 1.5 * theme.shape_size


def _beside_line(back: Floats, stops: Floats, sizes: Floats) -> Floats:
    """Return rectangles to choose from, (wires, choices, 4): on the line at all stops, then hung from it."""
    points = points_on(back, stops)
    return np.concatenate([_centred(points, sizes), _hung(back, stops, sizes)], axis=1)


def _centred(points: Floats, sizes: Floats) -> Floats:
    """Return rectangles, (wires, stops, 4), of `sizes`, (wires, 2), centred on points, (wires, stops, 2)."""
    wide = np.broadcast_to(sizes[:, None], points.shape)
    return np.concatenate([points - wide / 2, wide], axis=2)


def _hung(back: Floats, stops: Floats, sizes: Floats) -> Floats:
    """Return rectangles that touch the gradient's line from the side away from its wire: below where it is level."""
    points = points_on(back, stops)
    along = points_on(back, stops + 0.01) - points
    away = np.stack([-along[..., 1], along[..., 0]], axis=2)
    away /= np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)[..., None]
    reach = np.sum(np.abs(away) * sizes[:, None] / 2, axis=2) + 3.0
    return _centred(points + away * reach[..., None], sizes)


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

    def first_free(self, choices: _Choices) -> tuple[Rect, int]:
        """Return the first of some rectangles that is free, and which one it is; the first of all where none is."""
        if self.is_free(choices.first):
            return choices.first, 0
        for row, (x, y, w, h) in enumerate(choices.all.tolist()):
            if self.is_free((x, y, w, h)):
                return (x, y, w, h), row
        return choices.first, 0

    def take(self, choices: _Choices) -> tuple[Rect, int]:
        """Take the first of some rectangles that is free, and return it and which one it is."""
        rect, row = self.first_free(choices)
        self.add(rect)
        return rect, row

    def is_free(self, rect: Rect) -> bool:
        """Say whether a rectangle touches none that is taken."""
        x, y, w, h = rect
        return not any(
            x < left + width and left < x + w and y < top + height and top < y + h
            for tile in _tiles(rect)
            for left, top, width, height in self._tiles.get(tile, ())
        )


def _tiles(rect: Rect) -> Iterator[tuple[int, int]]:
    x, y, w, h = rect
    for column in range(int(x // _TILE), int((x + w) // _TILE) + 1):
        for row in range(int(y // _TILE), int((y + h) // _TILE) + 1):
            yield column, row
