import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.canvas.quick_add import WHAT, QuickAdd
from gradviz.formats import make_examples
from gradviz.graph import Leaf, Place, Port
from gradviz.ops import OPS
from gradviz.workspace import DATA, LEAVES, op_data, search_entries

COPY, LEFT, NO_KEYS = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drop(canvas, data, point):
    """Send to the viewport what a drag that ends at a point sends; returns whether it was taken."""
    viewport = canvas.viewport()
    enter = QDragEnterEvent(point, COPY, data, LEFT, NO_KEYS)
    QApplication.sendEvent(viewport, enter)
    if not enter.isAccepted():
        QApplication.sendEvent(viewport, QDragLeaveEvent())
        return False
    QApplication.sendEvent(viewport, QDragMoveEvent(point, COPY, data, LEFT, NO_KEYS))
    event = QDropEvent(QPointF(point), COPY, data, LEFT, NO_KEYS)
    QApplication.sendEvent(viewport, event)
    return event.isAccepted()


def popup_on(canvas):
    [popup] = [popup for popup in canvas.findChildren(QuickAdd) if popup.isVisible()]
    return popup


def entries(popup):
    return [popup.list.item(row).data(WHAT) for row in range(popup.list.count())]


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_an_op_from_the_palette_lands_under_the_pointer(canvas, hand, workspace, theme):
    workspace.set_theme(theme)
    point = hand.ground()
    assert drop(canvas, op_data("matmul"), point)
    assert workspace.document.nodes["matmul1"].op == "matmul"
    assert canvas.node_rect("matmul1").contains(point)
    x, y = workspace.document.places["matmul1"]
    assert (x % 20, y % 20) == (0, 0)
    assert workspace.selection == {"matmul1"}
    assert workspace.history.count() == 1
    assert canvas.hasFocus()


@pytest.mark.parametrize("role", ["variable", "input", "constant"])
def test_a_leaf_from_the_palette_is_a_number(canvas, hand, workspace, role):
    before = set(workspace.document.nodes)
    assert drop(canvas, op_data(f"leaf:{role}"), hand.ground())
    [name] = set(workspace.document.nodes) - before
    leaf = workspace.document.nodes[name]
    assert isinstance(leaf, Leaf)
    assert (leaf.role, leaf.value.shape) == (role, ())


def test_a_random_leaf_has_a_recipe_with_a_seed_and_the_next_one_has_another(canvas, hand, workspace):
    before = set(workspace.document.nodes)
    for kind in ("normal", "uniform"):
        assert drop(canvas, op_data(f"leaf:{kind}"), hand.ground())
    leaves = [workspace.document.nodes[name] for name in workspace.document.nodes if name not in before]
    recipes = [leaf.tensor.recipe for leaf in leaves]
    assert [(recipe.kind, recipe.arguments["seed"]) for recipe in recipes] == [("normal", 0), ("uniform", 1)]
    assert [(leaf.role, leaf.value.shape) for leaf in leaves] == [("variable", (2, 3))] * 2


@pytest.mark.parametrize("op", OPS)
def test_every_op_of_the_palette_can_be_put_down_and_taken_back(blank, workspace, told, op):
    before = workspace.document
    blank.add(op, QPointF(10.0, 10.0))
    assert told == []
    [node] = workspace.document.nodes.values()
    assert node.op == op
    blank.grab()
    workspace.history.undo()
    assert workspace.document is before


def test_an_op_that_nobody_knows_is_told(canvas, hand, workspace, told):
    before = workspace.document
    assert drop(canvas, op_data("sparkle"), hand.ground())
    assert workspace.document is before
    assert "sparkle" in told[0]


def test_files_and_texts_are_left_to_others(canvas, hand, workspace):
    data = QMimeData()
    data.setText("matmul")
    assert not drop(canvas, data, hand.ground())
    assert len(workspace.document.nodes) == 7


def test_a_drag_that_leaves_is_forgotten(canvas, hand, workspace):
    data = op_data("matmul")
    QApplication.sendEvent(canvas.viewport(), QDragEnterEvent(hand.ground(), COPY, data, LEFT, NO_KEYS))
    QApplication.sendEvent(canvas.viewport(), QDragLeaveEvent())
    assert len(workspace.document.nodes) == 7


def test_a_double_click_on_the_ground_asks_what_to_add_there(canvas, hand, workspace, qtbot):
    point = hand.ground() - QPoint(200, 200)
    hand.double_click(point)
    popup = popup_on(canvas)
    assert popup.line.hasFocus()
    qtbot.keyClicks(popup.line, "reduce_sum")
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert workspace.document.nodes["sum1"].op == "sum"
    assert (canvas.node_rect("sum1").topLeft() - point).manhattanLength() < 30
    assert canvas.hasFocus()
    assert canvas.findChildren(QuickAdd) == [] or not popup.isVisible()


def test_a_double_click_on_a_node_asks_nothing(canvas, hand):
    hand.double_click(hand.body("mul1"))
    assert canvas.findChildren(QuickAdd) == []


def test_a_double_click_on_a_wire_asks_nothing(canvas, hand):
    hand.double_click(hand.wire(Port("sub1", "b"), 0.3))
    assert canvas.findChildren(QuickAdd) == []


def test_asked_by_key_it_is_where_the_pointer_is(canvas, hand, workspace, qtbot):
    point = hand.ground() - QPoint(300, 300)
    hand.move(point)
    canvas.quick_add()
    popup = popup_on(canvas)
    assert popup.pos() == canvas.viewport().mapTo(canvas, point)
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert (canvas.node_rect("add1").topLeft() - point).manhattanLength() < 30


def test_it_stays_within_the_canvas(canvas, hand):
    canvas.quick_add(canvas.mapToScene(canvas.viewport().rect().bottomRight()))
    assert canvas.rect().contains(popup_on(canvas).geometry())


def test_the_best_match_comes_first_and_arrows_choose(canvas, workspace, qtbot):
    canvas.quick_add()
    popup = popup_on(canvas)
    assert set(entries(popup)) == {*OPS, *(entry.what for entry in (*LEAVES, *DATA))}
    qtbot.keyClicks(popup.line, "soft")
    assert entries(popup)[:2] == ["softmax", "softplus"]
    qtbot.keyClick(popup.line, Qt.Key.Key_Down)
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert workspace.document.nodes["softplus1"].op == "softplus"


@pytest.mark.parametrize(
    ("text", "first"), [("@", "matmul"), ("torch.mul", "multiply"), ("const", "leaf:constant"), ("×", "multiply")]
)
def test_any_name_finds_its_op(canvas, qtbot, text, first):
    canvas.quick_add()
    popup = popup_on(canvas)
    popup.line.setText(text)
    assert entries(popup)[0] == first
    popup.close()


def test_arrows_go_round_and_pages_stop_at_the_ends(canvas, qtbot):
    canvas.quick_add()
    popup = popup_on(canvas)
    last = popup.list.count() - 1
    for key, row in (
        (Qt.Key.Key_Up, last),
        (Qt.Key.Key_Down, 0),
        (Qt.Key.Key_PageUp, 0),
        (Qt.Key.Key_PageDown, 8),
        (Qt.Key.Key_Tab, 9),
        (Qt.Key.Key_Backtab, 8),
    ):
        qtbot.keyClick(popup.line, key)
        assert popup.list.currentRow() == row
    assert popup.line.hasFocus()
    popup.close()


def test_what_nobody_knows_adds_nothing(canvas, workspace, qtbot):
    canvas.quick_add()
    popup = popup_on(canvas)
    qtbot.keyClicks(popup.line, "sparkle")
    assert popup.list.item(0).text() == "Nothing is called that"
    qtbot.keyClick(popup.line, Qt.Key.Key_Down)
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert len(workspace.document.nodes) == 7
    popup.close()


def test_escape_closes_and_gives_the_focus_back(canvas, workspace, qtbot):
    workspace.select(["s"])
    canvas.quick_add()
    qtbot.keyClick(popup_on(canvas).line, Qt.Key.Key_Escape)
    assert canvas.hasFocus()
    assert workspace.selection == {"s"}
    qtbot.waitUntil(lambda: not canvas.findChildren(QuickAdd))


def test_a_click_elsewhere_closes(canvas, hand, workspace, qtbot):
    canvas.quick_add(canvas.mapToScene(QPoint(20, 20)))
    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(lambda: not canvas.findChildren(QuickAdd))
    assert len(workspace.document.nodes) == 7


def test_a_click_on_an_entry_adds_it(canvas, workspace):
    canvas.quick_add()
    popup = popup_on(canvas)
    item = popup.list.item(2)
    QTest.mouseClick(popup.list.viewport(), LEFT, NO_KEYS, popup.list.visualItemRect(item).center())
    assert {node.op for node in workspace.document.nodes.values() if not isinstance(node, Leaf)} >= {item.data(WHAT)}
    assert canvas.hasFocus()


def test_a_click_beside_the_entries_is_not_one_on_the_canvas(canvas, workspace):
    workspace.select(["s"])
    canvas.quick_add()
    popup = popup_on(canvas)
    QTest.mouseClick(popup, LEFT, NO_KEYS, QPoint(2, 2))
    assert workspace.selection == {"s"}
    popup.close()


def test_a_canvas_that_closes_takes_the_question_along(canvas, qtbot):
    canvas.quick_add()
    canvas.close()
    assert not canvas.isVisible()


def test_every_widget_has_a_name_and_says_what_it_is(canvas):
    canvas.quick_add()
    popup = popup_on(canvas)
    widgets = (canvas, canvas.viewport(), popup, popup.line, popup.list)
    assert [widget.objectName() for widget in widgets] == [
        "canvas",
        "canvas.viewport",
        "quick_add",
        "quick_add.line",
        "quick_add.list",
    ]
    assert all(widget.accessibleName() for widget in widgets)
    popup.close()


def test_what_is_chosen_in_the_palette_comes_into_view_beside_the_cards(canvas, workspace):
    for _ in range(5):
        canvas.add_in_view("exp")
    places = [workspace.document.places[f"exp{number}"] for number in range(1, 6)]
    assert len(set(places)) == 5
    assert canvas.viewport().rect().intersects(canvas.node_rect("exp1"))


def test_pasted_nodes_go_under_the_pointer_each_time_a_little_further(canvas, hand):
    hand.move(hand.ground())
    places = [canvas.paste_place() for _ in range(3)]
    under = canvas.mapToScene(hand.ground())
    assert places[0] == pytest.approx((under.x(), under.y()), abs=10.1)
    assert places[1] == Place(places[0].x + 40, places[0].y + 40)
    assert places[2] == Place(places[0].x + 80, places[0].y + 80)
    hand.move(hand.ground() - QPoint(100, 100))
    assert canvas.paste_place().x < places[0].x


def test_without_a_pointer_pasted_nodes_go_into_the_middle(blank):
    middle = blank.mapToScene(blank.viewport().rect().center())
    assert blank.paste_place() == pytest.approx((middle.x(), middle.y()), abs=10.1)


def test_an_op_added_for_a_wire_whose_source_is_gone_is_added_alone(canvas, workspace, told):
    canvas.add("exp", QPointF(0.0, 0.0), "nobody")
    assert "exp1" in workspace.document.nodes
    assert all(port.node != "exp1" for port in workspace.document.wires)


def test_a_leaf_for_a_port_that_takes_no_floats_is_still_added(canvas, workspace):
    workspace.edit("Add", lambda document: document)
    canvas.add("cross_entropy", QPointF(900.0, 400.0))
    canvas.add("leaf:input", QPointF(600.0, 400.0), None, Port("cross_entropy1", "logits"))
    sources = [
        workspace.document.nodes[source]
        for port, source in workspace.document.wires.items()
        if port.node == "cross_entropy1"
    ]
    assert len(sources) <= 1
    assert all(np.issubdtype(source.value.dtype, np.floating) for source in sources)


@pytest.mark.parametrize("entry", DATA, ids=lambda entry: entry.name)
def test_a_data_set_brings_its_leaves_and_what_training_needs_to_know_of_them(canvas, workspace, entry):
    canvas.add_in_view(entry.what)
    (x,) = workspace.selection
    training = workspace.document.training
    assert training.data[0] == x
    assert training.held_out == 40
    made = make_examples(entry.dataset)
    for name, array in zip(training.data, made, strict=True):
        np.testing.assert_array_equal(workspace.document.nodes[name].value, array)
    workspace.history.undo()
    assert not {*training.data} & set(workspace.document.nodes)


def test_a_data_set_is_found_by_what_it_is(canvas):
    for text, wanted in (("moons", "moons"), ("two moons", "moons"), ("data set", "line"), ("spirals", "spiral")):
        assert wanted in [entry.name for entry in search_entries(text)]
