"""What stands in for a tensor when a rule is run to be read: a shape, a dtype, and no numbers.

NumPy hands every operation on a foreign object to that object (NEP 13 for ufuncs, NEP 18 for functions); `symbolic`
and `tracing` each say what becomes of it. Here is what both share: the shape and dtype that a rule may ask for, found
without computing, and a sentence for whatever a rule must not do.
"""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from gradviz.errors import GradvizError
from gradviz.ops.dtypes import Dtype
from gradviz.ops.op import Array, Rule, Shape


class StandIn(np.lib.mixins.NDArrayOperatorsMixin):
    """A tensor without numbers; `make_example` makes one of the same shape and dtype, when a rule asks for these."""

    def __init__(self, make_example: Callable[[], Array]) -> None:
        self._make_example = make_example

    @property
    @abstractmethod
    def told(self) -> str:
        """What sentences call this tensor."""

    @abstractmethod
    def take_call(
        self, function: Rule, signature: inspect.Signature, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> StandIn:
        """Note a call of a `recorded` helper."""

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

    def __bool__(self) -> NoReturn:
        """Refuse: the branch would depend on values."""
        raise GradvizError("a rule must not branch on the values of {tensor}: use np.where", tensor=self.told)

    def _refuse(self, *_inputs: object) -> NoReturn:
        raise GradvizError(
            "a rule must not take {tensor} apart: use NumPy functions of the whole tensor", tensor=self.told
        )

    __iter__ = __len__ = __float__ = __int__ = __index__ = __complex__ = __array__ = __setitem__ = __contains__ = (
        _refuse
    )

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse: a rule calls functions, which all kinds of tensors have."""
        message = f"a rule must not use .{name} of a tensor: call the NumPy function np.{name}"
        raise AttributeError(message)


def first_stand_in(value: Any) -> StandIn | None:
    """Return the first tensor without numbers among what a rule hands over, lists looked through; None without one."""
    if isinstance(value, list | tuple):
        return next((found for item in value if (found := first_stand_in(item)) is not None), None)
    return value if isinstance(value, StandIn) else None


def holds_stand_in(value: Any) -> bool:
    """Tell whether a value is a tensor without numbers, or a list with one in it."""
    return first_stand_in(value) is not None


def refuse_ufunc_with(ufunc: np.ufunc, method: str, params: Mapping[str, Any]) -> None:
    """Raise a `GradvizError` where a rule calls a ufunc in a way that cannot be written as an expression."""
    if method != "__call__" or params:
        raise GradvizError(
            "a rule must call np.{name} plainly, without out=, where= or .{method}",
            name=ufunc.__name__,
            method=method,
        )


def refuse_out(function: Callable[..., Any], params: Mapping[str, Any]) -> None:
    """Raise a `GradvizError` where a rule hands a NumPy function an array to write to."""
    if "out" in params:
        raise GradvizError("a rule must not write to out=; np.{name} returns its result", name=function.__name__)


def refuse_index(key: Any) -> None:
    """Raise a `GradvizError` where a rule indexes with a tensor."""
    if holds_stand_in(key):
        raise GradvizError("a rule must not index with a tensor: use np.take_along_axis or an op of its own")


def zeros_for(shape: Shape, dtype: Dtype) -> Callable[[], Array]:
    """Return what makes an example of a tensor of a shape and dtype, in the memory of one number."""
    return lambda: np.broadcast_to(np.zeros((), dtype), shape)


def ufunc_example(ufunc: np.ufunc, inputs: Sequence[Any]) -> Array:
    """Make an example of a result without computing it: one element tells the dtype, broadcasting the shape."""
    given = examples(inputs)
    if ufunc.signature is not None:
        return np.asarray(ufunc(*given))
    cells = [np.zeros((), value.dtype) if isinstance(value, np.ndarray) else value for value in given]
    return np.broadcast_to(ufunc(*cells), np.broadcast_shapes(*map(np.shape, given)))


def examples(value: Any) -> Any:
    """Return what a rule hands to a function, with examples in place of the tensors without numbers."""
    if isinstance(value, StandIn):
        return value.example
    return type(value)(map(examples, value)) if isinstance(value, list | tuple) else value
