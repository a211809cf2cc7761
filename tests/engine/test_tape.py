import numpy as np
import pytest

from gradviz.engine import Blocked, Send, Tape, describe, run
from gradviz.graph import Port, add_node, rename
from tests.engine.building import build, chain, end, told

LEAVES = {"x": np.array([1.0, 2.0]), "sum": (3.0, "constant"), "w": 2.0}
NODES = {
    "h": ("multiply", "x", "sum"),
    "k": ("multiply", "h", "h"),
    "stop": ("stop_gradient", "w"),
    "z": ("multiply", "k", "stop"),
    "loss": ("sum", "z"),
}
DOCUMENT = build(LEAVES, NODES)
TAPE = run(DOCUMENT)


def test_gradients_are_over_every_node_of_the_document():
    half = add_node(build(LEAVES, NODES, {"loss": None}), "half", "add", sources=["x"])
    tape = run(half)
    assert set(tape.gradients) == set(half.nodes)
    assert tape.gradients["half"] is None
    assert tape.gradients["sum"] is None
    assert np.array_equal(tape.gradients["x"], 2 * np.array([1, 2]) * 9 * 2)
    with pytest.raises(KeyError):
        tape.gradients["stranger"]


def test_a_tape_made_from_its_parts_has_the_nodes_of_its_plan():
    tape = Tape(TAPE.plan, TAPE.values, TAPE.frames)
    assert set(tape.nodes) == set(DOCUMENT.nodes)
    assert dict(tape.gradients) == dict(TAPE.gradients)


def test_values_and_gradients_cannot_be_replaced():
    for table in (TAPE.values, TAPE.gradients, TAPE.phases):
        with pytest.raises(TypeError):
            table["x"] = None


@pytest.mark.parametrize("old", ["x", "sum", "h", "stop", "loss", "w"])
def test_a_renamed_tape_is_the_tape_of_the_renamed_document(old):
    renamed, again = TAPE.renamed(old, "neu"), run(rename(DOCUMENT, old, "neu"))
    assert sorted(told(renamed)) == sorted(told(again))
    assert renamed.nodes == tuple(rename(DOCUMENT, old, "neu").nodes)
    ends = end(renamed), end(again)
    for node in renamed.nodes:
        ours, theirs = (moment.gradient(node) for moment in ends)
        assert (ours.state, ours.reason) == (theirs.state, theirs.reason)
    sentences = {describe(frame, renamed.plan) for frame in renamed.frames}
    assert sentences == {describe(frame, again.plan) for frame in again.frames}


def test_renaming_computes_nothing_and_keeps_what_does_not_name_the_node():
    renamed = TAPE.renamed("h", "hidden")
    assert renamed.values["hidden"] is TAPE.values["h"]
    assert renamed.gradients["x"] is TAPE.gradients["x"]
    kept = [one is other for one, other in zip(TAPE.frames, renamed.frames, strict=True)]
    assert kept.count(False) == 6
    assert "h" not in renamed.gradients
    assert "h" in TAPE.gradients


def test_a_blocked_frame_gives_its_reason_under_the_new_name():
    renamed = TAPE.renamed("sum", "three")
    (frame,) = (frame for frame in renamed.frames if isinstance(frame, Blocked) and frame.port == Port("h", "b"))
    assert frame.source == "three"
    assert frame.reason == "three is a constant"
    assert renamed.at(5).values["three"] == 3


def test_problems_are_told_under_the_new_name():
    leaves = {"z": np.zeros((2, 3)), "t": (np.array([0, 7]), "constant"), "u": np.ones(4), "v": np.ones(3)}
    document = build(leaves, {"add": ("cross_entropy", "z", "t"), "bad": ("add", "u", "v")}, {"add": None})
    tape = run(document).renamed("add", "loss").renamed("bad", "worse")
    (problem,) = tape.problems
    assert problem.node == "loss"
    assert problem.sentence == str(problem.error)
    assert problem.sentence.startswith('cross_entropy "loss": ')
    (problem,) = tape.plan.report.problems
    assert problem.node == "worse"
    assert problem.sentence.startswith('add "worse": cannot broadcast')


def test_open_ports_are_told_under_the_new_name():
    tape = run(build({"x": 1.0}, {"half": ("add", "x")})).renamed("half", "whole")
    assert tape.plan.report.open_ports == (Port("whole", "b"),)
    assert tape.plan.report.problems[0].sentence == 'add "whole": the input b is open'


def test_a_long_tape_is_at_hand_at_every_moment():
    tape = run(chain(["sin", "tanh"], 2_000))
    count = len(tape.frames)
    assert count == 3 * 2_000 + 2
    for k in (0, 1, count // 2, count // 2 + 1, count - 1, count):
        moment = tape.at(k)
        assert len(moment.values) == min(k, 2_000) + 1
    assert end(tape).gradient("x").state == "value"


def test_sums_on_the_way_are_right_in_any_direction_and_few_of_them_are_kept():
    nodes = {f"n{i:03}": ("multiply", "x", f"c{i:03}") for i in range(300)}
    leaves = {f"c{i:03}": (0.1 * i, "constant") for i in range(300)} | {"x": 1.0}
    tape = run(build(leaves, nodes, dict.fromkeys(nodes)))
    sums, total = [None], None
    for send in end(tape).deposits("x"):
        total = send.share if total is None else total + send.share
        sums.append(total)
    places = [k for k, frame in enumerate(tape.frames, 1) if isinstance(frame, Send)]
    generator = np.random.default_rng(0)
    for order in (generator.permutation(300), range(299, -1, -1), range(300)):
        for k in order:
            assert tape.at(places[k]).running_total("x") == sums[k + 1]
    assert len(tape._run.ledger.deposits["x"]._kept) < 20
