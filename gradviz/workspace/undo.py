"""The one undo step of the program: it holds the document before and after, whatever the edit was."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

from PySide6.QtGui import QUndoCommand, QUndoStack

from gradviz.graph import Document


class Edit(QUndoCommand):
    """Replaces the whole document; steps of one gesture become one, and none where it ends as it began."""

    def __init__(
        self, label: str, before: Document, after: Document, gesture: str, show: Callable[[Document], None]
    ) -> None:
        """Remember both documents; the method `show` puts one on screen, an empty `gesture` never merges."""
        super().__init__(label)
        # Not held: whoever shows holds the history that holds this, and Qt may crash on a ring that Python breaks.
        self._show = WeakMethod(show)
        self.before, self.after, self.gesture = before, after, gesture

    def undo(self) -> None:
        """Show the document as it was before."""
        self._put(self.before)

    def redo(self) -> None:
        """Show the document as it is after."""
        self._put(self.after)

    def _put(self, document: Document) -> None:
        show = self._show()
        if show is not None:
            show(document)

    def id(self) -> int:
        """Let Qt try to merge steps that belong to a gesture."""
        return 1 if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over the end of a later step of the same gesture."""
        if not isinstance(other, Edit) or other.gesture != self.gesture:
            return False
        self.after = other.after
        self.setObsolete(self.after is self.before)
        return True


def or_first(after: Document, history: QUndoStack, gesture: str) -> Document:
    """Return the document with which a gesture began, where `after` shows the same again; else `after`.

    So a gesture that ends where it began leaves the very document that was there, and no step.
    """
    latest = history.command(history.index() - 1) if history.index() else None
    if not gesture or not isinstance(latest, Edit) or latest.gesture != gesture or history.isClean():
        return after
    return latest.before if _is_same(latest.before, after) else after


def _is_same(before: Document, after: Document) -> bool:
    """Tell whether two documents show the same, so that a step between them would do nothing."""
    return before is after or (
        before.computation is after.computation
        and before.places == after.places
        and before.notes == after.notes
        and (before.title, before.note) == (after.title, after.note)
    )
