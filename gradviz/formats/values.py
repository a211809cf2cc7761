"""Tensors as JSON: a dtype, a shape, and either nested lists, the base64 of a .npy body, or a recipe.

    {"dtype": "float64", "shape": [2, 2], "data": [[1, 2], [3, 4]]}
    {"dtype": "float32", "shape": [64, 64], "npy": "k05VTVBZAQB2AHsnZGVzY3In…"}
    {"dtype": "float32", "recipe": "normal", "shape": [2, 3], "mean": 0, "std": 0.5, "seed": 7}

The shape is always written: an empty tensor has no other way to say it. Shape and dtype are checked, and what the
tensor will take is counted against the limits, before anything of that size is made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from gradviz.errors import FormatError, LimitError
from gradviz.formats.elements import array_of, items_of
from gradviz.formats.npy import read_npy, write_npy
from gradviz.formats.recipes import RECIPES, make_tensor
from gradviz.graph import Limits, OneHot, Recipe, Tensor
from gradviz.ops import DTYPES, Array, Dtype, Shape

_LISTED: Final = 1024
"""Tensors of more elements are written as npy."""
_NESTED: Final = 32
"""Tensors of more axes too: their lists would be nested deeper than a file may be."""
_KINDS: Final = ("data", "npy", "recipe")


class Allowance:
    """What tensors may still take while one file is read."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.total_bytes

    def take(self, shape: Shape, dtype: Dtype) -> None:
        """Count a tensor that is about to be made; raises `LimitError` where it, or all of them, are too large."""
        elements = math.prod(max(size, 1) for size in shape)
        if elements > self._limits.elements:
            raise LimitError(
                "a tensor of shape {shape} has more than {limit:,} elements", shape=shape, limit=self._limits.elements
            )
        self._left -= elements * dtype.itemsize
        if self._left < 0:
            raise LimitError("all tensors together take more than {limit:,} bytes", limit=self._limits.total_bytes)


def read_tensor(value: object, allowance: Allowance) -> tuple[Tensor, dict[str, Any]]:
    """Return the tensor that JSON stands for, and those of its keys that gradviz does not know.

    Raises `FormatError` and `LimitError`, which do not name the node.
    """
    if not isinstance(value, dict):
        raise FormatError('a tensor is an object such as {{"dtype": "float64", "shape": [2], "data": [1, 2]}}')
    dtype, shape = _read_dtype(value), _read_shape(value)
    kinds = [kind for kind in _KINDS if kind in value]
    if len(kinds) != 1:
        raise FormatError(
            "a tensor has one of data, npy and recipe, and here is {found}", found=" and ".join(kinds) or "none"
        )
    allowance.take(shape, dtype)
    rest = {key: item for key, item in value.items() if key not in ("dtype", "shape", *kinds)}
    if kinds == ["recipe"]:
        return make_tensor(Recipe(_read_kind(value["recipe"]), rest), shape, dtype), {}
    array = _read_data(value["data"], shape, dtype) if kinds == ["data"] else read_npy(value["npy"], shape, dtype)
    array.flags.writeable = False
    return Tensor(array), rest


def read_one_hot(index: object) -> OneHot:
    """Return the selector of a cell that JSON names by one number per axis; raises `FormatError` for what is none."""
    if not isinstance(index, list) or not all(type(number) is int and 0 <= number <= _LARGEST for number in index):
        raise FormatError("one_hot must be a list of numbers from 0, one per axis, such as [0, 1]")
    return OneHot(tuple(index))


def write_tensor(tensor: Tensor, rest: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a tensor as JSON, with the keys that came with it; its recipe where it has one, else its elements."""
    array, recipe = tensor.array, tensor.recipe
    shape = list(array.shape)
    if recipe is not None:
        return {"dtype": array.dtype.name, "recipe": recipe.kind, "shape": shape, **recipe.arguments}
    if array.size > _LISTED or array.ndim > _NESTED:
        return {"dtype": array.dtype.name, "shape": shape, "npy": write_npy(array), **(rest or {})}
    return {"dtype": array.dtype.name, "shape": shape, "data": items_of(array), **(rest or {})}


def _read_dtype(value: Mapping[str, Any]) -> Dtype:
    name = value.get("dtype")
    known = {dtype.name: dtype for dtype in DTYPES}
    if not isinstance(name, str) or name not in known:
        raise FormatError("dtype must be one of {known}", known=", ".join(known))
    return known[name]


def _read_shape(value: Mapping[str, Any]) -> Shape:
    shape = value.get("shape")
    is_shape = isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape)
    if not isinstance(shape, list) or not is_shape:
        raise FormatError("shape must be a list of sizes from 0, such as [2, 3]; a single number has the shape []")
    if len(shape) > _MOST_AXES or any(size > _LARGEST for size in shape):
        raise LimitError("a tensor has at most {axes} axes, each of at most 2**62", axes=_MOST_AXES)
    return tuple(shape)


_MOST_AXES: Final = 64
_LARGEST: Final = 2**62


def _read_kind(kind: object) -> str:
    if not isinstance(kind, str):
        raise FormatError("recipe must be one of {known}", known=", ".join(RECIPES))
    return kind


def _read_data(data: Any, shape: Shape, dtype: Dtype) -> Array:
    """Return nested lists as an array, one axis after the other; no list is longer or shorter than the shape says."""
    level = [data]
    for axis, size in enumerate(shape):
        for item in level:
            if not isinstance(item, list) or len(item) != size:
                raise _does_not_fill(item, shape, axis)
        level = list(chain.from_iterable(level))
    if any(isinstance(item, list) for item in level):
        raise FormatError("the data are nested deeper than the shape {shape} says", shape=shape)
    return array_of(level, shape, dtype)


def _does_not_fill(odd: object, shape: Shape, axis: int) -> FormatError:
    found = f"a list of {len(odd)}" if isinstance(odd, list) else "a single value"
    return FormatError(
        "the data do not fill the shape {shape}: {found} where a list of {size} belongs",
        shape=shape,
        found=found,
        size=shape[axis],
    )
