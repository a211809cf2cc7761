"""What the inspector says of a node: what it is made of, and what is kept of it for the backward pass."""

import numpy as np

from gradviz.formats import parse
from gradviz.graph import Document, add_node, set_tensor

X = np.array([[1.0, -2.0], [0.5, 3.0]])


def lines(inspector):
    return inspector.about.text().split("\n")


def test_a_composition_says_that_it_is_one_and_of_what(inspector, load):
    load(parse("y = sum(softmax(x) * c)", x=X, c=X)).select(["softmax1"])
    assert "A composition: max → subtract → exp → sum → divide." in lines(inspector)
    assert "Kept for the backward pass: its own value." in lines(inspector)


def test_one_of_many_steps_says_how_many(inspector, load):
    load(parse("y = layer_norm(x, g, b)", x=X, g=X[0], b=X[0])).select(["y"])
    assert lines(inspector)[2] == "A composition: 9 steps, mean → … → add."


def test_one_step_and_a_leaf_say_nothing_of_pieces(inspector, open_one):
    for node in ("mul1", "s"):
        open_one.select([node])
        assert "composition" not in inspector.about.text()


def test_what_is_kept_is_named_as_the_person_named_it(inspector, open_one):
    for node, kept in (("mul1", "s and T"), ("sub1", "nothing"), ("square1", "sub1")):
        open_one.select([node])
        assert f"Kept for the backward pass: {kept}." in lines(inspector)


def test_of_a_node_without_a_gradient_and_of_a_stale_run_nothing_is_said(inspector, load, settle):
    workspace = load(parse("d = exp(c); y = d * x", c=np.array(1), x=np.array(2.0)))
    workspace.select(["d"])
    assert "Kept" not in inspector.about.text()
    workspace.select(["y"])
    assert "Kept for the backward pass: d." in lines(inspector)
    workspace.seek(workspace.length)
    workspace.edit("Edit", set_tensor, "x", np.array(5.0))
    assert "Kept" not in inspector.about.text()
    settle()


def test_a_node_that_cannot_compute_yet_says_what_it_is(inspector, load):
    load(add_node(Document(), "p", "softmax")).select(["p"])
    assert lines(inspector)[0] == "softmax"
    assert len(lines(inspector)) == 2
