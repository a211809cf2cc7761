"""The Jacobian: how every number of one node depends on every number of another, all of it at once.

It is filled row by row with vector-Jacobian products (the sweep, for each number of y) or column by column with
Jacobian-vector products (forward mode, for each number of x), whichever are fewer. What does not depend on the row
or column is computed once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Final

import numpy as np

from gradviz.engine.evaluating import compute
from gradviz.engine.forward_mode import as_steps, leaf_values, placeholder, push_forward
from gradviz.engine.pulling import dependants, pull_back
from gradviz.engine.simplifying import simplify
from gradviz.engine.valueless import refuse_without_floats
from gradviz.errors import LimitError
from gradviz.graph import Document, NodeId, Pieces, Plan, Step, ancestors, plan_for
from gradviz.ops import Array

JACOBIAN_LIMIT: Final = 2**22
"""How many numbers a Jacobian may have where nobody says otherwise: 32 MiB of float64."""


def jacobian(document: Document, y: NodeId, x: NodeId, *, limit: int = JACOBIAN_LIMIT) -> Array:
    """Return the Jacobian of a node `y` by a node `x`: an array of shape `y.shape + x.shape` and the dtype of `y`.

    Cell `[i, j]` is ∂y[i]/∂x[j]. Both may be any nodes that hold floats; zeros where no path leads from x to y.
    `limit` is how many numbers it may have.

    Raises `LimitError` beyond that, `EditRefusedError` for a node that is not there, `ShapeError` for one that holds no
    floats, `ComputeError` where values cannot be computed.
    """
    plan = plan_for(document, {})
    for node in (y, x):
        refuse_without_floats(document, plan, node)
    shapes = plan.report.shapes
    count = prod(shapes[y]) * prod(shapes[x])
    if count > limit:
        raise LimitError(
            "the Jacobian of {y} by {x} would have {count:,} numbers ({rows:,} × {columns:,}); the limit is {limit:,}",
            y=y,
            x=x,
            count=count,
            rows=prod(shapes[y]),
            columns=prod(shapes[x]),
            limit=limit,
        )
    result = np.zeros((prod(shapes[y]), prod(shapes[x])), plan.report.dtypes[y])
    if count:
        _fill(result, document, plan, y, x)
    return np.reshape(result, (*shapes[y], *shapes[x]))


def _fill(result: Array, document: Document, plan: Plan, y: NodeId, x: NodeId) -> None:
    """Fill a Jacobian of zeros, as a matrix with a row for each number of y and a column for each of x."""
    needed = {y, *ancestors(document.computation, y)}
    steps = tuple(step for step in plan.steps if step.node in needed)
    values = {node: leaf.value for node, leaf in plan.leaves.items() if node in needed}
    compute(steps, values)
    pieces = Pieces(document.computation, simplify=simplify)
    through = dependants(pieces, steps, [x])
    if y not in through:
        return
    by_rows = result.shape[0] <= result.shape[1]
    moving = placeholder(pieces, y if by_rows else x)
    if by_rows:
        end = pull_back(pieces, steps, {y: moving}, through).totals.get(x)
    else:
        end = push_forward(pieces, steps, {x: moving}).get(y)
    if end is None:
        return
    for number, column in enumerate(_each(pieces, values, moving, end)):
        if by_rows:
            result[number] = column
        else:
            result[:, number] = column


def _each(pieces: Pieces, values: dict[NodeId, Array], moving: NodeId, end: NodeId) -> Iterator[Array]:
    """Yield what `end` is, as a vector, when `moving` is one at each of its numbers in turn and zero elsewhere."""
    known = {**leaf_values(pieces), **values}
    fixed, again = _parted(as_steps(pieces, [end]), moving)
    compute(fixed, known)
    shape, dtype = pieces.shapes[moving], pieces.dtypes[moving]
    for number in range(prod(shape)):
        one_hot = np.zeros(prod(shape), dtype)
        one_hot[number] = 1
        known[moving] = np.reshape(one_hot, shape)
        compute(again, known)
        yield np.ravel(known[end])


def _parted(steps: Sequence[Step], moving: NodeId) -> tuple[list[Step], list[Step]]:
    """Return the steps that do not depend on a node, and those that do."""
    fixed: list[Step] = []
    again: list[Step] = []
    moved = {moving}
    for step in steps:
        if moved.isdisjoint(step.sources):
            fixed.append(step)
        else:
            again.append(step)
            moved.add(step.node)
    return fixed, again
