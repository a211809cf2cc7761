"""The workspace: what is open now, and the only place that knows it.

Views get the workspace in their constructor, read it, listen to its signals, and keep nothing that it knows. A
setter that changes nothing announces nothing.

After an edit the shapes are right at once (`report`), and a new run is recorded in the background. Where the old
sweep was on screen it stays, stale, with the new values, until the next step or play takes the new run
(`take_fresh`); otherwise the new run is taken as soon as it is there. Renaming, and edits that change nothing that was
run, make nothing stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from gradviz.engine import Caution, Moment, Standing, Tape
from gradviz.errors import GradvizError
from gradviz.formats import load, save
from gradviz.graph import Document, NodeId, Port, Report, check
from gradviz.workspace.jobs import Jobs
from gradviz.workspace.recording import Recording, record
from gradviz.workspace.runs import Runs
from gradviz.workspace.settings import Settings
from gradviz.workspace.undo import Edit, or_first


@dataclass(frozen=True)
class Motion:
    """How far the frame that leads to moment `index` has come: 0 not begun, 1 done."""

    index: int
    progress: float


class Workspace(QObject):
    """Holds the document, its run, the playhead, the selection and the history, and announces their changes.

    `document_changed` brings the document before and after; `document_opened` follows where it is another one. `told`
    brings a sentence for the person; `refused` the same, where a file could not be opened or saved.
    """

    document_opened = Signal()
    document_changed = Signal(object, object)
    tape_changed = Signal()
    run_failed = Signal()
    playhead_moved = Signal()
    motion_moved = Signal()
    selection_changed = Signal()
    file_changed = Signal()
    theme_changed = Signal()
    told = Signal(str)
    refused = Signal(str)
    reveal_wanted = Signal(str)

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        """Start with an empty document."""
        super().__init__(parent)
        self.settings = settings or Settings(parent=self)
        self.jobs = Jobs(self)
        self.history = QUndoStack(self)
        self._document = Document()
        self._runs = Runs(self._document)
        self._path: Path | None = None
        self._playhead = 0
        self._standing: Standing | None = None
        self._motion: Motion | None = None
        self._selection: frozenset[NodeId] = frozenset()
        self._selected_wires: frozenset[Port] = frozenset()
        self._gestures = count(1)
        self.history.cleanChanged.connect(self.file_changed)

    # What is open

    @property
    def document(self) -> Document:
        """The document that is open."""
        return self._document

    @property
    def report(self) -> Report:
        """Shapes, dtypes and problems of the document as it is now; of training, with as many rows as its step sees."""
        shown = self._runs.shown
        sees_rows = self._document.training is not None and bool(self._document.training.data)
        if sees_rows and shown is not None and not self.is_stale:
            return shown.tape.plan.report
        return check(self._document.computation)

    @property
    def path(self) -> Path | None:
        """The file that the document came from or was saved to."""
        return self._path

    @property
    def name(self) -> str:
        """What the title bar calls the document."""
        return self._path.name if self._path else self._document.title or self.tr("Untitled")

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that no file holds."""
        return not self.history.isClean()

    def show_document(self, document: Document, path: Path | None = None) -> None:
        """Open `document` in place of the present one, with an empty history."""
        for key in ("run", "open"):
            self.jobs.cancel(key)
        before, self._document, self._path = self._document, document, path
        self._runs = Runs(document)
        self.history.clear()
        self.select(())
        self.seek(0)
        self.document_changed.emit(before, document)
        self.tape_changed.emit()
        self.file_changed.emit()
        self.document_opened.emit()
        self._record()

    def open(self, path: Path) -> None:
        """Open the file at `path` in the background; a file that can't be read is told, and nothing changes."""
        waiting, file = self._document, path.absolute()

        def show(document: Document) -> None:
            if self._document is waiting:
                self.show_document(document, file)
                self.settings.remember_file(file)
            else:
                sentence = self.tr("{name} was not opened, because the graph was edited meanwhile: open it again")
                self.told.emit(sentence.format(name=file.name))

        def refuse(error: GradvizError) -> None:
            self.settings.forget_file(file)
            self._refuse(str(error) if file.name in str(error) else f"{file.name}: {error}")

        self.jobs.run("open", _loaded, file, done=show, failed=refuse)

    def save(self, path: Path) -> bool:
        """Save the document to `path`; False, and a sentence, where that fails."""
        try:
            save(self._document, path)
        except GradvizError as error:
            self._refuse(str(error))
            return False
        self._path = path.absolute()
        self.history.setClean()
        self.settings.remember_file(path)
        self.file_changed.emit()
        return True

    def close(self) -> None:
        """Stop all work in the background, and forget the history."""
        self.jobs.close()
        self.history.clear()  # Python may sweep steps up before their stack, on which Qt crashes

    # Edits

    def edit(self, label: str, change: Callable[..., Document], *args: Any, gesture: str = "", **options: Any) -> bool:
        """Apply one of graph's edits to the document, so that it can be undone.

        Steps with the same `gesture` become one. Returns False, and tells why, where the edit is refused.
        """
        try:
            self.apply(label, change, *args, gesture=gesture, **options)
        except GradvizError as error:
            self._tell(error)
            return False
        return True

    def apply(self, label: str, change: Callable[..., Document], *args: Any, gesture: str = "", **options: Any) -> None:
        """Apply an edit as `edit` does, but raise the `GradvizError` of a refusal to the caller, who shows it."""
        after = or_first(change(self._document, *args, **options), self.history, gesture)
        if after is not self._document:
            self.history.push(Edit(label, self._document, after, gesture, self._show))

    def gesture_name(self, kind: str) -> str:
        """Return a name for one press of the mouse or a key: edits that share it become one step of undo."""
        return f"{kind} {next(self._gestures)}"

    def _show(self, document: Document) -> None:
        before, self._document = self._document, document
        if before is document:
            return
        computes_anew = document.computation is not before.computation
        renamed = self._runs.follow(document)
        if computes_anew:
            self.jobs.cancel("run")
        self._keep_selection(renamed)
        self.document_changed.emit(before, document)
        if not computes_anew:
            if before.training != document.training:
                self._record()
            return
        if self._runs.is_stale or self._runs.shown is None:
            self.seek(self._playhead)
        self.tape_changed.emit()
        if self._runs.needs_recording:
            self._record()

    # The run

    @property
    def tape(self) -> Tape | None:
        """The run on screen, which may be stale; None until the first one is recorded."""
        return self._runs.shown.tape if self._runs.shown else None

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What to look at in the run on screen; nothing of a stale one."""
        return () if self._runs.shown is None or self.is_stale else self._runs.shown.cautions

    @property
    def is_stale(self) -> bool:
        """Whether the document has been edited since the run on screen was recorded."""
        return self._runs.is_stale

    @property
    def length(self) -> int:
        """The number of frames of the run on screen, which is the last moment of the slider."""
        return self._runs.length

    @property
    def playhead(self) -> int:
        """The moment that the person stands on: after so many frames."""
        return self._playhead

    @property
    def moment(self) -> Moment | None:
        """How everything stands at the playhead."""
        return self._runs.moment(self._playhead)

    @property
    def present_moment(self) -> Moment | None:
        """The moment at the playhead of a run of the present document; None where the run on screen is stale."""
        return None if self.is_stale else self.moment

    @property
    def motion(self) -> Motion | None:
        """The frame that is under way, or None while everything rests."""
        return self._motion

    @property
    def still(self) -> Moment | None:
        """What is drawn under the motion: the moment before the frame that is under way, else the playhead's."""
        return self._runs.moment(self._motion.index - 1) if self._motion else self.moment

    @property
    def moving(self) -> Moment | None:
        """The moment that the frame under way leads to, or None while everything rests."""
        return self._runs.moment(self._motion.index) if self._motion else None

    def seek(self, index: int, motion: Motion | None = None) -> None:
        """Put the playhead at moment `index`, or as near as the run has it; `motion` shows how it gets there."""
        before, self._playhead = self._playhead, max(0, min(index, self.length))
        self.move(motion)
        if self._playhead != before:
            self.playhead_moved.emit()

    def seek_phase(self, direction: int) -> None:
        """Go to the next boundary between phases (start, forward, seed, backward, end) in a direction, 1 or -1."""
        tape = self.tape
        if tape is None:
            return
        stops = sorted({0, *tape.phases.values(), self.length})
        ahead = [stop for stop in stops if (stop - self._playhead) * direction > 0]
        if ahead:
            self.seek(min(ahead, key=lambda stop: abs(stop - self._playhead)))

    def move(self, motion: Motion | None) -> None:
        """Show a frame under way, or (None) let everything rest."""
        if motion != self._motion:
            self._motion = motion
            self.motion_moved.emit()

    def take_fresh(self) -> bool:
        """Show the run of the present document; False where there is none yet (then it is being recorded)."""
        if self._runs.fresh is not None:
            self._take(self._runs.fresh, self._playhead)
        if not self._runs.needs_recording:
            return True
        if not self.jobs.is_running("run"):
            self._record()
        return False

    def set_standing(self, standing: Standing | None) -> None:
        """Say where training stands: runs of a document with these very variables go on from there."""
        self._standing = standing

    def _record(self) -> None:
        """Record the document's run in the background, with the step of training that follows where it is trained."""
        recorded = self._document

        def take(recording: Recording) -> None:
            if self._runs.shown is None or not self._runs.shown.has_begun_backward(self._playhead):
                self._take(recording, recording.forward_end)
            else:
                self._runs.fresh = recording
                self.tape_changed.emit()
            for problem in recording.tape.problems[:1]:
                self.told.emit(problem.sentence)

        if recorded.nodes:
            self.jobs.run("run", record, recorded, self._standing, done=take, failed=self._give_up)
        elif self._runs.shown is not None:
            self._runs = Runs(recorded)
            self.seek(0)
            self.tape_changed.emit()

    def _take(self, recording: Recording, playhead: int) -> None:
        self._runs.show(recording)
        self.seek(playhead)
        self.tape_changed.emit()

    def _give_up(self, error: GradvizError) -> None:
        self._tell(error)
        self.run_failed.emit()

    # Selection

    @property
    def selection(self) -> frozenset[NodeId]:
        """The selected nodes."""
        return self._selection

    @property
    def selected_wires(self) -> frozenset[Port]:
        """The selected wires, each by the port that it enters."""
        return self._selected_wires

    def select(self, nodes: Iterable[NodeId], wires: Iterable[Port] = ()) -> None:
        """Select these nodes and wires, and nothing else; names that there are not are left out."""
        selected = frozenset(each for each in nodes if each in self._document.nodes)
        selected_wires = frozenset(each for each in wires if each in self._document.wires)
        if (selected, selected_wires) != (self._selection, self._selected_wires):
            self._selection, self._selected_wires = selected, selected_wires
            self.selection_changed.emit()

    def _keep_selection(self, renamed: tuple[NodeId, NodeId] | None) -> None:
        """Go on selecting what is still there, be it under a new name."""
        names = dict([renamed]) if renamed else {}
        nodes = [names.get(node, node) for node in self._selection]
        self.select(nodes, [Port(names.get(port.node, port.node), port.name) for port in self._selected_wires])

    def reveal(self, node: NodeId) -> None:
        """Ask whoever shows the graph to bring a node into view."""
        if node in self._document.nodes:
            self.reveal_wanted.emit(node)

    # The look, and what is told

    @property
    def theme_name(self) -> str:
        """The name of the theme that everything is drawn in."""
        return self.settings.theme

    def set_theme(self, name: str) -> None:
        """Draw everything in another theme."""
        before = self.settings.theme
        self.settings.theme = name
        if self.settings.theme != before:
            self.theme_changed.emit()

    def _refuse(self, sentence: str) -> None:
        """Tell of a file that could not be opened or saved: this must not be overlooked."""
        self.told.emit(sentence)
        self.refused.emit(sentence)

    def _tell(self, error: GradvizError) -> None:
        self.told.emit(str(error))


def _loaded(path: Path, cancelled: Callable[[], bool]) -> Document:  # noqa: ARG001 - loading has no frames to count
    return load(path)
