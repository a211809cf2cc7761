"""Convolution along lines, and transposed convolution: a line is an image of height 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from gradviz.ops.convolve import PARAMS, Kind, checked, refuse_bias
from gradviz.ops.convolve_transposed import (
    bias_vjp,
    conv_transpose2d,
    conv_transpose2d_vjp_w,
    conv_transpose2d_vjp_x,
    samples_with,
    spread_shape,
)
from gradviz.ops.dtypes import promote_in_turn
from gradviz.ops.op import Op, Shape
from gradviz.ops.params import Param
from gradviz.ops.windows import conv2d, conv2d_input_adjoint, conv2d_weight_adjoint

_LINES: Final = Kind("conv1d", "signals", "length", 1)
_FROM_LINES: Final = Kind("conv_transpose1d", "signals", "length", 1)
_FLAT: Final[Mapping[str, int]] = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
"""What each parameter of a walk is across the height of 1."""


def _wide(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of a walk along a line as those of a walk over images of height 1."""
    return {name: (_FLAT[name], value) if name in _FLAT else value for name, value in params.items()}


def as_images(x: Any) -> Any:
    """Return lines as images of height 1."""
    return np.expand_dims(x, 2)


def as_lines(x: Any) -> Any:
    """Return images of height 1 as lines."""
    return np.squeeze(x, axis=2)


def _conv1d(x: Any, w: Any, *b: Any, **params: Any) -> Any:
    return as_lines(conv2d(as_images(x), as_images(w), *b, **_wide(params)))


def _conv1d_vjp_x(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    return as_lines(conv2d_input_adjoint(as_images(g), as_images(w), shape=_LINES.lifted(x.shape), **_wide(params)))


def _conv1d_vjp_w(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    return as_lines(conv2d_weight_adjoint(as_images(x), as_images(g), shape=_LINES.lifted(w.shape), **_wide(params)))


def _conv1d_shape(x: Shape, w: Shape, b: Shape | None = None, **params: Any) -> Shape:
    refuse_bias(b, w[:1])
    way = checked(x, w, _LINES, **_wide(params))
    return (*way.y[:2], way.places[1])


def _conv_transpose1d(x: Any, w: Any, *b: Any, **params: Any) -> Any:
    return as_lines(conv_transpose2d(as_images(x), as_images(w), *b, **_wide(params)))


def _conv_transpose1d_vjp_x(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    return as_lines(conv_transpose2d_vjp_x(as_images(g), None, as_images(x), as_images(w), **_wide(params)))


def _conv_transpose1d_vjp_w(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    return as_lines(conv_transpose2d_vjp_w(as_images(g), None, as_images(x), as_images(w), **_wide(params)))


_LINE_PARAMS: Final[Mapping[str, Param]] = {
    "stride": Param(kind="integer", default=1, minimum=1, doc="steps from window to window"),
    "padding": Param(kind="integer", default=0, minimum=0, doc="zeros at both ends of the signals"),
    "dilation": Param(kind="integer", default=1, minimum=1, doc="steps between elements of the kernel"),
    "groups": PARAMS["groups"],
}
_LINE_TRANSPOSE_PARAMS: Final[Mapping[str, Param]] = {
    "stride": Param(kind="integer", default=1, minimum=1, doc="steps from kernel to kernel in the result"),
    "padding": Param(kind="integer", default=0, minimum=0, doc="numbers cut off at both ends of the result"),
    "output_padding": Param(kind="integer", default=0, minimum=0, doc="numbers more at the end"),
    "groups": PARAMS["groups"],
    "dilation": _LINE_PARAMS["dilation"],
}


CONV1D: Final = Op(
    name="conv1d",
    family="convolution",
    doc="Slide kernels along signals (cross-correlation: the kernel is not flipped); signals are (batch, channels, "
    "length), kernels (channels out, channels in, length).",
    inputs=("x", "w", "b"),
    optional=1,
    forward=_conv1d,
    vjp={"x": _conv1d_vjp_x, "w": _conv1d_vjp_w, "b": bias_vjp},
    shape=_conv1d_shape,
    dtype=promote_in_turn,
    params=_LINE_PARAMS,
    samples=samples_with(
        {
            ((1, 2, 5), (3, 2, 2), (3,)): {},
            ((2, 2, 6), (2, 1, 2)): {"dilation": 2, "groups": 2},
            ((2, 3, 7), (2, 3, 3), (2,)): {"stride": 2, "padding": 1},
            ((2, 2, 2), (2, 2, 2)): {"padding": 3},
            ((1, 1, 3), (1, 1, 1)): {"stride": 2},
            ((0, 1, 3), (1, 1, 2)): {},
        },
        _LINE_PARAMS,
    ),
    symbol="⊛₁",
    aliases=("tf.nn.conv1d", "torch.nn.functional.conv1d", "torch.nn.Conv1d", "tf.keras.layers.Conv1D"),
)

CONV_TRANSPOSE1D: Final = Op(
    name="conv_transpose1d",
    family="convolution",
    doc="Spread kernels over longer signals, one for each number (transposed convolution); signals are (batch, "
    "channels, length), kernels (channels in, channels out, length).",
    inputs=("x", "w", "b"),
    optional=1,
    forward=_conv_transpose1d,
    vjp={"x": _conv_transpose1d_vjp_x, "w": _conv_transpose1d_vjp_w, "b": bias_vjp},
    shape=lambda x, w, b=None, **params: spread_shape(x, w, b, _FROM_LINES, _wide(params)),
    dtype=promote_in_turn,
    params=_LINE_TRANSPOSE_PARAMS,
    samples=samples_with(
        {
            ((1, 2, 3), (2, 1, 2), (1,)): {},
            ((1, 2, 4), (2, 2, 3), (2,)): {"stride": 2, "padding": 1, "output_padding": 1},
            ((2, 2, 3), (2, 2, 3)): {"groups": 2, "dilation": 2},
            ((0, 2, 2), (2, 1, 2)): {},
        },
        _LINE_TRANSPOSE_PARAMS,
    ),
    symbol="⊛ᵀ₁",
    aliases=(
        "tf.nn.conv1d_transpose",
        "torch.nn.functional.conv_transpose1d",
        "torch.nn.ConvTranspose1d",
        "tf.keras.layers.Conv1DTranspose",
    ),
)

OPS: tuple[Op, ...] = (CONV1D, CONV_TRANSPOSE1D)
