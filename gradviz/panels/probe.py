"""The nudge probe: drag one number of a leaf and see the targets follow, beside the line that the gradient promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gradviz.engine import ErrorCurve, Probe, error_curve, probe, show_number, tell_step
from gradviz.errors import FormatError, GradvizError
from gradviz.formats import parse_array
from gradviz.graph import Array, Document, Leaf, NodeId, set_cell, set_tensors, targets_of
from gradviz.ops import is_float
from gradviz.panels.drafts import telling
from gradviz.panels.field import Field, tell_trouble, trouble_label
from gradviz.panels.forms import Slide, add_row, growing_form
from gradviz.panels.probe_plot import ErrorPlot, NudgePlot, tell_best
from gradviz.picture import load_theme
from gradviz.workspace import Workspace, named

_POINTS: Final = 61
_NOTCHES: Final = 100
"""How many notches the slider has to either side."""


class _Drawn(NamedTuple):
    """A probe, and the curve of its targets over the values that its cell can be dragged to."""

    probe: Probe
    values: Array
    scores: Array


class ProbePanel(QScrollArea):
    """One cell of the selected leaf, which can be moved; it computes nothing while nobody sees it."""

    def __init__(self, workspace: Workspace) -> None:
        """Probe leaves of the workspace's document."""
        super().__init__()
        self.setObjectName("probe")
        self._workspace = workspace
        self._leaf: NodeId = ""
        self._cell: tuple[int, ...] = ()
        self._span: float | None = None
        self._asked: tuple[object, ...] = ()
        self._is_in_front = True
        self._drawn: _Drawn | None = None
        self._make_parts()
        self._lay_out()
        self._listen()
        self._look()

    def _make_parts(self) -> None:
        workspace = self._workspace
        self.hint = named(QLabel(), "probe.hint")
        self.head = named(QLabel(), "probe.head")
        self.cell = Field(
            "probe.cell",
            self.tr("Cell"),
            telling(workspace.told.emit, self._set_cell),
            self.tr("Its index, such as 0, 1"),
        )
        self.span = Field(
            "probe.span",
            self.tr("Reach"),
            telling(workspace.told.emit, self._set_span),
            self.tr("How far it can be dragged"),
        )
        self.slider = named(Slide(Qt.Orientation.Horizontal), "probe.slider")
        self.slider.setRange(-_NOTCHES, _NOTCHES)
        self.slider.setAccessibleName(self.tr("How far the number is moved"))
        self.promise, self.truth = (named(QLabel(), f"probe.{name}") for name in ("promise", "truth"))
        self.keep = named(QPushButton(self.tr("Keep this number")), "probe.keep")
        self.check = named(QPushButton(self.tr("Check with differences")), "probe.check")
        self.verdict = named(QLabel(), "probe.verdict")
        self.plot, self.errors = NudgePlot(), ErrorPlot()
        self.trouble = trouble_label("probe.trouble")
        for label in (self.hint, self.head, self.promise, self.truth, self.verdict):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    @property
    def place(self) -> tuple[NodeId, tuple[int, ...]]:
        """The leaf and the cell that are probed; no leaf where none is selected."""
        return self._leaf, self._cell

    def begin(self) -> None:
        """Put the keys on what moves the number."""
        self.slider.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_in_front(self, is_in_front: bool) -> None:
        """Say whether the panel is in front; behind another tab Qt calls it visible still."""
        self._is_in_front = is_in_front
        if is_in_front:
            self._look()

    def take_cell(self, cell: tuple[int, ...]) -> None:
        """Probe another cell of the leaf."""
        if self._leaf and cell != self._cell:
            self._cell = cell
            self._look()

    def _lay_out(self) -> None:
        inside = QWidget()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        form = growing_form()
        add_row(form, self.tr("Cell"), self.cell)
        add_row(form, self.tr("Reach"), self.span)
        column = QVBoxLayout(inside)
        for part in (self.hint, self.head):
            column.addWidget(part)
        column.addLayout(form)
        nudge: tuple[QWidget, ...] = (self.plot, self.slider, self.promise, self.truth, self.keep)
        check: tuple[QWidget, ...] = (self.check, self.verdict, self.errors, self.trouble)
        for each in (*nudge, *check):
            column.addWidget(each)
        column.addStretch(1)
        self._parts: tuple[QWidget, ...] = (
            self.head,
            self.cell,
            self.span,
            self.slider,
            self.promise,
            self.truth,
            self.keep,
            self.check,
        )
        self._form = form

    def _listen(self) -> None:
        workspace = self._workspace
        workspace.document_changed.connect(lambda _before, _after: self._look())
        for signal in (workspace.selection_changed, workspace.theme_changed, workspace.tape_changed):
            signal.connect(self._look)
        self.slider.valueChanged.connect(self._nudge)
        self.plot.dragged.connect(self._follow_dot)
        self.keep.clicked.connect(self._keep)
        self.check.clicked.connect(self._check)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin, now that somebody looks."""
        super().showEvent(event)
        self._look()

    # What is probed

    def _look(self) -> None:
        """Probe the selected leaf, or go on with the one that was."""
        document = self._workspace.document
        chosen = [name for name in self._workspace.selection if _can_move(document, name)]
        leaf = chosen[0] if len(chosen) == 1 else self._leaf
        if not _can_move(document, leaf):
            leaf = next((name for name in document.nodes if _can_move(document, name)), "")
        if leaf != self._leaf:
            self._leaf, self._cell, self._span = leaf, (), None
        self._fit_cell(document)
        self._show_fields()
        if self._leaf and self._is_in_front and self.isVisible():
            self._ask(document)

    def _fit_cell(self, document: Document) -> None:
        """Stay within the leaf, whose shape may be another one now."""
        shape = _value(document, self._leaf).shape if self._leaf else ()
        if len(self._cell) != len(shape) or any(at >= size for at, size in zip(self._cell, shape, strict=True)):
            self._cell = (0,) * len(shape)

    def _show_fields(self) -> None:
        is_there = bool(self._leaf)
        self.hint.setVisible(not is_there)
        self.hint.setText(self.tr("Select a variable or an input, to move one of its numbers and see what follows."))
        for part in self._parts:
            part.setVisible(is_there)
        for row in range(self._form.rowCount()):
            self._form.setRowVisible(row, is_there)
        self.plot.setVisible(is_there and self._drawn is not None)
        if is_there:
            self.cell.draft.show(self._leaf, ", ".join(map(str, self._cell)))
            self._form.setRowVisible(0, bool(self._cell))
            self.span.draft.show(self._leaf, f"{self._reach():g}")

    def _reach(self) -> float:
        """Return how far the number can be dragged to either side."""
        if self._span is not None:
            return self._span
        value = float(_value(self._workspace.document, self._leaf)[self._cell])
        return max(1.0, abs(value)) if np.isfinite(value) else 1.0

    def _ask(self, document: Document) -> None:
        """Have the curve computed, unless it is there."""
        rows = self._rows(document)
        run = self._workspace.tape if rows else None
        asked = (document.computation, run, self._leaf, self._cell, self._reach(), self._workspace.theme_name)
        if asked == self._asked:
            return
        self._asked = asked
        self.verdict.setText("")
        self.errors.hide()
        self._workspace.jobs.run(
            "probe",
            _probed,
            set_tensors(document, rows),
            self._leaf,
            self._cell,
            self._reach(),
            done=self._show_curve,
            failed=self._refuse,
        )

    def _rows(self, document: Document) -> Mapping[NodeId, Array]:
        """Return the examples that the run on screen saw, where that is a step of training; they move the targets too.

        A leaf that holds examples itself is probed among all of them: its cells have other numbers in a batch.
        """
        tape, training = self._workspace.tape, document.training
        if training is None or tape is None or self._workspace.is_stale or self._leaf in training.data:
            return {}
        return {name: tape.plan.leaves[name].value for name in training.data if name in tape.plan.leaves}

    def _refuse(self, error: GradvizError) -> None:
        self._drawn = None
        self.head.setText("")
        for label in (self.promise, self.truth, self.verdict):
            label.setText("")
        tell_trouble(self.trouble, str(error))
        self.plot.hide()
        self.errors.hide()

    # The curve

    def _show_curve(self, drawn: _Drawn) -> None:
        self._drawn, found = drawn, drawn.probe
        tell_trouble(self.trouble, "")
        self.plot.show_curve(found, drawn.values, drawn.scores, load_theme(self._workspace.theme_name))
        is_one = len(targets_of(self._workspace.document.computation)) == 1
        told = (
            self.tr("{cell} = {value}, the target comes to {score}, the gradient is {gradient}")
            if is_one
            else self.tr("{cell} = {value}, the targets come to {score}, the gradient is {gradient}")
        )
        gradient = show_number(found.gradient) if found.has_path else self.tr("∅: no path leads to a target")
        facts = {"cell": found.name, "value": show_number(found.value), "score": show_number(found.score)}
        self.head.setText(told.format(**facts, gradient=gradient))
        self._nudge()

    # The nudge

    def _follow_dot(self, value: float) -> None:
        """Take the number to where the dot is dragged."""
        if self._drawn is not None:
            part = (value - self._drawn.probe.value) / self._reach()
            self.slider.setValue(round(_NOTCHES * min(1.0, max(-1.0, part))))
            self._nudge()

    def _nudge(self) -> None:
        """Move the number as far as the slider says, and tell the promise beside the truth."""
        if self._drawn is None:
            return
        found = self._drawn.probe
        step = found.step(self._reach() * self.slider.value() / _NOTCHES)
        for label, text in zip((self.promise, self.truth), tell_step(found, step), strict=True):
            label.setText(text)
        self.keep.setEnabled(step.h != 0)
        self.plot.show_nudge(found, step)

    def _keep(self) -> None:
        """Put the number into the leaf."""
        if self._drawn is None:
            return
        found = self._drawn.probe
        to = found.value + self._reach() * self.slider.value() / _NOTCHES
        self.slider.setValue(0)
        self._workspace.edit(self.tr("Move {cell}").format(cell=found.name), set_cell, found.leaf, found.cell, to)

    # The check

    def _check(self) -> None:
        """Hold the gradient against central differences with steps of many sizes."""
        document = self._workspace.document
        self._workspace.jobs.run(
            "probe.check",
            _checked,
            set_tensors(document, self._rows(document)),
            self._leaf,
            self._cell,
            done=self._tell,
            failed=self._refuse,
        )

    def _tell(self, curve: ErrorCurve) -> None:
        self.errors.show_curve(curve, load_theme(self._workspace.theme_name))
        self.verdict.setText(tell_best(curve))

    # What is typed

    def _set_cell(self, _node: str, text: str) -> None:
        shape = _value(self._workspace.document, self._leaf).shape
        try:
            index = tuple(int(part) for part in text.replace(",", " ").split())
        except ValueError:
            raise FormatError("a cell is one whole number per axis, such as 0, 1") from None
        if len(index) != len(shape) or any(not 0 <= at < size for at, size in zip(index, shape, strict=True)):
            raise FormatError("there is no such cell in a tensor of shape {shape}", shape=shape)
        self.take_cell(index)

    def _set_span(self, _node: str, text: str) -> None:
        number = parse_array(text)
        if number.ndim or not 0 < float(number) < np.inf:
            raise FormatError("the reach is a number above 0")
        self._span = float(number)
        self._look()


def _can_move(document: Document, name: NodeId) -> bool:
    leaf = document.nodes.get(name)
    return isinstance(leaf, Leaf) and leaf.role != "constant" and is_float(leaf.value.dtype) and leaf.value.size > 0


def _value(document: Document, name: NodeId) -> Array:
    leaf = document.nodes[name]
    if not isinstance(leaf, Leaf):
        raise GradvizError('"{name}" is no leaf', name=name)
    return leaf.value


def _probed(
    document: Document, leaf: NodeId, cell: tuple[int, ...], reach: float, cancelled: Callable[[], bool]
) -> _Drawn:
    """Return a probe with its curve; as much of it as there is when it is no longer wanted."""
    found = probe(document, leaf, cell)
    values = np.linspace(found.value - reach, found.value + reach, _POINTS)
    scores = np.full(_POINTS, np.nan)
    for at, value in enumerate(values):
        if cancelled():
            break
        scores[at] = found.score_at(float(value))
    return _Drawn(found, values, scores)


def _checked(document: Document, leaf: NodeId, cell: tuple[int, ...], cancelled: Callable[[], bool]) -> ErrorCurve:  # noqa: ARG001 - a few runs, done before anybody changes their mind
    return error_curve(document, leaf, cell)
