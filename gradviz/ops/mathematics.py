"""Writes an expression as mathematics, op by op, in either notation.

Parentheses follow from how tightly each piece holds together; what has no notation of its own is a function call.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, Final

from gradviz.ops import symbolic
from gradviz.ops.notation import (
    ATOM,
    COMPARISON,
    LOGIC,
    MATRIX,
    NEGATION,
    PRODUCT,
    ROOT,
    SERIES,
    SUM,
    Notation,
    Piece,
)
from gradviz.ops.spelling import SPELLINGS


def write(notation: Notation, node: ast.expr) -> Piece:
    """Return an expression in a notation, and how tightly it holds together."""
    match node:
        case ast.Constant(value=value):
            return notation.constant(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return notation.constant(-value)
        case ast.Name(id=name):
            return notation.tensor(name)
        case ast.Tuple(elts=items):
            return Piece(notation.fenced(_listed(notation, items)), ATOM)
        case ast.List(elts=items):
            return Piece(notation.bracketed(_listed(notation, items)), ATOM)
    name = symbolic.operation(node)
    own = _WRITERS.get(name)
    return (own(notation, node) if own else None) or _call(notation, node, name)


def _call(notation: Notation, node: ast.expr, name: str, *, index: str = "", silent: Sequence[str] = ()) -> Piece:
    """Write what has no notation of its own as a function with its arguments and the params that are not None."""
    if not isinstance(node, ast.Call):
        return Piece(notation.word(ast.unparse(node)), ATOM)
    arguments = [write(notation, item).text for item in _flattened(node.args)]
    params = [
        f"{notation.word(key.arg or '')}={_param_text(notation, key)}"
        for key in node.keywords
        if not _is_none(key.value) and key.arg not in silent and not _is_off(key)
    ]
    return notation.applied(name, ", ".join([*arguments, *params]), index)


def _is_off(keyword: ast.keyword) -> bool:
    """Tell whether a param is a switch that says nothing when it is off."""
    return keyword.arg in {"keepdims", "exclusive", "reverse", "descending"} and _is_constant(
        keyword.value, value=False
    )


def _param_text(notation: Notation, keyword: ast.keyword) -> str:
    match keyword:
        case ast.keyword(arg="shape", value=ast.Tuple(elts=sizes)):
            return _sizes_text(notation, sizes)
        case ast.keyword(arg="index", value=ast.Tuple(elts=items)):
            return notation.bracketed(", ".join(_item_text(notation, item) for item in items))
    return write(notation, keyword.value).text


def _sizes_text(notation: Notation, sizes: Sequence[ast.expr]) -> str:
    return notation.signs["by"].join(write(notation, size).text for size in sizes) or notation.fenced("")


def _listed(notation: Notation, items: Sequence[ast.expr]) -> str:
    """Write the first few items of a list: a picked row of a large table has hundreds."""
    shown = [write(notation, item).text for item in items[:_MOST_ITEMS]]
    return ", ".join([*shown, "…"] if len(items) > _MOST_ITEMS else shown)


_MOST_ITEMS: Final = 8


def _is_none(node: ast.expr) -> bool:
    return _is_constant(node, value=None)


def _is_constant(node: ast.expr, *, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _flattened(nodes: Sequence[ast.expr]) -> list[ast.expr]:
    """Return arguments with lists of tensors (of concat and stack) written out."""
    return [item for node in nodes for item in (node.elts if isinstance(node, ast.List) else [node])]


def _pieces(notation: Notation, node: ast.expr) -> list[Piece]:
    return [write(notation, operand) for operand in _operands(node)]


def _operands(node: ast.expr) -> list[ast.expr]:
    """Return the tensors that a step works on."""
    match node:
        case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Call(args=arguments):
            return arguments
    return []


def _sign(notation: Notation, node: ast.expr) -> str:
    return notation.signs[symbolic.operation(node)]


def _sum(notation: Notation, node: ast.expr) -> Piece:
    left, right = _pieces(notation, node)
    level = SERIES if right.level == NEGATION else SUM  # a minus never follows another sign
    return Piece(f"{notation.factor(left, SUM)} + {notation.factor(right, level)}", SUM)


def _difference(notation: Notation, node: ast.expr) -> Piece:
    left, right = _pieces(notation, node)
    text = f"{notation.factor(left, SUM)} {_sign(notation, node)} {notation.factor(right, SERIES)}"
    return Piece(text, SUM)


def _product(notation: Notation, node: ast.expr) -> Piece:
    left, right = _pieces(notation, node)
    level = NEGATION if left.level == NEGATION else PRODUCT
    text = f"{notation.factor(left, level)} {_sign(notation, node)} {notation.factor(right, SERIES)}"
    return Piece(text, min(level, right.level) if right.level == SERIES else level)


def _matrix_product(notation: Notation, node: ast.expr) -> Piece:
    left, right = (notation.factor(piece, MATRIX) for piece in _pieces(notation, node))
    return Piece(f"{left} {_sign(notation, node)} {right}", MATRIX)


def _quotient(notation: Notation, node: ast.expr) -> Piece:
    above, below = _pieces(notation, node)
    return notation.fraction(above, below)


def _power(notation: Notation, node: ast.expr) -> Piece:
    base, exponent = _pieces(notation, node)
    return notation.power(notation.factor(base, ATOM), exponent)


def _spelled(notation: Notation, node: ast.expr) -> Piece:
    return SPELLINGS[symbolic.operation(node)](notation, *_pieces(notation, node))


def _negative(notation: Notation, node: ast.expr) -> Piece:
    (operand,) = _pieces(notation, node)
    return Piece(_sign(notation, node) + notation.factor(operand, SERIES), NEGATION)


def _comparison(notation: Notation, node: ast.expr) -> Piece:
    left, right = (notation.factor(piece, SUM) for piece in _pieces(notation, node))
    return Piece(f"{left} {_sign(notation, node)} {right}", COMPARISON)


def _logic(notation: Notation, node: ast.expr) -> Piece:
    if (between := _between(notation, node)) is not None:
        return between
    left, right = (notation.fit(piece, COMPARISON) for piece in _pieces(notation, node))
    return Piece(f"{left} {_sign(notation, node)} {right}", LOGIC)


def _between(notation: Notation, node: ast.expr) -> Piece | None:
    """Write `x >= 0 and x <= 1` as `0 ≤ x ≤ 1`, and so with `<`."""
    left, right = _operands(node)
    below, above = _TURNED.get(symbolic.operation(left)), symbolic.operation(right)
    if symbolic.operation(node) != "logical_and" or below is None or above not in _TURNED.values():
        return None
    (x, low), (same, high) = _operands(left), _operands(right)
    if ast.dump(x) != ast.dump(same):
        return None
    first, middle, last = (notation.factor(write(notation, part), SUM) for part in (low, x, high))
    return Piece(f"{first} {notation.signs[below]} {middle} {notation.signs[above]} {last}", COMPARISON)


_TURNED: Final = {"greater_equal": "less_equal", "greater": "less"}
"""The comparison that says the same of the two sides in the other order."""


def _not(notation: Notation, node: ast.expr) -> Piece:
    (operand,) = _pieces(notation, node)
    return Piece(_sign(notation, node) + notation.fit(operand, ROOT), LOGIC)


def _choice(notation: Notation, node: ast.expr) -> Piece | None:
    """Write `where`: as a factor `[condition]` where 0 is the alternative, as cases elsewhere."""
    if len(_operands(node)) != 3:
        return None
    condition, chosen, other = _operands(node)
    if _is_number(other, 0) and not _is_number(chosen, 0):
        return _masked(notation, condition, chosen)
    rows = []
    while True:
        value, asked = write(notation, chosen), write(notation, condition)
        rows.append((notation.fit(value, LOGIC), asked.text))
        if symbolic.operation(other) != "where" or _is_number(_operands(other)[2], 0):
            return notation.cases(rows, notation.fit(write(notation, other), LOGIC))
        condition, chosen, other = _operands(other)


def _masked(notation: Notation, condition: ast.expr, chosen: ast.expr) -> Piece:
    bracket = notation.bracketed(write(notation, condition).text)
    if _is_number(chosen, 1):
        return Piece(bracket, ATOM)
    factor = write(notation, chosen)
    level = NEGATION if factor.level == NEGATION else PRODUCT
    return Piece(f"{notation.factor(factor, level)} {notation.signs['multiply']} {bracket}", level)


def _is_number(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == number and not isinstance(node.value, bool)


def _series(notation: Notation, node: ast.expr) -> Piece:
    (operand,) = _pieces(notation, node)
    sign = notation.indexed(_sign(notation, node), _axes_text(node))
    fits = operand.level >= ROOT or operand.level == SERIES
    return Piece(f"{sign} {operand.text}" if fits else sign + notation.factor(operand, ATOM), SERIES)


def _reduction(notation: Notation, node: ast.expr) -> Piece:
    (operand,) = _pieces(notation, node)
    return notation.applied(symbolic.operation(node), operand.text, _axes_text(node))


def _along(notation: Notation, node: ast.expr) -> Piece:
    """Write what runs along an axis with the axis as its index, like a reduction."""
    return _call(notation, node, symbolic.operation(node), index=_axes_text(node), silent=("axis",))


def _axes_text(node: ast.expr) -> str:
    axes = _param(node, "axis")
    return ",".join(map(str, axes if isinstance(axes, tuple) else () if axes is None else (axes,)))


def _permuted(notation: Notation, node: ast.expr) -> Piece | None:
    """Write `ᵀ` where the last two axes change places and no others do."""
    axes = list(_param(node, "axes") or ())
    order = list(range(len(axes)))
    if len(axes) < 2 or axes != [*order[:-2], order[-1], order[-2]]:
        return None
    return _transposed(notation, node)


def _transposed(notation: Notation, node: ast.expr) -> Piece:
    (operand,) = _pieces(notation, node)
    return notation.transpose(notation.factor(operand, ATOM))


def _triangle(notation: Notation, node: ast.expr) -> Piece:
    """Write a triangle with the diagonal where it ends as its index, where that is not the main one."""
    (operand,) = _pieces(notation, node)
    return notation.applied(symbolic.operation(node), operand.text, str(_param(node, "k") or ""))


def _diagonal(notation: Notation, node: ast.expr) -> Piece | None:
    """Write the diagonal of matrices, or the matrices of a diagonal, as textbooks do: `diag(x)`."""
    if (_param(node, "axis1"), _param(node, "axis2")) != (-2, -1):
        return None
    (operand,) = _pieces(notation, node)
    return notation.applied("diag", operand.text, str(_param(node, "offset") or ""))


def _bounded(notation: Notation, node: ast.expr) -> Piece | None:
    """Write clipping on one side as the larger or the smaller of two: `min(x, 0)`."""
    given = {key.arg: key.value for key in getattr(node, "keywords", ()) if not _is_none(key.value)}
    sides = {"min": "max", "max": "min"}
    if len(given) != 1 or len(_operands(node)) != 1 or not given.keys() <= sides.keys():
        return None
    ((side, bound),) = given.items()
    (operand,) = _pieces(notation, node)
    return notation.applied(sides[side], f"{operand.text}, {write(notation, bound).text}")


def _zeros(notation: Notation, _node: ast.expr) -> Piece:
    return notation.constant(0)


def _shaped(notation: Notation, node: ast.expr) -> Piece | None:
    """Write what only arranges anew with the shape that comes out: `reshape(x → 2×3)`."""
    match node:
        case ast.Call(args=[x], keywords=[ast.keyword(arg="shape", value=ast.Tuple(elts=sizes))]):
            word = symbolic.operation(node).removesuffix("_to")
            becomes = f"{write(notation, x).text} {notation.signs['becomes']} {_sizes_text(notation, sizes)}"
            return notation.applied(word, becomes)
    return None


def _cast(notation: Notation, node: ast.expr) -> Piece | None:
    """Write a cast as a function with the name of the dtype."""
    operand, *positional = _operands(node)
    dtype = positional[0].value if positional and isinstance(positional[0], ast.Constant) else _param(node, "dtype")
    return notation.applied(dtype, write(notation, operand).text) if isinstance(dtype, str) else None


def _chosen(notation: Notation, node: ast.expr) -> Piece | None:
    """Write indexing as Python does: `x[0, 1:3]`."""
    if not isinstance(node, ast.Subscript):
        return None
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    text = notation.factor(write(notation, node.value), ATOM)
    return Piece(text + notation.bracketed(", ".join(_item_text(notation, item) for item in items)), ATOM)


def _item_text(notation: Notation, item: ast.expr) -> str:
    """Write one item of an index; a slice stands there as `1:3`, or as a call where Python knows no other way."""
    match item:
        case ast.Slice(lower=start, upper=stop, step=step):
            parts = [start, stop, step]
        case ast.Call(func=ast.Name(id="slice"), args=[start, stop, step]):
            parts = [start, stop, step]
        case ast.Constant(value=None):
            return notation.word("newaxis")
        case ast.Constant(value=EllipsisType()):
            return "…"
        case _:
            return write(notation, item).text
    texts = ["" if part is None or _is_none(part) else write(notation, part).text for part in parts]
    return ":".join(texts if texts[2] else texts[:2])


def _einsum(notation: Notation, node: ast.expr) -> Piece | None:
    """Write the equation of an einsum behind its operands: `einsum(a, b; ij,jk → ik)`."""
    equation = _param(node, "equation")
    if not isinstance(equation, str):
        return None
    operands, becomes = ", ".join(piece.text for piece in _pieces(notation, node)), notation.signs["becomes"]
    return notation.applied("einsum", f"{operands}; {f' {becomes} '.join(equation.split('->'))}")


def _array(notation: Notation, node: ast.expr) -> Piece:
    return _pieces(notation, node)[0]


def _param(node: ast.expr, key: str) -> Any:
    """Return a param of a call, None where it is not given or no literal."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    try:
        return next((ast.literal_eval(keyword.value) for keyword in keywords if keyword.arg == key), None)
    except ValueError:
        return None


_ALONG_AN_AXIS: Final = (
    *("argmax", "argmin", "product_of_others"),
    *(f"cumulative_{what}" for what in ("sum", "prod", "max", "min", "argmax", "argmin")),
    *("recurrence", "argsort", "sort", "take", "segment_sum", "take_along_axis", "scatter_along_axis", "flip", "roll"),
    *("top_k_values", "top_k_indices"),
)
_WRITERS: Final[Mapping[str, Callable[[Notation, ast.expr], Piece | None]]] = {
    "add": _sum,
    "subtract": _difference,
    "multiply": _product,
    "matmul": _matrix_product,
    "divide": _quotient,
    "power": _power,
    **dict.fromkeys(SPELLINGS, _spelled),
    "negative": _negative,
    **dict.fromkeys(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), _comparison),
    "logical_and": _logic,
    "logical_or": _logic,
    "logical_xor": _logic,
    "logical_not": _not,
    "where": _choice,
    "sum": _series,
    "prod": _series,
    **dict.fromkeys(("mean", "max", "min"), _reduction),
    **dict.fromkeys(_ALONG_AN_AXIS, _along),
    "permute_dims": _permuted,
    "matrix_transpose": _transposed,
    **dict.fromkeys(("tril", "triu"), _triangle),
    **dict.fromkeys(("diagonal", "embed_diagonal"), _diagonal),
    "clip": _bounded,
    "zeros_like": _zeros,
    "einsum": _einsum,
    "getitem": _chosen,
    "reshape": _shaped,
    "broadcast_to": _shaped,
    "astype": _cast,
    "array": _array,
}
"""How each op is written; None from one of these means that this use of the op has no notation of its own."""
