"""A compiled run that keeps everything: what each port sent, and every total, are the buffers of the wires themselves.

Nothing is copied and no frame is made: whoever asks for a value, a contribution or a total gets the array that the run
computed with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradviz.engine.arrays import as_arrays, frozen
from gradviz.engine.binding import Bound, bind
from gradviz.engine.paths import paths_of
from gradviz.engine.straight import straighten
from gradviz.graph import NodeId, Plan, Port
from gradviz.ops import Array


@dataclass(frozen=True, eq=False)
class Recording:
    """A compiled run, with all that a recorded run has in its frames, read-only.

    An array is looked up, and made read-only, when it is asked for.
    """

    _places: _Places
    _found: Sequence[Any]

    def value(self, node: NodeId) -> Array:
        """Return the value of a node."""
        return frozen(self._found[self._places.values[node]])

    def sent(self, port: Port) -> tuple[Array, Array] | None:
        """Return what the rule of a port gave, and that with broadcasting undone; None where nothing is sent."""
        places = self._places.sent.get(port)
        return None if places is None else (frozen(self._found[places[0]]), frozen(self._found[places[1]]))

    def totals(self, nodes: Iterable[NodeId]) -> dict[NodeId, Array]:
        """Return the settled gradients of those nodes that have one: of many, quicker than one by one."""
        places = self._places.totals
        reached = [node for node in nodes if node in places]
        return dict(zip(reached, as_arrays([self._found[places[node]] for node in reached]), strict=True))

    def total(self, node: NodeId) -> Array | None:
        """Return the settled gradient of a node; None where no path leads to it."""
        place = self._places.totals.get(node)
        return None if place is None else frozen(self._found[place])


@dataclass(frozen=True, eq=False)
class _Places:
    """Where everything stands among the results of the function."""

    values: Mapping[NodeId, int]
    sent: Mapping[Port, tuple[int, int]]
    totals: Mapping[NodeId, int]


@dataclass(frozen=True, eq=False)
class Recorder:
    """A plan as a function that gives recordings."""

    bound: Bound
    places: _Places

    def recording(self, found: Sequence[Any]) -> Recording:
        """Return what a run has found, by node and by port."""
        return Recording(self.places, found)


def recorder_of(plan: Plan) -> Recorder:
    """Return a plan as a function that gives recordings; raises a `GradvizError` where a rule refuses its shapes."""
    nodes = [*plan.leaves, *(step.node for step in plan.steps)]
    closed = paths_of(plan).closed
    straight = straighten(plan, [node for node in nodes if node not in closed], nodes)
    lines = [*straight.values.values(), *straight.totals.values()]
    lines += [line for sent in straight.sent for line in (sent.raw, sent.share)]
    wanted = list(dict.fromkeys(lines))
    place = {line: index for index, line in enumerate(wanted)}
    places = _Places(
        {node: place[line] for node, line in straight.values.items()},
        {sent.port: (place[sent.raw], place[sent.share]) for sent in straight.sent},
        {node: place[line] for node, line in straight.totals.items()},
    )
    return Recorder(bind(straight, plan, wanted), places)
