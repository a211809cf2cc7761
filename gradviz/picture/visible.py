"""What of all that a legend can explain is there to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gradviz.engine import Blocked, Send
from gradviz.ops import Array
from gradviz.picture.cards import CardState
from gradviz.picture.scales import Scales
from gradviz.picture.wires import WireState


@dataclass(frozen=True)
class Visible:
    """What a picture shows, so that the legend explains it and nothing else."""

    scales: Scales
    has_values: bool = False
    has_gradients: bool = False
    has_contributions: bool = False
    has_sums_so_far: bool = False
    has_value_cells: bool = False
    has_gradient_cells: bool = False
    has_numbers_off_scale: bool = False
    has_nan: bool = False
    has_active_step: bool = False
    has_unknown: bool = False
    has_no_path: bool = False
    has_ends: bool = False
    has_cuts: bool = False
    has_open_ports: bool = False
    has_problems: bool = False
    is_stale: bool = False


Signs = frozenset[str]
"""Names of fields of `Visible` that are true of something drawn."""


def visible_of(signs: Iterable[Signs], scales: Scales, *, is_stale: bool = False) -> Visible:
    """Return what is to be seen where all these signs are drawn."""
    seen = dict.fromkeys(frozenset[str]().union(*set(signs)), True)
    return Visible(scales, **seen, is_stale=is_stale)


def card_signs(card: CardState, scales: Scales) -> Signs:
    """Return what is to be seen on a card."""
    total, is_drawn = _gradient(card), not card.is_error or card.value is not None
    arrays = [array for array in (card.value, total) if array is not None]
    seen = {
        "has_gradients": total is not None,
        "has_sums_so_far": card.gradient.array is None and card.total is not None,
        "has_value_cells": card.value is not None and _has_cells(card.value),
        "has_gradient_cells": total is not None and _has_cells(total),
        "has_numbers_off_scale": any(_is_off_scale(array, limit) for array, limit in _heatmaps(card, scales)),
        "has_nan": any(_has_nan(array) for array in arrays),
        "has_active_step": bool(card.step),
        "has_unknown": is_drawn and _is_unknown(card),
        "has_no_path": is_drawn and card.gradient.state == "no path",
        "has_open_ports": "open" in card.ports,
        "has_problems": card.is_error,
    }
    return frozenset(sign for sign, is_seen in seen.items() if is_seen)


def wire_signs(wire: WireState, scales: Scales) -> Signs:
    """Return what is to be seen on a wire and beside it."""
    seen = {"has_values"}
    match wire.sent:
        case Send(share=share):
            seen |= {"has_gradients", "has_contributions"}
            if share.ndim and _is_off_scale(share, scales.gradients):
                seen.add("has_numbers_off_scale")
        case Blocked():
            seen.add("has_cuts" if wire.is_cut else "has_ends")
    return frozenset(seen)


def _gradient(card: CardState) -> Array | None:
    return card.gradient.array if card.gradient.array is not None else card.total


def _is_unknown(card: CardState) -> bool:
    return card.value is None or (_gradient(card) is None and card.gradient.state == "not computed")


def _heatmaps(card: CardState, scales: Scales) -> Iterator[tuple[Array, float]]:
    """Yield the tensors of a card that are drawn without numbers, with the ends of their scales."""
    if card.layout.tensor.kind == "heatmap":
        for array, limit in ((card.value, scales.values), (_gradient(card), scales.gradients)):
            if array is not None:
                yield array, limit


def _has_cells(array: Array) -> bool:
    return array.ndim > 0 and array.size > 0


def _has_nan(array: Array) -> bool:
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def _is_off_scale(array: Array, limit: float) -> bool:
    if array.dtype == np.bool_:
        return False
    sizes = np.abs(array.astype(np.float64, copy=False))
    return bool((sizes[np.isfinite(sizes)] > limit * (1 + 1e-6)).any())
