"""The seed of a target: ones, a one-hot selector chosen by a click on a cell, or a tensor of one's own."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from gradviz.engine import seed_for
from gradviz.errors import GradvizError
from gradviz.graph import Array, NodeId, OneHot, Seed, Tensor, add_target, clear_target, set_seed, targets_of
from gradviz.panels.field import tell_trouble, trouble_label
from gradviz.panels.forms import Choice, add_row, growing_form
from gradviz.panels.slices import SliceBar
from gradviz.panels.tensor_table import TensorTable
from gradviz.workspace import Workspace, named

KINDS = ("ones", "one-hot", "tensor")


class SeedEditor(QWidget):
    """Whether a node is a target, and which upstream gradient its sweep starts with."""

    def __init__(self, workspace: Workspace, slices: SliceBar, name: str = "inspector") -> None:
        """Edit targets of the workspace's document; `slices` chooses what the table shows.

        Its parts are called after `name`, as in `inspector.seed`.
        """
        super().__init__()
        self._workspace = workspace
        self._node: NodeId = ""
        self._shown: tuple[NodeId, Seed, bool] | None = None
        self.is_target = named(QCheckBox(self.tr("Target: differentiate this node")), f"{name}.target")
        self.kind = Choice(f"{name}.seed", self.tr("Seed"), self.tr("The upstream gradient that the sweep starts with"))
        self.kind.addItems(KINDS)
        self.hint = named(QLabel(), f"{name}.seed.hint")
        self.hint.setWordWrap(True)
        self.trouble = trouble_label(f"{name}.seed.trouble")
        self.table = TensorTable(slices, self._take, partial(tell_trouble, self.trouble), f"{name}.seed.table")
        self._seed_part = QWidget()
        form = growing_form()
        add_row(form, self.tr("Seed"), self.kind)
        part = QVBoxLayout(self._seed_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.addLayout(form)
        for widget in (self.hint, self.trouble, self.table):
            part.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.is_target)
        layout.addWidget(self._seed_part)
        self.is_target.clicked.connect(self._set_target)
        self.kind.textActivated.connect(self._set_kind)

    def show_node(self, node: NodeId) -> None:
        """Show whether a node is a target, and its seed."""
        document = self._workspace.document
        shown, self._shown = self._shown, (node, document.targets.get(node), node in document.targets)
        if shown != self._shown:
            tell_trouble(self.trouble, "")
        self._node = node
        is_target = node in targets_of(document.computation)
        self.is_target.setChecked(is_target)
        self._seed_part.setVisible(is_target)
        seed = document.targets.get(node)
        self.kind.setCurrentText("ones" if seed is None else "one-hot" if isinstance(seed, OneHot) else "tensor")
        self.hint.setText(self._hint(seed))
        self.table.setVisible(isinstance(seed, Tensor))
        if isinstance(seed, Tensor):
            self.table.show_array(seed.array)

    def settle(self) -> None:
        """Hand over what is typed in a cell of the table."""
        self.table.settle()

    def take_cell(self, index: tuple[int, ...]) -> None:
        """Make the seed one-hot at a cell that was clicked, where the node is a target; a tensor is not overwritten."""
        if self.is_target.isChecked() and self.kind.currentText() != "tensor":
            self._set(OneHot(index))

    def _hint(self, seed: Seed) -> str:
        match seed:
            case None:
                return self.tr("Ones: the gradient of the sum of all elements. Click a cell to choose a single one.")
            case OneHot():
                place = f"[{', '.join(map(str, seed.index))}]"
                return self.tr("One at {place}, zero elsewhere: click a cell to choose another.").format(place=place)
        return self.tr("The upstream gradient, number by number; a block can be pasted.")

    def _set_target(self) -> None:
        change = add_target if self.is_target.isChecked() else clear_target
        self._workspace.edit(self.tr("Change target"), change, self._node)
        self.show_node(self._node)

    def _set_kind(self, kind: str) -> None:
        shape = self._workspace.report.shapes.get(self._node)
        if shape is None:
            self.show_node(self._node)
            tell_trouble(self.trouble, self.tr("this node has no shape yet, so its seed is ones"))
            return
        before = self._workspace.document.targets.get(self._node)
        seeds: dict[str, Seed] = {
            "ones": None,
            "one-hot": before if isinstance(before, OneHot) else OneHot((0,) * len(shape)),
            "tensor": before if isinstance(before, Tensor) else Tensor(self._spelled_out(before, shape)),
        }
        self._set(seeds[kind])

    def _spelled_out(self, seed: Seed, shape: tuple[int, ...]) -> Array:
        """Return a seed as the tensor that it stands for, to begin editing from."""
        dtype = self._workspace.report.dtypes[self._node]
        try:
            return np.array(seed_for(np.zeros(shape, dtype), seed))
        except GradvizError:
            return np.ones(shape, dtype)

    def _take(self, array: Array) -> None:
        self._set(Tensor(array))

    def _set(self, seed: Seed) -> None:
        """Give the target another seed, or say why not and show the one that holds."""
        try:
            self._workspace.apply(self.tr("Change seed"), set_seed, self._node, seed)
        except GradvizError as error:
            self.show_node(self._node)
            tell_trouble(self.trouble, str(error))
