"""Training in the background: a practice of the document that is open, which can be paused, resumed and looked back on.

Steps are taken in short stretches by the worker, so that a pause is heeded at once and nothing freezes. What has been
learned goes into the document when a practice rests, as one step of undo; any step that was taken can be put back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from gradviz.engine import History, Iteration, Standing, Trainer, show_number, train
from gradviz.errors import GradvizError
from gradviz.graph import Document, Leaf, set_tensors, set_training, training_of
from gradviz.workspace.workspace import Workspace

STRETCH: Final = 0.1
"""Seconds that the worker goes on before it reports."""

STRETCHES: Final = 50
"""Into how many stretches a run is cut at least: the held-out loss is looked at after each."""

_KEY: Final = "train"


class Practice(QObject):
    """Trains the workspace's document.

    `progressed` follows every stretch of steps; `changed` tells that it began, rests, or was forgotten.
    """

    progressed = Signal()
    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Rest, with nothing trained yet."""
        super().__init__(parent)
        self._workspace = workspace
        self._history: History | None = None
        self._standing: Standing | None = None
        self._put_down: dict[int, Standing] = {}
        self._left = 0
        self._asked = 0
        self._is_running = False
        workspace.document_changed.connect(self._meet_document)

    @property
    def history(self) -> History | None:
        """All steps of the practice of the present document, or None before the first."""
        return self._history

    @property
    def standing(self) -> Standing | None:
        """The step whose variables the document holds, or None where none was taken."""
        return self._standing

    @property
    def is_running(self) -> bool:
        """Whether steps are being taken."""
        return self._is_running

    @property
    def progress(self) -> tuple[int, int]:
        """How many of the steps that were asked for have been taken, and how many were asked for."""
        return self._asked - self._left, self._asked

    def run(self, steps: int | None = None) -> None:
        """Take so many more steps, as many as the document's training says if None; a refusal is told."""
        if self._is_running:
            return
        if self._workspace.document.training is None:
            self._workspace.edit(self.tr("Set up training"), set_training)
        self._left = self._asked = training_of(self._workspace.document).steps if steps is None else steps
        self._is_running = True
        self.changed.emit()
        if self._history is None:
            self._workspace.jobs.run(_KEY, _begun, self._workspace.document, done=self._begin, failed=self._give_up)
            return
        if self._standing is not None:
            self._history.rewind(self._standing)
        self._go_on()

    def pause(self) -> None:
        """Rest; what has been learned so far goes into the document."""
        if self._is_running:
            self._workspace.jobs.cancel(_KEY)
            self._rest()

    def go_to(self, steps: int) -> None:
        """Put the variables as they stood after some of the steps into the document, and show the step that follows."""
        if self._history is not None and not self._is_running:
            standing = self._history.standing(max(0, min(steps, len(self._history))))
            self._put(standing, self.tr("Go to training step {step}").format(step=standing.steps))

    def forget(self) -> None:
        """Stop, and forget all steps; the document stays as it is."""
        self._workspace.jobs.cancel(_KEY)
        was_there = self._is_running or self._history is not None
        self._is_running, self._history, self._standing = False, None, None
        self._put_down.clear()
        self._workspace.set_standing(None)
        if was_there:
            self.changed.emit()

    def _begin(self, begun: tuple[Trainer, _Look]) -> None:
        trainer, look = begun
        self._history = History(trainer)
        self._note(self._history, look)
        self._stand(self._history.latest)
        self._go_on()

    def _go_on(self) -> None:
        history = self._history
        if history is None or not self._left:
            self._rest()
            return
        steps = min(self._left, -(-self._asked // STRETCHES))
        arguments = history.trainer, history.latest, steps
        self._workspace.jobs.run(_KEY, _stretch, *arguments, done=self._take, failed=self._give_up)

    def _take(self, stretch: tuple[list[Iteration], _Look]) -> None:
        history, (iterations, look) = self._history, stretch
        if history is None:
            return
        history.extend(iterations)
        self._left -= len(iterations)
        self._note(history, look)
        self.progressed.emit()
        if history.has_diverged:
            self._left = 0
            self._workspace.told.emit(_told_divergence(history))
        self._go_on()

    def _note(self, history: History, look: _Look) -> None:
        """Note the loss on held-out rows as training stands now, or tell why there is none."""
        if look.loss is not None:
            history.held_out[len(history)] = look.loss
        if look.refusal:
            self._workspace.told.emit(look.refusal)

    def _rest(self) -> None:
        self._is_running = False
        history = self._history
        if history is not None and len(history):
            self._put(history.latest, self.tr("Train {count} steps").format(count=self._asked - self._left))
        self.changed.emit()

    def _give_up(self, error: GradvizError) -> None:
        self._left = 0
        self._workspace.told.emit(str(error))
        self._rest()

    def _put(self, standing: Standing, label: str) -> None:
        """Put a standing's variables into the document, so that its next run goes on from there."""
        self._stand(standing)
        self._workspace.edit(label, set_tensors, standing.variables)

    def _stand(self, standing: Standing) -> None:
        self._standing = standing
        self._put_down[standing.steps] = standing
        self._workspace.set_standing(standing)

    def _meet_document(self, _before: Document, after: Document) -> None:
        """Go on with a document that holds the variables of one of the steps, by undo, say; forget any other's."""
        history = self._history
        if history is None:
            if self._is_running:
                self._stop_short()
            return
        if not _computes_alike(history.trainer, after):
            self._stop_short()
            return
        if self._is_running or (self._standing is not None and self._standing.is_of(after)):
            return
        found = next((standing for standing in self._put_down.values() if standing.is_of(after)), None)
        if found is None:
            self.forget()
        else:
            self._stand(found)
            self.changed.emit()

    def _stop_short(self) -> None:
        was_running = self._is_running
        self.forget()
        if was_running:
            self._workspace.told.emit(self.tr("Training stopped, because the graph was edited"))


class _Look(NamedTuple):
    """The loss on held-out rows, None where there are none, and why it could not be had."""

    loss: float | None
    refusal: str = ""


def _look(trainer: Trainer, standing: Standing) -> _Look:
    try:
        return _Look(trainer.held_out_loss(standing))
    except GradvizError as error:
        return _Look(None, str(error))


def _begun(
    document: Document,
    cancelled: Callable[[], bool],  # noqa: ARG001 - compiling is one step
) -> tuple[Trainer, _Look]:
    trainer = Trainer(document)
    return trainer, _look(trainer, trainer.start())


def _stretch(
    trainer: Trainer, standing: Standing, steps: int, cancelled: Callable[[], bool]
) -> tuple[list[Iteration], _Look]:
    """Take the next steps, and look at the held-out rows after them."""
    iterations = train(trainer, standing, steps, STRETCH, cancelled)
    return iterations, _look(trainer, iterations[-1].after if iterations else standing)


def _computes_alike(trainer: Trainer, document: Document) -> bool:
    """Tell whether a document is what a trainer trains, its variables apart."""
    ours, theirs = trainer.document.computation, document.computation
    if trainer.document.training != document.training or ours.nodes.keys() != theirs.nodes.keys():
        return False
    is_same = (
        isinstance(theirs.nodes[name], Leaf) if name in trainer.variables else theirs.nodes[name] is node
        for name, node in ours.nodes.items()
    )
    return ours.wires == theirs.wires and ours.targets == theirs.targets and all(is_same)


def _told_divergence(history: History) -> str:
    return (
        f"step {len(history)} diverged: its loss is {show_number(history.losses[-1])}; a smaller learning rate may help"
    )
