"""Which examples a step of training sees: rows of the data leaves, in rounds, the same for the same step every time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradviz.graph import Document, NodeId, Training, leaf_at, refuse_rows, rows_of, set_tensors
from gradviz.ops import Array


class Rows:
    """The rows of a document's examples, cut into batches."""

    def __init__(self, document: Document, training: Training) -> None:
        """Count the rows; raises `EditRefusedError` where the data leaves disagree, or leave nothing to train on."""
        count = rows_of(document, training.data)
        refuse_rows(training, count)
        self._training = training
        self._data: Mapping[NodeId, Array] = {name: leaf_at(document, name).value for name in training.data}
        self.trained = count - training.held_out
        self.batch = training.batch or self.trained
        self.batches = -(-self.trained // self.batch) if self.trained else 1
        """How many steps a round has: the last batch may be smaller."""

    def of_step(self, step: int) -> Array | None:
        """Return the numbers of the rows that a step sees; None where that is all of them, or there are no data leaves.

        Steps count from 1.
        """
        if self.batch == self.trained and not self._training.held_out:
            return None
        round_number, slot = divmod(step - 1, self.batches)
        order = np.arange(self.trained)
        if self._training.shuffle is not None and self.batch < self.trained:
            order = np.random.default_rng((self._training.shuffle, round_number)).permutation(self.trained)
        return order[slot * self.batch : (slot + 1) * self.batch]

    def held_out(self) -> Array | None:
        """Return the numbers of the rows that are never trained on; None where there are none."""
        return np.arange(self.trained, self.trained + self._training.held_out) if self._training.held_out else None

    def tensors(self, rows: Array | None) -> Mapping[NodeId, Array]:
        """Return the data leaves cut down to some rows; nothing where they stay whole."""
        return {} if rows is None else {name: values[rows] for name, values in self._data.items()}

    def cut(self, document: Document, rows: Array | None) -> Document:
        """Return a document with its data leaves cut down to some rows."""
        return set_tensors(document, self.tensors(rows))
