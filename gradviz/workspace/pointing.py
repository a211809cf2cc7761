"""Pointing at a cell: which cell of which tensor somebody points at, in whatever view, and which cells it comes from.

A view tells `point_at` when the mouse or the keys come to a cell, listens to `changed`, and draws what `cell_of` and
`sources_of` say of the tensors that it shows. So all views light up together, and none knows of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from gradviz.engine import Compute, Link, Moment, Send, links_of
from gradviz.errors import GradvizError
from gradviz.graph import Array, NodeId, Port, is_cell
from gradviz.workspace.workspace import Workspace

Kind = Literal["value", "gradient", "raw"]

_MOST_DEPOSITS = 16


@dataclass(frozen=True)
class Spot:
    """A cell of the value or of the gradient of a node, or (`raw`) of what the rule of its `port` gives."""

    node: NodeId
    kind: Kind
    cell: tuple[int, ...]
    port: Port | None = None


@dataclass(frozen=True, eq=False)
class Pointed:
    """What somebody points at, and where its number comes from: the links of each frame that brought it."""

    spot: Spot
    links: tuple[Link, ...] = ()


class Pointing(QObject):
    """Holds the cell that is pointed at, and announces when it is another one."""

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Point at nothing; what is pointed at is forgotten as soon as it may no longer be there."""
        super().__init__(parent)
        self._workspace = workspace
        self._pointed: Pointed | None = None
        self._lit: Mapping[tuple[NodeId, Kind], Array] = {}
        for signal in (workspace.tape_changed, workspace.playhead_moved):
            signal.connect(self._look_again)

    @property
    def pointed(self) -> Pointed | None:
        """What somebody points at, or None."""
        return self._pointed

    @property
    def lit(self) -> Mapping[tuple[NodeId, Kind], Array]:
        """The tensors that the cell that is pointed at comes from, by node and kind, each with a mask of its cells."""
        return self._lit

    def point_at(self, spot: Spot | None) -> None:
        """Point at a cell, or at nothing; a cell that is not there is nothing."""
        if spot == (self._pointed.spot if self._pointed else None):
            return
        self._pointed = None if spot is None else self._looked_up(spot)
        self._lit = {} if self._pointed is None else _lit(self._pointed)
        self.changed.emit()

    def cell_of(self, node: NodeId, kind: Kind) -> tuple[int, ...] | None:
        """Return the cell of this tensor that is pointed at, or None."""
        spot = self._pointed.spot if self._pointed else None
        return spot.cell if spot is not None and (spot.node, spot.kind) == (node, kind) else None

    def sources_of(self, node: NodeId, kind: Kind) -> Array | None:
        """Return which cells of this tensor the cell that is pointed at comes from, as a mask; None for none."""
        return self._lit.get((node, kind))

    def _look_again(self) -> None:
        if self._pointed is not None:
            spot, self._pointed = self._pointed.spot, None
            self.point_at(spot)
            if self._pointed is None:
                self._lit = {}
                self.changed.emit()

    def _looked_up(self, spot: Spot) -> Pointed | None:
        moment = self._workspace.present_moment
        if moment is None:
            return None
        tensor = tensor_of(moment, spot)
        if tensor is None or not is_cell(spot.cell, tensor.shape):
            return None
        links: list[Link] = []
        for frame in _frames(moment, spot):
            try:
                links += links_of(moment.run, frame, spot.cell, raw=spot.kind == "raw")
            except GradvizError:  # a rule that fails on these values links nothing; the problems tell why it fails
                continue
        return Pointed(spot, tuple(links))


def tensor_of(moment: Moment, spot: Spot) -> Array | None:
    """Return the tensor of a spot at a moment, of a gradient as much as has arrived; None where it is not there."""
    match spot.kind:
        case "value":
            return moment.values.get(spot.node)
        case "gradient":
            return moment.running_total(spot.node)
        case "raw":
            sent = None if spot.port is None else moment.sent(spot.port)
            return sent.raw if isinstance(sent, Send) else None


def frame_of(moment: Moment, spot: Spot) -> Compute | Send | None:
    """Return the one frame that brought the number of a spot; None where none did, or several."""
    frames = tuple(_frames(moment, spot))
    return frames[0] if len(frames) == 1 else None


def _frames(moment: Moment, spot: Spot) -> Iterator[Compute | Send]:
    """Yield the frames that brought the number of a spot: the one that is active alone, where it did."""
    if spot.kind == "value":
        step = moment.run.paths.steps.get(spot.node)
        if step is not None:
            yield Compute(spot.node, moment.run.values[spot.node], ())
        return
    if spot.kind == "raw" and spot.port is not None:
        sent = moment.sent(spot.port)
        if isinstance(sent, Send):
            yield sent
        return
    latest = moment.latest
    if isinstance(latest, Send) and latest.source == spot.node:
        yield latest
    else:
        yield from moment.deposits(spot.node)[:_MOST_DEPOSITS]


def _lit(pointed: Pointed) -> Mapping[tuple[NodeId, Kind], Array]:
    lit: dict[tuple[NodeId, Kind], Array] = {}
    for link in pointed.links:
        key: tuple[NodeId, Kind] = (link.node, "gradient" if link.name == "g" else "value")
        lit[key] = link.cells if key not in lit else np.logical_or(lit[key], link.cells)
    return lit
