from dataclasses import replace

import numpy as np
import pytest

from gradviz.engine import run, sweep
from gradviz.engine.run import _Recording
from gradviz.errors import ComputeError, EditRefusedError, GradvizError, ShapeError
from gradviz.graph import plan_for
from gradviz.ops import OPS
from tests.engine.building import build, chain, end, told


def stop_after(count):
    """Return a question that is answered with yes after it was asked `count` times."""
    asked = iter(range(count))
    return lambda: next(asked, None) is None


def test_cancelling_is_asked_between_frames_and_keeps_what_was_recorded():
    document = build({"x": 2.0}, {"y": ("exp", "x"), "z": ("sin", "y")})
    whole = told(run(document))
    for count in range(len(whole) + 1):
        tape = run(document, cancelled=stop_after(count))
        assert told(tape) == whole[:count]
        assert tape.is_whole == (count == len(whole))


def test_a_cancelled_sweep_leaves_gradients_that_are_not_computed():
    document = build({"x": 2.0}, {"y": ("exp", "x"), "z": ("sin", "y")})
    tape = run(document, cancelled=stop_after(5))
    assert tape.gradients["z"] == 1
    assert tape.gradients["x"] is None
    assert end(tape).gradient("x").state == "not computed"
    assert end(tape).gradient("x").reason == "waiting for 1 contribution"


def test_a_strict_run_raises_a_shape_error_of_the_document():
    document = build({"a": np.ones(3), "b": np.ones(4)}, {"y": ("add", "a", "b")})
    assert told(run(document)) == []
    with pytest.raises(ShapeError, match=r'add "y": cannot broadcast \(3,\) with \(4,\)'):
        run(document, strict=True)


def test_a_strict_run_raises_what_a_rule_refuses():
    document = build(
        {"z": np.zeros((2, 3)), "t": (np.array([0, 9]), "constant")}, {"loss": ("cross_entropy", "z", "t")}
    )
    assert len(run(document).problems) == 1
    with pytest.raises(GradvizError, match='cross_entropy "loss": '):
        run(document, strict=True)


def test_a_strict_run_refuses_a_target_that_waits_for_an_input():
    steps = {"h": ("add", "x"), "loss": ("exp", "h"), "y": ("sin", "x")}
    document = build({"x": 1.0}, steps, {"loss": None})
    implied = build({"x": 1.0}, {name: steps[name] for name in ("h", "loss")}, {})
    for half_built in (document, implied):
        with pytest.raises(ComputeError, match='the target "loss" cannot be computed: the input b of "h" is open'):
            run(half_built, strict=True)
    assert run(document, "y", strict=True).gradients["x"] == np.cos(1)


def test_a_strict_run_minds_no_open_port_beside_the_targets():
    document = build({"x": 1.0}, {"h": ("add", "x"), "y": ("sin", "x")}, {"y": None})
    assert run(document, strict=True).gradients["x"] == np.cos(1)


def test_a_failed_target_leaves_the_others_as_they_are():
    leaves = {"z": np.zeros((2, 3)), "t": (np.array([0, 9]), "constant")}
    document = build(leaves, {"loss": ("cross_entropy", "z", "t"), "y": ("sum", "z")})
    tape = run(document, ["loss", "y"])
    assert dict(tape.plan.targets) == {"y": None}
    assert tape.gradients["z"].tolist() == [[1, 1, 1]] * 2
    assert end(tape).gradient("loss").reason == "it has no value"


def test_a_sweep_that_fails_is_told_and_keeps_what_it_found():
    document = build({"x": 2.0}, {"y": ("exp", "x"), "z": ("sin", "y")})
    plan = plan_for(document)

    def exhaust(*_arguments):
        raise MemoryError

    broken = replace(OPS["exp"], vjp={"x": exhaust})
    recording = _Recording(replace(plan, steps=(replace(plan.steps[0], op=broken), plan.steps[1])), lambda: False)
    recording.take(sweep(recording.plan, run(document).values))
    assert not recording.is_whole
    assert len(recording.frames) == 4
    (problem,) = recording.problems
    assert problem.node == "y"
    assert problem.sentence == 'exp "y": there is not enough memory for it'


@pytest.mark.parametrize("targets", ["nowhere", ["x", "nowhere"], {"nowhere": None}, 7])
def test_a_target_that_no_node_is_is_refused(targets):
    with pytest.raises((EditRefusedError, TypeError)):
        run(build({"x": 1.0}, {"y": ("exp", "x")}), targets)


def test_the_same_document_gives_the_same_film_again():
    document = build({"x": np.ones(3), "b": 2.0}, {"h": ("multiply", "x", "b"), "y": ("tanh", "h"), "s": ("sum", "y")})
    one, other = run(document), run(document)
    assert told(one) == told(other)
    assert all(one.values[node].tobytes() == other.values[node].tobytes() for node in document.nodes)
    assert all(one.gradients[node].tobytes() == other.gradients[node].tobytes() for node in document.nodes)


def test_a_run_leaves_numpys_settings_alone():
    before = np.geterr()
    run(build({"x": 0.0}, {"y": ("log", "x"), "z": ("divide", "y", "y")}))
    assert np.geterr() == before


def test_a_chain_of_100_000_nodes_runs_without_recursion():
    tape = run(chain(["sin", "identity", "tanh"], 100_000))
    assert len(tape.frames) == 3 * 100_000 + 2
    assert tape.gradients["x"].shape == ()
    middle = tape.at(150_000)
    assert middle.phase == "backward"
    assert len(middle.values) == 100_001
    assert len(tape.renamed("x", "start").frames) == len(tape.frames)


def test_a_fan_of_thousands_adds_up():
    leaves = {"x": 1.0}
    nodes = {f"n{i}": ("identity", "x") for i in range(300)}
    tape = run(build(leaves, {**nodes, "y": ("stack", *nodes, {"axis": 0})}))
    assert tape.gradients["x"] == 300
    moment = tape.at(len(tape.frames) - 5)
    assert moment.waiting("x") + len(moment.deposits("x")) == 300
    assert moment.running_total("x") == len(moment.deposits("x"))
