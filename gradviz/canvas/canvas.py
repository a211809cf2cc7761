"""The canvas: the view of the graph, where mouse and keyboard edit it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip

from gradviz.canvas.adding import add_entry
from gradviz.canvas.gestures import DrawWire, Gesture, MoveNodes, Pan, RubberBand
from gradviz.canvas.quick_add import QuickAdd
from gradviz.canvas.tips import node_tip, port_tip, wire_tip
from gradviz.canvas.view import GraphView
from gradviz.graph import Document, NodeId, Place, Port
from gradviz.workspace import Player, Workspace, dragged_op

PORT_REACH, WIRE_REACH = 12.0, 6.0
"""Screen pixels within which a press meets a port or a wire."""

WHEEL_STEP = 1.0015
"""The zoom of one unit of the wheel's angle; a notch is 120 units."""

_ADDS = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class Canvas(GraphView):
    """Turns gestures, drops and keys into edits of the workspace's document."""

    space_tapped = Signal()

    def __init__(self, workspace: Workspace, player: Player) -> None:
        """Show and edit `workspace`; a tap on Space plays and pauses `player`."""
        super().__init__(workspace)
        self._space_held = self._space_panned = False
        self._menus: tuple[QMenu, QMenu, QMenu] | None = None
        self._pasted_at = QPointF()
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.space_tapped.connect(player.toggle)

    def set_menus(self, canvas: QMenu, node: QMenu, wire: QMenu) -> None:
        """Take the context menus of the ground, of nodes and of wires."""
        self._menus = (canvas, node, wire)

    def cancel_gesture(self) -> bool:
        """End the gesture under way as if it had never begun; tells whether there was one."""
        gesture = self._gesture
        if gesture is None:
            return False
        self._end_gesture()
        gesture.cancel()
        return True

    # Adding

    def quick_add(self, at: QPointF | None = None, source: NodeId | None = None) -> None:
        """Ask for an operation to add at a place (the pointer's, where none is said), wired to `source`."""
        place = at or self._pointed_place()
        popup = QuickAdd(self)
        popup.chosen.connect(lambda what: self.add(what, place, source))
        popup.open_at(self.viewport().mapToGlobal(self.mapFromScene(place)))

    def add(self, what: str, at: QPointF, source: NodeId | None = None) -> None:
        """Add an op, or `leaf:` and a role, with its card's upper left corner at a place, and select it."""
        added: list[NodeId] = []

        def change(document: Document) -> Document:
            after, node = add_entry(document, what, self.geometry_shown.place_at(at.x(), at.y()), source)
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
        """Return where pasted nodes go: under the pointer, or in the middle, and beside the last ones."""
        place = self._pointed_place()
        while place == self._pasted_at:
            place += QPointF(30.0, 30.0)
        self._pasted_at = place
        return self.geometry_shown.place_at(place.x(), place.y())

    def _pointed_place(self) -> QPointF:
        pointer = self.viewport().mapFromGlobal(self.cursor().pos())
        room = self.viewport().rect()
        return self.mapToScene(pointer if room.contains(pointer) else room.center())

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        if self._gesture is not None:
            return
        at = self.mapToScene(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton or (self._space_held and _is_left(event)):
            self._space_panned = True
            self._begin(Pan(self))
        elif _is_left(event):
            self._begin(self._gesture_at(at, event.modifiers()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the gesture on."""
        if self._gesture is not None:
            self._gesture.move(self.mapToScene(event.position().toPoint()), event.modifiers())
            self.viewport().update()
        else:
            self._show_cursor(self.mapToScene(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        gesture = self._gesture
        if gesture is None or event.button() not in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
            return
        self._end_gesture()
        gesture.release(self.mapToScene(event.position().toPoint()), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Offer what to add, on the ground; elsewhere a double click is two clicks."""
        at = self.mapToScene(event.position().toPoint())
        if _is_left(event) and self._is_ground(at):
            self.quick_add(at)
        else:
            self.mousePressEvent(event)

    def _gesture_at(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
        geometry, workspace, adds = self.geometry_shown, self.workspace, bool(modifiers & _ADDS)
        port = geometry.port_at(at.x(), at.y(), PORT_REACH * self.pixel)
        if port is not None:
            return DrawWire(self, *port)
        node = geometry.node_at(at.x(), at.y())
        if node is not None:
            self._select_pressed(node, adds=adds)
            return MoveNodes(self, node, at) if node in workspace.selection else None
        wire = geometry.wire_at(at.x(), at.y(), WIRE_REACH * self.pixel)
        if wire is not None:
            workspace.select(
                workspace.selection if adds else (), {wire} | (workspace.selected_wires if adds else set())
            )
            return None
        if not adds:
            workspace.select(())
        return RubberBand(self, at, adds=adds)

    def _select_pressed(self, node: NodeId, *, adds: bool) -> None:
        selection = self.workspace.selection
        if adds:
            self.workspace.select(selection ^ {node}, self.workspace.selected_wires)
        elif node not in selection:
            self.workspace.select([node])

    def _is_ground(self, at: QPointF) -> bool:
        geometry = self.geometry_shown
        return geometry.port_at(at.x(), at.y(), PORT_REACH * self.pixel) is None and (
            geometry.node_at(at.x(), at.y()) is None
        )

    def _begin(self, gesture: Gesture | None) -> None:
        self._gesture = gesture
        if gesture is not None:
            self.viewport().setCursor(gesture.cursor)

    def _end_gesture(self) -> None:
        self._gesture = None
        self.viewport().unsetCursor()
        self.viewport().update()

    def _show_cursor(self, at: QPointF) -> None:
        if self._space_held:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif self.geometry_shown.port_at(at.x(), at.y(), PORT_REACH * self.pixel) is not None:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.viewport().unsetCursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; a touchpad's two fingers pan, with Ctrl they zoom."""
        pixels, angle = event.pixelDelta(), event.angleDelta()
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not pixels.isNull() and not zooms and event.phase() != Qt.ScrollPhase.NoScrollPhase:
            self.pan_by(pixels.x(), pixels.y())
        else:
            self.zoom_by(WHEEL_STEP ** angle.y(), event.position().toPoint())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with what lies under the pointer."""
        if self._menus is None or self._gesture is not None:
            return
        at = self.mapToScene(event.pos())
        geometry, workspace = self.geometry_shown, self.workspace
        node = geometry.node_at(at.x(), at.y())
        wire = geometry.wire_at(at.x(), at.y(), WIRE_REACH * self.pixel)
        if node is not None and node not in workspace.selection:
            workspace.select([node])
        elif node is None and wire is not None:
            workspace.select((), [wire])
        menu = self._menus[1] if node is not None else self._menus[0 if wire is None else 2]
        menu.popup(event.globalPos())

    # Drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome what the palette sends; files are the window's."""
        if dragged_op(event.mimeData()) is None:
            event.ignore()
        else:
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Let it be dropped anywhere."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the entry where it was dropped."""
        what = dragged_op(event.mimeData())
        if what is not None:
            event.acceptProposedAction()
            self.add(what, self.mapToScene(event.position().toPoint()))

    # Keys, tips, focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels; Space held down pans."""
        if event.key() == Qt.Key.Key_Escape:
            if not self.cancel_gesture():
                self.workspace.select(())
        elif event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space_held, self._space_panned = True, False
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Take a Space that panned nothing for a tap."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            event.ignore()
            return
        if self._space_held and not self._space_panned:
            self.space_tapped.emit()
        self._space_held = False
        self.viewport().unsetCursor()

    def focusNextPrevChild(self, next_one: bool) -> bool:
        """Keep Tab for adding; Shift+Tab leaves the canvas."""
        return False if next_one else super().focusNextPrevChild(next_one)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget keys whose release will go elsewhere."""
        self._space_held = False
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Space for the canvas, and zoom by a pinch."""
        if _is_own_key(event):
            event.accept()
            return True
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position().toPoint())
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what lies under a pointer that rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, point: QPoint) -> str:
        """Return what is told of the port, node or wire at a point of the viewport; empty on the ground."""
        at, geometry = self.mapToScene(point), self.geometry_shown
        port = geometry.port_at(at.x(), at.y(), PORT_REACH * self.pixel)
        node = geometry.node_at(at.x(), at.y())
        wire: Port | None = geometry.wire_at(at.x(), at.y(), WIRE_REACH * self.pixel)
        if port is not None:
            return port_tip(self.workspace, *port)
        if node is not None:
            return node_tip(self.workspace, node)
        return "" if wire is None else wire_tip(self.workspace, wire)


def _is_left(event: QMouseEvent) -> bool:
    return event.button() == Qt.MouseButton.LeftButton


def _is_own_key(event: QEvent) -> bool:
    """Tell whether a key that might be a shortcut is one that the canvas wants to see go down and up."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    return event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Escape}
