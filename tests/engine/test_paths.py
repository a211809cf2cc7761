import numpy as np
import pytest

from gradviz.engine import Blocked, run
from tests.engine.building import build, end, told


def reasons(tape):
    """Return, of all nodes that no path leads to, the reason."""
    moment = end(tape)
    gradients = {node: moment.gradient(node) for node in tape.nodes}
    assert all((tape.gradients[node] is None) == (gradient.array is None) for node, gradient in gradients.items())
    return {node: gradient.reason for node, gradient in gradients.items() if gradient.state == "no path"}


def blocked(tape):
    """Return why nothing is sent, by port."""
    return {".".join(frame.port): frame.reason for frame in tape.frames if isinstance(frame, Blocked)}


def test_a_constant_gets_nothing_and_says_so():
    tape = run(build({"x": 2.0, "c": (3.0, "constant")}, {"y": ("multiply", "x", "c")}))
    assert blocked(tape) == {"y.b": "c is a constant"}
    assert reasons(tape) == {"c": "c is a constant"}


def test_an_input_gets_a_gradient_like_a_variable():
    tape = run(build({"x": (2.0, "input")}, {"y": ("square", "x")}))
    assert tape.gradients["x"] == 4


def test_what_depends_on_constants_only_is_constant():
    tape = run(
        build({"x": 2.0, "c": (3.0, "constant")}, {"d": ("exp", "c"), "e": ("sin", "d"), "y": ("multiply", "x", "e")})
    )
    assert blocked(tape) == {"y.b": "e depends on no variable or input"}
    assert set(reasons(tape)) == {"c", "d", "e"}
    assert told(tape)[-1] == "Blocked e < y.b"


@pytest.mark.parametrize(("dtype", "kind"), [("int64", "integer"), ("uint8", "integer"), ("bool", "boolean")])
@pytest.mark.parametrize("role", ["variable", "input", "constant"])
def test_tensors_that_are_no_floats_have_no_gradient(dtype, kind, role):
    tape = run(build({"x": 2.0, "i": (np.ones(2, dtype), role)}, {"y": ("multiply", "x", "i")}))
    assert blocked(tape) == {"y.b": f"{kind} tensors have no gradient"}
    assert reasons(tape) == {"i": f"{kind} tensors have no gradient"}


def test_stop_gradient_cuts_the_way_and_is_named():
    leaves = {"x": 2.0, "w": 3.0}
    nodes = {"a": ("exp", "x"), "h": ("stop_gradient", "a"), "k": ("sin", "h"), "y": ("multiply", "w", "k")}
    tape = run(build(leaves, nodes))
    through = "variables and inputs only through h, and stop_gradient lets nothing through"
    assert blocked(tape) == {"y.b": f"k depends on {through}"}
    assert reasons(tape) == {
        "x": "the way back from y is cut at h: stop_gradient lets nothing through",
        "a": "the way back from y is cut at h: stop_gradient lets nothing through",
        "h": "stop_gradient lets nothing through",
        "k": f"k depends on {through}",
    }


def test_a_way_around_stop_gradient_is_a_path():
    tape = run(build({"x": 3.0}, {"h": ("stop_gradient", "x"), "y": ("multiply", "x", "h")}))
    assert tape.gradients["x"] == 3
    assert blocked(tape) == {"y.b": "stop_gradient lets nothing through"}
    assert set(reasons(tape)) == {"h"}


def test_a_target_behind_stop_gradient_has_no_gradient_at_all():
    tape = run(build({"x": 3.0}, {"h": ("stop_gradient", "x")}))
    assert told(tape) == ["Compute h", "Seed h", "Blocked x < h.x"]
    assert blocked(tape) == {"h.x": "stop_gradient lets nothing through"}
    assert reasons(tape)["x"] == "the way back from h is cut at h: stop_gradient lets nothing through"


def test_a_comparison_is_a_dead_end_for_what_it_compares():
    leaves = {"x": 2.0, "z": 1.0, "a": 5.0, "b": 6.0}
    tape = run(build(leaves, {"mask": ("greater", "x", "z"), "y": ("where", "mask", "a", "b")}))
    assert blocked(tape) == {"y.condition": "boolean tensors have no gradient"}
    cut = "the way back from y is cut at mask: boolean tensors have no gradient"
    assert reasons(tape) == {"mask": "boolean tensors have no gradient", "x": cut, "z": cut}


def test_a_cast_back_to_floats_does_not_heal_the_cut():
    leaves = {"x": 2.0, "z": 1.0}
    tape = run(
        build(
            leaves,
            {"mask": ("greater", "x", "z"), "m": ("astype", "mask", {"dtype": "float64"}), "y": ("multiply", "m", "z")},
        )
    )
    why = "m depends on variables and inputs only through mask, and boolean tensors have no gradient"
    assert reasons(tape)["m"] == why
    assert reasons(tape)["x"] == "the way back from y is cut at mask: boolean tensors have no gradient"
    assert tape.gradients["z"] == 1


def test_labels_get_nothing_from_a_loss():
    leaves = {"z": np.zeros((2, 3)), "t": (np.array([0, 2]), "constant")}
    assert blocked(run(build(leaves, {"loss": ("cross_entropy", "z", "t")}))) == {
        "loss.t": "integer tensors have no gradient"
    }


def test_a_port_without_a_rule_says_so_even_for_floats():
    leaves = {"x": np.array([1.0, 2.0]), "z": np.array([2.0, 1.0])}
    tape = run(build(leaves, {"s": ("zeros_like", "x"), "y": ("add", "s", "z")}))
    assert blocked(tape) == {"y.a": "the rule of zeros_like gives no gradient for x"}
    assert reasons(tape)["x"] == "the way back from y is cut at s: the rule of zeros_like gives no gradient for x"


def test_what_the_target_does_not_depend_on_has_no_path():
    document = build(
        {"x": 2.0, "z": 1.0}, {"y": ("exp", "x"), "aside": ("sin", "z"), "below": ("sin", "y")}, {"y": None}
    )
    tape = run(document)
    assert reasons(tape) == dict.fromkeys(["z", "aside", "below"], "no path from y leads here")
    both = run(document, ["y", "aside"])
    assert reasons(both) == {"below": "no path from y or aside leads here"}


def test_an_op_with_a_dead_branch_is_still_reached_by_the_living_one():
    leaves = {"x": 2.0, "c": (0.0, "constant")}
    nodes = {"a": ("multiply", "x", "c"), "b": ("stop_gradient", "a"), "y": ("add", "a", "b")}
    tape = run(build(leaves, nodes))
    assert tape.gradients["x"] == 0
    assert end(tape).gradient("x").state == "zero"
