import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    OneHot,
    Tensor,
    add_leaf,
    add_node,
    add_target,
    build,
    disconnect,
    move,
    order,
    plan_for,
    set_target,
    set_tensor,
)


def test_a_plan_is_a_straight_line_of_steps(line):
    plan = plan_for(line)
    assert [(step.node, step.op.name, step.ports, step.sources) for step in plan.steps] == [
        ("scale", "multiply", ("a", "b"), ("x", "w")),
        ("loss", "sum", ("x",), ("scale",)),
    ]
    assert dict(plan.steps[1].params) == {"axis": None, "keepdims": False}
    assert plan.leaves == {"x": line.nodes["x"], "w": line.nodes["w"]}
    assert plan.targets == {"loss": None}


def test_of_steps_that_could_come_next_the_first_by_name_comes():
    document = add_leaf(Document(), "x", 1.0)
    for name in ("c", "a", "B", "b2", "b10", "ä"):
        document = add_node(document, name, "exp", sources=["x"])
    assert [step.node for step in plan_for(document).steps] == ["B", "a", "b10", "b2", "c", "ä"]


def test_the_same_document_has_the_same_plan_in_whatever_order_it_was_made(line):
    nodes = dict(reversed(line.nodes.items()))
    other = build(nodes, dict(reversed(line.wires.items())))
    assert [step.node for step in plan_for(other).steps] == [step.node for step in plan_for(line).steps]
    assert list(plan_for(other).leaves) == list(plan_for(line).leaves)
    assert order(other.computation) == order(line.computation)


def test_a_plan_is_made_once_per_computation(line):
    assert plan_for(move(line, {"x": (9, 9)})) is plan_for(line)
    assert plan_for(set_target(line, "scale")) is not plan_for(line)


def test_what_is_open_or_broken_is_no_step_and_the_rest_is(line):
    document = add_node(line, "y", "exp", sources=["w"])
    half_built = plan_for(disconnect(document, ("scale", "a")))
    assert [step.node for step in half_built.steps] == ["y"]
    assert not half_built.targets
    broken = plan_for(set_tensor(document, "x", np.zeros(4)))
    assert [step.node for step in broken.steps] == ["y"]


def test_a_step_has_only_the_ports_that_are_wired(line):
    document = add_leaf(line, "W", np.zeros((3, 2)))
    document = add_node(document, "h", "linear", sources=["x", "W"])
    (step,) = (step for step in plan_for(document).steps if step.node == "h")
    assert (step.ports, step.sources) == (("x", "W"), ("x", "W"))


def test_one_node_may_feed_several_ports(line):
    document = add_node(line, "y", "multiply", sources=["x", "x"])
    (step,) = (step for step in plan_for(document).steps if step.node == "y")
    assert step.sources == ("x", "x")


@pytest.mark.parametrize("targets", ["scale", ["scale"], ("scale",), {"scale": None}])
def test_a_plan_can_be_made_for_other_targets(line, targets):
    plan = plan_for(set_target(line, "loss"), targets)
    assert plan.targets == {"scale": None}
    assert [step.node for step in plan.steps] == ["scale", "loss"]


def test_other_targets_may_have_seeds(line):
    plan = plan_for(line, {"scale": OneHot((2,)), "loss": None})
    assert plan.targets == {"scale": OneHot((2,)), "loss": None}


def test_a_target_that_is_not_there_is_refused(line):
    with pytest.raises(EditRefusedError, match='there is no node named "los"; did you mean "loss"'):
        plan_for(line, "los")


def test_a_target_whose_seed_does_not_fit_is_not_swept(line):
    plan = plan_for(line, {"scale": Tensor(np.ones(2)), "loss": None})
    assert list(plan.targets) == ["loss"]
    assert plan.report.problems[0].sentence.startswith('the seed of "scale" has shape (2,)')


def test_a_target_that_cannot_compute_is_not_swept(line):
    document = add_target(set_target(line, "loss"), "x")
    assert list(plan_for(disconnect(document, ("scale", "a"))).targets) == ["x"]


def test_an_empty_document_has_an_empty_plan():
    plan = plan_for(Document())
    assert (dict(plan.targets), dict(plan.leaves), plan.steps) == ({}, {}, ())
