"""What an expression is made of before it becomes a graph, and what turns such parts into one.

The grammar knows no op and no tensor: it reads phrases, innermost first, hands them to a `Maker`, and passes along
whatever the maker made of them. So one reading of a text suffices, however long it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Item = Any
"""A phrase, or whatever a maker made of phrases."""


@dataclass(frozen=True)
class Number:
    """A number or a boolean, as it was written; `offset` is where in the text, here and below."""

    value: int | float
    offset: int


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str
    offset: int


@dataclass(frozen=True)
class Name:
    """A name, or a dotted one such as `np.sum`."""

    text: str
    offset: int


@dataclass(frozen=True)
class Listing:
    """Items in square brackets, or in round ones (`is_tuple`) where they are none or a comma parts them."""

    items: tuple[Item, ...]
    is_tuple: bool
    offset: int


@dataclass(frozen=True)
class Blank:
    """`None`, or `...` where `is_ellipsis`."""

    is_ellipsis: bool
    offset: int


@dataclass(frozen=True)
class Slice:
    """`start:stop:step` inside an index, with None for what is left out."""

    parts: tuple[Item | None, Item | None, Item | None]
    offset: int


class Maker(Protocol):
    """What makes a graph of phrases; every method is told the offset at which to complain."""

    def binary(self, sign: str, left: Item, right: Item, offset: int) -> Item:
        """Make of two operands what the sign between them says."""

    def unary(self, sign: str, item: Item, offset: int) -> Item:
        """Make of one operand what the sign before it says."""

    def call(self, function: Item, items: Sequence[Item], named: Mapping[str, Item], offset: int) -> Item:
        """Make of arguments what a function makes of them."""

    def attribute(self, item: Item, name: str, offset: int) -> Item:
        """Make of an item what a name behind a point says."""

    def index(self, item: Item, parts: Sequence[Item], offset: int) -> Item:
        """Make of an item what square brackets behind it pick."""

    def finish(self, name: str | None, item: Item, offset: int) -> None:
        """Take note of the result of a statement, and of the name that it is given."""
