"""Wires that lead around the cards between their ends, as far as one Bézier can.

A wire to a sink on the right starts as a plain S. Where that would run under a card, other bends are tried, and the
one that runs under the fewest cards is taken. Very large graphs keep the plain S: nobody can follow a wire there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradviz.picture.curves import AHEAD, Floats, flattened

Indices = NDArray[np.intp]

_MOST_PAIRS = 4_000_000
_MARGIN = 10.0
_SEGMENTS = 32
_BENDS = tuple(
    (first, second, lift)
    for lift in (0.0, 90.0, -90.0, 180.0, -180.0, 300.0, -300.0, 450.0, -450.0)
    for first, second in ((0.5, 0.5), (0.75, 0.3), (0.3, 0.75))
)
"""Bends to try: the length of both handles as shares of the run, and how far down both of them go."""


def routed(curves: Floats, sources: Indices, sinks: Indices, rects: Floats) -> Floats:
    """Return the curves, (wires, 4, 2), with those that run under cards bent around them where that helps.

    `sources` and `sinks`, (wires,), are rows of `rects`, (cards, 4): x, y, w, h.
    """
    if not curves.size or len(curves) * len(rects) > _MOST_PAIRS:
        return curves
    leads_right = curves[:, 3, 0] - curves[:, 0, 0] >= AHEAD
    hit = np.flatnonzero((_hits(curves, sources, sinks, rects) > 0) & leads_right)
    if not hit.size or hit.size * len(_BENDS) * len(rects) > _MOST_PAIRS:
        return curves
    variants = np.concatenate([curves[hit][None], _bent(curves[hit])])
    count = len(variants)
    hits = _hits(variants.reshape(-1, 4, 2), np.tile(sources[hit], count), np.tile(sinks[hit], count), rects)
    best = np.argmin(hits.reshape(count, -1), axis=0)
    result = curves.copy()
    result[hit] = variants[best, np.arange(hit.size)]
    return result


def _bent(curves: Floats) -> Floats:
    """Return all bends of curves, (bends, wires, 4, 2)."""
    run = curves[:, 3, 0] - curves[:, 0, 0]
    bends = np.repeat(curves[None], len(_BENDS), axis=0)
    for bend, (first, second, lift) in zip(bends, _BENDS, strict=True):
        bend[:, 1, 0] = curves[:, 0, 0] + first * run
        bend[:, 2, 0] = curves[:, 3, 0] - second * run
        bend[:, 1, 1] = curves[:, 0, 1] + lift
        bend[:, 2, 1] = curves[:, 3, 1] + lift
    return bends


def _hits(curves: Floats, sources: Indices, sinks: Indices, rects: Floats) -> NDArray[np.int64]:
    """Return how many points of each curve lie under cards other than those at its ends."""
    low, high = curves.min(axis=1) - _MARGIN, curves.max(axis=1) + _MARGIN
    touches = (low[:, None, 0] < rects[:, 0] + rects[:, 2]) & (rects[:, 0] < high[:, None, 0])
    touches &= (low[:, None, 1] < rects[:, 1] + rects[:, 3]) & (rects[:, 1] < high[:, None, 1])
    rows = np.arange(len(curves))
    touches[rows, sources] = False
    touches[rows, sinks] = False
    wires, cards = np.nonzero(touches)
    points, boxes = flattened(curves, _SEGMENTS)[wires], rects[cards, None]
    inside = (points[..., 0] > boxes[..., 0] - _MARGIN) & (points[..., 0] < boxes[..., 0] + boxes[..., 2] + _MARGIN)
    inside &= (points[..., 1] > boxes[..., 1] - _MARGIN) & (points[..., 1] < boxes[..., 1] + boxes[..., 3] + _MARGIN)
    return np.bincount(wires, weights=inside.sum(axis=1), minlength=len(curves)).astype(np.int64)
