"""What arrow keys do on the canvas: Alt walks the graph, with Shift a node's cells; Ctrl moves selected nodes."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QKeyEvent

from gradviz.canvas.gestures import GRID
from gradviz.canvas.view import GraphView
from gradviz.canvas.walking import Way, next_on_the_way
from gradviz.graph import Place, move

_WAYS: dict[int, tuple[Way, int, int]] = {
    Qt.Key.Key_Left: ("left", -1, 0),
    Qt.Key.Key_Right: ("right", 1, 0),
    Qt.Key.Key_Up: ("up", 0, -1),
    Qt.Key.Key_Down: ("down", 0, 1),
}
_CHOOSING = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Keyboard(QObject):
    """Turns arrow keys into selections and moves.

    Moves that follow each other while Ctrl is held down are one step of undo.
    """

    def __init__(self, view: GraphView) -> None:
        """Listen to nobody: the canvas hands its keys over."""
        super().__init__(view)
        self._view = view
        self._series = ""
        view.workspace.selection_changed.connect(self.end_series)

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says; False where it says nothing here."""
        arrow, modifiers = _WAYS.get(event.key()), event.modifiers() & _CHOOSING
        if arrow is None:
            return False
        way, across, down = arrow
        if modifiers == Qt.KeyboardModifier.AltModifier:
            self._walk(way)
        elif modifiers == Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier:
            self._point(across, down)
        elif modifiers == Qt.KeyboardModifier.ControlModifier:
            self._move(across * GRID, down * GRID)
        else:
            return False
        return True

    def release(self, event: QKeyEvent) -> None:
        """End the series of moves with the key that holds it together."""
        if event.key() == Qt.Key.Key_Control:
            self.end_series()

    def end_series(self) -> None:
        """Let the next move be a step of undo of its own."""
        self._series = ""

    def _walk(self, way: Way) -> None:
        workspace = self._view.workspace
        hit = next_on_the_way(self._view.geometry_shown, workspace.selection, workspace.selected_wires, way)
        if hit.node is not None:
            workspace.select([hit.node])
            self._view.reveal(hit.node)
        elif hit.wire is not None:
            workspace.select((), [hit.wire])
            self._view.reveal(hit.wire.node)

    def _point(self, across: int, down: int) -> None:
        """Point at a cell of the one selected node: its first, or the next one that way."""
        view, selection = self._view, self._view.workspace.selection
        if len(selection) == 1:
            pointed = view.pointing.pointed
            spot = None if pointed is None else pointed.spot
            view.pointing.point_at(view.cells_shown.next_spot(next(iter(selection)), spot, across, down))

    def _move(self, dx: float, dy: float) -> None:
        workspace = self._view.workspace
        if not workspace.selection:
            return
        self._series = self._series or workspace.gesture_name("move by keys")
        places = workspace.document.places
        moved = {node: Place(places[node].x + dx, places[node].y + dy) for node in workspace.selection}
        workspace.edit(QCoreApplication.translate("canvas", "Move"), move, moved, gesture=self._series)
