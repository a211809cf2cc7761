"""The one painter: draws the items of a picture with QPainter, on screens, images and paper alike.

It culls by comparing bounding boxes as arrays, so that a viewport costs what is in it. Level of detail follows the size
on the device: text that nobody could read is a bar, names are set larger as long as there is room; from afar specks are
left out, corners are square, and what looks alike is drawn together. Gradients are dashed at any size. There are no
clips, effects or smoothed images.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPaintEngine, QPainter, QPainterPath, QPen, QPolygonF

from gradviz.picture.fonts import ensure_fonts, font, shorten, text_width
from gradviz.picture.items import (
    READABLE,
    ROUND_CORNERS,
    Box,
    Cells,
    Colour,
    Corners,
    Curve,
    Item,
    Picture,
    Polygon,
    Rect,
    Text,
)
from gradviz.picture.marks import mark_items

_ENLARGED = 7.5
"""The size in device pixels at which a text with room is set where its own would be smaller."""

_LEAST_ROOM = 15.0
"""The room in device pixels below which no text is set larger."""

_BAR = 2.0
"""The size of a text in device pixels below which it is left out."""

_FAR = 0.3
"""The scale, of the light theme, below which a picture is seen from afar."""

_FAR_DASH = (3.0, 2.0)
"""The dash of lines seen from afar, in device pixels."""

_SPECK = 5.0
"""The longer side in device pixels below which, from afar, an item is left out."""

_LEAST_MARK = 4.0
"""The side of a cell in device pixels below which it carries no mark."""

_OVERHANG = 6.0
"""How far, in pixels at 100 %, a glyph may leave the box of its line."""

_BAR_OPACITY = 0.4

_MEASURED_AT = 100.0
"""The size at which a text that is set larger is measured: one for all scales, so that it is measured once."""

_NO_PEN, _NO_BRUSH = Qt.PenStyle.NoPen, Qt.BrushStyle.NoBrush


def paint(painter: QPainter, picture: Picture, rect: Rect | None = None, scale: float = 1.0) -> None:
    """Draw what a picture shows within `rect` (x, y, width, height in picture coordinates; all of it by default).

    The painter is already transformed; `scale` tells how many device pixels one pixel of the picture is. The
    background is left to whoever asks.
    """
    ensure_fonts()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    items = [picture.items[index] for index in visible(picture, rect, scale).tolist()]
    if scale * picture.unit < _FAR:
        _paint_from_afar(painter, items, scale)
    else:
        _paint_items(painter, items, scale)
    painter.restore()


def visible(picture: Picture, rect: Rect | None = None, scale: float = 1.0) -> NDArray[np.intp]:
    """Return the indices of the items that lie within a rectangle and are large enough to be seen."""
    bounds = picture.item_bounds
    seen = picture.item_sizes * scale >= (_SPECK if scale * picture.unit < _FAR else 0.0)
    seen &= picture.item_leasts <= scale
    if rect is not None:
        left, top, right, bottom = rect[0], rect[1], rect[0] + rect[2], rect[1] + rect[3]
        seen &= (bounds[:, 0] <= right + _OVERHANG) & (bounds[:, 2] >= left - _OVERHANG)
        seen &= (bounds[:, 1] <= bottom + _OVERHANG) & (bounds[:, 3] >= top - _OVERHANG)
    return np.flatnonzero(seen)


def _paint_items(painter: QPainter, items: Iterable[Item], scale: float) -> None:
    for item in items:
        match item:
            case Text():
                _paint_text(painter, item, scale)
            case Box():
                _paint_box(painter, item)
            case Curve():
                _paint_curve(painter, item)
            case Cells():
                _paint_cells(painter, item, scale)
            case Polygon():
                _set_pens(painter, item)
                painter.drawPolygon(_polygon(item.points))


def _paint_from_afar(painter: QPainter, items: list[Item], scale: float) -> None:
    """Draw what is left from afar: lines at least one device pixel wide, no round corners, what looks alike together.

    The first items of all nodes come first, then the second ones, …: only where cards overlap can that be told from
    drawing node by node.
    """
    ranks: list[dict[object, list[Item]]] = []
    latest, rank = None, 0
    for item in items:
        rank = rank + 1 if item.node is not None and item.node == latest else 0
        latest = item.node
        while rank >= len(ranks):
            ranks.append({})
        ranks[rank].setdefault(_look(item, scale), []).append(item)
    for looks in ranks:
        for alike in looks.values():
            if isinstance(alike[0], Curve):
                _stroke_together(painter, [item for item in alike if isinstance(item, Curve)], scale)
            elif isinstance(alike[0], Box):
                _fill_together(painter, [item for item in alike if isinstance(item, Box)], scale)
            else:
                _paint_items(painter, alike, scale)


def _look(item: Item, scale: float) -> object:
    """Return what two items have in common that can be drawn together from afar."""
    match item:
        case Box():
            return item.fill, item.stroke, item.opacity, item.width * scale >= 2, bool(item.dash)
        case Curve():
            return item.colour, item.opacity, int(item.width * scale), bool(item.dash)
    return type(item)


def _stroke_together(painter: QPainter, curves: list[Curve], scale: float) -> None:
    path = QPainterPath()
    for curve in curves:
        _add_curve(path, curve.points, bent=curve.bent)
    first = curves[0]
    painter.setBrush(_NO_BRUSH)
    painter.setPen(_hair(first.colour, first.opacity, int(first.width * scale), is_dashed=bool(first.dash)))
    painter.drawPath(path)


def _fill_together(painter: QPainter, boxes: list[Box], scale: float) -> None:
    first = boxes[0]
    width, is_dashed = int(first.width * scale), bool(first.dash)
    painter.setPen(_hair(first.stroke, first.opacity, width, is_dashed=is_dashed) if first.stroke else _NO_PEN)
    painter.setBrush(_brush(first.fill, first.opacity) if first.fill else _NO_BRUSH)
    painter.drawRects([QRectF(box.x, box.y, box.w, box.h) for box in boxes])


def _paint_box(painter: QPainter, box: Box) -> None:
    _set_pens(painter, box)
    rect = QRectF(box.x, box.y, box.w, box.h)
    radius = min(box.radius, box.w / 2, box.h / 2)
    if radius <= 0:
        painter.drawRect(rect)
    elif box.corners == "all":
        painter.drawRoundedRect(rect, radius, radius)
    else:
        painter.drawPath(_rounded(box.w, box.h, radius, box.corners).translated(box.x, box.y))


def _paint_curve(painter: QPainter, curve: Curve) -> None:
    path = QPainterPath()
    _add_curve(path, curve.shaft, bent=curve.bent)
    painter.setPen(_pen(curve.colour, curve.opacity, curve.width, curve.dash))
    painter.setBrush(_NO_BRUSH)
    painter.drawPath(path)
    if curve.head:
        painter.setPen(_NO_PEN)
        painter.setBrush(_brush(curve.colour, curve.opacity))
        painter.drawPolygon(_polygon(curve.arrow))


def _paint_text(painter: QPainter, text: Text, scale: float) -> None:
    if text.room and text.size * scale < _ENLARGED and _paint_enlarged(painter, text, _ENLARGED / scale):
        return
    x, y = text.origin
    if text.size * scale < READABLE:
        if text.size * scale >= _BAR:
            bar = QRectF(x, y - 0.5 * text.size, text.length, 0.3 * text.size)
            painter.fillRect(bar, _colour(text.colour, _BAR_OPACITY * text.opacity))
        return
    painter.setPen(_pen(text.colour, text.opacity))
    _draw_text(painter, text, x, y)


def _paint_enlarged(painter: QPainter, text: Text, size: float) -> bool:
    """Draw a text in a larger size, a name cut where its room ends; say whether that was done.

    Nothing of a name is drawn where it has next to no room, and no number that would have to be cut.
    """
    room = text.room * _MEASURED_AT / size
    if text.anchor == "left":
        if text.room * _ENLARGED < _LEAST_ROOM * size:
            return True
        text = replace(text, text=shorten(text.text, room, _MEASURED_AT, text.family, text.weight))
    elif text_width(text.text, _MEASURED_AT, text.family, text.weight) > room:
        return False
    painter.setPen(_pen(text.colour, text.opacity))
    larger = replace(text, size=size)
    _draw_text(painter, larger, *larger.origin)
    return True


def _draw_text(painter: QPainter, text: Text, x: float, y: float) -> None:
    """Draw a text at the left end of its baseline."""
    whole = ceil(text.size)
    painter.setFont(font(whole, text.family, text.weight))
    if whole == text.size:
        painter.drawText(QPointF(x, y), text.text)
        return
    painter.save()  # fonts come in whole pixels: what is between is scaled down
    painter.translate(x, y)
    painter.scale(text.size / whole, text.size / whole)
    painter.drawText(QPointF(0, 0), text.text)
    painter.restore()


def _paint_cells(painter: QPainter, cells: Cells, scale: float) -> None:
    rows, columns = cells.colours.shape[:2]
    if not rows or not columns:
        return
    engine = painter.paintEngine()
    if engine is not None and engine.type() == QPaintEngine.Type.Raster:
        held = np.ascontiguousarray(cells.colours)
        image = QImage(held.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        opacity = painter.opacity()
        painter.setOpacity(opacity * cells.opacity)
        painter.drawImage(QRectF(*cells.bounds), image)
        painter.setOpacity(opacity)
    else:  # on paper an image would be smoothed by whoever shows it
        for rect, colour in cells.runs():
            painter.fillRect(QRectF(*rect), _colour(colour, cells.opacity))
    _paint_items(painter, mark_items(cells, least=_LEAST_MARK / scale), scale)


def _set_pens(painter: QPainter, item: Box | Polygon) -> None:
    dash = item.dash if isinstance(item, Box) else ()
    if item.stroke:
        painter.setPen(_pen(item.stroke, item.opacity, item.width, dash))
    else:
        painter.setPen(_NO_PEN)
    painter.setBrush(_brush(item.fill, item.opacity) if item.fill else _NO_BRUSH)


def _add_curve(path: QPainterPath, points: tuple[tuple[float, float], ...], *, bent: bool) -> None:
    path.moveTo(*points[0])
    if bent:
        (a, b), (c, d), (e, f) = points[1:]
        path.cubicTo(a, b, c, d, e, f)
    else:
        for x, y in points[1:]:
            path.lineTo(x, y)


def _polygon(points: tuple[tuple[float, float], ...]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


@lru_cache(maxsize=256)
def _rounded(w: float, h: float, radius: float, corners: Corners) -> QPainterPath:
    """Return a rectangle at the origin of which only some corners are round."""
    upper_left, upper_right, lower_right, lower_left = (radius * is_round for is_round in ROUND_CORNERS[corners])
    path = QPainterPath()
    path.moveTo(upper_left, 0)
    path.lineTo(w - upper_right, 0)
    path.arcTo(w - 2 * upper_right, 0, 2 * upper_right, 2 * upper_right, 90, -90)
    path.lineTo(w, h - lower_right)
    path.arcTo(w - 2 * lower_right, h - 2 * lower_right, 2 * lower_right, 2 * lower_right, 0, -90)
    path.lineTo(lower_left, h)
    path.arcTo(0, h - 2 * lower_left, 2 * lower_left, 2 * lower_left, 270, -90)
    path.lineTo(0, upper_left)
    path.arcTo(0, 0, 2 * upper_left, 2 * upper_left, 180, -90)
    path.closeSubpath()
    return path


@lru_cache(maxsize=4096)
def _colour(colour: Colour, opacity: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(min(1.0, max(0.0, opacity)))
    return made


@lru_cache(maxsize=4096)
def _brush(colour: Colour, opacity: float) -> QBrush:
    return QBrush(_colour(colour, opacity))


@lru_cache(maxsize=4096)
def _pen(colour: Colour, opacity: float, width: float = 1.0, dash: tuple[float, ...] = ()) -> QPen:
    """Return a pen with flat ends; `dash` in pixels, as SVG counts, not in widths of the pen."""
    pen = QPen(_colour(colour, opacity), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dash and width > 0:
        pen.setDashPattern([length / width for length in dash])
    return pen


@lru_cache(maxsize=4096)
def _hair(colour: Colour, opacity: float, width: int, *, is_dashed: bool = False) -> QPen:
    """Return a pen of so many device pixels, at least one, whatever the scale."""
    width = max(1, width)
    pen = QPen(_colour(colour, opacity), width)
    pen.setCosmetic(True)
    if is_dashed:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([length / width for length in _FAR_DASH])
    return pen
