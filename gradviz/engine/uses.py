"""Uses of ops: what an op works on in a step, and how its rules read there; steps that are alike share the reading."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gradviz.graph import Step
from gradviz.ops import Array, Dtype, Op, Shape, as_key, most_on_the_way, read_forward, read_vjp


@dataclass(frozen=True)
class Use:
    """An op at work on tensors of these shapes; two uses are equal when their rules read alike.

    `ports` are those whose gradient rules are meant; none means the forward rule.
    """

    op: Op
    shapes: tuple[Shape, ...]
    dtypes: tuple[Dtype, ...]
    ports: tuple[str, ...]
    settings: Hashable
    params: Mapping[str, Any] = field(compare=False)
    most: int = field(default_factory=most_on_the_way)


def use_of(step: Step, inputs: Sequence[Array], ports: tuple[str, ...]) -> Use:
    """Return the use that a step makes of its op, with the gradient rules of `ports`."""
    shapes = tuple(array.shape for array in inputs)
    dtypes = tuple(array.dtype for array in inputs)
    return Use(step.op, shapes, dtypes, ports, as_key(step.params), step.params)


@lru_cache(maxsize=1024)
def rule_of(use: Use) -> ast.expr | None:
    """Return the rule of the port that is meant as an expression, or the forward rule; None for a port without a rule.

    Raises a `GradvizError` for a rule that refuses to run at these shapes.
    """
    if use.ports:
        return read_vjp(use.op, use.ports[0], use.shapes, use.dtypes, use.params)
    return read_forward(use.op, use.shapes, use.dtypes, use.params)
