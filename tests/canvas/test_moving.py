import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.graph import remove, rename, set_note

ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def test_a_dragged_node_lands_on_the_grid_in_one_step(canvas, hand, workspace):
    before = workspace.document
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(13, 9), start + QPoint(53, 61))
    zoom = canvas.zoom
    x, y = workspace.document.places["mul1"]
    assert (x % 20, y % 20) == (0, 0)
    assert x == pytest.approx(300 + 53 / zoom, abs=10.1)
    assert y == pytest.approx(40 + 61 / zoom, abs=10.1)
    assert workspace.history.count() == 1
    workspace.history.undo()
    assert workspace.document is before


def test_alt_suspends_the_grid(canvas, hand, workspace):
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(53, 61), keys=ALT)
    x, y = workspace.document.places["mul1"]
    assert x == pytest.approx(300 + 53 / canvas.zoom, abs=0.01)
    assert y == pytest.approx(40 + 61 / canvas.zoom, abs=0.01)


def test_without_snapping_a_node_lands_where_it_is_dropped(canvas, hand, workspace):
    workspace.settings.snaps = False
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(53, 61))
    assert workspace.document.places["mul1"].x == pytest.approx(300 + 53 / canvas.zoom, abs=0.01)


def test_a_node_off_the_grid_comes_onto_it(canvas, hand, workspace):
    workspace.settings.snaps = False
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(7, 5))
    workspace.settings.snaps = True
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(30, 30))
    x, y = workspace.document.places["mul1"]
    assert (x % 20, y % 20) == (0, 0)


def test_all_selected_nodes_move_together_and_the_selection_stays(canvas, hand, workspace):
    workspace.select(["s", "T", "mul1"])
    before = workspace.document.places
    start = hand.body("T")
    hand.drag(start, start + QPoint(70, 0))
    after = workspace.document.places
    moved = after["T"].x - before["T"].x
    assert moved > 0
    assert {node for node in after if after[node] != before[node]} == {"s", "T", "mul1"}
    assert {after[node].x - before[node].x for node in ("s", "T", "mul1")} == {moved}
    assert workspace.selection == {"s", "T", "mul1"}
    assert workspace.history.count() == 1


def test_dragging_a_node_that_is_not_selected_selects_it_alone(canvas, hand, workspace):
    workspace.select(["s", "T"])
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(70, 0))
    assert workspace.selection == {"mul1"}
    assert workspace.document.places["s"] == (0.0, 0.0)


def test_a_click_selects_and_moves_nothing(canvas, hand, workspace):
    before = workspace.document
    workspace.select(["s", "T", "mul1"])
    hand.click(hand.body("T"))
    assert workspace.selection == {"T"}
    assert workspace.document is before


def test_a_shaking_hand_moves_nothing(canvas, hand, workspace):
    before = workspace.document
    workspace.settings.snaps = False
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(1, 2))
    assert workspace.document is before
    assert workspace.selection == {"mul1"}


def test_a_drag_there_and_back_leaves_no_step(canvas, hand, workspace):
    before = workspace.document
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(90, 90), start)
    assert workspace.document is before
    assert workspace.history.count() == 0


def test_escape_puts_the_node_back_without_a_step(canvas, hand, workspace):
    workspace.edit("Note", set_note, "s", "a scale")
    workspace.history.undo()
    before = workspace.document
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 80))
    hand.key(Qt.Key.Key_Escape)
    hand.move(start + QPoint(99, 99))
    hand.release(start + QPoint(99, 99))
    assert workspace.document is before
    assert workspace.history.canRedo()
    assert workspace.selection == {"mul1"}


def test_undo_in_the_middle_of_a_drag_cancels_it_first(canvas, hand, workspace):
    first = workspace.document
    workspace.edit("Note", set_note, "s", "a scale")
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 80))
    workspace.history.undo()
    assert workspace.document is first
    hand.release(start + QPoint(90, 90))
    assert workspace.document is first


@pytest.mark.parametrize(
    "change", [lambda document: remove(document, ["mul1"]), lambda document: rename(document, "mul1", "scaled")]
)
def test_a_node_that_changes_while_it_is_dragged_is_let_go(canvas, hand, workspace, change):
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 80))
    workspace.edit("Change", change)
    document = workspace.document
    hand.move(start + QPoint(90, 90))
    canvas.grab()
    hand.release(start + QPoint(90, 90))
    assert workspace.document is document
    assert not canvas.cancel_gesture()


def test_a_document_that_is_opened_ends_a_drag(canvas, hand, workspace, document):
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 80))
    workspace.show_document(document)
    hand.release(start + QPoint(80, 80))
    assert workspace.document is document


def test_losing_the_focus_ends_a_drag(canvas, hand, workspace):
    before = workspace.document
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 80))
    canvas.clearFocus()
    hand.release(start + QPoint(80, 80))
    assert workspace.document is before


def test_a_hidden_canvas_drags_nothing(canvas, hand, workspace):
    before = workspace.document
    hand.press(hand.body("mul1"))
    hand.move(hand.body("mul1") + QPoint(80, 80))
    canvas.hide()
    assert not canvas.cancel_gesture()
    assert workspace.document is before


def test_a_press_after_a_lost_release_begins_anew(canvas, hand, workspace):
    before = workspace.document
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 80))
    hand.press(hand.ground())
    hand.release(hand.ground())
    assert workspace.document is before
    assert workspace.selection == frozenset()


def test_another_button_does_not_end_a_drag(canvas, hand, workspace):
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(80, 0))
    hand.click(start + QPoint(80, 0), button=Qt.MouseButton.MiddleButton)
    hand.click(start + QPoint(80, 0), button=Qt.MouseButton.RightButton)
    hand.release(start + QPoint(80, 0))
    assert workspace.document.places["mul1"].x > 300
    assert workspace.history.count() == 1


def test_dragging_near_the_edge_moves_the_view_along(canvas, hand, workspace, qtbot):
    canvas.zoom_whole()
    canvas.reveal("s")
    start = hand.body("s")
    scrolled = canvas.horizontalScrollBar().value()
    hand.press(start)
    edge = QPoint(canvas.viewport().width() - 3, start.y())
    hand.move(edge)
    qtbot.waitUntil(lambda: canvas.horizontalScrollBar().value() > scrolled + 100)
    hand.release(edge)
    moved = workspace.document.places["s"].x
    assert moved == pytest.approx(canvas.mapToScene(edge).x() - canvas.node_rect("s").width() / 2, abs=30)
    at_rest = canvas.horizontalScrollBar().value()
    qtbot.wait(60)
    assert canvas.horizontalScrollBar().value() == at_rest


def test_escape_stops_the_view_at_the_edge(canvas, hand, qtbot):
    hand.press(hand.body("s"))
    hand.move(QPoint(2, 2))
    hand.key(Qt.Key.Key_Escape)
    at_rest = canvas.horizontalScrollBar().value()
    qtbot.wait(60)
    assert canvas.horizontalScrollBar().value() == at_rest


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_a_node_follows_the_pointer_in_every_theme_at_every_zoom(canvas, hand, workspace, theme):
    workspace.set_theme(theme)
    workspace.settings.snaps = False
    for zoom in (0.4, 1.0, 1.7):
        canvas.zoom_by(zoom / canvas.zoom)
        canvas.reveal("mul1")
        before, start = canvas.node_rect("mul1"), hand.body("mul1")
        hand.drag(start, start + QPoint(31, 17))
        after = canvas.node_rect("mul1")
        assert abs((after.topLeft() - before.topLeft() - QPoint(31, 17)).manhattanLength()) <= 2


def test_ctrl_and_arrows_move_what_is_selected_by_the_grid(canvas, hand, workspace):
    workspace.select(["s", "T"])
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyPress(canvas, key, CTRL)
    QTest.keyRelease(canvas, Qt.Key.Key_Down, CTRL)
    assert workspace.document.places["s"] == (40.0, 20.0)
    assert workspace.document.places["T"] == (40.0, 180.0)
    assert workspace.history.count() == 1
    hand.key(Qt.Key.Key_Up, CTRL)
    assert workspace.history.count() == 2


def test_keys_there_and_back_leave_no_step(canvas, hand, workspace):
    before = workspace.document
    workspace.select(["s"])
    QTest.keyPress(canvas, Qt.Key.Key_Right, CTRL)
    QTest.keyPress(canvas, Qt.Key.Key_Left, CTRL)
    QTest.keyRelease(canvas, Qt.Key.Key_Left, CTRL)
    assert workspace.document is before
    assert workspace.history.count() == 0


def test_keys_move_nothing_where_nothing_is_selected(canvas, hand, workspace):
    hand.key(Qt.Key.Key_Right, CTRL)
    assert workspace.history.count() == 0


def test_another_selection_begins_another_step(canvas, hand, workspace):
    for node in ("s", "T"):
        workspace.select([node])
        QTest.keyPress(canvas, Qt.Key.Key_Right, CTRL)
    assert workspace.history.count() == 2


def test_many_nodes_are_carried_and_drawn(canvas, hand, workspace, document):
    hand.key(Qt.Key.Key_Escape)
    workspace.select(list(workspace.document.nodes))
    start = hand.body("mul1")
    hand.press(start)
    hand.move(start + QPoint(0, 40))
    carried = canvas.grab().toImage()
    hand.release(start + QPoint(0, 40))
    assert carried != canvas.grab().toImage()
    assert workspace.document.places["loss"].y > 40


def test_a_drag_with_shift_adds_and_moves_all(canvas, hand, workspace):
    workspace.select(["s"])
    start = hand.body("T")
    hand.drag(start, start + QPoint(60, 0), keys=SHIFT)
    assert workspace.selection == {"s", "T"}
    assert workspace.document.places["s"].x > 0
