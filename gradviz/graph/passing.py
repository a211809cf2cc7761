"""Where wires pass: the shape of a wire, and under how many nodes the wires of a layout run.

A wire is one cubic from the output of its source to its port, with level handles of half its run, from 28 to 150
pixels. Drawing asks here, so that a layout keeps clear of the very wires that are drawn.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SEGMENTS: Final = 24
_MARGIN: Final = 6.0


def reach_of(run: Floats) -> Floats:
    """Return the length of both handles of a wire that runs so far to the right."""
    return np.clip(0.5 * run, 28.0, 150.0)


def cubic(start: Floats, end: Floats, reach: Floats | float, t: Floats) -> Floats:
    """Return one coordinate of cubics at `t`, from 0 to 1, whose handles reach so far along that coordinate."""
    rest = 1 - t
    return rest**3 * start + 3 * t * rest**2 * (start + reach) + 3 * t**2 * rest * (end - reach) + t**3 * end


def fall_until(x: Floats, start: Floats, end: Floats) -> Floats:
    """Return which share of its fall a wire from `start` to `end`, both an x, has behind it at `x`."""
    low, high = np.zeros_like(x), np.ones_like(x)
    for _ in range(20):
        t = (low + high) / 2
        is_left = cubic(start, end, reach_of(end - start), t) < x
        low, high = np.where(is_left, t, low), np.where(is_left, high, t)
    return cubic(np.zeros_like(low), np.ones_like(low), 0.0, low)


def cost_of(starts: Floats, ends: Floats, own: NDArray[Any], rects: Floats) -> tuple[int, float]:
    """Return under how many nodes the wires run, and how far all of them rise and fall.

    `starts` and `ends` are points (wires, 2), `rects` the nodes (nodes, 4): x, y, w, h; `own` (wires, 2) are the nodes
    at both ends of each wire, which do not count.
    """
    t = np.linspace(0.0, 1.0, _SEGMENTS + 1)
    x = cubic(starts[:, :1], ends[:, :1], reach_of(ends[:, :1] - starts[:, :1]), t)[..., None]
    y = cubic(starts[:, 1:], ends[:, 1:], 0.0, t)[..., None]
    left, top, width, height = rects.T
    is_inside = (x > left) & (x < left + width) & (y > top - _MARGIN) & (y < top + height + _MARGIN)
    passed = is_inside.any(axis=1)
    np.put_along_axis(passed, own, values=False, axis=1)
    return int(passed.sum()), float(np.abs(ends[:, 1] - starts[:, 1]).sum())
