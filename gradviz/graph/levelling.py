"""The third step of a layered layout: how high each vertex stands, so that wires are level and free.

Each column is a row of boxes that keep their order and their distance; every box has a height at which it would like
to stand. The least-squares answer is isotonic regression, by pool-adjacent-violators (Ayer et al., 1955). Sweeps to the
right and to the left ask it for each column in turn.

A wire is drawn as one curve from node to node, so a long wire must find its way free: lanes want to lie on that curve
and outweigh all nodes. The end of a long wire follows that wire rather than its short ones, and what lies between gives
way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np

from gradviz.graph.layering import Columns
from gradviz.graph.passing import fall_until
from gradviz.graph.places import GAP

_LANE: Final = 20.0
_LANE_GAP: Final = 12.0
Moved = Literal["all", "chains", "others"]
"""What a sweep moves: everything, only what has a partner to be level with, or only the rest."""

_TITLE: Final = 28.0
"""The upper part of a node, which has no ports: they are spread over the rest, the output in its middle."""

_LANE_WEIGHT: Final = 1e12
_LONG_CHAIN_WEIGHT: Final = 1e10
_CHAIN_WEIGHT: Final = 1e5
_LEAF_WEIGHT: Final = 1e4
_IDLE_WEIGHT: Final = 1e-2
_ROUNDS: Final = 4
_FEWER_ROUNDS: Final = 2
_LARGE: Final = 5_000


@dataclass(frozen=True, eq=False)
class Room:
    """What levels are worked out for: the columns, their order, sizes of the nodes and middles of the columns."""

    columns: Columns
    layers: Sequence[Sequence[int]]
    heights: Sequence[float]
    middles: Sequence[float]
    widths: Sequence[float]


def levels(room: Room) -> list[float]:
    """Return the level of the output of every vertex, and of every lane; y grows downwards."""
    return _Levelling(room).run()


def body_of(height: float) -> float:
    """Return the height of the part of a node that has ports."""
    return max(height - _TITLE, height / 2)


def partners(columns: Columns) -> tuple[list[int], list[int]]:
    """Return for each vertex which one to its left, and which one to its right, it stands level with; −1 for none.

    Long wires come first, then what lies on the longest path, then upper ports: so the main chain is one straight line.
    """
    wiring, of = columns.wiring, columns.of
    left, right = [-1] * wiring.size, [-1] * wiring.size
    ahead = _longest_ahead(columns)
    bound_left = {wiring.links[number].sink for number in columns.lanes}
    bound_right = {wiring.links[number].source for number in columns.lanes}

    def rank(number: int) -> tuple[int, int, bool, float, int]:
        source, sink, share = wiring.links[number]
        return of[source] - of[sink], -of[source] - ahead[sink], not wiring.entering[source], share, number

    for number in sorted(range(len(wiring.links)), key=rank):
        source, sink, _ = wiring.links[number]
        is_long = number in columns.lanes
        is_short = of[sink] - of[source] == 1 and sink not in bound_left and source not in bound_right
        if (is_long or is_short) and left[sink] < 0 and right[source] < 0:
            left[sink], right[source] = source, sink
    return left, right


def _longest_ahead(columns: Columns) -> list[int]:
    """Return how many links lie on the longest path to the right of each vertex."""
    wiring = columns.wiring
    ahead = [0] * wiring.size
    for vertex in sorted(range(wiring.size), key=lambda vertex: -columns.of[vertex]):
        sinks = (wiring.links[number].sink for number in wiring.leaving[vertex])
        ahead[vertex] = max((ahead[sink] + 1 for sink in sinks), default=0)
    return ahead


def chain_weights(columns: Columns, left: Sequence[int], right: Sequence[int]) -> list[float]:
    """Return how much each vertex insists on its partners' level: most in chains with a long wire, least as a leaf."""
    weights = [0.0] * len(left)
    for start in range(len(left)):
        if left[start] >= 0:
            continue
        chain = [start]
        while right[chain[-1]] >= 0:
            chain.append(right[chain[-1]])
        is_long = columns.of[chain[-1]] - columns.of[start] >= len(chain)
        for vertex in chain:
            weights[vertex] = _LONG_CHAIN_WEIGHT if is_long else _CHAIN_WEIGHT * min(len(chain), 1_000)
        if not is_long and not columns.wiring.entering[start]:
            weights[start] = _LEAF_WEIGHT
    return weights


class _Lane(NamedTuple):
    """Where a lane leads: how much lower than its sink's level it ends, and which part of the way it has come."""

    source: int
    sink: int
    lower: float
    along: float
    is_level: bool


class _Levelling:
    """Heights that sweeps better in place."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.wiring = room.columns.wiring
        self.left, self.right = partners(room.columns)
        self.weights = chain_weights(room.columns, self.left, self.right)
        self.nodes = self.wiring.size
        self.lanes = self._lanes()
        self.y = [0.0] * len(room.columns.of)
        self.distances = [list(self._distances(layer)) for layer in room.layers]
        for layer, distances in zip(room.layers, self.distances, strict=True):
            for vertex, distance in zip(layer, np.cumsum([0.0, *distances]).tolist(), strict=False):
                self.y[vertex] = distance
        self.pulls = (self._pulls(self.wiring.entering), self._pulls(self.wiring.leaving))

    def _distances(self, layer: Sequence[int]) -> Iterator[float]:
        """Yield how far apart the levels of neighbours in a column must be."""
        size = self.nodes
        for a, b in pairwise(layer):
            if a >= size and b >= size and self._start_or_end_together(a, b):
                yield 0.0
                continue
            below = self._body(a) / 2 if a < size else _LANE / 2
            above = self.room.heights[b] - self._body(b) / 2 if b < size else _LANE / 2
            yield below + above + (GAP[1] if a < size and b < size else _LANE_GAP)

    def _start_or_end_together(self, a: int, b: int) -> bool:
        """Tell whether the wires of two lanes share an end: they may lie as close as they like."""
        one, other = self.lanes[a], self.lanes[b]
        return one.source == other.source or one.sink == other.sink

    def _lanes(self) -> Mapping[int, _Lane]:
        along = _along(self.room)
        lanes: dict[int, _Lane] = {}
        for number, numbers in self.room.columns.lanes.items():
            source, sink, share = self.wiring.links[number]
            is_level = self.right[source] == sink
            lanes.update(
                (lane, _Lane(source, sink, share * self._body(sink), along[lane], is_level)) for lane in numbers
            )
        return lanes

    def _pulls(self, ends: Sequence[Sequence[int]]) -> list[list[tuple[int, float]]]:
        """Return what each vertex is drawn to on one side, and how much lower: long links only, where it has any."""
        pulls = []
        for vertex, numbers in enumerate(ends):
            bound = [number for number in numbers if number in self.room.columns.lanes] or numbers
            links = [self.wiring.links[number] for number in bound]
            pulls.append(
                [
                    (link.source, -link.share * self._body(link.sink))
                    if link.sink == vertex
                    else (link.sink, link.share * self._body(link.sink))
                    for link in links
                ]
            )
        return pulls

    def _body(self, vertex: int) -> float:
        return body_of(self.room.heights[vertex])

    def run(self) -> list[float]:
        """Sweep to and fro, then with an eye to both sides; at last draw the chains straight and the rest to them."""
        count = len(self.room.layers)
        forth, back = range(1, count), range(count - 2, -1, -1)
        for _ in range(_ROUNDS if len(self.y) < _LARGE else _FEWER_ROUNDS):
            self._sweep(forth, (0,))
            self._sweep(back, (1,))
        self._sweep(range(count), (0, 1))
        self._sweep(range(count - 1, -1, -1), (0, 1))
        for indices, side in ((forth, 0), (back, 1)) * 2:
            self._sweep(indices, (side,), "chains")
        self._sweep(range(count), (0, 1), "others")
        return self.y

    def _sweep(self, indices: range, sides: tuple[int, ...], moved: Moved = "all") -> None:
        for index in indices:
            layer = self.room.layers[index]
            wanted = [self._wanted(vertex, sides, moved) for vertex in layer]
            for vertex, height in zip(layer, spread(wanted, self.distances[index]), strict=True):
                self.y[vertex] = height

    def _wanted(self, vertex: int, sides: tuple[int, ...], moved: Moved) -> tuple[float, float]:
        """Return the level at which a vertex would like to stand, and how much.

        It looks to the given sides: for its partner there, else for what it is wired to. What is not to be moved wants
        to stay.
        """
        if vertex >= self.nodes:
            return self._wanted_lane(vertex, sides), _LANE_WEIGHT
        partners = [partner for side in sides if (partner := (self.left, self.right)[side][vertex]) >= 0]
        if partners:
            level = self.y[vertex] if moved == "others" else sum(self.y[each] for each in partners) / len(partners)
            return level, self.weights[vertex]
        if moved == "chains":
            return self.y[vertex], 1.0
        pulls = [self.y[other] + lower for side in sides for other, lower in self.pulls[side][vertex]]
        return (sum(pulls) / len(pulls), 1.0) if pulls else (self.y[vertex], _IDLE_WEIGHT)

    def _wanted_lane(self, lane: int, sides: tuple[int, ...]) -> float:
        """Return where the curve of the lane's wire passes its column."""
        source, sink, lower, along, is_level = self.lanes[lane]
        start, end = self.y[source], self.y[sink] + lower
        if is_level and len(sides) == 1:
            return end if sides[0] else start
        return start + (end - start) * along


def _along(room: Room) -> dict[int, float]:
    """Return for each lane how much of its wire's fall lies left of the middle of its column, from 0 to 1."""
    lanes = [(lane, number) for number, lanes in room.columns.lanes.items() for lane in lanes]
    links = [room.columns.wiring.links[number] for _, number in lanes]
    start = np.array([right_edge(room, link.source) for link in links])
    end = np.array([left_edge(room, link.sink) for link in links])
    x = np.array([room.middles[room.columns.of[lane]] for lane, _ in lanes])
    return {lane: share for (lane, _), share in zip(lanes, fall_until(x, start, end).tolist(), strict=True)}


def right_edge(room: Room, vertex: int) -> float:
    """Return the x at which the wires of a vertex begin."""
    return room.middles[room.columns.of[vertex]] + room.widths[vertex] / 2


def left_edge(room: Room, vertex: int) -> float:
    """Return the x at which the wires into a vertex end."""
    return room.middles[room.columns.of[vertex]] - room.widths[vertex] / 2


def spread(wanted: Sequence[tuple[float, float]], distances: Sequence[float]) -> list[float]:
    """Return positions in order, at least `distances` apart, with the least weighted squares from the wanted ones.

    `wanted` are position and weight. Pool adjacent violators: without the distances, positions must not decrease;
    neighbours that would are pooled at their weighted mean.
    """
    offsets = [0.0]
    for distance in distances:
        offsets.append(offsets[-1] + distance)
    pools: list[tuple[float, float, int]] = []
    for (position, weight), offset in zip(wanted, offsets, strict=False):
        mean, total, size = position - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, more, count = pools.pop()
            mean = (mean * total + other * more) / (total + more)
            total, size = total + more, size + count
        pools.append((mean, total, size))
    means = [mean for mean, _, size in pools for _ in range(size)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]
