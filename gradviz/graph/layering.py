"""The first step of a layered layout: in which column each vertex stands, and which wires pass whole columns.

Vertices are numbers from 0; a `Link` is a wire between two of them. Wires run to the right: a vertex stands right of
all that it depends on (longest path), and no further left than its use asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """A wire from one vertex into another; `share` tells the port: −0.5 top … 0.5 bottom of the sink's side."""

    source: int
    sink: int
    share: float


@dataclass(frozen=True, eq=False)
class Wiring:
    """Who is linked to whom: `links`, and for each vertex the numbers of the links that enter and leave it."""

    links: tuple[Link, ...]
    entering: tuple[tuple[int, ...], ...]
    leaving: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """How many vertices there are."""
        return len(self.entering)


def wiring_of(count: int, links: Sequence[Link]) -> Wiring:
    """Return the wiring of `count` vertices; links that enter a vertex are listed from its top to its bottom."""
    entering: list[list[int]] = [[] for _ in range(count)]
    leaving: list[list[int]] = [[] for _ in range(count)]
    for number, link in enumerate(links):
        entering[link.sink].append(number)
        leaving[link.source].append(number)
    for numbers in entering:
        numbers.sort(key=lambda number: links[number].share)
    return Wiring(tuple(links), tuple(map(tuple, entering)), tuple(map(tuple, leaving)))


def sources_first(wiring: Wiring) -> list[int]:
    """Return all vertices so that links lead from earlier to later ones."""
    missing = [len(links) for links in wiring.entering]
    found = [vertex for vertex in range(wiring.size) if not missing[vertex]]
    for vertex in found:
        for number in wiring.leaving[vertex]:
            sink = wiring.links[number].sink
            missing[sink] -= 1
            if not missing[sink]:
                found.append(sink)
    return found


def columns_of(wiring: Wiring) -> list[int]:
    """Return the column of each vertex, from 0.

    Every vertex first goes as far left as it can. Then those go as far right as they can that have more links to the
    right than to the left. Sources (leaves that hold a parameter) do not count: they follow, to stand by their use.
    """
    path = sources_first(wiring)
    columns = [0] * wiring.size
    for vertex in path:
        for number in wiring.leaving[vertex]:
            sink = wiring.links[number].sink
            columns[sink] = max(columns[sink], columns[vertex] + 1)
    for vertex in reversed(path):
        sinks = {wiring.links[number].sink for number in wiring.leaving[vertex]}
        sources = {wiring.links[number].source for number in wiring.entering[vertex]}
        held = sum(1 for source in sources if wiring.entering[source])
        if held < len(sinks):
            columns[vertex] = min(columns[sink] for sink in sinks) - 1
    first = min(columns, default=0)
    return [column - first for column in columns]


@dataclass(frozen=True, eq=False)
class Columns:
    """A layered graph: `of` vertex its column, and the lanes that long links take through the columns they pass.

    Lanes are vertices too, numbered after the others: those of link `n` are `lanes[n]`, from left to right. Links that
    would need too many lanes have none.
    """

    wiring: Wiring
    of: tuple[int, ...]
    lanes: dict[int, range]

    @property
    def count(self) -> int:
        """How many columns there are."""
        return max(self.of, default=-1) + 1


def with_lanes(wiring: Wiring, columns: Sequence[int], most_lanes: int) -> Columns:
    """Return the columns with a lane wherever a link passes one; short links get theirs first, up to `most_lanes`."""
    spans = [columns[link.sink] - columns[link.source] for link in wiring.links]
    of = list(columns)
    lanes = {}
    for number in sorted((number for number, span in enumerate(spans) if span > 1), key=lambda number: spans[number]):
        if len(of) - wiring.size + spans[number] - 1 > most_lanes:
            break
        lanes[number] = range(len(of), len(of) + spans[number] - 1)
        first = columns[wiring.links[number].source] + 1
        of.extend(range(first, first + spans[number] - 1))
    return Columns(wiring, tuple(of), lanes)
