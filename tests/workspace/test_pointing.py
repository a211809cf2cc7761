"""Pointing at a cell lights up the cells that it comes from, in whatever view they are shown."""

import numpy as np
import pytest

from gradviz.engine import Send
from gradviz.formats import parse
from gradviz.graph import Port, set_tensor
from gradviz.workspace import Pointing, Spot, Workspace

X, W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[1.0, 0.0], [2.0, -1.0]])


@pytest.fixture
def workspace(qtbot):
    opened = Workspace()
    yield opened
    opened.close()


@pytest.fixture
def pointing(workspace, qtbot):
    workspace.show_document(parse("loss = sum((x @ W + b)**2)", x=X, W=W, b=np.array([0.5, -0.5])))
    qtbot.waitUntil(lambda: workspace.tape is not None)
    return Pointing(workspace)


def frames(workspace, source):
    return [k for k, f in enumerate(workspace.tape.frames, 1) if isinstance(f, Send) and f.source == source]


def test_a_value_comes_from_a_row_and_a_column(workspace, pointing, qtbot):
    with qtbot.waitSignal(pointing.changed):
        pointing.point_at(Spot("matmul1", "value", (1, 0)))
    assert pointing.cell_of("matmul1", "value") == (1, 0)
    assert pointing.cell_of("matmul1", "gradient") is None
    np.testing.assert_array_equal(pointing.sources_of("x", "value"), [[0, 0], [1, 1], [0, 0]])
    np.testing.assert_array_equal(pointing.sources_of("W", "value"), [[1, 0], [1, 0]])
    assert pointing.sources_of("b", "value") is None


def test_a_gradient_comes_from_the_gradient_behind_it_and_from_values(workspace, pointing):
    workspace.seek(workspace.length)
    pointing.point_at(Spot("W", "gradient", (0, 1)))
    np.testing.assert_array_equal(pointing.sources_of("matmul1", "gradient"), [[0, 1], [0, 1], [0, 1]])
    np.testing.assert_array_equal(pointing.sources_of("x", "value"), [[1, 0], [1, 0], [1, 0]])


def test_a_bias_gradient_comes_from_a_whole_column_and_its_raw_cell_from_one(workspace, pointing):
    workspace.seek(workspace.length)
    pointing.point_at(Spot("b", "gradient", (1,)))
    np.testing.assert_array_equal(pointing.sources_of("add1", "gradient"), [[0, 1], [0, 1], [0, 1]])
    pointing.point_at(Spot("b", "raw", (2, 1), Port("add1", "b")))
    np.testing.assert_array_equal(pointing.sources_of("add1", "gradient"), [[0, 0], [0, 0], [0, 1]])


def test_what_has_not_happened_yet_cannot_be_pointed_at(workspace, pointing):
    workspace.seek(0)
    pointing.point_at(Spot("W", "gradient", (0, 0)))
    assert pointing.pointed is None
    pointing.point_at(Spot("W", "value", (5, 5)))
    assert pointing.pointed is None
    pointing.point_at(Spot("nowhere", "value", ()))
    assert pointing.pointed is None


def test_going_back_before_a_number_was_there_forgets_it(workspace, pointing, qtbot):
    workspace.seek(workspace.length)
    pointing.point_at(Spot("W", "gradient", (0, 0)))
    with qtbot.waitSignal(pointing.changed):
        workspace.seek(0)
    assert pointing.pointed is None
    assert pointing.sources_of("x", "value") is None


def test_a_number_that_stays_is_still_pointed_at_after_a_step(workspace, pointing):
    workspace.seek(workspace.length)
    pointing.point_at(Spot("W", "value", (0, 0)))
    workspace.seek(workspace.length - 1)
    assert pointing.cell_of("W", "value") == (0, 0)


def test_pointing_at_the_same_cell_again_says_nothing(workspace, pointing, qtbot):
    pointing.point_at(Spot("W", "value", (0, 0)))
    with qtbot.assertNotEmitted(pointing.changed):
        pointing.point_at(Spot("W", "value", (0, 0)))
    with qtbot.waitSignal(pointing.changed):
        pointing.point_at(None)
    assert pointing.pointed is None


def test_an_edit_that_makes_the_run_stale_takes_the_light_away(workspace, pointing):
    workspace.seek(workspace.length)
    pointing.point_at(Spot("W", "gradient", (0, 0)))
    workspace.edit("Edit", set_tensor, "W", 2 * W)
    assert pointing.pointed is None


def test_a_cell_of_a_very_large_product_is_pointed_at_alone(workspace, pointing, qtbot):
    workspace.show_document(parse("loss = sum(X @ X)", X=np.ones((400, 400))))
    qtbot.waitUntil(lambda: workspace.tape is not None and "X" in workspace.tape.values)
    pointing.point_at(Spot("matmul1", "value", (7, 8)))
    assert pointing.cell_of("matmul1", "value") == (7, 8)
    assert pointing.sources_of("X", "value") is None
