"""Stepping and playing: moves the playhead frame by frame, and lets each frame happen in a motion of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, QVariantAnimation, Signal

from gradviz.engine import Blocked, Compute, Frame, Seed, Send, Settle
from gradviz.workspace.workspace import Motion, Workspace

REST = 600
"""Milliseconds of rest between two frames while playing, at speed 1."""

LENGTHS: dict[type[Frame], int] = {Compute: 450, Seed: 450, Settle: 350, Send: 1800, Blocked: 450}
"""Milliseconds of each frame's motion at speed 1; a `Send` has four stops of 450."""


class Player(QObject):
    """Plays the run of a workspace in both directions."""

    playing_changed = Signal(bool)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Stand still."""
        super().__init__(parent)
        self._workspace = workspace
        self._is_playing = False
        self._waiting: Callable[[], None] | None = None
        self._index = 0
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self._show_progress)
        self._motion.finished.connect(self._arrive)
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._play_on)
        workspace.tape_changed.connect(self._meet_run)

    @property
    def is_playing(self) -> bool:
        """Whether frame follows frame without being asked."""
        return self._is_playing

    def toggle(self) -> None:
        """Play, or pause."""
        if self._is_playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Play from the playhead to the end, or from the start where it stands at the end."""
        self._set_playing(True)
        self._when_fresh(self._begin)

    def _begin(self) -> None:
        if self._workspace.playhead >= self._workspace.length and self._workspace.motion is None:
            self._workspace.seek(0)
        self._play_on()

    def pause(self) -> None:
        """Stop after the frame that is under way."""
        self._rest.stop()
        self._waiting = None
        self._set_playing(False)

    def step_forward(self) -> None:
        """Let the next frame happen; a frame that is under way is finished first."""
        self.pause()
        self._when_fresh(lambda: self._step(1))

    def step_back(self) -> None:
        """Let the last frame un-happen; a frame that is under way is finished first."""
        self.pause()
        self._when_fresh(lambda: self._step(-1))

    def seek(self, index: int) -> None:
        """Go to a moment at once, without motion."""
        self.pause()
        self._motion.stop()
        self._when_fresh(lambda: self._workspace.seek(index))

    def seek_phase(self, direction: int) -> None:
        """Go to the next phase (1) or the one before (-1) at once."""
        self.pause()
        self._motion.stop()
        self._when_fresh(lambda: self._workspace.seek_phase(direction))

    def stop(self) -> None:
        """End all motion, for a window that closes."""
        self.pause()
        self._motion.stop()
        self._workspace.move(None)

    def _set_playing(self, is_playing: bool) -> None:
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            self.playing_changed.emit(is_playing)

    def _meet_run(self) -> None:
        """Go on with a run that play waited for; stop motion that belongs to a run that is gone."""
        self._motion.stop()
        self._workspace.move(None)
        if self._waiting is not None:
            self._when_fresh(self._waiting)
        elif self._workspace.is_stale:
            self.pause()

    def _when_fresh(self, action: Callable[[], None]) -> None:
        """Do something on a run of the present document, as soon as there is one."""
        self._waiting = None
        if self._workspace.take_fresh():
            action()
        else:
            self._waiting = action

    def _play_on(self) -> None:
        if not self._is_playing:
            return
        if self._workspace.playhead >= self._workspace.length:
            self._set_playing(False)
            return
        self._step(1)

    def _step(self, direction: int) -> None:
        self._motion.stop()
        before = self._workspace.playhead
        self._workspace.seek(before + direction)
        if self._workspace.playhead == before:
            return
        if self._workspace.settings.reduced_motion:
            self._rest_a_while()
            return
        self._start_motion(direction)

    def _start_motion(self, direction: int) -> None:
        """Animate the frame between the playhead and the moment that it came from."""
        index = max(self._workspace.playhead, self._workspace.playhead - direction)
        tape = self._workspace.tape
        if tape is None:
            return
        self._index = index
        self._motion.setDuration(int(LENGTHS[type(tape.frames[index - 1])] / self._workspace.settings.speed))
        forwards = QVariantAnimation.Direction.Forward
        self._motion.setDirection(forwards if direction > 0 else QVariantAnimation.Direction.Backward)
        self._motion.start()

    def _show_progress(self, progress: float) -> None:
        if self._motion.state() == QVariantAnimation.State.Running:
            self._workspace.move(Motion(self._index, float(progress)))

    def _arrive(self) -> None:
        self._workspace.move(None)
        self._rest_a_while()

    def _rest_a_while(self) -> None:
        if self._is_playing:
            self._rest.start(int(REST / self._workspace.settings.speed))
