"""Elementwise operations: each number by itself, or with its partner after broadcasting.

Where frameworks differ at a kink, a tie or a singular point, the rules follow PyTorch and the doc of the op says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops import dtypes
from gradviz.ops.dtypes import Dtype
from gradviz.ops.families import BINARY_SAMPLES, UNARY_SAMPLES, binary, drawn, unary
from gradviz.ops.op import Op, Sample
from gradviz.ops.params import Param

_FLAT: Final = "the curve is flat there: the input is too far from zero for its slope to be told from 0"

ADD = binary(
    "add",
    doc="Add two tensors, number by number.",
    forward=lambda a, b: a + b,
    vjp_a=lambda g, y, a, b: g,
    vjp_b=lambda g, y, a, b: g,
    symbol="+",
    aliases=("np.add", "tf.add", "tf.math.add", "torch.add", "Add", "plus"),
)

SUBTRACT = binary(
    "subtract",
    doc="Subtract the second tensor from the first, number by number.",
    forward=lambda a, b: a - b,
    vjp_a=lambda g, y, a, b: g,
    vjp_b=lambda g, y, a, b: -g,
    dtype=dtypes.promote_numbers,
    symbol="−",
    aliases=("-", "np.subtract", "tf.subtract", "tf.math.subtract", "torch.sub", "torch.subtract", "Sub", "minus"),
)

MULTIPLY = binary(
    "multiply",
    doc="Multiply two tensors, number by number (the Hadamard product).",
    forward=lambda a, b: a * b,
    vjp_a=lambda g, y, a, b: g * b,
    vjp_b=lambda g, y, a, b: g * a,
    symbol="×",
    aliases=("*", "⊙", "np.multiply", "tf.multiply", "tf.math.multiply", "torch.mul", "torch.multiply", "Mul", "times"),
    why_zero={"a": "the factor {b} is zero", "b": "the factor {a} is zero"},
)

DIVIDE = binary(
    "divide",
    doc="Divide the first tensor by the second, number by number; integers give floats, and x / 0 is inf or NaN.",
    forward=lambda a, b: a / b,
    vjp_a=lambda g, y, a, b: g / b,
    vjp_b=lambda g, y, a, b: -g * y / b,
    dtype=dtypes.quotient,
    samples=drawn(BINARY_SAMPLES, "normal", "positive"),
    symbol="÷",
    aliases=(
        "/",
        "np.divide",
        "np.true_divide",
        "tf.divide",
        "tf.math.divide",
        "tf.truediv",
        "torch.div",
        "torch.divide",
        "torch.true_divide",
        "Div",
    ),
    why_zero={"b": "the quotient of {a} and {b} is zero"},
)

NEGATIVE = unary(
    "negative",
    doc="Turn the sign of every number.",
    forward=lambda x: -x,
    vjp=lambda g, y, x: -g,
    dtype=dtypes.promote_numbers,
    symbol="−x",
    aliases=("np.negative", "tf.negative", "tf.math.negative", "torch.neg", "torch.negative", "Neg"),
)

POWER = binary(
    "power",
    doc="Raise the first tensor to the second. As in PyTorch, x⁰ has gradient 0 everywhere; a negative base has "
    "gradient NaN for the exponent (TensorFlow says 0).",
    forward=lambda a, b: a**b,
    vjp_a=lambda g, y, a, b: np.where(b == 0, 0.0, g * b * a ** (b - 1)),
    vjp_b=lambda g, y, a, b: np.where(np.logical_and(a == 0, b >= 0), 0.0, g * y * np.log(a)),
    dtype=dtypes.promote_numbers,
    samples=drawn(BINARY_SAMPLES, "positive", "normal"),
    symbol="xⁿ",
    aliases=("**", "^", "np.power", "np.pow", "tf.pow", "tf.math.pow", "torch.pow", "Pow"),
    why_zero={
        "a": "the exponent {b} is zero, or the base {a} is, or the power is too small to be told from 0",
        "b": "the base {a} is zero or one, or the power is too small to be told from 0",
    },
)

SQUARE = unary(
    "square",
    doc="Multiply every number by itself.",
    forward=np.square,
    vjp=lambda g, y, x: g * (2 * x),
    dtype=dtypes.promote_numbers,
    symbol="x²",
    aliases=("np.square", "tf.square", "tf.math.square", "torch.square", "sqr"),
    why_zero="the input is zero",
)

SQRT = unary(
    "sqrt",
    doc="Take the square root: its gradient is inf at 0 and NaN below, as everywhere.",
    forward=np.sqrt,
    vjp=lambda g, y, x: g / (2 * y),
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="√",
    aliases=("np.sqrt", "tf.sqrt", "tf.math.sqrt", "torch.sqrt", "Sqrt"),
)

EXP = unary(
    "exp",
    doc="Raise e to every number; beyond about 709 (float64) the result is inf.",
    forward=np.exp,
    vjp=lambda g, y, x: g * y,
    dtype=dtypes.promote_to_float,
    symbol="eˣ",
    aliases=("np.exp", "tf.exp", "tf.math.exp", "torch.exp", "Exp"),
    why_zero="the exponential is too small to be told from 0",
)

LOG = unary(
    "log",
    doc="Take the natural logarithm: -inf at 0 and NaN below, while its gradient is 1/x everywhere.",
    forward=np.log,
    vjp=lambda g, y, x: g / x,
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="ln",
    aliases=("np.log", "tf.math.log", "torch.log", "Log"),
)

ABS = unary(
    "abs",
    doc="Take the distance from zero: at 0 the gradient is 0 (JAX says 1).",
    forward=np.abs,
    vjp=lambda g, y, x: g * np.sign(x),
    symbol="|x|",
    aliases=("np.abs", "np.absolute", "tf.abs", "tf.math.abs", "torch.abs", "torch.absolute", "Abs"),
    why_zero="the input is zero, where the slope is taken to be 0",
)

SIGN = unary(
    "sign",
    doc="Give -1, 0 or 1 for numbers below, at or above zero; the gradient is zero everywhere.",
    forward=np.sign,
    vjp=lambda g, y, x: np.zeros_like(g),
    dtype=dtypes.promote_numbers,
    symbol="sgn",
    aliases=("np.sign", "tf.sign", "tf.math.sign", "torch.sign", "torch.sgn", "Sign", "signum"),
    why_zero="the sign does not change when its input changes a little",
)

SIN = unary(
    "sin",
    doc="Take the sine of angles in radians.",
    forward=np.sin,
    vjp=lambda g, y, x: g * np.cos(x),
    dtype=dtypes.promote_to_float,
    symbol="sin",
    aliases=("np.sin", "tf.sin", "tf.math.sin", "torch.sin", "Sin", "sine"),
)

COS = unary(
    "cos",
    doc="Take the cosine of angles in radians.",
    forward=np.cos,
    vjp=lambda g, y, x: -g * np.sin(x),
    dtype=dtypes.promote_to_float,
    symbol="cos",
    aliases=("np.cos", "tf.cos", "tf.math.cos", "torch.cos", "Cos", "cosine"),
    why_zero="the sine of the input is zero",
)

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
    small = np.exp(-1.0 * np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


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

MAXIMUM = binary(
    "maximum",
    doc="Take the larger of two numbers; at a tie each side gets half of the gradient (TensorFlow: all to the first).",
    forward=np.maximum,
    vjp_a=lambda g, y, a, b: np.where(a < b, 0.0, np.where(a == b, g / 2, g)),
    vjp_b=lambda g, y, a, b: np.where(b < a, 0.0, np.where(a == b, g / 2, g)),
    symbol="max",
    aliases=("np.maximum", "tf.maximum", "tf.math.maximum", "torch.maximum", "Max"),
    why_zero={"a": "{b} is larger", "b": "{a} is larger"},
)

MINIMUM = binary(
    "minimum",
    doc="Take the smaller of two numbers; at a tie each side gets half of the gradient (TensorFlow: all to the first).",
    forward=np.minimum,
    vjp_a=lambda g, y, a, b: np.where(a > b, 0.0, np.where(a == b, g / 2, g)),
    vjp_b=lambda g, y, a, b: np.where(b > a, 0.0, np.where(a == b, g / 2, g)),
    symbol="min",
    aliases=("np.minimum", "tf.minimum", "tf.math.minimum", "torch.minimum", "Min"),
    why_zero={"a": "{b} is smaller", "b": "{a} is smaller"},
)


def _clip(x: Any, min: float | None, max: float | None) -> Any:
    return np.clip(x, min=min, max=max)


def _clip_gradient(g: Any, y: Any, x: Any, min: float | None, max: float | None) -> Any:
    """Let the gradient through where `x` lies within the bounds, the bounds themselves included."""
    if min is None and max is None:
        return g
    if max is None:
        return np.where(x >= min, g, 0.0)
    if min is None:
        return np.where(x <= max, g, 0.0)
    return np.where(np.logical_and(x >= min, x <= max), g, 0.0)


def _clipped_dtype(x: Dtype, *, min: float | None, max: float | None) -> Dtype:
    """Return what NumPy promotes the tensor and its bounds to: integers stay integers if the bounds are some."""
    dtype = np.result_type(dtypes.promote_numbers(x), *(bound for bound in (min, max) if bound is not None))
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if (min is not None and min > limits.max) or (max is not None and max < limits.min):
            raise ShapeError(
                "no {dtype} lies within the bounds {low} … {high}: turn it into a larger dtype with astype first",
                dtype=dtype.name,
                low="" if min is None else min,
                high="" if max is None else max,
            )
    return dtype


_BOUNDS: Final[tuple[Mapping[str, Any], ...]] = (
    {"min": -0.5, "max": 0.8},
    {"min": 0.0, "max": None},
    {"min": None, "max": 0.5},
    {"min": None, "max": None},
    {"min": -1, "max": 1},
)

CLIP = unary(
    "clip",
    doc="Keep numbers within bounds; at a bound the gradient is 1, as in PyTorch and TensorFlow (JAX says 0.5).",
    forward=_clip,
    vjp=_clip_gradient,
    dtype=_clipped_dtype,
    params={
        "min": Param(kind="number", default=None, optional=True, doc="the lower bound; none means no bound"),
        "max": Param(kind="number", default=None, optional=True, doc="the upper bound; none means no bound"),
    },
    samples=(
        *(Sample(((2, 3),), bounds) for bounds in _BOUNDS),
        Sample(((),), _BOUNDS[0]),
        Sample(((0, 3),), _BOUNDS[0]),
    ),
    symbol="clip",
    aliases=("np.clip", "tf.clip_by_value", "torch.clamp", "torch.clip", "Clip"),
    why_zero="the input is not within the bounds",
)

OPS: tuple[Op, ...] = (
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    NEGATIVE,
    POWER,
    SQUARE,
    SQRT,
    EXP,
    LOG,
    ABS,
    SIGN,
    SIN,
    COS,
    MAXIMUM,
    MINIMUM,
    CLIP,
    RELU,
    SIGMOID,
    TANH,
)
