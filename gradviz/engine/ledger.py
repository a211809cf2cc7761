"""An index of recorded frames, by node and by port: what any moment needs to know, found without replaying."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt
from types import MappingProxyType

from gradviz.engine.arrays import add
from gradviz.engine.frames import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.graph import NodeId, Port
from gradviz.ops import Array


@dataclass(eq=False)
class Deposits:
    """What arrives at one node: its seed if it is a target, its contributions in order, and the total it settles at.

    Sums on the way are kept as they are asked for, about as many as the square root of the contributions: from the
    nearest of them no sum is far, in either direction, and few arrays are held.
    """

    seed: Array | None = None
    seeded_at: int = -1
    sends: list[Send] = field(default_factory=list)
    sent_at: list[int] = field(default_factory=list)
    settled: Array | None = None
    _kept: dict[int, Array | None] = field(default_factory=dict)

    def count(self, index: int) -> int:
        """Return how many contributions have arrived before frame `index`."""
        return bisect_left(self.sent_at, index)

    def total(self, index: int) -> Array | None:
        """Return the sum of the seed and all contributions before frame `index`, in order of arrival, or None."""
        if self.seeded_at >= index:
            return None
        count = self.count(index)
        if count == len(self.sends) and self.settled is not None:
            return self.settled
        stride = isqrt(len(self.sends)) + 1
        start = next((at for at in range(count - count % stride, 0, -stride) if at in self._kept), 0)
        total = self._kept[start] if start else self.seed
        for at, send in enumerate(self.sends[start:count], start + 1):
            total = add(total, send.share)
            if at % stride == 0:
                self._kept[at] = total
        return total


@dataclass(frozen=True, eq=False)
class Ledger:
    """What the frames say.

    computed   node -> how many were computed before it; in the order of their `Compute` frames, which come first
    settled    node -> index of its `Settle`, and its total
    deposits   node -> its seed and contributions
    sent       port -> index of the `Send` or `Blocked` from it
    updates    variable -> index of its `Update`
    clears     variable -> index of its `Clear`
    phases     "forward", "seed", "backward" and "update" -> index of the first frame of each that a run has
    """

    computed: Mapping[NodeId, int]
    settled: Mapping[NodeId, tuple[int, Array]]
    deposits: Mapping[NodeId, Deposits]
    sent: Mapping[Port, int]
    updates: Mapping[NodeId, int]
    clears: Mapping[NodeId, int]
    phases: Mapping[str, int]


def ledger_of(frames: Sequence[Frame]) -> Ledger:
    """Return the index of the frames of a run."""
    computed: dict[NodeId, int] = {}
    settled: dict[NodeId, tuple[int, Array]] = {}
    deposits: dict[NodeId, Deposits] = {}
    sent: dict[Port, int] = {}
    updates: dict[NodeId, int] = {}
    clears: dict[NodeId, int] = {}
    phases: dict[str, int] = {}
    kind: type[Frame] | None = None
    for index, frame in enumerate(frames):
        if type(frame) is not kind:
            kind = type(frame)
            phases.setdefault(phase_of(frame), index)
        match frame:
            case Compute(node=node):
                computed[node] = len(computed)
            case Seed(target=target, gradient=gradient):
                deposits.setdefault(target, Deposits(gradient, index))
            case Settle(node=node, total=total):
                settled[node] = (index, total)
                deposits[node].settled = total
            case Send(source=source, port=port):
                deposit = deposits.setdefault(source, Deposits())
                deposit.sends.append(frame)
                deposit.sent_at.append(index)
                sent[port] = index
            case Blocked(port=port):
                sent[port] = index
            case Update(node=node):
                updates[node] = index
            case Clear(node=node):
                clears[node] = index
    return Ledger(computed, settled, deposits, sent, updates, clears, MappingProxyType(phases))


def phase_of(frame: Frame) -> str:
    """Return the phase of a run that a frame belongs to: forward, seed, backward or update."""
    match frame:
        case Compute():
            return "forward"
        case Seed():
            return "seed"
        case Settle() | Send() | Blocked():
            return "backward"
        case Update() | Clear():
            return "update"
