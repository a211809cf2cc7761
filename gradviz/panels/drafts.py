"""What a person is typing: it belongs to one owner, and is handed over, or given up, but never lost or misplaced."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from gradviz.errors import GradvizError

Take = Callable[[str, str], None]
"""Takes an owner (a node's name, "" for the whole document) and what was typed; raises `GradvizError` to refuse."""


class Draft:
    """A text that is typed for one owner.

    `settle` hands it over once: what is refused stays on screen, with the sentence, until it is typed over. While a
    person types, changes elsewhere leave the text alone.
    """

    def __init__(
        self, read: Callable[[], str], write: Callable[[str], None], take: Take, tell: Callable[[str], None]
    ) -> None:
        """Read and write the text of a widget, hand it to `take`, and `tell` why not ("" where all is well)."""
        self._read, self._write, self._take, self._tell = read, write, take, tell
        self._owner: Hashable = None
        self._shown = self._tried = ""

    @property
    def is_pending(self) -> bool:
        """Whether something was typed and not handed over yet."""
        return self._read() not in {self._shown, self._tried}

    def show(self, owner: str, text: str) -> None:
        """Show what holds for an owner; what was typed for another one is handed over first."""
        if owner != self._owner:
            self.settle()
            self._put(owner, text)
        elif self.is_pending:
            self._shown = text
        elif text != self._shown:
            self._put(owner, text)

    def follow(self, old: str, new: str) -> None:
        """Go on typing for an owner that has another name now."""
        if self._owner == old:
            self._owner = new

    def settle(self) -> None:
        """Hand over what was typed, if there is anything."""
        text = self._read()
        if not self.is_pending or not isinstance(self._owner, str):
            if text == self._shown:
                self._tell("")
            return
        self._tried = text
        try:
            self._take(self._owner, text)
        except GradvizError as error:
            self._tell(str(error))
            return
        self._tell("")
        if self._read() == text:
            self._put(self._owner, self._shown)

    def give_up(self) -> None:
        """Show again what holds."""
        self._put(self._owner, self._shown)

    def _put(self, owner: Hashable, text: str) -> None:
        self._owner = owner
        self._shown = self._tried = text
        if self._read() != text:
            self._write(text)
        self._tell("")


def telling(told: Callable[[str], None], take: Take) -> Take:
    """Return `take` that says elsewhere too why it refuses: its own field may be showing another owner by then."""

    def take_or_tell(owner: str, text: str) -> None:
        try:
            take(owner, text)
        except GradvizError as error:
            told(str(error))
            raise

    return take_or_tell
