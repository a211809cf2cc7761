"""Standardising activations: mean 0 and variance 1 along some axes, then a scale and a shift that are learnt.

What goes back to `x` is what arrives, d, without what standardising takes away again: a common shift of all numbers,
and a common stretch.

    x̂ = (x - mean(x)) / s,   s = √(mean((x - mean(x))²) + eps)        x̄ = (d - mean(d) - x̂ · mean(d · x̂)) / s

Source: Ioffe and Szegedy, Batch Normalization, 2015; the same holds along whichever axes are standardised.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats, mean_of
from gradviz.ops.shapes import normal_axis, show

_Axes = tuple[int, ...]


def _mean(x: Any, axes: _Axes) -> Any:
    return mean_of(x, prod(x.shape[axis] for axis in axes), axis=axes, keepdims=True)


def _centred(x: Any, axes: _Axes) -> Any:
    return x - _mean(x, axes)


def _spread(centred: Any, axes: _Axes, eps: float) -> Any:
    """Return the standard deviation of what is centred already, kept off 0 by `eps`."""
    return np.sqrt(_mean(np.square(centred), axes) + eps)


def standardised(x: Any, axes: _Axes, eps: float) -> Any:
    """Return `x` with mean 0 and variance 1 along axes; `eps` keeps what does not vary at 0."""
    centred = _centred(x, axes)
    return centred / _spread(centred, axes, eps)


def standardised_vjp(d: Any, x: Any, axes: _Axes, eps: float) -> Any:
    """Return what goes back to `x` where `d` arrives at its standardised numbers."""
    hat = standardised(x, axes, eps)
    return (d - _mean(d, axes) - hat * _mean(d * hat, axes)) / _spread(_centred(x, axes), axes, eps)


def others(x: Any, axis: int) -> _Axes:
    """Return all axes but one."""
    return tuple(i for i in range(x.ndim) if i != axis % x.ndim)


def along(numbers: Any, x: Any, axis: int) -> Any:
    """Return one number for each index of an axis of `x`, so that they broadcast along the others."""
    behind = x.ndim - axis % x.ndim - 1
    return np.reshape(numbers, (x.shape[axis], *(1,) * behind)) if behind else numbers


def refuse_others(x: Shape, axis: int, **numbers: Shape) -> None:
    """Raise a `ShapeError` where an input is not one number for each index of an axis of `x`."""
    count = x[normal_axis(axis, len(x), x)]
    for name, shape in numbers.items():
        if shape != (count,):
            raise ShapeError(
                "{name} must have shape {wanted}, one number for each index of axis {axis} of {x}, not {shape}",
                name=name,
                wanted=show((count,)),
                axis=axis,
                x=show(x),
                shape=show(shape),
            )


# along all axes but that of the channels


def _batch_norm(x: Any, gamma: Any, beta: Any, *, axis: int, eps: float) -> Any:
    x, gamma, beta = as_floats(x, gamma, beta)
    return standardised(x, others(x, axis), eps) * along(gamma, x, axis) + along(beta, x, axis)


def _batch_norm_vjp_x(g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, axis: int, eps: float) -> Any:
    x, gamma, _ = as_floats(x, gamma, beta)
    return standardised_vjp(g * along(gamma, x, axis), x, others(x, axis), eps)


def _batch_norm_vjp_gamma(g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, axis: int, eps: float) -> Any:
    x, _, _ = as_floats(x, gamma, beta)
    return np.sum(g * standardised(x, others(x, axis), eps), axis=others(x, axis))


def _batch_norm_shape(x: Shape, gamma: Shape, beta: Shape, *, axis: int, eps: float) -> Shape:
    refuse_others(x, axis, gamma=gamma, beta=beta)
    return x


# with statistics that are given


def _given_norm(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, *, axis: int, eps: float) -> Any:
    x, gamma, beta, mean, variance = as_floats(x, gamma, beta, mean, variance)
    hat = (x - along(mean, x, axis)) / along(np.sqrt(variance + eps), x, axis)
    return hat * along(gamma, x, axis) + along(beta, x, axis)


def _given_norm_vjp_x(g: Any, y: Any, x: Any, *numbers: Any, axis: int, eps: float) -> Any:
    gamma, _, _, variance = as_floats(*numbers)
    return g * along(gamma / np.sqrt(variance + eps), x, axis)


def _given_norm_vjp_gamma(g: Any, y: Any, *inputs: Any, axis: int, eps: float) -> Any:
    x, _, _, mean, variance = as_floats(*inputs)
    return np.sum(g * (x - along(mean, x, axis)), axis=others(x, axis)) / np.sqrt(variance + eps)


def _given_norm_vjp_mean(g: Any, y: Any, x: Any, *numbers: Any, axis: int, eps: float) -> Any:
    gamma, _, _, variance = as_floats(*numbers)
    return -np.sum(g, axis=others(x, axis)) * gamma / np.sqrt(variance + eps)


def _given_norm_vjp_variance(g: Any, y: Any, *inputs: Any, axis: int, eps: float) -> Any:
    x, gamma, _, mean, variance = as_floats(*inputs)
    total = np.sum(g * (x - along(mean, x, axis)), axis=others(x, axis))
    return -0.5 * total * gamma / ((variance + eps) * np.sqrt(variance + eps))


def _given_norm_shape(
    x: Shape, gamma: Shape, beta: Shape, mean: Shape, variance: Shape, *, axis: int, eps: float
) -> Shape:
    refuse_others(x, axis, gamma=gamma, beta=beta, mean=mean, variance=variance)
    return x


# along the axes that gamma has


def _last(x: Any, gamma: Any) -> _Axes:
    return tuple(range(x.ndim - gamma.ndim, x.ndim))


def _layer_norm(x: Any, gamma: Any, *beta: Any, eps: float) -> Any:
    x, gamma, *shift = as_floats(x, gamma, *beta)
    scaled = standardised(x, _last(x, gamma), eps) * gamma
    return scaled + shift[0] if shift else scaled


def _layer_norm_vjp_x(g: Any, y: Any, x: Any, gamma: Any, *beta: Any, eps: float) -> Any:
    x, gamma, *_ = as_floats(x, gamma, *beta)
    return standardised_vjp(g * gamma, x, _last(x, gamma), eps)


def _layer_norm_vjp_gamma(g: Any, y: Any, x: Any, gamma: Any, *beta: Any, eps: float) -> Any:
    x, gamma, *_ = as_floats(x, gamma, *beta)
    return g * standardised(x, _last(x, gamma), eps)


def _layer_norm_shape(x: Shape, gamma: Shape, beta: Shape | None = None, **_params: object) -> Shape:
    if not gamma or x[-len(gamma) :] != gamma:
        raise ShapeError(
            "gamma {gamma} must have the shape of the last axes of x {x}, those to standardise: one axis at least",
            gamma=show(gamma),
            x=show(x),
        )
    if beta is not None and beta != gamma:
        raise ShapeError("beta must have the shape of gamma, {gamma}, not {beta}", gamma=show(gamma), beta=show(beta))
    return x


def _root_of_squares(x: Any, axes: _Axes, eps: float) -> Any:
    return np.sqrt(_mean(np.square(x), axes) + eps)


def _rms_norm(x: Any, gamma: Any, *, eps: float) -> Any:
    x, gamma = as_floats(x, gamma)
    return x / _root_of_squares(x, _last(x, gamma), eps) * gamma


def _rms_norm_vjp_x(g: Any, y: Any, x: Any, gamma: Any, *, eps: float) -> Any:
    x, gamma = as_floats(x, gamma)
    axes = _last(x, gamma)
    root = _root_of_squares(x, axes, eps)
    d, hat = g * gamma, x / root
    return (d - hat * _mean(d * hat, axes)) / root


def _rms_norm_vjp_gamma(g: Any, y: Any, x: Any, gamma: Any, *, eps: float) -> Any:
    x, gamma = as_floats(x, gamma)
    return g * (x / _root_of_squares(x, _last(x, gamma), eps))


EPS: Final = Param(kind="number", default=1e-5, minimum=0, doc="added to the variance, so that nothing is divided by 0")
_CHANNELS: Final[Mapping[str, Param]] = {
    "axis": Param(kind="axis", default=1, doc="the axis of the channels; all others are averaged over"),
    "eps": EPS,
}
_BATCHES: Final[tuple[tuple[Shape, int], ...]] = (
    ((4, 3), 1),
    ((3, 3), 0),
    ((2, 2, 2, 3), 1),
    ((3, 2, 2), -1),
    ((4, 1), 1),
    ((0, 2), 1),
)

BATCH_NORM: Final = Op(
    name="batch_norm",
    family="normalisation",
    doc="Standardise every channel with the mean and the variance of this batch (training; divided by n), then scale "
    "and shift. Every number has a gradient through both statistics.",
    inputs=("x", "gamma", "beta"),
    forward=_batch_norm,
    vjp={
        "x": _batch_norm_vjp_x,
        "gamma": _batch_norm_vjp_gamma,
        "beta": lambda g, y, x, gamma, beta, axis, eps: np.sum(g, axis=others(x, axis)),
    },
    shape=_batch_norm_shape,
    dtype=promote_to_float,
    params=_CHANNELS,
    samples=tuple(
        Sample((x, (x[k],), (x[k],)), {"axis": k, "eps": eps})
        for (x, k), eps in zip(_BATCHES, (1e-5, 1e-5, 1e-3, 0.1, 1e-3, 1e-5), strict=True)
    ),
    symbol="BN",
    aliases=(
        "batch normalization",
        "tf.keras.layers.BatchNormalization",
        "torch.nn.functional.batch_norm",
        "torch.nn.BatchNorm2d",
        "torch.nn.BatchNorm1d",
    ),
    why_zero={"x": "a common shift of the batch makes no difference to what is standardised"},
)

BATCH_NORM_INFERENCE: Final = Op(
    name="batch_norm_inference",
    family="normalisation",
    doc="Standardise every channel with a mean and a variance that are given (running statistics, after training), "
    "then scale and shift. The statistics have gradients as other inputs do.",
    inputs=("x", "gamma", "beta", "mean", "variance"),
    forward=_given_norm,
    vjp={
        "x": _given_norm_vjp_x,
        "gamma": _given_norm_vjp_gamma,
        "beta": lambda g, y, x, gamma, beta, mean, variance, axis, eps: np.sum(g, axis=others(x, axis)),
        "mean": _given_norm_vjp_mean,
        "variance": _given_norm_vjp_variance,
    },
    shape=_given_norm_shape,
    dtype=promote_to_float,
    params=_CHANNELS,
    samples=tuple(
        Sample((x, *((x[k],),) * 4), {"axis": k, "eps": 1e-3}, (*("normal",) * 4, "positive")) for x, k in _BATCHES
    ),
    symbol="BN=",
    aliases=(
        "running statistics",
        "tf.nn.batch_normalization",
        "torch.nn.functional.batch_norm(training=False)",
        "BatchNormalization",
    ),
)

LAYER_NORM: Final = Op(
    name="layer_norm",
    family="normalisation",
    doc="Standardise each sample along its last axes, as many as gamma has (variance divided by n), then scale and "
    "shift.",
    inputs=("x", "gamma", "beta"),
    optional=1,
    forward=_layer_norm,
    vjp={
        "x": _layer_norm_vjp_x,
        "gamma": _layer_norm_vjp_gamma,
        "beta": lambda g, y, x, gamma, beta, eps: g,
    },
    shape=_layer_norm_shape,
    dtype=promote_to_float,
    params={"eps": EPS},
    samples=(
        Sample(((2, 4), (4,), (4,)), {"eps": 1e-5}),
        Sample(((2, 2, 3), (2, 3), (2, 3)), {"eps": 1e-5}),
        Sample(((3, 3), (3,)), {"eps": 0.1}),
        Sample(((3,), (3,), (3,)), {"eps": 1e-3}),
        Sample(((2, 1), (1,), (1,)), {"eps": 1e-3}),
        Sample(((0, 3), (3,), (3,)), {"eps": 1e-5}),
    ),
    symbol="LN",
    aliases=(
        "layer normalization",
        "tf.keras.layers.LayerNormalization",
        "torch.nn.functional.layer_norm",
        "torch.nn.LayerNorm",
        "LayerNormalization",
    ),
    why_zero={"x": "a common shift of the sample makes no difference to what is standardised"},
)

RMS_NORM: Final = Op(
    name="rms_norm",
    family="normalisation",
    doc="Divide each sample by the root of its mean square along its last axes, as many as gamma has, then scale.",
    inputs=("x", "gamma"),
    forward=_rms_norm,
    vjp={"x": _rms_norm_vjp_x, "gamma": _rms_norm_vjp_gamma},
    shape=_layer_norm_shape,
    dtype=promote_to_float,
    params={"eps": EPS},
    samples=(
        Sample(((2, 3), (3,)), {"eps": 1e-5}),
        Sample(((2, 2, 3), (2, 3)), {"eps": 0.1}),
        Sample(((3, 3), (3,)), {"eps": 1e-3}),
        Sample(((3,), (3,)), {"eps": 1e-5}),
        Sample(((2, 1), (1,)), {"eps": 0.1}),
        Sample(((0, 3), (3,)), {"eps": 1e-5}),
    ),
    symbol="RMS",
    aliases=(
        "torch.nn.functional.rms_norm",
        "torch.nn.RMSNorm",
        "tf.keras.layers.RMSNormalization",
        "RMSNormalization",
    ),
)

OPS: tuple[Op, ...] = (BATCH_NORM, BATCH_NORM_INFERENCE, LAYER_NORM, RMS_NORM)
