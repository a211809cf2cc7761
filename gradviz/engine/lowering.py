"""How one NumPy call of a rule is written in compiled code: the same kernel, reached by the shortest way.

Text is made of names of NumPy functions, of names of helpers that are ops, and of numbers. Everything else (arrays,
texts, dtypes) is bound to a name of its own, `k0`, `k1`, …, so that nothing that a document says gets into the code.
What a function returns must not change by a bit: `np.sum` may become the `np.add.reduce` that it calls, not a loop.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from math import isfinite, prod
from operator import getitem
from typing import Any, Final

import numpy as np

from gradviz.engine import floats
from gradviz.engine.kernels import BITS, MANY, kept_where, spread
from gradviz.ops import Call, Dtype, Ref, Shape


@dataclass(frozen=True, eq=False)
class Kernel:
    """One call as text, with `{0}`, `{1}`, … for its operands.

    scalar      the same for Python floats, where all operands and the result are float64 or bool of rank 0; or ""
    shape       of the result; None where only a run can tell; so for `dtype`
    in_place    what writes the result over the first operand, as in `+=`, or over any, as in `np.exp`; or ""
    is_fresh    whether the result is surely no view of an operand
    is_exact    whether an operand may be broadcast by the call itself instead of before it
    is_cast     whether operands of another dtype are cast to that of the result before anything else
    source      "constant" or "given" for what no call computes; "spread" for an operand that is only broadcast
    """

    text: str
    shape: Shape | None
    dtype: Dtype | None
    scalar: str = ""
    in_place: str = ""
    is_fresh: bool = False
    is_exact: bool = False
    is_cast: bool = False
    source: str = ""

    @cached_property
    def is_large(self) -> bool:
        """Whether writing over an operand that nobody needs any more is worth a line."""
        return self.shape is not None and prod(self.shape) >= _LARGE

    @cached_property
    def repeats(self) -> bool:
        """Whether the text names an operand more than once, so that this must be a variable."""
        return floats.repeats_an_operand(self.text)

    @cached_property
    def scalar_repeats(self) -> bool:
        """The same for the text for floats."""
        return floats.repeats_an_operand(self.scalar)


_LARGE: Final = 4_096


class Names:
    """The names that compiled code uses, and what is bound to them."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {"np": np, "float64": np.float64, "bool_": np.bool_}
        self._constants: dict[Any, str] = {}

    def constant(self, value: Any) -> str:
        """Return the name of a value that code must not spell out; equal arrays share one."""
        key = _identity(value)
        if key not in self._constants:
            self._constants[key] = f"k{len(self._constants)}"
            self.bound[self._constants[key]] = value
        return self._constants[key]

    def function(self, function: Callable[..., Any]) -> str:
        """Return how code calls a function."""
        name = function.__name__
        for module, prefix in ((np, "np"), (np.linalg, "np.linalg")):
            if getattr(module, name, None) is function:
                return f"{prefix}.{name}"
        return self.helper(name, function)

    def helper(self, name: str, function: Callable[..., Any]) -> str:
        """Return the name of a function that is not NumPy's: its own, where that is free."""
        if name.isidentifier() and name.isascii() and self.bound.setdefault(name, function) is function:
            return name
        return self.constant(function)

    def literal(self, value: Any) -> str:
        """Return a param as text: numbers as they are, `Ref`s as their operands' places, anything else by a name."""
        match value:
            case Ref():
                return f"{{{value.number}}}"
            case bool() | None:
                return repr(value)
            case int() if abs(value) < _MOST_DIGITS:
                return repr(value) if value >= 0 else f"({value!r})"
            case float() if isfinite(value) and type(value) is float:
                return repr(value) if not repr(value).startswith("-") else f"({value!r})"
            case tuple() if type(value) is tuple:
                return f"({''.join(f'{self.literal(item)}, ' for item in value)})"
            case list():
                return f"[{', '.join(map(self.literal, value))}]"
        return self.constant(value)

    def index(self, key: Any) -> str:
        """Return what stands between brackets."""
        match key:
            case tuple() if key:
                return f"{''.join(f'{self.index(item)}, ' for item in key)}"
            case slice():
                return ":".join("" if part is None else self.literal(part) for part in (key.start, key.stop, key.step))
            case _ if key is ...:
                return "..."
        return self.literal(key)


_MOST_DIGITS: Final = 2**63


def _identity(value: Any) -> Any:
    """Return what tells a constant from others: small arrays by their numbers, anything else by being itself."""
    match value:
        case np.ndarray() if value.nbytes <= 65_536 and not value.dtype.hasobject:
            return ("array", value.dtype.str, value.shape, value.strides, value.tobytes())
        case np.dtype():
            return ("dtype", value.str)
        case str():
            return ("text", value)
    return ("object", id(value))


@dataclass(frozen=True, eq=False, slots=True)
class Kind:
    """Shape and dtype of an operand; `is_array` where a rule gets an array of rank 0 and not a NumPy number."""

    shape: Shape | None
    dtype: Dtype | None
    is_array: bool


def cast(shape: Shape | None, dtype: Dtype, names: Names) -> Kernel:
    """Return the kernel that turns an operand into another dtype."""
    return Kernel(f"{{0}}.astype({names.constant(dtype)})", shape, dtype, is_fresh=True)


def lower(call: Call, operands: list[Kind], names: Names) -> Kernel:
    """Return how a call is written, whose `Ref`s count its operands."""
    function = call.function
    if isinstance(function, np.ufunc):
        return _ufunc(function, call, operands, names)
    write = _FUNCTIONS.get(function)
    written = None if write is None else write(call, names, operands)
    if written is not None:
        return written
    if function is getitem:
        text = f"{_place(call.inputs[0], operands)}[{names.index(call.inputs[1])}]"
        return Kernel(text, call.shape, call.dtype)
    return _generic(call, operands, names)


def _generic(call: Call, operands: list[Kind], names: Names) -> Kernel:
    """Write a call as the rule made it."""
    arguments = [_wrapped(value, operands, names) for value in call.inputs]
    arguments += [f"{name}={_wrapped(value, operands, names)}" for name, value in call.params.items()]
    text = f"{names.function(call.function)}({', '.join(arguments)})"
    return Kernel(text, call.shape, call.dtype)


def _wrapped(value: Any, operands: list[Kind], names: Names) -> str:
    """Return an argument as text; a tensor of rank 0 that a rule gets as an array stays one."""
    if isinstance(value, Ref):
        return _place(value, operands)
    if type(value) is list:
        return f"[{', '.join(_wrapped(item, operands, names) for item in value)}]"
    if type(value) is tuple:
        return f"({''.join(f'{_wrapped(item, operands, names)}, ' for item in value)})"
    return names.literal(value)


def _place(ref: Ref, operands: list[Kind]) -> str:
    kind = operands[ref.number]
    return f"np.asarray({{{ref.number}}})" if kind.is_array and kind.shape == () else f"{{{ref.number}}}"


_OPERATORS: Final[Mapping[np.ufunc, str]] = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.power: "**",
    np.matmul: "@",
    np.greater: ">",
    np.greater_equal: ">=",
    np.less: "<",
    np.less_equal: "<=",
    np.equal: "==",
    np.not_equal: "!=",
}
_ARITHMETIC: Final = frozenset((np.add, np.subtract, np.multiply, np.divide))
_EXACT: Final = _ARITHMETIC | {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}
_BY_KEYWORD: Final = frozenset((np.maximum, np.minimum))
"""What NumPy wants to be told by keyword where to write to."""


def _ufunc(ufunc: np.ufunc, call: Call, operands: list[Kind], names: Names) -> Kernel:
    if ufunc is np.power:  # NumPy goes by what its operands are: the square of an array is a product
        places = [_wrapped(value, operands, names) for value in call.inputs]
    else:
        places = [_number(value, call, operands, names) for value in call.inputs]
    if ufunc is np.negative:
        text = f"-{places[0]}"
    elif ufunc in _OPERATORS:
        text = f"{places[0]} {_OPERATORS[ufunc]} {places[1]}"
    else:
        text = f"{names.function(ufunc)}({', '.join(places)})"
    scalar = floats.scalar_text(ufunc, call, [(kind.shape, kind.dtype) for kind in operands], names)
    in_place = ""
    if ufunc.nout == 1 and ufunc.signature is None and ufunc is not np.power:
        out = "out={out}" if ufunc in _BY_KEYWORD else "{out}"
        in_place = f"{names.function(ufunc)}({', '.join(places)}, {out})"
    is_exact, is_cast = ufunc in _EXACT, ufunc in _ARITHMETIC
    return Kernel(text, call.shape, call.dtype, scalar, in_place, is_fresh=True, is_exact=is_exact, is_cast=is_cast)


def _number(value: Any, call: Call, operands: list[Kind], names: Names) -> str:
    """Return an operand as text; a number beside float arrays as an array of their dtype, which NumPy makes of it."""
    dtypes = {kind.dtype for kind in operands}
    dtype = dtypes.pop() if len(dtypes) == 1 else None
    if type(value) not in (int, float) or call.shape in ((), None) or dtype is None or dtype.kind != "f":
        return names.literal(value)
    if call.dtype not in (dtype, np.bool_) or abs(value) >= _MOST_DIGITS:
        return names.literal(value)
    with np.errstate(all="ignore"):
        return names.constant(np.asarray(value, dtype))


def _bound(call: Call) -> dict[str, Any]:
    """Return all arguments of a call by name."""
    return dict(_signature(call.function).bind(*call.inputs, **call.params).arguments)


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _reduction(name: str, reducing: Callable[..., Any]) -> Callable[[Call, Names, list[Kind]], Kernel | None]:
    """Return how a reduction is written as the one of its ufunc, which it calls itself."""

    def write(call: Call, names: Names, operands: list[Kind]) -> Kernel | None:
        given = _bound(call)
        x, axis = given.pop("a"), given.pop("axis", None)
        dtype, keepdims = given.pop("dtype", None), given.pop("keepdims", False)
        if given or not isinstance(x, Ref):
            return None
        reduce = names.helper(name, reducing)
        if dtype is not None and dtype == operands[x.number].dtype and dtype == call.dtype:
            dtype = None  # what it would be anyway
        rest = _rest_of_reduction(axis, dtype, keepdims, names)
        is_fresh = operands[x.number].shape not in (None, call.shape)
        return Kernel(f"{reduce}({{{x.number}}}, {rest})", call.shape, call.dtype, is_fresh=is_fresh)

    return write


def _rest_of_reduction(axis: Any, dtype: Any, keepdims: Any, names: Names) -> str:
    rest = [names.literal(axis[0] if type(axis) is tuple and len(axis) == 1 else axis)]
    if dtype is not None or keepdims:
        rest.append(names.literal(dtype))
    if keepdims:
        rest += ["None", "True"]
    return ", ".join(rest)


def _mean(call: Call, names: Names, operands: list[Kind]) -> Kernel | None:
    """Write a mean as a sum and a division, where NumPy does the same and the count is exact."""
    given = _bound(call)
    x, axis, keepdims = given.pop("a"), given.pop("axis", None), given.pop("keepdims", False)
    if given or not isinstance(x, Ref) or call.shape is None or call.dtype not in (np.float32, np.float64):
        return None
    inside = operands[x.number].shape
    if inside is None or operands[x.number].dtype != call.dtype or not prod(call.shape):
        return None
    count = prod(inside) // prod(call.shape)
    if not 0 < count < _EXACT_COUNT:
        return None
    rest = _rest_of_reduction(axis, None, keepdims, names)
    reduce = names.helper("add_reduce", _add_reduce)
    return Kernel(f"{reduce}({{{x.number}}}, {rest}) / {count}", call.shape, call.dtype, is_fresh=True)


_add_reduce: Final = np.add.reduce
_EXACT_COUNT: Final = 2**24
"""Counts below it are numbers of float32."""


def _reshape(call: Call, _names: Names, operands: list[Kind]) -> Kernel | None:
    x = call.inputs[0]
    if not isinstance(x, Ref) or call.shape is None or "order" in call.params or len(call.inputs) > 2:
        return None
    if operands[x.number].shape == call.shape:
        return Kernel("", call.shape, call.dtype, source="same")
    return Kernel(f"{{{x.number}}}.reshape({call.shape!r})", call.shape, call.dtype)


def _broadcast(call: Call, names: Names, operands: list[Kind]) -> Kernel | None:
    x = call.inputs[0]
    if not isinstance(x, Ref) or call.shape is None or call.dtype is None:
        return None
    inside = operands[x.number].shape
    if inside == call.shape:
        return Kernel("", call.shape, call.dtype, source="same")
    if inside == ():
        text = f"{names.helper('spread', spread)}({{{x.number}}}, {call.shape!r}, {names.constant(call.dtype)})"
    else:
        text = f"np.broadcast_to({{{x.number}}}, {call.shape!r})"
    return Kernel(text, call.shape, call.dtype, source="spread")


def _method(name: str) -> Callable[[Call, Names, list[Kind]], Kernel | None]:
    """Return how a function is written as the method that it calls."""

    def write(call: Call, names: Names, _operands: list[Kind]) -> Kernel | None:
        x, *rest = call.inputs
        if not isinstance(x, Ref) or not set(call.params) <= {"axis", "axes"}:
            return None
        arguments = ", ".join(map(names.literal, [*rest, *call.params.values()]))
        return Kernel(f"{{{x.number}}}.{name}({arguments})", call.shape, call.dtype)

    return write


def _matrix_transpose(call: Call, _names: Names, _operands: list[Kind]) -> Kernel | None:
    return Kernel("{0}.mT", call.shape, call.dtype)


def _where(call: Call, names: Names, operands: list[Kind]) -> Kernel | None:
    if len(call.inputs) != 3:
        return None
    if _keeps_or_drops(call, operands):
        helper = names.helper("kept_where", kept_where)
        text = f"{helper}({', '.join(map(names.literal, call.inputs[:2]))})"
        return Kernel(text, call.shape, call.dtype, is_fresh=True)
    kinds = [(kind.shape, kind.dtype) for kind in operands]
    scalar = floats.where_text(call, kinds, names)
    condition, *choices = call.inputs
    chosen = [_number(value, call, [kind for kind in operands if kind.dtype != np.bool_], names) for value in choices]
    text = f"np.where({names.literal(condition)}, {', '.join(chosen)})"
    return Kernel(text, call.shape, call.dtype, scalar, is_fresh=True, is_exact=True)


def _keeps_or_drops(call: Call, operands: list[Kind]) -> bool:
    """Tell whether a choice is between the numbers of a tensor and zeros, and large enough for `kept_where`."""
    mask, x, zero = call.inputs
    if not (isinstance(mask, Ref) and isinstance(x, Ref)) or type(zero) not in (int, float) or str(zero)[0] != "0":
        return False
    kinds = operands[mask.number], operands[x.number]
    if zero or kinds[0].dtype != np.bool_ or kinds[1].dtype != call.dtype or call.dtype not in BITS:
        return False
    return call.shape == kinds[0].shape == kinds[1].shape and prod(call.shape or ()) >= MANY


_FUNCTIONS: Final[Mapping[Any, Callable[[Call, Names, list[Kind]], Kernel | None]]] = {
    np.sum: _reduction("add_reduce", _add_reduce),
    np.prod: _reduction("multiply_reduce", np.multiply.reduce),
    np.max: _reduction("maximum_reduce", np.maximum.reduce),
    np.min: _reduction("minimum_reduce", np.minimum.reduce),
    np.mean: _mean,
    np.reshape: _reshape,
    np.expand_dims: _reshape,
    np.broadcast_to: _broadcast,
    np.swapaxes: _method("swapaxes"),
    np.transpose: _method("transpose"),
    np.squeeze: _method("squeeze"),
    np.matrix_transpose: _matrix_transpose,
    np.where: _where,
}
