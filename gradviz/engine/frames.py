"""The frames of a run: what can happen, one record each; `telling` has the sentence for each.

Order in a run: one `Compute` per op in plan order (leaves have none); one `Seed` per target; then per step,
reversed, `Settle` and a `Send` or `Blocked` for each port in order; a leaf settles after its last deposit; nothing
for nodes that the sweep does not reach. In training, then one `Update` per variable with a gradient, and one `Clear`
for each where gradients are set back. Frames are matched exhaustively and hold arrays that nobody writes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradviz.graph import NodeId, Port
from gradviz.ops import Array


@dataclass(frozen=True, eq=False)
class Compute:
    """Forward: a node's value; `kept` names the ports (and "y") whose tensors its backward rules use."""

    node: NodeId
    value: Array
    kept: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Seed:
    """The sweep starts at a target, with the upstream gradient of the target's shape."""

    target: NodeId
    gradient: Array


@dataclass(frozen=True, eq=False)
class Settle:
    """All contributions of a node have arrived; `total` is their sum, in order of arrival."""

    node: NodeId
    total: Array


@dataclass(frozen=True, eq=False)
class Send:
    """A contribution travels from a port back to the node that feeds it.

    `raw` is what the op's rule gives; summed over the broadcast `axes` (axes of `raw`) and cast to the source's
    dtype it is `share`, of the source's shape, deposited at `source`. Without broadcasting `axes` is empty.
    """

    source: NodeId
    port: Port
    raw: Array
    share: Array
    axes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Blocked:
    """Nothing is sent from a port, for a reason (a sentence: constant, integer input, stop_gradient, no rule)."""

    source: NodeId
    port: Port
    reason: str


@dataclass(frozen=True, eq=False)
class Update:
    """Training: the optimiser's step on a variable, from `before` to `after`.

    `gradient` is what it used: that of this run, with what was `carried` over from earlier ones added where gradients
    pile up (None where they do not). `remembered` is what the optimiser knew of earlier steps, by its names, and
    `state` what it remembers from now on; steps count from 1.
    """

    node: NodeId
    before: Array
    after: Array
    gradient: Array
    carried: Array | None
    remembered: Mapping[str, Array]
    state: Mapping[str, Array]
    step: int


@dataclass(frozen=True, eq=False)
class Clear:
    """Training: the gradient of a variable is set back to zero before the next step."""

    node: NodeId
    gradient: Array


Frame = Compute | Seed | Settle | Send | Blocked | Update | Clear
