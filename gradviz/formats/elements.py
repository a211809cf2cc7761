"""Elements of tensors: plain numbers to arrays and back, each checked to fit its dtype.

As plain values, elements are what JSON has: booleans, integers, floats, and the strings "nan", "inf" and "-inf".
A float32 is written with the fewest digits that name it, so `0.1` stays `0.1`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from gradviz.errors import FormatError
from gradviz.ops import Array, Dtype, Shape

NON_FINITE: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
"""How the floats that JSON cannot name are written."""

_EXACT: Final = 2.0**53
_ALLOWED: Final = {"b": (bool,), "i": (int,), "u": (int,), "f": (int, float, str)}
_NOUNS: Final = {"b": "true or false", "i": "a whole number", "u": "a whole number", "f": "a number"}


def array_of(items: Sequence[Any], shape: Shape, dtype: Dtype) -> Array:
    """Return plain values, in row-major order, as an array; `items` must be as many as the shape takes.

    Raises `FormatError` for the first value that is none of this dtype or does not fit into it.
    """
    allowed = _ALLOWED[dtype.kind]
    if not set(map(type, items)) <= set(allowed):
        odd = next(item for item in items if type(item) not in allowed)
        raise FormatError("{value} is not {noun}, as {dtype} needs", **_facts(odd, dtype))
    numbers = [_number(item) if isinstance(item, str) else item for item in items] if dtype.kind == "f" else items
    try:
        with np.errstate(all="ignore"):
            array = np.array(numbers, dtype)
    except OverflowError as error:
        raise _does_not_fit(next(item for item in numbers if not _fits(item, dtype)), dtype) from error
    if dtype.kind == "f":
        _refuse_overflow(np.array(numbers, np.float64), array)
    return array.reshape(shape)


def cast_floats(values: Array, dtype: Dtype) -> Array:
    """Return float64 values in another dtype: integers are cut towards zero, booleans tell what is not zero.

    Raises `FormatError` for the first value that does not fit.
    """
    if dtype.kind == "b":
        return np.asarray(values != 0)
    with np.errstate(all="ignore"):
        if dtype.kind == "f":
            array = values.astype(dtype)
            _refuse_overflow(values, array)
            return array
        whole = np.trunc(values)
        bounds = np.iinfo(dtype)
        fits = (whole >= float(bounds.min)) & (whole < float(bounds.max) + 1)
        if not fits.all():
            raise _does_not_fit(float(values[~fits].flat[0]), dtype)
        return whole.astype(dtype)


def array_as_json(array: Array) -> dict[str, Any]:
    """Return an array as the JSON that programs exchange: its dtype, its shape, and nested lists of its elements.

    Floats that are not finite are the strings "NaN", "Infinity" and "-Infinity".
    """
    table = np.empty(array.size, object)
    table[:] = [_exchanged(item) for item in array.reshape(-1).tolist()]
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": table.reshape(array.shape).tolist()}


def _exchanged(item: float) -> float | str:
    if math.isfinite(item):
        return item
    return "NaN" if math.isnan(item) else "Infinity" if item > 0 else "-Infinity"


def items_of(array: Array) -> Any:
    """Return an array as nested lists of plain values; one value where the rank is 0."""
    if array.dtype.kind != "f":
        return array.tolist()
    table = np.empty(array.size, object)
    table[:] = [plain_number(float(str(value))) for value in array.flat]
    return table.reshape(array.shape).tolist()


def plain_number(value: float) -> float | int | str:
    """Return a float as JSON writes it best: whole ones without a fraction, and as a string where JSON has no word."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    is_whole = value.is_integer() and abs(value) < _EXACT and math.copysign(1, value) == (1 if value >= 0 else -1)
    return int(value) if is_whole else value


def _number(word: str) -> float:
    if word not in NON_FINITE:
        raise FormatError('{value} is not a number; words for numbers are "nan", "inf" and "-inf"', value=_shown(word))
    return NON_FINITE[word]


def _fits(number: float, dtype: Dtype) -> bool:
    if dtype.kind == "f":
        return not isinstance(number, int) or abs(number) <= sys.float_info.max
    return int(np.iinfo(dtype).min) <= number <= int(np.iinfo(dtype).max)


def _refuse_overflow(values: Array, array: Array) -> None:
    lost = np.isinf(array) & ~np.isinf(values)
    if lost.any():
        raise _does_not_fit(float(values[lost].flat[0]), array.dtype)


def _does_not_fit(value: float, dtype: Dtype) -> FormatError:
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return FormatError(
        "{value} does not fit into {dtype}, which reaches from {smallest:.6g} to {largest:.6g}",
        **_facts(value, dtype),
        smallest=float(limits.min),
        largest=float(limits.max),
    )


def _facts(value: object, dtype: Dtype) -> dict[str, str]:
    return {"value": _shown(value), "dtype": dtype.name, "noun": _NOUNS[dtype.kind]}


def _shown(value: object) -> str:
    """Return a plain value as it stands in a file, cut where it is long."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    text = (
        f"{value:.3e}" if isinstance(value, int) and abs(value) > 10**20 and abs(value) < 10**300 else _as_json(value)
    )
    return text if len(text) <= 40 else text[:39] + "…"


def _as_json(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return "a number of hundreds of digits" if isinstance(value, int) and abs(value) >= 10**300 else json.dumps(value)
