"""Training: how it is done, what it does, and the way back to any of its steps."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QSplitter, QTabWidget, QVBoxLayout, QWidget

from gradviz.engine import History, Standing
from gradviz.graph import training_of
from gradviz.ops import OPTIMISERS
from gradviz.panels.chart import STYLES, Chart, Line
from gradviz.panels.forms import Choice
from gradviz.panels.optimiser_state import StateView, histograms
from gradviz.panels.training_controls import TrainingControls
from gradviz.panels.training_form import TrainingForm
from gradviz.picture import Theme, load_theme
from gradviz.workspace import Player, Practice, Workspace, named

FORM_WIDTH: Final = 230
"""Pixels of the form at first."""


class PlotsPanel(QWidget):
    """The form of training, its controls, and charts of what it does."""

    def __init__(self, workspace: Workspace, practice: Practice, player: Player) -> None:
        """Show and move `practice`; a step that is put back is shown by `player` at the moment that is on screen."""
        super().__init__()
        self.setObjectName("plots")
        self._workspace, self._practice, self._player = workspace, practice, player
        self._seen: Standing | None = None
        self.form = TrainingForm(workspace)
        self.controls = TrainingControls(workspace, practice)
        below = self.tr("steps taken")
        self.loss = Chart("plots.loss", self.tr("Loss at every step"), below)
        self.norms = Chart("plots.norms", self.tr("Length of every gradient at every step"), below)
        self.numbers = Chart("plots.numbers", self.tr("Histogram of a variable's numbers"), self.tr("number"))
        self.state = StateView()
        self.variable = Choice("plots.variable", self.tr("Variable"), self.tr("Whose numbers and state are shown"))
        self.log = named(QCheckBox(self.tr("log")), "plots.log")
        self.log.setToolTip(self.tr("Loss and gradients on a logarithmic scale"))
        self.log.setAccessibleName(self.tr("Logarithmic scale"))
        self.tabs = named(QTabWidget(), "plots.tabs")
        self._lay_out()
        self._listen()
        self._show()

    def settle(self) -> None:
        """Hand over what is typed and not confirmed yet."""
        self.form.settle()

    def sizeHint(self) -> QSize:
        """Ask for a strip in which curves can be read."""
        return QSize(700, 15 * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        """Be content with less."""
        return QSize(420, 13 * self.fontMetrics().lineSpacing())

    def _lay_out(self) -> None:
        scroll = named(_FormArea(), "plots.form")
        scroll.setAccessibleName(self.tr("How it is trained"))
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        for chart, title in ((self.norms, self.tr("Gradients")), (self.numbers, self.tr("Numbers"))):
            self.tabs.addTab(chart, title)
        self.tabs.addTab(self.state, self.tr("State"))
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("What training does"))
        self.tabs.tabBar().setAccessibleName(self.tr("What training does"))
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(4, 0, 0, 2)
        for part in (self.variable, self.log):
            row.addWidget(part)
        self.tabs.setCornerWidget(corner)
        split = QSplitter()
        shares: tuple[tuple[QWidget, int], ...] = (scroll, 0), (self.loss, 3), (self.tabs, 4)
        for widget, stretch in shares:
            split.addWidget(widget)
            split.setStretchFactor(split.count() - 1, stretch)
            split.setCollapsible(split.count() - 1, False)
        split.setSizes([FORM_WIDTH, 300, 340])
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(6)
        column.addWidget(self.controls)
        column.addWidget(split, stretch=1)

    def _listen(self) -> None:
        practice, controls = self._practice, self.controls
        controls.train.clicked.connect(self.train)
        controls.pause.clicked.connect(practice.pause)
        controls.step.clicked.connect(self.take_one_step)
        controls.forget.clicked.connect(practice.forget)
        controls.slider.valueChanged.connect(self.go_to)
        for chart in (self.loss, self.norms):
            chart.clicked.connect(lambda x: self.go_to(round(x)))
        self.log.toggled.connect(lambda _on: self._show())
        self.variable.activated.connect(lambda _row: self._show())
        self.tabs.currentChanged.connect(lambda _tab: self._show())
        practice.progressed.connect(self._show)
        practice.changed.connect(self._meet_practice)
        self._workspace.theme_changed.connect(self._show)

    # What is asked for

    def train(self) -> None:
        """Take as many steps as the document's training says, or pause."""
        self.settle()
        if self._practice.is_running:
            self._practice.pause()
        else:
            self._practice.run()

    def take_one_step(self) -> None:
        """Take one step, or go on to the next of those that were taken."""
        self.settle()
        practice, history = self._practice, self._practice.history
        if history is not None and practice.standing is not None and practice.standing.steps < len(history):
            self.go_to(practice.standing.steps + 1)
        else:
            practice.run(1)

    def take_back_one_step(self) -> None:
        """Put the variables back as they stood one step earlier."""
        standing = self._practice.standing
        if standing is not None:
            self.go_to(standing.steps - 1)

    def go_to(self, step: int) -> None:
        """Put the variables back as they stood after a step."""
        history = self._practice.history
        if history is not None and not self._practice.is_running:
            self._practice.go_to(step)
            self._meet_practice()

    def _meet_practice(self) -> None:
        """Show where training stands, and on the canvas the step that follows, at the moment that is on screen."""
        practice = self._practice
        standing = None if practice.is_running else practice.standing
        if standing is not None and standing is not self._seen and not self._player.is_playing:
            self._player.seek(self._workspace.playhead)
        self._seen = standing
        self.controls.show_standing()
        self._show()

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came while nobody looked."""
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        history, theme = self._practice.history, load_theme(self._workspace.theme_name)
        self._show_variables(history)
        if history is None or not len(history):
            self.loss.show_absent(self.tr("Train, and the loss of every step stands here."))
            self.norms.show_absent(self.tr("Train, and the length of every gradient stands here."))
            self.numbers.show_absent(self.tr("Train, and the numbers of a variable stand here."))
            self.state.show_state(None, "", theme, self._told_state())
            return
        standing = history.latest if self._practice.is_running else self._practice.standing
        at = None if standing is None else float(standing.steps)
        self.loss.show_lines(self._loss_lines(history, theme), theme, is_log=self.log.isChecked(), at=at)
        match self.tabs.currentIndex():
            case 0:
                self.norms.show_lines(_norm_lines(history, theme), theme, is_log=self.log.isChecked(), at=at)
            case 1:
                self._show_numbers(history, standing, theme)
            case _:
                self.state.show_state(standing, self.variable.currentText(), theme, self._told_state())

    def _show_variables(self, history: History | None) -> None:
        names = [] if history is None else [*history.trainer.variables]
        if names != [self.variable.itemText(row) for row in range(self.variable.count())]:
            before = self.variable.currentText()
            self.variable.clear()
            self.variable.addItems(names)
            self.variable.setCurrentText(before)
        self.variable.setEnabled(len(names) > 1)
        self.variable.setVisible(self.tabs.currentIndex() > 0)
        self.log.setVisible(self.tabs.currentIndex() == 0)

    def _loss_lines(self, history: History, theme: Theme) -> list[Line]:
        """Return the loss before every step, and the loss on held-out rows where it was looked at."""
        steps, name = np.arange(len(history), dtype=float), self.tr("loss")
        if not history.held_out:
            return [Line(name, steps, np.array(history.losses), theme.ink)]
        seen = sorted(history.held_out)
        held_out = np.array([history.held_out[step] for step in seen])
        return [
            Line(name, steps, np.array(history.losses), theme.muted, width=1.0),
            Line(self.tr("held out"), np.array(seen, float), held_out, theme.ink, Qt.PenStyle.DashLine, width=2.5),
        ]

    def _show_numbers(self, history: History, standing: Standing | None, theme: Theme) -> None:
        name = self.variable.currentText()
        if standing is None or name not in standing.variables:
            self.numbers.show_absent("")
            return
        names = self.tr("at first"), self.tr("after step {step}").format(step=standing.steps)
        lines = histograms(history.kept[0].variables[name], standing.variables[name], names, theme)
        if lines:
            self.numbers.show_lines(lines, theme)
        else:
            self.numbers.show_absent(self.tr("{name} holds no finite number.").format(name=name))

    def _told_state(self) -> str:
        optimiser = OPTIMISERS[training_of(self._workspace.document).optimiser]
        if not optimiser.state_names:
            return self.tr("{name} remembers nothing from step to step.").format(name=optimiser.name)
        return ""


class _FormArea(QScrollArea):
    """Scrolls the form up and down; it is as wide as the form needs."""

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of the form beside the bar that scrolls it."""
        form, bar = self.widget(), self.verticalScrollBar()
        width = 0 if form is None else form.minimumSizeHint().width()
        return QSize(width + bar.sizeHint().width(), super().minimumSizeHint().height())


def _norm_lines(history: History, theme: Theme) -> list[Line]:
    """Return the length of the gradient of every variable before every step."""
    steps = np.arange(len(history), dtype=float)
    return [
        Line(name, steps, np.array(norms), theme.gradient, STYLES[number % len(STYLES)])
        for number, (name, norms) in enumerate(history.norms.items())
    ]
