"""Arrays as a person types or pastes them: rows of numbers, nested brackets, cells of a spreadsheet, printed arrays.

    1 2; 3 4            two rows: a semicolon or a new line ends a row, spaces or commas part numbers
    [[1, 2], [3, 4]]    the same, nested; also as NumPy prints it, and wrapped: np.array(...), tensor(...)
    3                   one number: rank 0
    true false          booleans

Nothing is evaluated: every word must be a number, `nan`, `inf`, `true` or `false`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import numpy as np

from gradviz.errors import FormatError, LimitError
from gradviz.formats.elements import array_of
from gradviz.graph import LIMITS, Limits
from gradviz.ops import Array, Dtype, Shape

_WRAPPED: Final = re.compile(r"[A-Za-z_][\w.]*\s*\(\s*(\[.*\])\s*(?:,[^\[\]]*)?\)", re.DOTALL)
_SIGN: Final = re.compile(r"[\[\](),;]|[^\[\](),;\s]+")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE: Final = re.compile(r"[+-]?\d{1,400}", re.ASCII)
_WORDS: Final = {
    "true": True,
    "false": False,
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in ("inf", "infinity", "∞")},
    "nan": float("nan"),
}
_DEEPEST: Final = 32
_COMMA: Final = "there is no number before a comma: write 1, 2"


def parse_array(text: str, dtype: Dtype | str | None = None, limits: Limits = LIMITS) -> Array:
    """Return the array that a person typed: rank 0 for one number, rank 1 for one row, nested as its brackets are.

    Without a dtype it is bool for booleans, int64 for whole numbers and else float64. Raises `FormatError` with a
    sentence for what is no number, for rows of different lengths, and for numbers that the dtype cannot hold.
    """
    if len(text) > limits.file_bytes:
        raise LimitError("this text is too long: at most {limit:,} characters are read", limit=limits.file_bytes)
    plain = text.replace("−", "-").strip()
    wrapped = _WRAPPED.fullmatch(plain)
    plain = wrapped[1] if wrapped else plain
    table = _read_brackets(plain) if plain[:1] in ("[", "(") else _read_rows(plain)
    shape, items = flatten(table)
    return _as_dtype(items, shape, None if dtype is None else np.dtype(dtype))


def _read_rows(text: str) -> Any:
    """Return rows of numbers without brackets as nested lists; a single row, and a single number, by themselves."""
    lines = [line for line in re.split(r"[;\n\r]", text) if line.strip()]
    rows = [[_read_word(word) for word in _words(line)] for line in lines]
    if not rows:
        raise FormatError("there are no numbers: write 1 2; 3 4 or [[1, 2], [3, 4]]")
    return rows if len(rows) > 1 else rows[0] if len(rows[0]) > 1 else rows[0][0]


def _words(line: str) -> list[str]:
    """Return the words of a row, parted by tabs where it was copied from a spreadsheet, else by commas or spaces."""
    if "\t" in line.strip():
        cells = [cell.strip() for cell in line.strip(" ").removesuffix("\t").split("\t")]
        if any("," in cell for cell in cells):
            raise FormatError("{cell} has a decimal comma: write a point", cell=next(c for c in cells if "," in c))
        if "" in cells:
            raise FormatError("a cell is empty: every cell needs a number")
        return cells
    parts = line.strip().removesuffix(",").split(",")
    if not all(part.strip() for part in parts):
        raise FormatError(_COMMA)
    return line.replace(",", " ").split()


def _read_brackets(text: str) -> Any:
    """Return nested brackets as nested lists; within one pair, semicolons end rows."""
    stack: list[list[list[Any]]] = [[[]]]
    closing = ""
    after_comma = True
    for sign in _SIGN.findall(text):
        rows = stack[-1]
        if sign in "[(":
            stack.append([[]])
            closing += "]" if sign == "[" else ")"
            after_comma = True
            if len(closing) > _DEEPEST:
                raise LimitError("brackets are nested more than {limit} deep", limit=_DEEPEST)
        elif sign in "])":
            if not closing.endswith(sign):
                raise FormatError("{sign} closes a bracket that was not opened", sign=sign)
            closing = closing[:-1]
            stack.pop()
            stack[-1][-1].append(_closed(rows))
            after_comma = False
        elif sign in ",;":
            if after_comma:
                raise FormatError(_COMMA)
            after_comma = sign == ","
            if sign == ";":
                rows.append([])
        else:
            rows[-1].append(_read_word(sign))
            after_comma = False
    if len(stack) > 1:
        raise FormatError("a bracket is never closed")
    top = _closed(stack[0])
    return top[0] if len(top) == 1 else top


def _closed(rows: list[list[Any]]) -> list[Any]:
    """Return what a pair of brackets holds: its rows where semicolons part them, else its elements."""
    if len(rows) == 1:
        return rows[0]
    return rows if rows[-1] else rows[:-1]


def _read_word(word: str) -> float:
    known = _WORDS.get(word.casefold())
    if known is not None:
        return known
    if _WHOLE.fullmatch(word):
        return int(word)
    if not _NUMBER.fullmatch(word):
        raise FormatError(_WHAT_IS_ODD.get(word, "{word} is not a number"), word=_shown(word))
    number = float(word)
    if math.isinf(number):
        raise FormatError("{word} is beyond every float; an infinity is written inf", word=_shown(word))
    return number


_WHAT_IS_ODD: Final = {"...": "this array was printed in short form: the numbers behind ... are missing"}


def _shown(word: str) -> str:
    return '"' + (word if len(word) <= 30 else word[:29] + "…") + '"'


def flatten(table: Any) -> tuple[Shape, list[float]]:
    """Return the shape of nested lists and their elements; raises `FormatError` where rows differ in length."""
    shape: list[int] = []
    level = [table]
    while level and all(isinstance(item, list) for item in level):
        lengths = [len(item) for item in level]
        odd = next((place for place, length in enumerate(lengths) if length != lengths[0]), None)
        if odd is not None:
            raise FormatError(
                "row {number} has length {found} and row 1 has length {first}: all rows need the same length",
                number=odd + 1,
                found=lengths[odd],
                first=lengths[0],
            )
        shape.append(lengths[0])
        level = list(chain.from_iterable(level))
    if any(isinstance(item, list) for item in level):
        raise FormatError("a single number stands beside a row in brackets: all parts need the same shape")
    return tuple(shape), level


def _as_dtype(items: list[float], shape: Shape, dtype: Dtype | None) -> Array:
    kinds = set(map(type, items))
    if dtype is None:
        dtype = np.dtype(np.bool if kinds == {bool} else np.int64 if kinds == {int} else np.float64)
    return array_of(list(_suited(items, dtype)), shape, dtype)


def _suited(items: list[float], dtype: Dtype) -> Iterator[float]:
    """Yield the items as a dtype takes them: 2.0 is a whole number, 0 and 1 are false and true."""
    for item in items:
        if dtype.kind == "b" and type(item) is int and item in (0, 1):
            yield bool(item)
        elif dtype.kind in "iu" and type(item) is float and item.is_integer():
            yield int(item)
        else:
            yield item
