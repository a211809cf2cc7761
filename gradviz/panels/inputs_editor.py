"""The inputs of a node: what feeds each of them, chosen from what fits; inputs are added where an op takes any number.

The same wires as on the canvas, for whoever uses the keyboard, or has lost a node among many.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from gradviz.graph import (
    Node,
    NodeId,
    Port,
    compatible_sources,
    connect,
    disconnect,
    op_of,
    ports_of,
    remove_slot,
    set_slots,
)
from gradviz.panels.forms import Choice, add_row, clear_rows, growing_form
from gradviz.workspace import Workspace, named

MOST_OFFERED = 200
"""Nodes that a list of sources offers."""


class InputsEditor(QWidget):
    """One row per input, and buttons to add and remove inputs of an op that takes any number."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit wires of the workspace's document."""
        super().__init__()
        self._workspace = workspace
        self._node: NodeId = ""
        self._ports: tuple[str, ...] = ()
        self._sources: dict[str, SourceBox] = {}
        self.fields: list[QWidget] = []
        self._form = growing_form()
        self.more = named(QPushButton(self.tr("Add an input")), "inspector.inputs.add")
        self.more.clicked.connect(lambda: self._set_slots(1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._form)
        layout.addWidget(self.more)

    def show_node(self, node: NodeId, found: Node) -> None:
        """Show what feeds the inputs of a node, as it is now."""
        ports, is_variadic = ports_of(found), op_of(found).variadic
        if (node, ports) != (self._node, self._ports):
            self._node, self._ports = node, ports
            self._build(is_variadic=is_variadic)
        for name, box in self._sources.items():
            box.show_source(self._workspace.document.wires.get(Port(node, name)))
        self.more.setVisible(is_variadic)

    def _build(self, *, is_variadic: bool) -> None:
        clear_rows(self._form)
        self._sources = {name: SourceBox(self._workspace, Port(self._node, name)) for name in self._ports}
        self.fields.clear()
        for name, box in self._sources.items():
            button = self._remover(name) if is_variadic else None
            add_row(self._form, name, box if button is None else _beside(box, button))
            self.fields += [box] if button is None else [box, button]
        self.fields.append(self.more)

    def _remover(self, name: str) -> QToolButton:
        button = named(QToolButton(), f"inspector.inputs.remove.{name}")
        button.setText("✕")
        button.setToolTip(self.tr("Remove this input"))
        button.setAccessibleName(self.tr("Remove the input {name}").format(name=name))
        button.setEnabled(len(self._ports) > 1)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self._remove(name))
        return button

    def _set_slots(self, more: int) -> None:
        self._workspace.edit(self.tr("Add an input"), set_slots, self._node, len(self._ports) + more)

    def _remove(self, name: str) -> None:
        self._workspace.edit(self.tr("Remove an input"), remove_slot, Port(self._node, name))


def _beside(box: QWidget, button: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(box, stretch=1)
    layout.addWidget(button)
    return row


class SourceBox(Choice):
    """Shows what feeds a port; opened, it offers the nodes that can."""

    def __init__(self, workspace: Workspace, port: Port) -> None:
        """Edit the wire into `port`."""
        super().__init__(f"inspector.input.{port.name}", f"What feeds the input {port.name}")
        self._workspace, self._port = workspace, port
        self.activated.connect(self._choose)

    def show_source(self, source: NodeId | None) -> None:
        """Show what feeds the port now."""
        if self.count() != 1 or self.itemData(0) != source:
            self.clear()
            self._offer(source)

    def showPopup(self) -> None:
        """Offer what fits."""
        self.offer_all()
        super().showPopup()

    def offer_all(self) -> None:
        """List the nodes that can feed the port, and none."""
        document = self._workspace.document
        present = document.wires.get(self._port)
        self.clear()
        self._offer(None)
        fitting = [name for name in compatible_sources(document, self._port) if name != present]
        for name in ([present] if present else []) + fitting[:MOST_OFFERED]:
            self._offer(name)
        self.setCurrentIndex(self.findData(present))

    def _offer(self, source: NodeId | None) -> None:
        self.addItem(self.tr("open") if source is None else f"← {source}", source)

    def _choose(self, row: int) -> None:
        source, workspace = self.itemData(row), self._workspace
        if source == workspace.document.wires.get(self._port):
            return
        if source is None:
            workspace.edit(self.tr("Detach"), disconnect, self._port)
        else:
            workspace.edit(self.tr("Connect"), connect, source, self._port)
