"""Cards: what stands on them is seen whole, and only what is there has the colour of gradients."""

from pathlib import Path

import numpy as np
import pytest

from gradviz.engine import run
from gradviz.formats import load as load_document
from gradviz.graph import Document, Place, Tensor, add_leaf, add_node, check, set_note, set_seed, set_target
from gradviz.picture import Box, Text, compose, load_theme
from gradviz.picture.geometry import geometry_of
from gradviz.picture.reasons import in_short, longest_lines
from gradviz.picture.tensor_layout import stretched, tensor_layout
from gradviz.picture.theme import THEMES

EXAMPLES = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.gradviz"))
LIGHT = load_theme("light")


def leaf(array, name="x", role="variable", document=None):
    return add_leaf(document or Document(), name, Tensor(np.asarray(array)), role=role, place=Place(0, 0))


def texts(picture, node):
    return [item.text for item in picture.items if isinstance(item, Text) and item.node == node]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_on_the_cards_of_an_example_is_cut_off(path, theme):
    document = load_document(path)
    tape = run(document)
    for index in range(len(tape.frames) + 1):
        picture = compose(document, tape.at(index), load_theme(theme))
        cut = [item.text for item in picture.items if isinstance(item, Text) and "…" in item.text]
        assert cut == []


@pytest.mark.parametrize(
    ("op", "value", "reason"),
    [
        ("relu", -2.0, "0: the input is not above zero"),
        ("abs", 0.0, "0: the input is zero, where the slope is taken to be 0"),
        ("sign", 3.0, "0: the sign does not change when its input changes a little"),
    ],
)
def test_a_zero_carries_its_whole_reason(op, value, reason):
    made = add_node(leaf(value), "y", op, sources=("x",), place=Place(400, 0))
    tape = run(made)
    picture = compose(made, tape.at(len(tape.frames)), LIGHT)
    assert reason in " ".join(texts(picture, "x"))


@pytest.mark.parametrize(
    ("reason", "short"),
    [
        ("what arrives at add1 is zero; the factor c is zero", "add1 gets zero; the factor c is zero"),
        ("what arrives at größe is zero", "größe gets zero"),
        ("its sum over axes 0 and 1 cancels", "cancels over axes 0 and 1"),
        (
            "y depends on variables and inputs only through s, and stop lets nothing through",
            "stop lets nothing through",
        ),
        ("not the maximum", "not the maximum"),
        ("", ""),
    ],
)
def test_reasons_are_short_on_cards(reason, short):
    assert in_short(reason) == short


def test_the_reasons_of_a_run_that_have_a_short_form_are_shortened():
    made = add_node(leaf(2.0), "held", "stop_gradient", sources=("x",), place=Place(400, 0))
    made = add_node(made, "twice", "add", sources=("held", "held"), place=Place(600, 0))
    made = add_node(made, "y", "multiply", sources=("twice", "x"), place=Place(800, 0))
    tape = run(made)
    assert "stop_gradient lets nothing through" in " ".join(
        texts(compose(made, tape.at(len(tape.frames)), LIGHT), "twice")
    )
    made = leaf([[1.0, -1.0]], "m", document=leaf(2.0))
    made = add_node(made, "y", "multiply", sources=("x", "m"), place=Place(400, 0))
    made = add_node(made, "loss", "sum", sources=("y",), place=Place(800, 0))
    tape = run(made)
    assert "0: cancels over axes 0 and 1" in texts(compose(made, tape.at(len(tape.frames)), LIGHT), "x")
    made = add_node(leaf(2.0), "y", "square", sources=("x",), place=Place(400, 0))
    made = add_node(made, "loss", "sign", sources=("y",), place=Place(800, 0))
    tape = run(made)
    assert "0: y gets zero" in texts(compose(made, tape.at(len(tape.frames)), LIGHT), "x")


def test_a_tensor_without_a_gradient_says_so_in_full():
    made = leaf([True, False], "mask", role="constant", document=leaf([1.0, 2.0]))
    made = add_node(made, "y", "multiply", sources=("x", "mask"), place=Place(400, 0))
    tape = run(set_target(made, "y"))
    picture = compose(made, tape.at(len(tape.frames)), LIGHT)
    assert "boolean tensors have no gradient" in " ".join(texts(picture, "mask"))


def test_room_below_the_chips_is_left_where_something_may_come_to_stand():
    made = add_node(leaf(2.0), "y", "square", sources=("x",), place=Place(400, 0))
    made = add_node(made, "loss", "negative", sources=("y",), place=Place(800, 0))
    lines = longest_lines(made.computation, check(made.computation))
    assert lines["loss"] == ""
    assert lines["y"] == "0: loss gets zero"
    seeded = set_seed(made, "loss", Tensor(np.array(0.0)))
    assert longest_lines(seeded.computation, check(seeded.computation))["loss"]
    rows = dict(zip("xyz", geometry_of(made, check(made.computation), LIGHT).layouts, strict=True))
    assert rows["z"].footer_lines == 0 < rows["y"].footer_lines
    assert rows["z"].h - rows["z"].target[3] < rows["y"].h


@pytest.mark.parametrize("role", ["constant", "variable"])
def test_a_target_without_a_variable_says_why_it_has_no_gradient(role):
    made = add_node(leaf([1.0, 2.0], role=role), "loss", "sum", sources=("x",), place=Place(400, 0))
    tape = run(made)
    told = texts(compose(made, tape.at(len(tape.frames)), LIGHT), "loss")
    assert ("loss depends on no variable or input" in " ".join(told)) == (role == "constant")


def test_all_open_inputs_of_a_node_are_named():
    made = add_node(Document(), "c", "conv2d", sources=(), place=Place(0, 0))
    picture = compose(made, None, LIGHT)
    assert "the inputs x and w are open" in texts(picture, "c")
    assert "the inputs x and w are open" in picture.labels["c"]


def test_a_long_error_is_told_in_more_lines():
    made = leaf(np.ones((2, 3)), document=leaf(np.ones((4, 5)), "w"))
    made = add_node(made, "h", "matmul", sources=("x", "w"), place=Place(400, 0))
    told = " ".join(texts(compose(made, None, LIGHT), "h"))
    assert check(made.computation).problems[0].sentence.removeprefix('matmul "h": ') in told


def test_only_a_gradient_that_is_there_has_its_colour():
    made = add_node(leaf([1.0, 2.0]), "y", "sum", sources=("x",), place=Place(400, 0))
    tape = run(made)
    for index in range(len(tape.frames) + 1):
        moment = tape.at(index)
        picture = compose(made, moment, LIGHT, active=False)
        for node in made.nodes:
            own = [item for item in picture.items if item.node == node and getattr(item, "port", None) is None]
            outlined = any(isinstance(item, Box) and item.stroke == LIGHT.gradient for item in own)
            headings = [item.colour for item in own if isinstance(item, Text) and item.text == "gradient"]
            headed = headings == [LIGHT.gradient]
            is_there = moment.gradient(node).array is not None or moment.running_total(node) is not None
            assert outlined == headed == is_there


def test_a_target_and_its_seed_are_marked_below_the_title():
    made = add_node(leaf([1.0, 2.0]), "y", "sum", sources=("x",), place=Place(400, 0))
    picture = compose(made, None, LIGHT)
    assert {"◎ target", "seed: ones"} <= set(texts(picture, "y"))
    assert "◎ target" not in texts(picture, "x")
    layout = picture.geometry.layout("y")
    assert layout.target[1] == layout.title_bar[3]


def test_cells_fill_the_width_of_their_card_and_heatmaps_keep_their_form():
    cells, heatmap = tensor_layout((2, 2), LIGHT), tensor_layout((64, 64), LIGHT)
    assert stretched(cells, 160).w == 160
    assert stretched(cells, 160).sheet_w == 160
    assert stretched(cells, 10_000).w < 2 * cells.w
    assert stretched(heatmap, 300) is heatmap


def test_a_note_is_read_to_its_end():
    note = "x is used three times: each use sends a contribution, and the gradient is the sum of all of them. " * 2
    made = set_note(leaf(2.0), "x", note.strip())
    assert note.strip() in " ".join(texts(compose(made, None, LIGHT), "x"))
