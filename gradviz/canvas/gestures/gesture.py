"""What every gesture has: it moves, ends or is cancelled, and draws what it is about to do."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from gradviz.graph import NodeId, Port
from gradviz.picture import Geometry, Theme
from gradviz.workspace import Workspace


class Pointer(NamedTuple):
    """Where the pointer is: `at` in picture coordinates, `pixel` in pixels of the viewport; and the keys held down."""

    at: QPointF
    pixel: QPointF
    modifiers: Qt.KeyboardModifier

    @property
    def adds(self) -> bool:
        """Whether what is met is to be selected beside what is selected already."""
        return bool(self.modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))


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

    @property
    def area(self) -> QRectF:
        """What is in view, in picture coordinates."""

    def pan_by(self, dx: int, dy: int) -> None:
        """Move the view by screen pixels."""

    def lift(self, nodes: frozenset[NodeId]) -> None:
        """Take nodes out of the still picture."""

    def put_down(self) -> None:
        """Show all nodes in the still picture again."""

    def paint_carried(self, painter: QPainter, shift: QPointF) -> None:
        """Draw the lifted nodes away from where they were."""

    def quick_add(self, at: QPointF | None = None, source: NodeId | None = None, port: Port | None = None) -> None:
        """Ask for something to add at a place, to be wired from `source` or into `port`."""


class Gesture:
    """One continuous action of the mouse; the base does nothing, so that each gesture says only what it does.

    A press begins it. Once the pointer has left the place of the press, `move` follows it and `release` ends it; where
    it never does, `click` ends it. `cancel` ends it as if it had never begun.
    """

    cursor = Qt.CursorShape.ArrowCursor
    pans_at_edges = True

    def __init__(self, surface: Surface) -> None:
        """Begin on `surface`."""
        self.surface = surface

    def move(self, pointer: Pointer) -> None:
        """Follow the pointer."""

    def release(self, pointer: Pointer) -> None:
        """End where the pointer is."""

    def click(self, pointer: Pointer) -> None:
        """End where it began."""

    def cancel(self) -> None:
        """End as if the gesture had never begun."""

    def paint(self, painter: QPainter) -> None:
        """Draw what is under way, in picture coordinates, over everything else."""
