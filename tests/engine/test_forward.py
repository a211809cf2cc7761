from dataclasses import replace

import numpy as np
import pytest

from gradviz.engine import Compute, forward, run
from gradviz.errors import ComputeError, GradvizError
from gradviz.graph import plan_for
from gradviz.ops import OPS
from tests.engine.building import build, end, told

ROW = {"index": [{"int": 0}]}


def test_every_op_is_computed_once_in_plan_order():
    document = build({"x": 2.0}, {"b": ("square", "x"), "a": ("exp", "x"), "c": ("add", "a", "b")})
    assert [step.node for step in plan_for(document).steps] == ["a", "b", "c"]
    assert told(run(document))[:3] == ["Compute a", "Compute b", "Compute c"]


def test_nodes_that_no_target_needs_are_computed_too():
    document = build({"x": 2.0}, {"y": ("square", "x"), "aside": ("exp", "x")}, {"y": None})
    tape = run(document)
    assert tape.values["aside"] == np.exp(2.0)
    assert tape.gradients["aside"] is None


def test_a_half_built_document_runs_as_far_as_it_goes():
    document = build({"x": 2.0}, {"y": ("square", "x"), "half": ("add", "y"), "below": ("exp", "half")})
    tape = run(document)
    assert told(tape) == ["Compute y"]
    assert tape.problems == ()
    assert set(tape.values) == {"x", "y"}


def test_an_empty_document_has_an_empty_run():
    tape = run(build({}, {}))
    assert tape.frames == ()
    assert dict(tape.phases) == {}
    assert tape.at(0).latest is None
    assert tape.at(0).phase == "forward"


def test_a_rule_that_fails_is_a_problem_of_its_node_and_the_rest_runs():
    logits, labels = np.zeros((2, 3)), (np.array([0, 7]), "constant")
    document = build(
        {"z": logits, "labels": labels, "x": 3.0},
        {"loss": ("cross_entropy", "z", "labels"), "twice": ("add", "loss", "loss"), "y": ("square", "x")},
        {"twice": None, "y": None},
    )
    tape = run(document)
    (problem,) = tape.problems
    assert problem.node == "loss"
    assert problem.severity == "error"
    assert problem.sentence.startswith('cross_entropy "loss": ')
    assert "7" in problem.sentence
    assert isinstance(problem.error, GradvizError)
    assert "twice" not in tape.values
    assert tape.gradients["x"] == 6
    assert tape.gradients["twice"] is None
    assert end(tape).gradient("twice").state == "not computed"
    assert end(tape).gradient("z").state == "no path"


def test_no_memory_for_a_result_is_a_sentence():
    plan = plan_for(build({"x": np.zeros(3)}, {"y": ("exp", "x")}))

    def exhaust(_x):
        raise MemoryError

    step = replace(plan.steps[0], op=replace(OPS["exp"], forward=exhaust))
    (problem,) = forward(replace(plan, steps=(step,)))
    assert problem.sentence == 'exp "y": there is not enough memory for it'
    assert isinstance(problem.error, ComputeError)


def test_results_are_read_only_arrays_and_rank_0_stays_one():
    tape = run(
        build({"x": 2.0, "M": np.ones((2, 3))}, {"y": ("square", "x"), "v": ("getitem", "M", ROW), "s": ("sum", "M")})
    )
    for value in tape.values.values():
        assert isinstance(value, np.ndarray)
        assert not value.flags.writeable
    assert tape.values["y"].shape == tape.values["s"].shape == ()


def test_a_view_shares_the_memory_of_what_it_shows():
    tape = run(build({"M": np.ones((2, 3))}, {"v": ("getitem", "M", ROW), "t": ("matrix_transpose", "M")}))
    assert np.shares_memory(tape.values["v"], tape.values["M"])
    assert np.shares_memory(tape.values["t"], tape.values["M"])


@pytest.mark.filterwarnings("error")
def test_what_is_not_finite_is_a_fact_and_no_warning():
    leaves = {"zero": 0.0, "minus": -1.0, "huge": 1e300, "none": np.zeros(0)}
    nodes = {"log": ("log", "zero"), "root": ("sqrt", "minus"), "much": ("multiply", "huge", "huge"),
             "quotient": ("divide", "zero", "zero"), "mean": ("mean", "none")}  # fmt: skip
    tape = run(build(leaves, nodes), targets=list(nodes))
    values = {name: float(tape.values[name]) for name in nodes}
    assert values["log"] == -np.inf
    assert values["much"] == np.inf
    assert np.isnan([values["root"], values["quotient"], values["mean"]]).all()
    assert tape.gradients["minus"] == pytest.approx(np.nan, nan_ok=True)
    assert tape.problems == ()


def test_what_is_kept_is_what_the_rules_of_open_ports_use():
    leaves = {"x": np.ones((2, 3)), "W": np.ones((3, 2)), "c": (np.ones((2, 2)), "constant")}
    nodes = {"h": ("matmul", "x", "W"), "e": ("exp", "h"), "m": ("multiply", "e", "c"), "a": ("add", "m", "h"),
             "k": ("sin", "c")}  # fmt: skip
    kept = {frame.node: frame.kept for frame in run(build(leaves, nodes)).frames if isinstance(frame, Compute)}
    assert kept == {"h": ("a", "b"), "e": ("y",), "m": ("b",), "a": (), "k": ()}


def test_what_is_kept_depends_on_the_params_and_not_on_the_numbers_in_them():
    index = {"index": [{"array": [0, 2]}]}
    other = {"index": [{"array": [1, 1]}]}
    document = build({"x": np.ones(3)}, {"a": ("getitem", "x", index), "b": ("getitem", "x", other)})
    assert [frame.kept for frame in run(document, "a").frames if isinstance(frame, Compute)] == [(), ()]


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_every_op_computes_what_the_check_foretold(op):
    for sample in op.samples:
        inputs = sample.inputs(np.random.default_rng(3))
        leaves = {f"input{i}": value for i, value in enumerate(inputs)}
        document = build(leaves, {"y": (op.name, *leaves, dict(sample.params))})
        tape = run(document)
        assert tape.problems == ()
        assert tape.values["y"].shape == tape.plan.report.shapes["y"]
        assert tape.values["y"].dtype == tape.plan.report.dtypes["y"]


def test_of_very_many_inputs_all_are_kept_that_the_rules_use():
    count = 45
    leaves = {f"x{i:02}": np.ones(1) for i in range(count)}
    factors = ("einsum", *leaves, {"equation": ",".join("a" * count) + "->a"})
    tape = run(build(leaves, {"y": factors, "z": ("add_n", *leaves), "s": ("add", "y", "z")}))
    kept = {frame.node: frame.kept for frame in tape.frames if isinstance(frame, Compute)}
    assert kept["y"] == tuple(f"x{i}" for i in range(count))
    assert kept["z"] == ()
