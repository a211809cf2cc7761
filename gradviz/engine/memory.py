"""How much a run holds: gradients are counted as they come, since they may take several times what values take."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gradviz.engine.frames import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.errors import LimitError
from gradviz.graph import LIMITS, Limits, Plan
from gradviz.ops import Array


class Memory:
    """The bytes of all arrays that a run holds, each counted once, however many frames and views share it."""

    def __init__(self, plan: Plan, limits: Limits = LIMITS) -> None:
        """Begin with the leaves of a plan."""
        self._plan = plan
        self._limit = limits.run_bytes
        self._known: set[int] = set()
        self._bytes = 0
        self._count(leaf.value for leaf in plan.leaves.values())

    def hold(self, frame: Frame) -> None:
        """Count what a frame holds; raises a `LimitError` of its node where the run becomes too large."""
        self._count(_arrays_of(frame))
        if self._bytes > self._limit:
            raise self._error(frame)

    def _count(self, arrays: Iterable[Array]) -> None:
        known = self._known
        for array in arrays:
            owner = array if array.base is None else _owner(array)
            if id(owner) not in known:  # whatever is known stays alive in the frames, so that no id comes again
                known.add(id(owner))
                self._bytes += owner.nbytes

    def _error(self, frame: Frame) -> LimitError:
        error = LimitError(
            "here the run comes to hold more than {limit:.3g} GiB: make the tensors smaller", limit=self._limit / 2**30
        )
        node = _node_of(frame)
        step = next((step for step in self._plan.steps if step.node == node), None)
        return error.at("leaf" if step is None else step.op.name, node)


def _arrays_of(frame: Frame) -> tuple[Array, ...]:
    match frame:
        case Send(raw=raw, share=share):
            return (raw, share)
        case Compute(value=array) | Seed(gradient=array) | Settle(total=array):
            return (array,)
        case Update(after=after, gradient=gradient, state=state):
            return (after, gradient, *state.values())
        case Blocked() | Clear():
            return ()


def _node_of(frame: Frame) -> str:
    match frame:
        case Seed(target=node) | Compute(node=node) | Settle(node=node) | Update(node=node) | Clear(node=node):
            return node
        case Send(port=port) | Blocked(port=port):
            return port.node


def _owner(array: Array) -> Array:
    """Return the array whose memory an array is a view of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
