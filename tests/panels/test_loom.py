"""The loom: what meets in a cell of a step's result, and the sum behind it, read back from its words."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradviz.engine import Compute, Send, run, weave
from gradviz.formats import parse
from gradviz.graph import Document, add_leaf, add_node
from gradviz.panels.loom import MOST_TERMS, LoomView
from gradviz.workspace import Pointing, Spot

X, W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
RNG = np.random.default_rng(5)
GRAPHS = {
    "scalar": ("loss = a * b + exp(a)", {"a": np.array(2.0), "b": np.array(-3.0)}),
    "broadcast": ("Y = X + v; loss = sum(Y * Y)", {"X": X, "v": np.array([1.0, -2.0, 0.5])}),
    "matmul": ("Y = X @ W; loss = sum(Y * Y)", {"X": X, "W": W}),
    "einsum": (
        "Y = einsum(X, W, equation='bij,bjk->bik'); loss = sum(Y * Y)",
        {"X": RNG.normal(size=(2, 3, 4)), "W": RNG.normal(size=(2, 4, 2))},
    ),
    "conv2d": (
        "Y = conv2d(X, W); loss = sum(Y * Y)",
        {"X": RNG.normal(size=(1, 2, 5, 5)), "W": RNG.normal(size=(3, 2, 2, 2))},
    ),
    "softmax": ("p = softmax(z); loss = -sum(t * log(p))", {"z": X, "t": np.eye(3)[:2]}),
    "indexing": ("Y = X[1]; loss = sum(Y * Y)", {"X": X}),
    "odd": ("Y = X @ W; loss = sum(Y * Y)", {"X": np.where(X == 5, np.nan, np.where(X > 2, np.inf, X)), "W": W}),
    "reduced": ("Y = mean(X, axis=0); loss = max(Y)", {"X": X}),
    "empty": ("Y = X + v; loss = sum(Y)", {"X": np.zeros((0, 3)), "v": np.ones(3)}),
    "thin": ("Y = X @ W; loss = sum(Y)", {"X": np.ones((1, 1)), "W": np.ones((1, 1))}),
    "deep": ("Y = exp(X) * v; loss = sum(Y)", {"X": RNG.normal(size=(2, 3, 4, 5)), "v": np.ones((3, 1, 1))}),
}


def evaluated(text):
    """Return both sides of a sum as numbers, read from its text, and the size of its terms."""
    left, _, right = text.rpartition(" = ") if " = " in text else (text, "", text)
    for sign, plain in (("−", "-"), ("∞", "inf"), ("NaN", "nan")):
        left, right = left.replace(sign, plain), right.replace(sign, plain)
    terms = [[float(number.strip("() ")) for number in term.split("×")] for term in left.split(" + ")]
    products = [np.prod(term) for term in terms]
    return sum(products), float(right), sum(map(abs, products))


@pytest.fixture
def loom(load, workspace, qtbot):
    """A loom on the workspace, which is shown, and writes at once."""

    def loom(text, **leaves):
        workspace.settings.reduced_motion = True
        section = LoomView(workspace, Pointing(workspace))
        qtbot.addWidget(section)
        load(parse(text, **leaves))
        section.resize(330, 400)
        section.show()
        return section

    return loom


def go_to(workspace, kind, node, port=None):
    """Go to the moment after a frame."""
    for index, frame in enumerate(workspace.tape.frames):
        if isinstance(frame, kind) and (frame.node if port is None else (frame.port.node, frame.port.name)) == (
            node if port is None else (node, port)
        ):
            workspace.seek(index + 1)
            return frame
    raise KeyError((node, port))


def middle(section, name, cell):
    return section.view.point_of(name, cell).toPoint()


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_sum_that_is_written_comes_to_the_number_of_the_tape(loom, workspace, graph):
    text, leaves = GRAPHS[graph]
    section = loom(text, **leaves)
    for index, frame in enumerate(workspace.tape.frames):
        if not isinstance(frame, Compute | Send):
            continue
        workspace.seek(index + 1)
        section.show_moment()
        result = frame.value if isinstance(frame, Compute) else frame.share
        for cell in list(np.ndindex(result.shape))[:7]:
            section._choose(cell)
            section.grab()
            if not section.sum.text() or "more" in section.sum.text():
                continue
            with np.errstate(all="ignore"):
                left, right, size = evaluated(section.sum.text())
            np.testing.assert_allclose(right, result[cell], rtol=1e-3, atol=1e-12)
            if np.isfinite(result[cell]):
                assert left == pytest.approx(right, abs=2e-3 * max(size, abs(right)))


@pytest.mark.parametrize("graph", ["matmul", "einsum", "conv2d", "broadcast", "indexing", "reduced"])
def test_sums_hold_to_the_last_digit_before_they_are_rounded(graph):
    text, leaves = GRAPHS[graph]
    tape = run(parse(text, **leaves))
    whole = tape.at(len(tape.frames)).run
    told = 0
    for frame in tape.frames:
        if isinstance(frame, Compute | Send):
            result = frame.value if isinstance(frame, Compute) else frame.share
            for cell in list(np.ndindex(result.shape))[:20]:
                woven = weave(whole, frame, cell)
                if woven is not None and woven.is_sum:
                    told += 1
                    total = sum(np.prod([factor.number for factor in term]) for term in woven.terms)
                    np.testing.assert_allclose(total, result[cell], rtol=1e-12, atol=1e-12)
                    for term in woven.terms:
                        for factor in term:
                            if factor.name and factor.name != "g":
                                assert factor.number == tape.values[factor.node][factor.cell]
    assert told > 5


def test_in_a_product_of_matrices_the_transpose_lines_up_what_meets(loom, workspace):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    go_to(workspace, Send, "Y", "b")
    section.show_moment()
    section._choose((2, 1))
    as_it_is, turned, g, result = section.view.sheets
    assert [sheet.heading for sheet in section.view.sheets] == ["X 2×3", "Xᵀ 3×2", "g of Y 2×2", "to W 3×2"]
    assert as_it_is.name == turned.name == "a"
    np.testing.assert_array_equal(turned.part(turned.tensor), X.T)
    assert turned.y == result.y, "rows of the transpose are in line with those of the result"
    assert g.x == result.x, "columns of the gradient are in line with those of the result"
    assert as_it_is.y == g.y, "the rows that are added over are in line"
    assert section.sum.text() == "3 × (−2) + 6 × (−2) = −18"
    go_to(workspace, Send, "Y", "a")
    section.show_moment()
    assert [sheet.heading for sheet in section.view.sheets] == ["W 3×2", "g of Y 2×2", "Wᵀ 2×3", "to X 2×3"]


def test_the_mouse_on_a_cell_points_at_it_in_all_views(loom, workspace):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    go_to(workspace, Send, "Y", "b")
    section.show_moment()
    QTest.mouseMove(section.view)
    for name, cell, spot in (
        ("", (1, 1), Spot("W", "gradient", (1, 1))),
        ("a", (1, 1), Spot("X", "value", (1, 1))),
        ("g", (0, 1), Spot("Y", "gradient", (0, 1))),
    ):
        QTest.mouseMove(section.view, middle(section, name, cell))
        assert section._pointing.pointed.spot == spot
    QTest.mouseMove(section.view, middle(section, "", (0, 1)))
    assert section.head.text() == "Y.b to W[0, 1]"


def test_what_is_pointed_at_elsewhere_is_explained_here(loom, workspace):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    go_to(workspace, Compute, "Y")
    section.show_moment()
    section._pointing.point_at(Spot("Y", "value", (1, 0)))
    assert section.sum.text() == "4 × 1 + 5 × 0 + 6 × 1 = 10"
    section._pointing.point_at(None)
    assert section.sum.text() == "1 × 1 + 2 × 0 + 3 × 1 = 4"


def test_arrow_keys_choose_the_next_cell_and_stop_at_the_edge(loom, workspace):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    go_to(workspace, Compute, "Y")
    section.show_moment()
    section.view.setFocus()
    for key, cell in (
        (Qt.Key.Key_Left, (0, 0)),
        (Qt.Key.Key_Down, (1, 0)),
        (Qt.Key.Key_Right, (1, 1)),
        (Qt.Key.Key_Right, (1, 1)),
        (Qt.Key.Key_Up, (0, 1)),
    ):
        QTest.keyClick(section.view, key)
        assert section.cell == cell


def test_a_sum_writes_itself_term_by_term(loom, workspace, qtbot):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    workspace.settings.reduced_motion = False
    go_to(workspace, Compute, "Y")
    section.show_moment()
    seen = {section.sum.text()}
    assert section.sum.text() == "1 × 1 = …"
    while section._pen.isActive():
        QTest.qWait(20)
        seen.add(section.sum.text())
    assert seen == {"1 × 1 = …", "1 × 1 + 2 × 0 = …", "1 × 1 + 2 × 0 + 3 × 1 = 4"}


def test_of_large_tensors_the_neighbourhood_of_the_cell_is_shown_and_the_size_told(loom, workspace):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=RNG.normal(size=(64, 64)), W=RNG.normal(size=(64, 64)))
    go_to(workspace, Send, "Y", "b")
    section.show_moment()
    section._choose((40, 63))
    result = section.view.sheets[-1]
    assert result.rect_of((40, 63), 1.0, 1.0) is not None
    assert max(result.size) <= 8
    assert result.heading.startswith("to W 64×64 [")
    assert f"… ({64 - MOST_TERMS} more)" in section.sum.text()
    assert all(sheet.x + sheet.width(section.view._w) <= section.view.width() for sheet in section.view.sheets)


def test_where_broadcasting_is_undone_the_axis_is_named(loom, workspace):
    section = loom("Y = X + v; loss = sum(Y * Y)", X=X, v=np.ones(3))
    go_to(workspace, Send, "Y", "b")
    section.show_moment()
    assert section.sum.text() == "4 + 10 = 14"
    assert section.told.text().startswith("sum over axis 0")


def test_an_einsum_has_its_letters_at_the_axes(loom, workspace):
    section = loom("Y = einsum(X, W, equation='ij,kj->ki'); loss = sum(Y * Y)", X=X, W=np.ones((4, 3)))
    go_to(workspace, Compute, "Y")
    section.show_moment()
    labels = {sheet.title: sheet.labels for sheet in section.view.sheets}
    assert labels["Y"] == ("k", "i")


def test_there_is_nothing_to_tell_of_other_frames_and_of_stale_runs(loom, workspace, settle):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    workspace.seek(0)
    assert not section.has_something()
    section.show_moment()
    go_to(workspace, Compute, "Y")
    assert section.has_something()
    workspace.show_document(parse("y = exp(x)", x=np.ones(2)))
    assert not section.has_something()
    section.show_moment()
    settle()


def test_an_op_of_very_many_inputs_is_told_so_in_a_sentence(loom, workspace, load):
    document = Document()
    for number in range(150):
        document = add_leaf(document, f"x{number}", np.ones((1, 2)))
    document = add_node(document, "y", "concatenate", {"axis": 0}, [f"x{number}" for number in range(150)])
    section = loom("y = exp(x)", x=np.ones(2))
    load(document)
    go_to(workspace, Compute, "y")
    section.show_moment()
    assert section.told.text().startswith("y has 150 inputs")
    assert section.sum.text() == ""
    section.grab()


def test_what_is_too_large_to_be_taken_apart_is_told_so_and_still_shown(loom, workspace):
    section = loom("Y = X @ W; loss = sum(Y * Y)", X=np.ones((300, 300)), W=np.ones((300, 300)))
    go_to(workspace, Send, "Y", "b")
    section.show_moment()
    assert section.told.text().startswith("Y works on 270,000 numbers")
    assert section.sum.text() == ""
    assert [sheet.title for sheet in section.view.sheets] == ["to W"]
    section.grab()
