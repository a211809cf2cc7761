"""What moves while training: a gradient goes into the value of its variable, and is set back.

An `Update` tells the optimiser's rule, brings the gradient from its place on the card over to the value, and lets the
value become the new one. A `Clear` lets the gradient fade into the zero that the next step begins with.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradviz.engine import Clear, Update
from gradviz.picture.callout import callout_items
from gradviz.picture.items import Item, Point, Rect
from gradviz.picture.stage import MovingChip, Stage, active_marks, arriving, eased
from gradviz.picture.update_rules import update_rules


def update_items(stage: Stage, frame: Update, progress: float) -> Iterator[Item]:
    """Yield the rule, the gradient on its way into the value, and the value that comes of it."""
    node, theme = frame.node, stage.theme
    yield from active_marks(stage, node)
    yield from arriving(stage, node, frame.after, eased(progress, 0.65, 0.9), is_gradient=False)
    way, gone = eased(progress, 0.25, 0.65), eased(progress, 0.65, 0.8)
    if progress > 0 and gone < 1 and frame.gradient.shape == stage.geometry.layout(node).shape:
        start, end = (_middle(stage.chip_rect(node, is_gradient=of)) for of in (True, False))
        at = start[0] + (end[0] - start[0]) * way, start[1] + (end[1] - start[1]) * way
        layout = stage.geometry.layout(node).tensor
        chip = MovingChip(frame.gradient, layout, at, stage.scales.gradients, theme.gradient, 1 - gone)
        yield from chip.tensor_items(theme)
    *before, rule = update_rules(stage.document, stage.moment, frame)
    opacity = eased(progress, 0.0, 0.25)
    yield from callout_items(rule, stage.geometry.rect(node), stage.geometry, theme, opacity, before=before)


def clear_items(stage: Stage, frame: Clear, progress: float) -> Iterator[Item]:
    """Yield zeros that come up over a gradient."""
    yield from active_marks(stage, frame.node)
    yield from arriving(stage, frame.node, np.zeros_like(frame.gradient), eased(progress), is_gradient=True)


def _middle(rect: Rect) -> Point:
    x, y, w, h = rect
    return x + w / 2, y + h / 2
