"""Sameness by identity, for things whose equality is costly or says something else, such as arrays."""

from __future__ import annotations


class Same:
    """Something that equals only itself; keeping this keeps it alive, so that no other takes its identity."""

    __slots__ = ("_thing",)

    def __init__(self, thing: object) -> None:
        self._thing = thing

    def __eq__(self, other: object) -> bool:
        """Say whether both stand for the very same object."""
        return isinstance(other, Same) and self._thing is other._thing

    def __hash__(self) -> int:
        """Return the identity."""
        return id(self._thing)
