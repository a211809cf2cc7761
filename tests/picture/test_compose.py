"""Whole pictures: nothing overlaps, nothing is cut, nothing is guessed, and stepping redraws only what changes."""

from pathlib import Path

import numpy as np
import pytest

from gradviz.engine import Send, run
from gradviz.formats import load as load_document
from gradviz.graph import (
    Document,
    OneHot,
    Place,
    Port,
    Tensor,
    add_leaf,
    add_node,
    check,
    move,
    rename,
    set_note,
    set_target,
    set_tensor,
)
from gradviz.picture import Box, Cells, Curve, Text, compose, compose_legend, load_theme
from gradviz.picture.theme import THEMES

EXAMPLES = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.gradviz"))
LIGHT = load_theme("light")
LONG = "a" + "b" * 199


def leaf(array, name="x", role="variable", place=(0, 0), document=None):
    return add_leaf(document or Document(), name, Tensor(np.asarray(array)), role=role, place=Place(*place))


def product():
    made = leaf(2.0, "s")
    made = leaf([[1.0, 2.0], [3.0, 4.0]], "T", place=(0, 300), document=made)
    made = add_node(made, "output", "multiply", sources=("s", "T"), place=Place(400, 100))
    return add_node(made, "loss", "sum", sources=("output",), place=Place(800, 100))


def texts(picture):
    return [item for item in picture.items if isinstance(item, Text)]


def words(picture):
    return [item.text for item in texts(picture)]


def ink(text):
    """The box that the letters of a text fill, without the room between lines."""
    x, _, w, _ = text.bounds
    middle = {"middle": text.y, "baseline": text.y - 0.35 * text.size, "top": text.y + 0.6 * text.size}[text.baseline]
    return x, middle - 0.42 * text.size, x + w, middle + 0.42 * text.size


def overlaps(picture):
    boxes = np.array([ink(text) for text in texts(picture)]).reshape(-1, 4)
    left, top, right, bottom = boxes.T
    hits = (left[:, None] < right - 0.5) & (left < right[:, None] - 0.5)
    hits &= (top[:, None] < bottom - 0.5) & (top < bottom[:, None] - 0.5)
    pairs = np.argwhere(np.triu(hits, 1))
    return [(texts(picture)[i].text, texts(picture)[j].text) for i, j in pairs]


def outside_cards(picture):
    """Texts of cards that leave their card, badges apart, which straddle a corner."""
    found = []
    for text in texts(picture):
        if text.node is None:
            continue
        x, y, w, h = picture.geometry.rect(text.node)
        left, top, right, bottom = ink(text)
        is_badge = text.anchor == "middle" and text.weight == "semibold" and abs(text.y - y) < 1
        if not is_badge and (left < x or right > x + w or top < y or bottom > y + h):
            found.append(text.text)
    return found


def test_the_check_for_overlaps_sees_them():
    made = leaf(2.0, "s")
    made = leaf(3.0, "t", place=(6, 4), document=made)
    assert overlaps(compose(made, None, LIGHT))


def check_picture(picture):
    assert overlaps(picture) == []
    assert outside_cards(picture) == []
    x, y, w, h = picture.bounds
    bounds = picture.item_bounds
    assert np.all(bounds[:, :2] >= [x, y])
    assert np.all(bounds[:, 2:] <= [x + w, y + h])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_text_of_an_example_overlaps_another_or_leaves_its_card(path, theme):
    document = load_document(path)
    tape = run(document)
    count = len(tape.frames)
    for index in {0, 1, count // 3, count // 2, 3 * count // 4, count}:
        check_picture(compose(document, tape.at(index), load_theme(theme), legend=True))
    check_picture(compose(document, None, load_theme(theme), legend=True))


@pytest.mark.parametrize(
    "array",
    [
        np.ones((3, 4, 5, 6)),
        np.ones((2, 2, 2)),
        np.ones((1, 1, 1, 1, 1)),
        np.zeros((0, 3)),
        np.zeros((2, 0, 2, 10_000)),
        np.array([np.nan, np.inf, -np.inf, -1.234e-300, 12345678.9, -0.00012345]),
        np.array(np.nan),
        np.array(-np.inf),
        np.array(-1.2345e-100),
        np.ones((1, 5000)),
        np.ones((5000, 1)),
        np.ones((1, 6)),
        np.ones((6, 1)),
        np.ones((4, 4)) * -0.00012345,
        np.ones((9, 8, 7, 6, 5)),
        np.ones((1,) * 60),
    ],
    ids=lambda array: str(array.shape),
)
@pytest.mark.parametrize("theme", THEMES)
def test_tensors_of_any_rank_size_and_content_fit_their_cards(array, theme):
    made = add_node(leaf(array), "y", "sin", sources=("x",), place=Place(600, 0))
    made = set_target(made, "y", OneHot(tuple(0 for _ in array.shape)) if array.size else None)
    tape = run(made)
    check_picture(compose(made, tape.at(len(tape.frames)), load_theme(theme), legend=True))


def test_names_and_notes_of_any_length_are_shortened_to_fit():
    made = rename(product(), "output", LONG)
    made = set_note(made, LONG, "Dampfschifffahrtsgesellschaftskapitän " * 20)
    made = set_note(made, "s", "W" * 400)
    tape = run(made)
    picture = compose(made, tape.at(len(tape.frames)), LIGHT, legend=True)
    check_picture(picture)
    assert any(text.startswith("ab") and text.endswith("…") for text in words(picture))


def test_a_moment_is_told_by_number_and_sentence():
    made = product()
    tape = run(made)
    picture = compose(made, tape.at(7), LIGHT, legend=True)
    assert f"step 7 of {len(tape.frames)}" in words(picture)
    assert tape.at(7).sentence in " ".join(words(picture))
    assert tape.at(7).sentence in picture.alt


def test_a_gradient_that_is_not_computed_is_a_dash_and_never_zero():
    made = product()
    picture = compose(made, run(made).at(2), LIGHT)
    cards = [text.text for text in texts(picture) if text.node == "s"]
    assert cards.count("–") == 1
    assert "0" not in cards


def test_no_path_and_zero_tell_their_reasons():
    made = leaf([-1.0, -2.0])
    made = leaf([1.0, 2.0], "c", role="constant", place=(0, 300), document=made)
    made = add_node(made, "r", "relu", sources=("x",), place=Place(400, 0))
    made = add_node(made, "p", "multiply", sources=("r", "c"), place=Place(800, 0))
    tape = run(made)
    told = words(compose(made, tape.at(len(tape.frames)), LIGHT))
    assert any(text.startswith("0: ") for text in told)
    assert "∅" in told
    assert "c is a constant" in told


def test_contributions_hang_on_their_wires_and_the_sum_so_far_is_at_the_node():
    made = leaf(3.0)
    made = add_node(made, "y", "multiply", sources=("x", "x"), place=Place(500, 0))
    tape = run(made)
    first = next(index for index, frame in enumerate(tape.frames) if isinstance(frame, Send)) + 1
    picture = compose(made, tape.at(first), LIGHT)
    assert "1 of 2 arrived · sum so far" in words(picture)
    assert [text.text for text in texts(picture) if text.port == Port("y", "a")] == ["scalar", "3"]
    assert [text.text for text in texts(picture) if text.port == Port("y", "b")] == ["scalar"]
    last = compose(made, tape.at(len(tape.frames)), LIGHT)
    assert "sum of 2 contributions" in words(last)
    assert "6" in [text.text for text in texts(last) if text.node == "x"]


def test_values_flow_solid_in_ink_and_gradients_dashed_in_purple():
    made = product()
    tape = run(made)
    for theme in map(load_theme, THEMES):
        curves = [item for item in compose(made, tape.at(len(tape.frames)), theme).items if isinstance(item, Curve)]
        wires = [curve for curve in curves if curve.port is not None and curve.head]
        assert {(curve.colour, bool(curve.dash)) for curve in wires} == {(theme.ink, False), (theme.gradient, True)}


def test_waiting_nodes_are_pale_and_done_ones_are_not():
    made = product()
    picture = compose(made, run(made).at(1), LIGHT)
    opacities = {node: {text.opacity for text in texts(picture) if text.node == node} for node in made.nodes}
    assert opacities["s"] == opacities["output"] == {1.0}
    assert LIGHT.waiting in opacities["loss"]


def test_the_active_step_wears_a_ring_and_its_number():
    made = product()
    picture = compose(made, run(made).at(2), LIGHT)
    rings = [item for item in picture.items if isinstance(item, Box) and item.stroke == LIGHT.active]
    assert [ring.node for ring in rings] == ["loss"]
    assert "2" in [text.text for text in texts(picture) if text.node == "loss"]
    calm = compose(made, run(made).at(2), LIGHT, active=False)
    assert not [item for item in calm.items if isinstance(item, Box) and LIGHT.active in (item.stroke, item.fill)]


def test_a_stale_sweep_is_dimmed_and_says_so():
    made = product()
    tape = run(made)
    edited = set_tensor(made, "T", Tensor(np.full((2, 2), 7.0)))
    moment = tape.at(len(tape.frames)).with_values(run(edited).values)
    picture = compose(edited, moment, LIGHT, stale=True, legend=True)
    assert "stale gradient" in words(picture)
    assert any("stale" in text for text in words(picture) if text != "stale gradient")
    assert "stale" in picture.alt
    assert "7" in words(picture)
    purple = [item for item in picture.items if isinstance(item, Curve) and item.colour == LIGHT.gradient and item.port]
    assert {curve.opacity for curve in purple} == {LIGHT.waiting}


def test_a_stale_sweep_of_another_shape_or_wire_is_not_shown():
    made = product()
    tape = run(made)
    edited = set_tensor(made, "T", Tensor(np.ones((3, 3))))
    edited = leaf(1.0, "new", place=(0, 700), document=edited)
    picture = compose(edited, tape.at(len(tape.frames)), LIGHT, stale=True)
    sent = [item for item in picture.items if isinstance(item, Curve) and item.port == Port("output", "b")]
    assert [curve.colour for curve in sent] == [LIGHT.ink]
    assert "–" in [text.text for text in texts(picture) if text.node == "T"]
    assert "–" in [text.text for text in texts(picture) if text.node == "new"]


def test_a_broken_node_says_why_and_the_rest_is_drawn():
    made = leaf([1.0, 2.0, 3.0], "a")
    made = leaf([1.0, 2.0, 3.0, 4.0], "b", place=(0, 300), document=made)
    made = add_node(made, "scale", "multiply", sources=("a", "b"), place=Place(500, 0))
    made = add_node(made, "next", "sin", sources=("scale",), place=Place(900, 0))
    made = add_node(made, "half", "add", sources=("a",), place=Place(500, 300))
    picture = compose(made, run(made).at(0), LIGHT, legend=True)
    told = " ".join(text.text for text in texts(picture) if text.node == "scale")
    assert "cannot broadcast" in told
    assert "✗" in told
    assert "?" in words(picture)
    assert any("b is open" in text.text for text in texts(picture) if text.node == "half")
    check_picture(picture)


def test_a_node_whose_rule_failed_on_its_values_says_why():
    made = leaf(np.zeros((2, 3)))
    made = leaf(np.array([0, 9]), "at", role="constant", place=(0, 300), document=made)
    made = add_node(made, "loss", "cross_entropy", sources=("x", "at"), place=Place(400, 0))
    tape = run(made)
    assert tape.problems
    picture = compose(made, tape.at(len(tape.frames)), LIGHT)
    told = [text for text in texts(picture) if text.node == "loss"]
    assert "✗" in [text.text for text in told]
    assert all(text.opacity == 1 for text in told)
    assert "there is no class 9 among 3" in " ".join(text.text for text in told)
    check_picture(picture)


def test_the_legend_explains_what_is_seen_and_nothing_else():
    made = leaf(2.0)
    made = add_node(made, "y", "square", sources=("x",), place=Place(400, 0))
    tape = run(made)
    first = words(compose(made, tape.at(0), LIGHT, legend=True))
    assert "gradient" not in [text for text in first if text not in words(compose(made, tape.at(0), LIGHT))]
    assert not any(text.startswith("values ") for text in first)
    last = words(compose_legend(made, tape.at(len(tape.frames)), LIGHT, 600.0))
    assert {"value", "gradient", "this step"} <= set(last)
    made = product()
    tape = run(made)
    last = words(compose_legend(made, tape.at(len(tape.frames)), LIGHT, 600.0))
    assert "values −8 … 8" in last
    assert "gradients −2 … 2" in last


def test_the_same_moment_gives_the_same_picture():
    made = product()
    tape = run(made)
    first, again = (compose(made, tape.at(5), LIGHT, legend=True) for _ in range(2))
    assert first.alt == again.alt
    assert first.bounds == again.bounds
    assert [drawn(item) for item in first.items] == [drawn(item) for item in again.items]


def test_stepping_redraws_only_what_changes():
    made = product()
    tape = run(made)
    before, after = compose(made, tape.at(6), LIGHT), compose(made, tape.at(7), LIGHT)
    kept = {id(item) for item in before.items} & {id(item) for item in after.items}
    calm = [item for item in after.items if item.node == "T"]
    assert calm
    assert all(id(item) in kept for item in calm)
    assert len(kept) < len(after.items)


def test_stepping_back_shows_exactly_what_was_there():
    made = product()
    tape = run(made)
    seen = [compose(made, tape.at(index), LIGHT).items for index in range(len(tape.frames) + 1)]
    for index in reversed(range(len(tape.frames) + 1)):
        again = compose(made, tape.at(index), LIGHT).items
        assert [drawn(item) for item in again] == [drawn(item) for item in seen[index]]


def drawn(item):
    """What can be compared of an item: the colours of cells are an array."""
    if isinstance(item, Cells):
        return item.x, item.y, item.w, item.h, item.opacity, item.colours.tobytes()
    return item


def test_moved_nodes_take_their_wires_along():
    made = product()
    tape = run(made)
    compose(made, tape.at(3), LIGHT)
    moved = move(made, {"loss": Place(1000, 500)})
    picture = compose(moved, tape.at(3), LIGHT)
    assert picture.geometry.rect("loss")[:2] == (1000, 500)
    assert outside_cards(picture) == []


def test_selected_nodes_are_outlined():
    made = product()
    picture = compose(made, None, LIGHT, selection={"T"})
    outlined = [item.node for item in picture.items if isinstance(item, Box) and item.stroke == LIGHT.selection]
    assert outlined == ["T"]


def test_a_transparent_picture_has_no_background():
    made = product()
    assert compose(made, None, LIGHT, transparent=True).background is None
    assert compose(made, None, LIGHT).background == LIGHT.background


def test_an_empty_document_is_a_picture_too():
    picture = compose(Document(), None, LIGHT, legend=True)
    assert picture.items == ()
    assert "empty" in picture.alt


def test_every_node_has_a_label_for_those_who_cannot_see_it():
    made = product()
    tape = run(made)
    labels = compose(made, tape.at(len(tape.frames)), LIGHT).labels
    assert labels["s"] == "variable s, scalar; value 2; gradient 10"
    assert labels["T"].startswith("variable T, 2×2; value [[1, 2, 3, 4]]; gradient [[2, 2, 2, 2]]")
    assert set(labels) == set(made.nodes)


def test_texts_are_large_enough_for_a_projector():
    made = product()
    tape = run(made)
    picture = compose(made, tape.at(len(tape.frames)), load_theme("projector"), legend=True)
    assert min(text.size for text in texts(picture)) >= 18


def test_a_report_may_be_handed_over():
    made = product()
    report = check(made.computation)
    assert compose(made, None, LIGHT, report=report).bounds == compose(made, None, LIGHT).bounds
