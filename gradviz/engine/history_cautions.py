"""What the history of a training shows that is hardly what was meant, each with the step where it is seen first.

kind             told where
===============  ======================================================================================
not finite       the loss, or a variable, became infinite or NaN at a step
growing          the loss of the last round of steps is larger than that of the first
remembered       the loss on held-out rows has been rising while that on the others fell
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from gradviz.engine.cautions import Caution, caution_at, oddity
from gradviz.engine.history import History
from gradviz.engine.numbers import show_number
from gradviz.graph import NodeId, targets_of

GROWN: Final = 2.0
"""A loss that is so many times what it was at first has grown."""
RISEN: Final = 0.1
"""A held-out loss has risen that is above its least by this part of how far it had fallen before."""


def cautions_of_history(history: History) -> tuple[Caution, ...]:
    """Return what to look at in the steps that were taken, in the order in which it matters."""
    if not len(history):
        return ()
    target = next(iter(targets_of(history.trainer.document.computation)), "")
    return (*_not_finite(history, target), *_growing(history, target), *_remembered(history, target))


def _not_finite(history: History, target: NodeId) -> Iterator[Caution]:
    """Yield the first step whose loss is not finite, and the variables that are not where training stands."""
    odd = np.flatnonzero(~np.isfinite(np.array(history.losses)))
    if odd.size:
        step = int(odd[0])
        before = show_number(history.losses[step - 1]) if step else ""
        template = "training: {node} is {what} first in step {step}"
        template += ", after {before} in the step before; a smaller learning rate may help" if step else ""
        what = oddity(np.array(history.losses[step]))
        yield caution_at(target, "not finite", template, what=what, step=f"{step + 1:,}", before=before)
    for name, array in history.latest.variables.items():
        if array.size and not np.all(np.isfinite(array)):
            template = "training: {node} holds {what} after step {step}"
            yield caution_at(name, "not finite", template, what=oddity(array), step=f"{len(history):,}")


def _growing(history: History, target: NodeId) -> Iterator[Caution]:
    """Yield a loss that has grown: one round of batches beside another, so that no single batch counts."""
    losses, batches = np.array(history.losses), history.trainer.batches
    losses = losses[np.isfinite(losses)]
    if len(losses) < 2 * batches:
        return
    with np.errstate(all="ignore"):
        first, last = float(np.mean(losses[:batches])), float(np.mean(losses[-batches:]))
    if last - first > (GROWN - 1) * abs(first):
        template = (
            "training: {node} has grown from {first} to {last} in {count} steps: a smaller learning rate may help"
        )
        facts = {"first": show_number(first), "last": show_number(last), "count": f"{len(losses):,}"}
        yield caution_at(target, "growing", template, **facts)


def _remembered(history: History, target: NodeId) -> Iterator[Caution]:
    """Yield a held-out loss that has risen since its least, while the loss of the steps went on falling."""
    seen = {step: loss for step, loss in history.held_out.items() if np.isfinite(loss)}
    if len(seen) < 2 or not np.all(np.isfinite(np.array(history.losses))):
        return
    least, last = min(seen, key=seen.__getitem__), max(seen)
    batches = history.trainer.batches
    then, now = (np.mean(history.losses[max(0, step - batches) : max(step, 1)]) for step in (least, last))
    fallen = max(loss for step, loss in seen.items() if step <= least) - seen[least]
    if seen[last] - seen[least] > RISEN * fallen and now < then:
        template = (
            "training: {node} on held-out rows has risen from {least} after step {step} to {last}, while it fell on "
            "the others: they are remembered rather than learned"
        )
        facts = {"least": show_number(seen[least]), "step": f"{least:,}", "last": show_number(seen[last])}
        yield caution_at(target, "remembered", template, **facts)
