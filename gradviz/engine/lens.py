"""The Jacobian of one op at one port: the matrix that the chain rule speaks of, and that no sweep ever builds.

It has a row for every number of the op's result and a column for every number of its input. The sweep multiplies it
from the left with the gradient, which takes a rule and not a matrix: the lens shows what was never written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Final, Literal

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.links import moved
from gradviz.engine.moment import Run
from gradviz.errors import GradvizError
from gradviz.graph import Port
from gradviz.ops import Array, Shape, sum_to_shape

Structure = Literal[
    "empty", "zero", "diagonal", "permutation", "selection", "copies", "sums", "blocks", "sparse", "dense"
]

MOST_SHOWN: Final = 2**14
"""A Jacobian of more numbers is not made: some of its rows tell what it is like."""
_MOST_ROWS: Final = 24
_MOST_FILLED: Final = 0.9
"""A matrix of which a larger part is not zero is dense."""


@dataclass(frozen=True, eq=False)
class Lens:
    """The Jacobian of a node's result by what feeds one of its ports.

    `matrix` has all its numbers, or is None where there are too many; `rows` and `columns` count them, `result` and
    `source` are the shapes that they are numbered through, in row-major order. `filled` is the part of the numbers
    that may differ from zero, of the rows that were looked at.
    """

    port: Port
    result: Shape
    source: Shape
    structure: Structure
    filled: float
    matrix: Array | None

    @property
    def rows(self) -> int:
        """How many numbers the result has."""
        return prod(self.result)

    @property
    def columns(self) -> int:
        """How many numbers the input has."""
        return prod(self.source)

    @property
    def count(self) -> int:
        """How many numbers the Jacobian would have."""
        return self.rows * self.columns

    @property
    def sentence(self) -> str:
        """What it is like, with its true size and what the sweep needs instead."""
        size = f"{self.rows:,} × {self.columns:,}"
        spared = f"its {self.count:,} numbers are never built: the rule takes the {self.rows:,} of the gradient"
        if self.count == 1:
            return f"{size}: a single slope"
        told = f"{size}, {_WORDS[self.structure]}"
        return f"{told}; {spared}" if self.count else told


_WORDS: Final[dict[Structure, str]] = {
    "empty": "without any number",
    "zero": "all zero here",
    "diagonal": "diagonal: each number has its own partner and no other",
    "permutation": "a permutation: every number only changes its place",
    "selection": "a selection: each number of the result is one of the input, some of which nobody takes",
    "copies": "copies: numbers of the input are used in several places",
    "sums": "sums: every number of the input goes to one place, where several meet",
    "blocks": "blocks: groups of numbers that know nothing of each other",
    "sparse": "sparse: each number of the result takes a few of the input",
    "dense": "dense: every number of the result takes every number of the input",
}


def lens_of(run: Run, port: Port) -> Lens:
    """Return the Jacobian of the node of a port by what feeds the port, at the values of a run.

    Raises a `GradvizError` where the port has no gradient, or nothing was computed.
    """
    step = run.paths.steps.get(port.node)
    rule = None if step is None or port.name not in step.ports else step.op.rule_for(port.name)
    if step is None or rule is None or port.node not in run.values:
        raise GradvizError('the input {port} of "{node}" has no Jacobian', port=port.name, node=port.node)
    inputs = {name: run.values[source] for name, source in zip(step.ports, step.sources, strict=True)}
    y, x = run.values[port.node], inputs[port.name]
    back = partial(rule, **step.params)
    if y.size * x.size > MOST_SHOWN:
        numbers = np.unique(np.linspace(0, y.size - 1, _MOST_ROWS).astype(int))
        matrix = None
    else:
        numbers = np.arange(y.size)
        matrix = frozen(np.array([*_rows(back, {"y": y, **inputs}, x.shape, numbers)], y.dtype).reshape(y.size, x.size))
    pattern = [row != 0 for row in _rows(back, moved({"y": y, **inputs}), x.shape, numbers)]
    if matrix is not None and np.all(np.isfinite(matrix)):
        pattern = [seen | (row != 0) for seen, row in zip(pattern, matrix, strict=True)]
    mask = np.array(pattern, bool).reshape(len(numbers), x.size)
    filled = float(np.mean(mask)) if mask.size else 0.0
    return Lens(port, y.shape, x.shape, _structure(mask, numbers, y.size), filled, matrix)


def _rows(back: Callable[..., Array], tensors: Mapping[str, Array], shape: Shape, numbers: Array) -> Iterator[Array]:
    """Yield rows of the Jacobian: what a rule makes of a gradient that is one at a number of the result, else zero."""
    y = tensors["y"]
    for number in numbers:
        g = np.zeros(y.size, y.dtype)
        g[number] = 1
        with np.errstate(all="ignore"):
            yield np.ravel(sum_to_shape(np.asarray(back(g.reshape(y.shape), *tensors.values())), shape))


def _structure(mask: Array, numbers: Array, rows: int) -> Structure:
    """Return what a matrix is like, of which some rows are seen: those of these numbers, among so many."""
    if mask.size == 0:
        return "empty"
    if not np.any(mask):
        return "zero"
    per_row, per_column = mask.sum(axis=1), mask.sum(axis=0)
    is_whole = len(numbers) == rows
    if np.max(per_row) == 1:
        return _of_single_numbers(mask, numbers, rows, per_column)
    if np.mean(mask) > _MOST_FILLED:
        return "dense"
    if is_whole and np.max(per_column) == 1:
        return "sums"
    return "blocks" if _are_blocks(mask) else "sparse"


def _of_single_numbers(mask: Array, numbers: Array, rows: int, per_column: Array) -> Structure:
    """Return what a matrix is like that has one number in a row at most."""
    columns = mask.shape[1]
    taken = np.argmax(mask, axis=1)
    is_taken = np.any(mask, axis=1)
    if rows == columns and np.all(taken[is_taken] == numbers[is_taken]):
        return "diagonal"
    if np.max(per_column) > 1 or (len(numbers) < rows and rows > columns):
        return "copies"
    return "permutation" if rows == columns else "selection"


def _are_blocks(mask: Array) -> bool:
    """Tell whether rows either take the same columns or none in common."""
    kinds = np.unique(mask[np.any(mask, axis=1)], axis=0)
    return len(kinds) > 1 and int(np.max(kinds.sum(axis=0))) == 1
