"""Functions of one tensor, number by number: roots, exponentials, logarithms, rounding, signs and bounds.

Where frameworks differ at a kink, a bound or a singular point, the rules follow PyTorch and the doc of the op says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops import dtypes
from gradviz.ops.dtypes import Dtype
from gradviz.ops.families import UNARY_SAMPLES, drawn, unary
from gradviz.ops.op import Op, Rule, Sample
from gradviz.ops.params import Param

_LN2: Final = math.log(2)
_LN10: Final = math.log(10)

NEGATIVE = unary(
    "negative",
    doc="Turn the sign of every number.",
    forward=lambda x: -x,
    vjp=lambda g, y, x: -g,
    dtype=dtypes.promote_numbers,
    symbol="−x",
    aliases=("np.negative", "tf.negative", "tf.math.negative", "torch.neg", "torch.negative", "Neg"),
)

RECIPROCAL = unary(
    "reciprocal",
    doc="Divide 1 by every number: inf at 0; integers give floats.",
    forward=lambda x: 1 / x,
    vjp=lambda g, y, x: -g * np.square(y),
    dtype=dtypes.quotient,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="1/x",
    aliases=("np.reciprocal", "tf.math.reciprocal", "torch.reciprocal", "Reciprocal", "inverse number"),
    why_zero="the input is so large that its reciprocal cannot be told from 0",
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

RSQRT = unary(
    "rsqrt",
    doc="Divide 1 by the square root: inf at 0 and NaN below.",
    forward=lambda x: 1 / np.sqrt(x),
    vjp=lambda g, y, x: -g * y**3 / 2,
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="1/√",
    aliases=("tf.math.rsqrt", "torch.rsqrt", "reciprocal square root", "inverse square root"),
    why_zero="the input is so large that the slope cannot be told from 0",
)

CBRT = unary(
    "cbrt",
    doc="Take the cube root, of negative numbers too: its gradient is inf at 0.",
    forward=np.cbrt,
    vjp=lambda g, y, x: g / (3 * np.square(y)),
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="∛",
    aliases=("np.cbrt", "jax.lax.cbrt", "cube root"),
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

EXP2 = unary(
    "exp2",
    doc="Raise 2 to every number; from 1024 on (float64) the result is inf.",
    forward=np.exp2,
    vjp=lambda g, y, x: g * y * _LN2,
    dtype=dtypes.promote_to_float,
    symbol="2ˣ",
    aliases=("np.exp2", "torch.exp2", "torch.special.exp2"),
    why_zero="the power of 2 is too small to be told from 0",
)

EXPM1 = unary(
    "expm1",
    doc="Take the exponential minus 1, exactly even where the input is so small that the exponential rounds to 1.",
    forward=np.expm1,
    vjp=lambda g, y, x: g * (y + 1),
    dtype=dtypes.promote_to_float,
    symbol="eˣ−1",
    aliases=("np.expm1", "tf.math.expm1", "torch.expm1", "torch.special.expm1"),
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
    aliases=("np.log", "tf.math.log", "torch.log", "Log", "logarithm"),
)

LOG1P = unary(
    "log1p",
    doc="Take the logarithm of 1 plus the input, exactly even where the input is so small that the sum rounds to 1: "
    "-inf at -1 and NaN below, while its gradient is 1/(1 + x) everywhere.",
    forward=np.log1p,
    vjp=lambda g, y, x: g / (1 + x),
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="ln1+",
    aliases=("np.log1p", "tf.math.log1p", "torch.log1p", "torch.special.log1p"),
)

LOG2 = unary(
    "log2",
    doc="Take the logarithm to base 2: -inf at 0 and NaN below, while its gradient is 1/(x ln 2) everywhere.",
    forward=np.log2,
    vjp=lambda g, y, x: g / (x * _LN2),
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="log₂",
    aliases=("np.log2", "torch.log2", "ld"),
)

LOG10 = unary(
    "log10",
    doc="Take the logarithm to base 10: -inf at 0 and NaN below, while its gradient is 1/(x ln 10) everywhere.",
    forward=np.log10,
    vjp=lambda g, y, x: g / (x * _LN10),
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "positive"),
    symbol="log₁₀",
    aliases=("np.log10", "torch.log10", "lg"),
)


def _rounding(name: str, doc: str, forward: Rule, symbol: str, aliases: tuple[str, ...]) -> Op:
    """Return an op that rounds: steps with a gradient of zeros, which is not the same as none."""
    return unary(
        name,
        doc=f"{doc} The gradient is zero everywhere, as in PyTorch (TensorFlow has none).",
        forward=forward,
        vjp=lambda g, y, x: np.zeros_like(g),
        dtype=dtypes.promote_numbers,
        symbol=symbol,
        aliases=aliases,
        why_zero="what is rounded does not change when its input changes a little",
    )


FLOOR = _rounding(
    "floor",
    "Round down to an integer.",
    np.floor,
    "⌊x⌋",
    ("np.floor", "tf.floor", "tf.math.floor", "torch.floor", "Floor", "round down"),
)
CEIL = _rounding(
    "ceil",
    "Round up to an integer.",
    np.ceil,
    "⌈x⌉",
    ("np.ceil", "tf.math.ceil", "torch.ceil", "Ceil", "round up"),
)
ROUND = _rounding(
    "round",
    "Round to the nearest integer, a half to the even one.",
    np.round,
    "⌊x⌉",
    ("np.round", "np.rint", "tf.round", "tf.math.round", "tf.math.rint", "torch.round", "Round"),
)
TRUNC = _rounding(
    "trunc",
    "Cut the fraction off: round towards zero.",
    np.trunc,
    "trunc",
    ("np.trunc", "np.fix", "torch.trunc", "torch.fix", "truncate", "round to zero"),
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
    NEGATIVE,
    RECIPROCAL,
    ABS,
    SIGN,
    SQUARE,
    SQRT,
    RSQRT,
    CBRT,
    EXP,
    EXP2,
    EXPM1,
    LOG,
    LOG1P,
    LOG2,
    LOG10,
    FLOOR,
    CEIL,
    ROUND,
    TRUNC,
    CLIP,
)
