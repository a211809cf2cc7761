"""Dragging nodes: all selected ones together, on the grid unless Alt is held; one step of undo."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, Qt

from gradviz.canvas.gestures.gesture import Gesture, Surface
from gradviz.graph import NodeId, Place, move

GRID = 20.0
"""Pixels of a document's places between the lines that nodes snap to."""


class MoveNodes(Gesture):
    """Carries the selected nodes with the pointer; the one that was pressed snaps to the grid."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, surface: Surface, pressed: NodeId, at: QPointF) -> None:
        """Begin with the pointer on `pressed`."""
        super().__init__(surface)
        self._start, self._pressed = at, pressed
        document = surface.workspace.document
        self._places = {node: document.places[node] for node in surface.workspace.selection}
        self._name = surface.workspace.gesture_name("move")

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Carry the nodes as far as the pointer has come."""
        home, moved = self._places[self._pressed], (at - self._start) / self.surface.geometry_shown.unit
        x, y = home.x + moved.x(), home.y + moved.y()
        if self.surface.workspace.settings.snaps and not modifiers & Qt.KeyboardModifier.AltModifier:
            x, y = round(x / GRID) * GRID, round(y / GRID) * GRID
        self._carry(x - home.x, y - home.y)

    def cancel(self) -> None:
        """Put the nodes back where they were."""
        self._carry(0.0, 0.0)

    def _carry(self, dx: float, dy: float) -> None:
        places = {node: Place(place.x + dx, place.y + dy) for node, place in self._places.items()}
        label = QCoreApplication.translate("canvas", "Move")
        self.surface.workspace.edit(label, move, places, gesture=self._name)
