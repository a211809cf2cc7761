"""How a document is trained: the optimiser with its settings, and which leaves hold examples, one per row.

It stands in the document, so that a file trains tomorrow as it trains today. A document has none until somebody
chooses one: `training_of` gives what holds then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from gradviz.errors import EditRefusedError, GradvizError
from gradviz.graph.model import Document, NodeId, Training
from gradviz.graph.naming import quoted
from gradviz.graph.refusals import leaf_at
from gradviz.ops import OPTIMISERS

USUAL: Final = Training(settings=OPTIMISERS["sgd"].read_settings({}))
"""How a document is trained that does not say: plain gradient descent on all examples at once."""

MOST_STEPS: Final = 1_000_000
"""How many steps may be asked for at once."""


def training_of(document: Document) -> Training:
    """Return how a document is trained, the usual way where it does not say."""
    return document.training or USUAL


def set_training(document: Document, **changes: Any) -> Document:
    """Return the document trained another way; `changes` are fields of `Training`.

    Another optimiser brings its own settings; those of the same name stay. Raises `EditRefusedError` for an optimiser
    that there is not, a setting that it has not, a data leaf that is none or has other rows than the rest, and for
    numbers that cannot be.
    """
    before = training_of(document)
    if "optimiser" in changes and "settings" not in changes:
        known = OPTIMISERS[changes["optimiser"]].settings if changes["optimiser"] in OPTIMISERS else {}
        changes["settings"] = {name: value for name, value in before.settings.items() if name in known}
    after = canonical_training(replace(before, **changes))
    refuse_rows(after, rows_of(document, after.data))
    return document if after == document.training else replace(document, training=after)


def canonical_training(training: Training) -> Training:
    """Return a training with all settings filled in, or refuse it in a sentence; the leaves are not looked at."""
    optimiser = OPTIMISERS.get(training.optimiser)
    if optimiser is None:
        known = ", ".join(OPTIMISERS)
        raise EditRefusedError(
            "there is no optimiser {name}; there are {known}", name=quoted(training.optimiser), known=known
        )
    try:
        settings = optimiser.read_settings(training.settings)
    except GradvizError as error:
        raise error.told_as(EditRefusedError) from error
    _refuse_numbers(training)
    return replace(training, settings=settings, data=tuple(training.data))


def rows_of(document: Document, data: tuple[NodeId, ...]) -> int:
    """Return how many examples the data leaves hold, 0 without any; raises `EditRefusedError` where they disagree."""
    counts = {name: _rows(document, name) for name in data}
    first = next(iter(counts), "")
    for name, rows in counts.items():
        if rows != counts[first]:
            raise EditRefusedError(
                '"{first}" has {expected} rows and "{name}" has {rows}: an example is a row of each',
                first=first,
                expected=counts[first],
                name=name,
                rows=rows,
            )
    return counts.get(first, 0)


def _rows(document: Document, name: NodeId) -> int:
    leaf = leaf_at(document, name)
    if leaf.role == "variable":
        raise EditRefusedError('"{name}" is a variable: examples are in inputs and constants', name=name)
    if leaf.value.ndim == 0:
        raise EditRefusedError('"{name}" is a single number: examples are the rows of a tensor', name=name)
    return len(leaf.value)


def _refuse_numbers(training: Training) -> None:
    _refuse_number("steps", training.steps, 1, MOST_STEPS)
    _refuse_number("held_out", training.held_out, 0)
    if training.batch is not None:
        _refuse_number("batch", training.batch, 1)
    if training.shuffle is not None:
        _refuse_number("shuffle", training.shuffle, 0)


def _refuse_number(name: str, value: int, least: int, most: int = 2**62) -> None:
    if type(value) is not int or not least <= value <= most:
        bounds = f"from {least}" + (f" to {most:,}" if most < 2**62 else "")
        raise EditRefusedError(
            "{name} must be a whole number {bounds}, not {value}", name=name, bounds=bounds, value=quoted(str(value))
        )


def refuse_rows(training: Training, rows: int) -> None:
    """Refuse batches and held-out rows that do not go with the number of rows that there are."""
    if (training.batch or training.held_out) and not training.data:
        raise EditRefusedError("batches and held-out rows need leaves that hold examples: name them first")
    if training.data and training.held_out >= rows:
        raise EditRefusedError(
            "{held} of {rows} rows cannot be held out: nothing would be left to train on",
            held=training.held_out,
            rows=rows,
        )
    if training.batch is not None and training.batch > rows - training.held_out:
        raise EditRefusedError(
            "a batch of {batch} rows is more than the {rows} rows that there are to train on",
            batch=training.batch,
            rows=rows - training.held_out,
        )
