"""JSON from a stranger: read strictly, and only after a scan has bounded what reading it may cost.

Refused with a sentence that says where: text that is not UTF-8, lists too deeply nested, more values than any document
needs, numbers of hundreds of digits or beyond every float, NaN as a word, a key that stands twice in one object, and
half of a surrogate pair. No step recurses over the text, and the scan takes time and memory linear in its length.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

import numpy as np

from gradviz.errors import FormatError, LimitError

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_LONG_NUMBER: Final = b"0" * 400
_SURROGATE: Final = re.compile(rb"\\u[dD][89abAB]")
_BRACKETS: Final = b"[]{}"
_OTHER_BYTES: Final = bytes(set(range(256)) - set(_BRACKETS))
_DIGITS_AS_ZERO: Final = bytes(ord("0") if chr(byte) in "0123456789.eE+-" else ord(" ") for byte in range(256))
_MOST_OF: Final = {b",:": 2**24, b'"': 2**23, b"[]": 2**23, b"{}": 2**21}
"""How often signs may stand in a file: each is worth some bytes of memory, a value about 40, an object about 200."""

_WHAT_IS_WRONG: Final = {
    "Expecting value": "a value is missing or not spelled as JSON spells it",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing after a key",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing",
    "Illegal trailing comma before end of array": "a comma stands before the closing bracket",
    "Illegal trailing comma before end of object": "a comma stands before the closing brace",
    "Unterminated string starting at": "a text in quotes is never closed",
    "Invalid control character at": "a line break or a control character stands inside quotes",
    "Invalid \\escape": "a backslash is followed by a sign that it does not go with",
    "Invalid \\uXXXX escape": "\\u is not followed by four hexadecimal digits",
    "Extra data": "something stands after the end",
}


def read_json(text: str | bytes, nesting: int) -> Any:
    """Return the value that a JSON text stands for; floats are finite, and integers of any size stay integers.

    Raises `FormatError` for what is no JSON, and `LimitError` where lists and objects are nested deeper than
    `nesting` or where there are more values than memory should be spent on.
    """
    data = _as_bytes(text)
    _refuse_expensive(data, nesting)
    decoded = _decode(data)
    try:
        value = json.loads(
            decoded, object_pairs_hook=_read_object, parse_float=_read_float, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise _told(error) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise LimitError("this file is too deeply nested, or too large, to be read") from error
    if _SURROGATE.search(data):
        _refuse_lone_surrogates(value)
    return value


def _as_bytes(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError(
            "character {position} is half of a pair: this is no text", position=error.start + 1
        ) from error


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FormatError("this text is UTF-16: save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError("line {line}: this is not UTF-8 text", line=data.count(b"\n", 0, error.start) + 1) from error
    if not text or text.isspace():
        raise FormatError("there is nothing in it")
    return text


def _refuse_expensive(data: bytes, nesting: int) -> None:
    """Raise where reading would cost more than any document is worth; costs little more than the text itself."""
    if any(sum(map(data.count, signs)) > most for signs, most in _MOST_OF.items()):
        raise LimitError("this file lists more values than gradviz reads: save large tensors as npy")
    bare = _STRING.sub(b"", data)
    if _LONG_NUMBER in bare.translate(_DIGITS_AS_ZERO):
        raise FormatError("a number in this file has hundreds of digits")
    depth = _depth(bare)
    if depth > nesting:
        raise LimitError("lists are nested {depth} deep, at most {limit} are read", depth=depth, limit=nesting)


def _depth(bare: bytes) -> int:
    """Return how deep brackets are nested in a text without strings."""
    brackets = np.frombuffer(bare.translate(None, _OTHER_BYTES), np.uint8)
    opens = (brackets == ord("[")) | (brackets == ord("{"))
    return int(np.max(np.cumsum(np.where(opens, 1, -1)), initial=0))


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        double = next(key for key in table if keys.count(key) > 1)
        raise FormatError("the key {key} stands twice in one object", key=json.dumps(double))
    return table


def _read_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise FormatError('{number} is beyond every float; an infinity is written "inf"', number=text)
    return value


def _refuse_constant(word: str) -> NoReturn:
    raise FormatError(
        "{word} is no JSON: in a tensor write {spelled}",
        word=word,
        spelled={"NaN": '"nan"', "Infinity": '"inf"'}.get(word, '"-inf"'),
    )


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError("a text in this file holds half of a character (a lone \\ud800 … \\udfff)") from error


def _told(error: json.JSONDecodeError) -> FormatError:
    return FormatError(
        "line {line}, column {column}: {what}",
        line=error.lineno,
        column=error.colno,
        what=_WHAT_IS_WRONG.get(error.msg, "this is not JSON"),
    )
