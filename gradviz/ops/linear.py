"""Linear algebra: matrix products, the linear layer, diagonals.

A gradient rule gives what the product of whole batches gives; where a batch axis was broadcast, the sweep sums.
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_in_turn
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import broadcast, matrix_product, normal_axis, refuse_too_large, show
from gradviz.ops.symbolic import recorded


def _times_column(matrix: Any, column: Any) -> Any:
    """Return the product of matrices with columns, one column for each matrix of a batch."""
    if matrix.ndim == 2:
        return matrix @ column
    return np.squeeze(matrix @ np.expand_dims(column, -1), axis=-1)


def _outer(column: Any, row: Any) -> Any:
    return np.expand_dims(column, -1) * np.expand_dims(row, -2)


def _refuse_large_gradient(x: Any, other: Any) -> None:
    """Refuse a gradient for `x` that is too large before broadcasting is undone: one matrix for each of the batch."""
    refuse_too_large((*broadcast(x.shape[:-2], other.shape[:-2]), *x.shape[-2:]))


def _matmul_vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    _refuse_large_gradient(a, b)
    if b.ndim == 1:
        return g * b if a.ndim == 1 else np.expand_dims(g, -1) * b
    return _times_column(b, g) if a.ndim == 1 else g @ np.matrix_transpose(b)


def _matmul_vjp_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    _refuse_large_gradient(b, a)
    if a.ndim == 1:
        return g * a if b.ndim == 1 else _outer(a, g)
    return _times_column(np.matrix_transpose(a), g) if b.ndim == 1 else np.matrix_transpose(a) @ g


def _linear_shape(x: Shape, weights: Shape, b: Shape | None = None) -> Shape:
    if not x:
        raise ShapeError("linear needs x with at least one axis, that of the features")
    if len(weights) != 2 or weights[0] != x[-1]:
        raise ShapeError(
            "W of shape {weights} does not fit x of shape {x}: W must be (in, out) with {count} rows "
            "(PyTorch's layer keeps the transpose)",
            weights=show(weights),
            x=show(x),
            count=x[-1],
        )
    if b is not None and b != weights[1:]:
        raise ShapeError(
            "b must have shape {wanted}, one number per column of W, not {b}", wanted=show(weights[1:]), b=show(b)
        )
    return (*x[:-1], weights[1])


def _linear_vjp_weights(g: Any, y: Any, x: Any, W: Any, b: Any = None) -> Any:
    if x.ndim == 1:
        return _outer(x, g)
    if x.ndim == 2:
        return np.matrix_transpose(x) @ g
    count = prod(x.shape[:-1])
    return np.matrix_transpose(np.reshape(x, (count, W.shape[0]))) @ np.reshape(g, (count, W.shape[1]))


FARTHEST: Final = 2**30
"""How far from the main diagonal another may be: NumPy counts in 32 bits, and no tensor is that large."""


def diagonal_shape(x: Shape, *, offset: int, axis1: int, axis2: int) -> Shape:
    """Return the shape of the diagonal that runs through two axes: the other axes, and its length as the last."""
    if len(x) < 2:
        raise ShapeError("only a tensor with at least two axes has a diagonal, not {x}", x=show(x))
    first, second = normal_axis(axis1, len(x), x), normal_axis(axis2, len(x), x)
    if first == second:
        raise ShapeError("a diagonal runs through two different axes, not twice through axis {axis}", axis=axis1)
    if abs(offset) > FARTHEST:
        raise ShapeError("there is no diagonal {offset} in a tensor of shape {x}", offset=offset, x=show(x))
    length = max(0, min(x[first] + min(offset, 0), x[second] - max(offset, 0)))
    return (*(size for i, size in enumerate(x) if i not in (first, second)), length)


def _embedded(x: Shape, *, shape: Shape, offset: int, axis1: int, axis2: int) -> Shape:
    if -1 in shape:
        raise ShapeError("embed_diagonal needs every size of its shape, not {shape}", shape=show(shape))
    wanted = diagonal_shape(shape, offset=offset, axis1=axis1, axis2=axis2)
    if x != wanted:
        raise ShapeError(
            "the diagonal of {shape} has shape {wanted}, not {x}", shape=show(shape), wanted=show(wanted), x=show(x)
        )
    return shape


@recorded
def embed_diagonal(x: Array, shape: Shape, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """Return zeros of `shape` with `x` on the diagonal that runs through two axes."""
    result = np.zeros(shape, x.dtype)
    rows = np.arange(x.shape[-1]) + max(0, -offset)
    np.moveaxis(result, (axis1, axis2), (-2, -1))[..., rows, rows + offset] = x
    return result


MATMUL: Final = Op(
    name="matmul",
    family="linear algebra",
    doc="Multiply matrices; leading axes are batches and broadcast, a vector is a row on the left, a column on the "
    "right.",
    inputs=("a", "b"),
    forward=lambda a, b: a @ b,
    vjp={"a": _matmul_vjp_a, "b": _matmul_vjp_b},
    shape=matrix_product,
    samples=tuple(
        Sample(shapes)
        for shapes in (
            ((3, 4), (4, 2)),
            ((3, 3), (3, 3)),
            ((3,), (3,)),
            ((3,), (3, 2)),
            ((2, 3), (3,)),
            ((3,), (4, 3, 2)),
            ((4, 2, 3), (3,)),
            ((5, 3, 4), (5, 4, 2)),
            ((5, 3, 4), (4, 2)),
            ((2, 1, 2, 3), (3, 3, 1)),
            ((2, 0), (0, 3)),
            ((0, 3), (3, 2)),
        )
    ),
    symbol="@",
    aliases=(
        "np.matmul",
        "np.dot",
        "tf.matmul",
        "tf.linalg.matmul",
        "torch.matmul",
        "torch.mm",
        "torch.bmm",
        "MatMul",
        "matrix_product",
    ),
)

LINEAR: Final = Op(
    name="linear",
    family="linear algebra",
    doc="Multiply by weights of shape (in, out) and add a bias: x @ W + b. PyTorch's layer keeps W as (out, in).",
    inputs=("x", "W", "b"),
    optional=1,
    forward=lambda x, W, b=None: x @ W if b is None else x @ W + b,
    vjp={
        "x": lambda g, y, x, W, b=None: g @ np.matrix_transpose(W),
        "W": _linear_vjp_weights,
        "b": lambda g, y, x, W, b=None: g,
    },
    shape=_linear_shape,
    dtype=promote_in_turn,
    samples=tuple(
        Sample(shapes)
        for shapes in (
            ((2, 3), (3, 4), (4,)),
            ((2, 3), (3, 4)),
            ((3, 3), (3, 3), (3,)),
            ((3,), (3, 2)),
            ((3,), (3, 2), (2,)),
            ((2, 4, 3), (3, 2), (2,)),
            ((0, 3), (3, 2), (2,)),
            ((2, 1, 0), (0, 2), (2,)),
        )
    ),
    symbol="xW+b",
    aliases=(
        "tf.keras.layers.Dense",
        "torch.nn.functional.linear",
        "torch.nn.Linear",
        "affine",
        "fully_connected",
        "fc",
        "Gemm",
    ),
)

_OFFSET: Final = Param(kind="integer", default=0, doc="how far above (or, negative, below) the main diagonal")
_AXIS1: Final = Param(kind="axis", default=0, doc="the axis of the rows")
_AXIS2: Final = Param(kind="axis", default=1, doc="the axis of the columns")
_DIAGONALS: Final[tuple[tuple[Shape, int, int, int], ...]] = (
    ((3, 3), 0, 0, 1),
    ((2, 4), 1, 0, 1),
    ((4, 2), -1, 0, 1),
    ((4, 2), 1, 1, 0),
    ((2, 3, 2), 0, 0, 2),
    ((2, 3, 3), 0, -2, -1),
    ((2, 3), 5, 0, 1),
    ((0, 3), 0, 0, 1),
)

DIAGONAL: Final = Op(
    name="diagonal",
    family="linear algebra",
    doc="Take the diagonal that runs through two axes; it becomes the last axis.",
    inputs=("x",),
    forward=np.diagonal,
    vjp={
        "x": lambda g, y, x, offset, axis1, axis2: embed_diagonal(
            g, shape=x.shape, offset=offset, axis1=axis1, axis2=axis2
        )
    },
    shape=diagonal_shape,
    params={"offset": _OFFSET, "axis1": _AXIS1, "axis2": _AXIS2},
    samples=tuple(Sample((s,), {"offset": k, "axis1": i, "axis2": j}) for s, k, i, j in _DIAGONALS),
    symbol="⋱",
    aliases=("np.diagonal", "np.linalg.diagonal", "tf.linalg.diag_part", "torch.diagonal"),
    why_zero={"x": "off the diagonal"},
)

EMBED_DIAGONAL: Final = Op(
    name="embed_diagonal",
    family="linear algebra",
    doc="Put the last axis on the diagonal of zeros of a shape.",
    inputs=("x",),
    forward=embed_diagonal,
    vjp={
        "x": lambda g, y, x, shape, offset, axis1, axis2: np.diagonal(g, offset=offset, axis1=axis1, axis2=axis2),
    },
    shape=_embedded,
    params={
        "shape": Param(kind="shape", doc="the shape of the zeros"),
        "offset": _OFFSET,
        "axis1": _AXIS1,
        "axis2": _AXIS2,
    },
    samples=tuple(
        Sample((diagonal_shape(s, offset=k, axis1=i, axis2=j),), {"shape": s, "offset": k, "axis1": i, "axis2": j})
        for s, k, i, j in _DIAGONALS
    ),
    symbol="[⋱]",
    aliases=("np.diag", "tf.linalg.diag", "torch.diag_embed"),
    why_zero={"x": "what arrives is zero on the diagonal"},
)

OPS: tuple[Op, ...] = (MATMUL, LINEAR, DIAGONAL, EMBED_DIAGONAL)
