"""The seed dial: which node is differentiated, and with which upstream gradient its sweep begins.

A seed that is one at a cell selects a row of the target's Jacobian: every gradient is then that row. Ones add all rows
up, any other seed weighs them.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.engine import seed_for
from gradviz.errors import GradvizError
from gradviz.graph import Array, NodeId, OneHot, Seed, Tensor, set_seed, set_target, targets_of
from gradviz.ops import is_float
from gradviz.panels.cell_map import Cell, CellMap
from gradviz.panels.seed_editor import SeedEditor
from gradviz.panels.slices import SliceBar
from gradviz.panels.words import Words
from gradviz.picture import load_theme, show_shape
from gradviz.workspace import Pointing, Spot, Workspace, named

_HEIGHT = 9.0


class SeedDial(QWidget):
    """Shows the value and the seed of a node; a click on a cell makes it the one that is differentiated."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Choose targets and seeds of the workspace's document."""
        super().__init__()
        self.setObjectName("seed_dial")
        self._workspace, self._pointing = workspace, pointing
        self._node: NodeId = ""
        self._seed: tuple[Array, Seed, Array | None] | None = None
        self.head, self.told = Words("seed_dial.head"), Words("seed_dial.told")
        self.alone = named(QPushButton(self.tr("Differentiate only this")), "seed_dial.alone")
        self.value = CellMap("seed_dial.value", self.tr("value"), most_height=_HEIGHT)
        self.seed = CellMap("seed_dial.seed_map", self.tr("seed"), most_height=_HEIGHT)
        self.slices = SliceBar()
        self.editor = SeedEditor(workspace, self.slices, "seed_dial")
        self.editor.is_target.setText(self.tr("Target"))
        maps = QGridLayout()
        maps.setContentsMargins(0, 0, 0, 0)
        maps.setHorizontalSpacing(10)
        titles = QLabel(self.tr("value")), QLabel(self.tr("seed"))
        for column, parts in enumerate(zip(titles, (self.value, self.seed), strict=True)):
            maps.setColumnStretch(column, 1)
            for row, part in enumerate(parts):
                maps.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.head)
        layout.addWidget(self.alone)
        layout.addLayout(maps)
        for part in (self.told, self.slices, self.editor):
            layout.addWidget(part)
        self.alone.clicked.connect(self._take_alone)
        for cells in (self.value, self.seed):
            cells.clicked.connect(self.take_cell)
        self.value.hovered.connect(lambda cell: self._point(cell, is_seed=False))
        self.seed.hovered.connect(lambda cell: self._point(cell, is_seed=True))
        pointing.changed.connect(self._mark)

    def has_something(self) -> bool:
        """Tell whether there is a node that could be a target."""
        return self._wanted() is not None

    def show_moment(self) -> None:
        """Show the selected node, else the first target, with its seed."""
        node = self._wanted()
        if node is None:
            return
        value = self._value(node)
        self._node = node
        theme = load_theme(self._workspace.theme_name)
        targets = targets_of(self._workspace.document.computation)
        self.head.say(f"{node} · {show_shape(value.shape)}")
        self.alone.setVisible(set(targets) != {node})
        self.editor.show_node(node)
        self.slices.show_shape(value.shape)
        self.slices.setVisible(self.editor.table.isVisibleTo(self.editor) and value.ndim > 2)
        self.value.show_array(value, theme, theme.ink)
        if node not in targets:
            self.seed.show_absence("not computed", value.shape, theme, theme.gradient)
            told = self.tr("It is no target. Click a cell to differentiate that number of {node}.").format(node=node)
            self.told.say(told if value.size else self.tr("It is no target, and has no number."))
            return
        seed = self._spelled_out(value, targets[node])
        if seed is None:
            self.seed.show_absence("not computed", value.shape, theme, theme.gradient)
        else:
            self.seed.show_array(seed, theme, theme.gradient)
        self.told.say(_told(node, value, targets[node]))
        self._mark()

    def take_cell(self, cell: Cell) -> None:
        """Differentiate one number: a seed that is one there, at this node alone where it was no target."""
        change = set_seed if self._node in targets_of(self._workspace.document.computation) else set_target
        self._workspace.edit(self.tr("Change seed"), change, self._node, OneHot(cell))
        self.show_moment()

    def _take_alone(self) -> None:
        seed = self._workspace.document.targets.get(self._node)
        self._workspace.edit(self.tr("Change target"), set_target, self._node, seed)
        self.show_moment()

    def _wanted(self) -> NodeId | None:
        """Return the selected node where it can be a target, else the first target that has a value."""
        selection = self._workspace.selection
        chosen = tuple(selection) if len(selection) == 1 else ()
        targets = targets_of(self._workspace.document.computation)
        return next((node for node in (*chosen, *targets) if self._has_floats(node)), None)

    def _has_floats(self, node: NodeId) -> bool:
        moment = self._workspace.moment
        value = None if moment is None else moment.run.values.get(node)
        report = self._workspace.report
        return value is not None and value.shape == report.shapes.get(node) and is_float(value.dtype)

    def _value(self, node: NodeId) -> Array:
        moment = self._workspace.moment
        return np.zeros(()) if moment is None else moment.run.values[node]

    def _spelled_out(self, value: Array, seed: Seed) -> Array | None:
        """Return a seed as a tensor; None where it does not fit. The same array as long as nothing changes."""
        if self._seed is None or self._seed[0] is not value or self._seed[1] is not seed:
            try:
                array: Array | None = seed_for(value, seed)
            except GradvizError:
                array = None
            self._seed = value, seed, array
        return self._seed[2]

    def _point(self, cell: Cell | None, *, is_seed: bool) -> None:
        self._pointing.point_at(None if cell is None else Spot(self._node, "gradient" if is_seed else "value", cell))

    def _mark(self) -> None:
        if self._node and self.isVisible():
            self.value.mark(self._pointing.cell_of(self._node, "value"), self._pointing.sources_of(self._node, "value"))
            self.seed.mark(self._pointing.cell_of(self._node, "gradient"))


def _told(node: NodeId, value: Array, seed: Seed) -> str:
    """Return which rows of the Jacobian of a target a seed makes of it."""
    rows = value.size
    if rows <= 1:
        return f"{node} is one number: its Jacobian has one row, and that is the gradient." if rows else ""
    match seed:
        case None:
            return f"Ones: each gradient is the sum of all {rows:,} rows of the Jacobian of {node}."
        case OneHot(index=index):
            row = int(np.ravel_multi_index(tuple(index), value.shape)) if _fits(index, value.shape) else 0
            place = f"[{', '.join(map(str, index))}]"
            return f"One at {place}: each gradient is row {row} of the {rows:,} rows of the Jacobian of {node}."
        case Tensor():
            return f"Each gradient is a sum of the {rows:,} rows of the Jacobian of {node}, weighted by the seed."


def _fits(index: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return len(index) == len(shape) and all(0 <= at < length for at, length in zip(index, shape, strict=True))
