"""The curves of wires as arrays: cubic Béziers from outputs to inputs, points on them, and their distance.

All functions take and give float64 arrays; `curves` has shape (wires, 4, 2): start, two handles, end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradviz.graph import reach_of

Floats = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

AHEAD = 24.0
"""A sink at least this far right of its source is reached directly; one further left by a loop."""

_CLEARANCE = 16.0
_FULL_SHIFT = 4 / 3  # in the middle of a curve both handles together weigh three quarters
_LATEST_RETURN = 0.42  # at a half, where ends stand one above the other, both handles weigh alike
_SHORTEST_LOOP, _LONGEST_LOOP = 64.0, 220.0


def wire_curves(starts: Floats, ends: Floats, sources: Floats, sinks: Floats) -> Floats:
    """Return the curves of wires from `starts` to `ends`, each of shape (wires, 2).

    `sources` and `sinks`, (wires, 4), are the rectangles x, y, w, h of the nodes at either end. A sink on the right
    is reached by an S; for any other the wire turns back and passes between the two nodes, or around both of them
    where they leave no room.
    """
    run = ends[:, 0] - starts[:, 0]
    turns_back = run < AHEAD
    reach = np.where(
        turns_back,
        np.clip(-0.75 * run, _SHORTEST_LOOP, _LONGEST_LOOP),
        reach_of(run),
    )
    lifts = np.zeros_like(starts)
    rows = np.flatnonzero(turns_back)
    lifts[rows] = _lifts(starts[rows], ends[rows], sources[rows], sinks[rows], reach[rows])
    first = starts + np.stack([reach, lifts[:, 0]], axis=1)
    second = ends + np.stack([-reach, lifts[:, 1]], axis=1)
    return np.stack([starts, first, second, ends], axis=1)


def _lifts(starts: Floats, ends: Floats, sources: Floats, sinks: Floats, reach: Floats) -> Floats:
    """Return how far down the two handles go, (wires, 2), so that a wire that turns back clears both its nodes."""
    back = np.maximum(starts[:, 0] - ends[:, 0], 0.0)
    # At this share of its way (a root of its cubic) the wire is back at the x of its start; by symmetry it reaches the
    # x of its end as long before its end. Heights there are those of both handles, weighed.
    a, b = 6 * reach + 2 * back, 9 * reach + 3 * back
    t = np.minimum((b - np.sqrt(b * b - 12 * reach * a)) / (2 * a), _LATEST_RETURN)
    near, far = 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t)
    slope = (far + t**3) * (ends[:, 1] - starts[:, 1])
    leave, arrive = _heights(starts, ends, sources, sinks, slope)
    at_start, at_end = leave - starts[:, 1] - slope, arrive - ends[:, 1] + slope
    size = near * near - far * far
    first, second = (near * at_start - far * at_end) / size, (near * at_end - far * at_start) / size
    return np.stack([first, second], axis=1)


def _heights(starts: Floats, ends: Floats, sources: Floats, sinks: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Return at which heights a wire that turns back passes its start and its end.

    Where there is room it passes between the two nodes, else around both, on the shorter side.
    """
    tops = np.stack([sources[:, 1], sinks[:, 1]]) - _CLEARANCE
    bottoms = np.stack([sources[:, 1] + sources[:, 3], sinks[:, 1] + sinks[:, 3]]) + _CLEARANCE
    over, under = starts[:, 1] + slope, ends[:, 1] - slope
    falls = bottoms[0] <= tops[1]
    rises = bottoms[1] <= tops[0]
    leave_falling, leave_rising = np.maximum(over, bottoms[0]), np.minimum(over, tops[0])
    leave_falling, leave_rising = np.minimum(leave_falling, tops[1]), np.maximum(leave_rising, bottoms[1])
    arrive_falling = np.minimum(np.maximum(under, leave_falling), tops[1])
    arrive_rising = np.maximum(np.minimum(under, leave_rising), bottoms[1])
    lowest, highest = bottoms.max(axis=0), tops.min(axis=0)
    middle = (starts[:, 1] + ends[:, 1]) / 2
    around = np.where(lowest - middle <= middle - highest, lowest, highest)
    leave = np.where(falls, leave_falling, np.where(rises, leave_rising, around))
    arrive = np.where(falls, arrive_falling, np.where(rises, arrive_rising, around))
    return np.asarray(leave, dtype=np.float64), np.asarray(arrive, dtype=np.float64)


def points_on(curves: Floats, t: float | Floats) -> Floats:
    """Return the points of all curves at `t` (0 start … 1 end): shape (wires, 2), or (wires, len(t), 2)."""
    share = np.asarray(t, dtype=np.float64)
    weights = np.stack([(1 - share) ** 3, 3 * share * (1 - share) ** 2, 3 * share**2 * (1 - share), share**3], axis=-1)
    return np.asarray(np.matmul(weights, curves), dtype=np.float64)


def flattened(curves: Floats, segments: int = 24) -> Floats:
    """Return the curves as polylines of shape (wires, segments + 1, 2)."""
    return points_on(curves, np.linspace(0.0, 1.0, segments + 1))


def beside(curves: Floats, distance: float) -> Floats:
    """Return curves that run beside the given ones, `distance` below them where they are level."""
    moved: Floats = curves + np.array([0.0, distance])
    # Where a wire is steep, its parallel keeps its distance sideways: to the left of a falling one.
    fall = np.sign(curves[:, 3, 1] - curves[:, 0, 1]) * (curves[:, 3, 0] >= curves[:, 0, 0] + AHEAD)
    moved[:, 1:3, 0] -= (_FULL_SHIFT * distance * fall)[:, None]
    return moved


def distances(curves: Floats, x: float, y: float, segments: int = 24) -> Floats:
    """Return how far the point (x, y) is from each of the curves: shape (wires,)."""
    lines = flattened(curves, segments)
    start, along = lines[:, :-1], np.diff(lines, axis=1)
    to_point = np.array([x, y]) - start
    length = np.maximum(np.sum(along * along, axis=2), 1e-12)
    share = np.clip(np.sum(to_point * along, axis=2) / length, 0.0, 1.0)
    gaps = to_point - share[..., None] * along
    return np.asarray(np.sqrt(np.min(np.sum(gaps * gaps, axis=2), axis=1)), dtype=np.float64)


def part(curve: Floats, start: float, end: float) -> Floats:
    """Return the part of one curve, (4, 2), between two shares of its way."""
    first, last = (np.array([(1 - t) ** 2, 2 * t * (1 - t), t * t]) for t in (start, end))
    slopes = np.diff(curve, axis=0)
    begin, finish = points_on(curve[None], np.array([start, end]))[0]
    step = end - start
    return np.stack([begin, begin + step * (first @ slopes), finish - step * (last @ slopes), finish])


def as_points(curves: Floats) -> tuple[Points, ...]:
    """Return curves, (wires, 4, 2), as points of plain numbers."""
    return tuple(((ax, ay), (bx, by), (cx, cy), (dx, dy)) for (ax, ay), (bx, by), (cx, cy), (dx, dy) in curves.tolist())
