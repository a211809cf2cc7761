"""The display list: what is drawn, as data, in drawing order.

A `Picture` is a list of items in picture coordinates (pixels at 100 %, y grows downwards): the first is drawn first.
The painter draws them with `QPainter`, the writers of `export` say the same in their formats; nobody else knows how a
graph looks. Items are flat records without methods that draw. They carry no clips, shadows or smoothed images, which
other formats would draw differently or not at all.

Colours are "#RRGGBB" (from a `Theme`); lengths, widths and text sizes are pixels at 100 %. An item may say which node
or port it belongs to, for alternative texts and hit tests, and below which scale it is left out (`least`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.graph import NodeId, Port
from gradviz.picture.arrow_heads import head_of, shaft_of
from gradviz.picture.fonts import Family, Weight, ascent, digit_height, line_height, text_width

Colour = str
Point = tuple[float, float]
Rect = tuple[float, float, float, float]
"""x, y, width, height."""

READABLE = 6.0
"""The size of a text in device pixels below which nobody can read it."""

Corners = Literal["all", "top", "bottom", "left", "right"]
Anchor = Literal["left", "middle", "right"]
Baseline = Literal["baseline", "middle", "top"]

ROUND_CORNERS: Mapping[Corners, tuple[bool, bool, bool, bool]] = {
    "all": (True, True, True, True),
    "top": (True, True, False, False),
    "bottom": (False, False, True, True),
    "left": (True, False, False, True),
    "right": (False, True, True, False),
}
"""Which corners are round: upper left, upper right, lower right, lower left."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, rounded by `radius` at the corners named; the stroke lies astride its edge.

    With a radius of half its side it is a disc. `dash` are lengths of dash and gap in pixels.
    """

    x: float
    y: float
    w: float
    h: float
    fill: Colour | None = None
    stroke: Colour | None = None
    width: float = 1.0
    radius: float = 0.0
    corners: Corners = "all"
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    node: NodeId | None = None
    port: Port | None = None
    least: float = 0.0

    @property
    def bounds(self) -> Rect:
        """The rectangle with its stroke."""
        half = self.width / 2 if self.stroke else 0.0
        return self.x - half, self.y - half, self.w + 2 * half, self.h + 2 * half


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through `points`: with `bent`, four points of a cubic Bézier curve, else two or more of a polyline.

    `head` is the length of an arrow head whose tip is the last point; 0 draws none.
    """

    points: tuple[Point, ...]
    colour: Colour
    width: float = 1.0
    bent: bool = True
    dash: tuple[float, ...] = ()
    head: float = 0.0
    opacity: float = 1.0
    node: NodeId | None = None
    port: Port | None = None

    def __post_init__(self) -> None:
        """Refuse points that make no curve."""
        if len(self.points) < 2 or (self.bent and len(self.points) != 4):
            raise ValueError(f"a curve has four points and a polyline at least two, not {len(self.points)}")

    @property
    def shaft(self) -> tuple[Point, ...]:
        """The points of the line alone, which ends inside its head."""
        return shaft_of(self.points, self.head, bent=self.bent) if self.head else self.points

    @property
    def arrow(self) -> tuple[Point, ...]:
        """The corners of its head, a triangle, tip first; none without a head."""
        return head_of(self.points, self.head, bent=self.bent) if self.head else ()

    @property
    def bounds(self) -> Rect:
        """The box around its points, its width and its head; a Bézier curve never leaves it."""
        return _around(self.points, max(self.width, self.head) / 2)


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; (x, y) is where its `anchor` and `baseline` lie. "middle" centres the height of its digits.

    A text with `room`, so many pixels, is important: from afar it is set larger, so that it is still read. A name that
    begins at the left is cut where its room ends; a number in the middle of its room is set larger whole or not at all.
    """

    x: float
    y: float
    text: str
    size: float
    colour: Colour
    weight: Weight = "regular"
    family: Family = "sans"
    anchor: Anchor = "left"
    baseline: Baseline = "baseline"
    opacity: float = 1.0
    node: NodeId | None = None
    port: Port | None = None
    least: float = 0.0
    room: float = 0.0

    @property
    def length(self) -> float:
        """Its advance width in pixels."""
        return text_width(self.text, self.size, self.family, self.weight)

    @property
    def origin(self) -> Point:
        """The left end of its baseline."""
        x, y = self.x, self.y
        if self.anchor != "left":
            x -= self.length * (0.5 if self.anchor == "middle" else 1.0)
        if self.baseline == "middle":
            y += digit_height(self.size, self.family, self.weight) / 2
        elif self.baseline == "top":
            y += ascent(self.size, self.family, self.weight)
        return x, y

    @property
    def bounds(self) -> Rect:
        """The box of the line: its advance wide, one line high."""
        x, y = self.origin
        up = ascent(self.size, self.family, self.weight)
        return x, y - up, self.length, line_height(self.size, self.family, self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A matrix of coloured cells that fills its rectangle without gaps.

    `colours` is uint8 of shape (rows, columns, 3). `marks`, uint8 of shape (rows, columns), says which cells hold no
    ordinary number (`colormap.Mark`).
    """

    x: float
    y: float
    w: float
    h: float
    colours: NDArray[np.uint8]
    marks: NDArray[np.uint8] | None = None
    opacity: float = 1.0
    node: NodeId | None = None
    port: Port | None = None

    def __post_init__(self) -> None:
        """Refuse arrays whose shapes do not fit each other."""
        if self.colours.ndim != 3 or self.colours.shape[2] != 3 or self.colours.dtype != np.uint8:
            raise ValueError(f"colours of cells are uint8 (rows, columns, 3), not {self.colours.shape}")
        if self.marks is not None and self.marks.shape != self.colours.shape[:2]:
            raise ValueError(f"marks {self.marks.shape} do not fit cells {self.colours.shape[:2]}")

    @property
    def bounds(self) -> Rect:
        """Its rectangle."""
        return self.x, self.y, self.w, self.h

    def runs(self) -> Iterator[tuple[Rect, Colour]]:
        """Yield rectangles of one colour that make it up: neighbours in a row that look alike are one."""
        rows, columns = self.colours.shape[:2]
        for row, line in enumerate(self.colours):
            changes = np.flatnonzero(np.any(line[1:] != line[:-1], axis=1)) + 1
            starts = [0, *changes.tolist(), columns]
            for start, end in pairwise(starts if columns else ()):
                x, w = self.x + self.w * start / columns, self.w * (end - start) / columns
                colour = "#{:02X}{:02X}{:02X}".format(*line[start].tolist())
                yield (x, self.y + self.h * row / rows, w, self.h / rows), colour


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape with straight sides, such as a sign drawn by hand."""

    points: tuple[Point, ...]
    fill: Colour | None = None
    stroke: Colour | None = None
    width: float = 1.0
    opacity: float = 1.0
    node: NodeId | None = None
    port: Port | None = None

    @property
    def bounds(self) -> Rect:
        """The box around its points and its stroke."""
        return _around(self.points, self.width / 2 if self.stroke else 0.0)


Item = Box | Curve | Text | Cells | Polygon


Floats = NDArray[np.float64]


class Measured(NamedTuple):
    """Items, and for each of them left, top, right, bottom, its size, and the scale below which it is left out.

    `extents` is float64 of shape (items, 6). The size of a text is its own or its room, of anything else its longer
    side.
    """

    items: tuple[Item, ...]
    extents: Floats

    @classmethod
    def of(cls, items: Iterable[Item]) -> Measured:
        """Measure items."""
        items = tuple(items)
        extents = np.zeros((len(items), 6))
        if items:
            extents[:, :4] = [item.bounds for item in items]
            extents[:, 2:4] += extents[:, :2]
            with np.errstate(all="ignore"):  # what lies nowhere is as large as NaN, and not drawn
                extents[:, 4] = np.maximum(extents[:, 2] - extents[:, 0], extents[:, 3] - extents[:, 1])
            for row, item in enumerate(items):
                if isinstance(item, Text):
                    extents[row, 4:] = item.room or item.size, item.least
                elif isinstance(item, Box):
                    extents[row, 5] = item.least
        return cls(items, extents)

    @classmethod
    def joined(cls, parts: Sequence[Measured]) -> Measured:
        """Return the items of some parts, one after the other."""
        items = tuple(chain.from_iterable(part.items for part in parts))
        return cls(items, np.concatenate([np.zeros((0, 6)), *(part.extents for part in parts)]))


@dataclass(frozen=True, eq=False)
class Picture:
    """Items in drawing order, within `bounds` (x, y, width, height).

    `geometry` is where nodes and wires lie (a `geometry.Geometry`, whose module builds on this one), and `words`
    tell the picture to who cannot see it, as text or as what writes the text once it is asked for; `labels` says the
    same of single nodes. `active` is the node that acts, if one is marked. Without a `background` the
    paper shows through; the painter of items never draws it. What is `measured` already is not measured again as long
    as its items are those of the picture.
    """

    items: tuple[Item, ...]
    bounds: Rect
    geometry: Any = None
    words: str | Callable[[], str] = ""
    labels: Mapping[NodeId, str] = field(default_factory=dict)
    background: Colour | None = None
    measured: Measured | None = None
    active: NodeId | None = None

    @cached_property
    def alt(self) -> str:
        """The text for who cannot see it."""
        return self.words if isinstance(self.words, str) else self.words()

    @property
    def unit(self) -> float:
        """How many of its pixels are one pixel of the light theme: in a theme of larger type everything is larger."""
        return 1.0 if self.geometry is None else float(self.geometry.unit)

    @cached_property
    def item_extents(self) -> Floats:
        """How far all items reach and when they are seen, as in `Measured`."""
        known = self.measured
        return known.extents if known is not None and known.items is self.items else Measured.of(self.items).extents

    @property
    def item_bounds(self) -> Floats:
        """The bounds of all items, float64 of shape (items, 4): left, top, right, bottom."""
        return self.item_extents[:, :4]

    @property
    def item_sizes(self) -> Floats:
        """How large each item is, float64 (items,): size or room of a text, the longer side of anything else."""
        return self.item_extents[:, 4]

    @property
    def item_leasts(self) -> Floats:
        """The scale below which each item is left out, float64 of shape (items,)."""
        return self.item_extents[:, 5]


def _around(points: tuple[Point, ...], margin: float) -> Rect:
    """Return the box around points, widened by a margin on every side."""
    xs, ys = zip(*points, strict=True)
    left, top = min(xs) - margin, min(ys) - margin
    return left, top, max(xs) + margin - left, max(ys) + margin - top
