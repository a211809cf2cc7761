"""The workspace: what is open now, and the only place that knows it.

Views get the workspace in their constructor, read it, listen to its signals, and keep nothing that it knows. A
setter that changes nothing announces nothing.

After an edit the shapes are right at once (`report`), and a new run is recorded in the background. Where the old
sweep was on screen it stays, stale, with the new values, until the next step or play takes the new run
(`take_fresh`); otherwise the new run is taken as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from gradviz.engine import Moment, Tape, run
from gradviz.errors import GradvizError
from gradviz.formats import load, save
from gradviz.graph import Computation, Document, NodeId, Port, Report, check, renaming
from gradviz.workspace.jobs import Jobs
from gradviz.workspace.recording import Recording, forward_end
from gradviz.workspace.settings import Settings
from gradviz.workspace.undo import Edit


@dataclass(frozen=True)
class Motion:
    """How far the frame that leads to moment `index` has come: 0 not begun, 1 done."""

    index: int
    progress: float


class Workspace(QObject):
    """Holds the document, its run, the playhead, the selection and the history, and announces their changes."""

    document_changed = Signal(object, object)
    tape_changed = Signal()
    playhead_moved = Signal()
    motion_moved = Signal()
    selection_changed = Signal()
    file_changed = Signal()
    theme_changed = Signal()
    told = Signal(str)
    reveal_wanted = Signal(str)

    def __init__(self, settings: Settings | None = None, parent: QObject | None = None) -> None:
        """Start with an empty document."""
        super().__init__(parent)
        self.settings = settings or Settings(parent=self)
        self.jobs = Jobs(self)
        self.history = QUndoStack(self)
        self._document = Document()
        self._path: Path | None = None
        self._shown: Recording | None = None
        self._fresh: Recording | None = None
        self._playhead = 0
        self._motion: Motion | None = None
        self._selection: frozenset[NodeId] = frozenset()
        self._selected_wires: frozenset[Port] = frozenset()
        self._gestures = count(1)
        self.history.cleanChanged.connect(lambda _clean: self.file_changed.emit())

    # What is open

    @property
    def document(self) -> Document:
        """The document that is open."""
        return self._document

    @property
    def report(self) -> Report:
        """Shapes, dtypes and problems of the document as it is now."""
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
        before, self._document, self._path = self._document, document, path
        self.jobs.cancel("run")
        self._shown = self._fresh = self._motion = None
        self._playhead = 0
        self.history.clear()
        self.select(())
        self.document_changed.emit(before, document)
        self.tape_changed.emit()
        self.file_changed.emit()
        self._record()

    def open(self, path: Path) -> None:
        """Open the file at `path` in the background; a file that can't be read is told, and nothing changes."""

        def show(document: Document) -> None:
            self.show_document(document, path)
            self.settings.remember_file(path)

        self.jobs.run("open", _loaded, path, done=show, failed=self._tell)

    def save(self, path: Path) -> bool:
        """Save the document to `path`; False, and a sentence, where that fails."""
        try:
            save(self._document, path)
        except GradvizError as error:
            self._tell(error)
            return False
        self._path = path
        self.history.setClean()
        self.settings.remember_file(path)
        self.file_changed.emit()
        return True

    def close(self) -> None:
        """Stop all work in the background."""
        self.jobs.close()

    # Edits

    def edit(self, label: str, change: Callable[..., Document], *args: Any, gesture: str = "", **options: Any) -> bool:
        """Apply one of graph's edits to the document, so that it can be undone.

        Returns False, and tells why, where the edit is refused.
        """
        try:
            self.apply(label, change, *args, gesture=gesture, **options)
        except GradvizError as error:
            self._tell(error)
            return False
        return True

    def apply(self, label: str, change: Callable[..., Document], *args: Any, gesture: str = "", **options: Any) -> None:
        """Apply an edit as `edit` does, but raise the `GradvizError` of a refusal to the caller, who shows it."""
        after = change(self._document, *args, **options)
        if after is not self._document:
            self.history.push(Edit(label, self._document, after, gesture, self._show))

    def gesture_name(self, kind: str) -> str:
        """Return a name for one press of the mouse or a key: edits that share it become one step of undo."""
        return f"{kind} {next(self._gestures)}"

    def _show(self, document: Document) -> None:
        before, self._document = self._document, document
        computes_anew = document.computation is not before.computation
        renamed = renaming(before, document) if computes_anew else None
        if renamed:
            self._rename(before.computation, *renamed)
        elif computes_anew:
            self._fresh = None
        names = document.nodes.keys()
        wires = document.wires.keys()
        self._set_selection(self._renamed(self._selection, renamed) & names, self._selected_wires & wires)
        self.document_changed.emit(before, document)
        if computes_anew:
            self.tape_changed.emit()
        if computes_anew and (self._shown is None or self.is_stale) and self._fresh is None:
            self._record()

    def _rename(self, before: Computation, old: NodeId, new: NodeId) -> None:
        """Rewrite the runs under the new name, so that renaming makes nothing stale."""
        after = self._document.computation
        self._shown = self._shown and self._shown.renamed(before, after, old, new)
        self._fresh = self._fresh and self._fresh.renamed(before, after, old, new)

    @staticmethod
    def _renamed(names: frozenset[NodeId], renamed: tuple[NodeId, NodeId] | None) -> frozenset[NodeId]:
        if renamed is None or renamed[0] not in names:
            return names
        return names - {renamed[0]} | {renamed[1]}

    # The run

    @property
    def tape(self) -> Tape | None:
        """The run on screen, which may be stale; None until the first one is recorded."""
        return self._shown.tape if self._shown else None

    @property
    def is_stale(self) -> bool:
        """Whether the document has been edited since the run on screen was recorded."""
        return self._shown is not None and self._shown.computation is not self._document.computation

    @property
    def length(self) -> int:
        """The number of frames of the run on screen, which is the last moment of the slider."""
        return len(self._shown.tape.frames) if self._shown else 0

    @property
    def playhead(self) -> int:
        """The moment that the person stands on: after so many frames."""
        return self._playhead

    @property
    def moment(self) -> Moment | None:
        """How everything stands at the playhead."""
        return self._at(self._playhead)

    @property
    def motion(self) -> Motion | None:
        """The frame that is under way, or None while everything rests."""
        return self._motion

    @property
    def still(self) -> Moment | None:
        """What is drawn under the motion: the moment before the frame that is under way, else the playhead's."""
        return self._at(self._motion.index - 1) if self._motion else self.moment

    @property
    def moving(self) -> Moment | None:
        """The moment that the frame under way leads to, or None while everything rests."""
        return self._at(self._motion.index) if self._motion else None

    def seek(self, index: int) -> None:
        """Put the playhead at moment `index`, or as near as the run has it; motion ends."""
        self.move(None)
        index = max(0, min(index, self.length))
        if index != self._playhead:
            self._playhead = index
            self.playhead_moved.emit()

    def seek_phase(self, direction: int) -> None:
        """Go to the next boundary between phases (start, forward, seed, backward, end) in a direction, 1 or -1."""
        if self._shown is None:
            return
        stops = sorted({0, *self._shown.tape.phases.values(), self.length})
        ahead = [stop for stop in stops if (stop - self._playhead) * direction > 0]
        if ahead:
            self.seek(min(ahead, key=lambda stop: abs(stop - self._playhead)))

    def move(self, motion: Motion | None) -> None:
        """Show a frame under way, or (None) let everything rest."""
        if motion != self._motion:
            self._motion = motion
            self.motion_moved.emit()

    def take_fresh(self) -> bool:
        """Show the new run in place of a stale one; False where there is none yet (it is being recorded)."""
        if not self.is_stale:
            return self._shown is not None
        if self._fresh is None:
            if not self.jobs.is_running("run"):
                self._record()
            return False
        self._take(self._fresh, self._playhead)
        return True

    def _at(self, index: int) -> Moment | None:
        if self._shown is None:
            return None
        moment = self._shown.tape.at(max(0, min(index, self.length)))
        if not self.is_stale:
            return moment
        if self._fresh is not None:
            return moment.with_values(self._fresh.tape.values)
        shapes = self.report.shapes
        return moment.with_values(
            {name: value for name, value in moment.values.items() if shapes.get(name) == value.shape}
        )

    def _record(self) -> None:
        """Record the document's run in the background."""
        computation = self._document.computation

        def take(tape: Tape) -> None:
            self._fresh = Recording(tape, self._document.computation)
            if self._shown is None or not self._shown.has_begun_backward(self._playhead):
                self._take(self._fresh, forward_end(tape))
            else:
                self.tape_changed.emit()

        if computation.nodes:
            self.jobs.run("run", run, self._document, done=take, failed=self._tell)
        else:
            self._shown = self._fresh = None
            self.tape_changed.emit()

    def _take(self, recording: Recording, playhead: int) -> None:
        self._motion = None
        self._shown, self._fresh = recording, None
        self._playhead = min(playhead, self.length)
        self.tape_changed.emit()

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
        """Select these nodes and wires, and nothing else."""
        self._set_selection(
            frozenset(nodes) & self._document.nodes.keys(), frozenset(wires) & self._document.wires.keys()
        )

    def _set_selection(self, nodes: frozenset[NodeId], wires: frozenset[Port]) -> None:
        if (nodes, wires) != (self._selection, self._selected_wires):
            self._selection, self._selected_wires = nodes, wires
            self.selection_changed.emit()

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
        if name != self.settings.theme:
            self.settings.theme = name
            self.theme_changed.emit()

    def _tell(self, error: GradvizError) -> None:
        self.told.emit(str(error))


def _loaded(path: Path, cancelled: Callable[[], bool]) -> Document:  # noqa: ARG001 - loading has no frames to count
    return load(path)
