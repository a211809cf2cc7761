"""The expression line: type `loss = mean((x @ W + b - t)**2)`, press Enter, and the graph is there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from gradviz.errors import GradvizError
from gradviz.formats import into
from gradviz.graph import Document, Place
from gradviz.workspace import Workspace, named

GAP = 60.0
"""Pixels between what was there and what an expression adds below it."""


class ExpressionBar(QWidget):
    """One line of text that becomes nodes; what it names and the document has is wired in."""

    added = Signal()

    def __init__(self, workspace: Workspace) -> None:
        """Add to the workspace's document."""
        super().__init__()
        self.setObjectName("expression.bar")
        self._workspace = workspace
        self.line = named(QLineEdit(), "expression")
        self.line.setPlaceholderText(self.tr("Expression:  loss = sum((s * T - target) ** 2)"))
        self.line.setAccessibleName(self.tr("Expression"))
        self.line.setClearButtonEnabled(True)
        self.trouble = named(QLabel(), "expression.trouble")
        self.trouble.setVisible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self.line, stretch=1)
        layout.addWidget(self.trouble)

        self.line.returnPressed.connect(self._add)
        self.line.textEdited.connect(lambda _text: self.trouble.setVisible(False))

    def _add(self) -> None:
        text = self.line.text().strip()
        if not text:
            return
        added: list[str] = []

        def change(document: Document) -> Document:
            after, names = into(document, text, self._free_place())
            added.extend(names)
            return after

        try:
            self._workspace.apply(self.tr("Add expression"), change)
        except GradvizError as error:
            self._refuse(str(error))
            return
        self.line.clear()
        self._workspace.select(added)
        self.added.emit()

    def _refuse(self, sentence: str) -> None:
        self.trouble.setText(f"✗ {sentence}")
        self.trouble.setToolTip(sentence)
        self.trouble.setVisible(True)

    def _free_place(self) -> Place:
        places = self._workspace.document.places.values()
        if not places:
            return Place(0.0, 0.0)
        return Place(min(place.x for place in places), max(place.y for place in places) + 2 * GAP)
