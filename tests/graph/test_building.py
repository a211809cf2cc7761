import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Leaf,
    Node,
    OneHot,
    Place,
    Tensor,
    add_leaf,
    add_node,
    build,
    check,
    computes_alike,
    sources_of,
)

ONE = Leaf("input", Tensor(np.ones(2)))


def test_a_document_can_be_built_at_once(line):
    built = build(line.nodes, line.wires, places=line.places, title="Scaling", notes={"x": "data"})
    assert computes_alike(built, line)
    assert list(built.nodes) == list(line.nodes)
    assert (built.wires, built.places) == (line.wires, line.places)
    assert (built.title, built.notes) == ("Scaling", {"x": "data"})


def test_ops_may_have_aliases_and_params_may_be_json():
    built = build({"x": ONE, "y": Node("tf.reduce_sum", {"axis": [0]})}, {("y", "x"): "x"}, {"y": OneHot(())})
    assert (built.nodes["y"].op, built.nodes["y"].params["axis"]) == ("sum", (0,))
    assert built.targets == {"y": OneHot(())}


def test_slots_are_as_many_as_there_are_wires():
    built = build({"x": ONE, "c": Node("concat")}, {("c", f"x{i}"): "x" for i in range(5)})
    assert built.nodes["c"].slots == 5
    assert check(built.computation).shapes["c"] == (10,)


def test_nodes_without_a_place_get_one_where_no_other_stands(line):
    built = build(line.nodes, line.wires, places={"x": (50, 60)})
    assert built.places["x"] == Place(50, 60)
    assert set(built.places) == set(built.nodes)
    assert len(set(built.places.values())) == 4
    assert build(line.nodes, line.wires).places["loss"].x > built.places["x"].x


@pytest.mark.parametrize(
    ("nodes", "wires", "more", "sentence"),
    [
        ({"2x": ONE}, {}, {}, '"2x" is no name'),
        ({"x": Leaf("parameter", Tensor(np.ones(2)))}, {}, {}, 'there is no role "parameter"'),
        ({"x": Leaf("input", Tensor(np.ones(2, complex)))}, {}, {}, 'leaf "x": a tensor cannot have dtype complex128'),
        ({"y": Node("no_such_op")}, {}, {}, "there is no op no_such_op"),
        ({"y": Node("reshape")}, {}, {}, 'reshape "y": the parameter shape is needed'),
        ({"y": Node("add", {}, 3)}, {}, {}, 'add "y" has a fixed number of inputs'),
        ({"c": Node("concat", {}, 10**9)}, {}, {}, 'concat "c" takes from 1 to'),
        ({"y": Node("exp")}, {("y", "x"): "x"}, {}, 'there is no node named "x"'),
        ({"x": ONE}, {("y", "x"): "x"}, {}, 'there is no node named "y"'),
        ({"x": ONE, "y": Node("exp")}, {("y", "a"): "x"}, {}, 'exp "y" has no input "a"; it has x'),
        ({"x": ONE}, {("x", "x"): "x"}, {}, '"x" is a leaf'),
        ({"y": Node("exp")}, {("y", "x"): "y"}, {}, "the wires form a loop: y → y"),
        ({"x": ONE}, {}, {"targets": {"y": None}}, 'there is no node named "y"'),
        ({"x": ONE}, {}, {"notes": {"y": ""}}, 'there is no node named "y"'),
        ({"x": ONE}, {}, {"places": {"y": (0, 0)}}, 'there is no node named "y"'),
        ({"x": ONE}, {}, {"places": {"x": (float("nan"), 0)}}, "there is no place"),
        ({"x": ONE}, {}, {"node_extra": {"y": {}}}, 'there is no node named "y"'),
    ],
)
def test_what_cannot_be_is_refused(nodes, wires, more, sentence):
    with pytest.raises(EditRefusedError) as refused:
        build(nodes, wires, **more)
    assert str(refused.value).startswith(sentence)


def test_a_loop_is_told_by_its_nodes():
    nodes = {name: Node("exp") for name in "abcdefghij"}
    wires = {(b, "x"): a for a, b in zip("abcdefghij", "bcdefghija", strict=True)}
    with pytest.raises(EditRefusedError, match=r"^the wires form a loop: \w( → \w){5} → … → \w$"):
        build(nodes, wires)


def test_what_is_built_equals_what_is_edited(line):
    edited = add_node(add_leaf(line, "b", [1.0, 2.0, 3.0]), "y", "add", sources=["scale", "b"])
    built = build(edited.nodes, edited.wires)
    assert sources_of(built.computation, "y") == ("scale", "b")
    assert computes_alike(built, edited)
