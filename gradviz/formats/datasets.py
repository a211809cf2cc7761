"""Small sets of examples to train on, drawn from a number: the same number gives the same examples everywhere.

    =========  ===================  ===============================================================
    set        x                    t
    =========  ===================  ===============================================================
    `line`     (rows, 1), -1 … 1    (rows, 1): 2 x + 0.5
    `xor`      (rows, 2), -1 … 1    (rows, 1): 1 where the signs of the two numbers differ, else 0
    `moons`    (rows, 2)            (rows, 1): 0 on the upper half circle, 1 on the lower one
    `spiral`   (rows, 2)            (rows, 1): 0 on one arm, 1 on the other
    =========  ===================  ===============================================================

Rows stand in no order, so that the last ones can be held out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np

from gradviz.errors import FormatError
from gradviz.graph import Document, NodeId, Place, add_leaf, fresh_name, set_tensor, set_training, training_of
from gradviz.ops import Array

MOST_ROWS: Final = 100_000
HELD_OUT: Final = 0.2
"""The part of the rows that is held out."""


class Examples(NamedTuple):
    """Rows of inputs, and of what should come out for each."""

    x: Array
    t: Array


def make_examples(name: str, rows: int = 200, noise: float = 0.1, seed: int = 0) -> Examples:
    """Return the examples of a set, float64; `noise` is the standard deviation of what is added to each number.

    Raises `FormatError` for a set that there is not, or numbers that cannot be.
    """
    if name not in DATASETS:
        raise FormatError("there is no set {name}; there are {known}", name=repr(name)[:40], known=", ".join(DATASETS))
    if type(rows) is not int or not 2 <= rows <= MOST_ROWS:
        raise FormatError("a set has 2 to {most:,} rows, not {rows}", most=MOST_ROWS, rows=repr(rows)[:40])
    if not 0 <= noise < np.inf:
        raise FormatError("noise is a number from 0, not {noise}", noise=noise)
    if type(seed) is not int or seed < 0:
        raise FormatError("the seed is a whole number from 0, not {seed}", seed=repr(seed)[:40])
    generator = np.random.default_rng(seed)
    examples = DATASETS[name](rows, generator)
    blurred = examples.t if name == "line" else examples.x
    blurred += noise * generator.normal(size=blurred.shape)
    order = generator.permutation(rows)
    return Examples(examples.x[order], examples.t[order])


def add_dataset(
    document: Document, name: str, at: tuple[float, float], *, rows: int = 200, noise: float = 0.1, seed: int = 0
) -> tuple[Document, tuple[NodeId, NodeId]]:
    """Return the document with the leaves of a set, an input and a constant, and their names.

    Training takes its rows from them from now on, with a fifth of them held out.
    """
    examples = make_examples(name, rows, noise, seed)
    x = fresh_name(document, "x")
    made = add_leaf(document, x, examples.x, "input", Place(*at))
    t = fresh_name(made, "t")
    made = add_leaf(made, t, examples.t, "constant", Place(at[0], at[1] + _GAP))
    return set_training(made, data=(x, t), held_out=int(HELD_OUT * rows), batch=None), (x, t)


def refill_dataset(
    document: Document, name: str, leaves: tuple[NodeId, NodeId], *, rows: int = 200, noise: float = 0.1, seed: int = 0
) -> Document:
    """Return the document with a set in leaves that are there already, where training takes its rows from then on.

    A fifth of them is held out. Raises `EditRefusedError` for a node that is no leaf, or that is a variable.
    """
    examples = make_examples(name, rows, noise, seed)
    for leaf, array in zip(leaves, examples, strict=True):
        document = set_tensor(document, leaf, array)
    batch = training_of(document).batch
    held_out = int(HELD_OUT * rows)
    fitting = None if batch is None else min(batch, rows - held_out)
    return set_training(document, data=leaves, held_out=held_out, batch=fitting)


_GAP: Final = 240.0


def _line(rows: int, generator: np.random.Generator) -> Examples:
    x = generator.uniform(-1, 1, (rows, 1))
    return Examples(x, 2 * x + 0.5)


def _xor(rows: int, generator: np.random.Generator) -> Examples:
    x = generator.uniform(-1, 1, (rows, 2))
    return Examples(x, ((x[:, :1] > 0) != (x[:, 1:] > 0)).astype(float))


def _moons(rows: int, generator: np.random.Generator) -> Examples:
    t = np.arange(rows).reshape(-1, 1) % 2.0
    angle = generator.uniform(0, np.pi, (rows, 1))
    upper = np.hstack([np.cos(angle), np.sin(angle)])
    return Examples(np.where(t == 0, upper, np.array([1.0, 0.5]) - upper), t)


def _spiral(rows: int, generator: np.random.Generator) -> Examples:
    t = np.arange(rows).reshape(-1, 1) % 2.0
    way = np.sqrt(generator.uniform(0.05, 1, (rows, 1)))
    angle = 3 * np.pi * way + np.pi * t
    return Examples(2 * way * np.hstack([np.cos(angle), np.sin(angle)]), t)


DATASETS: Final[Mapping[str, Callable[[int, np.random.Generator], Examples]]] = {
    "line": _line,
    "xor": _xor,
    "moons": _moons,
    "spiral": _spiral,
}
"""Every set by its name."""
