"""Targets and seeds: ones, one cell chosen by a click, or a tensor of one's own."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.formats import parse
from gradviz.graph import OneHot, Tensor, disconnect, set_target


@pytest.fixture
def squares(load, inspector):
    """y = x * x of a matrix, y selected."""
    workspace = load(parse("y = x * x", x=np.arange(6.0).reshape(2, 3)))
    workspace.select(["y"])
    QApplication.processEvents()
    return workspace


def choose(inspector, kind):
    inspector.seed.kind.setCurrentText(kind)
    inspector.seed.kind.textActivated.emit(kind)
    QApplication.processEvents()


def click_cell(heatmap, row, column):
    QApplication.processEvents()
    at = heatmap._map.mapFromScene(heatmap._box.mapViewToScene(QPointF(column + 0.5, row + 0.5)))
    QTest.mouseClick(heatmap._map.viewport(), Qt.MouseButton.LeftButton, pos=at)


def toggle_target(inspector):
    box = inspector.seed.is_target
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPointF(8, box.height() / 2).toPoint())


def test_a_target_is_swept_from_ones(squares, inspector):
    assert inspector.seed.is_target.isChecked()
    assert inspector.seed.kind.currentText() == "ones"
    assert "sum" in inspector.seed.hint.text()


def test_a_node_becomes_a_target_and_is_none_again(squares, inspector):
    squares.select(["x"])
    assert not inspector.seed.is_target.isChecked()
    assert not inspector.seed.kind.isVisible()
    toggle_target(inspector)
    assert set(squares.document.targets) == {"y", "x"}
    toggle_target(inspector)
    assert set(squares.document.targets) == {"y"}


def test_one_hot_begins_at_the_first_cell_and_moves_by_a_click(squares, inspector, settle):
    choose(inspector, "one-hot")
    assert squares.document.targets == {"y": OneHot((0, 0))}
    settle()
    click_cell(inspector.tensors.value, 1, 2)
    assert squares.document.targets == {"y": OneHot((1, 2))}
    assert "[1, 2]" in inspector.seed.hint.text()
    squares.history.undo()
    squares.history.undo()
    assert squares.document.targets == {"y": None}


def test_a_click_on_a_cell_of_a_target_swept_from_ones_makes_it_one_hot(squares, inspector, settle):
    click_cell(inspector.tensors.value, 0, 1)
    assert squares.document.targets == {"y": OneHot((0, 1))}
    settle()
    np.testing.assert_array_equal(squares.tape.gradients["y"], [[0, 1, 0], [0, 0, 0]])


def test_a_click_on_a_gradients_cell_counts_too(squares, inspector):
    squares.seek(squares.length)
    click_cell(inspector.tensors.gradient, 1, 0)
    assert squares.document.targets == {"y": OneHot((1, 0))}


def test_a_click_on_a_node_that_is_no_target_changes_nothing(squares, inspector):
    before = squares.document
    squares.select(["x"])
    click_cell(inspector.tensors.value, 0, 1)
    assert squares.document is before


def test_a_click_never_overwrites_a_tensor(squares, inspector):
    choose(inspector, "tensor")
    before = squares.document
    click_cell(inspector.tensors.value, 0, 1)
    assert squares.document is before


def test_a_tensor_begins_as_what_the_seed_was(squares, inspector):
    choose(inspector, "one-hot")
    choose(inspector, "tensor")
    seed = squares.document.targets["y"]
    assert isinstance(seed, Tensor)
    assert seed.array.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert inspector.seed.table.isVisible()
    assert inspector.seed.table.model.paste(0, 0, "1 2 3; 4 5 6")
    assert squares.document.targets["y"].array.tolist() == [[1, 2, 3], [4, 5, 6]]
    choose(inspector, "ones")
    assert squares.document.targets == {"y": None}


def test_the_slices_of_value_and_seed_are_the_same(load, inspector):
    workspace = load(parse("y = x * x", x=np.arange(24.0).reshape(2, 3, 4)))
    workspace.select(["y"])
    choose(inspector, "tensor")
    inspector.tensors.slices.findChild(object, "slices.position0").setValue(1)
    assert inspector.seed.table.model.setData(inspector.seed.table.model.index(2, 3), "7")
    assert workspace.document.targets["y"].array[1, 2, 3] == 7


def test_a_scalar_has_one_cell_to_choose(load, inspector):
    workspace = load(parse("y = sum(x)", x=np.ones(3)))
    workspace.select(["y"])
    click_cell(inspector.tensors.value, 0, 0)
    assert workspace.document.targets == {"y": OneHot(())}


def test_an_empty_target_has_no_cell_to_choose(load, inspector):
    workspace = load(parse("y = x * x", x=np.ones((0, 3))))
    workspace.select(["y"])
    choose(inspector, "one-hot")
    assert workspace.document.targets == {"y": None}
    assert inspector.seed.kind.currentText() == "ones"
    assert inspector.seed.trouble.isVisible()


def test_a_target_without_a_shape_has_no_seed_to_choose(load, inspector):
    workspace = load(parse("y = x * w", x=np.ones(3), w=np.ones(3)))
    workspace.edit("Detach", disconnect, ("y", "b"))
    workspace.select(["y"])
    choose(inspector, "tensor")
    assert workspace.document.targets == {"y": None}
    assert "shape" in inspector.seed.trouble.text()


def test_a_target_that_is_not_float_is_a_problem_in_words(load, inspector):
    workspace = load(set_target(parse("y = x > 0", x=np.ones(3)), "y"))
    workspace.select(["y"])
    assert "float" in inspector.problems.text()
