"""Where the labels of wires go: a shape chip on every wire, and the chip of what a gradient delivers beside it.

Labels are put where they hide neither a card nor one another, as long as there is such a place on the wire. Their
places follow from geometry and shapes alone, so that nothing jumps while the sweep runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from gradviz.graph import Report
from gradviz.ops import Shape
from gradviz.picture.curves import Floats, beside, points_on
from gradviz.picture.fonts import text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Rect
from gradviz.picture.numbers import show_shape
from gradviz.picture.tensor_layout import small_layout
from gradviz.picture.theme import Theme

_SHAPE_STOPS = np.array([0.56, 0.48, 0.64, 0.4, 0.72, 0.32, 0.8])
_SHARE_STOPS = np.array([0.3, 0.24, 0.36, 0.18, 0.42, 0.48, 0.56, 0.64, 0.72])
_TILE = 128.0


class Labels(NamedTuple):
    """Rectangles (x, y, w, h) for every wire of a geometry: its shape chip, and the chip of its contribution.

    `stops` says how far along the wire, 0 at its source, the latter is.
    """

    shapes: tuple[Rect, ...]
    shares: tuple[Rect, ...]
    stops: tuple[float, ...]


@lru_cache(maxsize=16)
def labels_of(geometry: Geometry, report: Report, theme: Theme) -> Labels:
    """Return where the labels of all wires go."""
    shapes = [report.shapes.get(geometry.ids[row]) for row in geometry.sources]
    taken = _Taken()
    for x, y, w, h in geometry.rects.tolist():
        taken.add((x, y, w, h))
    shape_sizes = np.array([shape_size(shape, theme) for shape in shapes], dtype=np.float64).reshape(-1, 2)
    share_sizes = np.array([share_size(shape, theme) for shape in shapes], dtype=np.float64).reshape(-1, 2)
    along = points_on(geometry.curves, _SHAPE_STOPS)
    shape_rects, _ = _placed(_centred(along, shape_sizes), taken)
    back = beside(geometry.curves, gradient_distance(theme))
    points = points_on(back, _SHARE_STOPS)
    choices = np.concatenate([_centred(points, share_sizes), _hung(back, points, share_sizes)], axis=1)
    share_rects, rows = _placed(choices, taken)
    stops = tuple(float(_SHARE_STOPS[row % len(_SHARE_STOPS)]) for row in rows)
    return Labels(shape_rects, share_rects, stops)


def shape_size(shape: Shape | None, theme: Theme) -> tuple[float, float]:
    """Return width and height of the chip with a shape."""
    width = text_width(show_shape(shape) if shape is not None else "?", theme.shape_size, weight="semibold")
    return width + 1.25 * theme.spacing, round(1.5 * theme.shape_size)


def share_size(shape: Shape | None, theme: Theme) -> tuple[float, float]:
    """Return width and height of the chip with a contribution of a shape, its frame included."""
    layout = small_layout(shape, theme)
    return layout.w + 0.75 * theme.spacing, layout.h + 0.75 * theme.spacing


def gradient_distance(theme: Theme) -> float:
    """Return how far the dashed line of a gradient runs beside the line of its value."""
    return theme.spacing


def _centred(points: Floats, sizes: Floats) -> Floats:
    """Return rectangles, (wires, stops, 4), of `sizes`, (wires, 2), centred on points, (wires, stops, 2)."""
    wide = np.broadcast_to(sizes[:, None], points.shape)
    return np.concatenate([points - wide / 2, wide], axis=2)


def _hung(back: Floats, points: Floats, sizes: Floats) -> Floats:
    """Return rectangles that touch the gradient's line from the side away from its wire: below where it is level."""
    along = points_on(back, _SHARE_STOPS + 0.01) - points
    away = np.stack([-along[..., 1], along[..., 0]], axis=2)
    away /= np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-9)[..., None]
    reach = np.sum(np.abs(away) * sizes[:, None] / 2, axis=2) + 3.0
    return _centred(points + away * reach[..., None], sizes)


def _placed(choices: Floats, taken: _Taken) -> tuple[tuple[Rect, ...], tuple[int, ...]]:
    """Return for each wire the first of its rectangles, (wires, choices, 4), that is free, and which one it is."""
    rects: list[Rect] = []
    rows = []
    for rectangles in choices.tolist():
        row = next((row for row, rect in enumerate(rectangles) if taken.is_free(rect)), 0)
        taken.add(rectangles[row])
        rects.append(tuple(rectangles[row]))
        rows.append(row)
    return tuple(rects), tuple(rows)


class _Taken:
    """Rectangles that are taken, found by the tiles of a coarse grid that they touch."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], list[Rect]] = {}

    def add(self, rect: Rect) -> None:
        """Take a rectangle."""
        for tile in _tiles(rect):
            self._tiles.setdefault(tile, []).append(rect)

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
