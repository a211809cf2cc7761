"""A recorded run together with what it was recorded of, so that one can tell when it is stale."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.engine import Tape
from gradviz.graph import Computation, NodeId


@dataclass(frozen=True)
class Recording:
    """A tape and the computation that it is a run of."""

    tape: Tape
    computation: Computation

    def renamed(self, before: Computation, after: Computation, old: NodeId, new: NodeId) -> Recording:
        """Return the same run under a new name; it stays a run of the present computation if it was one."""
        computation = after if self.computation is before else self.computation
        return Recording(self.tape.renamed(old, new), computation)

    def has_begun_backward(self, index: int) -> bool:
        """Tell whether moment `index` shows anything of the sweep."""
        return index > forward_end(self.tape)


def forward_end(tape: Tape) -> int:
    """Return the moment at which all values are there and no gradient is."""
    return tape.phases.get("seed", len(tape.frames))
