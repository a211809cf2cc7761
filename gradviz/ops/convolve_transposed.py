"""Transposed convolution over height and width: the input adjoint of a convolution, as a layer with a bias.

Every number spreads the kernel over what comes out. Kernels are (channels in, channels out / groups, height, width),
as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.convolve import IMAGES, PARAMS, Kind, checked, refuse_bias, refuse_groups
from gradviz.ops.dtypes import promote_in_turn
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import show
from gradviz.ops.windows import Sizes, conv2d, conv2d_input_adjoint, conv2d_weight_adjoint, pair

_FROM_IMAGES: Final = Kind("conv_transpose2d", "images", "height, width", 2)


def _spread(x: Shape, w: Shape, *, output_padding: Sizes, **params: Any) -> Shape:
    """Return the shape of the images over which a transposed convolution of `x` spreads its kernels."""
    sizes = (
        (size - 1) * step - 2 * around + apart * (taps - 1) + more + 1
        for size, step, around, apart, taps, more in zip(
            x[2:],
            *(pair(params[name]) for name in ("stride", "padding", "dilation")),
            w[2:],
            pair(output_padding),
            strict=True,
        )
    )
    return (x[0], w[1] * params["groups"], *sizes)


def _adjoint_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the params of the convolution whose adjoint a transposed convolution is."""
    return {name: value for name, value in params.items() if name != "output_padding"}


def spread_shape(x: Shape, w: Shape, b: Shape | None, kind: Kind, params: Mapping[str, Any]) -> Shape:
    """Return the shape of a transposed convolution, or raise a `ShapeError` that tells what does not fit."""
    if len(x) != kind.count + 2 or len(w) != kind.count + 2:
        raise ShapeError(
            "{op} needs {things} (batch, channels, {axes}) and kernels (channels in, channels out, {axes}), "
            "not {x} and {w}",
            op=kind.op,
            things=kind.things,
            axes=kind.axes,
            x=show(x),
            w=show(w),
        )
    if w[0] != x[1]:
        raise ShapeError(
            "kernels {w} are for {wanted} channels in, but {things} {x} have {count}",
            things=kind.things,
            w=show(w),
            wanted=w[0],
            x=show(x),
            count=x[1],
        )
    refuse_groups(x[1], w[1] * params["groups"], params["groups"])
    refuse_bias(b, (w[1] * params["groups"],))
    return _spread_over(x, w, kind, params)


def _spread_over(x: Shape, w: Shape, kind: Kind, params: Mapping[str, Any]) -> Shape:
    """Return the shape of the result, where the adjoint can make it."""
    if any(more >= step for more, step in zip(pair(params["output_padding"]), pair(params["stride"]), strict=True)):
        raise ShapeError(
            "output_padding {more} must be smaller than stride {step}: it chooses among the sizes that a convolution "
            "of that stride brings to the same size",
            more=kind.shown(pair(params["output_padding"])),
            step=kind.shown(pair(params["stride"])),
        )
    x, w = kind.lifted(x), kind.lifted(w)
    shape = _spread(x, w, **params)
    if min(x[2:]) < 1 or min(shape[2:]) < 1:
        raise ShapeError(
            "{things} of {x} with a kernel of {w} leave nothing ({axes}): the result would be {shape}",
            things=kind.things,
            axes=" and ".join(kind.axes.split(", ")),
            x=kind.shown(x),
            w=kind.shown(w),
            shape=kind.shown(shape),
        )
    checked(shape, w, IMAGES, **_adjoint_params(params))
    return shape if kind.count == 2 else (*shape[:2], shape[3])


def conv_transpose2d(x: Any, w: Any, *b: Any, **params: Any) -> Any:
    """Return the images over which every number of `x` spreads its kernel, plus one number a channel."""
    y = conv2d_input_adjoint(x, w, shape=_spread(x.shape, w.shape, **params), **_adjoint_params(params))
    return y + np.reshape(b[0], (-1, 1, 1)) if b else y


def conv_transpose2d_vjp_x(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    """Return what goes back to the images: the convolution whose adjoint this was."""
    return conv2d(g, w, **_adjoint_params(params))


def conv_transpose2d_vjp_w(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    """Return what goes back to the kernels."""
    return conv2d_weight_adjoint(g, x, shape=w.shape, **_adjoint_params(params))


def bias_vjp(g: Any, y: Any, x: Any, w: Any, b: Any = None, **params: Any) -> Any:
    """Return what goes back to a bias: everything that its channel got, along however many axes."""
    return np.sum(g, axis=(0, *range(2, g.ndim)))


_TRANSPOSE_PARAMS: Final[Mapping[str, Param]] = {
    "stride": Param(kind="sizes", default=1, minimum=1, doc="steps from kernel to kernel in the result"),
    "padding": Param(kind="sizes", default=0, minimum=0, doc="rows and columns cut off around the result"),
    "output_padding": Param(kind="sizes", default=0, minimum=0, doc="rows and columns more, below and on the right"),
    "groups": PARAMS["groups"],
    "dilation": PARAMS["dilation"],
}


def samples_with(shapes: Mapping[tuple[Shape, ...], dict[str, Any]], params: Mapping[str, Param]) -> tuple[Sample, ...]:
    """Return samples of inputs of these shapes, each with the params given here and defaults for the rest."""
    defaults = {name: param.default for name, param in params.items()}
    return tuple(Sample(inputs, {**defaults, **given}) for inputs, given in shapes.items())


CONV_TRANSPOSE2D: Final = Op(
    name="conv_transpose2d",
    family="convolution",
    doc="Spread kernels over larger images, one for each number (transposed convolution); images are NCHW, kernels "
    "(channels in, channels out, height, width).",
    inputs=("x", "w", "b"),
    optional=1,
    forward=conv_transpose2d,
    vjp={"x": conv_transpose2d_vjp_x, "w": conv_transpose2d_vjp_w, "b": bias_vjp},
    shape=lambda x, w, b=None, **params: spread_shape(x, w, b, _FROM_IMAGES, params),
    dtype=promote_in_turn,
    params=_TRANSPOSE_PARAMS,
    samples=samples_with(
        {
            ((1, 2, 2, 3), (2, 1, 2, 2), (1,)): {},
            ((1, 1, 3, 2), (1, 2, 3, 3)): {"stride": 2, "padding": 1, "output_padding": 1},
            ((2, 2, 3, 3), (2, 2, 2, 3), (4,)): {"groups": 2, "dilation": (2, 1)},
            ((1, 2, 2, 2), (2, 3, 3, 2)): {"stride": (3, 2), "padding": (1, 0), "output_padding": (2, 0)},
            ((2, 2, 1, 1), (2, 2, 2, 2), (2,)): {},
            ((0, 2, 2, 2), (2, 1, 2, 2)): {},
        },
        _TRANSPOSE_PARAMS,
    ),
    symbol="⊛ᵀ₂",
    aliases=(
        "deconvolution",
        "upsampling convolution",
        "tf.nn.conv2d_transpose",
        "torch.nn.functional.conv_transpose2d",
        "torch.nn.ConvTranspose2d",
        "tf.keras.layers.Conv2DTranspose",
        "ConvTranspose",
    ),
)

OPS: tuple[Op, ...] = (CONV_TRANSPOSE2D,)
