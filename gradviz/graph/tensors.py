"""Arrays that a document may hold: made from what a person or a program hands over, compared bit by bit."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from gradviz.errors import EditRefusedError
from gradviz.graph.limits import LIMITS
from gradviz.graph.model import Array, Tensor
from gradviz.ops import DTYPES, Dtype, Shape


def as_tensor(value: Tensor | ArrayLike) -> Tensor:
    """Return a tensor of what is one, an array, a number or nested lists; the array is copied unless it is its own.

    Raises `EditRefusedError` for ragged lists, for gaps, for dtypes that gradviz has not, and for more elements than
    the limit.
    """
    array = _as_array(value.array if isinstance(value, Tensor) else value)
    _refuse_unfit(array)
    if isinstance(value, Tensor) and array is value.array and array.dtype.isnative:
        return value
    native = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    return Tensor(_own(native), value.recipe if isinstance(value, Tensor) else None)


def _refuse_unfit(array: Array) -> None:
    """Refuse what gradviz cannot compute with, before any of it is copied."""
    if array.dtype.kind == "O":
        raise EditRefusedError("this is no tensor: it holds something other than numbers, or integers beyond 64 bits")
    if array.dtype.kind not in "biuf" or array.dtype.newbyteorder("=") not in DTYPES:
        raise EditRefusedError(
            "a tensor cannot have dtype {dtype}; use {dtypes}",
            dtype=array.dtype,
            dtypes=", ".join(dtype.name for dtype in DTYPES),
        )
    if array.size > LIMITS.elements:
        raise EditRefusedError(
            "a tensor of shape {shape} has {count:,} elements; the limit is {limit:,}",
            shape=array.shape,
            count=array.size,
            limit=LIMITS.elements,
        )


def _as_array(value: Any) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise EditRefusedError("a masked array has gaps, which a tensor cannot have: fill them, with .filled(0) say")
    try:
        return np.asarray(value)
    except _FAILURES as error:
        why = "its rows have different lengths, or it holds no numbers"
        if not isinstance(value, list | tuple):  # PyTorch, for one, tells its users what they forgot
            why = str(error).partition("\n")[0][:_LONGEST_REASON] or f"{type(value).__name__} gives no numbers"
        raise EditRefusedError("this is no tensor: {why}", why=why) from error


_FAILURES: Final = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""What the objects of other libraries raise where they do not become arrays."""
_LONGEST_REASON: Final = 200


def _own(array: Array) -> Array:
    """Return a read-only array that no writable one shares memory with, as a read-only view of one would."""
    if array.flags.writeable or array.base is not None:
        array = array.copy()
        array.flags.writeable = False
    return array


def are_same_bits(a: Array, b: Array) -> bool:
    """Tell whether two arrays have the same dtype, shape and bits: NaN equals NaN, and 0 is not −0."""
    if a is b:
        return True
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return bool(np.array_equal(_bytes_of(a), _bytes_of(b)))


def _bytes_of(array: Array) -> Array:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def are_same_tensors(a: Tensor, b: Tensor) -> bool:
    """Tell whether two tensors have the same bits and were made by the same recipe."""
    if a is b:
        return True
    return _recipe_of(a) == _recipe_of(b) and are_same_bits(a.array, b.array)


def _recipe_of(tensor: Tensor) -> tuple[str, dict[str, Any]] | None:
    return None if tensor.recipe is None else (tensor.recipe.kind, dict(tensor.recipe.arguments))


def is_cell(index: tuple[int, ...], shape: Shape) -> bool:
    """Tell whether a tensor of this shape has a cell of this index: one whole number per axis, counted from 0."""
    return len(index) == len(shape) and all(
        isinstance(i, int | np.integer) and not isinstance(i, bool) and 0 <= i < size
        for i, size in zip(index, shape, strict=True)
    )


def with_cell(array: Array, index: tuple[int, ...], value: Any) -> Array:
    """Return a copy of an array with one cell replaced.

    Raises `EditRefusedError` where there is no such cell, or its dtype cannot hold the value.
    """
    _refuse_outside(array, index)
    cell = _as_cell(array.dtype, value)
    copy = array.copy()
    copy[index] = cell
    return copy


def _refuse_outside(array: Array, index: tuple[int, ...]) -> None:
    if not is_cell(index, array.shape):
        raise EditRefusedError("there is no cell {index} in a tensor of shape {shape}", index=index, shape=array.shape)


def _as_cell(dtype: Dtype, value: Any) -> Array:
    given = np.asarray(value)
    is_number = given.ndim == 0 and given.dtype.kind in "biuf"
    with np.errstate(all="ignore"):
        cell = given.astype(dtype) if is_number and (dtype.kind == "f" or np.all(np.isfinite(given))) else None
    if cell is None or not _holds(cell, given):
        raise EditRefusedError("a cell of dtype {dtype} cannot hold {value}", dtype=dtype, value=str(value)[:40])
    return cell


def _holds(cell: Array, given: Array) -> bool:
    """Tell whether a cell is what was given: rounded, for floats, but neither cut off nor grown to infinity."""
    if cell.dtype.kind == "f":
        return bool(np.isfinite(cell) == np.isfinite(given))
    return bool(cell == given) if cell.dtype.kind != "b" else given.item() in {0, 1}
