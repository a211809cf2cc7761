"""Functions of two tensors or more, number by number after broadcasting.

Where frameworks differ at a tie or a singular point, the rules follow PyTorch and the doc of the op says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops import dtypes, shapes
from gradviz.ops.activation import sigmoid
from gradviz.ops.dtypes import Dtype
from gradviz.ops.families import BINARY_SAMPLES, binary, drawn
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.reduce import as_floats

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

FLOOR_DIVIDE = binary(
    "floor_divide",
    doc="Count how often the second tensor goes into the first: the quotient, rounded down. The gradient is zero "
    "everywhere.",
    forward=np.floor_divide,
    vjp_a=lambda g, y, a, b: np.zeros_like(g),
    vjp_b=lambda g, y, a, b: np.zeros_like(g),
    dtype=dtypes.promote_numbers,
    samples=drawn(BINARY_SAMPLES, "normal", "positive"),
    symbol="⌊÷⌋",
    aliases=("//", "np.floor_divide", "tf.math.floordiv", "tf.floordiv", "torch.floor_divide", "integer division"),
    why_zero=dict.fromkeys(("a", "b"), "what is rounded does not change when its input changes a little"),
)

REMAINDER = binary(
    "remainder",
    doc="Take what is left of the first tensor after division by the second; it has the sign of the divisor, as in "
    "Python. Its gradient for the divisor is minus the whole quotient.",
    forward=np.remainder,
    vjp_a=lambda g, y, a, b: g,
    vjp_b=lambda g, y, a, b: -g * np.floor_divide(a, b),
    dtype=dtypes.promote_numbers,
    samples=drawn(BINARY_SAMPLES, "normal", "positive"),
    symbol="mod",
    aliases=("%", "np.remainder", "np.mod", "tf.math.floormod", "tf.math.mod", "torch.remainder", "Mod", "modulo"),
    why_zero={"b": "{b} goes into {a} not even once"},
)


def _like(function: np.ufunc) -> Callable[..., Dtype]:
    """Return the dtype rule of a NumPy function of floats: which float mixed integers give is NumPy's own choice."""

    def dtype(*inputs: Dtype, **_params: object) -> Dtype:
        result: Dtype = function(*(np.ones((), each) for each in inputs)).dtype
        return result

    return dtype


def _squared_distance(a: Any, b: Any) -> Any:
    """Return the square of the distance from the origin, as floats: that of a small integer may not fit its dtype."""
    height, width = as_floats(a, b)
    return np.square(height) + np.square(width)


def _atan2_vjp_a(g: Any, y: Any, a: Any, b: Any) -> Any:
    square = _squared_distance(a, b)
    return np.where(square == 0, 0.0, g * b / square)


def _atan2_vjp_b(g: Any, y: Any, a: Any, b: Any) -> Any:
    square = _squared_distance(a, b)
    return np.where(square == 0, 0.0, -g * a / square)


ATAN2 = binary(
    "atan2",
    doc="Find the angle, in radians, of the point with height a and width b, all the way round from -π to π. At the "
    "origin both gradients are 0, as in PyTorch (TensorFlow and JAX say NaN).",
    forward=np.arctan2,
    vjp_a=_atan2_vjp_a,
    vjp_b=_atan2_vjp_b,
    dtype=_like(np.arctan2),
    samples=drawn(BINARY_SAMPLES, "normal", "positive"),
    symbol="θ",
    aliases=("np.atan2", "np.arctan2", "tf.atan2", "tf.math.atan2", "torch.atan2", "torch.arctan2", "angle"),
    why_zero={"a": "{b} is zero", "b": "{a} is zero"},
)

HYPOT = binary(
    "hypot",
    doc="Find the longest side of a right triangle from the two others; at 0 and 0 both gradients are NaN, as in "
    "PyTorch and TensorFlow.",
    forward=np.hypot,
    vjp_a=lambda g, y, a, b: g * (a / y),
    vjp_b=lambda g, y, a, b: g * (b / y),
    dtype=_like(np.hypot),
    symbol="hypot",
    aliases=("np.hypot", "torch.hypot", "hypotenuse", "pythagoras"),
    why_zero={"a": "{a} is zero", "b": "{b} is zero"},
)

LOGADDEXP = binary(
    "logaddexp",
    doc="Take the logarithm of exp(a) + exp(b) without overflow: a smooth maximum. The gradient is shared out as "
    "softmax shares, and NaN where both are -inf.",
    forward=np.logaddexp,
    vjp_a=lambda g, y, a, b: g * sigmoid(a - b),
    vjp_b=lambda g, y, a, b: g * sigmoid(b - a),
    dtype=_like(np.logaddexp),
    symbol="lnΣe",
    aliases=("np.logaddexp", "torch.logaddexp", "smooth maximum", "softmaximum"),
    why_zero={
        "a": "{b} is so much larger that {a} does not count",
        "b": "{a} is so much larger that {b} does not count",
    },
)


def _in_pairs(items: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join neighbours, then the results, until one is left: no expression gets deep, and no sum rounds often."""
    while len(items) > 1:
        pairs = [join(a, b) for a, b in zip(items[::2], items[1::2], strict=False)]
        items = [*pairs, *items[2 * len(pairs) :]]
    return items[0]


def _summed(*xs: Shape) -> Shape:
    if not xs:
        raise ShapeError("add_n needs at least one tensor")
    return shapes.elementwise(*xs)


ADD_N = Op(
    name="add_n",
    family="elementwise",
    doc="Add up any number of tensors, number by number; they broadcast with each other (TensorFlow wants one shape).",
    inputs=("x",),
    variadic=True,
    forward=lambda *xs: _in_pairs(xs, np.add),
    vjp={"x": lambda g, y, *xs, port: g},
    shape=_summed,
    dtype=lambda *inputs: _in_pairs(inputs, np.promote_types),
    samples=(
        Sample(((2, 3), (2, 3), (2, 3))),
        Sample(((2, 3), (3,), (), (2, 1))),
        Sample(((2, 2),)),
        Sample(((), ())),
        Sample(((0, 3), (1, 3), (3,))),
        Sample(((2,),) * 7),
    ),
    symbol="+…",
    aliases=("tf.add_n", "tf.math.add_n", "Sum", "add all", "accumulate"),
)

OPS: tuple[Op, ...] = (
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    POWER,
    MAXIMUM,
    MINIMUM,
    FLOOR_DIVIDE,
    REMAINDER,
    ATAN2,
    HYPOT,
    LOGADDEXP,
    ADD_N,
)
