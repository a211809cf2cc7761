"""The sheet of shortcuts: what every key and the mouse do, from the table of commands."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.actions import COMMANDS, HANDS, Command, keys_as_text
from gradviz.workspace import named


class ShortcutSheet(QDialog):
    """Every command that has keys, by menu, and what mouse and keyboard do where no menu tells it."""

    def __init__(self, parent: QWidget) -> None:
        """List the table of commands."""
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle(self.tr("Keyboard Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table = self._table()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(buttons)
        self._fill()
        self._take_size()
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()

    def _table(self) -> QTableWidget:
        table = named(QTableWidget(0, 2), "shortcuts.table")
        table.setAccessibleName(self.windowTitle())
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().hide()
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        return table

    def _fill(self) -> None:
        heading = ""
        for title, what, how in self._rows():
            if title != heading:
                heading = title
                self._add_row(title, "", is_heading=True)
            self._add_row(what, how)

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for command in COMMANDS:
            if command.keys:
                yield self.tr(_menu_of(command)), self.tr(command.text), keys_as_text(command.keys)
        for place, how, what in HANDS:
            yield self.tr(place), self.tr(what), self.tr(how)

    def _add_row(self, what: str, how: str, *, is_heading: bool = False) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        items = QTableWidgetItem(what), QTableWidgetItem(how)
        for column, item in enumerate(items):
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(row, column, item)
        if is_heading:
            font = items[0].font()
            font.setBold(True)
            items[0].setFont(font)
            self.table.setSpan(row, 0, 1, 2)

    def _take_size(self) -> None:
        """Be as wide as the rows, and as high as the screen comfortably allows."""
        columns = [self.table.sizeHintForColumn(column) for column in range(2)]
        room = self.screen().availableGeometry()
        self.resize(min(sum(columns) + 80, room.width() - 80), min(760, room.height() - 120))


def _menu_of(command: Command) -> str:
    return command.places[0].removesuffix("|").split("/")[0]
