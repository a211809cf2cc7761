"""The timeline: a slider over the moments of the run, the buttons that move it, and the sentence of the frame."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from gradviz.engine import Blocked, Compute, Frame, Seed, Send, Settle, describe
from gradviz.picture import Theme, icon, load_theme
from gradviz.workspace import SPEEDS, Player, Workspace, named

BUTTONS = (
    ("first", "skip-back", "First moment (Home)"),
    ("back", "step-back", "One frame back (Left)"),
    ("play", "play", "Play or pause (Space)"),
    ("forward", "step-forward", "One frame forward (Right)"),
    ("last", "skip-forward", "Last moment (End)"),
)
"""Every button: the end of its object name, its icon, and what it does."""


class TimelinePanel(QWidget):
    """A slider over the moments of the run, buttons to step and play, and a sentence about the frame."""

    def __init__(self, workspace: Workspace, player: Player) -> None:
        """Show the workspace's run, and move it through `player`."""
        super().__init__()
        self.setObjectName("timeline")
        self._workspace, self._player = workspace, player
        self.buttons = {name: self._button(name, sign, tip) for name, sign, tip in BUTTONS}
        self.slider = named(QSlider(Qt.Orientation.Horizontal), "timeline.slider")
        self.slider.setAccessibleName(self.tr("Moment of the run"))
        self.ticks = FrameTicks(workspace)
        self.count = named(QLabel(), "timeline.count")
        self.speed = self._speed_box()
        self.sentence = named(QLabel(), "timeline.sentence")
        self.sentence.setAccessibleName(self.tr("What happens in this frame"))
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentence.setWordWrap(True)
        self.sentence.setMinimumHeight(2 * self.sentence.fontMetrics().lineSpacing())
        self._lay_out()

        self.slider.valueChanged.connect(self._seek)
        self.buttons["first"].clicked.connect(lambda: player.seek(0))
        self.buttons["back"].clicked.connect(player.step_back)
        self.buttons["play"].clicked.connect(player.toggle)
        self.buttons["forward"].clicked.connect(player.step_forward)
        self.buttons["last"].clicked.connect(lambda: player.seek(workspace.length))
        self.speed.activated.connect(self._set_speed)
        player.playing_changed.connect(lambda _playing: self._show_icons())
        workspace.tape_changed.connect(self._show_run)
        workspace.playhead_moved.connect(self._show_playhead)
        workspace.theme_changed.connect(self._show_icons)
        self._show_icons()
        self._show_run()

    def _button(self, name: str, sign: str, tip: str) -> QToolButton:
        button = named(QToolButton(), f"timeline.{name}")
        button.setProperty("sign", sign)
        button.setToolTip(self.tr(tip))
        button.setAccessibleName(self.tr(tip))
        button.setAutoRaise(True)
        button.setIconSize(QSize(20, 20))
        return button

    def _speed_box(self) -> QComboBox:
        box = named(QComboBox(), "timeline.speed")
        box.setAccessibleName(self.tr("Speed of motion"))
        box.setToolTip(self.tr("Speed of motion"))
        for speed in SPEEDS:
            box.addItem(f"×{speed:g}", speed)
        box.setCurrentIndex(SPEEDS.index(self._workspace.settings.speed))
        return box

    def _lay_out(self) -> None:
        track = QVBoxLayout()
        track.setSpacing(0)
        track.addWidget(self.slider)
        track.addWidget(self.ticks)
        row = QHBoxLayout()
        for button in self.buttons.values():
            row.addWidget(button)
        row.addLayout(track, stretch=1)
        row.addWidget(self.count)
        row.addWidget(self.speed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 6)
        layout.addLayout(row)
        layout.addWidget(self.sentence)

    def _seek(self, index: int) -> None:
        if index != self._workspace.playhead:
            self._player.seek(index)

    def _set_speed(self, row: int) -> None:
        self._workspace.settings.speed = SPEEDS[row]

    def _show_icons(self) -> None:
        theme = load_theme(self._workspace.theme_name)
        for name, button in self.buttons.items():
            sign = "pause" if name == "play" and self._player.is_playing else str(button.property("sign"))
            button.setIcon(icon(sign, theme.ink))
        self.ticks.update()

    def _show_run(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setRange(0, self._workspace.length)
        self.slider.blockSignals(False)
        has_run = self._workspace.length > 0
        for widget in (*self.buttons.values(), self.slider):
            widget.setEnabled(has_run)
        self.ticks.update()
        self._show_playhead()

    def _show_playhead(self) -> None:
        self.slider.setValue(self._workspace.playhead)
        self.count.setText(f"{self._workspace.playhead} / {self._workspace.length}")
        self.sentence.setText(self._sentence())

    def _sentence(self) -> str:
        workspace = self._workspace
        if workspace.tape is None or workspace.moment is None:
            return self.tr("Nothing to run yet: drag an operation or a leaf from the palette onto the canvas.")
        if workspace.is_stale:
            return self.tr("The graph has changed since this sweep was recorded: play or step to record it anew.")
        frame = workspace.moment.latest
        if frame is None:
            return self.tr("The start: only the leaves have values. Step forward to compute.")
        return describe(frame, workspace.tape.plan)


class FrameTicks(QWidget):
    """A strip under the slider that shows what kind of frame lies where."""

    def __init__(self, workspace: Workspace) -> None:
        """Draw the frames of the workspace's run."""
        super().__init__()
        self._workspace = workspace
        self.setFixedHeight(6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw one tick per frame, or per pixel where frames are denser."""
        tape = self._workspace.tape
        if tape is None or not tape.frames:
            return
        theme = load_theme(self._workspace.theme_name)
        painter = QPainter(self)
        if self._workspace.is_stale:
            painter.setOpacity(theme.waiting)
        wide = self.width() / len(tape.frames)
        step = max(1, int(1 / wide))
        for index in range(0, len(tape.frames), step):
            left = int(index * wide)
            width = max(1, int((index + step) * wide) - left - (1 if wide > 3 else 0))
            painter.fillRect(left, 1, width, 4, _colour(tape.frames[index], theme))
        painter.end()


def _colour(frame: Frame, theme: Theme) -> str:
    """Return the colour of a frame's role: values in ink, gradients in purple, what is blocked in muted ink."""
    match frame:
        case Compute():
            return theme.ink
        case Seed():
            return theme.active
        case Settle() | Send():
            return theme.gradient
        case Blocked():
            return theme.muted
