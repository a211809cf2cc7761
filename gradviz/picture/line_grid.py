"""The lines of all wires as points on a grid, to tell at once what a rectangle would hide of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.picture.curves import Floats, points_on

_POINTS = 17
_LINE_COST = 4.0
"""What hiding one pixel of a line costs, in square pixels of a label hidden."""

_CLEAR = 3.0
_GRAIN, _MOST_GRAINS = 6.0, 1024
_ROUNDING = 1e-3


class LineGrid(NamedTuple):
    """Points on the lines of all wires, weighed on a grid: what lies in a rectangle is four look-ups.

    `points` (wires, points, 2) are columns and rows of the grid, whose grains are `grain` pixels large and begin at
    `corner`; `weights` (wires,) is the cost of hiding one of a wire's points. `sums` (columns + 1, rows + 1) adds up
    the points left of a column and above a row.
    """

    points: NDArray[np.intp]
    weights: Floats
    corner: Floats
    grain: float
    sums: Floats

    @classmethod
    def of(cls, curves: Floats) -> LineGrid:
        """Weigh the points on curves (wires, lines, 4, 2): the lines of each wire, at least one."""
        points = points_on(curves.reshape(-1, 4, 2), np.linspace(0.0, 1.0, _POINTS)).reshape(len(curves), -1, 2)
        lengths: Floats = np.hypot(*np.moveaxis(curves[:, 0, 3] - curves[:, 0, 0], -1, 0))
        weights = _LINE_COST * lengths / (_POINTS - 1)
        corner, far = points.min(axis=(0, 1)), points.max(axis=(0, 1))
        grain = max(_GRAIN, float(np.max(far - corner)) / _MOST_GRAINS)
        found = ((points - corner) / grain).astype(np.intp)
        columns, rows = ((far - corner) / grain).astype(np.intp) + 1
        places = found[..., 0] * rows + found[..., 1]
        counts = np.bincount(places.ravel(), np.repeat(weights, points.shape[1]), minlength=columns * rows)
        sums = np.zeros((columns + 1, rows + 1))
        sums[1:, 1:] = counts.reshape(columns, rows).cumsum(axis=0).cumsum(axis=1)
        return cls(found, weights, corner, grain, sums)

    def foreign(self, rectangles: Floats) -> Floats:
        """Return what rectangles (wires, choices, 4) cost that hide lines of other wires, or nearly so."""
        corners = rectangles[..., :2] - self.corner
        low = np.floor((corners - _CLEAR) / self.grain).astype(np.intp)
        high = np.floor((corners + rectangles[..., 2:] + _CLEAR) / self.grain).astype(np.intp) + 1
        most = np.array(self.sums.shape) - 1
        (left, top), (right, bottom) = (np.moveaxis(np.clip(each, 0, most), -1, 0) for each in (low, high))
        sums = self.sums
        within = sums[right, bottom] - sums[left, bottom] - sums[right, top] + sums[left, top]
        x, y = self.points[:, None, :, 0], self.points[:, None, :, 1]
        own = (x >= low[..., 0:1]) & (x < high[..., 0:1]) & (y >= low[..., 1:2]) & (y < high[..., 1:2])
        foreign: Floats = within - np.count_nonzero(own, axis=2) * self.weights[:, None]
        return np.where(foreign > _ROUNDING, foreign, 0.0)
