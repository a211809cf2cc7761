"""Adding an operation by name: a field and a list that pop up where the pointer is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.graph import ROLES
from gradviz.ops import OPS, search
from gradviz.workspace import named

WHAT = Qt.ItemDataRole.UserRole
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class QuickAdd(QFrame):
    """Type a name or a symbol, choose with the arrows, add with Enter; Esc closes."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        """Pop up above `parent`."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("quick_add")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.line = named(QLineEdit(), "quick_add.line")
        self.line.setPlaceholderText(self.tr("Add: mul, @, softmax, variable …"))
        self.line.setAccessibleName(self.tr("Operation to add"))
        self.list = named(QListWidget(), "quick_add.list")
        self.list.setAccessibleName(self.tr("Operations found"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.setFixedSize(320, 320)

        self.line.textChanged.connect(self._show)
        self.line.returnPressed.connect(self._choose)
        self.list.itemClicked.connect(lambda _item: self._choose())
        self.line.installEventFilter(self)
        self._show("")

    def open_at(self, place: QPoint) -> None:
        """Appear with the upper left corner at a place on the screen, as far as the screen allows."""
        room = self.screen().availableGeometry()
        left = min(place.x(), room.right() - self.width())
        top = min(place.y(), room.bottom() - self.height())
        self.move(max(room.left(), left), max(room.top(), top))
        self.show()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move through the list with the arrows while the field has the focus."""
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _STEPS.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _show(self, text: str) -> None:
        self.list.clear()
        wanted = text.strip()
        for op in search(wanted) if wanted else OPS.values():
            self._add(f"{op.name}   {op.symbol}".strip(), op.name, op.doc)
        for role in ROLES:
            if wanted.lower() in f"{role} leaf tensor":
                self._add(role, f"leaf:{role}", self.tr("A leaf: a tensor of your own"))
        self.list.setCurrentRow(0)

    def _add(self, title: str, what: str, tip: str) -> None:
        item = QListWidgetItem(title)
        item.setData(WHAT, what)
        item.setToolTip(tip)
        self.list.addItem(item)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            what = str(item.data(WHAT))
            self.close()
            self.chosen.emit(what)
