"""What the views of cells have in common: they are painted as a picture, and mouse and keys point into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.picture import Box, Item, Picture, Theme, paint

STEPS: Final[Mapping[int, tuple[int, int]]] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""How many rows and columns each arrow key goes."""


class CellView(QWidget):
    """A view that is as high as what it shows; `hovered` brings what is pointed at, or None.

    A view of its own kind says what it paints (`_items`), what is where (`_at`), and how high that is (`_fit`).
    """

    hovered = Signal(object)
    own_keys = frozenset(STEPS)
    """Keys that are not for the commands of the run while the focus is here."""

    def __init__(self, name: str) -> None:
        """Show nothing yet, under an object name."""
        super().__init__()
        self.setObjectName(name)
        self._theme: Theme | None = None
        self._opacity = 1.0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _items(self, _theme: Theme) -> Iterable[Item]:
        """Return what is painted."""
        return ()

    def _at(self, _at: QPointF) -> object:
        """Return what is at a point, None where nothing is."""
        return None

    def _fit(self) -> None:
        """Take the height of what is shown."""

    def _framed(self) -> QRectF:
        """Return what the frame of the focus goes around."""
        return QRectF(self.rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew in the room that there is."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what is shown, and a frame around it where the keys are here."""
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setOpacity(self._opacity)
        bounds = (0.0, 0.0, float(self.width()), float(self.height()))
        paint(painter, Picture(tuple(self._items(self._theme)), bounds))
        painter.setOpacity(1.0)
        if self.hasFocus():
            painter.setPen(QColor(self._theme.selection))
            painter.drawRect(self._framed().adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what the mouse is on."""
        self.hovered.emit(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse has left."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are here."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing."""
        super().focusOutEvent(event)
        self.hovered.emit(None)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Keep its own keys from the commands of the run."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        return event.key() in self.own_keys and not event.modifiers()


def ring(x: float, y: float, w: float, h: float, theme: Theme) -> list[Item]:
    """Return the ring of a cell that is pointed at: yellow within ink, so that it is seen on every colour."""
    styles = (theme.ink, theme.ring_width + 1.5), (theme.active, theme.ring_width - 0.5)
    return [Box(x, y, w, h, stroke=colour, width=width) for colour, width in styles]
