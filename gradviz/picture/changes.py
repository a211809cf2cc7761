"""Which cards and wires may look different in two scenes: stepping through a run needs to look at these alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from gradviz.engine import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.graph import NodeId, Port
from gradviz.picture.geometry import Geometry
from gradviz.picture.states import Scene, active_in


class Changes(NamedTuple):
    """The rows of the geometry in which a card or a wire may look different."""

    cards: frozenset[int]
    wires: frozenset[int]


def changes_between(before: Scene, now: Scene) -> Changes | None:
    """Return what may look different in two scenes; None where everything may."""
    frames = _frames_between(before, now)
    if frames is None:
        return None
    cards, ports, sources = _touched(frames)
    cards |= before.selection ^ now.selection
    sinks: set[NodeId | None] = set()
    for active in (active_in(before), active_in(now)):
        cards.add(active.node)
        ports.add(active.returns_from)
        sinks.add(active.flows_into)
    geometry = now.geometry
    wires = {geometry.wire_index[port] for port in ports if port is not None and port in geometry.wire_index}
    wires.update(
        _wires_at(geometry.sources, _rows(geometry, sources)), _wires_at(geometry.sinks, _rows(geometry, sinks))
    )
    return Changes(frozenset(_rows(geometry, cards)), frozenset(wires))


def _frames_between(before: Scene, now: Scene) -> tuple[Frame, ...] | None:
    """Return the frames that lie between the moments of two scenes of the same graph; None where it is another one."""
    pairs = (
        (before.document, now.document),
        (before.report, now.report),
        (before.geometry, now.geometry),
        (before.labels, now.labels),
    )
    if any(one is not other for one, other in pairs) or before.stale != now.stale:
        return None
    if before.moment is None or now.moment is None:
        return () if before.moment is now.moment else None
    return before.moment.frames_to(now.moment)


def _touched(frames: Iterable[Frame]) -> tuple[set[NodeId | None], set[Port | None], set[NodeId]]:
    """Return the nodes whose cards frames touch, the ports that they send from, and the nodes that get a value."""
    cards: set[NodeId | None] = set()
    ports: set[Port | None] = set()
    valued: set[NodeId] = set()
    for frame in frames:
        match frame:
            case Compute(node=node) | Update(node=node):
                cards.add(node)
                valued.add(node)
            case Seed(target=node) | Settle(node=node) | Clear(node=node):
                cards.add(node)
            case Send(source=node, port=port) | Blocked(source=node, port=port):
                cards.add(node)
                ports.add(port)
    return cards, ports, valued


def _rows(geometry: Geometry, nodes: Iterable[NodeId | None]) -> list[int]:
    return [geometry.index[node] for node in nodes if node is not None and node in geometry.index]


def _wires_at(ends: np.ndarray[tuple[int], np.dtype[np.intp]], rows: list[int]) -> list[int]:
    """Return the wires of which an end is in one of some rows."""
    found: list[int] = np.flatnonzero(np.isin(ends, rows)).tolist() if rows else []
    return found
