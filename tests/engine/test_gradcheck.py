"""Gradients against finite differences: what agrees, what is wrong, and where there is nothing to compare."""

from dataclasses import replace

import numpy as np
import pytest

from gradviz.engine import error_curve, gradcheck, run
from gradviz.engine.nudging import Nudge, losses_of
from gradviz.engine.slopes import judge
from gradviz.errors import EditRefusedError, GradvizError
from gradviz.formats import parse
from gradviz.graph import OneHot
from gradviz.ops import OPS, Op
from tests.engine.building import build, chain

RANDOM = np.random.default_rng(3)


def verdicts(document, **options):
    """Return the verdict of every cell of every leaf."""
    return {row.leaf: [cell.slope.verdict for cell in row.cells] for row in gradcheck(document, **options).rows}


def of_one(op, value, params=None):
    """Return the verdict of a single op at a single number."""
    return verdicts(build({"x": value}, {"y": (op, "x", params or {})}))["x"]


def break_rule(monkeypatch, op, port, rule):
    """Put another rule in the place of the gradient rule of an op."""
    broken, usual = OPS[op], Op.rule_for
    monkeypatch.setattr(
        Op, "rule_for", lambda self, name: rule if (self, name) == (broken, port) else usual(self, name)
    )


@pytest.fixture
def mlp():
    """A small network, in float64, with a leaf of every role."""
    return parse(
        "loss = mean((tanh(x @ W + b) @ V - t)**2)",
        x=RANDOM.normal(size=(5, 4)),
        W=RANDOM.normal(size=(4, 3)),
        b=np.zeros(3),
        V=RANDOM.normal(size=(3, 2)),
        t=np.array([[1, 0]] * 5),
    )


def test_right_gradients_agree_and_the_worst_cell_is_named(mlp):
    found = gradcheck(mlp)
    assert found.passed
    assert [row.leaf for row in found.rows] == ["V", "W", "b", "x"]
    assert all(len(row.cells) == row.size for row in found.rows)
    assert found.worst.slope.error < 1e-6
    assert found.worst.name in found.rows[[row.leaf for row in found.rows].index(found.worst.leaf)].sentence
    assert found.sentences[0] == "The gradients agree with finite differences."


def test_constants_and_integers_are_left_out_and_said_so(mlp):
    document = build(
        {"x": 2.0, "c": (3.0, "constant"), "i": (np.array([0, 1]), "variable")}, {"y": ("multiply", "x", "c")}
    )
    assert dict(gradcheck(document, "y").left_out) == {"c": "it is a constant", "i": "integer tensors have no gradient"}
    assert "c: left out, it is a constant" in gradcheck(document, "y").sentences


def test_a_wrong_rule_fails_and_its_cell_is_named(monkeypatch):
    document = build({"x": [1.0, 2.0, 5.0]}, {"y": ("square", "x"), "s": ("sum", "y")})
    break_rule(monkeypatch, "square", "x", lambda g, y, x: g * x)
    found = gradcheck(document)
    assert not found.passed
    assert found.sentences[0] == "The gradient of 1 of 1 leaves is wrong."
    assert verdicts(document) == {"x": ["differs"] * 3}
    assert "the sweep gives 1, the differences give 2: an error of 0.5" in found.rows[0].cells[0].sentence


@pytest.mark.parametrize("share", [1 + 1e-4, -1, 0, 2, np.nan, np.inf])
def test_a_rule_that_is_wrong_by_a_little_a_sign_or_everything_fails(monkeypatch, share):
    document = build({"x": [0.3, -0.7]}, {"y": ("sin", "x"), "s": ("sum", "y")})
    break_rule(monkeypatch, "sin", "x", lambda g, y, x: g * np.cos(x) * share)
    assert verdicts(document) == {"x": ["differs", "differs"]}


def test_one_wrong_cell_among_many_is_the_worst(monkeypatch):
    value = RANDOM.normal(size=(4, 5))
    spoil = np.zeros((4, 5))
    spoil[2, 3] = 1e-3
    break_rule(monkeypatch, "tanh", "x", lambda g, y, x: g * (1 - y * y) + spoil)
    found = gradcheck(build({"w": value}, {"y": ("tanh", "w"), "s": ("sum", "y")}))
    assert found.worst.name == "w[2, 3]"
    assert dict(found.rows[0].counts) == {"agrees": 19, "differs": 1}


@pytest.mark.parametrize(
    ("op", "params", "value"),
    [("abs", {}, 0.0), ("relu", {}, 0.0), ("clip", {"min": -1.0, "max": 1.0}, 1.0)],
)
def test_a_kink_is_told_as_a_kink_and_fails_nothing(op, params, value):
    assert of_one(op, value, params) == ["kink"]


@pytest.mark.parametrize("value", [1e-13, 1e-9, -1e-9, 1e-6, -3e-6, 6e-6, 1e-4])
def test_beside_a_kink_smaller_steps_tell_the_slope(value):
    assert of_one("relu", value) == ["agrees"]
    assert of_one("abs", value) == ["agrees"]


def test_ties_of_a_maximum_are_kinks():
    found = gradcheck(build({"x": [1.0, 3.0, 3.0, 2.0]}, {"y": ("max", "x")}))
    assert [cell.slope.verdict for cell in found.rows[0].cells] == ["agrees", "kink", "kink", "agrees"]
    assert found.passed
    assert "2 agree, 2 at a kink (x[1], x[2])" in found.rows[0].sentence


def test_a_sentence_counts_in_english_and_names_the_first_cells_that_could_not_be_judged():
    found = gradcheck(build({"x": [0.0, 0.0, 0.0, 0.0, 1.0]}, {"y": ("relu", "x")}))
    assert "of 5 cells 1 agrees, 4 at a kink (x[0], x[1], x[2], …); " in found.rows[0].sentence
    assert gradcheck(build({"x": 0.0}, {"y": ("relu", "x")})).rows[0].sentence.startswith("x: of 1 cell 1 at a kink; ")


def test_a_wrong_rule_is_no_kink_because_it_is_wrong_beside_the_cell_too(monkeypatch):
    break_rule(monkeypatch, "relu", "x", lambda g, y, x: np.where(x > 0, -g, 0.0))
    assert of_one("relu", 0.0) == ["differs"]
    assert of_one("relu", 1.0) == ["differs"]


def test_kinks_that_cancel_inside_are_kinks():
    document = parse("y = relu(x) - relu(-x)", x=0.0)
    assert run(document).gradients["x"] == 0
    assert verdicts(document) == {"x": ["kink"]}


def test_a_slope_that_does_not_converge_is_a_kink_or_not_finite():
    assert of_one("sqrt", 0.0) == ["not finite"]
    assert verdicts(parse("y = sqrt(abs(x))", x=0.0)) == {"x": ["not finite"]}


@pytest.mark.parametrize(("op", "value"), [("log", 0.0), ("log", -1.0), ("sqrt", -1.0), ("exp", 1e4), ("sin", np.nan)])
def test_what_is_not_finite_is_told_as_such(op, value):
    found = gradcheck(build({"x": value}, {"y": (op, "x")}))
    assert [cell.slope.verdict for cell in found.rows[0].cells] == ["not finite"]
    assert found.passed
    assert found.sentences[0] == "There is nothing that finite differences could tell."
    assert "not finite" in found.rows[0].sentence


def test_a_gradient_that_is_not_finite_where_the_slope_is_fails():
    document = build({"x": 0.0, "dead": (False, "constant")}, {"l": ("log", "x"), "y": ("where", "dead", "l", "x")})
    assert np.isnan(run(document).gradients["x"])
    assert verdicts(document) == {"x": ["differs"]}


def test_a_jump_is_told_as_a_jump():
    document = parse("y = where(x > 1, 2 * x, x)", x=np.array([1.0, 0.5, 2.0]))
    assert verdicts(document) == {"x": ["jump", "agrees", "agrees"]}
    assert gradcheck(document).passed


@pytest.mark.parametrize("value", [1e-12, 1e-6, 1.0, 1e6, 1e12])
def test_numbers_of_every_size_are_moved_by_steps_of_their_size(value):
    assert of_one("log", value) == ["agrees"]
    assert verdicts(parse("y = 1 / x", x=value)) == {"x": ["agrees"]}


def test_what_cancels_inside_is_not_taken_for_a_wrong_gradient():
    assert verdicts(parse("y = (x + 1e8) - 1e8", x=0.3))["x"] == ["agrees"]
    assert verdicts(parse("y = x * x - 2 * x", x=1.0))["x"] == ["agrees"]


def test_gradients_that_vanish_or_explode_agree():
    assert gradcheck(chain(["tanh"], 400)).worst.slope.verdict == "agrees"
    assert gradcheck(chain(["square"], 6, 3.0)).worst.slope.verdict == "agrees"
    assert gradcheck(chain(["sigmoid"], 60)).worst.slope.verdict == "agrees"


def test_float32_and_float16_are_checked_in_float64(mlp):
    narrow = build(
        {"x": np.float32([0.1, 0.2]), "h": np.float16([3, 4])},
        {"c": ("astype", "x", {"dtype": "float16"}), "p": ("multiply", "c", "h"), "s": ("sum", "p")},
    )
    found = gradcheck(narrow)
    assert found.passed
    assert found.worst.slope.error < 1e-8
    assert run(narrow).gradients["h"].dtype == np.float16


def test_several_targets_and_seeds_are_checked_together():
    document = build({"x": [1.0, 2.0, 3.0]}, {"y": ("square", "x"), "z": ("exp", "y")})
    for targets in (["y", "z"], {"y": [1.0, 0.0, -2.0], "z": OneHot((0,))}, {"x": None, "z": None}):
        assert gradcheck(document, targets).passed
    found = gradcheck(document, "y", [0.0, 0.0, 2.0])
    assert [cell.slope.gradient for cell in found.rows[0].cells] == [0, 0, 12]
    assert found.targets == ("y",)


def test_what_the_seed_does_not_ask_for_may_be_infinite():
    document = build({"x": [1.0, 0.0]}, {"y": ("log", "x")}, {"y": OneHot((0,))})
    assert verdicts(document)["x"][0] == "agrees"


def test_what_stop_gradient_cuts_off_is_held():
    document = parse("y = x * stop_gradient(x * x)", x=3.0)
    found = gradcheck(document)
    assert found.rows[0].cells[0].slope.difference == pytest.approx(9)
    assert found.passed


def test_a_leaf_without_a_path_counts_as_zero():
    document = build({"x": 2.0, "z": 5.0}, {"s": ("stop_gradient", "z"), "y": ("multiply", "x", "s")})
    row = gradcheck(document).rows[1]
    assert (row.leaf, row.has_path, row.passed) == ("z", False, True)
    assert "no path leads here" in row.sentence


def test_empty_leaves_have_nothing_to_check():
    found = gradcheck(build({"x": np.zeros((0, 3))}, {"y": ("sum", "x")}))
    assert found.passed
    assert found.worst is None
    assert found.rows[0].sentence == "x: it has no cells"


def test_of_a_large_leaf_the_same_cells_are_drawn_every_time():
    document = build({"x": RANDOM.normal(size=(30, 40))}, {"y": ("sum", "x")})
    first, again = (gradcheck(document, cells=50) for _ in range(2))
    assert len(first.rows[0].cells) == 50
    assert first == again
    assert "of 50 cells (drawn from 1,200) 50 agree" in first.rows[0].sentence
    assert len(gradcheck(document, cells=1200).rows[0].cells) == 1200


def test_a_value_that_an_op_refuses_is_not_finite_and_no_accident(mlp):
    tape = run(mlp)
    nudge = Nudge(tape, "W", losses_of(tape))
    moved = nudge._steps[0]
    step = replace(moved.step, op=OPS["matmul"], sources=(moved.step.sources[0], "b", "b"))
    nudge._steps = (moved._replace(step=step, inputs=(False, False, False)),)
    assert judge(nudge, (0, 0), 1.0, 1e-6, 1.0).verdict == "not finite"


def test_no_target_a_wrong_tolerance_and_no_cells_are_refused():
    two = build({"x": 1.0}, {"y": ("sin", "x"), "z": ("cos", "x")})
    with pytest.raises(GradvizError, match="there is no target"):
        gradcheck(two)
    with pytest.raises(GradvizError, match="nobody"):
        gradcheck(two, "nobody")
    for tolerance in (0, -1, 2, np.nan, "much", None, [1e-6]):
        with pytest.raises(GradvizError, match="tolerance"):
            gradcheck(two, "y", tolerance=tolerance)
    for cells in (0, -3, 2.5, "all", None):
        with pytest.raises(GradvizError, match="at least one cell"):
            gradcheck(two, "y", cells=cells)


def test_a_document_that_cannot_run_is_refused_with_its_problem():
    document = build({"x": [1.0, 2.0], "w": [1.0, 2.0, 3.0]}, {"y": ("add", "x", "w")})
    with pytest.raises(GradvizError, match='add "y"'):
        gradcheck(document)


def test_a_deep_chain_is_checked():
    assert gradcheck(chain(["sin", "tanh"], 20_000)).passed


# the curve


def test_the_error_curve_falls_with_the_step_and_rises_again_in_rounding():
    curve = error_curve(build({"x": [0.5, 1.5]}, {"y": ("exp", "x"), "s": ("sum", "y")}), "x", (1,))
    assert curve.gradient == np.exp(1.5)
    assert curve.steps.tolist() == [10.0**-k for k in range(1, 12)]
    best = int(np.argmin(curve.errors))
    assert 3 <= best <= 6
    assert curve.errors[best] < 1e-8 * curve.gradient
    np.testing.assert_allclose(curve.errors[:2], np.exp(1.5) * curve.steps[:2] ** 2 / 6, rtol=1e-2)
    assert curve.errors[-1] > 100 * curve.errors[best]
    np.testing.assert_allclose(curve.errors, np.abs(curve.differences - curve.gradient))


def test_the_error_curve_takes_other_steps_and_leaves_gaps_where_there_is_no_value():
    document = build({"x": 0.05}, {"y": ("log", "x")})
    curve = error_curve(document, "x", steps=[0.5, 0.01, 1e-30, 1e-4])
    assert np.isnan(curve.differences).tolist() == [True, False, True, False]
    assert curve.errors[3] < curve.errors[1]


def test_an_error_curve_of_what_has_none_is_refused(mlp):
    for leaf, index, why in [
        ("t", (0, 0), "integer tensors have no gradient"),
        ("loss", (), "it is no leaf"),
        ("nobody", (), "it is no leaf"),
        ("W", (9, 0), "there is no cell"),
        ("W", (), "there is no cell"),
    ]:
        with pytest.raises(EditRefusedError, match=why):
            error_curve(mlp, leaf, index)
