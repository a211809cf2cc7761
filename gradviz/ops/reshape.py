"""Shape ops: the same numbers, arranged, repeated, joined.

Most gradients here only arrange back. `broadcast_to` hands its gradient on as it is: summing over what broadcasting
stretched is the sweep's work, as everywhere.
"""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.op import Op, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.shapes import Axes, normal_axes, normal_axis, show


def reshaped(x: Shape, *, shape: Shape) -> Shape:
    """Return `shape` with its -1, if it has one, worked out from the number of elements of `x`."""
    known, count = prod(size for size in shape if size != -1), prod(x)
    if -1 in shape and known and count % known == 0:
        shape = tuple(count // known if size == -1 else size for size in shape)
    if -1 in shape and not known:
        raise ShapeError(
            "cannot tell the size that -1 stands for in {shape}, beside a size of 0; write it out", shape=show(shape)
        )
    if -1 in shape or prod(shape) != count:
        raise ShapeError(
            "cannot reshape {x} to {shape}: {count} elements do not fit",
            x=show(x),
            shape=show(shape),
            count=count,
        )
    return shape


def _order(ndim: int, axes: tuple[int, ...] | None) -> tuple[int, ...]:
    return tuple(range(ndim))[::-1] if axes is None else tuple(axis % ndim for axis in axes)


def _permuted(x: Shape, *, axes: tuple[int, ...] | None) -> Shape:
    if axes is not None and (len(axes) != len(x) or len(normal_axes(axes, x)) != len(x)):
        raise ShapeError(
            "the axes {axes} must name each of the {count} axes of {x} once", axes=show(axes), count=len(x), x=show(x)
        )
    return tuple(x[axis] for axis in _order(len(x), axes))


def _permuted_back(g: Any, y: Any, x: Any, *, axes: tuple[int, ...] | None) -> Any:
    order = _order(x.ndim, axes)
    return np.permute_dims(g, tuple(order.index(axis) for axis in range(x.ndim)))


def _transposed(x: Shape) -> Shape:
    if len(x) < 2:
        raise ShapeError("only a tensor with at least two axes can be transposed, not {x}", x=show(x))
    return (*x[:-2], x[-1], x[-2])


def _broadcasted(x: Shape, *, shape: Shape) -> Shape:
    fits = len(x) <= len(shape) and all(
        size in (1, wanted) for size, wanted in zip(reversed(x), reversed(shape), strict=False)
    )
    if -1 in shape or not fits:
        raise ShapeError(
            "cannot broadcast {x} to {shape}: only axes of size 1 can stretch, and new ones come in front",
            x=show(x),
            shape=show(shape),
        )
    return shape


def _expanded(x: Shape, *, axis: int | tuple[int, ...]) -> Shape:
    count = 1 if isinstance(axis, int) else len(axis)
    added = normal_axes(axis, (1,) * (len(x) + count))
    sizes = iter(x)
    return tuple(1 if i in added else next(sizes) for i in range(len(x) + count))


def _squeezed_axes(x: Shape, axis: Axes) -> int | tuple[int, ...]:
    """Return the axes that a squeeze drops; None means all axes of size 1."""
    return tuple(i for i, size in enumerate(x) if size == 1) if axis is None else axis


def _squeezed(x: Shape, *, axis: Axes) -> Shape:
    axes = normal_axes(_squeezed_axes(x, axis), x)
    if any(x[i] != 1 for i in axes):
        wide = next(i for i in axes if x[i] != 1)
        raise ShapeError(
            "cannot squeeze axis {axis} of {x}: its size is {size}, not 1", axis=wide, x=show(x), size=x[wide]
        )
    return tuple(size for i, size in enumerate(x) if i not in axes)


def _concatenated(*xs: Shape, axis: int) -> Shape:
    if not xs or not xs[0]:
        raise ShapeError("concat joins tensors along an axis that they have; stack makes numbers into a vector")
    at = normal_axis(axis, len(xs[0]), xs[0])
    rests = [(*x[:at], *x[at + 1 :]) if len(x) == len(xs[0]) else None for x in xs]
    if any(rest != rests[0] for rest in rests):
        other = next(x for x, rest in zip(xs, rests, strict=True) if rest != rests[0])
        raise ShapeError(
            "cannot concat {a} and {b} along axis {axis}: their other axes differ",
            a=show(xs[0]),
            b=show(other),
            axis=axis,
        )
    return (*xs[0][:at], sum(x[at] for x in xs), *xs[0][at + 1 :])


def _concat_vjp(g: Any, y: Any, *xs: Any, port: int, axis: int) -> Any:
    at = normal_axis(axis, g.ndim, g.shape)
    start = sum([x.shape[at] for x in xs[:port]])
    return g[(slice(None),) * at + (slice(start, start + xs[port].shape[at]),)]


def _stacked(*xs: Shape, axis: int) -> Shape:
    if not xs:
        raise ShapeError("stack needs at least one tensor")
    if any(x != xs[0] for x in xs):
        other = next(x for x in xs if x != xs[0])
        raise ShapeError("cannot stack {a} and {b}: they must have one shape", a=show(xs[0]), b=show(other))
    at = normal_axis(axis, len(xs[0]) + 1, (*xs[0], len(xs)))
    return (*xs[0][:at], len(xs), *xs[0][at:])


def _stack_vjp(g: Any, y: Any, *xs: Any, port: int, axis: int) -> Any:
    at = normal_axis(axis, g.ndim, g.shape)
    return g[(slice(None),) * at + (port,)]


RESHAPE: Final = Op(
    name="reshape",
    family="shape",
    doc="Arrange the same numbers, in the same order, in another shape; one size may be -1 and is worked out.",
    inputs=("x",),
    forward=np.reshape,
    vjp={"x": lambda g, y, x, shape: np.reshape(g, x.shape)},
    shape=reshaped,
    params={"shape": Param(kind="shape", doc="the new shape; one size may be -1")},
    samples=(
        Sample(((2, 3),), {"shape": (3, 2)}),
        Sample(((2, 3, 2),), {"shape": (-1,)}),
        Sample(((6,),), {"shape": (2, -1, 1)}),
        Sample(((),), {"shape": (1, 1)}),
        Sample(((1, 1),), {"shape": ()}),
        Sample(((0, 3),), {"shape": (3, 0)}),
        Sample(((0, 3),), {"shape": (-1, 3)}),
    ),
    symbol="⇄",
    aliases=("np.reshape", "tf.reshape", "torch.reshape", "torch.Tensor.view", "flatten", "Reshape"),
)

PERMUTE_DIMS: Final = Op(
    name="permute_dims",
    family="shape",
    doc="Put the axes in another order; without axes, reverse them. The gradient goes through the inverse permutation.",
    inputs=("x",),
    forward=np.permute_dims,
    vjp={"x": _permuted_back},
    shape=_permuted,
    params={
        "axes": Param(
            kind="permutation", default=None, optional=True, doc="the old axes in their new order; none reverses them"
        )
    },
    samples=(
        Sample(((2, 3),), {"axes": (1, 0)}),
        Sample(((3, 3),), {"axes": None}),
        Sample(((2, 3, 4),), {"axes": (2, 0, 1)}),
        Sample(((2, 1, 3, 4),), {"axes": (-1, 0, -2, 1)}),
        Sample(((2, 3, 4),), {"axes": None}),
        Sample(((),), {"axes": ()}),
        Sample(((0, 3),), {"axes": (1, 0)}),
    ),
    symbol="π",
    aliases=(
        "np.permute_dims",
        "np.transpose",
        "np.moveaxis",
        "tf.transpose",
        "torch.permute",
        "torch.movedim",
        "Transpose",
    ),
)

MATRIX_TRANSPOSE: Final = Op(
    name="matrix_transpose",
    family="shape",
    doc="Swap the last two axes: rows become columns, in every matrix of a batch.",
    inputs=("x",),
    forward=np.matrix_transpose,
    vjp={"x": lambda g, y, x: np.matrix_transpose(g)},
    shape=_transposed,
    samples=(Sample(((2, 3),)), Sample(((3, 3),)), Sample(((4, 2, 3),)), Sample(((1, 3),)), Sample(((0, 2, 3),))),
    symbol="ᵀ",
    aliases=("np.matrix_transpose", "tf.linalg.matrix_transpose", "torch.Tensor.mT", "torch.t", "np.swapaxes", ".T"),
)

BROADCAST_TO: Final = Op(
    name="broadcast_to",
    family="shape",
    doc="Repeat along new leading axes and along axes of size 1; the gradient is summed over the repetitions.",
    inputs=("x",),
    forward=np.broadcast_to,
    vjp={"x": lambda g, y, x, shape: g},
    shape=_broadcasted,
    params={"shape": Param(kind="shape", doc="the shape to stretch to, written out in full")},
    samples=(
        Sample(((3,),), {"shape": (2, 3)}),
        Sample(((2, 1),), {"shape": (2, 3)}),
        Sample(((),), {"shape": (2, 2)}),
        Sample(((1, 3, 1),), {"shape": (4, 2, 3, 2)}),
        Sample(((2, 3),), {"shape": (2, 3)}),
        Sample(((1, 3),), {"shape": (0, 3)}),
    ),
    symbol="⇉",
    aliases=("np.broadcast_to", "tf.broadcast_to", "torch.broadcast_to", "torch.Tensor.expand", "Expand"),
)

EXPAND_DIMS: Final = Op(
    name="expand_dims",
    family="shape",
    doc="Insert axes of size 1, at these places of the result.",
    inputs=("x",),
    forward=np.expand_dims,
    vjp={"x": lambda g, y, x, axis: np.squeeze(g, axis=axis)},
    shape=_expanded,
    params={"axis": Param(kind="axes", doc="where in the result the new axis stands, or the new axes")},
    samples=(
        Sample(((3,),), {"axis": 0}),
        Sample(((2, 2),), {"axis": -1}),
        Sample(((2, 3),), {"axis": (0, 2)}),
        Sample(((1, 3),), {"axis": (-1, 0)}),
        Sample(((),), {"axis": 0}),
        Sample(((0,),), {"axis": 1}),
    ),
    symbol="⊞",
    aliases=("np.expand_dims", "np.newaxis", "tf.expand_dims", "torch.unsqueeze", "Unsqueeze"),
)

SQUEEZE: Final = Op(
    name="squeeze",
    family="shape",
    doc="Drop axes of size 1: those that are named, or all of them.",
    inputs=("x",),
    forward=np.squeeze,
    vjp={"x": lambda g, y, x, axis: np.expand_dims(g, _squeezed_axes(x.shape, axis))},
    shape=_squeezed,
    params={"axis": Param(kind="axes", default=None, optional=True, doc="the axis, or axes, to drop; none means all")},
    samples=(
        Sample(((1, 3),), {"axis": 0}),
        Sample(((2, 1, 1),), {"axis": (1, 2)}),
        Sample(((1, 2, 1),), {"axis": -1}),
        Sample(((1, 2, 1),), {"axis": None}),
        Sample(((1, 1),), {"axis": None}),
        Sample(((),), {"axis": None}),
        Sample(((0, 1),), {"axis": 1}),
    ),
    symbol="⊟",
    aliases=("np.squeeze", "tf.squeeze", "torch.squeeze", "Squeeze"),
)

CONCAT: Final = Op(
    name="concat",
    family="shape",
    doc="Join tensors end to end along an axis that they have; each gets back its slice of the gradient.",
    inputs=("x",),
    variadic=True,
    forward=lambda *xs, axis: np.concat([*xs], axis=axis),
    vjp={"x": _concat_vjp},
    shape=_concatenated,
    params={"axis": Param(kind="axis", default=0, doc="the axis along which to join")},
    samples=(
        Sample(((2, 3), (1, 3)), {"axis": 0}),
        Sample(((2, 1, 2), (2, 2, 2), (2, 0, 2)), {"axis": 1}),
        Sample(((2, 3), (2, 2)), {"axis": -1}),
        Sample(((3,),), {"axis": 0}),
        Sample(((3, 3), (3, 3), (3, 3)), {"axis": 1}),
    ),
    symbol="‖",
    aliases=("np.concat", "np.concatenate", "tf.concat", "torch.cat", "torch.concat", "Concat"),
    why_zero={"x": "what arrives is zero in its part of the result"},
)

STACK: Final = Op(
    name="stack",
    family="shape",
    doc="Join tensors of one shape along a new axis; each gets back its layer of the gradient.",
    inputs=("x",),
    variadic=True,
    forward=lambda *xs, axis: np.stack([*xs], axis=axis),
    vjp={"x": _stack_vjp},
    shape=_stacked,
    params={"axis": Param(kind="axis", default=0, doc="where in the result the new axis stands")},
    samples=(
        Sample(((3,), (3,)), {"axis": 0}),
        Sample(((), (), ()), {"axis": 0}),
        Sample(((2, 3), (2, 3)), {"axis": 1}),
        Sample(((2, 3), (2, 3), (2, 3)), {"axis": -1}),
        Sample(((0, 2), (0, 2)), {"axis": 0}),
    ),
    symbol="≡",
    aliases=("np.stack", "tf.stack", "torch.stack", "pack", "ConcatFromSequence"),
    why_zero={"x": "what arrives is zero in its layer of the result"},
)

OPS: tuple[Op, ...] = (
    RESHAPE,
    PERMUTE_DIMS,
    MATRIX_TRANSPOSE,
    BROADCAST_TO,
    EXPAND_DIMS,
    SQUEEZE,
    CONCAT,
    STACK,
)
