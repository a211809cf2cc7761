"""The problems panel: what is wrong or still open in the document, in sentences; a click goes to the node."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.picture import icon, load_theme
from gradviz.workspace import Workspace, named

NODE = Qt.ItemDataRole.UserRole


class ProblemsPanel(QWidget):
    """A list of sentences about what does not compute, and why."""

    def __init__(self, workspace: Workspace) -> None:
        """Show the problems of the workspace's document and of its run."""
        super().__init__()
        self.setObjectName("problems")
        self._workspace = workspace
        self.list = named(QListWidget(), "problems.list")
        self.list.setAccessibleName(self.tr("Problems"))
        self.list.setWordWrap(True)
        self.empty = named(QLabel(self.tr("No problems.")), "problems.empty")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self.empty)
        layout.addWidget(self.list)

        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        workspace.document_changed.connect(lambda _before, _after: self._show())
        workspace.tape_changed.connect(self._show)
        workspace.theme_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        theme = load_theme(self._workspace.theme_name)
        self.list.clear()
        for problem in self._workspace.report.problems:
            is_open = problem.severity == "open"
            self._add(problem.sentence, problem.node, icon("plug" if is_open else "triangle-alert", theme.ink))
        tape = self._workspace.tape
        if tape is not None and not self._workspace.is_stale:
            for problem in tape.problems:
                self._add(problem.sentence, problem.node, icon("triangle-alert", theme.ink))
        self.list.setVisible(self.list.count() > 0)
        self.empty.setVisible(self.list.count() == 0)

    def _add(self, sentence: str, node: str | None, sign: QIcon) -> None:
        item = QListWidgetItem(sign, sentence)
        item.setData(NODE, node)
        item.setToolTip(sentence)
        self.list.addItem(item)

    def _go(self, item: QListWidgetItem) -> None:
        node = item.data(NODE)
        if node is not None:
            self._workspace.select([node])
            self._workspace.reveal(node)
