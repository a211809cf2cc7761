"""A layered layout, wires from left to right: who moves where when a person asks to tidy up.

Columns (`layering`), their order (`ordering`) and heights (`levelling`) are found for each connected part by itself;
the parts are stacked. The same document gives the same layout. Sizes are respected, no two nodes overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

import numpy as np

from gradviz.graph.layering import Link, columns_of, wiring_of, with_lanes
from gradviz.graph.levelling import Room, body_of, left_edge, levels, right_edge
from gradviz.graph.model import Document, NodeId, Place, Port
from gradviz.graph.ordering import ordered
from gradviz.graph.passing import cost_of
from gradviz.graph.places import GAP, USUAL_SIZE
from gradviz.graph.ports import ports_of
from gradviz.graph.refusals import refuse_unknown

Size = tuple[float, float]
Places = dict[NodeId, tuple[float, float]]

_LANES_PER_NODE: Final = 2
_LANES_AT_LEAST: Final = 2_000
_PART_GAP: Final = 2 * GAP[1]
_ROW: Final = 1_200.0
_SMALL: Final = 300
"""Up to this many nodes several orders are tried, and the one that keeps most nodes clear of wires is taken."""


def arrange(
    document: Document, sizes: Mapping[NodeId, Size], nodes: Iterable[NodeId] | None = None
) -> Mapping[NodeId, Place]:
    """Return new places for all nodes, or for some of them, to be handed to `move`.

    `sizes` are widths and heights in pixels; a node without one counts as of usual size. The upper left corner of what
    moves stays where it is, further down only where nodes that do not move are in the way.
    """
    chosen = tuple(document.nodes) if nodes is None else tuple(dict.fromkeys(nodes))
    refuse_unknown(document, chosen)
    if not chosen:
        return {}
    sized = {node: sizes.get(node, USUAL_SIZE) for node in document.nodes}
    places = _stacked(document, chosen, sized)
    standing = [document.places[node] for node in chosen if node in document.places]
    left = min((place.x for place in standing), default=0.0)
    top = min((place.y for place in standing), default=0.0)
    moved = {node: Place(round(x + left), round(y + top)) for node, (x, y) in places.items()}
    return _clear_of_others(document, moved, sized)


def _stacked(document: Document, chosen: Sequence[NodeId], sizes: Mapping[NodeId, Size]) -> Places:
    """Return places from (0, 0) on: connected parts below each other, and below them what is wired to nothing."""
    places: Places = {}
    top = 0.0
    parts = list(_parts(document, chosen))
    for part in parts:
        if len(part) > 1:
            inner = _layered(document, part, sizes)
            places.update({node: (x, y + top) for node, (x, y) in inner.items()})
            top = max(places[node][1] + sizes[node][1] for node in part) + _PART_GAP
    widest = max((places[node][0] + sizes[node][0] for node in places), default=0.0)
    alone = [part[0] for part in parts if len(part) == 1]
    places.update(_in_rows(alone, sizes, top, max(widest, _ROW)))
    return places


def _in_rows(nodes: Sequence[NodeId], sizes: Mapping[NodeId, Size], top: float, width: float) -> Places:
    """Return places of nodes that are wired to nothing, in rows of at most this width."""
    places: Places = {}
    x, y, tallest = 0.0, top, 0.0
    for node in nodes:
        w, h = sizes[node]
        if x > 0 and x + w > width:
            x, y, tallest = 0.0, y + tallest + GAP[1], 0.0
        places[node] = (x, y)
        x, tallest = x + w + GAP[0] / 2, max(tallest, h)
    return places


def _parts(document: Document, chosen: Sequence[NodeId]) -> Iterator[list[NodeId]]:
    """Yield the connected parts of the chosen nodes, each in the order in which its nodes were made."""
    around: dict[NodeId, list[NodeId]] = {node: [] for node in chosen}
    for port, source in document.wires.items():
        if port.node in around and source in around:
            around[port.node].append(source)
            around[source].append(port.node)
    part_of: dict[NodeId, int] = {}
    for number, start in enumerate(chosen):
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node not in part_of:
                part_of[node] = number
                waiting.extend(around[node])
    parts: dict[int, list[NodeId]] = {}
    for node in chosen:
        parts.setdefault(part_of[node], []).append(node)
    yield from parts.values()


def _layered(document: Document, part: Sequence[NodeId], sizes: Mapping[NodeId, Size]) -> Places:
    """Return the layered layout of a connected part, with its upper left corner at (0, 0)."""
    wiring = wiring_of(len(part), list(_links(document, part)))
    columns = with_lanes(wiring, columns_of(wiring), max(_LANES_AT_LEAST, _LANES_PER_NODE * len(part)))
    widths, heights = ([sizes[node][axis] for node in part] for axis in (0, 1))
    middles = _middles(columns.of[: len(part)], widths)
    attempts = []
    for enclosed in (0, 2) if len(part) <= _SMALL else (0,):
        room = Room(columns, ordered(columns, enclosed), heights, middles, widths)
        y = levels(room)
        attempts.append((_cost(room, y), y))
    _, y = min(attempts)
    tops = [y[i] + body_of(height) / 2 - height for i, height in enumerate(heights)]
    top = min(tops)
    return {node: (middles[columns.of[i]] - widths[i] / 2, tops[i] - top) for i, node in enumerate(part)}


def _cost(room: Room, y: Sequence[float]) -> tuple[int, float]:
    """Return how many nodes stand on wires, and how steep those are; of large graphs nobody asks that."""
    links, size = room.columns.wiring.links, room.columns.wiring.size
    if size > _SMALL:
        return 0, 0.0
    bodies = [body_of(height) for height in room.heights]
    starts = [(right_edge(room, link.source), y[link.source]) for link in links]
    ends = [(left_edge(room, link.sink), y[link.sink] + link.share * bodies[link.sink]) for link in links]
    own = [(link.source, link.sink) for link in links]
    rects = [
        (left_edge(room, i), y[i] + bodies[i] / 2 - room.heights[i], room.widths[i], room.heights[i])
        for i in range(size)
    ]
    return cost_of(np.array(starts), np.array(ends), np.array(own), np.array(rects))


def _links(document: Document, part: Sequence[NodeId]) -> Iterator[Link]:
    """Yield the wires between nodes of a part, one per pair of nodes: `x * x` is one link."""
    index = {node: i for i, node in enumerate(part)}
    for node, i in index.items():
        ports = ports_of(document.nodes[node])
        shares: dict[int, list[float]] = {}
        for slot, name in enumerate(ports):
            source = index.get(document.wires.get(Port(node, name), ""))
            if source is not None:
                shares.setdefault(source, []).append((slot + 1) / (len(ports) + 1) - 0.5)
        for source, several in shares.items():
            yield Link(source, i, sum(several) / len(several))


def _middles(columns: Sequence[int], widths: Sequence[float]) -> list[float]:
    """Return the x of the middle of each column: as wide as its widest node, a gap apart."""
    widest = [0.0] * (max(columns) + 1)
    for column, width in zip(columns, widths, strict=True):
        widest[column] = max(widest[column], width)
    lefts = accumulate((width + GAP[0] for width in widest[:-1]), initial=0.0)
    return [left + width / 2 for left, width in zip(lefts, widest, strict=True)]


def _clear_of_others(
    document: Document, moved: Mapping[NodeId, Place], sizes: Mapping[NodeId, Size]
) -> Mapping[NodeId, Place]:
    """Return the moved places, all of them as much lower as nodes that do not move ask for."""
    left, right = _span(moved, sizes, 0)
    top, bottom = _span(moved, sizes, 1)
    others = {node: place for node, place in document.places.items() if node not in moved}
    down = 0.0
    in_the_way = (
        (place.y, place.y + sizes[node][1])
        for node, place in others.items()
        if place.x < right + GAP[1] and place.x + sizes[node][0] > left - GAP[1]
    )
    for upper, lower in sorted(in_the_way):
        if upper < bottom + down + GAP[1] and lower > top + down - GAP[1]:
            down = lower + GAP[1] - top
    return {node: Place(place.x, place.y + round(down)) for node, place in moved.items()} if down else moved


def _span(places: Mapping[NodeId, Place], sizes: Mapping[NodeId, Size], axis: int) -> tuple[float, float]:
    """Return where the box around some nodes begins and ends along an axis."""
    return (
        min(place[axis] for place in places.values()),
        max(place[axis] + sizes[node][axis] for node, place in places.items()),
    )
