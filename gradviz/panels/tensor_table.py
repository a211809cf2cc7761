"""A tensor as a table of numbers that can be edited, slice by slice; blocks can be pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QTableView, QVBoxLayout, QWidget

from gradviz.errors import GradvizError
from gradviz.formats import parse_array
from gradviz.graph import Array, with_cell
from gradviz.panels.slices import SliceBar, Slicing
from gradviz.workspace import named

Index = QModelIndex | QPersistentModelIndex
ROW = 24
"""Pixels of a row."""

MOST_ROWS, MOST_COLUMNS = 8, 4
"""Rows and columns that are shown without scrolling."""

Take = Callable[[Array], None]
Refuse = Callable[[str], None]


class TensorModel(QAbstractTableModel):
    """One slice of an array as rows and columns; an edit makes a whole new array and hands it to `take`."""

    def __init__(self, take: Take, refuse: Refuse) -> None:
        """Start with an empty array; `refuse` gets the sentence for what is no number."""
        super().__init__()
        self._take, self._refuse = take, refuse
        self.array: Array = np.zeros((0,))
        self.slicing = Slicing.of((0,))

    def show_array(self, array: Array, slicing: Slicing) -> None:
        """Show a slice of an array."""
        self.beginResetModel()
        self.array, self.slicing = array, slicing
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return self.slicing.size[0] if self.array.size else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return self.slicing.size[1] if self.array.size else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's number as text, all its digits; numbers stand to the right."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole}:
            return str(self.array[self.slicing.cell(index.row(), index.column())])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, _orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the position along the axis, counted from zero as in code."""
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let every cell be edited."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a typed number, or say what is wrong with it."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        return self.paste(index.row(), index.column(), str(value))

    def paste(self, row: int, column: int, text: str) -> bool:
        """Put typed or pasted numbers into the cells from (row, column) on; what reaches beyond is refused."""
        try:
            block = np.atleast_2d(parse_array(text, self.array.dtype))
            array = self.array
            if (
                block.ndim != 2
                or row + block.shape[0] > self.rowCount()
                or column + block.shape[1] > self.columnCount()
            ):
                self._refuse(self.tr("These {size} numbers reach beyond the table.").format(size=block.size))
                return False
            for (down, across), number in np.ndenumerate(block):
                array = with_cell(array, self.slicing.cell(row + down, column + across), number)
        except GradvizError as error:
            self._refuse(str(error))
            return False
        self._take(array)
        return True


class TensorTable(QWidget):
    """A slice bar over a table of one slice."""

    def __init__(self, take: Take, refuse: Refuse, name: str) -> None:
        """Hand every edited array to `take`."""
        super().__init__()
        self.model = TensorModel(take, refuse)
        self.slices = SliceBar()
        self.view = named(BlockView(self.model), name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slices)
        layout.addWidget(self.view)
        self.slices.changed.connect(lambda: self.model.show_array(self.model.array, self.slices.slicing))

    def show_array(self, array: Array) -> None:
        """Show an array, at the slice that was shown if its shape is the same."""
        self.slices.show_shape(array.shape)
        self.model.show_array(array, self.slices.slicing)


class BlockView(QTableView):
    """A table into which a block of numbers can be pasted, and from which one can be copied."""

    def __init__(self, model: TensorModel) -> None:
        """Show `model`."""
        super().__init__()
        self._table = model
        self.setModel(model)
        self.setAccessibleName(self.tr("Numbers of the tensor"))
        self.horizontalHeader().setDefaultSectionSize(72)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        model.modelReset.connect(self._take_room)
        self._take_room()

    def _take_room(self) -> None:
        """Be as high as the rows, up to some; more are scrolled to."""
        rows = min(MOST_ROWS, max(1, self._table.rowCount()))
        bar = self.horizontalScrollBar().sizeHint().height() if self._table.columnCount() > MOST_COLUMNS else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * ROW + bar + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and paste blocks; everything else is the table's."""
        if event.matches(QKeySequence.StandardKey.Paste) and self.currentIndex().isValid():
            at = self.currentIndex()
            self._table.paste(at.row(), at.column(), QGuiApplication.clipboard().text())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        chosen = sorted((index.row(), index.column()) for index in self.selectedIndexes())
        rows = sorted({row for row, _column in chosen})
        texts = [
            "\t".join(str(self._table.data(self._table.index(row, column))) for at, column in chosen if at == row)
            for row in rows
        ]
        QGuiApplication.clipboard().setText("\n".join(texts))
