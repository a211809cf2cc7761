"""The problems panel: sentences, worst first, and a click that goes to the node."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.formats import load_example, parse
from gradviz.graph import Document, add_leaf, add_node, move, remove, set_tensor
from gradviz.panels import ProblemsPanel
from gradviz.workspace import Practice


@pytest.fixture
def problems(workspace, show):
    return show(ProblemsPanel(workspace), 320, 160)


@pytest.fixture
def broken(load):
    """An addition with an open input, and a product of shapes that do not fit."""
    document = add_leaf(add_leaf(Document(), "a", np.ones(3)), "b", np.ones(4))
    document = add_node(document, "half", "add", sources=["a"])
    return load(add_node(document, "wrong", "multiply", sources=["a", "b"]))


def texts(problems):
    return [problems.list.item(row).text() for row in range(problems.list.count())]


def test_no_problems_is_said(problems, open_one):
    assert problems.empty.isVisible()
    assert not problems.list.isVisible()


def test_errors_come_before_what_is_still_open(problems, broken):
    assert problems.list.isVisible()
    first, second = texts(problems)
    assert "(3,)" in first
    assert "(4,)" in first
    assert "half" in second
    assert "open" in second


def test_a_click_selects_the_node_and_brings_it_into_view(problems, broken, qtbot):
    item = problems.list.item(0)
    with qtbot.waitSignal(broken.reveal_wanted) as shown:
        at = problems.list.visualItemRect(item).center()
        QTest.mouseClick(problems.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert shown.args == ["wrong"]
    assert broken.selection == {"wrong"}


def test_enter_on_a_problem_goes_there_too(problems, broken):
    problems.list.setFocus()
    problems.list.setCurrentRow(1)
    QTest.keyClick(problems.list, Qt.Key.Key_Return)
    assert broken.selection == {"half"}


def test_a_problem_that_is_solved_goes(problems, broken, settle):
    broken.edit("Delete", remove, ["wrong"])
    assert len(texts(problems)) == 1
    broken.edit("Delete", remove, ["half"])
    assert problems.empty.isVisible()
    broken.history.undo()
    assert len(texts(problems)) == 1
    settle()


def test_what_fails_while_it_runs_is_told(problems, load):
    load(parse("loss = cross_entropy(z, labels)", z=np.zeros((2, 3)), labels=np.array([0, 7])))
    assert "7" in texts(problems)[0]


def test_very_many_problems_are_not_all_listed(problems, load):
    document = add_leaf(Document(), "a", np.ones(3))
    for number in range(600):
        document = add_node(document, f"n{number}", "add", place=(0, 0))
    load(document)
    assert problems.list.count() == 501
    assert texts(problems)[-1] == "… and more"


def test_the_list_stays_as_it_is_while_a_node_is_moved(problems, broken):
    first = problems.list.item(0)
    broken.edit("Move", move, {"a": (500.0, 500.0)})
    assert problems.list.item(0) is first


def test_what_is_hardly_meant_is_told_and_goes_away_with_its_cause(problems, load, workspace, qtbot):
    load(parse("loss = mean((p - t)**2)", p=np.ones((3, 1)), t=np.array([1, 2, 3])))
    qtbot.waitUntil(lambda: problems.list.count() == 1)
    assert "every pair of rows, 3 × 3" in texts(problems)[0]
    problems.list.itemClicked.emit(problems.list.item(0))
    assert workspace.selection == {"sub1"}
    workspace.edit("Column", set_tensor, "t", np.array([[1], [2], [3]]))
    qtbot.waitUntil(problems.empty.isVisible)


def test_what_the_steps_of_training_show_is_told_with_what_the_run_shows(workspace, load, show, qtbot):
    practice = Practice(workspace)
    panel = show(ProblemsPanel(workspace, practice))
    load(load_example("train_a_scale_too_fast"))
    practice.run(10)
    qtbot.waitUntil(lambda: not practice.is_running and not workspace.jobs.is_busy)
    texts = [panel.list.item(row).text() for row in range(panel.list.count())]
    assert any("loss has grown from 30 to 1.144e14 in 10 steps" in text for text in texts)
    practice.forget()
    texts = [panel.list.item(row).text() for row in range(panel.list.count())]
    assert not any("has grown" in text for text in texts)
