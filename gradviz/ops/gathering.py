"""Selecting by several indices at once, and the adjoint: the last axis of a tensor of indices counts along axes.

`gather_nd` looks slices up by the first axes of a tensor, `scatter_nd` puts slices back and adds up what meets; each
is the gradient of the other.
"""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.indexing import add_rows
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.selecting import NOT_SELECTED, below, counted_from_front, refuse_empty, selected_dtype
from gradviz.ops.shapes import show
from gradviz.ops.symbolic import recorded


def _named_axes(x: Shape, indices: Shape) -> int:
    """Return how many leading axes of `x` an index names: the size of the last axis of `indices`."""
    if not indices or indices[-1] > len(x):
        raise ShapeError(
            "the last axis of the indices {indices} names axes of {x}: its size is at most {count}",
            indices=show(indices),
            x=show(x),
            count=len(x),
        )
    return indices[-1]


def _gather_nd_shape(x: Shape, indices: Shape) -> Shape:
    count = _named_axes(x, indices)
    for size in x[:count]:
        refuse_empty(indices[:-1], size, x)
    return (*indices[:-1], *x[count:])


def _rows_named(indices: Array, sizes: Shape) -> Array:
    """Return, for every index of leading axes of `sizes`, which row of all of them together it names."""
    rows = np.zeros(indices.shape[:-1], np.int64)
    for axis, size in enumerate(sizes):
        rows = rows * size + counted_from_front(indices[..., axis], size)
    return rows


@recorded
def gather_nd(x: Array, indices: Array) -> Array:
    """Return the slices of `x` that the last axis of `indices` names by its leading axes."""
    count = indices.shape[-1]
    rows = np.reshape(x, (prod(x.shape[:count]), *x.shape[count:]))
    return np.asarray(np.take(rows, _rows_named(indices, x.shape[:count]), axis=0))


def _scatter_nd_shape(x: Shape, indices: Shape, *, shape: Shape) -> Shape:
    if -1 in shape:
        raise ShapeError("scatter_nd needs every size of its shape, not {shape}", shape=show(shape))
    expected = _gather_nd_shape(shape, indices)
    if x != expected:
        raise ShapeError(
            "indices of shape {indices} name {expected} places in {shape}, but there are {x} numbers to put there",
            indices=show(indices),
            expected=show(expected),
            shape=show(shape),
            x=show(x),
        )
    return shape


@recorded
def scatter_nd(x: Array, indices: Array, shape: Shape) -> Array:
    """Return zeros of `shape` with slices of `x` added in where the last axis of `indices` says."""
    count = indices.shape[-1]
    total = np.zeros((prod(shape[:count]), *shape[count:]), x.dtype)
    add_rows(total, _rows_named(indices, shape[:count]), x)
    return np.reshape(total, shape)


_GATHERED: Final[tuple[tuple[Shape, Shape], ...]] = (
    ((3, 2), (3, 2)),
    ((3, 2), (2, 1)),
    ((3, 3), (2, 2, 2)),
    ((2, 2, 3), (2, 4, 1)),
    ((3,), (1,)),
    ((2, 3), (2, 0)),
    ((2, 3), (0, 2)),
)

GATHER_ND: Final = Op(
    name="gather_nd",
    family="indexing",
    doc="Select slices by several indices at once: the last axis of the indices counts along the first axes of x. What "
    "is selected several times gets the sum of the gradients.",
    inputs=("x", "indices"),
    forward=gather_nd,
    vjp={"x": lambda g, y, x, indices: scatter_nd(g, indices, shape=x.shape), "indices": None},
    shape=_gather_nd_shape,
    dtype=selected_dtype,
    samples=tuple(Sample((x, indices), {}, below(*x[: indices[-1]])) for x, indices in _GATHERED),
    symbol="x[ij]",
    aliases=("tf.gather_nd", "GatherND"),
    why_zero=NOT_SELECTED,
)

SCATTER_ND: Final = Op(
    name="scatter_nd",
    family="indexing",
    doc="Add slices, among zeros of a shape, at the places that several indices at once name: what goes back after "
    "gather_nd.",
    inputs=("x", "indices"),
    forward=scatter_nd,
    vjp={"x": lambda g, y, x, indices, shape: gather_nd(g, indices), "indices": None},
    shape=_scatter_nd_shape,
    dtype=selected_dtype,
    params={"shape": Param(kind="shape", doc="the shape of the zeros")},
    samples=tuple(
        Sample((_gather_nd_shape(x, indices), indices), {"shape": x}, below(*x[: indices[-1]]))
        for x, indices in _GATHERED
    ),
    symbol="[ij]⁺",
    aliases=("tf.scatter_nd", "ScatterND"),
    why_zero={"x": "what arrives is zero at the places of the indices"},
)

OPS: tuple[Op, ...] = (GATHER_ND, SCATTER_ND)
