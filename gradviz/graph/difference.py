"""What changed between two documents, as far as a recorded run cares: nothing, one name, or more."""

from __future__ import annotations

from itertools import starmap

from gradviz.graph.model import Document, Leaf, NodeId, Port
from gradviz.graph.plan import Plan, Step, plan_for
from gradviz.graph.seeds import are_same_seeds
from gradviz.graph.tensors import are_same_bits
from gradviz.ops import Op


def renaming(before: Document, after: Document) -> tuple[NodeId, NodeId] | None:
    """Return the old and the new name where one node was renamed and nothing else that computes changed."""
    if before.computation is after.computation or len(before.nodes) != len(after.nodes):
        return None
    old = before.nodes.keys() - after.nodes.keys()
    new = after.nodes.keys() - before.nodes.keys()
    if len(old) != 1 or len(new) != 1:
        return None
    pair = old.pop(), new.pop()
    return pair if _is_same_but_for(pair, before, after) else None


def _is_same_but_for(pair: tuple[NodeId, NodeId], before: Document, after: Document) -> bool:
    names = dict([pair])
    nodes = {names.get(name, name): node for name, node in before.nodes.items()}
    if any(after.nodes[name] is not node for name, node in nodes.items()):
        return False
    wires = {
        Port(names.get(port.node, port.node), port.name): names.get(source, source)
        for port, source in before.wires.items()
    }
    targets = {names.get(name, name): seed for name, seed in before.targets.items()}
    return wires == after.wires and targets == after.targets


def computes_alike(before: Document, after: Document) -> bool:
    """Tell whether a run of the one document is a run of the other: same leaves, same steps, same targets.

    Places, notes, nodes that cannot compute yet and the order in which nodes were made do not matter.
    """
    if before.computation is after.computation:
        return True
    a, b = plan_for(before), plan_for(after)
    return _are_same_leaves(a, b) and _are_same_steps(a, b) and _are_same_targets(a, b)


def _are_same_leaves(a: Plan, b: Plan) -> bool:
    return a.leaves.keys() == b.leaves.keys() and all(
        _are_same_leaf(leaf, b.leaves[name]) for name, leaf in a.leaves.items()
    )


def _are_same_leaf(a: Leaf, b: Leaf) -> bool:
    return a is b or (a.role == b.role and are_same_bits(a.value, b.value))


def _are_same_steps(a: Plan, b: Plan) -> bool:
    return len(a.steps) == len(b.steps) and all(starmap(_is_same_step, zip(a.steps, b.steps, strict=True)))


def _is_same_step(a: Step, b: Step) -> bool:
    wired_alike = a.node == b.node and a.op is b.op and a.ports == b.ports and a.sources == b.sources
    return wired_alike and (a.params is b.params or _shown(a) == _shown(b))


def _shown(step: Step) -> str:
    """Return the params of a step as text, in which 1 and 1.0 differ."""
    op: Op = step.op
    return repr(op.write_params(step.params))


def _are_same_targets(a: Plan, b: Plan) -> bool:
    return a.targets.keys() == b.targets.keys() and all(
        are_same_seeds(seed, b.targets[name]) for name, seed in a.targets.items()
    )
