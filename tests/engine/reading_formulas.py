"""Reads a line of the chain rule back from its text, and works it out: the mathematics of single numbers."""

import re

import numpy as np

from gradviz.ops import OPS

TOKEN = re.compile(
    r"\s*(NaN|\d+(?:\.\d+)?(?:e[−]?\d+)?|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|log₂|log₁₀|[A-Za-z_][A-Za-z_0-9]*|…[^=]*more|.)", re.DOTALL
)
ABOVE = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
SPELLED = {
    "ln": "log",
    "log₂": "log2",
    "log₁₀": "log10",
    "sgn": "sign",
    "σ": "sigmoid",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
}
COMPARISONS = {
    ">": np.greater,
    "≥": np.greater_equal,
    "<": np.less,
    "≤": np.less_equal,
    "=": np.equal,
    "≠": np.not_equal,
}


def work_out(text, exact):
    """Return what each side of a line comes to.

    `exact` gives the numbers behind the numbers that are written, and the tensors behind names.
    """
    reader = _Reader(text, exact)
    sides = [reader.choice()]
    while reader.take("="):
        sides.append(reader.choice())
    assert reader.at == len(reader.tokens), f"{text}: {reader.tokens[reader.at :]} is left"
    return sides


class _Reader:
    def __init__(self, text, exact):
        self.tokens = [token for token in TOKEN.findall(text) if token.strip()]
        self.at, self.exact = 0, {"π": np.pi, **exact}

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted):
        if self.peek() in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return ""

    def need(self, token):
        assert self.take(token), f"{token} is missing before {self.tokens[self.at :]}"

    def choice(self):
        value = self.logic()
        rows = []
        while self.take("if"):
            rows.append((self.logic(compares=True), value))
            self.need(",")
            value = self.choice() if self.take("else") else self.logic()
        for condition, chosen in reversed(rows):
            value = np.where(condition, chosen, value)
        return value

    def logic(self, *, compares=False):
        left = self.comparison(compares=compares)
        while sign := self.take("∧", "∨", "⊕"):
            right = self.comparison(compares=compares)
            left = {"∧": np.logical_and, "∨": np.logical_or, "⊕": np.logical_xor}[sign](left, right)
        return left

    def comparison(self, *, compares):
        left, holds = self.sum(), None
        while (self.peek() in COMPARISONS) if compares else (self.peek() in COMPARISONS and self.peek() != "="):
            sign, right = self.take(*COMPARISONS), self.sum()
            held = COMPARISONS[sign](left, right)
            holds, left = (held if holds is None else np.logical_and(holds, held)), right
        return left if holds is None else holds

    def sum(self):
        left = self.product()
        while sign := self.take("+", "−"):
            right = self.product()
            left = left + right if sign == "+" else left - right
        return left

    def product(self):
        left = self.signed()
        while sign := self.take("×", "/", "mod"):
            right = self.signed()
            left = left * right if sign == "×" else np.divide(left, right) if sign == "/" else np.remainder(left, right)
        return left

    def signed(self):
        if self.take("−"):
            return -self.product()
        if self.take("¬"):
            return np.logical_not(self.signed())
        left = self.power()
        while self.take("·"):
            left = left @ self.power()
        return left

    def power(self):
        base = self.atom()
        while True:
            if re.fullmatch("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", self.peek() or " "):
                base = np.float64(base) ** int(self.take(self.peek()).translate(ABOVE))
            elif self.take("ᵀ"):
                base = np.matrix_transpose(base)
            elif self.take("^"):
                base = np.power(np.float64(base), -self.atom() if self.take("−") else self.atom())
            else:
                return base

    def atom(self):
        token = self.take(self.peek())
        if token[0].isdigit() or token in {"NaN", "∞"}:
            number = self.number(token)
            return number * np.pi if self.take("π") else number
        if token in {"true", "false"}:
            return token == "true"
        if token == "(":
            return self.inside(")")
        if token == "[":
            held = self.logic(compares=True)
            self.need("]")
            return np.float64(held)
        enclosed = {"|": ("|", np.abs), "⌊": ("⌋", np.floor), "⌈": ("⌉", np.ceil)}
        if token in enclosed:
            closing, function = enclosed[token]
            return function(self.inside(closing))
        if token in "√∛":
            return (np.sqrt if token == "√" else np.cbrt)(self.atom())
        if token in self.exact and self.peek() != "(":
            return self.exact[token]
        return self.function(token)

    def number(self, token):
        return self.exact.get(token, np.float64(token.replace("−", "-").replace("∞", "inf")))

    def inside(self, closing):
        value = self.choice()
        self.need(closing)
        return value

    def function(self, name):
        if name == "ln" and self.peek() != "(":
            return np.log(self.atom())
        self.need("(")
        arguments, params = [], {}
        while not self.take(")"):
            word = self.tokens[self.at : self.at + 2]
            if len(word) == 2 and word[1] == "=":
                self.at += 2
                params[word[0]] = self.choice()
            else:
                arguments.append(self.choice())
            self.take(",")
        return _applied(name, arguments, params)


def _applied(name, arguments, params):
    if name in {"max", "min"}:
        return (np.maximum if name == "max" else np.minimum)(*arguments)
    if name in {"float64", "float32", "int64", "int32", "bool"}:
        return arguments[0].astype(name) if hasattr(arguments[0], "astype") else np.dtype(name).type(arguments[0])
    op = OPS[SPELLED.get(name, name)]
    params = {key: float(value) if np.ndim(value) == 0 else value for key, value in params.items()}
    return op.forward(*(np.float64(argument) for argument in arguments), **op.read_params(params))
