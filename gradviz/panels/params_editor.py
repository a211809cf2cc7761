"""The parameters of a node: a switch, a choice, or a field that says what is wrong with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QCheckBox, QWidget

from gradviz.errors import GradvizError
from gradviz.formats import read_param, write_param
from gradviz.graph import Document, Node, NodeId, op_of, set_params
from gradviz.ops import DTYPES, Param
from gradviz.panels.drafts import Draft, telling
from gradviz.panels.field import Field
from gradviz.panels.forms import Choice, add_row, clear_rows, growing_form
from gradviz.workspace import Workspace, named

Show = Callable[[NodeId, Any], None]
"""Shows a node's value of one parameter in its editor."""


class ParamsEditor(QWidget):
    """One editor per parameter of an op; each edit is one step of undo."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit nodes of the workspace's document."""
        super().__init__()
        self._workspace = workspace
        self._op = ""
        self._node: NodeId = ""
        self._shows: dict[str, Show] = {}
        self.fields: list[QWidget] = []
        self._form = growing_form()
        self.setLayout(self._form)

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What is typed in the fields."""
        return tuple(field.draft for field in self.fields if isinstance(field, Field))

    def show_node(self, node: NodeId, found: Node) -> None:
        """Show the parameters of a node, as they are now; the editors stay where only values have changed."""
        if found.op != self._op:
            self._build(found)
        self._node = node
        for name, show in self._shows.items():
            show(node, found.params[name])
        self.setVisible(bool(self._shows))

    def _build(self, found: Node) -> None:
        clear_rows(self._form)
        self._op = found.op
        self._shows = {}
        self.fields.clear()
        for name, param in op_of(found).params.items():
            editor, self._shows[name] = self._editor(name, param)
            editor.setToolTip(param.doc)
            add_row(self._form, "" if param.kind == "flag" else name, editor)
            self.fields.append(editor)

    def _editor(self, name: str, param: Param) -> tuple[QWidget, Show]:
        if param.kind == "flag":
            return self._switch(name)
        if param.kind == "choice":
            return self._choice(name, param.choices)
        if param.kind == "dtype":
            return self._choice(name, tuple(dtype.name for dtype in DTYPES))
        return self._field(name, param)

    def _switch(self, name: str) -> tuple[QWidget, Show]:
        box = named(QCheckBox(name), f"inspector.param.{name}")
        box.clicked.connect(lambda is_on: self._choose(name, is_on))
        return box, lambda _node, value: box.setChecked(bool(value))

    def _choice(self, name: str, choices: tuple[str, ...]) -> tuple[QWidget, Show]:
        box = Choice(f"inspector.param.{name}", name)
        box.addItems(choices)
        box.textActivated.connect(lambda text: self._choose(name, text))
        return box, lambda _node, value: box.setCurrentText(str(value))

    def _field(self, name: str, param: Param) -> tuple[QWidget, Show]:
        def take(node: NodeId, text: str) -> None:
            self._set(node, name, read_param(param, text))

        field = Field(f"inspector.param.{name}", name, telling(self._workspace.told.emit, take))
        field.line.setPlaceholderText(_HINTS.get(param.kind, ""))
        return field, lambda node, value: field.draft.show(node, write_param(param, value))

    def _choose(self, name: str, value: Any) -> None:
        """Take what was chosen, or show again what holds."""
        try:
            self._set(self._node, name, value)
        except GradvizError as error:
            self._workspace.told.emit(str(error))
            found = self._workspace.document.nodes.get(self._node)
            if isinstance(found, Node):
                self.show_node(self._node, found)

    def _set(self, node: NodeId, name: str, value: Any) -> None:
        """Give a node another value of one parameter; raises `GradvizError` where it cannot have it."""

        def change(document: Document) -> Document:
            found = document.nodes.get(node)
            if not isinstance(found, Node) or name not in found.params:
                return document  # it was removed while its value was typed
            return set_params(document, node, {**found.params, name: value})

        self._workspace.apply(self.tr("Change {name}").format(name=name), change)


_HINTS = {
    "axis": "0",
    "axes": "0, 1",
    "permutation": "1, 0",
    "shape": "2, 3",
    "sizes": "1 or 1, 2",
    "integers": "1 or 1, 2",
    "widths": "1 or [[1, 2], [0, 0]]",
    "pairing": "2 or [[0, 1], [1, 0]]",
    "index": "0, 1:3, ..., [0, 2]",
    "equation": "ij,jk->ik",
}
"""What an empty field suggests to type."""
