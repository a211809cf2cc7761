"""The timeline: a slider over the moments of the run, the buttons that move it, and the sentence of the frame."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.engine import describe
from gradviz.panels.forms import Choice
from gradviz.panels.moments import FrameTicks, MomentSlider
from gradviz.picture import icon, icon_size, load_theme
from gradviz.workspace import SPEEDS, Player, Workspace, named

BUTTONS = (
    ("first", "skip-back", "First moment (Home)"),
    ("back", "step-back", "One frame back (Left)"),
    ("play", "play", "Play or pause (Space)"),
    ("forward", "step-forward", "One frame forward (Right)"),
    ("last", "skip-forward", "Last moment (End)"),
)
"""Every button: the end of its object name, its icon, and what it does."""

SIDE = 10
"""Pixels left free at either side."""

LINES = 2
"""Lines of a sentence for which there is always room."""


class TimelinePanel(QWidget):
    """A slider over the moments of the run, buttons to step and play, and a sentence about the frame."""

    def __init__(self, workspace: Workspace, player: Player) -> None:
        """Show the workspace's run, and move it through `player`."""
        super().__init__()
        self.setObjectName("timeline")
        self._workspace, self._player = workspace, player
        self.buttons = {name: self._button(name, sign, tip) for name, sign, tip in BUTTONS}
        self.slider = MomentSlider()
        self.ticks = FrameTicks(workspace, self.slider)
        self.count = named(QLabel(), "timeline.count")
        self.speed = self._speed_box()
        self.sentence = named(QLabel(), "timeline.sentence")
        self.sentence.setAccessibleName(self.tr("What happens in this frame"))
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        self._listen()
        self._show_icons()
        self._show_run()

    def _button(self, name: str, sign: str, tip: str) -> QToolButton:
        button = named(QToolButton(), f"timeline.{name}")
        button.setProperty("sign", sign)
        button.setToolTip(self.tr(tip))
        button.setAccessibleName(self.tr(tip))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # what is typed elsewhere is handed over first
        return button

    def _speed_box(self) -> Choice:
        box = Choice("timeline.speed", self.tr("Speed of motion"), self.tr("Speed of motion"))
        for speed in SPEEDS:
            box.addItem(f"×{speed:g}", speed)
        return box

    def _lay_out(self) -> None:
        track = QVBoxLayout()
        track.setSpacing(0)
        track.addWidget(self.slider)
        track.addWidget(self.ticks)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addSpacing(6)
        row.addLayout(track, stretch=1)
        row.addSpacing(6)
        row.addWidget(self.count)
        row.addSpacing(6)
        row.addWidget(self.speed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE, 6, SIDE, 8)
        layout.addLayout(row)
        layout.addWidget(self.sentence)

    def _listen(self) -> None:
        workspace, player = self._workspace, self._player
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
        workspace.settings.changed.connect(lambda _name: self._show_speed())

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another type size."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange} and self.layout() is not None:
            self._take_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the lines that the sentence takes in another width."""
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        """Leave room for two lines, and for more where a sentence has them: none is ever cut off."""
        metrics = self.sentence.fontMetrics()
        self.count.setMinimumWidth(metrics.horizontalAdvance(f"{self._workspace.length} / {self._workspace.length}"))
        width = self.width() - 2 * SIDE  # the label's own is not known before it is laid out
        wanted = self.sentence.heightForWidth(width) if self.isVisible() else 0
        self.sentence.setMinimumHeight(max(LINES * metrics.lineSpacing(), wanted))

    def _seek(self, index: int) -> None:
        if index != self._workspace.playhead:
            self._player.seek(index)

    def _set_speed(self, row: int) -> None:
        self._workspace.settings.speed = SPEEDS[row]

    def _show_speed(self) -> None:
        self.speed.setCurrentIndex(SPEEDS.index(self._workspace.settings.speed))

    def _show_icons(self) -> None:
        theme = load_theme(self._workspace.theme_name)
        for name, button in self.buttons.items():
            sign = "pause" if name == "play" and self._player.is_playing else str(button.property("sign"))
            button.setIcon(icon(sign, theme.ink))
            button.setIconSize(icon_size(theme))
        self.ticks.update()

    def _show_run(self) -> None:
        length = self._workspace.length
        self.slider.blockSignals(True)
        self.slider.setRange(0, length)
        self.slider.setPageStep(max(1, length // 10))
        self.slider.blockSignals(False)
        for widget in (*self.buttons.values(), self.slider):
            widget.setEnabled(length > 0)
        self._show_speed()
        self._show_playhead()

    def _show_playhead(self) -> None:
        self.slider.setValue(self._workspace.playhead)
        self.count.setText(f"{self._workspace.playhead} / {self._workspace.length}")
        self.sentence.setText(self._sentence())
        self._take_room()
        self.ticks.update()

    def _sentence(self) -> str:
        workspace = self._workspace
        if not workspace.document.nodes:
            return self.tr(
                "Drag an operation or a leaf from the palette onto the canvas, or write an expression above."
            )
        if workspace.tape is None or workspace.moment is None:
            return self.tr("The run is being recorded …")
        if workspace.is_stale:
            return self.tr("The graph has changed since this sweep was recorded: play or step to record it anew.")
        frame = workspace.moment.latest
        if not workspace.length:
            return self._why_nothing_runs()
        if frame is None:
            return self.tr("The start: only the leaves have values. Step forward to compute.")
        return describe(frame, workspace.tape.plan)

    def _why_nothing_runs(self) -> str:
        problems = self._workspace.report.problems
        if not problems:
            return self.tr("Only leaves so far: add an operation and wire them to it.")
        return self.tr("Nothing can be computed yet: {problem}.").format(problem=problems[0].sentence)
