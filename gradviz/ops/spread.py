"""How far numbers lie from their mean, or from zero: variance, standard deviation, and the norms of vectors.

A root has no slope at 0. As in PyTorch, the gradient there is 0: of the standard deviation of equal numbers, and of
the norm of a vector of zeros.
"""

from __future__ import annotations

from itertools import product
from math import inf
from typing import Any, Final

import numpy as np

from gradviz.ops.control import astype
from gradviz.ops.dtypes import promote_to_float, quotient
from gradviz.ops.families import REDUCTION_PARAMS, drawn, reduction
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats, drop_axes, extreme_shape, extreme_vjp, keep_axes, mean_of
from gradviz.ops.shapes import Axes, count_reduced
from gradviz.ops.shapes import reduction as reduced


def _deviation(x: Any, axis: Axes) -> Any:
    """Return how far each number lies from the mean along `axis`."""
    return x - mean_of(x, count_reduced(x.shape, axis), axis=axis, keepdims=True)


def _var(x: Any, *, axis: Axes, keepdims: bool, correction: float) -> Any:
    (values,) = as_floats(x, dtype=quotient)
    squares = np.square(_deviation(values, axis))
    if correction == 0:
        return mean_of(squares, count_reduced(x.shape, axis), axis=axis, keepdims=keepdims)
    return np.sum(squares, axis=axis, keepdims=keepdims) / _freedom(x, axis, correction)


def _freedom(x: Any, axis: Axes, correction: float) -> float:
    """Return the number of degrees of freedom; where the correction leaves none, everything is divided by 0."""
    return max(count_reduced(x.shape, axis) - correction, 0)


def _var_vjp(g: Any, y: Any, x: Any, *, axis: Axes, keepdims: bool, correction: float) -> Any:
    share = 2 * keep_axes(g, axis, keepdims=keepdims) / _freedom(x, axis, correction)
    return share * _deviation(x, axis)


def _std(x: Any, *, axis: Axes, keepdims: bool, correction: float) -> Any:
    return np.sqrt(_var(x, axis=axis, keepdims=keepdims, correction=correction))


def _std_vjp(g: Any, y: Any, x: Any, *, axis: Axes, keepdims: bool, correction: float) -> Any:
    arriving, root = _off_zero(g, y, axis, keepdims=keepdims)
    return arriving / _freedom(x, axis, correction) * (_deviation(x, axis) / root)


def _off_zero(g: Any, y: Any, axis: Axes, *, keepdims: bool) -> tuple[Any, Any]:
    """Return what arrives, 0 where the result is 0, and the result, 1 where it is 0: nothing is divided by 0."""
    arriving = keep_axes(np.where(y != 0, g, 0), axis, keepdims=keepdims)
    return arriving, keep_axes(np.where(y != 0, y, 1), axis, keepdims=keepdims)


def _norm_shape(x: Shape, *, axis: Axes, keepdims: bool, ord: float) -> Shape:
    rule = extreme_shape if ord in (inf, -inf) else reduced
    return rule(x, axis=axis, keepdims=keepdims)


def _norm(x: Any, *, axis: Axes, keepdims: bool, ord: float) -> Any:
    (values,) = as_floats(x)
    sizes = np.square(values) if ord == 2 else np.abs(values)
    if ord in (inf, -inf):
        return (np.max if ord > 0 else np.min)(sizes, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(astype(values != 0, dtype=values.dtype.name), axis=axis, keepdims=keepdims)
    if ord in (1, 2):
        total = np.sum(sizes, axis=axis, keepdims=keepdims)
        return np.sqrt(total) if ord == 2 else total
    # Axes are dropped after the root, because NumPy's power of a single number is not that of a tensor to the last bit.
    root = np.sum(sizes**ord, axis=axis, keepdims=True) ** (1 / ord)
    return drop_axes(root, axis, keepdims=keepdims)


def _norm_vjp(g: Any, y: Any, x: Any, *, axis: Axes, keepdims: bool, ord: float) -> Any:
    if ord == 0:
        return np.zeros_like(x)
    if ord in (inf, -inf):
        return np.sign(x) * extreme_vjp(g, y, np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 1:
        return keep_axes(g, axis, keepdims=keepdims) * np.sign(x)
    arriving, norm = _off_zero(g, y, axis, keepdims=keepdims)
    if ord == 2:
        return arriving * (x / norm)
    # 1 stands for a 0, whose sign makes it 0: for an order below 1 the power would be infinite.
    return arriving * np.sign(x) * (np.where(x != 0, np.abs(x), 1) / norm) ** (ord - 1)


_WITH_CORRECTION: Final = {
    **REDUCTION_PARAMS,
    "correction": Param(
        kind="number", default=0, minimum=0, doc="what is taken off the number of elements; 1 makes it unbiased"
    ),
}
_AXES: Final[tuple[tuple[Shape, Axes], ...]] = (
    ((2, 3, 4), None),
    ((2, 3, 4), (0, -1)),
    ((2, 3), 1),
    ((3, 3), 0),
    ((3,), -1),
    ((4, 1, 3), (0, 2)),
)
_SPREAD_SAMPLES: Final = (
    *(
        Sample((shape,), {"axis": axis, "keepdims": keepdims, "correction": correction})
        for (shape, axis), (keepdims, correction) in product(_AXES, ((False, 0), (True, 1), (False, 0.5)))
    ),
    Sample(((),), {"axis": None, "keepdims": False, "correction": 0}),
    Sample(((2, 0),), {"axis": 1, "keepdims": False, "correction": 0}),
    Sample(((0, 3),), {"axis": 1, "keepdims": True, "correction": 1}),
)
_STD_SAMPLES: Final = tuple(sample for sample in _SPREAD_SAMPLES if sample.shapes != ((),))
_NORM_SAMPLES: Final = drawn(
    (
        *(
            Sample((shape,), {"axis": axis, "keepdims": keepdims, "ord": order})
            for (shape, axis), (keepdims, order) in product(_AXES, ((False, 2), (True, 1), (False, 3), (True, 1.5)))
        ),
        *(
            Sample(((2, 3),), {"axis": axis, "keepdims": keepdims, "ord": order})
            for order in (inf, -inf, 0.5, -1, 0)
            for axis, keepdims in ((None, False), (1, True), ((), False))
        ),
        Sample(((),), {"axis": None, "keepdims": False, "ord": 2}),
        Sample(((2, 0),), {"axis": 1, "keepdims": False, "ord": 2}),
        Sample(((0, 3),), {"axis": 1, "keepdims": False, "ord": inf}),
    ),
    "distinct",
)

VAR: Final = reduction(
    "var",
    doc="Take the variance along axes, the mean squared distance from the mean. The correction is 0 as in NumPy and "
    "TensorFlow, where PyTorch has 1; where it leaves nothing to divide by, the result is inf or NaN.",
    symbol="σ²",
    forward=_var,
    vjp=_var_vjp,
    dtype=quotient,
    params=_WITH_CORRECTION,
    samples=_SPREAD_SAMPLES,
    why_zero="the number is the mean",
    aliases=("np.var", "tf.math.reduce_variance", "torch.var", "variance"),
)

STD: Final = reduction(
    "std",
    doc="Take the standard deviation along axes, the root of the variance, with correction 0 as in NumPy. Where all "
    "numbers are equal the gradient is 0, as in PyTorch.",
    symbol="std",
    forward=_std,
    vjp=_std_vjp,
    dtype=quotient,
    params=_WITH_CORRECTION,
    samples=_STD_SAMPLES,
    why_zero="the number is the mean",
    aliases=("np.std", "tf.math.reduce_std", "torch.std", "standard deviation"),
)

VECTOR_NORM: Final = reduction(
    "vector_norm",
    doc="Take the length of vectors along axes: the root of the sum of squares, or another order. At 0 the gradient is "
    "0, as in PyTorch; largest numbers that tie share it evenly.",
    symbol="‖x‖",
    forward=_norm,
    vjp=_norm_vjp,
    shape=_norm_shape,
    dtype=promote_to_float,
    params={
        **REDUCTION_PARAMS,
        "ord": Param(
            kind="number",
            default=2,
            infinite=True,
            doc="the order: 2 is the length, 1 the sum of sizes, inf the largest, -inf the smallest, 0 counts",
        ),
    },
    samples=_NORM_SAMPLES,
    why_zero="the number is zero, or the norm does not depend on it",
    aliases=(
        "np.linalg.vector_norm",
        "np.linalg.norm",
        "tf.norm",
        "tf.linalg.norm",
        "torch.linalg.vector_norm",
        "torch.norm",
        "ReduceL2",
        "ReduceL1",
    ),
)

OPS: tuple[Op, ...] = (VAR, STD, VECTOR_NORM)
