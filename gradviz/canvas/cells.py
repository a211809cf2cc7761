"""Cells of the tensors that the graph shows: which one is at a point, and the rings of what is pointed at.

Cells are found in the layouts of the picture, and rings are drawn over it: pointing makes no new picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.engine import Moment, Send
from gradviz.graph import Array, NodeId, Port
from gradviz.picture import (
    Geometry,
    Rect,
    Room,
    TensorLayout,
    Theme,
    cell_at,
    cell_rect,
    labels_of,
    outlines,
    share_place,
)
from gradviz.workspace import Pointing, Spot, Workspace

LEAST_CELL = 1.5
"""Screen pixels of the side of a cell below which nobody can point at it."""


@dataclass(frozen=True, eq=False)
class CellsShown:
    """The tensors that the canvas shows at rest, and where: on cards, and beside wires what was sent along them."""

    workspace: Workspace
    geometry: Geometry
    theme: Theme

    @property
    def _moment(self) -> Moment | None:
        is_still = self.workspace.motion is None and not self.workspace.is_stale
        return self.workspace.moment if is_still else None

    def tensor(self, node: NodeId, kind: str) -> Array | None:
        """Return the value or the gradient that a card shows, None where it shows none."""
        moment = self._moment
        if moment is None or node not in self.geometry.index:
            return None
        found = moment.values.get(node) if kind == "value" else _gradient(moment, node)
        return found if found is not None and found.shape == self.geometry.layout(node).shape else None

    def spot_at(self, at: QPointF, pixel: float) -> Spot | None:
        """Return the cell at a point of the picture, where a screen pixel is `pixel` long."""
        node = self.geometry.node_at(at.x(), at.y())
        if node is None:
            return self._sent_at(at, pixel)
        card = self.geometry.rect(node)
        layout = self.geometry.layout(node)
        for kind, rect in (("value", layout.value), ("gradient", layout.gradient)):
            x, y = at.x() - card[0] - rect[0], at.y() - card[1] - rect[1]
            tensor = self.tensor(node, kind) if 0 <= x < rect[2] and 0 <= y < rect[3] else None
            if tensor is not None:
                cell = _large_enough(layout.tensor, tensor, x, y, pixel)
                return None if cell is None else Spot(node, "value" if kind == "value" else "gradient", cell)
        return None

    def chip(self, spot: Spot) -> tuple[QPointF, TensorLayout, Array] | None:
        """Return where the tensor of a spot is shown, its layout and itself; None where it is not."""
        if spot.kind == "raw" and spot.port is not None:
            return self._sent(spot.port)
        tensor = self.tensor(spot.node, spot.kind)
        return None if tensor is None else (*self._place(spot.node, spot.kind), tensor)

    def next_spot(self, node: NodeId, spot: Spot | None, across: int, down: int) -> Spot | None:
        """Return the cell of a node to the right or left of a cell, or below or above; its first one to begin with.

        The gradient lies to the right of the value. At the ends a cell stays.
        """
        kinds: list[Literal["value", "gradient"]] = ["value", "gradient"]
        kinds = [kind for kind in kinds if (found := self.tensor(node, kind)) is not None and found.size]
        if spot is None or spot.node != node or spot.kind not in kinds:
            first = None if not kinds else self.tensor(node, kinds[0])
            return None if first is None else Spot(node, kinds[0], (0,) * first.ndim)
        tensor = self.tensor(node, spot.kind)
        shape = () if tensor is None else tensor.shape
        columns = shape[-1] if shape else 1
        flat = int(np.ravel_multi_index(spot.cell, shape)) if shape else 0
        row, column = flat // columns + down, flat % columns + across
        kind = kinds.index(spot.kind)
        if not 0 <= column < columns and 0 <= kind + across < len(kinds):
            kind, column = kind + across, column % columns
        elif not (0 <= column < columns and 0 <= row < prod(shape[:-1])):
            return spot
        return Spot(
            node, kinds[kind], tuple(int(at) for at in np.unravel_index(row * columns + column, shape)) if shape else ()
        )

    def _place(self, node: NodeId, kind: str) -> tuple[QPointF, TensorLayout]:
        card, layout = self.geometry.rect(node), self.geometry.layout(node)
        rect = layout.value if kind == "value" else layout.gradient
        return QPointF(card[0] + rect[0], card[1] + rect[1]), layout.tensor

    def _sent(self, port: Port) -> tuple[QPointF, TensorLayout, Array] | None:
        moment, row = self._moment, self.geometry.wire_index.get(port)
        sent = None if moment is None else moment.sent(port)
        if row is None or not isinstance(sent, Send):
            return None
        labels = labels_of(self.geometry, self.workspace.report, self.theme)
        corner, layout = share_place(sent.share, Room(labels.shares[row], labels.leans[row]), self.theme)
        return QPointF(*corner), layout, sent.share

    def _sent_at(self, at: QPointF, pixel: float) -> Spot | None:
        """Return the cell of what was sent along a wire: what the rule gave, or, where that was summed, of the sum."""
        if self._moment is None or not self.geometry.ports:
            return None
        rects = np.array(labels_of(self.geometry, self.workspace.report, self.theme).shares)
        inside = (rects[:, :2] <= (at.x(), at.y())) & ((at.x(), at.y()) < rects[:, :2] + rects[:, 2:])
        for row in np.flatnonzero(inside.all(axis=1)).tolist():
            port = self.geometry.ports[row]
            found, sent = self._sent(port), self._moment.sent(port)
            if found is None or not isinstance(sent, Send):
                continue
            corner, layout, share = found
            cell = _large_enough(layout, share, at.x() - corner.x(), at.y() - corner.y(), pixel)
            if cell is not None:
                is_summed = sent.raw.shape != share.shape
                return Spot(sent.source, "gradient", cell) if is_summed else Spot(port.node, "raw", cell, port)
        return None


def _gradient(moment: Moment, node: NodeId) -> Array | None:
    """Return what a card shows as the gradient: the total, or the sum of what has arrived."""
    total = moment.gradient(node).array
    return moment.running_total(node) if total is None else total


def _large_enough(layout: TensorLayout, tensor: Array, x: float, y: float, pixel: float) -> tuple[int, ...] | None:
    cell = cell_at(layout, tensor.shape, x, y)
    rect = None if cell is None else cell_rect(layout, tensor.shape, cell)
    return cell if rect is not None and min(rect[2:]) >= LEAST_CELL * pixel else None


def paint_cells(painter: QPainter, shown: CellsShown, pointing: Pointing) -> None:
    """Ring the cell that is pointed at, and outline the cells that it comes from."""
    if pointing.pointed is None:
        return
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for (node, kind), lit in pointing.lit.items():
        chip = shown.chip(Spot(node, kind, ()))
        if chip is not None and chip[2].shape == lit.shape:
            _paint_outlines(painter, chip[0], chip[1], lit, shown.theme)
    chip = shown.chip(pointing.pointed.spot)
    if chip is not None and len(pointing.pointed.spot.cell) == chip[2].ndim:
        rect = cell_rect(chip[1], chip[2].shape, pointing.pointed.spot.cell)
        if rect is not None:
            _paint_ring(painter, chip[0], rect, shown.theme)
    painter.restore()


def _paint_outlines(painter: QPainter, corner: QPointF, layout: TensorLayout, lit: Array, theme: Theme) -> None:
    """Draw ink on paper, which is seen on every colour and in grey."""
    lines = [QLineF(*line).translated(corner) for line in outlines(layout, lit).tolist()]
    for colour, width in ((theme.card, 4.5), (theme.ink, 2.25)):
        painter.setPen(_pen(painter, colour, width * theme.stroke_width))
        painter.drawLines(lines)


def _paint_ring(painter: QPainter, corner: QPointF, rect: Rect, theme: Theme) -> None:
    ring = QRectF(*rect).translated(corner)
    for colour, width in ((theme.ink, theme.ring_width + 2 * theme.stroke_width), (theme.active, theme.ring_width)):
        painter.setPen(_pen(painter, colour, width))
        painter.drawRect(ring)


def _pen(painter: QPainter, colour: str, width: float) -> QPen:
    """Return a pen whose ends close the corners, seen from afar too."""
    least = 0.75 / painter.worldTransform().m11()
    pen = QPen(QColor(colour), max(width, least), Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
