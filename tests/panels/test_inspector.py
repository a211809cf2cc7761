"""The inspector: what is typed and chosen becomes an edit of the right node, and nothing is lost on the way."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from gradviz.formats import parse
from gradviz.graph import Document, Leaf, add_leaf, add_node, rename, set_tensor

ENTER, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape


def line(inspector, name):
    return inspector.findChild(QLineEdit, f"inspector.{name}")


def retype(field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def fill(field, text):
    retype(field, text)
    QTest.keyClick(field, ENTER)


def trouble(inspector, name):
    label = inspector.findChild(QLabel, f"inspector.{name}.trouble")
    return label.text() if label.isVisible() else ""


def test_without_a_selection_it_shows_the_document(inspector, open_one):
    fill(line(inspector, "name"), "A title")
    assert open_one.document.title == "A title"
    note = inspector.findChild(QPlainTextEdit, "inspector.note")
    retype(note, "Two")
    QTest.keyClick(note, ENTER)
    QTest.keyClicks(note, "lines")
    inspector.settle()
    assert open_one.document.note == "Two\nlines"
    open_one.history.undo()
    assert open_one.document.note == ""


def test_several_nodes_are_counted(inspector, open_one):
    open_one.select(["s", "T"])
    assert "2 nodes" in inspector.hint.text()
    assert not inspector.name.isVisible()


def test_a_node_shows_its_name_shape_and_doc(inspector, open_one):
    open_one.select(["mul1"])
    assert line(inspector, "name").text() == "mul1"
    for part in ("multiply", "(3,)", "float64", "Hadamard"):
        assert part in inspector.about.text()


def test_renaming_keeps_the_selection_and_is_one_step(inspector, open_one):
    open_one.select(["s"])
    fill(line(inspector, "name"), "scale")
    assert "scale" in open_one.document.nodes
    assert open_one.selection == {"scale"}
    assert line(inspector, "name").text() == "scale"
    open_one.history.undo()
    assert line(inspector, "name").text() == "s"


@pytest.mark.parametrize("name", ["2fast", "T", "lambda", "a b", ""])
def test_a_bad_name_is_told_at_the_field_and_changes_nothing(inspector, open_one, told, name):
    open_one.select(["s"])
    before = open_one.document
    field = line(inspector, "name")
    retype(field, name) if name else field.clear()
    QTest.keyClick(field, ENTER)
    assert open_one.document is before
    assert trouble(inspector, "name").startswith("✗ ")
    assert told
    QTest.keyClick(field, ESCAPE)
    assert field.text() == "s"
    assert trouble(inspector, "name") == ""


def test_what_is_typed_is_not_lost_when_another_node_is_selected(inspector, open_one):
    open_one.select(["s"])
    retype(line(inspector, "name"), "scale")
    open_one.select(["T"])
    assert "scale" in open_one.document.nodes
    assert "T" in open_one.document.nodes
    assert line(inspector, "name").text() == "T"


def test_what_is_typed_is_not_lost_when_the_field_is_left(inspector, open_one):
    open_one.select(["s"])
    retype(line(inspector, "shape"), "2")
    line(inspector, "name").setFocus()
    assert open_one.document.nodes["s"].value.shape == (2,)


def test_a_value_typed_for_one_leaf_never_reaches_another(inspector, open_one):
    open_one.select(["T"])
    values = inspector.findChild(QPlainTextEdit, "inspector.values")
    retype(values, "7 8 9")
    before = open_one.document.nodes["t"]
    open_one.select(["t"])
    assert open_one.document.nodes["T"].value.tolist() == [7, 8, 9]
    assert open_one.document.nodes["t"] is before
    assert values.toPlainText() == "0.5 1 4"


def test_an_edit_elsewhere_leaves_alone_what_is_being_typed(inspector, open_one):
    open_one.select(["s"])
    field = line(inspector, "name")
    retype(field, "sca")
    open_one.edit("Edit", set_tensor, "T", np.array([1.0, 1.0, 1.0]))
    assert field.text() == "sca"
    QTest.keyClicks(field, "le")
    QTest.keyClick(field, ENTER)
    assert "scale" in open_one.document.nodes


def test_a_rename_elsewhere_does_not_lose_what_is_typed(inspector, open_one):
    open_one.select(["T"])
    values = inspector.findChild(QPlainTextEdit, "inspector.values")
    retype(values, "7 8 9")
    open_one.edit("Rename", rename, "T", "tensor")
    assert values.toPlainText() == "7 8 9"
    inspector.settle()
    assert open_one.document.nodes["tensor"].value.tolist() == [7, 8, 9]


def test_typing_for_a_node_that_is_removed_meanwhile_is_no_error(inspector, open_one):
    open_one.select(["T"])
    retype(inspector.findChild(QPlainTextEdit, "inspector.values"), "7 8 9")
    retype(line(inspector, "name"), "gone")
    open_one.show_document(Document())
    inspector.settle()
    assert not open_one.document.nodes
    assert line(inspector, "name").text() == ""


def test_undo_while_a_field_is_focused_shows_what_holds(inspector, open_one):
    open_one.select(["T"])
    fill(line(inspector, "shape"), "3, 1")
    open_one.history.undo()
    assert line(inspector, "shape").text() == "3"
    open_one.history.redo()
    assert line(inspector, "shape").text() == "3, 1"


def test_a_note_is_pinned_to_its_node(inspector, open_one):
    open_one.select(["loss"])
    note = inspector.findChild(QPlainTextEdit, "inspector.note")
    retype(note, "why")
    open_one.select(())
    assert open_one.document.notes == {"loss": "why"}
    assert open_one.document.note == ""


def test_problems_of_a_node_are_told(inspector, load):
    document = add_leaf(add_leaf(Document(), "a", np.ones(3)), "b", np.ones(4))
    workspace = load(add_node(document, "y", "multiply", sources=["a", "b"]))
    workspace.select(["y"])
    assert "(3,)" in inspector.problems.text()
    assert inspector.problems.isVisible()
    workspace.select(["a"])
    assert not inspector.problems.isVisible()


# Inputs


def test_an_op_of_any_number_of_inputs_gets_more_and_fewer(inspector, load):
    document = add_leaf(add_leaf(Document(), "a", np.ones(3)), "b", np.zeros(2))
    workspace = load(add_node(document, "c", "concat", sources=["a", "b", "a"]))
    workspace.select(["c"])
    QTest.mouseClick(inspector.inputs.more, Qt.MouseButton.LeftButton)
    assert workspace.document.nodes["c"].slots == 4
    button = inspector.findChild(QWidget, "inspector.inputs.remove.x0")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert workspace.document.nodes["c"].slots == 3
    assert [workspace.document.wires.get(("c", f"x{slot}")) for slot in range(3)] == ["b", "a", None]


def test_the_last_input_cannot_be_removed(inspector, load):
    workspace = load(add_node(add_leaf(Document(), "a", np.ones(3)), "c", "stack", sources=["a"], slots=1))
    workspace.select(["c"])
    assert not inspector.findChild(QWidget, "inspector.inputs.remove.x0").isEnabled()


def test_an_input_offers_what_fits_and_takes_it(inspector, load):
    document = add_leaf(add_leaf(add_leaf(Document(), "a", np.ones(3)), "b", np.ones(4)), "c", np.ones(3))
    document = add_node(document, "y", "multiply", sources=["a", "a"])
    workspace = load(add_node(document, "z", "exp", sources=["y"]))
    workspace.select(["y"])
    box = inspector.findChild(QWidget, "inspector.input.b")
    assert box.currentText() == "← a"
    box.offer_all()
    offered = [box.itemData(row) for row in range(box.count())]
    assert offered == [None, "a", "c"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert workspace.document.wires["y", "b"] == "c"
    box.offer_all()
    box.activated.emit(0)
    assert ("y", "b") not in workspace.document.wires
    assert box.currentText() == "open"


def test_a_turn_of_the_wheel_changes_no_choice(inspector, open_one, qtbot):
    open_one.select(["T"])
    role = inspector.leaf.role
    before = open_one.document
    at = QPointF(role.rect().center())
    wheel = QWheelEvent(
        at,
        role.mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(role, wheel)
    assert open_one.document is before
    assert role.currentText() == "variable"


# Parameters that only shapes can refuse


def test_a_parameter_that_does_not_fit_the_shape_is_a_problem_of_the_node(inspector, load):
    workspace = load(parse("y = sum(x)", x=np.ones((2, 3))))
    workspace.select(["y"])
    fill(line(inspector, "param.axis"), "5")
    assert workspace.document.nodes["y"].params["axis"] == 5
    assert "axis" in inspector.problems.text()
    fill(line(inspector, "param.axis"), "none")
    assert not inspector.problems.isVisible()


def test_the_leaf_is_shown_for_leaves_only(inspector, open_one):
    for name, found in open_one.document.nodes.items():
        open_one.select([name])
        assert inspector.leaf.isVisible() == isinstance(found, Leaf)
        assert inspector.inputs.isVisible() != isinstance(found, Leaf)


# The keyboard


def tabbed_through(inspector, count):
    """Return the names of what Tab reaches, from the name on."""
    names, at = [], line(inspector, "name")
    at.setFocus()
    for _ in range(count):
        QTest.keyClick(at, Qt.Key.Key_Tab)
        at = inspector.focusWidget()
        names.append(at.objectName().removeprefix("inspector."))
    return names


def test_tab_goes_from_the_top_to_the_bottom(inspector, load):
    workspace = load(parse("y = sum(x); z = reshape(x, shape=[4, 3, 2])", x=np.ones((2, 3, 4))))
    for _ in range(2):
        workspace.select(["y"])
        QApplication.processEvents()
        assert tabbed_through(inspector, 4) == ["input.x", "param.axis", "param.keepdims", "target"]
        workspace.select(["z"])
        QApplication.processEvents()
        slices = ["slices.rows", "slices.columns", "slices.position0"]
        assert tabbed_through(inspector, 6) == [*slices, "input.x", "param.shape", "target"]
