"""Training from a program: as many steps as are wanted, and everything that they were."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.engine import History, Trainer
from gradviz.errors import EditRefusedError
from gradviz.graph import MOST_STEPS, Document, set_training
from gradviz.scripting.graphs import refuse_no_document


def train(document: Document, steps: int | None = None, **training: Any) -> tuple[Document, History]:
    """Return the document with the variables that training leads to, and the history of its steps.

    `steps` are those that the document says where None; `training` changes how it is trained, as in
    `train(doc, 100, optimiser="adam", settings={"lr": 0.01}, data=("x", "t"), batch=16)`. It ends early with the step
    that makes the loss or a variable infinite or NaN: then `history.has_diverged`. `history.losses` and
    `history.norms` have the numbers of every step, `history.standing(k)` the tensors after k steps.

    Raises `EditRefusedError` for what cannot be trained, or not that way.
    """
    refuse_no_document(document)
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0):
        raise EditRefusedError("steps must be a whole number from 0, not {steps}", steps=repr(steps)[:60])
    if steps is not None and steps > MOST_STEPS:
        raise EditRefusedError("at most {most:,} steps can be asked for at once", most=MOST_STEPS)
    trainer = Trainer(_with_training(document, training))
    history = History(trainer)
    history.take(trainer.training.steps if steps is None else int(steps))
    return trainer.document_at(history.latest), history


def _with_training(document: Document, training: dict[str, Any]) -> Document:
    if "data" in training:
        names = training["data"]
        training = {**training, "data": (names,) if isinstance(names, str) else tuple(names)}
    try:
        return set_training(document, **training)
    except TypeError as error:
        known = "optimiser, settings, steps, zeroes_gradients, data, batch, held_out, shuffle"
        raise EditRefusedError("training is said by {known}: {error}", known=known, error=str(error)) from error
