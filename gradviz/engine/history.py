"""What training has done so far: the numbers of every step, and the way back to any of them.

The loss and the sizes of the gradients are kept of every step. Tensors are kept of some, evenly spread, within a
limit: any other step is found again by training on from the one before it, which gives the same numbers.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np

from gradviz.engine.training import Iteration, Standing, Trainer
from gradviz.errors import GradvizError
from gradviz.graph import NodeId
from gradviz.ops import Array

KEPT_BYTES: Final = 256 * 2**20
"""How many bytes of tensors a history keeps."""

_STRETCH: Final = 0.1
"""Seconds between two looks at held-out rows."""


def train(
    trainer: Trainer, standing: Standing, steps: int, seconds: float, cancelled: Callable[[], bool]
) -> list[Iteration]:
    """Return the next steps of a training: at most `steps`, begun within `seconds`, and at least one.

    Ends early when `cancelled` says so, and with the step that makes the loss or a variable infinite or NaN.
    """
    found: list[Iteration] = []
    end = time.monotonic() + seconds
    while len(found) < steps and not cancelled() and (not found or time.monotonic() < end):
        found.append(trainer.step(standing))
        standing = found[-1].after
        if found[-1].has_diverged:
            break
    return found


class History:
    """All steps of one training."""

    def __init__(self, trainer: Trainer, limit: int = KEPT_BYTES) -> None:
        """Begin before the first step; `limit` is how many bytes of tensors are kept."""
        self.trainer = trainer
        self.losses: list[float] = []
        self.norms: Mapping[NodeId, list[float]] = {name: [] for name in trainer.variables}
        """The length of the gradient of each variable: the root of the sum of its squares."""
        self.held_out: dict[int, float] = {}
        """The loss on held-out rows after some of the steps."""
        self.has_diverged = False
        self._latest = trainer.start()
        self.kept: list[Standing] = [self._latest]
        """Some of the standings, evenly spread."""
        self._every = 1
        self._limit = max(2, limit // max(1, _bytes(self.kept[0])))

    def __len__(self) -> int:
        """Return how many steps have been taken."""
        return len(self.losses)

    @property
    def latest(self) -> Standing:
        """Where training stands now."""
        return self._latest

    def extend(self, iterations: Iterable[Iteration]) -> None:
        """Add the steps that follow the latest."""
        for iteration in iterations:
            self.losses.append(iteration.loss)
            for name, norms in self.norms.items():
                norms.append(_norm(iteration.gradients[name]))
            self._latest = iteration.after
            self.has_diverged = iteration.has_diverged
            if iteration.step % self._every == 0:
                self.kept.append(iteration.after)
                self._thin()

    def take(self, steps: int) -> None:
        """Take so many more steps, fewer where training diverges; the held-out loss is looked at now and then."""
        wanted = len(self) + steps
        self.note_held_out()
        while len(self) < wanted and not self.has_diverged:
            self.extend(train(self.trainer, self.latest, wanted - len(self), _STRETCH, lambda: False))
            self.note_held_out()

    def rewind(self, standing: Standing) -> None:
        """Forget the steps after a standing, which is one of this training, and go on from there."""
        steps = standing.steps
        del self.losses[steps:]
        for norms in self.norms.values():
            del norms[steps:]
        self.held_out = {step: loss for step, loss in self.held_out.items() if step <= steps}
        self.kept = [kept for kept in self.kept if kept.steps <= steps]
        self._latest, self.has_diverged = standing, False

    def note_held_out(self) -> None:
        """Note the loss on held-out rows as training stands now, where there are such rows."""
        loss = self.trainer.held_out_loss(self.latest)
        if loss is not None:
            self.held_out[len(self)] = loss

    def standing(self, steps: int) -> Standing:
        """Return where training stood after some of its steps; raises GradvizError where there were fewer."""
        if not 0 <= steps <= len(self):
            raise GradvizError("{count} steps were taken, and there is no step {step}", count=len(self), step=steps)
        if steps == len(self):
            return self.latest
        nearest = bisect_right(self.kept, steps, key=lambda standing: standing.steps) - 1
        standing = self.kept[nearest]
        while standing.steps < steps:
            standing = self.trainer.step(standing).after
        return standing

    def _thin(self) -> None:
        """Keep half as many standings, evenly spread, where there are too many."""
        while len(self.kept) > self._limit:
            self._every *= 2
            self.kept = [standing for standing in self.kept if standing.steps % self._every == 0]


def _norm(gradient: Array) -> float:
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(gradient.ravel().astype(np.float64)))


def _bytes(standing: Standing) -> int:
    states = (array for state in standing.states.values() for array in state.values())
    return sum(array.nbytes for array in (*standing.variables.values(), *states))
