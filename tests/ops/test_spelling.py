"""Functions read as in a textbook: in formulas they are spelled as people write them, not as NumPy calls them."""

import ast

import numpy as np
import pytest

from gradviz.ops import OPS, forward_formula, latex, unicode, vjp_formula

FLOAT = np.dtype("float64")


@pytest.mark.parametrize(
    ("code", "line", "tex"),
    [
        ("np.expm1(x)", "exp(x) − 1", r"\exp\left(x\right) - 1"),
        ("2 * np.expm1(x)", "2 × (exp(x) − 1)", r"2 \times \left(\exp\left(x\right) - 1\right)"),
        ("np.log1p(x)", "ln(1 + x)", r"\ln\left(1 + x\right)"),
        ("np.log1p(-x)", "ln(1 + (−x))", r"\ln\left(1 + \left(-x\right)\right)"),
        ("np.log1p(a + b)", "ln(1 + a + b)", r"\ln\left(1 + a + b\right)"),
        ("np.exp2(x)", "2^x", r"2^{x}"),
        ("np.exp2(a + b)", "2^(a + b)", r"2^{a + b}"),
        ("np.log2(x)", "log₂(x)", r"\log_{2}\left(x\right)"),
        ("np.asin(x)", "arcsin(x)", r"\arcsin\left(x\right)"),
        ("np.acosh(x)", "arcosh(x)", r"\operatorname{arcosh}\left(x\right)"),
        ("np.sinh(x)", "sinh(x)", r"\sinh\left(x\right)"),
        ("np.cbrt(a + b)", "∛(a + b)", r"\sqrt[3]{a + b}"),
        ("np.floor(a / b)", "⌊a / b⌋", r"\left\lfloor \frac{a}{b}\right\rfloor"),
        ("np.floor_divide(a + b, c)", "⌊(a + b) / c⌋", r"\left\lfloor \frac{a + b}{c}\right\rfloor"),
        ("-np.ceil(x)", "−⌈x⌉", r"-\left\lceil x\right\rceil"),
        ("np.hypot(a, -b)", "√(a² + (−b)²)", r"\sqrt{a^{2} + \left(-b\right)^{2}}"),
        (
            "np.logaddexp(a, b)",
            "ln(exp(a) + exp(b))",
            r"\ln\left(\exp\left(a\right) + \exp\left(b\right)\right)",
        ),
        ("np.remainder(a, b) + 1", "a mod b + 1", r"a \bmod b + 1"),
        ("np.remainder(a + b, c * 2)", "(a + b) mod (c × 2)", r"\left(a + b\right) \bmod \left(c \times 2\right)"),
        ("np.remainder(a, b) / c", "a mod b / c", r"\frac{a \bmod b}{c}"),
        ("c / np.remainder(a, b)", "c / (a mod b)", r"\frac{c}{a \bmod b}"),
        ("np.logical_xor(a > 0, b)", "a > 0 ⊕ b", r"a > 0 \oplus b"),
        ("np.clip(x, max=0)", "min(x, 0)", r"\min\left(x, 0\right)"),
        ("np.clip(x, min=-1, max=None)", "max(x, −1)", r"\max\left(x, -1\right)"),
        ("np.logical_and(x > -3, x < 3)", "−3 < x < 3", r"-3 < x < 3"),
        ("np.logical_and(x > 0, x <= 1)", "0 < x ≤ 1", r"0 < x \le 1"),
        ("np.logical_and(a > 0, b < 1)", "a > 0 ∧ b < 1", r"a > 0 \land b < 1"),
        ("np.logical_and(x < 3, x > -3)", "x < 3 ∧ x > −3", r"x < 3 \land x > -3"),
        ("x * 0.6931471805599453", "x × ln 2", r"x \times \ln 2"),
        ("x / 1.4142135623730951", "x / √2", r"\frac{x}{\sqrt{2}}"),
    ],
)
def test_a_function_is_spelled_as_mathematics_does(code, line, tex):
    expression = ast.parse(code, mode="eval").body
    assert unicode(expression) == line
    assert latex(expression) == tex


@pytest.mark.parametrize(
    ("name", "params", "forward", "backward"),
    [
        ("reciprocal", {}, "1 / x", "−g × y²"),
        ("rsqrt", {}, "1 / √x", "−g × y³ / 2"),
        ("expm1", {}, "exp(x) − 1", "g × (y + 1)"),
        ("log10", {}, "log₁₀(x)", "g / (x × ln 10)"),
        ("asin", {}, "arcsin(x)", "g / √(1 − x²)"),
        ("acos", {}, "arccos(x)", "−g / √(1 − x²)"),
        ("atan", {}, "arctan(x)", "g / (1 + x²)"),
        ("erf", {}, "erf(x)", "g × 2 × exp(−x²) / √π"),
        ("floor", {}, "⌊x⌋", "0"),
        ("softplus", {}, "max(x, 0) + ln(1 + exp(−|x|))", "g × σ(x)"),
        ("log_sigmoid", {}, "min(x, 0) − ln(1 + exp(−|x|))", "g × σ(−x)"),
        ("softsign", {}, "x / (1 + |x|)", "g / (1 + |x|)²"),
        ("silu", {}, "x × σ(x)", "g × σ(x) × (1 + x × (1 − σ(x)))"),
        ("gelu", {}, "x × (1 + erf(x / √2)) / 2", "g × ((1 + erf(x / √2)) / 2 + x × exp(−x² / 2) / √(2π))"),
        ("gelu", {"approximate": "tanh"}, "x × (1 + tanh(√(2/π) × (x + 0.044715 × x³))) / 2", None),
        ("leaky_relu", {}, "x if x > 0, else 0.01 × x", "g if x > 0, else 0.01 × g"),
        ("elu", {}, "x if x > 0, else exp(min(x, 0)) − 1", "g if x > 0, else g × exp(min(x, 0))"),
        ("elu", {"alpha": 2}, "x if x > 0, else 2 × (exp(min(x, 0)) − 1)", "g if x > 0, else g × 2 × exp(min(x, 0))"),
        ("relu6", {}, "min(max(x, 0), 6)", "g × [0 < x < 6]"),
        ("hardsigmoid", {}, "min(max(x + 3, 0), 6) / 6", "g / 6 × [−3 < x < 3]"),
    ],
)
def test_an_activation_reads_as_it_is_taught(name, params, forward, backward):
    op = OPS[name]
    canonical = op.read_params(params)
    assert unicode(forward_formula(op, [(2,)], [FLOAT], canonical)) == forward
    if backward is not None:
        assert unicode(vjp_formula(op, "x", [(2,)], [FLOAT], canonical)) == backward


def test_a_sum_of_many_is_flat_and_deep_in_no_way():
    names = [f"x{i}" for i in range(5000)]
    expression = forward_formula(OPS["add_n"], [(2,)] * 5000, [FLOAT] * 5000, {})
    assert unicode(expression) == " + ".join(names)
