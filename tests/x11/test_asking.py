"""What is asked of a graph: other seeds, other shapes, what a port or a card holds."""

import numpy as np
import pytest

import gradviz as gv

pytestmark = pytest.mark.x11


@pytest.fixture
def program(start, tmp_path):
    """The graph y = a * b, and a leaf c of another shape."""
    document = gv.parse("y = a * b", a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0]))
    gv.save(gv.leaf(document, "c", np.array([5.0, 6.0, 7.0])), tmp_path / "product.gradviz")
    program = start("product.gradviz")
    program.hand.click(program.spot(0.5, 0.95))
    program.hand.key("ctrl+l")
    program.until(lambda now: now.undo)
    return program


def test_a_cell_of_the_target_is_clicked_to_sweep_from_it_alone(program):
    program.hand.click(program.body("y"))
    program.press("inspector.seed")
    program.click("row", text="one-hot")
    program.press("timeline.last")
    program.until(lambda now: now.gradients.get("a") == [3.0, 0.0])
    x, y, width, height = program.rect("widget", name="inspector.value")
    program.hand.click((x + 3 * width // 4, y + height // 2 + 10))
    program.press("timeline.last")
    program.until(lambda now: now.gradients.get("a") == [0.0, 4.0])


def test_a_wire_whose_shapes_clash_is_told_and_the_rest_goes_on(program):
    program.hand.drag(program.output("c"), program.input("y", 1))
    program.until(lambda now: now.wires["y.b"] == "c")
    assert "(2,) with (3,)" in program.look("rows", name="problems.list")[0]
    program.fill("expression", "z = exp(a)")
    program.until(lambda now: now.values.get("z") == pytest.approx([np.e, np.e**2]))
    program.hand.click(program.spot(0.5, 0.95))
    program.hand.key("ctrl+z", "ctrl+z")
    program.until(lambda now: now.values.get("y") == [3.0, 8.0])


def test_a_number_is_typed_into_the_table_of_a_leaf(program):
    program.hand.click(program.body("a"))
    program.hand.click(program.point("cell", name="inspector.table", row=0, column=1), times=2)
    program.hand.write("10")
    program.hand.key("Return")
    program.until(lambda now: now.values.get("y") == [3.0, 40.0])


def test_a_name_that_cannot_be_is_refused_where_it_was_typed(program):
    program.hand.click(program.body("a"))
    program.fill("inspector.name", "2fast")
    told = program.until(lambda now: now.told)
    assert "2fast" in told
    assert "a" in program.now.nodes


def test_the_pointer_at_rest_is_told_what_lies_under_it(program):
    program.hand.move(program.input("y", 1))
    program.until(lambda now: now.tip.startswith("y.b ← b"))
    program.hand.move(program.body("a"), program.body("c"))
    program.until(lambda now: "value [5., 6., 7.]" in now.tip)


def test_the_context_menu_of_the_ground_adds_and_arranges(program):
    program.hand.click(program.spot(0.5, 0.95), button=3)
    program.choose("Add Operation…")
    program.quick_add("tanh")
    program.until(lambda now: "tanh1" in now.nodes)
