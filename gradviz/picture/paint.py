"""The one painter: draws a picture's items with `QPainter`, on a screen, an image or a printer alike.

It culls by itself, draws no clips, effects or smoothed images, and leaves out texts that nobody could read at the
present scale, drawing a thin bar in their place so that a graph from afar keeps its texture.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import atan2, cos, hypot, sin
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPolygonF

from gradviz.picture.colormap import Mark
from gradviz.picture.fonts import digit_height, font, text_width
from gradviz.picture.items import Box, Cells, Curve, Item, Picture, Point, Polygon, Rect, Text

READABLE = 5.0
"""Device pixels of the smallest text that is written out."""

VISIBLE = 1.6
"""Device pixels of the smallest text that is hinted at by a bar."""


def paint(painter: QPainter, picture: Picture, rect: Rect | None = None, scale: float = 1.0) -> None:
    """Draw a picture, as far as it lies within `rect`; both are in picture coordinates.

    The painter is already transformed to them; `scale` tells how many device pixels a pixel at 100 % takes.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    if picture.background is not None:
        painter.fillRect(QRectF(*(rect or picture.bounds)), QColor(picture.background))
    for index in _visible(picture, rect):
        item = picture.items[index]
        _PAINTERS[type(item)](painter, item, scale)
    painter.restore()


def _visible(picture: Picture, rect: Rect | None) -> list[int]:
    """Return the numbers of the items that meet the rectangle, in drawing order."""
    if rect is None or not picture.items:
        return list(range(len(picture.items)))
    left, top, width, height = rect
    bounds = picture.item_bounds
    meets = (bounds[:, 0] <= left + width) & (bounds[:, 2] >= left)
    meets &= (bounds[:, 1] <= top + height) & (bounds[:, 3] >= top)
    return [int(index) for index in np.flatnonzero(meets)]


@lru_cache(maxsize=4096)
def _pen(colour: str | None, width: float, dash: tuple[float, ...], opacity: float) -> QPen:
    if colour is None or width <= 0:
        return QPen(Qt.PenStyle.NoPen)
    pen = QPen(_colour(colour, opacity), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    if dash:
        pen.setDashPattern([length / width for length in dash])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    else:
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


@lru_cache(maxsize=4096)
def _brush(colour: str | None, opacity: float) -> QBrush:
    return QBrush(Qt.BrushStyle.NoBrush) if colour is None else QBrush(_colour(colour, opacity))


def _colour(colour: str, opacity: float) -> QColor:
    made = QColor(colour)
    made.setAlphaF(opacity)
    return made


def _paint_box(painter: QPainter, box: Box, _scale: float) -> None:
    painter.setPen(_pen(box.stroke, box.width, box.dash, box.opacity))
    painter.setBrush(_brush(box.fill, box.opacity))
    if box.radius <= 0:
        painter.drawRect(QRectF(box.x, box.y, box.w, box.h))
    elif box.corners == "all":
        painter.drawRoundedRect(QRectF(box.x, box.y, box.w, box.h), box.radius, box.radius)
    else:
        painter.drawPath(box_path(box))


def box_path(box: Box) -> QPainterPath:
    """Return the outline of a box, rounded at the corners that it names."""
    radius = min(box.radius, box.w / 2, box.h / 2)
    names = {"top": "lt rt", "bottom": "lb rb", "left": "lt lb", "right": "rt rb", "all": "lt rt lb rb"}[box.corners]
    turns = {corner: radius if corner in names.split() else 0.0 for corner in ("lt", "rt", "rb", "lb")}
    left, top, right, bottom = box.x, box.y, box.x + box.w, box.y + box.h
    path = QPainterPath(QPointF(left + turns["lt"], top))
    path.lineTo(right - turns["rt"], top)
    path.quadTo(right, top, right, top + turns["rt"])
    path.lineTo(right, bottom - turns["rb"])
    path.quadTo(right, bottom, right - turns["rb"], bottom)
    path.lineTo(left + turns["lb"], bottom)
    path.quadTo(left, bottom, left, bottom - turns["lb"])
    path.lineTo(left, top + turns["lt"])
    path.quadTo(left, top, left + turns["lt"], top)
    path.closeSubpath()
    return path


def _paint_curve(painter: QPainter, curve: Curve, _scale: float) -> None:
    points, head = shaft_and_head(curve)
    painter.setPen(_pen(curve.colour, curve.width, curve.dash, curve.opacity))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if curve.bent:
        path = QPainterPath(QPointF(*points[0]))
        path.cubicTo(*(QPointF(*point) for point in points[1:]))
        painter.drawPath(path)
    elif len(points) == 2:  # noqa: PLR2004 - a straight line
        painter.drawLine(QLineF(*points[0], *points[1]))
    else:
        painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))
    if head:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_brush(curve.colour, curve.opacity))
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in head]))


def shaft_and_head(curve: Curve) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Return a curve's points, drawn back from its tip to make room for the head, and the head's three corners."""
    points = curve.points
    if curve.head <= 0:
        return points, ()
    (x, y), (bx, by) = points[-1], points[-2]
    angle = atan2(y - by, x - bx) if hypot(x - bx, y - by) > 0 else 0.0
    along, across = (cos(angle), sin(angle)), (-sin(angle), cos(angle))
    foot = (x - along[0] * curve.head, y - along[1] * curve.head)
    half = 0.45 * curve.head
    corners = (
        (x, y),
        (foot[0] + across[0] * half, foot[1] + across[1] * half),
        (foot[0] - across[0] * half, foot[1] - across[1] * half),
    )
    reach = min(hypot(x - bx, y - by), 0.7 * curve.head)
    end = (x - along[0] * reach, y - along[1] * reach)
    if not curve.bent:
        return (*points[:-1], end), corners
    shift = (end[0] - x, end[1] - y)
    return (points[0], points[1], (points[2][0] + shift[0], points[2][1] + shift[1]), end), corners


def _paint_text(painter: QPainter, text: Text, scale: float) -> None:
    height = text.size * scale
    if height < VISIBLE or not text.text:
        return
    left, baseline = text_origin(text)
    if height < READABLE:
        width = text_width(text.text, text.size, text.family, text.weight)
        bar = QRectF(left, baseline - 0.55 * text.size, width, 0.35 * text.size)
        painter.fillRect(bar, _colour(text.colour, 0.35 * text.opacity))
        return
    painter.setPen(_colour(text.colour, text.opacity))
    painter.setFont(_font(text))
    painter.drawText(QPointF(left, baseline), text.text)


def text_origin(text: Text) -> Point:
    """Return where a line of text begins on its baseline."""
    width = text_width(text.text, text.size, text.family, text.weight)
    left = text.x - {"left": 0.0, "middle": 0.5, "right": 1.0}[text.anchor] * width
    rise = digit_height(text.size, text.family, text.weight)
    return left, text.y + {"baseline": 0.0, "middle": 0.5, "top": 1.0}[text.baseline] * rise


def _font(text: Text) -> QFont:
    if float(text.size).is_integer():
        return font(int(text.size), text.family, text.weight)
    return _scaled_font(text.size, text.family, text.weight)


@lru_cache(maxsize=256)
def _scaled_font(size: float, family: Any, weight: Any) -> QFont:
    """Return a font whose size is no whole number of pixels, as a motion may have it."""
    made = QFont(font(100, family, weight))
    made.setPixelSize(max(1, round(size)))
    return made


def _paint_cells(painter: QPainter, cells: Cells, scale: float) -> None:
    rows, columns = cells.colours.shape[:2]
    if rows == 0 or columns == 0:
        return
    painter.setOpacity(cells.opacity)
    if rows * columns > _MOST_RECTANGLES or min(cells.w / columns, cells.h / rows) * scale < 1.0:
        _paint_image(painter, cells)
    else:
        _paint_rectangles(painter, cells)
    if cells.marks is not None and min(cells.w / columns, cells.h / rows) * scale >= READABLE:
        _paint_marks(painter, cells)
    painter.setOpacity(1.0)


_MOST_RECTANGLES = 4096


def _paint_image(painter: QPainter, cells: Cells) -> None:
    """Draw many cells as one image, each pixel a cell."""
    rows, columns = cells.colours.shape[:2]
    data = np.ascontiguousarray(cells.colours)
    image = QImage(data.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    painter.drawImage(QRectF(cells.x, cells.y, cells.w, cells.h), image)


def _paint_rectangles(painter: QPainter, cells: Cells) -> None:
    """Draw each cell as a rectangle; without antialiasing, so that no seams show between them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    rows, columns = cells.colours.shape[:2]
    wide, high = cells.w / columns, cells.h / rows
    for row in range(rows):
        for column in range(columns):
            red, green, blue = (int(part) for part in cells.colours[row, column])
            left, top = cells.x + column * wide, cells.y + row * high
            painter.fillRect(QRectF(left, top, wide, high), QColor(red, green, blue))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_marks(painter: QPainter, cells: Cells) -> None:
    if cells.marks is None:
        return
    for mark in mark_texts(cells):
        _paint_text(painter, mark, 1e3)


def mark_texts(cells: Cells) -> list[Text]:
    """Return the signs of the cells that hold no ordinary number, as texts in the middle of each."""
    if cells.marks is None:
        return []
    rows, columns = cells.marks.shape
    wide, high = cells.w / columns, cells.h / rows
    size = 0.75 * min(wide, high)
    signs = []
    for row, column in np.argwhere(cells.marks != Mark.NONE):
        light = float(np.dot(cells.colours[row, column], (0.299, 0.587, 0.114))) > 140.0  # noqa: PLR2004 - luma of mid grey
        colour = "#1B1F24" if light else "#FFFFFF"
        x, y = cells.x + (column + 0.5) * wide, cells.y + (row + 0.5) * high
        sign = Mark(int(cells.marks[row, column])).sign
        signs.append(Text(x, y, sign, size, colour, anchor="middle", baseline="middle", opacity=cells.opacity))
    return signs


def _paint_polygon(painter: QPainter, polygon: Polygon, _scale: float) -> None:
    painter.setPen(_pen(polygon.stroke, polygon.width, (), polygon.opacity))
    painter.setBrush(_brush(polygon.fill, polygon.opacity))
    painter.drawPolygon(QPolygonF([QPointF(*point) for point in polygon.points]))


_PAINTERS: dict[type[Item], Callable[[QPainter, Any, float], None]] = {
    Box: _paint_box,
    Curve: _paint_curve,
    Text: _paint_text,
    Cells: _paint_cells,
    Polygon: _paint_polygon,
}
