"""Tensors from files: chosen, dropped, read in the background; a bad file is told in a sentence and changes nothing."""

import struct
import zlib

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from gradviz.graph import Document, Place, remove
from tests.app.conftest import choose_path, press

OK = QMessageBox.StandardButton.Ok


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "my points.csv"
    path.write_text("a,b\n1,2\n3,4\n5,6\n", "utf-8")
    return path


def drop(window, path, at):
    """Drop a file on the window, at a point of the window, as Qt does when nobody before it takes it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    facts = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, *facts)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(at), *facts))


def place_of(window, node):
    """A point of the window over the card of a node."""
    canvas = window.canvas
    return canvas.viewport().mapTo(window, canvas.node_rect(node).center())


def ground(window):
    """A point of the window over the canvas, where no card is."""
    canvas = window.canvas
    return canvas.viewport().mapTo(window, QPoint(4, canvas.viewport().height() - 4))


def picture_of(width, height):
    """A PNG file that says it is so large, and holds no points."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_table_that_is_chosen_goes_into_the_selected_leaf(window, table, asked, settle, told):
    window.workspace.select(["T"])
    with asked(choose_path(table)):
        window.handlers()["data_from_file"]()
    settle()
    np.testing.assert_array_equal(window.workspace.document.nodes["T"].value, [[1, 2], [3, 4], [5, 6]])
    assert "T holds my points.csv: float64, of shape (3, 2)" in told
    window.workspace.history.undo()
    assert window.workspace.document.nodes["T"].value.shape == (3,)


def test_the_inspector_has_a_button_for_it(window, table, asked, settle):
    window.workspace.select(["t"])
    button = window.findChild(QPushButton, "inspector.from_file")
    with asked(choose_path(table)):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()
    assert window.workspace.document.nodes["t"].value.shape == (3, 2)


def test_without_a_leaf_it_becomes_a_new_input_with_the_name_of_the_file(window, table, asked, settle):
    window.workspace.select([])
    with asked(choose_path(table)):
        window.handlers()["data_from_file"]()
    settle()
    leaf = window.workspace.document.nodes["my_points"]
    assert leaf.role == "input"
    assert window.workspace.selection == {"my_points"}


def test_a_file_dropped_on_a_leaf_goes_into_it(window, tmp_path, qtbot, settle):
    path = tmp_path / "numbers.npy"
    np.save(path, np.array([9, 8, 7], np.int32))
    drop(window, path, place_of(window, "T"))
    qtbot.waitUntil(lambda: window.workspace.document.nodes["T"].value.tolist() == [9, 8, 7])
    assert window.workspace.document.nodes["T"].value.dtype == np.int32
    settle()


def test_a_file_dropped_on_the_ground_or_on_an_op_becomes_a_leaf_there(window, table, qtbot, settle):
    before = set(window.workspace.document.nodes)
    for count, at in enumerate((ground(window), place_of(window, "loss")), 1):
        drop(window, table, at)
        qtbot.waitUntil(lambda count=count: len(window.workspace.document.nodes) == len(before) + count)
        settle()
    added = set(window.workspace.document.nodes) - before
    assert all(name.startswith("my_points") for name in added)
    assert window.workspace.selection < added


BAD = (
    ("holes.csv", b"a,b\n1,2\n3,\n", "there is no number: fill the hole"),
    ("words.csv", b"1,2\n3,cat\n", '"cat" is no number'),
    ("ragged.csv", b"1,2\n3\n", "line 2 has 1 columns"),
    ("empty.csv", b"", "there are no numbers in it"),
    ("other.npy", b"hello", "other.npy"),
    ("huge.png", picture_of(60_000, 60_000), "larger than gradviz reads"),
    ("large.png", picture_of(9_000, 9_000), "make it smaller"),
    ("broken.png", picture_of(10, 10), "no picture that can be read"),
    ("\u0308\u0308.csv", b"x", "no numbers"),
)


@pytest.mark.parametrize("bad", BAD, ids=[name for name, _, _ in BAD])
def test_a_bad_file_is_told_and_changes_nothing(window, tmp_path, asked, settle, bad):
    name, content, sentence = bad
    path = tmp_path / name
    path.write_bytes(content)
    before = window.workspace.document
    with asked(press(OK)) as said:
        drop(window, path, place_of(window, "T"))
        QTest.qWait(50)
        settle()
        QTest.qWait(150)
    assert sentence in said[0]
    assert window.workspace.document is before


def test_a_file_that_is_not_there_is_told(window, tmp_path, asked, settle):
    with asked(press(OK)) as said:
        window._contents.data_files.read(tmp_path / "gone.csv", "T", Place(0, 0))
        settle()
        QTest.qWait(100)
    assert "gone.csv" in said[0]


def test_a_leaf_that_is_gone_by_then_gets_nothing(window, table, settle, told):
    window._contents.data_files.read(table, "T", Place(0, 0))
    window.workspace.edit("Remove", remove, ["T"])
    settle()
    assert "my points.csv was read, but its leaf is no longer there" in told
    assert "my_points" not in window.workspace.document.nodes


def test_another_document_that_is_opened_meanwhile_is_left_alone(window, table, settle):
    window._contents.data_files.read(table, None, Place(0, 0))
    window.workspace.show_document(Document())
    settle()
    assert not window.workspace.document.nodes


def test_what_is_selected_decides_whether_it_can_be_had(window):
    action = window.action_set.actions["data_from_file"]
    for selection, is_enabled in ((["T"], True), ([], True), (["loss"], False), (["T", "t"], False)):
        window.workspace.select(selection)
        assert action.isEnabled() == is_enabled
