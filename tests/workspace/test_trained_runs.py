"""Runs of a document that is trained: they end with the step, see a batch, and go on where training stood."""

import numpy as np
import pytest

from gradviz.engine import Trainer, Update
from gradviz.graph import set_tensor, set_training
from gradviz.workspace import Workspace
from tests.engine.test_training import fit_a_scale, network


@pytest.fixture
def workspace(qtbot):
    opened = Workspace()
    yield opened
    opened.close()


def opened(workspace, qtbot, document):
    workspace.show_document(document)
    qtbot.waitUntil(lambda: workspace.tape is not None)
    return workspace.tape


def updates(tape):
    return [frame for frame in tape.frames if isinstance(frame, Update)]


def test_a_document_that_is_trained_ends_its_run_with_the_step(workspace, qtbot):
    tape = opened(workspace, qtbot, fit_a_scale(settings={"lr": 1 / 60}))
    assert list(tape.phases) == ["forward", "seed", "backward", "update"]
    assert updates(tape)[0].after == pytest.approx(2)
    workspace.seek(tape.phases["backward"])
    workspace.seek_phase(1)
    assert workspace.playhead == tape.phases["update"]


def test_choosing_another_rate_records_another_step_and_undo_brings_the_first_back(workspace, qtbot):
    tape = opened(workspace, qtbot, fit_a_scale(settings={"lr": 0.01}))
    assert updates(tape)[0].after == pytest.approx(1.6)
    workspace.edit("Rate", set_training, settings={"lr": 0.02})
    qtbot.waitUntil(lambda: updates(workspace.tape)[0].after == pytest.approx(2.2))
    workspace.history.undo()
    qtbot.waitUntil(lambda: updates(workspace.tape)[0].after == pytest.approx(1.6))


def test_a_step_sees_the_rows_of_its_batch_and_the_report_says_so(workspace, qtbot):
    opened(workspace, qtbot, network(batch=8))
    assert workspace.moment.values["x"].shape == (8, 2)
    assert workspace.report.shapes["x"] == (8, 2)
    workspace.edit("All rows", set_training, batch=None, held_out=0)
    qtbot.waitUntil(lambda: workspace.moment.values["x"].shape == (50, 2))
    assert workspace.report.shapes["x"] == (50, 2)


def test_a_run_goes_on_where_training_stood_as_long_as_the_variables_are_its_own(workspace, qtbot):
    document = fit_a_scale(optimiser="momentum", settings={"lr": 0.01})
    trainer = Trainer(document)
    second = trainer.step(trainer.start()).after
    opened(workspace, qtbot, document)
    workspace.set_standing(second)
    workspace.edit("Train", lambda _document: trainer.document_at(second))
    qtbot.waitUntil(lambda: updates(workspace.tape)[0].step == 2)
    assert updates(workspace.tape)[0].after == trainer.step(second).after.variables["s"]
    workspace.edit("Type", set_tensor, "s", np.array(5.0))
    qtbot.waitUntil(lambda: updates(workspace.tape)[0].step == 1)


def test_examples_that_do_not_go_together_are_a_problem_and_not_a_crash(workspace, qtbot):
    opened(workspace, qtbot, set_tensor(network(batch=8), "t", np.zeros((30, 1))))
    assert "an example is a row of each" in workspace.tape.problems[-1].sentence
    assert updates(workspace.tape) == []
