"""Dtypes that a tensor may have, and the rules by which an operation chooses the dtype of its result."""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError

DTYPES: Final = tuple(
    np.dtype(name)
    for name in (
        "bool",
        *(f"int{bits}" for bits in (8, 16, 32, 64)),
        *(f"uint{bits}" for bits in (8, 16, 32, 64)),
        *(f"float{bits}" for bits in (16, 32, 64)),
    )
)
"""Every dtype that a leaf may have; names are NumPy's."""

Dtype = np.dtype[Any]


def is_float(dtype: Dtype) -> bool:
    """Tell whether tensors of this dtype can have a gradient."""
    return bool(np.issubdtype(dtype, np.floating))


def promote(*dtypes: Dtype, **_params: object) -> Dtype:
    """Return the dtype that NumPy promotes all the inputs to."""
    return np.result_type(*dtypes)


def promote_in_turn(*dtypes: Dtype, **_params: object) -> Dtype:
    """Return the dtype of a result to which one input after the other is joined, as in `x @ W + b`.

    That is not always what NumPy promotes all of them to: int16 and uint16 make int32, with float16 then float64.
    """
    return reduce(np.promote_types, dtypes)


def promote_numbers(*dtypes: Dtype, **_params: object) -> Dtype:
    """Return the promoted dtype; a `ShapeError` where all inputs are booleans, which NumPy does not calculate with."""
    dtype = np.result_type(*dtypes)
    if dtype.kind == "b":
        raise ShapeError("it calculates with numbers, not with booleans: turn them into numbers with astype first")
    return dtype


def quotient(*dtypes: Dtype, **_params: object) -> Dtype:
    """Return the promoted dtype where that is float, and float64 for integers and booleans of every size."""
    dtype = np.result_type(*dtypes)
    return dtype if is_float(dtype) else np.dtype(np.float64)


def promote_to_float(*dtypes: Dtype, **_params: object) -> Dtype:
    """Return the promoted dtype, or the float that NumPy's functions give for integers and booleans of that size.

    `np.exp`, `np.sqrt` and their like turn 8-bit integers into float16, 16-bit into float32, larger ones into float64.
    """
    dtype = np.result_type(*dtypes)
    return dtype if is_float(dtype) else np.exp(np.zeros((), dtype)).dtype


def boolean(*_dtypes: Dtype, **_params: object) -> Dtype:
    """Return bool, whatever the inputs are."""
    return np.dtype(bool)
