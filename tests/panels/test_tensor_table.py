"""A tensor as a table: slices, blocks from a spreadsheet, and every odd tensor."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.panels.slices import SliceBar
from gradviz.panels.tensor_table import TensorTable

CTRL = Qt.KeyboardModifier.ControlModifier


class Kept:
    """What the table hands over and refuses."""

    def __init__(self):
        self.arrays, self.refusals = [], []


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def slices(show):
    return show(SliceBar())


@pytest.fixture
def table(show, slices, kept):
    return show(TensorTable(slices, kept.arrays.append, kept.refusals.append, "table"))


def present(table, slices, array):
    slices.show_shape(array.shape)
    table.show_array(array)
    return table.model


def test_numbers_are_short_in_the_table_and_whole_in_the_editor(table, slices):
    model = present(table, slices, np.array([[1 / 3, -1e-9]]))
    assert [model.data(model.index(0, column)) for column in (0, 1)] == ["0.3333", "−1e−9"]
    assert model.data(model.index(0, 0), Qt.ItemDataRole.EditRole) == "0.3333333333333333"
    assert model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole) == "0.3333333333333333"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint64", "bool"])
def test_an_editor_left_alone_changes_nothing(table, slices, kept, dtype):
    model = present(table, slices, np.array([[0, 1]], dtype))
    text = model.data(model.index(0, 1), Qt.ItemDataRole.EditRole)
    assert model.setData(model.index(0, 1), text)
    assert kept.arrays == []


def test_the_array_that_is_shown_is_never_written_to(table, slices, kept):
    array = np.arange(6.0).reshape(2, 3)
    array.flags.writeable = False
    model = present(table, slices, array)
    assert model.setData(model.index(1, 2), "9")
    assert array[1, 2] == 5
    assert kept.arrays[0].tolist() == [[0, 1, 2], [3, 4, 9]]


def test_a_cell_of_a_slice_is_the_cell_of_the_tensor(table, slices, kept, qtbot):
    array = np.zeros((2, 3, 4, 5))
    model = present(table, slices, array)
    slices.findChild(object, "slices.position0").setValue(1)
    slices.findChild(object, "slices.position1").setValue(2)
    assert (model.rowCount(), model.columnCount()) == (4, 5)
    assert model.setData(model.index(3, 4), "7")
    assert kept.arrays[0][1, 2, 3, 4] == 7
    assert np.count_nonzero(kept.arrays[0]) == 1


def test_other_axes_can_be_rows_and_columns(table, slices, kept):
    array = np.arange(24.0).reshape(2, 3, 4)
    model = present(table, slices, array)
    rows, columns = slices.findChild(object, "slices.rows"), slices.findChild(object, "slices.columns")
    rows.setCurrentIndex(2)
    rows.activated.emit(2)
    assert (rows.currentIndex(), columns.currentIndex()) == (2, 1)
    assert (model.rowCount(), model.columnCount()) == (4, 3)
    assert model.text(3, 2) == str(array[0, 2, 3])
    columns.setCurrentIndex(0)
    columns.activated.emit(0)
    assert (model.rowCount(), model.columnCount()) == (4, 2)
    assert model.setData(model.index(1, 1), "-1")
    assert kept.arrays[0][1, 0, 1] == -1


def test_a_block_is_pasted_from_the_current_cell_on(table, slices, kept):
    present(table, slices, np.zeros((3, 3)))
    QApplication.clipboard().setText("1\t2\r\n3\t4\r\n")
    table.view.setFocus()
    table.view.setCurrentIndex(table.model.index(1, 1))
    QTest.keyClick(table.view, Qt.Key.Key_V, CTRL)
    assert kept.arrays[0].tolist() == [[0, 0, 0], [0, 1, 2], [0, 3, 4]]


def test_a_block_is_pasted_into_the_slice_that_is_shown(table, slices, kept):
    present(table, slices, np.zeros((2, 2, 2)))
    slices.findChild(object, "slices.position0").setValue(1)
    assert table.model.paste(0, 0, "1 2; 3 4")
    assert kept.arrays[0].tolist() == [[[0, 0], [0, 0]], [[1, 2], [3, 4]]]


@pytest.mark.parametrize("text", ["1\t2\n3\t4", "1 2 3 4", "[[[1]]]", "a b", "", "1\t\n2\t3"])
def test_a_block_that_does_not_fit_is_refused_whole(table, slices, kept, text):
    present(table, slices, np.zeros((3, 3)))
    assert not table.model.paste(2, 2, text)
    assert kept.arrays == []
    assert kept.refusals


def test_a_large_block_takes_no_longer_than_one_copy(table, slices, kept):
    array = np.zeros((1000, 1000))
    present(table, slices, array)
    block = np.arange(40_000.0).reshape(200, 200)
    assert table.model.paste(800, 800, "\n".join("\t".join(map(str, row)) for row in block))
    np.testing.assert_array_equal(kept.arrays[0][800:, 800:], block)


def test_a_selection_is_copied_as_spreadsheets_take_it(table, slices):
    model = present(table, slices, np.arange(9.0).reshape(3, 3))
    block = QItemSelection(model.index(0, 1), model.index(1, 2))
    table.view.setFocus()
    table.view.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    QTest.keyClick(table.view, Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == "1.0\t2.0\n4.0\t5.0"


@pytest.mark.parametrize("key", [Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_A])
def test_keys_for_blocks_are_kept_from_the_commands_for_nodes(table, slices, key):
    present(table, slices, np.zeros((2, 2)))
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, CTRL)
    event.ignore()
    QApplication.sendEvent(table.view, event)
    assert event.isAccepted()


@pytest.mark.parametrize(
    ("array", "size"),
    [
        (np.array(1.0), (1, 1)),
        (np.arange(5.0), (1, 5)),
        (np.zeros((0,)), (0, 0)),
        (np.zeros((3, 0)), (0, 0)),
        (np.zeros((2, 0, 3)), (0, 0)),
        (np.zeros((1,) * 32), (1, 1)),
        (np.zeros((1000, 1000)), (1000, 1000)),
    ],
)
def test_every_tensor_has_a_table(table, slices, array, size):
    model = present(table, slices, array)
    assert (model.rowCount(), model.columnCount()) == size
    if array.size:
        assert model.data(model.index(size[0] - 1, size[1] - 1))


def test_the_cursor_stays_where_it_is_while_numbers_change(table, slices):
    model = present(table, slices, np.zeros((3, 3)))
    table.view.setCurrentIndex(model.index(2, 1))
    table.show_array(np.ones((3, 3)))
    assert (table.view.currentIndex().row(), table.view.currentIndex().column()) == (2, 1)
    assert model.data(model.index(0, 0)) == "1"


def test_a_tensor_of_another_shape_than_the_slices_is_shown_all_the_same(table, slices):
    slices.show_shape((2, 2, 2))
    table.show_array(np.arange(3.0))
    assert table.model.rowCount() == 1
