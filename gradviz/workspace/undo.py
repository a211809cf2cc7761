"""The one undo step of the program: it holds the document before and after, whatever the edit was."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from gradviz.graph import Document


class Edit(QUndoCommand):
    """Replaces the whole document; steps of one gesture become one, and none where it ends as it began."""

    def __init__(
        self, label: str, before: Document, after: Document, gesture: str, show: Callable[[Document], None]
    ) -> None:
        """Remember both documents; `show` puts one of them on screen, an empty `gesture` never merges."""
        super().__init__(label)
        self._before, self._show = before, show
        self.after, self.gesture = after, gesture

    def undo(self) -> None:
        """Show the document as it was before."""
        self._show(self._before)

    def redo(self) -> None:
        """Show the document as it is after."""
        self._show(self.after)

    def id(self) -> int:
        """Let Qt try to merge steps that belong to a gesture."""
        return 1 if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over the end of a later step of the same gesture."""
        if not isinstance(other, Edit) or other.gesture != self.gesture:
            return False
        self.after = other.after
        self.setObsolete(_is_same(self._before, self.after))
        return True


def _is_same(before: Document, after: Document) -> bool:
    """Tell whether two documents show the same, so that a step between them would do nothing."""
    return before is after or (
        before.computation is after.computation
        and before.places == after.places
        and before.notes == after.notes
        and (before.title, before.note) == (after.title, after.note)
    )
