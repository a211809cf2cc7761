"""Pictures as SVG, written from the display list itself.

By default text is drawn as outlines, so that the picture is the same in every program; as "text" it stays text that
can be edited and searched, in the bundled fonts where they are installed and else in what is like them, stretched to
the length that was laid out. Cells are rectangles. Whoever cannot see the picture finds its sentence as the
description, and that of each node as its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from PySide6.QtGui import QPainterPath

from gradviz.export.sheet import sheet_for
from gradviz.formats import write_file
from gradviz.graph import NodeId
from gradviz.picture import (
    ROUND_CORNERS,
    Box,
    Cells,
    Curve,
    Item,
    Picture,
    Point,
    Polygon,
    Rect,
    Text,
    font,
    mark_items,
)

TextStyle = Literal["outlines", "text"]

_TITLE = "Computational graph"

_LEAST_MARK = 4.0
"""Pixels of the side of a cell below which it carries no mark, as in the painter at 100 %."""

_OUTLINED_AT = 128
"""The size in pixels at which outlines of texts are taken; they are scaled to any other."""

_FONTS = {
    "sans": "'Gradviz Sans', Inter, 'Helvetica Neue', Arial, sans-serif",
    "mono": "'Gradviz Mono', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
}
_WEIGHTS = {"regular": "400", "semibold": "600"}

_FORBIDDEN = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write_svg(
    picture: Picture,
    path: Path | str,
    scale: float = 1.0,
    *,
    size: tuple[int, int] | None = None,
    transparent: bool = False,
    background: str | None = None,
    text: TextStyle = "outlines",
) -> None:
    """Write a picture as an SVG file; arguments as for `svg_text`. Raises FormatError as `write_file` does."""
    written = svg_text(picture, scale, size=size, transparent=transparent, background=background, text=text)
    write_file(path, written.encode("utf-8"))


def svg_text(
    picture: Picture,
    scale: float = 1.0,
    *,
    size: tuple[int, int] | None = None,
    transparent: bool = False,
    background: str | None = None,
    text: TextStyle = "outlines",
) -> str:
    """Return a picture as an SVG document, `scale` times as large, or fitted into a `size` in pixels.

    The ground is `background`, by default that of the picture, or none where it is `transparent`.
    """
    sheet = sheet_for(picture.bounds, scale, size)
    ground = None if transparent else background or picture.background
    outlines = _Outlines() if text == "outlines" else None
    body = [line for node, items in _by_node(picture) for line in _group(node, items, picture, outlines)]
    told = _clean(picture.alt)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{sheet.width}"'
        f' height="{sheet.height}" viewBox="{_numbers(*sheet.view)}" role="img" aria-label={quoteattr(told or _TITLE)}>'
    )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        opening,
        f"<title>{_TITLE}</title>",
        f"<desc>{escape(told)}</desc>",
    )
    shapes = outlines.definitions() if outlines else []
    ground_lines = [_rect(sheet.view, f'fill="{ground}"')] if ground else []
    return "\n".join((*head, *shapes, *ground_lines, *body, "</svg>", ""))


class _Outlines:
    """The outlines of the texts of one document, each written once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, float, str, str], str] = {}
        self._paths: list[str] = []

    def name(self, text: Text) -> str:
        """Return the name under which a text's outline, with the left end of its baseline at 0, is defined."""
        key = text.text, text.size, text.family, text.weight
        if key not in self._names:
            self._names[key] = f"t{len(self._names)}"
            path = QPainterPath()
            path.addText(0, 0, font(_OUTLINED_AT, text.family, text.weight), text.text)
            self._paths.append(f'<path id="{self._names[key]}" d="{_path_data(path, text.size / _OUTLINED_AT)}"/>')
        return self._names[key]

    def definitions(self) -> list[str]:
        """Return the lines that define all outlines."""
        return ["<defs>", *self._paths, "</defs>"] if self._paths else []


def _by_node(picture: Picture) -> Iterator[tuple[NodeId | None, list[Item]]]:
    """Yield the items in order, those of a node that follow each other together."""
    for node, items in groupby(picture.items, key=lambda item: item.node):
        yield node, list(items)


def _group(node: NodeId | None, items: list[Item], picture: Picture, outlines: _Outlines | None) -> Iterator[str]:
    """Yield the lines of items that belong to a node, or to none."""
    lines = (line for item in items for line in _lines(item, outlines))
    if node is None:
        yield from lines
        return
    label = picture.labels.get(node, node)
    yield f"<g data-node={quoteattr(_clean(node))}>"
    yield f"<title>{escape(_clean(label))}</title>"
    yield from lines
    yield "</g>"


def _lines(item: Item, outlines: _Outlines | None) -> Iterator[str]:
    match item:
        case Box():
            yield _box(item)
        case Curve():
            yield from _curve(item)
        case Polygon():
            yield f'<path d="{_polyline(item.points)}Z" {_paint(item)}/>'
        case Text() if outlines is not None:
            x, y = item.origin
            fill = _opaque("fill", item.colour, item.opacity)
            yield f'<use xlink:href="#{outlines.name(item)}" x="{_number(x)}" y="{_number(y)}" {fill}/>'
        case Text():
            yield _live_text(item)
        case Cells():
            yield from _cells(item)
            for mark in mark_items(item, _LEAST_MARK):
                yield from _lines(mark, outlines)


def _box(box: Box) -> str:
    radius = min(box.radius, box.w / 2, box.h / 2)
    rect = box.x, box.y, box.w, box.h
    if box.corners == "all" or radius <= 0:
        round_corners = f'rx="{_number(radius)}" ' if radius > 0 else ""
        return _rect(rect, round_corners + _paint(box))
    return f'<path d="{_rounded(box, radius)}" {_paint(box)}/>'


def _rounded(box: Box, radius: float) -> str:
    """Return the outline of a rectangle of which only some corners are round."""
    left, top, right, bottom = box.x, box.y, box.x + box.w, box.y + box.h
    a, b, c, d = (radius * is_round for is_round in ROUND_CORNERS[box.corners])
    steps = (
        f"M{_numbers(left + a, top)}H{_number(right - b)}",
        f"A{_numbers(b, b)} 0 0 1 {_numbers(right, top + b)}" if b else "",
        f"V{_number(bottom - c)}",
        f"A{_numbers(c, c)} 0 0 1 {_numbers(right - c, bottom)}" if c else "",
        f"H{_number(left + d)}",
        f"A{_numbers(d, d)} 0 0 1 {_numbers(left, bottom - d)}" if d else "",
        f"V{_number(top + a)}",
        f"A{_numbers(a, a)} 0 0 1 {_numbers(left + a, top)}" if a else "",
    )
    return "".join(steps) + "Z"


def _curve(curve: Curve) -> Iterator[str]:
    points = curve.shaft
    data = f"M{_numbers(*points[0])}C{_numbers(*sum(points[1:], ()))}" if curve.bent else _polyline(points)
    dash = f' stroke-dasharray="{_numbers(*curve.dash)}"' if curve.dash else ""
    stroke = _opaque("stroke", curve.colour, curve.opacity)
    yield f'<path d="{data}" fill="none" {stroke} stroke-width="{_number(curve.width)}" stroke-linejoin="round"{dash}/>'
    if curve.head:
        yield f'<path d="{_polyline(curve.arrow)}Z" {_opaque("fill", curve.colour, curve.opacity)}/>'


def _live_text(text: Text) -> str:
    x, y = text.origin
    length = f' textLength="{_number(text.length)}" lengthAdjust="spacingAndGlyphs"' if text.length else ""
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" font-family="{_FONTS[text.family]}"'
        f' font-size="{_number(text.size)}" font-weight="{_WEIGHTS[text.weight]}"{length}'
        f' {_opaque("fill", text.colour, text.opacity)} xml:space="preserve">{escape(_clean(text.text))}</text>'
    )


def _cells(cells: Cells) -> Iterator[str]:
    """Yield one path for each colour of a matrix."""
    found: dict[str, list[str]] = {}
    for (x, y, w, h), colour in cells.runs():
        found.setdefault(colour, []).append(f"M{_numbers(x, y)}h{_number(w)}v{_number(h)}h{_number(-w)}Z")
    for colour, rects in found.items():
        yield f'<path d="{"".join(rects)}" {_opaque("fill", colour, cells.opacity)} shape-rendering="crispEdges"/>'


def _rect(rect: Rect, attributes: str) -> str:
    x, y, w, h = (_number(value) for value in rect)
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" {attributes}/>'


def _paint(item: Box | Polygon) -> str:
    """Return the attributes for the inside and the stroke of a shape."""
    fill = _opaque("fill", item.fill, item.opacity) if item.fill else 'fill="none"'
    if not item.stroke:
        return fill
    dash = f' stroke-dasharray="{_numbers(*item.dash)}"' if isinstance(item, Box) and item.dash else ""
    width = f'stroke-width="{_number(item.width)}" stroke-linejoin="round"'
    return f"{fill} {_opaque('stroke', item.stroke, item.opacity)} {width}{dash}"


def _opaque(kind: str, colour: str, opacity: float) -> str:
    """Return the attributes for a colour: fill and stroke fade one by one, as they do in the painter."""
    return f'{kind}="{colour}"' + (f' {kind}-opacity="{_number(opacity)}"' if opacity < 1 else "")


def _path_data(path: QPainterPath, scale: float) -> str:
    """Return a path of Qt as path data."""
    kinds = QPainterPath.ElementType
    steps = []
    for index in range(path.elementCount()):
        element = path.elementAt(index)
        letter = {kinds.MoveToElement: "M", kinds.LineToElement: "L", kinds.CurveToElement: "C"}.get(element.type, " ")
        steps.append(f"{letter}{_numbers(element.x * scale, element.y * scale)}")
    return "".join(steps)


def _polyline(points: Iterable[Point]) -> str:
    return "M" + "L".join(_numbers(*point) for point in points)


def _numbers(*values: float) -> str:
    return " ".join(_number(value) for value in values)


def _number(value: float) -> str:
    """Return a length to a hundredth of a pixel, in as few characters as it takes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _clean(text: str) -> str:
    """Return a text in which the characters that XML cannot hold are replaced."""
    return _FORBIDDEN.sub("\ufffd", text)
