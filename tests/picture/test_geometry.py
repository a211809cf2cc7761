"""Where cards, ports and wires are, and what lies under a point."""

import numpy as np
import pytest

from gradviz.graph import (
    Computation,
    Document,
    Node,
    Place,
    Port,
    Tensor,
    add_leaf,
    add_node,
    check,
    move,
    set_note,
    set_target,
)
from gradviz.picture import curves as bezier
from gradviz.picture.geometry import OUTPUT, geometry_of, node_sizes, unit_of
from gradviz.picture.theme import THEMES, load


def document():
    made = add_leaf(Document(), "s", Tensor(np.array(2.0)), place=Place(0, 0))
    made = add_leaf(made, "T", Tensor(np.ones((2, 2))), place=Place(0, 300))
    made = add_node(made, "output", "multiply", sources=("s", "T"), place=Place(500, 100))
    return add_node(made, "loss", "sum", sources=("output",), place=Place(900, 100))


def geometry(made, theme="light"):
    return geometry_of(made, check(made.computation), load(theme))


def test_ports_lie_on_the_left_edge_evenly_and_the_output_on_the_right():
    places = geometry(document())
    x, y, w, h = places.rect("output")
    (ax, ay), (bx, by) = places.input_point("output", 0), places.input_point("output", 1)
    assert ax == bx == x
    assert y < ay < by < y + h
    output = places.output_point("output")
    assert output[0] == x + w
    assert output[1] == pytest.approx((ay + by) / 2)


def test_wires_run_from_output_to_input():
    places = geometry(document())
    for port, curve in zip(places.ports, places.curves, strict=True):
        source = {"output": {"a": "s", "b": "T"}, "loss": {"x": "output"}}[port.node][port.name]
        assert tuple(curve[0]) == places.output_point(source)
        slot = places.layout(port.node).ports.index(port.name)
        assert tuple(curve[3]) == places.input_point(port.node, slot)


def test_sizes_do_not_depend_on_places_and_are_worked_out_once():
    before = document()
    after = move(before, {"s": Place(40, 80)})
    first, second = geometry(before), geometry(after)
    assert first.layouts[0] is second.layouts[0]
    assert second.rect("s")[:2] == (40, 80)
    assert first.rect("T") == second.rect("T")
    assert geometry(after) is second


def test_a_note_and_a_target_make_a_card_taller():
    plain = document()
    noted = set_note(plain, "s", "what a teacher pinned here")
    assert geometry(noted).rect("s")[3] > geometry(plain).rect("s")[3]
    other = set_target(plain, "output")
    assert geometry(other).rect("output")[3] > geometry(plain).rect("output")[3]
    assert geometry(other).rect("loss")[3] < geometry(plain).rect("loss")[3]


@pytest.mark.parametrize("theme", THEMES)
def test_sizes_are_told_in_pixels_of_the_document(theme):
    made = document()
    sizes = node_sizes(made, check(made.computation), load(theme))
    places = geometry(made, theme)
    unit = unit_of(load(theme))
    assert sizes["output"][0] * unit == pytest.approx(places.rect("output")[2])
    assert places.rect("loss")[:2] == (900 * unit, 100 * unit)
    assert places.place_at(*places.rect("loss")[:2]) == (900, 100)


def test_the_card_drawn_last_is_picked():
    made = move(document(), {"T": Place(0, 0), "s": Place(10, 10)})
    assert geometry(made).node_at(50, 50) == "T"
    assert geometry(made).node_at(-5, 50) is None


def test_ports_are_picked_within_a_radius():
    places = geometry(document())
    x, y = places.input_point("output", 1)
    assert places.port_at(x - 3, y + 3, 8) == ("output", 1)
    assert places.port_at(x - 30, y, 8) is None
    x, y = places.output_point("loss")
    assert places.port_at(x + 1, y, 8) == ("loss", OUTPUT)


def test_a_wire_is_picked_near_its_curve_and_nowhere_else():
    places = geometry(document())
    row = places.wire_index[Port("output", "b")]
    x, y = bezier.points_on(places.curves, 0.4)[row]
    assert places.wire_at(x + 1, y - 2, 6) == Port("output", "b")
    assert places.wire_at(x, y - 60, 6) is None


def test_a_rectangle_takes_the_cards_that_it_touches_whichever_way_it_was_drawn():
    places = geometry(document())
    assert places.nodes_in(-10, -10, 30, 30) == ("s",)
    assert places.nodes_in(20, 320, -40, -400) == ("s", "T")
    assert places.nodes_in(10_000, 0, 5, 5) == ()


def test_an_empty_document_has_empty_geometry():
    places = geometry(Document())
    assert places.bounds() == (0, 0, 0, 0)
    assert places.node_at(0, 0) is None
    assert places.port_at(0, 0, 100) is None
    assert places.wire_at(0, 0, 100) is None
    assert places.nodes_in(0, 0, 10, 10) == ()


def test_bounds_hold_every_card_and_wire():
    made = move(document(), {"loss": Place(-700, 900)})
    places = geometry(made)
    x, y, w, h = places.bounds()
    points = bezier.flattened(places.curves).reshape(-1, 2)
    corners = np.concatenate([places.rects[:, :2], places.rects[:, :2] + places.rects[:, 2:], points])
    assert np.all(corners >= [x - 1e-9, y - 1e-9])
    assert np.all(corners <= [x + w + 1e-9, y + h + 1e-9])


def test_a_node_whose_op_nobody_knows_keeps_its_wires():
    known = document()
    nodes = {**known.nodes, "loss": Node("from_the_future")}
    strange = Document(Computation(nodes, known.wires), known.places)
    places = geometry(strange)
    assert places.layout("loss").ports == ("x",)
    assert Port("loss", "x") in places.ports


@pytest.mark.parametrize(
    "place", [Place(-400, 100), Place(500, 420), Place(520, -300), Place(230, 90), Place(400, 460)]
)
def test_a_wire_that_turns_back_goes_around_both_cards(place):
    made = move(document(), {"loss": place, "s": Place(5000, 0), "T": Place(5000, 300)})
    places = geometry(made)
    row = places.wire_index[Port("loss", "x")]
    points = bezier.flattened(places.curves[row : row + 1], 200)[0]
    assert places.curves[row, 3, 0] < places.curves[row, 0, 0]
    for node in ("output", "loss"):
        x, y, w, h = places.rect(node)
        inside = (
            (points[:, 0] > x + 1) & (points[:, 0] < x + w - 1) & (points[:, 1] > y + 1) & (points[:, 1] < y + h - 1)
        )
        assert not inside.any()


def test_distances_agree_with_points_sampled_densely():
    places = geometry(document())
    dense = bezier.flattened(places.curves, 2000)
    for x, y in [(400, 150), (0, 0), (700, 200)]:
        expected = np.sqrt(((dense - [x, y]) ** 2).sum(axis=2).min(axis=1))
        np.testing.assert_allclose(bezier.distances(places.curves, x, y), expected, atol=0.5)


def test_a_part_of_a_curve_lies_on_the_curve():
    curve = geometry(document()).curves[0]
    piece = bezier.part(curve, 0.25, 0.7)
    for share in (0.0, 0.3, 1.0):
        expected = bezier.points_on(curve[None], 0.25 + 0.45 * share)[0]
        np.testing.assert_allclose(bezier.points_on(piece[None], share)[0], expected)


def test_a_thousand_nodes_have_wires_in_one_piece_of_work():
    made = Document()
    made = add_leaf(made, "x0", Tensor(np.array(1.0)), place=Place(0, 0))
    nodes = {f"x{i}": Node("sin") for i in range(1, 1001)} | dict(made.nodes)
    wires = {Port(f"x{i}", "x"): f"x{i - 1}" for i in range(1, 1001)}
    large = Document(Computation(nodes, wires), {name: Place(i * 10, i) for i, name in enumerate(nodes)})
    places = geometry(large)
    assert places.curves.shape == (1000, 4, 2)
    assert len(set(map(id, places.layouts))) >= 2
