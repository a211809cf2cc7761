"""The expression line: type `loss = mean((x @ W + b - t)**2)`, press Enter, and the graph is there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from gradviz.errors import GradvizError
from gradviz.formats import into
from gradviz.graph import GAP, Document, NodeId, Place, check, move
from gradviz.panels.field import tell_trouble, trouble_label
from gradviz.picture import Theme, load_theme, node_sizes, tidied
from gradviz.workspace import Workspace, named

LAID_OUT = 2000
"""A graph of more nodes keeps the rows in which it was read: laying it out would take too long to wait for."""


class ExpressionBar(QWidget):
    """One line of text that becomes nodes; what it names and the document has is wired in.

    `trouble` is the label that tells what is wrong; whoever shows the line puts it where it has room. `added` tells
    of new nodes, `left` that the person is done here: by Esc, or because the graph has been added.
    """

    added = Signal()
    left = Signal()

    def __init__(self, workspace: Workspace) -> None:
        """Add to the workspace's document."""
        super().__init__()
        self.setObjectName("expression.bar")
        self._workspace = workspace
        self.line = named(QLineEdit(), "expression")
        self.line.setPlaceholderText(self.tr("Write a graph:  loss = sum((s * T - target) ** 2)"))
        self.line.setAccessibleName(self.tr("Expression"))
        self.line.setToolTip(self.tr("Enter adds the graph of an expression; names that are there are wired in"))
        self.line.setClearButtonEnabled(True)
        self.line.setAcceptDrops(False)  # a file that is dropped here is the window's
        self.trouble = trouble_label("expression.trouble")
        self.trouble.setContentsMargins(10, 6, 10, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.addWidget(self.line)

        self.line.returnPressed.connect(self._add)
        self.line.textChanged.connect(lambda _text: tell_trouble(self.trouble, ""))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc leave the line."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _add(self) -> None:
        text = self.line.text().strip()
        if not text:
            return
        added: list[NodeId] = []

        def change(document: Document) -> Document:
            after, names = into(document, text, (0.0, 0.0))
            added.extend(names)
            return _placed(document, after, names, load_theme(self._workspace.theme_name))

        try:
            self._workspace.apply(self.tr("Add expression"), change)
        except GradvizError as error:
            tell_trouble(self.trouble, str(error))
            return
        self.line.clear()
        self._workspace.select(added)
        self.added.emit()
        self.left.emit()


def _placed(before: Document, after: Document, names: Sequence[NodeId], theme: Theme) -> Document:
    """Return the document with its new nodes laid out: right of what feeds them, else below all others."""
    new = frozenset(names)
    if not new:
        return after
    sources = {source for port, source in after.wires.items() if port.node in new and source not in new}
    x, y = _corner(before, sources, theme)
    left, top = (min(after.places[name][axis] for name in names) for axis in (0, 1))
    places = ((name, after.places[name]) for name in names)
    moved = move(after, {name: Place(place.x - left + x, place.y - top + y) for name, place in places})
    return tidied(moved, theme, names) if len(names) <= LAID_OUT else moved


def _corner(document: Document, sources: Collection[NodeId], theme: Theme) -> Place:
    """Return the upper left corner for nodes that these sources feed, or that nothing of the document feeds."""
    sizes = node_sizes(document, check(document.computation), theme)
    names = list(sources or document.places)
    if not names:
        return Place(0.0, 0.0)
    places = [document.places[name] for name in names]
    if sources:
        right = max(place.x + sizes[name][0] for name, place in zip(names, places, strict=True))
        return Place(right + GAP[0], min(place.y for place in places))
    bottom = max(place.y + sizes[name][1] for name, place in zip(names, places, strict=True))
    return Place(min(place.x for place in places), bottom + 2 * GAP[1])
