"""Order: the places that numbers take when they are sorted, and what is selected by those places.

The order is stable: numbers that tie stay in the order in which they stand, also when the largest comes first. NaN
counts as larger than every number, as in PyTorch. The gradient goes back to the places that the values came from.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype
from gradviz.ops.families import unary
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.selecting import scatter_along_axis, take_along_axis
from gradviz.ops.shapes import normal_axis, show
from gradviz.ops.symbolic import recorded


def places(_x: Dtype, **_params: object) -> Dtype:
    """Return the dtype of places along an axis: int64."""
    return np.dtype(np.int64)


def _sorted_shape(x: Shape, *, axis: int, **_params: object) -> Shape:
    normal_axis(axis, len(x), x)
    return x


@recorded
def argsort(x: Array, *, axis: int, descending: bool) -> Array:
    """Return the places along `axis` from which sorted numbers come."""
    if not descending:
        return np.argsort(x, axis=axis, stable=True).astype(np.int64)
    # Sorted from the end and read backwards: numbers that tie keep their order, and no number changes its sign.
    behind = np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=True), axis)
    return np.asarray(x.shape[axis] - 1 - behind).astype(np.int64)


def _sort_vjp(g: Any, y: Any, x: Any, *, axis: int, descending: bool) -> Any:
    return scatter_along_axis(g, argsort(x, axis=axis, descending=descending), size=x.shape[axis], axis=axis)


def _top_shape(x: Shape, *, k: int, axis: int) -> Shape:
    at = normal_axis(axis, len(x), x)
    if k > x[at]:
        raise ShapeError("there are no {k} numbers along axis {axis} of {x}", k=k, axis=axis, x=show(x))
    return (*x[:at], k, *x[at + 1 :])


@recorded
def top_k_indices(x: Array, *, k: int, axis: int) -> Array:
    """Return the places along `axis` of the `k` largest numbers, the largest first, and in front of those that tie."""
    rows = np.moveaxis(x, axis, -1)
    size = rows.shape[-1]
    if k * _SHARE > size:
        found = argsort(rows, axis=-1, descending=True)[..., :k]
    else:
        found = _places_of_largest(rows, k)
        order = argsort(np.take_along_axis(rows, found, axis=-1), axis=-1, descending=True)
        found = np.take_along_axis(found, order, axis=-1)
    return np.moveaxis(found, -1, axis)


_SHARE: Final = 4
"""Where no more than one number in so many is wanted, it is faster to find them than to sort them all."""


def _places_of_largest(rows: Array, k: int) -> Array:
    """Return the places of the `k` largest numbers of every row, from left to right."""
    size = rows.shape[-1]
    least = np.partition(rows, size - k, axis=-1)[..., size - k : size - k + 1] if k else rows[..., :0]
    if not least.size:
        return np.zeros((*rows.shape[:-1], k), np.int64)
    is_nan, least_is_nan = np.isnan(rows), np.isnan(least)
    above = (rows > least) | (is_nan & ~least_is_nan)
    equal = (rows == least) | (is_nan & least_is_nan)
    wanted = k - np.count_nonzero(above, axis=-1, keepdims=True)
    chosen = above | (equal & (np.cumsum(equal, axis=-1) <= wanted))
    return np.reshape(np.nonzero(chosen)[-1], (*rows.shape[:-1], k)).astype(np.int64)


def _top_values(x: Any, *, k: int, axis: int) -> Any:
    return take_along_axis(x, top_k_indices(x, k=k, axis=axis), axis=axis)


def _top_vjp(g: Any, y: Any, x: Any, *, k: int, axis: int) -> Any:
    return scatter_along_axis(g, top_k_indices(x, k=k, axis=axis), size=x.shape[axis], axis=axis)


_SORTING: Final = {
    "axis": Param(kind="axis", default=-1, doc="the axis along which to sort"),
    "descending": Param(kind="flag", default=False, doc="put the largest number first"),
}
_TOP: Final = {
    "k": Param(kind="integer", minimum=0, default=1, doc="how many of the largest numbers"),
    "axis": Param(kind="axis", default=-1, doc="the axis along which they are the largest"),
}
_SORT_SAMPLES: Final = tuple(
    Sample((shape,), {"axis": axis, "descending": descending}, ("distinct",))
    for shape, axis, descending in (
        ((5,), -1, False),
        ((5,), 0, True),
        ((3, 3), 0, False),
        ((2, 3, 4), 1, True),
        ((2, 1), -1, False),
        ((2, 0), 1, True),
        ((0, 3), -1, False),
    )
)
_TOP_SAMPLES: Final = tuple(
    Sample((shape,), {"k": k, "axis": axis}, ("distinct",))
    for shape, k, axis in (
        ((5,), 2, -1),
        ((3, 2), 1, 0),
        ((3, 3), 3, -1),
        ((2, 3, 4), 2, 1),
        ((2, 3), 0, 1),
        ((0, 3), 2, 1),
    )
)

ARGSORT: Final = unary(
    "argsort",
    family="indexing",
    doc="Tell from which places along an axis sorted numbers come; numbers that tie keep their order. There is no "
    "gradient.",
    forward=argsort,
    vjp=None,
    shape=_sorted_shape,
    dtype=places,
    params=_SORTING,
    samples=_SORT_SAMPLES,
    symbol="i↑",
    aliases=("np.argsort", "tf.argsort", "torch.argsort"),
)

SORT: Final = unary(
    "sort",
    family="indexing",
    doc="Sort the numbers along an axis; numbers that tie keep their order, NaN counts as the largest. The gradient "
    "goes back to where each number came from.",
    forward=lambda x, axis, descending: take_along_axis(x, argsort(x, axis=axis, descending=descending), axis=axis),
    vjp=_sort_vjp,
    shape=_sorted_shape,
    params=_SORTING,
    samples=_SORT_SAMPLES,
    symbol="↑",
    aliases=("np.sort", "tf.sort", "torch.sort"),
    why_zero="what arrives is zero at its place in the order",
)

TOP_K_VALUES: Final = unary(
    "top_k_values",
    family="indexing",
    doc="Take the k largest numbers along an axis, the largest first; of numbers that tie, those in front. All others "
    "have gradient 0.",
    forward=_top_values,
    vjp=_top_vjp,
    shape=_top_shape,
    params=_TOP,
    samples=_TOP_SAMPLES,
    symbol="topₖ",
    aliases=("top_k", "tf.math.top_k", "tf.nn.top_k", "torch.topk", "jax.lax.top_k", "TopK"),
    why_zero="not among the largest",
)

TOP_K_INDICES: Final = unary(
    "top_k_indices",
    family="indexing",
    doc="Tell at which places along an axis the k largest numbers stand, the largest first. There is no gradient.",
    forward=top_k_indices,
    vjp=None,
    shape=_top_shape,
    dtype=places,
    params=_TOP,
    samples=_TOP_SAMPLES,
    symbol="topᵢ",
    aliases=("np.argpartition", "tf.math.top_k.indices", "torch.topk.indices"),
)

OPS: tuple[Op, ...] = (ARGSORT, SORT, TOP_K_VALUES, TOP_K_INDICES)
