"""Systems of linear equations: the x with a · x = b, for one right side or many, and the triangle L with L · Lᵀ = x.

The rule of the triangle is that of I. Murray, Differentiation of the Cholesky decomposition, 2016, section 4.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.decompose import (
    SINGULAR,
    SQUARE_SHAPES,
    as_matrices,
    inv,
    matrix_dtype,
    matrix_samples,
    per_matrix,
    square,
)
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.shapes import broadcast, refuse_too_large, show
from gradviz.ops.symbolic import recorded


def _solved(a: Shape, b: Shape) -> Shape:
    square(a)
    if not b:
        raise ShapeError("the right side must be a vector, or columns of matrices, not a single number")
    rows = b[0] if len(b) == 1 else b[-2]
    if rows != a[-1]:
        raise ShapeError(
            "cannot solve {count} equations {a} for a right side {b}, which has {rows} rows",
            count=a[-1],
            a=show(a),
            b=show(b),
            rows=rows,
        )
    return (*a[:-2], *b) if len(b) == 1 else (*broadcast(a[:-2], b[:-2]), *b[-2:])


@recorded
def solve(a: Array, b: Array) -> Array:
    """Return the x with a · x = b; `b` is one vector, or columns side by side, and batches broadcast.

    Raises `ComputeError` where a matrix is singular.
    """
    dtype = matrix_dtype(a.dtype, b.dtype)
    matrices, right = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    try:
        return np.asarray(np.linalg.solve(matrices, right))
    except np.linalg.LinAlgError:
        inverses = per_matrix(np.linalg.inv, matrices, SINGULAR)  # NaN for what holds NaN, words for the others
        return np.asarray(inverses @ right)


def _solve_transposed(a: Any, g: Any, b: Any) -> Any:
    """Return aᵀ⁻¹ · g: the gradient for the right side, one for each matrix of the batch."""
    if b.ndim == 1 and a.ndim > 2:
        return np.squeeze(solve(np.matrix_transpose(a), np.expand_dims(g, -1)), axis=-1)
    return solve(np.matrix_transpose(a), g)


def _solve_vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    if b.ndim > 1:
        refuse_too_large((*y.shape[:-2], *a.shape[-2:]))
    back = _solve_transposed(a, g, b)
    if b.ndim == 1:
        return -(np.expand_dims(back, -1) * np.expand_dims(y, -2))
    return -(back @ np.matrix_transpose(y))


@recorded
def cholesky(x: Array) -> Array:
    """Return the lower triangle L with L Lᵀ = (x + xᵀ) / 2; raises `ComputeError` where there is none."""
    matrices = as_matrices(x)
    triangles = per_matrix(np.linalg.cholesky, matrices / 2 + np.matrix_transpose(matrices) / 2, _INDEFINITE)
    return np.tril(triangles)


_INDEFINITE: Final = "is not positive definite: only matrices whose eigenvalues are all above 0 have a triangle"


def _cholesky_vjp(g: Any, y: Any, x: Any) -> Any:
    inner = np.matrix_transpose(y) @ g
    symmetric = np.tril(inner) + np.matrix_transpose(np.tril(inner, k=-1))
    return solve(np.matrix_transpose(y), symmetric) @ inv(y) / 2


SOLVE: Final = Op(
    name="solve",
    family="linear algebra",
    doc="Solve the equations a · x = b for one vector b, or for columns side by side, without making an inverse; "
    "batches broadcast. As in NumPy 2 only a b of one axis is a vector. A singular a is refused.",
    inputs=("a", "b"),
    forward=solve,
    vjp={"a": _solve_vjp_a, "b": lambda g, y, a, b: _solve_transposed(a, g, b)},
    shape=_solved,
    dtype=matrix_dtype,
    samples=tuple(
        Sample(shapes, draw=("regular", "normal"))
        for shapes in (
            ((2, 2), (2, 3)),
            ((3, 3), (3, 3)),
            ((3, 3), (3,)),
            ((1, 1), (1,)),
            ((2, 3, 3), (3,)),
            ((2, 3, 3), (2, 3, 2)),
            ((2, 1, 3, 3), (4, 3, 1)),
            ((3, 3), (2, 3, 1)),
            ((0, 0), (0, 2)),
            ((0, 0), (0,)),
            ((2, 2), (2, 0)),
            ((0, 2, 2), (2,)),
        )
    ),
    symbol="A⁻¹b",
    aliases=("np.linalg.solve", "tf.linalg.solve", "torch.linalg.solve", "scipy.linalg.solve"),
    why_zero={"a": "the solution is zero"},
)

CHOLESKY: Final = Op(
    name="cholesky",
    family="linear algebra",
    doc="Take the lower triangle L with L · Lᵀ = x. What counts is the symmetric part (x + xᵀ) / 2, as in JAX, so the "
    "gradient is symmetric; an x that is not positive definite is refused.",
    inputs=("x",),
    forward=cholesky,
    vjp={"x": _cholesky_vjp},
    shape=square,
    dtype=matrix_dtype,
    samples=matrix_samples(*SQUARE_SHAPES, draw="definite"),
    symbol="L·Lᵀ",
    aliases=("np.linalg.cholesky", "tf.linalg.cholesky", "torch.linalg.cholesky", "jax.numpy.linalg.cholesky"),
    why_zero={"x": "what arrives is zero in the lower triangle"},
)

OPS: tuple[Op, ...] = (SOLVE, CHOLESKY)
