import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Port,
    add_node,
    connect,
    detach,
    disconnect,
    next_port,
    ports_of,
    remove,
    remove_slot,
    set_slots,
    sources_of,
)


def refusal_of(edit, *args):
    with pytest.raises(EditRefusedError) as refused:
        edit(*args)
    return str(refused.value)


@pytest.fixture
def joined(line):
    """The line, and c = concat(x, w, x)."""
    return add_node(line, "c", "concat", sources=["x", "w", "x"])


def test_a_wire_replaces_what_fed_the_port(line):
    after = connect(line, "x", ("scale", "b"))
    assert sources_of(after.computation, "scale") == ("x", "x")
    assert len(after.wires) == len(line.wires)


def test_the_same_wire_again_changes_nothing(line):
    assert connect(line, "x", Port("scale", "a")) is line


def test_a_wire_that_closes_a_loop_is_refused(line):
    assert refusal_of(connect, line, "loss", ("scale", "a")) == (
        '"loss" already depends on "scale": the wire would close a loop'
    )


def test_a_node_cannot_feed_itself(line):
    assert refusal_of(connect, line, "scale", ("scale", "a")) == (
        '"scale" cannot feed itself: the wire would close a loop'
    )


@pytest.mark.parametrize(
    ("source", "port", "sentence"),
    [
        ("x", ("scale", "c"), 'multiply "scale" has no input "c"; it has a, b'),
        ("x", ("w", "x"), '"w" is a leaf: it has no op, no parameters and no inputs'),
        ("x", ("losss", "x"), 'there is no node named "losss"; did you mean "loss"?'),
        ("y", ("scale", "a"), 'there is no node named "y"'),
        ("x", ("scale", ""), 'multiply "scale" has no input ""; it has a, b'),
    ],
)
def test_a_wire_needs_a_source_and_a_port(line, source, port, sentence):
    assert refusal_of(connect, line, source, port).startswith(sentence)


def test_a_wire_that_is_taken_away_leaves_an_open_port(line):
    after = disconnect(line, ("scale", "a"))
    assert sources_of(after.computation, "scale") == (None, "w")
    assert disconnect(after, ("scale", "a")) is after


def test_a_port_that_is_not_there_cannot_be_disconnected(line):
    assert refusal_of(disconnect, line, ("scale", "x0")).startswith('multiply "scale" has no input "x0"')


def test_connecting_to_the_next_port_adds_it(joined):
    assert next_port(joined, "c") == Port("c", "x3")
    after = connect(joined, "w", ("c", "x3"))
    assert sources_of(after.computation, "c") == ("x", "w", "x", "w")
    assert next_port(joined, "scale") is None


def test_only_the_next_port_is_added(joined):
    assert refusal_of(connect, joined, "w", ("c", "x4")) == 'concat "c" has no input "x4"; it has x0, x1, x2'


def test_a_port_is_not_added_for_a_wire_that_is_refused(joined):
    below = add_node(joined, "d", "negative", sources=["c"])
    assert "close a loop" in refusal_of(connect, below, "d", ("c", "x3"))


def test_fewer_slots_drop_the_last_wires(joined):
    after = set_slots(joined, "c", 1)
    assert ports_of(after.nodes["c"]) == ("x0",)
    assert sources_of(after.computation, "c") == ("x",)
    assert len(after.wires) == len(joined.wires) - 2
    assert set_slots(after, "c", 1) is after


def test_more_slots_are_open(joined):
    assert sources_of(set_slots(joined, "c", 5).computation, "c") == ("x", "w", "x", None, None)


@pytest.mark.parametrize("slots", [0, -3, 1_000_000_000])
def test_a_number_of_slots_that_cannot_be_is_refused(joined, slots):
    assert f"not {slots}" in refusal_of(set_slots, joined, "c", slots)


def test_a_fixed_number_of_inputs_stays(line):
    sentence = 'multiply "scale" has a fixed number of inputs'
    assert refusal_of(set_slots, line, "scale", 3) == refusal_of(set_slots, line, "scale", 0) == sentence
    assert refusal_of(remove_slot, line, ("scale", "a")) == sentence
    assert refusal_of(remove_slot, line, ("loss", "x")) == 'sum "loss" has a fixed number of inputs'


def test_the_ports_behind_a_removed_one_move_up(joined):
    after = remove_slot(joined, ("c", "x0"))
    assert sources_of(after.computation, "c") == ("w", "x")
    assert sources_of(after.computation, "scale") == ("x", "w")
    assert sources_of(remove_slot(after, ("c", "x1")).computation, "c") == ("w",)


def test_the_last_slot_of_a_node_stays(joined):
    assert "takes from 1" in refusal_of(remove_slot, set_slots(joined, "c", 1), ("c", "x0"))


def test_an_open_slot_can_be_removed_as_well(joined):
    after = remove_slot(disconnect(joined, ("c", "x1")), ("c", "x1"))
    assert sources_of(after.computation, "c") == ("x", "x")


def test_a_source_that_is_removed_leaves_its_slot_open(joined):
    assert sources_of(remove(joined, ["w"]).computation, "c") == ("x", None, "x")


def test_many_wires_are_detached_in_one_edit(joined):
    after = detach(joined, [("c", "x0"), ("c", "x2"), ("c", "x2")])
    assert sources_of(after.computation, "c") == (None, "w", None)
    assert ports_of(after.nodes["c"]) == ("x0", "x1", "x2")


def test_detaching_open_ports_changes_nothing(joined):
    open_ones = detach(joined, [("c", "x1")])
    assert detach(open_ones, [("c", "x1")]) is open_ones
    assert detach(joined, []) is joined


def test_a_port_that_there_is_not_cannot_be_detached(joined):
    assert "c" in refusal_of(detach, joined, [("c", "x7")])
