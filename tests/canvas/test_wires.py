import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListWidget

from gradviz.canvas.quick_add import QuickAdd
from gradviz.formats import parse
from gradviz.graph import Document, Leaf, Place, Port, add_leaf, add_node, disconnect, move, remove
from gradviz.picture import show_shape
from tests.canvas.conftest import OUTPUT


@pytest.fixture
def half_built(canvas, workspace):
    """The canvas on the document without the wire from mul1 to sub1."""
    workspace.edit("Detach", disconnect, Port("sub1", "a"))
    return canvas


def popups(canvas):
    return [popup for popup in canvas.findChildren(QuickAdd) if popup.isVisible()]


def test_a_wire_is_drawn_from_output_to_input(half_built, hand, workspace):
    count = workspace.history.count()
    hand.drag(hand.port("mul1", OUTPUT), hand.port("sub1", 0))
    assert workspace.document.wires[Port("sub1", "a")] == "mul1"
    assert workspace.history.count() == count + 1


def test_a_wire_is_drawn_from_input_to_output(half_built, hand, workspace):
    hand.drag(hand.port("sub1", 0), hand.port("mul1", OUTPUT))
    assert workspace.document.wires[Port("sub1", "a")] == "mul1"


@pytest.mark.parametrize("zoom", [0.4, 1.0, 1.6])
def test_a_port_attracts_within_24_pixels_of_the_screen(half_built, hand, workspace, zoom):
    half_built.zoom_by(zoom / half_built.zoom)
    half_built.centerOn(half_built.mapToScene((hand.port("mul1", OUTPUT) + hand.port("sub1", 0)) / 2))
    near, far = hand.port("sub1", 0) - QPoint(22, 0), hand.port("sub1", 0) - QPoint(26, 0)
    hand.drag(hand.port("mul1", OUTPUT), far)
    assert Port("sub1", "a") not in workspace.document.wires
    for popup in popups(half_built):
        popup.close()
    hand.drag(hand.port("mul1", OUTPUT), near)
    assert workspace.document.wires[Port("sub1", "a")] == "mul1"


def test_a_drop_on_a_card_takes_its_first_free_port_that_fits(half_built, hand, workspace):
    hand.drag(hand.port("mul1", OUTPUT), hand.body("sub1"))
    assert workspace.document.wires[Port("sub1", "a")] == "mul1"


def test_a_drop_on_a_card_passes_over_a_port_that_does_not_fit(blank, hand, workspace, qtbot):
    document = add_leaf(Document(), "rows", np.ones((2, 3)), place=(0, 0))
    document = add_leaf(document, "mask", np.array([True, False, True]), role="constant", place=(0, 200))
    document = add_node(document, "pick", "where", place=(400, 60))
    workspace.show_document(document)
    hand.drag(hand.port("rows", OUTPUT), hand.body("pick"))
    assert next(iter(workspace.document.wires)) in {Port("pick", "a"), Port("pick", "x"), Port("pick", "condition")}
    assert not [problem for problem in workspace.report.problems if problem.severity == "error"]


def test_a_drop_of_an_input_on_a_card_takes_its_output(half_built, hand, workspace):
    hand.drag(hand.port("sub1", 0), hand.body("mul1"))
    assert workspace.document.wires[Port("sub1", "a")] == "mul1"


def test_a_drop_on_a_full_card_is_told(canvas, hand, workspace, told):
    before = workspace.document
    hand.drag(hand.port("s", OUTPUT), hand.body("sub1"))
    assert workspace.document is before
    assert told == ['every input of "sub1" is taken: drop on one to replace its wire']


def test_a_drop_on_a_leaf_is_told(canvas, hand, workspace, told):
    before = workspace.document
    hand.drag(hand.port("mul1", OUTPUT), hand.body("t"))
    assert workspace.document is before
    assert told == ['"t" is a leaf: it has no inputs']


def test_a_drop_on_a_wired_port_replaces_its_wire(canvas, hand, workspace):
    hand.drag(hand.port("s", OUTPUT), hand.port("sub1", 1))
    assert workspace.document.wires[Port("sub1", "b")] == "s"
    assert workspace.history.count() == 1


def test_a_wire_that_would_close_a_loop_is_refused_in_words(canvas, hand, workspace, told):
    before = workspace.document
    hand.drag(hand.port("loss", OUTPUT), hand.port("mul1", 0))
    assert workspace.document is before
    assert told == ['"loss" already depends on "mul1": the wire would close a loop']


def test_a_node_cannot_feed_itself(canvas, hand, workspace, told):
    before = workspace.document
    hand.drag(hand.port("mul1", OUTPUT), hand.port("mul1", 0))
    assert workspace.document is before
    assert told == ['"mul1" cannot feed itself: the wire would close a loop']


def test_a_shape_that_does_not_fit_is_told_at_once_and_shown_at_the_node(canvas, hand, workspace, told):
    workspace.edit("Add", add_leaf, "four", np.ones(4), place=(640, 300))
    hand.drag(hand.port("four", OUTPUT), hand.port("sub1", 1))
    assert workspace.document.wires[Port("sub1", "b")] == "four"
    assert told == ['subtract "sub1": cannot broadcast (3,) with (4,)']
    assert [problem.sentence for problem in workspace.report.problems] == told
    assert "square1" not in workspace.report.shapes


def test_the_end_of_a_wire_is_moved_to_another_port(canvas, hand, workspace):
    workspace.edit("Add", add_node, "mul2", "multiply", place=(640, 300))
    hand.drag(hand.port("sub1", 1), hand.port("mul2", 1))
    wires = workspace.document.wires
    assert wires[Port("mul2", "b")] == "t"
    assert Port("sub1", "b") not in wires
    assert workspace.history.count() == 2


def test_the_end_of_a_wire_dragged_away_detaches_it(canvas, hand, workspace):
    hand.drag(hand.port("sub1", 1), hand.ground())
    assert Port("sub1", "b") not in workspace.document.wires
    assert popups(canvas) == []


def test_the_end_of_a_wire_put_back_changes_nothing(canvas, hand, workspace, told):
    before = workspace.document
    hand.drag(hand.port("sub1", 1), hand.ground(), hand.port("sub1", 1))
    assert workspace.document is before
    assert told == []


def test_a_refused_new_end_leaves_the_wire_where_it_was(canvas, hand, workspace, told):
    before = workspace.document
    workspace.select(())
    hand.drag(hand.port("square1", 0), hand.port("mul1", 0))
    assert workspace.document is before
    assert len(told) == 1


def test_a_click_on_a_wired_port_selects_its_wire(canvas, hand, workspace):
    before = workspace.document
    hand.click(hand.port("sub1", 1))
    assert workspace.selected_wires == {Port("sub1", "b")}
    assert workspace.document is before


def test_a_click_on_an_output_selects_its_node_and_asks_nothing(canvas, hand, workspace):
    hand.click(hand.port("mul1", OUTPUT))
    assert workspace.selection == {"mul1"}
    assert popups(canvas) == []


@pytest.fixture
def joined(blank, workspace):
    """x and y, both wired into `both`, which takes any number of inputs; z is free."""
    document = parse("both = concat(x, y)", x=np.ones(2), y=np.ones(3))
    document = add_leaf(document, "z", np.ones(4), place=(0, 400))
    workspace.show_document(move(document, {"x": Place(0, 0), "y": Place(0, 180), "both": Place(400, 0)}))
    return blank


def test_an_op_of_any_number_of_inputs_grows(joined, hand, workspace):
    count = len(joined.geometry_shown.layout("both").ports)
    hand.drag(hand.port("z", OUTPUT), hand.body("both"))
    assert workspace.document.wires[Port("both", "x2")] == "z"
    assert len(joined.geometry_shown.layout("both").ports) >= count
    assert workspace.report.shapes["both"] == (9,)
    workspace.history.undo()
    assert len(workspace.document.wires) == 2


def test_escape_lets_the_wire_vanish(half_built, hand, workspace):
    before = workspace.document
    hand.press(hand.port("mul1", OUTPUT))
    hand.move(hand.port("sub1", 0))
    hand.key(Qt.Key.Key_Escape)
    hand.release(hand.port("sub1", 0))
    assert workspace.document is before
    assert popups(half_built) == []


@pytest.mark.parametrize("node", ["mul1", "sub1"])
def test_a_wire_whose_end_is_deleted_vanishes(half_built, hand, workspace, node):
    target = hand.port("sub1", 0)
    hand.press(hand.port("mul1", OUTPUT))
    hand.move(target)
    workspace.edit("Delete", remove, [node])
    document = workspace.document
    half_built.grab()
    hand.move(target + QPoint(2, 2))
    hand.release(target)
    assert workspace.document is document


def test_undo_while_a_wire_is_drawn_cancels_it(half_built, hand, workspace):
    hand.press(hand.port("mul1", OUTPUT))
    hand.move(hand.port("sub1", 0))
    workspace.history.undo()
    document = workspace.document
    hand.release(hand.port("sub1", 0))
    assert workspace.document is document


def test_a_wire_dropped_on_the_ground_asks_what_to_add_and_wires_it(canvas, hand, workspace, qtbot):
    hand.drag(hand.port("sub1", OUTPUT), hand.ground())
    [popup] = popups(canvas)
    qtbot.keyClicks(popup.line, "tanh")
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert workspace.document.nodes["tanh1"].op == "tanh"
    assert workspace.document.wires[Port("tanh1", "x")] == "sub1"
    assert workspace.selection == {"tanh1"}
    assert workspace.history.count() == 1
    assert (hand.port("tanh1", 0) - hand.ground()).manhattanLength() < 60


def test_a_new_op_takes_the_wire_at_the_first_port_that_fits(canvas, hand, workspace, qtbot):
    hand.drag(hand.port("sub1", OUTPUT), hand.ground())
    [popup] = popups(canvas)
    qtbot.keyClicks(popup.line, "@")
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert workspace.document.wires[Port("matmul1", "a")] == "sub1"


def test_no_leaf_is_offered_to_take_a_wire(canvas, hand, qtbot):
    hand.drag(hand.port("sub1", OUTPUT), hand.ground())
    [popup] = popups(canvas)
    entries = [popup.list.item(row).text() for row in range(popup.list.count())]
    assert "variable" not in entries
    popup.close()


def test_a_wire_drawn_from_an_open_input_offers_a_leaf_that_fits(blank, hand, workspace, qtbot):
    document = add_leaf(Document(), "x", np.ones((2, 3), np.float32), place=(0, 0))
    workspace.show_document(add_node(document, "y", "matmul", None, ["x"], place=(420, 0)))
    hand.drag(hand.port("y", 1), QPoint(120, 500))
    [popup] = popups(blank)
    qtbot.keyClicks(popup.line, "var")
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    source = workspace.document.wires[Port("y", "b")]
    leaf = workspace.document.nodes[source]
    assert isinstance(leaf, Leaf)
    assert (leaf.role, leaf.value.shape, leaf.value.dtype) == ("variable", (3, 2), np.float32)
    assert workspace.report.problems == ()
    assert workspace.history.count() == 1


def test_what_would_happen_is_shown_while_a_wire_is_held(canvas, hand, workspace):
    workspace.edit("Add", add_leaf, "four", np.ones(4), place=(640, 300))
    hand.press(hand.port("four", OUTPUT))
    verdicts = {}
    for node, slot in (("sub1", 1), ("square1", 0), ("mul1", 0)):
        hand.move(hand.port(node, slot))
        verdicts[node] = canvas._gesture._verdict(canvas._gesture._aim)
    assert verdicts["sub1"] == '✗ subtract "sub1": cannot broadcast (3,) with (4,)'
    assert verdicts["square1"] == f"✓ four {show_shape((4,))} → square1.x"
    fits = {point.toTuple(): fit for point, fit in canvas._gesture._held.ends(canvas.area)}
    geometry = canvas.geometry_shown
    assert fits[geometry.input_point("sub1", 1)] is False
    assert fits[geometry.input_point("square1", 0)] is True
    canvas.grab()
    hand.key(Qt.Key.Key_Escape)


def test_what_feeds_an_input_is_shown_while_its_wire_is_held(half_built, hand, workspace):
    workspace.edit("Add", add_leaf, "four", np.ones(4), place=(640, 300))
    hand.press(hand.port("sub1", 0))
    hand.move(hand.ground())
    fits = {point.toTuple(): fit for point, fit in half_built._gesture._held.ends(half_built.area)}
    geometry = half_built.geometry_shown
    assert fits[geometry.output_point("four")] is False
    assert fits[geometry.output_point("mul1")] is True
    assert fits[geometry.output_point("loss")] is False
    half_built.grab()
    hand.key(Qt.Key.Key_Escape)


def test_a_long_sentence_stays_within_the_canvas(canvas, hand, workspace):
    hand.press(hand.port("loss", OUTPUT))
    hand.move(hand.port("mul1", 0))
    shown = canvas.grab().toImage()
    hand.key(Qt.Key.Key_Escape)
    assert shown != canvas.grab().toImage()


def test_the_list_of_a_closed_popup_is_gone(canvas, hand, qtbot):
    hand.drag(hand.port("sub1", OUTPUT), hand.ground())
    [popup] = popups(canvas)
    qtbot.keyClick(popup.line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not canvas.findChildren(QListWidget))
    assert canvas.hasFocus()
