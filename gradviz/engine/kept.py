"""What a node keeps for the backward pass: the tensors that its gradient rules really use, read from the rules."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from gradviz.errors import LimitError
from gradviz.graph import Step
from gradviz.ops import Array, Dtype, Op, Shape, as_key, most_on_the_way, saved

_ENOUGH: Final = 16


@dataclass(frozen=True)
class Use:
    """An op at work on tensors of these shapes; two uses are equal when their rules read alike."""

    op: Op
    shapes: tuple[Shape, ...]
    dtypes: tuple[Dtype, ...]
    ports: tuple[str, ...]
    settings: Hashable
    params: Mapping[str, Any] = field(compare=False)
    most: int = field(default_factory=most_on_the_way)


def kept_by(step: Step, inputs: Sequence[Array], ports: tuple[str, ...]) -> tuple[str, ...]:
    """Return which ports of a step, and "y", hold tensors that the gradient rules of `ports` use."""
    return _kept(use_of(step, inputs, ports)) if ports else ()


def use_of(step: Step, inputs: Sequence[Array], ports: tuple[str, ...]) -> Use:
    """Return the use that a step makes of its op, with the gradient rules of `ports`."""
    shapes = tuple(array.shape for array in inputs)
    dtypes = tuple(array.dtype for array in inputs)
    return Use(step.op, shapes, dtypes, ports, as_key(step.params), step.params)


@lru_cache(maxsize=4096)
def _kept(use: Use) -> tuple[str, ...]:
    try:
        return saved(use.op, use.shapes, use.dtypes, use.params, _some(use.ports))
    except LimitError:  # a rule that will refuse to run keeps nothing; the sweep tells why, once it gets there
        return ()


def _some(ports: tuple[str, ...]) -> tuple[str, ...]:
    """Return all ports, or the first and last of very many: these share one rule, which treats its inputs alike."""
    return ports if len(ports) <= 2 * _ENOUGH else (*ports[:_ENOUGH], *ports[-_ENOUGH:])
