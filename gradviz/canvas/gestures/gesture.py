"""What every gesture has: it moves, ends or is cancelled, and draws what it is about to do."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from gradviz.graph import NodeId
from gradviz.picture import Geometry, Theme
from gradviz.workspace import Workspace


class Surface(Protocol):
    """What a gesture may know of the canvas that it runs on."""

    @property
    def workspace(self) -> Workspace:
        """What is open."""

    @property
    def geometry_shown(self) -> Geometry:
        """Where everything is, in picture coordinates."""

    @property
    def theme(self) -> Theme:
        """The look."""

    @property
    def pixel(self) -> float:
        """The length of a screen pixel in picture coordinates."""

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the view by screen pixels."""

    def quick_add(self, at: QPointF | None = None, source: NodeId | None = None) -> None:
        """Ask for an operation to add at a place, wired to `source`."""


class Gesture:
    """One continuous action of the mouse; the base does nothing, so that each gesture says only what it does."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, surface: Surface) -> None:
        """Begin on `surface`."""
        self.surface = surface

    def move(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the pointer to `at`, in picture coordinates."""

    def release(self, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """End where the pointer is."""

    def cancel(self) -> None:
        """End as if the gesture had never begun."""

    def paint(self, painter: QPainter) -> None:
        """Draw what is under way, in picture coordinates, over everything else."""
