import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from gradviz.graph import Port
from gradviz.workspace import OP_MIME, copied_nodes, copy_nodes, dragged_op, op_data


@pytest.fixture(autouse=True)
def clipboard(qtbot):
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    yield clipboard
    clipboard.clear()


def test_copied_nodes_keep_the_wires_among_them_and_their_values(document):
    copy_nodes(document, frozenset({"s", "T", "mul1"}))
    copied = copied_nodes()
    assert copied.nodes.keys() == {"s", "T", "mul1"}
    assert copied.wires == {Port("mul1", "a"): "s", Port("mul1", "b"): "T"}
    assert copied.nodes["T"].value.tolist() == [1.0, 2.0, 3.0]


def test_copying_nothing_leaves_the_clipboard_alone(document, clipboard):
    clipboard.setText("a text of mine")
    copy_nodes(document, frozenset())
    assert clipboard.text() == "a text of mine"


@pytest.mark.parametrize("text", ["", "hello", "{", '{"format": "gradviz"}', "[" * 5000, "null", "1e999", "\0"])
def test_whatever_else_is_on_the_clipboard_is_no_document(text, clipboard):
    clipboard.setText(text)
    assert copied_nodes() is None


def test_a_picture_on_the_clipboard_is_no_document(clipboard):
    data = QMimeData()
    data.setData("image/png", b"\x89PNG")
    clipboard.setMimeData(data)
    assert copied_nodes() is None


def test_a_drag_carries_the_name_of_an_op():
    assert dragged_op(op_data("matmul")) == "matmul"
    assert op_data("matmul").text() == "matmul"


def test_a_drag_of_something_else_carries_no_op():
    data = QMimeData()
    data.setText("matmul")
    assert dragged_op(data) is None


def test_bytes_that_are_no_text_do_no_harm():
    data = QMimeData()
    data.setData(OP_MIME, b"\xff\xfe")
    assert isinstance(dragged_op(data), str)
