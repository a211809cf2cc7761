"""Adding an operation by name: a field and a list that appear on the canvas where the pointer is."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.ops import Op
from gradviz.workspace import named, search_entries

WHAT = Qt.ItemDataRole.UserRole
_STEPS: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
_OWN_KEYS = {*_STEPS, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape}


class QuickAdd(QFrame):
    """Type a name or a symbol, choose with the arrows, add with Enter; Esc closes, and so does a click elsewhere.

    `chosen` brings an op's name, or `leaf:` and the name of a leaf. Where what is added is to take a wire,
    `wants_inputs`, leaves are left out: they have no inputs.
    """

    chosen = Signal(str)

    def __init__(self, canvas: QWidget, *, wants_inputs: bool = False) -> None:
        """Appear on `canvas`, which gets the focus back."""
        super().__init__(canvas)
        self._canvas, self._wants_inputs = canvas, wants_inputs
        self.setObjectName("quick_add")
        self.setAccessibleName(self.tr("Add an operation"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
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
        self.resize(320, 320)

        self.line.textChanged.connect(self._show)
        self.line.returnPressed.connect(self._choose)
        self.list.itemClicked.connect(lambda _item: self._choose())
        self.line.installEventFilter(self)
        self._show("")

    def open_at(self, place: QPoint) -> None:
        """Appear with the upper left corner at a place of the canvas, as far as there is room."""
        room = self._canvas.rect()
        left = max(0, min(place.x(), room.right() - self.width()))
        top = max(0, min(place.y(), room.bottom() - self.height()))
        self.move(left, top)
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the focus back."""
        self.line.removeEventFilter(self)
        if self.line.hasFocus():
            self._canvas.setFocus(Qt.FocusReason.PopupFocusReason)
        super().closeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move through the list with the arrows while the field has the focus, and close where it loses it."""
        if isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self._press(event.key())
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus() and _is_left_for_good(event):
            self.close()
        return super().eventFilter(watched, event)

    def _press(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            self.close()
        elif self.list.count():
            self._move(_STEPS.get(key, 1 if key == Qt.Key.Key_Tab else -1))

    def _move(self, step: int) -> None:
        """Go to another entry: by one round at the ends, by many no further than them."""
        count, row = self.list.count(), self.list.currentRow() + step
        self.list.setCurrentRow(row % count if abs(step) == 1 else max(0, min(row, count - 1)))

    def _show(self, text: str) -> None:
        self.list.clear()
        for title, what, tip in _found(text.strip(), wants_inputs=self._wants_inputs):
            item = QListWidgetItem(title)
            item.setData(WHAT, what)
            item.setToolTip(tip)
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        else:
            nothing = QListWidgetItem(self.tr("Nothing is called that"))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None and item.data(WHAT):
            self.close()
            self.chosen.emit(str(item.data(WHAT)))


def _is_left_for_good(event: QFocusEvent) -> bool:
    """Tell whether the focus goes elsewhere in the window, not to a menu of the field or to another window."""
    return event.reason() not in {Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason}


def _found(wanted: str, *, wants_inputs: bool) -> Iterator[tuple[str, str, str]]:
    """Yield title, what it adds, and tip of all entries that a text may mean, best first."""
    for entry in search_entries(wanted):
        if isinstance(entry, Op):
            yield f"{entry.name}   {entry.symbol}".rstrip(), entry.name, entry.doc
        elif not wants_inputs:
            yield entry.name, entry.what, entry.doc
