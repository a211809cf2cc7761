"""The gradient as a document: nodes that it needs, and nodes for the sweep, which can be run, shown and swept again.

The gradient of `loss` with respect to `W` is the node `d_loss_d_W`, told as ∂loss/∂W; where several wires bring
contributions, that of the wire to `h` is `d_loss_d_W_via_h`. What the seed of ones only multiplies stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from gradviz.engine.backward import seed_for
from gradviz.engine.naming_gradients import GradientNames
from gradviz.engine.paths import Paths, paths_of
from gradviz.engine.pulling import Pulled, dependants, pull_back
from gradviz.engine.run import Targets
from gradviz.engine.simplifying import simplify
from gradviz.engine.valueless import names_of, refuse_unknown_node, refuse_without_value
from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    Leaf,
    Node,
    NodeId,
    Pieces,
    Plan,
    Port,
    Recipe,
    Seed,
    Tensor,
    build,
    plan_for,
    targets_of,
)


def differentiate(
    document: Document, wrt: NodeId | Iterable[NodeId] | None = None, targets: Targets | None = None
) -> Document:
    """Return the gradient of a document as a document, whose targets are the gradients that are asked for.

    `wrt`: a name or names of leaves or other nodes; None for every variable and input that the sweep reaches.
    `targets`: as in `run`, the document's own by default; with several, the gradient is that of their sum, each
    weighed by its seed. The gradient with respect to `W` has the shape and dtype of `W`.

    Raises `EditRefusedError` for a node that is not there, or to which no path leads, with the reason; the error of the
    first problem where a target cannot be computed.
    """
    asked = targets if targets is None or isinstance(targets, Mapping) else names_of(targets)
    for target in asked or ():
        refuse_unknown_node(document, target)
    plan = plan_for(document, asked)
    _refuse_unswept(document, plan, targets_of(document.computation) if asked is None else asked)
    paths = paths_of(plan)
    chosen = _chosen(document, paths, wrt)
    pieces = Pieces(document.computation, shares=True, simplify=simplify)
    seeds = {target: _seed(pieces, target, seed) for target, seed in plan.targets.items()}
    wanted = dependants(pieces, plan.steps, chosen) - set(paths.closed)
    pulled = pull_back(pieces, plan.steps, seeds, wanted)
    return _written(document, pieces, pulled, seeds, chosen)


def _refuse_unswept(document: Document, plan: Plan, asked: Iterable[NodeId]) -> None:
    """Refuse where a target is not one of the plan: it has no value, or no gradient, and the check says why."""
    for target in asked:
        if target not in plan.targets:
            refuse_without_value(document, plan, target)
            raise next(problem.error for problem in plan.report.problems if problem.node == target and problem.error)
    if not plan.targets:
        raise EditRefusedError("there is no target to differentiate: name one")


def _chosen(document: Document, paths: Paths, wrt: NodeId | Iterable[NodeId] | None) -> tuple[NodeId, ...]:
    """Return the nodes with respect to which the gradient is taken."""
    if wrt is None:
        leaves = (name for name, made in document.nodes.items() if isinstance(made, Leaf))
        reached = tuple(name for name in leaves if paths.reason(name) is None)
        if not reached:
            raise EditRefusedError("no variable or input has a gradient: there is nothing to differentiate by")
        return reached
    names = names_of(wrt)
    if not names:
        raise EditRefusedError("name at least one node to differentiate by")
    for name in names:
        refuse_without_gradient(document, paths, name)
    return names


def refuse_without_gradient(document: Document, paths: Paths, name: NodeId) -> None:
    """Refuse a node that is not there, or that the sweep gives no gradient, with the reason."""
    refuse_unknown_node(document, name)
    reason = paths.reason(name)
    if reason is not None:
        raise EditRefusedError('there is no gradient with respect to "{node}": {why}', node=name, why=reason)


def _seed(pieces: Pieces, target: NodeId, seed: Seed) -> NodeId:
    """Return the leaf of the upstream gradient that a target starts with."""
    shape, dtype = pieces.shapes[target], pieces.dtypes[target]
    if seed is None:
        return pieces.leaf("constant", Tensor(np.broadcast_to(np.ones((), dtype), shape), Recipe("ones")))
    return pieces.leaf("constant", Tensor(seed_for(np.broadcast_to(np.zeros((), dtype), shape), seed)))


def _written(
    document: Document, pieces: Pieces, pulled: Pulled, seeds: Mapping[NodeId, NodeId], chosen: Sequence[NodeId]
) -> Document:
    """Return the document of the gradients that are chosen and of all that they need."""
    live = _needed(pieces, [pulled.totals[node] for node in chosen])
    naming = GradientNames(document, pieces, live)
    names = naming.of_pieces(pulled, seeds)
    nodes: dict[NodeId, Node | Leaf] = {name: made for name, made in document.nodes.items() if name in live}
    nodes |= {names[piece]: made for piece, made in pieces.nodes.items() if piece in live}
    wires: dict[tuple[NodeId, str], NodeId] = {
        port: source for port, source in document.wires.items() if port.node in nodes
    }
    wires |= {
        Port(names[port.node], port.name): names.get(source, source)
        for port, source in pieces.wires.items()
        if port.node in live
    }
    for node in chosen:
        if node not in naming.gradients:
            target = naming.gradients[node] = naming.free(naming.wish(node))
            nodes[target] = Node("identity")
            wires[Port(target, "x")] = names.get(pulled.totals[node], pulled.totals[node])
    notes = {name: note for name, note in document.notes.items() if name in nodes}
    targets = dict.fromkeys(naming.gradients[node] for node in chosen)
    return build(nodes, wires, targets, notes=notes, title=document.title)


def _needed(pieces: Pieces, results: Iterable[NodeId]) -> set[NodeId]:
    """Return all nodes, pieces and others, that some results are made of, the results among them."""
    needed: set[NodeId] = set()
    waiting = list(results)
    while waiting:
        node = waiting.pop()
        if node not in needed:
            needed.add(node)
            waiting += pieces.sources(node)
    return needed
