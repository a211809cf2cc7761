"""Losses of classes: how badly a prediction of one class among several fits the class, or the probabilities, wanted."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype, quotient
from gradviz.ops.indexing import one_hot
from gradviz.ops.loss import REDUCTION, REDUCTIONS, averaged, reduced, reduced_shape
from gradviz.ops.normalise import log_softmax, softmax
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import normal_axis, show


def _without(x: Shape, axis: int) -> Shape:
    """Return a shape without the axis of classes."""
    at = normal_axis(axis, len(x), x)
    return (*x[:at], *x[at + 1 :])


def _class_gradient(g: Any, slope: Any, shape: Shape, axis: int, reduction: str) -> Any:
    """Return what a loss hands back, given the slope of the single losses along all classes; `shape` is the slope's."""
    each = np.expand_dims(g, axis) if reduction == "none" else g
    return averaged(each * slope, _without(shape, axis), reduction)


def _is_label(x: Any, t: Any, axis: int) -> Any:
    """Return, in the shape of `x`, where the class is the one that the label names."""
    return one_hot(t, depth=x.shape[axis], axis=axis, dtype="bool")


def _cross_entropy(x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    # Chosen, not multiplied: a class that is masked with -inf and not the label must not make 0 * inf.
    (values,) = as_floats(x, dtype=quotient)
    chosen = np.where(_is_label(x, t, axis), -log_softmax(values, axis=axis), 0)
    return reduced(np.sum(chosen, axis=axis), _without(x.shape, axis), reduction)


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
    return reduced_shape(wanted, reduction)


def _cross_entropy_dtype(x: Dtype, t: Dtype, **_params: object) -> Dtype:
    if t.kind not in "iu":
        raise ShapeError(
            "labels are numbers of classes: integers, not {dtype}; softmax_cross_entropy takes probabilities",
            dtype=t.name,
        )
    return quotient(x)


def _nll_loss(x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    (values,) = as_floats(x, dtype=quotient)
    chosen = np.where(_is_label(x, t, axis), -values, 0)
    return reduced(np.sum(chosen, axis=axis), _without(x.shape, axis), reduction)


def _nll_vjp(g: Any, y: Any, x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    each = np.expand_dims(g, axis) if reduction == "none" else g
    return averaged(np.where(_is_label(x, t, axis), -each, 0.0), _without(x.shape, axis), reduction)


def _soft_cross_entropy(x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    values, targets = as_floats(x, t, dtype=quotient)
    losses = -np.sum(targets * log_softmax(values, axis=axis), axis=axis)
    return reduced(losses, _without(x.shape, axis), reduction)


def _soft_vjp_x(g: Any, y: Any, x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    slope = softmax(x, axis=axis) * np.sum(t, axis=axis, keepdims=True) - t
    return _class_gradient(g, slope, x.shape, axis, reduction)


def _soft_vjp_t(g: Any, y: Any, x: Any, t: Any, *, axis: int, reduction: str) -> Any:
    values, _ = as_floats(x, t, dtype=quotient)
    return _class_gradient(g, -log_softmax(values, axis=axis), x.shape, axis, reduction)


def _soft_shape(x: Shape, t: Shape, *, axis: int, reduction: str) -> Shape:
    single = _without(x, axis)
    if t != x:
        raise ShapeError(
            "the probabilities must have the shape {x} of what is compared with them, not {t}", x=show(x), t=show(t)
        )
    return reduced_shape(single, reduction)


_CLASS_AXIS: Final = Param(kind="axis", default=-1, doc="the axis of the classes")

_LABELLED: Final = tuple(
    Sample(shapes, {"axis": axis, "reduction": reduction}, ("normal", "below 3"))
    for shapes, axis in (
        (((4, 3), (4,)), -1),
        (((3, 3), (3,)), 0),
        (((2, 3, 2), (2, 2)), 1),
        (((3,), ()), -1),
        (((1, 3), (1,)), 1),
    )
    for reduction in REDUCTIONS
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
    params={"axis": _CLASS_AXIS, "reduction": REDUCTION},
    samples=_LABELLED,
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
    params={"axis": _CLASS_AXIS, "reduction": REDUCTION},
    samples=tuple(
        Sample(shapes, {"axis": axis, "reduction": reduction}, ("normal", "positive"))
        for shapes, axis in (
            (((2, 3), (2, 3)), -1),
            (((3, 3), (3, 3)), 0),
            (((2, 3, 2), (2, 3, 2)), 1),
            (((3,), (3,)), -1),
        )
        for reduction in REDUCTIONS
    ),
    symbol="CE(t)",
    aliases=("tf.nn.softmax_cross_entropy_with_logits", "tf.keras.losses.CategoricalCrossentropy"),
    why_zero={"x": "the softmax of {x} is {t}, or {t} is zero"},
)

NLL_LOSS: Final = Op(
    name="nll_loss",
    family="loss",
    doc="Take minus the log-probability at the class that an integer label names; after log_softmax this is "
    "cross_entropy.",
    inputs=("x", "t"),
    forward=_nll_loss,
    vjp={"x": _nll_vjp, "t": None},
    shape=_cross_entropy_shape,
    dtype=_cross_entropy_dtype,
    params={"axis": _CLASS_AXIS, "reduction": REDUCTION},
    samples=_LABELLED,
    symbol="NLL",
    aliases=(
        "torch.nn.functional.nll_loss",
        "torch.nn.NLLLoss",
        "NegativeLogLikelihoodLoss",
        "negative_log_likelihood",
    ),
    why_zero={"x": "not the class that the label names"},
)

OPS: tuple[Op, ...] = (CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY, NLL_LOSS)
