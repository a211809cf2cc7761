import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QMenu

from gradviz.canvas.walking import next_on_the_way, nodes_in_order, wires_in_order
from gradviz.graph import Document, Port, remove
from gradviz.picture import show_shape
from tests.canvas.conftest import OUTPUT

ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def corner(canvas, node):
    return canvas.node_rect(node).topLeft()


def test_a_click_on_a_node_selects_it_alone(canvas, hand, workspace):
    hand.click(hand.body("s"))
    hand.click(hand.body("T"))
    assert workspace.selection == {"T"}


@pytest.mark.parametrize("key", [CTRL, SHIFT])
def test_with_ctrl_or_shift_a_click_adds_and_takes_away(canvas, hand, workspace, key):
    hand.click(hand.body("s"))
    hand.click(hand.body("T"), key)
    assert workspace.selection == {"s", "T"}
    hand.click(hand.body("s"), key)
    assert workspace.selection == {"T"}


def test_a_click_on_a_wire_selects_it(canvas, hand, workspace):
    hand.click(hand.body("s"))
    hand.click(hand.wire(Port("sub1", "b"), 0.3))
    assert workspace.selected_wires == {Port("sub1", "b")}
    assert workspace.selection == frozenset()


def test_with_ctrl_a_wire_is_added_and_taken_away(canvas, hand, workspace):
    hand.click(hand.body("s"))
    for wire in (Port("sub1", "b"), Port("mul1", "a")):
        hand.click(hand.wire(wire, 0.3), CTRL)
    assert workspace.selection == {"s"}
    assert workspace.selected_wires == {Port("sub1", "b"), Port("mul1", "a")}
    hand.click(hand.wire(Port("sub1", "b"), 0.3), CTRL)
    assert workspace.selected_wires == {Port("mul1", "a")}


def test_a_click_on_the_ground_selects_nothing(canvas, hand, workspace):
    workspace.select(["s"], [Port("sub1", "b")])
    hand.click(hand.ground())
    assert workspace.selection == frozenset()
    assert workspace.selected_wires == frozenset()


def test_with_ctrl_a_click_on_the_ground_keeps_what_is_selected(canvas, hand, workspace):
    workspace.select(["s"], [Port("sub1", "b")])
    hand.click(hand.ground(), CTRL)
    assert workspace.selection == {"s"}
    assert workspace.selected_wires == {Port("sub1", "b")}


def test_a_frame_selects_what_it_touches(canvas, hand, workspace):
    workspace.select(["loss"])
    hand.drag(corner(canvas, "s") - QPoint(15, 15), canvas.node_rect("T").topLeft() + QPoint(4, 4))
    assert workspace.selection == {"s", "T"}


def test_a_frame_drawn_upwards_selects_alike(canvas, hand, workspace):
    hand.drag(canvas.node_rect("T").bottomRight() + QPoint(15, 15), canvas.node_rect("s").center())
    assert workspace.selection >= {"s", "T"}


def test_a_frame_with_shift_adds(canvas, hand, workspace):
    workspace.select(["loss"], [Port("sub1", "b")])
    hand.drag(corner(canvas, "s") - QPoint(15, 15), canvas.node_rect("s").center(), keys=SHIFT)
    assert workspace.selection == {"loss", "s"}
    assert workspace.selected_wires == {Port("sub1", "b")}


def test_escape_in_the_middle_of_a_frame_selects_what_was_selected(canvas, hand, workspace):
    workspace.select(["loss"], [Port("sub1", "b")])
    hand.press(corner(canvas, "s") - QPoint(15, 15))
    hand.move(canvas.node_rect("T").center())
    assert workspace.selection == {"s", "T"}
    canvas.grab()
    hand.key(Qt.Key.Key_Escape)
    assert workspace.selection == {"loss"}
    assert workspace.selected_wires == {Port("sub1", "b")}


def test_a_node_deleted_while_a_frame_is_drawn_does_no_harm(canvas, hand, workspace):
    hand.press(corner(canvas, "s") - QPoint(15, 15))
    hand.move(canvas.node_rect("T").center())
    workspace.edit("Delete", remove, ["T"])
    hand.move(hand.ground())
    hand.release(hand.ground())
    assert workspace.selection <= workspace.document.nodes.keys()


def test_a_frame_on_an_empty_canvas_selects_nothing(blank, hand, workspace):
    hand.drag(QPoint(10, 10), QPoint(400, 400))
    assert workspace.selection == frozenset()


def test_escape_selects_nothing(canvas, hand, workspace):
    workspace.select(["s"])
    hand.key(Qt.Key.Key_Escape)
    assert workspace.selection == frozenset()


def test_a_port_under_another_card_is_not_met(canvas, hand, workspace):
    hand.drag(hand.body("sub1"), hand.port("mul1", OUTPUT))
    hand.click(hand.port("mul1", OUTPUT))
    assert workspace.selection == {"sub1"}
    assert canvas.tip_at(hand.port("mul1", OUTPUT)).startswith("sub1")


# By keyboard


def walk(workspace, hand, *keys):
    for key in keys:
        hand.key(key, ALT)
    return workspace.selection, workspace.selected_wires


LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


def test_the_first_step_meets_the_first_node(canvas, hand, workspace):
    for key in (LEFT, RIGHT, UP, DOWN):
        workspace.select(())
        assert walk(workspace, hand, key) == ({"s"}, frozenset())


def test_right_and_left_go_along_the_wires(canvas, hand, workspace):
    workspace.select(["T"])
    assert walk(workspace, hand, RIGHT) == (frozenset(), {Port("mul1", "b")})
    assert walk(workspace, hand, RIGHT) == ({"mul1"}, frozenset())
    assert walk(workspace, hand, LEFT) == (frozenset(), {Port("mul1", "a")})
    assert walk(workspace, hand, DOWN) == (frozenset(), {Port("mul1", "b")})
    assert walk(workspace, hand, LEFT) == ({"T"}, frozenset())


def test_where_there_is_no_wire_the_node_stays_selected(canvas, hand, workspace):
    workspace.select(["s"])
    assert walk(workspace, hand, LEFT) == ({"s"}, frozenset())


def test_every_node_and_every_wire_is_reached_by_keys(canvas, hand, workspace):
    document = workspace.document
    nodes = set()
    for _ in document.nodes:
        nodes |= walk(workspace, hand, DOWN)[0]
    assert nodes == document.nodes.keys()
    workspace.select((), [Port("mul1", "a")])
    wires = set()
    for _ in document.wires:
        wires |= walk(workspace, hand, UP)[1]
    assert wires == document.wires.keys()


def test_what_is_met_comes_into_view(canvas, hand, workspace):
    canvas.zoom_by(3.0 / canvas.zoom)
    canvas.reveal("loss")
    assert not canvas.viewport().rect().intersects(canvas.node_rect("s"))
    workspace.select(())
    walk(workspace, hand, DOWN)
    assert canvas.viewport().rect().contains(canvas.node_rect("s").center())


def test_keys_lead_nowhere_without_nodes(blank, hand, workspace):
    assert walk(workspace, hand, LEFT, DOWN) == (frozenset(), frozenset())
    assert next_on_the_way(blank.geometry_shown, (), (), "down").is_ground


def test_nodes_are_read_in_columns_and_wires_by_where_they_end(canvas):
    geometry = canvas.geometry_shown
    assert nodes_in_order(geometry) == ["s", "T", "mul1", "t", "sub1", "square1", "loss"]
    assert wires_in_order(geometry)[:3] == [Port("mul1", "a"), Port("mul1", "b"), Port("sub1", "a")]


def test_the_canvas_tells_in_words_what_is_selected(canvas, hand, workspace):
    described = []
    QAccessible.setActive(True)
    assert canvas.accessibleName() == "Graph"
    assert canvas.accessibleDescription() == "7 nodes, 6 wires, nothing selected."
    workspace.select(["mul1"])
    described.append(canvas.accessibleDescription())
    assert described[-1].startswith(f"multiply mul1, {show_shape((3,))}; value [2, 4, 6]; gradient ")
    workspace.select((), [Port("mul1", "a")])
    assert canvas.accessibleDescription().startswith("wire s → mul1.a; ")
    workspace.seek(workspace.length)
    workspace.select(["mul1"])
    assert "gradient [3, 6, 4]" in canvas.accessibleDescription()
    workspace.select(list(workspace.document.nodes))
    assert canvas.accessibleDescription() == "7 nodes and 0 wires selected."
    interface = QAccessible.queryAccessibleInterface(canvas)
    assert interface.text(QAccessible.Text.Description) == canvas.accessibleDescription()
    QAccessible.setActive(False)


def test_stale_gradients_are_told_in_words(canvas, workspace):
    workspace.seek(workspace.length)
    workspace.edit("Delete", remove, ["s"])
    assert canvas.accessibleDescription().endswith("The gradients are stale: the graph was edited after this run.")


def test_an_empty_canvas_says_so(blank, workspace):
    workspace.show_document(Document())
    assert blank.accessibleDescription() == "0 nodes, 0 wires, nothing selected."


# Context menus


@pytest.fixture
def menus(canvas):
    """The menus of the ground, of nodes and of wires."""
    menus = [QMenu(canvas) for _ in range(3)]
    canvas.set_menus(*menus)
    return menus


def test_the_menu_is_that_of_what_lies_under_the_pointer(canvas, hand, workspace, menus):
    of_ground, of_node, of_wire = menus
    workspace.select(["s", "T"])
    assert canvas.menu_at(hand.body("s")) is of_node
    assert workspace.selection == {"s", "T"}
    assert canvas.menu_at(hand.body("loss")) is of_node
    assert workspace.selection == {"loss"}
    assert canvas.menu_at(hand.port("loss", 0)) is of_node
    assert canvas.menu_at(hand.wire(Port("sub1", "b"), 0.3)) is of_wire
    assert (workspace.selection, workspace.selected_wires) == (frozenset(), {Port("sub1", "b")})
    assert canvas.menu_at(hand.ground()) is of_ground
    assert workspace.selected_wires == frozenset()


def test_the_menu_key_means_what_is_selected(canvas, workspace, menus):
    of_ground, of_node, of_wire = menus
    assert canvas.menu_of_selection() is of_ground
    workspace.select((), [Port("sub1", "b")])
    assert canvas.menu_of_selection() is of_wire
    workspace.select(["s"], [Port("sub1", "b")])
    assert canvas.menu_of_selection() is of_node
    assert canvas.node_rect("s").contains(canvas._selected_point())
    canvas.pan_by(-5000, 0)
    assert canvas.viewport().rect().contains(canvas._selected_point())


def test_there_is_no_menu_in_the_middle_of_a_gesture(canvas, hand, menus):
    hand.press(hand.body("s"))
    hand.move(hand.ground())
    assert canvas.menu_at(hand.body("s")) is None
    hand.key(Qt.Key.Key_Escape)


def test_a_canvas_without_menus_offers_none(canvas, hand):
    assert canvas.menu_at(hand.body("s")) is None
    assert canvas.menu_of_selection() is None
