"""What the commands that change the graph do with the selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from gradviz import app
from gradviz.canvas import Canvas
from gradviz.formats import add_dataset, refill_dataset
from gradviz.graph import (
    Document,
    Node,
    NodeId,
    OneHot,
    Role,
    check,
    clear_target,
    detach,
    duplicate,
    fold,
    insert,
    remove,
    set_role,
    set_seed,
    set_target,
    training_of,
    unfold,
)
from gradviz.picture import load_theme, node_sizes, tidied
from gradviz.workspace import Workspace, copied_nodes, copy_nodes

SHIFT = (40.0, 40.0)
"""How far beside the original a duplicate appears."""


class Editing(QObject):
    """Edits of the selected nodes and wires, each one step of undo."""

    def __init__(self, workspace: Workspace, canvas: Canvas) -> None:
        """Edit the workspace's document; the canvas says where."""
        super().__init__(canvas)
        self._workspace, self._canvas = workspace, canvas

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what each command that edits does."""
        return {
            "undo": self._undo,
            "redo": self._redo,
            "cut": self._cut,
            "copy": lambda: copy_nodes(self._workspace.document, self._workspace.selection),
            "paste": self._paste,
            "duplicate": self._duplicate,
            "delete": self._delete,
            "select_all": lambda: self._workspace.select(self._workspace.document.nodes),
            "quick_add": self._canvas.quick_add,
            "data_set": self._add_dataset,
            "make_target": self._make_target,
            "clear_target": lambda: self._edit_one(self.tr("No longer target"), clear_target),
            "seed_ones": lambda: self._edit_one(self.tr("Seed of ones"), set_seed, None),
            "seed_one_hot": self._seed_one_hot,
            "role_variable": lambda: self._set_role("variable"),
            "role_input": lambda: self._set_role("input"),
            "role_constant": lambda: self._set_role("constant"),
            "detach": self._detach,
            "open_op": self._open_op,
            "close_op": self._close_op,
            "tidy": self._tidy,
        }

    def _undo(self) -> None:
        self._canvas.cancel_gesture()
        self._workspace.history.undo()

    def _redo(self) -> None:
        self._canvas.cancel_gesture()
        self._workspace.history.redo()

    def add_drawing(self, drawing: Document) -> None:
        """Put the graph of an expression, laid out, into an empty document: an edit like any other."""
        theme = load_theme(self._workspace.theme_name)
        self._workspace.edit(self.tr("Add expression"), lambda _document: tidied(drawing, theme))
        self._canvas.fit()

    def _add_dataset(self) -> None:
        """Ask for a set of examples, and put it into the leaves that hold some, or into new ones."""
        data = training_of(self._workspace.document).data
        leaves = data if len(data) == 2 else ()
        dialog = app.DatasetDialog(load_theme(self._workspace.theme_name), leaves, self._canvas.window())
        is_chosen = dialog.exec() == dialog.DialogCode.Accepted
        chosen = dialog.choice()
        dialog.deleteLater()
        if not is_chosen:
            return
        numbers = {"rows": chosen.rows, "noise": chosen.noise, "seed": chosen.seed}
        if chosen.replaces:
            self._workspace.edit(self.tr("Data set"), refill_dataset, chosen.name, leaves, **numbers)
            return
        added: list[NodeId] = []

        def change(document: Document) -> Document:
            after, names = add_dataset(document, chosen.name, self._canvas.paste_place(), **numbers)
            added.extend(names)
            return after

        if self._workspace.edit(self.tr("Data set"), change):
            self._workspace.select(added)

    def _cut(self) -> None:
        copy_nodes(self._workspace.document, self._workspace.selection)
        self._workspace.edit(self.tr("Cut"), remove, self._workspace.selection)

    def _paste(self) -> None:
        fragment = copied_nodes()
        if fragment is None or not fragment.nodes:
            self._workspace.told.emit(self.tr("There are no nodes on the clipboard"))
            return
        pasted: list[NodeId] = []

        def change(document: Document) -> Document:
            after, names = insert(document, fragment, self._canvas.paste_place())
            pasted.extend(names.values())
            return after

        if self._workspace.edit(self.tr("Paste"), change):
            self._workspace.select(pasted)

    def _duplicate(self) -> None:
        made: list[NodeId] = []

        def change(document: Document) -> Document:
            after, names = duplicate(document, self._workspace.selection, SHIFT)
            made.extend(names.values())
            return after

        if self._workspace.edit(self.tr("Duplicate"), change):
            self._workspace.select(made)

    def _delete(self) -> None:
        nodes, wires = self._workspace.selection, self._workspace.selected_wires
        self._workspace.edit(self.tr("Delete"), lambda document: remove(detach(document, wires), nodes))

    def _detach(self) -> None:
        nodes, wires = self._workspace.selection, self._workspace.document.wires
        touching = [port for port, source in wires.items() if port.node in nodes or source in nodes]
        self._workspace.edit(self.tr("Detach wires"), detach, touching)

    def _make_target(self) -> None:
        self._edit_one(self.tr("Make target"), set_target)

    def _seed_one_hot(self) -> None:
        for node in self._workspace.selection:
            rank = len(self._workspace.report.shapes.get(node, ()))
            self._workspace.edit(self.tr("One-hot seed"), set_seed, node, OneHot((0,) * rank))

    def _set_role(self, role: Role) -> None:
        nodes = sorted(self._workspace.selection)

        def change(document: Document) -> Document:
            for node in nodes:
                document = set_role(document, node, role)
            return document

        self._workspace.edit(self.tr("Change role"), change)

    def _open_op(self) -> None:
        """Show the pieces of the selected op in its place, all of them selected."""
        before = self._workspace.document
        (node,) = self._workspace.selection
        if self._workspace.edit(self.tr("Open op"), unfold, node, self._sizes):
            self._workspace.select(
                [name for name in self._workspace.document.nodes if name not in before.nodes] + [node]
            )

    def _close_op(self) -> None:
        """Put the op that the selected pieces make up in their place."""
        chosen = self._workspace.selection
        if self._workspace.edit(self.tr("Close into one op"), fold, chosen, self._sizes):
            nodes = self._workspace.document.nodes
            self._workspace.select([name for name in chosen if isinstance(nodes.get(name), Node)])

    def _sizes(self, document: Document) -> Mapping[NodeId, tuple[float, float]]:
        theme = load_theme(self._workspace.theme_name)
        return node_sizes(document, check(document.computation), theme)

    def _tidy(self) -> None:
        theme = load_theme(self._workspace.theme_name)
        chosen = self._workspace.selection if len(self._workspace.selection) > 1 else None
        if self._workspace.edit(self.tr("Tidy layout"), tidied, theme, chosen) and chosen is None:
            self._canvas.fit()

    def _edit_one(self, label: str, change: Callable[..., Document], *args: object) -> None:
        for node in self._workspace.selection:
            self._workspace.edit(label, change, node, *args)
