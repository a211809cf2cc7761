"""The two colour scales of a run: one for all values, one for all gradients, fixed from the first moment to the last.

A colour means the same number at every node and at every moment. A scale ends at the largest magnitude in any tensor;
where a tensor has outliers, numbers far beyond its others, the scale ends before them, and they are marked. Single
numbers are written out and don't stretch a scale unless there are no tensors.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

from gradviz.engine import Moment, Send
from gradviz.graph import Document, Leaf
from gradviz.ops import Array
from gradviz.picture.colormap import scale_limit


class Scales(NamedTuple):
    """The magnitude that has the full colour, for values and for gradients; 0 where all numbers are zero."""

    values: float
    gradients: float


def scales_of(document: Document, moment: Moment | None, *, stale: bool = False) -> Scales:
    """Return the scales of the run that a moment belongs to; the same for all its moments.

    Without a moment there are only the leaves of the document. Beside a stale sweep stand the values of the edited
    document: they have a scale of their own.
    """
    if moment is None:
        leaves = (node.value for node in document.nodes.values() if isinstance(node, Leaf))
        return Scales(scale_end(leaves), 0.0)
    scales = _scales_of_run(moment)
    return Scales(scale_end(moment.values.values()), scales.gradients) if stale else scales


def _scales_of_run(moment: Moment) -> Scales:
    run = moment.run
    with _lock:
        known = _scales.get(run)
    if known is None:
        totals = (total for _, total in run.ledger.settled.values())
        shares = (frame.share for frame in run.frames if isinstance(frame, Send))
        known = Scales(scale_end(run.values.values()), scale_end(chain(totals, shares)))
        with _lock:
            _scales[run] = known
    return known


def scale_end(arrays: Iterable[Array]) -> float:
    """Return the magnitude at which a scale for these arrays ends."""
    tensors, numbers = [0.0], [0.0]
    for array in arrays:
        (tensors if array.ndim else numbers).append(scale_limit(array))
    return max(tensors) or max(numbers)


_scales: WeakKeyDictionary[object, Scales] = WeakKeyDictionary()
_lock = Lock()
