"""Normalising activations: the numbers along one axis become probabilities, or their logarithms.

The largest number is subtracted first, which changes nothing but keeps exp from overflowing. An entry of −∞ (a mask)
has probability 0; where all entries are −∞ there is no distribution and the result is NaN.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import normal_axis
from gradviz.ops.symbolic import recorded


def along_axis(x: Shape, *, axis: int) -> Shape:
    """Return the shape of `x`, which must have the axis."""
    normal_axis(axis, len(x), x)
    return x


def _shifted(x: Any, axis: int) -> Any:
    (values,) = as_floats(x)
    # An empty axis has no largest number, and nothing that could overflow.
    return values if x.shape[axis] == 0 else values - np.max(values, axis=axis, keepdims=True)


def _softmax(x: Any, axis: int) -> Any:
    powers = np.exp(_shifted(x, axis))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: int) -> Any:
    shifted = _shifted(x, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@recorded
def softmax(x: Array, axis: int = -1) -> Array:
    """Return the softmax of `x`, for rules that use it as a whole."""
    return np.asarray(_softmax(x, axis))


@recorded
def log_softmax(x: Array, axis: int = -1) -> Array:
    """Return the logarithm of the softmax of `x`, for rules that use it as a whole."""
    return np.asarray(_log_softmax(x, axis))


_AXIS: Final[dict[str, Param]] = {
    "axis": Param(kind="axis", default=-1, doc="the axis along which the probabilities add up to 1")
}
_SAMPLES: Final = (
    Sample(((2, 3),), {"axis": -1}),
    Sample(((3, 3),), {"axis": 0}),
    Sample(((2, 3, 2),), {"axis": 1}),
    Sample(((3,),), {"axis": 0}),
    Sample(((2, 1),), {"axis": -1}),
    Sample(((2, 0),), {"axis": -1}),
    Sample(((0, 3),), {"axis": 1}),
)

SOFTMAX: Final = Op(
    name="softmax",
    family="activation",
    doc="Turn the numbers along one axis into probabilities; −∞ becomes 0, and nothing but −∞ becomes NaN.",
    inputs=("x",),
    forward=_softmax,
    vjp={"x": lambda g, y, x, axis: y * (g - np.sum(g * y, axis=axis, keepdims=True))},
    shape=along_axis,
    dtype=promote_to_float,
    params=_AXIS,
    samples=_SAMPLES,
    symbol="smax",
    aliases=("tf.nn.softmax", "torch.softmax", "torch.nn.functional.softmax", "jax.nn.softmax", "Softmax"),
    why_zero={
        "x": "the same arrives wherever there is probability, and probabilities cannot all grow: they add up to 1"
    },
)

LOG_SOFTMAX: Final = Op(
    name="log_softmax",
    family="activation",
    doc="Take the logarithm of the softmax along one axis, without ever taking the logarithm of a rounded 0.",
    inputs=("x",),
    forward=_log_softmax,
    vjp={"x": lambda g, y, x, axis: g - np.exp(y) * np.sum(g, axis=axis, keepdims=True)},
    shape=along_axis,
    dtype=promote_to_float,
    params=_AXIS,
    samples=_SAMPLES,
    symbol="lsmax",
    aliases=(
        "tf.nn.log_softmax",
        "torch.log_softmax",
        "torch.nn.functional.log_softmax",
        "jax.nn.log_softmax",
        "LogSoftmax",
    ),
    why_zero={"x": "what arrives is shared out like the probabilities themselves"},
)

OPS: tuple[Op, ...] = (SOFTMAX, LOG_SOFTMAX)
