"""What a person differentiates: the targets, each with the seed that its sweep starts with."""

from __future__ import annotations

from gradviz.errors import EditRefusedError
from gradviz.graph.check import check
from gradviz.graph.dag import implied_target
from gradviz.graph.model import Document, NodeId, Seed, Tensor
from gradviz.graph.refusals import refusal, refuse_unknown
from gradviz.graph.seeds import are_same_seeds, seed_error
from gradviz.graph.tensors import as_tensor


def set_target(document: Document, node: NodeId, seed: Seed = None) -> Document:
    """Return the document with one node as its only target, swept from ones unless another seed is given."""
    refuse_unknown(document, [node])
    if list(document.targets) == [node] and are_same_seeds(document.targets[node], seed):
        return document
    return document.changed(targets={node: _fitting(document, node, seed)})


def add_target(document: Document, node: NodeId, seed: Seed = None) -> Document:
    """Return the document with one more target; one that is a target already gets the seed."""
    refuse_unknown(document, [node])
    if node in document.targets and are_same_seeds(document.targets[node], seed):
        return document
    return document.changed(targets={**document.targets, node: _fitting(document, node, seed)})


def clear_target(document: Document, node: NodeId | None = None) -> Document:
    """Return the document with a node being no target any more, or with no target at all."""
    refuse_unknown(document, [] if node is None else [node])
    left = {} if node is None else {name: seed for name, seed in document.targets.items() if name != node}
    return document if len(left) == len(document.targets) else document.changed(targets=left)


def set_seed(document: Document, node: NodeId, seed: Seed) -> Document:
    """Return the document with another seed at a target (None: ones).

    The target that is implied where none was chosen becomes the chosen one.
    """
    refuse_unknown(document, [node])
    is_target = node in document.targets if document.targets else node == implied_target(document.computation)
    if not is_target:
        raise EditRefusedError('"{node}" is no target, so it has no seed: make it a target first', node=node)
    if are_same_seeds(document.targets.get(node), seed):
        return document
    return add_target(document, node, seed)


def _fitting(document: Document, node: NodeId, seed: Seed) -> Seed:
    """Return a seed that fits the target's shape, as far as that is known, or refuse."""
    if isinstance(seed, Tensor):
        seed = as_tensor(seed)
    shape = check(document.computation).shapes.get(node)
    error = None if shape is None else seed_error(node, shape, seed)
    if error is not None:
        raise refusal(error)
    return seed
