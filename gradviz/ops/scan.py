"""Scans: every element of a result is made of all the numbers up to it along an axis.

Running sums and products run from the front, or with `reverse` from the back; with `exclusive` each element leaves its
own number out. The gradient of a running product is a linear recurrence, which is an op as well: nothing is divided,
so a factor of zero costs no accuracy.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final

import numpy as np

from gradviz.ops.dtypes import Dtype, is_float
from gradviz.ops.families import drawn, unary
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.repeating import pad
from gradviz.ops.selecting import scatter_along_axis, take_along_axis
from gradviz.ops.shapes import broadcast, normal_axis
from gradviz.ops.sorting import places
from gradviz.ops.symbolic import recorded


def _scanned(x: Shape, *, axis: int, **_params: object) -> Shape:
    normal_axis(axis, len(x), x)
    return x


def running_dtype(x: Dtype, **_params: object) -> Dtype:
    """Return NumPy's dtype of sums and products: small integers and booleans are taken to 64 bits."""
    return np.asarray(np.sum(np.zeros(0, x))).dtype


def _cut(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """Return the slice `start:stop` of one axis, counted from the front."""
    return x[(*(slice(None),) * axis, slice(start, stop))]


def _without_last(x: Any, axis: int, *, reverse: bool) -> Any:
    return _cut(x, axis, 1, None) if reverse else _cut(x, axis, None, -1)


def _without_first(x: Any, axis: int, *, reverse: bool) -> Any:
    return _without_last(x, axis, reverse=not reverse)


def _behind_zero(x: Any, axis: int, *, reverse: bool) -> Any:
    """Return `x` with a zero in front of what runs along `axis`."""
    widths = tuple(((0, 1) if reverse else (1, 0)) if i == axis else (0, 0) for i in range(x.ndim))
    return pad(x, pad_width=widths, mode="constant", value=0)


# running sums and products


def _scan(ufunc: np.ufunc, unit: int, x: Array, axis: int, *, exclusive: bool, reverse: bool) -> Array:
    """Return the running results of a ufunc; `unit` is what nothing at all makes."""
    at = axis % x.ndim
    result = ufunc.accumulate(np.flip(x, at) if reverse else x, axis=at, dtype=running_dtype(x.dtype))
    if exclusive and x.shape[at]:
        first = np.full_like(_cut(result, at, 0, 1), unit)
        result = np.concat([first, _cut(result, at, None, -1)], axis=at)
    return np.asarray(np.flip(result, at) if reverse else result)


@recorded
def cumulative_sum(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Return the running sums of `x` along an axis."""
    return _scan(np.add, 0, x, axis, exclusive=exclusive, reverse=reverse)


@recorded
def cumulative_prod(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Return the running products of `x` along an axis."""
    return _scan(np.multiply, 1, x, axis, exclusive=exclusive, reverse=reverse)


def cumulative_prod_vjp(g: Any, y: Any, x: Any, *, axis: int, exclusive: bool, reverse: bool) -> Any:
    """Return the gradient: the product before x[k], times the sum of g[i] times what lies between x[k] and y[i]."""
    at = axis % x.ndim
    if x.shape[at] == 0:
        return g
    before = cumulative_prod(x, axis=axis, exclusive=True, reverse=reverse)
    factors = _behind_zero(_without_first(x, at, reverse=reverse), at, reverse=not reverse)
    arriving = _behind_zero(_without_first(g, at, reverse=reverse), at, reverse=not reverse) if exclusive else g
    return before * recurrence(factors, arriving, axis=axis, reverse=not reverse)


# the linear recurrence


def _recurrence_shape(a: Shape, b: Shape, *, axis: int, **_reverse: object) -> Shape:
    return _scanned(broadcast(a, b), axis=axis)


@recorded
def recurrence(a: Array, b: Array, *, axis: int, reverse: bool) -> Array:
    """Return y with y[k] = a[k] y[k-1] + b[k] along an axis; nothing stands before the first, so a[0] is not used."""
    factors, added = (np.moveaxis(each, axis, 0) for each in np.broadcast_arrays(a, b))
    if reverse:
        factors, added = factors[::-1], added[::-1]
    dtype = np.result_type(a, b)
    is_narrow = added[:1].size <= _FEW and is_float(dtype)
    step = _recurrence_of_numbers if is_narrow else _recurrence_of_lines
    result = step(factors, added, dtype) if added.size else np.zeros(added.shape, dtype)
    return np.moveaxis(result[::-1] if reverse else result, 0, axis)


_FEW: Final = 8
"""Up to how many lines side by side are faster number by number than all lines at once."""


def _recurrence_of_lines(a: Array, b: Array, dtype: Dtype) -> Array:
    result = np.array(b, dtype)
    for k in range(1, len(b)):
        result[k] += a[k] * result[k - 1]
    return result


def _recurrence_of_numbers(a: Array, b: Array, dtype: Dtype) -> Array:
    """Return the recurrence in Python's numbers, line by line."""
    factors, added = (np.reshape(each, (len(b), -1)).T.tolist() for each in (a, b))
    lines = [
        list(accumulate(zip(fs[1:], bs[1:], strict=True), lambda y, pair: pair[0] * y + pair[1], initial=bs[0]))
        for fs, bs in zip(factors, added, strict=True)
    ]
    return np.reshape(np.array(lines).T.astype(dtype), b.shape)


def _factors_vjp(g: Any, y: Any, a: Any, b: Any, *, axis: int, reverse: bool) -> Any:
    at = axis % y.ndim
    if y.shape[at] == 0:
        return g
    total = _added_vjp(g, y, a, b, axis=axis, reverse=reverse)
    products = _without_first(total, at, reverse=reverse) * _without_last(y, at, reverse=reverse)
    return _behind_zero(products, at, reverse=reverse)


def _added_vjp(g: Any, y: Any, a: Any, b: Any, *, axis: int, reverse: bool) -> Any:
    """Return the sum of all that arrives from here on: the same recurrence the other way, one factor ahead."""
    at = axis % y.ndim
    if y.shape[at] == 0:
        return g
    factors = a if a.shape == y.shape else np.broadcast_to(a, y.shape)
    ahead = _behind_zero(_without_first(factors, at, reverse=reverse), at, reverse=not reverse)
    return recurrence(ahead, g, axis=axis, reverse=not reverse)


# the largest and the smallest so far


@recorded
def cumulative_argmax(x: Array, *, axis: int) -> Array:
    """Return the place of the largest number so far along an axis, the last of those that tie; NaN stays."""
    return _last_best(np.maximum, x, axis)


@recorded
def cumulative_argmin(x: Array, *, axis: int) -> Array:
    """Return the place of the smallest number so far along an axis, the last of those that tie; NaN stays."""
    return _last_best(np.minimum, x, axis)


def _last_best(ufunc: np.ufunc, x: Array, axis: int) -> Array:
    at = axis % x.ndim
    best = ufunc.accumulate(x, axis=at)
    counted = np.reshape(np.arange(x.shape[at]), (-1, *(1,) * (x.ndim - at - 1)))
    return np.asarray(np.maximum.accumulate(np.where((x == best) | np.isnan(x), counted, 0), axis=at))


def _extreme(find: Any) -> dict[str, Any]:
    """Return the rules of a running extreme: select what was found, and put its gradient back there."""
    return {
        "forward": lambda x, axis: take_along_axis(x, find(x, axis=axis), axis=axis),
        "vjp": lambda g, y, x, axis: scatter_along_axis(g, find(x, axis=axis), size=x.shape[axis], axis=axis),
    }


_AXIS: Final = Param(kind="axis", default=-1, doc="the axis along which to run")
_REVERSE: Final = Param(kind="flag", default=False, doc="run from the end to the front")
_RUNNING: Final = {
    "axis": _AXIS,
    "exclusive": Param(kind="flag", default=False, doc="leave out each element's own number"),
    "reverse": _REVERSE,
}
_SAMPLES: Final = tuple(
    Sample((shape,), {"axis": axis, "exclusive": exclusive, "reverse": reverse})
    for shape, axis, exclusive, reverse in (
        ((4,), 0, False, False),
        ((3, 3), 0, False, True),
        ((3, 3), -1, True, False),
        ((2, 3, 2), 1, True, True),
        ((2, 1), 1, True, False),
        ((2, 0), -1, True, True),
        ((0, 3), 1, False, False),
    )
)
_EXTREME_SAMPLES: Final = drawn(
    tuple(
        Sample((shape,), {"axis": axis})
        for shape, axis in (((5,), 0), ((3, 3), -1), ((2, 4, 2), 1), ((1, 2), 0), ((2, 0), 1))
    ),
    "distinct",
)
_EXTREME: Final[dict[str, Any]] = {
    "family": "reduction",
    "shape": _scanned,
    "params": {"axis": _AXIS},
    "samples": _EXTREME_SAMPLES,
}

CUMULATIVE_SUM: Final = unary(
    "cumulative_sum",
    family="reduction",
    doc="Add up the numbers along an axis and keep every sum on the way; the gradient is the running sum from the "
    "other end.",
    forward=cumulative_sum,
    vjp=lambda g, y, x, axis, exclusive, reverse: cumulative_sum(
        g, axis=axis, exclusive=exclusive, reverse=not reverse
    ),
    shape=_scanned,
    dtype=running_dtype,
    params=_RUNNING,
    samples=_SAMPLES,
    symbol="Σ…",
    aliases=("np.cumulative_sum", "np.cumsum", "tf.cumsum", "tf.math.cumsum", "torch.cumsum", "CumSum"),
    why_zero="what arrives from here on adds up to zero",
)

CUMULATIVE_PROD: Final = unary(
    "cumulative_prod",
    family="reduction",
    doc="Multiply the numbers along an axis and keep every product on the way. Its gradient is exact next to a zero, "
    "as in PyTorch.",
    forward=cumulative_prod,
    vjp=cumulative_prod_vjp,
    shape=_scanned,
    dtype=running_dtype,
    params=_RUNNING,
    samples=_SAMPLES,
    symbol="Π…",
    aliases=("np.cumulative_prod", "np.cumprod", "tf.math.cumprod", "torch.cumprod", "CumProd"),
    why_zero="another factor of every product is zero",
)

RECURRENCE: Final = Op(
    name="recurrence",
    family="reduction",
    doc="Run y[k] = a[k] × y[k−1] + b[k] along an axis: a linear filter, a discounted sum, a linear recurrent layer. "
    "The first factor is not used.",
    inputs=("a", "b"),
    forward=recurrence,
    vjp={"a": _factors_vjp, "b": _added_vjp},
    shape=_recurrence_shape,
    params={"axis": _AXIS, "reverse": _REVERSE},
    samples=tuple(
        Sample(shapes, {"axis": axis, "reverse": reverse})
        for shapes, axis, reverse in (
            (((4,), (4,)), 0, False),
            (((3, 3), (3, 3)), 0, True),
            (((), (4,)), -1, False),
            (((3, 1), (2, 3, 4)), 1, False),
            (((5, 3, 4), (3, 1)), -2, True),
            (((2, 1), (2, 1)), 1, False),
            (((2, 0), (2, 0)), 1, True),
        )
    ),
    symbol="yₖ₋₁",
    aliases=("tf.scan", "jax.lax.associative_scan", "scipy.signal.lfilter", "linear recurrence", "Scan"),
    why_zero={
        "a": "the result before it is zero, or what arrives is",
        "b": "what arrives from here on is",
    },
)

CUMULATIVE_ARGMAX: Final = unary(
    "cumulative_argmax",
    doc="Tell the place of the largest number so far along an axis, the last of those that tie. There is no gradient.",
    forward=cumulative_argmax,
    vjp=None,
    dtype=places,
    symbol="imax…",
    aliases=("torch.cummax.indices",),
    **_EXTREME,
)

CUMULATIVE_ARGMIN: Final = unary(
    "cumulative_argmin",
    doc="Tell the place of the smallest number so far along an axis, the last of those that tie. There is no gradient.",
    forward=cumulative_argmin,
    vjp=None,
    dtype=places,
    symbol="imin…",
    aliases=("torch.cummin.indices",),
    **_EXTREME,
)

CUMULATIVE_MAX: Final = unary(
    "cumulative_max",
    doc="Take the largest number so far along an axis; of those that tie the last gets the gradient, as in PyTorch.",
    **_extreme(cumulative_argmax),
    symbol="max…",
    aliases=("np.maximum.accumulate", "tf.math.cumulative_max", "torch.cummax", "jax.lax.cummax", "cummax"),
    why_zero="never the largest so far",
    **_EXTREME,
)

CUMULATIVE_MIN: Final = unary(
    "cumulative_min",
    doc="Take the smallest number so far along an axis; of those that tie the last gets the gradient, as in PyTorch.",
    **_extreme(cumulative_argmin),
    symbol="min…",
    aliases=("np.minimum.accumulate", "tf.math.cumulative_min", "torch.cummin", "jax.lax.cummin", "cummin"),
    why_zero="never the smallest so far",
    **_EXTREME,
)

OPS: tuple[Op, ...] = (
    CUMULATIVE_SUM,
    CUMULATIVE_PROD,
    CUMULATIVE_MAX,
    CUMULATIVE_MIN,
    CUMULATIVE_ARGMAX,
    CUMULATIVE_ARGMIN,
    RECURRENCE,
)
