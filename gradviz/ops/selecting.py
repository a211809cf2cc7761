"""Selecting by a tensor of indices, and the adjoints: sums of what goes back to one place.

Indices are an input like any other, of integers, and have no gradient. Negative ones count from the end; one that is
out of range is an error. Each way to select has a way to put back, and each is the gradient of the other:

    take              segment_sum             one index for a whole slice
    take_along_axis   scatter_along_axis      one index for every number
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops.control import astype
from gradviz.ops.dtypes import Dtype, promote_in_turn
from gradviz.ops.indexing import add_rows
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import broadcast, normal_axis, refuse_too_large, show
from gradviz.ops.symbolic import recorded


def counted_from_front(indices: Array, size: int) -> Array:
    """Return indices of an axis of `size` from 0 on; raises `ComputeError` for one that is out of range."""
    outside = indices[(indices < -size) | (indices >= size)]
    if outside.size:
        raise ComputeError(
            "index {index} is out of range: the axis has size {size}, so indices go from {first} to {last}",
            index=int(outside.flat[0]),
            size=size,
            first=-size,
            last=size - 1,
        )
    wide = indices.astype(np.int64)
    return np.where(wide < 0, wide + size, wide)


def refuse_empty(indices: Shape, size: int, x: Shape) -> None:
    """Raise a `ShapeError` where indices name places of an axis of `x` that has none."""
    if size == 0 and prod(indices) > 0:
        raise ShapeError("nothing can be selected: the axis of {x} is empty", x=show(x))


def selected_dtype(x: Dtype, indices: Dtype, **_params: object) -> Dtype:
    """Return the dtype of what is selected; a `ShapeError` where the indices are no integers."""
    if indices.kind not in "iu":
        raise ShapeError("indices are integers, not {dtype}: turn them into int64 with astype", dtype=indices.name)
    return x


# one index for a whole slice


def _take_shape(x: Shape, indices: Shape, *, axis: int) -> Shape:
    at = normal_axis(axis, len(x), x)
    refuse_empty(indices, x[at], x)
    return (*x[:at], *indices, *x[at + 1 :])


@recorded
def take(x: Array, indices: Array, axis: int = 0) -> Array:
    """Return the slices of `x` at `indices` of one axis, in whose place the axes of `indices` stand."""
    at = axis % x.ndim
    return np.asarray(np.take(x, counted_from_front(indices, x.shape[at]), axis=at))


def _segment_shape(x: Shape, indices: Shape, *, size: int, axis: int) -> Shape:
    rank = len(x) - len(indices) + 1
    if rank < 1:
        raise ShapeError("indices of shape {indices} have no slices in {x}", indices=show(indices), x=show(x))
    at = normal_axis(axis, rank, x)
    if x[at : at + len(indices)] != indices:
        raise ShapeError(
            "{x} must have the axes {indices} of the indices at axis {axis}", x=show(x), indices=show(indices), axis=at
        )
    refuse_empty(indices, size, (*x[:at], size, *x[at + len(indices) :]))
    return (*x[:at], size, *x[at + len(indices) :])


@recorded
def segment_sum(x: Array, indices: Array, size: int, axis: int = 0) -> Array:
    """Return sums of slices of `x` on an axis of `size`; `indices` tells to which sum each slice belongs.

    `axis` is the axis of the sums; in `x` the axes of `indices` stand in its place.
    """
    rank = x.ndim - indices.ndim + 1
    at = axis % rank
    moved = np.moveaxis(x, range(at, at + indices.ndim), range(indices.ndim))
    rest = moved.shape[indices.ndim :]
    refuse_too_large((indices.size, *rest))
    total = np.zeros((size, *rest), x.dtype)
    add_rows(total, counted_from_front(indices, size), moved)
    return np.moveaxis(total, 0, at)


def _index_add_shape(x: Shape, indices: Shape, source: Shape, *, axis: int) -> Shape:
    at = normal_axis(axis, len(x), x)
    expected = _take_shape(x, indices, axis=at)
    if source != expected:
        raise ShapeError(
            "the source must be {expected}, one slice of {x} for every index of {indices}, not {source}",
            expected=show(expected),
            x=show(x),
            indices=show(indices),
            source=show(source),
        )
    return x


def _index_add(x: Any, indices: Any, source: Any, *, axis: int) -> Any:
    common = np.result_type(x.dtype, source.dtype)
    # Sums of many small integers, or of booleans, are those of the numbers that they are added to.
    added = source if source.dtype == common else astype(source, dtype=common.name)
    return x + segment_sum(added, indices, size=x.shape[axis], axis=axis)


def _index_add_dtype(x: Dtype, indices: Dtype, source: Dtype, **_params: object) -> Dtype:
    return promote_in_turn(x, selected_dtype(source, indices))


# one index for every number


def _along_shape(x: Shape, indices: Shape, *, axis: int) -> Shape:
    if len(x) != len(indices):
        raise ShapeError(
            "indices of shape {indices} need as many axes as {x}: one index for every number",
            indices=show(indices),
            x=show(x),
        )
    at = normal_axis(axis, len(x), x)
    refuse_empty(indices, x[at], x)
    others = broadcast((*x[:at], 1, *x[at + 1 :]), (*indices[:at], 1, *indices[at + 1 :]))
    return (*others[:at], indices[at], *others[at + 1 :])


@recorded
def take_along_axis(x: Array, indices: Array, axis: int = -1) -> Array:
    """Return, at every place, the number of `x` on the line along `axis` through it that `indices` names there."""
    at = axis % x.ndim
    return np.asarray(np.take_along_axis(x, counted_from_front(indices, x.shape[at]), axis=at))


def _scatter_along_shape(x: Shape, indices: Shape, *, size: int, axis: int) -> Shape:
    if len(x) != len(indices):
        raise ShapeError(
            "indices of shape {indices} need as many axes as {x}: one index for every number",
            indices=show(indices),
            x=show(x),
        )
    at = normal_axis(axis, len(x), x)
    both = broadcast(x, indices)
    if both[at] != indices[at]:
        raise ShapeError(
            "axis {axis} of {x} needs an index for every number, not {indices}",
            axis=at,
            x=show(x),
            indices=show(indices),
        )
    refuse_empty(both, size, (*both[:at], size, *both[at + 1 :]))
    return (*both[:at], size, *both[at + 1 :])


@recorded
def scatter_along_axis(x: Array, indices: Array, size: int, axis: int = -1) -> Array:
    """Return sums on an axis of `size`; each number of `x` is added where `indices` says on its line along the axis."""
    at = axis % x.ndim
    places, numbers = np.broadcast_arrays(counted_from_front(indices, size), x)
    shape = (*numbers.shape[:at], size, *numbers.shape[at + 1 :])
    inner = prod(shape[at + 1 :])
    lines = np.reshape(np.arange(prod(shape[:at])) * (size * inner), (*shape[:at], *(1,) * (len(shape) - at)))
    offsets = np.reshape(np.arange(inner), (1, *shape[at + 1 :]))
    total = np.zeros(prod(shape), x.dtype)
    np.add.at(total, np.reshape(lines + places * inner + offsets, -1), np.reshape(numbers, -1))
    return np.reshape(total, shape)


_AXIS: Final = Param(kind="axis", default=0, doc="the axis that indices name places of")
_LAST: Final = Param(kind="axis", default=-1, doc="the axis that indices name places of")
_SIZE: Final = Param(kind="integer", minimum=0, doc="the size of the axis of the result")
_TAKEN: Final[tuple[tuple[Shape, Shape, int], ...]] = (
    ((4,), (3,), 0),
    ((2, 4), (2, 2), 1),
    ((3,), (), 0),
    ((3, 3), (5,), -1),
    ((2, 3, 2), (4,), -2),
    ((2, 3), (0,), 0),
    ((0, 3), (2,), 1),
)
_TAKEN_ALONG: Final[tuple[tuple[Shape, Shape, int], ...]] = (
    ((2, 3), (2, 2), 1),
    ((3, 2), (1, 2), 0),
    ((3, 3), (3, 3), -1),
    ((3,), (5,), 0),
    ((2, 3, 2), (1, 4, 1), 1),
    ((1, 3), (2, 2), 1),
    ((2, 3), (2, 0), -1),
)
NOT_SELECTED: Final = {"x": "not selected"}


def below(*sizes: int) -> tuple[str, str]:
    """Return how to draw numbers, and indices that fit axes of all these sizes."""
    return ("normal", f"below {max(1, min(sizes, default=1))}")


TAKE: Final = Op(
    name="take",
    family="indexing",
    doc="Select slices along an axis by a tensor of indices, as a table is looked up. A slice that is selected several "
    "times gets the sum of the gradients.",
    inputs=("x", "indices"),
    forward=take,
    vjp={
        "x": lambda g, y, x, indices, axis: segment_sum(g, indices, size=x.shape[axis], axis=axis),
        "indices": None,
    },
    shape=_take_shape,
    dtype=selected_dtype,
    params={"axis": _AXIS},
    samples=tuple(Sample((x, indices), {"axis": axis}, below(x[axis])) for x, indices, axis in _TAKEN),
    symbol="x[i]",
    aliases=("np.take", "tf.gather", "torch.index_select", "torch.take", "Gather"),
    why_zero=NOT_SELECTED,
)

SEGMENT_SUM: Final = Op(
    name="segment_sum",
    family="indexing",
    doc="Add up the slices that have the same index: what goes back to a table after take. A sum of nothing is 0.",
    inputs=("x", "indices"),
    forward=segment_sum,
    vjp={"x": lambda g, y, x, indices, size, axis: take(g, indices, axis=axis), "indices": None},
    shape=_segment_shape,
    dtype=selected_dtype,
    params={"size": _SIZE, "axis": _AXIS},
    samples=tuple(
        Sample(
            (_take_shape(x, indices, axis=axis), indices),
            {"size": x[axis], "axis": axis},
            below(x[axis]),
        )
        for x, indices, axis in _TAKEN
    ),
    symbol="Σ[i]",
    aliases=("jax.ops.segment_sum", "tf.math.segment_sum", "tf.math.unsorted_segment_sum", "torch.bincount"),
    why_zero={"x": "what arrives is zero at the sum that it belongs to"},
)

INDEX_ADD: Final = Op(
    name="index_add",
    family="indexing",
    doc="Add slices of a source to the slices of x that the indices name; one that is named often gets all of them.",
    inputs=("x", "indices", "source"),
    forward=_index_add,
    vjp={
        "x": lambda g, y, x, indices, source, axis: g,
        "indices": None,
        "source": lambda g, y, x, indices, source, axis: take(g, indices, axis=axis),
    },
    shape=_index_add_shape,
    dtype=_index_add_dtype,
    params={"axis": _AXIS},
    samples=tuple(
        Sample((x, indices, _take_shape(x, indices, axis=axis)), {"axis": axis}, (*below(x[axis]), "normal"))
        for x, indices, axis in _TAKEN
    ),
    symbol="x[i]⁺",
    aliases=("torch.index_add", "tf.tensor_scatter_nd_add", "np.ufunc.at"),
    why_zero={"source": "what arrives is zero at the places of the indices"},
)

TAKE_ALONG_AXIS: Final = Op(
    name="take_along_axis",
    family="indexing",
    doc="Select, at every place, one number of the line along an axis, by a tensor of indices of the same rank. "
    "What is selected several times gets the sum of the gradients.",
    inputs=("x", "indices"),
    forward=take_along_axis,
    vjp={
        "x": lambda g, y, x, indices, axis: scatter_along_axis(g, indices, size=x.shape[axis], axis=axis),
        "indices": None,
    },
    shape=_along_shape,
    dtype=selected_dtype,
    params={"axis": _LAST},
    samples=tuple(Sample((x, indices), {"axis": axis}, below(x[axis])) for x, indices, axis in _TAKEN_ALONG),
    symbol="x[i|]",
    aliases=(
        "np.take_along_axis",
        "torch.gather",
        "torch.take_along_dim",
        "tf.experimental.numpy.take_along_axis",
        "GatherElements",
    ),
    why_zero=NOT_SELECTED,
)

SCATTER_ALONG_AXIS: Final = Op(
    name="scatter_along_axis",
    family="indexing",
    doc="Add every number, among zeros, at the place on its line along an axis that the indices name: what goes back "
    "after take_along_axis.",
    inputs=("x", "indices"),
    forward=scatter_along_axis,
    vjp={"x": lambda g, y, x, indices, size, axis: take_along_axis(g, indices, axis=axis), "indices": None},
    shape=_scatter_along_shape,
    dtype=selected_dtype,
    params={"size": _SIZE, "axis": _LAST},
    samples=tuple(
        Sample(
            (_along_shape(x, indices, axis=axis), indices),
            {"size": x[axis], "axis": axis},
            below(x[axis]),
        )
        for x, indices, axis in _TAKEN_ALONG
    ),
    symbol="[i|]⁺",
    aliases=("torch.Tensor.scatter_add", "torch.scatter_add", "np.put_along_axis", "ScatterElements"),
    why_zero={"x": "what arrives is zero at the places of the indices"},
)

OPS: tuple[Op, ...] = (TAKE, SEGMENT_SUM, INDEX_ADD, TAKE_ALONG_AXIS, SCATTER_ALONG_AXIS)
