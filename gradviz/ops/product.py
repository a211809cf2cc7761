"""Products of numbers, with gradients that divide by nothing.

The gradient of a product gives every factor the product of all others. That is no quotient, which would be NaN next to
a zero, but what stands before a factor times what follows it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.ops.control import astype
from gradviz.ops.families import REDUCTION_PARAMS, reduction, unary
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.reduce import SAMPLES, keep_axes
from gradviz.ops.scan import cumulative_prod, cumulative_prod_vjp, running_dtype
from gradviz.ops.shapes import Axes, count_reduced, normal_axes
from gradviz.ops.symbolic import recorded


class _Row(NamedTuple):
    """How several axes become one, the last, along which a product can run; a single axis stays where it is."""

    shape: Shape
    axes: tuple[int, ...]

    @property
    def axis(self) -> int:
        """The axis along which the product runs."""
        return self.axes[0] if len(self.axes) == 1 else len(self.shape) - len(self.axes)

    @property
    def _order(self) -> tuple[int, ...]:
        return (*(i for i in range(len(self.shape)) if i not in self.axes), *self.axes)

    def of(self, x: Any) -> Any:
        """Return `x` with the axes joined."""
        if len(self.axes) == 1:
            return x
        kept = tuple(self.shape[i] for i in self._order[: -len(self.axes)])
        return np.reshape(_permuted(x, self._order), (*kept, count_reduced(self.shape, self.axes)))

    def back(self, row: Any) -> Any:
        """Return what `of` made in the shape that it was made of."""
        if len(self.axes) == 1:
            return row
        order = self._order
        return _permuted(
            np.reshape(row, tuple(self.shape[i] for i in order)), tuple(order.index(i) for i in range(len(order)))
        )


def _permuted(x: Any, order: tuple[int, ...]) -> Any:
    return x if order == tuple(range(len(order))) else np.permute_dims(x, order)


def _sides(row: Any, axis: int) -> tuple[Any, Any]:
    """Return, for every number, the product of what stands before it and the product of what follows it."""
    before = cumulative_prod(row, axis=axis, exclusive=True, reverse=False)
    return before, cumulative_prod(row, axis=axis, exclusive=True, reverse=True)


def _of_others(x: Any, *, axis: Axes) -> Any:
    axes = normal_axes(axis, x.shape)
    if not axes:
        return astype(np.zeros_like(x), dtype=running_dtype(x.dtype).name) + 1
    row = _Row(x.shape, axes)
    before, after = _sides(row.of(x), row.axis)
    return row.back(before * after)


@recorded
def product_of_others(x: Array, *, axis: Axes) -> Array:
    """Return, for every number of `x`, the product of all others along `axis`."""
    return np.asarray(_of_others(x, axis=axis))


def _of_others_vjp(g: Any, y: Any, x: Any, *, axis: Axes) -> Any:
    axes = normal_axes(axis, x.shape)
    if not axes:
        return np.zeros_like(x)
    row = _Row(x.shape, axes)
    numbers, arriving = row.of(x), row.of(g)
    before, after = _sides(numbers, row.axis)
    left, right = (
        cumulative_prod_vjp(arriving * other, y, numbers, axis=row.axis, exclusive=True, reverse=reverse)
        for other, reverse in ((after, False), (before, True))
    )
    return row.back(left + right)


def _others_shape(x: Shape, *, axis: Axes) -> Shape:
    normal_axes(axis, x)
    return x


PROD: Final = reduction(
    "prod",
    doc="Multiply the numbers along axes; the product of nothing is 1. Each factor gets the product of all others, "
    "exactly, also where some are zero.",
    symbol="Π",
    forward=np.prod,
    vjp=lambda g, y, x, axis, keepdims: keep_axes(g, axis, keepdims=keepdims) * product_of_others(x, axis=axis),
    dtype=running_dtype,
    samples=(*SAMPLES, Sample(((0, 3),), {"axis": None, "keepdims": False})),
    why_zero="another factor is zero",
    aliases=("np.prod", "tf.reduce_prod", "tf.math.reduce_prod", "torch.prod", "ReduceProd"),
)

PRODUCT_OF_OTHERS: Final = unary(
    "product_of_others",
    family="reduction",
    doc="Take, for every number, the product of all others along axes: what a factor of a product gets as its "
    "derivative. Nothing is divided, so zeros do no harm.",
    symbol="Π≠",
    forward=_of_others,
    vjp=_of_others_vjp,
    shape=_others_shape,
    dtype=running_dtype,
    params={"axis": REDUCTION_PARAMS["axis"]},
    samples=tuple(
        Sample((shape,), {"axis": axis})
        for shape, axis in (
            ((4,), 0),
            ((3, 3), 0),
            ((2, 3), None),
            ((2, 3, 2), (0, -1)),
            ((2, 3, 2), (1, 2)),
            ((2, 1), 1),
            ((2, 3), ()),
            ((), None),
            ((0, 3), None),
            ((2, 0), 1),
        )
    ),
    why_zero="the other factors cannot be told apart: two of them are zero",
    aliases=("leave-one-out product",),
)

OPS: tuple[Op, ...] = (PROD, PRODUCT_OF_OTHERS)
