"""The backward sweep: the chain rule, one wire at a time, from the targets to every node they depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gradviz.engine.arrays import add, frozen
from gradviz.engine.failures import FAILURES, failure_of
from gradviz.engine.frames import Blocked, Frame, Seed, Send, Settle
from gradviz.engine.paths import paths_of
from gradviz.graph import NodeId, OneHot, Plan, Port, Step, Tensor
from gradviz.graph import Seed as ChosenSeed
from gradviz.ops import Array, Rule, broadcast_axes, sum_to_shape


def sweep(plan: Plan, values: Mapping[NodeId, Array]) -> Iterator[Frame]:
    """Yield how the gradients of the plan's targets spread to every node they depend on.

    `values` holds all targets and what they depend on. Contributions add up in order of arrival. A target into which
    no gradient flows, because it depends on no variable or input, is seeded and tells at its ports why nothing is sent.
    Raises a `GradvizError` naming the node where a gradient rule fails (for want of memory, say): the sweep ends there.
    """
    paths = paths_of(plan)
    waiting = dict(paths.deposits)
    totals: dict[NodeId, Array] = {}
    for target, seed in plan.targets.items():
        totals[target] = seed_for(values[target], seed)
        yield Seed(target, totals[target])
    for target in plan.targets:
        if target in plan.leaves and target not in paths.closed and not waiting[target]:
            yield Settle(target, totals[target])
    for step in reversed(plan.steps):
        if step.node not in totals:
            continue
        if step.node not in paths.closed:
            yield Settle(step.node, totals[step.node])
        tensors = (totals[step.node], values[step.node], *(values[source] for source in step.sources))
        for name, source in zip(step.ports, step.sources, strict=True):
            port = Port(step.node, name)
            rule = step.op.rule_for(name)
            if rule is None or port in paths.ends:
                yield Blocked(source, port, paths.ends[port])
                continue
            raw, share = _contribution(step, rule, tensors, values[source])
            totals[source] = add(totals.get(source), share)
            waiting[source] -= 1
            yield Send(source, port, raw, share, broadcast_axes(share.shape, raw.shape))
            if source in plan.leaves and not waiting[source]:
                yield Settle(source, totals[source])


def seed_for(value: Array, seed: ChosenSeed) -> Array:
    """Return the upstream gradient that a target of this value starts with: of its shape and dtype, ones by default."""
    match seed:
        case Tensor(array=array):
            with np.errstate(all="ignore"):
                return frozen(array.astype(value.dtype, copy=False))
        case OneHot(index=index):
            gradient = np.zeros(value.shape, value.dtype)
            gradient[index] = 1
            return frozen(gradient)
    return frozen(np.ones(value.shape, value.dtype))


def _contribution(step: Step, rule: Rule, tensors: Sequence[Array], value: Array) -> tuple[Array, Array]:
    """Return what a rule gives, and that with broadcasting undone, in the shape and dtype of the source's `value`."""
    try:
        with np.errstate(all="ignore"):
            raw = frozen(rule(*tensors, **step.params))
            return raw, frozen(sum_to_shape(raw, value.shape).astype(value.dtype, copy=False))
    except FAILURES as error:
        raise failure_of(error, step.op, step.node) from error
