"""The palette: every operation and leaf by family, with search by any name; drag one onto the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from gradviz.graph import ROLES
from gradviz.ops import Op, families, search
from gradviz.workspace import named, op_data

WHAT = Qt.ItemDataRole.UserRole
LEAVES = {
    "variable": "A tensor that gets a gradient and that training updates.",
    "input": "A tensor that gets a gradient and that training leaves alone.",
    "constant": "A tensor that gets no gradient.",
}


class PaletteList(QTreeWidget):
    """The entries of the palette; each can be dragged."""

    def __init__(self) -> None:
        """Start empty; rows are not edited and branches open by a click."""
        super().__init__()
        self.setObjectName("palette.list")
        self.setHeaderHidden(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QTreeWidget.DragDropMode.DragOnly)
        self.setUniformRowHeights(True)
        self.setIndentation(12)
        self.setAccessibleName(self.tr("Operations and leaves"))

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Return what a drag of an entry carries."""
        what = items[0].data(0, WHAT) if items else None
        return op_data(what) if what else QMimeData()


class PalettePanel(QWidget):
    """A search field over the families of operations."""

    chosen = Signal(str)

    def __init__(self) -> None:
        """List everything; `chosen` announces the entry that a person double-clicks or confirms by Enter."""
        super().__init__()
        self.setObjectName("palette")
        self.search = named(QLineEdit(), "palette.search")
        self.search.setPlaceholderText(self.tr("Search: matmul, @, reduce_sum, torch.mul …"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Search operations"))
        self.list = PaletteList()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self.search)
        layout.addWidget(self.list)

        self.search.textChanged.connect(self._show)
        self.search.returnPressed.connect(self._choose_current)
        self.list.itemDoubleClicked.connect(self._choose)
        self._show("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter on an entry chooses it; Down goes from the search into the list."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.list.hasFocus():
            self._choose_current()
        elif event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
        else:
            super().keyPressEvent(event)

    def _show(self, text: str) -> None:
        self.list.clear()
        if text.strip():
            self._show_found(text)
        else:
            self._show_families()

    def _show_found(self, text: str) -> None:
        for role, doc in LEAVES.items():
            if text.strip().lower() in f"{role} leaf tensor":
                self.list.addTopLevelItem(_leaf_item(role, doc))
        for op in search(text):
            self.list.addTopLevelItem(_op_item(op))
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        else:
            self.list.addTopLevelItem(_heading(self.tr("Nothing is called that")))

    def _show_families(self) -> None:
        leaves = _heading(self.tr("Leaves"))
        leaves.addChildren([_leaf_item(role, LEAVES[role]) for role in ROLES])
        self.list.addTopLevelItem(leaves)
        for family, ops in families().items():
            heading = _heading(family.capitalize())
            heading.addChildren([_op_item(op) for op in ops])
            self.list.addTopLevelItem(heading)
        self.list.expandAll()

    def _choose_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._choose(item)

    def _choose(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        what = item.data(0, WHAT)
        if what:
            self.chosen.emit(what)


def _heading(text: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    font = item.font(0)
    font.setBold(True)
    item.setFont(0, font)
    return item


def _op_item(op: Op) -> QTreeWidgetItem:
    title = f"{op.name}   {op.symbol}" if op.symbol and op.symbol != op.name else op.name
    item = QTreeWidgetItem([title])
    item.setData(0, WHAT, op.name)
    also = ", ".join(op.aliases)
    item.setToolTip(0, f"{op.doc}\n{also}" if also else op.doc)
    return item


def _leaf_item(role: str, doc: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([role])
    item.setData(0, WHAT, f"leaf:{role}")
    item.setToolTip(0, doc)
    return item
