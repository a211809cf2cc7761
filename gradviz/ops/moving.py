"""Pieces and places: one piece of a tensor along an axis, and the same numbers in other places.

The gradient moves everything back where it came from.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.indexing import scatter
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import Axes, normal_axes, normal_axis, show


def _pieces(size: int, sizes: tuple[int, ...], x: Shape) -> list[slice]:
    """Return where each piece of an axis of `size` lies; a -1 among `sizes` is worked out."""
    known = sum(each for each in sizes if each != -1)
    whole = [size - known if each == -1 else each for each in sizes]
    if sum(whole) != size or min(whole, default=0) < 0:
        raise ShapeError(
            "pieces of sizes {sizes} do not fill an axis of size {size} of {x}", sizes=show(sizes), size=size, x=show(x)
        )
    return [slice(stop - each, stop) for each, stop in zip(whole, accumulate(whole), strict=True)]


def _piece(x: Shape, sizes: tuple[int, ...], axis: int, part: int) -> tuple[slice, ...]:
    """Return the index of a piece; a `ShapeError` tells what does not fit."""
    at = normal_axis(axis, len(x), x)
    pieces = _pieces(x[at], sizes, x)
    if not -len(pieces) <= part < len(pieces):
        raise ShapeError("there is no part {part} among {count} parts", part=part, count=len(pieces))
    return (*(slice(None),) * at, pieces[part])


def _split_shape(x: Shape, *, sizes: tuple[int, ...], axis: int, part: int) -> Shape:
    (*before, piece) = _piece(x, sizes, axis, part)
    return (*x[: len(before)], piece.stop - piece.start, *x[len(before) + 1 :])


def _flip_shape(x: Shape, *, axis: Axes) -> Shape:
    normal_axes(axis, x)
    return x


def _roll_shape(x: Shape, *, shift: int | tuple[int, ...], axis: Axes) -> Shape:
    axes = (0,) if axis is None else normal_axes(axis, x)
    if isinstance(shift, tuple) and len(shift) != len(axes):
        raise ShapeError(
            "the shifts {shift} need as many axes, and the axes are {axes}",
            shift=show(shift),
            axes="none" if axis is None else show(axes),
        )
    return x


def _roll(x: Any, *, shift: int | tuple[int, ...], axis: Axes) -> Any:
    # NumPy's roll does not take no axes of a single number.
    return x if axis == () else np.roll(x, shift, axis=axis)


def _roll_back(g: Any, y: Any, x: Any, *, shift: int | tuple[int, ...], axis: Axes) -> Any:
    return _roll(g, shift=-shift if isinstance(shift, int) else tuple(-each for each in shift), axis=axis)


SPLIT: Final = Op(
    name="split",
    family="shape",
    doc="Take one of the pieces into which an axis is cut. The gradient of the other pieces is 0; where several pieces "
    "are in use, their gradients add up to the whole.",
    inputs=("x",),
    forward=lambda x, sizes, axis, part: x[_piece(x.shape, sizes, axis, part)],
    vjp={
        "x": lambda g, y, x, sizes, axis, part: scatter(g, index=_piece(x.shape, sizes, axis, part), shape=x.shape),
    },
    shape=_split_shape,
    params={
        "sizes": Param(kind="shape", doc="the sizes of all pieces; one may be -1 and is worked out"),
        "axis": Param(kind="axis", default=0, doc="the axis that is cut"),
        "part": Param(kind="integer", default=0, doc="which piece, from 0; -1 is the last"),
    },
    samples=(
        Sample(((5,),), {"sizes": (2, 3), "axis": 0, "part": 0}),
        Sample(((5,),), {"sizes": (2, -1), "axis": 0, "part": 1}),
        Sample(((2, 4),), {"sizes": (1, 2, 1), "axis": -1, "part": 1}),
        Sample(((3, 3),), {"sizes": (0, 3), "axis": 1, "part": 0}),
        Sample(((2, 3, 2),), {"sizes": (1, 1, 1), "axis": 1, "part": -1}),
        Sample(((0, 3),), {"sizes": (1, 2), "axis": 1, "part": 1}),
    ),
    symbol="✂",
    aliases=("np.split", "tf.split", "torch.split", "torch.chunk", "unstack", "tf.unstack", "torch.unbind", "Split"),
    why_zero={"x": "not in this piece, or what arrives is zero"},
)

FLIP: Final = Op(
    name="flip",
    family="shape",
    doc="Turn the order along axes around; the gradient is turned back.",
    inputs=("x",),
    forward=np.flip,
    vjp={"x": lambda g, y, x, axis: np.flip(g, axis=axis)},
    shape=_flip_shape,
    params={"axis": Param(kind="axes", default=None, optional=True, doc="the axis, or axes; none means all")},
    samples=(
        Sample(((3,),), {"axis": 0}),
        Sample(((3, 3),), {"axis": -1}),
        Sample(((2, 3, 4),), {"axis": (0, -1)}),
        Sample(((2, 1, 3),), {"axis": None}),
        Sample(((2, 3),), {"axis": ()}),
        Sample(((),), {"axis": None}),
        Sample(((0, 3),), {"axis": 1}),
    ),
    symbol="↔",
    aliases=("np.flip", "np.flipud", "np.fliplr", "tf.reverse", "torch.flip", "ReverseSequence"),
)

ROLL: Final = Op(
    name="roll",
    family="shape",
    doc="Move everything along axes; what leaves at one end comes in at the other. The gradient is rolled back.",
    inputs=("x",),
    forward=_roll,
    vjp={"x": _roll_back},
    shape=_roll_shape,
    params={
        "shift": Param(kind="integers", default=1, doc="how many places, for each axis; negative goes to the front"),
        "axis": Param(
            kind="axes", default=None, optional=True, doc="the axis, or axes; none rolls through all numbers in order"
        ),
    },
    samples=(
        Sample(((4,),), {"shift": 1, "axis": 0}),
        Sample(((3, 3),), {"shift": -1, "axis": -1}),
        Sample(((2, 3),), {"shift": (1, -1), "axis": (0, 1)}),
        Sample(((2, 3, 2),), {"shift": 4, "axis": (0, -1)}),
        Sample(((2, 3),), {"shift": 2, "axis": None}),
        Sample(((1, 2),), {"shift": (5,), "axis": None}),
        Sample(((),), {"shift": 1, "axis": None}),
        Sample(((0, 3),), {"shift": 1, "axis": 0}),
    ),
    symbol="↻",
    aliases=("np.roll", "tf.roll", "torch.roll", "circular shift"),
)

OPS: tuple[Op, ...] = (SPLIT, FLIP, ROLL)
