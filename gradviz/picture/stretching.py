"""Broadcasting, forward: ghost copies of a tensor slide out along the axes along which it is stretched.

What the backward pass will add up again is copied here. Of small tensors each copy is seen, of large ones the heatmap
unfolds. The copies are ghosts, paler than what they copy: broadcasting holds no second tensor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradviz.engine import Compute, Send, show_axes, show_number, stretched_axes
from gradviz.graph import Port
from gradviz.ops import Array, Shape
from gradviz.picture.collapse import collapsed_size, collapsing_items, directions
from gradviz.picture.items import Item, Point
from gradviz.picture.rules import operand_text
from gradviz.picture.stage import MovingChip, Stage, eased, ground, shape_below, words_left_of
from gradviz.picture.tensor_layout import TensorLayout
from gradviz.picture.tensors import Chip, layout_on_the_way

GHOST = 0.5
"""The opacity of a copy, as a part of that of what it copies."""

_MOST_STRETCHED = 2
_MOST_ADDENDS = 4


@dataclass(frozen=True, eq=False)
class Stretched:
    """An input that broadcasting stretches to `shape` along `axes`, with the layouts it has before and after."""

    port: Port
    value: Array
    shape: Shape
    axes: tuple[int, ...]
    before: TensorLayout
    after: TensorLayout

    @property
    def copies(self) -> Array:
        """The tensor as broadcasting lets the rule see it."""
        return np.broadcast_to(self.value, self.shape)


def stretched_inputs(stage: Stage, frame: Compute) -> Mapping[Port, Stretched]:
    """Return the inputs of the step that broadcasting stretches, those that stand one above the other at most."""
    run, theme = stage.moment.run, stage.theme
    step = run.paths.steps[frame.node]
    values = [run.values[source] for source in step.sources]
    found = stretched_axes(step, [value.shape for value in values], frame.value.shape)
    inputs: dict[Port, Stretched] = {}
    for name, value in zip(step.ports, values, strict=True):
        port = Port(frame.node, name)
        if name in found and port in stage.geometry.wire_index and len(inputs) < _MOST_STRETCHED:
            copies = np.broadcast_to(value, frame.value.shape)
            layouts = layout_on_the_way(value, theme), layout_on_the_way(copies, theme)
            inputs[port] = Stretched(port, value, frame.value.shape, found[name], *layouts)
    return inputs


def stretching_items(stage: Stage, inputs: Mapping[Port, Stretched], progress: float) -> Iterator[Item]:
    """Yield the stretched inputs of a step, beside their ports: alone at progress 0, with all their copies at 0.75."""
    appears, fades = eased(progress, 0.0, 0.15), eased(progress, 0.85, 1.0)
    places = _places(stage, inputs)
    for port, stretched in inputs.items():
        yield from _one(stage, stretched, places[port], eased(progress, 0.15, 0.75), appears * (1 - fades))


def _one(stage: Stage, stretched: Stretched, middle: Point, way: float, opacity: float) -> Iterator[Item]:
    theme, layout, limit = stage.theme, stretched.after, stage.scales.values
    along = directions(stretched.shape, stretched.axes, layout)
    w, h = collapsed_size(layout, along, 1 - way)
    if opacity <= 0:
        return
    yield ground((*middle, max(w, layout.w), max(h, layout.h)), theme, opacity, theme.ink)
    corner = middle[0] - layout.w / 2, middle[1] - layout.h / 2
    if way <= 0:
        whole = MovingChip(stretched.value, stretched.before, middle, limit, theme.card, opacity)
        yield from whole.tensor_items(theme)
    else:
        chip = Chip(*corner, layout, theme, limit, theme.card, opacity=opacity, port=stretched.port)
        yield from collapsing_items(chip, stretched.copies, stretched.axes, 1 - way, ghost=GHOST)
    below = middle[1] + layout.h / 2
    yield from shape_below(stretched.shape if way > 0.5 else stretched.value.shape, (middle[0], below), theme, opacity)
    at = middle[0], below + 2.6 * theme.shape_size
    yield from words_left_of(stage, stretched.port, copied_text(stretched), at, theme.ink, opacity=opacity)


def copied_text(stretched: Stretched) -> str:
    """Return in words what is copied, how often, and along which axes."""
    count = int(np.prod([stretched.shape[axis] for axis in stretched.axes]))
    return f"×{count} along {show_axes(stretched.axes)}"


def summed_text(frame: Send) -> str:
    """Return the sum behind the first number of a share, as in `4 + 10 = 14, …`; "" where it is long."""
    first = tuple(slice(None) if axis in frame.axes else 0 for axis in range(frame.raw.ndim))
    if not frame.share.size or not 1 < (numbers := frame.raw[first].ravel()).size <= _MOST_ADDENDS:
        return ""
    more = ", …" if frame.share.size > 1 else ""
    return f"{' + '.join(map(operand_text, numbers))} = {show_number(frame.share.ravel()[0])}{more}"


def _places(stage: Stage, inputs: Mapping[Port, Stretched]) -> Mapping[Port, Point]:
    """Return the middles of the stretched tensors: left of their ports, and below each other where there are two."""
    theme, places = stage.theme, dict[Port, Point]()
    lowest = -np.inf
    for port, stretched in inputs.items():
        x, y = stage.geometry.curve_points[stage.geometry.wire_index[port]][-1]
        y = max(y, lowest + stretched.after.h / 2)
        places[port] = x - stretched.after.w / 2 - 2.0 * theme.spacing, y
        lowest = y + stretched.after.h / 2 + 4.5 * theme.shape_size
    return places
