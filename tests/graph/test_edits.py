import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    LIMITS,
    Document,
    Leaf,
    Node,
    Place,
    Port,
    Tensor,
    add_leaf,
    add_node,
    free_place,
    move,
    remove,
    rename,
    set_document_note,
    set_note,
    set_target,
    set_title,
)


def refusal_of(edit, *args, **keywords):
    with pytest.raises(EditRefusedError) as refused:
        edit(*args, **keywords)
    return str(refused.value)


def test_a_leaf_holds_its_tensor_in_its_role():
    document = add_leaf(Document(), "x", [[1, 2], [3, 4]], role="constant", place=(10, 20))
    leaf = document.nodes["x"]
    assert isinstance(leaf, Leaf)
    assert (leaf.role, leaf.value.shape, leaf.value.dtype) == ("constant", (2, 2), np.dtype(np.int64))
    assert document.places["x"] == Place(10, 20)


def test_a_leaf_does_not_change_when_its_array_is_written_to_afterwards():
    array = np.zeros(3)
    window = np.broadcast_to(array, (2, 3))
    document = add_leaf(add_leaf(Document(), "x", array), "y", window)
    array[:] = 7
    assert not document.nodes["x"].value.any()
    assert not document.nodes["y"].value.any()
    with pytest.raises(ValueError, match="read-only"):
        document.nodes["x"].value[0] = 1


class Refusing:
    """What another library's tensor does that must not be turned into an array yet."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call .detach() first\nmore that nobody reads")


@pytest.mark.parametrize(
    ("tensor", "sentence"),
    [
        ([[1, 2], [3]], "this is no tensor: its rows have different lengths, or it holds no numbers"),
        (["a"], "a tensor cannot have dtype <U1; use bool, int8"),
        ([1j], "a tensor cannot have dtype complex128; use bool, int8"),
        (np.array(["a"], np.dtypes.StringDType()), "a tensor cannot have dtype StringDType(); use bool, int8"),
        ([None], "this is no tensor: it holds something other than numbers, or integers beyond 64 bits"),
        ([2**64], "this is no tensor: it holds something other than numbers, or integers beyond 64 bits"),
        (np.ma.array([1.0, 2.0], mask=[False, True]), "a masked array has gaps, which a tensor cannot have: fill them"),
        (Refusing(), "this is no tensor: call .detach() first"),
        (
            np.broadcast_to(np.float64(0), (2**14, 2**13)),
            "a tensor of shape (16384, 8192) has 134,217,728 elements; the limit is 67,108,864",
        ),
    ],
)
def test_a_leaf_holds_only_tensors_that_gradviz_can_compute_with(tensor, sentence):
    assert refusal_of(add_leaf, Document(), "x", tensor).startswith(f'leaf "x": {sentence}')


def test_foreign_byte_order_becomes_the_machines_own():
    array = np.array([1.0, 2.0], np.dtype(np.float64).newbyteorder())
    for tensor in (array, Tensor(array)):
        document = add_leaf(Document(), "x", tensor)
        assert document.nodes["x"].value.dtype == np.float64
        assert document.nodes["x"].value.tolist() == [1.0, 2.0]


def test_a_node_is_wired_to_its_sources_in_port_order(line):
    assert line.wires == {Port("scale", "a"): "x", Port("scale", "b"): "w", Port("loss", "x"): "scale"}


def test_a_node_may_be_made_with_open_ports(line):
    document = add_node(line, "y", "where", sources=[None, "x"])
    assert document.wires == {**line.wires, Port("y", "a"): "x"}


def test_an_alias_of_an_op_becomes_its_name(line):
    node = add_node(line, "y", "tf.reduce_sum", {"axis": [0]}, ["x"]).nodes["y"]
    assert isinstance(node, Node)
    assert (node.op, dict(node.params)) == ("sum", {"axis": (0,), "keepdims": False})


def test_an_op_of_any_number_of_inputs_gets_a_slot_per_source(line):
    assert add_node(line, "y", "concat", sources=["x", "w", "x"]).nodes["y"].slots == 3
    assert add_node(line, "y", "concat").nodes["y"].slots == 2
    assert add_node(line, "y", "concat", sources=["x"], slots=4).nodes["y"].slots == 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("x", "add"), 'there is a node named "x" already: take another name'),
        (("y", "no_such_op"), "there is no op no_such_op"),
        (("y", "add", {}, ["x", "v"]), 'there is no node named "v"'),
        (("y", "add", {}, ["x", "scal"]), 'there is no node named "scal"; did you mean "scale"?'),
        (("y", "add", {}, ["y", "x"]), 'there is no node named "y"'),
        (("y", "add", {}, ["x", "x", "x"]), 'add "y" has 2 inputs, not 3'),
        (("y", "exp", {}, ["x", "x"]), 'exp "y" has 1 input, not 2'),
        (("y", "sum", {"axes": 0}, ["x"]), 'sum "y": there is no parameter axes; sum has axis, keepdims'),
        (("y", "reshape", {}, ["x"]), 'reshape "y": the parameter shape is needed'),
    ],
)
def test_a_node_that_cannot_be_is_refused(line, arguments, sentence):
    assert refusal_of(add_node, line, *arguments).startswith(sentence)


@pytest.mark.parametrize("slots", [0, -1, LIMITS.slots + 1])
def test_a_node_has_a_sensible_number_of_slots(line, slots):
    assert refusal_of(add_node, line, "y", "concat", slots=slots).startswith('concat "y" takes from 1 to 10,000 inputs')


def test_only_ops_of_any_number_of_inputs_have_slots(line):
    assert refusal_of(add_node, line, "y", "add", slots=3) == 'add "y" has a fixed number of inputs'


def test_an_unknown_role_is_refused(line):
    assert refusal_of(add_leaf, line, "y", 1.0, role="watched") == (
        'there is no role "watched"; use variable, input, constant'
    )


def test_removing_a_node_removes_all_that_belongs_to_it(aimed):
    document = set_note(aimed, "scale", "broadcasts")
    after = remove(document, ["scale"])
    assert list(after.nodes) == ["x", "w", "loss"]
    assert not after.wires
    assert "scale" not in after.places
    assert "scale" not in after.notes
    assert after.targets == {"loss": None}


def test_a_document_whose_target_is_removed_has_no_target(aimed):
    assert not remove(aimed, ["loss"]).targets


def test_removing_nothing_changes_nothing(line):
    assert remove(line, []) is line


def test_removing_what_is_not_there_is_refused_and_nothing_else_goes(line):
    assert refusal_of(remove, line, ["x", "v"]).startswith('there is no node named "v"')
    assert len(line.nodes) == 4


def test_a_new_name_is_the_nodes_name_everywhere(aimed):
    document = set_note(aimed, "loss", "the target")
    after = rename(rename(document, "loss", "L"), "scale", "y")
    assert list(after.nodes) == ["x", "w", "y", "L"]
    assert after.wires == {Port("y", "a"): "x", Port("y", "b"): "w", Port("L", "x"): "y"}
    assert after.targets == {"L": None}
    assert after.notes == {"L": "the target"}
    assert after.places["L"] == document.places["loss"]
    assert after.nodes["y"] is document.nodes["scale"]


def test_renaming_to_the_same_name_changes_nothing(line):
    assert rename(line, "x", "x") is line


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("x", "w", 'there is a node named "w" already: take another name'),
        ("x", "", "a node needs a name"),
        ("x", "class", '"class" is a word of Python'),
        ("x", "x" * 5000, "a name has at most 200 characters"),
        ("q", "y", 'there is no node named "q"'),
    ],
)
def test_a_name_that_cannot_be_is_refused(line, old, new, sentence):
    assert refusal_of(rename, line, old, new).startswith(sentence)


def test_what_only_shows_leaves_the_computation_as_it_is(aimed):
    edited = move(aimed, {"x": (5, 5)})
    edited = set_note(edited, "x", "a note")
    edited = set_document_note(set_title(edited, "Scaling"), "What broadcasting does")
    assert edited.computation is aimed.computation
    assert (edited.title, edited.note) == ("Scaling", "What broadcasting does")
    assert edited.places["x"] == Place(5, 5)


def test_what_shows_already_changes_nothing(line):
    noted = set_note(line, "x", "a note")
    titled = set_title(set_document_note(noted, "b"), "a")
    assert set_note(noted, "x", "a note") is noted
    assert set_note(line, "x", "") is line
    assert set_title(titled, "a") is titled
    assert set_document_note(titled, "b") is titled
    assert move(line, {}) is line
    assert move(line, {"x": line.places["x"], "w": (0, 126)}) is line


def test_an_empty_note_takes_the_note_away(line):
    assert not set_note(set_note(line, "x", "a note"), "x", "").notes


@pytest.mark.parametrize("place", [(float("nan"), 0), (0, float("inf")), (1e12, 0)])
def test_a_node_stays_where_it_can_be_drawn(line, place):
    assert refusal_of(move, line, {"x": place}).startswith("there is no place (")


def test_a_new_node_stands_where_no_other_does(line):
    document = line
    for i in range(20):
        document = add_node(document, f"n{i}", "negative", sources=["x" if i % 2 else "scale"])
    for i in range(20):
        document = add_leaf(document, f"l{i}", 1.0)
    places = np.array(list(document.places.values()))
    gaps = np.abs(places[:, None] - places[None, :])
    is_apart = (gaps[..., 0] >= 140) | (gaps[..., 1] >= 90)
    assert (is_apart | np.eye(len(places), dtype=bool)).all()
    assert free_place(line, ["x", "w"]).x > line.places["x"].x


def test_a_document_cannot_grow_beyond_its_limit(monkeypatch, line):
    monkeypatch.setattr("gradviz.graph.refusals.LIMITS", type(LIMITS)(nodes=4))
    assert refusal_of(add_leaf, line, "y", 1.0) == "a document has at most 4 nodes"


def test_a_target_survives_edits_elsewhere(line):
    document = set_target(line, "scale")
    assert rename(remove(document, ["loss"]), "x", "y").targets == {"scale": None}
