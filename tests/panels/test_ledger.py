"""The ledger: each deposit in order, the total after it, what is still to come, and the way to each moment."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import Tape, run
from gradviz.formats import parse
from gradviz.graph import set_tensor
from gradviz.panels.ledger import MOST_LINES, LedgerView, coming_to, sum_of
from gradviz.workspace import Pointing
from tests.panels.reading_back import sides_of

SCALAR = parse("L = (x*y + sin(x))*x", x=np.array(2.0), y=np.array(-3.0))
MATRIX = parse("L = sum(tanh(X @ W) * (X @ W))", X=np.arange(6.0).reshape(3, 2) / 9, W=np.ones((2, 2)))


@pytest.fixture
def pointing(workspace):
    return Pointing(workspace)


@pytest.fixture
def ledger(workspace, pointing, show):
    return show(LedgerView(workspace, pointing), 324, 700)


def shown(ledger):
    """Return the lines that are there."""
    return [line for line in ledger.lines if line.button.isVisibleTo(ledger)]


def look(ledger, workspace, node, index=None):
    workspace.seek(workspace.length if index is None else index)
    workspace.select([node])
    ledger.show_moment()


def arrivals(workspace, node):
    """Return the moments after each deposit at a node."""
    return [at + 1 for at, frame in enumerate(workspace.tape.frames) if getattr(frame, "source", "") == node]


@pytest.mark.parametrize(("document", "node"), [(SCALAR, "x"), (MATRIX, "X"), (MATRIX, "matmul1")])
def test_the_totals_are_running_sums_that_end_at_the_gradient_of_the_tape(ledger, load, document, node):
    workspace = load(document)
    look(ledger, workspace, node)
    lines = shown(ledger)
    assert len(lines) == len(workspace.moment.deposits(node))
    total = np.zeros_like(workspace.tape.values[node])
    for line, send in zip(lines, workspace.moment.deposits(node), strict=True):
        total = total + send.share
        np.testing.assert_array_equal(line.share.array, send.share)
        np.testing.assert_allclose(line.total.array, total, rtol=1e-12)
        assert f"{send.port.node}.{send.port.name}" in line.button.said
    np.testing.assert_array_equal(lines[-1].total.array, workspace.tape.gradients[node])
    assert ledger.state.said == f"settled: this is the gradient of {node}"


def test_the_sum_of_a_number_is_written_out_and_true(ledger, load):
    workspace = load(SCALAR)
    for moment in [*arrivals(workspace, "x"), workspace.length]:
        look(ledger, workspace, "x", moment)
        left, right = sides_of(ledger.reading.said)
        assert left == pytest.approx(right, rel=2e-3)
        assert right == pytest.approx(float(workspace.moment.running_total("x")), rel=2e-3)


def test_what_is_still_to_come_is_named_and_looks_empty(ledger, load):
    workspace = load(SCALAR)
    first = arrivals(workspace, "x")[0]
    look(ledger, workspace, "x", first)
    assert ledger.state.said.startswith("waits for 2 more: mul1.a and sin1.x.")
    assert [line.share.array is None for line in shown(ledger)] == [False, True, True]
    assert "▸" in shown(ledger)[0].button.said
    look(ledger, workspace, "x", arrivals(workspace, "x")[1])
    assert ledger.state.said.startswith("waits for 1 more: sin1.x")


def test_the_seed_of_a_target_is_the_first_line(ledger, load):
    document = parse("y = x * 3; L = sum(y * y)", x=np.array([1.0, 2.0]))
    workspace = load(document.changed(targets={"y": None, "L": None}))
    look(ledger, workspace, "y")
    assert "seed" in shown(ledger)[0].button.said
    np.testing.assert_array_equal(shown(ledger)[0].share.array, [1, 1])
    np.testing.assert_array_equal(shown(ledger)[-1].total.array, workspace.tape.gradients["y"])


def test_a_click_on_a_line_goes_to_its_moment(ledger, load):
    workspace = load(SCALAR)
    look(ledger, workspace, "x")
    moments = arrivals(workspace, "x")
    for line, moment in zip(shown(ledger), moments, strict=True):
        QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
        assert workspace.playhead == moment
    workspace.seek(0)
    shown(ledger)[0].button.setFocus()
    QTest.keyClick(shown(ledger)[0].button, Qt.Key.Key_Space)
    assert workspace.playhead == moments[0]


def test_hovering_a_cell_points_at_it_and_writes_its_sum(ledger, load, pointing):
    workspace = load(MATRIX)
    look(ledger, workspace, "X")
    cells = shown(ledger)[0].total
    QApplication.processEvents()
    for cell in ((0, 0), (2, 1)):
        QTest.mouseMove(cells, cells.cell_point(cell).toPoint())
    QApplication.processEvents()
    assert pointing.cell_of("X", "gradient") == (2, 1)
    left, right = sides_of(ledger.reading.said.split(": ", 1)[1])
    assert left == pytest.approx(right, rel=5e-3)
    assert right == pytest.approx(workspace.tape.gradients["X"][2, 1], rel=2e-3)


def test_without_a_selection_it_follows_the_active_step(ledger, load):
    workspace = load(SCALAR)
    workspace.seek(arrivals(workspace, "x")[1])
    assert ledger.has_something()
    ledger.show_moment()
    assert "arrives at x" in ledger.head.said


def test_a_zero_carries_its_reason(ledger, load):
    workspace = load(parse("L = sum(relu(x) * y)", x=np.array([-1.0, -2.0]), y=np.ones(2)))
    look(ledger, workspace, "x")
    assert "zero: " in ledger.state.said
    assert workspace.moment.gradient("x").reason in ledger.state.said


def test_where_nothing_arrives_there_is_nothing_to_say(ledger, load):
    workspace = load(parse("L = sum(x * n)", x=np.ones(2), n=np.array([1, 2])))
    workspace.select(["n"])
    assert not ledger.has_something()
    workspace.select(["x"])
    assert ledger.has_something()
    workspace.edit("Change", set_tensor, "x", np.zeros(2))
    assert not ledger.has_something()


def test_of_many_deposits_those_around_the_moment_are_listed(ledger, load):
    workspace = load(parse(f"L = {' + '.join(['sin(x)'] * 100)}", x=np.array(1.0)))
    for index in (arrivals(workspace, "x")[0], arrivals(workspace, "x")[50], workspace.length):
        look(ledger, workspace, "x", index)
        assert len(shown(ledger)) == MOST_LINES
        assert "84 more" in ledger.more.said
    np.testing.assert_allclose(shown(ledger)[-1].total.array, workspace.tape.gradients["x"])


def test_of_a_run_that_ended_early_what_never_came_is_named_too():
    whole = run(SCALAR)
    first = next(at for at, frame in enumerate(whole.frames) if getattr(frame, "source", "") == "x") + 1
    cut = Tape(whole.plan, whole.values, whole.frames[:first], is_whole=False)
    assert coming_to(cut.at(first), "x") == coming_to(whole.at(first), "x") == ("mul1.a", "sin1.x")
    assert coming_to(whole.at(len(whole.frames)), "x") == ()


@pytest.mark.parametrize(
    ("terms", "total", "told"),
    [
        (["2", "−3"], "−1", "2 + (−3) = −1"),
        (["−1"], "−1", "−1 = −1"),
        ([*"12345678"], "36", "1 + 2 + 3 + 4 + … + 8 = 36"),
    ],
)
def test_sums_are_written_with_their_terms_first(terms, total, told):
    assert sum_of(terms, total) == told


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.array([[np.nan, np.inf], [1, -np.inf]]), np.ones((2, 1, 3))])
def test_empty_infinite_and_deep_tensors_are_listed(ledger, load, array):
    workspace = load(parse("L = sum(x * x + x)", x=array))
    look(ledger, workspace, "x")
    np.testing.assert_array_equal(shown(ledger)[-1].total.array, workspace.tape.gradients["x"])
    assert not ledger.grab().isNull()
