"""Short constructors for the records that many ops share: one input, two broadcast inputs, one input reduced."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from gradviz.ops import shapes
from gradviz.ops.op import Op, Rule, Sample
from gradviz.ops.params import Param

UNARY_SAMPLES: Final = (Sample(((2, 3),)), Sample(((),)), Sample(((0, 3),)), Sample(((2, 1, 3),)))
BINARY_SAMPLES: Final = (
    Sample(((2, 3), (2, 3))),
    Sample(((2, 3), (3,))),
    Sample(((2, 1), (1, 3))),
    Sample(((), (2, 2))),
    Sample(((), ())),
    Sample(((0, 3), (1, 3))),
)
REDUCTION_PARAMS: Final = MappingProxyType(
    {
        "axis": Param(kind="axes", default=None, optional=True, doc="the axis, or axes, to reduce; none means all"),
        "keepdims": Param(kind="flag", default=False, doc="keep reduced axes with size 1"),
    }
)


def drawn(samples: tuple[Sample, ...], *draw: str) -> tuple[Sample, ...]:
    """Return the samples with their inputs drawn another way."""
    return tuple(Sample(sample.shapes, sample.params, draw) for sample in samples)


def unary(
    name: str, *, forward: Rule, vjp: Rule | None, family: str = "elementwise", why_zero: str = "", **fields: Any
) -> Op:
    """Return an op of one input `x` whose result has the shape of the input."""
    fields = {"shape": shapes.same, "samples": UNARY_SAMPLES, **fields}
    reasons = {"x": why_zero} if why_zero else {}
    return Op(name=name, family=family, inputs=("x",), forward=forward, vjp={"x": vjp}, why_zero=reasons, **fields)


def binary(
    name: str, *, forward: Rule, vjp_a: Rule | None, vjp_b: Rule | None, family: str = "elementwise", **fields: Any
) -> Op:
    """Return an op of two inputs `a` and `b` that broadcast with each other."""
    fields = {"shape": shapes.elementwise, "samples": BINARY_SAMPLES, **fields}
    return Op(name=name, family=family, inputs=("a", "b"), forward=forward, vjp={"a": vjp_a, "b": vjp_b}, **fields)


def reduction(name: str, *, forward: Rule, vjp: Rule, **fields: Any) -> Op:
    """Return an op of one input `x` that reduces `axis`, keeping it with size 1 where `keepdims` says so."""
    fields = {"shape": shapes.reduction, "params": REDUCTION_PARAMS, **fields}
    return unary(name, family="reduction", forward=forward, vjp=vjp, **fields)


def broadcasts(op: Op) -> bool:
    """Say whether a result of an op has the shape that its inputs broadcast to, so that they are stretched to it."""
    return op.shape is shapes.elementwise
