"""From a document and a moment of its run to a picture. Pure: the same arguments give the same picture.

Cards and wires that look as they did a moment ago are taken from then: stepping through a run draws only what changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Any

from gradviz.engine import Moment
from gradviz.graph import Computation, Document, NodeId, Port, Report, check
from gradviz.picture.captions import NodeLabels, alt_text
from gradviz.picture.cards import CardState, card_items
from gradviz.picture.geometry import geometry_of
from gradviz.picture.items import Item, Picture, Rect
from gradviz.picture.labels import labels_of
from gradviz.picture.legend import Told, legend_items
from gradviz.picture.scales import Scales, scales_of
from gradviz.picture.states import Scene, card_states, wire_states
from gradviz.picture.theme import Theme
from gradviz.picture.visible import Visible, visible_in
from gradviz.picture.wires import WireState, label_items, line_items


def compose(
    document: Document,
    moment: Moment | None,
    theme: Theme,
    *,
    report: Report | None = None,
    stale: bool = False,
    active: bool = True,
    legend: bool = False,
    selection: Collection[NodeId] = frozenset(),
    transparent: bool = False,
) -> Picture:
    """Return the picture of a document as it stands at a moment of its run; without a moment, its shapes only.

    `stale` dims the sweep, which belongs to an earlier document, and says so. `active` marks the latest step; `legend`
    puts the caption and the legend below; `selection` outlines nodes. Without a background it is `transparent`.
    """
    scene = _scene(document, moment, theme, report, stale=stale)
    scene = replace(scene, selection=frozenset(selection), active=active)
    scales = scales_of(document, moment, stale=stale)
    wires, cards = wire_states(scene, theme), card_states(scene)
    items = _memory(document.computation, theme).items(wires, cards, theme, scales)
    bounds = _bounds(scene, theme)
    if legend:
        below, bounds = _legend(scene, visible_in(cards, wires, scales, is_stale=stale), bounds, theme)
        items += below
    told = NodeLabels(document, moment, scene.report)
    alt = alt_text(document, moment, told, stale=stale)
    return Picture(items, bounds, scene.geometry, alt, told, None if transparent else theme.background)


def compose_legend(
    document: Document,
    moment: Moment | None,
    theme: Theme,
    width: float,
    *,
    report: Report | None = None,
    stale: bool = False,
    nodes: Collection[NodeId] | None = None,
    captioned: bool = True,
) -> Picture:
    """Return caption and legend alone, `width` pixels wide, with their upper left corner at (0, 0).

    They explain what is seen of the document, or of some `nodes` and the wires between them; the caption may be left
    out.
    """
    scene = _scene(document, moment, theme, report, stale=stale)
    scales = scales_of(document, moment, stale=stale)
    cards, wires = card_states(scene), wire_states(scene, theme)
    if nodes is not None:
        cards = [card for card in cards if card.node in nodes]
        wires = [wire for wire in wires if wire.port.node in nodes and document.wires[wire.port] in nodes]
    visible = visible_in(cards, wires, scales, is_stale=stale)
    items, bounds = legend_items(visible, _told(moment if captioned else None), (0.0, 0.0), width, theme)
    return Picture(items, bounds, background=theme.background)


def _scene(document: Document, moment: Moment | None, theme: Theme, report: Report | None, *, stale: bool) -> Scene:
    known = check(document.computation) if report is None else report
    geometry = geometry_of(document, known, theme)
    return Scene(document, moment, known, geometry, labels_of(geometry, known, theme), stale=stale)


@dataclass
class _Memory:
    """How each card and wire of a computation was drawn last, and for what."""

    cards: dict[NodeId, tuple[Any, tuple[Item, ...]]] = field(default_factory=dict)
    wires: dict[Port, tuple[Any, tuple[Item, ...]]] = field(default_factory=dict)
    tags: dict[Port, tuple[Any, tuple[Item, ...]]] = field(default_factory=dict)

    def items(
        self, wires: Collection[WireState], cards: Collection[CardState], theme: Theme, scales: Scales
    ) -> tuple[Item, ...]:
        """Return all items in drawing order: lines, their labels, cards."""
        return (
            *chain.from_iterable(self.lines(wire, theme) for wire in wires),
            *chain.from_iterable(self.labels(wire, theme, scales) for wire in wires),
            *chain.from_iterable(self.card(card, theme, scales) for card in cards),
        )

    def card(self, card: CardState, theme: Theme, scales: Scales) -> tuple[Item, ...]:
        """Return the items of a card, drawn anew only where it has changed."""
        look = card.look, scales
        known = self.cards.get(card.node)
        if known is None or known[0] != look:
            known = look, tuple(card_items(card, theme, scales))
            self.cards[card.node] = known
        return known[1]

    def lines(self, wire: WireState, theme: Theme) -> tuple[Item, ...]:
        """Return the lines of a wire, drawn anew only where it has changed."""
        known = self.wires.get(wire.port)
        if known is None or known[0] != wire.look:
            known = wire.look, tuple(line_items(wire, theme))
            self.wires[wire.port] = known
        return known[1]

    def labels(self, wire: WireState, theme: Theme, scales: Scales) -> tuple[Item, ...]:
        """Return the labels of a wire, drawn anew only where they have changed."""
        look = wire.look, scales.gradients
        known = self.tags.get(wire.port)
        if known is None or known[0] != look:
            known = look, tuple(label_items(wire, theme, scales.gradients))
            self.tags[wire.port] = known
        return known[1]


@lru_cache(maxsize=4)
def _memory(_computation: Computation, _theme: Theme) -> _Memory:
    return _Memory()


def _told(moment: Moment | None) -> Told:
    if moment is None:
        return Told("", "")
    count = len(moment.run.frames)
    return Told(moment.sentence or "nothing has been computed yet", f"step {moment.index} of {count}")


def _bounds(scene: Scene, theme: Theme) -> Rect:
    """Return the rectangle around everything, with a margin."""
    x, y, w, h = scene.geometry.bounds()
    right, bottom = x + w, y + h
    for left, top, width, height in chain(scene.labels.shapes, scene.labels.shares, scene.labels.cuts):
        x, y, right, bottom = min(x, left), min(y, top), max(right, left + width), max(bottom, top + height)
    margin = 3.0 * theme.spacing
    return x - margin, y - margin, right - x + 2 * margin, bottom - y + 2 * margin


def _legend(scene: Scene, visible: Visible, bounds: Rect, theme: Theme) -> tuple[tuple[Item, ...], Rect]:
    """Return caption and legend below a picture, and the bounds of both together."""
    x, y, w, h = bounds
    margin = 3.0 * theme.spacing
    corner = x + margin, y + h
    items, (_, _, width, height) = legend_items(visible, _told(scene.moment), corner, w - 2 * margin, theme)
    return items, (x, y, max(w, width + 2 * margin), h + height + margin)
