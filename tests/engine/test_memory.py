"""A run that would hold too much ends in a sentence, and what it has recorded so far stays."""

from dataclasses import replace

import numpy as np
import pytest

from gradviz.engine import forward, run, sweep
from gradviz.engine.run import _Recording
from gradviz.errors import LimitError
from gradviz.graph import LIMITS, plan_for
from tests.engine.building import build

KIB = np.ones(128)  # float64


def recorded(document, limit):
    """Return a recording of a run, forward and back, with a limit in KiB."""
    recording = _Recording(plan_for(document), lambda: False, replace(LIMITS, run_bytes=limit * 1024))
    recording.take(forward(recording.plan))
    if recording.is_whole:
        recording.take(sweep(recording.plan, recording.values))
    return recording


def test_gradients_count_as_values_do():
    document = build({"x": KIB}, {"y": ("exp", "x")})
    whole = recorded(document, 4)  # x, y, the seed of y, and what is sent to x, which is its total too
    assert whole.is_whole
    assert whole.problems == []
    cut = recorded(document, 3)
    assert not cut.is_whole
    assert [frame.__class__.__name__ for frame in cut.frames] == ["Compute", "Seed", "Settle"]
    (problem,) = cut.problems
    assert isinstance(problem.error, LimitError)
    assert problem.node == "y"
    assert problem.sentence.startswith('exp "y": here the run comes to hold more than ')


def test_values_that_are_too_large_end_a_run_before_the_sweep():
    cut = recorded(build({"x": KIB}, {"y": ("exp", "x"), "z": ("sin", "y")}), 2)
    assert list(cut.values) == ["x", "y"]
    assert cut.problems[0].sentence.startswith('sin "z": ')


def test_what_frames_share_and_what_is_only_looked_at_in_another_shape_counts_once():
    document = build({"x": KIB}, {"y": ("reshape", "x", {"shape": [2, 64]}), "z": ("add", "y", "y"), "s": ("sum", "z")})
    assert recorded(document, 4).is_whole  # x, z, one number stretched to the gradient of both ports, and their sum


@pytest.mark.parametrize("limit", [LIMITS, replace(LIMITS, run_bytes=1)])
def test_leaves_count_from_the_start(limit):
    plan = plan_for(build({"x": KIB}, {"y": ("sum", "x")}))
    recording = _Recording(plan, lambda: False, limit)
    recording.take(forward(plan))
    assert recording.is_whole == (limit is LIMITS)


def test_a_gradient_that_is_too_large_is_told_at_its_node_and_values_stay():
    leaves = {"a": np.ones((300, 1, 1, 2000), np.float32), "b": np.ones((1, 300, 2000, 1), np.float32)}
    tape = run(build(leaves, {"y": ("matmul", "a", "b"), "z": ("sum", "y")}))
    assert tape.values["z"] == 300 * 300 * 2000
    assert tape.gradients["y"].shape == (300, 300, 1, 1)
    (problem,) = tape.problems
    assert problem.node == "y"
    assert problem.sentence.startswith('matmul "y": on the way it would need a tensor of shape (300, 300, 1, 2000)')


def test_limits_can_be_set_for_a_run_and_the_figure_is_told():
    document = build({"a": np.ones((100, 1)), "b": np.ones((1, 100))}, {"y": ("add", "a", "b"), "s": ("sum", "y")})
    tape = run(document, limits=replace(LIMITS, elements=9_999))
    (problem,) = tape.plan.report.problems
    assert problem.sentence == (
        'add "y": its result of shape (100, 100) would have 10,000 elements; the limit is 9,999'
    )
    assert set(tape.values) == {"a", "b"}
    assert run(document, limits=replace(LIMITS, elements=10_000)).values["s"] == 20_000
    with pytest.raises(LimitError, match="run would hold more than"):
        run(document, strict=True, limits=replace(LIMITS, run_bytes=50_000))
    with pytest.raises(LimitError, match="comes to hold more than"):
        run(document, strict=True, limits=replace(LIMITS, run_bytes=82_000))


def test_what_a_rule_makes_on_the_way_has_a_limit_that_can_be_set():
    document = build({"a": np.ones((100, 1)), "b": np.ones((1, 100))}, {"y": ("mse_loss", "a", "b")})
    with pytest.raises(LimitError, match=r'mse_loss "y": on the way .* \(100, 100\), with 10,000 .* limit is 9,999'):
        run(document, strict=True, limits=replace(LIMITS, elements_on_the_way=9_999))
    assert run(document, limits=replace(LIMITS, elements_on_the_way=10_000)).is_whole


def test_a_limit_of_one_run_is_none_of_the_next():
    leaves = {"a": np.ones((20, 1, 1, 30)), "b": np.ones((1, 20, 30, 1))}
    document = build(leaves, {"y": ("matmul", "a", "b"), "z": ("sum", "y")})
    tape = run(document, limits=replace(LIMITS, elements_on_the_way=10_000))
    assert [problem.node for problem in tape.problems] == ["y"]
    assert tape.frames[0].kept == ()
    assert run(document).problems == ()
    assert run(document).frames[0].kept == ("a", "b")
