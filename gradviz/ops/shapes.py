"""Shape rules: what comes out of what goes in, or a `ShapeError` that tells the shapes; and broadcasting undone.

A shape rule takes the shapes of the inputs and the params by keyword, and computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import zip_longest
from math import prod
from typing import Final

import numpy as np

from gradviz.errors import LimitError, ShapeError
from gradviz.ops.op import Array, Shape

Axes = int | tuple[int, ...] | None
"""The axes of a reduction: one, several, or None for all."""


def show(shape: Sequence[int]) -> str:
    """Return a shape as it is written in sentences: `()`, `(3,)`, `(2, 3)`."""
    return str(tuple(shape))


MOST_ON_THE_WAY: Final = 2**27
"""How many elements a tensor may have that a rule makes on the way to its result: 1 GiB of float64."""

_most: Final = ContextVar("most elements on the way", default=MOST_ON_THE_WAY)


def counted(number: int, thing: str, things: str) -> str:
    """Return a number of things as a sentence says it: `1 axis`, `2 axes`."""
    return f"{number} {thing if number == 1 else things}"


@contextmanager
def on_the_way_at_most(elements: int) -> Iterator[None]:
    """Let rules, as long as this holds, make tensors of so many elements on the way to their results, and no more."""
    token = _most.set(elements)
    try:
        yield
    finally:
        _most.reset(token)


def most_on_the_way() -> int:
    """Return how many elements a tensor may have, at present, that a rule makes on the way to its result."""
    return _most.get()


def refuse_too_large(shape: Shape) -> None:
    """Raise a `LimitError` where a rule would make a tensor on the way that is too large for memory."""
    if prod(shape) > most_on_the_way():
        raise LimitError(
            "on the way it would need a tensor of shape {shape}, with {count:,} elements; the limit is {limit:,}: "
            "make its inputs smaller",
            shape=show(shape),
            count=prod(shape),
            limit=most_on_the_way(),
        )


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape that all `shapes` broadcast to; a `ShapeError` names the two that do not fit."""
    result: Shape = ()
    for shape in shapes:
        result = _broadcast_pair(result, shape)
    return result


def _broadcast_pair(a: Shape, b: Shape) -> Shape:
    sizes = list(zip_longest(reversed(a), reversed(b), fillvalue=1))
    if any(m != n and 1 not in (m, n) for m, n in sizes):
        raise ShapeError("cannot broadcast {a} with {b}", a=show(a), b=show(b))
    return tuple(n if m == 1 else m for m, n in reversed(sizes))


def broadcast_axes(from_shape: Shape, to_shape: Shape) -> tuple[int, ...]:
    """Return the axes of the larger shape that broadcasting added or stretched."""
    added = len(to_shape) - len(from_shape)
    stretched = (added + axis for axis, size in enumerate(from_shape) if size == 1 and to_shape[added + axis] != 1)
    return (*range(added), *stretched)


def sum_to_shape(array: Array, shape: Shape) -> Array:
    """Sum `array` over the axes along which broadcasting stretched `shape`, so that it has that shape again.

    The same array is returned where nothing was stretched. The dtype stays as it is.
    """
    if array.shape == shape:
        return array
    axes = broadcast_axes(shape, array.shape)
    return np.reshape(np.sum(array, axis=axes, dtype=array.dtype), shape)


def same(x: Shape, **_params: object) -> Shape:
    """Return the shape of the one input."""
    return x


def elementwise(*shapes: Shape, **_params: object) -> Shape:
    """Return the shape that the inputs broadcast to."""
    return broadcast(*shapes)


def normal_axis(axis: int, ndim: int, shape: Shape) -> int:
    """Return `axis`, counted from the front, of a tensor with `ndim` axes; `shape` is what an error tells."""
    if not -ndim <= axis < ndim:
        raise ShapeError("there is no axis {axis} in a tensor of shape {shape}", axis=axis, shape=show(shape))
    return axis % ndim


def normal_axes(axis: Axes, shape: Shape) -> tuple[int, ...]:
    """Return the axes of `shape` that `axis` names, counted from the front, in order; None names all of them."""
    if axis is None:
        return tuple(range(len(shape)))
    named = (axis,) if isinstance(axis, int) else axis
    axes = tuple(sorted(normal_axis(item, len(shape), shape) for item in named))
    if len(set(axes)) < len(axes):
        raise ShapeError("the axes {axes} name one axis twice", axes=show(named))
    return axes


def reduction(x: Shape, *, axis: Axes, keepdims: bool, **_params: object) -> Shape:
    """Return the shape that is left when `axis` is reduced; with `keepdims` reduced axes stay with size 1."""
    axes = normal_axes(axis, x)
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(x))
    return tuple(size for i, size in enumerate(x) if i not in axes)


def count_reduced(x: Shape, axis: Axes) -> int:
    """Return how many elements of a tensor of shape `x` go into one element when `axis` is reduced."""
    return prod(x[i] for i in normal_axes(axis, x))


def matrix_product(a: Shape, b: Shape, **_params: object) -> Shape:
    """Return the shape of `a @ b`: leading axes broadcast, a vector is a row on the left and a column on the right."""
    if not a or not b:
        raise ShapeError("a matrix product needs at least one axis on each side, not {a} @ {b}", a=show(a), b=show(b))
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        raise ShapeError(
            "cannot multiply {a} by {b}: the first has {m} columns, the second has {n} rows",
            a=show(a),
            b=show(b),
            m=a[-1],
            n=inner,
        )
    return (*broadcast(a[:-2], b[:-2]), *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))
