"""Convolution over height and width, and its two adjoints.

As everywhere in deep learning this is cross-correlation: the kernel is not flipped. Images are (batch, channels,
height, width), kernels (channels out, channels in / groups, height, width). The result is linear in the images and
in the kernel, so there are two adjoints, and the three functions are each other's gradients:

    y = conv2d(x, w)                x̄ = conv2d_input_adjoint(ȳ, w)      w̄ = conv2d_weight_adjoint(x, ȳ)

All three gather windows into columns (one copy for each element of the kernel, not for each window) and multiply
matrices; images are taken a few at a time, and large ones a few rows at a time, so that the columns stay small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_in_turn
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import refuse_too_large, show
from gradviz.ops.symbolic import recorded

Sizes = int | tuple[int, int]


def _pair(sizes: Sizes) -> tuple[int, int]:
    return (sizes, sizes) if isinstance(sizes, int) else sizes


@dataclass(frozen=True)
class _Windows:
    """How a kernel walks over images: all shapes are known, `padded` is the height and width with padding."""

    x: Shape
    w: Shape
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int

    @property
    def padded(self) -> tuple[int, int]:
        return self.x[2] + 2 * self.padding[0], self.x[3] + 2 * self.padding[1]

    @property
    def reach(self) -> tuple[int, int]:
        """The height and width that one window spans."""
        return self.dilation[0] * (self.w[2] - 1) + 1, self.dilation[1] * (self.w[3] - 1) + 1

    @property
    def places(self) -> tuple[int, int]:
        """How many places the kernel takes, down and across."""
        (height, width), (down, across) = self.padded, self.reach
        return (height - down) // self.stride[0] + 1, (width - across) // self.stride[1] + 1

    @property
    def y(self) -> Shape:
        return (self.x[0], self.w[0], *self.places)

    def taps(self, strip: slice) -> Iterator[tuple[int, int, slice, slice]]:
        """Yield each element of the kernel, with the padded rows and columns that it meets at a strip of places."""
        (down, across), places = self.stride, self.places[1]
        for i in range(self.w[2]):
            for j in range(self.w[3]):
                top, left = i * self.dilation[0], j * self.dilation[1]
                rows = slice(top + down * strip.start, top + down * strip.stop, down)
                yield i, j, rows, slice(left, left + across * places, across)

    @property
    def row(self) -> Shape:
        """The shape of the columns of one image at one row of places."""
        return (*self.w[2:], self.x[1], self.places[1])

    def batches(self) -> Iterator[slice]:
        """Yield slices of the batch whose columns take a bounded amount of memory, one image at least."""
        count = max(1, _MOST_ELEMENTS // max(1, prod(self.row) * self.places[0]))
        return _slices(self.x[0], count)

    def strips(self) -> Iterator[slice]:
        """Yield slices of the rows of places whose columns, of one image, take a bounded amount, one row at least."""
        return _slices(self.places[0], max(1, _MOST_OF_AN_IMAGE // max(1, prod(self.row))))

    def pad(self, x: Array) -> Array:
        """Return some images with their padding."""
        padded = np.zeros((*x.shape[:2], *self.padded), x.dtype)
        self.inside(padded)[...] = x
        return padded

    def columns(self, padded: Array, strip: slice) -> Array:
        """Return the windows at a strip of places, as (batch, group, channel and tap, place)."""
        count, channels = padded.shape[:2]
        height, width = strip.stop - strip.start, self.places[1]
        columns = np.empty((count, channels, *self.w[2:], height, width), padded.dtype)
        for i, j, rows, across in self.taps(strip):
            columns[:, :, i, j] = padded[:, :, rows, across]
        return np.reshape(columns, (count, self.groups, prod(self.w[1:]), height * width))

    def add_back(self, padded: Array, columns: Array, strip: slice) -> None:
        """Do the adjoint of `columns`: add every element of every window back into its padded image."""
        places = strip.stop - strip.start, self.places[1]
        windows = np.reshape(columns, (*padded.shape[:2], *self.w[2:], *places))
        for i, j, rows, across in self.taps(strip):
            padded[:, :, rows, across] += windows[:, :, i, j]

    def inside(self, padded: Array) -> Array:
        """Return padded images without their padding, as a view."""
        top, left = self.padding
        return padded[:, :, top : top + self.x[2], left : left + self.x[3]]

    def kernels(self, w: Array) -> Array:
        """Return the kernel as one matrix for each group: (group, channel out, channel and tap)."""
        return np.reshape(w, (self.groups, self.w[0] // self.groups, prod(self.w[1:])))

    def maps(self, y: Array) -> Array:
        """Return results of some images as (batch, group, channel out, place)."""
        return np.reshape(y, (y.shape[0], self.groups, self.w[0] // self.groups, prod(y.shape[2:])))


_MOST_ELEMENTS: Final = 2**18
"""How many elements the columns of one go may have: 2 MiB of float64, which a processor keeps near."""
_MOST_OF_AN_IMAGE: Final = 2**24
"""How many the columns of one image may have, in which short copies would cost more: 128 MiB of float64."""


def _slices(size: int, step: int) -> Iterator[slice]:
    return (slice(start, min(start + step, size)) for start in range(0, size, step))


def _windows(x: Shape, w: Shape, *, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> _Windows:
    return _Windows(x, w, _pair(stride), _pair(padding), _pair(dilation), groups)


@recorded
def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """Return images `x` (batch, channels, height, width) correlated with kernels `w`, plus one number a channel."""
    windows = _windows(x.shape, w.shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    y = np.empty(windows.y, np.result_type(x, w))
    for batch in windows.batches():
        padded = windows.pad(x[batch])
        for strip in windows.strips():
            part = y[batch, :, strip]
            part[...] = np.reshape(windows.kernels(w) @ windows.columns(padded, strip), part.shape)
    return y if b is None else np.asarray(y + np.reshape(b, (-1, 1, 1)))


@recorded
def conv2d_input_adjoint(
    u: Array,
    w: Array,
    *,
    shape: Shape,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """Return images of `shape`: every number of `u`, times the kernel, added where the kernel's window had been."""
    windows = _windows(shape, w.shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    x = np.empty(shape, np.result_type(u, w))
    for batch in windows.batches():
        padded = np.zeros((*x[batch].shape[:2], *windows.padded), x.dtype)
        for strip in windows.strips():
            columns = np.swapaxes(windows.kernels(w), -1, -2) @ windows.maps(u[batch, :, strip])
            windows.add_back(padded, columns, strip)
        x[batch] = windows.inside(padded)
    return x


@recorded
def conv2d_weight_adjoint(
    x: Array,
    u: Array,
    *,
    shape: Shape,
    stride: Sizes = 1,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Array:
    """Return kernels of `shape`: the windows of `x`, each times what `u` has at its place, added up."""
    windows = _windows(x.shape, shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    w = np.zeros((groups, prod(shape[1:]), shape[0] // groups), np.result_type(x, u))
    for batch in windows.batches():
        padded = windows.pad(x[batch])
        for strip in windows.strips():
            # Columns first: the tall matrix on the left is the faster product.
            maps = np.swapaxes(windows.maps(u[batch, :, strip]), -1, -2)
            w += np.sum(windows.columns(padded, strip) @ maps, axis=0, dtype=w.dtype)
    return np.reshape(np.swapaxes(w, -1, -2), shape)


def _conv2d_shape(x: Shape, w: Shape, b: Shape | None = None, **params: Any) -> Shape:
    windows = _checked(x, w, **params)
    if b is not None and b != w[:1]:
        raise ShapeError(
            "b must have shape {wanted}, one number per channel of the result, not {b}",
            wanted=show(w[:1]),
            b=show(b),
        )
    return windows.y


def _checked(x: Shape, w: Shape, **params: Any) -> _Windows:
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
    windows = _windows(x, w, **params)
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
