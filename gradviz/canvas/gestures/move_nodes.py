"""Dragging nodes: all selected ones together, on the grid unless Alt is held; one step of undo."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from gradviz.canvas.gestures.gesture import Gesture, Pointer, Surface
from gradviz.graph import NodeId, Place, move

GRID = 20.0
"""Pixels of a document's places between the lines that nodes snap to."""


class MoveNodes(Gesture):
    """Carries the selected nodes with the pointer; the one that was pressed snaps to the grid.

    The document learns of it when they are put down.
    """

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, surface: Surface, pressed: NodeId, pointer: Pointer) -> None:
        """Begin with the pointer on `pressed`."""
        super().__init__(surface)
        self._start, self._pressed = pointer.at, pressed
        document = surface.workspace.document
        self._places = {node: document.places[node] for node in surface.workspace.selection}
        self._shift: QPointF | None = None

    def move(self, pointer: Pointer) -> None:
        """Carry the nodes as far as the pointer has come."""
        if self._shift is None:
            self.surface.lift(frozenset(self._places))
        home = self._places[self._pressed]
        moved = (pointer.at - self._start) / self.surface.geometry_shown.unit
        goal = snapped(Place(home.x + moved.x(), home.y + moved.y()), self.surface, pointer.modifiers)
        self._shift = QPointF(goal.x - home.x, goal.y - home.y)

    def release(self, pointer: Pointer) -> None:
        """Put the nodes down."""
        self.move(pointer)
        self.surface.put_down()
        dx, dy = (self._shift.x(), self._shift.y()) if self._shift else (0.0, 0.0)
        places = {node: Place(place.x + dx, place.y + dy) for node, place in self._places.items()}
        self.surface.workspace.edit(QCoreApplication.translate("canvas", "Move"), move, places)

    def click(self, pointer: Pointer) -> None:
        """Select the node alone, also where others were selected with it."""
        if not pointer.adds:
            self.surface.workspace.select([self._pressed])

    def cancel(self) -> None:
        """Leave the nodes where they were."""
        self.surface.put_down()

    def paint(self, painter: QPainter) -> None:
        """Draw the nodes where they are carried."""
        if self._shift is not None:
            self.surface.paint_carried(painter, self._shift * self.surface.geometry_shown.unit)


def snapped(place: Place, surface: Surface, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Place:
    """Return the place on the grid that is nearest, unless snapping is off or Alt suspends it."""
    if not surface.workspace.settings.snaps or modifiers & Qt.KeyboardModifier.AltModifier:
        return place
    return Place(round(place.x / GRID) * GRID, round(place.y / GRID) * GRID)
