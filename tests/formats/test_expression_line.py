"""The expression line of the window: an expression is added to the document that is open."""

import numpy as np
import pytest

from gradviz.engine import run
from gradviz.errors import ExpressionError
from gradviz.formats import into
from gradviz.graph import Document, Leaf, Place, add_leaf, add_node, sources_of


def test_names_that_nobody_has_become_variables_of_one():
    document, names = into(Document(), "loss = sum((s*T - target)**2)", Place(5, 7))
    assert [name for name in names if isinstance(document.nodes[name], Leaf)] == ["s", "T", "target"]
    assert {document.nodes[name].role for name in ("s", "T", "target")} == {"variable"}
    assert run(document).values["loss"] == 0
    assert dict(document.targets) == {"loss": None}
    assert min(place.x for place in document.places.values()) == 5
    assert min(place.y for place in document.places.values()) == 7


def test_names_that_nodes_have_are_wired_in():
    document = add_node(add_leaf(Document(), "x", np.float32([1, 2])), "y", "exp", sources=["x"])
    after, names = into(document, "z = y * w + 1", Place(0, 200))
    assert sources_of(after.computation, "mul1") == ("y", "w")
    assert set(names) == {"w", "mul1", "c1", "z"}
    assert after.nodes["w"].value.dtype == np.float32
    assert after.places["x"] == document.places["x"]
    assert after.nodes["x"] is document.nodes["x"]
    assert list(after.targets) == ["z"]


def test_a_target_that_was_chosen_stays():
    document, _ = into(Document(), "a = x**2", Place(0, 0))
    after, _ = into(document, "b = x**3", Place(0, 0))
    assert list(after.targets) == ["a"]


def test_what_adds_nothing_changes_nothing():
    document, _ = into(Document(), "a = x**2", Place(0, 0))
    assert into(document, "a", Place(0, 0)) == (document, ())


def test_a_name_that_is_taken_is_refused():
    document, _ = into(Document(), "a = x**2", Place(0, 0))
    with pytest.raises(ExpressionError, match='"a" is there already'):
        into(document, "a = x", Place(0, 0))


def test_an_op_is_not_taken_for_a_new_variable():
    with pytest.raises(ExpressionError, match='"exp" is no tensor'):
        into(Document(), "y = exp + 1", Place(0, 0))


def test_new_nodes_do_not_cover_each_other():
    document, names = into(Document(), "y = a*b + c*d", Place(0, 0))
    places = [document.places[name] for name in names]
    assert all(abs(p.x - q.x) >= 100 or abs(p.y - q.y) >= 60 for p in places for q in places if p is not q)
