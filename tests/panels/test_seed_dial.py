"""The seed dial: any node is a target, one number of it by a click on its cell, and the row that selects is told."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import jacobian, seed_for
from gradviz.formats import parse
from gradviz.graph import OneHot, Tensor, add_target, remove, set_target
from gradviz.panels.seed_dial import SeedDial
from gradviz.workspace import Pointing

RNG = np.random.default_rng(3)
VECTOR = parse("y = tanh(x @ W)", x=RNG.normal(size=(2, 3)), W=RNG.normal(size=(3, 2)))
LOSS = parse("L = sum(tanh(x @ W))", x=RNG.normal(size=(2, 3)), W=RNG.normal(size=(3, 2)))


@pytest.fixture
def pointing(workspace):
    return Pointing(workspace)


@pytest.fixture
def dial(workspace, pointing, show):
    return show(SeedDial(workspace, pointing), 324, 700)


@pytest.fixture
def look(dial, workspace, settle):
    def look(node=None):
        settle()
        workspace.take_fresh()
        workspace.seek(workspace.length)
        workspace.select([] if node is None else [node])
        assert dial.has_something()
        dial.show_moment()
        QApplication.processEvents()

    return look


def click(cells, cell):
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.cell_point(cell).toPoint())


def test_a_click_on_a_cell_selects_that_row_of_the_jacobian(dial, load, look):
    workspace = load(VECTOR)
    look()
    whole = jacobian(VECTOR, "y", "W").reshape(4, 3, 2)
    for cell in np.ndindex(2, 2):
        click(dial.value, cell)
        look()
        assert workspace.document.targets == {"y": OneHot(cell)}
        row = int(re.search(r"each gradient is row (\d+) of the 4 rows of the Jacobian of y", dial.told.said).group(1))
        np.testing.assert_allclose(workspace.tape.gradients["W"], whole[row], rtol=1e-9)
        np.testing.assert_array_equal(dial.seed.array, seed_for(np.zeros((2, 2)), OneHot(cell)))


def test_ones_add_up_all_rows(dial, load, look):
    workspace = load(VECTOR)
    look()
    assert "sum of all 4 rows of the Jacobian of y" in dial.told.said
    np.testing.assert_allclose(
        workspace.tape.gradients["W"], jacobian(VECTOR, "y", "W").reshape(4, 3, 2).sum(axis=0), rtol=1e-9
    )


def test_a_seed_of_ones_own_weighs_the_rows(dial, load, look):
    workspace = load(set_target(VECTOR, "y", np.array([[1.0, 2.0], [0.0, -1.0]])))
    look()
    assert "weighted by the seed" in dial.told.said
    assert dial.editor.table.isVisible()
    weights = dial.seed.array.ravel()
    whole = jacobian(VECTOR, "y", "W").reshape(4, 3, 2)
    np.testing.assert_allclose(workspace.tape.gradients["W"], np.tensordot(weights, whole, 1), rtol=1e-9)


def test_any_node_becomes_the_only_target(dial, load, look):
    workspace = load(LOSS)
    look("tanh1")
    assert "It is no target" in dial.told.said
    assert dial.seed.text == "– not computed"
    QTest.mouseClick(dial.alone, Qt.MouseButton.LeftButton)
    assert workspace.document.targets == {"tanh1": None}
    look("tanh1")
    assert not dial.alone.isVisible()
    workspace.history.undo()
    look("tanh1")
    assert dial.alone.isVisible()


def test_a_click_on_a_cell_of_no_target_makes_it_the_only_one(dial, load, look):
    workspace = load(LOSS)
    look("matmul1")
    click(dial.value, (1, 0))
    assert workspace.document.targets == {"matmul1": OneHot((1, 0))}
    look("matmul1")
    assert workspace.tape.gradients["matmul1"].ravel().tolist() == [0, 0, 1, 0]


def test_the_seed_of_one_of_several_targets_leaves_the_others(dial, load, look):
    workspace = load(add_target(set_target(LOSS, "L"), "tanh1"))
    look("tanh1")
    click(dial.seed, (0, 1))
    assert workspace.document.targets == {"L": None, "tanh1": OneHot((0, 1))}
    QTest.mouseClick(dial.alone, Qt.MouseButton.LeftButton)
    assert workspace.document.targets == {"tanh1": OneHot((0, 1))}


def test_the_dial_is_turned_by_keys(dial, load, look):
    workspace = load(VECTOR)
    look()
    dial.value.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(dial.value, Qt.Key.Key_Right)
    QTest.keyClick(dial.value, Qt.Key.Key_Return)
    assert workspace.document.targets == {"y": OneHot((0, 1))}
    dial.editor.kind.textActivated.emit("tensor")
    assert isinstance(workspace.document.targets["y"], Tensor)


def test_hovering_points_at_the_value(dial, load, look, pointing):
    load(VECTOR)
    look()
    for cell in ((0, 0), (1, 1)):
        QTest.mouseMove(dial.value, dial.value.cell_point(cell).toPoint())
    QApplication.processEvents()
    assert pointing.cell_of("y", "value") == (1, 1)


@pytest.mark.parametrize("array", [np.array(2.0), np.zeros((0, 3)), np.ones((2, 1, 3, 2)), np.array([np.nan, np.inf])])
def test_numbers_empty_and_deep_tensors_have_a_dial(dial, load, look, array):
    load(parse("y = x * 2", x=array))
    look()
    assert dial.seed.array.shape == array.shape
    assert not dial.grab().isNull()


def test_integers_are_no_target_and_an_empty_document_has_no_dial(dial, load, workspace, settle):
    load(parse("L = sum(n * x)", n=np.array([1, 2]), x=np.ones(2)))
    workspace.select(["n"])
    dial.show_moment()
    assert dial.head.said.startswith("L")
    workspace.edit("Remove", remove, [*workspace.document.nodes])
    settle()
    assert not dial.has_something()
    dial.show_moment()
