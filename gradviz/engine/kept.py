"""What a node keeps for the backward pass: the tensors that its gradient rules really use, read from the rules."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from gradviz.errors import LimitError
from gradviz.graph import Step
from gradviz.ops import Array, Dtype, Op, Shape, saved


@dataclass(frozen=True)
class _Use:
    """An op at work on tensors of these shapes; two uses are equal when their rules read alike."""

    op: Op
    shapes: tuple[Shape, ...]
    dtypes: tuple[Dtype, ...]
    ports: tuple[str, ...]
    settings: Hashable
    params: Mapping[str, Any] = field(compare=False)


def kept_by(step: Step, inputs: Sequence[Array], ports: tuple[str, ...]) -> tuple[str, ...]:
    """Return which ports of a step, and "y", hold tensors that the gradient rules of `ports` use."""
    if not ports:
        return ()
    shapes = tuple(array.shape for array in inputs)
    dtypes = tuple(array.dtype for array in inputs)
    return _kept(_Use(step.op, shapes, dtypes, ports, _settings(step.params), step.params))


@lru_cache(maxsize=4096)
def _kept(use: _Use) -> tuple[str, ...]:
    try:
        return saved(use.op, use.shapes, use.dtypes, use.params, use.ports)
    except LimitError:  # a rule that will refuse to run keeps nothing; the sweep tells why, once it gets there
        return ()


def _settings(value: Any) -> Hashable:
    """Return params as something that can be compared: rules never look at the numbers inside an array."""
    match value:
        case Mapping():
            return tuple((name, _settings(item)) for name, item in value.items())
        case tuple():
            return tuple(map(_settings, value))
        case slice():
            return ("slice", value.start, value.stop, value.step)
        case np.ndarray():
            return ("array", value.shape, value.dtype.str)
    return (type(value), value)
