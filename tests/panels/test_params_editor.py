"""Every parameter of every op can be edited, refuses nonsense in words, and takes none where that is allowed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit

from gradviz.formats import read_param, write_param
from gradviz.graph import Document, add_node, starting_params
from gradviz.ops import OPS

CASES = [(op.name, name) for op in OPS.values() for name in op.params]
OTHERS = {
    "integer": "3",
    "number": "0.75",
    "axis": "-2",
    "axes": "0, 1",
    "permutation": "1, 0",
    "shape": "4, -1",
    "integers": "3, 4",
    "sizes": "2, 3",
    "widths": "[[1, 2], [0, 3]]",
    "pairing": "[[0], [1]]",
    "index": "0, 1:3, ..., newaxis, [0, 2]",
    "equation": "ij,jk->ik",
}
NONSENSE = {
    "integer": ("1.5", "a", "--1"),
    "number": ("a", "nan", "1_000", "1e999"),
    "axis": ("x", "0, 1", "1.5"),
    "axes": ("x", "0, 1.5"),
    "permutation": ("a, b",),
    "shape": ("-1, -1", "two", "-3"),
    "integers": ("1.5", "a", "1; 2"),
    "sizes": ("1, 2, 3", "-1", "a"),
    "widths": ("-1", "a", "1.5", "1, 2, 3", "[[1, 2], [3]]"),
    "pairing": ("a", "-1", "1.5", "[[0], [1, 2]]", "[[0], [1], [2]]"),
    "index": ("a", "1:2:3:4", "1:2:0", "[0, 1", "0,,1"),
    "equation": ("i+j", "42"),
}


@pytest.fixture
def edit(inspector, load):
    """Select a new node of an op, and return the editor of one of its parameters."""

    def edit(op, name):
        workspace = load(add_node(Document(), "y", op, starting_params(op)))
        workspace.select(["y"])
        QApplication.processEvents()  # what was added is shown in the next event
        kinds = QLineEdit, QCheckBox, QComboBox
        return next(found for kind in kinds if (found := inspector.findChild(kind, f"inspector.param.{name}")))

    return edit


def fill(field, text):
    field.setFocus()
    field.selectAll()
    if text:
        QTest.keyClicks(field, text)
    else:
        field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize(("op", "name"), CASES)
def test_a_parameter_can_be_given_another_value_and_back(edit, workspace, op, name):
    editor = edit(op, name)
    before = workspace.document
    if isinstance(editor, QCheckBox):
        QTest.mouseClick(editor, Qt.MouseButton.LeftButton, pos=editor.rect().center() / 4)
    elif isinstance(editor, QComboBox):
        other = next(row for row in range(editor.count()) if row != editor.currentIndex())
        editor.setCurrentIndex(other)
        editor.textActivated.emit(editor.currentText())
    else:
        fill(editor, OTHERS[OPS[op].params[name].kind])
    after = workspace.document.nodes["y"].params[name]
    assert repr(after) != repr(before.nodes["y"].params[name])
    workspace.history.undo()
    assert workspace.document is before
    shown = editor.isChecked() if isinstance(editor, QCheckBox) else None
    if shown is not None:
        assert shown == before.nodes["y"].params[name]


@pytest.mark.parametrize(("op", "name"), [case for case in CASES if OPS[case[0]].params[case[1]].kind in NONSENSE])
def test_nonsense_is_refused_in_words_at_the_field(edit, workspace, told, op, name):
    editor, before = edit(op, name), workspace.document
    for text in NONSENSE[OPS[op].params[name].kind]:
        fill(editor, text)
        label = editor.parentWidget().findChild(QLabel, f"inspector.param.{name}.trouble")
        assert workspace.document is before, text
        assert label.isVisible(), text
        assert len(label.text()) > 12
        assert editor.text() == text
    assert told
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert not label.isVisible()
    assert editor.text() == write_param(OPS[op].params[name], before.nodes["y"].params[name])


@pytest.mark.parametrize(
    ("op", "name"), [(op, name) for op, name in CASES if isinstance(OPS[op].params[name].minimum, int | float)]
)
def test_what_is_below_the_least_is_refused(edit, workspace, op, name):
    editor, before = edit(op, name), workspace.document
    fill(editor, str(OPS[op].params[name].minimum - 1))
    assert workspace.document is before


@pytest.mark.parametrize(("op", "name"), [case for case in CASES if OPS[case[0]].params[case[1]].optional])
@pytest.mark.parametrize("text", ["none", ""])
def test_an_optional_parameter_can_be_none(edit, workspace, op, name, text):
    editor = edit(op, name)
    fill(editor, OTHERS[OPS[op].params[name].kind])
    assert workspace.document.nodes["y"].params[name] is not None
    fill(editor, text)
    assert workspace.document.nodes["y"].params[name] is None
    assert editor.text() == "none"


@pytest.mark.parametrize(("op", "name"), CASES)
def test_a_text_that_is_shown_reads_as_the_value_that_it_shows(op, name):
    param = OPS[op].params[name]
    if param.kind == "flag":
        return
    for value in (starting_params(op)[name], *([None] if param.optional else [])):
        read = param.read(name, read_param(param, write_param(param, value)))
        assert repr(read) == repr(value)


def test_an_edit_of_one_parameter_keeps_the_others(edit, workspace, inspector):
    editor = edit("conv2d", "stride")
    fill(editor, "2")
    fill(inspector.findChild(QLineEdit, "inspector.param.padding"), "1, 1")
    params = workspace.document.nodes["y"].params
    assert (params["stride"], params["padding"], params["dilation"]) == (2, (1, 1), 1)


def test_another_node_of_the_same_op_keeps_its_own_values(inspector, load):
    document = add_node(add_node(Document(), "a", "sum", {"axis": 0}), "b", "sum", {"axis": 1})
    workspace = load(document)
    workspace.select(["a"])
    field = inspector.findChild(QLineEdit, "inspector.param.axis")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "2")
    workspace.select(["b"])
    assert field.text() == "1"
    assert [workspace.document.nodes[name].params["axis"] for name in "ab"] == [2, 1]
