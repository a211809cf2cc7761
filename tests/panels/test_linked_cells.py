"""Cells of the inspector are linked with all others: pointing at one here or elsewhere lights up what it comes from."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.formats import parse
from gradviz.graph import set_tensor
from gradviz.panels import InspectorPanel
from gradviz.panels.slices import Slicing
from gradviz.workspace import Pointing, Spot

X, W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])


@pytest.fixture
def pointing(workspace):
    return Pointing(workspace)


@pytest.fixture
def inspected(load, workspace, pointing, show):
    """The inspector at the end of the run of loss = sum((X @ W)**2)."""
    load(parse("Y = X @ W; loss = sum(Y * Y)", X=X, W=W))
    workspace.seek(workspace.length)
    return show(InspectorPanel(workspace, pointing))


def hover(heatmap, row, column):
    QApplication.processEvents()
    at = heatmap._map.mapFromScene(heatmap._box.mapViewToScene(QPointF(column + 0.5, row + 0.5)))
    QTest.mouseMove(heatmap._map.viewport(), QPoint(1, 1))
    QTest.mouseMove(heatmap._map.viewport(), at)
    QApplication.processEvents()


def outlined(heatmap):
    lit = heatmap._outline.lit
    return set() if lit is None else {tuple(map(int, cell)) for cell in np.argwhere(lit)}


def test_hovering_a_heatmap_points_for_all_views(inspected, workspace, pointing):
    workspace.select(["W"])
    hover(inspected.tensors.gradient, 2, 1)
    assert pointing.pointed.spot == Spot("W", "gradient", (2, 1))
    assert np.argwhere(pointing.sources_of("X", "value")).tolist() == [[0, 2], [1, 2]]
    assert inspected.tensors.value._ring.isVisible(), "the same cell is ringed in both maps"


def test_what_a_cell_elsewhere_comes_from_is_outlined_here(inspected, workspace, pointing):
    workspace.select(["X"])
    pointing.point_at(Spot("Y", "value", (1, 0)))
    assert outlined(inspected.tensors.value) == {(1, 0), (1, 1), (1, 2)}
    assert outlined(inspected.tensors.gradient) == set()
    before = inspected.tensors.value.grab().toImage()
    pointing.point_at(None)
    assert outlined(inspected.tensors.value) == set()
    assert inspected.tensors.value.grab().toImage() != before


def test_a_cell_that_is_pointed_at_elsewhere_is_ringed_and_read_here(inspected, workspace, pointing):
    workspace.select(["Y"])
    pointing.point_at(Spot("Y", "value", (1, 0)))
    assert inspected.tensors.value._ring.isVisible()
    assert inspected.tensors.reading.text() == "[1, 0]  value 10.0  gradient 20.0"
    pointing.point_at(Spot("X", "value", (0, 0)))
    assert not inspected.tensors.value._ring.isVisible()


def test_nothing_is_outlined_of_a_stale_run_or_in_another_slice(inspected, workspace, pointing):
    workspace.select(["X"])
    pointing.point_at(Spot("Y", "value", (1, 0)))
    workspace.edit("Change", set_tensor, "X", X + 1)
    assert pointing.pointed is None
    assert outlined(inspected.tensors.value) == set()


@pytest.mark.parametrize(
    ("shape", "cell", "place"),
    [((), (), (0, 0)), ((4,), (2,), (0, 2)), ((2, 3), (1, 2), (1, 2)), ((2, 3, 4), (0, 1, 2), (1, 2))],
)
def test_a_cell_has_its_place_in_the_slice_that_is_shown(shape, cell, place):
    assert Slicing.of(shape).place(cell) == place
    assert Slicing.of(shape).cell(*place) == cell


def test_a_cell_of_another_slice_or_rank_has_no_place():
    assert Slicing.of((2, 3, 4)).place((1, 1, 2)) is None
    assert Slicing.of((2, 3)).place((1,)) is None
