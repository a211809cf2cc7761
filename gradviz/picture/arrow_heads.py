"""Where a line ends that has a head: inside it, on the very curve that a line without a head follows.

The head points from where the curve enters it to the tip, so that a line that comes in steeply has a slanted head.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import hypot

Point = tuple[float, float]
Points = tuple[Point, ...]

_INSIDE, _HALF_WIDTH = 0.8, 0.45
_STEPS = 24


@lru_cache(maxsize=1 << 13)
def shaft_of(points: Points, head: float, *, bent: bool) -> Points:
    """Return the points of the line alone: a polyline, or with `bent` a cubic Bézier curve, that ends in its head."""
    if not bent:
        (x, y), (along_x, along_y) = points[-1], _direction(points)
        return (*points[:-1], (x - _INSIDE * head * along_x, y - _INSIDE * head * along_y))
    return _first_part(points, _share_before(points, _INSIDE * head))


@lru_cache(maxsize=1 << 13)
def head_of(points: Points, head: float, *, bent: bool) -> Points:
    """Return the corners of the head, a triangle `head` long, tip first."""
    (x, y), (along_x, along_y) = points[-1], _direction(points)
    if bent:
        start_x, start_y = _first_part(points, _share_before(points, head))[3]
        length = hypot(x - start_x, y - start_y)
        if length > 0.5 * head:
            along_x, along_y = (x - start_x) / length, (y - start_y) / length
    x_back, y_back, half = x - head * along_x, y - head * along_y, _HALF_WIDTH * head
    return (
        (x, y),
        (x_back - half * along_y, y_back + half * along_x),
        (x_back + half * along_y, y_back - half * along_x),
    )


def _share_before(points: Points, length: float) -> float:
    """Return the share of a curve after which it is `length` pixels from its end; 0 where it never is as far away."""
    x, y = points[3]
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        at_x, at_y = _at(points, middle)
        low, high = (middle, high) if hypot(x - at_x, y - at_y) > length else (low, middle)
    return low


def _at(points: Points, t: float) -> Point:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    s = 1 - t
    a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
    return a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


def _first_part(points: Points, t: float) -> Points:
    """Return the part of a cubic Bézier curve up to a share of its way (de Casteljau)."""
    first = [_between(one, other, t) for one, other in pairwise(points)]
    second, last = (_between(one, other, t) for one, other in pairwise(first))
    return points[0], first[0], second, _between(second, last, t)


def _between(one: Point, other: Point, t: float) -> Point:
    return one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1])


def _direction(points: Points) -> Point:
    """Return the unit vector along which a line arrives; to the right where all its points are one."""
    x, y = points[-1]
    for from_x, from_y in reversed(points[:-1]):
        length = hypot(x - from_x, y - from_y)
        if length > 1e-6:
            return (x - from_x) / length, (y - from_y) / length
    return 1.0, 0.0
