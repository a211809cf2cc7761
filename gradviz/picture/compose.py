"""From a document and a moment of its run to a picture. Pure: the same arguments give the same picture.

Cards and wires that look as they did a moment ago are taken from then: stepping through a run draws only what changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from itertools import chain

from gradviz.engine import Moment
from gradviz.graph import Document, NodeId, Report, check
from gradviz.picture.captions import NodeLabels, alt_text
from gradviz.picture.composition import Composition, composition_of
from gradviz.picture.geometry import Geometry, geometry_of
from gradviz.picture.items import Item, Picture, Rect
from gradviz.picture.labels import Labels, labels_of
from gradviz.picture.legend import Told, legend_items
from gradviz.picture.scales import scales_of
from gradviz.picture.states import Scene, active_in
from gradviz.picture.theme import Theme
from gradviz.picture.visible import Signs, Visible, visible_of


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
    composition = composition_of(scene, theme, scales)
    items, bounds = composition.measured.items, _bounds(scene.geometry, scene.labels, theme)
    if legend:
        visible = visible_of(composition.signs, scales, is_stale=stale)
        below, bounds = _legend(scene, visible, bounds, theme)
        items += below
    told = NodeLabels(document, moment, scene.report)
    return Picture(
        items,
        bounds,
        scene.geometry,
        partial(alt_text, document, moment, told, stale=stale),
        told,
        None if transparent else theme.background,
        composition.measured,
        active_in(scene).node,
    )


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
    composition = composition_of(scene, theme, scales)
    signs = composition.signs if nodes is None else _signs_at(composition, nodes)
    visible = visible_of(signs, scales, is_stale=stale)
    items, bounds = legend_items(visible, _told(moment if captioned else None), (0.0, 0.0), width, theme)
    return Picture(items, bounds, background=theme.background)


def _signs_at(composition: Composition, nodes: Collection[NodeId]) -> Iterator[Signs]:
    """Yield what is to be seen on the cards of some nodes, and on the wires between them."""
    scene, ids = composition.scene, composition.scene.geometry.ids
    for node, card in zip(ids, composition.cards.blocks, strict=True):
        if node in nodes:
            yield card.signs
    for port, label in zip(scene.geometry.ports, composition.labels.blocks, strict=True):
        if port.node in nodes and scene.document.wires[port] in nodes:
            yield label.signs


def _scene(document: Document, moment: Moment | None, theme: Theme, report: Report | None, *, stale: bool) -> Scene:
    known = check(document.computation) if report is None else report
    geometry = geometry_of(document, known, theme)
    return Scene(document, moment, known, geometry, labels_of(geometry, known, theme), stale=stale)


def _told(moment: Moment | None) -> Told:
    if moment is None:
        return Told("", "")
    count = len(moment.run.frames)
    return Told(moment.sentence or "nothing has been computed yet", f"step {moment.index} of {count}")


@lru_cache(maxsize=8)
def _bounds(geometry: Geometry, labels: Labels, theme: Theme) -> Rect:
    """Return the rectangle around everything, with a margin."""
    x, y, w, h = geometry.bounds()
    right, bottom = x + w, y + h
    for left, top, width, height in chain(labels.shapes, labels.shares, labels.cuts):
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
