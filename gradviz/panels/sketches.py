"""Sketches of matrices that are too large to be made: what their structure looks like, not their numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradviz.picture import Box, Curve, Item, Theme

Frame = tuple[float, float, float, float]
_SIDE = 12
"""Dots along a side of a sketch."""


def sketch(structure: str, frame: Frame, theme: Theme) -> list[Item]:
    """Return a frame with marks where a matrix of a structure (`Lens.structure`) has its numbers."""
    x, y, w, h = frame
    items: list[Item] = [Box(x, y, w, h, fill=theme.card, stroke=theme.local, width=1.5, dash=(6.0, 3.0))]
    if structure == "diagonal":
        return [*items, Curve(((x, y), (x + w, y + h)), theme.ink, 2.0, bent=False)]
    if structure == "dense":
        return [*items, Box(x + 2, y + 2, w - 4, h - 4, fill=theme.muted, opacity=0.45)]
    for left, top, wide, high in _patches(structure):
        items.append(Box(x + left * w, y + top * h, wide * w, high * h, fill=theme.ink, opacity=0.75))
    return items


def _patches(structure: str) -> Iterator[Frame]:
    """Yield rectangles of the unit square that are not zero."""
    dot = 1 / _SIDE
    match structure:
        case "blocks":
            yield from ((k / 4, k / 4, 0.25, 0.25) for k in range(4))
        case "permutation":
            places = np.random.default_rng(7).permutation(_SIDE).tolist()
            yield from ((column * dot, row * dot, dot, dot) for row, column in enumerate(places))
        case "selection":
            yield from ((2 * row * dot, 2 * row * dot, dot, 2 * dot) for row in range(_SIDE // 2))
        case "copies":
            yield from ((row % 4 * 0.25, row * dot, 0.25, dot) for row in range(_SIDE))
        case "sums":
            yield from ((column * dot, column % 4 * 0.25, dot, 0.25) for column in range(_SIDE))
        case "sparse":
            for row in range(_SIDE):
                yield from (((row + shift) % _SIDE * dot, row * dot, dot, dot) for shift in (0, 1, 4, 5))
