"""What a person differentiates: the targets, each with the seed that its sweep starts with."""

from __future__ import annotations

from numpy.typing import ArrayLike

from gradviz.errors import EditRefusedError
from gradviz.graph.check import check
from gradviz.graph.dag import targets_of
from gradviz.graph.model import Document, NodeId, Seed
from gradviz.graph.refusals import refuse_unknown
from gradviz.graph.seeds import are_same_seeds, as_seed, seed_error


def set_target(document: Document, node: NodeId, seed: Seed | ArrayLike = None) -> Document:
    """Return the document with one node as its only target, swept from ones unless another seed is given."""
    refuse_unknown(document, [node])
    start = as_seed(seed)
    if list(document.targets) == [node] and are_same_seeds(document.targets[node], start):
        return document
    return document.changed(targets={node: _fitting(document, node, start)})


def add_target(document: Document, node: NodeId, seed: Seed | ArrayLike = None) -> Document:
    """Return the document with one more target; one that is a target already gets the seed."""
    refuse_unknown(document, [node])
    start = as_seed(seed)
    if node in document.targets and are_same_seeds(document.targets[node], start):
        return document
    return document.changed(targets={**document.targets, node: _fitting(document, node, start)})


def clear_target(document: Document, node: NodeId | None = None) -> Document:
    """Return the document with a node being no target any more, or with no target at all."""
    refuse_unknown(document, [] if node is None else [node])
    left = {} if node is None else {name: seed for name, seed in document.targets.items() if name != node}
    return document if len(left) == len(document.targets) else document.changed(targets=left)


def set_seed(document: Document, node: NodeId, seed: Seed | ArrayLike) -> Document:
    """Return the document with another seed at a target (None: ones).

    The target that is implied where none was chosen becomes the chosen one.
    """
    refuse_unknown(document, [node])
    if node not in targets_of(document.computation):
        raise EditRefusedError('"{node}" is no target, so it has no seed: make it a target first', node=node)
    start = as_seed(seed)
    if are_same_seeds(document.targets.get(node), start):
        return document
    return add_target(document, node, start)


def _fitting(document: Document, node: NodeId, seed: Seed) -> Seed:
    """Return a seed that fits the target's shape, as far as that is known, or refuse."""
    shape = check(document.computation).shapes.get(node)
    error = None if shape is None else seed_error(node, shape, seed)
    if error is not None:
        raise error.told_as(EditRefusedError)
    return seed
