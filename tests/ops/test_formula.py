"""Rules print as mathematics, with the parentheses that mathematics needs and no others."""

import ast

import numpy as np
import pytest

from gradviz.ops import OPS, forward_formula, latex, unicode, vjp_formula

FLOAT = np.dtype("float64")


def shown(code):
    return unicode(ast.parse(code, mode="eval").body)


def typeset(code):
    return latex(ast.parse(code, mode="eval").body)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("a + b - c", "a + b − c"),
        ("a - (b - c)", "a − (b − c)"),
        ("a - (b + c)", "a − (b + c)"),
        ("a + (b - c)", "a + b − c"),
        ("a + -b", "a + (−b)"),
        ("a - -b", "a − (−b)"),
        ("a - -b * c", "a − (−b × c)"),
        ("-a + b", "−a + b"),
        ("-(a + b)", "−(a + b)"),
        ("-(-a)", "−(−a)"),
        ("-a * b", "−a × b"),
        ("a * -b", "a × (−b)"),
        ("a * (b * c)", "a × b × c"),
        ("(a + b) * c", "(a + b) × c"),
        ("a * (b / c)", "a × b / c"),
        ("a / b / c", "a / b / c"),
        ("a / (b / c)", "a / (b / c)"),
        ("a / (b * c)", "a / (b × c)"),
        ("a / (b @ c)", "a / b · c"),
        ("-a / b", "−a / b"),
        ("a / -b", "a / (−b)"),
        ("(a * b) @ c", "(a × b) · c"),
        ("a @ b @ c", "a · b · c"),
        ("a @ b + c", "a · b + c"),
        ("-2 * x", "−2 × x"),
        ("x - 2", "x − 2"),
        ("x ** 2", "x²"),
        ("x ** -12", "x⁻¹²"),
        ("x ** 0.5", "x^0.5"),
        ("x ** (b - 1)", "x^(b − 1)"),
        ("x ** -b", "x^(−b)"),
        ("(-x) ** 2", "(−x)²"),
        ("(a + b) ** 2", "(a + b)²"),
        ("x ** 2 ** 3", "x^(2³)"),
        ("np.square(np.exp(x))", "exp(x)²"),
        ("np.square(np.square(x))", "(x²)²"),
        ("np.sqrt(x)", "√x"),
        ("np.sqrt(a * b)", "√(a × b)"),
        ("1 / (2 * np.sqrt(x))", "1 / (2 × √x)"),
        ("np.abs(a - b)", "|a − b|"),
        ("np.log(np.sum(np.exp(x)))", "ln(∑ exp(x))"),
        ("np.sum(a * b, axis=0, keepdims=True)", "∑₀(a × b)"),
        ("np.sum(x, axis=(0, -1))", "∑₀,₋₁ x"),
        ("np.sum(np.sum(x, axis=0))", "∑ ∑₀ x"),
        ("np.sum(np.square(x))", "∑ x²"),
        ("np.sum(x) * y", "(∑ x) × y"),
        ("y * np.sum(x)", "y × ∑ x"),
        ("y * np.sum(x) * z", "(y × ∑ x) × z"),
        ("a - np.sum(x)", "a − ∑ x"),
        ("np.sum(x) ** 2", "(∑ x)²"),
        ("np.mean(x, axis=-1)", "mean₋₁(x)"),
        ("np.max(x, axis=1)", "max₁(x)"),
        ("np.maximum(x, 0)", "max(x, 0)"),
        ("np.sign(x) * sigmoid(x)", "sgn(x) × σ(x)"),
        ("np.permute_dims(x, axes=(1, 0))", "xᵀ"),
        ("np.permute_dims(a + b, axes=(0, 2, 1))", "(a + b)ᵀ"),
        ("np.permute_dims(x, axes=(2, 1, 0))", "permute_dims(x, axes=(2, 1, 0))"),
        ("np.square(np.permute_dims(x, axes=(1, 0)))", "(xᵀ)²"),
        ("np.where(x > 0, g, 0.0)", "g × [x > 0]"),
        ("np.where(x > 0, -g, 0)", "−g × [x > 0]"),
        ("np.where(x > 0, a + b, 0)", "(a + b) × [x > 0]"),
        ("np.where(x > 0, 1.0, 0.0)", "[x > 0]"),
        ("np.where(x > 0, 0, g)", "0 if x > 0, else g"),
        ("np.where(a < b, 0, np.where(a == b, g / 2, g))", "0 if a < b, g / 2 if a = b, else g"),
        ("2 * np.where(a < b, a, b)", "2 × (a if a < b, else b)"),
        ("g * (x == y)", "g × [x = y]"),
        ("(a > b) + (a == b) / 2", "[a > b] + [a = b] / 2"),
        ("np.logical_and(x >= 0, x <= 1)", "0 ≤ x ≤ 1"),
        ("np.logical_and(x >= 0, y <= 1)", "x ≥ 0 ∧ y ≤ 1"),
        ("np.logical_or(x >= 0, x <= 1)", "x ≥ 0 ∨ x ≤ 1"),
        ("np.logical_not(a < b)", "¬(a < b)"),
        ("np.logical_not(a)", "¬a"),
        ("np.zeros_like(g)", "0"),
        ("astype(x, dtype='float32')", "float32(x)"),
        ("np.astype(x, 'int8')", "int8(x)"),
        ("np.broadcast_to(g, shape=(2, 3))", "broadcast(g → 2×3)"),
        ("np.reshape(g / 2, shape=())", "reshape(g / 2 → ())"),
        ("np.reshape(g, shape=shape)", "reshape(g, shape=shape)"),
        ("np.concat([a, b], axis=0)", "concat(a, b, axis=0)"),
        ("conv2d(x, w, stride=(1, 2), padding=None)", "conv2d(x, w, stride=(1, 2))"),
        ("x[0, 1:, ::-1, ..., None]", "x[0, 1:, ::−1, …, newaxis]"),
        ("(a + b)[np.array([0, 2])]", "(a + b)[[0, 2]]"),
        ("scatter(g, index=(slice(1, None, None), 0), shape=(4, 2))", "scatter(g, index=[1:, 0], shape=4×2)"),
        ("x[np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])]", "x[[0, 1, 2, 3, 4, 5, 6, 7, …]]"),
        ("einsum(a, b, equation='ij,jk->ik')", "einsum(a, b; ij,jk → ik)"),
        ("frobnicate(a, b, depth=3)", "frobnicate(a, b, depth=3)"),
        ("x * 1e-07", "x × 1e−7"),
        ("x * 2.5e-07", "x × 2.5e−7"),
        ("x < 1e309", "x < ∞"),
        ("x > -1e309", "x > −∞"),
        ("x * 3.0", "x × 3"),
        ("x * 0.1", "x × 0.1"),
        ("f(x, flag=True)", "f(x, flag=True)"),
    ],
)
def test_an_expression_prints_as_one_line_of_mathematics(code, line):
    assert shown(code) == line


@pytest.mark.parametrize(
    ("code", "tex"),
    [
        ("a * b", r"a \times b"),
        ("a @ b", r"a \cdot b"),
        ("(a + b) / (c * d)", r"\frac{a + b}{c \times d}"),
        ("(a / b) ** 2", r"\left(\frac{a}{b}\right)^{2}"),
        ("-a / b", r"\frac{-a}{b}"),
        ("x ** (b - 1)", r"x^{b - 1}"),
        ("np.sqrt(a + b)", r"\sqrt{a + b}"),
        ("np.exp(-x)", r"\exp\left(-x\right)"),
        ("np.log(x)", r"\ln\left(x\right)"),
        ("np.abs(x)", r"\left|x\right|"),
        ("np.sum(x, axis=(0, 1))", r"\sum_{0,1} x"),
        ("np.max(x, axis=-1)", r"\max_{-1}\left(x\right)"),
        ("np.permute_dims(x, axes=(1, 0))", r"x^{\top}"),
        ("np.where(x > 0, g, 0)", r"g \times \left[x > 0\right]"),
        ("np.where(a < b, a, b)", r"\begin{cases} a & \text{if } a < b \\ b & \text{otherwise} \end{cases}"),
        ("np.logical_and(x >= 0, x <= 1)", r"0 \le x \le 1"),
        ("x * -2.5e-07", r"x \times \left(-2.5 \times 10^{-7}\right)"),
        ("loss * x1 * W_2 * alpha_0", r"\mathit{loss} \times x_{1} \times W_{2} \times \alpha_{0}"),
        ("my_loss", r"\mathit{my\_loss}"),
        ("größe + θ", r"\mathit{größe} + θ"),
        ("x * 1e-07 + 2.5e-07", r"x \times 10^{-7} + 2.5 \times 10^{-7}"),
        ("x * 2.5e-07", r"x \times 2.5 \times 10^{-7}"),
        ("x < 1e309", r"x < \infty"),
        ("one_hot(t, depth=3)", r"\operatorname{one\_hot}\left(t, \operatorname{depth}=3\right)"),
        ("np.broadcast_to(g, shape=(2, 3))", r"\operatorname{broadcast}\left(g \to 2 \times 3\right)"),
    ],
)
def test_an_expression_prints_as_latex(code, tex):
    assert typeset(code) == tex


def test_a_formula_has_the_names_of_the_user():
    names = {"a": "x", "b": "W", "g": "∂loss", "y": "h"}
    shapes, dtypes = [(2, 3), (3, 4)], [FLOAT, FLOAT]
    assert unicode(forward_formula(OPS["matmul"], shapes, dtypes, {}, names=names)) == "x · W"
    assert unicode(vjp_formula(OPS["matmul"], "a", shapes, dtypes, {}, names=names)) == "∂loss · Wᵀ"
    assert unicode(vjp_formula(OPS["matmul"], "b", shapes, dtypes, {}, names=names)) == "xᵀ · ∂loss"


def test_names_that_change_places_are_not_renamed_twice():
    swapped = {"a": "b", "b": "a"}
    assert unicode(forward_formula(OPS["divide"], [(), ()], [FLOAT, FLOAT], {}, names=swapped)) == "b / a"


def test_names_that_change_places_are_not_renamed_twice_where_a_rule_uses_a_part_twice():
    swapped = {"x": "t", "t": "x"}
    line = unicode(forward_formula(OPS["softmax"], [(2,)], [FLOAT], {"axis": -1}, names={"x": "y", "y": "z"}))
    assert line == "exp(y − max₋₁(y)) / (∑₋₁ exp(y − max₋₁(y)))"
    params = OPS["mse_loss"].read_params({})
    assert (
        unicode(forward_formula(OPS["mse_loss"], [(2,), (2,)], [FLOAT] * 2, params, names=swapped)) == "mean((t − x)²)"
    )


def test_a_user_may_call_a_tensor_like_a_function():
    names = {"x": "exp"}
    assert unicode(forward_formula(OPS["exp"], [()], [FLOAT], {}, names=names)) == "exp(exp)"


def test_a_port_without_a_rule_has_no_formula():
    assert vjp_formula(OPS["greater"], "a", [(), ()], [FLOAT, FLOAT], {}) is None


def test_a_formula_stated_by_hand_gets_names_and_params():
    assert unicode(forward_formula(OPS["sigmoid"], [(2,)], [FLOAT], {}, names={"x": "z"})) == "1 / (1 + exp(−z))"
    assert latex(forward_formula(OPS["sigmoid"], [(2,)], [FLOAT], {})) == r"\frac{1}{1 + \exp\left(-x\right)}"


@pytest.mark.parametrize(
    ("name", "sizes", "params", "forward", "backward"),
    [
        ("multiply", [(2,), (2,)], {}, "a × b", ["g × b", "g × a"]),
        ("divide", [(2,), (2,)], {}, "a / b", ["g / b", "−g × y / b"]),
        ("relu", [(2,)], {}, "max(x, 0)", ["g × [x > 0]"]),
        ("tanh", [(2,)], {}, "tanh(x)", ["g × (1 − y²)"]),
        ("sigmoid", [(2,)], {}, "1 / (1 + exp(−x))", ["g × y × (1 − y)"]),
        ("mean", [(2, 3)], {}, "mean(x)", ["broadcast(g / 6 → 2×3)"]),
        ("clip", [(2,)], {"min": 0.0, "max": 1.0}, "clip(x, min=0, max=1)", ["g × [0 ≤ x ≤ 1]"]),
        ("softmax", [(2, 3)], {}, None, ["y × (g − ∑₋₁(g × y))"]),
        ("maximum", [(), ()], {}, "max(a, b)", ["0 if a < b, g / 2 if a = b, else g", None]),
    ],
)
def test_what_people_know_looks_as_they_know_it(name, sizes, params, forward, backward):
    op, dtypes = OPS[name], [FLOAT] * len(sizes)
    canonical = op.read_params(params)
    if forward is not None:
        assert unicode(forward_formula(op, sizes, dtypes, canonical)) == forward
    for port, line in zip(op.inputs, backward, strict=True):
        if line is not None:
            assert unicode(vjp_formula(op, port, sizes, dtypes, canonical)) == line
