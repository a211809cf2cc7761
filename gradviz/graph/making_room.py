"""Room for the pieces of an op that is opened: what stands right of it or below moves on, and comes back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from gradviz.graph.arrange import arrange
from gradviz.graph.fragments import extract
from gradviz.graph.model import Document, NodeId, Place
from gradviz.graph.places import USUAL_SIZE, as_place

Sizes = Mapping[NodeId, tuple[float, float]]
Measure = Callable[[Document], Sizes]

_SAME: Final = 2.0
"""Pixels within which two places are one."""


def usual_sizes(document: Document) -> Sizes:
    """Return the usual size for every node, for whoever has measured none."""
    return dict.fromkeys(document.nodes, USUAL_SIZE)


def opened_places(before: Document, opened: Document, node: NodeId, measure: Measure) -> Mapping[NodeId, Place]:
    """Return places for all nodes of a document in which `node` was opened: the pieces from its place on.

    Whatever stood right of the node's middle stands right of all its pieces, what was below stands below: nothing
    overlaps that did not overlap before. Raises `EditRefusedError` where the canvas ends.
    """
    block = [name for name in opened.nodes if name not in before.nodes or name == node]
    corner, sizes = before.places[node], measure(opened)
    inner = arrange(_at_origin(extract(opened, block)), sizes)
    old, new = measure(before)[node], _extent(inner, sizes)
    others = {name: place for name, place in before.places.items() if name != node}
    edge = Place(corner.x + old[0] / 2, corner.y + old[1] / 2)
    by = max(0.0, new[0] - old[0]), max(0.0, new[1] - old[1])
    pieces = {name: as_place((corner.x + place.x, corner.y + place.y)) for name, place in inner.items()}
    return _moved_on(others, edge, by) | pieces


def closed_places(
    before: Document, closed: Document, result: NodeId, gone: Collection[NodeId], measure: Measure
) -> Mapping[NodeId, Place]:
    """Return places for all nodes of a document in which pieces were closed into `result`.

    The others take back the room that the pieces had.
    """
    sizes = measure(before)
    block = {name: before.places[name] for name in (result, *gone)}
    corner = Place(min(place.x for place in block.values()), min(place.y for place in block.values()))
    width, height = _extent(block, sizes)
    new = measure(closed)[result]
    others = {name: place for name, place in closed.places.items() if name != result}
    by = max(0.0, width - corner.x - new[0]), max(0.0, height - corner.y - new[1])
    edge = Place(width - new[0] / 2, height - new[1] / 2)
    return _moved_on(others, edge, (-by[0], -by[1])) | {result: corner}


def stand_alike(a: Document, b: Document) -> bool:
    """Tell whether nodes stand at the same places in two documents, whatever they are called."""
    ours, theirs = (sorted(document.places.values()) for document in (a, b))
    return len(ours) == len(theirs) and all(
        abs(one.x - other.x) < _SAME and abs(one.y - other.y) < _SAME for one, other in zip(ours, theirs, strict=True)
    )


def _moved_on(places: Mapping[NodeId, Place], edge: Place, by: tuple[float, float]) -> dict[NodeId, Place]:
    """Return places with those from an edge on moved, along each axis by itself."""
    return {
        name: as_place((place.x + by[0] * (place.x >= edge.x), place.y + by[1] * (place.y >= edge.y)))
        for name, place in places.items()
    }


def _extent(places: Mapping[NodeId, Place], sizes: Sizes) -> tuple[float, float]:
    """Return the x and y at which the cards of some nodes end."""
    return (
        max(place.x + sizes[name][0] for name, place in places.items()),
        max(place.y + sizes[name][1] for name, place in places.items()),
    )


def _at_origin(document: Document) -> Document:
    return replace(document, places=dict.fromkeys(document.nodes, Place(0.0, 0.0)))
