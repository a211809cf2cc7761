"""The third step of a layered layout: how high each vertex stands, so that wires are level and free.

Each column is a row of boxes that keep their order and their distance; every box has a height at which it would like
to stand. The least-squares answer is isotonic regression, by pool-adjacent-violators (Ayer et al., 1955). Sweeps to the
right and to the left ask it for each column in turn.

A wire is drawn as one curve from node to node, so a long wire must find its way free: lanes want to lie on that curve
and outweigh all nodes. The end of a long wire follows that wire rather than its short ones, and what lies between gives
way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from gradviz.graph.layering import Columns

NODE_GAP: Final = 36.0
_LANE: Final = 20.0
_LANE_GAP: Final = 12.0
_BODY: Final = 0.75
"""The share of a node's height over which its ports are spread."""

_LANE_WEIGHT: Final = 1e8
_LEVEL_WEIGHT: Final = 1e4
_IDLE_WEIGHT: Final = 1e-2
_ROUNDS: Final = 4


@dataclass(frozen=True, eq=False)
class Room:
    """What heights are worked out for: the columns, their order, the boxes' heights and the columns' middles."""

    columns: Columns
    layers: Sequence[Sequence[int]]
    heights: Sequence[float]
    middles: Sequence[float]
    widths: Sequence[float]


def levels(room: Room) -> list[float]:
    """Return the height of the middle of every vertex and lane; y grows downwards."""
    return _Levelling(room).run()


def partners(columns: Columns) -> tuple[list[int], list[int]]:
    """Return for each vertex which one to its left, and which one to its right, it stands level with; −1 for none.

    Long wires come first, then what lies on the longest path, then upper ports: so the main chain is one straight line.
    """
    wiring, of = columns.wiring, columns.of
    left, right = [-1] * wiring.size, [-1] * wiring.size
    ahead = _longest_ahead(columns)
    is_long = {number: number in columns.lanes for number in range(len(wiring.links))}
    bound_left = {link.sink for number, link in enumerate(wiring.links) if is_long[number]}
    bound_right = {link.source for number, link in enumerate(wiring.links) if is_long[number]}

    def rank(number: int) -> tuple[int, int, bool, float, int]:
        link = wiring.links[number]
        return (
            of[link.source] - of[link.sink],
            -(of[link.source] + ahead[link.sink]),
            not wiring.entering[link.source],
            link.share,
            number,
        )

    for number in sorted(range(len(wiring.links)), key=rank):
        source, sink, _ = wiring.links[number]
        is_free = left[sink] < 0 and right[source] < 0
        if is_free and (is_long[number] or (sink not in bound_left and source not in bound_right)):
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


class _Levelling:
    """Heights that sweeps better in place."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.wiring = room.columns.wiring
        self.left, self.right = partners(room.columns)
        self.y = [0.0] * len(room.columns.of)
        self.distances = [list(self._distances(layer)) for layer in room.layers]
        for layer, distances in zip(room.layers, self.distances, strict=True):
            for vertex, distance in zip(layer, np.cumsum([0.0, *distances]).tolist(), strict=False):
                self.y[vertex] = distance
        self.ends = room.columns.link_of_lane
        self.along = _along(room)
        self.pulls = (self._pulls(self.wiring.entering), self._pulls(self.wiring.leaving))

    def _distances(self, layer: Sequence[int]) -> Iterator[float]:
        """Yield how far apart the middles of neighbours in a column must be."""
        size = self.wiring.size
        for a, b in pairwise(layer):
            heights = (self.room.heights[v] if v < size else _LANE for v in (a, b))
            yield sum(heights) / 2 + (NODE_GAP if a < size and b < size else _LANE_GAP)

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
        return self.room.heights[vertex] * _BODY

    def run(self) -> list[float]:
        """Sweep to and fro, at last with an eye to both sides."""
        count = len(self.room.layers)
        for _ in range(_ROUNDS):
            self._sweep(range(1, count), (0,))
            self._sweep(range(count - 2, -1, -1), (1,))
        self._sweep(range(count), (0, 1))
        self._sweep(range(count - 1, -1, -1), (0, 1))
        return self.y

    def _sweep(self, indices: range, sides: tuple[int, ...]) -> None:
        for index in indices:
            layer = self.room.layers[index]
            wanted = [
                self._wanted(vertex, sides) if vertex < self.wiring.size else self._wanted_lane(vertex, sides)
                for vertex in layer
            ]
            for vertex, height in zip(layer, spread(wanted, self.distances[index]), strict=True):
                self.y[vertex] = height

    def _wanted(self, vertex: int, sides: tuple[int, ...]) -> tuple[float, float]:
        """Return the height at which a vertex would like to stand, and how much."""
        level = [self.y[partner] for side in sides if (partner := (self.left, self.right)[side][vertex]) >= 0]
        if level:
            return sum(level) / len(level), _LEVEL_WEIGHT
        pulls = [self.y[other] + lower for side in sides for other, lower in self.pulls[side][vertex]]
        return (sum(pulls) / len(pulls), 1.0) if pulls else (self.y[vertex], _IDLE_WEIGHT)

    def _wanted_lane(self, lane: int, sides: tuple[int, ...]) -> tuple[float, float]:
        """Return where the curve of the lane's wire passes its column."""
        source, sink, share = self.wiring.links[self.ends[lane]]
        start, end = self.y[source], self.y[sink] + share * self._body(sink)
        if self.right[source] == sink and len(sides) == 1:
            start, end = (start, start) if sides == (0,) else (end, end)
        return start + (end - start) * self.along[lane], _LANE_WEIGHT


def _along(room: Room) -> dict[int, float]:
    """Return for each lane how much of its wire's fall lies left of the middle of its column, from 0 to 1.

    A wire is a cubic with level handles of half its run, at most 150 pixels. Its x is monotonic: bisection finds where
    it passes.
    """
    lanes = [(lane, number) for number, lanes in room.columns.lanes.items() for lane in lanes]
    if not lanes:
        return {}
    links = [room.columns.wiring.links[number] for _, number in lanes]
    start = np.array([_right_edge(room, link.source) for link in links])
    end = np.array([_left_edge(room, link.sink) for link in links])
    x = np.array([room.middles[room.columns.of[lane]] for lane, _ in lanes])
    reach = np.clip(0.5 * (end - start), 28.0, 150.0)
    low, high = np.zeros_like(x), np.ones_like(x)
    for _ in range(20):
        t = (low + high) / 2
        at = (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * (start + reach) + 3 * t**2 * (1 - t) * (end - reach)
        is_left = at + t**3 * end < x
        low, high = np.where(is_left, t, low), np.where(is_left, high, t)
    shares = (3 * low**2 * (1 - low) + low**3).tolist()
    return {lane: share for (lane, _), share in zip(lanes, shares, strict=True)}


def _right_edge(room: Room, vertex: int) -> float:
    return room.middles[room.columns.of[vertex]] + room.widths[vertex] / 2


def _left_edge(room: Room, vertex: int) -> float:
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
