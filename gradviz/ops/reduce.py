"""Reductions: many numbers become one along chosen axes.

The gradient of a reduction gives every number that went in its part of what arrives at the number that came out.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.control import astype
from gradviz.ops.dtypes import Dtype, is_float, promote_to_float, quotient
from gradviz.ops.families import drawn, reduction, unary
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.scan import running_dtype
from gradviz.ops.shapes import Axes, count_reduced, normal_axes, show
from gradviz.ops.shapes import reduction as reduced
from gradviz.ops.sorting import places


def as_floats(*xs: Any, dtype: Callable[..., Dtype] = promote_to_float) -> tuple[Any, ...]:
    """Return tensors that are float as they are, the others cast to the float that `dtype` makes of all dtypes."""
    common = dtype(*(x.dtype for x in xs)).name
    return tuple(x if is_float(x.dtype) else astype(x, dtype=common) for x in xs)


def keep_axes(reduced_x: Any, axis: Axes, *, keepdims: bool) -> Any:
    """Return a reduction's result with the reduced axes back as size 1, so that it broadcasts against the input.

    All axes reduced to rank 0 need nothing: a number broadcasts against everything.
    """
    return reduced_x if keepdims or axis is None else np.expand_dims(reduced_x, axis)


def drop_axes(x: Any, axis: Axes, *, keepdims: bool) -> Any:
    """Return `x` without its reduced axes of size 1, where they are not to be kept."""
    return x if keepdims else np.squeeze(x, axis=tuple(range(x.ndim)) if axis is None else axis)


def mean_of(x: Any, count: int, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """Return the mean of `count` numbers each, nan of none: NumPy's own mean of none warns besides."""
    if count == 0:
        return np.sum(x, axis=axis, keepdims=keepdims) / 0
    return np.mean(x, axis=axis, keepdims=keepdims)


def _mean(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return mean_of(x, count_reduced(x.shape, axis), axis=axis, keepdims=keepdims)


def _mean_vjp(g: Any, y: Any, x: Any, *, axis: Axes, keepdims: bool) -> Any:
    share = keep_axes(g, axis, keepdims=keepdims) / count_reduced(x.shape, axis)
    return np.broadcast_to(share, x.shape)


def extreme_shape(x: Shape, *, axis: Axes, keepdims: bool) -> Shape:
    """Return the shape of a largest or smallest number; a `ShapeError` where there is none to be found."""
    if count_reduced(x, axis) == 0:
        raise ShapeError(
            "no number stands along axes {axes} of {shape}, so none is the largest or the smallest",
            axes=show(normal_axes(axis, x)),
            shape=show(x),
        )
    return reduced(x, axis=axis, keepdims=keepdims)


def extreme_vjp(g: Any, y: Any, x: Any, *, axis: Axes, keepdims: bool) -> Any:
    """Return the gradient of a largest or smallest number: evenly to all that are equal to it."""
    hits = x == keep_axes(y, axis, keepdims=keepdims)
    ties = np.sum(astype(hits, dtype=x.dtype.name), axis=axis, keepdims=True)
    return np.where(hits, keep_axes(g, axis, keepdims=keepdims), 0) / ties


def _logsumexp(x: Any, *, axis: Axes, keepdims: bool) -> Any:
    (values,) = as_floats(x)
    if count_reduced(x.shape, axis) == 0:
        return np.log(np.sum(np.exp(values), axis=axis, keepdims=keepdims))
    largest = np.max(values, axis=axis, keepdims=True)
    # An infinite shift would make inf - inf; without a shift exp and log give the infinities their right value.
    shift = np.where(np.abs(largest) < np.inf, largest, 0)
    total = np.log(np.sum(np.exp(values - shift), axis=axis, keepdims=keepdims))
    return total + drop_axes(shift, axis, keepdims=keepdims)


def _logsumexp_vjp(g: Any, y: Any, x: Any, *, axis: Axes, keepdims: bool) -> Any:
    return keep_axes(g, axis, keepdims=keepdims) * np.exp(x - keep_axes(y, axis, keepdims=keepdims))


# Every kind of axis; then rank 0, nothing to reduce, an axis of size 1, and a pair of axes from both ends.
SAMPLES: Final = (
    *(
        Sample(((2, 3, 4),), {"axis": axis, "keepdims": keepdims})
        for axis, keepdims in product((None, 0, -1, (0, 2), ()), (False, True))
    ),
    Sample(((),), {"axis": None, "keepdims": False}),
    Sample(((2, 0),), {"axis": 0, "keepdims": True}),
    Sample(((2, 1, 3),), {"axis": (-3, -1), "keepdims": True}),
    Sample(((3, 3),), {"axis": 0, "keepdims": False}),
)
_DISTINCT_SAMPLES: Final = drawn(SAMPLES, "distinct")

SUM: Final = reduction(
    "sum",
    doc="Add up the numbers along axes; the sum of nothing is 0.",
    symbol="Σ",
    forward=np.sum,
    vjp=lambda g, y, x, axis, keepdims: np.broadcast_to(keep_axes(g, axis, keepdims=keepdims), x.shape),
    dtype=running_dtype,
    samples=(*SAMPLES, Sample(((0, 3),), {"axis": None, "keepdims": False})),
    aliases=("np.sum", "tf.reduce_sum", "tf.math.reduce_sum", "torch.sum", "ReduceSum"),
)

MEAN: Final = reduction(
    "mean",
    doc="Average the numbers along axes; the mean of nothing is NaN.",
    symbol="μ",
    forward=_mean,
    vjp=_mean_vjp,
    dtype=quotient,
    samples=SAMPLES,
    aliases=("np.mean", "tf.reduce_mean", "tf.math.reduce_mean", "torch.mean", "average", "ReduceMean"),
)

MAX: Final = reduction(
    "max",
    doc="Take the largest number along axes; where several tie, the gradient is split evenly among them.",
    symbol="maxᵢ",
    forward=np.max,
    vjp=extreme_vjp,
    shape=extreme_shape,
    samples=_DISTINCT_SAMPLES,
    why_zero="not the maximum",
    aliases=(
        "np.max",
        "amax",
        "tf.reduce_max",
        "tf.math.reduce_max",
        "torch.amax",
        "torch.max",
        "ReduceMax",
    ),
)

MIN: Final = reduction(
    "min",
    doc="Take the smallest number along axes; where several tie, the gradient is split evenly among them.",
    symbol="minᵢ",
    forward=np.min,
    vjp=extreme_vjp,
    shape=extreme_shape,
    samples=_DISTINCT_SAMPLES,
    why_zero="not the minimum",
    aliases=(
        "np.min",
        "amin",
        "tf.reduce_min",
        "tf.math.reduce_min",
        "torch.amin",
        "torch.min",
        "ReduceMin",
    ),
)

_PLACE: Final[dict[str, Any]] = {
    "family": "reduction",
    "vjp": None,
    "shape": extreme_shape,
    "dtype": places,
    "params": {
        "axis": Param(
            kind="axis", default=None, optional=True, doc="the axis along which to look; none counts through all"
        ),
        "keepdims": Param(kind="flag", default=False, doc="keep the axis with size 1"),
    },
    "samples": tuple(
        Sample((shape,), {"axis": axis, "keepdims": keepdims}, ("distinct",))
        for shape, axis, keepdims in (
            ((2, 3), None, False),
            ((2, 3), None, True),
            ((3, 3), 0, False),
            ((2, 3, 4), -1, True),
            ((2, 0), 0, False),
            ((), None, False),
        )
    ),
}

ARGMAX: Final = unary(
    "argmax",
    doc="Tell at which place along an axis the largest number stands, the first of those that tie. There is no "
    "gradient: a place does not change a little.",
    symbol="imax",
    forward=np.argmax,
    aliases=("np.argmax", "tf.argmax", "tf.math.argmax", "torch.argmax", "ArgMax"),
    **_PLACE,
)

ARGMIN: Final = unary(
    "argmin",
    doc="Tell at which place along an axis the smallest number stands, the first of those that tie. There is no "
    "gradient: a place does not change a little.",
    symbol="imin",
    forward=np.argmin,
    aliases=("np.argmin", "tf.argmin", "tf.math.argmin", "torch.argmin", "ArgMin"),
    **_PLACE,
)

LOGSUMEXP: Final = reduction(
    "logsumexp",
    doc="Take log Σ exp along axes without overflow: a smooth maximum. Its gradient is the softmax, NaN where all "
    "numbers are −∞.",
    symbol="LSE",
    forward=_logsumexp,
    formula="np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))",
    vjp=_logsumexp_vjp,
    dtype=promote_to_float,
    samples=SAMPLES,
    aliases=(
        "tf.reduce_logsumexp",
        "tf.math.reduce_logsumexp",
        "torch.logsumexp",
        "jax.nn.logsumexp",
        "scipy.special.logsumexp",
        "ReduceLogSumExp",
    ),
)

OPS: tuple[Op, ...] = (SUM, MEAN, MAX, MIN, ARGMAX, ARGMIN, LOGSUMEXP)
