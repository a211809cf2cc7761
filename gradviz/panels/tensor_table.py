"""A tensor as a table of numbers that can be edited, slice by slice; blocks can be pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QTableView, QVBoxLayout, QWidget

from gradviz.errors import FormatError, GradvizError
from gradviz.formats import parse_array
from gradviz.graph import Array
from gradviz.panels.slices import SliceBar, Slicing
from gradviz.picture import show_number
from gradviz.workspace import named

Index = QModelIndex | QPersistentModelIndex

MOST_ROWS, MOST_COLUMNS = 8, 4
"""Rows and columns that are shown without scrolling."""

MOST_COPIED = 1 << 20
"""Numbers that are copied at once."""

Take = Callable[[Array], None]
Refuse = Callable[[str], None]

_KEYS = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste, QKeySequence.StandardKey.SelectAll)
_NUMBER_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class TensorModel(QAbstractTableModel):
    """One slice of an array as rows and columns; an edit makes a whole new array and hands it to `take`."""

    def __init__(self, take: Take, refuse: Refuse) -> None:
        """Start with an empty array; `refuse` gets the sentence for what is no number."""
        super().__init__()
        self._take, self._refuse = take, refuse
        self.array: Array = np.zeros((0,))
        self.slicing = Slicing.of((0,))

    def show_array(self, array: Array, slicing: Slicing) -> None:
        """Show a slice of an array; one of the same shape changes numbers only, and the cursor stays."""
        if array is self.array and slicing == self.slicing:
            return
        stays = array.shape == self.array.shape and slicing.size == self.slicing.size
        if not stays:
            self.beginResetModel()
        self.array, self.slicing = array, slicing
        if not stays:
            self.endResetModel()
        elif array.size:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return self.slicing.size[0] if self.array.size else 0

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return self.slicing.size[1] if self.array.size else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's number: four digits of it in the table, all of them for editing; it stands to the right."""
        if role == Qt.ItemDataRole.DisplayRole:
            return show_number(self._number(index))
        if role in {Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole}:
            return self.text(index.row(), index.column())
        return _NUMBER_RIGHT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def text(self, row: int, column: int) -> str:
        """Return a cell's number with all its digits."""
        return str(self.array[self.slicing.cell(row, column)]).lower()

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
        return str(value) == self.text(index.row(), index.column()) or self.paste(
            index.row(), index.column(), str(value)
        )

    def paste(self, row: int, column: int, text: str) -> bool:
        """Put typed or pasted numbers into the cells from (row, column) on, or say why that cannot be."""
        try:
            array = self._with_block(row, column, text)
        except GradvizError as error:
            self._refuse(str(error))
            return False
        self._take(array)
        return True

    def _number(self, index: Index) -> Any:
        return self.array[self.slicing.cell(index.row(), index.column())]

    def _with_block(self, row: int, column: int, text: str) -> Array:
        """Return a copy of the array with a block of numbers in it; raises `FormatError` for what does not fit."""
        block = np.atleast_2d(parse_array(text, self.array.dtype))
        if block.ndim != 2:
            raise FormatError("a table takes rows and columns, and this has {axes} axes", axes=block.ndim)
        rows, columns = block.shape
        if row + rows > self.rowCount() or column + columns > self.columnCount():
            raise FormatError(
                "{rows}×{columns} numbers from here on reach beyond the table of {size}",
                rows=rows,
                columns=columns,
                size="×".join(map(str, self.slicing.size)),
            )
        array = self.array.copy()
        self.slicing.matrix(array)[row : row + rows, column : column + columns] = block
        return array


class TensorTable(QWidget):
    """A table of one slice of a tensor; the slice is chosen elsewhere."""

    def __init__(self, slices: SliceBar, take: Take, refuse: Refuse, name: str) -> None:
        """Show the slice of `slices`; hand every edited array to `take`."""
        super().__init__()
        self.model = TensorModel(take, refuse)
        self.view = named(BlockView(self.model), name)
        self._slices = slices
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        slices.changed.connect(lambda: self.show_array(self.model.array))

    def show_array(self, array: Array) -> None:
        """Show an array, at the slice that is chosen where the choice is one for its shape."""
        chosen = self._slices.slicing
        self.model.show_array(array, chosen if chosen.shape == array.shape else Slicing.of(array.shape))

    def settle(self) -> None:
        """Hand over what is typed in a cell."""
        self.view.settle()


class BlockView(QTableView):
    """A table into which a block of numbers can be pasted, and from which one can be copied."""

    def __init__(self, model: TensorModel) -> None:
        """Show `model`."""
        super().__init__()
        self._table = model
        self.setModel(model)
        self.setAccessibleName(self.tr("Numbers of the tensor"))
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        model.modelReset.connect(self._take_room)
        self._take_room()

    def settle(self) -> None:
        """Hand over what is typed in a cell."""
        editor = self.viewport().focusWidget()
        if self.state() == QTableView.State.EditingState and editor is not None:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another type size."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange} and self.model() is not None:
            self._take_room()

    def _take_room(self) -> None:
        """Be as high as the rows, up to some; more are scrolled to."""
        metrics = self.fontMetrics()
        row = metrics.lineSpacing() + 8
        self.verticalHeader().setDefaultSectionSize(row)
        self.horizontalHeader().setDefaultSectionSize(metrics.horizontalAdvance("−0.00000000"))
        rows = min(MOST_ROWS, max(1, self._table.rowCount()))
        bar = self.horizontalScrollBar().sizeHint().height() if self._table.columnCount() > MOST_COLUMNS else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * row + bar + 4)

    def event(self, event: QEvent) -> bool:
        """Keep the keys for copying, pasting and selecting numbers from the commands for nodes."""
        if _is_block_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and paste blocks; everything else is the table's."""
        if event.matches(QKeySequence.StandardKey.Paste):
            at = self.currentIndex()
            row, column = (at.row(), at.column()) if at.isValid() else (0, 0)
            self._table.paste(row, column, QGuiApplication.clipboard().text())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel where there is nothing to scroll."""
        bar = self.horizontalScrollBar() if event.angleDelta().x() else self.verticalScrollBar()
        if bar.minimum() == bar.maximum():
            event.ignore()
        else:
            super().wheelEvent(event)

    def _copy(self) -> None:
        """Put the smallest block around what is selected on the clipboard, as spreadsheets take it."""
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.size())]
        if not ranges:
            return
        rows = range(min(each.top() for each in ranges), max(each.bottom() for each in ranges) + 1)
        columns = range(min(each.left() for each in ranges), max(each.right() for each in ranges) + 1)
        if len(rows) * len(columns) > MOST_COPIED:
            return
        lines = ("\t".join(self._table.text(row, column) for column in columns) for row in rows)
        QGuiApplication.clipboard().setText("\n".join(lines))


def _is_block_key(event: QEvent) -> bool:
    """Tell whether a key that might be a shortcut is one for blocks of numbers."""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
        return False
    return any(event.matches(key) for key in _KEYS)
