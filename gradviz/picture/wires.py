"""Wires: values flow along them in ink, solid, with their shape; gradients flow back beside them, dashed and purple.

The width of a line is the magnitude that flows, on one fixed logarithmic scale for all runs, so that wires and runs
can be compared. What a gradient delivers, its contribution, hangs on its own line; the total is at the node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gradviz.engine import Blocked, Send
from gradviz.graph import Port
from gradviz.ops import Array, Shape
from gradviz.picture.curves import Points, as_points, part
from gradviz.picture.fonts import text_width
from gradviz.picture.items import READABLE, Box, Curve, Item, Point, Rect, Text
from gradviz.picture.labels import CUT, CUT_ON_PURPOSE, shape_text
from gradviz.picture.sameness import Same
from gradviz.picture.tensor_layout import TensorLayout, small_layout
from gradviz.picture.tensors import Chip, cell_text, chip_items
from gradviz.picture.theme import Theme

_SMALLEST, _LARGEST = -4.0, 4.0
"""Magnitudes are told apart between 1e-4 and 1e4."""


@dataclass(frozen=True, eq=False)
class WireState:
    """What a wire shows: where it runs, where its labels go, and what has flowed.

    `curve` runs to the port and `back` from it; `lean` tells where in its room a narrow contribution is. `value` is
    None while the source waits; `sent` is what happened on the way back. `flows` says that a value, and `returns` that
    a gradient, is on its way right now. `is_cut` marks the port of an op that cuts gradients; `is_planned` is False
    where no value will ever come.
    """

    port: Port
    curve: Points
    back: Points
    shape: Shape | None
    shape_rect: Rect
    share_rect: Rect
    lean: float
    cut_rect: Rect
    cut_stop: float
    value: Array | None = None
    sent: Send | Blocked | None = None
    flows: bool = False
    returns: bool = False
    is_cut: bool = False
    is_planned: bool = True
    fade: float = 1.0

    @property
    def look(self) -> tuple[object, ...]:
        """What tells two drawings of the same wire apart; arrays by identity, which this tuple keeps alive."""
        return (
            self.curve,
            self.shape,
            self.shape_rect,
            self.share_rect,
            self.lean,
            self.cut_rect,
            Same(self.value),
            Same(self.sent),
            self.flows,
            self.returns,
            self.is_cut,
            self.is_planned,
            self.fade,
        )


def line_items(wire: WireState, theme: Theme) -> Iterator[Item]:
    """Yield the lines of a wire: the value's, and the gradient's once it has been sent or blocked."""
    opacity = theme.waiting if wire.is_planned and wire.value is None else 1.0
    width = theme.wire_width if wire.value is None else line_width(wire.value, theme)
    line = Curve(wire.curve, theme.ink, width, head=arrow_head(width, theme), opacity=opacity, port=wire.port)
    if wire.flows:
        yield halo(line, theme)
    yield line
    if isinstance(wire.sent, Send):
        yield from _returning(wire, wire.sent, theme)
    elif wire.sent is not None:
        yield from _blocked(wire, theme)


def label_items(wire: WireState, theme: Theme, limit: float) -> Iterator[Item]:
    """Yield the labels of a wire: its shape, and what the gradient delivers; `limit` is the scale of gradients."""
    yield from shape_items(wire.shape, wire.shape_rect, theme, wire.port)
    if isinstance(wire.sent, Send):
        room = Room(wire.share_rect, wire.lean)
        yield from share_items(wire.sent.share, room, theme, limit, opacity=wire.fade, port=wire.port)
    elif wire.sent is not None:
        yield from cut_items(wire.cut_rect, theme, is_cut=wire.is_cut, opacity=wire.fade, port=wire.port)


class Room(NamedTuple):
    """Room for a contribution, and to which end of it a narrow one moves: -1 to the left, 1 to the right."""

    rect: Rect
    lean: float


def shape_items(shape: Shape | None, rect: Rect, theme: Theme, port: Port | None = None) -> Iterator[Item]:
    """Yield the chip with a shape; a question mark where the shape is not known."""
    x, y, w, h = rect
    least = READABLE / theme.shape_size
    yield Box(x, y, w, h, theme.card, theme.card_stroke, theme.stroke_width, radius=h / 2, port=port, least=least)
    text = Text(x + w / 2, y + h / 2, shape_text(shape, theme), theme.shape_size, theme.ink, least=least, port=port)
    yield replace(text, anchor="middle", baseline="middle")


def share_items(
    share: Array, room: Room, theme: Theme, limit: float, *, opacity: float = 1.0, port: Port | None = None
) -> Iterator[Item]:
    """Yield the chip with a contribution: the tensor in a frame of the gradient's colour."""
    corner, layout = share_place(share, room, theme)
    w, h = layout.w + 0.75 * theme.spacing, layout.h + 0.75 * theme.spacing
    x, y = corner[0] + layout.w / 2, corner[1] + layout.h / 2
    frame = Box(x - w / 2, y - h / 2, w, h, theme.card, theme.gradient, theme.stroke_width, 3.0)
    chip = Chip(*corner, layout, theme, limit, theme.card, opacity=opacity, port=port)
    items = (replace(frame, opacity=opacity, port=port), *chip_items(chip, share))
    if layout.kind == "heatmap":
        yield from items
        return
    for item in items:
        yield replace(item, least=READABLE / theme.cell_size) if isinstance(item, Box | Text) else item


def share_place(share: Array, room: Room, theme: Theme) -> tuple[Point, TensorLayout]:
    """Return the upper left corner of the tensor of a contribution beside its wire, and its layout."""
    rect, lean = room
    layout = small_layout(share.shape, theme)
    if layout.kind == "number":
        width = text_width(cell_text(share), theme.cell_size, "mono") + 1.25 * theme.spacing
        layout = replace(layout, w=min(layout.w, max(width, layout.h)))
    x, y = rect[0] + rect[2] / 2 + lean * (rect[2] - layout.w - 0.75 * theme.spacing) / 2, rect[1] + rect[3] / 2
    return (x - layout.w / 2, y - layout.h / 2), layout


def line_width(array: Array, theme: Theme) -> float:
    """Return the width of a line along which a tensor flows: its root mean square on a fixed logarithmic scale."""
    thin, thick = theme.wire_width / 2, theme.wire_width_most
    size = magnitude(array)
    if not size > 0:
        return thin
    share = (min(max(np.log10(size), _SMALLEST), _LARGEST) - _SMALLEST) / (_LARGEST - _SMALLEST)
    return float(thin * (thick / thin) ** share)


def magnitude(array: Array) -> float:
    """Return the root mean square of the finite numbers of a tensor; 0 where there is none."""
    if array.ndim == 0:
        number = abs(float(array))
        return number if np.isfinite(number) else 0.0
    sizes = np.abs(array.astype(np.float64, copy=False))
    sizes = sizes[np.isfinite(sizes)]
    most = float(sizes.max(initial=0.0))
    return most * float(np.sqrt(np.square(sizes / most).sum() / sizes.size)) if most else 0.0


def arrow_head(width: float, theme: Theme) -> float:
    """Return the length of the arrow head of a line."""
    return theme.spacing + 0.9 * width


def halo(line: Curve, theme: Theme) -> Curve:
    """Return the mark of the active step around a line."""
    return Curve(line.shaft, theme.active, line.width + 2 * theme.ring_width, bent=line.bent, port=line.port)


def _returning(wire: WireState, sent: Send, theme: Theme) -> Iterator[Item]:
    width = line_width(sent.share, theme)
    line = Curve(
        wire.back,
        theme.gradient,
        width,
        dash=theme.dash,
        head=arrow_head(width, theme),
        opacity=wire.fade,
        port=wire.port,
    )
    if wire.returns:
        yield halo(line, theme)
    yield line


def _blocked(wire: WireState, theme: Theme) -> Iterator[Item]:
    """Yield the stub of a way back on which nothing is sent."""
    stub = blocked_part(wire.back, wire.cut_stop)
    if wire.returns:
        yield Curve(stub, theme.active, theme.wire_width + 2 * theme.ring_width, port=wire.port)
    yield Curve(stub, theme.muted, theme.wire_width, dash=theme.dash, opacity=wire.fade, port=wire.port)


def blocked_part(back: Points, stop: float, progress: float = 1.0) -> Points:
    """Return the part of a way back, from its port, on which nothing is sent; it ends at the mark of the cut."""
    return as_points(part(np.array(back), 0.0, (1.0 - stop) * progress)[None])[0]


def cut_items(
    rect: Rect, theme: Theme, *, is_cut: bool, opacity: float = 1.0, port: Port | None = None
) -> Iterator[Item]:
    """Yield the mark where a way back ends: ∅, with scissors where an op cuts the gradient on purpose."""
    x, y, w, h = rect
    frame = Box(x, y, w, h, theme.card, theme.muted, theme.stroke_width, radius=3.0, opacity=opacity, port=port)
    x, y, mark = x + w / 2, y + h / 2, CUT_ON_PURPOSE if is_cut else CUT
    text = Text(x, y, mark, theme.shape_size, theme.muted, anchor="middle", baseline="middle", opacity=opacity)
    yield replace(frame, least=READABLE / theme.shape_size)
    yield replace(text, port=port, least=READABLE / theme.shape_size)
