"""Repeating: whole copies, runs of one number, and margins around a tensor.

The gradient of a number that is there several times is the sum over all its copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.dtypes import Dtype, is_float
from gradviz.ops.indexing import add_rows, scatter
from gradviz.ops.op import Array, Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import counted, normal_axis, show
from gradviz.ops.symbolic import recorded

Widths = int | tuple[tuple[int, int], ...]


def _aligned(x: Shape, reps: int | tuple[int, ...]) -> tuple[Shape, Shape]:
    """Return the shape and the repetitions of `tile`, both with 1 in front up to the same length."""
    listed = (reps,) if isinstance(reps, int) else reps
    length = max(len(x), len(listed))
    return (*(1,) * (length - len(x)), *x), (*(1,) * (length - len(listed)), *listed)


def _tile_shape(x: Shape, *, reps: int | tuple[int, ...]) -> Shape:
    return tuple(size * count for size, count in zip(*_aligned(x, reps), strict=True))


def _tile_vjp(g: Any, y: Any, x: Any, *, reps: int | tuple[int, ...]) -> Any:
    shape, counts = _aligned(x.shape, reps)
    copies = np.reshape(g, tuple(chain.from_iterable(zip(counts, shape, strict=True))))
    return np.reshape(np.sum(copies, axis=tuple(range(0, 2 * len(shape), 2))), x.shape)


def _repeat_shape(x: Shape, *, repeats: int | tuple[int, ...], axis: int | None) -> Shape:
    sizes, at = ((prod(x),), 0) if axis is None else (x, normal_axis(axis, len(x), x))
    if isinstance(repeats, tuple) and len(repeats) != sizes[at]:
        raise ShapeError(
            "there are {count}, but {size} along the axis of {x}: write one number for all, or one for each",
            count=counted(len(repeats), "count of repetitions", "counts of repetitions"),
            size=counted(sizes[at], "number", "numbers"),
            x=show(x),
        )
    length = sizes[at] * repeats if isinstance(repeats, int) else sum(repeats)
    return (*sizes[:at], length, *sizes[at + 1 :])


def _repeat_vjp(g: Any, y: Any, x: Any, *, repeats: int | tuple[int, ...], axis: int | None) -> Any:
    sizes, at = ((prod(x.shape),), 0) if axis is None else (x.shape, axis % x.ndim)
    if isinstance(repeats, int):
        runs = np.reshape(g, (*sizes[: at + 1], repeats, *sizes[at + 1 :]))
        total = np.sum(runs, axis=at + 1)
    else:
        sources = np.repeat(np.arange(sizes[at]), repeats)
        total = scatter(g, index=(*(slice(None),) * at, sources), shape=sizes)
    return np.reshape(total, x.shape) if axis is None else total


def _pairs(pad_width: Widths, x: Shape) -> Sequence[tuple[int, int]]:
    """Return the widths before and after every axis; one pair serves all axes."""
    if isinstance(pad_width, int):
        return [(pad_width, pad_width)] * len(x)
    pairs = pad_width * len(x) if len(pad_width) == 1 else pad_width
    if len(pairs) != len(x):
        raise ShapeError(
            "there are {pairs}, but {x} has {axes}: write one pair for all axes, or one for each",
            pairs=counted(len(pairs), "pair of widths", "pairs of widths"),
            x=show(x),
            axes=counted(len(x), "axis", "axes"),
        )
    return pairs


def _pad_shape(x: Shape, *, pad_width: Widths, mode: str, **_value: object) -> Shape:
    pairs = _pairs(pad_width, x)
    for axis, (size, pair) in enumerate(zip(x, pairs, strict=True)):
        if mode != "constant" and size == 0 and max(pair) > 0:
            raise ShapeError(
                "axis {axis} of {x} is empty: nothing is there that a margin could repeat", axis=axis, x=show(x)
            )
    return tuple(size + sum(pair) for size, pair in zip(x, pairs, strict=True))


def _pad_dtype(x: Dtype, *, value: float, **_params: object) -> Dtype:
    if is_float(x) or value == 0:
        return x
    least, largest = (0, 1) if x.kind == "b" else (np.iinfo(x).min, np.iinfo(x).max)
    if not (least <= value <= largest and value == int(value)):
        raise ShapeError("a tensor of {dtype} cannot hold the value {value}", dtype=x.name, value=value)
    return x


def _copying(mode: str) -> Any:
    """Return the mode of NumPy's pad as the type that its stubs cannot see in a text."""
    return mode


@recorded
def pad(x: Array, pad_width: Widths, mode: str = "constant", value: float = 0) -> Array:
    """Return `x` with margins, filled with `value` or with what is in `x`, as NumPy's pad of that mode does."""
    if x.ndim == 0:
        return x
    pairs = _pairs(pad_width, x.shape)
    if mode == "constant":
        return np.pad(x, pairs, constant_values=value)
    return np.pad(x, pairs, _copying(mode))


def _crop_shape(x: Shape, *, pad_width: Widths, mode: str) -> Shape:
    pairs = _pairs(pad_width, x)
    sizes = tuple(size - sum(pair) for size, pair in zip(x, pairs, strict=True))
    if any(size < 0 for size in sizes):
        axis = next(axis for axis, size in enumerate(sizes) if size < 0)
        raise ShapeError(
            "margins of {pair} are wider than axis {axis} of {x}", pair=show(pairs[axis]), axis=axis, x=show(x)
        )
    _pad_shape(sizes, pad_width=pad_width, mode=mode)  # a margin that nothing can have been copied to is refused
    return sizes


@recorded
def crop(x: Array, pad_width: Widths, mode: str = "constant") -> Array:
    """Return `x` without its margins, of which each number is added to where `pad` of this mode had it from.

    It is the adjoint of `pad`: the margins of mode `constant` come from nowhere and are cut off.
    """
    for axis, (before, after) in enumerate(_pairs(pad_width, x.shape)):
        if before or after:
            x = _cropped(np.moveaxis(x, axis, 0), before, after, mode, axis)
    return x


def _cropped(rows: Array, before: int, after: int, mode: str, axis: int) -> Array:
    """Return the rows without those before and after, and with their axis back in its place."""
    inner = rows[before : len(rows) - after]
    if mode != "constant":
        sources = np.pad(np.arange(len(inner)), (before, after), _copying(mode))
        margin = np.r_[:before, len(rows) - after : len(rows)]
        inner = np.array(inner, order="C")
        add_rows(inner, sources[margin], rows[margin])
    return np.moveaxis(inner, 0, axis)


_MODE: Final = Param(
    kind="choice",
    default="constant",
    choices=("constant", "reflect", "edge", "wrap", "symmetric"),
    doc="what a margin holds: a constant, the mirror image, the outermost number, the other end, or the mirror image "
    "with the outermost number twice",
)
_WIDTH: Final = Param(
    kind="widths", default=1, doc="[before, after] for every axis; one pair, or one number, serves all"
)
_PADDED: Final[tuple[tuple[Shape, Widths, str], ...]] = (
    ((3,), ((1, 2),), "constant"),
    ((2, 3), ((1, 0), (0, 2)), "constant"),
    ((3, 3), 1, "reflect"),
    ((2, 3), ((1, 0), (0, 2)), "edge"),
    ((3, 2), ((2, 1), (0, 0)), "wrap"),
    ((2,), ((5, 4),), "reflect"),
    ((1, 3), ((2, 0), (4, 1)), "symmetric"),
    ((1,), ((1, 1),), "reflect"),
    ((2, 1, 3), ((0, 1),), "edge"),
    ((), 2, "constant"),
    ((0, 2), ((1, 0), (0, 0)), "constant"),
    ((0, 2), ((0, 0), (1, 1)), "reflect"),
    ((2, 2), 0, "constant"),
)

TILE: Final = Op(
    name="tile",
    family="shape",
    doc="Lay copies of the whole tensor side by side along its axes; the gradient is summed over the copies.",
    inputs=("x",),
    forward=np.tile,
    vjp={"x": _tile_vjp},
    shape=_tile_shape,
    params={"reps": Param(kind="integers", minimum=0, default=2, doc="how many copies, for each of the last axes")},
    samples=(
        Sample(((3,),), {"reps": 2}),
        Sample(((2, 1),), {"reps": (2, 3)}),
        Sample(((3, 3),), {"reps": (2,)}),
        Sample(((3,),), {"reps": (2, 1, 2)}),
        Sample(((2, 3),), {"reps": (0, 2)}),
        Sample(((2, 3),), {"reps": ()}),
        Sample(((),), {"reps": (3,)}),
        Sample(((0, 3),), {"reps": (2, 2)}),
    ),
    symbol="▦",
    aliases=("np.tile", "tf.tile", "torch.tile", "torch.Tensor.repeat", "Tile"),
)

REPEAT: Final = Op(
    name="repeat",
    family="shape",
    doc="Repeat every number in its place, all of them equally often or each as often as told; the gradient is summed "
    "over each run.",
    inputs=("x",),
    forward=np.repeat,
    vjp={"x": _repeat_vjp},
    shape=_repeat_shape,
    params={
        "repeats": Param(kind="integers", minimum=0, default=2, doc="how often: one number, or one for each"),
        "axis": Param(
            kind="axis", default=None, optional=True, doc="the axis along which to repeat; none makes one row of all"
        ),
    },
    samples=(
        Sample(((3,),), {"repeats": 2, "axis": 0}),
        Sample(((2, 2),), {"repeats": 3, "axis": -1}),
        Sample(((3, 3),), {"repeats": (2, 0, 1), "axis": 0}),
        Sample(((2, 3, 2),), {"repeats": (1, 3, 2), "axis": -2}),
        Sample(((2, 2),), {"repeats": 2, "axis": None}),
        Sample(((2, 2),), {"repeats": (1, 0, 2, 3), "axis": None}),
        Sample(((2,),), {"repeats": 0, "axis": 0}),
        Sample(((),), {"repeats": 2, "axis": None}),
        Sample(((0, 3),), {"repeats": 2, "axis": 0}),
    ),
    symbol="⋮⋮",
    aliases=("np.repeat", "tf.repeat", "torch.repeat_interleave"),
)

PAD: Final = Op(
    name="pad",
    family="shape",
    doc="Put margins around a tensor: a constant, or what is in it. The gradient of a number is the sum over all its "
    "copies; margins of a constant are cut off.",
    inputs=("x",),
    forward=pad,
    vjp={"x": lambda g, y, x, pad_width, mode, value: crop(g, pad_width=pad_width, mode=mode)},
    shape=_pad_shape,
    dtype=_pad_dtype,
    params={
        "pad_width": _WIDTH,
        "mode": _MODE,
        "value": Param(kind="number", default=0, infinite=True, doc="the constant of mode constant"),
    },
    samples=(
        *(
            Sample((shape,), {"pad_width": width, "mode": mode, "value": 0 if mode == "constant" else 1.5})
            for shape, width, mode in _PADDED
        ),
        Sample(((2, 2),), {"pad_width": ((1, 1), (0, 2)), "mode": "constant", "value": -0.5}),
    ),
    symbol="▣",
    aliases=("np.pad", "tf.pad", "torch.nn.functional.pad", "torch.nn.ZeroPad2d", "Pad"),
    why_zero={"x": "what arrives at its copies adds up to zero"},
)

CROP: Final = Op(
    name="crop",
    family="shape",
    doc="Take margins off again. Of every mode but constant, each number of a margin is added to the number that pad "
    "would have copied there: this is what the gradient of pad does.",
    inputs=("x",),
    forward=crop,
    vjp={"x": lambda g, y, x, pad_width, mode: pad(g, pad_width=pad_width, mode=mode, value=0)},
    shape=_crop_shape,
    params={"pad_width": _WIDTH, "mode": _MODE},
    samples=tuple(
        Sample((_pad_shape(shape, pad_width=width, mode=mode),), {"pad_width": width, "mode": mode})
        for shape, width, mode in _PADDED
    ),
    symbol="▢",
    aliases=("tf.keras.layers.Cropping2D", "torchvision.transforms.CenterCrop", "unpad"),
)

OPS: tuple[Op, ...] = (TILE, REPEAT, PAD, CROP)
