"""One moment fades into the next, where a person wants no motion: nothing travels, and still no change is missed."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QPointF, QVariantAnimation
from PySide6.QtGui import QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

LENGTH = 250
"""Milliseconds that it takes."""


class Fade(QVariantAnimation):
    """The image of the moment before, which grows pale over that of the moment now."""

    def __init__(self, viewport: QWidget) -> None:
        """Paint on `viewport`, when asked to."""
        super().__init__(viewport)
        self.setStartValue(1.0)
        self.setEndValue(0.0)
        self.setDuration(LENGTH)
        self._image: QPixmap | None = None
        self._view = QTransform()
        self.valueChanged.connect(lambda _share: viewport.update())
        self.finished.connect(self.end)

    @property
    def is_under_way(self) -> bool:
        """Whether anything of the moment before is still seen."""
        return self.state() == QAbstractAnimation.State.Running

    def begin(self, image: QPixmap, view: QTransform) -> None:
        """Let an image, which was painted through the transform `view`, grow pale from now on."""
        self.stop()
        self._image, self._view = image, view
        self.start()

    def end(self) -> None:
        """Show nothing of it any more."""
        self.stop()
        self._image = None

    def paint(self, painter: QPainter, view: QTransform) -> None:
        """Paint what is left of the image, unless the view has gone elsewhere meanwhile."""
        if self._image is None:
            return
        if view != self._view:
            self.end()
            return
        painter.save()
        painter.resetTransform()
        painter.setOpacity(float(self.currentValue()))
        painter.drawPixmap(QPointF(), self._image)
        painter.restore()
