"""What moves while a frame happens, drawn over the still picture of the moment before it, without its active step.

A `Send` has four stops: the total at the op, the rule with its numbers, the product and the sum that undoes
broadcasting, the journey of the gradient along its wire to the deposit. Progress runs from 0 to 1 through all of
them; the same function played backwards steps back. At the end of each stop the picture rests and can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradviz.engine import Blocked, Clear, Compute, Frame, Moment, Seed, Send, Settle, Update, show_axes
from gradviz.graph import Document, NodeId, Port, Report, check
from gradviz.ops import Array
from gradviz.picture.callout import callout_items
from gradviz.picture.cards import ring
from gradviz.picture.collapse import collapsed_size, collapsing_items, directions
from gradviz.picture.curves import Floats, as_points, part, points_on
from gradviz.picture.geometry import geometry_of
from gradviz.picture.items import Curve, Item, Picture, Point
from gradviz.picture.labels import labels_of
from gradviz.picture.rules import rule_text
from gradviz.picture.scales import scales_of
from gradviz.picture.stage import MovingChip, Stage, active_marks, arriving, eased, ground, shape_below, words_left_of
from gradviz.picture.states import cuts_on_purpose
from gradviz.picture.stretching import stretched_inputs, stretching_items, summed_text
from gradviz.picture.tensor_layout import TensorLayout
from gradviz.picture.tensors import Chip, layout_on_the_way
from gradviz.picture.theme import Theme
from gradviz.picture.update_motion import clear_items, update_items
from gradviz.picture.wires import (
    Room,
    arrow_head,
    blocked_part,
    cut_items,
    halo,
    line_width,
    share_items,
)

STOPS = (0.25, 0.5, 0.75, 1.0)
"""The progress at which each stop of a `Send` ends."""

_MOST_INPUTS = 8

_STRETCHES = (0.2, 0.8)
"""From when to when inputs are stretched, where the values of a `Compute` are."""


def compose_motion(
    document: Document, moment: Moment, theme: Theme, progress: float, report: Report | None = None
) -> Picture:
    """Return what moves in the latest frame of `moment` at `progress`, 0 … 1, to be drawn over the still picture.

    The still picture is `compose(document, before, theme, active=False)`, where `before` is the moment before. A frame
    of nodes that the document no longer has gives a picture without items.
    """
    report = check(document.computation) if report is None else report
    geometry = geometry_of(document, report, theme)
    labels, scales = labels_of(geometry, report, theme), scales_of(document, moment)
    stage = Stage(document, moment, theme, report, geometry, labels, scales)
    items = tuple(_items(stage, moment.latest, min(max(progress, 0.0), 1.0)))
    x, y, w, h = geometry.bounds()
    margin = 20.0 * theme.spacing
    return Picture(items, (x - margin, y - margin, w + 2 * margin, h + 2 * margin), geometry, moment.sentence)


def _items(stage: Stage, frame: Frame | None, progress: float) -> Iterator[Item]:
    known = stage.geometry.index
    match frame:
        case Compute(node=node) if node in known:
            yield from _compute(stage, frame, progress)
        case Seed(target=node, gradient=gradient) if node in known:
            yield from _seed(stage, node, gradient, progress)
        case Settle(node=node, total=total) if node in known:
            yield from _settle(stage, node, total, progress)
        case Send(port=port, source=source) if port in stage.geometry.wire_index and source in known:
            yield from _send(stage, frame, progress)
        case Blocked(port=port) if port in stage.geometry.wire_index:
            yield from _blocked(stage, port, progress)
        case Update(node=node) if node in known:
            yield from update_items(stage, frame, progress)
        case Clear(node=node) if node in known:
            yield from clear_items(stage, frame, progress)


def _compute(stage: Stage, frame: Compute, progress: float) -> Iterator[Item]:
    """Yield values that flow in along the wires, the rule, and the value that comes of it."""
    geometry, theme, node = stage.geometry, stage.theme, frame.node
    yield from stage.awake_card(node)
    rows = [geometry.wire_index.get(Port(node, name)) for name in geometry.layout(node).ports]
    stretched = stretched_inputs(stage, frame)
    flows, rests = _STRETCHES if stretched else (0.5, 0.5)
    way = eased(progress, 0.0, flows)
    for row in [row for row in rows if row is not None][:_MOST_INPUTS]:
        if way < 1:
            value = stage.moment.run.values[geometry.ids[geometry.sources[row]]]
            middle = tuple(points_on(geometry.curves[row][None], way)[0].tolist())
            chip = MovingChip(value, layout_on_the_way(value, theme), middle, stage.scales.values, theme.ink)
            yield from chip.items(theme)
    if flows < progress < rests:
        yield from stretching_items(stage, stretched, (progress - flows) / (rests - flows))
    rule = rule_text(stage.moment)
    if rule is not None:
        yield from callout_items(rule, geometry.rect(node), geometry, theme, eased(progress, rests - 0.15, rests + 0.1))
    yield from arriving(stage, node, frame.value, eased(progress, rests + 0.1, 1.0), is_gradient=False)


def _seed(stage: Stage, node: NodeId, gradient: Array, progress: float) -> Iterator[Item]:
    """Yield the seed as it comes down into its place."""
    yield from active_marks(stage, node)
    way = eased(progress)
    x, y, w, h = stage.chip_rect(node, is_gradient=True)
    middle = x + w / 2, y + h / 2 - (1 - way) * 5 * stage.theme.spacing
    layout = stage.geometry.layout(node).tensor
    yield from MovingChip(gradient, layout, middle, stage.scales.gradients, stage.theme.gradient, way).items(
        stage.theme
    )


def _settle(stage: Stage, node: NodeId, total: Array, progress: float) -> Iterator[Item]:
    """Yield the sum of all contributions as it becomes the total."""
    yield from active_marks(stage, node)
    way = eased(progress)
    yield from arriving(stage, node, total, way, is_gradient=True)
    yield from _pulse(stage, node, way, rests=False)


def _pulse(stage: Stage, node: NodeId, way: float, *, rests: bool) -> Iterator[Item]:
    """Yield a ring that spreads from the gradient of a node; one that rests stays close around it."""
    theme = stage.theme
    rect = stage.chip_rect(node, is_gradient=True)
    if 0 < way < 1:
        distance = theme.ring_width + way * 2 * theme.spacing
        spread = ring(rect, theme, theme.active, theme.ring_width, distance=distance, node=node)
        yield replace(spread, opacity=1 - way, radius=theme.radius)
    if rests and way > 0:
        close = ring(rect, theme, theme.active, theme.ring_width, distance=0.75 * theme.ring_width, node=node)
        yield replace(close, opacity=way, radius=3.0)


def _blocked(stage: Stage, port: Port, progress: float) -> Iterator[Item]:
    """Yield a way back that ends at once, and the mark of its end."""
    geometry, theme = stage.geometry, stage.theme
    row = geometry.wire_index[port]
    yield from active_marks(stage, port.node)
    way = max(eased(progress, 0.0, 0.6), 1e-3)
    stub = blocked_part(geometry.back_points[row], stage.labels.cut_stops[row], way)
    yield Curve(stub, theme.muted, theme.wire_width, dash=theme.dash, port=port)
    opacity = eased(progress, 0.5, 1.0)
    source = geometry.ids[geometry.sources[row]]
    is_cut = cuts_on_purpose(stage.document, source, port.node)
    yield from cut_items(stage.labels.cuts[row], theme, is_cut=is_cut, opacity=opacity, port=port)


def _send(stage: Stage, frame: Send, progress: float) -> Iterator[Item]:
    """Yield the four stops of a gradient on its way back."""
    theme, op = stage.theme, frame.port.node
    yield from active_marks(stage, op)
    yield from _pulse(stage, op, eased(progress, 0.0, STOPS[0]), rests=True)
    rule = rule_text(stage.moment)
    opacity = eased(progress, STOPS[0], STOPS[1]) * (1 - eased(progress, 0.5 * (STOPS[2] + 1), 1.0))
    if rule is not None:
        yield from callout_items(rule, stage.geometry.rect(op), stage.geometry, theme, opacity)
    if progress > STOPS[2]:
        yield from _journey(stage, frame, eased(progress, STOPS[2], STOPS[3]))
    elif progress > STOPS[1]:
        yield from _product(stage, frame, (progress - STOPS[1]) / (STOPS[2] - STOPS[1]))


def _product(stage: Stage, frame: Send, progress: float) -> Iterator[Item]:
    """Yield what the rule gives, at its port; where broadcasting is undone it falls together along the summed axes."""
    theme, limit = stage.theme, stage.scales.gradients
    raw, layout = frame.raw, layout_on_the_way(frame.raw, theme)
    appears, opacity = eased(progress, 0.0, 0.35), 1 - eased(progress, 0.8, 1.0)
    middle = _beside_port(stage, frame.port, layout)
    if not frame.axes:
        yield from MovingChip(frame.share, layout, middle, limit, theme.gradient, appears).items(theme)
        return
    shrinks = eased(progress, 0.35, 0.8)
    w, h = collapsed_size(layout, directions(raw.shape, frame.axes, layout), shrinks)
    share_layout = layout_on_the_way(frame.share, theme)
    yield ground((*middle, max(w, share_layout.w), max(h, share_layout.h)), theme, appears)
    chip = Chip(
        middle[0] - layout.w / 2,
        middle[1] - layout.h / 2,
        layout,
        theme,
        limit,
        theme.card,
        opacity=appears * opacity,
        port=frame.port,
    )
    yield from collapsing_items(chip, raw, frame.axes, shrinks)
    if opacity < 1:
        yield from MovingChip(frame.share, share_layout, middle, limit, theme.card, 1 - opacity).tensor_items(theme)
    below = middle[1] + max(h, share_layout.h) / 2
    yield from shape_below(raw.shape if shrinks < 0.5 else frame.share.shape, (middle[0], below), theme, appears)
    at, words = (middle[0], below + 2.6 * theme.shape_size), f"sum over {show_axes(frame.axes)}"
    yield from words_left_of(stage, frame.port, words, at, theme.gradient, opacity=appears)
    at, words = (middle[0], at[1] + 1.8 * theme.shape_size), summed_text(frame)
    if words:
        yield from words_left_of(stage, frame.port, words, at, theme.ink, opacity=eased(progress, 0.4, 0.6))


def _beside_port(stage: Stage, port: Port, layout: TensorLayout) -> Point:
    """Return the middle of a chip that stands left of a port."""
    x, y = stage.geometry.back_points[stage.geometry.wire_index[port]][0]
    return x - layout.w / 2 - 2.0 * stage.theme.spacing, y


def _journey(stage: Stage, frame: Send, way: float) -> Iterator[Item]:
    """Yield the gradient on its way along the wire, the line it leaves behind, and its deposit at the source."""
    theme, geometry, share = stage.theme, stage.geometry, frame.share
    row = geometry.wire_index[frame.port]
    back = geometry.backs[row]
    width = line_width(share, theme)
    layout = layout_on_the_way(share, theme)
    start = np.array(_beside_port(stage, frame.port, layout))
    reached = _reached(back, start, way)
    trail = as_points(part(back, 0.0, max(reached * eased(way, 0.0, 0.2), 1e-3))[None])[0]
    head = arrow_head(width, theme) if way > 0.5 else 0.0
    line = Curve(trail, theme.gradient, width, dash=theme.dash, head=head, port=frame.port)
    yield halo(line, theme)
    yield line
    opacity = eased(way, 0.6, 1.0)
    limit = stage.scales.gradients
    room = Room(stage.labels.shares[row], stage.labels.leans[row])
    yield from share_items(share, room, theme, limit, opacity=opacity, port=frame.port)
    x, y, w, h = stage.chip_rect(frame.source, is_gradient=True)
    end = np.array([x + w / 2, y + h / 2])
    middle = points_on(back[None], reached)[0]
    middle = start + (middle - start) * eased(way, 0.0, 0.4)
    middle = middle + (end - middle) * eased(way, 0.7, 1.0)
    at = float(middle[0]), float(middle[1])
    yield from MovingChip(share, layout, at, limit, theme.gradient).items(theme)


def _reached(back: Floats, start: Floats, way: float) -> float:
    """Return how far along a way back a chip has come that joins it near `start`, beside its port."""
    stops = np.linspace(0.0, 0.6, 25)
    gaps = points_on(back[None], stops)[0] - start
    joins = float(stops[np.argmin(np.sum(gaps * gaps, axis=1))])
    return joins + (1 - joins) * way
