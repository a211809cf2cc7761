"""The plain loop over the rules, for values and gradients alone: where compiled code falls back to.

It walks the same forward run and the same sweep as a recorded run does, and keeps no frames.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gradviz.engine.backward import sweep
from gradviz.engine.forward import forward
from gradviz.engine.frames import Compute, Settle
from gradviz.engine.paths import above
from gradviz.graph import NodeId, Plan, Problem
from gradviz.ops import Array


def run_by_rules(
    plan: Plan, gradients: Collection[NodeId], values: Sequence[NodeId]
) -> tuple[Mapping[NodeId, Array], Mapping[NodeId, Array | None]]:
    """Return the values, and the gradients where a path leads to the node.

    Raises the error of the first rule that fails, of the nodes that the targets and values need.
    """
    needed = above(plan, {*values, *(plan.targets if gradients else ())})
    computed = {node: leaf.value for node, leaf in plan.leaves.items()}
    for happened in forward(plan):
        match happened:
            case Compute(node=node, value=value):
                computed[node] = value
            case Problem(node=failed, error=error) if failed in needed and error is not None:
                raise error
    settled: dict[NodeId, Array] = {}
    if gradients:
        for frame in sweep(plan, computed):
            if isinstance(frame, Settle):
                settled[frame.node] = frame.total
    return {node: computed[node] for node in values}, {node: settled.get(node) for node in gradients}
