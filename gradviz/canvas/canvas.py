"""The canvas: the view of the graph, where mouse and keyboard edit it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip

from gradviz.canvas.adding_view import AddingView
from gradviz.canvas.edge_pan import EdgePan
from gradviz.canvas.gestures import DrawWire, Gesture, MoveNodes, Pan, Pointer, RubberBand
from gradviz.canvas.keyboard import Keyboard
from gradviz.canvas.picking import GROUND, Hit, hit_at
from gradviz.canvas.telling import selection_in_words
from gradviz.canvas.tips import cell_in_words, cell_tip, tip_of
from gradviz.graph import Document
from gradviz.workspace import Player, Pointing, Spot, Workspace

WHEEL_STEP = 1.0015
"""The zoom of one unit of the wheel's angle; a notch is 120 units."""

DRAG_DISTANCE = 4
"""Screen pixels that the pointer travels before a press is a drag."""

_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class Canvas(AddingView):
    """Turns gestures, drops and keys into edits of the workspace's document."""

    space_tapped = Signal()

    def __init__(self, workspace: Workspace, player: Player, pointing: Pointing | None = None) -> None:
        """Show and edit `workspace`; a tap on Space plays and pauses `player`."""
        super().__init__(workspace, pointing)
        self._keyboard = Keyboard(self)
        self._edge_pan = EdgePan(self._pan_with_gesture, self)
        self._menus: tuple[QMenu, QMenu, QMenu] | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed_at = QPointF()
        self._is_dragging = False
        self._space_held = self._space_panned = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.space_tapped.connect(player.toggle)
        workspace.document_changed.connect(self._meet_document)
        changes = (workspace.selection_changed, workspace.playhead_moved, workspace.tape_changed, self.pointing.changed)
        for signal in changes:
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
        """Say what is selected, or pointed at, to whoever listens instead of looking."""
        pointed = self.pointing.pointed
        words = selection_in_words(self.workspace) if pointed is None else cell_in_words(self.workspace, pointed.spot)
        self.setAccessibleDescription(words)

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

    def _spot(self, at: QPointF) -> Spot | None:
        return None if self._hit(at).is_port else self.cells_shown.spot_at(at, self.pixel)

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
            self.pointing.point_at(self._spot(self._pointer.at))
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
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        menu = self.menu_of_selection() if by_keyboard else self.menu_at(event.pos())
        if menu is not None and self._gesture is None:
            menu.popup(self.viewport().mapToGlobal(self._selected_point()) if by_keyboard else event.globalPos())

    def menu_at(self, point: QPoint) -> QMenu | None:
        """Select what lies at a point of the viewport, where it is not selected yet, and return its menu."""
        workspace, hit = self.workspace, self._hit(self.mapToScene(point))
        if self._menus is None or self._gesture is not None:
            return None
        if hit.is_ground:
            workspace.select(())
        elif hit.node is not None and hit.node not in workspace.selection:
            workspace.select([hit.node])
        elif hit.wire is not None and hit.wire not in workspace.selected_wires:
            workspace.select((), [hit.wire])
        of_ground, of_node, of_wire = self._menus
        return of_ground if hit.is_ground else of_wire if hit.wire is not None else of_node

    def menu_of_selection(self) -> QMenu | None:
        """Return the menu of what is selected: nodes, or wires, or nothing."""
        if self._menus is None:
            return None
        of_ground, of_node, of_wire = self._menus
        return of_node if self.workspace.selection else of_wire if self.workspace.selected_wires else of_ground

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

    # Keys, tips, focus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels; Space held down pans; arrows with Alt go through the graph, with Ctrl they move nodes."""
        if event.key() == Qt.Key.Key_Escape:
            if not self.cancel_gesture():
                self.pointing.point_at(None)
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
        self.pointing.point_at(None)
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
            self.pointing.point_at(None)
        return super().viewportEvent(event)

    def tip_at(self, point: QPoint) -> str:
        """Return what is told of the cell, port, node or wire at a point of the viewport; empty on the ground."""
        at = self.mapToScene(point)
        spot = self._spot(at)
        return tip_of(self.workspace, self._hit(at)) if spot is None else cell_tip(self.workspace, spot)
