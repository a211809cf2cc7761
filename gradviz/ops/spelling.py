"""How mathematics spells the functions that have no sign of their own between their operands: `log1p` is `ln(1 + x)`.

A spelling takes the finished pieces of its operands and gives one piece; `mathematics` looks names up here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gradviz.ops.notation import ATOM, MATRIX, NEGATION, PRODUCT, SERIES, SUM, Notation, Piece


def _squared(notation: Notation, x: Piece) -> Piece:
    return notation.power(notation.factor(x, ATOM), notation.constant(2))


def _exponential(notation: Notation, x: Piece) -> Piece:
    return notation.applied("exp", x.text)


def _expm1(notation: Notation, x: Piece) -> Piece:
    return Piece(f"{_exponential(notation, x).text} {notation.signs['subtract']} 1", SUM)


def _log1p(notation: Notation, x: Piece) -> Piece:
    level = SERIES if x.level == NEGATION else SUM  # a minus never follows another sign
    return notation.applied("log", f"1 + {notation.factor(x, level)}")


def _exp2(notation: Notation, x: Piece) -> Piece:
    return notation.power("2", x)


def _logaddexp(notation: Notation, a: Piece, b: Piece) -> Piece:
    return notation.applied("log", f"{_exponential(notation, a).text} + {_exponential(notation, b).text}")


def _hypot(notation: Notation, a: Piece, b: Piece) -> Piece:
    return notation.root(Piece(f"{_squared(notation, a).text} + {_squared(notation, b).text}", SUM))


def _remainder(notation: Notation, a: Piece, b: Piece) -> Piece:
    return Piece(f"{notation.factor(a, MATRIX)} {notation.signs['remainder']} {notation.factor(b, MATRIX)}", PRODUCT)


def _solution(notation: Notation, a: Piece, b: Piece) -> Piece:
    return Piece(f"{notation.inverse(a).text} {notation.signs['matmul']} {notation.factor(b, MATRIX)}", MATRIX)


def _logdet(notation: Notation, x: Piece) -> Piece:
    return notation.applied("log", notation.applied("det", x.text).text)


SPELLINGS: Final[Mapping[str, Callable[..., Piece]]] = {
    "square": _squared,
    "abs": lambda notation, x: notation.enclosed("abs", x.text),
    "floor": lambda notation, x: notation.enclosed("floor", x.text),
    "ceil": lambda notation, x: notation.enclosed("ceil", x.text),
    "sqrt": lambda notation, x: notation.root(x),
    "cbrt": lambda notation, x: notation.root(x, 3),
    "expm1": _expm1,
    "exp2": _exp2,
    "log1p": _log1p,
    "logaddexp": _logaddexp,
    "hypot": _hypot,
    "floor_divide": lambda notation, a, b: notation.enclosed("floor", notation.fraction(a, b).text),
    "remainder": _remainder,
    "inv": lambda notation, x: notation.inverse(x),
    "solve": _solution,
    "adjugate": lambda notation, x: notation.applied("adj", x.text),
    "logdet": _logdet,
    "cholesky": lambda notation, x: notation.applied("chol", x.text),
}
"""The spelling of an op by its name: from the notation and the pieces of its operands."""
