"""What is written out in a rule: numbers, params, index items and arrays, read back from its expression."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from gradviz.errors import GradvizError


def value_of(node: ast.expr | None) -> Any:
    """Return what a literal of an expression stands for: numbers, texts, tuples, slices, read-only arrays.

    Lists are read as tuples, as params are. Raises `GradvizError` for what is no literal.
    """
    match node:
        case None:
            return None
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value_of(operand)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return tuple(map(value_of, items))
        case ast.Slice(lower=start, upper=stop, step=step):
            return slice(value_of(start), value_of(stop), value_of(step))
        case ast.Call(func=ast.Name(id="slice"), args=parts):
            return slice(*map(value_of, parts))
        case ast.Call(func=ast.Attribute(attr="array"), args=[items], keywords=keywords):
            return _read_only(np.array(value_of(items), **_named(keywords)))
        case ast.Call(func=ast.Attribute(attr="reshape"), args=[items], keywords=keywords):
            return _read_only(np.reshape(value_of(items), **_named(keywords)))
    raise GradvizError("{code} stands in a rule where a number or a param belongs", code=ast.unparse(node))


def _named(keywords: list[ast.keyword]) -> dict[str, Any]:
    return {keyword.arg: value_of(keyword.value) for keyword in keywords if keyword.arg is not None}


def _read_only(array: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
    own = array.copy()
    own.flags.writeable = False
    return own
