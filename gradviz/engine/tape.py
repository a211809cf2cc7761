"""The tape: a recorded run, and any moment of it.

    plan       the straight line of steps that was walked
    values     the value of every leaf, and of every node that was computed
    frames     what happened, in order
    problems   nodes whose rules failed on their values

Moment k is how everything stands after the first k frames, 0 ... len(frames). Arrays are shared by the plan, the
frames and all moments, and read-only. Nothing of a tape changes once it is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import index as as_int
from types import MappingProxyType
from typing import Any

from gradviz.engine.frames import Frame
from gradviz.engine.ledger import ledger_of
from gradviz.engine.moment import Moment, Run
from gradviz.engine.paths import paths_of
from gradviz.engine.renaming import rename_in_frame, rename_in_plan, rename_in_problem, rename_keys
from gradviz.errors import GradvizError
from gradviz.graph import NodeId, Plan, Problem
from gradviz.ops import Array


@dataclass(frozen=True, eq=False)
class Tape:
    """A recorded run.

    `nodes` are all nodes of the document, those that could not run among them; without it, those of the plan.
    `is_whole` is False where the run was cancelled, or a gradient rule failed, before its last frame.
    """

    plan: Plan
    values: Mapping[NodeId, Array]
    frames: tuple[Frame, ...]
    problems: tuple[Problem, ...] = ()
    nodes: tuple[NodeId, ...] = ()
    is_whole: bool = True
    _run: Run = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the frames, so that every moment is at hand."""
        nodes = self.nodes or (*self.plan.leaves, *(step.node for step in self.plan.steps))
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        ledger, paths = ledger_of(self.frames), paths_of(self.plan)
        run = Run(self.plan, self.frames, ledger, self.values, paths, self.problems)
        object.__setattr__(self, "_run", run)

    @cached_property
    def gradients(self) -> Mapping[NodeId, Array | None]:
        """Every node of the document -> the gradient of the targets there, or None where no path leads to it.

        Gradients have the shape and dtype of the node's value, rank 0 too. Also None where nothing was computed:
        `at(len(frames)).gradient(node)` tells these apart and has the reason.
        """
        settled = self._run.ledger.settled
        return MappingProxyType({node: settled[node][1] if node in settled else None for node in self.nodes})

    @property
    def phases(self) -> Mapping[str, int]:
        """The phases that the run has ("forward", "seed", "backward"), in order, and the index of each's first frame.

        Moment `phases["seed"]` is the last one before the sweep starts.
        """
        return self._run.ledger.phases

    def at(self, index: int) -> Moment:
        """Return how everything stands after the first `index` frames; raises GradvizError if there are fewer."""
        index, count = _as_whole(index), len(self.frames)
        if not 0 <= index <= count:
            raise GradvizError("this run has moments 0 to {count}, and no moment {index}", count=count, index=index)
        return Moment(self._run, index)

    def renamed(self, old: NodeId, new: NodeId) -> Tape:
        """Return the same run with one node renamed: the arrays are shared, and nothing is computed."""
        plan = rename_in_plan(self.plan, old, new)
        paths = paths_of(plan)
        return Tape(
            plan,
            rename_keys(self.values, old, new),
            tuple(rename_in_frame(frame, old, new, paths) for frame in self.frames),
            tuple(rename_in_problem(problem, old, new) for problem in self.problems),
            tuple(rename_keys(dict.fromkeys(self.nodes), old, new)),
            self.is_whole,
        )


def _as_whole(index: Any) -> int:
    try:
        return as_int(index)
    except TypeError:
        raise GradvizError("moments are counted in whole numbers, and {index!r} is none", index=index) from None
