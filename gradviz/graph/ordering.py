"""The second step of a layered layout: who stands above whom in each column, so that few wires cross.

The first order is that of a walk from the last nodes back through their ports, top to bottom: a tree has no crossing
then. Barycentre sweeps (Sugiyama, Tagawa and Toda, 1981) and swaps of neighbours better it where there are any.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gradviz.graph.layering import Columns

Ends = list[list[tuple[int, float]]]

_SMALL = 1_500
_SWEEPS = 4
_MORE_SWEEPS = 24


def ordered(columns: Columns, enclosed: int = 0) -> list[list[int]]:
    """Return the vertices and lanes of each column from top to bottom.

    `enclosed` says how many crossings it is worth that no node stands between long wires where they part.
    """
    return _Ordering(columns, enclosed).best()


class _Ordering:
    """An order that is bettered in place; `right` and `left` are the pieces of links between adjacent columns."""

    def __init__(self, columns: Columns, enclosed: int) -> None:
        size = len(columns.of)
        self.is_small = size <= _SMALL
        self.right: Ends = [[] for _ in range(size)]
        self.left: Ends = [[] for _ in range(size)]
        for number, link in enumerate(columns.wiring.links):
            span = columns.of[link.sink] - columns.of[link.source]
            if span > 1 and number not in columns.lanes:
                continue
            path = [link.source, *columns.lanes.get(number, ()), link.sink]
            for a, b in pairwise(path):
                share = link.share if b == link.sink else 0.0
                self.right[a].append((b, share))
                self.left[b].append((a, share))
        self.enclosed = enclosed
        self.bundles = list(_bundles(columns)) if enclosed else [[]] * columns.count
        self.nodes = columns.wiring.size
        self.layers: list[list[int]] = [[] for _ in range(columns.count)]
        for vertex in _walked(self.left, self.right):
            self.layers[columns.of[vertex]].append(vertex)
        self.position = [0] * size
        for layer in self.layers:
            self._number(layer)

    def _number(self, layer: Sequence[int]) -> None:
        for i, vertex in enumerate(layer):
            self.position[vertex] = i

    def best(self) -> list[list[int]]:
        """Return the best order that was found."""
        best, kept = self._cost(), [list(layer) for layer in self.layers]
        idle = 0
        for sweep in range(_MORE_SWEEPS if self.is_small else _SWEEPS):
            if best == 0 or idle == 4:
                break
            self._sweep(to_the_right=sweep % 2 == 0)
            if self.is_small:
                self._swap_neighbours()
            cost = self._cost()
            idle += 1
            if cost < best:
                best, kept, idle = cost, [list(layer) for layer in self.layers], 0
        return kept

    def _sweep(self, *, to_the_right: bool) -> None:
        """Sort each column by the mean height of what its vertices are linked to in the column before."""
        ends, sign = (self.left, -1.0) if to_the_right else (self.right, 1.0)
        position = self.position
        for layer in self.layers if to_the_right else reversed(self.layers):
            keys = {
                vertex: sum(position[other] + sign * share for other, share in ends[vertex]) / len(ends[vertex])
                if ends[vertex]
                else position[vertex]
                for vertex in layer
            }
            layer.sort(key=keys.__getitem__)
            self._number(layer)

    def _cost(self) -> int:
        return sum(map(self._crossings_right_of, self.layers)) + sum(map(self._enclosed, range(len(self.layers))))

    def _enclosed(self, column: int) -> int:
        """Return what the nodes between lanes of one bundle cost: a wire cannot but run under them."""
        cost = 0
        for bundle in self.bundles[column]:
            positions = [self.position[lane] for lane in bundle]
            between = self.layers[column][min(positions) : max(positions)]
            cost += self.enclosed * sum(1 for vertex in between if vertex < self.nodes)
        return cost

    def _crossings_right_of(self, layer: Sequence[int]) -> int:
        """Count the crossings between a column and the next: pairs of links whose ends are the other way round."""
        seen: list[float] = []
        crossings = 0
        for vertex in layer:
            heights = sorted(self.position[other] + share for other, share in self.right[vertex])
            for height in heights:
                crossings += len(seen) - bisect_right(seen, height)
            for height in heights:
                insort(seen, height)
        return crossings

    def _swap_neighbours(self) -> None:
        """Swap vertices that stand next to each other wherever that saves crossings on either side."""
        for column, layer in enumerate(self.layers):
            for i in range(len(layer) - 1):
                a, b = layer[i], layer[i + 1]
                saved = self._saved(self.right, a, b) + self._saved(self.left, a, b) + self._enclosed(column)
                self._swap(layer, i)
                if saved <= self._enclosed(column):
                    self._swap(layer, i)

    def _swap(self, layer: list[int], i: int) -> None:
        layer[i], layer[i + 1] = layer[i + 1], layer[i]
        self.position[layer[i]], self.position[layer[i + 1]] = i, i + 1

    def _saved(self, ends: Ends, a: int, b: int) -> int:
        """Return how many crossings fewer there are on one side where `b` stands above `a` and not below."""
        upper = [self.position[other] + share for other, share in ends[a]]
        lower = [self.position[other] + share for other, share in ends[b]]
        return sum((x > y) - (x < y) for x in upper for y in lower)


def _bundles(columns: Columns) -> Iterator[list[list[int]]]:
    """Yield for each column the lanes that stand next to the node where several long wires part or come together."""
    bundles: dict[tuple[int, int], list[int]] = {}
    for number, lanes in columns.lanes.items():
        link = columns.wiring.links[number]
        bundles.setdefault((columns.of[lanes[0]], link.source), []).append(lanes[0])
        bundles.setdefault((columns.of[lanes[-1]], link.sink), []).append(lanes[-1])
    for column in range(columns.count):
        yield [lanes for (at, _), lanes in bundles.items() if at == column and len(lanes) > 1]


def _walked(left: Ends, right: Ends) -> list[int]:
    """Return all vertices in the order of a walk from the last ones to the left, ports from top to bottom."""
    seen = [False] * len(left)
    found: list[int] = []
    waiting = [vertex for vertex in range(len(left) - 1, -1, -1) if not right[vertex]]
    while waiting:
        vertex = waiting.pop()
        if seen[vertex]:
            continue
        seen[vertex] = True
        found.append(vertex)
        waiting.extend(other for other, _ in sorted(left[vertex], key=lambda end: -end[1]) if not seen[other])
    return found
