"""The palette: every operation and leaf by family, with search by any name; drag one onto the canvas.

Families open and close by a click on their heading, by the arrows and by Enter.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.ops import Op, families
from gradviz.workspace import DATA, LEAVES, LeafEntry, named, op_data, search_entries

WHAT = Qt.ItemDataRole.UserRole
SIGN = Qt.ItemDataRole.UserRole + 1
FAMILY = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex
LEAF_FAMILY = "leaves"
OPEN_AT_FIRST = frozenset({LEAF_FAMILY})
"""The families that show their entries before anybody has opened or closed one."""


class PaletteList(QTreeWidget):
    """The entries of the palette, with their signs; each can be dragged."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("palette.list")
        self.setHeaderHidden(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QTreeWidget.DragDropMode.DragOnly)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAllColumnsShowFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Signs(self))
        self.setAccessibleName(self.tr("Operations and leaves"))

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Return what a drag of an entry carries."""
        what = items[0].data(0, WHAT) if items else None
        return op_data(what) if what else QMimeData()


class _Signs(QStyledItemDelegate):
    """Paints the sign of an operation at the right, where its name leaves room for it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the name, then the sign."""
        super().paint(painter, option, index)
        sign, metrics = str(index.data(SIGN) or ""), option.fontMetrics
        room = option.rect.adjusted(4, 0, -6, 0)
        if not sign or metrics.horizontalAdvance(f"{index.data()}   {sign}") > room.width():
            return
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        roles = QPalette.ColorRole
        painter.setPen(option.palette.color(roles.HighlightedText if is_chosen else roles.PlaceholderText))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, sign)


class PalettePanel(QWidget):
    """A search field over the families of operations.

    `chosen` announces the entry that a person double-clicks or confirms by Enter, `left` that they are done (Esc).
    """

    chosen = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        """List everything."""
        super().__init__()
        self.setObjectName("palette")
        self.search = named(QLineEdit(), "palette.search")
        self.search.setPlaceholderText(self.tr("matmul, @, reduce_sum …"))
        self.search.setToolTip(self.tr("Search by any name: reduce_sum, @, torch.mul; Enter adds the best hit"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Search operations"))
        self.search.setAcceptDrops(False)  # a file that is dropped here is the window's
        self.list = PaletteList()
        self._open = OPEN_AT_FIRST
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.setFocusProxy(self.search)

        self.search.textChanged.connect(self._show)
        self.search.returnPressed.connect(self._choose_current)
        self.list.itemDoubleClicked.connect(self._choose)
        self.list.itemClicked.connect(self._turn)
        for signal in (self.list.itemExpanded, self.list.itemCollapsed):
            signal.connect(self._remember)
        self._show("")

    def edit_search(self) -> None:
        """Put the cursor into the search, all of it selected."""
        self.search.setFocus()
        self.search.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter on an entry chooses it; the arrows go from the search into the list; Esc clears, then leaves."""
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.list.hasFocus():
            self._choose_current()
        elif key == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
        elif key == Qt.Key.Key_Escape and self.search.text():
            self.edit_search()
            self.search.clear()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _show(self, text: str) -> None:
        self.list.clear()
        if text.strip():
            self._show_found(text)
        else:
            self._show_families()

    def _show_found(self, text: str) -> None:
        self.list.addTopLevelItems([_item_of(entry) for entry in search_entries(text)])
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        else:
            self.list.addTopLevelItem(_heading(self.tr("Nothing is called that"), 0))

    def _show_families(self) -> None:
        shown: dict[str, Sequence[Op | LeafEntry]] = {LEAF_FAMILY: LEAVES, "data": DATA, **families()}
        for family, entries in shown.items():
            heading = _heading(family.capitalize(), len(entries))
            heading.setData(0, FAMILY, family)
            heading.addChildren([_item_of(entry) for entry in entries])
            self.list.addTopLevelItem(heading)
            heading.setExpanded(family in self._open)

    def _remember(self, heading: QTreeWidgetItem) -> None:
        """Keep in mind which families are open, so that a search does not close them."""
        family = heading.data(0, FAMILY)
        if family:
            self._open = self._open | {family} if heading.isExpanded() else self._open - {family}

    def _turn(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        """Open or close a family whose heading is clicked."""
        if item.data(0, FAMILY):
            item.setExpanded(not item.isExpanded())

    def _choose_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._turn(item)
            self._choose(item)

    def _choose(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        what = item.data(0, WHAT)
        if what:
            self.chosen.emit(what)


def _heading(text: str, count: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | (Qt.ItemFlag.ItemIsSelectable if count else Qt.ItemFlag.NoItemFlags))
    item.setData(0, SIGN, str(count or ""))
    font = item.font(0)
    font.setBold(True)
    item.setFont(0, font)
    return item


def _item_of(entry: Op | LeafEntry) -> QTreeWidgetItem:
    return _op_item(entry) if isinstance(entry, Op) else _item(entry.name, "", entry.what, entry.doc)


def _op_item(op: Op) -> QTreeWidgetItem:
    also = ", ".join(op.aliases)
    sign = op.symbol if op.symbol != op.name else ""
    return _item(op.name, sign, op.name, f"{op.doc}\n{also}" if also else op.doc)


def _item(title: str, sign: str, what: str, tip: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([title])
    item.setData(0, WHAT, what)
    item.setData(0, SIGN, sign)
    item.setToolTip(0, f"{title}\n{tip}")
    return item
