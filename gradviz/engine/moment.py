"""How everything stands at one moment of a run.

A moment is a view of the recorded run: it looks things up in the ledger and compares indices, so that going to any
moment costs the same and all moments share the arrays of the run.

What a gradient is, when:

    not computed   until the node settles; of all nodes until the first seed, although no path could be known before;
                   for good where a node has no value, or the run was cut short
    no path        from the first seed on, of nodes that the sweep never reaches, and that no gradient flows into
    zero           settled, has elements, and all of them are zero (NaN is not); of a variable once it was set back
    value          settled, anything else, an empty tensor too
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, Literal

import numpy as np

from gradviz.engine.arrays import is_zero
from gradviz.engine.frames import Blocked, Frame, Send, Update
from gradviz.engine.ledger import Deposits, Ledger, phase_of
from gradviz.engine.paths import Paths
from gradviz.engine.telling import describe
from gradviz.engine.zeros import why_zero
from gradviz.graph import NodeId, Plan, Port, Problem
from gradviz.ops import Array

SET_BACK: Final = "it was set back before the next step"
"""Why the gradient of a variable is zero after its `Clear`."""

State = Literal["not computed", "no path", "zero", "value"]


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradient of a node at a moment; `array` is its total once it has settled, `reason` says why there is none.

    A value needs no reason: it is "" then.
    """

    state: State
    array: Array | None = None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Run:
    """What all moments of one run share.

    `problems` are of nodes whose rules failed on their values; `kept` are gradients of settled nodes that somebody
    asked for.
    """

    plan: Plan
    frames: tuple[Frame, ...]
    ledger: Ledger
    values: Mapping[NodeId, Array]
    paths: Paths
    problems: tuple[Problem, ...] = ()
    kept: dict[NodeId, Gradient] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Moment:
    """How everything stands after the first `index` frames of a run."""

    run: Run
    index: int
    _fresh: Mapping[NodeId, Array] | None = None

    @property
    def latest(self) -> Frame | None:
        """The frame that led here; None before the first."""
        return self.run.frames[self.index - 1] if self.index else None

    @property
    def phase(self) -> str:
        """The phase of the latest frame: forward (before any frame, too), seed, backward or update."""
        return phase_of(self.latest) if self.latest is not None else "forward"

    @property
    def sentence(self) -> str:
        """What the latest frame tells, as `describe` says it; "" before the first."""
        return "" if self.latest is None else describe(self.latest, self.run.plan)

    @property
    def values(self) -> Mapping[NodeId, Array]:
        """The values that are there: leaves from the start, others as they are computed."""
        return Values(self.run, self.index) if self._fresh is None else self._fresh

    def with_values(self, values: Mapping[NodeId, Array]) -> Moment:
        """Return the same moment with other values beside its gradients: those of a document edited since."""
        return replace(self, _fresh=values)

    def frames_to(self, other: Moment) -> tuple[Frame, ...] | None:
        """Return the frames that lie between two moments, the only ones whose nodes and ports they tell apart.

        None where everything may stand otherwise: moments of another run, or on two sides of where the sweep begins.
        """
        if self.run is not other.run or self._fresh is not other._fresh or self._era != other._era:
            return None
        low, high = sorted((self.index, other.index))
        return self.run.frames[low:high]

    @property
    def _era(self) -> tuple[bool, bool]:
        return self.phase == "forward", self._has_begun_backward

    def gradient(self, node: NodeId) -> Gradient:
        """Return how the gradient of a node stands, with its reason where it is not a value."""
        settled = self.run.ledger.settled.get(node)
        if settled is not None and settled[0] < self.index:
            if self.run.ledger.clears.get(node, self.index) < self.index:
                return Gradient("zero", np.zeros_like(settled[1]), SET_BACK)
            return self._settled_gradient(node, settled[1])
        if node not in self.run.values:
            return Gradient("not computed", reason="it has no value")
        if not self._has_begun_backward:
            why = "the sweep has not begun" if self.run.paths.targets else "there is no target"
            return Gradient("not computed", reason=why)
        reason = self.run.paths.reason(node)
        if reason is not None:
            return Gradient("no path", reason=reason)
        count = self.waiting(node)
        plural = "" if count == 1 else "s"
        return Gradient("not computed", reason=f"waiting for {count} contribution{plural}" if count else "not yet")

    @property
    def _has_begun_backward(self) -> bool:
        return self.run.ledger.phases.get("seed", self.index) < self.index

    def _settled_gradient(self, node: NodeId, total: Array) -> Gradient:
        kept = self.run.kept
        if node not in kept:
            if is_zero(total):
                run = self.run
                reason = why_zero(run.ledger.deposits[node], run.ledger, run.paths.steps, run.values)
                kept[node] = Gradient("zero", total, reason)
            else:
                kept[node] = Gradient("value", total)
        return kept[node]

    def deposits(self, node: NodeId) -> tuple[Send, ...]:
        """Return the contributions that have arrived at a node, in order of arrival."""
        deposits = self._deposits(node)
        return tuple(deposits.sends[: deposits.count(self.index)])

    def seed(self, node: NodeId) -> Array | None:
        """Return the seed that a target has received; None for others, and before it has."""
        deposits = self._deposits(node)
        return deposits.seed if deposits.seeded_at < self.index else None

    def running_total(self, node: NodeId) -> Array | None:
        """Return the sum of all that has arrived at a node so far, its seed too; None where nothing has."""
        return self._deposits(node).total(self.index)

    def waiting(self, node: NodeId) -> int:
        """Return how many contributions are still to come to a node."""
        return self.run.paths.deposits.get(node, 0) - self._deposits(node).count(self.index)

    def sent(self, port: Port) -> Send | Blocked | None:
        """Return what happened at a port so far: something was sent, or nothing for a reason, or None."""
        index = self.run.ledger.sent.get(port, self.index)
        frame = self.run.frames[index] if index < self.index else None
        return frame if isinstance(frame, Send | Blocked) else None

    def updated(self, node: NodeId) -> Update | None:
        """Return the optimiser's step on a variable, once it has been taken."""
        index = self.run.ledger.updates.get(node, self.index)
        frame = self.run.frames[index] if index < self.index else None
        return frame if isinstance(frame, Update) else None

    def _deposits(self, node: NodeId) -> Deposits:
        return self.run.ledger.deposits.get(node, _NOTHING)


_NOTHING = Deposits()


class Values(Mapping[NodeId, Array]):
    """The values that are there after some frames, as a view of all values of a run; of a variable the updated one."""

    def __init__(self, run: Run, index: int) -> None:
        """Show the leaves, and what the first `index` frames computed."""
        self._run = run
        self._index = index
        self._count = min(index, len(run.ledger.computed))

    def __getitem__(self, node: NodeId) -> Array:
        """Return the value of a node; raises KeyError where it is not there (yet)."""
        if self._run.ledger.computed.get(node, -1) >= self._count:
            raise KeyError(node)
        update = self._run.frames[at] if (at := self._run.ledger.updates.get(node, self._index)) < self._index else None
        return update.after if isinstance(update, Update) else self._run.values[node]

    def __iter__(self) -> Iterator[NodeId]:
        """Yield the nodes that have a value: leaves, then others in order of computing."""
        yield from self._run.plan.leaves
        yield from islice(self._run.ledger.computed, self._count)

    def __len__(self) -> int:
        """Return how many nodes have a value."""
        return len(self._run.plan.leaves) + self._count
