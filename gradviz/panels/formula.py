"""The formula of the step: its rule with names, with shapes and with the numbers of one cell, and the NumPy line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from gradviz.engine import Blocked, ChainRule, Frame, Moment, RuleTerm, Send, chain_rule_of, result_of
from gradviz.graph import training_of
from gradviz.panels.formula_lines import FormulaLines
from gradviz.panels.words import breakable, paragraph
from gradviz.picture import load_theme
from gradviz.workspace import Pointing, Spot, Workspace, named

_BREAKS = "([,=@"
"""Signs behind which a line of program may be broken."""


class FormulaView(QWidget):
    """Tells the rule at work: a term can be pointed at, and a click goes to its node."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Tell the rule of the workspace's moment, for the cell that `pointing` points at."""
        super().__init__()
        named(self, "formula")
        self._workspace, self._pointing = workspace, pointing
        self._frame: Frame | None = None
        self._cell: tuple[int, ...] | None = None
        self.rule: ChainRule | None = None
        self.sentence = paragraph("formula.sentence")
        self.lines = FormulaLines("formula.lines")
        self.note = paragraph("formula.note")
        self.program = paragraph("formula.program")
        self.copy = named(QToolButton(), "formula.copy")
        self.copy.setText(self.tr("Copy LaTeX"))
        self.copy.setAccessibleName(self.tr("Copy the formula as LaTeX"))
        self.copy.setToolTip(self.tr("Copy the formula as LaTeX"))
        self.copy.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.sentence, self.lines, self.note, self.program):
            layout.addWidget(part)
        layout.addLayout(row)
        self.lines.pointed.connect(self._point)
        self.lines.chosen.connect(self._choose)
        self.copy.clicked.connect(self.copy_latex)
        pointing.changed.connect(self._follow)

    def has_something(self) -> bool:
        """Tell that there is always something: a rule, or a sentence that says why there is none."""
        return True

    def show_moment(self) -> None:
        """Tell the rule at the workspace's moment."""
        self._read()
        theme, rule = load_theme(self._workspace.theme_name), self.rule
        self.sentence.setText(breakable(self._sentence()))
        self.lines.show_lines(() if rule is None else rule.lines, theme)
        self.lines.setVisible(rule is not None and bool(rule.lines))
        self._tell(self.note, "" if rule is None else _sign(self._frame, rule) + rule.note)
        self._tell(self.program, "" if rule is None else _broken(rule.program))
        self.copy.setVisible(rule is not None and bool(rule.lines))

    def latex(self) -> str:
        """Return the rule at the workspace's moment as LaTeX, for math mode with amsmath; "" where there is none."""
        self._read()
        lines = () if self.rule is None else self.rule.lines
        told = [rf"\text{{{line.lead}:}}\quad {line.latex}" if line.lead else line.latex for line in lines]
        if len(told) < 2:
            return "".join(told)
        return "\\begin{gathered}\n" + " \\\\\n".join(told) + "\n\\end{gathered}"

    def copy_latex(self) -> None:
        """Put the formula as LaTeX on the clipboard, and say so."""
        self._copy(self.latex(), self.tr("The formula is on the clipboard, as LaTeX."))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the formula as LaTeX and as text, and the line of program."""
        if self.rule is not None and self.rule.lines:
            menu, program = QMenu(self), self.rule.program
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(self.tr("Copy LaTeX"), self.copy_latex)
            menu.addAction(
                self.tr("Copy as Text"), lambda: self._copy(self.lines.text, self.tr("The formula is copied."))
            )
            menu.addAction(self.tr("Copy Program Line"), lambda: self._copy(program, self.tr("The line is copied.")))
            menu.popup(event.globalPos())

    def _copy(self, text: str, sentence: str) -> None:
        if text:
            QGuiApplication.clipboard().setText(text)
            self._workspace.told.emit(sentence)

    def _read(self) -> None:
        """Find the rule of the moment; the cell that was pointed at stays the one as long as the frame does."""
        moment = self._workspace.present_moment
        frame = None if moment is None else moment.latest
        if frame is not self._frame:
            self._frame, self._cell = frame, None
        if moment is None or frame is None:
            self.rule = None
            return
        self._cell = self._pointed_cell(moment, frame) or self._cell
        self.rule = chain_rule_of(moment, self._cell, training_of(self._workspace.document))

    def _pointed_cell(self, moment: Moment, frame: Frame) -> tuple[int, ...] | None:
        """Return which cell of the frame's result is pointed at, in whatever view; None for none."""
        node, kind = result_of(frame)
        pointed = self._pointing.pointed
        spot = None if pointed is None else pointed.spot
        if spot is not None and spot.kind == "raw" and isinstance(frame, Send) and spot.port == frame.port:
            shape = moment.run.values[node].shape
            cell = spot.cell[len(spot.cell) - len(shape) :]
            return tuple(0 if length == 1 else at for at, length in zip(cell, shape, strict=True))
        return None if spot is None or (spot.node, spot.kind) != (node, kind) else spot.cell

    def _follow(self) -> None:
        """Tell another cell, where one of the frame's result is pointed at now."""
        moment = self._workspace.present_moment
        if moment is None or moment.latest is None or moment.latest is not self._frame or not self.isVisible():
            return
        cell = self._pointed_cell(moment, moment.latest)
        if cell is not None and self.rule is not None and cell != self.rule.cell:
            self.show_moment()

    def _sentence(self) -> str:
        workspace = self._workspace
        if workspace.is_stale:
            return self.tr("The graph has changed since this sweep was recorded: play or step to record it anew.")
        moment = workspace.moment
        if moment is None or not workspace.length:
            return self.tr("Nothing is computed yet.")
        if moment.latest is None:
            return self.tr("The start: step forward, and the rule of the step stands here.")
        return moment.sentence

    def _point(self, term: RuleTerm | None) -> None:
        spot = None if term is None else self._spot(term)
        self._pointing.point_at(spot)

    def _spot(self, term: RuleTerm) -> Spot | None:
        """Return the cell that a term is, or the first one of a whole tensor; of the result the one that is told."""
        moment = self._workspace.moment
        value = None if moment is None else moment.run.values.get(term.node)
        if value is None or term.kind == "" or value.size == 0:
            return None
        cell = term.cell
        if cell is None and self._frame is not None and self.rule is not None:
            cell = self.rule.cell if (term.node, term.kind) == result_of(self._frame) else None
        return Spot(term.node, term.kind, (0,) * value.ndim if cell is None else cell)

    def _choose(self, term: RuleTerm) -> None:
        self._workspace.select([term.node])
        self._workspace.reveal(term.node)

    def _tell(self, label: QLabel, text: str) -> None:
        label.setText(breakable(text))
        label.setVisible(bool(text))


def _sign(frame: Frame | None, rule: ChainRule) -> str:
    """Return the sign of what a gradient is not: ∅ where nothing is sent."""
    return "∅  " if isinstance(frame, Blocked) and rule.note else ""


def _broken(program: str) -> str:
    """Return a line of program that may be broken behind parentheses and commas."""
    return "".join(f"{letter}\u200b" if letter in _BREAKS else letter for letter in program)
