import numpy as np
import pytest

from gradviz.canvas.tips import wire_tip
from gradviz.formats import parse
from gradviz.graph import Port, add_node, disconnect, set_note, set_tensor
from gradviz.picture import show_shape
from tests.canvas.conftest import OUTPUT


def test_a_port_tells_its_name_what_feeds_it_and_its_shape(canvas, hand):
    assert canvas.tip_at(hand.port("mul1", 1)) == f"mul1.b ← T: {show_shape((3,))}"
    assert canvas.tip_at(hand.port("mul1", OUTPUT)) == f"result of mul1: {show_shape((3,))}"


def test_an_open_port_says_so(canvas, hand, workspace):
    workspace.edit("Detach", disconnect, Port("mul1", "b"))
    assert canvas.tip_at(hand.port("mul1", 1)) == "mul1.b: open"
    assert canvas.tip_at(hand.port("mul1", OUTPUT)) == "result of mul1"


def test_a_node_tells_value_and_gradient_with_all_their_digits(canvas, hand, workspace, qtbot):
    workspace.edit("Value", set_tensor, "s", np.array(1 / 3))
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy)
    workspace.seek(workspace.length)
    tip = canvas.tip_at(hand.body("s"))
    assert tip.startswith("s: variable\nscalar, float64\nvalue 0.3333333333333333\ngradient ")
    gradient = float(workspace.moment.gradient("s").array)
    assert tip.endswith(repr(gradient))


def test_a_node_tells_why_it_has_no_gradient(canvas, hand, workspace):
    assert "gradient not computed (the sweep has not begun)" in canvas.tip_at(hand.body("T"))


def test_a_node_tells_its_op_its_problem_and_its_note(canvas, hand, workspace):
    workspace.edit("Note", set_note, "mul1", "scale the data")
    workspace.edit("Detach", disconnect, Port("mul1", "b"))
    lines = canvas.tip_at(hand.body("mul1")).splitlines()
    assert lines[0].startswith("mul1: multiply — ")
    assert 'multiply "mul1": the input b is open' in lines
    assert lines[-1] == "scale the data"


def test_a_wire_tells_what_goes_along_it_in_both_directions(canvas, hand, workspace):
    point = hand.wire(Port("sub1", "b"), 0.3)
    assert canvas.tip_at(point) == "t → sub1.b\nvalue [0.5, 1. , 4. ]"
    workspace.seek(workspace.length)
    assert canvas.tip_at(point).splitlines()[-1] == "sent back [-3., -6., -4.]"


def test_a_stale_wire_tells_nothing_of_the_old_sweep(canvas, hand, workspace):
    workspace.seek(workspace.length)
    workspace.edit("Value", set_tensor, "t", np.array([0.0, 0.0, 0.0]))
    assert canvas.tip_at(hand.wire(Port("sub1", "b"), 0.3)) == "t → sub1.b\nvalue [0., 0., 0.]"


def test_a_blocked_wire_tells_why(blank, workspace, hand, qtbot):
    workspace.show_document(parse("y = sum(stop_gradient(x) * w)", x=np.ones(2), w=np.ones(2)))
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy)
    workspace.seek(workspace.length)
    [wire] = [port for port, source in workspace.document.wires.items() if source == "x"]
    assert "stop_gradient" in wire_tip(workspace, wire)


def test_what_failed_while_it_ran_is_told_at_its_node(blank, workspace, hand, qtbot):
    workspace.show_document(parse("loss = cross_entropy(z, labels)", z=np.zeros((2, 3)), labels=np.array([0, 7])))
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy)
    assert workspace.tape.problems[0].sentence in blank.tip_at(hand.body("loss")).splitlines()


def test_the_ground_tells_nothing(canvas, hand):
    assert canvas.tip_at(hand.ground()) == ""


@pytest.mark.parametrize("shape", [(1000,), (40, 50), (0,), (), (2, 3, 4)])
def test_a_large_tensor_is_cut_short(blank, workspace, hand, shape):
    workspace.show_document(parse("y = exp(x)", x=np.random.default_rng(0).normal(size=shape)))
    tip = blank.tip_at(hand.body("x"))
    assert "value" in tip
    assert len(tip.splitlines()) < 40
    assert max(map(len, tip.splitlines())) < 200


def test_an_op_of_any_number_of_inputs_tells_every_port(blank, workspace, hand):
    workspace.show_document(parse("y = concat(x, z)", x=np.ones(2), z=np.ones(3)))
    workspace.edit("Add", add_node, "more", "concat", place=(0, 500))
    for node in ("y", "more"):
        for slot in range(len(blank.geometry_shown.layout(node).ports)):
            assert blank.tip_at(hand.port(node, slot)).startswith(f"{node}.x{slot}")
