"""Short constructors for the records that many ops share: one input, two broadcast inputs, one input reduced."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
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
AXIS: Final = Param(kind="axes", default=None, optional=True, doc="the axis, or axes, to reduce; none means all")
KEEPDIMS: Final = Param(kind="flag", default=False, doc="keep reduced axes with size 1")


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


def reduction_samples(*draw: str, params: Mapping[str, Any] = MappingProxyType({})) -> tuple[Sample, ...]:
    """Return samples of every kind of axis, with and without `keepdims`."""
    axes: tuple[Any, ...] = (None, 0, -1, (0, 2), ())
    ways = draw or ("normal",)
    return (
        *(
            Sample(((2, 3, 4),), {"axis": axis, "keepdims": keepdims, **params}, ways)
            for axis, keepdims in product(axes, (False, True))
        ),
        Sample(((),), {"axis": None, "keepdims": False, **params}, ways),
        Sample(((2, 0),), {"axis": 0, "keepdims": True, **params}, ways),
    )


def reduction(
    name: str, *, forward: Rule, vjp: Rule | None, family: str = "reduction", why_zero: str = "", **fields: Any
) -> Op:
    """Return an op of one input `x` that reduces `axis`, keeping it with size 1 where `keepdims` says so."""
    params = {"axis": AXIS, "keepdims": KEEPDIMS, **fields.pop("params", {})}
    fields = {"shape": shapes.reduction, "samples": reduction_samples(), **fields}
    reasons = {"x": why_zero} if why_zero else {}
    return Op(
        name=name,
        family=family,
        inputs=("x",),
        forward=forward,
        vjp={"x": vjp},
        params=params,
        why_zero=reasons,
        **fields,
    )
