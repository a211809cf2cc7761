"""Contractions, products that sum over chosen axes: of tensors, of vectors, the outer product, the angle of vectors.

All of them could be written as an einsum; each has the name that people know, and what a person can get wrong about
its axes is told in its own words.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype, quotient
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import broadcast, normal_axes, refuse_too_large, show

Pairing = int | tuple[tuple[int, ...], tuple[int, ...]]


def _paired_axes(a: int, b: int, axes: Pairing) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the axes of two tensors with so many axes that are summed over together, counted from the front."""
    if isinstance(axes, int):
        return tuple(range(a - axes, a)), tuple(range(axes))
    return tuple(axis % a for axis in axes[0]), tuple(axis % b for axis in axes[1])


def _free_axes(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axis for axis in range(ndim) if axis not in axes)


def _contracted(a: Shape, b: Shape, *, axes: Pairing) -> Shape:
    if isinstance(axes, int) and axes > min(len(a), len(b)):
        raise ShapeError(
            "cannot sum over {count} axes of {a} and {b}: they do not both have so many",
            count=axes,
            a=show(a),
            b=show(b),
        )
    if not isinstance(axes, int):
        for shape, named in zip((a, b), axes, strict=True):
            normal_axes(named, shape)
    of_a, of_b = _paired_axes(len(a), len(b), axes)
    for i, k in zip(of_a, of_b, strict=True):
        if a[i] != b[k]:
            raise ShapeError(
                "axis {i} of {a} and axis {k} of {b} are summed over together, but have sizes {m} and {n}",
                i=i,
                a=show(a),
                k=k,
                b=show(b),
                m=a[i],
                n=b[k],
            )
    return (*(a[i] for i in _free_axes(len(a), of_a)), *(b[k] for k in _free_axes(len(b), of_b)))


def _arranged(x: Any, order: tuple[int, ...]) -> Any:
    """Return `x` with its axes put where `order` says; as it is where they stand there already."""
    places = tuple(order.index(axis) for axis in range(len(order)))
    return x if places == tuple(range(len(order))) else np.permute_dims(x, places)


def _tensordot_vjp_a(g: Any, y: Any, a: Any, b: Any, *, axes: Pairing) -> Any:
    of_a, of_b = _paired_axes(a.ndim, b.ndim, axes)
    free_a, free_b = _free_axes(a.ndim, of_a), _free_axes(b.ndim, of_b)
    gradient = np.tensordot(g, b, axes=(tuple(range(len(free_a), g.ndim)), free_b))
    rest = tuple(of_a[of_b.index(k)] for k in sorted(of_b))  # the axes of b that are left come in their own order
    return _arranged(gradient, (*free_a, *rest))


def _tensordot_vjp_b(g: Any, y: Any, a: Any, b: Any, *, axes: Pairing) -> Any:
    of_a, of_b = _paired_axes(a.ndim, b.ndim, axes)
    free_a, free_b = _free_axes(a.ndim, of_a), _free_axes(b.ndim, of_b)
    gradient = np.tensordot(a, g, axes=(free_a, tuple(range(len(free_a)))))
    rest = tuple(of_b[of_a.index(i)] for i in sorted(of_a))
    return _arranged(gradient, (*rest, *free_b))


_TENSORDOT_CASES: Final[tuple[tuple[Shape, Shape, Any], ...]] = (
    ((2, 3), (3, 4), 1),
    ((3, 3), (3, 3), ((0,), (0,))),
    ((2, 3), (2, 3), 2),
    ((2,), (3,), 0),
    ((2, 3, 4), (4, 3, 2), ((1, 2), (1, 0))),
    ((2, 3, 4), (4, 2, 3, 2), ((2, 0), (0, -1))),
    ((2, 3, 2), (2, 2), ((2, 0), (0, 1))),
    ((3, 2), (2, 2, 3), ((1, 0), (0, 2))),
    ((), (2, 2), 0),
    ((), (), 0),
    ((2, 1), (1, 3), 1),
    ((0, 3), (3, 2), 1),
    ((2, 0), (0, 3), 1),
    ((2, 3), (2,), ((-2,), (-1,))),
)

TENSORDOT: Final = Op(
    name="tensordot",
    family="linear algebra",
    doc="Multiply tensors and sum over pairs of axes: so many last axes of a with the first of b, or those that two "
    "lists name. What is left of a comes first, then what is left of b.",
    inputs=("a", "b"),
    forward=np.tensordot,
    vjp={"a": _tensordot_vjp_a, "b": _tensordot_vjp_b},
    shape=_contracted,
    params={
        "axes": Param(
            kind="pairing", default=2, doc="how many axes are summed over, or two lists: those of a, those of b"
        )
    },
    samples=tuple(Sample((a, b), {"axes": axes}) for a, b, axes in _TENSORDOT_CASES),
    symbol="⊗Σ",
    aliases=("np.tensordot", "tf.tensordot", "torch.tensordot", "contraction"),
    why_zero={"a": "{b} is zero along what is summed over", "b": "{a} is zero along what is summed over"},
)


def _vector_axis(a: Shape, b: Shape, axis: int) -> int:
    """Return the axis of the vectors, counted from the back, where both tensors must have it with one size."""
    most = max(len(a), len(b))
    if not -most <= axis < most:
        raise ShapeError("there is no axis {axis} in {a} and {b}", axis=axis, a=show(a), b=show(b))
    at = axis if axis < 0 else axis - most
    if -at > min(len(a), len(b)) or a[at] != b[at]:
        raise ShapeError(
            "the vectors along axis {axis} of {a} and {b} must have one length", axis=axis, a=show(a), b=show(b)
        )
    return at


def _per_vector(a: Shape, b: Shape, *, axis: int, **_params: object) -> Shape:
    at = _vector_axis(a, b, axis)
    shape = broadcast(a, b)
    refuse_too_large(shape)
    return (*shape[:at], *shape[len(shape) + at + 1 :])


def _vecdot(a: Any, b: Any, *, axis: int) -> Any:
    return np.sum(a * b, axis=_vector_axis(a.shape, b.shape, axis))


def _vecdot_vjp(g: Any, a: Any, b: Any, axis: int) -> Any:
    return np.expand_dims(g, _vector_axis(a.shape, b.shape, axis)) * b


def _sum_dtype(a: Dtype, b: Dtype, **_params: object) -> Dtype:
    return np.asarray(np.sum(np.zeros(0, np.result_type(a, b)))).dtype


_VECTORS: Final[tuple[tuple[Shape, Shape, int], ...]] = (
    ((2, 3), (2, 3), -1),
    ((3, 3), (3, 3), 0),
    ((2, 3), (3,), -1),
    ((2, 3), (3,), 1),
    ((4, 1, 3), (2, 3), -1),
    ((2, 3, 2), (3, 1), -2),
    ((3,), (3,), 0),
    ((2, 1), (2, 1), -1),
    ((0, 3), (3,), -1),
)
_VECTOR_AXIS: Final = Param(kind="axis", default=-1, doc="the axis of the vectors, in what both broadcast to")

VECDOT: Final = Op(
    name="vecdot",
    family="linear algebra",
    doc="Multiply vectors along one axis, number by number, and sum; the other axes are batches and broadcast.",
    inputs=("a", "b"),
    forward=_vecdot,
    vjp={
        "a": lambda g, y, a, b, axis: _vecdot_vjp(g, a, b, axis),
        "b": lambda g, y, a, b, axis: _vecdot_vjp(g, b, a, axis),
    },
    shape=_per_vector,
    dtype=_sum_dtype,
    params={"axis": _VECTOR_AXIS},
    samples=(*(Sample((a, b), {"axis": axis}) for a, b, axis in _VECTORS), Sample(((2, 0), (2, 0)), {"axis": 1})),
    symbol="a·b",
    aliases=("np.vecdot", "np.linalg.vecdot", "torch.linalg.vecdot", "torch.dot", "np.inner", "inner_product"),
    why_zero={"a": "{b} is zero", "b": "{a} is zero"},
)


def _outer_shape(a: Shape, b: Shape) -> Shape:
    if len(a) != 1 or len(b) != 1:
        raise ShapeError("an outer product is of two vectors, not of {a} and {b}", a=show(a), b=show(b))
    return (*a, *b)


OUTER: Final = Op(
    name="outer",
    family="linear algebra",
    doc="Multiply every number of one vector by every number of another: a matrix, a row for each number of a.",
    inputs=("a", "b"),
    forward=lambda a, b: np.expand_dims(a, -1) * b,
    vjp={"a": lambda g, y, a, b: g @ b, "b": lambda g, y, a, b: a @ g},
    shape=_outer_shape,
    samples=tuple(Sample(shapes) for shapes in (((2,), (3,)), ((3,), (3,)), ((1,), (2,)), ((0,), (3,)), ((2,), (0,)))),
    symbol="a·bᵀ",
    aliases=("np.outer", "np.linalg.outer", "torch.outer", "torch.ger"),
    why_zero={"a": "{b} is zero", "b": "{a} is zero"},
)


def _length(x: Any, axis: int, eps: float) -> Any:
    """Return the length of vectors with its axis kept, at least `eps`."""
    return np.maximum(np.sqrt(np.sum(np.square(x), axis=axis, keepdims=True)), eps)


def _cosine_similarity(a: Any, b: Any, *, axis: int, eps: float) -> Any:
    at = _vector_axis(a.shape, b.shape, axis)
    x, z = as_floats(a, b, dtype=quotient)
    return np.sum((x / _length(x, at, eps)) * (z / _length(z, at, eps)), axis=at)


def _cosine_vjp(g: Any, y: Any, a: Any, b: Any, *, axis: int, eps: float) -> Any:
    """Return the gradient for `a`: what is at right angles to it in the direction of `b`, by the length of `a`."""
    at = _vector_axis(a.shape, b.shape, axis)
    x, z = as_floats(a, b, dtype=quotient)
    length = _length(x, at, eps)
    along = np.where(length > eps, np.expand_dims(y, at) * (x / length), 0.0)
    return np.expand_dims(g, at) * (z / _length(z, at, eps) - along) / length


COSINE_SIMILARITY: Final = Op(
    name="cosine_similarity",
    family="linear algebra",
    doc="Take the cosine of the angle between vectors along one axis; a length below eps counts as eps, so that "
    "a zero vector gives 0; the gradient there is that of this value (PyTorch subtracts more).",
    inputs=("a", "b"),
    forward=_cosine_similarity,
    vjp={
        "a": _cosine_vjp,
        "b": lambda g, y, a, b, axis, eps: _cosine_vjp(g, y, b, a, axis=axis, eps=eps),
    },
    shape=_per_vector,
    dtype=quotient,
    params={
        "axis": _VECTOR_AXIS,
        "eps": Param(kind="number", default=1e-8, minimum=0, doc="the least length that a vector is given"),
    },
    samples=(
        *(Sample((a, b), {"axis": axis, "eps": 1e-8}) for a, b, axis in _VECTORS),
        Sample(((2, 3), (2, 3)), {"axis": -1, "eps": 0}),
    ),
    symbol="cos∠",
    aliases=(
        "torch.nn.functional.cosine_similarity",
        "torch.cosine_similarity",
        "torch.nn.CosineSimilarity",
        "tf.keras.losses.CosineSimilarity",
    ),
    why_zero={
        "a": "{a} and {b} have one direction, or opposite ones",
        "b": "{a} and {b} have one direction, or opposite ones",
    },
)

OPS: tuple[Op, ...] = (TENSORDOT, VECDOT, OUTER, COSINE_SIMILARITY)
