"""The boxes of typeset mathematics: what has a width, an ascent and a descent, and is drawn at a place.

A box knows its parts and where they lie from the left end of its own baseline (y grows downwards). Only when the whole
formula stands is it written out as items, so that a box is placed without making anything anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from gradviz.picture.fonts import Weight, text_width
from gradviz.picture.items import Colour, Curve, Item, Point, Rect, Text

Spacing = Literal["ordinary", "operator", "relation", "binary", "comma", "open", "close"]

SCRIPT: Final = 0.72
"""The size of indices and exponents, relative to what they stand at."""

AXIS: Final = 0.27
"""How high above the baseline fraction bars and operators lie, in sizes."""

_RISE, _FALL = 0.74, 0.2
"""How far a line of text reaches above and below its baseline, in sizes."""

_STROKE: Final = 0.062
_SIDES: Final[dict[Spacing, tuple[float, float]]] = {
    "relation": (0.3, 0.3),
    "binary": (0.22, 0.22),
    "comma": (0.0, 0.2),
    "operator": (0.06, 0.14),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of typeset mathematics. `key` is the letter of the term that it is, "" for none.

    `parts` lie at (x, y) from the left end of its baseline; `text` or `strokes` is what it draws itself.
    """

    w: float
    up: float
    down: float
    parts: tuple[tuple[float, float, Box], ...] = ()
    text: str = ""
    size: float = 0.0
    weight: Weight = "regular"
    strokes: tuple[tuple[Point, ...], ...] = ()
    key: str = ""
    spacing: Spacing = "ordinary"

    def items(self, x: float, y: float, colour: Colour, colours: dict[str, Colour]) -> Iterator[Item]:
        """Yield what the box draws with the left end of its baseline at (x, y)."""
        colour = colours.get(self.key, colour)
        if self.text:
            yield Text(x, y, self.text, self.size, colour, self.weight)
        for points in self.strokes:
            placed = tuple((x + px, y + py) for px, py in points)
            yield Curve(placed, colour, _STROKE * self.size, bent=len(points) == 4)
        for px, py, part in self.parts:
            yield from part.items(x + px, y + py, colour, colours)

    def terms(self, x: float, y: float) -> Iterator[tuple[str, Rect]]:
        """Yield the letter and the rectangle of every term in the box, outer ones first."""
        if self.key:
            yield self.key, (x, y - self.up, self.w, self.up + self.down)
        for px, py, part in self.parts:
            yield from part.terms(x + px, y + py)


@lru_cache(maxsize=1 << 12)
def text_box(text: str, size: float, spacing: Spacing = "ordinary", weight: Weight = "regular") -> Box:
    """Return a text on the baseline."""
    box = Box(text_width(text, size, weight=weight), _RISE * size, _FALL * size, text=text, size=size, weight=weight)
    return _with_sides(box, spacing, size)


def _with_sides(box: Box, spacing: Spacing, size: float) -> Box:
    left, right = _SIDES.get(spacing, (0.0, 0.0))
    if not left and not right:
        return Box(box.w, box.up, box.down, ((0.0, 0.0, box),), spacing=spacing) if spacing != "ordinary" else box
    wide = box.w + (left + right) * size
    return Box(wide, box.up, box.down, ((left * size, 0.0, box),), spacing=spacing)


def large_box(text: str, size: float) -> Box:
    """Return a sign that is larger than the text around it, centred on the axis: ∑ and ∏."""
    larger = 1.35 * size
    drop = 0.36 * larger - AXIS * size
    sign = Box(text_width(text, larger), 0.74 * larger, 0.02 * larger, text=text, size=larger)
    return Box(sign.w + 0.03 * size, sign.up - drop, sign.down + drop, ((0.0, drop, sign),), spacing="operator")


def row_box(parts: Sequence[Box], key: str = "") -> Box:
    """Return boxes side by side on one baseline."""
    x, placed = 0.0, []
    for part in parts:
        placed.append((x, 0.0, part))
        x += part.w
    up = max((part.up for part in parts), default=0.0)
    down = max((part.down for part in parts), default=0.0)
    return Box(x, up, down, tuple(placed), key=key)


def fraction_box(above: Box, below: Box, size: float) -> Box:
    """Return one box over another, with a bar on the axis between them."""
    gap, side = 0.13 * size, 0.1 * size
    w = max(above.w, below.w) + 2 * side
    axis = AXIS * size
    bar = Box(w, 0, 0, size=size, strokes=(((0.5 * side, -axis), (w - 0.5 * side, -axis)),))
    over, under = -axis - gap - above.down, -axis + gap + below.up
    parts = (((w - above.w) / 2, over, above), ((w - below.w) / 2, under, below), (0.0, 0.0, bar))
    return Box(w, above.up - over, under + below.down, parts)


def script_box(base: Box, upper: Box | None, lower: Box | None, size: float) -> Box:
    """Return a box with an exponent, an index or both at its right."""
    parts = [(0.0, 0.0, base)]
    x, up, down, right = base.w + 0.04 * size, base.up, base.down, base.w
    if upper is not None:
        rise = max(base.up - 0.36 * size, 0.36 * size)
        parts.append((x, -rise, upper))
        up, right = max(up, rise + upper.up), max(right, x + upper.w)
    if lower is not None:
        fall = max(base.down - 0.04 * size, 0.18 * size)
        parts.append((x, fall, lower))
        down, right = max(down, fall + lower.down), max(right, x + lower.w)
    gap = 0.2 if base.spacing == "operator" else 0.05
    return Box(right + gap * size, up, down, tuple(parts), spacing=base.spacing)


def root_box(inside: Box, degree: str, size: float) -> Box:
    """Return a root with a line over all of its operand."""
    lead = 0.62 * size
    up, down = inside.up + 0.16 * size, inside.down
    w = lead + inside.w + 0.08 * size
    hook = (
        (0.06 * size, -0.32 * size),
        (0.18 * size, -0.38 * size),
        (0.36 * size, down - 0.06 * size),
        (0.56 * size, -up + 0.05 * size),
        (w, -up + 0.05 * size),
    )
    parts = [(lead, 0.0, inside), (0.0, 0.0, Box(w, 0, 0, size=size, strokes=(hook,)))]
    if degree:
        parts.append((0.04 * size, -0.48 * size, text_box(degree, 0.55 * size)))
    return Box(w, up, down, tuple(parts))


def fenced_box(inside: Box, left: str, right: str, size: float) -> Box:
    """Return a box between two fences that grow with it; "." is no fence."""
    if inside.up + inside.down <= 1.25 * size:
        opening, closing = [text_box("" if sign == "." else sign, size, "open") for sign in (left, right)]
        return row_box((opening, inside, replace(closing, spacing="close")))
    up, down = inside.up + 0.05 * size, inside.down + 0.05 * size
    before, after = _fence(left, up, down, size, mirrored=False), _fence(right, up, down, size, mirrored=True)
    row = row_box((before, inside, after))
    return Box(row.w, up, down, row.parts)


def _fence(sign: str, up: float, down: float, size: float, *, mirrored: bool) -> Box:
    if sign == ".":
        return row_box(())
    w, near, far = 0.36 * size, 0.12 * size, 0.28 * size
    strokes: tuple[tuple[Point, ...], ...]
    match sign:
        case "(" | ")":
            strokes = (((far, -up), (near - 0.04 * size, -up * 0.6), (near - 0.04 * size, down * 0.6), (far, down)),)
        case "{":
            strokes = _brace(up, down, size)
        case "|":
            strokes = (((w / 2, -up), (w / 2, down)),)
        case _:
            has_head, has_foot = sign in "[]⌈⌉", sign in "[]⌊⌋"
            line = [(far, -up)] * has_head + [(near, -up), (near, down)] + [(far, down)] * has_foot
            strokes = (tuple(line),)
            if len(line) == 4:
                strokes = (tuple(line[:3]), tuple(line[2:]))
    if mirrored:
        strokes = tuple(tuple((w - x, y) for x, y in points) for points in strokes)
    return Box(w, up, down, size=size, strokes=strokes, spacing="close" if mirrored else "open")


def _brace(up: float, down: float, size: float) -> tuple[tuple[Point, ...], ...]:
    stem, bend, middle = 0.24 * size, 0.14 * size, (down - up) / 2
    tip, end = stem - bend, stem + bend
    return (
        ((end, -up), (stem, -up), (stem, -up), (stem, -up + bend)),
        ((stem, -up + bend), (stem, middle - bend)),
        ((stem, middle - bend), (stem, middle), (stem, middle), (tip, middle)),
        ((tip, middle), (stem, middle), (stem, middle), (stem, middle + bend)),
        ((stem, middle + bend), (stem, down - bend)),
        ((stem, down - bend), (stem, down), (stem, down), (end, down)),
    )


def cases_box(rows: Sequence[tuple[Box, ...]], size: float) -> Box:
    """Return rows of a choice behind a brace: values in one column, conditions in the next."""
    columns = [max((row[c].w for row in rows if len(row) > c), default=0.0) for c in (0, 1)]
    heights = [(max(box.up for box in row), max(box.down for box in row)) for row in rows]
    gap = 0.3 * size
    total = sum(up + down for up, down in heights) + gap * (len(rows) - 1)
    top = -AXIS * size - total / 2
    y, parts = top, []
    for row, (up, down) in zip(rows, heights, strict=True):
        x = 0.0
        for box, w in zip(row, columns, strict=False):
            parts.append((x, y + up, box))
            x += w + 0.7 * size
        y += up + down + gap
    inside = Box(columns[0] + columns[1] + 0.7 * size, -top, top + total, tuple(parts))
    return fenced_box(inside, "{", ".", size)


def stacked(lines: Sequence[Box], indent: float, gap: float) -> Box:
    """Return lines under each other, all but the first indented; the baseline is that of the first."""
    y, parts = 0.0, []
    for number, line in enumerate(lines):
        y += line.up if number else 0.0
        parts.append((indent if number else 0.0, y, line))
        y += line.down + gap
    return Box(max(x + line.w for x, _, line in parts), lines[0].up, y - gap, tuple(parts))
