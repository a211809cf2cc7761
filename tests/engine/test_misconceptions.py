"""What people often get wrong about gradients, with the numbers that are right."""

import numpy as np
import pytest

from gradviz.engine import Compute, Trainer, error_curve, gradcheck, run
from gradviz.graph import OneHot, set_training
from tests.engine.building import build, end


def gradients(leaves, nodes, **how):
    """Return the gradients of a run."""
    return run(build(leaves, nodes), **how).gradients


def test_a_bias_gets_the_sum_over_the_batch_and_not_its_mean_or_first_row():
    upstream = [[1, 2], [3, 4], [5, 6], [7, 8]]
    found = gradients({"x": np.zeros((4, 2)), "b": np.zeros(2)}, {"y": ("add", "x", "b")}, seed=upstream)
    assert found["b"].tolist() == [16, 20]


def test_a_column_and_a_vector_make_a_square_and_a_loss_that_is_not_zero():
    leaves = {"p": [[1.0], [2.0], [3.0]], "t": ([1.0, 2.0, 3.0], "constant")}
    nodes = {"d": ("subtract", "p", "t"), "sq": ("square", "d"), "loss": ("mean", "sq")}
    tape = run(build(leaves, nodes))
    assert tape.values["d"].shape == (3, 3)
    assert tape.values["loss"] == pytest.approx(4 / 3)
    assert tape.gradients["p"].ravel() == pytest.approx([-2 / 3, 0, 2 / 3])
    flat = run(build({**leaves, "p": [1.0, 2.0, 3.0]}, nodes))
    assert flat.values["loss"] == 0
    assert end(flat).gradient("p").state == "zero"


def test_a_gradient_keeps_the_axes_of_size_1():
    found = gradients(
        {"A": np.zeros((1, 3)), "B": np.zeros((2, 1))}, {"y": ("add", "A", "B")}, seed=[[1, 2, 3], [4, 5, 6]]
    )
    assert found["A"].tolist() == [[5, 7, 9]]
    assert found["B"].tolist() == [[6], [15]]


def test_a_variable_used_twice_adds_both_gradients():
    assert gradients({"a": 1.0}, {"y": ("add", "a", "a")})["a"] == 2
    assert gradients({"x": 2.0}, {"y": ("multiply", "x", "x")})["x"] == 4
    leaves = {"a": 2.0, "two": (2.0, "constant"), "three": (3.0, "constant")}
    nodes = {"b": ("multiply", "two", "a"), "c": ("add", "a", "three"), "d": ("multiply", "b", "c")}
    assert gradients(leaves, nodes)["a"] == 14


def test_a_node_sends_on_only_when_all_its_gradients_have_arrived():
    leaves = {"x": 2.0, **{f"c{n}": (float(n), "constant") for n in (3, 2, 5)}}
    nodes = {
        "y": ("multiply", "c3", "x"),
        "a": ("multiply", "c2", "y"),
        "b": ("multiply", "c5", "y"),
        "c": ("add", "a", "b"),
    }
    tape = run(build(leaves, nodes))
    assert tape.gradients["x"] == 21
    waiting = [tape.at(k).waiting("y") for k in range(len(tape.frames) + 1)]
    sending = next(k for k, frame in enumerate(tape.frames) if getattr(frame, "source", None) == "x")
    assert waiting[sending] == 0


def test_the_transposes_of_a_matrix_product_stand_where_they_must():
    X, W, dY = [[1.0, 2, 3], [4, 5, 6]], [[1.0, 0], [0, 1], [1, -1]], [[1, -1], [2, 0]]
    found = gradients({"X": X, "W": W}, {"Y": ("matmul", "X", "W")}, seed=dY)
    assert found["W"].tolist() == [[9, -1], [12, -2], [15, -3]]
    assert found["X"].tolist() == [[1, -1, 2], [2, 0, 2]]
    square = gradients({"X": np.eye(2), "W": [[0.0, 1], [3, 2]]}, {"Y": ("matmul", "X", "W")}, seed=[[1, 2], [0, 1]])
    assert square["X"].tolist() == [[2, 7], [1, 2]]


def test_the_softmax_derivative_has_entries_off_the_diagonal():
    leaves = {"z": [[2.0, 1.0, 0.0]], "t": (np.array([0]), "constant")}
    found = gradients(leaves, {"loss": ("cross_entropy", "z", "t")})["z"]
    assert found.ravel() == pytest.approx([-0.3348, 0.2447, 0.0900], abs=5e-5)
    steps = gradients({"z": [2.0, 1.0, 0.0]}, {"p": ("softmax", "z"), "l": ("log", "p")}, seed=[-1, 0, 0])
    assert steps["z"] == pytest.approx(found.ravel())


def test_a_softmax_before_a_loss_that_has_one_flattens_the_gradient():
    leaves = {"z": [[8.0, 0.0, 0.0]], "t": (np.array([1]), "constant")}
    right = run(build(leaves, {"loss": ("cross_entropy", "z", "t")}))
    twice = run(build(leaves, {"p": ("softmax", "z"), "loss": ("cross_entropy", "p", "t")}))
    assert right.values["loss"] == pytest.approx(8.00, abs=5e-3)
    assert twice.values["loss"] == pytest.approx(1.55, abs=5e-3)
    assert right.gradients["z"].ravel() == pytest.approx([0.9993, -0.9997, 0.0003], abs=5e-5)
    assert twice.gradients["z"].ravel() == pytest.approx([0.0006, -0.0005, -0.0001], abs=5e-5)


def test_a_vector_output_gives_a_product_with_its_jacobian_and_not_the_jacobian():
    J = ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "constant")
    document = build({"x": [1.0, 1.0], "J": J}, {"y": ("matmul", "J", "x")})
    assert run(document).gradients["x"].tolist() == [9, 12]
    assert run(document, seed=OneHot((0,))).gradients["x"].tolist() == [1, 2]
    assert run(document, seed=OneHot((2,))).gradients["x"].tolist() == [5, 6]


def test_no_path_and_zero_and_not_computed_are_three_things():
    leaves = {"unused": 1.0, "times_zero": 2.0, "x": 3.0, "zero": (0.0, "constant")}
    nodes = {"p": ("multiply", "times_zero", "zero"), "loss": ("add", "p", "x")}
    tape = run(build(leaves, nodes), "loss")
    before, after = tape.at(tape.phases["seed"]), end(tape)
    states = {node: (before.gradient(node).state, after.gradient(node).state) for node in ("unused", "times_zero", "x")}
    assert states == {
        "unused": ("not computed", "no path"),
        "times_zero": ("not computed", "zero"),
        "x": ("not computed", "value"),
    }
    assert tape.gradients["unused"] is None
    assert tape.gradients["times_zero"] == 0
    assert after.gradient("times_zero").reason == "the factor zero is zero"


def test_running_twice_does_not_add_up():
    document = build({"a": 3.0, "b": 2.0, "d": 1.0}, {"c": ("add", "a", "b"), "e": ("multiply", "c", "d")})
    assert run(document).gradients["a"] == run(document).gradients["a"] == 1


def test_mean_and_sum_differ_in_the_gradient_too():
    leaves = {"w": 1.0, "x": ([1.0, 2.0, 3.0, 4.0], "constant")}
    product = {"y": ("multiply", "w", "x")}
    assert gradients(leaves, {**product, "loss": ("sum", "y")})["w"] == 10
    assert gradients(leaves, {**product, "loss": ("mean", "y")})["w"] == 2.5


def test_relu_at_0_sends_nothing():
    assert gradients({"x": [-1.0, 0.0, 2.0]}, {"y": ("relu", "x")})["x"].tolist() == [0, 0, 1]


def test_a_check_at_the_kink_of_relu_tells_of_the_kink_and_not_of_an_error():
    document = build({"x": [-1.0, 0.0, 2.0]}, {"y": ("relu", "x")})
    curve = error_curve(document, "x", (1,))
    assert curve.differences[:5].tolist() == pytest.approx([0.5] * 5)
    (leaf,) = gradcheck(document).rows
    assert {cell.index: cell.slope.verdict for cell in leaf.cells}[1,] == "kink"
    assert gradcheck(document).passed


def test_a_smaller_step_is_not_always_better():
    curve = error_curve(build({"x": 1.0}, {"y": ("tanh", "x")}), "x")
    error = dict(zip([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], curve.errors, strict=True))
    assert 5e-4 < error[1] < 2e-3
    assert 5e-8 < error[3] < 2e-7
    assert error[5] < 5e-11
    assert error[7] > error[5]
    assert error[11] > 1e-7


def test_a_saturated_neuron_hardly_passes_a_gradient_on():
    leaves = {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 0.0}
    nodes = {
        "a": ("multiply", "x1", "w1"),
        "c": ("multiply", "x2", "w2"),
        "s": ("add", "a", "c"),
        "n": ("add", "s", "b"),
        "o": ("tanh", "n"),
    }
    assert gradients(leaves, nodes)["b"] == pytest.approx(2.5e-5, rel=0.05)
    assert gradients({**leaves, "b": 6.8813735870195432}, nodes)["b"] == pytest.approx(0.5)


def test_a_sine_keeps_its_input_and_a_tanh_its_result():
    kept = {
        op: next(frame.kept for frame in run(build({"x": 1.0}, {"y": (op, "x")})).frames if isinstance(frame, Compute))
        for op in ("sin", "tanh")
    }
    assert kept == {"sin": ("x",), "tanh": ("y",)}


def test_the_largest_the_picked_and_the_sorted_numbers_get_gradients_and_the_others_none():
    assert gradients({"x": [1.0, 3.0, 2.0]}, {"y": ("max", "x")})["x"].tolist() == [0, 1, 0]
    assert gradients({"x": [3.0, 3.0, 2.0]}, {"y": ("max", "x")})["x"].tolist() == [0.5, 0.5, 0]
    sorted_back = gradients({"x": [3.0, 1.0, 2.0]}, {"y": ("sort", "x", {"axis": 0})}, seed=[1, 10, 100])
    assert sorted_back["x"].tolist() == [100, 1, 10]


def test_two_orders_of_one_graph_give_the_same_gradients():
    first = {"p": ("exp", "x"), "q": ("sin", "x"), "y": ("multiply", "p", "q")}
    second = {"z": ("exp", "x"), "a": ("sin", "x"), "y": ("multiply", "z", "a")}
    one, other = (run(build({"x": 0.5}, nodes)) for nodes in (first, second))
    assert [f.node for f in one.frames if isinstance(f, Compute)] == ["p", "q", "y"]
    assert [f.node for f in other.frames if isinstance(f, Compute)] == ["a", "z", "y"]
    assert one.gradients["x"] == pytest.approx(other.gradients["x"], rel=1e-15)


def test_gradients_that_nobody_sets_back_pile_up_in_leaves_alone():
    document = build({"a": 3.0, "b": 2.0, "d": 1.0}, {"c": ("add", "a", "b"), "e": ("multiply", "c", "d")})
    trainer = Trainer(set_training(document, zeroes_gradients=False, settings={"lr": 0}))
    first = trainer.step(trainer.start())
    second = trainer.step(first.after)
    assert (first.gradients["a"], second.gradients["a"]) == (1, 2)
    assert trainer.tape(first.after).gradients["c"] == 1
