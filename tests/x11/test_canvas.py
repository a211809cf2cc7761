"""Adding, copying, selecting, and moving the view."""

import numpy as np
import pytest

import gradviz as gv

pytestmark = pytest.mark.x11


@pytest.fixture
def program(start, tmp_path):
    """The graph y = a * b."""
    gv.save(gv.parse("y = a * b", a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0])), tmp_path / "product.gradviz")
    return start("product.gradviz")


@pytest.fixture
def ground(program):
    """A point of the canvas on which nothing lies."""
    return program.spot(0.5, 0.95)


def test_a_double_click_adds_what_is_typed_where_it_was(program, ground):
    program.hand.click(ground, times=2)
    program.quick_add("@")
    added = program.until(lambda now: now.nodes.get("matmul1") and now)
    assert added.selection == ["matmul1"]
    x, y, _width, _height = program.rect("node", name="matmul1")
    assert (x, y) == pytest.approx(ground, abs=12)  # on the grid


def test_tab_adds_at_the_pointer_and_escape_adds_nothing(program, ground):
    program.hand.click(ground)
    program.hand.key("Tab")
    program.rect("widget", name="quick_add.line")
    program.hand.key("Escape")
    program.hand.key("Tab")
    program.quick_add("softmax")
    assert program.until(lambda now: "softmax1" in now.nodes and now).nodes.keys() == {"a", "b", "y", "softmax1"}


def test_a_wire_that_ends_on_nothing_asks_what_to_add_there(program, ground):
    program.hand.drag(program.output("y"), ground)
    program.quick_add("mean")
    assert program.until(lambda now: "mean1" in now.nodes and now).wires["mean1.x"] == "y"


def test_an_entry_of_the_palette_is_added_by_a_double_click(program):
    program.write("palette.search", "reduce_sum")
    program.hand.click(program.point("row", name="palette.list", text="sum"), times=2)
    program.until(lambda now: "sum1" in now.nodes)


def test_an_expression_becomes_nodes(program):
    program.fill("expression", "loss = sum((y - 1)**2)")
    program.until(lambda now: now.values.get("loss") == 53.0)
    assert program.says("expression") == ""
    program.fill("expression", "sum(y")
    program.rect("widget", name="expression.trouble")
    assert program.says("expression") == "sum(y"


def test_delete_takes_a_node_with_its_wires_and_undo_brings_both_back(program):
    program.hand.click(program.body("b"))
    program.hand.key("Delete")
    gone = program.until(lambda now: "b" not in now.nodes and now)
    assert gone.wires == {"y.a": "a"}
    program.hand.key("ctrl+z")
    program.until(lambda now: now.wires == {"y.a": "a", "y.b": "b"})


def test_nodes_are_copied_pasted_and_duplicated_with_the_wires_between_them(program, ground):
    program.hand.click(ground)
    program.hand.key("ctrl+a", "ctrl+c")
    program.hand.move(program.spot(0.3, 0.8))
    program.hand.key("ctrl+v")
    pasted = program.until(lambda now: len(now.nodes) == 6 and now)
    assert len(pasted.wires) == 4
    assert len(pasted.selection) == 3
    program.hand.key("ctrl+d")
    program.until(lambda now: len(now.nodes) == 9 and len(now.wires) == 6)


def test_a_frame_selects_what_it_touches(program):
    x, y, width, height = program.rect("node", name="y")
    program.hand.drag((x + width + 20, y - 20), (x + width - 5, y + height + 20))
    program.until(lambda now: now.selection == ["y"])
    program.hand.hold("shift")
    program.hand.click(program.body("a"))
    program.hand.let_go("shift")
    program.until(lambda now: now.selection == ["a", "y"])


@pytest.mark.parametrize("button", [1, 2], ids=["Space held down", "middle button"])
def test_the_view_is_carried_with_the_pointer(program, ground, button):
    program.hand.click(program.spot(0.5, 0.05))
    place, zoom, playhead = program.look("place", x=ground[0], y=ground[1]), program.now.zoom, program.now.playhead
    if button == 1:
        program.hand.hold("space")
    program.hand.drag(ground, (ground[0] - 120, ground[1] - 90), button=button)
    program.hand.let_go("space")
    assert program.look("place", x=ground[0] - 120, y=ground[1] - 90) == pytest.approx(place, abs=1.5 / zoom)
    assert (program.now.zoom, program.now.playhead, program.now.is_playing) == (zoom, playhead, False)


def test_the_wheel_keeps_what_is_under_the_pointer(program):
    point = program.body("y")
    before, zoom = program.look("place", x=point[0], y=point[1]), program.now.zoom
    program.hand.roll(point, 5)
    nearer = program.until(lambda now: now.zoom > 1.5 * zoom and now.zoom)
    assert program.look("place", x=point[0], y=point[1]) == pytest.approx(before, abs=1.5 / zoom)
    program.hand.roll(point, -8)
    program.until(lambda now: now.zoom < nearer / 2)
    assert program.look("place", x=point[0], y=point[1]) == pytest.approx(before, abs=3 / zoom)


def test_the_theme_changes_under_the_same_graph(program):
    light = program.picture()
    program.choose("View", "Theme", "Dark")
    program.until(lambda now: now.theme == "dark")
    assert light.mean() > 200
    assert program.picture().mean() < 60
