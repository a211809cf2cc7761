"""What an operation is: one frozen record, complete when it exists.

    ============  ==========================================================================================
    `forward`     rule(*inputs, **params) -> y
    `vjp[port]`   rule(g, y, *inputs, **params) -> the gradient for that input, before broadcasting is undone;
                  None where the input has no gradient (indices, masks, conditions). A node whose result is not
                  float sends nothing, and nothing is sent to one: no rule needs to think of integers
    `shape`       rule(*shapes, **params) -> the shape of y, or a `ShapeError` that does not name the node
    `dtype`       rule(*dtypes, **params) -> the dtype of y
    ============  ==========================================================================================

An op of any number of inputs (`variadic`) names one stem, `("x",)`: its ports are `x0`, `x1`, ..., and its one
rule `vjp["x"]` is told which port by keyword: rule(g, y, *inputs, port=1, **params).

Rules are pure expressions of NumPy functions and of the recorded functions of `symbolic`: no methods, no `out=`,
nothing in place, no branch on values, Python literals for constants. So one rule computes, is printed as
mathematics, becomes a program and becomes a gradient graph. Rules never undo broadcasting: the sweep does, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradviz.errors import GradvizError, ShapeError
from gradviz.ops.dtypes import Dtype, promote
from gradviz.ops.params import REQUIRED, Param

Array = NDArray[Any]
Shape = tuple[int, ...]
Rule = Callable[..., Any]


@dataclass(frozen=True)
class Sample:
    """Inputs to try an op on: shapes, params, and how each input is drawn.

    `draw` names one way per input (one name serves all): `normal`; `positive` (at least 0.1); `above one` (at least
    1.1); `unit` (inside -0.9 … 0.9); `probability` (inside 0.05 … 0.95); `distinct` (all values well apart, for max and
    its like); `boolean`; `below N` (integers 0 … N-1); and for square matrices `regular` (far from singular, not
    symmetric) and `definite` (symmetric, positive definite).
    """

    shapes: tuple[Shape, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    draw: tuple[str, ...] = ("normal",)

    def inputs(self, generator: np.random.Generator) -> tuple[Array, ...]:
        """Draw the inputs: float64 tensors, except where `draw` says booleans or integers."""
        ways = self.draw * len(self.shapes) if len(self.draw) == 1 else self.draw
        return tuple(_drawn(way, shape, generator) for way, shape in zip(ways, self.shapes, strict=True))


def _drawn(way: str, shape: Shape, generator: np.random.Generator) -> Array:
    if way.startswith("below "):
        return generator.integers(int(way.removeprefix("below ")), size=shape)
    if way == "distinct":
        count = int(np.prod(shape, dtype=np.int64))
        return np.reshape(generator.permutation(count) - 0.5 * count + 0.25, shape)
    return _DRAWN[way](np.asarray(generator.normal(size=shape)))


def _regular(values: Array) -> Array:
    """Return matrices whose diagonal outweighs the rest of each row, so that all of them have an inverse."""
    size = values.shape[-1]
    return np.asarray(0.9 * np.tanh(values) + size * np.eye(size))


def _definite(values: Array) -> Array:
    """Return symmetric matrices with eigenvalues from 0.5."""
    product = np.matrix_transpose(values) @ values
    return np.asarray((product + np.matrix_transpose(product)) / 2 + 0.5 * np.eye(values.shape[-1]))


_DRAWN: Mapping[str, Callable[[Array], Array]] = {
    "normal": lambda values: values,
    "positive": lambda values: np.abs(values) + 0.1,
    "above one": lambda values: np.abs(values) + 1.1,
    "unit": lambda values: np.asarray(0.9 * np.tanh(values)),
    "probability": lambda values: np.asarray(0.5 + 0.45 * np.tanh(values)),
    "boolean": lambda values: np.asarray(values > 0),
    "regular": _regular,
    "definite": _definite,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Op:
    """One kind of operation, with its rules; two ops are equal when they are the same record.

    `symbol` is the glyph of a node's title; `why_zero` has sentences for gradients that the values make zero, in which
    a port in braces stands for what feeds it (`"the factor {b} is zero"`); `formula` replaces the forward rule where
    that reads badly, as a Python expression of ports and params: `"1 / (1 + np.exp(-x))"`.
    """

    name: str
    family: str
    doc: str
    inputs: tuple[str, ...]
    forward: Rule
    vjp: Mapping[str, Rule | None]
    shape: Callable[..., Shape]
    samples: tuple[Sample, ...]
    dtype: Callable[..., Dtype] = promote
    optional: int = 0
    variadic: bool = False
    params: Mapping[str, Param] = field(default_factory=dict)
    symbol: str = ""
    aliases: tuple[str, ...] = ()
    why_zero: Mapping[str, str] = field(default_factory=dict)
    formula: str | None = None

    def __post_init__(self) -> None:
        """Refuse a record whose rules do not match its inputs, and freeze its tables."""
        if set(self.vjp) != set(self.inputs):
            raise GradvizError(
                "op {name}: rules for {rules}, but inputs {inputs}",
                name=self.name,
                rules=sorted(self.vjp),
                inputs=sorted(self.inputs),
            )
        if self.variadic and (len(self.inputs) != 1 or self.optional):
            raise GradvizError("op {name}: a variadic op names one stem of ports", name=self.name)
        if not set(self.why_zero) <= set(self.inputs):
            raise GradvizError("op {name}: a reason for a port that it lacks", name=self.name)
        if not self.samples:
            raise GradvizError("op {name}: no samples to test it on", name=self.name)
        for table in ("vjp", "params", "why_zero"):
            object.__setattr__(self, table, MappingProxyType(dict(getattr(self, table))))

    def ports(self, count: int = 2) -> tuple[str, ...]:
        """Return the names of all input ports; `count` is how many a node of a variadic op has."""
        return tuple(f"{self.inputs[0]}{i}" for i in range(count)) if self.variadic else self.inputs

    def required_ports(self, count: int = 2) -> tuple[str, ...]:
        """Return the names of the ports that must be wired before a node can compute."""
        names = self.ports(count)
        return names[: len(names) - self.optional]

    def rule_for(self, port: str) -> Rule | None:
        """Return the gradient rule of one port, `rule(g, y, *inputs, **params)`, or None where there is none."""
        if not self.variadic:
            return self.vjp[port]
        stem = self.inputs[0]
        rule = self.vjp[stem]
        return None if rule is None else partial(rule, port=int(port.removeprefix(stem)))

    def reason_for_zero(self, port: str) -> str | None:
        """Return the sentence for a gradient that this op makes zero at `port`, where it has one."""
        return self.why_zero.get(self.inputs[0] if self.variadic else port)

    def read_params(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return all params in canonical form, defaults filled in.

        Raises `ShapeError` for a param that is unknown, missing, or not what it may be.
        """
        unknown = sorted(set(given) - set(self.params), key=str)
        if unknown:
            raise ShapeError(
                "there is no parameter {param}; {op} has {known}",
                param=unknown[0],
                op=self.name,
                known=", ".join(self.params) or "none",
            )
        return MappingProxyType({name: self._read(name, param, given) for name, param in self.params.items()})

    def _read(self, name: str, param: Param, given: Mapping[str, Any]) -> Any:
        if name in given:
            return param.read(name, given[name])
        if param.default is REQUIRED:
            raise ShapeError("the parameter {param} is needed", param=name)
        return param.default

    def write_params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return, as JSON values, the params that differ from their defaults."""
        written = {name: param.write(params[name]) for name, param in self.params.items()}
        return {
            name: value
            for name, value in written.items()
            if (default := self.params[name].default) is REQUIRED or value != self.params[name].write(default)
        }
