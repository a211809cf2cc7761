"""What becomes of a leaf's tensor when a person types values, another dtype, another shape, or an argument."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from gradviz.errors import FormatError
from gradviz.formats import make_tensor, parse_array
from gradviz.graph import LIMITS, Array, Recipe, Tensor

MOST_TYPED = 64
"""A tensor of more numbers is not shown as text that can be edited."""

MOST_AXES = 32


def as_typed(array: Array) -> str:
    """Return a small tensor as a person would type it, a row a line; nothing for a large or empty one."""
    if array.size > MOST_TYPED or array.size == 0:
        return ""
    if array.ndim > 2:
        return str(array.tolist()).replace("True", "true").replace("False", "false")
    return "\n".join(" ".join(_number(item) for item in row) for row in np.atleast_2d(array))


def _number(item: Any) -> str:
    return str(item).lower().removesuffix(".0")


def typed(tensor: Tensor, text: str) -> Tensor:
    """Return the tensor of typed values, in the dtype that the leaf has; raises `FormatError`."""
    return Tensor(parse_array(text, tensor.array.dtype))


def cast(tensor: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """Return the tensor in another dtype: made anew by its recipe, or number by number.

    Raises `FormatError` where an integer dtype cannot hold a number.
    """
    if tensor.recipe is not None:
        return make_tensor(tensor.recipe, tensor.array.shape, dtype)
    array = tensor.array
    if dtype.kind in "iu" and array.dtype.kind in "fiu":
        bounds = np.iinfo(dtype)
        if not np.all(np.isfinite(array)) or np.any(array < bounds.min) or np.any(array > bounds.max):
            raise FormatError("some of these numbers do not fit into {dtype}", dtype=dtype.name)
    with np.errstate(all="ignore"):
        return Tensor(array.astype(dtype))


def reshaped(tensor: Tensor, text: str) -> Tensor:
    """Return a tensor of the typed shape: made anew by its recipe, rearranged, or cut and filled up with zeros."""
    shape = read_shape(text)
    if tensor.recipe is not None:
        return make_tensor(tensor.recipe, shape, tensor.array.dtype)
    if math.prod(shape) == tensor.array.size:
        return Tensor(tensor.array.reshape(shape))
    filled = np.zeros(shape, tensor.array.dtype)
    if len(shape) == tensor.array.ndim:
        common = tuple(slice(min(new, old)) for new, old in zip(shape, tensor.array.shape, strict=True))
        filled[common] = tensor.array[common]
    else:
        kept = min(filled.size, tensor.array.size)
        filled.reshape(-1)[:kept] = tensor.array.reshape(-1)[:kept]
    return Tensor(filled)


def write_shape(shape: tuple[int, ...]) -> str:
    """Return a shape as a person would type it; nothing for a scalar."""
    return ", ".join(map(str, shape))


def read_shape(text: str) -> tuple[int, ...]:
    """Return the shape that a person typed; raises `FormatError` for what is none, or is too large."""
    words = _TIMES.sub(" ", text).translate(_PARTED).split()
    if not all(word.isascii() and word.isdigit() and len(word) < 12 for word in words):
        raise FormatError("a shape is sizes from 0, such as 2, 3 (nothing for a scalar), not {text!r}", text=text)
    shape = tuple(int(word) for word in words)
    if math.prod(shape) > LIMITS.elements or len(shape) > MOST_AXES:
        raise FormatError(
            "a tensor of shape {shape} is too large: at most {most:,} numbers, and {axes} axes",
            shape=shape,
            most=LIMITS.elements,
            axes=MOST_AXES,
        )
    return shape


_TIMES = re.compile(r"(?<=\d)\s*[×xX]\s*(?=\d)")
_PARTED = str.maketrans(dict.fromkeys("()[],", " "))


def with_argument(recipe: Recipe, name: str, text: str, *, is_whole: bool) -> Recipe:
    """Return a recipe with another argument, read from what was typed; raises `FormatError` where it is no number."""
    array = parse_array(text)
    if array.ndim or array.dtype.kind not in "if":
        raise FormatError("{name} is one number", name=name)
    value = array.item()
    if is_whole and not (math.isfinite(value) and value == round(value)):
        raise FormatError("{name} is a whole number", name=name)
    number = int(value) if is_whole else value if math.isfinite(value) else str(value)
    return Recipe(recipe.kind, {**recipe.arguments, name: number})
