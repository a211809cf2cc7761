"""Parts of pictures: some nodes cut out of the whole, and a legend put below."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from gradviz.graph import NodeId, Port
from gradviz.picture import Curve, Item, Picture, Polygon


def cut_out(picture: Picture, nodes: Collection[NodeId], wires: Mapping[Port, NodeId], margin: float) -> Picture:
    """Return the picture of some nodes and of the wires between them, with a margin in pixels around.

    `wires` says which node feeds which port. Everything stays where it was; what belongs to no node is left out.
    """
    inner = {port for port, source in wires.items() if port.node in nodes and source in nodes}
    kept = [row for row, item in enumerate(picture.items) if (item.port in inner if item.port else item.node in nodes)]
    if not kept:
        return replace(picture, items=(), bounds=(0.0, 0.0, 2 * margin, 2 * margin))
    bounds = picture.item_bounds[kept]
    left, top = (bounds[:, :2].min(axis=0) - margin).tolist()
    right, bottom = (bounds[:, 2:].max(axis=0) + margin).tolist()
    items = tuple(picture.items[row] for row in kept)
    return replace(picture, items=items, bounds=(left, top, right - left, bottom - top))


def with_legend(picture: Picture, legend: Picture, margin: float) -> Picture:
    """Return a picture with a legend, whose upper left corner is at (0, 0), below it; all within a margin in pixels."""
    x, y, w, h = picture.bounds
    _, _, width, height = legend.bounds
    below = tuple(moved(item, x + margin, y + h) for item in legend.items)
    if not below:
        return picture
    bounds = x, y, max(w, width + 2 * margin), h + height + margin
    return replace(picture, items=picture.items + below, bounds=bounds)


def moved(item: Item, right: float, down: float) -> Item:
    """Return an item so many pixels further right and down."""
    if isinstance(item, Curve | Polygon):
        return replace(item, points=tuple((x + right, y + down) for x, y in item.points))
    return replace(item, x=item.x + right, y=item.y + down)


def spanning(pictures: Collection[Picture]) -> tuple[float, float, float, float]:
    """Return the rectangle around the bounds of pictures."""
    bounds = np.array([picture.bounds for picture in pictures], dtype=np.float64).reshape(-1, 4)
    left, top = bounds[:, :2].min(axis=0).tolist()
    right, bottom = (bounds[:, :2] + bounds[:, 2:]).max(axis=0).tolist()
    return left, top, right - left, bottom - top
