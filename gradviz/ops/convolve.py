"""Convolution over height and width, and its two adjoints.

As everywhere in deep learning this is cross-correlation: the kernel is not flipped. Images are (batch, channels,
height, width), kernels (channels out, channels in / groups, height, width). The result is linear in the images and
in the kernel, so there are two adjoints, and the three functions are each other's gradients:

    y = conv2d(x, w)                x̄ = conv2d_input_adjoint(ȳ, w)      w̄ = conv2d_weight_adjoint(x, ȳ)

How they are computed stands in `windows`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_in_turn
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import refuse_too_large, show
from gradviz.ops.windows import Walk, conv2d, conv2d_input_adjoint, conv2d_weight_adjoint, walk


def _conv2d_shape(x: Shape, w: Shape, b: Shape | None = None, **params: Any) -> Shape:
    refuse_bias(b, w[:1])
    return checked(x, w, IMAGES, **params).y


def refuse_bias(b: Shape | None, wanted: Shape) -> None:
    """Raise a `ShapeError` where a bias is not one number per channel of the result."""
    if b is not None and b != wanted:
        raise ShapeError(
            "b must have shape {wanted}, one number per channel of the result, not {b}",
            wanted=show(wanted),
            b=show(b),
        )


@dataclass(frozen=True)
class Kind:
    """What a convolution walks over: its name, what it calls its two inputs, and its axes after the channels."""

    op: str
    things: str
    axes: str
    count: int

    @property
    def wanted(self) -> str:
        """What the inputs must be, as a sentence says it."""
        return f"{self.things} (batch, channels, {self.axes}) and kernels (channels out, channels in, {self.axes})"

    def lifted(self, shape: Shape) -> Shape:
        """Return the shape with a height, which is 1 where there is none."""
        return shape if self.count == 2 else (*shape[:2], 1, *shape[2:])

    def shown(self, sizes: Sequence[int]) -> str:
        """Return the sizes along the axes after the channels."""
        return show(sizes[-self.count :])


IMAGES: Final = Kind("conv2d", "images", "height, width", 2)


def checked(x: Shape, w: Shape, kind: Kind, **params: Any) -> Walk:
    """Return how the kernel walks, or raise a `ShapeError` that tells why it cannot."""
    if len(x) != kind.count + 2 or len(w) != kind.count + 2:
        raise ShapeError("{op} needs {wanted}, not {x} and {w}", op=kind.op, wanted=kind.wanted, x=show(x), w=show(w))
    refuse_groups(x[1], w[0], params["groups"])
    if w[1] != x[1] // params["groups"]:
        raise ShapeError(
            "kernels {w} are for {wanted} channels, but each group of {things} {x} has {count}",
            things=kind.things,
            w=show(w),
            wanted=w[1],
            x=show(x),
            count=x[1] // params["groups"],
        )
    way = walk(kind.lifted(x), kind.lifted(w), **params)
    refuse_misfit(way.reach if min(way.w[2:]) else (0, 0), way.padded, kind)
    refuse_too_large((x[1], *way.padded))
    refuse_too_large(way.row)
    return way


def refuse_groups(inside: int, outside: int, groups: int) -> None:
    """Raise a `ShapeError` where channels do not split into groups."""
    if inside % groups or outside % groups:
        raise ShapeError(
            "{inside} channels in and {outside} out do not both split into {groups} groups: make them multiples of it",
            groups=groups,
            inside=inside,
            outside=outside,
        )


def refuse_misfit(span: Sequence[int], padded: Sequence[int], kind: Kind) -> None:
    """Raise a `ShapeError` where a kernel is empty or larger than what it walks over."""
    if min(span) < 1 or any(reach > size for reach, size in zip(span, padded, strict=True)):
        raise ShapeError(
            "a kernel that spans {span} does not fit into {things} of {size} ({axes}, padding included)",
            things=kind.things,
            span=kind.shown(span),
            size=kind.shown(padded),
            axes=" and ".join(kind.axes.split(", ")),
        )


def _input_adjoint_shape(u: Shape, w: Shape, *, shape: Shape, **params: Any) -> Shape:
    return _adjoint_shape(u, shape, w, shape, params)


def _weight_adjoint_shape(x: Shape, u: Shape, *, shape: Shape, **params: Any) -> Shape:
    return _adjoint_shape(u, x, shape, shape, params)


def _adjoint_shape(u: Shape, x: Shape, w: Shape, shape: Shape, params: Mapping[str, Any]) -> Shape:
    """Return `shape`, where `u` is what conv2d makes of images `x` and kernels `w`."""
    if -1 in shape:
        raise ShapeError("an adjoint of conv2d needs every size of its shape, not {shape}", shape=show(shape))
    wanted = checked(x, w, IMAGES, **params).y
    if u != wanted:
        raise ShapeError(
            "conv2d of {x} with {w} has shape {wanted}, not {u}", x=show(x), w=show(w), wanted=show(wanted), u=show(u)
        )
    return shape


_SIZES: Final = "one number for both directions, or height and width"
PARAMS: Final[Mapping[str, Param]] = {
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
    params=PARAMS,
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
    params={"shape": Param(kind="shape", doc="the shape of the images"), **PARAMS},
    samples=tuple(
        Sample((_conv2d_shape(x, w, **_full(params)), w), {"shape": x, **_full(params)}) for x, w, params in _CASES
    ),
    symbol="⊛ᵀ",
    aliases=("tf.nn.conv2d_backprop_input", "torch.nn.grad.conv2d_input"),
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
    params={"shape": Param(kind="shape", doc="the shape of the kernels"), **PARAMS},
    samples=tuple(
        Sample((x, _conv2d_shape(x, w, **_full(params))), {"shape": w, **_full(params)}) for x, w, params in _CASES
    ),
    symbol="⋆",
    aliases=("tf.nn.conv2d_backprop_filter", "torch.nn.grad.conv2d_weight"),
)

OPS: tuple[Op, ...] = (CONV2D, CONV2D_INPUT_ADJOINT, CONV2D_WEIGHT_ADJOINT)
