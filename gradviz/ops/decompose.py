"""Square matrices: the inverse, the determinant, and what stands between the two; each matrix of a batch by itself.

Rules are those of textbooks (K. B. Petersen, M. S. Pedersen, The Matrix Cookbook, 2012, sections 2.1 and 2.2). A
matrix without an inverse is refused in words; one that holds NaN or ∞ gives NaN, as every calculation with them does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops.dtypes import Dtype, quotient
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.shapes import show
from gradviz.ops.symbolic import recorded


def square(x: Shape) -> Shape:
    """Return the shape of matrices, whose last two axes must have one size."""
    if len(x) < 2 or x[-1] != x[-2]:
        raise ShapeError("it needs square matrices, with as many rows as columns, not {x}", x=show(x))
    return x


def _one_number_each(x: Shape) -> Shape:
    return square(x)[:-2]


def matrix_dtype(*dtypes: Dtype, **_params: object) -> Dtype:
    """Return the float in which matrices are taken apart; a `ShapeError` where that is float16, which is too coarse."""
    dtype = quotient(*dtypes)
    if dtype == np.float16:
        raise ShapeError("matrices are taken apart in float32 or float64, not in float16: use astype first")
    return dtype


def as_matrices(x: Array) -> Array:
    """Return matrices in the dtype that they are taken apart in."""
    return x.astype(matrix_dtype(x.dtype), copy=False)


def per_matrix(compute: Callable[[Array], Array], x: Array, refusal: str) -> Array:
    """Return what `compute` makes of matrices, and NaN for those that hold NaN or ∞.

    Raises `ComputeError`, which begins by naming the matrix and goes on with `refusal`, where it fails for another one.
    """
    is_finite = np.all(np.isfinite(x), axis=(-2, -1), keepdims=True)
    matrices = x if np.all(is_finite) else np.where(is_finite, x, np.eye(x.shape[-1], dtype=x.dtype))
    try:
        result = compute(matrices)
    except np.linalg.LinAlgError as error:
        raise _refused(compute, matrices, refusal) from error
    return result if matrices is x else np.where(is_finite, result, np.asarray(np.nan, x.dtype))


def _refused(compute: Callable[[Array], Array], x: Array, refusal: str) -> ComputeError:
    """Return the error for the first matrix that `compute` fails for."""
    for index in np.ndindex(x.shape[:-2]):
        try:
            compute(x[index])
        except np.linalg.LinAlgError:
            return ComputeError("{matrix} " + refusal, matrix=_name(index))
    return ComputeError("one of the matrices " + refusal)


def _name(index: tuple[int, ...]) -> str:
    return f"the matrix [{', '.join(map(str, index))}] of the batch" if index else "the matrix"


@recorded
def inv(x: Array) -> Array:
    """Return the inverse of every matrix; raises `ComputeError` for a singular one."""
    return per_matrix(np.linalg.inv, as_matrices(x), SINGULAR)


SINGULAR: Final = "is singular, its rows depend on each other: it has no inverse"


@recorded
def det(x: Array) -> Array:
    """Return the determinant of every matrix; 1 for a matrix without rows."""
    return np.asarray(np.linalg.det(as_matrices(x)))


@recorded
def adjugate(x: Array) -> Array:
    """Return the adjugate of every matrix, det(x) times its inverse, which singular matrices have as well.

    Up to three rows by the textbook, so that whole numbers stay whole. Beyond, from x = U S Vᵀ follows
    adj(x) = det(U) det(V) V adj(S) Uᵀ: no division, so that zeros in S do no harm.
    """
    matrices = as_matrices(x)
    size = matrices.shape[-1]
    if size == 0:
        return matrices
    if size > 3:
        return per_matrix(_adjugate, matrices, "cannot be taken apart into singular values")
    return (_adjugate_of_one, _adjugate_of_two, _adjugate_of_three)[size - 1](matrices)


def _adjugate_of_one(x: Array) -> Array:
    return np.ones_like(x)


def _adjugate_of_two(x: Array) -> Array:
    return np.asarray(np.matrix_transpose(np.flip(x, axis=(-2, -1))) * np.array([[1, -1], [-1, 1]], x.dtype))


def _adjugate_of_three(x: Array) -> Array:
    rows = [x[..., i, :] for i in range(3)]
    return np.stack([np.cross(rows[i - 2], rows[i - 1]) for i in range(3)], axis=-1)


def _adjugate(x: Array) -> Array:
    u, s, v = np.linalg.svd(x)
    sign = np.sign(np.linalg.det(u) * np.linalg.det(v))[..., None, None]
    return np.asarray(sign * (np.matrix_transpose(v) * _products_of_others(s)[..., None, :]) @ np.matrix_transpose(u))


def _products_of_others(s: Array) -> Array:
    """Return for each number along the last axis the product of all the others."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concat([ones, s[..., :-1]], axis=-1), axis=-1)
    after = np.flip(np.cumprod(np.concat([ones, np.flip(s, axis=-1)[..., :-1]], axis=-1), axis=-1), axis=-1)
    return before * after


@recorded
def logdet(x: Array) -> Array:
    """Return the logarithm of every determinant, without ever making one that overflows."""
    sign, logarithm = np.linalg.slogdet(as_matrices(x))
    return np.where(sign < 0, np.asarray(np.nan, logarithm.dtype), logarithm)


def _over_matrices(g: Any) -> Any:
    """Return one number for each matrix so that it broadcasts against the matrices."""
    return g if g.ndim == 0 else np.expand_dims(g, (-2, -1))


def _inv_vjp(g: Any, y: Any, x: Any) -> Any:
    return -(np.matrix_transpose(y) @ g @ np.matrix_transpose(y))


def _trace(x: Any) -> Any:
    """Return the trace of every matrix, so that it broadcasts against the matrices."""
    return _over_matrices(np.sum(np.diagonal(x, axis1=-2, axis2=-1), axis=-1))


def _adjugate_vjp_of_three(g: Any, a: Any) -> Any:
    """Return the derivative along g of adj(a) = a · a − tr(a) a + (tr(a)² − tr(a · a)) / 2, without any division.

    That is the theorem of Cayley and Hamilton for three rows; `a` is the transpose of what the adjugate was taken of.
    """
    whole = _trace(a) * _trace(g) - _trace(a @ g)
    return a @ g + g @ a - _trace(a) * g - _trace(g) * a + whole * np.eye(3, dtype=a.dtype)


def _adjugate_vjp(g: Any, y: Any, x: Any) -> Any:
    if x.shape[-1] <= 1:
        return np.zeros_like(g)
    if x.shape[-1] == 2:  # linear, and its own adjoint: exact for singular matrices too
        return adjugate(g)
    if x.shape[-1] == 3:
        return _adjugate_vjp_of_three(g, np.matrix_transpose(x))
    along = np.sum(g * y, axis=(-2, -1), keepdims=True)
    adjoint = np.matrix_transpose(y)
    return (along * adjoint - adjoint @ g @ adjoint) / _over_matrices(det(x))


def matrix_samples(*shapes: Shape, draw: str) -> tuple[Sample, ...]:
    """Return samples of one input, drawn one way."""
    return tuple(Sample((shape,), draw=(draw,)) for shape in shapes)


SQUARE_SHAPES: Final = ((2, 2), (3, 3), (1, 1), (2, 3, 3), (2, 1, 2, 2), (0, 0), (0, 2, 2), (2, 0, 0))

INV: Final = Op(
    name="inv",
    family="linear algebra",
    doc="Take the inverse of square matrices; a singular one is refused. Its gradient needs the result alone: "
    "−yᵀ · g · yᵀ.",
    inputs=("x",),
    forward=inv,
    vjp={"x": _inv_vjp},
    shape=square,
    dtype=matrix_dtype,
    samples=matrix_samples(*SQUARE_SHAPES, draw="regular"),
    symbol="A⁻¹",
    aliases=("np.linalg.inv", "tf.linalg.inv", "torch.linalg.inv", "torch.inverse", "inverse"),
)

DET: Final = Op(
    name="det",
    family="linear algebra",
    doc="Take the determinant of square matrices. The gradient is the transposed adjugate, det · x⁻ᵀ, which is right "
    "for singular matrices too.",
    inputs=("x",),
    forward=det,
    vjp={"x": lambda g, y, x: _over_matrices(g) * np.matrix_transpose(adjugate(x))},
    shape=_one_number_each,
    dtype=matrix_dtype,
    samples=matrix_samples(*SQUARE_SHAPES, (4, 4), draw="regular"),
    symbol="det",
    aliases=("np.linalg.det", "tf.linalg.det", "torch.linalg.det", "torch.det", "Det", "determinant"),
    why_zero={"x": "the matrix has lost two ranks or more: no small change of one number gives it a determinant"},
)

ADJUGATE: Final = Op(
    name="adjugate",
    family="linear algebra",
    doc="Take the adjugate of square matrices, det · x⁻¹, which singular ones have too. From four rows on its own "
    "gradient divides by the determinant: it is NaN or infinite where that is 0.",
    inputs=("x",),
    forward=adjugate,
    vjp={"x": _adjugate_vjp},
    shape=square,
    dtype=matrix_dtype,
    samples=matrix_samples(*SQUARE_SHAPES, (4, 4), draw="regular"),
    symbol="adj",
    aliases=("adj", "classical_adjoint", "sympy.Matrix.adjugate"),
    why_zero={"x": "the adjugate of one number is 1, whatever the number is"},
)

LOGDET: Final = Op(
    name="logdet",
    family="linear algebra",
    doc="Take the logarithm of determinants, without overflow: -inf for a singular matrix, NaN for a negative "
    "determinant. The gradient is x⁻ᵀ, which a singular matrix lacks.",
    inputs=("x",),
    forward=logdet,
    vjp={"x": lambda g, y, x: _over_matrices(g) * inv(np.matrix_transpose(x))},
    shape=_one_number_each,
    dtype=matrix_dtype,
    samples=(*matrix_samples(*SQUARE_SHAPES, draw="definite"), *matrix_samples((3, 3), draw="regular")),
    symbol="lndet",
    aliases=("np.linalg.slogdet", "tf.linalg.logdet", "torch.logdet", "torch.linalg.slogdet", "log_determinant"),
)

OPS: tuple[Op, ...] = (INV, DET, ADJUGATE, LOGDET)
