"""Practice: training in the background that pauses, goes on, is undone, looked back on, and never hurts a document."""

from dataclasses import replace

import numpy as np
import pytest

from gradviz.engine import Trainer, Update
from gradviz.graph import Document, move, remove, set_tensor, set_training
from gradviz.workspace import Practice, Workspace
from tests.engine.test_training import fit_a_scale, network


@pytest.fixture
def workspace(qtbot):
    opened = Workspace()
    yield opened
    opened.close()


@pytest.fixture
def practice(workspace):
    return Practice(workspace)


def rested(practice, qtbot, steps=None):
    practice.run(steps)
    qtbot.waitUntil(lambda: not practice.is_running)


def test_steps_are_taken_in_the_background_and_what_was_learned_is_one_step_of_undo(workspace, practice, qtbot):
    workspace.show_document(fit_a_scale(settings={"lr": 0.01}, steps=20))
    practice.run()
    assert practice.is_running
    qtbot.waitUntil(lambda: not practice.is_running)
    assert len(practice.history) == 20
    assert practice.progress == (20, 20)
    assert workspace.document.nodes["s"].value == practice.history.latest.variables["s"]
    assert workspace.history.count() == 1
    workspace.history.undo()
    assert workspace.document.nodes["s"].value == 1
    workspace.history.redo()
    assert workspace.document.nodes["s"].value == practice.history.latest.variables["s"]


def test_the_run_on_screen_goes_on_where_training_stands(workspace, practice, qtbot):
    workspace.show_document(fit_a_scale(optimiser="momentum", settings={"lr": 0.001}))
    rested(practice, qtbot, 3)
    qtbot.waitUntil(lambda: any(isinstance(f, Update) and f.step == 4 for f in workspace.tape.frames))


def test_training_goes_on_after_a_rest_as_if_there_had_been_none(workspace, practice, qtbot):
    document = fit_a_scale(optimiser="adam", settings={"lr": 0.01})
    workspace.show_document(document)
    rested(practice, qtbot, 5)
    rested(practice, qtbot, 5)
    trainer = Trainer(document)
    standing = trainer.start()
    for _ in range(10):
        standing = trainer.step(standing).after
    assert practice.history.latest.variables["s"] == standing.variables["s"]
    assert workspace.history.count() == 2


def test_any_step_can_be_put_back_and_training_goes_on_from_there(workspace, practice, qtbot):
    workspace.show_document(fit_a_scale(optimiser="momentum", settings={"lr": 0.001}))
    rested(practice, qtbot, 10)
    fourth, tenth = practice.history.standing(4).variables["s"], practice.history.latest.variables["s"]
    practice.go_to(4)
    assert workspace.document.nodes["s"].value == fourth
    assert practice.standing.steps == 4
    assert len(practice.history) == 10
    rested(practice, qtbot, 6)
    assert len(practice.history) == 10
    assert practice.history.latest.variables["s"] == tenth


def test_after_undo_training_goes_on_from_the_beginning(workspace, practice, qtbot):
    workspace.show_document(fit_a_scale(settings={"lr": 0.01}))
    rested(practice, qtbot, 10)
    workspace.history.undo()
    assert practice.standing.steps == 0
    rested(practice, qtbot, 3)
    assert len(practice.history) == 3


def test_a_pause_is_heeded_and_keeps_what_was_learned(workspace, practice, qtbot):
    workspace.show_document(network(optimiser="adam", batch=8))
    practice.run(1_000_000)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 3)
    practice.pause()
    assert not practice.is_running
    taken = len(practice.history)
    assert 0 < practice.progress[0] < 1_000_000
    np.testing.assert_array_equal(workspace.document.nodes["W1"].value, practice.history.latest.variables["W1"])
    qtbot.wait(300)
    assert len(practice.history) == taken


def test_a_rate_that_diverges_is_told_and_ends_there(workspace, practice, qtbot):
    workspace.show_document(fit_a_scale(settings={"lr": 0.1}))
    told = []
    workspace.told.connect(told.append)
    rested(practice, qtbot, 100_000)
    assert practice.history.has_diverged
    assert len(practice.history) < 1000
    assert any("diverged" in sentence and "smaller learning rate" in sentence for sentence in told)
    assert workspace.history.count() == 1


def test_a_held_out_loss_is_noted_while_it_trains(workspace, practice, qtbot):
    workspace.show_document(network(optimiser="adam", settings={"lr": 0.05}))
    rested(practice, qtbot, 30)
    assert practice.history.held_out[30] < practice.history.losses[0]


@pytest.mark.parametrize(
    "edit",
    [
        lambda workspace: workspace.edit("Type", set_tensor, "s", np.array(5.0)),
        lambda workspace: workspace.edit("Remove", remove, ["loss"]),
        lambda workspace: workspace.edit("Rate", set_training, settings={"lr": 0.5}),
        lambda workspace: workspace.edit("Plain", replace, training=None),
        lambda workspace: workspace.show_document(Document()),
    ],
    ids=["another number", "no target", "another rate", "no training", "another document"],
)
def test_another_document_forgets_the_practice(workspace, practice, qtbot, edit):
    workspace.show_document(fit_a_scale(settings={"lr": 0.01}))
    rested(practice, qtbot, 5)
    with qtbot.waitSignal(practice.changed):
        edit(workspace)
    assert practice.history is None


def test_a_practice_that_ends_after_another_document_was_opened_leaves_it_alone(workspace, practice, qtbot):
    workspace.show_document(network(optimiser="adam", batch=8))
    practice.run(1_000_000)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 1)
    opened = fit_a_scale()
    workspace.show_document(opened)
    assert not practice.is_running
    qtbot.wait(300)
    assert workspace.document is opened
    assert practice.history is None


def test_moving_a_node_while_it_trains_disturbs_nothing(workspace, practice, qtbot):
    workspace.show_document(network(optimiser="adam", batch=8))
    practice.run(200)
    qtbot.waitUntil(lambda: practice.history is not None)
    workspace.edit("Move", move, {"loss": (900.0, 900.0)})
    qtbot.waitUntil(lambda: not practice.is_running)
    assert len(practice.history) == 200
    assert workspace.document.places["loss"] == (900.0, 900.0)


def test_what_cannot_be_trained_is_told_and_nothing_begins(workspace, practice, qtbot):
    workspace.show_document(Document())
    with qtbot.waitSignal(workspace.told) as told:
        practice.run(5)
    assert "there is no target" in told.args[0]
    assert not practice.is_running
    assert practice.history is None


def test_closing_while_it_trains_ends_the_work(qtbot):
    workspace = Workspace()
    practice = Practice(workspace)
    workspace.show_document(network(optimiser="adam", batch=8))
    practice.run(1_000_000)
    workspace.close()
    assert not workspace.jobs.is_busy


def test_a_step_that_changes_nothing_counts_as_well(workspace, practice, qtbot):
    workspace.show_document(fit_a_scale(2.0, optimiser="momentum", settings={"lr": 0.1}))
    rested(practice, qtbot, 3)
    workspace.edit("Move", move, {"loss": (900.0, 900.0)})
    assert practice.standing.steps == 3
    assert len(practice.history) == 3
    assert practice.standing.is_of(workspace.document)
