"""Value and gradient of a node side by side, as heatmaps of the same slice, linked cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.engine import Gradient
from gradviz.graph import Array
from gradviz.panels.slices import SliceBar, Slicing
from gradviz.picture import Theme, colours, scale_limit, show_number, show_shape
from gradviz.workspace import named

HEIGHT = 150
"""Pixels of a heatmap's height."""


class Heatmap(QWidget):
    """One matrix in colours; pyqtgraph is loaded when the first one is shown."""

    hovered = Signal(object)
    clicked = Signal(object)

    def __init__(self, title: str, name: str) -> None:
        """Show nothing yet, under a title."""
        super().__init__()
        self.setObjectName(name)
        self._title = title
        self.head = named(QLabel(title), f"{name}.head")
        self.absent = named(QLabel(), f"{name}.absent")
        self.absent.setWordWrap(True)
        self.absent.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.head)
        self._column.addWidget(self.absent, stretch=1)
        self._plot: Any = None
        self._image: Any = None
        self._mark: Any = None
        self._size = (0, 0)

    def show_absent(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self.head.setText(self._title)
        self.absent.setText(sentence)
        self.absent.setVisible(True)
        if self._plot is not None:
            self._plot.setVisible(False)

    def show_matrix(self, array: Array, slicing: Slicing, theme: Theme) -> None:
        """Show a slice of an array, coloured on a scale symmetric about zero that the whole array shares."""
        matrix = slicing.matrix(array)
        if matrix.size == 0:
            self.show_absent(self.tr("empty, {shape}").format(shape=show_shape(array.shape)))
            return
        if array.size == 1:
            self.show_absent(str(array.reshape(())))
            self.head.setText(f"{self._title} {show_shape(array.shape)}")
            return
        limit = scale_limit(array)
        self.head.setText(f"{self._title} {show_shape(array.shape)}, ±{show_number(limit)}")
        self._ensure_plot(theme)
        self._size = matrix.shape
        self._image.setImage(colours(matrix, limit, theme), levels=(0, 255))
        self._plot.setBackground(theme.field)
        self._plot.plotItem.vb.setRange(xRange=(0, matrix.shape[1]), yRange=(0, matrix.shape[0]), padding=0.02)
        self._plot.setVisible(True)
        self.absent.setVisible(False)

    def mark(self, cell: tuple[int, int] | None) -> None:
        """Ring one cell of the matrix, or none."""
        if self._mark is None:
            return
        inside = cell is not None and cell[0] < self._size[0] and cell[1] < self._size[1]
        self._mark.setVisible(inside)
        if cell is not None and inside:
            self._mark.setRect(cell[1], cell[0], 1, 1)

    def _ensure_plot(self, theme: Theme) -> None:
        if self._plot is None:
            self._make_plot()
        pen = QPen(QColor(theme.active), 2)
        pen.setCosmetic(True)  # two pixels on the screen, however large a cell is
        self._mark.setPen(pen)

    def _make_plot(self) -> None:
        import pyqtgraph

        self._plot = pyqtgraph.PlotWidget()
        self._plot.setMenuEnabled(False)
        self._plot.hideAxis("left")
        self._plot.hideAxis("bottom")
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setAspectLocked(True)
        self._plot.invertY(True)
        self._plot.setFixedHeight(HEIGHT)
        self._plot.setAccessibleName(self._title)
        self._image = pyqtgraph.ImageItem(axisOrder="row-major")
        self._plot.addItem(self._image)
        self._mark = QGraphicsRectItem()
        self._mark.setVisible(False)
        self._plot.addItem(self._mark)
        self._plot.scene().sigMouseMoved.connect(lambda at: self.hovered.emit(self._cell_at(at)))
        self._plot.scene().sigMouseClicked.connect(lambda event: self.clicked.emit(self._cell_at(event.scenePos())))
        self._column.addWidget(self._plot, stretch=1)

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        point = self._plot.plotItem.vb.mapSceneToView(at)
        row, column = int(np.floor(point.y())), int(np.floor(point.x()))
        inside = 0 <= row < self._size[0] and 0 <= column < self._size[1]
        return (row, column) if inside else None


class TensorPair(QWidget):
    """A node's value and gradient; hovering a cell in one rings it in both and tells both numbers in full."""

    cell_clicked = Signal(object)

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.slices = SliceBar()
        self.value = Heatmap(self.tr("value"), "inspector.value")
        self.gradient = Heatmap(self.tr("gradient"), "inspector.gradient")
        self.reading = named(QLabel(" "), "inspector.reading")
        self.reading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reading.setWordWrap(True)
        maps = QHBoxLayout()
        maps.addWidget(self.value, stretch=1)
        maps.addWidget(self.gradient, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slices)
        layout.addLayout(maps)
        layout.addWidget(self.reading)
        self._arrays: tuple[Array | None, Array | None] = (None, None)
        self._theme: Theme | None = None
        self.slices.changed.connect(self._redraw)
        for heatmap in (self.value, self.gradient):
            heatmap.hovered.connect(self._read)
            heatmap.clicked.connect(self._click)

    def show_node(self, value: Array | None, gradient: Gradient | None, theme: Theme) -> None:
        """Show a value and a gradient, or say in words what there is instead."""
        array = gradient.array if gradient is not None else None
        self._arrays, self._theme = (value, array), theme
        self._absent = (
            self.tr("not computed"),
            self.tr("not computed") if gradient is None else _in_words(gradient),
        )
        shape = value.shape if value is not None else array.shape if array is not None else ()
        self.slices.show_shape(shape)
        self._redraw()

    def _redraw(self) -> None:
        if self._theme is None:
            return
        for heatmap, array, absent in zip((self.value, self.gradient), self._arrays, self._absent, strict=True):
            if array is None:
                heatmap.show_absent(absent)
            else:
                heatmap.show_matrix(array, self.slices.slicing, self._theme)
        self._read(None)

    def _read(self, cell: tuple[int, int] | None) -> None:
        self.value.mark(cell)
        self.gradient.mark(cell)
        self.reading.setText(" " if cell is None else self._reading(self.slices.slicing.cell(*cell)))

    def _reading(self, index: tuple[int, ...]) -> str:
        value, gradient = (None if array is None else array[index] for array in self._arrays)
        place = f"[{', '.join(map(str, index))}]" if index else ""
        told = f"{place} value {value}" if value is not None else place
        return told if gradient is None else f"{told}, gradient {gradient}"

    def _click(self, cell: tuple[int, int] | None) -> None:
        if cell is not None:
            self.cell_clicked.emit(self.slices.slicing.cell(*cell))


def _in_words(gradient: Gradient) -> str:
    sign = {"no path": "∅ no path", "not computed": "– not computed"}.get(gradient.state, gradient.state)
    return f"{sign}: {gradient.reason}" if gradient.reason else sign
