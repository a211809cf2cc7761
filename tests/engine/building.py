"""Documents for the tests of the engine, made in one expression."""

import numpy as np

from gradviz.graph import Computation, Document, Leaf, Node, Port, Tensor, add_leaf, add_node, add_target
from gradviz.ops import get


def build(leaves, nodes, targets=None):
    """Return a document: leaves by name (`value` or `(value, role)`), nodes by name (`(op, *sources)`, params last)."""
    document = Document()
    for name, given in leaves.items():
        value, role = given if isinstance(given, tuple) else (given, "variable")
        document = add_leaf(document, name, np.asarray(value), role)
    for name, (op, *sources) in nodes.items():
        params = sources.pop() if sources and isinstance(sources[-1], dict) else {}
        slots = len(sources) if get(op).variadic else None
        document = add_node(document, name, op, params, sources, slots=slots)
    for target, seed in (targets or {}).items():
        document = add_target(document, target, seed if seed is None or not isinstance(seed, list) else tensor(seed))
    return document


def tensor(value, dtype=float):
    return Tensor(np.array(value, dtype))


def chain(ops, length, value=0.5):
    """Return a document whose nodes `n000000`, … each take the one before; made at once, because it may be long."""
    nodes = {"x": Leaf("variable", tensor(value))}
    wires = {}
    latest = "x"
    for i in range(length):
        name = f"n{i:06d}"
        nodes[name] = Node(ops[i % len(ops)], {}, 0)
        wires[Port(name, "x")] = latest
        latest = name
    return Document(Computation(nodes, wires, {latest: None}))


def told(tape):
    """Return the frames of a tape in short: what happens, and where."""
    return [_short(frame) for frame in tape.frames]


def _short(frame):
    kind = type(frame).__name__
    match kind:
        case "Compute" | "Settle":
            return f"{kind} {frame.node}"
        case "Seed":
            return f"{kind} {frame.target}"
    return f"{kind} {frame.source} < {frame.port.node}.{frame.port.name}"


def end(tape):
    """Return the last moment of a tape."""
    return tape.at(len(tape.frames))
