"""Where the labels of wires go: a shape chip on every wire, and the chip of what a gradient delivers beside it.

What the value is stands above its line, what the gradient delivers hangs below its own: both lines stay in sight.
Labels are put where they hide neither a card, nor one another, nor the line of another wire, as long as there is such
a place. Their places follow from geometry and shapes alone, so that nothing jumps while the sweep runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gradviz.graph import Report
from gradviz.ops import Shape
from gradviz.picture.curves import Floats, points_on
from gradviz.picture.fonts import shorten, text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Rect
from gradviz.picture.line_grid import LineGrid
from gradviz.picture.numbers import show_shape
from gradviz.picture.tensor_layout import small_layout
from gradviz.picture.theme import Theme

_STOPS = np.array([0.5, 0.56, 0.44, 0.62, 0.38, 0.68, 0.32, 0.74, 0.26, 0.8, 0.2])
_CUT_STOPS = np.array([0.78, 0.72, 0.84, 0.66, 0.6, 0.5])
_SHAPE_SIDES: Mapping[float, float] = {-1.0: 0.0, 0.0: 80.0, 1.0: 400.0}
_SHARE_SIDES: Mapping[float, float] = {1.0: 0.0, 0.0: 80.0, -1.0: 400.0, 2.0: 900.0}
_CUT_SIDES: Mapping[float, float] = {0.0: 0.0, 1.0: 80.0, -1.0: 80.0}
"""The sides on which a label may be, and what each costs, in the square pixels that it would rather hide."""

_LATER_STOP = 6.0
_TOUCHING = 400.0
_HUNG_BELOW = 3.0
_WIDEST_SHAPE = 18.0
_TILE = 128.0
_KEPT = 8

CUT, CUT_ON_PURPOSE = "⊣ ∅", "✂ ∅"
"""The marks where nothing is sent back: for any reason, and where an op is there to cut."""


class Labels(NamedTuple):
    """Rectangles (x, y, w, h) for every wire of a geometry.

    `shapes` are those of the chips with the shape, `shares` of those with the contribution, `cuts` of the marks where
    nothing is sent back; `cut_stops` say how far along the wire, 0 at its source, the latter are. `leans` say to which
    end of its room a narrow contribution moves to be at its line: -1 to the left, 1 to the right.
    """

    shapes: tuple[Rect, ...]
    shares: tuple[Rect, ...]
    leans: tuple[float, ...]
    cuts: tuple[Rect, ...]
    cut_stops: tuple[float, ...]


@lru_cache(maxsize=_KEPT)
def labels_of(geometry: Geometry, report: Report, theme: Theme) -> Labels:
    """Return where the labels of all wires go."""
    if not geometry.ports:
        return Labels((), (), (), (), ())
    shapes = [report.shapes.get(geometry.ids[row]) for row in geometry.sources]
    taken = _Taken()
    for x, y, w, h in geometry.rects.tolist():
        taken.add((x, y, w, h))
    along, back = geometry.curves, geometry.backs[:, ::-1]
    lines = LineGrid.of(np.concatenate([along, back], axis=1).reshape(-1, 2, 4, 2))
    shape_sizes, share_sizes = (_sizes(shapes, size, theme) for size in (shape_size, share_size))
    cut_sizes = np.broadcast_to(cut_size(theme), shape_sizes.shape)
    shape_rects = [taken.take(each)[0] for each in _choices(along, _STOPS, shape_sizes, _SHAPE_SIDES, lines)]
    shares = _choices(back, _STOPS, share_sizes, _SHARE_SIDES, lines)
    cuts = _choices(back, _CUT_STOPS, cut_sizes, _CUT_SIDES, lines)
    share_rects, leans, cut_rects, stops = [], [], [], []
    for share_choices, cut_choices in zip(shares, cuts, strict=True):
        cut, stop = taken.freest(cut_choices)  # a wire has a contribution or a cut, never both
        share, row = taken.take(share_choices)
        taken.add(cut)
        share_rects.append(share)
        leans.append(float(share_choices.leans[row]))
        cut_rects.append(cut)
        stops.append(float(_CUT_STOPS[stop % len(_CUT_STOPS)]))
    return Labels(tuple(shape_rects), tuple(share_rects), tuple(leans), tuple(cut_rects), tuple(stops))


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


def _places(curves: Floats, stops: Floats, sizes: Floats, sides: Iterable[float]) -> tuple[Floats, Floats]:
    """Return rectangles to choose from, (wires, choices, 4), of `sizes`, (wires, 2): all stops at the first side first.

    At side 0 a label is centred on its line, at 1 it touches the line from below where that is level, at -1 from
    above; at 2 it keeps as much distance again. Beside them, (wires, choices): where the line is, from -1 on the left
    to 1 on the right; 0 where it is level.
    """
    points = points_on(curves, stops)
    along = points_on(curves, stops + 0.01) - points
    away = np.stack([-along[..., 1], along[..., 0]], axis=2)
    away /= np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)[..., None]
    reach = np.sum(np.abs(away) * sizes[:, None] / 2, axis=2) + _HUNG_BELOW
    step = away * reach[..., None]
    middles = np.concatenate([points + side * step for side in sides], axis=1)
    wide = np.broadcast_to(sizes[:, None], middles.shape)
    leans = np.concatenate([np.clip(-2.0 * side * away[..., 0], -1.0, 1.0) for side in sides], axis=1)
    return np.concatenate([middles - wide / 2, wide], axis=2), leans


class _Choices(NamedTuple):
    """Rectangles to choose from: the first at hand, all of them, (choices, 4), in an array that is rarely unpacked.

    `costs` (choices,) says how little each is liked before what is taken is looked at; `cost` is that of the first.
    `leans` (choices,) says on which side of each its line is.
    """

    first: Rect
    cost: float
    all: Floats
    costs: Floats
    leans: Floats


def _choices(
    curves: Floats, stops: Floats, sizes: Floats, sides: Mapping[float, float], lines: LineGrid
) -> Iterator[_Choices]:
    """Yield the choices for a label of each wire; `sizes` is (wires, 2)."""
    rectangles, leans = _places(curves, stops, sizes, sides)
    likings = np.add.outer(np.array(list(sides.values())), _LATER_STOP * np.arange(len(stops))).ravel()
    costs = likings + lines.foreign(rectangles)
    firsts = zip(rectangles[:, 0].tolist(), costs[:, 0].tolist(), strict=True)
    for ((x, y, w, h), cost), *each in zip(firsts, rectangles, costs, leans, strict=True):
        yield _Choices((x, y, w, h), cost, *each)


class _Taken:
    """Rectangles that are taken, found by the tiles of a coarse grid that they touch."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], list[Rect]] = {}

    def add(self, rect: Rect) -> None:
        """Take a rectangle."""
        for tile in _tiles(rect):
            self._tiles.setdefault(tile, []).append(rect)

    def freest(self, choices: _Choices) -> tuple[Rect, int]:
        """Return the one of some rectangles that costs and hides least, the first of those, and which one it is."""
        if not choices.cost and not self.hidden_by(choices.first):
            return choices.first, 0
        least, best, found = np.inf, choices.first, 0
        costs = choices.costs.tolist()
        for row in np.argsort(choices.costs, kind="stable").tolist():
            if costs[row] >= least:
                break
            x, y, w, h = choices.all[row].tolist()
            hidden = self.hidden_by((x, y, w, h))
            cost = costs[row] + hidden + (_TOUCHING if hidden else 0.0)
            if cost < least:
                least, best, found = cost, (x, y, w, h), row
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
