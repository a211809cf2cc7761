"""Pooling along lines: a line is an image of height 1, and a window of it a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gradviz.errors import ShapeError
from gradviz.ops.convolve1d import as_images, as_lines
from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.pooling import avg_pool2d, avg_pool2d_adjoint, max_pool2d, max_pool2d_adjoint, pooled
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import show


def _wide(*, kernel: int, stride: int | None, padding: int, **params: Any) -> dict[str, Any]:
    """Return the params of pooling along a line as those of pooling an image of height 1."""
    return {
        "kernel": (1, kernel),
        "stride": (1, kernel if stride is None else stride),
        "padding": (0, padding),
    } | params


def _lifted(x: Shape) -> Shape:
    return (*x[:2], 1, x[2])


def _pooled_line(x: Shape, **params: Any) -> Shape:
    if len(x) != 3:
        raise ShapeError("pooling along a line needs signals (batch, channels, length), not {x}", x=show(x))
    y = pooled(_lifted(x), **_wide(**params))
    return (*y[:2], y[3])


def _max_pool1d_vjp(g: Any, y: Any, x: Any, **params: Any) -> Any:
    return as_lines(max_pool2d_adjoint(as_images(g), as_images(x), **_wide(**params)))


def _avg_pool1d_vjp(g: Any, y: Any, x: Any, **params: Any) -> Any:
    return as_lines(avg_pool2d_adjoint(as_images(g), shape=_lifted(x.shape), **_wide(**params)))


_PARAMS: Final[Mapping[str, Param]] = {
    "kernel": Param(kind="integer", minimum=1, doc="the length of a window"),
    "stride": Param(
        kind="integer", default=None, optional=True, minimum=1, doc="steps from window to window; none means its length"
    ),
    "padding": Param(kind="integer", default=0, minimum=0, doc="how far windows reach out, at most half their length"),
}
_CASES: Final[tuple[tuple[Shape, dict[str, Any]], ...]] = (
    ((2, 2, 6), {"kernel": 2, "stride": None, "padding": 0}),
    ((1, 2, 5), {"kernel": 3, "stride": 1, "padding": 1}),
    ((1, 1, 5), {"kernel": 2, "stride": 3, "padding": 0}),
    ((0, 2, 4), {"kernel": 2, "stride": None, "padding": 0}),
)

MAX_POOL1D: Final = Op(
    name="max_pool1d",
    family="convolution",
    doc="Take the largest number of each window of signals (batch, channels, length). At a tie the first in the window "
    "gets all of the gradient.",
    inputs=("x",),
    forward=lambda x, **params: as_lines(max_pool2d(as_images(x), **_wide(**params))),
    vjp={"x": _max_pool1d_vjp},
    shape=_pooled_line,
    params=_PARAMS,
    samples=tuple(Sample((shape,), params, ("distinct",)) for shape, params in _CASES),
    symbol="max⊟",
    aliases=(
        "tf.nn.max_pool1d",
        "tf.keras.layers.MaxPooling1D",
        "torch.nn.functional.max_pool1d",
        "torch.nn.MaxPool1d",
    ),
    why_zero={"x": "not the largest in its window"},
)

AVG_POOL1D: Final = Op(
    name="avg_pool1d",
    family="convolution",
    doc="Average each window of signals (batch, channels, length). The zeros of the padding count, as in PyTorch, "
    "unless count_include_pad says otherwise (TensorFlow).",
    inputs=("x",),
    forward=lambda x, **params: as_lines(avg_pool2d(as_images(*as_floats(x)), **_wide(**params))),
    vjp={"x": _avg_pool1d_vjp},
    shape=_pooled_line,
    dtype=promote_to_float,
    params={
        **_PARAMS,
        "count_include_pad": Param(kind="flag", default=True, doc="count the zeros of the padding in the average"),
    },
    samples=tuple(
        Sample((shape,), {**params, "count_include_pad": count}) for shape, params in _CASES for count in (True, False)
    ),
    symbol="μ⊟",
    aliases=(
        "tf.nn.avg_pool1d",
        "tf.keras.layers.AveragePooling1D",
        "torch.nn.functional.avg_pool1d",
        "torch.nn.AvgPool1d",
    ),
)

OPS: tuple[Op, ...] = (MAX_POOL1D, AVG_POOL1D)
