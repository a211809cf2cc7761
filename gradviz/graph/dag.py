"""The computation as a directed graph: in which order its nodes come, and what depends on what.

networkx holds the graph, finds loops and what depends on what. It is imported when it is first asked, so that the
window opens without it.
Nothing here recurses: a chain of 100,000 nodes is a document like any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from typing import Any, Final
from weakref import ReferenceType

from gradviz.errors import EditRefusedError
from gradviz.graph.model import Computation, NodeId, Port, Seed
from gradviz.graph.ports import ports_of
from gradviz.graph.remembering import once_per_computation

_NAMED: Final = 6
_SORTED: Final[deque[tuple[ReferenceType[Computation], tuple[NodeId, ...]]]] = deque(maxlen=2)
"""What was sorted last, and its order: most edits change what a node holds, and neither names nor wires."""


@once_per_computation
def graph_of(computation: Computation) -> Any:
    """Return the frozen `networkx.MultiDiGraph` of all nodes, with an edge per wire whose key is the port's name."""
    import networkx as nx

    graph = nx.MultiDiGraph()
    graph.add_nodes_from(computation.nodes)
    graph.add_edges_from((source, port.node, port.name) for port, source in computation.wires.items())
    return nx.freeze(graph)


@once_per_computation
def order(computation: Computation) -> tuple[NodeId, ...]:
    """Return all nodes, sources first; of those that could come next, the first by name.

    Raises `EditRefusedError`, naming the nodes, where the wires form a loop: no edit makes one, a file may.
    """
    for reference, names in tuple(_SORTED):
        known = reference()
        if known is not None and _are_wired_alike(known, computation):
            return names
    found = _order(computation)
    _SORTED.append((ReferenceType(computation), found))
    return found


def _are_wired_alike(a: Computation, b: Computation) -> bool:
    return a.nodes.keys() == b.nodes.keys() and a.wires == b.wires


def _order(computation: Computation) -> tuple[NodeId, ...]:
    """Sort by what is ready: a node is, once all that feeds it has come."""
    waiting = dict.fromkeys(computation.nodes, 0)
    fed: dict[NodeId, list[NodeId]] = {}
    for port, source in computation.wires.items():
        waiting[port.node] += 1
        fed.setdefault(source, []).append(port.node)
    ready = [node for node, count in waiting.items() if count == 0]
    heapify(ready)
    found = []
    while ready:
        node = heappop(ready)
        found.append(node)
        for next_node in fed.get(node, ()):
            waiting[next_node] -= 1
            if waiting[next_node] == 0:
                heappush(ready, next_node)
    if len(found) < len(waiting):
        raise _loop_error(computation)
    return tuple(found)


def _loop_error(computation: Computation) -> EditRefusedError:
    import networkx as nx

    loop = [edge[0] for edge in nx.find_cycle(graph_of(computation))]
    names = [*loop[:_NAMED], *(["…"] if len(loop) > _NAMED else []), loop[0]]
    return EditRefusedError("the wires form a loop: {loop}", loop=" → ".join(names))


def sources_of(computation: Computation, node: NodeId) -> tuple[NodeId | None, ...]:
    """Return what feeds each port of a node, in port order; None for an open port."""
    return tuple(computation.wires.get(Port(node, name)) for name in ports_of(computation.nodes[node]))


def upstream(computation: Computation, node: NodeId) -> Iterator[NodeId]:
    """Yield a node and all that it depends on, each once, the node first.

    It walks wires from their ports: of a document that was just edited no graph is needed.
    """
    seen = {node}
    waiting = [node]
    while waiting:
        latest = waiting.pop()
        yield latest
        for source in sources_of(computation, latest):
            if source is not None and source not in seen:
                seen.add(source)
                waiting.append(source)


def reaches(computation: Computation, source: NodeId, node: NodeId) -> bool:
    """Tell whether wires lead from `source` to `node`; every node reaches itself."""
    return any(name == source for name in upstream(computation, node))


def ancestors(computation: Computation, node: NodeId) -> frozenset[NodeId]:
    """Return all nodes that a node depends on, itself not among them."""
    return frozenset(upstream(computation, node)) - {node}


def descendants(computation: Computation, node: NodeId) -> frozenset[NodeId]:
    """Return all nodes that depend on a node, itself not among them."""
    import networkx as nx

    return frozenset(nx.descendants(graph_of(computation), node))


def sinks(computation: Computation) -> tuple[NodeId, ...]:
    """Return the nodes that feed no other, in the order in which they were made."""
    feeding = set(computation.wires.values())
    return tuple(node for node in computation.nodes if node not in feeding)


def targets_of(computation: Computation) -> Mapping[NodeId, Seed]:
    """Return the targets that a run sweeps from, with their seeds: the chosen ones, else the implied one.

    The implied target is the only sink, if there is only one. A node without any wire does not count beside others: a
    leaf that was just put down leaves the target as it is.
    """
    if computation.targets:
        return computation.targets
    ends = sinks(computation)
    wired = {port.node for port in computation.wires}
    candidates = tuple(node for node in ends if node in wired) or ends
    return dict.fromkeys(candidates) if len(candidates) == 1 else {}
