"""The parameters of an operation: what each may be, read strictly and written back as JSON.

A parameter travels in three forms: as JSON in a file, canonical in a document (immutable Python values: tuples for
lists, `slice`, `...`, `None` and read-only arrays inside an index), and as text in an editor.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import DTYPES

Kind = Literal[
    "integer",
    "integers",
    "number",
    "flag",
    "axis",
    "axes",
    "permutation",
    "shape",
    "sizes",
    "widths",
    "pairing",
    "index",
    "dtype",
    "equation",
    "choice",
]


class Required:
    """The type of `REQUIRED`: a parameter that has no default."""

    def __repr__(self) -> str:
        """Say what it stands for."""
        return "REQUIRED"


REQUIRED: Final = Required()


@dataclass(frozen=True, kw_only=True)
class Param:
    """One parameter of an op.

    `kind` says what it may be: `integer`; `integers` (an int, or a list of them); `number` (a finite float or int;
    where it is `infinite`, "inf" and "-inf" as well); `flag`; `axis` (an int); `axes` (an int, or ints without
    repetition); `permutation` (ints); `shape` (ints ≥ 0, one may be -1); `sizes` (an int ≥ 0, or a pair of them);
    `widths` (an int ≥ 0, or pairs of them); `pairing` (an int ≥ 0, or two lists of axes); `index` (what stands between
    the brackets of `x[...]`); `dtype` (a name); `equation` (of einsum); `choice` (one of `choices`). `optional`
    parameters may be None as well.
    """

    kind: Kind
    default: Any = REQUIRED
    doc: str = ""
    optional: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    infinite: bool = False

    def read(self, name: str, value: object) -> Any:
        """Return `value` (JSON or canonical) in canonical form, or raise a `ShapeError` that says what is expected."""
        if value is None and self.optional:
            return None
        read = _READERS[self.kind]
        return read(self, name, value)

    def write(self, value: Any) -> Any:
        """Return a canonical value as JSON: numbers, strings, booleans, None and lists of them."""
        if self.kind == "index":
            return [_item_as_json(item) for item in value]
        return _as_json(value)


def as_key(value: Any) -> Hashable:
    """Return params, or a part of one, as what is equal where these are the same: 1, 1.0 and True are three things.

    So are 0.0 and -0.0, of which a rule may make different numbers.
    """
    match value:
        case Mapping():
            return tuple((name, as_key(item)) for name, item in value.items())
        case tuple():
            return tuple(map(as_key, value))
        case slice():
            return ("slice", value.start, value.stop, value.step)
        case np.ndarray():
            return ("array", value.shape, value.dtype.str, value.tobytes())
        case float():
            return (float, repr(value))
    return (type(value), value)


def _as_json(value: Any) -> Any:
    """Return numbers in nested tuples as nested lists, and infinities by their names, which alone JSON can have."""
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return ("inf" if value > 0 else "-inf") if isinstance(value, float) and np.isinf(value) else value


def _refuse(name: str, value: object, expected: str) -> ShapeError:
    return ShapeError(
        "the parameter {param} must be {expected}, not {value}", param=name, expected=expected, value=_shown(value)
    )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


_SHOWN = 60
_LARGEST = 2**62


def _is_int(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and abs(int(value)) < _LARGEST


def _read_integer(param: Param, name: str, value: Any) -> int:
    if not _is_int(value) or (param.minimum is not None and value < param.minimum):
        raise _refuse(name, value, "an integer" + _from(param))
    return int(value)


def _from(param: Param) -> str:
    return "" if param.minimum is None else f" from {param.minimum:g}"


def _read_listed(param: Param, name: str, value: Any) -> int | tuple[int, ...]:
    expected = "an integer or a list of integers" + _from(param)
    numbers = (int(value),) if _is_int(value) else _read_integers(name, value, expected)
    if param.minimum is not None and any(number < param.minimum for number in numbers):
        raise _refuse(name, value, expected)
    return int(value) if _is_int(value) else numbers


def _read_widths(_param: Param, name: str, value: Any) -> int | tuple[tuple[int, ...], ...]:
    expected = "an integer from 0, or a list of pairs of them: [[before, after], …]"
    if _is_int(value) and value >= 0:
        return int(value)
    if not isinstance(value, list | tuple):
        raise _refuse(name, value, expected)
    pairs = (value,) if value and all(map(_is_int, value)) else value
    widths = tuple(_read_integers(name, pair, expected) for pair in pairs)
    if any(len(pair) != 2 or min(pair) < 0 for pair in widths) or len(widths) > _MOST_AXES:
        raise _refuse(name, value, expected)
    return widths


def _read_pairing(_param: Param, name: str, value: Any) -> int | tuple[tuple[int, ...], ...]:
    expected = "an integer from 0, or two lists of axes of one length: [[0, 1], [1, 0]]"
    if _is_int(value) and value >= 0:
        return int(value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise _refuse(name, value, expected)
    pair = tuple((int(axes),) if _is_int(axes) else _read_integers(name, axes, expected) for axes in value)
    if len(pair[0]) != len(pair[1]):
        raise _refuse(name, value, expected)
    return pair


_INFINITIES: Final[Mapping[Any, float]] = {"inf": np.inf, "-inf": -np.inf}


def _read_number(param: Param, name: str, value: Any) -> float | int:
    if param.infinite and isinstance(value, str | float | np.floating):
        value = _INFINITIES.get(value, value)
        if value in (np.inf, -np.inf):
            return float(value)
    is_number = _is_int(value) or (isinstance(value, float | np.floating) and bool(np.isfinite(value)))
    if not is_number or (param.minimum is not None and value < param.minimum):
        raise _refuse(name, value, ("a number" if param.infinite else "a finite number") + _from(param))
    return int(value) if _is_int(value) else float(value)


def _read_flag(_param: Param, name: str, value: Any) -> bool:
    if not isinstance(value, bool | np.bool):
        raise _refuse(name, value, "true or false")
    return bool(value)


def _read_integers(name: str, value: Any, expected: str) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not all(_is_int(item) for item in value):
        raise _refuse(name, value, expected)
    return tuple(int(item) for item in value)


def _read_axis(_param: Param, name: str, value: Any) -> int:
    if not _is_int(value):
        raise _refuse(name, value, "the number of an axis")
    return int(value)


def _read_axes(_param: Param, name: str, value: Any) -> int | tuple[int, ...]:
    return int(value) if _is_int(value) else _read_integers(name, value, "the number of an axis, or a list of axes")


def _read_permutation(_param: Param, name: str, value: Any) -> tuple[int, ...]:
    return _read_integers(name, value, "a list of axes")


def _read_shape(_param: Param, name: str, value: Any) -> tuple[int, ...]:
    expected = "a list of sizes from 0, of which one may be -1"
    sizes = _read_integers(name, [value] if _is_int(value) else value, expected)
    if any(size < -1 for size in sizes) or sizes.count(-1) > 1 or len(sizes) > _MOST_AXES:
        raise _refuse(name, value, expected)
    return sizes


_MOST_AXES = 64


def _read_sizes(param: Param, name: str, value: Any) -> int | tuple[int, ...]:
    expected = "an integer or a pair of integers" + _from(param)
    sizes = (int(value),) if _is_int(value) else _read_integers(name, value, expected)
    if (not _is_int(value) and len(sizes) != 2) or any(size < (param.minimum or 0) for size in sizes):
        raise _refuse(name, value, expected)
    return int(value) if _is_int(value) else sizes


def _read_dtype(_param: Param, name: str, value: Any) -> str:
    names = [dtype.name for dtype in DTYPES]
    if not isinstance(value, str) or value not in names:
        raise _refuse(name, value, "one of " + ", ".join(names))
    return value


def _read_equation(_param: Param, name: str, value: Any) -> str:
    if not isinstance(value, str) or not set(value) <= _EQUATION_LETTERS:
        raise _refuse(name, value, "an equation such as ij,jk->ik")
    if len(value) > _LONGEST_EQUATION:
        raise _refuse(name, value, f"an equation of at most {_LONGEST_EQUATION:,} characters")
    return value.replace(" ", "")


_LONGEST_EQUATION = 1_000

_EQUATION_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,.-> ")


def _read_choice(param: Param, name: str, value: Any) -> str:
    if not isinstance(value, str) or value not in param.choices:
        raise _refuse(name, value, "one of " + ", ".join(param.choices))
    return value


def _read_index(_param: Param, name: str, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _refuse(name, value, "a list of index items")
    return tuple(_read_item(name, item) for item in value)


def _read_item(name: str, item: Any) -> Any:
    match item:
        case str("ellipsis"):  # str first, because an array must not be compared with a text
            return ...
        case str("newaxis"):
            return None
        case {} if len(item) == 1:
            return _read_table(name, item)
        case slice(start=start, stop=stop, step=step) if _is_slice(start, stop, step):
            return slice(*map(_int_or_none, (start, stop, step)))
        case np.ndarray(dtype=dtype) if dtype.kind in "biu":
            return item if _is_canonical_array(item) else _index_array(name, item, _KINDS[dtype.kind == "b"])
        case _ if _is_int(item):
            return int(item)
        case _ if item is None or item is ...:
            return item
    raise _no_item(name, item)


def _read_table(name: str, item: Mapping[str, Any]) -> Any:
    """Return what an item of an index that JSON has as a table stands for."""
    match item:
        case {"int": index} if _is_int(index):
            return int(index)
        case {"slice": [start, stop, step]} if _is_slice(start, stop, step):
            return slice(*map(_int_or_none, (start, stop, step)))
        case {"array": values}:
            return _index_array(name, values, _KINDS[False])
        case {"mask": values}:
            return _index_array(name, values, _KINDS[True])
    raise _no_item(name, item)


_KINDS = {False: np.dtype(np.int64), True: np.dtype(bool)}


def _no_item(name: str, item: object) -> ShapeError:
    match item:
        case {"slice": [_, _, 0]} | slice(step=0):
            return ShapeError("the parameter {param} has a slice with steps of 0: leave the step out", param=name)
    return _refuse(name, item, _INDEX_EXPECTED)


_INDEX_EXPECTED = (
    'made of {"int": i}, {"slice": [start, stop, step]}, "ellipsis", "newaxis", {"array": […]} or {"mask": […]}'
)


def _is_slice(*parts: object) -> bool:
    return all(part is None or _is_int(part) for part in parts) and parts[2] != 0


def _int_or_none(part: Any) -> int | None:
    return None if part is None else int(part)


def _is_canonical_array(item: object) -> bool:
    """Tell whether an array belongs to nobody else: a read-only view of another's array may change with it."""
    return (
        isinstance(item, np.ndarray)
        and item.dtype in (np.dtype(np.int64), np.dtype(bool))
        and item.base is None
        and not item.flags.writeable
    )


def _index_array(name: str, values: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    expected = (
        "a nested list of booleans, of one shape" if dtype.kind == "b" else "a nested list of integers, of one shape"
    )
    try:
        array = np.array(values)
    except (ValueError, OverflowError, RecursionError) as error:
        raise _refuse(name, values, expected) from error
    is_of_its_kind = (array.dtype.kind == "b") == (dtype.kind == "b") and np.can_cast(array.dtype, dtype)
    if array.size and not is_of_its_kind:
        raise _refuse(name, values, expected)
    array = array.astype(dtype)
    array.flags.writeable = False
    return array


def _item_as_json(item: Any) -> Any:
    if item is None:
        return "newaxis"
    if item is ...:
        return "ellipsis"
    if isinstance(item, slice):
        return {"slice": [item.start, item.stop, item.step]}
    if isinstance(item, np.ndarray):
        return {"mask" if item.dtype.kind == "b" else "array": item.tolist()}
    return {"int": item}


_READERS: Mapping[Kind, Callable[[Param, str, Any], Any]] = {
    "integer": _read_integer,
    "integers": _read_listed,
    "number": _read_number,
    "flag": _read_flag,
    "axis": _read_axis,
    "axes": _read_axes,
    "permutation": _read_permutation,
    "shape": _read_shape,
    "sizes": _read_sizes,
    "widths": _read_widths,
    "pairing": _read_pairing,
    "index": _read_index,
    "dtype": _read_dtype,
    "equation": _read_equation,
    "choice": _read_choice,
}
