"""Where the parts of a node's card are, relative to its upper left corner.

A card has a title bar, a row that marks a target, two chips of the same size for value and gradient with their
headings, room for what stands behind the gradient, and the teacher's note. Its size follows from the document and the
shapes alone, never from the moment: nothing moves while the sweep runs. So the room below is as large as what may come
to stand there (`longest_lines` in reasons), and there is none where nothing can.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from gradviz.graph import Computation, Leaf, NodeId, OneHot, Seed, ports_of
from gradviz.ops import Shape, find
from gradviz.picture.fonts import shorten, text_width
from gradviz.picture.items import Rect
from gradviz.picture.numbers import show_shape
from gradviz.picture.tensor_layout import TensorLayout, stretched, tensor_layout
from gradviz.picture.theme import Theme
from gradviz.picture.titles import Title

_MOST_NOTE_LINES = 10
_MOST_FOOTER_LINES = 2
LINE_HEIGHT = 1.35
"""The height of a line of small text, in multiples of its size."""

_GRID = 4
_WIDEST_HEADING = 16.0
_LEAST_WIDTH = 24.5
"""The narrowest card, in multiples of the spacing: the reasons of most zeros fit."""


@dataclass(frozen=True)
class CardLayout:
    """The parts of a card as rectangles (x, y, w, h); heights of ports on its left and right edge.

    `tensor` is the layout inside both chips. `target` and `note` are None where the card has no such part.
    """

    title: Title
    tensor: TensorLayout
    shape: Shape | None
    w: float
    h: float
    title_bar: Rect
    target: Rect | None
    seed: str
    ports: tuple[str, ...]
    port_heights: tuple[float, ...]
    output_height: float
    value_heading: Rect
    value: Rect
    gradient_heading: Rect
    gradient: Rect
    footer: Rect
    footer_lines: int
    note: Rect | None
    note_lines: tuple[str, ...]


class CardFacts(NamedTuple):
    """What the layout of a card depends on; `seed` is None where the node is no target.

    `line` is the longest that may come to stand below the chips, "" where nothing can.
    """

    title: Title
    ports: tuple[str, ...]
    shape: Shape | None
    seed: str | None
    line: str
    note: str


def known_ports(computation: Computation, node: NodeId) -> tuple[str, ...]:
    """Return the input ports of a node; of an op that nobody knows, those that are wired."""
    kind = computation.nodes[node]
    if isinstance(kind, Leaf) or find(kind.op) is not None:
        return ports_of(kind)
    return tuple(port.name for port in computation.wires if port.node == node)


def seed_text(seed: Seed) -> str:
    """Return in a few words what the sweep starts with."""
    if seed is None:
        return "seed: ones"
    if isinstance(seed, OneHot):
        return f"seed: one-hot {', '.join(map(str, seed.index))}".rstrip()
    return "seed: custom"


@lru_cache(maxsize=1 << 14)
def card_layout(facts: CardFacts, theme: Theme) -> CardLayout:
    """Return the layout of a card: bar and target on top, ports at the left of the chips, the note below."""
    s = float(theme.spacing)
    pad, tensor = 1.5 * s, tensor_layout(facts.shape, theme)
    left, w = _columns(facts, tensor, theme)
    is_row, room, inner = _is_row(tensor, theme), w - left - pad, w - 2 * pad
    tensor = stretched(tensor, (room - pad) / 2 if is_row else room)
    title_h = float(round(2.2 * theme.title_size))
    target_h = 0.0 if facts.seed is None else 1.75 * theme.note_size
    top = title_h + target_h
    chips = _chips((left, top + 0.5 * s, room), tensor, theme, is_row=is_row)
    count, line_h = len(facts.ports), LINE_HEIGHT * theme.note_size
    lines = min(len(wrap(facts.line, inner, theme.note_size, _MOST_FOOTER_LINES)), _MOST_FOOTER_LINES)
    ports_h = max(chips[3][1] + tensor.h + 0.5 * s - top, (count + 1) * 1.6 * theme.shape_size)
    footer = (pad, top + ports_h, inner, lines * line_h)
    body_h = ports_h + lines * line_h + (0.75 if lines else 1.0) * s
    note_lines = wrap(facts.note, inner, theme.note_size, _MOST_NOTE_LINES)
    note_h = len(note_lines) * line_h
    return CardLayout(
        title=facts.title,
        tensor=tensor,
        shape=facts.shape,
        w=w,
        h=_rounded(top + body_h + (note_h + 1.75 * s if note_lines else 0.0)),
        title_bar=(0.0, 0.0, w, title_h),
        target=(0.0, title_h, w, target_h) if target_h else None,
        seed=facts.seed or "",
        ports=facts.ports,
        port_heights=tuple(top + ports_h * (i + 1) / (count + 1) for i in range(count)),
        output_height=top + ports_h / 2,
        value_heading=chips[0],
        value=chips[1],
        gradient_heading=chips[2],
        gradient=chips[3],
        footer=footer,
        footer_lines=lines,
        note=(pad, top + body_h + 0.75 * s, inner, note_h) if note_lines else None,
        note_lines=note_lines,
    )


def _columns(facts: CardFacts, tensor: TensorLayout, theme: Theme) -> tuple[float, float]:
    """Return where the chips begin, right of the names of the ports, and how wide the card is."""
    s = float(theme.spacing)
    pad = 1.5 * s
    names = max((text_width(name, theme.shape_size) for name in facts.ports), default=0.0)
    left = pad + (names + 0.75 * s if facts.ports else 0.0)
    heading = min(text_width(value_heading(facts.shape), theme.note_size), _WIDEST_HEADING * s)
    column = max(tensor.w, heading)
    chips = 2 * column + pad if _is_row(tensor, theme) else column
    target = 22 * s if facts.seed is not None else 0.0
    return left, _rounded(max(left + chips + pad, _title_width(facts.title, theme), target, _LEAST_WIDTH * s))


def value_heading(shape: Shape | None) -> str:
    """Return what stands above the chip of the value: of a tensor its shape, too."""
    return f"value {show_shape(shape)}" if shape else "value"


def _is_row(tensor: TensorLayout, theme: Theme) -> bool:
    """Say whether value and gradient stand side by side rather than one below the other."""
    return 2 * tensor.w + 1.5 * theme.spacing <= 30 * theme.spacing


def _chips(
    corner: tuple[float, float, float], tensor: TensorLayout, theme: Theme, *, is_row: bool
) -> tuple[Rect, Rect, Rect, Rect]:
    """Return the rectangles of value heading, value, gradient heading and gradient: in a row, or in a column.

    `corner` is where they begin, left and top, and how wide they may be.
    """
    left, top, room = corner
    heading = 1.5 * theme.note_size
    half = (room - 1.5 * theme.spacing) / 2 if is_row else room
    right = left + room - half
    second = top if is_row else top + heading + tensor.h + 0.5 * theme.spacing
    return (
        (left, top, half, heading),
        (left, top + heading, tensor.w, tensor.h),
        (right, second, half, heading),
        (right, second + heading, tensor.w, tensor.h),
    )


def _title_width(title: Title, theme: Theme) -> float:
    """Return how wide a card should be for its title: names are cut above a width."""
    s = theme.spacing
    name = min(text_width(title.name, theme.title_size, weight="semibold"), 24 * s)
    sign = text_width(title.sign, theme.title_size) + 0.75 * s if title.sign else 0.0
    tag = text_width(title.tag, theme.note_size) + 1.5 * s if title.tag else 0.0
    return 3.0 * s + sign + name + min(tag, 14 * s)


def wrap(text: str, width: float, size: float, most: int) -> tuple[str, ...]:
    """Return a text in at most `most` lines of at most `width` pixels; "…" stands for what is left out."""
    words = text.split()
    lines: list[str] = []
    while words and len(lines) < most:
        count = 1
        while count < len(words) and text_width(" ".join(words[: count + 1]), size) <= width:
            count += 1
        is_last = len(lines) == most - 1 and count < len(words)
        lines.append(shorten(" ".join(words[: count + 1] if is_last else words[:count]), width, size))
        words = words[count:]
    return tuple(lines)


def _rounded(length: float) -> float:
    """Return a length rounded up to a grid, so that cards of about one size are of one size."""
    return float(-(-length // _GRID) * _GRID)
