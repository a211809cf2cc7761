"""Calls on numbers of rank 0 as Python writes them: a float costs a tenth of an array of rank 0.

Only where the bits are the same: + − × and comparisons are the processor's own in both; a division by zero, where
Python raises, and ties and NaN in a maximum are left to NumPy; so are exp, log, tanh and their like, which differ in
the last bit. (What the sign bit of a NaN is, neither says.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np

from gradviz.ops import Call, Dtype, Ref, Shape

Kinds = Sequence[tuple[Shape | None, Dtype | None]]

_FLOAT: Final = np.dtype(np.float64)
_BOOL: Final = np.dtype(bool)


class Writer(Protocol):
    """What gives values and functions a text."""

    def literal(self, value: Any) -> str:
        """Return a value as text."""

    def function(self, function: Any) -> str:
        """Return how a function is called."""


_ARITHMETIC: Final[Mapping[np.ufunc, str]] = {
    np.add: "{a} + {b}",
    np.subtract: "{a} - {b}",
    np.multiply: "{a} * {b}",
    np.divide: "{a} / {b} if {b} else np.divide({a}, {b}).item()",
    np.maximum: "{a} if {a} > {b} else {b} if {b} > {a} else np.maximum({a}, {b}).item()",
    np.minimum: "{a} if {a} < {b} else {b} if {b} < {a} else np.minimum({a}, {b}).item()",
    np.negative: "-{a}",
    np.square: "{a} * {a}",
    np.absolute: "abs({a})",
}
_COMPARISONS: Final[Mapping[np.ufunc, str]] = {
    np.greater: "{a} > {b}",
    np.greater_equal: "{a} >= {b}",
    np.less: "{a} < {b}",
    np.less_equal: "{a} <= {b}",
    np.equal: "{a} == {b}",
    np.not_equal: "{a} != {b}",
}
_LOGIC: Final[Mapping[np.ufunc, str]] = {
    np.logical_and: "{a} and {b}",
    np.logical_or: "{a} or {b}",
    np.logical_not: "not {a}",
}
_BY_NUMPY: Final = frozenset(
    (
        *(np.exp, np.expm1, np.exp2, np.log, np.log1p, np.log2, np.log10, np.sqrt, np.cbrt, np.reciprocal),
        *(np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh),
        *(np.arcsinh, np.arccosh, np.arctanh, np.sign, np.floor, np.ceil, np.rint),
    )
)


def scalar_text(ufunc: np.ufunc, call: Call, kinds: Kinds, names: Writer) -> str:
    """Return a ufunc of rank-0 float64 (or bool) tensors as Python writes it for floats; "" where it cannot."""
    if not _is_scalar(call, kinds):
        return ""
    places = [_literal(value, names) for value in call.inputs]
    of_floats = any(dtype == _FLOAT for _, dtype in kinds)
    if call.dtype == _FLOAT and of_floats:
        if ufunc in _BY_NUMPY:
            return f"{names.function(ufunc)}({places[0]}).item()"
        if ufunc is np.divide and type(call.inputs[1]) in (int, float) and call.inputs[1]:
            return f"{places[0]} / {places[1]}"
        return _filled(_ARITHMETIC.get(ufunc, ""), places)
    if call.dtype == _BOOL and of_floats:
        return _filled(_COMPARISONS.get(ufunc, ""), places)
    if (
        call.dtype == _BOOL
        and all(dtype == _BOOL for _, dtype in kinds)
        and all(isinstance(x, Ref) for x in call.inputs)
    ):
        return _filled(_LOGIC.get(ufunc, ""), places)
    return ""


def where_text(call: Call, kinds: Kinds, names: Writer) -> str:
    """Return a choice between rank-0 float64 tensors as Python writes it; "" where it cannot."""
    condition, *choices = call.inputs
    if not _is_scalar(call, kinds) or call.dtype != _FLOAT or not isinstance(condition, Ref):
        return ""
    if kinds[condition.number][1] != _BOOL:
        return ""
    if any(isinstance(choice, Ref) and kinds[choice.number][1] != _FLOAT for choice in choices):
        return ""
    yes, no = (_literal(choice, names) for choice in choices)
    return f"{yes} if {names.literal(condition)} else {no}"


def _is_scalar(call: Call, kinds: Kinds) -> bool:
    if call.shape != () or call.dtype not in (_FLOAT, _BOOL):
        return False
    if not all(shape == () and dtype in (_FLOAT, _BOOL) for shape, dtype in kinds):
        return False
    return all(isinstance(value, Ref) or type(value) in (int, float) for value in call.inputs)


def _literal(value: Any, names: Writer) -> str:
    """Return an operand as text; an integer that a rule writes is the float that NumPy makes of it."""
    return names.literal(float(value) if type(value) is int else value)


def _filled(pattern: str, places: Sequence[str]) -> str:
    return pattern.replace("{a}", places[0]).replace("{b}", places[-1])


def repeats_an_operand(text: str) -> bool:
    """Tell whether a text names an operand more than once, so that this must be a variable."""
    places = re.findall(r"\{\d+\}", text)
    return len(places) > len(set(places))
