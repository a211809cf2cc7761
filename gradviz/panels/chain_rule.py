"""The chain-rule panel: sections that explain the step at which the sweep stands, each of which can be folded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gradviz.panels.formula import FormulaView
from gradviz.panels.forward_mode import ForwardModeView
from gradviz.panels.kept import KeptView
from gradviz.panels.ledger import LedgerView
from gradviz.panels.lens import LensView
from gradviz.panels.loom import LoomView
from gradviz.panels.section import Section
from gradviz.panels.seed_dial import SeedDial
from gradviz.workspace import Pointing, Workspace, named

SECTIONS: Final[tuple[tuple[str, str, Callable[[Workspace, Pointing], QWidget], bool], ...]] = (
    ("loom", "Numbers of the step", LoomView, True),
    ("ledger", "Ledger", LedgerView, True),
    ("lens", "Jacobian", LensView, False),
    ("seed_dial", "Target and seed", SeedDial, False),
    ("kept", "What is kept", KeptView, False),
    ("forward_mode", "Forward mode", ForwardModeView, False),
)
"""The sections below that of the formula: the end of the object name, the heading, the view, and whether it is open."""


class ChainRulePanel(QScrollArea):
    """Explains the workspace's moment in sections; what is folded, hidden or out of sight computes nothing."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Explain the workspace's moment."""
        super().__init__()
        self.setObjectName("chain_rule")
        self._workspace = workspace
        self._is_due, self._is_in_front = True, True
        self.formula = FormulaView(workspace, pointing)
        self.sections = {"formula": Section("formula", self.tr("Formula"), self.formula)} | {
            name: Section(name, self.tr(title), view(workspace, pointing), is_open=is_open)
            for name, title, view, is_open in SECTIONS
        }
        self._lay_out()
        workspace.document_changed.connect(lambda _before, _after: self._refresh())
        for signal in (
            workspace.tape_changed,
            workspace.playhead_moved,
            workspace.selection_changed,
            workspace.theme_changed,
        ):
            signal.connect(self._refresh)

    def begin(self) -> None:
        """Put the keys on the formula of the step."""
        self.ensureWidgetVisible(self.formula)
        self.formula.lines.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy_latex(self) -> None:
        """Put the formula of the step on the clipboard, as LaTeX."""
        self.formula.copy_latex()

    def set_in_front(self, is_in_front: bool) -> None:
        """Say whether the panel is in front; behind another tab Qt calls it visible still."""
        self._is_in_front = is_in_front
        if is_in_front and self._is_due:
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what has changed while the panel was out of sight."""
        super().showEvent(event)
        if self._is_due:
            self._refresh()

    def _lay_out(self) -> None:
        inside = named(QWidget(), "chain_rule.inside")
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(10)
        for section in self.sections.values():
            column.addWidget(section)
        column.addStretch(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setMinimumWidth(280)

    def _refresh(self) -> None:
        self._is_due = not (self._is_in_front and self.isVisible())
        if self._is_due:
            return
        for section in self.sections.values():
            section.refresh()
        # What grew takes its room at once, through all layouts around it: half-made it would be painted over others.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
