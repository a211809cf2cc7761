"""Where a motion takes place, and what all motions are made of: marks of who acts, and tensors that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gradviz.engine import Moment
from gradviz.graph import Document, NodeId, Port, Report
from gradviz.ops import Array
from gradviz.picture.cards import card_items, ring, step_badge
from gradviz.picture.fonts import text_width
from gradviz.picture.geometry import Geometry
from gradviz.picture.items import Box, Item, Point, Rect, Text
from gradviz.picture.labels import Labels, shape_size
from gradviz.picture.scales import Scales
from gradviz.picture.states import Scene, card_state
from gradviz.picture.tensor_layout import TensorLayout
from gradviz.picture.tensors import Chip, chip_items
from gradviz.picture.theme import Theme
from gradviz.picture.wires import shape_items


def eased(progress: float, start: float = 0.0, end: float = 1.0) -> float:
    """Return how far a part of a motion is, from `start` to `end` of the whole, slow at both ends (cubic in-out)."""
    share = min(max((progress - start) / (end - start), 0.0), 1.0)
    return 4 * share**3 if share < 0.5 else 1 - (2 - 2 * share) ** 3 / 2


@dataclass(frozen=True, eq=False)
class Stage:
    """Where a motion takes place."""

    document: Document
    moment: Moment
    theme: Theme
    report: Report
    geometry: Geometry
    labels: Labels
    scales: Scales

    def chip_rect(self, node: NodeId, *, is_gradient: bool) -> Rect:
        """Return where the chip of a node's value or gradient is."""
        x, y, _, _ = self.geometry.rect(node)
        layout = self.geometry.layout(node)
        left, top, w, h = layout.gradient if is_gradient else layout.value
        return x + left, y + top, w, h

    def awake_card(self, node: NodeId) -> Iterator[Item]:
        """Yield the card of a node that is at work: no longer pale, and without a value yet."""
        scene = Scene(self.document, self.moment, self.report, self.geometry, self.labels)
        card = card_state(scene, self.geometry.index[node], None, is_active=True)
        return card_items(replace(card, value=None, is_waiting=False), self.theme, self.scales)


def active_marks(stage: Stage, node: NodeId) -> Iterator[Item]:
    """Yield the marks of the node that acts."""
    theme, rect = stage.theme, stage.geometry.rect(node)
    yield ring(rect, theme, theme.active, theme.ring_width, distance=theme.ring_width / 2, node=node)
    yield from step_badge(stage.moment.index, rect, theme, node)


def arriving(stage: Stage, node: NodeId, array: Array, share: float, *, is_gradient: bool) -> Iterator[Item]:
    """Yield a tensor as it appears in its chip on the card, over what was there before."""
    layout, theme = stage.geometry.layout(node).tensor, stage.theme
    if share <= 0 or array.shape != stage.geometry.layout(node).shape:
        return
    x, y, w, h = stage.chip_rect(node, is_gradient=is_gradient)
    yield Box(x - 1, y - 1, w + 2, h + 2, theme.card, opacity=share, node=node)
    limit, stroke = (stage.scales.gradients, theme.gradient) if is_gradient else (stage.scales.values, theme.muted)
    yield from chip_items(Chip(x, y, layout, theme, limit, stroke, theme.stroke_width, opacity=share, node=node), array)


@dataclass(frozen=True, eq=False)
class MovingChip:
    """A tensor on its way: in a frame, with its shape below; a single number says itself that it is one."""

    array: Array
    layout: TensorLayout
    middle: Point
    limit: float
    stroke: str
    opacity: float = 1.0

    def items(self, theme: Theme) -> Iterator[Item]:
        """Yield the chip on a ground of its own, with the shape."""
        yield ground((*self.middle, self.layout.w, self.layout.h), theme, self.opacity, self.stroke)
        yield from replace(self, stroke=theme.card).tensor_items(theme)
        x, y = self.middle
        if self.array.ndim:
            yield from shape_below(self.array.shape, (x, y + self.layout.h / 2), theme, self.opacity)

    def tensor_items(self, theme: Theme) -> Iterator[Item]:
        """Yield the tensor alone."""
        x, y = self.middle[0] - self.layout.w / 2, self.middle[1] - self.layout.h / 2
        chip = Chip(x, y, self.layout, theme, self.limit, self.stroke, theme.stroke_width, opacity=self.opacity)
        yield from chip_items(chip, self.array)


def ground(rect: Rect, theme: Theme, opacity: float, stroke: str | None = None) -> Box:
    """Return the ground below a chip: `rect` is its middle and its size."""
    x, y, w, h = rect
    m = 0.5 * theme.spacing
    colour = theme.gradient if stroke is None else stroke
    return Box(
        x - w / 2 - m, y - h / 2 - m, w + 2 * m, h + 2 * m, theme.card, colour, theme.stroke_width, 4.0, opacity=opacity
    )


def shape_below(shape: tuple[int, ...], at: Point, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield the chip with a shape, hung below a tensor that ends at a point."""
    w, h = shape_size(shape, theme)
    x, y = at[0] - w / 2, at[1] + 0.25 * theme.spacing
    for item in shape_items(shape, (x, y, w, h), theme):
        yield replace(item, opacity=opacity)


def words_left_of(stage: Stage, port: Port, text: str, at: Point, colour: str, *, opacity: float) -> Iterator[Item]:
    """Yield some words on a ground of their own about a point, but left of the card that a port belongs to."""
    theme = stage.theme
    left = stage.geometry.back_points[stage.geometry.wire_index[port]][0][0]
    half = text_width(text, theme.shape_size, weight="semibold") / 2
    middle = min(at[0], left - half - 1.5 * theme.spacing)
    label = Text(middle, at[1], text, theme.shape_size, colour, "semibold", anchor="middle", baseline="middle")
    x, y, w, h = label.bounds
    yield Box(x - 6, y - 2, w + 12, h + 4, theme.card, radius=4.0, opacity=opacity)
    yield replace(label, opacity=opacity)
