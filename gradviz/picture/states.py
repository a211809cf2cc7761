"""What every card and wire of a picture shows, read off a document and a moment of its run.

After an edit the moment is that of an earlier document: only what still fits, by name, source and shape, is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gradviz.engine import Blocked, Clear, Compute, Gradient, Moment, Seed, Send, Settle, Update
from gradviz.graph import Document, Leaf, NodeId, Port, Report
from gradviz.ops import Array, Shape
from gradviz.picture.captions import Trouble, failures_of, troubles_of
from gradviz.picture.cards import CardState, PortState
from gradviz.picture.geometry import Geometry
from gradviz.picture.labels import Labels
from gradviz.picture.reasons import gradient_line
from gradviz.picture.theme import Theme
from gradviz.picture.wires import WireState

_NOTHING = Gradient("not computed")


@dataclass(frozen=True, eq=False)
class Scene:
    """All that a picture is made from."""

    document: Document
    moment: Moment | None
    report: Report
    geometry: Geometry
    labels: Labels
    selection: frozenset[NodeId] = frozenset()
    stale: bool = False
    active: bool = True


class Active(NamedTuple):
    """What the latest step marks: the node that acts, and the ports where values flow in or a gradient flows back."""

    node: NodeId | None = None
    flows_into: NodeId | None = None
    returns_from: Port | None = None


def active_in(scene: Scene) -> Active:
    """Return what the latest step marks."""
    if scene.moment is None or not scene.active or scene.stale:
        return Active()
    match scene.moment.latest:
        case Compute(node=node):
            return Active(node, flows_into=node)
        case Seed(target=node) | Settle(node=node) | Update(node=node) | Clear(node=node):
            return Active(node)
        case Send(port=port) | Blocked(port=port):
            return Active(port.node, returns_from=port)
        case None:
            return Active()


def card_states(scene: Scene, rows: Iterable[int] | None = None) -> list[CardState]:
    """Return what the cards in some rows of the geometry show, by default those of all nodes, in drawing order."""
    failures = () if scene.stale else failures_of(scene.moment)
    troubles = troubles_of(scene.document.computation, scene.report, failures)
    active = active_in(scene).node
    ids = scene.geometry.ids
    return [
        card_state(scene, row, troubles.get(ids[row]), is_active=ids[row] == active)
        for row in (range(len(ids)) if rows is None else rows)
    ]


def card_state(scene: Scene, row: int, trouble: Trouble | None, *, is_active: bool) -> CardState:
    """Return what the card of the node in a row of the geometry shows."""
    node, moment, layout = scene.geometry.ids[row], scene.moment, scene.geometry.layouts[row]
    x, y = scene.geometry.rects[row, :2].tolist()
    gradient, total, line = _gradient_state(scene, node, layout.shape)
    value = _value(scene, node, layout.shape)
    is_error = trouble is not None and trouble.is_error
    return CardState(
        node,
        x,
        y,
        layout,
        ports=tuple(_port_state(scene, Port(node, name)) for name in layout.ports),
        gradient=gradient,
        value=value,
        total=total,
        line=line,
        problem="" if trouble is None else trouble.text,
        is_error=is_error,
        step=moment.index if moment is not None and is_active else 0,
        is_waiting=moment is not None and value is None and layout.shape is not None and not is_error,
        is_stale=scene.stale,
        is_selected=node in scene.selection,
    )


def _port_state(scene: Scene, port: Port) -> PortState:
    if port in scene.document.wires:
        return "wired"
    return "open" if port in scene.report.open_ports else "optional"


def _gradient_state(scene: Scene, node: NodeId, shape: Shape | None) -> tuple[Gradient, Array | None, str]:
    """Return how the gradient of a node stands, the sum of what has arrived so far, and the line below."""
    moment = scene.moment
    if moment is None or shape is None or (scene.stale and node not in moment.run.values):
        return _NOTHING, None, ""
    gradient = moment.gradient(node)
    if gradient.array is not None and gradient.array.shape != shape:
        return _NOTHING, None, ""
    total = None
    if gradient.state == "not computed" and moment.phase != "forward":
        total = _fitting(moment.running_total(node), shape)
    return gradient, total, gradient_line(moment, node, gradient)


def _value(scene: Scene, node: NodeId, shape: Shape | None) -> Array | None:
    """Return the value of a node, if it is there; that of a leaf always is, and of a variable after its update too."""
    kind = scene.document.nodes[node]
    found = None if scene.moment is None else _fitting(scene.moment.values.get(node), shape)
    if isinstance(kind, Leaf) and (found is None or scene.stale):
        return _fitting(kind.value, shape)
    return found


def _fitting(array: Array | None, shape: Shape | None) -> Array | None:
    return array if array is not None and array.shape == shape else None


def wire_states(scene: Scene, theme: Theme, rows: Iterable[int] | None = None) -> list[WireState]:
    """Return what the wires in some rows of the geometry show, by default all of them, in drawing order."""
    active, ports = active_in(scene), scene.geometry.ports
    rows = range(len(ports)) if rows is None else rows
    return [_wire_state(scene, row, ports[row], active, theme) for row in rows]


def _wire_state(scene: Scene, row: int, port: Port, active: Active, theme: Theme) -> WireState:
    geometry, moment = scene.geometry, scene.moment
    source = geometry.ids[geometry.sources[row]]
    shape = scene.report.shapes.get(source)
    sent = None if moment is None else moment.sent(port)
    if sent is not None and (sent.source != source or (isinstance(sent, Send) and sent.share.shape != shape)):
        sent = None
    return WireState(
        port,
        geometry.curve_points[row],
        geometry.back_points[row],
        shape,
        scene.labels.shapes[row],
        scene.labels.shares[row],
        scene.labels.leans[row],
        scene.labels.cuts[row],
        scene.labels.cut_stops[row],
        value=_value(scene, source, shape),
        sent=sent,
        flows=active.flows_into == port.node,
        returns=active.returns_from == port,
        is_cut=cuts_on_purpose(scene.document, source, port.node),
        is_planned=moment is not None and shape is not None,
        fade=theme.waiting if scene.stale else 1.0,
    )


def cuts_on_purpose(document: Document, source: NodeId, sink: NodeId) -> bool:
    """Say whether a node at one end of a wire is there to let no gradient through."""
    return "stop_gradient" in (_op_name(document, source), _op_name(document, sink))


def _op_name(document: Document, node: NodeId) -> str:
    kind = document.nodes[node]
    return "leaf" if isinstance(kind, Leaf) else kind.op
