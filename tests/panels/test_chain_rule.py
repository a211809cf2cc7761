"""The chain-rule panel: the formula of the step, whose terms are links; sections that fold and compute nothing then."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from gradviz.engine import Blocked, Send
from gradviz.formats import parse
from gradviz.graph import remove
from gradviz.panels import ChainRulePanel
from gradviz.workspace import Pointing, Spot


@pytest.fixture
def pointing(workspace):
    """What is pointed at in the workspace."""
    return Pointing(workspace)


@pytest.fixture
def panel(workspace, pointing, show):
    """The chain-rule panel, shown."""
    return show(ChainRulePanel(workspace, pointing))


@pytest.fixture
def matmul(load, panel):
    """The workspace on loss = sum(x @ W), at the moment when W has got its contribution."""
    arrays = {"x": np.array([[1.0, 2.0], [3.0, -1.0]]), "W": np.array([[0.5, -2.0], [4.0, 1.0]])}
    workspace = load(parse("loss = sum(x @ W)", **arrays))
    seek(workspace, lambda frame: isinstance(frame, Send) and frame.source == "W")
    return workspace


def seek(workspace, wanted):
    at = next(number for number, frame in enumerate(workspace.tape.frames) if wanted(frame))
    workspace.seek(at + 1)


def term(panel, node, number=0):
    """Return the place of a term in the lines, and which it is."""
    found = [(term, rect) for term, rect in panel.formula.lines.terms() if term.node == node]
    return found[number]


def point(qtbot, panel, node, number=0):
    _, rect = term(panel, node, number)
    lines = panel.formula.lines
    qtbot.mouseMove(lines, QPoint(1, lines.height() - 1))
    qtbot.mouseMove(lines, rect.center().toPoint())


def test_the_rule_of_the_step_is_there_as_text_for_whoever_cannot_see_it(matmul, panel):
    assert panel.formula.lines.accessibleName().splitlines() == [
        "∂loss/∂W = xᵀ · ∂loss/∂matmul1",
        "(2×2) = (2×2)ᵀ · (2×2)",
        "at [0, 0]: 1 × 1 + 3 × 1 = 4",
    ]
    assert panel.formula.sentence.text() == matmul.moment.sentence
    assert panel.formula.program.text().replace("\u200b", "") == "W_grad = x.T @ matmul1_grad"


def test_stepping_shows_the_next_rule(matmul, panel):
    before = panel.formula.lines.text
    matmul.seek(1)
    assert panel.formula.lines.text != before
    assert panel.formula.lines.text.startswith("matmul1 = x · W")


def test_pointing_at_a_term_points_at_its_tensor_in_all_views(matmul, panel, pointing, qtbot):
    point(qtbot, panel, "x")
    assert pointing.pointed.spot == Spot("x", "value", (0, 0))
    point(qtbot, panel, "matmul1")
    assert pointing.pointed.spot == Spot("matmul1", "gradient", (0, 0))


def test_pointing_at_a_number_points_at_its_cell(matmul, panel, pointing, qtbot):
    point(qtbot, panel, "x", 3)
    assert pointing.pointed.spot == Spot("x", "value", (1, 0))


def test_beside_the_terms_nothing_is_pointed_at(matmul, panel, pointing, qtbot):
    point(qtbot, panel, "x")
    qtbot.mouseMove(panel.formula.lines, QPoint(panel.formula.lines.width() - 2, 2))
    assert pointing.pointed is None


def test_a_click_on_a_term_selects_its_node_and_brings_it_into_view(matmul, panel, qtbot):
    revealed = []
    matmul.reveal_wanted.connect(revealed.append)
    _, rect = term(panel, "x")
    qtbot.mouseClick(panel.formula.lines, Qt.MouseButton.LeftButton, pos=rect.center().toPoint())
    assert matmul.selection == {"x"}
    assert revealed == ["x"]


def test_the_keys_go_from_term_to_term(matmul, panel, pointing, qtbot):
    lines = panel.formula.lines
    lines.setFocus(Qt.FocusReason.TabFocusReason)
    assert pointing.pointed.spot.node == "W"
    qtbot.keyClick(lines, Qt.Key.Key_Right)
    assert pointing.pointed.spot.node == "x"
    assert lines.accessibleDescription() == "the value of x"
    qtbot.keyClick(lines, Qt.Key.Key_Return)
    assert matmul.selection == {"x"}
    qtbot.keyClick(lines, Qt.Key.Key_Left)
    qtbot.keyClick(lines, Qt.Key.Key_Left)
    assert pointing.pointed.spot == Spot("W", "gradient", (0, 0))


def test_another_cell_that_is_pointed_at_is_told_and_stays(matmul, panel, pointing):
    pointing.point_at(Spot("W", "gradient", (1, 1)))
    assert "at [1, 1]: 2 × 1 + (−1) × 1 = 1" in panel.formula.lines.text
    pointing.point_at(Spot("x", "value", (0, 1)))
    assert "at [1, 1]: 2 × 1 + (−1) × 1 = 1" in panel.formula.lines.text
    pointing.point_at(None)
    assert "at [1, 1]" in panel.formula.lines.text


def test_the_formula_is_copied_as_latex(matmul, panel, told, qtbot):
    qtbot.mouseClick(panel.formula.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("\\begin{gathered}\n\\frac{\\partial \\mathit{loss}}{\\partial W} = x^{\\top} \\cdot ")
    assert copied.count(r"\\") == 2
    assert "term" not in copied
    assert told == ["The formula is on the clipboard, as LaTeX."]


def test_latex_is_copied_from_a_panel_that_was_never_seen(load, workspace, pointing, qtbot):
    load(parse("y = x * 2.0", x=np.array(3.0)))
    panel = ChainRulePanel(workspace, pointing)
    qtbot.addWidget(panel)
    workspace.seek(1)
    panel.copy_latex()
    assert QGuiApplication.clipboard().text() == (
        "\\begin{gathered}\ny = x \\times c_{1} \\\\\n3 \\times 2 = 6\n\\end{gathered}"
    )


def test_without_a_run_there_is_a_sentence_and_no_formula(panel):
    assert panel.formula.sentence.text() == "Nothing is computed yet."
    assert not panel.formula.lines.isVisible()
    panel.copy_latex()


def test_at_the_start_it_says_what_to_do(matmul, panel):
    matmul.seek(0)
    assert "step forward" in panel.formula.sentence.text()
    assert not panel.formula.lines.isVisible()


def test_a_stale_run_is_not_explained(matmul, panel):
    matmul.edit("Delete", remove, ["W"])
    assert matmul.is_stale
    assert "has changed" in panel.formula.sentence.text()
    assert not panel.formula.lines.isVisible()


def test_a_node_that_goes_while_it_is_pointed_at_takes_its_pointing_along(matmul, panel, pointing, settle, qtbot):
    point(qtbot, panel, "x")
    matmul.edit("Delete", remove, ["x"])
    settle()
    assert pointing.pointed is None
    qtbot.keyClick(panel.formula.lines, Qt.Key.Key_Right)
    qtbot.mouseMove(panel.formula.lines, QPoint(5, 5))


def test_nothing_sent_looks_unlike_zero(load, panel):
    workspace = load(parse("y = 3.0 * relu(x)", x=np.array(-2.0)))
    seek(workspace, lambda frame: isinstance(frame, Blocked))
    assert panel.formula.note.text() == "∅  nothing is sent: c1 is a constant"
    assert not panel.formula.lines.isVisible()
    seek(workspace, lambda frame: isinstance(frame, Send) and frame.source == "x")
    assert panel.formula.note.text() == "zero: the input is not above zero"
    assert panel.formula.lines.text.endswith("3 × [−2 > 0] = 0")


def test_a_folded_section_computes_nothing_until_it_is_opened(matmul, panel, qtbot):
    section = panel.sections["formula"]
    qtbot.mouseClick(section.heading, Qt.MouseButton.LeftButton, pos=QPoint(20, 8))
    assert not panel.formula.isVisible()
    before = panel.formula.lines.text
    matmul.seek(1)
    assert panel.formula.lines.text == before
    qtbot.keyClick(section.heading, Qt.Key.Key_Space)
    assert panel.formula.lines.text.startswith("matmul1 = ")


def test_a_panel_out_of_sight_computes_nothing(matmul, panel):
    panel.hide()
    before = panel.formula.lines.text
    matmul.seek(1)
    assert panel.formula.lines.text == before
    panel.show()
    assert panel.formula.lines.text.startswith("matmul1 = ")


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_a_long_formula_is_broken_and_not_cut_off(load, panel, theme, qtbot):
    names = [f"a_rather_long_name_{letter}" for letter in "abcdef"]
    workspace = load(parse(f"the_loss = sum({' * '.join(names)})", **{name: np.ones((2, 3)) for name in names}))
    workspace.set_theme(theme)
    for at in range(workspace.length + 1):
        workspace.seek(at)
        qtbot.wait(1)
        lines = panel.formula.lines
        for _, rect in lines.terms():
            assert rect.left() >= 0
            assert rect.right() <= lines.width() + 1
            assert rect.bottom() <= lines.height()
    workspace.set_theme("light")


def test_tensors_of_all_kinds_have_a_rule(load, panel):
    for document in (
        parse("loss = sum(x * w)", x=np.zeros((0, 3)), w=np.ones(3)),
        parse("loss = sum(log(x) * w)", x=np.array([np.nan, np.inf, -1.0]), w=np.ones(3)),
        parse("loss = mean(x * w)", x=np.ones((2, 1, 3, 4)), w=np.ones((5, 1, 4))),
        parse("损失 = sum(λ_ * δ)", λ_=np.ones(3), δ=np.ones(3)),
    ):
        workspace = load(document)
        for at in range(workspace.length + 1):
            workspace.seek(at)
            assert panel.formula.sentence.text()
        assert panel.formula.rule is not None
