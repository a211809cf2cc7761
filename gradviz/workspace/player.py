"""Stepping and playing: moves the playhead frame by frame, and lets each frame happen in a motion of its own.

The playhead goes to a frame's moment at once; the motion shows how it came about. A second step therefore never waits
for the first, and whoever asks where the run stands is told where it is going.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractAnimation, QObject, QTimer, QVariantAnimation, Signal

from gradviz.engine import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Tape, Update, stretched_axes
from gradviz.workspace.workspace import Motion, Workspace

REST = 600
"""Milliseconds of rest between two frames while playing, at speed 1."""

LENGTHS: dict[type[Frame], int] = {
    Compute: 450,
    Seed: 450,
    Settle: 350,
    Send: 1800,
    Blocked: 450,
    Update: 900,
    Clear: 350,
}
"""Milliseconds of each frame's motion at speed 1; a `Send` has four stops of 450."""

BROADCAST = 1350
"""Milliseconds more where broadcasting copies an input, or is undone."""

_FORWARD, _BACKWARD = QAbstractAnimation.Direction.Forward, QAbstractAnimation.Direction.Backward


class Player(QObject):
    """Plays the run of a workspace in both directions.

    What is asked for while the run of the present document is still being recorded happens as soon as it is there.
    """

    playing_changed = Signal(bool)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Stand still."""
        super().__init__(parent)
        self._workspace = workspace
        self._is_playing = False
        self._waiting: list[Callable[[], None]] = []
        self._index = 0
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._rest = QTimer(self, singleShot=True)
        self._motion.valueChanged.connect(self._show_progress)
        self._motion.finished.connect(self._arrive)
        self._rest.timeout.connect(self._play_on)
        workspace.tape_changed.connect(self._meet_run)
        workspace.motion_moved.connect(self._meet_motion)
        workspace.run_failed.connect(self.pause)
        workspace.settings.changed.connect(self._meet_setting)

    @property
    def is_playing(self) -> bool:
        """Whether frame follows frame without being asked."""
        return self._is_playing

    @property
    def is_moving(self) -> bool:
        """Whether a frame is under way."""
        return self._motion.state() == QAbstractAnimation.State.Running

    def toggle(self) -> None:
        """Play, or pause."""
        if self._is_playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Play from the playhead to the end, or from the start where it stands at the end."""
        self._waiting.clear()
        if self._workspace.document.nodes:
            self._set_playing(True)
            self._when_fresh(self._begin)

    def pause(self) -> None:
        """Stop after the frame that is under way; steps that wait for a run are given up."""
        self._waiting.clear()
        self._halt()

    def step_forward(self) -> None:
        """Let the next frame happen; a frame that is under way is finished first."""
        self._take_over()
        self._when_fresh(lambda: self._step(1))

    def step_back(self) -> None:
        """Let the last frame un-happen, also one that is still under way."""
        self._take_over()
        self._when_fresh(lambda: self._step(-1))

    def seek(self, index: int) -> None:
        """Go to a moment at once, without motion."""
        self.pause()
        self._when_fresh(lambda: self._workspace.seek(index))

    def seek_phase(self, direction: int) -> None:
        """Go to the next phase (1) or the one before (-1) at once."""
        self._take_over()
        self._when_fresh(lambda: self._workspace.seek_phase(direction))

    def stop(self) -> None:
        """End all motion, for a window that closes."""
        self.pause()
        self._workspace.move(None)

    def _take_over(self) -> None:
        """End playing; steps that were asked for before go on waiting for a run."""
        if self._is_playing:
            self._waiting.clear()
        self._halt()

    def _halt(self) -> None:
        self._rest.stop()
        self._set_playing(False)

    def _set_playing(self, is_playing: bool) -> None:
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            self.playing_changed.emit(is_playing)

    # Runs that come and go

    def _when_fresh(self, action: Callable[[], None]) -> None:
        """Do something on a run of the present document, as soon as there is one."""
        if self._workspace.document.nodes:
            self._waiting.append(action)
            self._do_what_waits()

    def _do_what_waits(self) -> None:
        if self._waiting and self._workspace.take_fresh():
            actions, self._waiting = self._waiting, []
            for action in actions:
                action()

    def _meet_run(self) -> None:
        """Go on with a run that was waited for; pause where the run on screen has become stale, or is gone."""
        if not self._workspace.document.nodes:
            self.pause()
        elif self._waiting:
            self._do_what_waits()
        elif self._workspace.is_stale or self._workspace.tape is None:
            self.pause()

    def _meet_motion(self) -> None:
        """End the motion where somebody else put the playhead elsewhere, and play on from there."""
        if self._workspace.motion is None and self.is_moving:
            self._motion.stop()
            self._rest_a_while()

    def _meet_setting(self, name: str) -> None:
        """Let a new speed, or reduced motion, hold at once."""
        if name == "speed" and self.is_moving:
            progress = self._motion.currentTime() / self._motion.duration()
            self._motion.setDuration(self._length(self._index))
            self._motion.setCurrentTime(round(progress * self._motion.duration()))
        elif name == "speed" and self._rest.isActive():
            self._rest_a_while()
        elif name == "reduced_motion" and self._workspace.settings.reduced_motion:
            self._workspace.move(None)

    # One frame after the other

    def _begin(self) -> None:
        if self.is_moving and self._motion.direction() == _FORWARD:
            return
        if self._workspace.playhead >= self._workspace.length:
            self._workspace.seek(0)
        self._play_on()

    def _play_on(self) -> None:
        if self._is_playing and self._workspace.playhead < self._workspace.length:
            self._step(1)
        else:
            self._set_playing(False)

    def _step(self, direction: int) -> None:
        """Go to the next moment, in the motion of the frame between; one that moves the other way turns round."""
        workspace = self._workspace
        target = workspace.playhead + direction
        index = max(target, workspace.playhead)
        if not 0 <= target <= workspace.length:
            workspace.move(None)
        elif workspace.settings.reduced_motion:
            workspace.seek(target)
            self._rest_a_while()
        elif self.is_moving and self._index == index:
            self._motion.setDirection(_FORWARD if direction > 0 else _BACKWARD)
            workspace.seek(target, workspace.motion)
        else:
            self._start_motion(index, target)

    def _start_motion(self, index: int, target: int) -> None:
        """Put the playhead at a moment, and animate the frame `index`, which leads there or back from there."""
        self._motion.stop()
        self._index = index
        self._workspace.seek(target, Motion(index, 0.0 if target == index else 1.0))
        self._motion.setDuration(self._length(index))
        self._motion.setDirection(_FORWARD if target == index else _BACKWARD)
        self._motion.start()

    def _length(self, index: int) -> int:
        """Return the milliseconds that the frame before moment `index` takes at the present speed."""
        tape = self._workspace.tape
        usual = REST if tape is None else LENGTHS[type(tape.frames[index - 1])]
        if tape is not None and _broadcasts(tape, tape.frames[index - 1]):
            usual += BROADCAST
        return round(usual / self._workspace.settings.speed)

    def _show_progress(self, progress: float) -> None:
        if self.is_moving:
            self._workspace.move(Motion(self._index, float(progress)))

    def _arrive(self) -> None:
        self._workspace.move(None)
        self._rest_a_while()

    def _rest_a_while(self) -> None:
        """Rest before the next frame, while playing; at the end there is none."""
        if self._is_playing and self._workspace.playhead < self._workspace.length:
            self._rest.start(round(REST / self._workspace.settings.speed))
        else:
            self._set_playing(False)


def _broadcasts(tape: Tape, frame: Frame) -> bool:
    """Say whether a frame copies an input along axes, or adds up what was copied."""
    match frame:
        case Compute(node=node, value=value):
            run = tape.at(0).run
            step = run.paths.steps[node]
            return bool(stretched_axes(step, [run.values[source].shape for source in step.sources], value.shape))
        case Send(axes=axes):
            return bool(axes)
        case _:
            return False
