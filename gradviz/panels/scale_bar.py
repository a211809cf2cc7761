"""The legend of a heatmap: the colours from the most negative number to the most positive one, and both ends."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gradviz.graph import Array
from gradviz.picture import Theme, colours, font, show_number

HEIGHT = 9
"""Pixels of the strip of colours."""


class ScaleBar(QWidget):
    """A strip of colours, symmetric about zero, over the two numbers at which it ends."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._theme: Theme | None = None
        self._ends = ("", "")
        self._strip = QImage()

    def show_scale(self, array: Array, limit: float, theme: Theme) -> None:
        """Show the scale of an array that ends at `limit`."""
        self._theme = theme
        if array.dtype == np.bool_:
            steps, self._ends = np.array([False, True]), ("false", "true")
        elif not limit:
            steps, self._ends = np.zeros(1), ("", "0")
        else:
            steps, number = np.linspace(-limit, limit, 129), show_number(limit)
            self._ends = (f"−{number}", number)
        line = np.ascontiguousarray(colours(steps, limit, theme))
        self._strip = QImage(line.tobytes(), len(line), 1, 3 * len(line), QImage.Format.Format_RGB888).copy()
        self.setAccessibleName(self.tr("Scale from {low} to {high}").format(low=self._ends[0], high=self._ends[1]))
        self.setToolTip(self.tr("Blue is positive, vermillion negative, and zero is the middle."))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the height of the strip and of a line."""
        return QSize(80, HEIGHT + (self._theme.legend_size + 6 if self._theme else 16))

    def minimumSizeHint(self) -> QSize:
        """Ask for the same height in less width."""
        return QSize(40, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the strip, and its ends below it."""
        if self._theme is None:
            return
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(font(theme.legend_size, "mono"))
        painter.setPen(QColor(theme.muted))
        strip = QRectF(0.5, 0.5, self.width() - 1.0, HEIGHT - 1.0)
        room = QRectF(self.rect()).adjusted(0, HEIGHT, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._ends[0])
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._ends[1])
        painter.drawImage(strip, self._strip)
        painter.setPen(QColor(theme.border))
        painter.drawRect(strip)
        painter.end()
