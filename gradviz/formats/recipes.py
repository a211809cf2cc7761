"""Recipes: tensors that a file describes instead of listing, and that are made when it is read.

Random values come from `numpy.random.default_rng(seed)` as float64 and are then cast, so that a recipe gives the same
tensor on every machine. Values are made in slices: beside the tensor itself hardly any memory is needed.

    ==========  ===================  =============================================
    recipe      arguments            value
    ==========  ===================  =============================================
    `normal`    mean, std, seed      drawn from a normal distribution
    `uniform`   low, high, seed      drawn evenly from low up to high, without high
    `zeros`     -                    0
    `ones`      -                    1
    `full`      value                this value
    `arange`    start, step          start, start + step, … in row-major order
    `eye`       k                    1 on a diagonal, k above the main one; rank 2
    ==========  ===================  =============================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import FormatError
from gradviz.formats.elements import NON_FINITE, cast_floats
from gradviz.graph import Recipe, Tensor
from gradviz.ops import Array, Dtype, Shape

RECIPES: Final[Mapping[str, Mapping[str, float]]] = {
    "normal": {"mean": 0.0, "std": 1.0, "seed": 0},
    "uniform": {"low": 0.0, "high": 1.0, "seed": 0},
    "zeros": {},
    "ones": {},
    "full": {"value": 0.0},
    "arange": {"start": 0.0, "step": 1.0},
    "eye": {"k": 0},
}
"""The arguments of each recipe, with what they are where a file does not say; floats may be any number."""

_SLICE: Final = 2**16
_LARGEST: Final = 2**63


def make_tensor(recipe: Recipe, shape: Shape, dtype: Dtype) -> Tensor:
    """Return the tensor that a recipe makes; raises `FormatError` for arguments that it cannot use.

    The caller has checked that the shape and its size are within limits.
    """
    arguments = _read_arguments(recipe)
    if recipe.kind == "eye" and len(shape) != 2:
        raise FormatError("the recipe eye makes matrices, and the shape is {shape}", shape=shape)
    array = np.empty(shape, dtype)
    flat = array.reshape(-1)
    make = _makers(shape, **arguments)[recipe.kind]
    for start in range(0, flat.size, _SLICE):
        positions = np.arange(start, min(start + _SLICE, flat.size))
        with np.errstate(all="ignore"):
            values = np.asarray(make(positions), np.float64)
        flat[start : start + _SLICE] = cast_floats(values, dtype)
    array.flags.writeable = False
    return Tensor(array, recipe)


def _read_arguments(recipe: Recipe) -> dict[str, float]:
    """Return the arguments that the recipe knows, checked; others are left to survive as they are."""
    if recipe.kind not in RECIPES:
        raise FormatError("there is no recipe {kind}; recipes are {known}", kind=recipe.kind, known=", ".join(RECIPES))
    known = RECIPES[recipe.kind]
    arguments = {
        name: _read_argument(name, recipe.arguments.get(name, default), default) for name, default in known.items()
    }
    if arguments.get("std", 0) < 0:
        raise FormatError("std is a distance, so it is not negative: {std}", std=arguments["std"])
    if recipe.kind == "uniform" and not 0 <= arguments["high"] - arguments["low"] < math.inf:
        raise FormatError("high must be at least low, within the range of floats")
    return arguments


def _read_argument(name: str, value: object, default: float) -> float:
    if name == "value" and isinstance(value, str) and value in NON_FINITE:
        return NON_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= _LARGEST:
        raise FormatError("{name} must be a number", name=name)
    if not isinstance(default, int):
        return float(value)
    if not isinstance(value, int) or (name == "seed" and value < 0):
        raise FormatError("{name} must be a whole number{bound}", name=name, bound=" from 0" * (name == "seed"))
    return value


def _makers(shape: Shape, seed: float = 0, **known: float) -> Mapping[str, Callable[[Array], Any]]:
    """Return, by recipe, the function from positions (row-major) to values; slices are asked for in order."""
    generator = np.random.default_rng(int(seed))
    width = max(shape[-1], 1) if shape else 1
    return {
        "normal": lambda at: generator.normal(known["mean"], known["std"], at.size),
        "uniform": lambda at: generator.uniform(known["low"], known["high"], at.size),
        "zeros": lambda at: np.zeros(at.size),
        "ones": lambda at: np.ones(at.size),
        "full": lambda at: np.full(at.size, known["value"]),
        "arange": lambda at: known["start"] + known["step"] * at,
        "eye": lambda at: at % width - at // width == known["k"],
    }
