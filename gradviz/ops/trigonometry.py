"""Functions of angles and their hyperbolic kin, number by number, and the inverses of both."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.ops import dtypes
from gradviz.ops.families import UNARY_SAMPLES, drawn, unary
from gradviz.ops.op import Op

_UNIT_SAMPLES: Final = drawn(UNARY_SAMPLES, "unit")

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

TAN = unary(
    "tan",
    doc="Take the tangent of angles in radians.",
    forward=np.tan,
    vjp=lambda g, y, x: g * (1 + np.square(y)),
    dtype=dtypes.promote_to_float,
    samples=_UNIT_SAMPLES,
    symbol="tan",
    aliases=("np.tan", "tf.tan", "tf.math.tan", "torch.tan", "Tan", "tangent"),
)

ASIN = unary(
    "asin",
    doc="Find the angle, in radians, whose sine is given: NaN outside -1 … 1, and gradient inf at both ends.",
    forward=np.arcsin,
    vjp=lambda g, y, x: g / np.sqrt(1 - np.square(x)),
    dtype=dtypes.promote_to_float,
    samples=_UNIT_SAMPLES,
    symbol="asin",
    aliases=("np.asin", "np.arcsin", "tf.asin", "tf.math.asin", "torch.asin", "torch.arcsin", "Asin", "arc sine"),
)

ACOS = unary(
    "acos",
    doc="Find the angle, in radians, whose cosine is given: NaN outside -1 … 1, and gradient -inf at both ends.",
    forward=np.arccos,
    vjp=lambda g, y, x: -g / np.sqrt(1 - np.square(x)),
    dtype=dtypes.promote_to_float,
    samples=_UNIT_SAMPLES,
    symbol="acos",
    aliases=("np.acos", "np.arccos", "tf.acos", "tf.math.acos", "torch.acos", "torch.arccos", "Acos", "arc cosine"),
)

ATAN = unary(
    "atan",
    doc="Find the angle, in radians, whose tangent is given: between -π/2 and π/2.",
    forward=np.arctan,
    vjp=lambda g, y, x: g / (1 + np.square(x)),
    dtype=dtypes.promote_to_float,
    symbol="atan",
    aliases=("np.atan", "np.arctan", "tf.atan", "tf.math.atan", "torch.atan", "torch.arctan", "Atan", "arc tangent"),
    why_zero="the input is so large that the slope cannot be told from 0",
)

SINH = unary(
    "sinh",
    doc="Take the hyperbolic sine, half of exp(x) - exp(-x).",
    forward=np.sinh,
    vjp=lambda g, y, x: g * np.cosh(x),
    dtype=dtypes.promote_to_float,
    symbol="sinh",
    aliases=("np.sinh", "tf.sinh", "tf.math.sinh", "torch.sinh", "Sinh", "hyperbolic sine"),
)

COSH = unary(
    "cosh",
    doc="Take the hyperbolic cosine, half of exp(x) + exp(-x): the curve of a hanging chain.",
    forward=np.cosh,
    vjp=lambda g, y, x: g * np.sinh(x),
    dtype=dtypes.promote_to_float,
    symbol="cosh",
    aliases=("np.cosh", "tf.cosh", "tf.math.cosh", "torch.cosh", "Cosh", "hyperbolic cosine", "catenary"),
    why_zero="the input is zero",
)

ASINH = unary(
    "asinh",
    doc="Find the number whose hyperbolic sine is given.",
    forward=np.arcsinh,
    vjp=lambda g, y, x: g / np.sqrt(np.square(x) + 1),
    dtype=dtypes.promote_to_float,
    symbol="asinh",
    aliases=("np.asinh", "np.arcsinh", "tf.asinh", "tf.math.asinh", "torch.asinh", "torch.arcsinh", "Asinh", "arsinh"),
    why_zero="the input is so large that the slope cannot be told from 0",
)

ACOSH = unary(
    "acosh",
    doc="Find the number from 0 on whose hyperbolic cosine is given: NaN below 1, and gradient inf at 1.",
    forward=np.arccosh,
    vjp=lambda g, y, x: g / np.sqrt(np.square(x) - 1),
    dtype=dtypes.promote_to_float,
    samples=drawn(UNARY_SAMPLES, "above one"),
    symbol="acosh",
    aliases=("np.acosh", "np.arccosh", "tf.acosh", "tf.math.acosh", "torch.acosh", "torch.arccosh", "Acosh", "arcosh"),
    why_zero="the input is so large that the slope cannot be told from 0",
)

ATANH = unary(
    "atanh",
    doc="Find the number whose hyperbolic tangent is given: ∓inf at -1 and 1, NaN outside.",
    forward=np.arctanh,
    vjp=lambda g, y, x: g / (1 - np.square(x)),
    dtype=dtypes.promote_to_float,
    samples=_UNIT_SAMPLES,
    symbol="atanh",
    aliases=("np.atanh", "np.arctanh", "tf.atanh", "tf.math.atanh", "torch.atanh", "torch.arctanh", "Atanh", "artanh"),
    why_zero="the input is so large that the slope cannot be told from 0",
)

OPS: tuple[Op, ...] = (SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH)
