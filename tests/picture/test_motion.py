"""What moves while a frame happens: four stops of a gradient, and one motion for every other frame."""

from pathlib import Path

import numpy as np
import pytest

from gradviz.engine import Blocked, Compute, Seed, Send, Settle, run
from gradviz.formats import load as load_document
from gradviz.graph import Document, Place, Port, Tensor, add_leaf, add_node, remove, rename
from gradviz.picture import STOPS, Box, Cells, Curve, Text, compose, compose_motion, eased, load_theme
from gradviz.picture.collapse import collapsed_size, directions
from gradviz.picture.rules import rule_text
from gradviz.picture.tensor_layout import travelling_layout
from gradviz.picture.tensors import layout_on_the_way

EXAMPLES = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.gradviz"))
LIGHT = load_theme("light")


def leaf(array, name="x", role="variable", place=(0, 0), document=None):
    return add_leaf(document or Document(), name, Tensor(np.asarray(array)), role=role, place=Place(*place))


def scaled():
    """loss = sum(s * T): the gradient of s is summed over both axes."""
    made = leaf(2.0, "s")
    made = leaf([[1.0, 2.0], [3.0, 4.0]], "T", place=(0, 300), document=made)
    made = add_node(made, "output", "multiply", sources=("s", "T"), place=Place(400, 100))
    return add_node(made, "loss", "sum", sources=("output",), place=Place(800, 100))


def moment_of(document, kind, number=0):
    tape = run(document)
    found = [index for index, frame in enumerate(tape.frames) if isinstance(frame, kind)]
    return tape.at(found[number] + 1)


def words(picture):
    return [item.text for item in picture.items if isinstance(item, Text)]


def middle(item):
    x, y, w, h = item.bounds
    return np.array([x + w / 2, y + h / 2])


def test_a_gradient_has_four_stops():
    made = scaled()
    moment = moment_of(made, Send, 1)
    first, second, third, last = (words(compose_motion(made, moment, LIGHT, stop)) for stop in STOPS)
    assert first == [str(moment.index)]
    assert {"to s:", "g × T"} <= set(second)
    assert {"sum over axes 0 and 1", "10", "scalar"} <= set(third)
    assert "10" in last


def test_the_rule_stands_with_its_numbers_where_all_are_single():
    made = leaf(3.0)
    made = leaf(-2.0, "w", place=(0, 300), document=made)
    made = add_node(made, "y", "multiply", sources=("x", "w"), place=Place(400, 0))
    assert "3 × (−2) = −6" in words(compose_motion(made, moment_of(made, Compute), LIGHT, 0.9))
    assert "1 × (−2) = −2" in words(compose_motion(made, moment_of(made, Send), LIGHT, STOPS[1]))


def test_a_rule_is_told_once_per_frame():
    made = scaled()
    moment = moment_of(made, Send, 1)
    assert rule_text(moment) is rule_text(moment)
    assert rule_text(moment_of(made, Settle)) is None


def test_the_gradient_travels_from_its_port_to_the_source():
    made = scaled()
    moment = moment_of(made, Send, 1)
    geometry = compose(made, moment, LIGHT).geometry
    port, source = np.array(geometry.input_point("output", 0)), middle_of_gradient(geometry, "s")
    places = []
    for progress in np.linspace(STOPS[2] + 0.01, 1.0, 9):
        picture = compose_motion(made, moment, LIGHT, progress)
        grounds = [item for item in picture.items if isinstance(item, Box) and item.radius == 4.0 and item.stroke]
        places.append(middle(grounds[-1]))
    to_source = [np.linalg.norm(place - source) for place in places]
    assert to_source == sorted(to_source, reverse=True)
    assert to_source[-1] < 1
    assert np.linalg.norm(places[0] - port) < 80


def middle_of_gradient(geometry, node):
    x, y, _, _ = geometry.rect(node)
    left, top, w, h = geometry.layout(node).gradient
    return np.array([x + left + w / 2, y + top + h / 2])


def test_a_product_falls_together_along_the_summed_axes():
    made = scaled()
    moment = moment_of(made, Send, 1)
    spans = []
    for share in (0.3, 0.5, 0.6, 0.75):
        picture = compose_motion(made, moment, LIGHT, STOPS[1] + share * 0.25)
        cells = [item for item in picture.items if isinstance(item, Cells)]
        assert len(cells) == 4
        corners = np.array([(cell.x, cell.y) for cell in cells])
        spans.append(np.ptp(corners, axis=0).tolist())
    assert spans == sorted(spans, reverse=True)
    assert spans[0][0] > 20
    assert max(spans[-1]) < 5


def test_a_large_product_is_pressed_along_the_summed_axes():
    layout = travelling_layout((30, 20), LIGHT)
    assert directions((30, 20), (0,), layout) == (False, False, True, False)
    w, h = collapsed_size(layout, (False, False, True, False), 1.0)
    assert w == layout.w
    assert h == pytest.approx(layout.sheet_h / 30)
    assert collapsed_size(layout, (False, False, True, False), 0.0) == (layout.w, layout.h)


@pytest.mark.parametrize(
    ("shape", "axes", "along"),
    [
        ((4,), (0,), (False, False, False, True)),
        ((2, 3), (0, 1), (False, False, True, True)),
        ((5, 2, 3), (0,), (False, True, False, False)),
        ((5, 2, 9), (0,), (True, False, False, False)),
        ((6, 5, 2, 3), (0, 1), (True, True, False, False)),
        ((2, 3), (-1,), (False, False, False, True)),
    ],
)
def test_axes_are_directions_of_the_layout(shape, axes, along):
    assert directions(shape, axes, travelling_layout(shape, LIGHT)) == along


def test_a_seed_comes_down_into_its_place():
    made = scaled()
    moment = moment_of(made, Seed)
    geometry = compose(made, moment, LIGHT).geometry
    tops = []
    for progress in (0.3, 0.6, 1.0):
        picture = compose_motion(made, moment, LIGHT, progress)
        tops.append(max(item.y for item in picture.items if isinstance(item, Text) and item.text == "1"))
    assert tops == sorted(tops)
    assert tops[-1] == pytest.approx(middle_of_gradient(geometry, "loss")[1])


def test_nothing_is_sent_and_its_mark_appears():
    made = leaf([1.0, 2.0])
    made = leaf([3.0, 4.0], "c", role="constant", place=(0, 300), document=made)
    made = add_node(made, "y", "multiply", sources=("x", "c"), place=Place(400, 0))
    moment = moment_of(made, Blocked)
    begun, done = (compose_motion(made, moment, LIGHT, progress) for progress in (0.2, 1.0))
    marks = [
        [item.opacity for item in picture.items if isinstance(item, Text) and "∅" in item.text]
        for picture in (begun, done)
    ]
    assert marks == [[0.0], [1.0]]
    stub = next(item for item in done.items if isinstance(item, Curve))
    assert stub.colour == LIGHT.muted


def test_a_gradient_cut_on_purpose_has_scissors():
    made = leaf([1.0, 2.0])
    made = add_node(made, "still", "stop_gradient", sources=("x",), place=Place(300, 0))
    made = add_node(made, "y", "multiply", sources=("x", "still"), place=Place(700, 0))
    assert "✂ ∅" in words(compose_motion(made, moment_of(made, Blocked), LIGHT, 1.0))
    tape = run(made)
    assert "✂ ∅" in words(compose(made, tape.at(len(tape.frames)), LIGHT))


@pytest.mark.parametrize("theme", ["light", "projector"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_frame_of_an_example_moves_and_rests_readably(path, theme):
    document = load_document(path)
    tape = run(document)
    for index, frame in enumerate(tape.frames, start=1):
        for progress in (*STOPS, 0.0, 0.1, 0.6, 0.8):
            picture = compose_motion(document, tape.at(index), load_theme(theme), progress)
            assert picture.items
            assert len(picture.items) < 300
            assert np.all(np.isfinite(picture.item_bounds))
            assert all(0 <= item.opacity <= 1 for item in picture.items)
            if isinstance(frame, Send) and progress in STOPS:
                assert not hidden(picture)


def hidden(picture):
    """Pairs of texts that lie on each other while both can be seen and none has a ground of its own between them."""
    seen = [item for item in picture.items if isinstance(item, Text) and item.opacity > 0.5]
    boxes = [(x, y + 0.3 * h, x + w, y + 0.7 * h) for x, y, w, h in (text.bounds for text in seen)]
    order = {id(item): place for place, item in enumerate(picture.items)}
    found = []
    for i, (a, first) in enumerate(zip(boxes, seen, strict=True)):
        for b, second in zip(boxes[i + 1 :], seen[i + 1 :], strict=True):
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                between = picture.items[order[id(first)] : order[id(second)]]
                if not any(isinstance(item, Box) and item.fill and covers(item, a, b) for item in between):
                    found.append((first.text, second.text))
    return found


def covers(box, *rects):
    return any(
        box.x < right and left < box.x + box.w and box.y < bottom and top < box.y + box.h
        for left, top, right, bottom in rects
    )


def test_a_frame_of_nodes_that_are_gone_moves_nothing():
    made = scaled()
    moment = moment_of(made, Send, 1)
    assert compose_motion(remove(made, ["output"]), moment, LIGHT, 0.5).items == ()
    assert compose_motion(rename(made, "output", "other"), moment, LIGHT, 0.9).items == ()
    assert compose_motion(made, run(made).at(0), LIGHT, 0.5).items == ()


def test_progress_beyond_its_ends_is_its_ends():
    made = scaled()
    moment = moment_of(made, Send, 1)
    for wrong, right in ((-3.0, 0.0), (7.0, 1.0)):
        assert words(compose_motion(made, moment, LIGHT, wrong)) == words(compose_motion(made, moment, LIGHT, right))


def test_motion_is_slow_at_both_ends():
    assert [eased(share) for share in (0.0, 0.5, 1.0)] == [0.0, 0.5, 1.0]
    assert eased(0.1) < 0.1 * 0.1
    assert eased(0.9) > 1 - 0.1 * 0.1
    assert eased(0.2, 0.2, 0.6) == 0
    assert eased(0.9, 0.2, 0.6) == 1


def test_values_flow_in_along_all_wires_even_of_one_node():
    made = leaf(3.0)
    made = add_node(made, "y", "multiply", sources=("x", "x"), place=Place(500, 0))
    picture = compose_motion(made, moment_of(made, Compute), LIGHT, 0.2)
    assert words(picture).count("3") == 2
    assert Port("y", "a") in made.wires


def test_the_card_at_work_is_no_longer_pale():
    made = scaled()
    moment = moment_of(made, Compute)
    picture = compose_motion(made, moment, LIGHT, 0.1)
    own = [item for item in picture.items if isinstance(item, Text) and item.node == "output"]
    assert {"output", "multiply", "a", "b", "–", "1"} <= {item.text for item in own}
    assert {item.opacity for item in own} == {1.0}


def test_the_sum_that_undoes_broadcasting_shows_its_numbers():
    made = leaf(np.arange(3.0).reshape(3, 1), "a")
    made = leaf(np.arange(4.0).reshape(1, 4), "b", place=(0, 300), document=made)
    made = add_node(made, "c", "multiply", sources=("a", "b"), place=Place(420, 0))
    made = add_node(made, "loss", "sum", sources=("c",), place=Place(900, 0))
    moment = moment_of(made, Send, 1)
    before, after = (words(compose_motion(made, moment, LIGHT, progress)) for progress in (0.585, STOPS[2]))
    assert [before.count(each) for each in ("0", "1", "2", "3")] == [3, 3, 3, 3]
    assert after.count("6") == 3
    assert "3×1" in after


def test_what_travels_is_as_narrow_as_its_numbers():
    for array, most in ((np.array(3.0), 30), (np.ones((3, 4)), 110), (np.full((2, 2), -0.001234), 150)):
        layout = layout_on_the_way(array, LIGHT)
        assert layout.w <= most
        assert layout.kind in ("number", "cells")
    assert layout_on_the_way(np.full((3, 4), -0.001234), LIGHT).kind == "heatmap"
    assert layout_on_the_way(np.ones((64, 64)), LIGHT).kind == "heatmap"
    assert layout_on_the_way(np.ones((0, 3)), LIGHT).kind == "empty"


def test_the_words_for_a_sum_stay_left_of_the_card_that_sends_it():
    made = scaled()
    picture = compose_motion(made, moment_of(made, Send, 1), LIGHT, STOPS[2])
    label = next(item for item in picture.items if isinstance(item, Text) and item.text.startswith("sum over"))
    assert label.bounds[0] + label.bounds[2] < picture.geometry.rect("output")[0]


def test_a_rule_says_what_g_is():
    made = scaled()
    assert rule_text(moment_of(made, Send, 1)).legend == "g: the gradient of output"
    assert "g: the gradient of output" in words(compose_motion(made, moment_of(made, Send, 1), LIGHT, STOPS[1]))
    assert rule_text(moment_of(made, Compute)).legend == ""
