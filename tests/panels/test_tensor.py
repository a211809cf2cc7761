"""Value and gradient side by side: colours, scales, marks, slices, and cells that are linked and clicked."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import Gradient
from gradviz.panels.slices import Slicing
from gradviz.panels.tensor import TensorPair
from gradviz.picture import THEMES, load_theme
from gradviz.workspace import Pointing

LIGHT = load_theme("light")


@pytest.fixture
def pair(show, workspace):
    return show(TensorPair(Pointing(workspace)), 340, 400)


def value_of(array):
    return Gradient("value", np.asarray(array))


def cell_point(heatmap, row, column):
    """Return where a cell is, in pixels of the view."""
    scene = heatmap._box.mapViewToScene(QPointF(column + 0.5, row + 0.5))
    return heatmap._map.mapFromScene(scene)


def pixel(heatmap, row, column, dx=0.5):
    QApplication.processEvents()
    image = heatmap._map.grab().toImage()
    scene = heatmap._box.mapViewToScene(QPointF(column + dx, row + 0.12))
    return image.pixelColor(heatmap._map.mapFromScene(scene))


def show_both(pair, value, gradient, theme=LIGHT):
    value = np.asarray(value)
    pair.show_node("x", value.shape, value, gradient, theme)
    QApplication.processEvents()


def test_positive_is_blue_and_negative_vermillion_in_both(pair):
    show_both(pair, [[4.0, -4.0]], value_of([[-2.0, 2.0]]))
    for heatmap, blue, red in ((pair.value, 0, 1), (pair.gradient, 1, 0)):
        assert pixel(heatmap, 0, blue).blue() > pixel(heatmap, 0, blue).red()
        assert pixel(heatmap, 0, red).red() > pixel(heatmap, 0, red).blue()


def test_each_has_a_scale_of_its_own_with_both_ends(pair):
    show_both(pair, [[4.0, -1.0]], value_of([[-0.5, 0.25]]))
    assert pair.value.scale.accessibleName() == "Scale from −4 to 4"
    assert pair.gradient.scale.accessibleName() == "Scale from −0.5 to 0.5"


def test_what_is_no_ordinary_number_is_counted_and_marked(pair):
    numbers = np.concatenate([np.linspace(-1, 1, 30), [np.nan, np.inf, 1e6]]).reshape(3, 11)
    show_both(pair, numbers, None)
    assert pair.value.facts.text() == "1 NaN, 1 infinite, 1 beyond the scale"
    grey = pixel(pair.value, 2, 8, dx=0.1)
    assert abs(grey.red() - grey.blue()) < 12


@pytest.mark.parametrize(
    ("gradient", "told"),
    [
        (None, "not computed"),
        (Gradient("not computed", None, "the sweep has not begun"), "the sweep has not begun"),
        (Gradient("no path", None, "t is a constant"), "∅ no path: t is a constant"),
    ],
)
def test_why_there_is_no_gradient_is_told(pair, gradient, told):
    show_both(pair, [1.0, 2.0], gradient)
    assert told in pair.gradient.absent.text()
    assert pair.gradient.absent.isVisible()
    assert not pair.value.absent.isVisible()


def test_a_gradient_of_zeros_carries_its_reason(pair):
    show_both(pair, [1.0, 2.0], Gradient("zero", np.zeros(2), "the relu is dead"))
    assert "the relu is dead" in pair.gradient.facts.text()
    assert not pair.gradient.absent.isVisible()


def test_a_number_by_itself_is_told_in_full(pair):
    show_both(pair, 1 / 3, value_of(-60.0))
    assert pair.reading.text() == f"value {np.float64(1 / 3)}  gradient -60.0"
    assert not pair.value.scale.isVisible()


@pytest.mark.parametrize("array", [np.zeros((0,)), np.zeros((3, 0)), np.zeros((2, 0, 4))])
def test_an_empty_tensor_says_so(pair, array):
    show_both(pair, array, value_of(array))
    assert "empty" in pair.value.absent.text()
    assert "empty" in pair.gradient.absent.text()


def test_hovering_a_cell_rings_it_in_both_and_tells_all_digits(pair):
    show_both(pair, [[1 / 3, 2.0], [3.0, 4.0]], value_of([[5.0, 6.0], [7.0, 8.0]]))
    view = pair.value._map.viewport()
    QTest.mouseMove(view, cell_point(pair.value, 0, 1))
    QTest.mouseMove(view, cell_point(pair.value, 0, 0))
    QApplication.processEvents()
    assert pair.reading.text() == "[0, 0]  value 0.3333333333333333  gradient 5.0"
    for heatmap in (pair.value, pair.gradient):
        assert heatmap._ring.isVisible()
        assert (heatmap._ring.rect().x(), heatmap._ring.rect().y()) == (0, 0)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert pair.reading.text() == " "
    assert not pair.gradient._ring.isVisible()


@pytest.mark.parametrize(("shape", "cell", "index"), [((), (0, 0), ()), ((3,), (0, 2), (2,)), ((2, 3), (1, 2), (1, 2))])
def test_a_clicked_cell_says_its_index(pair, qtbot, shape, cell, index):
    show_both(pair, np.ones(shape), value_of(np.ones(shape)))
    for heatmap in (pair.value, pair.gradient):
        with qtbot.waitSignal(pair.cell_clicked) as clicked:
            QTest.mouseClick(heatmap._map.viewport(), Qt.MouseButton.LeftButton, pos=cell_point(heatmap, *cell))
        assert clicked.args == [index]


def test_a_drag_pans_what_is_zoomed_and_clicks_nothing(pair, qtbot):
    show_both(pair, np.zeros((64, 64)), None)
    view, box = pair.value._map.viewport(), pair.value._box
    wheel(view, Qt.KeyboardModifier.ControlModifier)
    before = box.viewRect()
    with qtbot.assertNotEmitted(pair.cell_clicked, wait=50):
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(80, 80))
        for x in (70, 60, 50):
            QTest.mouseMove(view, QPoint(x, 80))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 80))
    assert box.viewRect().left() > before.left()
    assert box.viewRect().width() == pytest.approx(before.width())


def test_axes_and_positions_of_a_tensor_of_rank_4_are_chosen_for_both(pair, qtbot):
    array = np.arange(120.0).reshape(2, 3, 4, 5)
    show_both(pair, array, value_of(-array))
    assert pair.slices.isVisible()
    pair.slices.findChild(object, "slices.position0").setValue(1)
    pair.slices.findChild(object, "slices.position1").setValue(2)
    with qtbot.waitSignal(pair.cell_clicked) as clicked:
        QTest.mouseClick(pair.gradient._map.viewport(), Qt.MouseButton.LeftButton, pos=cell_point(pair.gradient, 3, 4))
    assert clicked.args == [(1, 2, 3, 4)]
    rows = pair.slices.findChild(object, "slices.rows")
    rows.setCurrentIndex(0)
    rows.activated.emit(0)
    assert pair.value._size == (2, 5)


def test_the_slice_stays_while_the_numbers_change(pair):
    array = np.arange(24.0).reshape(2, 3, 4)
    show_both(pair, array, None)
    pair.slices.findChild(object, "slices.position0").setValue(1)
    show_both(pair, array + 1, value_of(array))
    assert pair.slices.slicing.at[0] == 1
    show_both(pair, np.ones((2, 2)), None)
    assert not pair.slices.isVisible()


def test_a_gradient_from_before_an_edit_of_the_shape_is_told_and_not_drawn(pair):
    pair.show_node("x", (2, 2), np.ones((2, 2)), value_of(np.ones(3)), LIGHT, is_stale=True)
    assert "stale" in pair.gradient.absent.text()
    pair.show_node("x", (2, 2), np.ones((2, 2)), value_of(np.ones((2, 2))), LIGHT, is_stale=True)
    assert "stale" in pair.gradient.facts.text()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32"])
def test_every_dtype_is_drawn_in_every_theme(pair, theme, dtype):
    array = np.array([[0, 1], [1, 0]], dtype)
    show_both(pair, array, value_of(array), load_theme(theme))
    assert pair.value._map.isVisible()
    assert not pair.value._map.grab().isNull()


def test_numbers_stand_in_cells_that_have_room(pair):
    show_both(pair, [[1.0, 2.0], [3.0, 4.0]], None)
    few = pair.value._map.grab().toImage()
    show_both(pair, np.full((64, 64), 2.0), None)
    many = pair.value._map.grab().toImage()
    assert len({few.pixel(x, y) for x in range(few.width()) for y in range(few.height())}) > 20
    assert len({many.pixel(x, y) for x in range(5, many.width() - 5) for y in range(5, many.height() - 5)}) == 1


@pytest.mark.parametrize("shape", [(1, 1000), (1000, 1), (1000,), (3, 500)])
def test_long_tensors_are_not_drawn_as_hairlines(pair, shape):
    show_both(pair, np.linspace(-1, 1, int(np.prod(shape))).reshape(shape), None)
    assert pair.value._map.height() >= 40


def test_large_tensors_stay_quick(pair):
    array = np.random.default_rng(0).normal(size=(1000, 1000))
    show_both(pair, array, value_of(array))
    start = time.perf_counter()
    for _ in range(10):
        pair.show_node("x", array.shape, array, value_of(array), LIGHT)
    assert time.perf_counter() - start < 0.2  # what is shown already is not coloured again


def test_ctrl_and_the_wheel_zoom_and_a_double_click_shows_all(pair):
    show_both(pair, np.zeros((64, 64)), None)
    box = pair.value._box
    assert box.viewRect().width() == pytest.approx(64)
    wheel(pair.value._map.viewport(), Qt.KeyboardModifier.NoModifier)
    assert box.viewRect().width() == pytest.approx(64)
    wheel(pair.value._map.viewport(), Qt.KeyboardModifier.ControlModifier)
    assert box.viewRect().width() < 64
    QTest.mouseDClick(pair.value._map.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    QApplication.processEvents()
    assert box.viewRect().width() == pytest.approx(64)


def wheel(widget, keys):
    at = QPointF(widget.rect().center())
    button, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, 240), button, keys, phase, False)
    QApplication.sendEvent(widget, event)


# Slicing


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4), (2, 1, 3, 2)])
def test_every_cell_of_a_slice_is_the_cell_of_the_tensor(shape):
    array = np.arange(int(np.prod(shape))).reshape(shape)
    slicing = Slicing.of(shape)
    matrix = slicing.matrix(array)
    assert matrix.shape == slicing.size
    for row in range(matrix.shape[0]):
        for column in range(matrix.shape[1]):
            assert matrix[row, column] == array[slicing.cell(row, column)]


def test_a_slice_is_a_view_that_can_be_written_through():
    for shape in ((), (4,), (2, 3), (2, 3, 4)):
        array = np.zeros(shape)
        Slicing.of(shape).matrix(array)[...] = 1
        assert array.any()
