"""The leaves that palette and canvas offer beside the operations: each role, and random tensors with a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradviz.graph import Document, Leaf, Recipe, Role
from gradviz.ops import Op, find, search

PREFIX = "leaf:"
"""With what the name of a leaf begins where an op could be named as well."""


@dataclass(frozen=True)
class LeafEntry:
    """A leaf that can be put down: its name in lists, its role, the recipe of its numbers (ones where there is none).

    `also` are other words that people search it by. One with a `dataset` stands for all leaves of such a set.
    """

    name: str
    role: Role
    doc: str
    recipe: str = ""
    also: str = ""
    dataset: str = ""

    @property
    def what(self) -> str:
        """What a drag from the palette carries."""
        return PREFIX + self.name


LEAVES = (
    LeafEntry("variable", "variable", "A tensor that gets a gradient and that training updates.", also="parameter"),
    LeafEntry("input", "input", "A tensor that gets a gradient and that training leaves alone.", also="data"),
    LeafEntry("constant", "constant", "A tensor that gets no gradient.", also="number"),
    LeafEntry(
        "normal",
        "variable",
        "A variable of random numbers, drawn from a normal distribution; its seed gives the same again.",
        "normal",
        "random gaussian noise randn",
    ),
    LeafEntry(
        "uniform",
        "variable",
        "A variable of random numbers, drawn evenly between two bounds; its seed gives the same again.",
        "uniform",
        "random noise rand",
    ),
)


DATA = (
    LeafEntry("line", "input", "Points on a line, 2 x + 0.5, with noise.", also="regression", dataset="line"),
    LeafEntry("xor", "input", "Points that are 1 where the signs of their two numbers differ.", also="", dataset="xor"),
    LeafEntry(
        "moons", "input", "Two half circles that reach into each other.", also="two moons classes", dataset="moons"
    ),
    LeafEntry("spiral", "input", "Two arms of a spiral.", also="two spirals classes", dataset="spiral"),
)
"""Small sets of examples: an input x and a constant t, 200 rows of which training holds out a fifth."""


def leaf_entry(what: str) -> LeafEntry | None:
    """Return the leaf that `leaf:` and its name mean, or None where an op is named."""
    return next((entry for entry in (*LEAVES, *DATA) if entry.what == what), None)


def search_entries(text: str) -> tuple[Op | LeafEntry, ...]:
    """Return the ops and leaves that a text may mean, best first; all where there is no text.

    A leaf comes first where the text begins its name: `const`, `var`. Random ones step back for an op that has just
    that name: `norm`. Sets of examples do for any of its names: `xor`.
    """
    word = text.strip().lower()
    ops = search(text)
    known = {entry: f"{entry.name} leaf tensor {entry.also}" for entry in LEAVES}
    known |= {entry: f"{entry.name} data set examples {entry.also}" for entry in DATA}
    leaves = [entry for entry, words in known.items() if word in words]
    named = [entry for entry in leaves if word and entry.name.startswith(word)]
    if find(text.strip()) is not None:
        named = [entry for entry in named if not entry.dataset and (not entry.recipe or entry.name == word)]
    return (*named, *ops, *(entry for entry in leaves if entry not in named))


def fresh_seed(document: Document) -> int:
    """Return the first seed from 0 that no random leaf of a document has: each gets numbers of its own."""
    taken = set(_seeds(document))
    return next(seed for seed in range(len(taken) + 1) if seed not in taken)


def _seeds(document: Document) -> Iterator[object]:
    for leaf in document.nodes.values():
        recipe: Recipe | None = leaf.tensor.recipe if isinstance(leaf, Leaf) else None
        if recipe is not None and recipe.kind in {entry.recipe for entry in LEAVES}:
            yield recipe.arguments.get("seed", 0)
