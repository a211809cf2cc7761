"""The inspector: the selected node with its name, inputs, parameters, role, target and seed, value and gradient."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gradviz.graph import (
    Leaf,
    Node,
    NodeId,
    Problem,
    rename,
    renaming,
    set_document_note,
    set_note,
    set_title,
)
from gradviz.panels.drafts import Draft, telling
from gradviz.panels.facts import facts_of
from gradviz.panels.field import Field, Lines
from gradviz.panels.forms import put_in_tab_order
from gradviz.panels.inputs_editor import InputsEditor
from gradviz.panels.leaf_editor import LeafEditor
from gradviz.panels.params_editor import ParamsEditor
from gradviz.panels.seed_editor import SeedEditor
from gradviz.panels.tensor import TensorPair
from gradviz.picture import load_theme
from gradviz.workspace import Pointing, Workspace, named

WHOLE: NodeId = ""
"""The owner of what is typed about the document as a whole; no node has this name."""


class InspectorPanel(QScrollArea):
    """Shows the one selected node; without one, the document's title and note."""

    def __init__(self, workspace: Workspace, pointing: Pointing | None = None) -> None:
        """Inspect the workspace's selection; what is pointed at here is seen here alone, where `pointing` is None."""
        super().__init__()
        self.setObjectName("inspector")
        self._workspace = workspace
        self._node: NodeId | None = None
        self._seen = workspace.document
        self.name = Field("inspector.name", self.tr("Name"), telling(workspace.told.emit, self._rename))
        self.about = named(QLabel(), "inspector.about")
        self.problems = named(QLabel(), "inspector.problems")
        for label in (self.about, self.problems):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tensors = TensorPair(Pointing(workspace, self) if pointing is None else pointing)
        self.inputs = InputsEditor(workspace)
        self.params = ParamsEditor(workspace)
        self.leaf = LeafEditor(workspace, self.tensors.slices)
        self.seed = SeedEditor(workspace, self.tensors.slices)
        self.note = Lines("inspector.note", self.tr("Note"), self._set_note, takes_enter=False)
        self.hint = named(QLabel(), "inspector.hint")
        self.hint.setWordWrap(True)
        self._lines = _line(), _line()
        self._lay_out()
        self._listen()
        self._show()

    def edit_name(self) -> None:
        """Put the cursor into the name, all of it selected."""
        self.ensureWidgetVisible(self.name)
        self.name.line.setFocus()
        self.name.line.selectAll()

    def settle(self) -> None:
        """Hand over what is typed anywhere in the inspector and not confirmed yet."""
        for draft in self._drafts():
            draft.settle()
        self.leaf.settle()
        self.seed.settle()

    def _drafts(self) -> tuple[Draft, ...]:
        return (self.name.draft, self.note.draft, *self.params.drafts, *self.leaf.drafts)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        parts = (self.name, self.about, self.problems, self.tensors, self._lines[0], self.inputs, self.params)
        for part in (*parts, self.leaf, self._lines[1], self.seed, self.note, self.hint):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(280)

    def _listen(self) -> None:
        workspace = self._workspace
        self.tensors.cell_clicked.connect(self.seed.take_cell)
        self.tensors.slices.changed.connect(self._put_in_tab_order)
        workspace.document_changed.connect(lambda _before, _after: self._show())
        for signal in (workspace.selection_changed, workspace.tape_changed, workspace.theme_changed):
            signal.connect(self._show)
        workspace.playhead_moved.connect(self._show_tensors)

    def _follow_renaming(self) -> None:
        """Let what is typed for a node that has another name now stay typed for it.

        The selection may tell of the new name before the document does.
        """
        before, self._seen = self._seen, self._workspace.document
        if before is not self._seen and any(draft.is_pending for draft in self._drafts()):
            renamed = renaming(before, self._seen)
            if renamed is not None:
                for draft in self._drafts():
                    draft.follow(*renamed)

    def _show(self) -> None:
        self._follow_renaming()
        selection = self._workspace.selection
        node = next(iter(selection)) if len(selection) == 1 else None
        if node != self._node:
            self._node = node
            self.settle()  # what was typed for another node belongs to it
        found = None if node is None else self._workspace.document.nodes.get(node)
        for part in (self.seed, self.tensors, *self._lines):
            part.setVisible(found is not None)
        self.leaf.setVisible(isinstance(found, Leaf))
        self.inputs.setVisible(isinstance(found, Node))
        self.params.setVisible(isinstance(found, Node))
        if node is None or found is None:
            self._show_document(len(selection))
        else:
            self._show_node(node, found)

    def _show_document(self, selected: int) -> None:
        """Show what the whole document says about itself."""
        document = self._workspace.document
        self.name.line.setPlaceholderText(self.tr("Title"))
        self.name.line.setAccessibleName(self.tr("Title"))
        self.name.draft.show(WHOLE, document.title)
        self.note.draft.show(WHOLE, document.note)
        self.note.suggest(self.tr("A note about the whole graph"))
        for field in (self.name, self.note):
            field.setVisible(selected == 0)
        told = self.tr("{count} nodes are selected.").format(count=selected) if selected else ""
        self.hint.setText(told or self.tr("Select a node to see what it holds."))
        for label, is_shown in ((self.about, False), (self.problems, False), (self.hint, True)):
            label.setVisible(is_shown)

    def _show_node(self, node: NodeId, found: Node | Leaf) -> None:
        for field in (self.name, self.note):
            field.setVisible(True)
        self.about.setVisible(True)
        self.hint.setVisible(False)
        self.name.line.setPlaceholderText("")
        self.name.line.setAccessibleName(self.tr("Name"))
        self.name.draft.show(node, node)
        self.note.draft.show(node, self._workspace.document.notes.get(node, ""))
        self.note.suggest(self.tr("A note, pinned to the node"))
        self._show_facts(node)
        if isinstance(found, Leaf):
            self.leaf.show_leaf(node, found)
        else:
            self.inputs.show_node(node, found)
            self.params.show_node(node, found)
        self.seed.show_node(node)
        self._show_tensors()
        self._put_in_tab_order()

    def _put_in_tab_order(self) -> None:
        """Let Tab go from the name through what came and went below it."""
        put_in_tab_order(self.name.line, (*self.tensors.slices.fields, *self.inputs.fields, *self.params.fields))

    def _show_facts(self, node: NodeId) -> None:
        self.about.setText("\n".join(facts_of(self._workspace, node)))
        problems = [problem for problem in self._problems() if problem.node == node]
        signs = {"error": "✗ ", "open": ""}  # what is still open is no mistake
        self.problems.setText("\n".join(signs[problem.severity] + problem.sentence for problem in problems))
        self.problems.setVisible(bool(problems))

    def _problems(self) -> tuple[Problem, ...]:
        tape = None if self._workspace.is_stale else self._workspace.tape
        return (*self._workspace.report.problems, *(tape.problems if tape is not None else ()))

    def _show_tensors(self) -> None:
        workspace, node = self._workspace, self._node
        if node is None or node not in workspace.document.nodes:
            return
        moment = workspace.moment
        self.tensors.show_node(
            node,
            workspace.report.shapes.get(node),
            None if moment is None else moment.values.get(node),
            None if moment is None else moment.gradient(node),
            load_theme(workspace.theme_name),
            is_stale=workspace.is_stale,
        )

    # What is typed

    def _rename(self, node: NodeId, text: str) -> None:
        if node == WHOLE:
            self._workspace.edit(self.tr("Change title"), set_title, text)
        elif node in self._workspace.document.nodes:
            self._workspace.apply(self.tr("Rename"), rename, node, text.strip())

    def _set_note(self, node: NodeId, text: str) -> None:
        if node == WHOLE:
            self._workspace.edit(self.tr("Change note"), set_document_note, text)
        elif node in self._workspace.document.nodes:
            self._workspace.edit(self.tr("Change note"), set_note, node, text)


def _line() -> QFrame:
    line = named(QFrame(), "line")
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    return line
