"""What begins and ends training, how far it is, and the slider over the steps that were taken."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from gradviz.engine import show_number
from gradviz.graph import training_of
from gradviz.panels.forms import Slide
from gradviz.workspace import Practice, Workspace, named


class TrainingControls(QWidget):
    """Buttons to train, pause, take one step and forget; and where training stands among its steps."""

    def __init__(self, workspace: Workspace, practice: Practice) -> None:
        """Move `practice`, which trains the workspace's document."""
        super().__init__()
        self._workspace, self._practice = workspace, practice
        self.train = self._button("train", self.tr("Train"), self.tr("Take so many steps in the background (F9)"))
        self.pause = self._button("pause", self.tr("Pause"), self.tr("Rest, with what has been learned (F9)"))
        self.step = self._button("step", self.tr("One Step"), self.tr("Take one step (F10)"))
        self.forget = self._button("forget", self.tr("Forget"), self.tr("Forget all steps; the tensors stay"))
        self.bar = named(QProgressBar(), "plots.progress")
        self.bar.setAccessibleName(self.tr("Progress of training"))
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(70)
        self.slider = named(Slide(Qt.Orientation.Horizontal), "plots.slider")
        self.slider.setAccessibleName(self.tr("Training step"))
        self.slider.setToolTip(self.tr("Put the variables back as they stood after a step, and look at the next one"))
        self.slider.setTracking(False)  # a drag is one step of undo: it counts where it ends
        self.told = named(QLabel(), "plots.told")
        self.told.setAccessibleName(self.tr("Where training stands"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self.train, self.pause, self.step, self.forget, self.bar):
            row.addWidget(part)
        row.addSpacing(6)
        row.addWidget(self.slider, stretch=1)
        row.addWidget(self.told)
        self.slider.sliderMoved.connect(self._tell)
        for signal in (practice.changed, practice.progressed):
            signal.connect(self.show_standing)
        workspace.document_changed.connect(lambda _before, _after: self.show_standing())
        self.show_standing()

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = named(QPushButton(text), f"plots.{name}")
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def show_standing(self) -> None:
        """Show what can be done, and how far training is."""
        practice, history = self._practice, self._practice.history
        steps = training_of(self._workspace.document).steps
        self.train.setText(self.tr("Train {count:,} steps").format(count=steps))
        for button, is_shown in ((self.train, not practice.is_running), (self.pause, practice.is_running)):
            button.setVisible(is_shown)
        has_nodes = bool(self._workspace.document.nodes)
        for button in (self.train, self.step):
            button.setEnabled(has_nodes and not practice.is_running)
        self.forget.setEnabled(history is not None)
        taken, asked = practice.progress
        self.bar.setVisible(practice.is_running)
        self.bar.setRange(0, max(1, asked))
        self.bar.setValue(taken)
        self.slider.setEnabled(history is not None and not practice.is_running)
        at = 0 if history is None else len(history) if practice.is_running else self._standing_at()
        was_blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, 0 if history is None else len(history))
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.slider.setValue(at)
        self.slider.blockSignals(was_blocked)
        self._tell(at)

    def _standing_at(self) -> int:
        standing = self._practice.standing
        return 0 if standing is None else standing.steps

    def _tell(self, step: int) -> None:
        history = self._practice.history
        if history is None:
            self.told.setText(self.tr("no step taken"))
            return
        text = self.tr("after step {step:,} of {count:,}").format(step=step, count=len(history))
        if step < len(history):
            text += self.tr(" · loss {loss}").format(loss=show_number(history.losses[step]))
        elif history.losses:
            text += self.tr(" · loss before it {loss}").format(loss=show_number(history.losses[-1]))
        self.told.setText(text)
