r"""How the terms of one formula are told: a tensor by its name, its shape or its number, a gradient as ∂loss/∂W.

The same rule is told three times, with names, with shapes and with numbers. Its expression stays as it is, in the
letters of the rule; what each letter stands for is said beside it. `marked` is LaTeX in which every term carries its
letter, `\term{g}{…}`, for whoever lays it out and wants to know where each term lies.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradviz.ops.gradient_names import GradientName
from gradviz.ops.mathematics import write
from gradviz.ops.notation import ATOM, LOGIC, NEGATION, PRODUCT, ROOT, SUM, Latex, Notation, Piece, Unicode, escaped
from gradviz.ops.op import Shape


@dataclass(frozen=True)
class Word:
    """A term told in words, such as `seed`, or what stands for terms that are left out."""

    text: str


@dataclass(frozen=True)
class Numeral:
    """A number as it is shown; with `is_fenced`, a negative one has parentheses wherever it stands."""

    text: str
    is_fenced: bool = False


Told = str | GradientName | Shape | Word | Numeral
"""How a term is told: by the name of a node, as a gradient, by its shape, in a word or as a number."""


def unicode_of(sides: Sequence[ast.expr], told: Mapping[str, Told], sign: str = "=") -> str:
    """Return an equation as one line of text; `sign` stands between its first two sides."""
    return _joined(_UnicodeTerms(told), sides, sign)


def latex_of(sides: Sequence[ast.expr], told: Mapping[str, Told], sign: str = "=") -> str:
    """Return an equation as LaTeX, for math mode with amsmath; `sign` as for `unicode_of`."""
    return _joined(_LatexTerms(told), sides, _LATEX_SIGNS[sign])


def marked_of(sides: Sequence[ast.expr], told: Mapping[str, Told], sign: str = "=") -> str:
    r"""Return an equation as LaTeX in which every term is marked with its letter: `\term{g}{…}`."""
    return _joined(_MarkedTerms(told), sides, _LATEX_SIGNS[sign])


_LATEX_SIGNS = {"=": "=", "←": r"\leftarrow"}


def _joined(notation: Notation, sides: Sequence[ast.expr], sign: str) -> str:
    *most, last = [write(notation, side) for side in sides]
    texts = [*(notation.factor(piece, LOGIC) for piece in most), _last_text(notation, last)]
    return f" {sign} ".join([texts[0], " = ".join(texts[1:])]) if len(texts) > 1 else texts[0]


def _last_text(notation: Notation, piece: Piece) -> str:
    """Return the last side: what is true or false gets brackets, a choice needs none where nothing follows."""
    return piece.text if piece.level < LOGIC else notation.factor(piece, LOGIC)


class _Terms(Notation):
    """What both notations share: the name of a tensor is a letter, and what it stands for is looked up."""

    def __init__(self, told: Mapping[str, Told]) -> None:
        self._told = told

    def tensor(self, name: str) -> Piece:
        """Return what the letter stands for."""
        told = self._told.get(name)
        match told:
            case None:
                return super().tensor(name)
            case str():
                return Piece(self.name(told), ATOM)
            case GradientName():
                return Piece(self.gradient(told).text, SUM if told.via else ROOT)
            case Numeral():
                return self.numeral(told)
            case Word(text=text):
                return Piece(self.said(text), ATOM)
        return self.shape(told)

    def numeral(self, told: Numeral) -> Piece:
        """Return a number with a true minus."""
        raise NotImplementedError

    def said(self, text: str) -> str:
        """Return words."""
        raise NotImplementedError

    def shape(self, lengths: Shape) -> Piece:
        """Return a shape in parentheses."""
        raise NotImplementedError


class _UnicodeTerms(_Terms, Unicode):
    def numeral(self, told: Numeral) -> Piece:
        if not told.text.startswith("−"):
            return Piece(told.text, ATOM)
        return Piece(f"({told.text})", ATOM) if told.is_fenced else Piece(told.text, NEGATION)

    def said(self, text: str) -> str:
        return text

    def shape(self, lengths: Shape) -> Piece:
        return Piece(_shape_text(lengths, "×"), ATOM)


class _LatexTerms(_Terms, Latex):
    def numeral(self, told: Numeral) -> Piece:
        mantissa, _, exponent = told.text.replace("−", "-").partition("e")
        text = {"NaN": r"\text{NaN}", "∞": r"\infty", "-∞": r"-\infty"}.get(mantissa, mantissa)
        is_negative = text.startswith("-")
        text += rf" \times 10^{{{exponent}}}" if exponent else ""
        if is_negative and told.is_fenced:
            return Piece(self.fenced(text), ATOM)
        return Piece(text, NEGATION if is_negative else PRODUCT if exponent else ATOM)

    def said(self, text: str) -> str:
        return rf"\text{{{escaped(text)}}}"

    def shape(self, lengths: Shape) -> Piece:
        text = _shape_text(lengths, r" \times ")
        return Piece(f"{{{text}}}" if lengths else r"\text{scalar}", ATOM)  # braces: it is never broken


class _MarkedTerms(_LatexTerms):
    def tensor(self, name: str) -> Piece:
        text, level = super().tensor(name)
        return Piece(rf"\term{{{name}}}{{{text}}}", level) if name in self._told else Piece(text, level)


def _shape_text(lengths: Shape, by: str) -> str:
    if not lengths:
        return "scalar"
    return f"({by.join(map(str, lengths))})" if len(lengths) > 1 else f"({lengths[0]},)"
