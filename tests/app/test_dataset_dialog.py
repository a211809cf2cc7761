"""Small sets of examples by a dialog: new leaves, or into those that are there; what it draws is what it gives."""

import numpy as np
import pytest
from PySide6.QtWidgets import QDialogButtonBox

from gradviz.formats import load_example, make_examples
from tests.app.conftest import dismiss, press

OK = QDialogButtonBox.StandardButton.Ok


def choose(name, rows, noise, seed, *, replaces=None):
    """Return an answer that fills the dialog in and accepts it."""

    def answer(dialog):
        dialog.name.setCurrentText(name)
        dialog.rows.setValue(rows)
        dialog.noise.setValue(noise)
        dialog.seed.setValue(seed)
        if replaces is not None:
            dialog.replaces.setChecked(replaces)
        dialog.grab()
        press(OK)(dialog)

    return answer


@pytest.fixture
def trained(shell, settle):
    """The window on a network that has examples."""
    shell.workspace.show_document(load_example("train_two_moons"))
    settle()
    return shell


def test_a_set_becomes_new_leaves_that_training_takes_its_rows_from(shell, asked, settle):
    with asked(choose("spiral", 50, 0.0, 3)):
        shell.handlers()["data_set"]()
    settle()
    document = shell.workspace.document
    made = make_examples("spiral", 50, 0.0, 3)
    np.testing.assert_array_equal(document.nodes["x"].value, made.x)
    np.testing.assert_array_equal(document.nodes["t"].value, made.t)
    assert (document.training.data, document.training.held_out) == (("x", "t"), 10)
    assert shell.workspace.selection == {"x", "t"}


def test_a_set_goes_into_the_leaves_that_hold_examples_and_the_batch_still_fits(trained, asked, settle):
    wires = trained.workspace.document.wires
    with asked(choose("xor", 20, 0.05, 1)) as said:
        trained.handlers()["data_set"]()
    settle()
    document = trained.workspace.document
    assert said == ["Data Set"]
    np.testing.assert_array_equal(document.nodes["x"].value, make_examples("xor", 20, 0.05, 1).x)
    assert (document.training.held_out, document.training.batch) == (4, 16)
    assert document.wires == wires
    trained.workspace.history.undo()
    assert len(trained.workspace.document.nodes["x"].value) == 120


def test_beside_leaves_that_hold_examples_new_ones_can_be_made(trained, asked, settle):
    with asked(choose("line", 10, 0.1, 0, replaces=False)):
        trained.handlers()["data_set"]()
    settle()
    assert len(trained.workspace.document.training.data) == 2
    assert not set(trained.workspace.document.training.data) & {"x", "t"}


def test_a_set_that_is_given_up_changes_nothing(trained, asked):
    before = trained.workspace.document
    with asked(dismiss):
        trained.handlers()["data_set"]()
    assert trained.workspace.document is before
