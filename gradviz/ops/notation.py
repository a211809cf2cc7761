"""The two notations in which formulas are written, Unicode text and LaTeX: signs, names, numbers, fractions, powers.

Everything here works on pieces of finished mathematics; what the pieces say is decided in `formula`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from gradviz.ops.gradient_names import GradientName, read_gradient_name

CASES, LOGIC, COMPARISON, SUM, NEGATION, SERIES, PRODUCT, MATRIX, ROOT, POWER, ATOM = range(11)
"""How tightly a piece of mathematics holds together: what holds less tightly than its place asks gets parentheses."""


class Piece(NamedTuple):
    """A piece of mathematics, and how tightly it holds together."""

    text: str
    level: int


class Notation(ABC):
    """A way to write mathematics.

    `signs` by op, `functions` that have a name of their own by op, `enclosures` that stand around an operand by op, and
    `numbers` that are known by how they come about: `ln 2`, `√2`.
    """

    signs: Mapping[str, str]
    functions: Mapping[str, str]
    enclosures: Mapping[str, tuple[str, str]]
    numbers: Mapping[float, str]

    def fit(self, piece: Piece, level: int) -> str:
        """Return a piece for a place that asks for at least this level."""
        return piece.text if piece.level >= level else self.fenced(piece.text)

    def factor(self, piece: Piece, level: int) -> str:
        """Return an operand of arithmetic; what is true or false counts as 1 or 0 and gets brackets."""
        return self.bracketed(piece.text) if piece.level in (LOGIC, COMPARISON) else self.fit(piece, level)

    def applied(self, name: str, arguments: str, index: str = "") -> Piece:
        """Return a function applied to arguments, with an index where it has one."""
        function = self.functions.get(name) or self.word(name)
        return Piece(self.indexed(function, index) + self.fenced(arguments), ATOM)

    def enclosed(self, name: str, text: str) -> Piece:
        """Return a text between the signs that an op puts around its operand: bars, or those of rounding."""
        left, right = self.enclosures[name]
        return Piece(f"{left}{text}{right}", ATOM)

    @abstractmethod
    def constant(self, value: object) -> Piece:
        """Return a literal."""

    def tensor(self, name: str) -> Piece:
        """Return a tensor: by its name, or as the gradient that the name says it is."""
        found = read_gradient_name(name)
        return Piece(self.name(name), ATOM) if found is None else self.gradient(found)

    @abstractmethod
    def name(self, name: str) -> str:
        """Return the name of a tensor."""

    @abstractmethod
    def gradient(self, found: GradientName) -> Piece:
        """Return the gradient of something by something."""

    @abstractmethod
    def word(self, text: str) -> str:
        """Return a word that is no name of a tensor."""

    @abstractmethod
    def fenced(self, text: str) -> str:
        """Return a text in parentheses."""

    @abstractmethod
    def bracketed(self, text: str) -> str:
        """Return a text in square brackets."""

    @abstractmethod
    def indexed(self, text: str, index: str) -> str:
        """Return a sign with an index below, or without one where the index is empty."""

    @abstractmethod
    def fraction(self, above: Piece, below: Piece) -> Piece:
        """Return a quotient."""

    @abstractmethod
    def power(self, base: str, exponent: Piece) -> Piece:
        """Return a power of a base that needs no more parentheses."""

    def transpose(self, text: str) -> Piece:
        """Return the transpose of what needs no more parentheses."""
        return Piece(text + self.signs["transposed"], POWER)

    def inverse(self, operand: Piece) -> Piece:
        """Return the inverse of a matrix; that of a transpose is written with one sign for both."""
        transposed = self.signs["transposed"]
        if operand.level == POWER and operand.text.endswith(transposed):
            return Piece(operand.text.removesuffix(transposed) + self.signs["inverse_transposed"], POWER)
        return Piece(self.factor(operand, ATOM) + self.signs["inverse"], POWER)

    @abstractmethod
    def root(self, operand: Piece, degree: int = 2) -> Piece:
        """Return a square root, or the third."""

    @abstractmethod
    def cases(self, rows: Sequence[tuple[str, str]], last: str) -> Piece:
        """Return a choice: (value, condition) rows, and the value in all other cases."""


class Unicode(Notation):
    """One line of text, as a node or a status bar shows it."""

    signs = MappingProxyType(
        {
            "add": "+",
            "subtract": "−",
            "negative": "−",
            "multiply": "×",
            "matmul": "·",
            "greater": ">",
            "greater_equal": "≥",
            "less": "<",
            "less_equal": "≤",
            "equal": "=",
            "not_equal": "≠",
            "logical_and": "∧",
            "logical_or": "∨",
            "logical_xor": "⊕",
            "logical_not": "¬",
            "remainder": "mod",
            "sum": "∑",
            "prod": "∏",
            "by": "×",
            "becomes": "→",
            "transposed": "ᵀ",
            "inverse": "⁻¹",
            "inverse_transposed": "⁻ᵀ",
        }
    )
    functions = MappingProxyType(
        {
            "log": "ln",
            "log2": "log₂",
            "log10": "log₁₀",
            "asin": "arcsin",
            "acos": "arccos",
            "atan": "arctan",
            "asinh": "arsinh",
            "acosh": "arcosh",
            "atanh": "artanh",
            "sign": "sgn",
            "sigmoid": "σ",
            "maximum": "max",
            "minimum": "min",
        }
    )
    enclosures = MappingProxyType({"abs": ("|", "|"), "floor": ("⌊", "⌋"), "ceil": ("⌈", "⌉")})
    numbers = MappingProxyType(
        {
            math.log(2): "ln 2",
            math.log(10): "ln 10",
            math.sqrt(2): "√2",
            math.sqrt(math.pi): "√π",
            math.sqrt(2 * math.pi): "√(2π)",
            math.sqrt(2 / math.pi): "√(2/π)",
        }
    )

    def constant(self, value: object) -> Piece:
        """Return a literal with a true minus and a true infinity."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Piece(str(value), ATOM)
        if value in self.numbers:
            return Piece(self.numbers[value], ATOM)
        text = _number_text(value).replace("-", "−").replace("inf", "∞")
        return Piece(text, NEGATION if text.startswith("−") else ATOM)

    def name(self, name: str) -> str:
        """Return the name as the user wrote it."""
        return name

    def gradient(self, found: GradientName) -> Piece:
        """Return `∂loss/∂W`."""
        return Piece(found.text, CASES if found.via else PRODUCT)

    def word(self, text: str) -> str:
        """Return the word as it is."""
        return text

    def fenced(self, text: str) -> str:
        """Return a text in parentheses."""
        return f"({text})"

    def bracketed(self, text: str) -> str:
        """Return a text in square brackets."""
        return f"[{text}]"

    def indexed(self, text: str, index: str) -> str:
        """Return a sign with small digits below."""
        return text + index.translate(_BELOW)

    def fraction(self, above: Piece, below: Piece) -> Piece:
        """Return `above / below`."""
        level = NEGATION if above.level == NEGATION else PRODUCT
        return Piece(f"{self.factor(above, level)} / {self.factor(below, MATRIX)}", level)

    def power(self, base: str, exponent: Piece) -> Piece:
        """Return a power with small digits above, or with `^` where the exponent is more than an integer."""
        if exponent.text.lstrip("−").isdecimal():
            return Piece(base + exponent.text.translate(_ABOVE), POWER)
        return Piece(f"{base}^{self.factor(exponent, ATOM)}", POWER)

    def root(self, operand: Piece, degree: int = 2) -> Piece:
        """Return `√operand` or `∛operand`."""
        return Piece(f"{'√' if degree == 2 else '∛'}{self.factor(operand, ATOM)}", ROOT)

    def cases(self, rows: Sequence[tuple[str, str]], last: str) -> Piece:
        """Return `value if condition, …, else last`."""
        told = ", ".join(f"{value} if {condition}" for value, condition in rows)
        return Piece(f"{told}, else {last}", CASES)


_BELOW: Final = str.maketrans("0123456789−-,", "₀₁₂₃₄₅₆₇₈₉₋₋,")
_ABOVE: Final = str.maketrans("0123456789−-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


class Latex(Notation):
    """Math mode of LaTeX, with amsmath."""

    signs = MappingProxyType(
        {
            "add": "+",
            "subtract": "-",
            "negative": "-",
            "multiply": r"\times",
            "matmul": r"\cdot",
            "greater": ">",
            "greater_equal": r"\ge",
            "less": "<",
            "less_equal": r"\le",
            "equal": "=",
            "not_equal": r"\ne",
            "logical_and": r"\land",
            "logical_or": r"\lor",
            "logical_xor": r"\oplus",
            "logical_not": r"\lnot ",
            "remainder": r"\bmod",
            "sum": r"\sum",
            "prod": r"\prod",
            "by": r" \times ",
            "becomes": r"\to",
            "transposed": r"^{\top}",
            "inverse": "^{-1}",
            "inverse_transposed": r"^{-\top}",
        }
    )
    functions = MappingProxyType(
        {
            "log": r"\ln",
            "log2": r"\log_{2}",
            "log10": r"\log_{10}",
            "exp": r"\exp",
            **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
            **{f"a{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")},
            **{f"a{name}": rf"\operatorname{{ar{name}}}" for name in ("sinh", "cosh", "tanh")},
            "det": r"\det",
            "max": r"\max",
            "min": r"\min",
            "maximum": r"\max",
            "minimum": r"\min",
            "sigmoid": r"\sigma",
            "sign": r"\operatorname{sgn}",
        }
    )
    enclosures = MappingProxyType(
        {
            "abs": (r"\left|", r"\right|"),
            "floor": (r"\left\lfloor ", r"\right\rfloor"),
            "ceil": (r"\left\lceil ", r"\right\rceil"),
        }
    )
    numbers = MappingProxyType(
        {
            math.log(2): r"\ln 2",
            math.log(10): r"\ln 10",
            math.sqrt(2): r"\sqrt{2}",
            math.sqrt(math.pi): r"\sqrt{\pi}",
            math.sqrt(2 * math.pi): r"\sqrt{2\pi}",
            math.sqrt(2 / math.pi): r"\sqrt{2/\pi}",
        }
    )

    def constant(self, value: object) -> Piece:
        """Return a literal; an exponent becomes a power of ten."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Piece(self.word(str(value)), ATOM)
        if value in self.numbers:
            return Piece(self.numbers[value], ATOM)
        mantissa, _, exponent = _number_text(value).replace("inf", r"\infty").partition("e")
        level = NEGATION if mantissa.startswith("-") else PRODUCT if exponent else ATOM
        if not exponent:
            return Piece(mantissa, level)
        power = f"10^{{{exponent}}}"
        return Piece(power, POWER) if mantissa == "1" else Piece(rf"{mantissa} \times {power}", level)

    def name(self, name: str) -> str:
        """Return a letter, a Greek letter or a word in italics, with digits at its end as an index."""
        stem = name.rstrip("0123456789").rstrip("_") or name
        index = name[len(stem) :].lstrip("_")
        word = stem if len(stem) == 1 else rf"\mathit{{{escaped(stem)}}}"
        letter = f"\\{stem}" if stem in _GREEK else word
        return f"{letter}_{{{index}}}" if index else letter

    def gradient(self, found: GradientName) -> Piece:
        """Return a fraction with a line; behind a bar stands by which wire a contribution comes."""
        parts = [self._differentiated(part, SUM if len(found.of) > 1 else ATOM) for part in found.of]
        above = parts[0] if len(parts) == 1 else self.fenced(" + ".join(parts))
        text = rf"\frac{{\partial {above}}}{{\partial {self._differentiated(found.by, ATOM)}}}"
        return Piece(rf"\left.{text}\right|_{{{self.name(found.via)}}}" if found.via else text, MATRIX)

    def _differentiated(self, part: GradientName | str, level: int) -> str:
        return self.name(part) if isinstance(part, str) else self.fit(self.gradient(part), level)

    def word(self, text: str) -> str:
        """Return an upright word."""
        return rf"\operatorname{{{escaped(text)}}}"

    def fenced(self, text: str) -> str:
        """Return a text in parentheses that grow."""
        return rf"\left({text}\right)"

    def bracketed(self, text: str) -> str:
        """Return a text in square brackets that grow."""
        return rf"\left[{text}\right]"

    def indexed(self, text: str, index: str) -> str:
        """Return a sign with an index below."""
        return f"{text}_{{{index}}}" if index else text

    def fraction(self, above: Piece, below: Piece) -> Piece:
        """Return a fraction with a line."""
        return Piece(rf"\frac{{{self.factor(above, SUM)}}}{{{self.factor(below, SUM)}}}", MATRIX)

    def power(self, base: str, exponent: Piece) -> Piece:
        """Return a power."""
        return Piece(f"{base}^{{{self.factor(exponent, SUM)}}}", POWER)

    def root(self, operand: Piece, degree: int = 2) -> Piece:
        """Return a root with a line over all of it."""
        sign = r"\sqrt" if degree == 2 else r"\sqrt[3]"
        return Piece(rf"{sign}{{{self.factor(operand, SUM)}}}", ROOT)

    def cases(self, rows: Sequence[tuple[str, str]], last: str) -> Piece:
        """Return a choice with a brace."""
        told = "".join(rf"{value} & \text{{if }} {condition} \\ " for value, condition in rows)
        return Piece(rf"\begin{{cases}} {told}{last} & \text{{otherwise}} \end{{cases}}", ATOM)


_GREEK: Final = frozenset(
    (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
        *("xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
    )
)


def escaped(text: str) -> str:
    """Return words as they stand in LaTeX, outside mathematics."""
    return "".join(f"\\{letter}" if letter in "_{}&%$#" else letter for letter in text)


def _number_text(value: float) -> str:
    """Return a number as short as it can be told exactly: no `.0`, no zeros in the exponent."""
    text = repr(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text
