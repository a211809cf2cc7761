"""Editing a leaf: role, dtype, shape, recipe with arguments, typed and pasted values, and a table by slices."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit

from gradviz.graph import Document, Leaf, add_leaf


@pytest.fixture
def leaf(inspector, load):
    """Open a document of one leaf and select it; returns how to look at it now."""

    def open_leaf(value):
        workspace = load(add_leaf(Document(), "x", value))
        workspace.select(["x"])
        QApplication.processEvents()
        return lambda: workspace.document.nodes["x"]

    return open_leaf


def choose(box, text):
    box.setCurrentText(text)
    box.textActivated.emit(text)
    QApplication.processEvents()


def fill(inspector, name, text):
    field = inspector.findChild(QLineEdit, f"inspector.{name}")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text) if text else field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()


def type_values(inspector, text):
    field = inspector.findChild(QPlainTextEdit, "inspector.values")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def trouble(inspector, name):
    label = inspector.findChild(QLabel, f"inspector.{name}.trouble")
    return label.text() if label.isVisible() else ""


def test_the_role_is_chosen(inspector, leaf, workspace):
    now = leaf([1.0, 2.0])
    choose(inspector.leaf.role, "constant")
    assert now().role == "constant"
    workspace.history.undo()
    assert inspector.leaf.role.currentText() == "variable"


def test_another_dtype_keeps_the_numbers(inspector, leaf):
    now = leaf([1.0, 2.0])
    choose(inspector.leaf.dtype, "int32")
    assert now().value.dtype == np.int32
    assert now().value.tolist() == [1, 2]


def test_a_dtype_that_cannot_hold_the_numbers_is_told_and_not_taken(inspector, leaf):
    now = leaf([np.nan, 300.0])
    choose(inspector.leaf.dtype, "uint8")
    assert now().value.dtype == np.float64
    assert inspector.leaf.dtype.currentText() == "float64"
    assert "uint8" in trouble(inspector, "leaf")


@pytest.mark.parametrize(
    ("text", "shape"), [("2, 2", (2, 2)), ("", ()), ("0, 3", (0, 3)), ("1, 2, 3, 4", (1, 2, 3, 4))]
)
def test_another_shape_is_typed(inspector, leaf, text, shape):
    now = leaf([1.0, 2.0, 3.0, 4.0])
    fill(inspector, "shape", text)
    assert now().value.shape == shape
    assert inspector.leaf.table.isVisible() == (0 not in shape)


@pytest.mark.parametrize("text", ["-1", "two", "999999, 999999"])
def test_a_shape_that_cannot_be_is_told_at_the_field(inspector, leaf, text):
    now = leaf([1.0, 2.0])
    before = now()
    fill(inspector, "shape", text)
    assert now() is before
    assert trouble(inspector, "shape")


def test_a_recipe_with_its_arguments_and_seed(inspector, leaf, workspace):
    now = leaf(np.zeros((2, 3)))
    choose(inspector.leaf.recipe, "normal")
    first = now().value
    assert now().tensor.recipe.kind == "normal"
    fill(inspector, "recipe.seed", "7")
    fill(inspector, "recipe.std", "0.001")
    assert not np.array_equal(now().value, first)
    assert np.abs(now().value).max() < 0.01
    assert dict(now().tensor.recipe.arguments) == {"seed": 7, "std": 0.001}
    for _ in range(3):
        workspace.history.undo()
    assert now().tensor.recipe is None
    assert inspector.findChild(QLineEdit, "inspector.recipe.seed") is None


@pytest.mark.parametrize(
    ("name", "text"), [("std", "-1"), ("seed", "1.5"), ("seed", "-3"), ("mean", "x"), ("mean", "inf")]
)
def test_an_argument_that_cannot_be_is_told_at_its_field(inspector, leaf, name, text):
    now = leaf(np.zeros((2, 3)))
    choose(inspector.leaf.recipe, "normal")
    before = now()
    fill(inspector, f"recipe.{name}", text)
    assert now() is before
    assert trouble(inspector, f"recipe.{name}")


def test_a_recipe_that_does_not_fit_the_shape_is_told(inspector, leaf):
    now = leaf([1.0, 2.0])
    choose(inspector.leaf.recipe, "eye")
    assert now().tensor.recipe is None
    assert inspector.leaf.recipe.currentText() == "typed values"
    assert "matrices" in trouble(inspector, "leaf")


def test_the_numbers_of_a_recipe_can_be_kept_as_typed_values(inspector, leaf):
    now = leaf(np.zeros((2, 2)))
    choose(inspector.leaf.recipe, "eye")
    choose(inspector.leaf.recipe, "typed values")
    assert now().tensor.recipe is None
    assert now().value.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("kind", ["uniform", "zeros", "ones", "full", "arange", "eye"])
def test_every_recipe_can_be_chosen(inspector, leaf, kind):
    now = leaf(np.full((2, 2), 9.0))
    choose(inspector.leaf.recipe, kind)
    assert now().tensor.recipe.kind == kind


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5.0),
        ("1 2; 3 4", [[1, 2], [3, 4]]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("np.array([1, nan, -inf])", [1, np.nan, -np.inf]),
        ("1, 2, 3", [1, 2, 3]),
    ],
)
def test_values_are_typed_with_their_shape(inspector, leaf, text, value):
    now = leaf([1.0, 2.0])
    type_values(inspector, text)
    np.testing.assert_array_equal(now().value, value)
    assert now().value.dtype == np.float64


def test_rows_are_typed_line_by_line(inspector, leaf):
    now = leaf([1.0, 2.0])
    field = inspector.findChild(QPlainTextEdit, "inspector.values")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1 2")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "3 4")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert now().value.tolist() == [[1, 2], [3, 4]]


def test_a_block_of_a_spreadsheet_is_pasted_as_values(inspector, leaf):
    now = leaf([1.0, 2.0])
    QApplication.clipboard().setText("1\t2\t3\n4\t5\t6\n")
    field = inspector.findChild(QPlainTextEdit, "inspector.values")
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    inspector.settle()
    assert now().value.tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("text", ["1 2; 3", "one", "1,,2", "[1, 2", "__import__('os')"])
def test_values_that_are_none_are_told_at_the_field_and_kept_there(inspector, leaf, text):
    now = leaf([1.0, 2.0])
    before = now()
    type_values(inspector, text)
    assert now() is before
    assert trouble(inspector, "values")
    assert inspector.findChild(QPlainTextEdit, "inspector.values").toPlainText() == text


def test_nothing_typed_changes_nothing(inspector, leaf):
    now = leaf([1.0, 2.0])
    before = now()
    type_values(inspector, " ")
    assert now() is before


def test_a_cell_is_edited_in_the_table(inspector, leaf, workspace):
    now = leaf([[1.0, 2.0], [3.0, 4.0]])
    view = inspector.leaf.table.view
    view.setCurrentIndex(view.model().index(1, 0))
    view.edit(view.currentIndex())
    editor = view.viewport().findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "-7.5")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # the table takes it after the key
    assert now().value.tolist() == [[1, 2], [-7.5, 4]]
    assert view.currentIndex().row() == 1
    workspace.history.undo()
    assert now().value.tolist() == [[1, 2], [3, 4]]


def test_what_is_typed_in_a_cell_is_not_lost_when_the_work_is_saved(inspector, leaf):
    now = leaf([[1.0, 2.0]])
    view = inspector.leaf.table.view
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 1))
    view.edit(view.currentIndex())
    QTest.keyClicks(view.viewport().findChild(QLineEdit), "9")
    inspector.settle()
    assert now().value.tolist() == [[1, 9]]


def test_what_is_typed_in_a_cell_belongs_to_the_leaf_it_was_typed_for(inspector, load):
    workspace = load(add_leaf(add_leaf(Document(), "x", [1.0, 2.0]), "y", [3.0, 4.0]))
    workspace.select(["x"])
    view = inspector.leaf.table.view
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    view.edit(view.currentIndex())
    QTest.keyClicks(view.viewport().findChild(QLineEdit), "9")
    workspace.select(["y"])
    QApplication.processEvents()
    assert workspace.document.nodes["x"].value.tolist() == [9, 2]
    assert workspace.document.nodes["y"].value.tolist() == [3, 4]


def test_what_is_no_number_is_told_and_the_cell_stays(inspector, leaf):
    now = leaf([[1.0, 2.0]])
    before = now()
    table = inspector.leaf.table.model
    assert not table.setData(table.index(0, 0), "one")
    assert now() is before
    assert "one" in trouble(inspector, "leaf")


def test_a_leaf_of_rank_0_has_one_cell(inspector, leaf):
    now = leaf(2.5)
    table = inspector.leaf.table.model
    assert (table.rowCount(), table.columnCount()) == (1, 1)
    assert table.setData(table.index(0, 0), "nan")
    assert now().value.shape == ()
    assert np.isnan(now().value)


def test_no_document_is_touched_by_looking(inspector, leaf, workspace):
    for value in (3.0, [1.0], np.zeros((0,)), np.zeros((2, 3, 4)), [True, False], np.zeros((64, 64), np.int8)):
        now = leaf(value)
        inspector.settle()
        workspace.select(())
        workspace.select(["x"])
        inspector.settle()
        assert isinstance(now(), Leaf)
        assert workspace.history.count() == 0
