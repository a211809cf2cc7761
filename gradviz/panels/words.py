"""Words of a panel: a text that breaks its lines anywhere it must, and takes no room while it says nothing."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from gradviz.workspace import named

_LONG: Final = re.compile(r"\w{24,}")
_SEAM: Final = re.compile(r"(?<=_)(?=[^\W_])|(?<=[^\W_]{24})(?=\w)")
_BREAK: Final = "\N{ZERO WIDTH SPACE}"


class Words(QLabel):
    """A label whose long names may be broken after an underscore; `said` is its text without those seams."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Say nothing yet."""
        super().__init__(parent)
        self.setObjectName(name)
        self.said = ""
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setVisible(False)

    def say(self, text: str) -> None:
        """Show a text, or nothing."""
        if text == self.said:
            return
        self.said = text
        self.setText(breakable(text))
        self.setAccessibleName(text)
        self.setVisible(bool(text))


def paragraph(name: str) -> QLabel:
    """Return a label for plain sentences that can be selected, under an object name."""
    label = named(QLabel(), name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def breakable(text: str) -> str:
    """Return a text with seams in its long names, at which a line may be broken."""
    return _LONG.sub(lambda found: _SEAM.sub(_BREAK, found.group()), text)
