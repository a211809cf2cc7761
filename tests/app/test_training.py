"""Training in the window: by keyboard alone, and through everything that a person does meanwhile."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from gradviz.engine import Trainer, Update
from gradviz.formats import load_example, make_examples
from gradviz.graph import set_training
from gradviz.workspace import op_data
from tests.app.conftest import press

DISCARD = QMessageBox.StandardButton.Discard


@pytest.fixture
def rest(qtbot, shell):
    """Wait until training rests and nothing runs in the background."""
    contents = shell._contents
    return lambda: qtbot.waitUntil(
        lambda: not contents.practice.is_running and not shell.workspace.jobs.is_busy, timeout=20_000
    )


@pytest.fixture
def training(shell, rest):
    """The window on the example that arrives at s = 2, as it opens."""
    shell.files.open_example("train_a_scale")
    rest()
    return shell


@pytest.fixture
def practice(shell):
    return shell._contents.practice


def test_a_document_that_is_made_to_be_trained_has_its_panel_at_hand_and_others_have_not(shell, rest):
    shell.files.open_example("fit_a_scale")
    rest()
    assert not shell.docks["plots"].isVisible()
    shell.files.open_example("train_a_scale")
    rest()
    assert shell.docks["plots"].isVisible()


def test_one_sweep_and_ten_training_steps_by_keyboard_alone(training, practice, rest):
    workspace, canvas = training.workspace, training.canvas
    workspace.settings.reduced_motion = True
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    while workspace.playhead < workspace.length:
        QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert workspace.moment.phase == "update"
    assert workspace.moment.updated("s").after == pytest.approx(1.6)
    trainer = Trainer(workspace.document)
    standing = trainer.start()
    for step in range(1, 11):
        QTest.keyClick(canvas, Qt.Key.Key_F10)
        rest()
        standing = trainer.step(standing).after
        assert practice.standing.steps == step
        assert workspace.document.nodes["s"].value == standing.variables["s"]
        assert workspace.moment.updated("s").step == step + 1
    QTest.keyClick(canvas, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    rest()
    assert practice.standing.steps == 9
    QTest.keyClick(canvas, Qt.Key.Key_F9, Qt.KeyboardModifier.ControlModifier)
    rest()
    assert practice.standing.steps == 0
    assert workspace.document.nodes["s"].value == 1
    QTest.keyClick(canvas, Qt.Key.Key_F9)
    rest()
    assert len(practice.history) == 20


def test_the_key_that_trains_pauses(training, practice, qtbot, rest):
    training.workspace.edit("Longer", set_training, steps=1_000_000, settings={"lr": 1e-7})
    rest()
    QTest.keyClick(training.canvas, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 10)
    QTest.keyClick(training.canvas, Qt.Key.Key_F9)
    assert not practice.is_running
    rest()


def test_a_new_document_while_it_trains_stops_it(training, practice, qtbot, asked, rest):
    training.workspace.edit("Longer", set_training, steps=1_000_000, settings={"lr": 1e-7})
    rest()
    QTest.keyClick(training.canvas, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 10)
    with asked(press(DISCARD)):
        QTest.keyClick(training, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert not practice.is_running
    rest()
    assert not training.workspace.document.nodes
    assert practice.history is None
    assert training._contents.plots.loss.absent.isVisible()


def test_undo_while_it_trains_leaves_what_was_undone(training, practice, qtbot, rest):
    training.workspace.edit("Longer", set_training, steps=1_000_000, settings={"lr": 1e-7})
    rest()
    QTest.keyClick(training.canvas, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 10)
    QTest.keyClick(training, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not practice.is_running
    rest()
    assert training.workspace.document.training.steps == 20
    assert training.workspace.document.nodes["s"].value == 1


def test_the_window_closes_while_it_trains(training, practice, qtbot):
    training.workspace.edit("Longer", set_training, steps=1_000_000, settings={"lr": 1e-7})
    QTest.keyClick(training.canvas, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 10)
    training.workspace.history.setClean()
    training.close()
    assert not training.workspace.jobs.is_busy


def test_what_is_typed_for_training_holds_before_it_is_saved_or_trained(training, practice, rest):
    form = training._contents.plots.form
    form.steps.line.setFocus()
    form.steps.line.selectAll()
    QTest.keyClicks(form.steps.line, "7")
    QTest.keyClick(form.steps.line, Qt.Key.Key_F9)
    rest()
    assert len(practice.history) == 7


def test_the_update_plays_on_the_canvas(training, qtbot):
    workspace = training.workspace
    update = next(index for index, frame in enumerate(workspace.tape.frames, 1) if isinstance(frame, Update))
    workspace.settings.speed = 4.0
    workspace.seek(update - 1)
    training.player.play()
    qtbot.waitUntil(lambda: workspace.playhead == workspace.length and not training.player.is_playing, timeout=10_000)
    assert workspace.moment.gradient("s").state == "zero"


def test_a_data_set_dragged_from_the_palette_is_put_down_where_it_is_dropped(shell, rest):
    view = shell.canvas.viewport()
    facts = Qt.DropAction.CopyAction, op_data("leaf:moons"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (QDragEnterEvent(QPoint(60, 60), *facts), QDragMoveEvent(QPoint(60, 60), *facts)):
        QApplication.sendEvent(view, event)
    QApplication.sendEvent(view, QDropEvent(QPointF(60, 60), *facts))
    rest()
    nodes = shell.workspace.document.nodes
    np.testing.assert_array_equal(nodes["x"].value, make_examples("moons").x)
    assert shell.workspace.document.training.data == ("x", "t")
    boxes = [shell.canvas.node_rect(name) for name in ("x", "t")]
    assert not boxes[0].intersects(boxes[1])


def test_training_is_saved_with_the_document(training, tmp_path, rest):
    assert training.workspace.save(tmp_path / "scale.gradviz")
    text = (tmp_path / "scale.gradviz").read_text("utf-8")
    assert '"optimiser": "sgd"' in text
    assert load_example("train_a_scale").training == training.workspace.document.training
