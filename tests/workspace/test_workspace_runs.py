import threading

import numpy as np
import pytest

from gradviz.engine import Blocked, Send, run
from gradviz.formats import parse
from gradviz.graph import (
    Document,
    Place,
    Port,
    Tensor,
    add_leaf,
    add_node,
    connect,
    disconnect,
    move,
    remove,
    rename,
    set_note,
    set_params,
    set_target,
    set_tensor,
)

FORWARD_END, LENGTH = 4, 18


@pytest.fixture
def held_back(workspace, monkeypatch):
    """Runs wait until the event is set, so that a test sees what is shown while they are recorded."""
    gate = threading.Event()

    def slow_run(document, cancelled):
        assert gate.wait(20)
        return run(document, cancelled=cancelled)

    monkeypatch.setattr("gradviz.workspace.recording.run", slow_run)
    yield gate
    gate.set()


def rewire(document):
    return connect(document, "s", Port("sub1", "b"))


def test_a_document_is_opened_with_all_values_and_no_gradient(workspace):
    assert (workspace.playhead, workspace.length) == (FORWARD_END, LENGTH)
    assert workspace.moment.values["loss"] == pytest.approx(1.5**2 + 3**2 + 2**2)
    assert {workspace.moment.gradient(node).state for node in workspace.document.nodes} == {"not computed"}
    assert not workspace.is_stale


def test_the_playhead_stays_within_the_run(workspace, announced):
    for index, expected in ((99, LENGTH), (-5, 0), (7, 7)):
        workspace.seek(index)
        assert workspace.playhead == expected == workspace.moment.index
    announced.clear()
    workspace.seek(7)
    assert announced == []


def test_phases_are_the_stops_of_longer_steps(workspace):
    stops = []
    workspace.seek(0)
    for direction in (1, 1, 1, 1, -1, -1, -1, -1):
        workspace.seek_phase(direction)
        stops.append(workspace.playhead)
    assert stops == [4, 5, LENGTH, LENGTH, 5, 4, 0, 0]


def test_shapes_are_right_at_once_and_values_follow(workspace, held_back, settle):
    workspace.edit("Value", set_tensor, "T", Tensor(np.ones((2, 3))))
    assert workspace.report.shapes["mul1"] == (2, 3)
    assert workspace.is_stale
    assert "mul1" not in workspace.moment.values
    assert workspace.moment.values["s"] == 2.0
    held_back.set()
    settle(workspace)
    assert not workspace.is_stale
    assert workspace.moment.values["mul1"].shape == (2, 3)
    assert workspace.playhead == FORWARD_END


def test_what_an_edit_does_not_touch_keeps_its_value_meanwhile(workspace, held_back):
    workspace.edit("Value", set_tensor, "t", Tensor(np.zeros(3)))
    values = workspace.moment.values
    assert values["mul1"].tolist() == [2.0, 4.0, 6.0]
    assert values["t"].tolist() == [0.0, 0.0, 0.0]
    assert values.keys().isdisjoint({"sub1", "square1", "loss"})


def test_an_old_sweep_stays_until_it_is_left(workspace, settle):
    workspace.seek(12)
    workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
    assert workspace.is_stale
    settle(workspace)
    assert workspace.is_stale
    assert workspace.playhead == 12
    assert workspace.moment.values["mul1"].tolist() == [3.0, 6.0, 9.0]
    old = workspace.moment.gradient("sub1").array
    assert old.tolist() == [3.0, 6.0, 4.0]
    assert workspace.take_fresh()
    assert not workspace.is_stale
    assert workspace.playhead == 12
    assert workspace.moment.gradient("sub1").array.tolist() == [5.0, 10.0, 10.0]


def test_every_edit_stales_the_sweep_anew_and_only_the_latest_run_is_taken(workspace, settle):
    workspace.seek(LENGTH)
    for value in (3.0, 4.0, 5.0):
        workspace.edit("Value", set_tensor, "s", Tensor(np.array(value)))
        assert not workspace.take_fresh()
    settle(workspace)
    assert workspace.take_fresh()
    assert workspace.tape.values["mul1"].tolist() == [5.0, 10.0, 15.0]


def test_undoing_the_edit_makes_the_sweep_fresh_again(workspace, settle):
    workspace.seek(12)
    tape = workspace.tape
    workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
    workspace.history.undo()
    assert not workspace.is_stale
    settle(workspace)
    assert workspace.tape is tape
    assert workspace.playhead == 12


def test_a_run_that_ends_after_the_edit_was_undone_is_not_taken(workspace, held_back, settle):
    workspace.seek(2)
    tape = workspace.tape
    workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
    workspace.history.undo()
    held_back.set()
    settle(workspace)
    assert workspace.tape is tape
    assert workspace.playhead == 2


@pytest.mark.parametrize(
    ("change", "args"),
    [
        (move, ({"s": Place(900.0, 5.0)},)),
        (set_note, ("s", "a scale")),
        (set_target, ("loss",)),
        (add_node, ("lonely", "exp")),
        (lambda document: rename(document, "mul1", "scaled"), ()),
    ],
    ids=["moving", "noting", "choosing the target that is implied", "adding an open node", "renaming"],
)
def test_what_changes_nothing_that_was_run_makes_nothing_stale(workspace, settle, change, args):
    workspace.seek(12)
    before = workspace.moment
    for step in (lambda: workspace.edit("Edit", change, *args), workspace.history.undo, workspace.history.redo):
        step()
        assert not workspace.is_stale
        assert not workspace.jobs.is_busy
        assert workspace.playhead == 12
        assert workspace.moment.gradient("sub1").array is before.gradient("sub1").array


def test_renaming_rewrites_the_run_in_place_and_undo_too(workspace):
    workspace.seek(LENGTH)
    workspace.edit("Rename", rename, "mul1", "scaled")
    assert "scaled" in workspace.tape.values
    assert "mul1" not in workspace.tape.values
    assert {frame.port.node for frame in workspace.tape.frames if isinstance(frame, Send | Blocked)} == {
        "scaled",
        "sub1",
        "square1",
        "loss",
    }
    workspace.history.undo()
    assert "mul1" in workspace.tape.values
    assert not workspace.is_stale


def test_renaming_during_a_stale_sweep_keeps_its_gradients(workspace, settle):
    workspace.seek(LENGTH)
    gradient = workspace.moment.gradient("sub1").array
    workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
    workspace.edit("Rename", rename, "sub1", "error")
    assert workspace.is_stale
    assert workspace.moment.gradient("error").array is gradient
    settle(workspace)
    assert workspace.moment.values["error"].tolist() == [2.5, 5.0, 5.0]
    workspace.history.undo()
    workspace.history.undo()
    assert not workspace.is_stale
    assert workspace.moment.gradient("sub1").array is gradient


def test_renaming_while_a_run_is_recorded_is_met_by_a_run_under_the_new_name(workspace, held_back, settle):
    workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
    workspace.edit("Rename", rename, "s", "scale")
    held_back.set()
    settle(workspace)
    assert not workspace.is_stale
    assert workspace.tape.values["scale"] == 3.0


def test_a_node_renamed_to_one_that_is_gone_is_not_taken_for_it(workspace, settle):
    workspace.seek(LENGTH)
    workspace.edit("Delete", remove, ["t"])
    workspace.edit("Rename", rename, "s", "t")
    settle(workspace)
    assert workspace.tape is None or workspace.tape.values["t"] == 2.0
    workspace.history.undo()
    workspace.history.undo()
    settle(workspace)
    assert workspace.take_fresh()
    assert workspace.tape.values["s"] == 2.0
    assert workspace.tape.values["t"].tolist() == [0.5, 1.0, 4.0]


def test_a_half_built_document_runs_as_far_as_it_goes(workspace, settle):
    workspace.edit("Detach", disconnect, Port("square1", "x"))
    settle(workspace)
    assert workspace.moment.values.keys() == {"s", "T", "t", "mul1", "sub1"}
    assert list(workspace.report.open_ports) == [Port("square1", "x")]


def test_deleting_everything_leaves_no_run(workspace, settle):
    workspace.seek(12)
    workspace.edit("Delete", remove, list(workspace.document.nodes))
    settle(workspace)
    assert workspace.tape is None
    assert (workspace.playhead, workspace.length, workspace.moment) == (0, 0, None)
    workspace.history.undo()
    settle(workspace)
    assert workspace.length == LENGTH


def test_a_run_of_the_document_before_never_shows_after_new(workspace, held_back, settle):
    workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
    assert workspace.jobs.is_busy
    workspace.show_document(Document())
    held_back.set()
    settle(workspace)
    workspace.jobs._pool.waitForDone()
    assert workspace.tape is None
    assert workspace.document.nodes == {}
    assert not workspace.is_modified


def test_closing_while_it_computes_ends_the_work(empty, qtbot):
    document = add_leaf(Document(), "x0", np.array(1.0))
    for number in range(400):
        document = add_node(document, f"x{number + 1}", "sin", None, [f"x{number}"])
    empty.show_document(document)
    assert empty.jobs.is_busy
    empty.close()
    assert not empty.jobs.is_busy
    qtbot.wait(20)
    assert empty.tape is None
    empty.edit("Note", set_note, "x0", "after closing")
    empty.edit("Delete", remove, ["x400"])
    assert not empty.jobs.is_busy


def test_what_fails_while_it_runs_is_told(empty, told, settle):
    document = parse("loss = cross_entropy(z, labels)", z=np.zeros((2, 3)), labels=np.array([0, 7]))
    empty.show_document(document)
    settle(empty)
    assert told == [empty.tape.problems[0].sentence]
    assert told[0].startswith('cross_entropy "loss": ')


def test_a_run_that_cannot_be_made_is_told_and_the_next_step_tries_again(
    workspace, told, announced, settle, monkeypatch
):
    def exhaust(document, cancelled):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("gradviz.workspace.recording.run", exhaust)
        workspace.edit("Value", set_tensor, "s", Tensor(np.array(3.0)))
        settle(workspace)
    assert told == ["there is not enough memory for this"]
    assert "run_failed" in announced
    assert workspace.is_stale
    assert not workspace.take_fresh()
    settle(workspace)
    assert not workspace.is_stale


def test_editing_a_parameter_changes_the_gradients(workspace, settle):
    workspace.edit("Axis", set_params, "loss", {"axis": (0,), "keepdims": True})
    settle(workspace)
    assert workspace.moment.values["loss"].shape == (1,)


def test_nothing_is_announced_before_it_is_true(workspace, settle):
    workspace.seek(LENGTH)
    seen = []

    def look(*_facts):
        moment = workspace.moment
        assert workspace.selection <= workspace.document.nodes.keys()
        assert 0 <= workspace.playhead <= workspace.length
        seen.append(moment is None or moment.index == workspace.playhead)

    for name in ("document_changed", "tape_changed", "playhead_moved", "motion_moved", "selection_changed"):
        getattr(workspace, name).connect(look)
    workspace.select(["s", "t"])
    workspace.edit("Delete", remove, ["t"])
    workspace.edit("Delete", remove, list(workspace.document.nodes))
    workspace.show_document(Document())
    settle(workspace)
    assert len(seen) > 5
    assert all(seen)


def test_a_document_of_nan_and_nothing_runs(empty, settle):
    empty.show_document(parse("y = sum(x * n)", x=np.ones((0, 3)), n=np.array(np.nan)))
    settle(empty)
    assert empty.moment.values["y"] == 0.0
    empty.seek(empty.length)
    assert empty.moment.gradient("x").array.shape == (0, 3)
