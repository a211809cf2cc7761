"""Looking at a tensor of any rank as a matrix: two axes are rows and columns, the others stand at a position."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradviz.graph import Array
from gradviz.panels.forms import Choice, RowTitle, Slide, add_row, growing_form
from gradviz.workspace import named


@dataclass(frozen=True)
class Slicing:
    """Which matrix of a tensor is shown; a tensor of rank 1 is one row, rank 0 one cell."""

    shape: tuple[int, ...]
    row_axis: int | None
    column_axis: int | None
    at: tuple[int, ...]

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> Slicing:
        """Return the slicing that shows the last two axes, at the beginning of the others."""
        rank = len(shape)
        return cls(shape, rank - 2 if rank > 1 else None, rank - 1 if rank else None, (0,) * rank)

    @property
    def size(self) -> tuple[int, int]:
        """The number of rows and columns of the matrix."""
        rows = 1 if self.row_axis is None else self.shape[self.row_axis]
        columns = 1 if self.column_axis is None else self.shape[self.column_axis]
        return rows, columns

    @property
    def fixed_axes(self) -> tuple[int, ...]:
        """The axes that stand at one position."""
        return tuple(axis for axis in range(len(self.shape)) if axis not in {self.row_axis, self.column_axis})

    def cell(self, row: int, column: int) -> tuple[int, ...]:
        """Return the index in the tensor of a cell of the matrix."""
        index = list(self.at)
        if self.row_axis is not None:
            index[self.row_axis] = row
        if self.column_axis is not None:
            index[self.column_axis] = column
        return tuple(index)

    def place(self, cell: tuple[int, ...]) -> tuple[int, int] | None:
        """Return the row and column of the matrix where a cell of the tensor is, None where it is in another slice."""
        if len(cell) != len(self.shape) or any(cell[axis] != self.at[axis] for axis in self.fixed_axes):
            return None
        row = 0 if self.row_axis is None else cell[self.row_axis]
        return row, 0 if self.column_axis is None else cell[self.column_axis]

    def matrix(self, array: Array) -> Array:
        """Return the matrix, a view of `array`, of shape `size`."""
        if array.size == 0:
            return np.zeros(self.size if 0 in self.size else (0, 0), array.dtype)
        pick: list[Any] = [slice(None) if axis not in self.fixed_axes else self.at[axis] for axis in range(array.ndim)]
        picked = array[(*pick, ...)]  # with the ellipsis a view also where a single cell is picked
        if self.row_axis is None or self.column_axis is None:
            return picked.reshape(self.size)
        return picked if self.row_axis < self.column_axis else picked.T


class SliceBar(QWidget):
    """Chooses the axes and positions of a slicing; hidden for tensors of rank 2 and below."""

    changed = Signal()

    def __init__(self) -> None:
        """Show a scalar."""
        super().__init__()
        self.slicing = Slicing.of(())
        self._rows = Choice("slices.rows", self.tr("Axis shown as rows"))
        self._columns = Choice("slices.columns", self.tr("Axis shown as columns"))
        axes = growing_form()
        for title, box in ((self.tr("Rows"), self._rows), (self.tr("Columns"), self._columns)):
            add_row(axes, title, box)
        self._rows.activated.connect(lambda axis: self._show_axes(axis, self._partner(axis, self.slicing.column_axis)))
        self._columns.activated.connect(lambda axis: self._show_axes(self._partner(axis, self.slicing.row_axis), axis))
        self._positions = QVBoxLayout()
        self.fields: list[QWidget] = [self._rows, self._columns]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(axes)
        layout.addLayout(self._positions)
        self.setVisible(False)

    def show_shape(self, shape: tuple[int, ...]) -> None:
        """Take a tensor's shape; a shape that is shown already keeps its slicing."""
        if shape == self.slicing.shape:
            return
        self.slicing = Slicing.of(shape)
        for box, axis in ((self._rows, self.slicing.row_axis), (self._columns, self.slicing.column_axis)):
            box.clear()
            box.addItems([f"axis {number} ({size})" for number, size in enumerate(shape)])
            box.setCurrentIndex(-1 if axis is None else axis)
        self._show_positions()
        self.setVisible(len(shape) > 2)
        self.changed.emit()

    def _partner(self, chosen: int, other: int | None) -> int | None:
        """Return the axis for the other side of the matrix: the one it has, or in exchange the one that was left."""
        if chosen != other:
            return other
        return self.slicing.row_axis if other == self.slicing.column_axis else self.slicing.column_axis

    def _show_axes(self, rows: int | None, columns: int | None) -> None:
        self.slicing = replace(self.slicing, row_axis=rows, column_axis=columns)
        for box, axis in ((self._rows, rows), (self._columns, columns)):
            box.setCurrentIndex(-1 if axis is None else axis)
        self._show_positions()
        self.changed.emit()

    def _show_positions(self) -> None:
        while (item := self._positions.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        del self.fields[2:]
        for axis in self.slicing.fixed_axes:
            self._positions.addWidget(self._position(axis))

    def _position(self, axis: int) -> QWidget:
        row = QWidget()
        slider = named(Slide(Qt.Orientation.Horizontal), f"slices.position{axis}")
        slider.setAccessibleName(self.tr("Position along axis {axis}").format(axis=axis))
        slider.setRange(0, max(0, self.slicing.shape[axis] - 1))
        slider.setValue(self.slicing.at[axis])
        label = RowTitle(f"axis {axis}: {self.slicing.at[axis]}")
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(label)
        layout.addWidget(slider)

        def go(position: int) -> None:
            at = list(self.slicing.at)
            at[axis] = position
            self.slicing = replace(self.slicing, at=tuple(at))
            label.setText(f"axis {axis}: {position}")
            self.changed.emit()

        slider.valueChanged.connect(go)
        self.fields.append(slider)
        return row
