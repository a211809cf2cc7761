import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    OneHot,
    Place,
    Port,
    add_leaf,
    add_node,
    duplicate,
    extract,
    insert,
    is_valid_name,
    plan_for,
    remove,
    set_note,
    set_target,
    sources_of,
)


@pytest.fixture
def told(aimed):
    """The line with a note, and with a selector for a seed."""
    return set_note(set_target(aimed, "scale", OneHot((1,))), "w", "a weight")


def test_a_fragment_is_a_document_of_its_own(told):
    fragment = extract(told, ["scale", "x", "w"])
    assert list(fragment.nodes) == ["x", "w", "scale"]
    assert fragment.wires == {Port("scale", "a"): "x", Port("scale", "b"): "w"}
    assert fragment.targets == {"scale": OneHot((1,))}
    assert fragment.notes == {"w": "a weight"}
    assert fragment.places == {node: told.places[node] for node in fragment.nodes}
    assert fragment.title == ""


def test_wires_that_leave_a_fragment_are_left_behind(line):
    assert extract(line, ["scale"]).wires == {}
    assert extract(line, ["scale", "loss"]).wires == {Port("loss", "x"): "scale"}


def test_what_is_extracted_must_be_there(line):
    with pytest.raises(EditRefusedError, match='there is no node named "q"'):
        extract(line, ["x", "q"])


def test_a_fragment_comes_back_as_it_was(told):
    fragment = extract(told, told.nodes)
    pasted, names = insert(Document(), fragment, (0, 0))
    assert names == {node: node for node in told.nodes}
    assert pasted.nodes == told.nodes
    assert pasted.wires == told.wires
    assert pasted.targets == told.targets
    assert pasted.places == told.places
    assert pasted.notes == told.notes


def test_a_pasted_node_whose_name_is_taken_is_numbered(told):
    pasted, names = insert(told, extract(told, ["x", "w", "scale"]), (0, 500))
    assert names == {"x": "x1", "w": "w1", "scale": "scale1"}
    assert sources_of(pasted.computation, "scale1") == ("x1", "w1")
    assert sources_of(pasted.computation, "scale") == ("x", "w")
    assert pasted.notes["w1"] == "a weight"
    again, names = insert(pasted, extract(told, ["x", "w", "scale"]), (0, 900))
    assert names == {"x": "x2", "w": "w2", "scale": "scale2"}
    assert len(again.nodes) == 10


def test_new_names_do_not_take_each_others(line):
    document = add_leaf(add_leaf(Document(), "x", 1.0), "x1", 2.0)
    document = add_node(document, "x2", "add", sources=["x", "x1"])
    pasted, names = insert(document, document, (0, 0))
    assert len(set(names.values()) | set(document.nodes)) == 6
    assert sources_of(pasted.computation, names["x2"]) == (names["x"], names["x1"])
    only_x1, names = insert(add_leaf(Document(), "x", 1.0), document, (0, 0))
    assert names == {"x": "x3", "x1": "x1", "x2": "x2"}
    assert len(only_x1.nodes) == 4


def test_a_name_of_full_length_can_be_pasted_twice():
    document = add_leaf(Document(), "x" * 200, 1.0)
    for _ in range(3):
        document, names = insert(document, extract(document, ["x" * 200]), (0, 0))
        assert all(map(is_valid_name, names.values()))
    assert len(document.nodes) == 4


def test_the_corner_of_what_is_pasted_stands_where_asked(told):
    pasted, names = insert(told, extract(told, ["w", "scale"]), (1000, -50))
    assert pasted.places[names["w"]] == Place(1000, 76)
    assert pasted.places[names["scale"]] == Place(1230, -50)
    assert all(pasted.places[node] == place for node, place in told.places.items())


def test_pasting_does_not_change_the_targets_of_a_document(told):
    assert insert(told, extract(told, ["scale"]), (0, 0))[0].targets == told.targets
    assert insert(remove(told, ["scale"]), extract(told, ["scale"]), (0, 0))[0].targets == {"scale": OneHot((1,))}


def test_pasting_nothing_changes_nothing(line):
    assert insert(line, Document(), (0, 0)) == (line, {})
    assert duplicate(line, [], (10, 10)) == (line, {})


def test_a_place_that_cannot_be_is_refused(line):
    with pytest.raises(EditRefusedError, match="no place"):
        insert(line, extract(line, ["x"]), (float("nan"), 0))


def test_a_duplicate_stands_beside_the_original(told):
    doubled, names = duplicate(told, ["scale", "loss"], (20, 30))
    assert doubled.places[names["loss"]] == Place(480, 30)
    assert sources_of(doubled.computation, names["loss"]) == (names["scale"],)
    assert sources_of(doubled.computation, names["scale"]) == (None, None)
    assert doubled.targets == told.targets


def test_a_duplicate_may_keep_what_feeds_it(told):
    doubled, names = duplicate(told, ["w", "scale"], (20, 30), with_inputs=True)
    assert sources_of(doubled.computation, names["scale"]) == ("x", names["w"])
    assert doubled.wires.items() >= told.wires.items()


def test_a_pasted_leaf_shares_its_tensor(line):
    pasted, names = insert(line, extract(line, ["x"]), (0, 0))
    assert pasted.nodes[names["x"]] is line.nodes["x"]
    assert np.shares_memory(pasted.nodes["x1"].value, line.nodes["x"].value)


def test_what_is_pasted_can_run(told):
    pasted, _ = insert(told, extract(told, told.nodes), (0, 400))
    assert [step.node for step in plan_for(pasted).steps] == ["scale", "loss", "scale1", "loss1"]
