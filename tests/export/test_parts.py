import pytest

from gradviz.export.parts import cut_out, moved, spanning, with_legend
from gradviz.graph import Port
from gradviz.picture import Box, Curve, Picture, Polygon, Text

WIRES = {Port("c", "a"): "a", Port("c", "b"): "b", Port("d", "x"): "c"}


def card(node, x):
    return Box(x, 0.0, 50.0, 30.0, "#000000", node=node)


def wire(node, name, x):
    return Curve(((x, 5.0), (x + 50.0, 5.0)), "#000000", 2.0, bent=False, port=Port(node, name))


PICTURE = Picture(
    (
        wire("c", "a", 50.0),
        wire("c", "b", 150.0),
        wire("d", "x", 250.0),
        *(card(node, 100.0 * row) for row, node in enumerate("abcd")),
        Box(0.0, 50.0, 9.0, 9.0, "#000000"),
    ),
    (-10.0, -10.0, 400.0, 80.0),
    words="all",
    background="#FFFFFF",
)


@pytest.fixture(autouse=True)
def application(qapp):
    """Texts are measured by Qt."""


def test_some_nodes_are_cut_out_with_the_wires_between_them():
    part = cut_out(PICTURE, {"b", "c"}, WIRES, margin=10.0)
    assert [item.node or item.port for item in part.items] == [Port("c", "b"), "b", "c"]
    assert part.bounds == (90.0, -10.0, 170.0, 50.0)
    assert part.background == "#FFFFFF"


def test_all_nodes_are_all_but_the_legend():
    assert cut_out(PICTURE, set("abcd"), WIRES, 0.0).items == PICTURE.items[:-1]


def test_no_nodes_are_an_empty_picture():
    part = cut_out(PICTURE, (), WIRES, margin=10.0)
    assert part.items == ()
    assert part.bounds == (0, 0, 20, 20)


def test_a_legend_stands_below_within_the_margin():
    legend = Picture((Text(0.0, 10.0, "value", 12, "#000000"),), (0.0, 0.0, 500.0, 20.0))
    both = with_legend(PICTURE, legend, margin=10.0)
    assert both.items[-1] == Text(0.0, 80.0, "value", 12, "#000000")
    assert both.bounds == (-10.0, -10.0, 520.0, 110.0)
    assert both.alt == "all"


def test_a_legend_that_says_nothing_takes_no_room():
    assert with_legend(PICTURE, Picture((), (0.0, 0.0, 500.0, 20.0)), margin=10.0) is PICTURE


def test_every_kind_of_item_can_be_moved():
    assert moved(card("a", 1.0), 2.0, 3.0).bounds == (3, 3, 50, 30)
    assert moved(wire("c", "a", 1.0), 2.0, 3.0).points == ((3, 8), (53, 8))
    assert moved(Polygon(((0, 0), (1, 0), (0, 1)), "#000000"), 2.0, 3.0).points == ((2, 3), (3, 3), (2, 4))


def test_pictures_are_spanned_by_one_rectangle():
    others = Picture((), (50.0, -30.0, 10.0, 10.0)), Picture((), (300.0, 0.0, 200.0, 10.0))
    assert spanning([PICTURE, *others]) == (-10, -30, 510, 100)
