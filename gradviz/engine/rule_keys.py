"""How the rules of an op read in a step: what that depends on is the key under which steps that are alike share it."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gradviz.graph import Step
from gradviz.ops import Array, Dtype, Op, Shape, as_key, most_on_the_way, read_forward, read_vjp


@dataclass(frozen=True)
class RuleKey:
    """An op at work on tensors of these shapes; two keys are equal when the rules read alike.

    `ports` are those whose gradient rules are meant; none means the forward rule.
    """

    op: Op
    shapes: tuple[Shape, ...]
    dtypes: tuple[Dtype, ...]
    ports: tuple[str, ...]
    settings: Hashable
    params: Mapping[str, Any] = field(compare=False)
    most: int = field(default_factory=most_on_the_way)


def rule_key(step: Step, inputs: Sequence[Array], ports: tuple[str, ...]) -> RuleKey:
    """Return the key of the rules that a step uses: the gradient rules of `ports`, or the forward rule."""
    shapes = tuple(array.shape for array in inputs)
    dtypes = tuple(array.dtype for array in inputs)
    return RuleKey(step.op, shapes, dtypes, ports, as_key(step.params), step.params)


@lru_cache(maxsize=1024)
def rule_of(key: RuleKey) -> ast.expr | None:
    """Return the rule of the port that is meant as an expression, or the forward rule; None for a port without a rule.

    Raises a `GradvizError` for a rule that refuses to run at these shapes.
    """
    if key.ports:
        return read_vjp(key.op, key.ports[0], key.shapes, key.dtypes, key.params)
    return read_forward(key.op, key.shapes, key.dtypes, key.params)
