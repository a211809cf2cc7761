"""Writes a rule down as the NumPy calls that it makes, one after the other: what the compiler builds its code of.

A rule is called once with tensors that are only a shape and a dtype (`symbolic.Symbol`s of another kind), and each
function that it hands them to becomes one `Call`. What a helper computes twice is two calls here; whoever joins the
traces of many rules finds equal calls.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import getitem
from typing import Any, NamedTuple

import numpy as np

from gradviz.errors import GradvizError
from gradviz.ops.catalogue import get
from gradviz.ops.dtypes import Dtype
from gradviz.ops.op import Array, Op, Rule, Shape
from gradviz.ops.standing import (
    StandIn,
    examples,
    refuse_index,
    refuse_out,
    refuse_ufunc_with,
    ufunc_example,
    zeros_for,
)


class Ref(NamedTuple):
    """A tensor of a trace: the inputs of the rule count from 0, and after them its calls."""

    number: int


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """One call of a function: a ufunc, another NumPy function, `operator.getitem`, or a helper that is an op.

    `inputs` are tensors (`Ref`), literals and arrays, in lists where the function takes lists; `shape` and `dtype` are
    those of the result, None where only a real run can tell.
    """

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]
    shape: Shape | None
    dtype: Dtype | None


@dataclass(frozen=True, eq=False)
class Trace:
    """The calls of a rule in order, and its result: a tensor of the trace, or a number or array that it always is."""

    calls: tuple[Call, ...]
    result: Any


def trace(rule: Rule, shapes: Sequence[Shape], dtypes: Sequence[Dtype], params: Mapping[str, Any]) -> Trace:
    """Return what `rule` does with tensors of these shapes and dtypes.

    Raises a `GradvizError` where a rule leaves the world of NumPy functions, or refuses to run.
    """
    writing = _Writing(len(shapes))
    inputs = [
        _Traced(writing, Ref(i), zeros_for(shape, dtype))
        for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True))
    ]
    result = rule(*inputs, **params)
    return Trace(tuple(writing.calls), _referred(result))


@dataclass(eq=False)
class _Writing:
    """A trace under way: how many inputs its rule has, its calls, and the helpers that are being opened."""

    count: int
    calls: list[Call] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)


class _Traced(StandIn):
    """A tensor that is a number of a trace: an operation on it becomes one more call."""

    def __init__(self, writing: _Writing, ref: Ref, make_example: Callable[[], Array]) -> None:
        super().__init__(make_example)
        self.ref = ref
        self._writing = writing

    @property
    def told(self) -> str:
        """Its number."""
        return f"tensor {self.ref.number}"

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **params: Any) -> _Traced:
        """Note a ufunc."""
        refuse_ufunc_with(ufunc, method, params)
        return self._called(ufunc, inputs, {}, lambda: ufunc_example(ufunc, inputs))

    def __array_function__(
        self, function: Callable[..., Any], _types: Any, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> _Traced:
        """Note a NumPy function."""
        refuse_out(function, params)
        return self._called(function, inputs, params, lambda: function(*examples(inputs), **params))

    def take_call(
        self, function: Rule, signature: inspect.Signature, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Note what a helper calls, where the op that it is has a rule of NumPy functions; else the helper itself."""
        name, opened = function.__name__, self._writing.opened
        op = get(name)
        if name in opened or getattr(op.forward, "__wrapped__", None) is function:
            return self._called(function, inputs, params, lambda: function(*examples(inputs), **params))
        tensors, settings = _sorted(signature, inputs, params, op)
        opened.add(name)
        try:
            return op.forward(*tensors, **settings)
        finally:
            opened.remove(name)

    def __getitem__(self, key: Any) -> _Traced:
        """Note indexing."""
        refuse_index(key)
        return self._called(getitem, (self, key), {}, lambda: self.example[key])

    def _called(
        self,
        function: Callable[..., Any],
        inputs: Sequence[Any],
        params: Mapping[str, Any],
        make_example: Callable[[], Array],
    ) -> _Traced:
        calls = self._writing.calls
        result = _Traced(self._writing, Ref(self._writing.count + len(calls)), make_example)
        shape, dtype = _kind(result)
        calls.append(Call(function, _referred(tuple(inputs)), _referred(dict(params)), shape, dtype))
        return result


def _sorted(
    signature: inspect.Signature, inputs: Sequence[Any], params: Mapping[str, Any], op: Op
) -> tuple[list[Any], dict[str, Any]]:
    """Return what a helper was called with as an op takes it: tensors in order, and all params."""
    bound = signature.bind(*inputs, **params)
    bound.apply_defaults()
    tensors: list[Any] = []
    settings: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            settings |= value
        elif name in op.params:
            settings[name] = value
        else:
            tensors += value if kind is inspect.Parameter.VAR_POSITIONAL else [value]
    while tensors and tensors[-1] is None:  # an optional input that is left out
        tensors.pop()
    return tensors, settings


def _kind(tensor: _Traced) -> tuple[Shape, Dtype] | tuple[None, None]:
    """Return the shape and dtype of a result, where zeros in place of its inputs can tell."""
    try:
        return tensor.shape, tensor.dtype
    except (ArithmeticError, GradvizError, LookupError, MemoryError, TypeError, ValueError):
        return None, None  # zeros have no inverse; the code that is made of this does without knowing


def _referred(value: Any) -> Any:
    """Return a value with every traced tensor in it as its number."""
    if isinstance(value, _Traced):
        return value.ref
    if isinstance(value, dict):
        return {key: _referred(item) for key, item in value.items()}
    return type(value)(map(_referred, value)) if type(value) in (list, tuple) else value
