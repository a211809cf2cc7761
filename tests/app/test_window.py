"""The window as a whole: what is in it, which keys work where, and what its commands do."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTableView,
    QWidget,
)

from gradviz.app.actions import COMMANDS
from gradviz.graph import OneHot, Port

NAMES = [
    "palette",
    "palette.search",
    "palette.list",
    "canvas",
    "inspector",
    "timeline",
    "timeline.slider",
    "timeline.first",
    "timeline.back",
    "timeline.play",
    "timeline.forward",
    "timeline.last",
    "timeline.sentence",
    "expression",
    "problems",
]


@pytest.fixture
def quick(window):
    """The window with steps that take no time, at the end of the forward phase."""
    window.workspace.settings.reduced_motion = True
    window.canvas.setFocus()
    return window


def trigger(window, command):
    window.action_set.actions[command].trigger()


@pytest.mark.parametrize("name", NAMES)
def test_what_scripts_rely_on_is_there_under_its_name(window, name):
    assert len(window.findChildren(QWidget, name)) == 1


def interactive(window):
    """Yield what a person can click or type into, but for what Qt itself puts in."""
    kinds = QAbstractButton, QAbstractSlider, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit
    for widget in window.findChildren(QWidget):
        own = not isinstance(widget, QScrollBar | QHeaderView | QTabBar) and not widget.objectName().startswith("qt_")
        within = widget.parentWidget()
        if (
            isinstance(widget, kinds)
            and own
            and not isinstance(within, QLineEdit | QDockWidget | QTableView | QComboBox)
        ):
            yield widget


@pytest.mark.parametrize("selected", [[], ["s"], ["T"], ["loss"], ["mul1"]])
def test_whatever_can_be_used_has_an_accessible_name(window, selected):
    window.workspace.select(selected)
    unnamed = [
        widget
        for widget in interactive(window)
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()) or widget.toolTip())
        and widget.metaObject().className() != "QComboBoxListView"
        and widget.window().windowType() != Qt.WindowType.Popup
    ]
    assert unnamed == []


def test_the_canvas_has_the_focus_and_most_of_the_room(window):
    assert window.focusWidget() is window.canvas
    assert window.canvas.width() > 0.6 * window.width()
    assert window.canvas.height() > 0.65 * window.height()


def test_the_keys_of_the_timeline_work_with_the_focus_on_the_canvas(quick):
    workspace = quick.workspace
    QTest.keyClick(quick.canvas, Qt.Key.Key_Home)
    assert workspace.playhead == 0
    QTest.keyClick(quick.canvas, Qt.Key.Key_Right)
    assert workspace.playhead == 1
    QTest.keyClick(quick.canvas, Qt.Key.Key_Left)
    assert workspace.playhead == 0
    QTest.keyClick(quick.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    seed = workspace.playhead
    assert workspace.moment.phase == "forward"
    assert seed == 4
    QTest.keyClick(quick.canvas, Qt.Key.Key_End)
    assert workspace.playhead == workspace.length
    QTest.keyClick(quick.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert workspace.playhead < workspace.length


def test_space_plays_and_pauses(quick):
    QTest.keyClick(quick.canvas, Qt.Key.Key_Home)
    QTest.keyClick(quick.canvas, Qt.Key.Key_Space)
    assert quick.player.is_playing
    QTest.keyClick(quick.canvas, Qt.Key.Key_Space)
    assert not quick.player.is_playing


def test_the_keys_work_in_the_timeline_too(quick):
    button = quick.timeline.buttons["forward"]
    QTest.keyClick(quick.canvas, Qt.Key.Key_Home)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert quick.workspace.playhead == 1
    assert quick.focusWidget() is button
    QTest.keyClick(button, Qt.Key.Key_Right)
    assert quick.workspace.playhead == 2
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert quick.player.is_playing
    quick.player.pause()


def test_fields_keep_their_keys(quick):
    line, before = quick.expression.line, quick.workspace.playhead
    line.setFocus()
    QTest.keyClicks(line, "y = T f t")
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Backspace):
        QTest.keyClick(line, key)
    assert line.text() == "y = T f "
    assert quick.workspace.playhead == before
    assert set(quick.workspace.document.targets) == {"loss"}
    assert not quick.player.is_playing


def test_tab_leaves_the_timeline_and_the_fields(quick):
    quick.expression.line.setFocus()
    QTest.keyClick(quick.expression.line, Qt.Key.Key_Tab)
    assert quick.focusWidget() is not quick.expression.line
    quick.timeline.slider.setFocus()
    QTest.keyClick(quick.timeline.slider, Qt.Key.Key_Tab)
    assert quick.focusWidget() is not quick.timeline.slider


def test_escape_in_a_field_goes_back_to_the_canvas(quick):
    quick.expression.line.setFocus()
    QTest.keyClick(quick.expression.line, Qt.Key.Key_Escape)
    assert quick.focusWidget() is quick.canvas
    quick.palette_panel.search.setFocus()
    QTest.keyClicks(quick.palette_panel.search, "mul")
    QTest.keyClick(quick.palette_panel.search, Qt.Key.Key_Escape)
    assert quick.palette_panel.search.text() == ""
    QTest.keyClick(quick.palette_panel.search, Qt.Key.Key_Escape)
    assert quick.focusWidget() is quick.canvas


def test_no_key_means_two_commands():
    keys = [QKeySequence(key).toString() for command in COMMANDS for key in command.keys.split("; ") if key]
    assert len(keys) == len(set(keys))
    assert all(keys)


def test_every_command_is_in_a_menu_and_does_something(window):
    assert {command.id for command in COMMANDS} <= window.handlers().keys()
    assert [command.id for command in COMMANDS if not any(place[0].isupper() for place in command.places)] == []
    shown = {action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()}
    shown |= {action for menu in window.findChildren(QMenu) for action in menu.actions()}
    assert all(action in shown for action in window.action_set.actions.values())


def test_commands_are_enabled_as_they_can_be_used(window):
    actions, workspace = window.action_set.actions, window.workspace
    workspace.select(())
    assert not actions["delete"].isEnabled()
    assert not actions["undo"].isEnabled()
    workspace.select(["s"])
    assert actions["role_constant"].isEnabled()
    assert not actions["seed_ones"].isEnabled()
    workspace.select(["loss"])
    assert not actions["role_constant"].isEnabled()
    assert actions["seed_one_hot"].isEnabled()
    workspace.select(["s", "T"])
    assert not actions["rename"].isEnabled()
    trigger(window, "delete")
    assert actions["undo"].isEnabled()
    workspace.history.setClean()
    trigger(window, "new")
    for name in ("play", "export", "select_all", "fit", "undo"):
        assert not actions[name].isEnabled()


def test_an_implied_target_can_be_given_a_seed_too(window, settle):
    workspace = window.workspace
    workspace.select(["loss"])
    trigger(window, "clear_target")
    assert not workspace.document.targets
    assert not window.action_set.actions["clear_target"].isEnabled()
    trigger(window, "seed_one_hot")
    assert workspace.document.targets == {"loss": OneHot(())}
    settle()


def test_roles_wires_and_nodes_change_by_commands_that_are_each_one_step(window):
    workspace = window.workspace
    start = workspace.document
    workspace.select(["s", "T"])
    for command, is_so in (
        ("role_constant", lambda document: {document.nodes[name].role for name in ("s", "T")} == {"constant"}),
        (
            "detach",
            lambda document: Port("mul1", "a") not in document.wires and Port("mul1", "b") not in document.wires,
        ),
        ("duplicate", lambda document: len(document.nodes) == len(start.nodes) + 2),
        ("delete", lambda document: len(document.nodes) == len(start.nodes) - 2),
        ("cut", lambda document: len(document.nodes) == len(start.nodes) - 2),
        ("tidy", lambda document: document.places != start.places),
    ):
        workspace.select(["s", "T"])
        trigger(window, command)
        assert is_so(workspace.document), command
        workspace.history.undo()
        assert workspace.document is start, command


def test_nodes_are_copied_and_pasted_with_the_wires_among_them(window):
    workspace = window.workspace
    workspace.select(["s", "T", "mul1"])
    trigger(window, "copy")
    trigger(window, "paste")
    assert len(workspace.selection) == 3
    pasted = next(name for name in workspace.selection if name.startswith("mul"))
    assert workspace.document.wires[Port(pasted, "a")] in workspace.selection
    trigger(window, "paste")
    places = [workspace.document.places[name] for name in workspace.document.nodes]
    assert len(set(places)) == len(places)


def test_a_clipboard_without_nodes_is_told(window, told):
    QApplication.clipboard().setText("not a graph")
    trigger(window, "paste")
    assert "clipboard" in told[-1]
    assert window.statusBar().currentMessage() == told[-1]


def test_rename_opens_the_inspector_if_need_be(window):
    window.docks["inspector"].hide()
    window.workspace.select(["s"])
    trigger(window, "rename")
    assert window.inspector.isVisible()
    assert window.focusWidget() is window.inspector.name.line
    QTest.keyClicks(window.inspector.name.line, "scale")
    QTest.keyClick(window.inspector.name.line, Qt.Key.Key_Return)
    assert "scale" in window.workspace.document.nodes
    assert window.workspace.selection == {"scale"}


def test_the_palette_adds_in_view_and_nothing_overlaps(window):
    search = window.palette_panel.search
    for text, added in (("@", "matmul"), ("reduce_sum", "sum"), ("torch.mul", "multiply"), ("const", "constant")):
        search.setText(text)
        QTest.keyClick(search, Qt.Key.Key_Return)
        new = next(iter(window.workspace.selection))
        found = window.workspace.document.nodes[new]
        assert getattr(found, "op", None) or found.role, added
        assert (found.op if hasattr(found, "op") else found.role) == added
        assert window.canvas.viewport().rect().contains(window.canvas.node_rect(new).center())


def test_a_problem_goes_to_its_node(window):
    window.workspace.select(["t"])
    trigger(window, "detach")
    window.workspace.select(())
    listed = window.problems.list
    assert listed.isVisible()
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.visualItemRect(listed.item(0)).center())
    assert window.workspace.selection == {"sub1"}


def test_what_is_opened_has_the_keys(window, settle):
    window.expression.line.setFocus()
    window.files.open_example("sigmoid")
    settle()
    assert window.focusWidget() is window.canvas
