"""The parts of a chain rule as it is told: terms that know their tensor and cells, and lines that terms make up."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gradviz.engine.numbers import show_number
from gradviz.graph import NodeId
from gradviz.ops import Array, GradientName, Numeral, Told, latex_of, marked_of, unicode_of

Cell = tuple[int, ...]
Kind = Literal["value", "gradient", ""]
Letters = dict[str, "RuleTerm"]


@dataclass(frozen=True, eq=False)
class RuleTerm:
    """A tensor in a formula, or one cell of it: whose value or gradient it is, and how it is told.

    A term that stands for no tensor (a factor, a word) has no `node` and no `kind`. `cell` is None for a whole tensor;
    `number` is the exact number of a cell.
    """

    told: Told
    node: NodeId = ""
    kind: Kind = ""
    cell: Cell | None = None
    number: float | None = None


@dataclass(frozen=True, eq=False)
class RuleLine:
    """One line: sides that are equal, in the letters of the rule, and the term that each letter stands for.

    `lead` says what the line is about (`at [0, 1]`, `summed over axis 0`), `sign` stands between its first two sides.
    """

    kind: Literal["names", "shapes", "numbers", "sum"]
    sides: tuple[ast.expr, ...]
    terms: Mapping[str, RuleTerm]
    lead: str = ""
    sign: str = "="

    @cached_property
    def unicode(self) -> str:
        """The line as text."""
        return unicode_of(self.sides, self._told, self.sign)

    @cached_property
    def latex(self) -> str:
        """The line as LaTeX, for math mode with amsmath."""
        return latex_of(self.sides, self._told, self.sign)

    @cached_property
    def marked(self) -> str:
        r"""The line as LaTeX in which every term carries its letter: `\term{g}{…}`."""
        return marked_of(self.sides, self._told, self.sign)

    @property
    def _told(self) -> Mapping[str, Told]:
        return {letter: term.told for letter, term in self.terms.items()}


def value_term(node: NodeId) -> RuleTerm:
    """Return the value of a node, told by its name."""
    return RuleTerm(node, node, "value")


def gradient_term(of: Iterable[NodeId], by: NodeId, via: str = "") -> RuleTerm:
    """Return the gradient of the sum of some nodes by a node, or what comes to it by one wire."""
    return RuleTerm(GradientName(tuple(of), by, via), by, "gradient")


def cell_term(term: RuleTerm, array: Array, cell: Cell, *, is_fenced: bool = False) -> RuleTerm:
    """Return one cell of a term's tensor, told as its number."""
    return number_term(array[cell], term, cell, is_fenced=is_fenced)


def number_term(
    number: float, term: RuleTerm | None = None, cell: Cell | None = None, *, is_fenced: bool = False
) -> RuleTerm:
    """Return a number, of a cell of a term's tensor where one is given."""
    told = Numeral(show_number(np.asarray(number)), is_fenced)
    exact = float(number)
    return (
        RuleTerm(told, cell=cell, number=exact) if term is None else RuleTerm(told, term.node, term.kind, cell, exact)
    )


def shape_term(term: RuleTerm, array: Array) -> RuleTerm:
    """Return a term told by the shape of its tensor."""
    return RuleTerm(array.shape, term.node, term.kind)


def place(cell: Cell) -> str:
    """Return what a line about a cell is led by; nothing for a number by itself."""
    return f"at [{', '.join(map(str, cell))}]" if cell else ""


def sum_of(parts: Iterable[ast.expr]) -> ast.expr:
    """Return the sum of some expressions, of at least one."""
    first, *others = parts
    for part in others:
        first = ast.BinOp(first, ast.Add(), part)
    return first
