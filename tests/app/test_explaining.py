"""The chain rule in the window: a tab beside the inspector, found by menu and keys, and copied from anywhere."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea

from gradviz.formats import parse


def test_the_chain_rule_is_a_tab_beside_the_inspector(window):
    assert window.findChild(QScrollArea, "chain_rule") is window.chain_rule
    assert window.docks["chain_rule"] in window.tabifiedDockWidgets(window.docks["inspector"])
    assert window.chain_rule.visibleRegion().isEmpty()
    assert not window.inspector.visibleRegion().isEmpty()


def test_behind_the_inspector_nothing_is_computed(window):
    window.workspace.seek(2)
    assert not window.chain_rule.formula.lines.text
    window.docks["chain_rule"].raise_()
    assert window.chain_rule.formula.lines.text


def test_explaining_a_step_brings_the_formula_forward_and_gives_it_the_keys(window, settle, qtbot):
    window.workspace.show_document(parse("y = x * 2.0", x=np.array(3.0)))
    settle()
    window.workspace.seek(1)
    window.action_set.actions["show_chain_rule"].trigger()
    lines = window.chain_rule.formula.lines
    qtbot.waitUntil(lines.isVisible)
    assert lines.text == "y = x × c1\n3 × 2 = 6"
    qtbot.waitUntil(lines.hasFocus)
    qtbot.keyClick(lines, Qt.Key.Key_Right)
    qtbot.keyClick(lines, Qt.Key.Key_Return)
    assert window.workspace.selection == {"x"}


def test_the_formula_is_copied_by_the_command(shell, settle):
    action = shell.action_set.actions["copy_latex"]
    assert not action.isEnabled()
    shell.workspace.show_document(parse("y = x * 2.0", x=np.array(3.0)))
    settle()
    shell.workspace.seek(1)
    assert action.isEnabled()
    action.trigger()
    assert r"y = x \times c_{1}" in QGuiApplication.clipboard().text()
