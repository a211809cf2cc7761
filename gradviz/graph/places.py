"""Where nodes stand: a free place for a new one, and moving the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Final

from gradviz.errors import EditRefusedError
from gradviz.graph.limits import LIMITS
from gradviz.graph.model import Document, NodeId, Place
from gradviz.graph.refusals import refuse_unknown
from gradviz.ops import Shape, told_name

USUAL_SIZE: Final = (200.0, 160.0)
"""Width and height of a node whose drawing nobody has measured yet."""
GAP: Final = (130.0, 44.0)
"""Room between nodes: to the right, for what wires carry (a shape, a contribution), and below."""

_FIGURES: Final = 62.0
_ROW: Final = 48.0
_LETTER: Final = 7.5
_MOST_COLUMNS: Final = 6
_MOST_ROWS: Final = 4
_MOST_LETTERS: Final = 25


def likely_size(name: NodeId, shape: Shape | None) -> tuple[float, float]:
    """Return the width and height that a node may well need, for whoever cannot measure its drawing.

    Up to a few rows the numbers of a tensor stand on the card, twice: value and gradient. None is a shape not known.
    """
    title = 160.0 + _LETTER * min(len(told_name(name)), _MOST_LETTERS)
    if shape is None or len(shape) == 0:
        return max(USUAL_SIZE[0], title), USUAL_SIZE[1]
    rows = shape[-2] if len(shape) > 1 else 1
    numbers = 24.0 + _FIGURES * shape[-1] if shape[-1] <= _MOST_COLUMNS else 0.0
    return max(USUAL_SIZE[0] + 30.0, numbers, title), USUAL_SIZE[1] + _ROW * (min(rows, _MOST_ROWS) - 1)


def as_place(place: tuple[float, float]) -> Place:
    """Return a pair of coordinates as a place; raises `EditRefusedError` where a node could not be drawn."""
    x, y = (float(coordinate) for coordinate in place)
    if not (isfinite(x) and isfinite(y) and max(abs(x), abs(y)) <= LIMITS.distance):
        raise EditRefusedError("there is no place ({x:g}, {y:g}) on the canvas", x=x, y=y)
    return Place(x, y)


def free_place(document: Document, sources: Sequence[NodeId | None] = ()) -> Place:
    """Return a place where no node stands: right of the sources at their height, or below the nodes at the left."""
    beside = [document.places[source] for source in sources if source is not None and source in document.places]
    if beside:
        x = max(place.x for place in beside) + USUAL_SIZE[0] + GAP[0]
        return _first_free(document, x, sum(place.y for place in beside) / len(beside))
    return _first_free(document, min((place.x for place in document.places.values()), default=0.0), 0.0)


def _first_free(document: Document, x: float, y: float) -> Place:
    column, row = USUAL_SIZE[0] + GAP[0], USUAL_SIZE[1] + GAP[1]
    taken = sorted(place.y for place in document.places.values() if abs(place.x - x) < column)
    for other in taken[bisect_left(taken, y - row) :]:
        if other >= y + row:
            break
        y = max(y, other + row) if other > y - row else y
    return Place(x, y)


def move(document: Document, places: Mapping[NodeId, tuple[float, float]]) -> Document:
    """Return the document with some nodes at new places."""
    refuse_unknown(document, places)
    moved = {node: as_place(place) for node, place in places.items()}
    if all(document.places.get(node) == place for node, place in moved.items()):
        return document
    return replace(document, places={**document.places, **moved})
