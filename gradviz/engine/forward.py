"""The forward run: every node that can compute does, in plan order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.failures import FAILURES, failure_of
from gradviz.engine.frames import Compute
from gradviz.engine.kept import kept_by
from gradviz.engine.paths import open_ports, paths_of
from gradviz.errors import GradvizError
from gradviz.graph import Plan, Problem, Step, problem_of
from gradviz.ops import Array


def forward(plan: Plan) -> Iterator[Compute | Problem]:
    """Yield the value of every step in plan order.

    A step whose rule fails on its values is a problem instead; what depends on it is not computed, the rest is.
    """
    closed = paths_of(plan).closed
    values = {node: leaf.value for node, leaf in plan.leaves.items()}
    for step in plan.steps:
        if not all(source in values for source in step.sources):
            continue
        inputs = [values[source] for source in step.sources]
        value = _value(step, inputs)
        if isinstance(value, GradvizError):
            yield problem_of(value, step.node)
        else:
            values[step.node] = value
            yield Compute(step.node, value, kept_by(step, inputs, tuple(open_ports(step, closed))))


def _value(step: Step, inputs: Sequence[Array]) -> Array | GradvizError:
    try:
        with np.errstate(all="ignore"):
            return frozen(step.op.forward(*inputs, **step.params))
    except FAILURES as error:
        return failure_of(error, step.op, step.node)
