"""The problems panel: what is wrong, still open, or hardly meant, in sentences; a click goes to the node."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.engine import cautions_of_history
from gradviz.graph import NodeId
from gradviz.picture import icon, load_theme
from gradviz.workspace import Practice, Workspace, named

NODE = Qt.ItemDataRole.UserRole

MOST = 500
"""Problems that are listed; a document with more needs its first ones solved anyway."""


class ProblemsPanel(QWidget):
    """A list of sentences about what does not compute, and why."""

    def __init__(self, workspace: Workspace, practice: Practice | None = None) -> None:
        """Show the problems of the workspace's document, of its run, and of the steps of its training."""
        super().__init__()
        self.setObjectName("problems")
        self._workspace, self._practice = workspace, practice
        self._shown: tuple[object, ...] = ()
        self.list = named(QListWidget(), "problems.list")
        self.list.setAccessibleName(self.tr("Problems"))
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setIconSize(QSize(16, 16))
        self.empty = named(QLabel(self.tr("No problems.")), "problems.empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.empty)
        layout.addWidget(self.list)

        self.list.itemActivated.connect(self._go)
        self.list.itemClicked.connect(self._go)
        workspace.document_changed.connect(lambda _before, _after: self._show())
        for signal in (workspace.tape_changed, workspace.theme_changed):
            signal.connect(self._show)
        if practice is not None:
            practice.changed.connect(self._show)  # when it rests: a list that changes ten times a second is not read
        self._show()

    def sizeHint(self) -> QSize:
        """Ask for a few lines."""
        return QSize(280, 5 * self.fontMetrics().lineSpacing())

    def _show(self) -> None:
        workspace = self._workspace
        history = None if self._practice is None else self._practice.history
        steps = 0 if history is None else len(history)
        shown = (workspace.report, None if workspace.is_stale else workspace.tape, workspace.theme_name, history, steps)
        if shown == self._shown:
            return  # a node was moved: the list stays where it was scrolled to
        self._shown = shown
        ink = load_theme(workspace.theme_name).ink
        self.list.clear()
        for number, (node, sign, sentence) in enumerate(self._told()):
            if number == MOST:
                self.list.addItem(self.tr("… and more"))
                break
            item = QListWidgetItem(icon(sign, ink), sentence)
            item.setData(NODE, node)
            item.setToolTip(sentence)
            self.list.addItem(item)
        self.list.setVisible(self.list.count() > 0)
        self.empty.setVisible(self.list.count() == 0)

    def _told(self) -> Iterator[tuple[NodeId | None, str, str]]:
        """Yield what is wrong, what is hardly meant, then what is still open: a node, the sign for it, a sentence."""
        known = self._workspace.report.problems
        tape = None if self._workspace.is_stale else self._workspace.tape
        wrong = [problem for problem in known if problem.severity != "open"]
        for problem in (*wrong, *(() if tape is None else tape.problems)):
            yield problem.node, "triangle-alert", problem.sentence
        history = None if self._practice is None else self._practice.history
        for caution in (*(() if history is None else cautions_of_history(history)), *self._workspace.cautions):
            yield caution.node, "info", caution.sentence
        for problem in known:
            if problem.severity == "open":
                yield problem.node, "plug", problem.sentence

    def _go(self, item: QListWidgetItem) -> None:
        node = item.data(NODE)
        if node is not None:
            self._workspace.select([node])
            self._workspace.reveal(node)
