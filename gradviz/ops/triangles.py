"""Parts of matrices: the lower and the upper triangle, and the trace along a diagonal."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype
from gradviz.ops.linear import FARTHEST, diagonal_shape, embed_diagonal
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import show


def _matrices(x: Shape, *, k: int) -> Shape:
    if len(x) < 2:
        raise ShapeError("only a tensor with at least two axes has triangles, not {x}", x=show(x))
    if abs(k) > FARTHEST:
        raise ShapeError("there is no diagonal {k} in a tensor of shape {x}", k=k, x=show(x))
    return x


_K: Final = Param(
    kind="integer", default=0, doc="the outermost diagonal that stays: so far above, or below, the main one"
)
_TRIANGLES: Final = (
    *(Sample(((3, 3),), {"k": k}) for k in (0, 1, -1)),
    *(Sample((shape,), {"k": k}) for shape, k in (((2, 4), 1), ((4, 2), -2), ((2, 2, 3), -1), ((2, 3), 9))),
    *(Sample((shape,), {"k": 0}) for shape in ((1, 1), (0, 3), (0, 2, 2))),
)

TRIL: Final = Op(
    name="tril",
    family="linear algebra",
    doc="Keep the lower triangle of matrices, up to a diagonal, and put 0 above it.",
    inputs=("x",),
    forward=np.tril,
    vjp={"x": lambda g, y, x, k: np.tril(g, k=k)},
    shape=_matrices,
    params={"k": _K},
    samples=_TRIANGLES,
    symbol="◣",
    aliases=("np.tril", "torch.tril", "tf.linalg.band_part", "Trilu", "lower_triangle"),
    why_zero={"x": "above the triangle"},
)

TRIU: Final = Op(
    name="triu",
    family="linear algebra",
    doc="Keep the upper triangle of matrices, from a diagonal on, and put 0 below it.",
    inputs=("x",),
    forward=np.triu,
    vjp={"x": lambda g, y, x, k: np.triu(g, k=k)},
    shape=_matrices,
    params={"k": _K},
    samples=_TRIANGLES,
    symbol="◥",
    aliases=("np.triu", "torch.triu", "upper_triangle"),
    why_zero={"x": "below the triangle"},
)


def _trace(x: Any, *, offset: int) -> Any:
    return np.sum(np.diagonal(x, offset=offset, axis1=-2, axis2=-1), axis=-1)


def _trace_vjp(g: Any, y: Any, x: Any, *, offset: int) -> Any:
    diagonal = np.broadcast_to(np.expand_dims(g, -1), diagonal_shape(x.shape, offset=offset, axis1=-2, axis2=-1))
    return embed_diagonal(diagonal, shape=x.shape, offset=offset, axis1=-2, axis2=-1)


def _trace_shape(x: Shape, *, offset: int) -> Shape:
    return diagonal_shape(x, offset=offset, axis1=-2, axis2=-1)[:-1]


def _sum_dtype(x: Dtype, **_params: object) -> Dtype:
    return np.asarray(np.sum(np.zeros(0, x))).dtype


TRACE: Final = Op(
    name="trace",
    family="linear algebra",
    doc="Sum a diagonal of matrices, which are the last two axes; what goes back is the identity times the gradient.",
    inputs=("x",),
    forward=_trace,
    vjp={"x": _trace_vjp},
    shape=_trace_shape,
    dtype=_sum_dtype,
    params={"offset": Param(kind="integer", default=0, doc="how far above (or, negative, below) the main diagonal")},
    samples=(
        *(Sample(((3, 3),), {"offset": k}) for k in (0, 1, -1)),
        *(Sample((shape,), {"offset": k}) for shape, k in (((2, 4), 1), ((4, 2), -2), ((2, 2, 3), 0), ((2, 3), 9))),
        *(Sample((shape,), {"offset": 0}) for shape in ((1, 1), (0, 3), (0, 2, 2))),
    ),
    symbol="tr",
    aliases=("np.trace", "np.linalg.trace", "tf.linalg.trace", "torch.trace"),
    why_zero={"x": "off the diagonal"},
)

OPS: tuple[Op, ...] = (TRIL, TRIU, TRACE)
