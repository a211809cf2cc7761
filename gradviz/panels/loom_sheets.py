"""The tensors of a step as small matrices, laid out so that what meets in one cell of the result is in line.

A product of matrices is laid out as people do by hand: the left factor to the left of the result, the right one above
it, so that a row and a column meet in their cell. A factor that the rule transposes stands in the corner as it is,
beside what it shares an axis with. Of large tensors the neighbourhood of the cell is laid out, of rank above 2 a slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from gradviz.engine import Link, Weave
from gradviz.graph import Array
from gradviz.panels.cell_overlay import written
from gradviz.panels.slices import Slicing
from gradviz.picture import (
    Box,
    Cells,
    Item,
    Rect,
    TensorLayout,
    Text,
    Theme,
    coloured,
    outlines,
    scale_limit,
    shorten,
    show_shape,
)

Cell = tuple[int, ...]

MOST_ROWS: Final = 8
_WIDEST, _NARROWEST, _HEIGHT, _TITLE, _GAP = 4.8, 3.3, 1.8, 1.7, 1.4
"""Sizes of a cell, of a title and of the room between matrices, in heights of the numbers."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A matrix of a tensor, or a part of it from row and column `first` on, with its upper left corner at (x, y).

    `name` is what the rule calls the tensor, "" for the result. `lit` marks the cells of the tensor that are told of.
    """

    name: str
    title: str
    tensor: Array
    slicing: Slicing
    lit: Array
    colour: str
    size: tuple[int, int] = (1, 1)
    first: tuple[int, int] = (0, 0)
    x: float = 0.0
    y: float = 0.0
    labels: tuple[str, str] = ("", "")
    limit: float = field(default=0.0)

    def placed(self, x: float, y: float) -> Sheet:
        """Return the same sheet elsewhere."""
        return replace(self, x=x, y=y)

    def width(self, cell: float) -> float:
        """Return how wide it is with cells of a width."""
        return cell * self.size[1]

    def rect_of(self, cell: Cell, w: float, h: float) -> Rect | None:
        """Return where a cell of the tensor is, or None where it is not shown."""
        place = self.slicing.place(cell)
        if place is None:
            return None
        row, column = place[0] - self.first[0], place[1] - self.first[1]
        inside = 0 <= row < self.size[0] and 0 <= column < self.size[1]
        return (self.x + column * w, self.y + row * h, w, h) if inside else None

    def cell_at(self, x: float, y: float, w: float, h: float) -> Cell | None:
        """Return the cell of the tensor at a point."""
        row, column = int((y - self.y) // h), int((x - self.x) // w)
        if not (0 <= row < self.size[0] and 0 <= column < self.size[1]) or not self.tensor.size:
            return None
        return self.slicing.cell(row + self.first[0], column + self.first[1])

    def part(self, array: Array) -> Array:
        """Return the part that is shown of the tensor, or of a mask of its shape."""
        (row, column), (rows, columns) = self.first, self.size
        return self.slicing.matrix(array)[row : row + rows, column : column + columns]

    @property
    def heading(self) -> str:
        """Its name with its shape, and which part of it is shown."""
        parts = [str(at) for at in (self.slicing.at[axis] for axis in self.slicing.fixed_axes)]
        whole = self.slicing.size
        for first, size, most in zip(self.first, self.size, whole, strict=True):
            if size < most or parts:
                parts.append(":" if size == most else f"{first}:{first + size}")
            elif self.size != whole:
                parts.append(":")
        lengths = self.tensor.shape[:-2] + whole if self.tensor.ndim > 1 else self.tensor.shape
        shape = show_shape(lengths) if lengths else ""
        return " ".join(filter(None, (self.title, shape, f"[{', '.join(parts)}]" if parts else "")))

    def items(self, w: float, h: float, theme: Theme, room: float) -> Iterator[Item]:
        """Yield the matrix with its numbers where they fit, its name above it, and an outline of what is lit."""
        width, height, em = w * self.size[1], h * self.size[0], float(theme.cell_size)
        heading = shorten(self.heading, max(room, w), 0.95 * em, weight="semibold")
        yield Text(self.x, self.y - 0.45 * em, heading, 0.95 * em, self.colour, weight="semibold")
        part = self.part(self.tensor)
        if not part.size:
            yield Box(self.x, self.y, max(width, w), max(height, h), stroke=self.colour, dash=(3.0, 3.0))
            middle = self.x + max(width, w) / 2, self.y + max(height, h) / 2
            yield Text(*middle, "empty", em, theme.muted, anchor="middle", baseline="middle")
            return
        is_number = self.tensor.size == 1
        rgb, marks = coloured(part, np.inf if is_number else self.limit, theme)
        if is_number:  # a number by itself has no scale, so that its cell is paper
            rgb = np.full_like(rgb, tuple(bytes.fromhex(theme.card[1:])))
        cells = Cells(self.x, self.y, width, height, rgb, marks)
        yield cells
        yield from written(part, cells, theme)
        yield Box(self.x, self.y, width, height, stroke=self.colour)
        yield from self._labels(w, h, theme)
        yield from self._outline(width, height, theme)

    def _labels(self, w: float, h: float, theme: Theme) -> Iterator[Item]:
        """Yield the names of its axes: of the rows at the left, of the columns below."""
        em = float(theme.cell_size)
        rows, columns = self.labels
        if rows:
            middle = self.y + h * self.size[0] / 2
            yield Text(self.x - 0.3 * em, middle, rows, em, theme.muted, anchor="right", baseline="middle")
        if columns:
            below = self.y + h * self.size[0] + 0.9 * em
            yield Text(self.x + w * self.size[1] / 2, below, columns, em, theme.muted, anchor="middle")

    def _outline(self, width: float, height: float, theme: Theme) -> Iterator[Item]:
        lit = self.part(self.lit)
        layout = TensorLayout("cells", width, height, sheet=lit.shape, sheet_w=width, sheet_h=height)
        lines = (outlines(layout, lit) + np.array([self.x, self.y, self.x, self.y])).tolist()
        for colour, thick in ((theme.card, 4.0), (theme.ink, 2.0)):
            for x1, y1, x2, y2 in lines:
                left, top = min(x1, x2) - thick / 2, min(y1, y2) - thick / 2
                yield Box(left, top, abs(x2 - x1) + thick, abs(y2 - y1) + thick, colour)


def sheet_of(name: str, title: str, tensor: Array, lit: Array, colour: str, *, is_turned: bool = False) -> Sheet:
    """Return a tensor as a matrix of its last two axes, or turned, at the first of its cells that are lit."""
    usual = Slicing.of(tensor.shape)
    found = np.argwhere(lit)
    at = tuple(int(each) for each in found[0]) if len(found) else usual.at
    slicing = replace(usual, at=at)
    if is_turned:
        slicing = replace(slicing, row_axis=usual.column_axis, column_axis=usual.row_axis)
    return Sheet(name, title, tensor, slicing, lit, colour, slicing.size, limit=scale_limit(tensor))


def cut(sheet: Sheet, rows: int, columns: int) -> Sheet:
    """Return at most so many rows and columns of a sheet, around the first cell that is lit."""
    size = min(rows, sheet.slicing.size[0]), min(columns, sheet.slicing.size[1])
    lit = np.argwhere(sheet.slicing.matrix(sheet.lit))
    start = lit.min(axis=0).tolist() if len(lit) else [0, 0]
    ends = lit.max(axis=0).tolist() if len(lit) else [0, 0]
    first = [
        max(0, min(begin - max(0, (length - (end - begin + 1)) // 2), whole - length))
        for begin, end, length, whole in zip(start, ends, size, sheet.slicing.size, strict=True)
    ]
    return replace(sheet, size=size, first=(first[0], first[1]))


@dataclass(frozen=True, eq=False)
class Laid:
    """Sheets in their places, with cells of a width and height; `turns` are pairs of a sheet and its transpose."""

    sheets: tuple[Sheet, ...]
    w: float
    h: float
    bottom: float
    turns: tuple[tuple[Sheet, Sheet], ...] = ()


def product_of(woven: Weave, links: Sequence[Link], result: Array, cell: Cell) -> tuple[Link, Link] | None:
    """Return the left and the right factor where a row and a column meet in a cell; None where it is otherwise."""
    terms = woven.terms
    if not woven.is_sum or result.ndim < 2 or not terms or any(len(term) != 2 or not term[1].name for term in terms):
        return None
    known = {link.name: link for link in links}
    left, right = known[terms[0][0].name], known[terms[0][1].name]
    for a, b in ((left, right), (right, left)):
        lines = _line(a, cell[-2], result.shape[-2]), _line(b, cell[-1], result.shape[-1])
        if None not in lines and a.count == b.count > 1:
            return a, b
    return None


def _line(link: Link, at: int, across: int) -> int | None:
    """Return the axis, of the last two, along which a whole line at a place is lit; None where there is none."""
    if link.tensor.ndim < 2:
        return None
    places = np.argwhere(link.cells)
    for axis, other in ((-1, -2), (-2, -1)):
        is_whole = len(places) == link.tensor.shape[axis] and len(np.unique(places[:, axis])) == len(places)
        if is_whole and link.tensor.shape[other] == across and np.all(places[:, other] == at):
            return axis % 2
    return None


class Product(NamedTuple):
    """The left and the right factor of a product, and what they are called."""

    left: Link
    right: Link
    left_title: str
    right_title: str


def lay_out_product(product: Product, result: Sheet, cell: Cell, theme: Theme, room: float) -> Laid:
    """Return a product with its left factor at the left and its right one above, each turned where that lines it up."""
    em = float(theme.cell_size)
    left, right, *titles = product
    turned = _line(left, cell[-2], result.tensor.shape[-2]) == 0, _line(right, cell[-1], result.tensor.shape[-1]) == 1
    colours = [theme.gradient if link.name == "g" else theme.ink for link in (left, right)]
    sheets = [
        sheet_of(link.name, title, link.tensor, link.cells, colour, is_turned=is_turned)
        for link, title, colour, is_turned in zip((left, right), titles, colours, turned, strict=True)
    ]
    gap, inner = _GAP * em, left.count
    most = max(4, int((room - 2.2 * gap) / (_NARROWEST * em)))
    rows, columns = min(MOST_ROWS, result.slicing.size[0]), min(MOST_ROWS, result.slicing.size[1])
    half = most // 2
    inner = min(inner, max(half, most - columns), MOST_ROWS)
    rows = min(rows, max(half, most - columns)) if turned[0] else rows
    wide = max(inner, rows if turned[0] else 0)
    columns = min(columns, max(2, most - wide))
    shown = cut(result, rows, columns)
    a, b = cut(sheets[0], rows, inner), cut(sheets[1], inner, columns)
    a, b = replace(a, first=(shown.first[0], a.first[1])), replace(b, first=(b.first[0], shown.first[1]))
    w, h = min(_WIDEST * em, (room - 2.2 * gap) / (wide + columns)), _HEIGHT * em
    split, top = gap + wide * w + gap, _TITLE * em
    high = max(inner, columns if turned[1] else 0)
    below = top + high * h + gap + _TITLE * em
    a = a.placed(split - gap - inner * w, below)
    b = b.placed(split, top + (high - inner) * h)
    shown = shown.placed(split, below)
    turns = []
    if turned[0]:
        at = split - gap - rows * w, top + (high - inner) * h
        turns.append((_back(a, at), replace(a, title=f"{a.title}ᵀ")))
        a = turns[-1][1]
    if turned[1]:
        at = split - gap - inner * w, top + (high - columns) * h
        turns.append((_back(b, at), replace(b, title=f"{b.title}ᵀ")))
        b = turns[-1][1]
    corner = [before for before, _ in turns[:1]]
    return Laid((*corner, a, b, shown), w, h, below + rows * h + 0.4 * em, tuple(turns[:1]))


def _back(sheet: Sheet, at: tuple[float, float]) -> Sheet:
    """Return a turned sheet as it is, in another place."""
    slicing = sheet.slicing
    usual = replace(slicing, row_axis=slicing.column_axis, column_axis=slicing.row_axis)
    (rows, columns), (first, other) = sheet.size, sheet.first
    return replace(sheet, slicing=usual, size=(columns, rows), first=(other, first), x=at[0], y=at[1])


def lay_out_beside(sheets: Sequence[Sheet], theme: Theme, room: float) -> Laid:
    """Return sheets beside each other, and below where there is no more room; all cells have one size."""
    em = float(theme.cell_size)
    gap, h = _GAP * em, _HEIGHT * em
    most = max(2, int((room - 2 * gap) / (_NARROWEST * em)))
    shown = [cut(sheet, MOST_ROWS, min(most, MOST_ROWS)) for sheet in sheets]
    widest = max(max(1, sheet.size[1]) for sheet in shown)
    w = min(_WIDEST * em, (room - 2 * gap) / widest)
    x, y, high = gap, _TITLE * em, 0.0
    placed: list[Sheet] = []
    for sheet in shown:
        heading = 0.62 * em * len(sheet.heading)
        width = max(w * max(1, sheet.size[1]), min(heading, room / 2 - gap))
        if placed and x + width > room - 2:
            x, y, high = gap, y + high + _TITLE * em + gap, 0.0
        placed.append(sheet.placed(x, y))
        high = max(high, max(1, sheet.size[0]) * h)
        x += width + gap
    return Laid(tuple(placed), w, h, y + high + 0.4 * em)


def lettered(lay_out: Callable[[float], Laid], letters: Mapping[str, str], theme: Theme, room: float) -> Laid:
    """Return what is laid out with the letters of the axes at its sheets, by the names of the tensors."""
    laid = lay_out(room)
    sheets = tuple(replace(sheet, labels=_labels(sheet, letters.get(sheet.name, ""))) for sheet in laid.sheets)
    return replace(laid, sheets=sheets, bottom=laid.bottom + (theme.cell_size if letters else 0))


def _labels(sheet: Sheet, letters: str) -> tuple[str, str]:
    """Return the letters of the axes that are the rows and the columns of a sheet."""
    if len(letters) != sheet.tensor.ndim:
        return "", ""
    rows, columns = sheet.slicing.row_axis, sheet.slicing.column_axis
    return "" if rows is None else letters[rows], "" if columns is None else letters[columns]
