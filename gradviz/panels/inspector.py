"""The inspector: the selected node with its name, parameters, role, target and seed, value and gradient."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from gradviz.errors import GradvizError
from gradviz.graph import (
    Document,
    Leaf,
    Node,
    NodeId,
    op_of,
    rename,
    set_document_note,
    set_note,
    set_params,
    set_title,
)
from gradviz.panels.leaf_editor import LeafEditor
from gradviz.panels.param_editors import ParamField, editor_for, show_problem
from gradviz.panels.seed_editor import SeedEditor
from gradviz.panels.tensor import TensorPair
from gradviz.picture import load_theme, show_shape
from gradviz.workspace import Workspace, named


class InspectorPanel(QScrollArea):
    """Shows the one selected node; without one, the document's title and note."""

    def __init__(self, workspace: Workspace) -> None:
        """Inspect the workspace's selection."""
        super().__init__()
        self.setObjectName("inspector")
        self._workspace = workspace
        self._node: NodeId | None = None
        self._shown: Node | Leaf | None = None
        self.name = named(QLineEdit(), "inspector.name")
        self.name.setAccessibleName(self.tr("Name"))
        self.about = named(QLabel(), "inspector.about")
        self.about.setWordWrap(True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note = named(QLineEdit(), "inspector.note")
        self.note.setPlaceholderText(self.tr("A note, pinned to it"))
        self.note.setAccessibleName(self.tr("Note"))
        self.params = QFormLayout()
        self.leaf = LeafEditor(workspace)
        self.seed = SeedEditor(workspace)
        self.tensors = TensorPair()
        self._lay_out()
        self.name.editingFinished.connect(self._rename)
        self.note.editingFinished.connect(self._set_note)
        self.tensors.cell_clicked.connect(self.seed.take_cell)
        workspace.document_changed.connect(lambda _before, _after: self._show())
        for signal in (workspace.selection_changed, workspace.tape_changed, workspace.theme_changed):
            signal.connect(self._show)
        workspace.playhead_moved.connect(self._show_tensors)
        self._show()

    def edit_name(self) -> None:
        """Put the cursor into the name, all of it selected."""
        self.name.setFocus()
        self.name.selectAll()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 8, 10, 8)
        for part in (self.name, self.about, self.tensors, self.params, self.leaf, _line(), self.seed, self.note):
            if isinstance(part, QFormLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(300)

    def _show(self) -> None:
        selection = self._workspace.selection
        before, self._node = self._node, next(iter(selection)) if len(selection) == 1 else None
        found = None if self._node is None else self._workspace.document.nodes[self._node]
        is_other = self._node != before or found is not self._shown
        self._shown = found
        for widget in (self.seed, self.tensors):
            widget.setVisible(found is not None)
        self.leaf.setVisible(isinstance(found, Leaf))
        if found is None or self._node is None:
            self._show_document(len(selection))
            return
        self.name.setEnabled(True)
        self.name.setText(self._node)
        show_problem(self.name, None)
        self.note.setText(self._workspace.document.notes.get(self._node, ""))
        self.about.setText(self._about(found))
        if is_other:
            self._show_params(found)
        if isinstance(found, Leaf):
            self.leaf.show_leaf(self._node, found)
        self.seed.show_node(self._node)
        self._show_tensors()

    def _show_document(self, selected: int) -> None:
        """Show what the whole document says about itself."""
        document = self._workspace.document
        self._clear_params()
        self.name.setText(document.title)
        self.name.setPlaceholderText(self.tr("Title"))
        self.name.setEnabled(selected == 0)
        self.note.setText(document.note)
        chosen = self.tr("{count} nodes are selected.").format(count=selected) if selected else ""
        self.about.setText(chosen or document.note or self.tr("Select a node to see what it holds."))

    def _about(self, found: Node | Leaf) -> str:
        report, node = self._workspace.report, str(self._node)
        what = self.tr("{role} leaf").format(role=found.role) if isinstance(found, Leaf) else self._op_doc(found)
        shape = report.shapes.get(node)
        lines = [what] if shape is None else [what, f"{show_shape(shape)}  ·  {report.dtypes[node]}"]
        lines += [f"✗ {problem.sentence}" for problem in report.problems if problem.node == node]
        return "\n".join(lines)

    @staticmethod
    def _op_doc(found: Node) -> str:
        op = op_of(found)
        return f"{op.name}: {op.doc}"

    def _show_params(self, found: Node | Leaf) -> None:
        focused = self.focusWidget()
        at_field = focused.objectName() if isinstance(focused, ParamField) else ""
        self._clear_params()
        if isinstance(found, Leaf):
            return
        for name, param in op_of(found).params.items():
            editor = editor_for(name, param, found.params[name], self._set_param)
            self.params.addRow(name, editor)
            if editor.objectName() == at_field:
                editor.setFocus()

    def _clear_params(self) -> None:
        while self.params.rowCount():
            self.params.removeRow(0)

    def _show_tensors(self) -> None:
        moment, node = self._workspace.moment, self._node
        if node is None:
            return
        has_moment = moment is not None and node in self._workspace.document.nodes
        value = moment.values.get(node) if has_moment and moment is not None else None
        gradient = moment.gradient(node) if has_moment and moment is not None else None
        self.tensors.show_node(value, gradient, load_theme(self._workspace.theme_name))

    def _rename(self) -> None:
        text = self.name.text().strip()
        workspace = self._workspace
        if self._node is None:
            workspace.edit(self.tr("Change title"), set_title, text)
            return
        if text == self._node:
            show_problem(self.name, None)
            return
        try:
            workspace.apply(self.tr("Rename"), rename, self._node, text)
        except GradvizError as error:
            show_problem(self.name, str(error))
            workspace.told.emit(str(error))

    def _set_note(self) -> None:
        if self._node is None:
            self._workspace.edit(self.tr("Change note"), set_document_note, self.note.text())
        else:
            self._workspace.edit(self.tr("Change note"), set_note, self._node, self.note.text())

    def _set_param(self, name: str, value: Any) -> str | None:
        """Give the node another parameter; returns why not, where it is refused."""
        node, found = self._node, self._shown
        if node is None or not isinstance(found, Node):
            return None

        def change(document: Document) -> Document:
            return set_params(document, node, {**found.params, name: value})

        try:
            self._workspace.apply(self.tr("Change {name}").format(name=name), change)
        except GradvizError as error:
            self._workspace.told.emit(str(error))
            return str(error)
        return None


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
