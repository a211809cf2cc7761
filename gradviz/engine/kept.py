"""What a node keeps for the backward pass: the tensors that its gradient rules really use, read from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from gradviz.engine.rule_keys import RuleKey, rule_key
from gradviz.errors import LimitError
from gradviz.graph import Step
from gradviz.ops import Array, saved

_ENOUGH: Final = 16


def kept_by(step: Step, inputs: Sequence[Array], ports: tuple[str, ...]) -> tuple[str, ...]:
    """Return which ports of a step, and "y", hold tensors that the gradient rules of `ports` use."""
    return _kept(rule_key(step, inputs, ports)) if ports else ()


@lru_cache(maxsize=4096)
def _kept(key: RuleKey) -> tuple[str, ...]:
    try:
        return saved(key.op, key.shapes, key.dtypes, key.params, _some(key.ports))
    except LimitError:  # a rule that will refuse to run keeps nothing; the sweep tells why, once it gets there
        return ()


def _some(ports: tuple[str, ...]) -> tuple[str, ...]:
    """Return all ports, or the first and last of very many: these share one rule, which treats its inputs alike."""
    return ports if len(ports) <= 2 * _ENOUGH else (*ports[:_ENOUGH], *ports[-_ENOUGH:])
