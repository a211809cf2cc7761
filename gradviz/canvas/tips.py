"""What the pointer is told when it rests: ports with their shapes, wires with what they carry, full values."""

from __future__ import annotations

import numpy as np

from gradviz.canvas.picking import Hit
from gradviz.engine import Blocked, Send, weave
from gradviz.errors import GradvizError
from gradviz.graph import Array, Leaf, NodeId, Port, op_of, ports_of
from gradviz.picture import show_shape
from gradviz.workspace import Spot, Workspace, frame_of, tensor_of

MOST_LINES = 12
"""A tensor of more lines is cut short."""

MOST_TERMS = 5
"""Terms that are told of a sum."""


def tip_of(workspace: Workspace, hit: Hit) -> str:
    """Return what is told of a port, a node or a wire; nothing of the ground."""
    if hit.node is not None and hit.slot is not None:
        return port_tip(workspace, hit.node, hit.slot)
    if hit.node is not None:
        return node_tip(workspace, hit.node)
    return "" if hit.wire is None else wire_tip(workspace, hit.wire)


def cell_tip(workspace: Workspace, spot: Spot) -> str:
    """Return the number of a cell with all its digits, and how it is put together."""
    moment, told = workspace.moment, cell_in_words(workspace, spot)
    frame = None if moment is None or workspace.is_stale else frame_of(moment, spot)
    if moment is None or frame is None:
        return told
    try:
        found = weave(moment.run, frame, spot.cell, raw=spot.kind == "raw")
    except GradvizError:  # a rule that fails on these values explains no number; the problems tell why it fails
        return told
    worked = "" if found is None else found.text(MOST_TERMS)
    return f"{told}\n= {worked.rpartition(' = ')[0]}" if " = " in worked else told


def cell_in_words(workspace: Workspace, spot: Spot) -> str:
    """Return which cell somebody points at, and its number with all its digits; "" where it is not there."""
    moment = workspace.present_moment
    tensor = None if moment is None else tensor_of(moment, spot)
    if tensor is None:
        return ""
    cell = f"[{', '.join(map(str, spot.cell))}]" if spot.cell else ""
    kind = spot.kind if spot.port is None else f"sent back from {spot.port.name}"
    return f"{spot.node}{cell}: {kind} {tensor[spot.cell]}"


def node_tip(workspace: Workspace, node: NodeId) -> str:
    """Return what a node is and what is wrong with it, its full value and gradient, and its note."""
    document, moment = workspace.document, workspace.moment
    found = document.nodes[node]
    lines = [f"{node}: {found.role}" if isinstance(found, Leaf) else f"{node}: {found.op} — {op_of(found).doc}"]
    lines += _problems(workspace, node)
    shape, dtype = workspace.report.shapes.get(node), workspace.report.dtypes.get(node)
    if shape is not None:
        lines.append(f"{show_shape(shape)}, {dtype}")
    value = _value(workspace, node)
    if value is not None:
        lines.append(f"value {_full(value)}")
    if moment is not None:
        gradient = moment.gradient(node)
        full = gradient.state if gradient.array is None else _full(gradient.array)
        lines.append(f"gradient {full}" + (f" ({gradient.reason})" if gradient.reason else ""))
    if node in document.notes:
        lines.append(document.notes[node])
    return "\n".join(lines)


def _problems(workspace: Workspace, node: NodeId) -> list[str]:
    """Return the sentences about a node, those of its run among them."""
    tape = workspace.tape
    of_run = () if tape is None or workspace.is_stale else tape.problems
    return [problem.sentence for problem in (*workspace.report.problems, *of_run) if problem.node == node]


def _value(workspace: Workspace, node: NodeId) -> Array | None:
    """Return the value of a node at this moment; that of a leaf is always there, and after its update the new one."""
    found, moment = workspace.document.nodes[node], workspace.moment
    value = None if moment is None else moment.values.get(node)
    return found.value if isinstance(found, Leaf) and (value is None or workspace.is_stale) else value


def port_tip(workspace: Workspace, node: NodeId, slot: int) -> str:
    """Return a port's name and the shape of what is wired to it; slot -1 is the output."""
    document, shapes = workspace.document, workspace.report.shapes
    if slot < 0:
        shape = shapes.get(node)
        return f"result of {node}" + ("" if shape is None else f": {show_shape(shape)}")
    names = ports_of(document.nodes[node])
    if slot >= len(names):
        return f"{node}: one more input"
    source = document.wires.get(Port(node, names[slot]))
    if source is None:
        return f"{node}.{names[slot]}: open"
    shape = shapes.get(source)
    return f"{node}.{names[slot]} ← {source}" + ("" if shape is None else f": {show_shape(shape)}")


def wire_tip(workspace: Workspace, port: Port) -> str:
    """Return what a wire joins and carries, in both directions."""
    source = workspace.document.wires[port]
    lines = [f"{source} → {port.node}.{port.name}"]
    moment, value = workspace.moment, _value(workspace, source)
    if value is not None:
        lines.append(f"value {_full(value)}")
    sent = moment.sent(port) if moment is not None and not workspace.is_stale else None
    match sent:
        case Send():
            lines.append(f"sent back {_full(sent.share)}")
        case Blocked():
            lines.append(sent.reason)
    return "\n".join(lines)


def _full(array: Array) -> str:
    """Return an array as text with all its digits, cut after some lines."""
    text = np.array2string(np.asarray(array), separator=", ", threshold=400, floatmode="unique")
    lines = text.splitlines() or ["[]"]
    shown = "\n".join(lines[:MOST_LINES]) + ("\n…" if len(lines) > MOST_LINES else "")
    return ("\n" if len(lines) > 1 else "") + shown
