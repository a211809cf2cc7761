"""A view of the graph that takes what is added: by name, from the palette, from the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from gradviz.canvas.adding import add_entry
from gradviz.canvas.gestures import GRID, Pointer, snapped
from gradviz.canvas.quick_add import QuickAdd
from gradviz.canvas.view import GraphView
from gradviz.graph import Document, NodeId, Place, Port
from gradviz.workspace import Pointing, Workspace, dragged_op

ABOVE_POINTER = 40.0
"""Pixels of a document between the upper edge of a card that a wire was dropped for and the pointer."""

WIRED_WIDTH = 200.0
"""Pixels of a document between the left edge of such a card and the pointer, where the wire leaves it."""


class AddingView(GraphView):
    """Says where things are added, and adds them."""

    def __init__(self, workspace: Workspace, pointing: Pointing | None = None) -> None:
        """Show and edit `workspace`, and show the cell that is pointed at."""
        super().__init__(workspace, pointing)
        self._pointer: Pointer | None = None
        self._pasted_at: Place | None = None
        self._pasted = 0
        self.setAcceptDrops(True)

    def quick_add(self, at: QPointF | None = None, source: NodeId | None = None, port: Port | None = None) -> None:
        """Ask for an operation to add at a place (the pointer's, where none is said), wired from `source` or to `port`.

        The place is the upper left corner of the card, but for wires, whose end it is.
        """
        place = self._pointed_place() if at is None else at
        popup = QuickAdd(self, wants_inputs=source is not None)
        popup.chosen.connect(lambda what: self.add(what, self._corner(place, source, port), source, port))
        popup.open_at(self.mapFromScene(place))

    def add(self, what: str, at: QPointF, source: NodeId | None = None, port: Port | None = None) -> None:
        """Add an op, or `leaf:` and the name of a leaf, with the corner of its card near a place, and select it."""
        added: list[NodeId] = []

        def change(document: Document) -> Document:
            place = snapped(self.geometry_shown.place_at(at.x(), at.y()), self)
            after, node = add_entry(document, what, place, source, port)
            added.append(node)
            return after

        if self.workspace.edit(self.tr("Add {what}").format(what=what.removeprefix("leaf:")), change):
            self.workspace.select(added)
        self.setFocus()

    def add_in_view(self, what: str) -> None:
        """Add an op or a leaf near the middle of what is shown, where no card stands."""
        place = self.mapToScene(self.viewport().rect().center())
        while self.geometry_shown.node_at(place.x(), place.y()) is not None:
            place += QPointF(40.0, 40.0)
        self.add(what, place)

    def paste_place(self) -> Place:
        """Return where pasted nodes go: under the pointer, or in the middle, and each time a little further."""
        at = self._pointed_place()
        place = snapped(self.geometry_shown.place_at(at.x(), at.y()), self)
        self._pasted = self._pasted + 1 if place == self._pasted_at else 0
        self._pasted_at = place
        return Place(place.x + 2 * GRID * self._pasted, place.y + 2 * GRID * self._pasted)

    def _pointed_place(self) -> QPointF:
        room = self.viewport().rect()
        pixel = self._pointer.pixel.toPoint() if self._pointer else room.center()
        return self.mapToScene(pixel if room.contains(pixel) else room.center())

    def _corner(self, place: QPointF, source: NodeId | None, port: Port | None) -> QPointF:
        """Return where a card goes whose input (or output, for a `port`) is to be at a place."""
        if source is None and port is None:
            return place
        unit = self.geometry_shown.unit
        return place - QPointF(0.0 if port is None else WIRED_WIDTH, ABOVE_POINTER) * unit

    def _pointer_at(self, pixel: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        return Pointer(self.viewportTransform().inverted()[0].map(pixel), pixel, modifiers)

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome what the palette sends; files are the window's."""
        self._welcome(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Let it be dropped anywhere."""
        self._welcome(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Let it go elsewhere."""

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the entry where it was dropped, under the pointer."""
        what = dragged_op(event.mimeData())
        self._welcome(event)
        if what is not None:
            corner = self._pointer_at(event.position(), event.modifiers()).at
            self.add(what, corner - QPointF(GRID, GRID) * self.geometry_shown.unit)

    @staticmethod
    def _welcome(event: QDropEvent) -> None:
        if dragged_op(event.mimeData()) is None:
            event.ignore()
        else:
            event.acceptProposedAction()
