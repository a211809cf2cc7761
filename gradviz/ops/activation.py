"""Smooth activations: curves that squash, and gates that multiply the input by a curve that squashes.

Each is written so that it overflows on neither side, in its value and in every gradient: no exponential is taken of
anything but a number below zero.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import numpy as np

from gradviz.ops import dtypes
from gradviz.ops.erf import erf
from gradviz.ops.families import UNARY_SAMPLES, unary
from gradviz.ops.op import Array, Op, Sample
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.symbolic import recorded

_floats: Final = partial(as_floats, dtype=dtypes.quotient)

_FLAT: Final = "the curve is flat there: the input is too far from zero for its slope to be told from 0"
_SHUT: Final = "the gate is shut: the input is so far below zero that the slope cannot be told from 0"

TANH = unary(
    "tanh",
    doc="Squash every number into -1 … 1.",
    family="activation",
    forward=np.tanh,
    vjp=lambda g, y, x: g * (1 - np.square(y)),
    dtype=dtypes.promote_to_float,
    symbol="tanh",
    aliases=("np.tanh", "tf.tanh", "tf.math.tanh", "tf.nn.tanh", "torch.tanh", "torch.nn.functional.tanh", "Tanh"),
    why_zero=_FLAT,
)


def _sigmoid(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)) in the form that overflows on neither side."""
    (values,) = _floats(x)
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)


def _softplus(x: Any) -> Any:
    """Return log(1 + exp(x)) in the form that overflows on neither side."""
    (values,) = _floats(x)
    return np.maximum(values, 0) + np.log1p(np.exp(-np.abs(values)))


@recorded
def sigmoid(x: Array) -> Array:
    """Return the sigmoid of `x`, for rules that use it as a whole."""
    return np.asarray(_sigmoid(x))


@recorded
def softplus(x: Array) -> Array:
    """Return the softplus of `x`, for rules that use it as a whole."""
    return np.asarray(_softplus(x))


SIGMOID = unary(
    "sigmoid",
    doc="Squash every number into 0 … 1: the logistic function, computed so that it overflows on neither side.",
    family="activation",
    forward=_sigmoid,
    vjp=lambda g, y, x: g * y * (1 - y),
    dtype=dtypes.quotient,
    symbol="σ",
    aliases=(
        "tf.sigmoid",
        "tf.math.sigmoid",
        "tf.nn.sigmoid",
        "torch.sigmoid",
        "torch.nn.functional.sigmoid",
        "torch.special.expit",
        "Sigmoid",
        "logistic",
    ),
    why_zero=_FLAT,
    formula="1 / (1 + np.exp(-x))",
)


def _log_sigmoid(x: Any) -> Any:
    (values,) = _floats(x)
    return np.minimum(values, 0) - np.log1p(np.exp(-np.abs(values)))


LOG_SIGMOID = unary(
    "log_sigmoid",
    doc="Take the logarithm of the sigmoid, without ever taking the logarithm of a rounded 0.",
    family="activation",
    forward=_log_sigmoid,
    vjp=lambda g, y, x: g * sigmoid(-x),
    dtype=dtypes.quotient,
    symbol="lnσ",
    aliases=("tf.math.log_sigmoid", "torch.nn.functional.logsigmoid", "jax.nn.log_sigmoid"),
    why_zero="the input is so far above zero that the slope cannot be told from 0",
)

SOFTPLUS = unary(
    "softplus",
    doc="Take log(1 + exp(x)), a smooth relu; its gradient is the sigmoid.",
    family="activation",
    forward=_softplus,
    vjp=lambda g, y, x: g * sigmoid(x),
    dtype=dtypes.quotient,
    symbol="soft+",
    aliases=("tf.nn.softplus", "tf.math.softplus", "torch.nn.functional.softplus", "jax.nn.softplus", "Softplus"),
    why_zero="the input is so far below zero that the slope cannot be told from 0",
)


def _softsign(x: Any) -> Any:
    (values,) = _floats(x)
    return values / (1 + np.abs(values))


SOFTSIGN = unary(
    "softsign",
    doc="Squash every number into -1 … 1 by dividing it by 1 plus its distance from zero; infinities give NaN, as "
    "in PyTorch.",
    family="activation",
    forward=_softsign,
    vjp=lambda g, y, x: g / np.square(1 + np.abs(x)),
    dtype=dtypes.quotient,
    symbol="soft±",
    aliases=(
        "tf.nn.softsign",
        "tf.math.softsign",
        "torch.nn.functional.softsign",
        "jax.nn.soft_sign",
        "Softsign",
    ),
    why_zero=_FLAT,
)


def _silu(x: Any) -> Any:
    (values,) = _floats(x)
    return values * sigmoid(values)


def _silu_vjp(g: Any, y: Any, x: Any) -> Any:
    gate = sigmoid(x)
    return g * (gate * (1 + x * (1 - gate)))


SILU = unary(
    "silu",
    doc="Multiply the input by its sigmoid: a smooth relu that dips below zero, also called swish.",
    family="activation",
    forward=_silu,
    vjp=_silu_vjp,
    dtype=dtypes.quotient,
    symbol="SiLU",
    aliases=("tf.nn.silu", "tf.nn.swish", "torch.nn.functional.silu", "jax.nn.silu", "Swish", "sigmoid linear unit"),
    why_zero=_SHUT,
)


def _mish(x: Any) -> Any:
    (values,) = _floats(x)
    return values * np.tanh(softplus(values))


def _mish_vjp(g: Any, y: Any, x: Any) -> Any:
    gate = np.tanh(softplus(x))
    return g * (gate + x * sigmoid(x) * (1 - np.square(gate)))


MISH = unary(
    "mish",
    doc="Multiply the input by the tanh of its softplus: a smooth relu that dips below zero.",
    family="activation",
    forward=_mish,
    vjp=_mish_vjp,
    dtype=dtypes.quotient,
    symbol="Mish",
    aliases=("torch.nn.functional.mish", "jax.nn.mish", "tf.keras.activations.mish", "Mish"),
    why_zero=_SHUT,
)

_SQRT_2: Final = math.sqrt(2)
_SQRT_2_PI: Final = math.sqrt(2 * math.pi)
_SQRT_2_OVER_PI: Final = math.sqrt(2 / math.pi)
_CUBIC: Final = 0.044715
"""From the approximation of Hendrycks and Gimpel, "Gaussian error linear units" (2016)."""


def _bent(x: Any) -> Any:
    """Return tanh, bent so that it resembles erf(x/√2)."""
    return np.tanh(_SQRT_2_OVER_PI * (x + _CUBIC * x**3))


def _gelu(x: Any, approximate: str) -> Any:
    (values,) = _floats(x)
    share = _bent(values) if approximate == "tanh" else erf(values / _SQRT_2)
    return values * ((1 + share) / 2)


def _gelu_vjp(g: Any, y: Any, x: Any, approximate: str) -> Any:
    if approximate == "tanh":
        bent = _bent(x)
        slope = (1 - np.square(bent)) * (_SQRT_2_OVER_PI * (1 + 3 * _CUBIC * np.square(x)))
        return g * ((1 + bent) / 2 + x * slope / 2)
    return g * ((1 + erf(x / _SQRT_2)) / 2 + x * np.exp(-np.square(x) / 2) / _SQRT_2_PI)


GELU = unary(
    "gelu",
    doc="Multiply the input by the probability that a normally distributed number is smaller: exactly, by erf, or "
    "approximately, by tanh.",
    family="activation",
    forward=_gelu,
    vjp=_gelu_vjp,
    dtype=dtypes.quotient,
    params={
        "approximate": Param(
            kind="choice",
            default="none",
            choices=("none", "tanh"),
            doc="none for the exact form, tanh for a cheaper one",
        )
    },
    samples=(
        *UNARY_SAMPLES,
        *(Sample(shapes, {"approximate": "tanh"}) for shapes in (((2, 3),), ((),), ((0, 3),))),
    ),
    symbol="GELU",
    aliases=("tf.nn.gelu", "torch.nn.functional.gelu", "jax.nn.gelu", "Gelu", "gaussian error linear unit"),
    why_zero=_SHUT,
)

OPS: tuple[Op, ...] = (SIGMOID, TANH, SOFTPLUS, SOFTSIGN, LOG_SIGMOID, SILU, GELU, MISH)
