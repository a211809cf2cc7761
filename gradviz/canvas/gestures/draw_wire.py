"""Drawing a wire from either end: what fits shines, what does not says why, and a drop is never silent."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gradviz.canvas.gestures.gesture import Gesture, Surface
from gradviz.graph import (
    Document,
    Leaf,
    NodeId,
    Port,
    compatible_ports,
    connect,
    connection_problem,
    disconnect,
    next_port,
    ports_of,
)
from gradviz.picture import font, show_shape, text_width

SNAP = 24.0
"""Screen pixels within which a port attracts the end of a wire."""

OUTPUT = -1
"""The slot that geometry gives to a node's output."""


@dataclass(frozen=True)
class Aim:
    """What the free end of the wire points at: the wire it would make, where it ends, and why not, if not."""

    source: NodeId
    port: Port
    end: QPointF
    problem: str | None


class DrawWire(Gesture):
    """Carries the free end of a wire; the other end stays at an output, or at an input port."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface, node: NodeId, slot: int) -> None:
        """Begin at a port; at an input that is wired, the wire's end there comes loose."""
        super().__init__(surface)
        document = surface.workspace.document
        self._loose: Port | None = None
        self._source: NodeId | None = node if slot == OUTPUT else None
        self._port: Port | None = None
        if slot != OUTPUT:
            port = _port_in_slot(document, node, slot)
            if port in document.wires:
                self._loose, self._source = port, document.wires[port]
            else:
                self._port = port
        self._fixed = self._fixed_point(node, slot)
        self._end = self._fixed
        self._aim: Aim | None = None
        self._fitting = self._fitting_ports()

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Carry the free end to `at`, or to a port near it."""
        self._aim = self._aim_at(at)
        self._end = self._aim.end if self._aim else at

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Connect, replace or detach; over nothing, ask what to add there."""
        self.move(at, modifiers)
        workspace, aim = self.surface.workspace, self._aim
        if aim is not None:
            self._connect(aim)
        elif self._loose is not None:
            workspace.edit(_tr("Detach wire"), disconnect, self._loose)
        elif self._source is not None:
            self.surface.quick_add(at, self._source)
        else:
            workspace.told.emit(_tr("A wire needs a node at its other end: nothing was connected."))

    def paint(self, painter: QPainter) -> None:
        """Draw the wire, ring the ports that fit, and say what is wrong with the one aimed at."""
        theme, pixel = self.surface.theme, self.surface.pixel
        painter.setPen(QPen(QColor(theme.selection), 2 * pixel))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in self._fitting:
            painter.drawEllipse(QPointF(x, y), 8 * pixel, 8 * pixel)
        bad = self._aim is not None and self._aim.problem is not None
        dashes = Qt.PenStyle.DotLine if bad else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(theme.muted if bad else theme.ink), max(theme.wire_width, 2 * pixel), dashes))
        starts_left = self._port is None
        painter.drawPath(_wire_path(self._fixed, self._end) if starts_left else _wire_path(self._end, self._fixed))
        if self._aim is not None:
            self._paint_verdict(painter, self._aim)

    def _paint_verdict(self, painter: QPainter, aim: Aim) -> None:
        """Write beside the pointer, in screen pixels, what would be connected or why it does not fit."""
        theme = self.surface.theme
        text = self._verdict(aim)
        tip = painter.worldTransform().map(aim.end) + QPointF(14.0, 14.0)
        box = QRectF(tip.x(), tip.y(), text_width(text, theme.note_size) + 16.0, 2.0 * theme.note_size)
        painter.save()
        painter.resetTransform()
        painter.setPen(QPen(QColor(theme.border), 1.0))
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(box, 5.0, 5.0)
        painter.setFont(font(theme.note_size))
        painter.setPen(QColor(theme.ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _verdict(self, aim: Aim) -> str:
        if aim.problem is not None:
            return f"✗ {aim.problem}"
        shape = self.surface.workspace.report.shapes.get(aim.source)
        shown = "" if shape is None else f" {show_shape(shape)}"
        return f"✓ {aim.source}{shown} → {aim.port.node}.{aim.port.name}"

    def _connect(self, aim: Aim) -> None:
        workspace = self.surface.workspace
        if aim.problem is not None and aim.port.node == aim.source:
            workspace.told.emit(aim.problem)
            return
        loose = self._loose

        def change(document: Document) -> Document:
            if loose is not None and loose != aim.port:
                document = disconnect(document, loose)
            return connect(document, aim.source, aim.port)

        if workspace.edit(_tr("Connect"), change) and aim.problem is not None:
            workspace.told.emit(aim.problem)

    def _aim_at(self, at: QPointF) -> Aim | None:
        geometry = self.surface.geometry_shown
        near = geometry.port_at(at.x(), at.y(), SNAP * self.surface.pixel)
        if near is not None and (near[1] == OUTPUT) != (self._port is None):
            return self._aim_at_port(*near)
        node = geometry.node_at(at.x(), at.y())
        return None if node is None else self._aim_at_body(node)

    def _aim_at_port(self, node: NodeId, slot: int) -> Aim | None:
        geometry, document = self.surface.geometry_shown, self.surface.workspace.document
        if self._port is not None:
            return self._aim_of(node, self._port, QPointF(*geometry.output_point(node)))
        if self._source is None:
            return None
        port = _port_in_slot(document, node, slot)
        return self._aim_of(self._source, port, QPointF(*geometry.input_point(node, slot)))

    def _aim_at_body(self, node: NodeId) -> Aim | None:
        """Aim at a card's first free port that fits, or its first free port, or its output."""
        document = self.surface.workspace.document
        if self._port is not None:
            return None if node == self._port.node else self._aim_at_port(node, OUTPUT)
        found = document.nodes[node]
        if self._source is None or node == self._source or isinstance(found, Leaf):
            return None
        slots = [Port(node, name) for name in ports_of(found)]
        free = [port for port in slots if port not in document.wires or port == self._loose]
        if not free:
            return None
        fitting = [port for port in free if connection_problem(document, self._source, port) is None]
        return self._aim_at_port(node, slots.index((fitting or free)[0]))

    def _aim_of(self, source: NodeId, port: Port, end: QPointF) -> Aim:
        problem = connection_problem(self.surface.workspace.document, source, port)
        return Aim(source, port, end, problem)

    def _fixed_point(self, node: NodeId, slot: int) -> QPointF:
        geometry = self.surface.geometry_shown
        if self._source is not None:
            return QPointF(*geometry.output_point(self._source))
        return QPointF(*geometry.input_point(node, slot))

    def _fitting_ports(self) -> list[tuple[float, float]]:
        geometry, document = self.surface.geometry_shown, self.surface.workspace.document
        if self._port is not None:
            names = [name for name in document.nodes if connection_problem(document, name, self._port) is None]
            return [geometry.output_point(name) for name in names]
        if self._source is None:
            return []
        ports = compatible_ports(document, self._source)
        return [
            geometry.input_point(port.node, slot)
            for port in ports
            for slot, name in enumerate(ports_of(document.nodes[port.node]))
            if name == port.name
        ]


def _port_in_slot(document: Document, node: NodeId, slot: int) -> Port:
    names = ports_of(document.nodes[node])
    if slot < len(names):
        return Port(node, names[slot])
    return next_port(document, node) or Port(node, names[-1])


def _wire_path(start: QPointF, end: QPointF) -> QPainterPath:
    bend = max(40.0, abs(end.x() - start.x()) / 2)
    path = QPainterPath(start)
    path.cubicTo(QPointF(start.x() + bend, start.y()), QPointF(end.x() - bend, end.y()), end)
    return path


def _tr(text: str) -> str:
    return QCoreApplication.translate("canvas", text)
