"""The grammar of expressions: Python's, as far as it makes sense for tensors.

    statement    [name =] expression                one a line, or parted by ;
    expression   or  and  not  < <= > >= == !=  + -  * / @ // %  signs  **  then calls, .attributes and [indices],
                 from what binds least to what binds most; & and | are other signs for `and` and `or`

Nothing is evaluated. A sum of 100,000 terms is a loop here; only brackets, signs and powers nest, to a bounded depth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from keyword import iskeyword
from typing import Any, Final

from gradviz.errors import ExpressionError
from gradviz.formats.phrases import Blank, Item, Listing, Maker, Name, Number, Slice, Text
from gradviz.formats.tokens import Source, Token

_LEVELS: Final = {
    **dict.fromkeys(("or", "|"), 1),
    **dict.fromkeys(("and", "&"), 2),
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "@", "//", "%"), 6),
}
_NOT: Final = 3
_COMPARISON: Final = 4
_DEEPEST: Final = 40
"""Levels of brackets, signs and powers: each takes a dozen of Python's own, of which there are 1,000."""

_REFUSED: Final = {
    "lambda": "functions cannot be defined here",
    "def": "functions cannot be defined here",
    "if": "there is no if … else here: write where(condition, a, b)",
    "for": "there are no loops here",
    "import": "there is nothing to import here",
    "is": "compare with == instead of is",
    "in": "in has no meaning for tensors",
    ":=": "a name is given with =, at the beginning of a line",
    "=": "a name is given at the beginning of a line, to one thing; to compare write ==",
    "{": "braces have no meaning here: use [ ] for lists",
}
_MEANINGLESS: Final = frozenset({"+=", "-=", "*=", "/=", "%=", "@=", "<<", ">>", "->", "!", "|=", "&="})
_WRITTEN_OUT: Final = {"True": True, "False": False}


class Grammar:
    """One reading of a text, which hands its phrases to a maker."""

    def __init__(self, source: Source, maker: Maker) -> None:
        self._source = source
        self._maker = maker
        self._tokens = source.tokens()
        self._depth = 0
        self._token: Token = next(self._tokens)
        self._ahead: Token | None = None

    def read(self) -> None:
        """Read all statements; raises `ExpressionError`, with the column, at the first that cannot be read."""
        while self._token.kind != "end" or self._token.text:
            if self._token.kind == "end":
                self._next()
            else:
                self._statement()

    def _statement(self) -> None:
        start = self._token
        name = self._given_name()
        item = self._expression()
        if self._token.kind != "end":
            raise self._unexpected()
        self._maker.finish(name, item, start.offset)

    def _given_name(self) -> str | None:
        """Read `name =` where it stands at hand."""
        if self._token.kind != "name" or self._peek().text != "=":
            return None
        if iskeyword(self._token.text):
            raise self._error('"{name}" is a word of Python: choose another name', name=self._token.text)
        name = self._next().text
        self._next()
        return name

    def _expression(self, level: int = 0) -> Item:
        """Read an expression of operators that bind more tightly than `level`."""
        left = self._negated() if self._token.text == "not" else self._signed()
        while (found := self._level()) > level:
            sign = self._next()
            left = self._maker.binary(sign.text, left, self._expression(found), sign.offset)
            if found == _COMPARISON and self._level() == _COMPARISON:
                raise self._error("comparisons cannot be chained: write (a < b) & (b < c)")
        return left

    def _level(self) -> int:
        return 0 if self._token.kind == "text" else _LEVELS.get(self._token.text, 0)

    def _negated(self) -> Item:
        word = self._next()
        with self._nested():
            return self._maker.unary(word.text, self._expression(_NOT), word.offset)

    def _signed(self) -> Item:
        """Read an operand with the signs before it, which bind less tightly than a power behind it."""
        if not self._is_sign("-", "+", "~"):
            return self._power()
        sign = self._next()
        with self._nested():
            return self._maker.unary(sign.text, self._signed(), sign.offset)

    def _power(self) -> Item:
        base = self._primary()
        if not self._is_sign("**"):
            return base
        sign = self._next()
        with self._nested():
            return self._maker.binary("**", base, self._signed(), sign.offset)

    def _primary(self) -> Item:
        """Read a name, a number, a text or a bracket, with the calls, attributes and indices behind it."""
        item = self._atom()
        while self._is_sign("(", "[", "."):
            sign = self._next()
            if sign.text == ".":
                item = self._maker.attribute(item, self._attribute(), sign.offset)
            elif sign.text == "(":
                items, named = self._arguments()
                item = self._maker.call(item, items, named, sign.offset)
            else:
                parts, _ = self._listed("]", self._index_part)
                item = self._maker.index(item, parts, sign.offset)
        return item

    def _attribute(self) -> str:
        if self._token.kind != "name":
            raise self._error("a name belongs behind the point")
        return self._next().text

    def _atom(self) -> Item:
        token = self._token
        if token.kind == "number":
            return self._number(self._next())
        if token.kind == "text":
            return Text(self._next().text, token.offset)
        if token.text in _WRITTEN_OUT:
            return Number(_WRITTEN_OUT[self._next().text], token.offset)
        if token.text in ("None", "..."):
            return Blank(self._next().text == "...", token.offset)
        if token.kind == "name" and not iskeyword(token.text):
            return Name(self._next().text, token.offset)
        if self._is_sign("(", "["):
            return self._bracket(self._next())
        raise self._unexpected()

    def _number(self, token: Token) -> Number:
        if math.isinf(float(token.text)):
            raise self._source.error(token.offset, "{number} is infinite: no float reaches that far", number=token.text)
        return Number(int(token.text) if token.text.isdecimal() else float(token.text), token.offset)

    def _bracket(self, opening: Token) -> Item:
        """Read what stands in brackets: one expression in round ones is itself, anything else a listing."""
        items, ends_with_comma = self._listed(")" if opening.text == "(" else "]", self._expression)
        if opening.text == "(" and len(items) == 1 and not ends_with_comma:
            return items[0]
        return Listing(tuple(items), opening.text == "(", opening.offset)

    def _listed(self, closing: str, read: Callable[[], Any]) -> tuple[list[Any], bool]:
        """Read items parted by commas, and the closing bracket; tell too whether a comma stands before it."""
        items: list[Any] = []
        ends_with_comma = False
        with self._nested():
            while not self._is_sign(closing):
                items.append(read())
                ends_with_comma = self._is_sign(",")
                if ends_with_comma:
                    self._next()
                elif not self._is_sign(closing):
                    raise self._unexpected()
        self._next()
        return items, ends_with_comma

    def _arguments(self) -> tuple[list[Item], dict[str, Item]]:
        """Read the arguments of a call: first those by place, then those by name."""
        items: list[Item] = []
        named: dict[str, Item] = {}
        for name, item, offset in self._listed(")", self._argument)[0]:
            if name is None and named:
                raise self._source.error(offset, "arguments without a name come before those with one")
            if name in named:
                raise self._source.error(offset, "{name} is given twice", name=name)
            if name is None:
                items.append(item)
            else:
                named[name] = item
        return items, named

    def _argument(self) -> tuple[str | None, Item, int]:
        offset = self._token.offset
        return self._given_name(), self._expression(), offset

    def _index_part(self) -> Item:
        """Read one part of an index: an expression, or a slice whose parts may be missing."""
        offset = self._token.offset
        parts: list[Item | None] = [None]
        while not self._is_sign(",", "]"):
            if self._is_sign(":"):
                self._next()
                parts.append(None)
            elif parts[-1] is None:
                parts[-1] = self._expression()
            else:
                raise self._unexpected()
        if len(parts) > 3:
            raise self._source.error(offset, "a slice has at most three parts, start:stop:step")
        if len(parts) == 1 and parts[0] is None:
            raise self._unexpected()
        return (
            parts[0] if len(parts) == 1 else Slice((parts[0], parts[1], parts[2] if len(parts) == 3 else None), offset)
        )

    def _is_sign(self, *signs: str) -> bool:
        return self._token.kind == "sign" and self._token.text in signs

    def _next(self) -> Token:
        """Return the token at hand, and take the next one up."""
        token = self._token
        self._token = self._ahead or next(self._tokens, token)
        self._ahead = None
        return token

    def _peek(self) -> Token:
        """Return the token after the one at hand."""
        if self._ahead is None:
            self._ahead = next(self._tokens, self._token)
        return self._ahead

    @contextmanager
    def _nested(self) -> Iterator[None]:
        """Count one more level while something inside is read."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("this is nested more than {limit} deep: give parts of it names", limit=_DEEPEST)
        yield
        self._depth -= 1

    def _error(self, template: str, **facts: Any) -> ExpressionError:
        return self._source.error(self._token.offset, template, **facts)

    def _unexpected(self) -> ExpressionError:
        """Return what is wrong with the token at hand, which does not belong where it stands."""
        token = self._token
        if token.text in _REFUSED:
            return self._error(_REFUSED[token.text])
        if token.kind == "end":
            return self._error("something is missing here")
        if token.kind == "name" and iskeyword(token.text):
            return self._error('"{word}" has no meaning in an expression', word=token.text)
        if token.kind == "sign":
            return self._error(
                "{sign} has no meaning in an expression"
                if token.text in _MEANINGLESS
                else "something is missing before {sign}",
                sign=token.text,
            )
        return self._error('a sign is missing before "{word}": write a * between factors', word=token.text[:40])
