"""Training as a person sees it: chosen, begun, paused, looked back on; every number shown is the history's."""

import numpy as np
import pytest
from pyqtgraph import ViewBox
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsView

from gradviz.engine import Trainer, show_number
from gradviz.formats import add_dataset, load_example, parse
from gradviz.graph import Document, remove, set_role, set_tensor, set_training, training_of
from gradviz.ops import OPTIMISERS
from gradviz.panels import PlotsPanel
from gradviz.workspace import Practice


def fit_a_scale(**training):
    return set_training(load_example("fit_a_scale"), **training)


def network(**training):
    """A network with one layer on 60 rows of two moons, 12 of them held out."""
    made, _ = add_dataset(Document(), "moons", (0, 0), rows=60)
    moons = {name: made.nodes[name].value for name in ("x", "t")}
    rng = np.random.default_rng(0)
    tensors = {"W": rng.normal(size=(2, 3)), "V": rng.normal(size=(3, 1))}
    made = parse("loss = mean((tanh(x @ W) @ V - t)**2)", **moons, **tensors)
    made = set_role(set_role(made, "x", "input"), "t", "constant")
    return set_training(made, **{"data": ("x", "t"), "held_out": 12, **training})


@pytest.fixture
def practice(workspace):
    return Practice(workspace)


@pytest.fixture
def panel(workspace, practice, player, show):
    return show(PlotsPanel(workspace, practice, player), 1000, 320)


@pytest.fixture
def rest(qtbot, practice, workspace):
    """Wait until training rests and nothing runs in the background."""
    return lambda: qtbot.waitUntil(lambda: not practice.is_running and not workspace.jobs.is_busy, timeout=20_000)


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_into(field, text):
    field.line.setFocus()
    field.line.selectAll()
    QTest.keyClicks(field.line, text)
    QTest.keyClick(field.line, Qt.Key.Key_Return)


def test_the_curve_of_the_loss_is_that_of_the_history_and_of_the_worked_example(panel, practice, load, rest):
    load(fit_a_scale(settings={"lr": 0.1}, steps=5))
    click(panel.controls.train)
    rest()
    (loss,) = panel.loss.lines
    assert loss.y.tolist() == practice.history.losses
    assert loss.y.tolist() == [30, 750, 18750, 468750, 11718750]
    assert loss.x.tolist() == [0, 1, 2, 3, 4]
    (norm,) = panel.norms.lines
    assert norm.name == "s"
    assert norm.y.tolist() == practice.history.norms["s"]


def test_the_loss_at_a_step_is_the_loss_of_the_run_on_the_canvas(panel, practice, workspace, load, rest):
    load(network(optimiser="adam", settings={"lr": 0.05}, steps=12, batch=16, shuffle=1))
    click(panel.controls.train)
    rest()
    for step in (3, 11, 0):
        panel.controls.slider.setValue(step)
        rest()
        assert practice.standing.steps == step
        assert not workspace.is_stale
        np.testing.assert_allclose(workspace.tape.values["loss"], panel.loss.lines[0].y[step], rtol=1e-12)
        update = next(frame for frame in workspace.tape.frames if getattr(frame, "step", None))
        assert update.step == step + 1
        assert show_number(practice.history.losses[step]) in panel.controls.told.text()


def test_the_held_out_loss_has_a_curve_of_its_own_from_the_start_on(panel, practice, load, rest):
    document = network(optimiser="adam", settings={"lr": 0.05}, steps=100)
    load(document)
    click(panel.controls.train)
    rest()
    _, held_out = panel.loss.lines
    assert held_out.name == "held out"
    assert held_out.x[0] == 0
    assert len(held_out.x) >= 20
    trainer = Trainer(document)
    assert held_out.y[0] == trainer.held_out_loss(trainer.start())
    assert held_out.y[-1] == trainer.held_out_loss(practice.history.latest)


def test_a_step_that_is_put_back_is_shown_at_the_moment_that_was_on_screen(panel, workspace, load, rest):
    load(fit_a_scale(settings={"lr": 0.01}, steps=8))
    click(panel.controls.train)
    rest()
    workspace.seek(workspace.length)
    panel.go_to(2)
    rest()
    assert workspace.playhead == workspace.length
    assert workspace.moment.phase == "update"
    assert workspace.moment.updated("s").step == 3


def test_one_step_goes_on_to_steps_that_were_taken_before_it_takes_new_ones(panel, practice, load, rest):
    load(fit_a_scale(settings={"lr": 0.01}, steps=4))
    click(panel.controls.train)
    rest()
    panel.take_back_one_step()
    rest()
    assert (practice.standing.steps, len(practice.history)) == (3, 4)
    click(panel.controls.step)
    rest()
    assert (practice.standing.steps, len(practice.history)) == (4, 4)
    click(panel.controls.step)
    rest()
    assert (practice.standing.steps, len(practice.history)) == (5, 5)


def test_a_click_on_the_curve_goes_to_that_step(panel, practice, load, rest):
    load(fit_a_scale(settings={"lr": 0.01}, steps=20))
    click(panel.controls.train)
    rest()
    view = panel.loss.findChild(QGraphicsView)
    box = next(item for item in view.scene().items() if isinstance(item, ViewBox))
    place = view.mapFromScene(box.mapViewToScene(QPointF(7.2, practice.history.losses[0] / 2)))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    rest()
    assert practice.standing.steps == 7


def test_training_is_paused_by_a_click_and_forgotten_by_another(panel, practice, load, qtbot, rest):
    load(network(optimiser="adam", steps=1_000_000))
    click(panel.controls.train)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 3)
    assert panel.controls.pause.isVisible()
    assert not panel.controls.train.isVisible()
    assert panel.controls.bar.isVisible()
    click(panel.controls.pause)
    assert not practice.is_running
    assert panel.controls.train.isVisible()
    rest()
    click(panel.controls.forget)
    assert practice.history is None
    assert panel.loss.absent.isVisible()
    assert panel.controls.told.text() == "no step taken"


def test_a_rate_that_diverges_is_marked_where_it_happens_and_breaks_no_chart(panel, practice, load, rest, told):
    load(fit_a_scale(settings={"lr": 0.1}, steps=1000))
    click(panel.controls.train)
    rest()
    place, what = panel.loss.odd
    assert not np.isfinite(practice.history.losses[int(place)])
    assert np.isfinite(practice.history.losses[int(place) - 1])
    assert what == "loss is ∞"
    assert any("diverged" in sentence for sentence in told)
    panel.log.click()
    panel.tabs.setCurrentIndex(1)
    panel.tabs.setCurrentIndex(2)
    panel.grab()


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_state_of_every_optimiser_is_shown_as_the_standing_has_it(panel, practice, load, rest, name):
    load(fit_a_scale(optimiser=name, settings={"lr": 0.01}, steps=3))
    click(panel.controls.train)
    rest()
    panel.tabs.setCurrentIndex(2)
    shown = {key: each.text for key, each in panel.state.maps.items()}
    state = practice.standing.states["s"]
    assert shown == {key: show_number(array) for key, array in {"s": practice.standing.variables["s"], **state}.items()}
    assert panel.state.hint.text() == ("sgd remembers nothing from step to step." if name == "sgd" else "")


def test_gradients_that_pile_up_are_part_of_the_state(panel, practice, load, rest):
    load(fit_a_scale(zeroes_gradients=False, settings={"lr": 0.001}, steps=2))
    click(panel.controls.train)
    rest()
    panel.tabs.setCurrentIndex(2)
    assert panel.state.maps["gradient so far"].text == show_number(practice.standing.carried["s"])


# The form


def test_another_optimiser_brings_its_settings_with_their_tips_and_is_undone(panel, workspace, load):
    load(fit_a_scale(settings={"lr": 0.1}))
    QTest.keyClicks(panel.form.optimiser, "adam")
    panel.form.optimiser.textActivated.emit("adam")
    assert training_of(workspace.document).optimiser == "adam"
    assert [*panel.form.settings] == ["lr", "beta1", "beta2", "eps"]
    assert panel.form.settings["lr"].line.text() == "0.1"
    for name, field in panel.form.settings.items():
        assert field.line.toolTip() == OPTIMISERS["adam"].settings[name].doc
        assert field.line.accessibleName() == name
    workspace.history.undo()
    assert panel.form.optimiser.currentText() == "sgd"
    assert [*panel.form.settings] == ["lr"]


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("lr", "fast", "is no number"),
        ("lr", "-1", "lr"),
        ("lr", "nan", "lr"),
        ("steps", "0", "steps must be a whole number from 1"),
        ("steps", "1.5", "is no whole number"),
        ("batch", "1000", "a batch of 1000 rows is more than the 48 rows"),
        ("held_out", "60", "60 of 60 rows cannot be held out"),
        ("held_out", "", "is no whole number"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(panel, load, field, text, sentence):
    workspace = load(network())
    before = workspace.document
    widget = panel.form.settings.get(field) or getattr(panel.form, field)
    type_into(widget, text) if text else (widget.line.setFocus(), widget.line.clear(), widget.draft.settle())
    assert sentence in widget.trouble.text()
    assert widget.trouble.isVisible()
    assert workspace.document is before


def test_what_is_typed_holds_for_the_document_and_for_the_button(panel, workspace, load):
    load(network())
    for name, text in (("steps", "1,500"), ("batch", "16"), ("held_out", "10")):
        type_into(getattr(panel.form, name), text)
    type_into(panel.form.settings["lr"], "0.25")
    click(panel.form.shuffle)
    click(panel.form.zeroes)
    found = training_of(workspace.document)
    assert (found.steps, found.batch, found.held_out, found.shuffle) == (1500, 16, 10, 0)
    assert found.settings["lr"] == 0.25
    assert not found.zeroes_gradients
    assert panel.controls.train.text() == "Train 1,500 steps"
    type_into(panel.form.batch, "all")
    assert training_of(workspace.document).batch is None


def test_leaves_that_hold_examples_are_chosen_in_a_menu_and_without_any_there_are_no_batches(panel, workspace, load):
    load(network(batch=8))
    menu = panel.form.data.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["x: 60 rows", "t: 60 rows"]
    assert all(action.isChecked() for action in menu.actions())
    for row in (0, 1):
        menu.aboutToShow.emit()
        menu.actions()[row].trigger()
    found = training_of(workspace.document)
    assert (found.data, found.batch, found.held_out) == ((), None, 0)
    assert not panel.form.batch.isEnabled()


def test_rows_that_do_not_go_together_any_more_are_told(panel, workspace, load, rest):
    load(network())
    workspace.edit("Fewer", set_tensor, "t", np.zeros((5, 1)))
    assert '"x" has 60 rows and "t" has 5' in panel.form.trouble.text()
    rest()
    click(panel.controls.train)
    rest()
    assert not panel.controls.pause.isVisible()


# What could go wrong


def test_a_batch_that_has_become_larger_than_the_rows_is_told_and_nothing_is_trained(
    panel, workspace, load, rest, told
):
    load(network(batch=40))
    for name, width in (("x", 2), ("t", 1)):
        workspace.edit("Fewer", set_tensor, name, np.zeros((20, width)))
    assert "a batch of 40 rows is more than the 8 rows" in panel.form.trouble.text()
    rest()
    assert any("a batch of 40 rows" in problem.sentence for problem in workspace.tape.problems)
    click(panel.controls.train)
    rest()
    assert any("a batch of 40 rows" in sentence for sentence in told)
    type_into(panel.form.batch, "4")
    assert not panel.form.trouble.isVisible()


def test_training_that_nobody_set_up_is_set_up_by_the_first_step(panel, workspace, load, rest):
    load(parse("loss = sum(w * w)", w=np.array([1.0, 2.0])))
    click(panel.controls.step)
    rest()
    assert workspace.document.training is not None
    np.testing.assert_allclose(workspace.document.nodes["w"].value, [0.98, 1.96])
    assert list(workspace.tape.phases) == ["forward", "seed", "backward", "update"]


@pytest.mark.parametrize(
    "document",
    [
        Document(),
        set_role(parse("loss = sum(x)", x=np.ones(3)), "x", "constant"),
        set_role(parse("loss = sum(x)", x=np.ones(3)), "x", "input"),
    ],
    ids=["empty", "constant", "no variable"],
)
def test_what_cannot_be_trained_is_told(panel, load, rest, told, document):
    load(document)
    panel.train()
    rest()
    assert told
    assert not panel.controls.forget.isEnabled()
    assert panel.loss.absent.isVisible()


@pytest.mark.parametrize(
    "disturb",
    [
        lambda workspace: workspace.history.undo(),
        lambda workspace: workspace.edit("Remove", remove, ["x"]),
        lambda workspace: workspace.edit("Reshape", set_tensor, "x", np.zeros((7, 2))),
        lambda workspace: workspace.show_document(Document()),
        lambda workspace: workspace.set_theme("dark"),
    ],
    ids=["undo", "data removed", "data reshaped", "new document", "another theme"],
)
def test_nothing_breaks_that_is_done_while_it_trains(panel, practice, load, qtbot, disturb):
    workspace = load(network(optimiser="adam", steps=3000))
    workspace.edit("Rate", set_training, settings={"lr": 0.02})
    click(panel.controls.train)
    qtbot.waitUntil(lambda: practice.history is not None and len(practice.history) > 3)
    disturb(workspace)
    qtbot.wait(50)
    practice.pause()
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy)
    panel.grab()


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_small_floats_and_integer_data_train(panel, practice, load, rest, dtype):
    made = parse("loss = mean((x * w - t)**2)", x=np.arange(6), w=np.array(1.0, dtype), t=np.arange(6) * 2)
    load(set_training(made, data=("x", "t"), settings={"lr": 0.01}, steps=40, batch=2))
    click(panel.controls.train)
    rest()
    assert practice.history.latest.variables["w"].dtype == dtype
    assert practice.history.latest.variables["w"] > 1.3


def test_everything_can_be_reached_by_keyboard_and_has_a_name(panel, load, qtbot):
    load(network(optimiser="adam"))
    reached, first = [], None
    panel.controls.train.setFocus()
    for _ in range(40):
        widget = panel.window().focusWidget()
        if widget is first:
            break
        first = first or widget
        reached.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    names = {widget.objectName() for widget in reached}
    wanted = {"train", "step", "optimiser", "lr", "beta1", "beta2", "eps", "steps", "data", "batch", "held_out"}
    assert {f"plots.{name}" for name in (*wanted, "shuffle", "zeroes_gradients")} <= names
    assert all(widget.accessibleName() for widget in reached if widget.objectName().startswith("plots."))


def test_a_slider_moved_by_keys_goes_step_by_step(panel, practice, load, rest):
    load(fit_a_scale(settings={"lr": 0.01}, steps=6))
    click(panel.controls.train)
    rest()
    panel.controls.slider.setFocus()
    for expected in (5, 4):
        QTest.keyClick(panel.controls.slider, Qt.Key.Key_Left)
        rest()
        assert practice.standing.steps == expected
