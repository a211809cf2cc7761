"""The words of an expression: numbers, names, texts in quotes, signs, and ends of statements.

A new line ends a statement except inside brackets; so does `;`. What follows `#` is a remark. The signs of
mathematics are read as those of a program: `×` and `·` as `*`, `−` as `-`, `÷` as `/`, `^` as `**`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from gradviz.errors import ExpressionError, GradvizError

Kind = Literal["number", "name", "text", "sign", "end"]

_TOKEN: Final = re.compile(
    r"""(?P<skip>[^\S\n]+|\#[^\n]*|\\\r?\n)
      | (?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<text>"[^"\n\\]*"|'[^'\n\\]*')
      | (?P<sign>\*\*|//|<<|>>|<=|>=|==|!=|:=|->|[-+*/%@<>=]=?|\.\.\.|[()\[\]{},:.&|~^!×·÷−≤≥≠])
      | (?P<end>[\n;])
      | (?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)
_SPELLED: Final = {"×": "*", "·": "*", "−": "-", "÷": "/", "^": "**", "≤": "<=", "≥": ">=", "≠": "!="}
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_LONGEST_NUMBER: Final = 100


@dataclass(frozen=True)
class Token:
    """One word of an expression, and where it begins in the text."""

    kind: Kind
    text: str
    offset: int


class Source:
    """The text of an expression, which can tell where something in it is wrong."""

    def __init__(self, text: str) -> None:
        self.text = text

    def error(self, offset: int, template: str, **facts: Any) -> ExpressionError:
        """Return an error that begins with the place: its column, and its line where there are several."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - (self.text.rfind("\n", 0, offset) + 1) + 1
        place = "line {at_line}, column {at_column}: " if "\n" in self.text.strip() else "column {at_column}: "
        return ExpressionError(place + template, **facts, at_line=line, at_column=column)

    def told(self, offset: int, error: GradvizError) -> ExpressionError:
        """Return an error of others with the place before its sentence."""
        return self.error(offset, error.template, **error.facts)

    def tokens(self) -> Iterator[Token]:
        """Yield the words in order and one `end` after the last; raises `ExpressionError` at what is none."""
        closing: list[tuple[str, int]] = []
        end = 0
        while match := _TOKEN.match(self.text, end):
            kind, offset, end = match.lastgroup, match.start(), match.end()
            if kind == "skip" or (kind == "end" and closing and match[0] == "\n"):
                continue
            text = _SPELLED.get(match[0], match[0])
            if kind == "odd" and text.isidentifier():
                kind = "name"
            match kind:
                case "sign":
                    self._follow_brackets(text, offset, closing)
                    yield Token("sign", text, offset)
                case "number":
                    yield Token("number", self._number(text, match.end(), offset), offset)
                case "name":
                    end = self._end_of_name(end)
                    yield Token("name", self._name(self.text[offset:end], end, offset), offset)
                case "text":
                    yield Token("text", text[1:-1], offset)
                case "end":
                    yield Token("end", text, offset)
                case _:
                    raise self._odd(text, offset)
        if closing:
            raise self.error(closing[-1][1], "this bracket is never closed")
        yield Token("end", "", len(self.text))

    def _follow_brackets(self, sign: str, offset: int, closing: list[tuple[str, int]]) -> None:
        if sign in _OPENING:
            closing.append((_OPENING[sign], offset))
        elif sign in _OPENING.values():
            expected = closing.pop()[0] if closing else ""
            if sign != expected:
                what = f"{expected} belongs here" if expected else "it closes a bracket that was not opened"
                raise self.error(offset, "{sign} stands at the wrong place: {what}", sign=sign, what=what)

    def _number(self, text: str, end: int, offset: int) -> str:
        """Return a number without underscores; it is neither glued to a word nor endless."""
        if len(text) > _LONGEST_NUMBER:
            raise self.error(offset, "this number has more than {limit} digits", limit=_LONGEST_NUMBER)
        following = self.text[end : end + 1]
        if following.isalnum() or following in ("_", "."):
            raise self.error(end, "a number runs into {sign}: write a * between factors", sign=f'"{following}"')
        return text.replace("_", "")

    def _end_of_name(self, end: int) -> int:
        """Return where a name ends that goes on at least up to `end`: marks over letters are no letters themselves."""
        while end < len(self.text) and self.text[end] not in _SPELLED and f"_{self.text[end]}".isidentifier():
            end += 1
        return end

    def _name(self, text: str, end: int, offset: int) -> str:
        """Return a name in its normal form (NFKC), as Python spells it."""
        if not text.isidentifier():
            raise self.error(offset, '"{name}" is no name: a power is written x**2', name=text[:40])
        if self.text[end : end + 1] in ("'", '"'):
            raise self.error(offset, "only plain texts in quotes are read, without {name} before them", name=text[:40])
        return unicodedata.normalize("NFKC", text)

    def _odd(self, text: str, offset: int) -> ExpressionError:
        if text in "\"'":
            return self.error(offset, "this text in quotes is never closed, or holds a backslash")
        sign = text if text.isprintable() else ascii(text)[1:-1]
        return self.error(offset, '"{sign}" does not belong in an expression', sign=sign)
