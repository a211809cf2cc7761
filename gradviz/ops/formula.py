"""Prints a rule as mathematics: Unicode text for the screen, LaTeX for papers.

A rule is first read as a Python expression by `symbolic`; here the expression gets the names that the user gave and
is written with as few parentheses as mathematics needs. What has no notation of its own is written as a function.

    np.where(x > 0, g, 0.0)      g × [x > 0]                     (1 where the bracket holds, 0 elsewhere)
    g @ np.swapaxes(b, -1, -2)   g · bᵀ
    np.sum(x, axis=0)            ∑₀ x                            (the index is the axis)
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from gradviz.ops import symbolic
from gradviz.ops.dtypes import Dtype
from gradviz.ops.mathematics import write
from gradviz.ops.notation import Latex, Unicode
from gradviz.ops.op import Op, Shape
from gradviz.ops.optimisers import Optimiser

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def unicode(expression: ast.expr) -> str:
    """Return an expression as one line of mathematics."""
    return write(Unicode(), expression).text


def latex(expression: ast.expr) -> str:
    """Return an expression as LaTeX, for math mode with amsmath."""
    return write(Latex(), expression).text


def forward_formula(
    op: Op,
    shapes: Sequence[Shape],
    dtypes: Sequence[Dtype],
    params: Mapping[str, Any],
    *,
    names: Mapping[str, str] = _NO_NAMES,
) -> ast.expr:
    """Return what the op computes as an expression; `names` says what its ports are called."""
    if op.formula is None:
        return _renamed(symbolic.read_forward(op, shapes, dtypes, params), names)
    stated = ast.parse(op.formula, mode="eval").body
    return _renamed(_Substitution({name: ast.Constant(value) for name, value in params.items()}).visit(stated), names)


def vjp_formula(
    op: Op,
    port: str,
    shapes: Sequence[Shape],
    dtypes: Sequence[Dtype],
    params: Mapping[str, Any],
    *,
    names: Mapping[str, str] = _NO_NAMES,
) -> ast.expr | None:
    """Return the gradient rule of a port as an expression, or None; `names` says what `g`, `y` and ports are called."""
    expression = symbolic.read_vjp(op, port, shapes, dtypes, params)
    return None if expression is None else _renamed(expression, names)


def update_formula(
    optimiser: Optimiser,
    name: str,
    step: int,
    settings: Mapping[str, float],
    *,
    names: Mapping[str, str] = _NO_NAMES,
) -> ast.expr:
    """Return the rule that gives `x`, or one of the optimiser's states, at a step as an expression.

    `settings` are as `read_settings` returns them; `names` says what `x`, `g` and the states are called. Numbers that
    come of the settings have four digits: 1 − 0.9 is written 0.1.
    """
    known = ("x", "g", *optimiser.state_names)
    rule = optimiser.rules[name]

    def by_position(*tensors: Any, **numbers: Any) -> Any:
        return rule(**dict(zip(known, tensors, strict=True)), step=step, **numbers)

    dtypes = [np.dtype(np.float64)] * len(known)
    expression = symbolic.read(by_position, known, [()] * len(known), dtypes, settings)
    rounded: ast.expr = _FourDigits().visit(_renamed(expression, {}))
    return _renamed(rounded, names)


class _FourDigits(ast.NodeTransformer):
    """Rounds the numbers of an expression, but none to 1: what shrinks a little must not look as if it stayed."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, float):
            return node
        rounded = float(f"{node.value:.4g}")
        return node if rounded == 1.0 else ast.Constant(rounded)


def _renamed(expression: ast.expr, names: Mapping[str, str]) -> ast.expr:
    # A part that a rule uses twice is one object in both places; written out and parsed again, each is its own.
    expression = ast.parse(symbolic.text(expression), mode="eval").body
    renamed: ast.expr = _Substitution({old: ast.Name(new) for old, new in names.items()}).visit(expression)
    return renamed


class _Substitution(ast.NodeTransformer):
    """Puts other expressions in the place of names; names of functions stay."""

    def __init__(self, places: Mapping[str, ast.expr]) -> None:
        self._places = places

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._places.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        keywords = [ast.keyword(keyword.arg, self.visit(keyword.value)) for keyword in node.keywords]
        return ast.Call(node.func, [self.visit(argument) for argument in node.args], keywords)
