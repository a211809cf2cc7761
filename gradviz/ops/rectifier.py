"""Rectifiers: activations made of pieces, most of them straight.

At a kink the gradient is PyTorch's: what the outer side has, or the side below zero. Where the rule takes the
exponential of a negative input, the input is held at 0 from above first: on the other side nothing overflows, there
and in any later gradient.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np

from gradviz.ops import dtypes
from gradviz.ops.families import BINARY_SAMPLES, UNARY_SAMPLES, unary
from gradviz.ops.op import Op, Sample
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import elementwise

_floats: Final = partial(as_floats, dtype=dtypes.quotient)

RELU = unary(
    "relu",
    doc="Keep what is above zero, 0 elsewhere: at 0 the gradient is 0, at NaN too (as in TensorFlow; PyTorch lets "
    "it through).",
    family="activation",
    forward=lambda x: np.maximum(x, 0),
    vjp=lambda g, y, x: np.where(x > 0, g, 0.0),
    dtype=dtypes.promote_numbers,
    symbol="ReLU",
    aliases=("tf.nn.relu", "torch.relu", "torch.nn.functional.relu", "Relu", "rectifier"),
    why_zero="the input is not above zero",
)


def _leaky_relu(x: Any, alpha: float) -> Any:
    (values,) = _floats(x)
    return np.where(values > 0, values, alpha * values)


LEAKY_RELU = unary(
    "leaky_relu",
    doc="Keep what is above zero, and alpha times the rest: at 0 the gradient is alpha, as in PyTorch and TensorFlow "
    "(JAX says 1). The default of alpha is PyTorch's (TensorFlow's is 0.2).",
    family="activation",
    forward=_leaky_relu,
    vjp=lambda g, y, x, alpha: np.where(x > 0, g, alpha * g),
    dtype=dtypes.quotient,
    params={"alpha": Param(kind="number", default=0.01, doc="the slope below zero")},
    samples=(*UNARY_SAMPLES, Sample(((2, 3),), {"alpha": 0.2}), Sample(((3,),), {"alpha": 0})),
    symbol="leaky",
    aliases=("tf.nn.leaky_relu", "torch.nn.functional.leaky_relu", "jax.nn.leaky_relu", "LeakyRelu", "lrelu"),
    why_zero="the input is not above zero, and alpha is zero",
)


def _prelu(x: Any, alpha: Any) -> Any:
    values, slope = _floats(x, alpha)
    return np.where(values > 0, values, slope * values)


PRELU = Op(
    name="prelu",
    family="activation",
    doc="Keep what is above zero, and alpha times the rest, where alpha is a tensor that learns. It broadcasts against "
    "the last axes as everywhere here (PyTorch counts channels along axis 1); at 0 the gradient is alpha.",
    inputs=("x", "alpha"),
    forward=_prelu,
    vjp={
        "x": lambda g, y, x, alpha: np.where(x > 0, g, alpha * g),
        "alpha": lambda g, y, x, alpha: np.where(x > 0, 0.0, x * g),
    },
    shape=elementwise,
    dtype=dtypes.quotient,
    samples=(*BINARY_SAMPLES, Sample(((2, 3, 2), (3, 1)))),
    symbol="PReLU",
    aliases=("tf.keras.layers.PReLU", "torch.nn.functional.prelu", "torch.prelu", "PRelu", "learnable leaky relu"),
    why_zero={"x": "the input is not above zero, and {alpha} is zero", "alpha": "{x} is not below zero"},
)


def _scaled(alpha: float, x: Any) -> Any:
    return x if alpha == 1 else alpha * x


def _elu(x: Any, alpha: float) -> Any:
    (values,) = _floats(x)
    return np.where(values > 0, values, _scaled(alpha, np.expm1(np.clip(values, max=0))))


def _elu_vjp(g: Any, y: Any, x: Any, alpha: float) -> Any:
    return np.where(x > 0, g, g * _scaled(alpha, np.exp(np.clip(x, max=0))))


ELU = unary(
    "elu",
    doc="Keep what is above zero, and bend the rest smoothly towards -alpha; at 0 the gradient is alpha, and at "
    "NaN it is NaN (PyTorch says 1).",
    family="activation",
    forward=_elu,
    vjp=_elu_vjp,
    dtype=dtypes.quotient,
    params={"alpha": Param(kind="number", default=1.0, doc="how far below zero it goes")},
    samples=(*UNARY_SAMPLES, Sample(((2, 3),), {"alpha": 0.5}), Sample(((3,),), {"alpha": 2})),
    symbol="ELU",
    aliases=("tf.nn.elu", "torch.nn.functional.elu", "jax.nn.elu", "Elu", "exponential linear unit"),
    why_zero="the input is so far below zero that the slope cannot be told from 0",
)

# So that numbers with mean 0 and variance 1 keep both: Klambauer et al., "Self-normalizing neural networks" (2017).
_SELU_SCALE: Final = 1.0507009873554805
_SELU_ALPHA: Final = 1.6732632423543772


def _selu(x: Any) -> Any:
    return _SELU_SCALE * _elu(x, _SELU_ALPHA)


SELU = unary(
    "selu",
    doc="Scale the ELU so that numbers of mean 0 and variance 1 keep both; at 0 the gradient is that of the left side.",
    family="activation",
    forward=_selu,
    vjp=lambda g, y, x: _SELU_SCALE * _elu_vjp(g, y, x, _SELU_ALPHA),
    dtype=dtypes.quotient,
    symbol="SELU",
    aliases=("tf.nn.selu", "torch.nn.functional.selu", "torch.selu", "jax.nn.selu", "Selu"),
    why_zero="the input is so far below zero that the slope cannot be told from 0",
)

_WIDE_SAMPLES: Final = (
    Sample(((2, 3),)),
    Sample(((),)),
    Sample(((0, 3),)),
    Sample(((4, 5),), draw=("distinct",)),  # from -9.75 to 9.25, an eighth away from every kink at least
    Sample(((5, 1, 4),), draw=("distinct",)),
)


def _between(x: Any, low: float, high: float) -> Any:
    return np.logical_and(x > low, x < high)


RELU6 = unary(
    "relu6",
    doc="Keep what lies between 0 and 6, and hold the rest at these bounds: at a bound the gradient is 0, as in "
    "PyTorch and TensorFlow, and at NaN too (PyTorch says 1).",
    family="activation",
    forward=lambda x: np.minimum(np.maximum(x, 0), 6),
    vjp=lambda g, y, x: np.where(_between(x, 0, 6), g, 0.0),
    dtype=dtypes.promote_numbers,
    samples=_WIDE_SAMPLES,
    symbol="0…6",
    aliases=("tf.nn.relu6", "torch.nn.functional.relu6", "torch.nn.ReLU6", "jax.nn.relu6", "bounded relu"),
    why_zero="the input is not between 0 and 6",
)


def _gate(x: Any) -> Any:
    """Return 0 up to -3, 1 from 3 on, and a straight line in between."""
    (values,) = _floats(x)
    return np.minimum(np.maximum(values + 3, 0), 6) / 6


HARDSIGMOID = unary(
    "hardsigmoid",
    doc="Approach the sigmoid by three straight lines: 0 up to -3, 1 from 3 on, x/6 + 1/2 in between. At both corners "
    "the gradient is 0, as in PyTorch.",
    family="activation",
    forward=_gate,
    vjp=lambda g, y, x: np.where(_between(x, -3, 3), g / 6, 0.0),
    dtype=dtypes.quotient,
    samples=_WIDE_SAMPLES,
    symbol="hσ",
    aliases=("torch.nn.functional.hardsigmoid", "jax.nn.hard_sigmoid", "tf.keras.activations.hard_sigmoid"),
    why_zero="the input is not between -3 and 3",
)


def _hardswish(x: Any) -> Any:
    (values,) = _floats(x)
    return values * _gate(values)


HARDSWISH = unary(
    "hardswish",
    doc="Multiply the input by its hardsigmoid: 0 up to -3, the input itself from 3 on. At both corners the gradient "
    "is that of the outer side, as in PyTorch, and at NaN it is 0 (PyTorch says 1).",
    family="activation",
    forward=_hardswish,
    vjp=lambda g, y, x: np.where(x >= 3, g, np.where(x > -3, g * (x / 3 + 0.5), 0.0)),
    dtype=dtypes.quotient,
    samples=_WIDE_SAMPLES,
    symbol="hSwish",
    aliases=("torch.nn.functional.hardswish", "jax.nn.hard_swish", "jax.nn.hard_silu", "HardSwish"),
    why_zero="the input is not above -3, or is -1.5, where the curve turns",
)

OPS: tuple[Op, ...] = (RELU, LEAKY_RELU, PRELU, RELU6, ELU, SELU, HARDSIGMOID, HARDSWISH)
