"""The nudge probe: one cell of a leaf is moved, and the targets are seen to follow, near it as the gradient says.

What the gradient promises for a step h is gradient × h, a straight line; what really happens is computed. The probe is
in float64, and shares the values that the cell does not move.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gradviz.engine.gradcheck import gradient_of, record_in_float64, why_left_out
from gradviz.engine.nudging import Index, Nudge, losses_of
from gradviz.engine.numbers import show_number
from gradviz.engine.tape import Tape
from gradviz.errors import EditRefusedError
from gradviz.graph import Document, NodeId, is_cell
from gradviz.ops import Array


@dataclass(frozen=True)
class Nudged:
    """What becomes of the targets when the cell is moved by `h`: what the gradient promises, and what is true."""

    h: float
    promised: float
    true: float

    @property
    def error(self) -> float:
        """How far the promise is from the truth."""
        return abs(self.promised - self.true)


@dataclass(frozen=True, eq=False)
class Probe:
    """One cell of a leaf that can be moved.

    `value` is what the cell holds, `score` what the targets times their seeds come to, `gradient` the slope that the
    sweep gives there; `has_path` tells whether any path leads from the leaf to a target.
    """

    leaf: NodeId
    cell: Index
    value: float
    gradient: float
    has_path: bool
    _nudge: Nudge = field(repr=False)

    @property
    def name(self) -> str:
        """The cell as a program writes it: `W[1, 0]`, or the name alone for a tensor of rank 0."""
        return f"{self.leaf}[{', '.join(map(str, self.cell))}]" if self.cell else self.leaf

    @cached_property
    def score(self) -> float:
        """What the targets times their seeds come to where the cell is not moved."""
        return self.score_at(self.value)

    def score_at(self, to: float) -> float:
        """Return what the targets times their seeds come to when the cell holds `to`; NaN where they have no value."""
        scores = self._nudge.scores(self.cell, to)
        return np.nan if scores is None else self._nudge.total(scores)

    def tangent_at(self, to: float) -> float:
        """Return what the gradient promises for there: a straight line through where the cell is."""
        return self.score + self.gradient * (to - self.value)

    def step(self, h: float) -> Nudged:
        """Return what a step of the cell promises, and what it really does."""
        nudge, cell = self._nudge, self.cell
        here, there = nudge.scores(cell, self.value), nudge.scores(cell, self.value + h)
        return Nudged(h, self.gradient * h, nudge.difference(there, here))

    def curve(self, points: Sequence[float] | Array) -> Array:
        """Return the score at many values of the cell."""
        return np.array([self.score_at(float(to)) for to in points])


def tell_step(probe: Probe, step: Nudged) -> tuple[str, str]:
    """Return a step in words: the promise with its factors, and the truth beside it."""
    gradient, h = (f"({text})" if text.startswith("−") else text for text in map(show_number, (probe.gradient, step.h)))
    promise = f"gradient × h = {gradient} × {h} = {show_number(step.promised)}"
    return promise, f"true change = {show_number(step.true)}, off by {show_number(step.error)}"


def probe(document: Document, leaf: NodeId, cell: Sequence[int] = ()) -> Probe:
    """Return a probe of one cell of a variable or an input.

    Raises a `GradvizError` for a leaf or a cell that there is not, and for a document that cannot run.
    """
    return probe_in(record_in_float64(document), leaf, cell)


def probe_in(tape: Tape, leaf: NodeId, cell: Sequence[int] = ()) -> Probe:
    """Return a probe of one cell in a run that was recorded in float64 (`record_in_float64`)."""
    if leaf not in tape.plan.leaves or (why := why_left_out(tape.plan.leaves[leaf])):
        reason = why if leaf in tape.plan.leaves else "it is no leaf"
        raise EditRefusedError('"{leaf}" cannot be moved: {reason}', leaf=leaf, reason=reason)
    index, value = tuple(cell), tape.values[leaf]
    if not is_cell(index, value.shape):
        raise EditRefusedError("there is no cell {index} in a tensor of shape {shape}", index=index, shape=value.shape)
    if not np.isfinite(value[index]):
        raise EditRefusedError(
            '"{leaf}" cannot be moved there: it holds {value}', leaf=leaf, value=show_number(value[index])
        )
    gradient = float(gradient_of(tape, leaf)[index])
    has_path = tape.gradients[leaf] is not None
    return Probe(leaf, index, float(value[index]), gradient, has_path, Nudge(tape, leaf, losses_of(tape)))
