"""Losses: how far a prediction is from what was wanted, as one number, or one for each example.

`reduction` says what becomes of the single losses: `mean` and `sum` make one number of them, `none` keeps them.
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype, quotient
from gradviz.ops.indexing import one_hot
from gradviz.ops.normalise import log_softmax, softmax
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats, mean_of
from gradviz.ops.shapes import broadcast, normal_axis, show


def _reduced(losses: Any, shape: Shape, reduction: str) -> Any:
    """Return single losses, which have this shape, reduced to one number, or as they are."""
    if reduction == "none":
        return losses
    return np.sum(losses) if reduction == "sum" else mean_of(losses, prod(shape))


def _averaged(gradient: Any, shape: Shape, reduction: str) -> Any:
    """Return a gradient divided among the single losses, which have this shape, where their mean is taken."""
    return gradient / prod(shape) if reduction == "mean" else gradient


def _reduced_shape(shape: Shape, reduction: str) -> Shape:
    return shape if reduction == "none" else ()


def _mse_loss(x: Any, t: Any, reduction: str) -> Any:
    values, targets = as_floats(x, t, dtype=quotient)
    return _reduced(np.square(values - targets), broadcast(x.shape, t.shape), reduction)


def _mse_slope(g: Any, x: Any, t: Any, reduction: str) -> Any:
    return _averaged(g * (2 * (x - t)), broadcast(x.shape, t.shape), reduction)


def _mse_shape(x: Shape, t: Shape, *, reduction: str) -> Shape:
    return _reduced_shape(broadcast(x, t), reduction)


def _without(x: Shape, axis: int) -> Shape:
    """Return a shape without the axis of classes."""
    at = normal_axis(axis, len(x), x)
    return (*x[:at], *x[at + 1 :])


def _class_gradient(g: Any, slope: Any, shape: Shape, axis: int, reduction: str) -> Any:
    """Return what a loss hands back, given the slope of the single losses along all classes; `shape` is the slope's."""
    each = np.expand_dims(g, axis) if reduction == "none" else g
    return _averaged(each * slope, _without(shape, axis), reduction)


def _is_label(x: Any, t: Any, axis: int) -> Any:
    """Return, in the shape of `x`, where the class is the one that the label names."""
    return one_hot(t, depth=x.shape[axis], axis=axis, dtype="bool")


def _cross_entropy(x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    # Chosen, not multiplied: a class that is masked with -inf and not the label must not make 0 * inf.
    (values,) = as_floats(x, dtype=quotient)
    chosen = np.where(_is_label(x, t, axis), -log_softmax(values, axis=axis), 0)
    return _reduced(np.sum(chosen, axis=axis), _without(x.shape, axis), reduction)


def _cross_entropy_vjp(g: Any, y: Any, x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    return _class_gradient(g, softmax(x, axis=axis) - _is_label(x, t, axis), x.shape, axis, reduction)


def _cross_entropy_shape(x: Shape, t: Shape, *, axis: int, reduction: str) -> Shape:
    wanted = _without(x, axis)
    if t != wanted:
        raise ShapeError(
            "labels must have shape {wanted}, one for each row of classes in {x}, not {t}",
            wanted=show(wanted),
            x=show(x),
            t=show(t),
        )
    if x[axis] == 0:
        raise ShapeError("there are no classes: axis {axis} of {x} is empty", axis=axis, x=show(x))
    return _reduced_shape(wanted, reduction)


def _cross_entropy_dtype(x: Dtype, t: Dtype, **_params: object) -> Dtype:
    if t.kind not in "iu":
        raise ShapeError(
            "labels are numbers of classes: integers, not {dtype}; softmax_cross_entropy takes probabilities",
            dtype=t.name,
        )
    return quotient(x)


def _soft_cross_entropy(x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    values, targets = as_floats(x, t, dtype=quotient)
    losses = -np.sum(targets * log_softmax(values, axis=axis), axis=axis)
    return _reduced(losses, _without(x.shape, axis), reduction)


def _soft_vjp_x(g: Any, y: Any, x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    slope = softmax(x, axis=axis) * np.sum(t, axis=axis, keepdims=True) - t
    return _class_gradient(g, slope, x.shape, axis, reduction)


def _soft_vjp_t(g: Any, y: Any, x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    return _class_gradient(g, -log_softmax(x, axis=axis), x.shape, axis, reduction)


def _soft_shape(x: Shape, t: Shape, *, axis: int, reduction: str) -> Shape:
    single = _without(x, axis)
    if t != x:
        raise ShapeError(
            "the probabilities must have the shape {x} of what is compared with them, not {t}", x=show(x), t=show(t)
        )
    return _reduced_shape(single, reduction)


_REDUCTION: Final = Param(
    kind="choice", default="mean", choices=("mean", "sum", "none"), doc="what becomes of the single losses"
)
_CLASS_AXIS: Final = Param(kind="axis", default=-1, doc="the axis of the classes")
_REDUCTIONS: Final = ("mean", "sum", "none")

MSE_LOSS: Final = Op(
    name="mse_loss",
    family="loss",
    doc="Square the differences between prediction and target, and take the mean (or sum) of all of them.",
    inputs=("x", "t"),
    forward=_mse_loss,
    vjp={
        "x": lambda g, y, x, t, reduction: _mse_slope(g, x, t, reduction),
        "t": lambda g, y, x, t, reduction: -_mse_slope(g, x, t, reduction),
    },
    shape=_mse_shape,
    dtype=quotient,
    params={"reduction": _REDUCTION},
    samples=tuple(
        Sample(shapes, {"reduction": reduction})
        for shapes in (((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), ()))
        for reduction in _REDUCTIONS
    ),
    symbol="MSE",
    aliases=("tf.keras.losses.MSE", "tf.keras.losses.MeanSquaredError", "torch.nn.functional.mse_loss", "L2"),
    why_zero={"x": "{x} and {t} are equal", "t": "{x} and {t} are equal"},
)

CROSS_ENTROPY: Final = Op(
    name="cross_entropy",
    family="loss",
    doc="Take −log softmax at the class that an integer label names. Its gradient is softmax − one_hot: the derivative "
    "of softmax is in it.",
    inputs=("x", "t"),
    forward=_cross_entropy,
    vjp={"x": _cross_entropy_vjp, "t": None},
    shape=_cross_entropy_shape,
    dtype=_cross_entropy_dtype,
    params={"axis": _CLASS_AXIS, "reduction": _REDUCTION},
    samples=tuple(
        Sample(shapes, {"axis": axis, "reduction": reduction}, ("normal", "below 3"))
        for shapes, axis in (
            (((4, 3), (4,)), -1),
            (((3, 3), (3,)), 0),
            (((2, 3, 2), (2, 2)), 1),
            (((3,), ()), -1),
            (((1, 3), (1,)), 1),
        )
        for reduction in _REDUCTIONS
    ),
    symbol="CE",
    aliases=(
        "tf.nn.sparse_softmax_cross_entropy_with_logits",
        "tf.keras.losses.SparseCategoricalCrossentropy",
        "torch.nn.functional.cross_entropy",
        "torch.nn.CrossEntropyLoss",
        "SoftmaxCrossEntropyLoss",
    ),
    why_zero={"x": "the prediction is certain, and right"},
)

SOFTMAX_CROSS_ENTROPY: Final = Op(
    name="softmax_cross_entropy",
    family="loss",
    doc="Take −Σ t · log softmax(x) for probabilities t; t gets a gradient too, −log softmax(x).",
    inputs=("x", "t"),
    forward=_soft_cross_entropy,
    vjp={"x": _soft_vjp_x, "t": _soft_vjp_t},
    shape=_soft_shape,
    dtype=quotient,
    params={"axis": _CLASS_AXIS, "reduction": _REDUCTION},
    samples=tuple(
        Sample(shapes, {"axis": axis, "reduction": reduction}, ("normal", "positive"))
        for shapes, axis in (
            (((2, 3), (2, 3)), -1),
            (((3, 3), (3, 3)), 0),
            (((2, 3, 2), (2, 3, 2)), 1),
            (((3,), (3,)), -1),
        )
        for reduction in _REDUCTIONS
    ),
    symbol="CE(t)",
    aliases=("tf.nn.softmax_cross_entropy_with_logits", "tf.keras.losses.CategoricalCrossentropy"),
    why_zero={"x": "the softmax of {x} is {t}, or {t} is zero"},
)

OPS: tuple[Op, ...] = (MSE_LOSS, CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY)
