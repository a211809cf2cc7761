"""One matrix in colours, with its scale; pyqtgraph, which shows it, is loaded when the first one is."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsRectItem, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gradviz.graph import Array
from gradviz.panels.cell_outline import CellOutline
from gradviz.panels.cell_overlay import CellOverlay
from gradviz.panels.scale_bar import ScaleBar
from gradviz.panels.slices import Slicing
from gradviz.picture import Theme, scale_limit, show_shape
from gradviz.workspace import named

CELL = 44
"""Pixels of the side of a cell, at most."""

LEAST_HEIGHT, MOST_HEIGHT = 40, 170
"""Pixels of a heatmap's height: cells are squares as long as it lies between."""


class Heatmap(QWidget):
    """A slice of a tensor under a title, or the reason why there is none.

    Cells announce themselves as (row, column): `hovered` (None outside) and `clicked`. Ctrl and the wheel zoom, the
    mouse pans, a double click shows all again.
    """

    hovered = Signal(object)
    clicked = Signal(object)

    def __init__(self, title: str, name: str) -> None:
        """Show nothing yet, under a title."""
        super().__init__()
        self.setObjectName(name)
        self._title = title
        self.head = named(QLabel(title), f"{name}.head")
        self.head.setWordWrap(True)
        self.absent = named(QLabel(), f"{name}.absent")
        self.absent.setWordWrap(True)
        self.absent.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.scale = named(ScaleBar(), f"{name}.scale")
        self.facts = named(QLabel(), f"{name}.facts")
        self.facts.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        for part in (self.head, self.absent, self.scale, self.facts):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self._map: Any = None
        self._shown: tuple[object, ...] = ()
        self._array: Array | None = None
        self._size = (0, 0)
        self._pressed_at: QPointF | None = None
        self._is_panning = False
        self.show_absent("")

    def show_absent(self, sentence: str, colour: str = "") -> None:
        """Say why there is nothing to show."""
        self._shown, self._array = (), None
        self._show_head("", colour)
        self.absent.setText(sentence)
        self._show_parts(has_map=False, has_scale=False, facts="")

    def show_matrix(self, array: Array, slicing: Slicing, theme: Theme, colour: str, told: str = "") -> None:
        """Show a slice of an array, coloured on a scale symmetric about zero that the whole array shares.

        `told` is said below it.
        """
        shown = (id(array), slicing, theme.name, told)
        if self._shown == shown:
            return
        matrix = slicing.matrix(array)
        if matrix.size == 0:
            self.show_absent(self.tr("empty: no numbers"), colour)
            self._show_head(show_shape(array.shape), colour)
            return
        limit = np.inf if array.size == 1 else scale_limit(array)
        self._show_head(show_shape(array.shape), colour)
        self._map = self._map or self._make_map()
        self._show_cells(matrix, limit, theme, is_other_size=matrix.shape != self._size)
        self._frame(colour)
        if array.size > 1:
            self.scale.show_scale(array, limit, theme)
        facts = "\n".join(filter(None, (told, self._odd_numbers(array, limit))))
        self._show_parts(has_map=True, has_scale=array.size > 1, facts=facts)
        self._shown, self._array = shown, array  # kept alive, so that no other array gets its id

    def mark(self, cell: tuple[int, int] | None) -> None:
        """Ring one cell of the matrix, or none."""
        if self._map is None:
            return
        inside = cell is not None and cell[0] < self._size[0] and cell[1] < self._size[1]
        self._ring.setVisible(inside)
        if cell is not None and inside:
            self._ring.setRect(cell[1], cell[0], 1, 1)

    def outline(self, lit: Array | None) -> None:
        """Outline the cells of a mask of the matrix, or none."""
        if self._map is not None:
            self._outline.show_cells(lit if lit is not None and lit.shape == self._size else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the cells square."""
        super().resizeEvent(event)
        self._take_height()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse over the map: it points at cells, clicks them and pans; the wheel zooms with Ctrl only."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        elif isinstance(event, QMouseEvent):
            return self._meet_mouse(event)
        elif isinstance(event, QWheelEvent) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _meet_mouse(self, event: QMouseEvent) -> bool:
        at, is_left = event.position(), event.button() == Qt.MouseButton.LeftButton
        match event.type():
            case QEvent.Type.MouseButtonPress if is_left:
                self._pressed_at = at
            case QEvent.Type.MouseButtonDblClick if is_left:
                self._show_all()
            case QEvent.Type.MouseButtonRelease if is_left and self._pressed_at is not None:
                self._pressed_at = None
                if not self._is_panning:
                    self.clicked.emit(self._cell_at(at))
                self._is_panning = False
            case QEvent.Type.MouseMove if event.buttons() & Qt.MouseButton.LeftButton:
                self._pan(at)
            case QEvent.Type.MouseMove:
                self.hovered.emit(self._cell_at(at))
            case _:
                return False
        return True

    def _pan(self, at: QPointF) -> None:
        """Move what is shown with the mouse, as soon as it has left where it was pressed."""
        if self._pressed_at is None:
            return
        moved = at - self._pressed_at
        if self._is_panning or moved.manhattanLength() >= QApplication.startDragDistance():
            self._is_panning = True
            size = self._box.viewPixelSize()
            self._box.translateBy(x=-moved.x() * size[0], y=-moved.y() * size[1])
            self._pressed_at = at

    def _show_head(self, shape: str, colour: str) -> None:
        title = f'<span style="color: {colour}">{self._title}</span>' if colour else self._title
        self.head.setText(f"{title} {shape}".strip())

    def _show_parts(self, *, has_map: bool, has_scale: bool, facts: str) -> None:
        self.absent.setVisible(not has_map)
        self.scale.setVisible(has_scale)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))
        if self._map is not None:
            self._map.setVisible(has_map)

    def _show_cells(self, matrix: Array, limit: float, theme: Theme, *, is_other_size: bool) -> None:
        self._size = matrix.shape
        self._image.setImage(self._overlay.show_matrix(matrix, limit, theme), levels=(0, 255))
        self._map.setBackground(theme.field)
        pen = QPen(QColor(theme.active), 2)
        pen.setCosmetic(True)  # two pixels on the screen, however large a cell is
        self._ring.setPen(pen)
        self._outline.take_theme(theme)
        if is_other_size:
            self._take_height()
            self._show_all()

    def _frame(self, colour: str) -> None:
        """Draw a line around the map in the colour of its role."""
        self._map.setStyleSheet(f"QGraphicsView {{ border: 1px solid {colour}; }}")

    def _odd_numbers(self, array: Array, limit: float) -> str:
        """Return how many numbers of the whole array are not finite, or beyond the scale."""
        if array.dtype.kind == "b" or array.size == 1:
            return ""
        with np.errstate(all="ignore"):
            counts = (
                (np.isnan(array), self.tr("{count} NaN")),
                (np.isinf(array), self.tr("{count} infinite")),
                (np.isfinite(array) & (np.abs(array) > limit * (1 + 1e-6)), self.tr("{count} beyond the scale")),
            )
        found = [(int(np.count_nonzero(where)), text) for where, text in counts]
        return ", ".join(text.format(count=count) for count, text in found if count)

    # The map itself

    def _make_map(self) -> Any:
        """Make the view of pyqtgraph, with an image, what is written over it, and the ring."""
        import pyqtgraph

        view = pyqtgraph.GraphicsView()
        view.setAccessibleName(self._title)
        view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._box = pyqtgraph.ViewBox(invertY=True, enableMenu=False, defaultPadding=0.0)
        view.setCentralItem(self._box)
        self._image = pyqtgraph.ImageItem(axisOrder="row-major")
        self._overlay, self._outline, self._ring = CellOverlay(), CellOutline(), QGraphicsRectItem()
        self._ring.setVisible(False)
        for item in (self._image, self._overlay, self._outline, self._ring):
            self._box.addItem(item, ignoreBounds=True)
        view.viewport().installEventFilter(self)
        self._column.insertWidget(1, view)
        return view

    def _show_all(self) -> None:
        rows, columns = self._size
        self._box.setLimits(xMin=0, xMax=columns, yMin=0, yMax=rows)
        self._box.setRange(xRange=(0, columns), yRange=(0, rows), padding=0)

    def _take_height(self) -> None:
        if self._map is None or 0 in self._size:
            return
        rows, columns = self._size
        side = min(CELL, self.width() / columns)
        self._map.setFixedHeight(round(max(LEAST_HEIGHT, min(MOST_HEIGHT, side * rows))))

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """Return the row and column of the cell at a point of the view."""
        point = self._box.mapSceneToView(self._map.mapToScene(at.toPoint()))
        row, column = int(np.floor(point.y())), int(np.floor(point.x()))
        inside = 0 <= row < self._size[0] and 0 <= column < self._size[1]
        return (row, column) if inside else None
