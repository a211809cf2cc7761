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
from functools import cache, cached_property, wraps
from types import EllipsisType
from typing import Any, Final, NoReturn

import numpy as np

from gradviz.errors import GradvizError
from gradviz.ops.dtypes import Dtype
from gradviz.ops.op import Array, Op, Rule, Shape

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
_NAMES: Final[Mapping[str, str]] = {"absolute": "abs", "concatenate": "concat", "amax": "max", "amin": "min"}
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
        Symbol(ast.Name(name), _stand_in(shape, dtype))
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
    return frozenset(name for node in _walk_arrays(expression) if (name := operation(node)))


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
        if is_constant_array(node):
            continue
        yield node
        match node:
            case ast.BinOp(left=left, right=right):
                waiting += [left, right]
            case ast.Compare(left=left, comparators=others):
                waiting += [left, *others]
            case ast.UnaryOp(operand=operand):
                waiting.append(operand)
            case ast.Subscript(value=value):
                waiting.append(value)
            case ast.Call(args=arguments):
                waiting += arguments
            case ast.List(elts=items):
                waiting += items


def is_constant_array(node: ast.expr) -> bool:
    """Tell whether an expression is an array of numbers written out: `np.array([0, 2])`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "array"


def saved(
    op: Op, shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any], ports: Sequence[str]
) -> tuple[str, ...]:
    """Return which inputs (by port name), and "y", the backward rules of `ports` use: what is kept for the sweep.

    `shapes` and `dtypes` are those of the inputs, in port order; an optional input that is left out is not among them.
    """
    names, all_shapes, all_dtypes = _backward_tensors(op, shapes, dtypes, params)
    symbols = _symbols(
        names, all_shapes, all_dtypes
    )  # once for all ports: an op of thousands of inputs has as many rules to read
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
    rule = op.rule_for(port)
    if rule is None:
        return None
    return read(rule, *_backward_tensors(op, shapes, dtypes, params), params)


def recorded(function: Rule) -> Rule:
    """Make a helper of the rules readable: with arrays it computes, with a symbol it records a call by its name.

    The name of the function is that of an op of the catalogue. Arrays come first, params after them.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def called(*inputs: Any, **params: Any) -> Any:
        if not any(map(_holds_symbol, inputs)):
            return function(*inputs, **params)
        return _record(ast.Name(function.__name__), function, signature, inputs, params)

    return called


class Symbol(np.lib.mixins.NDArrayOperatorsMixin):
    """A tensor that is only a name: an operation on it becomes a longer expression."""

    def __init__(self, node: ast.expr, make_example: Callable[[], Array]) -> None:
        self.node = node
        self._make_example = make_example

    @cached_property
    def example(self) -> Array:
        """A tensor of the same shape and dtype, made only when a rule asks for one of them."""
        with np.errstate(all="ignore"):
            return np.asarray(self._make_example())

    @property
    def shape(self) -> Shape:
        """The shape of the tensor."""
        return self.example.shape

    @property
    def ndim(self) -> int:
        """The number of axes of the tensor."""
        return self.example.ndim

    @property
    def dtype(self) -> Dtype:
        """The dtype of the tensor."""
        return self.example.dtype

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **params: Any) -> Symbol:
        """Write a ufunc down: an operator where Python has one, a call otherwise."""
        name = _NAMES.get(ufunc.__name__, ufunc.__name__)
        if method != "__call__" or params:
            raise GradvizError(
                "a rule must call np.{name} plainly, without out=, where= or .{method}", name=name, method=method
            )
        nodes = [_node(value) for value in inputs]
        return Symbol(_written(name, nodes), lambda: _ufunc_example(ufunc, inputs))

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Symbol:
        """Write a NumPy function down as a call in canonical form."""
        if "out" in params:
            raise GradvizError("a rule must not write to out=; np.{name} returns its result", name=function.__name__)
        if function in _PERMUTATIONS:
            axes = _PERMUTATIONS[function](*inputs, **params)
            function, inputs, params = np.permute_dims, inputs[:1], {"axes": axes}
            name = ast.Attribute(ast.Name("np"), "permute_dims")
        else:
            name = ast.Attribute(ast.Name("np"), _NAMES.get(function.__name__, function.__name__))
        return _record(name, function, _signature(function), inputs, params)

    def __getitem__(self, key: Any) -> Symbol:
        """Write indexing down."""
        if _holds_symbol(key):
            raise GradvizError("a rule must not index with a tensor: use np.take_along_axis or an op of its own")
        return Symbol(ast.Subscript(self.node, _index_node(key)), lambda: self.example[key])

    def __bool__(self) -> NoReturn:
        """Refuse: the branch would depend on values."""
        raise GradvizError("a rule must not branch on the values of {tensor}: use np.where", tensor=text(self.node))

    def _refuse(self, *_inputs: object) -> NoReturn:
        raise GradvizError(
            "a rule must not take {tensor} apart: use NumPy functions of the whole tensor", tensor=text(self.node)
        )

    __iter__ = __len__ = __float__ = __int__ = __index__ = __complex__ = __array__ = __setitem__ = __contains__ = (
        _refuse
    )

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse: a rule calls functions, which all kinds of tensors have."""
        message = f"a rule must not use .{name} of a tensor: call the NumPy function np.{name}"
        raise AttributeError(message)


def _stand_in(shape: Shape, dtype: Dtype) -> Callable[[], Array]:
    return lambda: np.broadcast_to(np.zeros((), dtype), shape)


def _ufunc_example(ufunc: np.ufunc, inputs: Sequence[Any]) -> Array:
    """Make an example of a result without computing it: one element tells the dtype, broadcasting the shape."""
    examples = _examples(inputs)
    if ufunc.signature is not None:
        return np.asarray(ufunc(*examples))
    cells = [np.zeros((), value.dtype) if isinstance(value, np.ndarray) else value for value in examples]
    return np.broadcast_to(ufunc(*cells), np.broadcast_shapes(*map(np.shape, examples)))


def _examples(value: Any) -> Any:
    if isinstance(value, Symbol):
        return value.example
    return type(value)(map(_examples, value)) if isinstance(value, list | tuple) else value


def _holds_symbol(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_symbol, value))
    return isinstance(value, Symbol)


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
    last = max(i for i, value in enumerate(bound.values()) if _holds_symbol(value))
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
        lambda: function(*_examples(inputs), **params),
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
        case tuple() if not _holds_symbol(value):
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
