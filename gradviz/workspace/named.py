"""Object names, by which tests and scripts find what is on screen."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject

Named = TypeVar("Named", bound=QObject)


def named(thing: Named, name: str) -> Named:
    """Give an object its name, and return it."""
    thing.setObjectName(name)
    return thing
