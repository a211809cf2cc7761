"""A tensor as a small matrix of cells: its states, its rings, the mouse and the keys."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import Gradient
from gradviz.panels.cell_map import MOST_SIDE, CellMap
from gradviz.picture import THEMES, load_theme

LIGHT = load_theme("light")
STATES = {
    "not computed": Gradient("not computed", None, "the sweep has not begun"),
    "no path": Gradient("no path", None, "t is a constant"),
    "zero": Gradient("zero", np.zeros((2, 2)), "dead"),
    "value": Gradient("value", np.array([[1.0, -2.0], [3.0, 4.0]])),
}


@pytest.fixture
def cells(show):
    return show(CellMap("cells", "gradient"), 260, 200)


def picture_of(cells):
    QApplication.processEvents()
    return cells.grab().toImage()


@pytest.mark.parametrize("theme", THEMES)
def test_the_four_states_of_a_gradient_look_different(cells, theme):
    pictures = []
    for gradient in STATES.values():
        cells.show_gradient(gradient, (2, 2), load_theme(theme))
        pictures.append(picture_of(cells))
    assert all(a != b for at, a in enumerate(pictures) for b in pictures[:at])


def test_the_state_is_told_to_who_cannot_see_it(cells):
    told = []
    for gradient in STATES.values():
        cells.show_gradient(gradient, (2, 2), LIGHT)
        told.append(cells.accessibleName())
    assert told == ["gradient: – not computed", "gradient: ∅ no path", "gradient: 2×2", "gradient: 2×2"]


def test_a_map_keeps_its_height_from_before_its_tensor_is_computed(cells):
    cells.show_gradient(STATES["not computed"], (2, 2), LIGHT)
    before = cells.height()
    cells.show_gradient(STATES["value"], (2, 2), LIGHT)
    assert cells.height() == before


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3), (2, 2, 2, 3)])
def test_every_cell_is_hovered_and_clicked_by_its_index(cells, qtbot, shape):
    cells.show_array(np.ones(shape), LIGHT, LIGHT.ink)
    for cell in np.ndindex(shape):
        at = cells.cell_point(cell).toPoint()
        with qtbot.waitSignal(cells.clicked) as clicked:
            QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=at)
        assert clicked.args == [cell]


def test_leaving_points_at_nothing(cells, qtbot):
    cells.show_array(np.ones((2, 2)), LIGHT, LIGHT.ink)
    with qtbot.waitSignal(cells.hovered) as hovered:
        QApplication.sendEvent(cells, QEvent(QEvent.Type.Leave))
    assert hovered.args == [None]


def test_arrows_go_from_cell_to_cell_and_enter_clicks(cells, qtbot):
    cells.show_array(np.ones((2, 3)), LIGHT, LIGHT.ink)
    cells.setFocus(Qt.FocusReason.TabFocusReason)
    hovered, clicked = [], []
    cells.hovered.connect(hovered.append)
    cells.clicked.connect(clicked.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(cells, key)
    assert hovered == [(0, 1), (1, 1), (1, 0), (0, 0)]
    assert clicked == [(0, 0)]


@pytest.mark.parametrize("array", [np.zeros((0,)), np.zeros((3, 0)), np.zeros((0, 3)), np.zeros((2, 0, 4))])
def test_an_empty_tensor_has_no_cell(cells, array):
    clicked = []
    cells.clicked.connect(clicked.append)
    cells.show_array(array, LIGHT, LIGHT.ink)
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.rect().center())
    QTest.keyClick(cells, Qt.Key.Key_Return)
    assert "empty" in cells.text
    assert not clicked
    assert not cells.grab().isNull()


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32"])
def test_every_dtype_is_drawn(cells, dtype):
    cells.show_array(np.array([[0, 1], [1, 0]], dtype), LIGHT, LIGHT.ink)
    assert not picture_of(cells).isNull()


def test_what_is_not_finite_is_drawn_and_rings_change_the_picture(cells):
    cells.show_array(np.array([[np.nan, np.inf], [-np.inf, 1.0]]), LIGHT, LIGHT.ink)
    plain = picture_of(cells)
    cells.mark((0, 1))
    ringed = picture_of(cells)
    cells.mark((0, 1), np.array([[True, False], [True, False]]))
    lit = picture_of(cells)
    cells.mark(None)
    assert plain != ringed != lit
    assert picture_of(cells) == plain


def test_a_cell_or_a_mask_of_another_shape_is_not_ringed(cells):
    cells.show_array(np.ones((2, 2)), LIGHT, LIGHT.ink)
    plain = picture_of(cells)
    cells.mark((5, 5), np.ones((3, 3), bool))
    assert picture_of(cells) == plain


def test_a_huge_tensor_is_cut_and_says_so(cells):
    cells.show_array(np.ones((2000, 3000)), LIGHT, LIGHT.ink)
    assert cells.is_cut
    assert f"the first {MOST_SIDE}×{MOST_SIDE}" in cells.toolTip()
    assert cells.height() < 400
