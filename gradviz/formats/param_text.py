"""Parameters as a person types them into a field: `0, 1` for axes, `1:3, ..., newaxis, [0, 2]` for an index.

Nothing is evaluated. What comes out is JSON as files have it; the op's own record decides whether it will do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import FormatError
from gradviz.formats.typed import parse_array
from gradviz.ops import Param

_NOTHING: Final = frozenset({"", "none", "None", "null"})
_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_BETWEEN: Final = re.compile(r"\s*,\s*|(?<=\d)\s*[×x]\s*(?=[-\d])|\s+")
_LISTS: Final = frozenset({"axes", "permutation", "shape", "sizes", "integers"})
_NESTED: Final = frozenset({"widths", "pairing"})
_ALONE: Final = frozenset({"axes", "integers"})
"""Where a list of one number is not the number itself, and needs its comma to be told."""


def read_param(param: Param, text: str) -> Any:
    """Return as JSON what a person typed for a parameter; raises `FormatError` where it is no such thing."""
    plain = text.replace("−", "-").strip()
    if param.kind == "index":
        return [_read_item(part) for part in _parts(plain)]
    if param.kind == "choice":
        return plain
    if plain in _NOTHING:
        return None
    if param.kind in _LISTS:
        return _read_whole_numbers(plain, one=param.kind not in {"permutation", "shape"})
    if param.kind in _NESTED:
        return _read_whole(plain) if _WHOLE.fullmatch(plain) else _read_nested(plain)
    if param.kind in {"integer", "axis"}:
        return _read_whole(plain)
    return _read_number(plain, infinite=param.infinite) if param.kind == "number" else plain


def write_param(param: Param, value: Any) -> str:
    """Return a canonical parameter as a person would type it."""
    if value is None:
        return "none"
    if param.kind == "index":
        return ", ".join(_item_text(item) for item in param.write(value))
    if param.kind in _NESTED and value:
        return str(param.write(value))
    if value == ():
        return "()"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) + ("," if len(value) == 1 and param.kind in _ALONE else "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise FormatError("{text!r} is not a whole number", text=text)
    return int(text)


_INFINITIES: Final[Mapping[str, str]] = {"inf": "inf", "+inf": "inf", "∞": "inf", "-inf": "-inf", "-∞": "-inf"}


def _read_number(text: str, *, infinite: bool) -> float | int | str:
    """Return a number; an infinity, where there may be one, by the name that files have for it."""
    if infinite and text.casefold() in _INFINITIES:
        return _INFINITIES[text.casefold()]
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        raise FormatError("{text!r} is not a number", text=text)
    if math.isinf(number := float(text)):
        raise FormatError("{text} is too large for a number", text=text)
    return number


def _read_whole_numbers(text: str, *, one: bool) -> int | list[int]:
    """Return whole numbers; a single one by itself where `one` says so, unless a comma or brackets make it a list."""
    if one and _WHOLE.fullmatch(text):
        return int(text)
    bare = text[1:-1].strip() if text[0] in "([" and text[-1] in ")]" else text
    parts = _BETWEEN.split(bare.removesuffix(",").strip()) if bare else []
    return [_read_whole(part) for part in parts]


def _read_nested(text: str) -> Any:
    """Return lists of whole numbers: `[[1, 2], [0, 0]]` or `1, 2; 0, 0`."""
    return parse_array(text).tolist()


def _parts(text: str) -> Iterator[str]:
    """Part an index at its commas, apart from those inside brackets."""
    depth, start = 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()


def _read_item(text: str) -> Any:
    if text in {"...", "…", "Ellipsis"}:
        return "ellipsis"
    if text in {"newaxis", "None", "none", "np.newaxis"}:
        return "newaxis"
    if text.startswith("["):
        array = parse_array(text)
        return {"mask" if array.dtype == np.dtype(bool) else "array": array.tolist()}
    if ":" in text:
        parts = [None if not part.strip() else _read_whole(part.strip()) for part in text.split(":")]
        if len(parts) <= 3:
            return {"slice": [*parts, *[None] * (3 - len(parts))]}
    if _WHOLE.fullmatch(text):
        return {"int": int(text)}
    raise FormatError("{text!r} is no index: write 0, 1:3, ..., newaxis or [0, 2]", text=text)


def _item_text(item: Any) -> str:
    match item:
        case {"int": index}:
            return str(index)
        case {"slice": parts}:
            start, stop, step = ("" if part is None else str(part) for part in parts)
            return f"{start}:{stop}" + (f":{step}" if step else "")
        case {"array": values} | {"mask": values}:
            return str(values)
    return {"ellipsis": "...", "newaxis": "newaxis"}[item]
