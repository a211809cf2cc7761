"""The error function, which NumPy lacks, from the rational approximations of W. J. Cody.

"Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969), 631-637, with the
coefficients of his program CALERF (netlib, specfun/erf). Against exact arithmetic the error is below 1e-15, relative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from gradviz.ops import dtypes
from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.families import unary
from gradviz.ops.op import Array, Op
from gradviz.ops.symbolic import recorded

# erf(x) = x P(x²) / Q(x²) up to 0.46875; erf(x) = 1 - exp(-x²) R(x) / S(x) beyond; highest powers first.
_P: Final = (
    1.85777706184603153e-1,
    3.16112374387056560e00,
    1.13864154151050156e02,
    3.77485237685302021e02,
    3.20937758913846947e03,
)
_Q: Final = (
    1.0,
    2.36012909523441209e01,
    2.44024637934444173e02,
    1.28261652607737228e03,
    2.84423683343917062e03,
)
_R: Final = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e00,
    6.61191906371416295e01,
    2.98635138197400131e02,
    8.81952221241769090e02,
    1.71204761263407058e03,
    2.05107837782607147e03,
    1.23033935479799725e03,
)
_S: Final = (
    1.0,
    1.57449261107098347e01,
    1.17693950891312499e02,
    5.37181101862009858e02,
    1.62138957456669019e03,
    3.29079923573345963e03,
    4.36261909014324716e03,
    3.43936767414372164e03,
    1.23033935480374942e03,
)
_SEAM: Final = 0.46875
_END: Final = 6.0
"""From here on erf is 1 in float64; Cody's third approximation, for erfc from 4 on, changes no digit of erf."""
_BLOCK: Final = 8192
"""How many numbers are worked on at once, so that what lies in between stays in the processor's cache."""


@recorded
def erf(x: Array) -> Array:
    """Return the error function of every number: 2/√π times the integral of exp(-t²) from 0 to x.

    It is computed in float64 and rounded to the dtype of `x`; integers give the floats that `np.exp` gives.
    """
    values = np.asarray(x)
    flat = np.reshape(values, -1)
    result = np.empty(flat.shape, promote_to_float(values.dtype))
    for start in range(0, flat.size, _BLOCK):
        result[start : start + _BLOCK] = _erf(flat[start : start + _BLOCK].astype(np.float64))
    return np.reshape(result, values.shape)


def _erf(x: Array) -> Array:
    distance = np.minimum(np.abs(x), _END)
    square = np.square(distance)
    near = x * (_polynomial(_P, square) / _polynomial(_Q, square))
    far = 1.0 - np.exp(-square) * (_polynomial(_R, distance) / _polynomial(_S, distance))
    return np.asarray(np.where(distance <= _SEAM, near, np.copysign(far, x)))


def _polynomial(coefficients: Sequence[float], x: Array) -> Array:
    """Return a polynomial by Horner's rule."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def _erf_vjp(g: Any, y: Any, x: Any) -> Any:
    return g * (2 * np.exp(-np.square(x)) / math.sqrt(math.pi))


ERF: Final = unary(
    "erf",
    doc="Take the error function, the share of a bell curve that lies within x√2 standard deviations of its middle.",
    forward=erf,
    vjp=_erf_vjp,
    dtype=dtypes.promote_to_float,
    symbol="erf",
    aliases=("tf.math.erf", "torch.erf", "torch.special.erf", "jax.lax.erf", "Erf", "error function"),
    why_zero="the curve is flat there: the input is too far from zero for its slope to be told from 0",
)

OPS: tuple[Op, ...] = (ERF,)
