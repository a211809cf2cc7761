"""Cards: one node each, with its name and op, its value and its gradient, and a line that tells what is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gradviz.engine import Gradient
from gradviz.graph import NodeId
from gradviz.ops import Array
from gradviz.picture.card_layout import LINE_HEIGHT, CardLayout, value_heading, wrap
from gradviz.picture.fonts import shorten, text_width
from gradviz.picture.items import READABLE, Box, Item, Rect, Text
from gradviz.picture.sameness import Same
from gradviz.picture.scales import Scales
from gradviz.picture.tensors import Chip, chip_items, fine_dash, ink_on, placeholder_items
from gradviz.picture.theme import Theme

NOT_COMPUTED, NO_PATH = "–", "∅"

_TARGET = "◎ target"
_TARGET_TINT = 0.45
"""How strong the tint of the row that marks a target is, of that of the title bar."""


PortState = Literal["wired", "open", "optional"]
"""Whether a port has a wire, waits for one, or may do without."""


@dataclass(frozen=True, eq=False)
class CardState:
    """What a card shows: where it lies, how the node stands, and how it is marked.

    `total` is the sum of what has arrived while the gradient waits for more. `line` stands under the chips: the
    reason of the gradient, or how much of it has arrived. `problem` is what is wrong with the node; `is_error` tells
    that from an open port. `step` is the number of the active step, 0 where the node is not active.
    """

    node: NodeId
    x: float
    y: float
    layout: CardLayout
    ports: tuple[PortState, ...]
    gradient: Gradient
    value: Array | None = None
    total: Array | None = None
    line: str = ""
    problem: str = ""
    is_error: bool = False
    step: int = 0
    is_waiting: bool = False
    is_stale: bool = False
    is_selected: bool = False

    @property
    def look(self) -> tuple[object, ...]:
        """What tells two drawings of the same card apart; arrays by identity, which this tuple keeps alive."""
        gradient = self.gradient
        return (
            self.x,
            self.y,
            Same(self.layout),
            self.ports,
            Same(self.value),
            gradient.state,
            Same(gradient.array),
            Same(self.total),
            self.line,
            self.problem,
            self.is_error,
            self.step,
            self.is_waiting,
            self.is_stale,
            self.is_selected,
        )

    def rect(self, rect: Rect) -> Rect:
        """Return a rectangle of the layout in picture coordinates."""
        x, y, w, h = rect
        return self.x + x, self.y + y, w, h


def card_items(card: CardState, theme: Theme, scales: Scales) -> Iterator[Item]:
    """Yield what shows a node's card; `scales` are those of values and gradients."""
    opacity = theme.waiting if card.is_waiting else 1.0
    yield from _ground(card, theme)
    yield from _title(card, theme, opacity)
    yield from _target(card, theme, opacity)
    yield from _ports(card, theme, opacity)
    if card.is_error and card.value is None:
        yield from _error(card, theme)
    else:
        yield from _value(card, theme, scales.values, opacity)
        yield from _gradient(card, theme, scales.gradients, opacity)
        yield from _line(card, theme, opacity)
    yield from _note(card, theme)
    yield from _problem_badge(card, theme)
    if card.step:
        yield from step_badge(card.step, (card.x, card.y, card.layout.w, card.layout.h), theme, card.node)


def _ground(card: CardState, theme: Theme) -> Iterator[Item]:
    """Yield the rings of what is active and selected, and the card itself."""
    x, y, w, h = card.x, card.y, card.layout.w, card.layout.h
    if card.step:
        yield ring((x, y, w, h), theme, theme.active, theme.ring_width, distance=theme.ring_width / 2, node=card.node)
    yield Box(x, y, w, h, theme.card, radius=theme.radius, node=card.node)
    if card.is_selected:
        distance = theme.ring_width + 2 * theme.stroke_width
        yield ring((x, y, w, h), theme, theme.selection, 2 * theme.stroke_width, distance=distance, node=card.node)


def ring(rect: Rect, theme: Theme, colour: str, width: float, *, distance: float, node: NodeId | None) -> Box:
    """Return a line of some width around a card, its middle at a distance from the card's edge."""
    x, y, w, h = rect
    return Box(
        x - distance,
        y - distance,
        w + 2 * distance,
        h + 2 * distance,
        stroke=colour,
        width=width,
        radius=theme.radius + distance,
        node=node,
    )


def _title(card: CardState, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield the title bar: sign, name, and the kind of node at its right; then the card's outline."""
    (x, y, w, h), node = card.rect(card.layout.title_bar), card.node
    tint = theme.tint(card.layout.title.family)
    yield Box(x, y, w, h, tint, radius=theme.radius, corners="top", opacity=opacity, node=node)
    if card.layout.target is not None:
        yield Box(*card.rect(card.layout.target), tint, opacity=_TARGET_TINT * opacity, node=node)
    outline = theme.ink if card.is_error else theme.card_stroke
    dash = () if card.layout.shape is not None else fine_dash(theme)
    yield Box(
        x, y, w, card.layout.h, None, outline, theme.stroke_width, theme.radius, dash=dash, opacity=opacity, node=node
    )
    yield from _title_texts(card, theme, opacity)


def _title_texts(card: CardState, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield sign, tag and name; from afar the name alone, as large as it can be read."""
    (x, y, w, h), title = card.rect(card.layout.title_bar), card.layout.title
    s, middle, least = theme.spacing, y + h / 2, READABLE / theme.note_size
    left, right = x + 1.25 * s, x + w - 1.25 * s
    if title.sign:
        sign = _text(card, title.sign, (left, middle), theme.title_size, theme.muted, opacity=opacity)
        yield replace(sign, least=least)
        left += text_width(title.sign, theme.title_size) + 0.75 * s
    room = right - left
    most_tag = max(0.0, room - min(text_width(title.name, theme.title_size, weight="semibold"), 0.6 * room) - s)
    tag = shorten(title.tag, most_tag, theme.note_size)
    whole = room
    if len(tag) > 2 or tag == title.tag != "":
        told = _text(card, tag, (right, middle), theme.note_size, theme.muted, anchor="right", opacity=opacity)
        yield replace(told, least=least)
        room -= text_width(tag, theme.note_size) + s
    name = shorten(title.name, room, theme.title_size, weight="semibold")
    text = _text(card, name, (left, middle), theme.title_size, theme.ink, opacity=opacity)
    yield replace(text, weight="semibold", room=whole)


def _text(
    card: CardState,
    text: str,
    at: tuple[float, float],
    size: float,
    colour: str,
    *,
    anchor: str = "left",
    opacity: float = 1.0,
) -> Text:
    """Return a text of the card, on the middle of a line."""
    return Text(
        *at,
        text,
        size,
        colour,
        anchor="right" if anchor == "right" else "middle" if anchor == "middle" else "left",
        baseline="middle",
        opacity=opacity,
        node=card.node,
    )


def _target(card: CardState, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield the row that marks a target: what is differentiated, and the seed the sweep starts with."""
    if card.layout.target is None:
        return
    x, y, w, h = card.rect(card.layout.target)
    left, middle = x + 1.25 * theme.spacing, y + h / 2
    yield _text(card, _TARGET, (left, middle), theme.note_size, theme.ink, opacity=opacity)
    right = x + w - 1.25 * theme.spacing
    room = right - left - text_width(_TARGET, theme.note_size) - theme.spacing
    seed = shorten(card.layout.seed, room, theme.note_size)
    yield _text(card, seed, (right, middle), theme.note_size, theme.gradient, anchor="right", opacity=opacity)


def _ports(card: CardState, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield the names of ports; one without a wire is a circle, and the output a disc."""
    layout, r = card.layout, theme.port_radius
    for name, height, state in zip(layout.ports, layout.port_heights, card.ports, strict=True):
        y = card.y + height
        colour = theme.ink if state == "open" else theme.muted
        if state != "wired":
            width = (1.5 if state == "open" else 1.0) * theme.stroke_width
            yield Box(card.x - r, y - r, 2 * r, 2 * r, theme.card, colour, width, r, node=card.node)
        yield _text(card, name, (card.x + 1.25 * theme.spacing, y), theme.shape_size, colour, opacity=opacity)
    r *= 0.7
    x, y = card.x + layout.w, card.y + layout.output_height
    disc = Box(x - r, y - r, 2 * r, 2 * r, theme.ink, theme.card, theme.stroke_width, r, node=card.node)
    yield replace(disc, opacity=opacity)


def _value(card: CardState, theme: Theme, limit: float, opacity: float) -> Iterator[Item]:
    layout = card.layout
    heading = _heading(card, layout.value_heading, value_heading(layout.shape), theme.muted, theme)
    yield replace(heading, opacity=opacity)
    chip = _chip(card, layout.value, theme, limit, stroke=theme.muted, opacity=opacity)
    if card.value is None:
        yield from placeholder_items(chip, NOT_COMPUTED)
    else:
        yield from chip_items(chip, card.value)


def _heading(card: CardState, rect: Rect, word: str, colour: str, theme: Theme) -> Text:
    x, y, w, h = card.rect(rect)
    return _text(card, shorten(word, w, theme.note_size), (x, y + h / 2), theme.note_size, colour)


def _chip(card: CardState, rect: Rect, theme: Theme, limit: float, *, stroke: str, opacity: float) -> Chip:
    x, y, _, _ = card.rect(rect)
    return Chip(x, y, card.layout.tensor, theme, limit, stroke, theme.stroke_width, opacity=opacity, node=card.node)


def _gradient(card: CardState, theme: Theme, limit: float, opacity: float) -> Iterator[Item]:
    """Yield heading and chip of the gradient in one of its four states, or with the sum of what has arrived.

    Both have the colour of gradients where there is one, so that what a sweep has reached is seen from afar.
    """
    layout, gradient = card.layout, card.gradient
    fade = theme.waiting if card.is_stale else opacity
    is_there = gradient.array is not None or card.total is not None
    word = "stale gradient" if card.is_stale and is_there else "gradient"
    heading = _heading(card, layout.gradient_heading, word, theme.gradient if is_there else theme.muted, theme)
    yield replace(heading, opacity=opacity)
    chip = _chip(card, layout.gradient, theme, limit, stroke=theme.gradient, opacity=fade)
    if gradient.array is not None:
        yield from chip_items(chip, gradient.array)
    elif card.total is not None:
        partial = replace(chip, width=1.5 * theme.stroke_width, dash=fine_dash(theme))
        yield from chip_items(partial, card.total)
    else:
        mark = NO_PATH if gradient.state == "no path" else NOT_COMPUTED
        yield from placeholder_items(replace(chip, stroke=theme.muted), mark)


def _line(card: CardState, theme: Theme, opacity: float) -> Iterator[Item]:
    """Yield the line under the chips, in as many lines as it has room for."""
    told = card.problem if card.is_error else card.line or card.problem
    colour = theme.ink if card.is_error else theme.muted
    x, y, w, _ = card.rect(card.layout.footer)
    height = LINE_HEIGHT * theme.note_size
    for row, line in enumerate(wrap(told, w, theme.note_size, card.layout.footer_lines)):
        yield _text(card, line, (x, y + (row + 0.5) * height), theme.note_size, colour, opacity=opacity)


def _error(card: CardState, theme: Theme) -> Iterator[Item]:
    """Yield, in place of the chips, what is wrong with a node that cannot have a value."""
    x, y, _, _ = card.rect(card.layout.value_heading)
    _, top, _, h = card.rect(card.layout.footer)
    height = LINE_HEIGHT * theme.note_size
    room = card.x + card.layout.w - 1.5 * theme.spacing - x
    most = max(1, int((top + h - y) / height))
    for row, line in enumerate(wrap(card.problem, room, theme.note_size, most)):
        yield _text(card, line, (x, y + (row + 0.5) * height), theme.note_size, theme.ink)


def _note(card: CardState, theme: Theme) -> Iterator[Item]:
    """Yield the teacher's note below a thin rule."""
    if card.layout.note is None:
        return
    x, y, w, _ = card.rect(card.layout.note)
    rule = y - 0.75 * theme.spacing
    yield Box(x, rule, w, theme.stroke_width, theme.grid, node=card.node)
    for row, line in enumerate(card.layout.note_lines):
        yield _text(card, line, (x, y + (row + 0.5) * LINE_HEIGHT * theme.note_size), theme.note_size, theme.muted)


def step_badge(step: int, rect: Rect, theme: Theme, node: NodeId | None = None) -> Iterator[Item]:
    """Yield the number of the active step, at the upper left corner of a card."""
    yield from _disc(str(step), (rect[0], rect[1]), theme.active, theme, node)


def _problem_badge(card: CardState, theme: Theme) -> Iterator[Item]:
    """Yield the sign of a node with a problem, at its upper right corner."""
    if card.is_error:
        yield from _disc("✗", (card.x + card.layout.w, card.y), theme.ink, theme, card.node)


def _disc(text: str, middle: tuple[float, float], colour: str, theme: Theme, node: NodeId | None) -> Iterator[Item]:
    """Yield a disc, or a longer one for a longer text, with a text that can be read on its colour."""
    h = 1.7 * theme.note_size
    w = max(h, text_width(text, theme.note_size, weight="semibold") + theme.spacing)
    x, y = middle
    ink = theme.card if colour == theme.ink else ink_on(theme, is_dark=False)
    yield Box(x - w / 2, y - h / 2, w, h, colour, theme.card, theme.stroke_width, radius=h / 2, node=node)
    yield Text(x, y, text, theme.note_size, ink, weight="semibold", anchor="middle", baseline="middle", node=node)
