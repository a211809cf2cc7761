"""Reads a rule as code, by running it on names instead of arrays.

A rule is written once, in plain NumPy. Called with arrays it computes; called with symbols it writes itself down,
because NumPy hands every operation on a foreign object to that object (NEP 13 for ufuncs, NEP 18 for functions).
So what is shown and exported is what runs.

Calls are written in one canonical way: arrays by position, params by keyword, under the name of an op of the
catalogue (`np.swapaxes`, `np.transpose` and `np.matrix_transpose` all read as `np.permute_dims`).
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from types import EllipsisType
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.ops.dtypes import Dtype
from gradviz.ops.op import Array, Op, Rule, Shape
from gradviz.ops.standing import (
    StandIn,
    examples,
    first_stand_in,
    holds_stand_in,
    refuse_index,
    refuse_out,
    refuse_ufunc_with,
    ufunc_example,
    zeros_for,
)

_OPERATORS: Final[Mapping[str, type[ast.operator]]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "power": ast.Pow,
    "matmul": ast.MatMult,
}
_COMPARISONS: Final[Mapping[str, type[ast.cmpop]]] = {
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "equal": ast.Eq,
    "not_equal": ast.NotEq,
}
_NAMES: Final[Mapping[str, str]] = {
    "absolute": "abs",
    "concatenate": "concat",
    "amax": "max",
    "amin": "min",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
}
"""What NumPy calls a function where the catalogue has another name; both names exist in NumPy."""


def read(
    rule: Rule, names: Sequence[str], shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any]
) -> ast.expr:
    """Return the expression that `rule` computes from tensors of the given names, shapes and dtypes.

    A rule that leaves the world of NumPy functions raises a `GradvizError` that says what to do instead.
    """
    symbols = _symbols(names, shapes, dtypes)
    return ast.fix_missing_locations(_node(rule(*symbols, **params)))


def _symbols(names: Sequence[str], shapes: Sequence[Shape], dtypes: Sequence[Dtype]) -> list[Symbol]:
    return [
        Symbol(ast.Name(name), zeros_for(shape, dtype))
        for name, shape, dtype in zip(names, shapes, dtypes, strict=True)
    ]


def text(expression: ast.expr) -> str:
    """Return the Python text of an expression."""
    return ast.unparse(expression)


def used_names(expression: ast.expr) -> frozenset[str]:
    """Return the names of the tensors that an expression uses."""
    return frozenset(node.id for node in _walk_arrays(expression) if isinstance(node, ast.Name))


def operations(expression: ast.expr) -> frozenset[str]:
    """Return the names of the ops that an expression uses."""
    steps = (node for node in _walk_arrays(expression) if not is_constant_array(node))
    return frozenset(name for node in steps if (name := operation(node)))


def operation(node: ast.expr) -> str:
    """Return the name of the op that the outermost step of an expression is; nothing for a name or a constant."""
    match node:
        case ast.BinOp(op=operator):
            return next(name for name, kind in _OPERATORS.items() if isinstance(operator, kind))
        case ast.Compare(ops=[comparison]):
            return next(name for name, kind in _COMPARISONS.items() if isinstance(comparison, kind))
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            return "negative"
        case ast.Subscript():
            return "getitem"
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name
    return ""


def _walk_arrays(expression: ast.expr) -> Iterator[ast.expr]:
    """Yield the expression and all parts of it that stand for tensors: no params, no names of functions."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += operands(node)


def operands(node: ast.expr) -> list[ast.expr]:
    """Return the tensors that the outermost step of an expression takes, in order; those of lists one by one."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.UnaryOp(operand=operand) if not isinstance(operand, ast.Constant):
            return [operand]
        case ast.Subscript(value=value):
            return [value]
        case ast.Call(args=arguments) if not is_constant_array(node):
            listed = (item.elts if isinstance(item, ast.List) else [item] for item in arguments)
            return [item for items in listed for item in items]
    return []


def is_constant_array(node: ast.expr) -> bool:
    """Tell whether an expression is an array of numbers written out: `np.array([0, 2])`, reshaped perhaps."""
    match node:
        case ast.Call(func=ast.Attribute(attr="array")):
            return True
        case ast.Call(func=ast.Attribute(attr="reshape"), args=[array]):
            return is_constant_array(array)
    return False


def saved(
    op: Op, shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any], ports: Sequence[str]
) -> tuple[str, ...]:
    """Return which inputs (by port name), and "y", the backward rules of `ports` use: what is kept for the sweep.

    `shapes` and `dtypes` are those of the inputs, in port order; an optional input that is left out is not among them.
    """
    names, all_shapes, all_dtypes = _backward_tensors(op, shapes, dtypes, params)
    # Once for all ports: an op of thousands of inputs has as many rules to read.
    symbols = _symbols(names, all_shapes, all_dtypes)
    used: set[str] = set()
    for port in ports:
        if (rule := op.rule_for(port)) is not None:
            used |= used_names(_node(rule(*symbols, **params)))
    return tuple(name for name in (*names[2:], "y") if name in used)


def _backward_tensors(
    op: Op, shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any]
) -> tuple[Sequence[str], Sequence[Shape], Sequence[Dtype]]:
    """Return the names, shapes and dtypes of what a backward rule takes: g, y and the inputs."""
    shape, dtype = op.shape(*shapes, **params), op.dtype(*dtypes, **params)
    names = ("g", "y", *op.ports(len(shapes))[: len(shapes)])
    return names, (shape, shape, *shapes), (dtype, dtype, *dtypes)


def read_forward(op: Op, shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any]) -> ast.expr:
    """Return the forward rule of an op as an expression of its port names."""
    return read(op.forward, op.ports(len(shapes))[: len(shapes)], shapes, dtypes, params)


def read_vjp(
    op: Op, port: str, shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any]
) -> ast.expr | None:
    """Return the gradient rule of a port as an expression of `g`, `y` and the port names, or None without a rule."""
    return read_vjps(op, [port], shapes, dtypes, params).get(port)


def read_vjps(
    op: Op, ports: Sequence[str], shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any]
) -> Mapping[str, ast.expr]:
    """Return the gradient rules of those ports that have one, read with the same symbols."""
    names, all_shapes, all_dtypes = _backward_tensors(op, shapes, dtypes, params)
    symbols = _symbols(names, all_shapes, all_dtypes)
    rules = ((port, op.rule_for(port)) for port in ports)
    return {
        port: ast.fix_missing_locations(_node(rule(*symbols, **params))) for port, rule in rules if rule is not None
    }


def recorded(function: Rule) -> Rule:
    """Make a helper of the rules readable: with arrays it computes, with a stand-in it notes a call by its name.

    The name of the function is that of an op of the catalogue. Arrays come first, params after them.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def called(*inputs: Any, **params: Any) -> Any:
        first = first_stand_in(inputs)
        return function(*inputs, **params) if first is None else first.take_call(function, signature, inputs, params)

    return called


class Symbol(StandIn):
    """A tensor that is only a name: an operation on it becomes a longer expression."""

    def __init__(self, node: ast.expr, make_example: Callable[[], Array]) -> None:
        super().__init__(make_example)
        self.node = node

    @property
    def told(self) -> str:
        """The expression, as text."""
        return text(self.node)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **params: Any) -> Symbol:
        """Write a ufunc down: an operator where Python has one, a call otherwise."""
        refuse_ufunc_with(ufunc, method, params)
        name = _NAMES.get(ufunc.__name__, ufunc.__name__)
        nodes = [_node(value) for value in inputs]
        return Symbol(_written(name, nodes), lambda: ufunc_example(ufunc, inputs))

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Symbol:
        """Write a NumPy function down as a call in canonical form."""
        refuse_out(function, params)
        if function in _PERMUTATIONS:
            axes = _PERMUTATIONS[function](*inputs, **params)
            function, inputs, params = np.permute_dims, inputs[:1], {"axes": axes}
            name = ast.Attribute(ast.Name("np"), "permute_dims")
        else:
            name = ast.Attribute(ast.Name("np"), _NAMES.get(function.__name__, function.__name__))
        return _record(name, function, _signature(function), inputs, params)

    def take_call(
        self, function: Rule, signature: inspect.Signature, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Symbol:
        """Write a call of a `recorded` helper down, by its name."""
        return _record(ast.Name(function.__name__), function, signature, inputs, params)

    def __getitem__(self, key: Any) -> Symbol:
        """Write indexing down."""
        refuse_index(key)
        return Symbol(ast.Subscript(self.node, _index_node(key)), lambda: self.example[key])


def _written(name: str, nodes: list[ast.expr]) -> ast.expr:
    match nodes:
        case [left, right] if name in _OPERATORS:
            return ast.BinOp(left, _OPERATORS[name](), right)
        case [left, right] if name in _COMPARISONS:
            return ast.Compare(left, [_COMPARISONS[name]()], [right])
        case [operand] if name == "negative":
            return ast.UnaryOp(ast.USub(), operand)
    return ast.Call(ast.Attribute(ast.Name("np"), name), nodes, [])


def _record(
    name: ast.expr,
    function: Rule,
    signature: inspect.Signature,
    inputs: Sequence[Any],
    params: Mapping[str, Any],
) -> Symbol:
    """Write a call down: everything up to the last tensor by position, the rest by keyword."""
    bound = signature.bind(*inputs, **params).arguments
    last = max(i for i, value in enumerate(bound.values()) if holds_stand_in(value))
    arguments: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for i, (key, value) in enumerate(bound.items()):
        kind = signature.parameters[key].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            arguments += [_node(item) for item in value]
        elif kind is inspect.Parameter.VAR_KEYWORD:
            keywords += [ast.keyword(word, _node(item)) for word, item in value.items()]
        elif kind is inspect.Parameter.POSITIONAL_ONLY or i <= last:
            arguments.append(_node(value))
        else:
            keywords.append(ast.keyword(key, _node(value)))
    return Symbol(
        ast.Call(name, arguments, keywords),
        lambda: function(*examples(inputs), **params),
    )


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _swapped(x: Symbol, axis1: int, axis2: int) -> tuple[int, ...]:
    axes = list(range(x.ndim))
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return tuple(axes)


def _permuted(x: Symbol, axes: Sequence[int] | None = None) -> tuple[int, ...]:
    return tuple(range(x.ndim))[::-1] if axes is None else tuple(axis % x.ndim for axis in axes)


_PERMUTATIONS: Final[Mapping[Callable[..., Any], Callable[..., tuple[int, ...]]]] = {
    np.swapaxes: _swapped,
    np.transpose: _permuted,
    np.matrix_transpose: lambda x: _swapped(x, -1, -2),
}


def _node(value: Any) -> ast.expr:
    """Return what a rule works with as an expression: a symbol's own, or a literal."""
    match value:
        case Symbol():
            node = value.node
        case tuple() if not holds_stand_in(value):
            node = ast.Tuple([_node(item) for item in value])
        case tuple() | list():
            node = ast.List([_node(item) for item in value])
        case slice():
            node = ast.Call(ast.Name("slice"), [_node(part) for part in (value.start, value.stop, value.step)], [])
        case np.ndarray() | np.generic():
            node = _array_node(np.asarray(value))
        case np.dtype():
            node = ast.Constant(value.name)
        case bool() | int() | float() | str() | None | EllipsisType():
            node = ast.Constant(value)
        case _:
            raise GradvizError("a rule must not use {value}: use Python numbers and tensors", value=repr(value))
    return node


def _index_node(key: Any) -> ast.expr:
    """Return what stands between brackets, where alone Python can write slices as `1:3`."""
    if isinstance(key, tuple):
        return ast.Tuple([_index_node(item) for item in key])
    if isinstance(key, slice):
        return ast.Slice(*(None if part is None else _node(part) for part in (key.start, key.stop, key.step)))
    return _node(key)


def _array_node(array: Array) -> ast.expr:
    """Return an array of numbers written out, with its dtype where the numbers alone would make another."""
    items = array.tolist()
    keywords = [] if np.array(items).dtype == array.dtype else [ast.keyword("dtype", ast.Constant(array.dtype.name))]
    call = ast.Call(ast.Attribute(ast.Name("np"), "array"), [_node(items)], keywords)
    if np.array(items).shape != array.shape:
        return ast.Call(ast.Attribute(ast.Name("np"), "reshape"), [call], [ast.keyword("shape", _node(array.shape))])
    return call
