"""Forward mode beside reverse mode: a direction of one leaf, what it does to a node, and what each mode costs.

The tangents are `engine.jvp`'s, found in the background. A gradient times a direction is what the target does in that
direction: both modes must give that number, one from the leaf's end of the graph and one from the target's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final, Literal

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gradviz.engine import Followed, Moment, Passes, Run, follow, passes_of, show_number
from gradviz.errors import GradvizError
from gradviz.graph import Array, Document, NodeId
from gradviz.ops import Dtype
from gradviz.panels.cell_map import Cell, CellMap
from gradviz.panels.forms import Choice, add_row, growing_form
from gradviz.panels.jacobian_view import product_of
from gradviz.panels.pass_bars import PassBars
from gradviz.panels.words import Words
from gradviz.picture import load_theme, show_shape
from gradviz.workspace import Pointing, Spot, Workspace

KINDS = ("one-hot", "ones")
MOST_MOVING: Final = 2**22
"""Numbers of all values of a run above which tangents are not found."""

MOST_STEPS: Final = 5000
"""Ops of a run above which tangents are not found."""

MOST_LEAVES: Final = 200
"""Leaves that are offered; of more, the first, and any that is selected."""

_HEIGHT = 7.0


class ForwardModeView(QWidget):
    """Shows the tangent of a node beside its gradient, the equation that ties both modes, and the pass counter."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Follow a direction through the workspace's run."""
        super().__init__()
        self.setObjectName("forward_mode")
        self._workspace, self._pointing = workspace, pointing
        self._run: Run | None = None
        self._leaf: NodeId = ""
        self._cell: Cell = ()
        self._node: NodeId = ""
        self._asked: tuple[NodeId, Cell | None] | None = None
        self._followed: Followed | None = None
        self._selected: frozenset[NodeId] = frozenset()
        self._refused = ""
        self.leaf = Choice("forward_mode.leaf", self.tr("Leaf that moves"))
        self.kind = Choice("forward_mode.kind", self.tr("Direction"), self.tr("Which numbers of the leaf move"))
        self.kind.addItems(KINDS)
        self.direction = CellMap("forward_mode.direction", self.tr("direction"), most_height=_HEIGHT)
        self.tangent = CellMap("forward_mode.tangent", self.tr("tangent"), most_height=_HEIGHT)
        self.gradient = CellMap("forward_mode.gradient", self.tr("gradient"), most_height=_HEIGHT)
        self.head = Words("forward_mode.head")
        self.equation, self.told = Words("forward_mode.equation"), Words("forward_mode.told")
        self.passes, self.bars = Words("forward_mode.passes"), PassBars()
        self._lay_out()
        self.leaf.textActivated.connect(self._choose_leaf)
        self.kind.activated.connect(lambda _number: self.show_moment())
        self.direction.clicked.connect(self._choose_cell)
        for cells, node, kind in self._maps():
            cells.hovered.connect(lambda cell, node=node, kind=kind: self._point(node(), kind, cell))
        pointing.changed.connect(self._mark)

    def _lay_out(self) -> None:
        form = growing_form()
        add_row(form, self.tr("Leaf"), self.leaf)
        add_row(form, self.tr("Direction"), self.kind)
        both = QGridLayout()
        both.setContentsMargins(0, 0, 0, 0)
        both.setHorizontalSpacing(10)
        titles = QLabel(self.tr("tangent")), QLabel(self.tr("gradient"))
        for column, parts in enumerate(zip(titles, (self.tangent, self.gradient), strict=True)):
            both.setColumnStretch(column, 1)
            for row, part in enumerate(parts):
                both.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(form)
        layout.addWidget(self.direction)
        layout.addWidget(self.head)
        layout.addLayout(both)
        for part in (self.told, self.equation, self.bars, self.passes):
            layout.addWidget(part)

    def _maps(self) -> tuple[tuple[CellMap, Callable[[], NodeId], Literal["value", "gradient"]], ...]:
        """Return the maps, each with the node whose tensor it shows or stands for."""
        return (
            (self.direction, lambda: self._leaf, "value"),
            (self.tangent, lambda: self._node, "value"),
            (self.gradient, lambda: self._node, "gradient"),
        )

    def has_something(self) -> bool:
        """Tell whether there is a target, and a leaf whose moves it could feel."""
        moment = self._moment()
        return moment is not None and bool(moment.run.plan.targets) and bool(_moving(moment.run, None))

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was found while this was out of sight."""
        super().showEvent(event)
        self.show_moment()

    def show_moment(self) -> None:
        """Show both modes at the workspace's moment."""
        moment = self._moment()
        if moment is None or not self.has_something():
            return
        if moment.run is not self._run:
            self._run, self._asked, self._followed = moment.run, None, None
        self._follow_selection(moment.run)
        self._show_direction(moment.run)
        self._ask(moment.run)
        self._show_node(moment)
        self._show_equation(moment)
        self._show_passes(passes_of(moment.run))
        self._mark()

    def _moment(self) -> Moment | None:
        return self._workspace.present_moment

    # The direction

    def _follow_selection(self, run: Run) -> None:
        """Move the leaf that is selected, else the one that was chosen, else the first."""
        selection = self._workspace.selection
        selected = next(iter(selection)) if len(selection) == 1 else None
        names = _moving(run, selected)
        is_new, self._selected = selection != self._selected, selection
        before = self._leaf
        if selected in names and (is_new or self._leaf not in names):
            self._leaf = selected
        elif self._leaf not in names:
            self._leaf = names[0]
        if names != tuple(self.leaf.itemText(number) for number in range(self.leaf.count())):
            self.leaf.clear()
            self.leaf.addItems(names)
        self.leaf.setCurrentText(self._leaf)
        shape = run.values[self._leaf].shape
        if self._leaf != before or not _is_cell(self._cell, shape):
            self._cell = (0,) * len(shape)
        target = next(iter(run.plan.targets))
        self._node = selected if selected is not None and selected in run.values else target

    def _choose_leaf(self, leaf: str) -> None:
        self._leaf, self._cell = leaf, ()
        self.show_moment()

    def _choose_cell(self, cell: Cell) -> None:
        self._cell = cell
        self.kind.setCurrentText("one-hot")
        self.show_moment()

    def _show_direction(self, run: Run) -> None:
        value, theme = run.values[self._leaf], load_theme(self._workspace.theme_name)
        wanted = self._leaf, self._cell if self.kind.currentText() == "one-hot" else None
        if wanted != self._asked:
            self._asked, self._followed, self._refused = wanted, None, ""
            self._array = _direction(value, wanted[1])
        self.direction.show_array(self._array, theme, theme.ink)

    def _ask(self, run: Run) -> None:
        """Find all tangents in the background, unless they are there, asked for, or too many."""
        if self._followed is not None or self._refused:
            return
        steps = len(run.ledger.computed)
        if steps > MOST_STEPS:
            self._refused = self.tr("This graph has {count:,} ops: too many to move at once.").format(count=steps)
            return
        count = sum(array.size for array in run.values.values())
        if count > MOST_MOVING:
            self._refused = self.tr("The values of this graph are {count:,} numbers: too many to move at once.").format(
                count=count
            )
            return
        asked = self._asked

        def take(followed: Followed | None) -> None:
            if run is self._run and asked == self._asked:
                self._followed = followed
                self._show_again()

        def refuse(error: GradvizError) -> None:
            if run is self._run and asked == self._asked:
                self._refused = str(error)
                self._show_again()

        document = self._workspace.document
        self._workspace.jobs.run("jvp", _followed, document, run, self._leaf, self._array, done=take, failed=refuse)

    def _show_again(self) -> None:
        if self.isVisible():
            self.show_moment()

    # What it does

    def _show_node(self, moment: Moment) -> None:
        theme, node = load_theme(self._workspace.theme_name), self._node
        shape = moment.run.values[node].shape
        self.head.say(f"{node} · {show_shape(shape)}")
        gradient = moment.gradient(node)
        self.gradient.show_gradient(gradient, shape, theme)
        tangent = None if self._followed is None else self._followed.tangents.get(node)
        told = []
        if self._followed is None:
            self.tangent.show_absence("not computed", shape, theme, theme.local)
            told.append(self._refused)
        elif tangent is None:
            self.tangent.show_absence("no path", shape, theme, theme.local)
            told.append(self.tr("Nothing leads from {leaf} to {node}.").format(leaf=self._leaf, node=node))
        else:
            self.tangent.show_array(tangent, theme, theme.local)
        if gradient.state != "value":
            signs = {"zero": "0", "no path": "∅ no path", "not computed": "– not computed"}
            told.append(self.tr("Gradient {sign}: {why}.").format(sign=signs[gradient.state], why=gradient.reason))
        self.told.say(" ".join(filter(None, told)))

    def _show_equation(self, moment: Moment) -> None:
        followed = self._followed
        if followed is None:
            self.equation.say("")
            return
        run, leaf = moment.run, followed.leaf
        targets = " + ".join(run.plan.targets)
        forward = followed.by_tangents(run)
        gradient = moment.gradient(leaf).array
        there = [(run.ledger.deposits[each].seed, followed.tangents.get(each)) for each in run.plan.targets]
        sums = [product_of(seed.ravel(), by.ravel()) for seed, by in there if seed is not None and by is not None]
        lines = [
            self.tr("Forward: ⟨seed, tangent of {targets}⟩ = {sum} = {number}").format(
                targets=targets, sum=" + ".join(sums) or "0", number=show_number(forward)
            )
        ]
        back = followed.by_gradient(run)
        if gradient is None or back is None:
            lines.append(self.tr("Reverse: ⟨gradient of {leaf}, direction⟩ comes with the sweep").format(leaf=leaf))
        else:
            verdict = _verdict(forward, back, gradient.dtype)
            lines.append(
                self.tr("Reverse: ⟨gradient of {leaf}, direction⟩ = {sum} = {number} {verdict}").format(
                    leaf=leaf,
                    sum=product_of(gradient.ravel(), followed.direction.ravel()),
                    number=show_number(back),
                    verdict=verdict,
                )
            )
        self.equation.say("\n".join(lines))

    def _show_passes(self, passes: Passes) -> None:
        self.bars.show_passes(passes, load_theme(self._workspace.theme_name))
        targets, leaves = _counted(passes.targets), _counted(passes.leaves)
        n, m = passes.reverse, passes.forward
        lines = [
            self.tr("Reverse mode, one pass per number of the target: {targets}.").format(targets=targets),
            self.tr("Forward mode, one pass per number of the leaves: {leaves}.").format(leaves=leaves),
        ]
        if n < m:
            lines.append(
                self.tr("A loss is one number and weights are many: that is why training goes backwards.")
                if n == 1
                else self.tr("There are fewer numbers in the target: reverse mode takes fewer passes.")
            )
        elif m < n:
            lines.append(self.tr("Here the leaves have fewer numbers: forward mode would take fewer passes."))
        else:
            lines.append(self.tr("Here both take as many."))
        self.passes.say("\n".join(lines))

    # What is pointed at

    def _point(self, node: NodeId, kind: Literal["value", "gradient"], cell: Cell | None) -> None:
        self._pointing.point_at(None if cell is None else Spot(node, kind, cell))

    def _mark(self) -> None:
        if self._moment() is None or not self.isVisible():
            return
        for cells, node, kind in self._maps():
            cells.mark(self._pointing.cell_of(node(), kind), self._pointing.sources_of(node(), kind))


def _followed(
    document: Document, run: Run, leaf: NodeId, direction: Array, *, cancelled: Callable[[], bool]
) -> Followed | None:
    return None if cancelled() else follow(document, run, leaf, direction)


def _moving(run: Run, selected: NodeId | None) -> tuple[NodeId, ...]:
    """Return the leaves that can move, those that a gradient flows into: the first ones, and the selected one."""
    first = tuple(islice((node for node in run.plan.leaves if node not in run.paths.closed), MOST_LEAVES))
    is_other = selected in run.plan.leaves and selected not in run.paths.closed and selected not in first
    return (*first, selected) if is_other and selected is not None else first


def _direction(value: Array, cell: Cell | None) -> Array:
    """Return a direction of a tensor: one at a cell (where there is one) and zero elsewhere, or ones."""
    if cell is None:
        return np.ones_like(value)
    direction = np.zeros_like(value)
    if direction.size:
        direction[cell] = 1
    return direction


def _is_cell(cell: Cell, shape: tuple[int, ...]) -> bool:
    return len(cell) == len(shape) and all(0 <= at < length for at, length in zip(cell, shape, strict=True))


def _verdict(a: float, b: float, dtype: Dtype) -> str:
    """Return whether two numbers agree, but for what rounding explains; of what is not finite, why they may not."""
    if not np.isfinite([a, b]).all():
        return "(not finite: 0 × ∞ is NaN)"
    tolerance = float(np.sqrt(np.finfo(dtype.name).eps)) if dtype.kind == "f" else 1e-8
    return "✓" if np.isclose(a, b, rtol=tolerance, atol=tolerance) else "✗"


def _counted(sizes: Mapping[NodeId, int], most: int = 5) -> str:
    """Return a sum of counts, as in `W 6 + b 3 = 9`."""
    named_sizes = [f"{node} {size:,}" for node, size in sizes.items()]
    few = named_sizes if len(named_sizes) <= most else [*named_sizes[: most - 1], "…", named_sizes[-1]]
    total = f" = {sum(sizes.values()):,}" if len(sizes) > 1 else ""
    return f"{' + '.join(few) or 'none'}{total}"
