"""The seed of a target: ones, a one-hot selector chosen by a click on a cell, or a tensor of one's own."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from gradviz.engine import seed_for
from gradviz.errors import GradvizError
from gradviz.graph import Array, NodeId, OneHot, Seed, Tensor, add_target, clear_target, implied_target, set_seed
from gradviz.panels.tensor_table import TensorTable
from gradviz.workspace import Workspace, named

KINDS = ("ones", "one-hot", "tensor")


class SeedEditor(QWidget):
    """Whether a node is a target, and which upstream gradient its sweep starts with."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit targets of the workspace's document."""
        super().__init__()
        self._workspace = workspace
        self._node: NodeId = ""
        self.is_target = named(QCheckBox(self.tr("Target: differentiate this node")), "inspector.target")
        self.kind = named(QComboBox(), "inspector.seed")
        self.kind.addItems(KINDS)
        self.kind.setAccessibleName(self.tr("Seed"))
        self.hint = named(QLabel(), "inspector.seed.hint")
        self.hint.setWordWrap(True)
        self.table = TensorTable(self._take, workspace.told.emit, "inspector.seed.table")
        form = QFormLayout()
        form.addRow(self.tr("Seed"), self.kind)
        self._seed_part = QWidget()
        part = QVBoxLayout(self._seed_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.addLayout(form)
        part.addWidget(self.hint)
        part.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.is_target)
        layout.addWidget(self._seed_part)
        self.is_target.clicked.connect(self._set_target)
        self.kind.textActivated.connect(self._set_kind)

    def show_node(self, node: NodeId) -> None:
        """Show whether a node is a target, and its seed."""
        self._node = node
        document = self._workspace.document
        chosen = document.targets
        is_target = node in chosen if chosen else node == implied_target(document.computation)
        self.is_target.setChecked(is_target)
        self._seed_part.setVisible(is_target)
        seed = chosen.get(node)
        self.kind.setCurrentText("ones" if seed is None else "one-hot" if isinstance(seed, OneHot) else "tensor")
        self.hint.setText(self._hint(seed))
        self.table.setVisible(isinstance(seed, Tensor))
        if isinstance(seed, Tensor):
            self.table.show_array(seed.array)

    def take_cell(self, index: tuple[int, ...]) -> None:
        """Make the seed one-hot at the cell that was clicked, where the node is a target whose seed is one-hot."""
        if self.is_target.isChecked() and self.kind.currentText() == "one-hot":
            self._workspace.edit(self.tr("One-hot seed"), set_seed, self._node, OneHot(index))

    def _hint(self, seed: Seed) -> str:
        match seed:
            case None:
                return self.tr("Ones: the gradient of the sum of all its elements.")
            case OneHot():
                place = f"[{', '.join(map(str, seed.index))}]"
                return self.tr("One at {place}, zero elsewhere: click a cell of the value to choose it.").format(
                    place=place
                )
        return self.tr("The upstream gradient, number by number.")

    def _set_target(self) -> None:
        change = add_target if self.is_target.isChecked() else clear_target
        if not self._workspace.edit(self.tr("Change target"), change, self._node):
            self.show_node(self._node)

    def _set_kind(self, kind: str) -> None:
        shape = self._workspace.report.shapes.get(self._node)
        if shape is None:
            self._workspace.told.emit(self.tr("This node has no shape yet, so its seed is ones."))
            self.show_node(self._node)
            return
        before = self._workspace.document.targets.get(self._node)
        seeds: dict[str, Seed] = {
            "ones": None,
            "one-hot": OneHot((0,) * len(shape)),
            "tensor": before if isinstance(before, Tensor) else Tensor(self._spelled_out(before, shape)),
        }
        if not self._workspace.edit(self.tr("Change seed"), set_seed, self._node, seeds[kind]):
            self.show_node(self._node)

    def _spelled_out(self, seed: Seed, shape: tuple[int, ...]) -> Array:
        """Return a seed as the tensor that it stands for, to begin editing from."""
        dtype = self._workspace.report.dtypes[self._node]
        try:
            return np.array(seed_for(np.zeros(shape, dtype), seed))
        except GradvizError:
            return np.ones(shape, dtype)

    def _take(self, array: Array) -> None:
        self._workspace.edit(self.tr("Edit seed"), set_seed, self._node, Tensor(array))
