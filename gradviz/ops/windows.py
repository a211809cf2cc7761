"""How a kernel walks over images, and the arithmetic of convolution and its two adjoints.

Windows are gathered into columns (one copy for each element of the kernel, not for each window) and multiplied as
matrices. Where the kernel steps row by row, the columns of one of its rows serve all of them: the next row of the
kernel meets the same columns one row of places further down. Images are taken a few at a time, and large ones a few
rows at a time, so that the columns stay small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np

from gradviz.ops.op import Array, Shape
from gradviz.ops.symbolic import recorded

Sizes = int | tuple[int, int]


def pair(sizes: Sizes) -> tuple[int, int]:
    """Return the height and the width that one number, or two, stand for."""
    return (sizes, sizes) if isinstance(sizes, int) else sizes


@dataclass(frozen=True)
class Walk:
    """How a kernel walks over images: all shapes are known, `padded` is the height and width with padding."""

    x: Shape
    w: Shape
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int

    @property
    def padded(self) -> tuple[int, int]:
        """The height and width of the images with their padding."""
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
        """The shape of the result."""
        return (self.x[0], self.w[0], *self.places)

    @property
    def row(self) -> Shape:
        """The shape of all windows of one image at one row of places."""
        return (*self.w[2:], self.x[1], self.places[1])

    @property
    def steps(self) -> int:
        """How many times the columns serve: once, or for each row of the kernel where that makes good matrices."""
        is_row_by_row = self.stride[0] == self.dilation[0] == 1
        return self.w[2] if is_row_by_row and self.w[3] * self.w[1] >= _DEEP_ENOUGH else 1

    @property
    def taps(self) -> Shape:
        """The rows and columns of the kernel that have columns of their own."""
        return (1 if self.steps > 1 else self.w[2]), self.w[3]

    def batches(self) -> Iterator[slice]:
        """Yield slices of the batch whose columns take a bounded amount of memory, one image at least."""
        of_an_image = prod(self.taps) * self.x[1] * self.places[1] * (self.places[0] + self.steps - 1)
        return _slices(self.x[0], max(1, _MOST_ELEMENTS // max(1, of_an_image)))

    def strips(self) -> Iterator[slice]:
        """Yield slices of the rows of places whose columns, of one image, take a bounded amount, one row at least."""
        of_a_row = prod(self.taps) * self.x[1] * self.places[1]
        return _slices(self.places[0], max(1, _MOST_OF_AN_IMAGE // max(1, of_a_row) - self.steps + 1))

    def pad(self, x: Array) -> Array:
        """Return some images with their padding."""
        padded = np.zeros((*x.shape[:2], *self.padded), x.dtype)
        self.inside(padded)[...] = x
        return padded

    def inside(self, padded: Array) -> Array:
        """Return padded images without their padding, as a view."""
        top, left = self.padding
        return padded[:, :, top : top + self.x[2], left : left + self.x[3]]

    def _meetings(self, padded: Array, strip: slice) -> Iterator[tuple[int, int, Array]]:
        """Yield each tap with what it meets at a strip of places, as (batch, group, channel, row, column)."""
        (down, across), places = self.stride, self.places[1]
        stop = strip.stop + self.steps - 1
        images = np.reshape(padded, (padded.shape[0], self.groups, self.w[1], *self.padded))
        for i in range(self.taps[0]):
            for j in range(self.taps[1]):
                top, left = i * self.dilation[0], j * self.dilation[1]
                rows = slice(top + down * strip.start, top + down * stop, down)
                yield i, j, images[..., rows, left : left + across * places : across]

    def columns(self, padded: Array, strip: slice) -> Array:
        """Return what the taps meet at a strip of places, as (batch, group, tap and channel, place)."""
        windows = np.empty(self._columns_shape(len(padded), strip), padded.dtype)
        for i, j, met in self._meetings(padded, strip):
            windows[:, :, i, j] = met
        return self._flat(windows)

    def add_back(self, padded: Array, columns: Array, strip: slice) -> None:
        """Do the adjoint of `columns`: add every element of every window back into its padded image."""
        windows = np.reshape(columns, self._columns_shape(len(padded), strip))
        for i, j, met in self._meetings(padded, strip):
            np.add(met, windows[:, :, i, j], out=met)

    def no_columns(self, count: int, strip: slice, dtype: np.dtype[np.generic]) -> Array:
        """Return zeros in the shape of the columns of `count` images."""
        return self._flat(np.zeros(self._columns_shape(count, strip), dtype))

    def _columns_shape(self, count: int, strip: slice) -> Shape:
        rows = strip.stop - strip.start + self.steps - 1
        return (count, self.groups, *self.taps, self.w[1], rows, self.places[1])

    def _flat(self, windows: Array) -> Array:
        return np.reshape(windows, (*windows.shape[:2], prod(windows.shape[2:5]), prod(windows.shape[5:])))

    def stepwise(self, columns: Array, strip: slice) -> Iterator[Array]:
        """Yield the columns as each step of the kernel meets them, as views: (batch, group, tap and channel, place)."""
        count, width = (strip.stop - strip.start) * self.places[1], self.places[1]
        return (columns[..., step * width : step * width + count] for step in range(self.steps))

    def matrices(self, w: Array) -> Array:
        """Return the kernel as a matrix for each step: (step, group, channel out, tap and channel)."""
        outside = self.w[0] // self.groups
        last = np.transpose(np.reshape(w, (self.groups, outside, *self.w[1:])), (0, 1, 3, 4, 2))
        return np.moveaxis(np.reshape(last, (self.groups, outside, self.steps, self._depth)), 2, 0)

    def kernel(self, matrices: Array) -> Array:
        """Return the kernel that `matrices` made these of."""
        last = np.reshape(np.moveaxis(matrices, 0, 2), (self.w[0], *self.w[2:], self.w[1]))
        return np.ascontiguousarray(np.moveaxis(last, -1, 1))

    @property
    def _depth(self) -> int:
        return prod(self.taps) * self.w[1]

    def no_matrices(self, dtype: np.dtype[np.generic]) -> Array:
        """Return zeros in the shape of `matrices`, each transposed: the tall product is the faster one."""
        return np.zeros((self.steps, self.groups, self._depth, self.w[0] // self.groups), dtype)

    def maps(self, y: Array, batch: slice, strip: slice) -> Array:
        """Return what results have of a few images at a strip of places, as (batch, group, channel out, place)."""
        grouped = np.reshape(y, (len(y), self.groups, self.w[0] // self.groups, prod(self.places)))
        return grouped[batch, ..., strip.start * self.places[1] : strip.stop * self.places[1]]


_MOST_ELEMENTS: Final = 2**17
"""How many elements the columns of one go may have: 1 MiB of float64, which a processor keeps near."""
_MOST_OF_AN_IMAGE: Final = 2**24
"""How many the columns of one image may have, in which short copies would cost more: 128 MiB of float64."""
_DEEP_ENOUGH: Final = 16
"""How many rows a matrix of columns should have: with fewer, a product costs less than adding it to the others."""
_MANY_PLACES: Final = 64
"""With fewer places than that, one product for all images is faster than one for each."""


def _slices(size: int, step: int) -> Iterator[slice]:
    return (slice(start, min(start + step, size)) for start in range(0, size, step))


def walk(x: Shape, w: Shape, *, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> Walk:
    """Return how kernels of shape `w` walk over images of shape `x`."""
    return Walk(x, w, pair(stride), pair(padding), pair(dilation), groups)


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
    way = walk(x.shape, w.shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    y = _correlated(way, x, w)
    if b is None:
        return y
    # y is nobody else's yet: where the sum has its dtype, it takes its place.
    return np.asarray(np.add(y, np.reshape(b, (-1, 1, 1)), out=y if np.result_type(y, b) == y.dtype else None))


def _correlated(way: Walk, x: Array, w: Array) -> Array:
    y = np.empty(way.y, np.result_type(x, w))
    first, *others = way.matrices(w)
    for batch in way.batches():
        padded = way.pad(x[batch])
        for strip in way.strips():
            total = way.maps(y, batch, strip)
            met, *further = way.stepwise(way.columns(padded, strip), strip)
            np.matmul(first, met, out=total)
            for matrix, met in zip(others, further, strict=True):
                total += matrix @ met
    return y


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
    way = walk(shape, w.shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    back = _way_back(way)
    if back is not None and np.all(np.isfinite(w)):  # what is not finite would meet the zeros of the padding
        return _correlated(back, u, _flipped(way, w))
    return _added_back(way, u, w)


def _way_back(way: Walk) -> Walk | None:
    """Return how the flipped kernel walks over results back to images, or None where that is impossible or slow."""
    padding = way.reach[0] - 1 - way.padding[0], way.reach[1] - 1 - way.padding[1]
    if way.stride != (1, 1) or min(padding) < 0 or prod(way.x[2:]) > 2 * prod(way.places):
        return None
    flipped = way.x[1], way.w[0] // way.groups, *way.w[2:]
    back = walk(way.y, flipped, stride=1, padding=padding, dilation=way.dilation, groups=way.groups)
    return back if prod(back.row) <= _MOST_OF_AN_IMAGE else None


def _flipped(way: Walk, w: Array) -> Array:
    """Return the kernel upside down and the wrong way round, from channels out to channels in."""
    grouped = np.reshape(w, (way.groups, way.w[0] // way.groups, *way.w[1:]))[..., ::-1, ::-1]
    return np.reshape(np.swapaxes(grouped, 1, 2), (way.x[1], way.w[0] // way.groups, *way.w[2:]))


def _added_back(way: Walk, u: Array, w: Array) -> Array:
    x = np.empty(way.x, np.result_type(u, w))
    matrices = np.swapaxes(way.matrices(w), -1, -2)
    for batch in way.batches():
        padded = np.zeros((*x[batch].shape[:2], *way.padded), x.dtype)
        for strip in way.strips():
            columns = way.no_columns(len(padded), strip, x.dtype)
            maps = way.maps(u, batch, strip)
            for matrix, met in zip(matrices, way.stepwise(columns, strip), strict=True):
                np.add(met, matrix @ maps, out=met)
            way.add_back(padded, columns, strip)
        x[batch] = way.inside(padded)
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
    way = walk(x.shape, shape, stride=stride, padding=padding, dilation=dilation, groups=groups)
    totals = way.no_matrices(np.result_type(x, u))
    for batch in way.batches():
        padded = way.pad(x[batch])
        for strip in way.strips():
            maps = np.swapaxes(way.maps(u, batch, strip), -1, -2)
            for total, met in zip(totals, way.stepwise(way.columns(padded, strip), strip), strict=True):
                np.add(total, _product_of_all(met, maps), out=total)
    return way.kernel(np.swapaxes(totals, -1, -2))


def _product_of_all(columns: Array, maps: Array) -> Array:
    """Return the sum, over a batch, of columns times maps. Columns go first: the tall product is the faster one."""
    if columns.shape[-1] >= _MANY_PLACES:
        product = columns @ maps
        return np.asarray(np.sum(product, axis=0, dtype=product.dtype))
    count, groups, depth, places = columns.shape
    longer = np.reshape(np.moveaxis(columns, 0, 2), (groups, depth, count * places))
    return np.asarray(longer @ np.reshape(np.moveaxis(maps, 0, 1), (groups, count * places, maps.shape[-1])))
