"""Whether a gradient is the slope that finite differences find, told cell by cell.

A central difference with one step size decides where all is smooth: two runs. Where it does not agree, or where the
slopes to the left and to the right are far apart, steps of all sizes are tried, and what they converge to decides:

    agrees       the sweep gives the slope
    differs      the differences converge, and the sweep gives another number: the one failure
    kink         the slopes on the two sides differ, or converge to nothing; beside the cell the sweep is right
    jump         the targets jump at the cell
    not finite   the targets, or the gradient, are not finite there, or only on one side
    rough        rounding drowns the difference: nothing can be told

At a kink no number is the slope, and which one a rule gives is its convention. Kinks inside a graph can cancel, as in
relu(x) − relu(−x) at 0: the sweep is then judged beside the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from gradviz.engine.nudging import Index, Nudge
from gradviz.graph import NodeId
from gradviz.ops import Array

Verdict = Literal["agrees", "differs", "kink", "jump", "not finite", "rough"]

STEP: Final = float(np.cbrt(np.finfo(np.float64).eps))
"""The step of a central difference in which rounding and curvature do the least harm, for a number near one."""
STEPS: Final = tuple(10.0**-k for k in range(1, 12))
"""The steps of an error curve, per size of the number that is moved."""
_LOOSE: Final = 1e-3
"""How far slopes on two sides may be apart, or a slope from the sweep beside a cell, before they count as different."""
_FINE: Final = 1e-4
"""How small rounding is beside the largest gradient of a leaf where one difference is enough for its small ones."""
_TOO_ROUGH: Final = 0.1
_CONVERGED: Final = 3


@dataclass(frozen=True)
class Slope:
    """What the sweep gives for one cell, what the differences give, how far these are apart, and what that means.

    `error` is relative to the larger of both, and to what rounding allows to tell; NaN where nothing can be compared.
    """

    gradient: float
    difference: float
    error: float
    verdict: Verdict


@dataclass(frozen=True)
class _Around:
    """The targets around one cell: central, right and left slopes for each usable step, and what rounding does."""

    steps: Array
    central: Array
    right: Array
    left: Array
    rises: Array
    noise: float


@dataclass(frozen=True)
class _Limit:
    """What slopes converge to as the step shrinks, and how far two neighbours of them are still apart."""

    value: float = np.nan
    spread: float = np.inf


def judge(nudge: Nudge, index: Index, gradient: float, tolerance: float, largest: float) -> Slope:
    """Return how the gradient of one cell stands against finite differences; `largest` is that of all cells."""
    at = float(nudge.value[index])
    here, size = nudge.scores(index, at), max(1.0, abs(at))
    first = _around(nudge, index, (STEP * size,), here)
    if first.steps.size:
        slope, noise = float(first.central[0]), nudge.noise / (STEP * size)
        error = _error(gradient, slope, noise / tolerance if noise <= _FINE * largest else 0.0)
        if error <= tolerance and not _bends(nudge, index, first, here):
            return Slope(gradient, slope, error, "agrees")
    found = _judge_closely(nudge, index, gradient, tolerance, _around(nudge, index, _sized(size), here))
    if found.verdict == "agrees" or not 0 < abs(at) < _LOOSE:
        return found
    closer = _judge_closely(nudge, index, gradient, tolerance, _around(nudge, index, _sized(abs(at)), here))
    return closer if closer.verdict in {"agrees", "differs"} else found


def _sized(size: float) -> tuple[float, ...]:
    """Return steps for numbers of some size."""
    return tuple(step * size for step in STEPS[1:])


def curve(nudge: Nudge, index: Index, steps: Array) -> Array:
    """Return the central difference for each step; NaN where the targets are not finite on both sides."""
    at = float(nudge.value[index])
    found = []
    for step in steps:
        ahead, behind = at + float(step), at - float(step)
        rise = nudge.difference(nudge.scores(index, ahead), nudge.scores(index, behind))
        found.append(rise / (ahead - behind) if ahead > behind and np.isfinite(rise) else np.nan)
    return np.array(found)


def _bends(nudge: Nudge, index: Index, first: _Around, here: Mapping[NodeId, Array] | None) -> bool:
    """Tell whether the slopes on the two sides stay apart where the step shrinks, as they do at a kink."""
    bend = float(abs(first.right[0] - first.left[0]))
    allowed = 2 * _LOOSE * float(abs(first.central[0])) + 2 * first.noise / float(first.steps[0])
    if bend <= allowed:
        return False
    nearer = _around(nudge, index, (first.steps[0] / 16,), here)
    if not nearer.steps.size:
        return True
    return bool(abs(nearer.right[0] - nearer.left[0]) > bend / 4 + 2 * nearer.noise / nearer.steps[0])


def _error(gradient: float, slope: float, least: float = 0.0) -> float:
    """Return how far two numbers are apart, as part of the larger of them and of the least that can be told."""
    if gradient == slope:
        return 0.0
    scale = max(abs(gradient), abs(slope), least)
    return abs(gradient - slope) / scale if np.isfinite(scale) and scale > 0 else float("nan")


def _around(nudge: Nudge, index: Index, steps: tuple[float, ...], here: Mapping[NodeId, Array] | None) -> _Around:
    """Measure the targets on both sides of a cell, with steps that shrink."""
    at = float(nudge.value[index])
    rows = []
    for step in steps:
        ahead, behind = at + step, at - step
        if not behind < at < ahead:
            continue  # the number is too large to be moved by so little
        up, down = (nudge.scores(index, to) for to in (ahead, behind))
        rise, fall, whole = nudge.difference(up, here), nudge.difference(here, down), nudge.difference(up, down)
        if np.isfinite([rise, fall, whole]).all():
            row = (step, whole / (ahead - behind), rise / (ahead - at), fall / (at - behind))
            rows.append((*row, max(abs(rise), abs(fall))))
    sizes, central, right, left, rises = np.array(rows, float).reshape(-1, 5).T
    return _Around(sizes, central, right, left, rises, nudge.noise)


def _judge_closely(nudge: Nudge, index: Index, gradient: float, tolerance: float, around: _Around) -> Slope:
    if around.steps.size < _CONVERGED:
        return Slope(gradient, np.nan, np.nan, "not finite")
    if _jumps(around):
        return Slope(gradient, np.nan, np.nan, "jump")
    if _grows(around.right, around) or _grows(around.left, around):
        return Slope(gradient, np.nan, np.nan, "kink" if np.isfinite(gradient) else "not finite")
    found = _limit(around.central, around)
    error = _error(gradient, found.value, _CONVERGED * found.spread / tolerance)
    return Slope(gradient, found.value, error, _verdict(nudge, index, gradient, around, error <= tolerance))


def _verdict(nudge: Nudge, index: Index, gradient: float, around: _Around, is_near: bool) -> Verdict:
    """Return what slopes that converge on each side mean; `is_near` where their mean is the gradient."""
    right, left = _limit(around.right, around), _limit(around.left, around)
    apart = abs(right.value - left.value) - _CONVERGED * (right.spread + left.spread)
    if apart > _LOOSE * max(abs(right.value), abs(left.value)):
        allowed = [_LOOSE * max(1.0, abs(side.value)) + _CONVERGED * side.spread for side in (right, left)]
        return "kink" if _is_right_beside(nudge, index, (right.value, left.value), allowed) else "differs"
    found = _limit(around.central, around)
    if is_near:
        return "agrees"
    if not np.isfinite(gradient):
        return "differs"
    missed = abs(gradient - found.value)
    if found.spread > _TOO_ROUGH * missed:
        return "rough"
    is_inside = _is_right_beside(nudge, index, [found.value] * 2, [_TOO_ROUGH * missed] * 2)
    return "kink" if is_inside else "differs"


def _jumps(around: _Around) -> bool:
    """Tell whether the targets move by as much for the smallest steps as for larger ones."""
    small, large = around.rises[-1], around.rises[-_CONVERGED]
    return bool(small > 100 * around.noise and small > 0.5 * large)


def _grows(slopes: Array, around: _Around) -> bool:
    """Tell whether slopes grow without end as the step shrinks."""
    small, large = abs(slopes[-1]), abs(slopes[-_CONVERGED])
    return bool(small > 2 * large + _CONVERGED * around.noise / around.steps[-1])


def _limit(slopes: Array, around: _Around) -> _Limit:
    """Return the slopes' limit: where two neighbours are nearest to each other, rounding counted in."""
    spreads = np.abs(np.diff(slopes)) + around.noise / around.steps[1:]
    best = int(np.argmin(spreads))
    return _Limit(float(slopes[best]), float(spreads[best]))


def _is_right_beside(nudge: Nudge, index: Index, slopes: Sequence[float], allowed: Sequence[float]) -> bool:
    """Tell whether the sweep, a little to the right and to the left of the cell, is near enough to the slopes."""
    at = float(nudge.value[index])
    step = STEP * max(1.0, abs(at))
    pairs = zip((at + step, at - step), slopes, allowed, strict=True)
    return all(abs(nudge.gradient(index, side) - slope) <= most for side, slope, most in pairs)
