"""The expression line: it adds, wires what is there, lays out without overlap, and says in full what is wrong."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from gradviz.formats import parse
from gradviz.graph import Port, check
from gradviz.panels import ExpressionBar
from gradviz.picture import load_theme, node_sizes


@pytest.fixture
def bar(workspace, show):
    """The line, with its trouble below it as in the window."""
    bar, home = ExpressionBar(workspace), QWidget()
    column = QVBoxLayout(home)
    column.addWidget(bar)
    column.addWidget(bar.trouble)
    show(home, 700, 90)
    yield bar
    home.close()


def enter(bar, text):
    bar.line.setFocus()
    bar.line.setText(text)
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    QApplication.processEvents()


def overlaps(document):
    sizes = node_sizes(document, check(document.computation), load_theme("light"))
    rects = [(*document.places[name], *sizes[name]) for name in document.nodes]
    return [
        (a, b)
        for number, a in enumerate(rects)
        for b in rects[:number]
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]


def test_an_expression_becomes_a_graph_in_one_step(bar, workspace, settle):
    enter(bar, "loss = sum((s * T - target) ** 2)")
    assert {"s", "T", "target", "loss"} <= set(workspace.document.nodes)
    assert set(workspace.document.targets) == {"loss"}
    assert workspace.selection == set(workspace.document.nodes)
    assert bar.line.text() == ""
    assert workspace.history.count() == 1
    settle()
    workspace.history.undo()
    assert not workspace.document.nodes


def test_what_is_there_is_wired_in(bar, open_one, settle):
    before = set(open_one.document.nodes)
    enter(bar, "more = exp(s * T) + loss")
    added = set(open_one.document.nodes) - before
    assert len(added) == 3
    assert {"s", "T", "loss"} <= {
        open_one.document.wires[port] for port in open_one.document.wires if port.node in added
    }
    settle()


@pytest.mark.parametrize(
    "text", ["more = exp(s)", "a = b * c + d * e", "p = s + T; q = p * p; r = sum(q)", "W @ x", "k = 3"]
)
def test_what_is_added_overlaps_nothing(bar, open_one, settle, text):
    enter(bar, text)
    enter(bar, text.replace("more", "again").replace("k =", "kk ="))
    assert overlaps(open_one.document) == []
    settle()


def test_what_is_fed_by_nodes_stands_right_of_them(bar, open_one, settle):
    enter(bar, "more = exp(loss)")
    places = open_one.document.places
    assert places["more"].x > places["loss"].x
    settle()


def test_nothing_moves_that_was_there(bar, open_one, settle):
    before = dict(open_one.document.places)
    enter(bar, "more = exp(s * T)")
    assert {name: open_one.document.places[name] for name in before} == before
    settle()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("loss = summ(x)", "summ"),
        ("1 +", "column"),
        ("s = 2 * T", '"s"'),
        ("x = y = 2", "column"),
        ("__import__('os')", "column"),
        ("(" * 300 + "x" + ")" * 300, "deep"),
        ("y = matmul(s)", "matmul"),
    ],
)
def test_what_is_wrong_is_told_in_full_at_the_line(bar, open_one, text, told):
    before = open_one.document
    enter(bar, text)
    assert open_one.document is before
    label = bar.trouble
    assert label.isVisible()
    assert told in label.text()
    assert label.wordWrap()
    assert label.height() >= label.heightForWidth(label.width())
    assert bar.line.text() == text
    QTest.keyClicks(bar.line, "x")
    assert not label.isVisible()


def test_nothing_typed_adds_nothing(bar, workspace):
    enter(bar, "   ")
    assert not workspace.document.nodes
    assert not bar.trouble.isVisible()


def test_a_name_alone_is_no_new_node(bar, open_one):
    before = open_one.document
    enter(bar, "s")
    assert open_one.document.nodes == before.nodes


def test_many_nodes_do_not_take_long(bar, workspace, settle, qtbot):
    enter(bar, "y = " + " + ".join(f"x{number}" for number in range(1500)))
    assert len(workspace.document.nodes) == 2999
    settle()


def test_a_shape_that_does_not_fit_is_added_and_told_as_a_problem(bar, load, settle):
    workspace = load(parse("y = a * a", a=np.ones((2, 3))))
    enter(bar, "z = a @ a")
    assert workspace.document.wires[Port("z", "a")] == "a"
    assert any(problem.node == "z" for problem in workspace.report.problems)
    settle()


def test_after_enter_the_canvas_has_the_keys_so_that_undo_takes_the_graph_away(bar, workspace, qtbot):
    with qtbot.waitSignal(bar.left):
        enter(bar, "y = x * x")
