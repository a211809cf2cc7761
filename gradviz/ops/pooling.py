"""Pooling: one number for each window of an image, its largest or its average.

Both are maps that know their adjoint. An average is linear: forwards it averages windows, backwards it shares every
number out over its window. A maximum is linear as long as the same numbers win: `max_pool2d_adjoint` brings numbers
to where the winners are, `max_pool2d_tangent` fetches numbers from there, and each is the gradient of the other. Who
wins depends on `x` alone, in steps, so its gradient there is 0.

The first in the window wins a tie, and a NaN wins over numbers. Padding never wins: at least half of a window that
stands at the border is inside the image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import refuse_too_large, show
from gradviz.ops.symbolic import recorded
from gradviz.ops.windows import Sizes, pair

_Span = tuple[int, int, int, int]
"""One axis of a walk: the size of the image, of the kernel, of a step, and of the padding."""


def _places(span: _Span) -> int:
    size, kernel, step, around = span
    return (size + 2 * around - kernel) // step + 1


def _taps(images: Array, axis: int, span: _Span) -> Iterator[Array]:
    """Yield, for each place in the window along one axis, what stands there in all windows, as views."""
    _, kernel, step, _ = span
    stop = step * (_places(span) - 1) + 1
    along = np.moveaxis(images, axis, 0)
    return (np.moveaxis(along[start : start + stop : step], 0, axis) for start in range(kernel))


@dataclass(frozen=True)
class _Pool:
    """How windows walk over images of shape `x`, down and across; a window is a column of rows."""

    x: Shape
    down: _Span
    across: _Span

    @property
    def y(self) -> Shape:
        return (*self.x[:2], _places(self.down), _places(self.across))

    def padded(self, x: Array, fill: Any) -> Array:
        """Return images with `fill` around them."""
        (height, _, _, top), (width, _, _, left) = self.down, self.across
        padded = np.full((*self.x[:2], height + 2 * top, width + 2 * left), fill, x.dtype)
        self.inside(padded)[...] = x
        return padded

    def inside(self, padded: Array) -> Array:
        """Return padded images without what is around them, as a view."""
        (height, _, _, top), (width, _, _, left) = self.down, self.across
        return padded[:, :, top : top + height, left : left + width]

    def gathered(self, padded: Array, join: np.ufunc) -> Array:
        """Return the numbers of each window joined to one, first down and then across."""
        for axis, span in ((2, self.down), (3, self.across)):
            first, *others = _taps(padded, axis, span)
            padded = np.array(first, order="C")
            for met in others:
                join(padded, met, out=padded)
        return padded

    def spread(self, y: Array) -> Array:
        """Do the adjoint of gathering sums: return images of what their windows bring each number."""
        for axis, span in ((3, self.across), (2, self.down)):
            wide = np.zeros((*y.shape[:axis], span[0] + 2 * span[3], *y.shape[axis + 1 :]), y.dtype)
            for met in _taps(wide, axis, span):
                np.add(met, y, out=met)
            y = wide
        return np.array(self.inside(y), order="C")

    def winners(self, x: Array) -> Array:
        """Return where in `x`, laid out flat, the largest number of each window stands; the first of equals."""
        best = self.padded(x, _least(x.dtype))
        image = _Pool((1, 1, *x.shape[2:]), self.down, self.across)
        at = image.padded(np.reshape(np.arange(prod(x.shape[2:])), image.x), -1)
        for axis, span in ((3, self.across), (2, self.down)):  # the first in a row, then the first of the rows
            taps = zip(_taps(best, axis, span), _taps(at, axis, span), strict=True)
            best, at = next(taps)
            for met, met_at in taps:
                wins = ~(met <= best) & ~np.isnan(best)
                if span[3]:
                    wins |= at < 0  # what is outside gives way even to its like
                best, at = np.where(wins, met, best), np.where(wins, met_at, at)
        first = np.arange(prod(x.shape[:2])) * prod(x.shape[2:])
        return at + np.reshape(first, (*x.shape[:2], 1, 1))

    @property
    def is_apart(self) -> bool:
        """Whether no two windows share a number."""
        return all(kernel <= step for _, kernel, step, _ in (self.down, self.across))

    def counts(self) -> Array:
        """Return how many numbers of the image each window holds, as (height, width)."""
        rows, columns = map(_counted, (self.down, self.across))
        return rows[:, None] * columns


def _counted(span: _Span) -> Array:
    size, kernel, step, around = span
    starts = np.arange(_places(span)) * step - around
    return np.asarray(np.minimum(starts + kernel, size) - np.maximum(starts, 0))


def _pool(x: Shape, *, kernel: Sizes, stride: Sizes | None, padding: Sizes) -> _Pool:
    down, across = zip(x[2:], pair(kernel), pair(kernel if stride is None else stride), pair(padding), strict=True)
    return _Pool(x, down, across)


def _least(dtype: np.dtype[Any]) -> Any:
    """Return what no number of this dtype is less than."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return False if dtype.kind == "b" else -np.inf


@recorded
def max_pool2d(x: Array, *, kernel: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """Return the largest number of each window; NaN where there is one."""
    pool = _pool(x.shape, kernel=kernel, stride=stride, padding=padding)
    return pool.gathered(pool.padded(x, _least(x.dtype)), np.maximum)


@recorded
def max_pool2d_adjoint(u: Array, x: Array, *, kernel: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """Return zeros like `x` with every number of `u` added in where the largest number of its window stands."""
    pool = _pool(x.shape, kernel=kernel, stride=stride, padding=padding)
    result = np.zeros(x.size, u.dtype)
    if pool.is_apart:
        result[pool.winners(x)] = u
    else:
        np.add.at(result, np.ravel(pool.winners(x)), np.ravel(u))
    return np.reshape(result, x.shape)


@recorded
def max_pool2d_tangent(u: Array, x: Array, *, kernel: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> Array:
    """Return what `u`, of the shape of `x`, has where the largest number of each window of `x` stands."""
    pool = _pool(x.shape, kernel=kernel, stride=stride, padding=padding)
    return np.ravel(u)[pool.winners(x)]


def _divisor(pool: _Pool, dtype: np.dtype[Any], *, counts_all: bool) -> Array:
    """Return by what the sum of each window is divided."""
    return np.asarray(pool.down[1] * pool.across[1] if counts_all else pool.counts(), dtype)


@recorded
def avg_pool2d(
    x: Array, *, kernel: Sizes, stride: Sizes | None = None, padding: Sizes = 0, count_include_pad: bool = True
) -> Array:
    """Return the average of each window of floats, with the zeros of the padding or without them."""
    pool = _pool(x.shape, kernel=kernel, stride=stride, padding=padding)
    return pool.gathered(pool.padded(x, 0), np.add) / _divisor(pool, x.dtype, counts_all=count_include_pad)


@recorded
def avg_pool2d_adjoint(
    u: Array,
    *,
    shape: Shape,
    kernel: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    count_include_pad: bool = True,
) -> Array:
    """Return images of `shape` over whose windows every number of `u` is shared out evenly."""
    pool = _pool(shape, kernel=kernel, stride=stride, padding=padding)
    return pool.spread(u / _divisor(pool, u.dtype, counts_all=count_include_pad))


def pooled(x: Shape, *, kernel: Sizes, stride: Sizes | None, padding: Sizes, **_params: object) -> Shape:
    """Return the shape of what pooling makes of images, or raise a `ShapeError` that tells why it cannot."""
    if len(x) != 4:
        raise ShapeError("pooling needs images (batch, channels, height, width), not {x}", x=show(x))
    pool = _pool(x, kernel=kernel, stride=stride, padding=padding)
    for axis, (size, window, _, around) in (("height", pool.down), ("width", pool.across)):
        _refuse_span(axis, size, window, around)
    refuse_too_large((*x[:2], *(span[0] + 2 * span[3] for span in (pool.down, pool.across))))
    return pool.y


def _refuse_span(axis: str, size: int, window: int, around: int) -> None:
    if size == 0:
        raise ShapeError("images of {axis} 0 have nothing to pool", axis=axis)
    if 2 * around > window:
        raise ShapeError(
            "the padding of {axis} is {around}, more than half of the kernel ({window}): a window could lie outside "
            "of the image",
            axis=axis,
            around=around,
            window=window,
        )
    if window > size + 2 * around:
        raise ShapeError(
            "a kernel of {axis} {window} does not fit into {size}, padding included: make the kernel smaller",
            axis=axis,
            window=window,
            size=size + 2 * around,
        )


def _of_images(u: Shape, x: Shape, params: Mapping[str, Any]) -> Shape:
    """Return the shape of images `x`, where `u` has one number for each of their windows."""
    if -1 in x:
        raise ShapeError("an adjoint of pooling needs every size of its shape, not {shape}", shape=show(x))
    wanted = pooled(x, **params)
    if u != wanted:
        raise ShapeError(
            "pooling {x} gives {wanted}, one number a window, not {u}", x=show(x), wanted=show(wanted), u=show(u)
        )
    return x


def _tangent_shape(u: Shape, x: Shape, **params: Any) -> Shape:
    if u != x:
        raise ShapeError("both inputs must be images of one shape, not {u} and {x}", u=show(u), x=show(x))
    return pooled(x, **params)


def _first_dtype(u: np.dtype[Any], _x: np.dtype[Any], **_params: object) -> np.dtype[Any]:
    return u


def _avg_pool2d(x: Any, **params: Any) -> Any:
    (values,) = as_floats(x)
    return avg_pool2d(values, **params)


_KERNEL: Final = Param(kind="sizes", minimum=1, doc="the window: one number for both directions, or height and width")
_PARAMS: Final[Mapping[str, Param]] = {
    "kernel": _KERNEL,
    "stride": Param(
        kind="sizes", default=None, optional=True, minimum=1, doc="steps from window to window; none means its size"
    ),
    "padding": Param(kind="sizes", default=0, minimum=0, doc="how far windows reach out, at most half of their size"),
}
_AVERAGE: Final[Mapping[str, Param]] = {
    **_PARAMS,
    "count_include_pad": Param(kind="flag", default=True, doc="count the zeros of the padding in the average"),
}
_SHAPE: Final = Param(kind="shape", doc="the shape of the images")
_CASES: Final[tuple[tuple[Shape, dict[str, Any]], ...]] = (
    ((1, 2, 4, 4), {"kernel": 2, "stride": None, "padding": 0}),
    ((2, 1, 4, 5), {"kernel": 3, "stride": 1, "padding": 1}),
    ((1, 2, 5, 4), {"kernel": (2, 3), "stride": (2, 1), "padding": (1, 0)}),
    ((1, 1, 5, 5), {"kernel": 2, "stride": 3, "padding": 0}),
    ((1, 2, 3, 3), {"kernel": 1, "stride": 2, "padding": 0}),
    ((2, 2, 3, 3), {"kernel": 3, "stride": None, "padding": 0}),
    ((0, 2, 4, 4), {"kernel": 2, "stride": None, "padding": 0}),
)
_AVERAGES: Final = tuple(
    (shape, {**params, "count_include_pad": count}) for shape, params in _CASES for count in (True, False)
)

MAX_POOL2D: Final = Op(
    name="max_pool2d",
    family="convolution",
    doc="Take the largest number of each window of images (NCHW). At a tie the first in the window gets all of the "
    "gradient, as in PyTorch and TensorFlow.",
    inputs=("x",),
    forward=max_pool2d,
    vjp={"x": lambda g, y, x, **params: max_pool2d_adjoint(g, x, **params)},
    shape=pooled,
    params=_PARAMS,
    samples=tuple(Sample((shape,), params, ("distinct",)) for shape, params in _CASES),
    symbol="max⊞",
    aliases=(
        "max pooling",
        "subsampling",
        "tf.nn.max_pool2d",
        "tf.keras.layers.MaxPooling2D",
        "torch.nn.functional.max_pool2d",
        "torch.nn.MaxPool2d",
        "MaxPool",
    ),
    why_zero={"x": "not the largest in its window"},
)

MAX_POOL2D_ADJOINT: Final = Op(
    name="max_pool2d_adjoint",
    family="convolution",
    doc="Bring each number to where the largest number of its window of x stands, zeros elsewhere: the gradient of "
    "max_pool2d.",
    inputs=("u", "x"),
    forward=max_pool2d_adjoint,
    vjp={
        "u": lambda g, y, u, x, **params: max_pool2d_tangent(g, x, **params),
        "x": lambda g, y, u, x, **params: np.zeros_like(x),
    },
    shape=lambda u, x, **params: _of_images(u, x, params),
    dtype=_first_dtype,
    params=_PARAMS,
    samples=tuple(Sample((pooled(s, **params), s), params, ("normal", "distinct")) for s, params in _CASES),
    symbol="max⊞ᵀ",
    aliases=("tf.raw_ops.MaxPoolGrad", "torch.nn.functional.max_unpool2d", "MaxUnpool"),
    why_zero={"x": "moving x a little changes which number is the largest in no window"},
)

MAX_POOL2D_TANGENT: Final = Op(
    name="max_pool2d_tangent",
    family="convolution",
    doc="Fetch the number of u that stands where the largest number of each window of x stands: how max_pool2d moves "
    "when x moves along u.",
    inputs=("u", "x"),
    forward=max_pool2d_tangent,
    vjp={
        "u": lambda g, y, u, x, **params: max_pool2d_adjoint(g, x, **params),
        "x": lambda g, y, u, x, **params: np.zeros_like(x),
    },
    shape=_tangent_shape,
    dtype=_first_dtype,
    params=_PARAMS,
    samples=tuple(Sample((s, s), params, ("normal", "distinct")) for s, params in _CASES),
    symbol="max⊞′",
    aliases=("tf.raw_ops.MaxPoolGradGrad",),
    why_zero={
        "u": "not where the largest number of its window stands",
        "x": "moving x a little changes which number is the largest in no window",
    },
)

AVG_POOL2D: Final = Op(
    name="avg_pool2d",
    family="convolution",
    doc="Average each window of images (NCHW). The zeros of the padding count, as in PyTorch, unless "
    "count_include_pad says otherwise (TensorFlow).",
    inputs=("x",),
    forward=_avg_pool2d,
    vjp={"x": lambda g, y, x, **params: avg_pool2d_adjoint(g, shape=x.shape, **params)},
    shape=pooled,
    dtype=promote_to_float,
    params=_AVERAGE,
    samples=tuple(Sample((shape,), params) for shape, params in _AVERAGES),
    symbol="μ⊞",
    aliases=(
        "average pooling",
        "tf.nn.avg_pool2d",
        "tf.keras.layers.AveragePooling2D",
        "torch.nn.functional.avg_pool2d",
        "torch.nn.AvgPool2d",
        "AveragePool",
    ),
)

AVG_POOL2D_ADJOINT: Final = Op(
    name="avg_pool2d_adjoint",
    family="convolution",
    doc="Share each number out evenly over its window of images: the gradient of avg_pool2d.",
    inputs=("u",),
    forward=lambda u, shape, **params: avg_pool2d_adjoint(*as_floats(u), shape=shape, **params),
    vjp={"u": lambda g, y, u, shape, **params: avg_pool2d(g, **params)},
    shape=lambda u, *, shape, **params: _of_images(u, shape, params),
    dtype=promote_to_float,
    params={"shape": _SHAPE, **_AVERAGE},
    samples=tuple(Sample((pooled(shape, **params),), {"shape": shape, **params}) for shape, params in _AVERAGES),
    symbol="μ⊞ᵀ",
    aliases=("tf.raw_ops.AvgPoolGrad",),
)

OPS: tuple[Op, ...] = (MAX_POOL2D, MAX_POOL2D_ADJOINT, MAX_POOL2D_TANGENT, AVG_POOL2D, AVG_POOL2D_ADJOINT)
