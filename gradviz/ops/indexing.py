"""Indexing: choosing elements, and its adjoint, putting elements back where they came from.

An index is what stands between the brackets of NumPy's `x[...]`: a tuple of ints, slices, `...`, `None`, integer
arrays and boolean masks, with NumPy's meaning. What was not selected has gradient 0; what was selected more than
once gets the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops.dtypes import Dtype
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import broadcast, counted, normal_axis, show
from gradviz.ops.symbolic import recorded

Index = tuple[Any, ...]


def _is_array(item: Any) -> bool:
    return isinstance(item, np.ndarray)


def _is_mask(item: Any) -> bool:
    return _is_array(item) and item.dtype.kind == "b"


def _is_number(item: Any) -> bool:
    """Tell whether an item is one number: NumPy takes an integer array of rank 0 for one, too."""
    return isinstance(item, int | np.integer) or (_is_array(item) and not _is_mask(item) and item.ndim == 0)


def _width(item: Any) -> int:
    """Return how many axes of the tensor an item of an index uses up; an ellipsis takes what is left."""
    if item is None or item is ...:
        return 0
    return int(item.ndim) if _is_mask(item) else 1


def selected(x: Shape, *, index: Index) -> Shape:
    """Return the shape of `x[index]`; a `ShapeError` tells what is out of range, too much, or does not fit."""
    items = index if any(item is ... for item in index) else (*index, ...)
    rest = len(x) - sum(map(_width, items))
    if sum(item is ... for item in items) > 1:
        raise ShapeError("an index may have one ellipsis, not more")
    if rest < 0:
        named = counted(len(x) - rest, "axis", "axes")
        raise ShapeError("the index names {named}, but the shape is {x}", named=named, x=show(x))
    parts: list[Shape] = []
    axis = 0
    for item in items:
        width = rest if item is ... else _width(item)
        parts.append(_selected_part(x, item, range(axis, axis + width)))
        axis += width
    return _joined(items, parts)


def _selected_part(x: Shape, item: Any, axes: range) -> Shape:
    """Return the shape that one item makes of its axes of `x`."""
    sizes = x[axes.start : axes.stop]
    if item is None:
        return (1,)
    if item is ...:
        return sizes
    if isinstance(item, slice):
        return (len(range(*item.indices(sizes[0]))),)
    if _is_mask(item):
        if item.shape != sizes:
            raise ShapeError(
                "a mask of shape {mask} does not fit axes of sizes {sizes} of {x}",
                mask=show(item.shape),
                sizes=show(sizes),
                x=show(x),
            )
        return (int(np.count_nonzero(item)),)
    _refuse_outside(x, item, axes.start)
    return np.shape(item)


def _refuse_outside(x: Shape, item: Any, axis: int) -> None:
    size = x[axis]
    numbers = np.asarray(item)
    outside = numbers[(numbers < -size) | (numbers >= size)]
    if outside.size:
        raise ShapeError(
            "index {index} is out of range: axis {axis} of {x} has size {size}",
            index=int(outside.flat[0]),
            axis=axis,
            x=show(x),
            size=size,
        )


def _joined(items: Sequence[Any], parts: Sequence[Shape]) -> Shape:
    """Return all parts in order; those of arrays broadcast to one, as NumPy does.

    It stands where the arrays stand if they (and the ints among them) are neighbours, else in front.
    """
    plain: list[Shape] = [() if _is_number(item) else part for item, part in zip(items, parts, strict=True)]
    if all(not _is_array(item) or _is_number(item) for item in items):
        return sum(plain, ())
    places = [i for i, item in enumerate(items) if _is_array(item) or _is_number(item)]
    try:
        chosen = broadcast(*(parts[i] for i in places))
    except ShapeError as error:
        raise ShapeError("the arrays of an index must broadcast with each other: {why}", why=str(error)) from error
    are_neighbours = places[-1] - places[0] + 1 == len(places)
    start = places[0] if are_neighbours else 0
    return sum(
        (*plain[:start], chosen, *(part for i, part in enumerate(plain) if i >= start and i not in places)),
        (),
    )


def _scattered(x: Shape, *, index: Index, shape: Shape) -> Shape:
    if -1 in shape:
        raise ShapeError("scatter needs every size of its shape, not {shape}", shape=show(shape))
    places = selected(shape, index=index)
    if places != x:
        raise ShapeError(
            "the index names {places} places in {shape}, but there are {x} numbers to put there",
            places=show(places),
            shape=show(shape),
            x=show(x),
        )
    return shape


def add_rows(total: Array, places: Array, rows: Array) -> None:
    """Add row after row to the rows of `total` that `places` names; a place that is named often gets all of them.

    `total` is C-contiguous and is changed in place. Places are counted from the front and lie inside. Numbers are added
    one by one because NumPy has a fast way for a single axis only, where it is as fast as `np.bincount` and exact in
    every dtype.
    """
    width = prod(total.shape[1:])
    cells = np.reshape(places, (-1, 1)) * width + np.arange(width)
    np.add.at(np.reshape(total, -1), np.reshape(cells, -1), np.reshape(rows, -1))


@recorded
def scatter(x: Array, index: Index, shape: Shape) -> Array:
    """Return zeros of `shape` with `x` added in at `[index]`; places that are named more than once get the sum."""
    result = np.zeros(shape, x.dtype)
    if not any(_is_array(item) and not _is_mask(item) for item in index):
        result[index] = x  # nothing is named twice
    elif result.size > _SPARSE * x.size:
        np.add.at(result, index, x)
    else:
        cells = np.reshape(np.arange(result.size), shape)[index]
        np.add.at(np.reshape(result, -1), np.reshape(cells, -1), np.reshape(x, -1))
    return result


_SPARSE: Final = 16
"""How many times more cells than numbers there must be for the cells not to be worth counting."""


@recorded
def one_hot(x: Array, depth: int, axis: int = -1, dtype: str = "float64") -> Array:
    """Return a new axis of size `depth` that is 1 at the place that `x` names, 0 elsewhere.

    Raises `ComputeError` where a number is not one of 0 … depth - 1.
    """
    outside = x[(x < 0) | (x >= depth)]
    if outside.size:
        raise ComputeError(
            "there is no class {label} among {depth} classes: labels go from 0 to {last}",
            label=int(outside.flat[0]),
            depth=depth,
            last=depth - 1,
        )
    at = axis % (x.ndim + 1)
    classes = np.reshape(np.arange(depth), (depth, *(1,) * (x.ndim - at)))
    return np.asarray(np.expand_dims(x, at) == classes).astype(dtype)


def _one_hot_shape(x: Shape, *, depth: int, axis: int, dtype: str) -> Shape:
    at = normal_axis(axis, len(x) + 1, (*x, depth))
    return (*x[:at], depth, *x[at:])


def _one_hot_dtype(x: Dtype, *, depth: int, axis: int, dtype: str) -> Dtype:
    if x.kind not in "iu":
        raise ShapeError("labels are numbers of classes: integers, not {dtype}", dtype=x.name)
    return np.dtype(dtype)


_INDEX: Final = Param(kind="index", doc="what stands between the brackets of x[…]")


def _array(*numbers: int) -> Array:
    values = np.array(numbers, np.int64)
    values.flags.writeable = False
    return values


def _mask(*rows: Any) -> Array:
    values = np.array(rows, bool)
    values.flags.writeable = False
    return values


_CASES: Final[tuple[tuple[Shape, Index], ...]] = (
    ((2, 2), (0, 1)),
    ((4,), (slice(1, 3),)),
    ((5,), (slice(None, None, 2),)),
    ((4,), (slice(None, None, -1),)),
    ((3, 3), (-1,)),
    ((2, 3), (None, slice(None), 2)),
    ((2, 2, 3), (..., 0)),
    ((2, 3, 4), (slice(None), ..., slice(3, 0, -2))),
    ((3,), (slice(2, 2),)),
    ((), (...,)),
    ((4,), (_array(0, 0, 3),)),
    ((3, 3), (_array(0, 2), _array(1, 1))),
    ((2, 3), (_mask((True, False, True), (False, True, False)),)),
    ((3, 2), (_mask(True, False, True), slice(None, None, -1))),
    ((3, 4), (slice(1, None), _array(2, 0, 2))),
    ((2, 3, 4), (_array(1, 0), slice(None), _array(-1, -1))),
    ((2, 3, 4), (0, slice(None), _array(3, 3))),
    ((0, 3), (slice(None), _array(1, 1))),
)

GETITEM: Final = Op(
    name="getitem",
    family="indexing",
    doc="Select elements as NumPy's x[…] does. The gradient of what was not selected is 0; what was selected twice "
    "gets the sum.",
    inputs=("x",),
    forward=lambda x, index: x[index],
    vjp={"x": lambda g, y, x, index: scatter(g, index=index, shape=x.shape)},
    shape=selected,
    params={"index": _INDEX},
    samples=tuple(Sample((shape,), {"index": index}) for shape, index in _CASES),
    symbol="[ ]",
    aliases=(
        "[]",
        "index",
        "slice",
        "np.ndarray.__getitem__",
        "tf.strided_slice",
        "tf.slice",
        "torch.Tensor.__getitem__",
        "torch.select",
        "torch.narrow",
        "Slice",
    ),
    why_zero={"x": "not selected"},
)

SCATTER: Final = Op(
    name="scatter",
    family="indexing",
    doc="Put numbers at the places of an index, among zeros of a shape; places named twice get the sum.",
    inputs=("x",),
    forward=scatter,
    vjp={"x": lambda g, y, x, index, shape: g[index]},
    shape=_scattered,
    params={"index": _INDEX, "shape": Param(kind="shape", doc="the shape of the zeros")},
    samples=tuple(Sample((selected(s, index=index),), {"index": index, "shape": s}) for s, index in _CASES),
    symbol="[ ]⁺",
    aliases=("np.add.at", "torch.index_put"),
    why_zero={"x": "what arrives is zero at the places of the index"},
)

ONE_HOT: Final = Op(
    name="one_hot",
    family="indexing",
    doc="Turn the number of a class into a row with a 1 at its place; integers have no gradient.",
    inputs=("x",),
    forward=one_hot,
    vjp={"x": None},
    shape=_one_hot_shape,
    dtype=_one_hot_dtype,
    params={
        "depth": Param(kind="integer", minimum=1, doc="the number of classes"),
        "axis": Param(kind="axis", default=-1, doc="where in the result the axis of classes stands"),
        "dtype": Param(kind="dtype", default="float64", doc="the dtype of the result"),
    },
    samples=(
        Sample(((3,),), {"depth": 4, "axis": -1, "dtype": "float64"}, ("below 4",)),
        Sample(((2, 3),), {"depth": 3, "axis": 0, "dtype": "float64"}, ("below 3",)),
        Sample(((2, 3),), {"depth": 2, "axis": 1, "dtype": "bool"}, ("below 2",)),
        Sample(((),), {"depth": 2, "axis": -1, "dtype": "float32"}, ("below 2",)),
        Sample(((0,),), {"depth": 3, "axis": -1, "dtype": "float64"}, ("below 3",)),
    ),
    symbol="1ₖ",
    aliases=("tf.one_hot", "torch.nn.functional.one_hot", "jax.nn.one_hot", "OneHot"),
)

OPS: tuple[Op, ...] = (GETITEM, SCATTER, ONE_HOT)
