"""The leaves that can be put down: told from ops, searched among them, and random ones with a seed of their own."""

import numpy as np
import pytest

from gradviz.formats import make_tensor
from gradviz.graph import Document, Recipe, add_leaf
from gradviz.workspace import LEAVES, fresh_seed, leaf_entry, search_entries


def names(text):
    return [entry.name for entry in search_entries(text)]


def test_a_leaf_is_told_from_an_op():
    assert leaf_entry("leaf:input").role == "input"
    assert leaf_entry("leaf:normal").recipe == "normal"
    assert leaf_entry("leaf:nonsense") is None
    assert leaf_entry("matmul") is None


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("var", "variable"),
        ("vari", "variable"),
        ("const", "constant"),
        ("random", "normal"),
        ("randn", "normal"),
        ("noise", "normal"),
        ("uniform", "uniform"),
        ("norm", "vector_norm"),
        ("normal", "normal"),
        ("relu", "relu"),
    ],
)
def test_what_a_person_means_comes_first(text, best):
    assert names(text)[0] == best


def test_without_a_text_everything_is_found_and_each_once():
    assert len(names("")) == len(set(names("")))
    assert set(names("")) > {entry.name for entry in LEAVES}


def test_every_random_leaf_gets_a_seed_of_its_own():
    document = Document()
    for wanted in (0, 1, 2):
        assert fresh_seed(document) == wanted
        recipe = Recipe("normal", {"seed": wanted})
        document = add_leaf(document, f"x{wanted}", make_tensor(recipe, (2,), np.dtype("float64")))
    assert fresh_seed(add_leaf(Document(), "x", make_tensor(Recipe("uniform"), (2,), np.dtype("float64")))) == 1
    assert fresh_seed(add_leaf(Document(), "x", make_tensor(Recipe("ones"), (2,), np.dtype("float64")))) == 0
