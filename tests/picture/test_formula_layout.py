"""Typeset mathematics: terms have rectangles, nothing is left out, and what is too wide is broken before operators."""

import numpy as np
import pytest

from gradviz.ops import OPS, formula
from gradviz.picture import Curve, Text, lay_out

INK, PURPLE = "#000000", "#B50FE7"


def texts(made):
    return [item.text for item in made.items if isinstance(item, Text)]


def words(made):
    return "".join(texts(made)).replace(" ", "")


def test_a_fraction_has_its_parts_above_and_below_its_bar():
    made = lay_out(r"\frac{a}{b}", 20, INK)
    above, below = (next(item for item in made.items if isinstance(item, Text) and item.text == name) for name in "ab")
    (bar,) = (item for item in made.items if isinstance(item, Curve))
    assert above.y < bar.points[0][1] < below.y
    assert made.height > 30


def test_an_exponent_is_smaller_and_higher_and_an_index_lower():
    made = lay_out(r"x^{2} + y_{1}", 20, INK)
    by_text = {item.text: item for item in made.items if isinstance(item, Text)}
    assert by_text["2"].size < by_text["x"].size
    assert by_text["2"].y < by_text["x"].y
    assert by_text["1"].y > by_text["y"].y


def test_every_term_has_its_rectangle_and_its_colour():
    made = lay_out(r"\term{a}{x} \times \term{g}{\frac{\partial y}{\partial x}} + \term{a}{x}", 16, INK, {"g": PURPLE})
    assert [key for key, _ in made.terms] == ["a", "g", "a"]
    for _, (x, y, w, h) in made.terms:
        assert w > 0 < h
        assert x >= 0 <= y
        assert x + w <= made.width + 1e-6
        assert y + h <= made.height + 1e-6
    first, middle, last = (rect for _, rect in made.terms)
    assert first[0] + first[2] < middle[0]
    assert middle[0] + middle[2] < last[0]
    purple = [item.text for item in made.items if isinstance(item, Text) and item.colour == PURPLE]
    assert purple == ["∂", "y", "∂", "x"]


def test_fences_grow_with_what_they_hold():
    low, high = lay_out(r"\left(x\right)", 16, INK), lay_out(r"\left(\frac{x}{y}\right)", 16, INK)
    assert "(" in texts(low)
    assert "(" not in texts(high)
    assert max(item.bounds[3] for item in high.items if isinstance(item, Curve)) > 20


@pytest.mark.parametrize("room", [200, 160, 90])
def test_what_is_too_wide_is_broken_and_nothing_is_left_out(room):
    latex = r"a + \left(\term{b}{bbbbbb} - \frac{cccccccc + dddddddddd}{\sqrt{eeeeee \times ffffff}}\right) \times gggg"
    whole, broken = lay_out(latex, 16, INK), lay_out(latex, 16, INK, None, room)
    assert broken.width <= max(room, 165) < whole.width  # the widest part that has no operator
    assert set(words(whole)) <= set(words(broken)) | set("()")
    for letter in "abcdefg":
        assert words(broken).count(letter) == words(whole).count(letter)
    assert [key for key, _ in broken.terms] == ["b"]


def test_items_stay_within_the_formula():
    latex = r"y = \begin{cases} x & \text{if } x > 0 \\ \frac{1}{2} & \text{otherwise} \end{cases}^{2} + \sum_{0} x"
    made = lay_out(latex, 18, INK)
    for item in made.items:
        x, y, w, h = item.bounds
        assert x >= -2
        assert x + w <= made.width + 3
        assert y >= -4
        assert y + h <= made.height + 4


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])
def test_every_rule_of_the_catalogue_is_laid_out_without_a_backslash(op):
    for sample in op.samples[:3]:
        inputs = sample.inputs(np.random.default_rng(0))
        kinds = [x.shape for x in inputs], [x.dtype for x in inputs]
        params = op.read_params(sample.params)
        ports = [port for port in op.ports(len(inputs))[: len(inputs)] if op.rule_for(port) is not None]
        rules = [formula.vjp_formula(op, port, *kinds, params) for port in ports[:2]]
        for rule in [formula.forward_formula(op, *kinds, params), *rules]:
            for room in (1e9, 200):
                made = lay_out(formula.latex(rule), 15, INK, None, room)
                assert made.items
                assert not any("\\" in text or "{" in text for text in texts(made)), texts(made)


@pytest.mark.parametrize("latex", ["", "}", r"\frac{a", r"\left(", r"\term{", r"\begin{cases}", "x^", r"\sqrt[", "\\"])
def test_broken_mathematics_breaks_nothing(latex):
    assert lay_out(latex, 15, INK).width >= 0


def test_names_of_any_script_are_drawn_as_they_are():
    made = lay_out(r"\mathit{偏差} + \lambda_{1} + \mathit{a\_b}", 15, INK)
    assert {"偏差", "λ", "1", "a_b"} <= set(texts(made))
