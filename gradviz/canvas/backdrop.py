"""What lies still under the view, kept as an image: only what has changed, or has come into view, is painted anew.

While a large graph is zoomed, a scaled copy of the image stands in until the zooming rests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap, QTransform

DEAR = 0.05
"""Seconds of painting above which a scaled copy stands in while the view zooms."""


class Backdrop:
    """An image of the size of the viewport; `draw` paints a part of it, in picture coordinates."""

    def __init__(self, draw: Callable[[QPainter, QRectF], None]) -> None:
        """Begin without an image."""
        self._draw = draw
        self._image: QPixmap | None = None
        self._view = QTransform()
        self._cost = 0.0

    @property
    def shown(self) -> tuple[QPixmap, QTransform] | None:
        """The image and the transform that it was painted through; None where it is to be painted anew."""
        return None if self._image is None else (self._image, self._view)

    def forget(self) -> None:
        """Paint everything anew the next time, because what is shown has changed."""
        self._image = None

    def paint(self, painter: QPainter, size: QSize, ratio: float, view: QTransform, ground: QColor) -> bool:
        """Fill a viewport of `size` pixels, each of `ratio` device pixels, through the transform `view`.

        Returns False where a scaled copy stands in, on `ground`: then `forget` makes it sharp.
        """
        image, room = self._image, size * ratio
        is_sharp = True
        if image is None or image.size() != room or image.devicePixelRatio() != ratio:
            image = self._painted(size, ratio, view)
        elif not _is_same_scale(view, self._view):
            is_sharp = self._cost < DEAR
            image = self._painted(size, ratio, view) if is_sharp else image
        elif view != self._view:
            image = self._scrolled(image, size, ratio, view)
        painter.save()
        painter.resetTransform()
        if is_sharp:
            self._image, self._view = image, view
            painter.drawPixmap(QPointF(), image)
        else:
            place = view.mapRect(self._view.inverted()[0].mapRect(QRectF(QRect(QPoint(), size))))
            painter.fillRect(QRect(QPoint(), size), ground)
            painter.drawPixmap(place, image, QRectF(image.rect()))
        painter.restore()
        return is_sharp

    def _painted(self, size: QSize, ratio: float, view: QTransform) -> QPixmap:
        """Return an image of everything in view."""
        begun = perf_counter()
        image = _blank(size, ratio)
        self._paint_part(image, QRect(QPoint(), size), view)
        self._cost = perf_counter() - begun
        return image

    def _scrolled(self, image: QPixmap, size: QSize, ratio: float, view: QTransform) -> QPixmap:
        """Return the image moved along with the view, with what came into sight; moves are by whole pixels."""
        moved = QPointF(view.dx() - self._view.dx(), view.dy() - self._view.dy())
        by = moved.toPoint()
        everything = QRect(QPoint(), size)
        kept = everything.translated(by).intersected(everything)
        if ratio != round(ratio) or QPointF(by) != moved or kept.isEmpty():
            return self._painted(size, ratio, view)
        scrolled = _blank(size, ratio)
        painter = QPainter(scrolled)
        painter.drawPixmap(by, image)
        painter.end()
        for part in _strips(everything, kept):
            self._paint_part(scrolled, part, view)
        return scrolled

    def _paint_part(self, image: QPixmap, part: QRect, view: QTransform) -> None:
        """Paint a part of the image; whatever happens meanwhile, the painter ends before its image does."""
        painter = QPainter(image)
        try:
            painter.setClipRect(part)
            painter.setTransform(view)
            self._draw(painter, view.inverted()[0].mapRect(QRectF(part)))
        finally:
            painter.end()


def _blank(size: QSize, ratio: float) -> QPixmap:
    image = QPixmap(size * ratio)
    image.setDevicePixelRatio(ratio)
    return image


def _is_same_scale(a: QTransform, b: QTransform) -> bool:
    return (a.m11(), a.m22()) == (b.m11(), b.m22())


def _strips(everything: QRect, kept: QRect) -> Iterator[QRect]:
    """Yield the parts of a rectangle that a part of it, which reaches two of its edges, leaves."""
    rows = QRect(everything)
    if kept.top() > everything.top():
        rows.setBottom(kept.top() - 1)
    else:
        rows.setTop(kept.bottom() + 1)
    columns = QRect(everything)
    if kept.left() > everything.left():
        columns.setRight(kept.left() - 1)
    else:
        columns.setLeft(kept.right() + 1)
    yield from (strip for strip in (rows, columns) if not strip.isEmpty())
