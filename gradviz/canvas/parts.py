"""The parts of a picture that are drawn again over what is marked: found once for each picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from gradviz.graph import NodeId, Port
from gradviz.picture import Box, Curve, Item, Picture


class Parts:
    """The lines of wires, what lies on them, and the badge of the active step."""

    def __init__(self, picture: Picture, active_colour: str) -> None:
        """Find the parts of `picture`, whose active step is in a colour of its own."""
        self._picture, self._active_colour = picture, active_colour

    def path(self, wire: Port) -> QPainterPath | None:
        """Return the line along which values flow in a wire; None where there is no such wire."""
        for item in self._by_wire.get(wire, ()):
            if isinstance(item, Curve) and item.bent and not item.dash:
                start, first, second, end = (QPointF(x, y) for x, y in item.shaft)
                path = QPainterPath(start)
                path.cubicTo(first, second, end)
                return path
        return None

    def labels(self, wires: Collection[Port]) -> Picture:
        """Return what lies on some wires."""
        items = (item for wire in wires for item in self._by_wire.get(wire, ()) if not isinstance(item, Curve))
        return replace(self._picture, items=tuple(items))

    def badge(self, nodes: Collection[NodeId]) -> Picture:
        """Return the number of the active step, where it stands at one of some nodes."""
        return replace(self._picture, items=self._badge if self._picture.active in nodes else ())

    @cached_property
    def _by_wire(self) -> dict[Port, list[Item]]:
        found: dict[Port, list[Item]] = defaultdict(list)
        for item in self._picture.items:
            if item.port is not None:
                found[item.port].append(item)
        return found

    @cached_property
    def _badge(self) -> tuple[Item, ...]:
        """The disc on the card of the active node, and what comes after: its number."""
        items = [item for item in self._picture.items if item.node == self._picture.active]
        for index in range(len(items) - 1, -1, -1):
            item = items[index]
            if isinstance(item, Box) and item.fill == self._active_colour:
                return tuple(items[index:])
        return ()
