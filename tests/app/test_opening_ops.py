"""An op is opened into its pieces and closed again: by key, by the menu of the node, and undone in one step."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.app.actions import HANDS, keys_as_text
from gradviz.app.shortcut_sheet import ShortcutSheet
from gradviz.formats import parse
from gradviz.graph import Node

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def softmax(shell, settle):
    """The window on y = sum(p * t), where p is the softmax of x."""
    shell.workspace.show_document(parse("p = softmax(x); y = sum(p * t)", x=X, t=X))
    settle()
    shell.activateWindow()
    shell.canvas.setFocus()
    return shell


def ops(window):
    return [node.op for node in window.workspace.document.nodes.values() if isinstance(node, Node)]


def press(window, key, modifier=NONE):
    QTest.keyClick(window.canvas, key, modifier)


def cards_overlap(window):
    nodes = [*window.workspace.document.nodes]
    rects = [window.canvas.node_rect(node) for node in nodes]
    return [(a, b) for i, a in enumerate(nodes) for j, b in enumerate(nodes) if i < j and rects[i].intersects(rects[j])]


def test_o_opens_the_selected_op_and_shift_o_closes_its_pieces(softmax, settle):
    before = softmax.workspace.document
    softmax.workspace.select(["p"])
    press(softmax, Qt.Key.Key_O)
    assert ops(softmax) == ["max", "subtract", "exp", "sum", "divide", "multiply", "sum"]
    assert softmax.workspace.selection == {"max1", "sub1", "exp1", "sum1", "p"}
    assert cards_overlap(softmax) == []
    settle()
    np.testing.assert_allclose(softmax.workspace.tape.gradients["x"].sum(axis=1), 0, atol=1e-12)
    press(softmax, Qt.Key.Key_O, SHIFT)
    assert ops(softmax) == ["softmax", "multiply", "sum"]
    assert softmax.workspace.selection == {"p"}
    assert softmax.workspace.document.places == before.places
    settle()


def test_each_is_one_step_of_undo(softmax, settle):
    before = softmax.workspace.document
    softmax.workspace.select(["p"])
    press(softmax, Qt.Key.Key_O)
    opened = softmax.workspace.document
    press(softmax, Qt.Key.Key_O, SHIFT)
    softmax.workspace.history.undo()
    assert softmax.workspace.document is opened
    softmax.workspace.history.undo()
    assert softmax.workspace.document is before
    settle()


def test_the_menu_of_the_node_opens_it(softmax, settle):
    menu = softmax.canvas.menu_at(softmax.canvas.node_rect("p").center())
    (entry,) = [action for action in menu.actions() if action.text() == "Open Op"]
    entry.trigger()
    assert "divide" in ops(softmax)
    settle()


@pytest.mark.parametrize(
    ("selection", "opens", "closes"),
    [
        ([], False, False),
        (["p"], True, False),
        (["y"], False, False),
        (["x"], False, False),
        (["p", "y"], False, False),
    ],
)
def test_both_are_enabled_only_where_they_can_be_had(softmax, selection, opens, closes):
    actions = softmax.action_set.actions
    softmax.workspace.select(selection)
    assert (actions["open_op"].isEnabled(), actions["close_op"].isEnabled()) == (opens, closes)
    assert bool(actions["open_op"].statusTip()) != opens
    before = softmax.workspace.document
    if not opens:
        press(softmax, Qt.Key.Key_O)
        assert softmax.workspace.document is before


def test_closing_is_enabled_for_all_pieces_of_an_op(softmax, settle):
    softmax.workspace.select(["p"])
    press(softmax, Qt.Key.Key_O)
    close = softmax.action_set.actions["close_op"]
    assert close.isEnabled()
    softmax.workspace.select(softmax.workspace.selection - {"exp1"})
    assert not close.isEnabled()
    assert "exp1" in close.statusTip()
    settle()


def test_the_status_line_says_why_an_entry_of_the_menu_cannot_be_had(softmax):
    menu = softmax.canvas.menu_at(softmax.canvas.node_rect("y").center())
    menu.adjustSize()
    at = QPointF(menu.actionGeometry(softmax.action_set.actions["open_op"]).center())
    event = QMouseEvent(QMouseEvent.Type.MouseMove, at, menu.mapToGlobal(at), *[Qt.MouseButton.NoButton] * 2, NONE)
    QApplication.sendEvent(menu, event)
    assert softmax.statusBar().currentMessage() == 'sum "y" is one step: there is nothing in it to open'


def test_an_op_that_cannot_compute_yet_says_why_it_cannot_be_opened(softmax, settle):
    softmax.workspace.show_document(parse("p = softmax(x, axis=5)", x=X))
    softmax.workspace.select(["p"])
    assert "axis" in softmax.action_set.actions["open_op"].statusTip()
    settle()


def test_the_sheet_of_shortcuts_has_both(softmax):
    sheet = ShortcutSheet(softmax)
    rows = {sheet.table.item(row, 0).text(): sheet.table.item(row, 1) for row in range(sheet.table.rowCount())}
    assert rows["Open Op"].text() == keys_as_text("O")
    assert rows["Close into One Op"].text() == keys_as_text("Shift+O")
    assert HANDS
    sheet.close()
