"""Fields of the inspector: a line or a paragraph of text, and under it, in words, why what was typed will not do."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from gradviz.panels.drafts import Draft, Take
from gradviz.workspace import named


class Field(QWidget):
    """A line that hands over what was typed on Enter and on leaving it; Esc gives it up."""

    def __init__(self, name: str, title: str, take: Take, tip: str = "") -> None:
        """Show nothing yet; `name` is the object name of the line, `title` its accessible name."""
        super().__init__()
        self.line = named(QLineEdit(), name)
        self.line.setAccessibleName(title)
        self.line.setToolTip(tip)
        self.line.setAcceptDrops(False)  # a file that is dropped here is the window's
        self.trouble = trouble_label(f"{name}.trouble")
        self.draft = Draft(self.line.text, self._write, take, self._tell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.line)
        layout.addWidget(self.trouble)
        self.setFocusProxy(self.line)
        self.line.editingFinished.connect(self.draft.settle)
        self.line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Esc give up what was typed."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and event.type() == QEvent.Type.KeyPress:
            self.draft.give_up()
            self.line.selectAll()
            return True
        return super().eventFilter(watched, event)

    def _write(self, text: str) -> None:
        self.line.setText(text)
        self.line.setCursorPosition(0)

    def _tell(self, sentence: str) -> None:
        tell_trouble(self.trouble, sentence)


class Lines(QWidget):
    """Several lines that are handed over on leaving them, and on Enter where `takes_enter`; Esc gives them up."""

    def __init__(self, name: str, title: str, take: Take, tip: str = "", *, takes_enter: bool = True) -> None:
        """Show nothing yet; `name` is the object name of the text, `title` its accessible name."""
        super().__init__()
        self.text = named(_Text(takes_enter=takes_enter), name)
        self.text.setAccessibleName(title)
        self.text.setToolTip(tip)
        self.trouble = trouble_label(f"{name}.trouble")
        self.draft = Draft(self.text.toPlainText, self.text.setPlainText, take, self._tell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.text)
        layout.addWidget(self.trouble)
        self.setFocusProxy(self.text)
        self.text.finished.connect(self.draft.settle)
        self.text.given_up.connect(self.draft.give_up)

    def suggest(self, text: str) -> None:
        """Say in an empty text what could be typed."""
        self.text.setPlaceholderText(text)

    def _tell(self, sentence: str) -> None:
        tell_trouble(self.trouble, sentence)


class _Text(QPlainTextEdit):
    """A text that is as high as its lines, within bounds, and says when it is left."""

    finished = Signal()
    given_up = Signal()

    def __init__(self, *, takes_enter: bool) -> None:
        super().__init__()
        self._takes_enter = takes_enter
        self._most_lines = 8 if takes_enter else 20
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._take_height())
        self._take_height()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hand the text over, unless only a menu of its own has come in front."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter hand the text over, where it should, and Esc give it up."""
        is_enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        elif is_enter and self._takes_enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Keep its height with another type size."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._take_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take its height anew, now that its padding is known."""
        super().resizeEvent(event)
        self._take_height()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel where there is nothing to scroll."""
        bar = self.verticalScrollBar()
        if bar.minimum() == bar.maximum():
            event.ignore()
        else:
            super().wheelEvent(event)

    def _take_height(self) -> None:
        lines = max(2, min(self._most_lines, round(self.document().size().height())))  # plain texts count in lines
        block = self.document().firstBlock()
        line = max(self.fontMetrics().lineSpacing(), self.blockBoundingRect(block).height() / max(1, block.lineCount()))
        around = self.height() - self.viewport().height() if self.isVisible() else 2 * self.frameWidth()
        margins = 3 * ceil(self.document().documentMargin())  # with two, Qt sees the last line as cut off
        self.setFixedHeight(lines * ceil(line) + margins + around)


def trouble_label(name: str) -> QLabel:
    """Return a label for the sentence of a refusal; it takes no room while all is well."""
    label = named(QLabel(), name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # it quotes what was typed
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setVisible(False)
    return label


def tell_trouble(label: QLabel, sentence: str) -> None:
    """Show a sentence with its sign, or nothing."""
    label.setText(f"✗ {sentence}" if sentence else "")
    label.setVisible(bool(sentence))
