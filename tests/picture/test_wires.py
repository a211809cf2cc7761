"""Wires: widths on a fixed scale, labels that keep clear, and ways around cards."""

import numpy as np
import pytest

from gradviz.engine import run
from gradviz.graph import Computation, Document, Leaf, Node, Place, Port, Tensor, check
from gradviz.picture import Box, Curve, compose, geometry_of, load_theme
from gradviz.picture.curves import flattened
from gradviz.picture.labels import labels_of
from gradviz.picture.theme import THEMES
from gradviz.picture.wires import line_width, magnitude

LIGHT = load_theme("light")


def chain(places, wires, value=1.0):
    """A document of leaves and sums: node -> place, and sink -> its sources."""
    nodes = {}
    found = {}
    for node in places:
        sources = wires.get(node, ())
        nodes[node] = Node("add") if sources else Leaf("variable", Tensor(np.asarray(value)))
        found |= {Port(node, name): source for name, source in zip("ab", sources, strict=False)}
    return Document(Computation(nodes, found), {node: Place(*place) for node, place in places.items()})


def fan():
    """A leaf that feeds a near node and, past it, two far ones."""
    places = {"x": (0, 60), "k": (0, 260), "y": (360, 90), "z": (720, 40), "w": (720, 200), "out": (1080, 100)}
    return chain(places, {"y": ("x", "k"), "z": ("x", "y"), "w": ("x", "x"), "out": ("z", "w")})


def geometry(document, theme="light"):
    return geometry_of(document, check(document.computation), load_theme(theme))


def test_a_line_is_as_wide_as_what_flows_on_a_scale_that_never_changes():
    widths = [line_width(np.array(size), LIGHT) for size in (0.0, 1e-9, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e9)]
    assert widths == sorted(widths)
    assert widths[0] == widths[2] == LIGHT.wire_width / 2
    assert widths[-1] == widths[-2] == pytest.approx(LIGHT.wire_width_most)
    steps = np.diff(np.log(widths[2:7]))
    np.testing.assert_allclose(steps, steps[0])


@pytest.mark.parametrize(
    ("array", "size"),
    [
        ([3.0, -4.0], np.sqrt(12.5)),
        ([np.nan, 2.0], 2.0),
        ([np.inf, -np.inf], 0.0),
        ([], 0.0),
        (np.nan, 0.0),
        (-5, 5.0),
        ([1e200, 1e200], 1e200),
        ([True, False], np.sqrt(0.5)),
        (np.array([60000.0, 60000.0], dtype=np.float16), 60000.0),
    ],
)
def test_magnitude_is_the_root_mean_square_of_what_is_finite(array, size):
    assert magnitude(np.asarray(array)) == pytest.approx(size, rel=1e-3)


def test_a_wire_leads_around_the_cards_between_its_ends():
    places = geometry(fan())
    for port, source in ((Port("z", "a"), "x"), (Port("w", "a"), "x"), (Port("w", "b"), "x")):
        row = places.wire_index[port]
        points = flattened(places.curves[row : row + 1], 100)[0]
        x, y, w, h = places.rect("y")
        inside = (points[:, 0] > x) & (points[:, 0] < x + w) & (points[:, 1] > y) & (points[:, 1] < y + h)
        assert not inside.any(), (port, source)


def test_a_wire_with_nothing_in_its_way_is_a_plain_s():
    places = geometry(chain({"x": (0, 0), "y": (500, 300)}, {"y": ("x",)}))
    start, first, second, end = places.curves[0]
    assert first[1] == start[1]
    assert second[1] == end[1]


def test_wires_bend_alike_in_every_theme():
    light = geometry(fan())
    for theme in THEMES:
        other = geometry(fan(), theme)
        assert [bends(curve) for curve in other.curves] == [bends(curve) for curve in light.curves]


def bends(curve):
    return [np.sign(round(float(each), 3)) for each in np.diff(curve[:, 1])]


@pytest.mark.parametrize("theme", THEMES)
def test_labels_keep_clear_of_cards_and_of_each_other(theme):
    document = fan()
    report, look = check(document.computation), load_theme(theme)
    places = geometry_of(document, report, look)
    labels = labels_of(places, report, look)
    for rects in (labels.shapes + labels.shares, labels.shapes + labels.cuts):
        boxes = [*map(tuple, places.rects.tolist()), *rects]
        hits = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if touch(a, b)]
        assert hits == []


def touch(first, second):
    (x, y, w, h), (left, top, width, height) = first, second
    return x < left + width and left < x + w and y < top + height and top < y + h


def test_a_label_with_no_free_place_still_stands_on_its_wire():
    document = chain({"x": (0, 0), "y": (60, 20)}, {"y": ("x", "x")})
    report = check(document.computation)
    labels = labels_of(geometry_of(document, report, LIGHT), report, LIGHT)
    assert len(labels.shapes) == len(labels.shares) == 2


def test_a_wire_without_a_value_yet_is_pale():
    document = fan()
    picture = compose(document, run(document).at(0), LIGHT)
    pale = {item.port for item in picture.items if isinstance(item, Curve) and item.port and item.opacity < 1}
    assert pale == {Port("z", "b"), Port("out", "a"), Port("out", "b")}


def test_the_wire_of_the_active_step_lies_on_yellow():
    document = fan()
    tape = run(document)
    glows = [
        item.port for item in compose(document, tape.at(1), LIGHT).items if getattr(item, "colour", "") == LIGHT.active
    ]
    assert glows == [Port(tape.frames[0].node, "a"), Port(tape.frames[0].node, "b")]


@pytest.mark.parametrize("place", [(340, 0), (340, 260), (340, -260), (360, 700)])
def test_the_two_lines_of_a_wire_never_touch(place):
    document = chain({"x": (0, 0), "y": place}, {"y": ("x", "x")})
    tape = run(document)
    lines = [item for item in compose(document, tape.at(len(tape.frames)), LIGHT).items if isinstance(item, Curve)]
    there, back = (line for line in lines if line.port == Port("y", "a") and line.head)
    drawn = [flattened(np.array([line.shaft]), 60)[0] for line in (there, back)]
    gaps = np.linalg.norm(drawn[0][:, None] - drawn[1], axis=2).min(axis=1)
    assert gaps.min() > there.width / 2 + back.width / 2 + 1


@pytest.mark.parametrize("theme", THEMES)
def test_labels_stand_on_either_side_of_a_level_wire(theme):
    document, look = chain({"x": (0, 0), "y": (400, 0)}, {"y": ("x", "x")}), load_theme(theme)
    report = check(document.computation)
    places = geometry_of(document, report, look)
    labels = labels_of(places, report, look)
    row = places.wire_index[Port("y", "a")]
    above, below = labels.shapes[row], labels.shares[row]
    line, back = (flattened(curves[row : row + 1], 60)[0] for curves in (places.curves, places.backs))
    assert not any(holds(above, point) for point in line)
    assert not any(holds(above, point) for point in back)
    assert not any(holds(below, point) for point in line)


def holds(rect, point):
    x, y, w, h = rect
    return x < point[0] < x + w and y < point[1] < y + h


def test_labels_hide_no_line_of_another_wire():
    places = {"x": (0, 0), "k": (0, 400), "y": (600, 0), "z": (600, 400)}
    document = chain(places, {"y": ("x", "k"), "z": ("x", "k")}, value=[1.0, 2.0])
    found = geometry(document)
    labels = labels_of(found, check(document.computation), LIGHT)
    for row, rects in enumerate(zip(labels.shapes, labels.shares, strict=True)):
        lines = flattened(np.delete(np.concatenate([found.curves, found.backs], axis=1), row, axis=0).reshape(-1, 4, 2))
        assert not any(holds(rect, point) for rect in rects for point in lines.reshape(-1, 2))


def test_a_narrow_contribution_stays_at_its_line():
    document = chain({"x": (0, 0), "k": (0, 400), "y": (340, 400)}, {"y": ("x", "k")})
    tape = run(document)
    picture = compose(document, tape.at(len(tape.frames)), LIGHT)
    labels = labels_of(picture.geometry, check(document.computation), LIGHT)
    row = picture.geometry.wire_index[Port("y", "a")]
    chips = [item for item in picture.items if isinstance(item, Box) and item.stroke == LIGHT.gradient]
    chip = next(item for item in chips if item.port == Port("y", "a"))
    x, y, w, h = labels.shares[row]
    line = flattened(picture.geometry.backs, 200)[row]
    at_its_height = line[np.abs(line[:, 1] - (y + h / 2)) < 3][:, 0].mean()
    assert x <= chip.x <= chip.x + chip.w <= x + w
    assert at_its_height - (chip.x + chip.w) < 10
    assert chip.w < w / 2
