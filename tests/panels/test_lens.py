"""The Jacobian lens: g · J is what is sent, every number that is written is the tape's, and nothing large is made."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import Send, jacobian
from gradviz.formats import load_example, parse
from gradviz.graph import OneHot, set_target, set_tensor
from gradviz.panels.jacobian_view import Place, product_of
from gradviz.panels.lens import LensView
from gradviz.workspace import Pointing, Spot
from tests.panels.reading_back import number_of, sides_of, value_of

RNG = np.random.default_rng(3)
GRAPHS = {
    "scalar": parse("L = (x*y + sin(x))*x", x=np.array(2.0), y=np.array(-3.0)),
    "broadcast": parse("L = sum((X + b)**2)", X=RNG.normal(size=(3, 4)), b=RNG.normal(size=4)),
    "matmul": parse("L = sum(tanh(X @ W))", X=RNG.normal(size=(3, 2)), W=RNG.normal(size=(2, 4))),
    "einsum": parse('L = sum(einsum("bij,bjk->bik", A, B)**2)', A=RNG.normal(size=(2, 3, 2)), B=np.ones((2, 2, 3))),
    "loss": parse("L = cross_entropy(x @ W, t)", x=RNG.normal(size=(4, 3)), W=RNG.normal(size=(3, 5)), t=np.arange(4)),
    "convolution": load_example("convolution"),
    "indexing": parse("L = sum(x[1] * x[0])", x=RNG.normal(size=(3, 4))),
}


@pytest.fixture
def pointing(workspace):
    return Pointing(workspace)


@pytest.fixture
def lens(workspace, pointing, show):
    return show(LensView(workspace, pointing), 324, 700)


@pytest.fixture
def look(qtbot, lens, workspace, settle):
    """Look at the workspace's moment, and wait for what is found in the background."""

    def look(index=None, node=None):
        workspace.seek(workspace.length if index is None else index)
        workspace.select([] if node is None else [node])
        assert lens.has_something()
        lens.show_moment()
        settle()
        qtbot.waitUntil(lambda: not lens.is_looking, timeout=20_000)
        return lens.shown

    return look


def sends(workspace):
    return [(at + 1, frame) for at, frame in enumerate(workspace.tape.frames) if isinstance(frame, Send)]


@pytest.mark.parametrize("name", GRAPHS)
def test_the_gradient_times_the_jacobian_is_what_each_step_sends(lens, load, look, name):
    workspace = load(GRAPHS[name])
    for index, frame in sends(workspace):
        found = look(index)
        assert found.port == frame.port
        g, product = lens.matrix.numbers
        np.testing.assert_array_equal(g, workspace.tape.gradients[frame.port.node])
        np.testing.assert_array_equal(product, frame.share)
        np.testing.assert_allclose(g.ravel() @ found.matrix, product.ravel(), rtol=1e-9, atol=1e-12)
        assert f"{found.rows:,} × {found.columns:,}" in lens.told.said
        assert lens.head.said == f"J = ∂{frame.port.node}/∂{frame.source}"


@pytest.mark.parametrize("name", ["broadcast", "matmul", "loss"])
def test_the_matrix_is_the_jacobian_that_the_engine_makes_of_the_document(load, look, name):
    document = GRAPHS[name]
    workspace = load(document)
    index, frame = next(
        (index, frame) for index, frame in sends(workspace) if frame.source in document.computation.nodes
    )
    found = look(index)
    whole = jacobian(document, frame.port.node, frame.source)
    assert [*document.computation.wires.values()].count(frame.source) == 1
    np.testing.assert_allclose(found.matrix, whole.reshape(found.rows, found.columns), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_sum_of_each_column_is_written_out_and_true(lens, load, look, name):
    workspace = load(GRAPHS[name])
    for index, frame in sends(workspace):
        found = look(index)
        for column in range(min(3, found.columns)):
            lens.matrix.hovered.emit(Place(None, column))
            told = lens.reading.said.split(": ", 1)[1]
            assert number_of(told.rsplit(" = ", 1)[1]) == pytest.approx(
                frame.share.ravel()[column], rel=2e-3, abs=1e-12
            )
            if "more" not in told and told != "0 = 0":
                left, right = sides_of(told)
                assert left == pytest.approx(right, rel=2e-2, abs=2e-3)


def test_a_cell_tells_its_derivative_and_points_at_both_ends(lens, load, look, pointing):
    workspace = load(GRAPHS["matmul"])
    index, frame = next(each for each in sends(workspace) if each[1].source == "W")
    found = look(index)
    lens.matrix.hovered.emit(Place(5, 1))
    assert pointing.pointed.spot.cell == (1, 1)
    assert pointing.cell_of("matmul1", "value") == (1, 1)
    assert pointing.sources_of("W", "value")[:, 1].all()
    first, second = lens.reading.said.split("; g × J: ")
    assert first.startswith("∂matmul1[1, 1]/∂W[0, 1] = ")
    assert number_of(first.split(" = ")[1]) == pytest.approx(found.matrix[5, 1], rel=1e-3)
    left, right = sides_of(second)
    assert left == pytest.approx(right, rel=5e-3)
    lens.matrix.hovered.emit(None)
    assert pointing.pointed is None
    assert lens.reading.said == ""
    assert frame.port.node == "matmul1"


def test_a_cell_that_is_pointed_at_elsewhere_rings_its_column(lens, load, look, pointing):
    workspace = load(GRAPHS["broadcast"])
    look(next(index for index, frame in sends(workspace) if frame.source == "b"))
    pointing.point_at(Spot("b", "gradient", (2,)))
    assert lens.matrix.place == Place(None, 2)
    pointing.point_at(None)
    assert lens.matrix.place is None


def test_mouse_and_keys_reach_every_part_of_the_matrix(lens, load, look):
    workspace = load(GRAPHS["broadcast"])
    look(next(index for index, frame in sends(workspace) if frame.source == "b"))
    QApplication.processEvents()
    places = []
    lens.matrix.hovered.connect(places.append)
    for place in (Place(0, 0), Place(11, 3), Place(4, None), Place(None, 2)):
        QTest.mouseMove(lens.matrix, lens.matrix.place_point(place).toPoint())
        QApplication.processEvents()
        assert places[-1] == place
    QApplication.sendEvent(lens.matrix, QEvent(QEvent.Type.Leave))
    assert places[-1] is None
    lens.matrix.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(lens.matrix, key)
    assert places[-5:] == [Place(0, 0), Place(1, 0), Place(1, 1), Place(0, 1), Place(0, 1)]


def test_a_jacobian_too_large_is_a_sketch_with_its_true_size(lens, load, look):
    workspace = load(parse("L = sum(tanh(A @ B))", A=np.ones((64, 64)), B=np.ones((64, 64))))
    index, frame = next(each for each in sends(workspace) if each[1].source == "A")
    found = look(index)
    assert found.matrix is None
    assert "4,096 × 4,096" in lens.told.said
    assert "16,777,216 numbers are never built" in lens.told.said
    assert "sketch" in lens.told.said
    np.testing.assert_array_equal(lens.matrix.numbers[1], frame.share)
    assert not lens.grab().isNull()


def test_a_one_hot_gradient_selects_a_row(lens, load, look):
    document = set_target(GRAPHS["matmul"], "matmul1", OneHot((1, 2)))
    workspace = load(document)
    found = look(node="matmul1")
    assert "one at [1, 2] and zero elsewhere: it selects row 6 of J" in lens.told.said
    np.testing.assert_array_equal(lens.matrix.numbers[1].ravel(), found.matrix[6])
    np.testing.assert_array_equal(
        workspace.tape.gradients[workspace.document.wires[found.port]].ravel(), found.matrix[6]
    )


def test_what_is_not_computed_or_has_no_path_looks_otherwise(lens, load, look):
    workspace = load(parse("L = sum(x * y) + sum(stop_gradient(z * x))", x=np.ones(2), y=np.ones(2), z=np.ones(2)))
    look(0, "mul1")
    assert lens.matrix.numbers == (None, None)
    before = lens.matrix.grab().toImage()
    look(None, "mul2")
    assert "∅ no path" in lens.told.said
    assert lens.matrix.numbers == (None, None)
    look(None, "mul1")
    assert lens.matrix.grab().toImage() != before
    assert workspace.length


def test_a_gradient_of_zero_carries_its_reason(lens, load, look):
    workspace = load(parse("L = sum(relu(x * 2) * 3)", x=np.array([-1.0, -2.0])))
    look(None, "mul1")
    assert f"g is zero: {workspace.moment.gradient('mul1').reason}" in lens.told.said


def test_ports_without_a_rule_are_left_out_and_a_blocked_one_says_why(lens, load, look):
    workspace = load(parse("L = cross_entropy(x, t) * n", x=np.ones((2, 3)), t=np.array([0, 1]), n=np.array(2.0)))
    names = [node for node in workspace.document.nodes if node.startswith("cross")]
    look(None, names[0])
    assert not lens.port.isVisible()
    assert "x" in lens.head.said


def test_a_large_jacobian_is_asked_for_only_where_somebody_rests(lens, load, look):
    workspace = load(parse("L = sum(tanh(tanh(tanh(x))))", x=np.ones(100)))
    for index in range(1, workspace.length):
        workspace.seek(index)
        lens.show_moment()
        assert not workspace.jobs.is_running("lens")
    index, frame = sends(workspace)[-1]
    workspace.seek(index)
    lens.show_moment()
    assert lens.is_looking
    assert (lens.shown, lens.told.said) == (None, "Looking…")
    assert not lens.grab().isNull()
    assert look(index).port == frame.port


def test_a_jacobian_is_found_once_per_port_and_run(lens, load, look):
    workspace = load(GRAPHS["matmul"])
    first = look(sends(workspace)[0][0])
    workspace.seek(0)
    assert look(sends(workspace)[0][0]) is first


def test_a_stale_run_is_not_looked_at(lens, load, look):
    workspace = load(GRAPHS["matmul"])
    look(sends(workspace)[0][0])
    workspace.edit("Change", set_tensor, "W", np.zeros((2, 4)))
    assert not lens.has_something()
    lens.show_moment()


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.array([np.nan, np.inf, 0.0]), np.ones((2, 1, 3, 2))])
def test_empty_infinite_and_deep_tensors_have_a_lens(lens, load, look, array):
    workspace = load(parse("L = sum(log(x) * x)", x=array))
    for index, _frame in sends(workspace):
        look(index)
        lens.matrix.hovered.emit(Place(0, 0) if array.size else None)
        assert not lens.grab().isNull()


def test_products_are_written_without_zeros():
    assert product_of(np.array([2.0, 5.0, -1.0]), np.array([-3.0, 0.0, 4.0])) == "2 × (−3) + (−1) × 4"
    assert product_of(np.zeros(0), np.zeros(0)) == "0"
    long = product_of(np.ones(9), np.ones(9))
    assert long.endswith("… (5 more)")
    assert value_of(long.split(" + …")[0]) == 4
