"""What of all that a legend can explain is there to be seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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


def visible_in(
    cards: Collection[CardState], wires: Collection[WireState], scales: Scales, *, is_stale: bool = False
) -> Visible:
    """Return what is to be seen on cards and wires."""
    sent = [wire.sent for wire in wires if isinstance(wire.sent, Send)]
    cuts = {wire.is_cut for wire in wires if isinstance(wire.sent, Blocked)}
    totals = [total for card in cards if (total := _gradient(card)) is not None]
    values = [card.value for card in cards if card.value is not None]
    drawn = [card for card in cards if not card.is_error or card.value is not None]
    return Visible(
        scales=scales,
        has_values=bool(wires),
        has_gradients=bool(totals or sent),
        has_contributions=bool(sent),
        has_sums_so_far=any(card.gradient.array is None and card.total is not None for card in cards),
        has_value_cells=any(_has_cells(array) for array in values),
        has_gradient_cells=any(_has_cells(array) for array in totals),
        has_numbers_off_scale=any(_is_off_scale(array, limit) for array, limit in _heatmaps(cards, sent, scales)),
        has_nan=any(_has_nan(array) for array in (*values, *totals)),
        has_active_step=any(card.step for card in cards),
        has_unknown=any(_is_unknown(card) for card in drawn),
        has_no_path=any(card.gradient.state == "no path" for card in drawn),
        has_ends=False in cuts,
        has_cuts=True in cuts,
        has_open_ports=any("open" in card.ports for card in cards),
        has_problems=any(card.is_error for card in cards),
        is_stale=is_stale,
    )


def _gradient(card: CardState) -> Array | None:
    return card.gradient.array if card.gradient.array is not None else card.total


def _is_unknown(card: CardState) -> bool:
    return card.value is None or (_gradient(card) is None and card.gradient.state == "not computed")


def _heatmaps(cards: Collection[CardState], sent: Collection[Send], scales: Scales) -> Iterator[tuple[Array, float]]:
    """Yield the tensors that are drawn without numbers, with the ends of their scales."""
    for card in cards:
        if card.layout.tensor.kind == "heatmap":
            for array, limit in ((card.value, scales.values), (_gradient(card), scales.gradients)):
                if array is not None:
                    yield array, limit
    for each in sent:
        if each.share.ndim:
            yield each.share, scales.gradients


def _has_cells(array: Array) -> bool:
    return array.ndim > 0 and array.size > 0


def _has_nan(array: Array) -> bool:
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def _is_off_scale(array: Array, limit: float) -> bool:
    if array.dtype == np.bool_:
        return False
    sizes = np.abs(array.astype(np.float64, copy=False))
    return bool((sizes[np.isfinite(sizes)] > limit * (1 + 1e-6)).any())
