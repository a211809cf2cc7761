"""Convolution over height and width, and its two adjoints.

As everywhere in deep learning this is cross-correlation: the kernel is not flipped. Images are (batch, channels,
height, width), kernels (channels out, channels in / groups, height, width). The result is linear in the images and
in the kernel, so there are two adjoints, and the three functions are each other's gradients:

    y = conv2d(x, w)                x̄ = conv2d_input_adjoint(ȳ, w)      w̄ = conv2d_weight_adjoint(x, ȳ)

How they are computed stands in `windows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_in_turn
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import refuse_too_large, show
from gradviz.ops.windows import Walk, conv2d, conv2d_input_adjoint, conv2d_weight_adjoint, walk


def _conv2d_shape(x: Shape, w: Shape, b: Shape | None = None, **params: Any) -> Shape:
    windows = _checked(x, w, **params)
    if b is not None and b != w[:1]:
        raise ShapeError(
            "b must have shape {wanted}, one number per channel of the result, not {b}",
            wanted=show(w[:1]),
            b=show(b),
        )
    return windows.y


def _checked(x: Shape, w: Shape, **params: Any) -> Walk:
    """Return how the kernel walks, or raise a `ShapeError` that tells why it cannot."""
    if len(x) != 4 or len(w) != 4:
        raise ShapeError(
            "conv2d needs images (batch, channels, height, width) and kernels (channels out, channels in, height, "
            "width), not {x} and {w}",
            x=show(x),
            w=show(w),
        )
    groups = params["groups"]
    if x[1] % groups or w[0] % groups:
        raise ShapeError(
            "{inside} channels in and {outside} out do not both split into {groups} groups: make them multiples of it",
            groups=groups,
            inside=x[1],
            outside=w[0],
        )
    if w[1] != x[1] // groups:
        raise ShapeError(
            "kernels {w} are for {wanted} channels, but each group of images {x} has {count}",
            w=show(w),
            wanted=w[1],
            x=show(x),
            count=x[1] // groups,
        )
    windows = walk(x, w, **params)
    if min(w[2:]) < 1 or any(span > size for span, size in zip(windows.reach, windows.padded, strict=True)):
        raise ShapeError(
            "a kernel that spans {span} does not fit into images of {size} (height and width, padding included)",
            span=show(windows.reach),
            size=show(windows.padded),
        )
    refuse_too_large((x[1], *windows.padded))
    refuse_too_large(windows.row)
    return windows


def _input_adjoint_shape(u: Shape, w: Shape, *, shape: Shape, **params: Any) -> Shape:
    return _adjoint_shape(u, shape, w, shape, params)


def _weight_adjoint_shape(x: Shape, u: Shape, *, shape: Shape, **params: Any) -> Shape:
    return _adjoint_shape(u, x, shape, shape, params)


def _adjoint_shape(u: Shape, x: Shape, w: Shape, shape: Shape, params: Mapping[str, Any]) -> Shape:
    """Return `shape`, where `u` is what conv2d makes of images `x` and kernels `w`."""
    if -1 in shape:
        raise ShapeError("an adjoint of conv2d needs every size of its shape, not {shape}", shape=show(shape))
    wanted = _checked(x, w, **params).y
    if u != wanted:
        raise ShapeError(
            "conv2d of {x} with {w} has shape {wanted}, not {u}", x=show(x), w=show(w), wanted=show(wanted), u=show(u)
        )
    return shape


_SIZES: Final = "one number for both directions, or height and width"
_PARAMS: Final[Mapping[str, Param]] = {
    "stride": Param(kind="sizes", default=1, minimum=1, doc=f"steps from window to window: {_SIZES}"),
    "padding": Param(kind="sizes", default=0, minimum=0, doc=f"zeros around the images: {_SIZES}"),
    "dilation": Param(kind="sizes", default=1, minimum=1, doc=f"steps between elements of the kernel: {_SIZES}"),
    "groups": Param(kind="integer", default=1, minimum=1, doc="channels are split into so many separate convolutions"),
}
_CASES: Final[tuple[tuple[Shape, Shape, dict[str, Any]], ...]] = (
    ((1, 1, 3, 3), (1, 1, 2, 2), {}),
    ((2, 2, 4, 5), (3, 2, 3, 3), {"stride": 2, "padding": 1}),
    ((1, 2, 5, 5), (2, 2, 2, 3), {"padding": (1, 0), "dilation": 2}),
    ((1, 4, 3, 3), (2, 2, 2, 2), {"groups": 2}),
    ((2, 2, 3, 3), (2, 1, 2, 2), {"groups": 2, "padding": 1}),
    ((1, 2, 6, 5), (2, 2, 2, 1), {"stride": (3, 2), "padding": (0, 1)}),
    ((2, 3, 4, 4), (2, 3, 4, 4), {}),
    ((1, 2, 3, 3), (2, 2, 1, 1), {"stride": 2}),
    ((0, 1, 3, 3), (1, 1, 2, 2), {}),
)


def _full(params: dict[str, Any]) -> dict[str, Any]:
    return {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **params}


CONV2D: Final = Op(
    name="conv2d",
    family="convolution",
    doc="Slide kernels over images (cross-correlation: the kernel is not flipped); images are NCHW, kernels OIHW.",
    inputs=("x", "w", "b"),
    optional=1,
    forward=conv2d,
    vjp={
        "x": lambda g, y, x, w, b=None, **params: conv2d_input_adjoint(g, w, shape=x.shape, **params),
        "w": lambda g, y, x, w, b=None, **params: conv2d_weight_adjoint(x, g, shape=w.shape, **params),
        "b": lambda g, y, x, w, b=None, **params: np.sum(g, axis=(0, 2, 3)),
    },
    shape=_conv2d_shape,
    dtype=promote_in_turn,
    params=_PARAMS,
    samples=(
        *(Sample((x, w), _full(params)) for x, w, params in _CASES),
        *(Sample((x, w, w[:1]), _full(params)) for x, w, params in _CASES[:4]),
    ),
    symbol="⊛",
    aliases=("convolution", "tf.nn.conv2d", "torch.nn.functional.conv2d", "torch.nn.Conv2d", "Conv"),
)

CONV2D_INPUT_ADJOINT: Final = Op(
    name="conv2d_input_adjoint",
    family="convolution",
    doc="Spread numbers back over images of a shape, through the kernels (transposed convolution): the gradient of "
    "conv2d for its images.",
    inputs=("u", "w"),
    forward=conv2d_input_adjoint,
    vjp={
        "u": lambda g, y, u, w, shape, **params: conv2d(g, w, **params),
        "w": lambda g, y, u, w, shape, **params: conv2d_weight_adjoint(g, u, shape=w.shape, **params),
    },
    shape=_input_adjoint_shape,
    params={"shape": Param(kind="shape", doc="the shape of the images"), **_PARAMS},
    samples=tuple(
        Sample((_conv2d_shape(x, w, **_full(params)), w), {"shape": x, **_full(params)}) for x, w, params in _CASES
    ),
    symbol="⊛ᵀ",
    aliases=("tf.nn.conv2d_backprop_input", "tf.nn.conv2d_transpose", "torch.nn.grad.conv2d_input"),
)

CONV2D_WEIGHT_ADJOINT: Final = Op(
    name="conv2d_weight_adjoint",
    family="convolution",
    doc="Correlate images with the numbers at each place of the kernel: the gradient of conv2d for its kernels.",
    inputs=("x", "u"),
    forward=conv2d_weight_adjoint,
    vjp={
        "x": lambda g, y, x, u, shape, **params: conv2d_input_adjoint(u, g, shape=x.shape, **params),
        "u": lambda g, y, x, u, shape, **params: conv2d(x, g, **params),
    },
    shape=_weight_adjoint_shape,
    params={"shape": Param(kind="shape", doc="the shape of the kernels"), **_PARAMS},
    samples=tuple(
        Sample((x, _conv2d_shape(x, w, **_full(params))), {"shape": w, **_full(params)}) for x, w, params in _CASES
    ),
    symbol="⋆",
    aliases=("tf.nn.conv2d_backprop_filter", "torch.nn.grad.conv2d_weight"),
)

OPS: tuple[Op, ...] = (CONV2D, CONV2D_INPUT_ADJOINT, CONV2D_WEIGHT_ADJOINT)
