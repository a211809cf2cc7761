"""The canvas: the view of the graph, where mouse and keyboard edit it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip

from gradviz.canvas.adding import add_entry
from gradviz.canvas.edge_pan import EdgePan
from gradviz.canvas.gestures import GRID, DrawWire, Gesture, MoveNodes, Pan, Pointer, RubberBand, snapped
from gradviz.canvas.keyboard import Keyboard
from gradviz.canvas.picking import GROUND, Hit, hit_at
from gradviz.canvas.quick_add import QuickAdd
from gradviz.canvas.telling import selection_in_words
from gradviz.canvas.tips import tip_of
from gradviz.canvas.view import GraphView
from gradviz.graph import Document, NodeId, Place, Port
from gradviz.workspace import Player, Workspace, dragged_op

WHEEL_STEP = 1.0015
"""The zoom of one unit of the wheel's angle; a notch is 120 units."""

DRAG_DISTANCE = 4
"""Screen pixels that the pointer travels before a press is a drag."""

ABOVE_POINTER = 40.0
"""Pixels at 100 % between the upper edge of a card that a wire was dropped for and the pointer."""

_WIRED_WIDTH = 200.0
_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class Canvas(GraphView):
    """Turns gestures, drops and keys into edits of the workspace's document."""

    space_tapped = Signal()

    def __init__(self, workspace: Workspace, player: Player) -> None:
        """Show and edit `workspace`; a tap on Space plays and pauses `player`."""
        super().__init__(workspace)
        self._keyboard = Keyboard(self)
        self._edge_pan = EdgePan(self._pan_with_gesture, self)
        self._menus: tuple[QMenu, QMenu, QMenu] | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed_at = QPointF()
        self._is_dragging = False
        self._pointer: Pointer | None = None
        self._space_held = self._space_panned = False
        self._paste_place, self._pasted = Place(0.0, 0.0), 0
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.space_tapped.connect(player.toggle)
        workspace.document_changed.connect(self._meet_document)
        for signal in (workspace.selection_changed, workspace.playhead_moved, workspace.tape_changed):
            signal.connect(self._tell)
        self._tell()

    def set_menus(self, canvas: QMenu, node: QMenu, wire: QMenu) -> None:
        """Take the context menus of the ground, of nodes and of wires."""
        self._menus = (canvas, node, wire)

    def _meet_document(self, _before: Document, _after: Document) -> None:
        """Cancel a gesture on a document that is no more, and forget what was under the pointer."""
        self.cancel_gesture()
        self.hover(GROUND)
        self._tell()

    def _tell(self) -> None:
        """Say what is selected to whoever listens instead of looking."""
        self.setAccessibleDescription(selection_in_words(self.workspace))

    # Adding

    def quick_add(self, at: QPointF | None = None, source: NodeId | None = None, port: Port | None = None) -> None:
        """Ask for an operation to add at a place (the pointer's, where none is said), wired from `source` or to `port`.

        The place is the upper left corner of the card, but for wires, whose end it is.
        """
        place = at or self._pointed_place()
        popup = QuickAdd(self, wants_inputs=source is not None)
        popup.chosen.connect(lambda what: self.add(what, self._corner(place, source, port), source, port))
        popup.open_at(self.mapFromScene(place))

    def add(self, what: str, at: QPointF, source: NodeId | None = None, port: Port | None = None) -> None:
        """Add an op, or `leaf:` and a role, with its card's upper left corner near a place, and select it."""
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
        self._pasted = self._pasted + 1 if place == self._paste_place else 0
        self._paste_place = place
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
        return place - QPointF(0.0 if port is None else _WIRED_WIDTH, ABOVE_POINTER) * unit

    # Gestures

    def cancel_gesture(self) -> bool:
        """End the gesture under way as if it had never begun; tells whether there was one."""
        gesture = self._end_gesture()
        if gesture is None:
            return False
        gesture.cancel()
        return True

    def _begin(self, gesture: Gesture | None, button: Qt.MouseButton) -> None:
        if gesture is not None and self._pointer is not None:
            self._gesture, self._button, self._is_dragging = gesture, button, False
            self._pressed_at = self._pointer.pixel
            self.viewport().setCursor(gesture.cursor)

    def _end_gesture(self) -> Gesture | None:
        """Let go of the gesture under way, and return it."""
        gesture, self._gesture = self._gesture, None
        self._edge_pan.stop()
        if gesture is not None:
            self._show_cursor()
            self.viewport().update()
        return gesture

    def _follow(self) -> None:
        """Let the gesture follow the pointer, once that has left the place of the press."""
        gesture, pointer = self._gesture, self._pointer
        if gesture is None or pointer is None:
            return
        distance = (pointer.pixel - self._pressed_at).manhattanLength()
        self._is_dragging = self._is_dragging or distance >= DRAG_DISTANCE
        if self._is_dragging:
            gesture.move(pointer)
            if gesture.pans_at_edges:
                self._edge_pan.meet(pointer.pixel, self.viewport().rect())
            self.viewport().update()

    def _pan_with_gesture(self, dx: int, dy: int) -> None:
        """Move the view, and let the gesture follow the pointer, under which the picture has moved."""
        if self._pointer is not None:
            self.pan_by(dx, dy)
            self._pointer = self._pointer_at(self._pointer.pixel, self._pointer.modifiers)
            self._follow()

    def _gesture_at(self, pointer: Pointer) -> Gesture | None:
        workspace, hit = self.workspace, self._hit(pointer.at)
        if hit.node is not None and hit.slot is not None:
            return DrawWire(self, hit.node, hit.slot)
        if hit.node is not None:
            if pointer.adds:
                workspace.select(workspace.selection ^ {hit.node}, workspace.selected_wires)
            elif hit.node not in workspace.selection:
                workspace.select([hit.node])
            return MoveNodes(self, hit.node, pointer) if hit.node in workspace.selection else None
        if hit.wire is not None:
            kept = workspace.selected_wires if pointer.adds else frozenset()
            workspace.select(workspace.selection if pointer.adds else (), kept ^ {hit.wire})
            return None
        return RubberBand(self, pointer)

    def _hit(self, at: QPointF) -> Hit:
        return hit_at(self.geometry_shown, at, self.pixel)

    def _pointer_at(self, pixel: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        return Pointer(self.viewportTransform().inverted()[0].map(pixel), pixel, modifiers)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture; where the same button was pressed already, its release was lost, and the gesture with it."""
        self._pointer = pointer = self._pointer_at(event.position(), event.modifiers())
        if self._gesture is not None and event.button() == self._button:
            self.cancel_gesture()
        if self._gesture is not None:
            return
        if event.button() == _MIDDLE or (self._space_held and event.button() == _LEFT):
            self._space_panned = True
            self._begin(Pan(self, pointer), event.button())
        elif event.button() == _LEFT:
            self._begin(self._gesture_at(pointer), event.button())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry the gesture on, or mark what the pointer meets."""
        self._pointer = self._pointer_at(event.position(), event.modifiers())
        if self._gesture is not None:
            self._follow()
        else:
            self.hover(self._hit(self._pointer.at))
            self._show_cursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if self._gesture is None or event.button() != self._button:
            return
        self._pointer = self._pointer_at(event.position(), event.modifiers())
        self._follow()
        is_dragging, gesture = self._is_dragging, self._end_gesture()
        if gesture is not None and is_dragging:
            gesture.release(self._pointer)
        elif gesture is not None:
            gesture.click(self._pointer)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Offer what to add, on the ground; elsewhere a double click is two clicks."""
        pointer = self._pointer_at(event.position(), event.modifiers())
        if event.button() == _LEFT and not self._space_held and self._hit(pointer.at).is_ground:
            self.quick_add(pointer.at)
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; a touchpad's two fingers pan, with Ctrl they zoom."""
        pixels, angle = event.pixelDelta(), event.angleDelta()
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not pixels.isNull() and not zooms and event.phase() != Qt.ScrollPhase.NoScrollPhase:
            self.pan_by(pixels.x(), pixels.y())
        else:
            self.zoom_by(WHEEL_STEP ** (angle.y() or angle.x()), event.position().toPoint())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with what lies under the pointer, or, by keyboard, with what is selected."""
        if self._menus is None or self._gesture is not None:
            return
        workspace, (of_ground, of_node, of_wire) = self.workspace, self._menus
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            menu = of_node if workspace.selection else of_wire if workspace.selected_wires else of_ground
            menu.popup(self.viewport().mapToGlobal(self._selected_point()))
            return
        hit = self._hit(self.mapToScene(event.pos()))
        if hit.is_ground:
            workspace.select(())
        elif hit.node is not None and hit.node not in workspace.selection:
            workspace.select([hit.node])
        elif hit.wire is not None and hit.wire not in workspace.selected_wires:
            workspace.select((), [hit.wire])
        menu = of_ground if hit.is_ground else of_wire if hit.wire is not None else of_node
        menu.popup(event.globalPos())

    def _selected_point(self) -> QPoint:
        """Return a point of the viewport at what is selected, or its middle."""
        room, workspace = self.viewport().rect(), self.workspace
        points = [self.node_rect(node).center() for node in sorted(workspace.selection)]
        points += [self.node_rect(port.node).topLeft() for port in sorted(workspace.selected_wires)]
        return next((point for point in points if room.contains(point)), room.center())

    def _show_cursor(self) -> None:
        hit = self._hovered
        if self._space_held:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif hit.is_port:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        elif hit.wire is not None:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.viewport().unsetCursor()

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

    # Keys, tips, focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels; Space held down pans; arrows with Alt or Ctrl go through the graph and move nodes."""
        if event.key() == Qt.Key.Key_Escape:
            if not self.cancel_gesture():
                self.workspace.select(())
        elif event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space_held, self._space_panned = True, False
                self._show_cursor()
        elif self._gesture is not None or not self._keyboard.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Take a Space that panned nothing for a tap."""
        self._keyboard.release(event)
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            event.ignore()
            return
        if self._space_held and not self._space_panned and self._gesture is None:
            self.space_tapped.emit()
        self._space_held = False
        self._show_cursor()

    def focusNextPrevChild(self, next_one: bool) -> bool:
        """Keep Tab for adding; Shift+Tab leaves the canvas."""
        return False if next_one else super().focusNextPrevChild(next_one)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Cancel the gesture, and forget keys: their release will go elsewhere."""
        self.cancel_gesture()
        self._keyboard.end_series()
        self._space_held = False
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cancel a gesture that nobody can see."""
        self.cancel_gesture()
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Space and Esc for the canvas, where they might be shortcuts."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return super().event(event)
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Escape}:
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by a pinch, tell what lies under a pointer that rests, and meet the pointer's leaving."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position().toPoint())
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self.viewport())
            return True
        if event.type() == QEvent.Type.Leave and self._gesture is None:
            self._pointer = None
            self.hover(GROUND)
        return super().viewportEvent(event)

    def tip_at(self, point: QPoint) -> str:
        """Return what is told of the port, node or wire at a point of the viewport; empty on the ground."""
        return tip_of(self.workspace, self._hit(self.mapToScene(point)))
