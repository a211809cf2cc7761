"""The nudge probe: a number is dragged, and what is said of it is what the engine says."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.engine import probe, show_number
from gradviz.formats import parse
from gradviz.graph import Document, add_leaf, add_target, remove, set_role, set_target, set_tensor
from gradviz.panels import ProbePanel
from tests.engine.test_training import fit_a_scale, network


@pytest.fixture
def panel(workspace, show):
    return show(ProbePanel(workspace), 330, 700)


@pytest.fixture
def scale(load, panel, settle):
    opened = load(fit_a_scale())
    settle()
    return opened


def test_the_first_leaf_that_can_move_is_probed_at_once(panel, scale):
    assert panel.place == ("s", ())
    assert panel.head.text() == "s = 1, the target comes to 30, the gradient is −60"
    assert panel.plot.isVisible()


def test_the_slider_moves_the_number_and_the_promise_stands_beside_the_truth(panel, scale):
    panel.slider.setFocus()
    for _ in range(50):
        QTest.keyClick(panel.slider, Qt.Key.Key_Right)
    assert panel.promise.text() == "gradient × h = (−60) × 0.5 = −30"
    step = probe(scale.document, "s").step(0.5)
    assert panel.truth.text() == f"true change = {step.true:g}, off by {step.error:g}".replace("-", "−")


def test_dragging_the_dot_does_the_same(panel, scale):
    panel.plot.dragged.emit(0.75)
    assert panel.slider.value() == -25
    assert panel.promise.text() == "gradient × h = (−60) × (−0.25) = 15"
    panel.plot.dragged.emit(1e9)
    assert panel.slider.value() == 100


def test_a_number_that_is_kept_goes_into_the_leaf_and_can_be_undone(panel, scale, settle):
    panel.slider.setValue(100)
    QTest.mouseClick(panel.keep, Qt.MouseButton.LeftButton)
    assert scale.document.nodes["s"].value == 2
    settle()
    assert panel.head.text() == "s = 2, the target comes to 0, the gradient is 0"
    assert panel.slider.value() == 0
    scale.history.undo()
    settle()
    assert panel.head.text().startswith("s = 1")


def test_the_check_names_the_step_that_comes_nearest(panel, scale, settle):
    QTest.mouseClick(panel.check, Qt.MouseButton.LeftButton)
    settle()
    assert panel.errors.isVisible()
    assert "and the gradient is −60" in panel.verdict.text()


def test_a_cell_is_chosen_by_its_index_or_by_a_click_elsewhere(panel, load, workspace, settle):
    load(parse("y = sum(x * x)", x=np.array([[1.0, 2.0], [3.0, 4.0]])))
    settle()
    assert panel.head.text().startswith("x[0, 0] = 1")
    panel.cell.line.setText("1, 0")
    QTest.keyClick(panel.cell.line, Qt.Key.Key_Return)
    settle()
    assert panel.head.text() == "x[1, 0] = 3, the target comes to 30, the gradient is 6"
    panel.take_cell((0, 1))
    settle()
    assert panel.head.text().startswith("x[0, 1] = 2")
    panel.cell.line.setText("7, 7")
    QTest.keyClick(panel.cell.line, Qt.Key.Key_Return)
    assert "no such cell" in panel.cell.trouble.text()
    assert panel.place == ("x", (0, 1))


def test_the_reach_is_typed_and_nonsense_is_refused(panel, scale, settle):
    panel.span.line.setText("0.1")
    QTest.keyClick(panel.span.line, Qt.Key.Key_Return)
    settle()
    panel.slider.setValue(100)
    assert panel.promise.text() == "gradient × h = (−60) × 0.1 = −6"
    for nonsense in ("-1", "0", "far"):
        panel.span.line.setText(nonsense)
        QTest.keyClick(panel.span.line, Qt.Key.Key_Return)
        assert panel.span.trouble.text()


def test_a_leaf_without_a_path_says_so(panel, load, workspace, settle):
    load(add_leaf(parse("y = exp(x)", x=np.array(1.0)), "unused", 3.0))
    workspace.select(["unused"])
    settle()
    assert (
        "∅" in panel.head.text() or "no target" in panel.trouble.text() or "there is no target" in panel.trouble.text()
    )


def test_where_nothing_can_move_it_says_what_to_do(panel, load):
    load(add_leaf(Document(), "c", 1.0, role="constant"))
    assert panel.hint.isVisible()
    assert not panel.slider.isVisible()


def test_what_cannot_run_is_told_and_nothing_is_drawn(panel, load, settle):
    load(add_leaf(Document(), "x", 1.0))
    settle()
    assert panel.trouble.text() == "" or "target" in panel.trouble.text()
    load(remove(fit_a_scale(), ["T"]))
    settle()
    assert panel.trouble.text()
    assert not panel.plot.isVisible()


def test_editing_the_leaf_away_or_reshaping_it_leaves_nothing_behind(panel, scale, workspace, settle):
    workspace.edit("Grow", set_tensor, "s", np.ones((2, 2)))
    settle()
    assert panel.place == ("s", (0, 0))
    workspace.edit("Constant", set_role, "s", "constant")
    settle()
    assert panel.hint.isVisible()


def test_a_value_that_is_not_finite_is_told_and_one_with_a_result_that_is_not_is_drawn(panel, load, settle):
    load(parse("y = x * x", x=np.array(np.inf)))
    settle()
    assert panel.trouble.text().endswith('"x" cannot be moved there: it holds ∞')
    load(parse("y = log(x)", x=np.array(0.5)))
    settle()
    panel.slider.setValue(-80)
    assert panel.truth.text() == "true change = NaN, off by NaN"


def test_nothing_is_computed_while_nobody_looks(workspace, load, qtbot, settle):
    hidden = ProbePanel(workspace)
    qtbot.addWidget(hidden)
    load(fit_a_scale())
    settle()
    assert hidden.head.text() == ""
    hidden.show()
    settle()
    assert hidden.head.text().startswith("s = 1")


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_every_theme_draws_it(panel, scale, workspace, settle, theme):
    workspace.set_theme(theme)
    settle()
    assert not panel.grab().isNull()


def test_several_targets_come_to_one_number_together(load, panel, settle):
    load(add_target(set_target(parse("y = x * 2.0; z = x * x", x=np.array(3.0)), "y"), "z"))
    settle()
    assert panel.head.text() == "x = 3, the targets come to 15, the gradient is 8"


def test_in_training_the_targets_are_those_of_the_rows_that_the_step_sees(panel, load, workspace, settle):
    load(network(batch=8))
    workspace.select(["b2"])
    settle()
    tape = workspace.tape
    assert tape.values["x"].shape == (8, 2)
    assert f"the target comes to {show_number(tape.values['loss'])}" in panel.head.text()
    assert f"the gradient is {show_number(tape.gradients['b2'])}" in panel.head.text()
    workspace.select(["x"])
    settle()
    assert panel.place == ("x", (0, 0))
    assert panel.head.text().startswith(f"x[0, 0] = {show_number(workspace.document.nodes['x'].value[0, 0])}")
