"""Dragging nodes and wires, and thinking better of it."""

import numpy as np
import pytest

import gradviz as gv
from tests.x11.screen import until

pytestmark = pytest.mark.x11


@pytest.fixture
def program(start, tmp_path):
    """The graph y = a * b, and c beside it."""
    document = gv.parse("y = a * b", a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0]))
    gv.save(gv.leaf(document, "c", np.array([5.0, 6.0])), tmp_path / "product.gradviz")
    program = start("product.gradviz")
    program.hand.key("ctrl+l")  # clears c from what it was put on
    program.until(lambda now: now.undo == "Tidy layout")
    return program


def beside(point, dx, dy):
    return point[0] + dx, point[1] + dy


def test_a_node_is_dragged_and_put_back_and_dragged_again(program):
    before = program.now.places
    program.hand.drag(program.body("a"), beside(program.body("a"), -80, 120))
    after = program.until(lambda now: now.places if now.places != before else None)
    assert {name for name in before if before[name] != after[name]} == {"a"}
    assert after["a"][0] < before["a"][0]
    assert after["a"][1] > before["a"][1]
    program.hand.key("ctrl+z")
    program.until(lambda now: now.places == before)
    program.hand.key("ctrl+y")
    program.until(lambda now: now.places == after)
    assert not program.now.is_stale


def test_escape_in_the_middle_of_a_drag_leaves_no_step_of_undo(program):
    start = program.body("a")
    program.hand.click(start)
    before, resting = program.now, program.picture()
    program.hand.press(start)
    program.hand.carry(start, beside(start, 90, 90))
    until(lambda: np.any(program.picture() != resting))
    program.hand.key("Escape")
    until(lambda: np.array_equal(program.picture(), resting))
    program.hand.carry(beside(start, 90, 90), beside(start, 150, 20), start)
    program.hand.release()
    assert np.array_equal(program.picture(), resting)
    assert (program.now.places, program.now.undo) == (before.places, before.undo)


def test_a_wire_that_closes_a_loop_is_refused_and_told(program):
    wires = program.now.wires
    program.hand.drag(program.output("y"), program.input("y", 0))
    program.until(lambda now: "loop" in now.told)
    assert program.now.wires == wires


def test_a_wire_replaces_the_one_that_was_there(program):
    program.hand.drag(program.output("c"), program.input("y", 1))
    program.until(lambda now: now.wires == {"y.a": "a", "y.b": "c"})
    program.until(lambda now: now.values.get("y") == [5.0, 12.0])
    program.hand.key("ctrl+z")
    program.until(lambda now: now.wires == {"y.a": "a", "y.b": "b"})


def test_the_end_of_a_wire_is_dragged_away_and_dropped_on_a_card(program):
    program.hand.drag(program.input("y", 1), program.spot(0.5, 0.05))
    program.until(lambda now: now.wires == {"y.a": "a"})
    program.hand.drag(program.output("c"), program.body("y"))
    program.until(lambda now: now.wires == {"y.a": "a", "y.b": "c"})


def test_a_wire_is_drawn_from_its_end_as_well(program):
    program.hand.drag(program.input("y", 0), program.input("y", 0), program.spot(0.5, 0.05))
    program.until(lambda now: now.wires == {"y.b": "b"})
    program.hand.drag(program.input("y", 0), program.output("c"))
    program.until(lambda now: now.wires == {"y.a": "c", "y.b": "b"})


def test_a_wire_is_selected_by_a_click_and_deleted(program):
    start, end = program.output("b"), program.input("y", 1)
    middle = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
    program.hand.click(middle)
    program.hand.key("Delete")
    program.until(lambda now: now.wires == {"y.a": "a"})
