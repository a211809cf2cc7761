"""Guesses at the params of an op from the nodes that it was opened into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite, sqrt
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.graph.model import Leaf, Node
from gradviz.ops import DTYPES, REQUIRED, Param

_DIGITS: Final = (7, 12, 15, 17)
"""To how many digits a number is tried: what is calculated back from a constant was rounded once."""


def guesses(param: Param, nodes: Sequence[Node | Leaf], rank: int, sampled: Any) -> Iterator[Any]:
    """Yield what a param may be in canonical form, each once, the likely first.

    `nodes` are pieces and constants, `rank` that of the largest input, `sampled` is what a sample has.
    """
    known: set[str] = set()
    for value in _raw(param, nodes, rank, sampled):
        try:
            read = param.read("", value)
        except (ShapeError, ValueError, OverflowError):
            continue
        if repr(read) not in known:
            known.add(repr(read))
            yield read


def _raw(param: Param, nodes: Sequence[Node | Leaf], rank: int, sampled: Any) -> Iterator[Any]:
    if param.default is not REQUIRED:
        yield param.default
    yield sampled
    match param.kind:
        case "choice":
            yield from param.choices
        case "flag":
            yield from (False, True)
        case "dtype":
            yield from (dtype.name for dtype in DTYPES)
        case "number":
            yield from _numbers(nodes)
        case _:
            yield from _pieces_params(nodes)
            if param.kind in {"axis", "axes"}:
                yield from (*range(rank), *range(-rank, 0))
            yield from (int(value) for value in _numbers(nodes) if abs(value) < 2**53 and value == int(value))
    if param.optional:
        yield None


def _pieces_params(nodes: Iterable[Node | Leaf]) -> Iterator[Any]:
    """Yield the params of all pieces, and what stands within them."""
    waiting = [value for node in nodes if isinstance(node, Node) for value in node.params.values()]
    for value in waiting:
        yield value
        if isinstance(value, tuple):
            waiting += value


def _numbers(nodes: Iterable[Node | Leaf]) -> Iterator[float]:
    """Yield the numbers among constants and params, and those from which a rule may have made them."""
    found = [value for value in _pieces_params(nodes) if isinstance(value, int | float)]
    found += [node.value.item() for node in nodes if isinstance(node, Leaf) and node.value.size == 1]
    for digits in _DIGITS:
        for value in dict.fromkeys(found):
            yield from (_rounded(origin, digits) for origin in _origins(float(value)) if isfinite(origin))


def _rounded(value: float, digits: int) -> float:
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 2**53 else rounded


def _origins(value: float) -> Iterator[float]:
    yield from (value, -value, 1 - value, value - 1, 2 * value, value / 2)
    if value:
        yield from (1 / value, 1 / value - 1)
    if value > 0:
        yield from (sqrt(value), value * value, float(np.log(value)), sqrt(2 * value))
