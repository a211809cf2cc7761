"""What becomes of the targets when one cell of a leaf is moved and everything else is held: the ground of differences.

Only the steps between the leaf and the targets are computed anew. What a rule of None cuts off on purpose, as behind
`stop_gradient`, is held at its recorded value, since the sweep takes it for a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.backward import seed_for, sweep
from gradviz.engine.failures import FAILURES
from gradviz.engine.frames import Settle
from gradviz.engine.tape import Tape
from gradviz.graph import NodeId, Plan, Step
from gradviz.ops import Array, is_float

Index = tuple[int, ...]

_ROUNDING: Final = 8 * float(np.finfo(np.float64).eps)
"""How much of a value rounding may take away, with some room for values that are sums."""


class Moved(NamedTuple):
    """A step that the leaf moves, and which of its inputs come to it moved."""

    step: Step
    inputs: tuple[bool, ...]


class Nudge:
    """One leaf of a recorded run, whose cells can be moved.

    A *score* is the sum over all targets of their product with their seeds: what the gradients are gradients of.
    """

    def __init__(self, tape: Tape, leaf: NodeId, losses: Mapping[NodeId, float]) -> None:
        """Find what the leaf moves; the leaf and all targets are float64, `losses` are those of the tape."""
        self.leaf = leaf
        self.value = tape.values[leaf]
        self._tape = tape
        self._seeds = {target: seed_for(tape.values[target], seed) for target, seed in tape.plan.targets.items()}
        self._steps = tuple(_moved_steps(tape.plan, leaf))
        reached = {leaf, *(moved.step.node for moved in self._steps)}
        self._targets = tuple(target for target in self._seeds if target in reached)
        self.noise = sum(losses[node] for node in reached)
        """How much of a score may be rounding."""

    def scores(self, index: Index, to: float) -> Mapping[NodeId, Array] | None:
        """Return the targets that the leaf moves, with one of its cells set; None where a rule refuses the values."""
        values = self._values(index, to)
        return None if values is None else {target: values[target] for target in self._targets}

    def total(self, scores: Mapping[NodeId, Array]) -> float:
        """Return the score itself: the targets times their seeds, summed."""
        with np.errstate(all="ignore"):
            return float(sum(np.sum(self._seeds[target] * scores[target]) for target in self._targets))

    def difference(self, ahead: Mapping[NodeId, Array] | None, behind: Mapping[NodeId, Array] | None) -> float:
        """Return how much the score differs between two settings; not a number where one of them has none.

        The targets are subtracted before they are multiplied and added, so that little is lost.
        """
        if ahead is None or behind is None:
            return np.nan
        total = 0.0
        with np.errstate(all="ignore"):
            for target in self._targets:
                seed = self._seeds[target]
                counted = seed != 0  # where nothing is asked for, not even infinity counts
                total += float(np.sum(seed[counted] * (ahead[target][counted] - behind[target][counted])))
        return total

    def gradient(self, index: Index, to: float) -> float:
        """Return what the sweep gives for a cell when that cell is set; NaN where it gives nothing."""
        moved = self._values(index, to)
        if moved is None:
            return np.nan
        try:
            frames = sweep(self._tape.plan, {**self._tape.values, **moved})
            settled = (frame.total for frame in frames if isinstance(frame, Settle) and frame.node == self.leaf)
            total = next(settled, None)
        except FAILURES:
            return np.nan
        return 0.0 if total is None else float(total[index])

    def _values(self, index: Index, to: float) -> Mapping[NodeId, Array] | None:
        """Return the value of the leaf and of all that it moves, with one cell set."""
        leaf = self.value.copy()
        leaf[index] = to
        values = {self.leaf: frozen(leaf)}
        recorded = self._tape.values
        try:
            with np.errstate(all="ignore"):
                for step, is_moved in self._steps:
                    pairs = zip(step.sources, is_moved, strict=True)
                    inputs = [values[source] if moves else recorded[source] for source, moves in pairs]
                    values[step.node] = frozen(step.op.forward(*inputs, **step.params))
        except FAILURES:
            return None
        return values


def losses_of(tape: Tape) -> Mapping[NodeId, float]:
    """Return how much rounding of the value of each node can change the score: what it takes away, times the gradient.

    So what cancels on the way to the targets is seen as well.
    """
    losses = {}
    with np.errstate(all="ignore"):
        for node, value in tape.values.items():
            gradient = tape.gradients[node]
            loss = np.abs(gradient * value) if gradient is not None else np.zeros(())
            losses[node] = _ROUNDING * float(np.sum(loss, where=np.isfinite(loss)))
    return losses


def _moved_steps(plan: Plan, leaf: NodeId) -> Iterator[Moved]:
    """Yield the steps that lie between a leaf and the targets, in plan order."""
    moved = {leaf}
    steps = []
    for step in plan.steps:
        inputs = tuple(_moves(plan, step, at, moved) for at in range(len(step.sources)))
        if any(inputs):
            moved.add(step.node)
            steps.append(Moved(step, inputs))
    asked = set(plan.targets)
    for step, inputs in reversed(steps):
        if step.node in asked:
            asked.update(source for source, moves in zip(step.sources, inputs, strict=True) if moves)
    return (each for each in steps if each.step.node in asked)


def _moves(plan: Plan, step: Step, at: int, moved: set[NodeId]) -> bool:
    """Tell whether an input comes to a step moved: it is, and the step does not take it for a constant."""
    source, dtypes = step.sources[at], plan.report.dtypes
    if source not in moved:
        return False
    is_cut = step.op.rule_for(step.ports[at]) is None and is_float(dtypes[source]) and is_float(dtypes[step.node])
    return not is_cut
