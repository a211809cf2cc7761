"""The legend explains every mark that is seen, and only those; the caption is read to its end."""

import numpy as np
import pytest

from gradviz.engine import Send, run
from gradviz.graph import Document, Place, Tensor, add_leaf, add_node, check
from gradviz.picture import Box, Text, compose, compose_legend, load_theme
from gradviz.picture.legend import entries
from gradviz.picture.scales import Scales
from gradviz.picture.visible import Visible

LIGHT = load_theme("light")


def leaf(array, name="x", role="variable", document=None):
    return add_leaf(document or Document(), name, Tensor(np.asarray(array)), role=role, place=Place(0, 0))


def legend(document, index=None, **keywords):
    """The words of the legend at a moment, the last by default."""
    tape = run(document)
    moment = tape.at(len(tape.frames) if index is None else index)
    return [item.text for item in compose_legend(document, moment, LIGHT, 900.0, **keywords).items if is_text(item)]


def is_text(item):
    return isinstance(item, Text)


def squared(array, op="square"):
    return add_node(leaf(array), "y", op, sources=("x",), place=Place(400, 0))


def test_what_is_not_computed_is_explained_from_the_start():
    assert "not computed" in legend(squared(2.0), 0)
    assert "not computed" not in legend(squared(2.0))
    picture = compose_legend(squared(2.0), None, LIGHT, 600.0)
    assert "not computed" in [item.text for item in picture.items if is_text(item)]


def test_contributions_are_explained_once_there_are_some():
    made = squared(2.0)
    first = next(index for index, frame in enumerate(run(made).frames, 1) if isinstance(frame, Send))
    assert "contribution of one wire" not in legend(made, first - 1)
    assert "contribution of one wire" in legend(made, first)


def test_a_sum_that_waits_for_more_is_explained():
    made = add_node(leaf(2.0), "y", "multiply", sources=("x", "x"), place=Place(400, 0))
    first = next(index for index, frame in enumerate(run(made).frames, 1) if isinstance(frame, Send))
    assert "sum so far" in legend(made, first)
    assert "sum so far" not in legend(made)


def test_ends_and_cuts_are_told_apart():
    made = add_node(leaf(2.0), "held", "stop_gradient", sources=("x",), place=Place(300, 0))
    made = add_node(made, "y", "multiply", sources=("x", "held"), place=Place(600, 0))
    assert "cut on purpose" in legend(made)
    assert "nothing is sent" not in legend(made)
    made = leaf(3.0, "c", "constant", document=leaf(2.0))
    made = add_node(made, "y", "multiply", sources=("x", "c"), place=Place(600, 0))
    assert "nothing is sent" in legend(made)
    assert "cut on purpose" not in legend(made)


@pytest.mark.parametrize(("value", "word"), [(np.nan, "not a number"), (1e6, "beyond the scale")])
def test_strange_numbers_are_explained(value, word):
    array = np.ones((8, 8))
    assert word not in legend(squared(array, "negative"))
    array[3, 4] = value
    assert word in legend(squared(array, "negative"))


def test_the_legend_of_a_part_explains_that_part():
    made = leaf(3.0, "c", "constant", document=leaf(2.0))
    made = add_node(made, "y", "multiply", sources=("x", "c"), place=Place(600, 0))
    assert "no path" in legend(made)
    assert "no path" not in legend(made, nodes={"x", "y"})
    assert "value" not in legend(made, nodes={"x"})


def test_a_node_that_cannot_be_computed_is_a_problem_and_nothing_unknown():
    made = leaf(np.ones(4), "w", document=leaf(np.ones(3)))
    made = add_node(made, "y", "multiply", sources=("x", "w"), place=Place(600, 0))
    picture = compose_legend(made, None, LIGHT, 900.0, nodes={"y"})
    assert [item.text for item in picture.items if is_text(item)] == ["✗", "problem"]
    assert not check(made.computation).shapes.get("y")


def test_a_long_name_leaves_room_for_the_sentence():
    name = "q" * 200
    made = add_node(leaf(2.0, name), "y", "square", sources=(name,), place=Place(400, 0))
    tape = run(made)
    told = [item.text for item in compose_legend(made, tape.at(len(tape.frames)), LIGHT, 900.0).items if is_text(item)]
    assert told[1].startswith("qqq")
    assert told[1].endswith("its gradient is 4")


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_every_entry_is_drawn_within_its_width(theme):
    flags = {name: True for name in Visible.__dataclass_fields__ if name != "scales"}
    visible = Visible(Scales(1234.0, 1.5e-7), **flags)
    assert len(entries(visible)) == 17
    assert len({entry.text for entry in entries(visible)}) == 17
    made = squared([1.0, 2.0])
    tape = run(made)
    picture = compose(made, tape.at(3), load_theme(theme), legend=True)
    x, y, w, h = picture.bounds
    low, high = picture.item_bounds[:, :2].min(axis=0), picture.item_bounds[:, 2:].max(axis=0)
    assert (low >= (x, y)).all()
    assert (high <= (x + w, y + h)).all()
    assert any(isinstance(item, Box) and item.stroke == load_theme(theme).active for item in picture.items)
