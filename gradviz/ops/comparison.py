"""Comparisons, logic, and the choice between two tensors.

Comparisons and logic give booleans and have no gradient: what is true stays true when the inputs change a little.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.ops import dtypes, shapes
from gradviz.ops.dtypes import Dtype
from gradviz.ops.families import BINARY_SAMPLES, binary, drawn, unary
from gradviz.ops.op import Op, Rule, Sample

_NO_GRADIENT: Final = "The result is true or false, and has no gradient."


def _compare(name: str, doc: str, forward: Rule, symbol: str, aliases: tuple[str, ...], **fields: Any) -> Op:
    """Return an op of two inputs whose result is boolean."""
    return binary(
        name,
        doc=f"{doc} {_NO_GRADIENT}",
        family="comparison",
        forward=forward,
        vjp_a=None,
        vjp_b=None,
        dtype=dtypes.boolean,
        symbol=symbol,
        aliases=aliases,
        **fields,
    )


GREATER = _compare(
    "greater",
    "Tell where the first is above the second.",
    lambda a, b: a > b,
    ">",
    ("np.greater", "tf.greater", "tf.math.greater", "torch.gt", "torch.greater", "Greater"),
)
GREATER_EQUAL = _compare(
    "greater_equal",
    "Tell where the first is above the second or equal to it.",
    lambda a, b: a >= b,
    "≥",
    (">=", "np.greater_equal", "tf.greater_equal", "torch.ge", "torch.greater_equal", "GreaterOrEqual"),
)
LESS = _compare(
    "less",
    "Tell where the first is below the second.",
    lambda a, b: a < b,
    "<",
    ("np.less", "tf.less", "tf.math.less", "torch.lt", "torch.less", "Less"),
)
LESS_EQUAL = _compare(
    "less_equal",
    "Tell where the first is below the second or equal to it.",
    lambda a, b: a <= b,
    "≤",
    ("<=", "np.less_equal", "tf.less_equal", "torch.le", "torch.less_equal", "LessOrEqual"),
)
EQUAL = _compare(
    "equal",
    "Tell where both are the same.",
    lambda a, b: a == b,
    "=",
    ("==", "np.equal", "tf.equal", "tf.math.equal", "torch.eq", "Equal"),
)
NOT_EQUAL = _compare(
    "not_equal",
    "Tell where both differ; NaN differs from everything.",
    lambda a, b: a != b,
    "≠",
    ("!=", "np.not_equal", "tf.not_equal", "tf.math.not_equal", "torch.ne", "torch.not_equal"),
)
LOGICAL_AND = _compare(
    "logical_and",
    "Tell where both are true, or not zero.",
    np.logical_and,
    "∧",
    ("and", "np.logical_and", "tf.logical_and", "tf.math.logical_and", "torch.logical_and", "And"),
    samples=drawn(BINARY_SAMPLES, "boolean"),
)
LOGICAL_OR = _compare(
    "logical_or",
    "Tell where one of both is true, or not zero.",
    np.logical_or,
    "∨",
    ("or", "np.logical_or", "tf.logical_or", "tf.math.logical_or", "torch.logical_or", "Or"),
    samples=drawn(BINARY_SAMPLES, "boolean"),
)
LOGICAL_XOR = _compare(
    "logical_xor",
    "Tell where exactly one of both is true, or not zero.",
    np.logical_xor,
    "⊕",
    ("xor", "np.logical_xor", "tf.math.logical_xor", "torch.logical_xor", "Xor", "exclusive or"),
    samples=drawn(BINARY_SAMPLES, "boolean"),
)
LOGICAL_NOT = unary(
    "logical_not",
    doc=f"Tell where the input is false, or zero. {_NO_GRADIENT}",
    family="comparison",
    forward=np.logical_not,
    vjp=None,
    dtype=dtypes.boolean,
    samples=(Sample(((2, 3),), draw=("boolean",)), Sample(((),), draw=("boolean",)), Sample(((0, 3),))),
    symbol="¬",
    aliases=("not", "np.logical_not", "tf.logical_not", "tf.math.logical_not", "torch.logical_not", "Not"),
)


def _selected_dtype(_condition: Dtype, a: Dtype, b: Dtype) -> Dtype:
    """Return what the two sides promote to; the condition has no say."""
    return dtypes.promote(a, b)


WHERE = Op(
    name="where",
    family="comparison",
    doc="Take from the first side where the condition holds, from the second elsewhere. The side that is not taken "
    "gets gradient 0; if its own gradient is inf there, 0 times inf makes NaN further back, as everywhere.",
    inputs=("condition", "a", "b"),
    forward=np.where,
    vjp={
        "condition": None,
        "a": lambda g, y, condition, a, b: np.where(condition, g, 0.0),
        "b": lambda g, y, condition, a, b: np.where(condition, 0.0, g),
    },
    shape=shapes.elementwise,
    dtype=_selected_dtype,
    samples=tuple(
        Sample(sizes, draw=("boolean", "normal", "normal"))
        for sizes in (
            ((2, 3), (2, 3), (2, 3)),
            ((3,), (2, 3), ()),
            ((2, 1), (3,), (2, 3)),
            ((2, 3), (), ()),
            ((), (), ()),
            ((0, 3), (3,), (1, 3)),
        )
    ),
    symbol="if",
    aliases=("np.where", "tf.where", "torch.where", "Where", "select", "masked_fill"),
    why_zero={"a": "{condition} selects {b}", "b": "{condition} selects {a}"},
)

OPS: tuple[Op, ...] = (
    GREATER,
    GREATER_EQUAL,
    LESS,
    LESS_EQUAL,
    EQUAL,
    NOT_EQUAL,
    LOGICAL_AND,
    LOGICAL_OR,
    LOGICAL_XOR,
    LOGICAL_NOT,
    WHERE,
)
