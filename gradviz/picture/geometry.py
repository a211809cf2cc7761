"""Where things are: cards, ports and wires as NumPy arrays, and which of them lies under a point.

Sizes follow from the document, the shapes and the theme, never from the moment. They are worked out once per
computation: dragging a node only adds positions. Picking and culling are comparisons on the arrays.

A place in a document is measured in pixels of the light theme. A theme with larger type has larger cards, and puts
them as much further apart: `unit` says how many pixels of the picture one of the document is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from gradviz.graph import Computation, Document, NodeId, Place, Port, Report, targets_of
from gradviz.picture import curves as bezier
from gradviz.picture.card_layout import CardFacts, CardLayout, card_layout, known_ports, seed_text
from gradviz.picture.curves import Floats
from gradviz.picture.items import Rect
from gradviz.picture.reasons import longest_lines
from gradviz.picture.routing import routed
from gradviz.picture.theme import Theme
from gradviz.picture.titles import title_of

OUTPUT = -1
"""The slot number of a node's output."""

_LIGHT_SPACING = 8
_BESIDE = 8.0
_KEPT = 8


@dataclass(frozen=True, eq=False)
class Geometry:
    """Where everything is, in picture coordinates.

    `rects` (nodes, 4) are x, y, w, h of the cards in the order of `ids`, which is the drawing order. `ports` names the
    wires by the port they enter, `sources` and `sinks` (wires,) are the indices of the nodes at their ends, and
    `curves` (wires, 4, 2) their Béziers from output to input. `inputs` (ports, 2) are the points of all input ports,
    wired or open, of nodes `input_nodes` and slots `input_slots`; `outputs` (nodes, 2) those of the outputs.
    """

    ids: tuple[NodeId, ...]
    layouts: tuple[CardLayout, ...]
    rects: Floats
    outputs: Floats
    inputs: Floats
    input_nodes: np.ndarray[tuple[int], np.dtype[np.intp]]
    input_slots: np.ndarray[tuple[int], np.dtype[np.intp]]
    ports: tuple[Port, ...]
    sources: np.ndarray[tuple[int], np.dtype[np.intp]]
    sinks: np.ndarray[tuple[int], np.dtype[np.intp]]
    curves: Floats
    unit: float

    @cached_property
    def index(self) -> Mapping[NodeId, int]:
        """The row of each node in `rects`."""
        return {node: row for row, node in enumerate(self.ids)}

    @cached_property
    def wire_index(self) -> Mapping[Port, int]:
        """The row of each wire in `curves`."""
        return {port: row for row, port in enumerate(self.ports)}

    @cached_property
    def wire_boxes(self) -> Floats:
        """Boxes around the wires, (wires, 4): left, top, right, bottom."""
        points = bezier.flattened(self.curves)
        return np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)

    @cached_property
    def backs(self) -> Floats:
        """The ways back, (wires, 4, 2): beside the wires, from input to output, for gradients."""
        backs: Floats = bezier.beside(self.curves, _BESIDE * self.unit)[:, ::-1]
        return backs

    @cached_property
    def curve_points(self) -> tuple[bezier.Points, ...]:
        """The curves of all wires as points."""
        return bezier.as_points(self.curves)

    @cached_property
    def back_points(self) -> tuple[bezier.Points, ...]:
        """The ways back of all wires as points."""
        return bezier.as_points(self.backs)

    def rect(self, node: NodeId) -> Rect:
        """Return x, y, width and height of a node's card."""
        x, y, w, h = self.rects[self.index[node]].tolist()
        return x, y, w, h

    def layout(self, node: NodeId) -> CardLayout:
        """Return how the card of a node is laid out."""
        return self.layouts[self.index[node]]

    def input_point(self, node: NodeId, slot: int) -> tuple[float, float]:
        """Return the point of a node's input port, slots counted from 0."""
        x, y, _, _ = self.rect(node)
        return x, y + self.layout(node).port_heights[slot]

    def output_point(self, node: NodeId) -> tuple[float, float]:
        """Return the point where a node's wires start."""
        x, y = self.outputs[self.index[node]].tolist()
        return x, y

    def place_at(self, x: float, y: float) -> Place:
        """Return the place in the document of a point in the picture."""
        return Place(x / self.unit, y / self.unit)

    def node_at(self, x: float, y: float) -> NodeId | None:
        """Return the node whose card lies on top at a point, or None."""
        left, top, w, h = self.rects.T
        hits = np.flatnonzero((left <= x) & (x <= left + w) & (top <= y) & (y <= top + h))
        return self.ids[hits[-1]] if hits.size else None

    def port_at(self, x: float, y: float, radius: float) -> tuple[NodeId, int] | None:
        """Return the node and slot (`OUTPUT` for its output) of the nearest port within `radius`, or None.

        Of ports that are equally near, the one that is drawn last.
        """
        if not self.ids:
            return None
        points = np.concatenate([self.inputs, self.outputs])
        owners = np.concatenate([self.input_nodes, np.arange(len(self.ids))])
        slots = np.concatenate([self.input_slots, np.full(len(self.ids), OUTPUT)])
        gaps = np.hypot(points[:, 0] - x, points[:, 1] - y)
        nearest = np.lexsort((-owners, gaps))[0]
        if gaps[nearest] > radius:
            return None
        return self.ids[owners[nearest]], int(slots[nearest])

    def wire_at(self, x: float, y: float, radius: float) -> Port | None:
        """Return the wire that passes nearest to a point within `radius`, by the port it enters, or None."""
        boxes = self.wire_boxes
        near = (boxes[:, 0] - radius <= x) & (x <= boxes[:, 2] + radius)
        near &= (boxes[:, 1] - radius <= y) & (y <= boxes[:, 3] + radius)
        rows = np.flatnonzero(near)
        if not rows.size:
            return None
        gaps = bezier.distances(self.curves[rows], x, y)
        nearest = int(np.argmin(gaps))
        return self.ports[rows[nearest]] if gaps[nearest] <= radius else None

    def nodes_in(self, x: float, y: float, w: float, h: float) -> tuple[NodeId, ...]:
        """Return the nodes whose cards touch a rectangle, in drawing order; width and height may be negative."""
        left, right, top, bottom = min(x, x + w), max(x, x + w), min(y, y + h), max(y, y + h)
        rects = self.rects
        hits = (rects[:, 0] <= right) & (left <= rects[:, 0] + rects[:, 2])
        hits &= (rects[:, 1] <= bottom) & (top <= rects[:, 1] + rects[:, 3])
        return tuple(self.ids[row] for row in np.flatnonzero(hits))

    def bounds(self) -> Rect:
        """Return the rectangle around all cards and wires; an empty one at the origin for an empty document."""
        if not self.ids:
            return 0.0, 0.0, 0.0, 0.0
        low = np.concatenate([self.rects[:, :2], self.wire_boxes[:, :2]]).min(axis=0)
        high = np.concatenate([self.rects[:, :2] + self.rects[:, 2:], self.wire_boxes[:, 2:]]).max(axis=0)
        return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


@lru_cache(maxsize=_KEPT)
def geometry_of(document: Document, report: Report, theme: Theme) -> Geometry:
    """Return where everything of a document is; asked again soon, the same object."""
    bones = _skeleton_of(document, report, theme)
    unit = unit_of(theme)
    places = document.places
    corners = np.array([places.get(node, (0.0, 0.0)) for node in bones.ids], dtype=np.float64).reshape(-1, 2) * unit
    rects = np.concatenate([corners, bones.sizes], axis=1)
    outputs = corners + np.stack([bones.sizes[:, 0], bones.output_heights], axis=1)
    inputs = corners[bones.input_nodes] + np.stack([np.zeros_like(bones.input_heights), bones.input_heights], axis=1)
    starts, ends = outputs[bones.sources], inputs[bones.wire_inputs]
    return Geometry(
        ids=bones.ids,
        layouts=bones.layouts,
        rects=rects,
        outputs=outputs,
        inputs=inputs,
        input_nodes=bones.input_nodes,
        input_slots=bones.input_slots,
        ports=bones.ports,
        sources=bones.sources,
        sinks=bones.sinks,
        curves=_curves(bones, starts / unit, ends / unit, rects / unit) * unit,
        unit=unit,
    )


def _curves(bones: _Skeleton, starts: Floats, ends: Floats, rects: Floats) -> Floats:
    """Return the curves of all wires, worked out in pixels of the document, so that they bend alike in every theme."""
    curves = bezier.wire_curves(starts, ends, rects[bones.sources], rects[bones.sinks])
    return routed(curves, bones.sources, bones.sinks, rects)


def node_sizes(document: Document, report: Report, theme: Theme) -> dict[NodeId, tuple[float, float]]:
    """Return width and height of every node's card in pixels of the document, as `arrange` takes them."""
    unit = unit_of(theme)
    bones = _skeleton_of(document, report, theme)
    return {node: (layout.w / unit, layout.h / unit) for node, layout in zip(bones.ids, bones.layouts, strict=True)}


def unit_of(theme: Theme) -> float:
    """Return how many pixels of the picture one pixel of a document's places is."""
    return theme.spacing / _LIGHT_SPACING


@dataclass(frozen=True, eq=False)
class _Skeleton:
    """What stays when nodes move: the layouts, and who is wired to whom."""

    ids: tuple[NodeId, ...]
    layouts: tuple[CardLayout, ...]
    sizes: Floats
    output_heights: Floats
    input_heights: Floats
    input_nodes: np.ndarray[tuple[int], np.dtype[np.intp]]
    input_slots: np.ndarray[tuple[int], np.dtype[np.intp]]
    ports: tuple[Port, ...]
    sources: np.ndarray[tuple[int], np.dtype[np.intp]]
    sinks: np.ndarray[tuple[int], np.dtype[np.intp]]
    wire_inputs: np.ndarray[tuple[int], np.dtype[np.intp]]


def _skeleton_of(document: Document, report: Report, theme: Theme) -> _Skeleton:
    return _skeleton(document.computation, frozenset(document.notes.items()), report, theme)


@lru_cache(maxsize=_KEPT)
def _skeleton(
    computation: Computation, notes: frozenset[tuple[NodeId, str]], report: Report, theme: Theme
) -> _Skeleton:
    """Return what stays when nodes move."""
    ids = tuple(computation.nodes)
    note_of = dict(notes)
    seeds = {node: seed_text(seed) for node, seed in targets_of(computation).items()}
    index = {node: row for row, node in enumerate(ids)}
    longest = longest_lines(computation, report)
    facts = (
        CardFacts(
            title_of(node, kind),
            known_ports(computation, node),
            report.shapes.get(node),
            seeds.get(node),
            longest.get(node, ""),
            note_of.get(node, ""),
        )
        for node, kind in computation.nodes.items()
    )
    layouts = tuple(card_layout(each, theme) for each in facts)
    inputs = [(row, slot) for row, layout in enumerate(layouts) for slot in range(len(layout.ports))]
    input_rows = {(ids[row], layouts[row].ports[slot]): i for i, (row, slot) in enumerate(inputs)}
    wires = [port for port in computation.wires if port in input_rows]
    return _Skeleton(
        ids=ids,
        layouts=layouts,
        sizes=np.array([(layout.w, layout.h) for layout in layouts], dtype=np.float64).reshape(-1, 2),
        output_heights=np.array([layout.output_height for layout in layouts], dtype=np.float64),
        input_heights=np.array([layouts[row].port_heights[slot] for row, slot in inputs], dtype=np.float64),
        input_nodes=np.array([row for row, _ in inputs], dtype=np.intp),
        input_slots=np.array([slot for _, slot in inputs], dtype=np.intp),
        ports=tuple(wires),
        sources=np.array([index[computation.wires[port]] for port in wires], dtype=np.intp),
        sinks=np.array([index[port.node] for port in wires], dtype=np.intp),
        wire_inputs=np.array([input_rows[port] for port in wires], dtype=np.intp),
    )
