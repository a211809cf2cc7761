"""Losses: how far a prediction is from what was wanted, as one number, or one for each example.

`reduction` says what becomes of the single losses: `mean` and `sum` make one number of them, `none` keeps them. Here
is what all losses share, and those that measure the difference of two numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import quotient
from gradviz.ops.op import Op, Rule, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats, mean_of
from gradviz.ops.shapes import broadcast, refuse_too_large

REDUCTIONS: Final = ("mean", "sum", "none")
REDUCTION: Final = Param(kind="choice", default="mean", choices=REDUCTIONS, doc="what becomes of the single losses")


def reduced(losses: Any, shape: Shape, reduction: str) -> Any:
    """Return single losses, which have this shape, reduced to one number, or as they are."""
    if reduction == "none":
        return losses
    return np.sum(losses) if reduction == "sum" else mean_of(losses, prod(shape))


def averaged(gradient: Any, shape: Shape, reduction: str) -> Any:
    """Return a gradient divided among the single losses, which have this shape, where their mean is taken."""
    return gradient / prod(shape) if reduction == "mean" else gradient


def reduced_shape(shape: Shape, reduction: str) -> Shape:
    """Return the shape of a loss, given that of the single losses."""
    return shape if reduction == "none" else ()


def elementwise_shape(x: Shape, t: Shape, *, reduction: str, **_params: object) -> Shape:
    """Return the shape of a loss of predictions and targets that broadcast."""
    losses = broadcast(x, t)
    refuse_too_large(losses)
    return reduced_shape(losses, reduction)


_PAIRS: Final = (((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), ()), ((0, 3), (3,)))


def elementwise_samples(*draw: str, **params: Any) -> tuple[Sample, ...]:
    """Return samples of a loss of predictions and targets, in each reduction."""
    return tuple(
        Sample(shapes, {**params, "reduction": reduction}, draw or ("normal",))
        for shapes in _PAIRS
        for reduction in REDUCTIONS
    )


_NO_PARAMS: Final[Mapping[str, Param]] = MappingProxyType({})


def elementwise_loss(
    name: str, *, single: Rule, to_x: Rule, to_t: Rule, params: Mapping[str, Param] = _NO_PARAMS, **fields: Any
) -> Op:
    """Return a loss of a prediction `x` and a target `t` that broadcast with each other.

    `single(x, t, **params)` gives the single losses, `to_x(g, x, t, **params)` and `to_t` their gradients for what
    arrives at each of them.
    """

    def forward(x: Any, t: Any, *, reduction: str, **given: Any) -> Any:
        values, targets = as_floats(x, t, dtype=quotient)
        return reduced(single(values, targets, **given), broadcast(x.shape, t.shape), reduction)

    def going_back(rule: Rule) -> Rule:
        def vjp(g: Any, y: Any, x: Any, t: Any, *, reduction: str, **given: Any) -> Any:
            values, targets = as_floats(x, t, dtype=quotient)
            shape = broadcast(x.shape, t.shape)
            gradient = rule(g, values, targets, **given)
            if gradient.shape != shape:  # a rule that uses one of the two does not know how far the other stretches it
                gradient = np.broadcast_to(gradient, shape)
            return averaged(gradient, shape, reduction)

        return vjp

    return Op(
        name=name,
        family="loss",
        inputs=("x", "t"),
        forward=forward,
        vjp={"x": going_back(to_x), "t": going_back(to_t)},
        dtype=quotient,
        params={**params, "reduction": REDUCTION},
        **{"shape": elementwise_shape, "samples": elementwise_samples(), **fields},
    )


_EQUAL: Final = MappingProxyType({"x": "{x} and {t} are equal", "t": "{x} and {t} are equal"})

MSE_LOSS: Final = elementwise_loss(
    "mse_loss",
    doc="Square the differences between prediction and target, and take the mean (or sum) of all of them.",
    single=lambda x, t: np.square(x - t),
    to_x=lambda g, x, t: g * (2 * (x - t)),
    to_t=lambda g, x, t: -(g * (2 * (x - t))),
    symbol="MSE",
    aliases=(
        "tf.keras.losses.MSE",
        "tf.keras.losses.MeanSquaredError",
        "torch.nn.functional.mse_loss",
        "mean_squared_error",
        "squared_error",
        "L2",
    ),
    why_zero=_EQUAL,
)

L1_LOSS: Final = elementwise_loss(
    "l1_loss",
    doc="Take the distances between prediction and target, and the mean (or sum) of all of them; the slope is 0 where "
    "they are equal.",
    single=lambda x, t: np.abs(x - t),
    to_x=lambda g, x, t: g * np.sign(x - t),
    to_t=lambda g, x, t: -g * np.sign(x - t),
    symbol="MAE",
    aliases=(
        "tf.keras.losses.MAE",
        "tf.keras.losses.MeanAbsoluteError",
        "torch.nn.functional.l1_loss",
        "torch.nn.L1Loss",
        "L1",
        "mean_absolute_error",
    ),
    why_zero=_EQUAL,
)


def _huber(x: Any, t: Any, *, delta: float) -> Any:
    far = np.abs(x - t)
    return np.where(far <= delta, np.square(x - t) / 2, delta * (far - delta / 2))


def _huber_shape(x: Shape, t: Shape, *, delta: float, reduction: str) -> Shape:
    if delta <= 0:
        raise ShapeError("the parameter delta must be above 0, not {delta}", delta=delta)
    return elementwise_shape(x, t, reduction=reduction)


HUBER_LOSS: Final = elementwise_loss(
    "huber_loss",
    doc="Square small differences (and halve them), but count large ones, beyond delta, in proportion. With delta 1 "
    "this is PyTorch's smooth_l1_loss.",
    single=_huber,
    to_x=lambda g, x, t, delta: g * np.clip(x - t, min=-delta, max=delta),
    to_t=lambda g, x, t, delta: -g * np.clip(x - t, min=-delta, max=delta),
    params={
        "delta": Param(kind="number", default=1.0, doc="where squares end: differences beyond it count in proportion")
    },
    shape=_huber_shape,
    samples=(*elementwise_samples(delta=1.0), *elementwise_samples(delta=0.3), *elementwise_samples(delta=20)),
    symbol="Huber",
    aliases=(
        "tf.keras.losses.huber",
        "tf.keras.losses.Huber",
        "torch.nn.functional.huber_loss",
        "torch.nn.HuberLoss",
        "torch.nn.functional.smooth_l1_loss",
        "torch.nn.SmoothL1Loss",
        "smooth_l1",
    ),
    why_zero=_EQUAL,
)

OPS: tuple[Op, ...] = (MSE_LOSS, L1_LOSS, HUBER_LOSS)
