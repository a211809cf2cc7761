"""What a whole run keeps for its backward pass: which tensors each op needs again, and how much memory that is.

sin keeps its input, tanh its result, add nothing: the gradient rules say so themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from gradviz.engine.frames import Compute
from gradviz.engine.moment import Run
from gradviz.graph import NodeId
from gradviz.ops import Array


@dataclass(frozen=True)
class Keeping:
    """What one op keeps: the nodes whose tensors they are, itself last where it keeps its own result.

    `step` is its place in the plan, from 1; `bytes` what these tensors take, `added` what nobody before it kept.
    `is_closed` where no gradient flows into it, so that there is nothing to keep anything for.
    """

    step: int
    node: NodeId
    op: str
    tensors: tuple[NodeId, ...]
    bytes: int
    added: int
    is_closed: bool


@dataclass(frozen=True, eq=False)
class Kept:
    """What all ops of a run keep, in plan order.

    `tensors` are the different ones, each with how many ops keep it; `totals` is the memory after each op, in bytes.
    """

    by_op: tuple[Keeping, ...]
    tensors: Mapping[NodeId, int]
    totals: tuple[int, ...]

    @property
    def total(self) -> int:
        """The memory of all that is kept, in bytes; what several keep, and views of one tensor, are counted once."""
        return self.totals[-1] if self.totals else 0

    @property
    def shared(self) -> tuple[NodeId, ...]:
        """The tensors that more than one op keeps."""
        return tuple(node for node, count in self.tensors.items() if count > 1)


def keeping_of(run: Run) -> Kept:
    """Return what the ops of a run keep for the backward pass, as far as the run got."""
    by_op: list[Keeping] = []
    counts: dict[NodeId, int] = {}
    known: dict[int, int] = {}
    for frame in run.frames[: len(run.ledger.computed)]:
        if not isinstance(frame, Compute):
            continue
        step = run.paths.steps[frame.node]
        sources = {**dict(zip(step.ports, step.sources, strict=True)), "y": frame.node}
        tensors = tuple(dict.fromkeys(sources[name] for name in frame.kept))
        for node in tensors:
            counts[node] = counts.get(node, 0) + 1
        arrays = [run.values[node] for node in tensors]
        is_closed = frame.node in run.paths.closed
        taken = sum(array.nbytes for array in arrays)
        by_op.append(
            Keeping(len(by_op) + 1, frame.node, step.op.name, tensors, taken, _added(arrays, known), is_closed)
        )
    return Kept(tuple(by_op), counts, tuple(accumulate(each.added for each in by_op)))


def _added(arrays: list[Array], known: dict[int, int]) -> int:
    """Return how many bytes arrays add to the memory that is `known` by the id of who owns it, and note them there."""
    added = 0
    for array in arrays:
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        taken = min(array.nbytes, owner.nbytes)
        before = known.get(id(owner), 0)
        known[id(owner)] = max(before, taken)
        added += max(0, taken - before)
    return added
