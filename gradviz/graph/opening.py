"""Opening an op: what is a composition is replaced by its pieces, and pieces by the op that they are.

The last piece has the name of the op, its targets, its seed and what it feeds; the others have fresh names. Other nodes
make room, and come back when the pieces are closed where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from gradviz.errors import EditRefusedError, GradvizError
from gradviz.graph.check import check
from gradviz.graph.compositions import Use, composition_of, use_of
from gradviz.graph.edits import remove, slots_for
from gradviz.graph.making_room import Measure, closed_places, opened_places, stand_alike, usual_sizes
from gradviz.graph.model import Document, Node, NodeId, Port
from gradviz.graph.pieces import Pieces
from gradviz.graph.recognising import Recognised, recognised
from gradviz.graph.refusals import node_at, refuse_too_many, refuse_unknown

_FEWEST: Final = 2
"""Pieces that an op has at least."""


def unfold(document: Document, node: NodeId, measure: Measure = usual_sizes) -> Document:
    """Return the document with the pieces of an op in its place, as its forward rule has them at these shapes.

    The values are the same; the gradients are, but for conventions at single points where a composition has none of
    its own (the square root of a variance of 0). `measure` tells how large cards are.

    Raises `EditRefusedError` for what has no pieces, or none yet.
    """
    use, sources = _openable(document, node)
    pieces = Pieces(document.computation)
    try:
        pieces.read(use.rule, dict(zip(use.ports, sources, strict=True)), name=node)
    except GradvizError as error:
        raise error.at(use.op.name, node).told_as(EditRefusedError) from None
    refuse_too_many(document, len(pieces.nodes) - 1)
    opened = _replaced(document, node, pieces)
    return replace(opened, places=opened_places(document, opened, node, measure))


def _openable(document: Document, node: NodeId) -> tuple[Use, tuple[NodeId, ...]]:
    """Return at what an op is used and what feeds it, or refuse to open it."""
    op, used = node_at(document, node).op, use_of(document, node)
    if used is None:
        template = '{op} "{node}" cannot be opened yet: its pieces depend on shapes, and {why}'
        raise EditRefusedError(template, op=op, node=node, why=_why_without_shape(document, node))
    if composition_of(used[0]) is None:
        raise EditRefusedError('{op} "{node}" is one step: there is nothing in it to open', op=op, node=node)
    return used


def _why_without_shape(document: Document, node: NodeId) -> str:
    problems = [problem.sentence for problem in check(document.computation).problems if problem.node == node]
    told = problems[0] if problems else "what feeds it has none"
    return told.removeprefix(f'{node_at(document, node).op} "{node}": ')


def _replaced(document: Document, node: NodeId, pieces: Pieces) -> Document:
    """Return the document with pieces in place of a node, all of them at its place."""
    nodes = {}
    for name, made in document.nodes.items():
        nodes.update(pieces.nodes if name == node else {name: made})
    wires = {port: source for port, source in document.wires.items() if port.node != node} | pieces.wires
    places = {name: document.places[name if name in document.places else node] for name in nodes}
    return document.changed(nodes=nodes, wires=wires, places=places)


def fold(document: Document, nodes: Iterable[NodeId], measure: Measure = usual_sizes) -> Document:
    """Return the document with one op in place of its pieces, whatever these are called and wherever they stand.

    `nodes` are all the pieces of one op; leaves among them that are none stay. Constants go with the pieces where
    nothing else needs them. The last piece gives the op its name; notes of the others are kept in its note. Where the
    pieces stand as `unfold` has placed them, the other nodes take back the room that they made; else none moves.

    Raises `EditRefusedError` where the nodes are not the pieces of one op, or one of them is needed by itself.
    """
    result, found = _closable(document, nodes)
    gone = [name for name in found.match.pieces if name != result] + _spare(document, found)
    closed = _closed(document, result, found, gone)
    tight = replace(closed, places=closed_places(document, closed, result, gone, measure))
    return tight if stand_alike(unfold(tight, result, measure), document) else closed


def _closable(document: Document, nodes: Iterable[NodeId]) -> tuple[NodeId, Recognised]:
    """Return the last of some pieces and the op that they make up, or refuse to close them."""
    chosen = tuple(dict.fromkeys(nodes))
    refuse_unknown(document, chosen)
    ops = {node: None for node in chosen if isinstance(document.nodes[node], Node)}.keys()
    if len(ops) < _FEWEST:
        raise EditRefusedError("an op has at least two pieces: select all of them to close them into one op")
    feeding = {source for port, source in document.wires.items() if port.node in ops}
    results = [name for name in ops if name not in feeding]
    near = []
    for result in results[:_FEWEST]:
        for found in recognised(document.computation, result):
            if {*found.match.pieces} == ops:
                _refuse_needed(document, [name for name in ops if name != result], ops)
                return result, found
            near.append(found)
    raise _why_no_op(document, ops, results, near)


def _why_no_op(
    document: Document, ops: Collection[NodeId], results: Sequence[NodeId], near: Sequence[Recognised]
) -> EditRefusedError:
    """Return why nodes make up no op, with what would help: the op that comes closest."""
    for found in near:
        missing = [name for name in found.match.pieces if name not in ops]
        if missing and {*ops} < {*found.match.pieces}:
            template = '"{node}" is a piece of this {op} as well: select it too'
            return EditRefusedError(template, node=missing[0], op=found.op.name)
    if len(results) > 1:
        template = '"{first}" and "{second}" both feed none of the other nodes, but an op has one result'
        return EditRefusedError(template, first=results[0], second=results[1])
    for found in near:
        spare = [name for name in ops if name not in found.match.pieces]
        template = '"{node}" is no piece of the {op} that the others make up: leave it out'
        return EditRefusedError(template, node=spare[0], op=found.op.name)
    (result,) = results
    if result not in check(document.computation).shapes:
        template, why = 'what "{node}" is made of depends on shapes, and {why}', _why_without_shape(document, result)
        return EditRefusedError(template, node=result, why=why)
    template = 'no op of the catalogue is made of these pieces, with {op} "{node}" as the last'
    return EditRefusedError(template, op=node_at(document, result).op, node=result)


def _refuse_needed(document: Document, inner: Collection[NodeId], ops: Collection[NodeId]) -> None:
    """Refuse to hide a node that something else needs."""
    for name in inner:
        if name in document.targets:
            raise EditRefusedError('"{node}" is a target: inside of one op it could not be one', node=name)
    for port, source in document.wires.items():
        if source in inner and port.node not in ops:
            raise EditRefusedError(
                '"{node}" feeds "{other}" too: inside of one op it could not', node=source, other=port.node
            )


def _spare(document: Document, found: Recognised) -> list[NodeId]:
    """Return the constants that nothing but the pieces needs."""
    needed = {source for port, source in document.wires.items() if port.node not in found.match.pieces}
    needed.update(document.targets, found.match.inputs.values())
    return [name for name in found.match.constants if name not in needed]


def _closed(document: Document, result: NodeId, found: Recognised, gone: Collection[NodeId]) -> Document:
    """Return the document with the op as `result`, without the other pieces; no node moves."""
    ports = found.op.ports(len(found.match.inputs))[: len(found.match.inputs)]
    slots = slots_for(found.op, result, len(ports) if found.op.variadic else None, 0)
    wires = {port: source for port, source in document.wires.items() if port.node != result}
    wires |= {Port(result, port): found.match.inputs[port] for port in ports}
    made = Node(found.op.name, found.params, slots)
    closed = remove(document.changed(nodes={**document.nodes, result: made}, wires=wires), gone)
    notes = [document.notes[name] for name in (result, *gone) if name in document.notes]
    return replace(closed, notes=_with_note(closed.notes, result, notes))


def _with_note(notes: Mapping[NodeId, str], node: NodeId, several: Sequence[str]) -> Mapping[NodeId, str]:
    return {**notes, node: "\n".join(several)} if several else notes


def why_not_open(document: Document, node: NodeId) -> str:
    """Return why an op cannot be opened, in a sentence; nothing where it can."""
    return _refusal(_openable, document, node)


def why_not_close(document: Document, nodes: Collection[NodeId]) -> str:
    """Return why nodes cannot be closed into one op, in a sentence; nothing where they can."""
    return _refusal(_closable, document, nodes)


def _refusal(change: Callable[..., object], document: Document, what: object) -> str:
    try:
        change(document, what)
    except GradvizError as error:
        return str(error)
    return ""
