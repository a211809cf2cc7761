"""Drawing a wire from either end: what fits shines, what does not says why, and a drop is never silent."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gradviz.canvas.gestures.aiming import SNAP, Aim, hold
from gradviz.canvas.gestures.gesture import Gesture, Pointer, Surface
from gradviz.canvas.wire_paths import loose_path, wire_path
from gradviz.graph import Document, NodeId, Port, connect, disconnect
from gradviz.picture import font, show_shape

WIDEST_VERDICT = 420.0
"""Screen pixels that a sentence at the pointer is wide, at most."""


class DrawWire(Gesture):
    """Carries the free end of a wire; the other end stays at an output, or at an input port."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface, node: NodeId, slot: int) -> None:
        """Begin at a port; at an input that is wired, the wire's end there comes loose."""
        super().__init__(surface)
        self._node = node
        self._held = hold(surface.workspace.document, surface.geometry_shown, node, slot)
        self._end: QPointF | None = None
        self._aim: Aim | None = None

    def move(self, pointer: Pointer) -> None:
        """Carry the free end with the pointer, or to a port near it."""
        self._aim = self._held.aim_at(pointer.at, SNAP * self.surface.pixel)
        self._end = self._aim.end if self._aim else pointer.at

    def release(self, pointer: Pointer) -> None:
        """Connect, replace or detach; over nothing, ask what to add there."""
        self.move(pointer)
        aim, held = self._aim, self._held
        if aim is not None:
            self._connect(aim)
        elif held.loose is not None:
            self.surface.workspace.edit(_tr("Detach wire"), disconnect, held.loose)
        else:
            self.surface.quick_add(pointer.at, held.source, held.port)

    def click(self, pointer: Pointer) -> None:
        """Select the wire at a port that has one, else the node."""
        if self._held.loose is not None:
            self.surface.workspace.select((), [self._held.loose])
        else:
            self.surface.workspace.select([self._node])

    def _connect(self, aim: Aim) -> None:
        workspace, loose, port = self.surface.workspace, self._held.loose, aim.port
        if port is None:
            workspace.told.emit(aim.problem or "")
            return

        def change(document: Document) -> Document:
            if loose is not None and loose != port:
                document = disconnect(document, loose)
            return connect(document, aim.source, port)

        before = workspace.document
        is_allowed = workspace.edit(_tr("Connect"), change)
        if is_allowed and aim.problem is not None and workspace.document is not before:
            workspace.told.emit(aim.problem)

    # What is drawn

    def paint(self, painter: QPainter) -> None:
        """Draw the wire, ring the ports that fit, fade the others, and say what the drop would do."""
        if self._end is None:
            return
        self._paint_ends(painter)
        theme, pixel, aim = self.surface.theme, self.surface.pixel, self._aim
        if self._held.loose is not None:
            self._fade(painter, self._held.loose)
        is_bad = aim is not None and aim.problem is not None
        dashes = Qt.PenStyle.DotLine if is_bad else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(theme.muted if is_bad else theme.ink), max(theme.wire_width, 2 * pixel), dashes))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        fixed = self._held.fixed_point
        ends = (fixed, self._end) if self._held.source is not None else (self._end, fixed)
        painter.drawPath(loose_path(*ends))
        if aim is not None:
            if not is_bad:
                painter.setPen(QPen(QColor(theme.selection), 3 * pixel))
                painter.drawEllipse(aim.end, 11 * pixel, 11 * pixel)
            self._paint_verdict(painter, aim)

    def _paint_ends(self, painter: QPainter) -> None:
        theme, pixel = self.surface.theme, self.surface.pixel
        veil = QColor(theme.background)
        veil.setAlphaF(0.7)
        for point, fits in self._held.ends(self.surface.area):
            painter.setPen(QPen(QColor(theme.selection), 2 * pixel) if fits else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if fits else veil)
            painter.drawEllipse(point, 8 * pixel, 8 * pixel)

    def _fade(self, painter: QPainter, wire: Port) -> None:
        """Let the wire whose end is in the hand stand back."""
        veil = QColor(self.surface.theme.background)
        veil.setAlphaF(0.8)
        painter.setPen(QPen(veil, self.surface.theme.wire_width_most + 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(wire_path(self.surface.geometry_shown, wire))

    def _paint_verdict(self, painter: QPainter, aim: Aim) -> None:
        """Write beside the pointer, in screen pixels, what would be connected or why it does not fit."""
        theme, view = self.surface.theme, painter.worldTransform()
        room = view.mapRect(self.surface.area)
        lines = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        text, metrics = self._verdict(aim), QFontMetricsF(font(theme.note_size))
        words = metrics.boundingRect(QRectF(0.0, 0.0, WIDEST_VERDICT, 0.0), int(lines), text)
        box = QRectF(view.map(aim.end) + QPointF(16.0, 16.0), words.size()).adjusted(0.0, 0.0, 18.0, 12.0)
        box.moveLeft(max(room.left() + 4.0, min(box.left(), room.right() - box.width() - 4.0)))
        box.moveTop(max(room.top() + 4.0, min(box.top(), room.bottom() - box.height() - 4.0)))
        painter.save()
        painter.resetTransform()
        painter.setPen(QPen(QColor(theme.border), 1.0))
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(box, 5.0, 5.0)
        painter.setFont(font(theme.note_size))
        painter.setPen(QColor(theme.ink))
        painter.drawText(box.adjusted(9.0, 6.0, -9.0, -6.0), int(lines), text)
        painter.restore()

    def _verdict(self, aim: Aim) -> str:
        if aim.problem is not None or aim.port is None:
            return f"✗ {aim.problem}"
        shape = self.surface.workspace.report.shapes.get(aim.source)
        shown = "" if shape is None else f" {show_shape(shape)}"
        return f"✓ {aim.source}{shown} → {aim.port.node}.{aim.port.name}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("canvas", text)
