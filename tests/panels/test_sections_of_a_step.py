"""The sections of a step together: what is folded computes nothing, and no kind of frame or document upsets them."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel

from gradviz.engine import Clear, Update
from gradviz.formats import examples, load_example, parse
from gradviz.graph import add_target, remove, set_role, set_target, set_tensor, set_training
from gradviz.panels.chain_rule import ChainRulePanel
from gradviz.picture import THEMES, load_theme, ui_font
from gradviz.workspace import Pointing, Spot
from tests.panels.reading_back import number_of

OWN = ("ledger", "lens", "seed_dial", "kept", "forward_mode")
RNG = np.random.default_rng(3)
FIT = parse(
    "loss = mean((X @ w + b - t)**2)",
    X=RNG.normal(size=(8, 3)),
    w=RNG.normal(size=3),
    b=np.array(0.5),
    t=RNG.normal(size=8),
)
REGRESSION = set_training(
    set_role(set_role(FIT, "X", "input"), "t", "constant"),
    data=("X", "t"),
    batch=4,
    zeroes_gradients=True,
)


@pytest.fixture
def pointing(workspace):
    return Pointing(workspace)


@pytest.fixture
def panel(workspace, pointing, show):
    return show(ChainRulePanel(workspace, pointing), 340, 900)


@pytest.fixture
def open_all(panel):
    def open_all():
        for name in OWN:
            panel.sections[name].heading.setChecked(True)

    return open_all


def test_what_is_folded_computes_nothing(panel, load, settle):
    workspace = load(REGRESSION)
    for name in OWN:
        panel.sections[name].heading.setChecked(False)
    for index in range(workspace.length + 1):
        workspace.seek(index)
    settle()
    assert panel.sections["lens"].view.shown is None
    assert panel.sections["kept"].view.model.rows == ()
    assert panel.sections["forward_mode"].view.tangent.array is None
    assert panel.sections["ledger"].view.lines == []


def test_an_opened_section_shows_the_moment_at_once(panel, load, settle, open_all):
    workspace = load(REGRESSION)
    workspace.seek(workspace.length)
    workspace.select(["w"])
    open_all()
    settle()
    assert panel.sections["kept"].view.model.rows
    assert panel.sections["forward_mode"].view.tangent.array is not None
    assert panel.sections["ledger"].view.lines
    workspace.select(["loss"])
    settle()
    assert panel.sections["lens"].view.shown is not None


def test_a_step_of_training_goes_through_all_sections(panel, load, settle, open_all):
    workspace = load(REGRESSION)
    open_all()
    kinds = set()
    for index in range(workspace.length + 1):
        workspace.seek(index)
        settle()
        kinds.add(type(workspace.moment.latest))
    assert {Update, Clear} <= kinds
    forward = panel.sections["forward_mode"].view
    forward.leaf.textActivated.emit("b")
    settle()
    said = forward.equation.said.splitlines()
    assert said[1].endswith("✓")
    # of the rows of this step, not of all rows of the document
    assert number_of(said[0].rsplit(" = ", 1)[1]) == pytest.approx(float(workspace.tape.gradients["b"]), rel=1e-3)


@pytest.mark.parametrize("theme", [theme for theme in THEMES if theme != "light"])
def test_every_theme_draws_all_sections_anew(panel, load, settle, open_all, theme):
    workspace = load(REGRESSION)
    workspace.seek(workspace.length)
    workspace.select(["w"])
    open_all()
    settle()
    before = panel.widget().grab().toImage()
    workspace.set_theme(theme)
    QApplication.processEvents()
    assert panel.widget().grab().toImage() != before


@pytest.mark.parametrize("name", [entry.name for entry in examples()])
def test_every_example_goes_through_all_sections(panel, load, settle, open_all, name):
    workspace = load(load_example(name))
    open_all()
    for index, node in enumerate((*workspace.document.nodes, None)):
        workspace.seek(round(index / len(workspace.document.nodes) * workspace.length))
        workspace.select([] if node is None else [node])
    settle()
    assert not panel.widget().grab().isNull()


def test_several_targets_are_followed_together(panel, load, settle, open_all):
    document = parse("h = tanh(x); y = h * 2; z = sum(h * h)", x=np.array([0.1, 0.2]))
    workspace = load(add_target(set_target(document, "y"), "z"))
    workspace.seek(workspace.length)
    workspace.select(["x"])
    open_all()
    settle()
    view = panel.sections["forward_mode"].view
    assert view.equation.said.endswith("✓")
    assert "y 2 + z 1 = 3" in view.passes.said


def test_edits_undo_and_deletion_leave_no_trace(panel, load, settle, open_all, pointing):
    workspace = load(parse("L = sum((x * y + x)**2)", x=np.ones((2, 2)), y=np.ones((2, 2))))
    open_all()
    workspace.seek(workspace.length)
    workspace.select(["x"])
    pointing.point_at(Spot("x", "gradient", (1, 1)))
    workspace.edit("Change", set_tensor, "x", np.ones((3, 2)))
    settle()
    workspace.history.undo()
    settle()
    workspace.take_fresh()
    workspace.seek(workspace.length)
    workspace.edit("Remove", remove, ["x"])
    settle()
    workspace.history.undo()
    settle()
    workspace.edit("Remove", remove, [*workspace.document.nodes])
    settle()
    QApplication.processEvents()
    assert not any(panel.sections[name].isVisible() for name in OWN)


def test_closing_while_it_looks_is_no_trouble(panel, load, open_all):
    workspace = load(parse("L = sum(tanh(A @ B))", A=np.ones((40, 40)), B=np.ones((40, 40))))
    open_all()
    for index in range(workspace.length):
        workspace.seek(index)
    workspace.close()
    QApplication.processEvents()


@pytest.mark.parametrize("case", [("light", 13, 300), ("projector", 20, 340)])
def test_no_section_of_a_step_is_wider_than_its_panel(panel, load, settle, open_all, case):
    theme, size, width = case
    name = "a_very_long_name_of_a_weight_that_somebody_chose_with_care"
    workspace = load(parse(f"L = sum({name} * {name} + {name})", **{name: np.ones((3, 4))}))
    workspace.set_theme(theme)
    workspace.seek(workspace.length - 1)
    workspace.select([name])
    open_all()
    settle()
    for view in (panel.sections[each].view for each in OWN):
        font = ui_font(load_theme(theme))
        font.setPixelSize(size)
        view.setFont(font)
        QApplication.processEvents()
        assert view.minimumSizeHint().width() <= width - 20, view


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_sentences_break_long_names_instead_of_growing_wider(panel, load, open_all, theme):
    names = [f"a_very_long_name_of_a_weight_that_somebody_chose_with_care{end}" for end in ("", "_and_more", "x" * 40)]
    a, b, c = names
    workspace = load(parse(f"{c} = {a} * {b}", **{a: np.ones((3, 4)), b: np.ones(4)}))
    workspace.set_theme(theme)
    open_all()
    font = ui_font(load_theme(theme))
    views = [panel.sections[name].view for name in ("formula", "loom")]
    for index in range(workspace.length + 1):
        workspace.seek(index)
        for label in (label for view in views for label in view.findChildren(QLabel)):
            label.setFont(font)
            QApplication.processEvents()
            assert label.minimumSizeHint().width() <= 320, (index, label)
