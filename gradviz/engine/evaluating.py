"""Values without frames: steps computed one after the other, for whoever wants numbers and no film."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.failures import FAILURES, failure_of
from gradviz.graph import NodeId, Step
from gradviz.ops import Array


def compute(steps: Iterable[Step], values: dict[NodeId, Array]) -> None:
    """Add the value of every step to `values`, which has those of all that feeds the first ones.

    Raises a `GradvizError` naming the node where a rule fails on its values.
    """
    with np.errstate(all="ignore"):
        for step in steps:
            try:
                inputs = [values[source] for source in step.sources]
                values[step.node] = frozen(step.op.forward(*inputs, **step.params))
            except FAILURES as error:
                raise failure_of(error, step.op, step.node) from error
