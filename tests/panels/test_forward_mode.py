"""Forward mode beside reverse mode: tangents are the engine's, both equations give one number, passes are counted."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.engine import jvp
from gradviz.formats import load_example, parse
from gradviz.graph import set_tensor
from gradviz.panels import forward_mode
from gradviz.panels.forward_mode import ForwardModeView
from gradviz.workspace import Pointing
from tests.panels.reading_back import number_of, sides_of

RNG = np.random.default_rng(3)
GRAPHS = {
    "scalar": parse("L = (x*y + sin(x))*x", x=np.array(2.0), y=np.array(-3.0)),
    "broadcast": parse("L = sum((X + b)**2)", X=RNG.normal(size=(3, 4)), b=RNG.normal(size=4)),
    "matmul": parse("L = sum(tanh(X @ W))", X=RNG.normal(size=(3, 2)), W=RNG.normal(size=(2, 4))),
    "loss": parse("L = cross_entropy(x @ W, t)", x=RNG.normal(size=(4, 3)), W=RNG.normal(size=(3, 5)), t=np.arange(4)),
    "convolution": load_example("convolution"),
    "indexing": parse("L = sum(x[1] * x[0])", x=RNG.normal(size=(3, 4))),
    "vector": parse("y = tanh(x @ W)", x=RNG.normal(size=(2, 3)), W=RNG.normal(size=(3, 2))),
}


@pytest.fixture
def pointing(workspace):
    return Pointing(workspace)


@pytest.fixture
def view(workspace, pointing, show):
    return show(ForwardModeView(workspace, pointing), 324, 800)


@pytest.fixture
def look(view, workspace, settle):
    """Look at the workspace's moment, and wait for the tangents."""

    def look(node=None, index=None):
        workspace.seek(workspace.length if index is None else index)
        workspace.select([] if node is None else [node])
        assert view.has_something()
        view.show_moment()
        settle()

    return look


def lines(view):
    forward, back = view.equation.said.splitlines()
    return forward, back


@pytest.mark.parametrize("name", GRAPHS)
def test_the_tangent_of_every_node_is_the_engines_for_every_leaf(view, load, look, name):
    workspace = load(GRAPHS[name])
    look()
    leaves = [view.leaf.itemText(number) for number in range(view.leaf.count())]
    assert leaves
    for leaf in leaves:
        view.leaf.textActivated.emit(leaf)
        direction = np.zeros_like(workspace.tape.values[leaf])
        direction[(0,) * direction.ndim] = 1
        expected = jvp(workspace.document, {leaf: direction}).tangents
        for node in workspace.tape.values:
            if node in leaves:
                continue
            look(node)
            np.testing.assert_array_equal(view.direction.array, direction)
            if expected[node] is None:
                assert view.tangent.array is None
            else:
                np.testing.assert_allclose(view.tangent.array, expected[node], rtol=1e-12)
            gradient = workspace.tape.gradients[node]
            if gradient is not None:
                np.testing.assert_array_equal(view.gradient.array, gradient)


@pytest.mark.parametrize("kind", ["one-hot", "ones"])
@pytest.mark.parametrize("name", GRAPHS)
def test_both_equations_are_true_and_give_one_number(view, load, look, name, kind):
    load(GRAPHS[name])
    look()
    for leaf in [view.leaf.itemText(number) for number in range(view.leaf.count())]:
        view.leaf.textActivated.emit(leaf)
        view.kind.setCurrentText(kind)
        view.kind.activated.emit(0)
        look()
        forward, back = lines(view)
        assert back.endswith("✓")
        numbers = [number_of(line.removesuffix(" ✓").rsplit(" = ", 1)[1]) for line in (forward, back)]
        assert numbers[0] == pytest.approx(numbers[1], rel=2e-3, abs=1e-10)
        for line in (forward, back):
            if "more" not in line:
                left, right = sides_of(line.removesuffix(" ✓").split("⟩ = ")[1])
                assert left == pytest.approx(right, rel=2e-2, abs=2e-3)


def test_reverse_mode_comes_with_the_sweep_and_forward_mode_before_it(view, load, look):
    load(GRAPHS["matmul"])
    look(index=0)
    forward, back = lines(view)
    assert number_of(forward.rsplit(" = ", 1)[1]) != 0
    assert back.endswith("comes with the sweep")
    assert view.gradient.array is None
    assert "– not computed" in view.told.said


def test_a_clicked_cell_is_the_one_that_moves(view, load, look):
    workspace = load(GRAPHS["matmul"])
    look("W")
    assert view.leaf.currentText() == "W"
    QApplication.processEvents()
    QTest.mouseClick(view.direction, Qt.MouseButton.LeftButton, pos=view.direction.cell_point((1, 2)).toPoint())
    look("L")
    assert view.direction.array[1, 2] == view.direction.array.sum() == 1
    assert number_of(lines(view)[0].rsplit(" = ", 1)[1]) == pytest.approx(workspace.tape.gradients["W"][1, 2], rel=1e-3)


def test_hovering_a_cell_points_at_it(view, load, look, pointing):
    load(GRAPHS["matmul"])
    look("tanh1")
    QApplication.processEvents()
    for cell in ((0, 0), (2, 3)):
        QTest.mouseMove(view.gradient, view.gradient.cell_point(cell).toPoint())
    QApplication.processEvents()
    assert pointing.cell_of("tanh1", "gradient") == (2, 3)


@pytest.mark.parametrize(("name", "counts"), [("broadcast", (1, 16)), ("vector", (4, 12)), ("loss", (1, 27))])
def test_passes_are_counted_by_the_numbers_of_this_graph(view, load, look, name, counts):
    load(GRAPHS[name])
    look()
    told = view.bars.accessibleName()
    assert [int(each) for each in re.findall(r"\d+", told)] == [*counts]
    counted = re.search(r"per number of the leaves: (.+) = (\d+)\.", view.passes.said)
    assert sum(int(part.split()[1]) for part in counted.group(1).split(" + ")) == int(counted.group(2)) == counts[1]


def test_where_forward_mode_is_cheaper_it_is_said(view, load, look):
    load(parse("y = x * c", x=np.array(2.0), c=np.arange(5)))
    look()
    assert "forward mode would take fewer passes" in view.passes.said


def test_a_node_that_nothing_moving_leads_to_says_so(view, load, look):
    load(GRAPHS["scalar"])
    look("y")
    view.leaf.textActivated.emit("x")
    look("y")
    assert "Nothing leads from x to y" in view.told.said
    assert view.tangent.text == "∅ no path"


def test_what_is_not_finite_is_no_mistake(view, load, look):
    load(parse("L = sum(log(x) * x + sqrt(x))", x=np.array([[1.0, -1.0], [0.0, np.inf]])))
    look()
    assert "✗" not in view.equation.said
    assert "not finite" in view.equation.said


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.ones((2, 1, 3, 2)), np.array(3.0, "float32")])
def test_empty_deep_and_single_tensors_are_followed(view, load, look, array):
    load(parse("L = sum(x * x + x)", x=array))
    look()
    assert lines(view)[1].endswith("✓")
    assert not view.grab().isNull()


def test_too_many_numbers_are_refused_before_anything_is_computed(view, load, look, monkeypatch):
    monkeypatch.setattr(forward_mode, "MOST_MOVING", 10)
    load(GRAPHS["matmul"])
    look()
    assert "too many to move at once" in view.told.said
    assert view.tangent.array is None


def test_too_many_ops_are_refused_before_anything_is_computed(view, load, look, monkeypatch):
    monkeypatch.setattr(forward_mode, "MOST_STEPS", 2)
    load(GRAPHS["matmul"])
    look()
    assert "This graph has 3 ops: too many to move at once" in view.told.said


def test_of_many_leaves_the_first_are_offered_and_the_selected_one(view, load, look):
    names = [f"x{number}" for number in range(300)]
    load(parse(f"L = {' + '.join(names)}", **{name: np.array(1.0) for name in names}))
    look()
    assert view.leaf.count() == forward_mode.MOST_LEAVES
    offered = {view.leaf.itemText(number) for number in range(view.leaf.count())}
    other = next(name for name in names if name not in offered)
    look(other)
    assert view.leaf.currentText() == other
    assert lines(view)[1].endswith("✓")


def test_constants_do_not_move_and_a_graph_of_them_has_nothing_to_say(view, load, workspace):
    load(parse("L = sum(n * 2)", n=np.array([1, 2])))
    assert not view.has_something()
    view.show_moment()


def test_a_stale_run_is_not_followed(view, load, look):
    workspace = load(GRAPHS["matmul"])
    look()
    workspace.edit("Change", set_tensor, "W", np.zeros((2, 4)))
    assert not view.has_something()
    view.show_moment()
