import gc
import sys

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.canvas import Canvas
from gradviz.graph import Document, Port, add_leaf, add_node, remove
from gradviz.workspace import Motion


def wheel(canvas, point, angle, *, fingers=None, keys=Qt.KeyboardModifier.NoModifier):
    """Turn the wheel at a point, or move two fingers there."""
    position = QPointF(point)
    event = QWheelEvent(
        position,
        QPointF(canvas.viewport().mapToGlobal(point)),
        fingers or QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.ScrollUpdate if fingers else Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


@pytest.mark.parametrize("angle", [120, -120, 15])
def test_the_wheel_zooms_and_keeps_the_place_under_the_pointer(canvas, angle):
    point = QPoint(220, 410)
    under, zoom = canvas.mapToScene(point), canvas.zoom
    wheel(canvas, point, angle)
    assert (canvas.zoom > zoom) == (angle > 0)
    moved = canvas.mapToScene(point) - under
    assert abs(moved.x()) * canvas.zoom <= 1.5
    assert abs(moved.y()) * canvas.zoom <= 1.5


def test_there_and_back_the_wheel_leaves_the_zoom_as_it_was(canvas):
    zoom = canvas.zoom
    for angle in (120, 240, -240, -120):
        wheel(canvas, QPoint(300, 300), angle)
    assert canvas.zoom == pytest.approx(zoom)


def test_the_zoom_has_bounds(canvas):
    for _ in range(60):
        wheel(canvas, QPoint(300, 300), 1200)
    assert canvas.zoom == pytest.approx(6.0)
    canvas.grab()
    for _ in range(60):
        wheel(canvas, QPoint(300, 300), -1200)
    assert canvas.zoom == pytest.approx(0.05)
    canvas.grab()
    for factor in (float("nan"), float("inf"), 0.0, -3.0):
        canvas.zoom_by(factor)
        assert 0.05 <= canvas.zoom <= 6.0


def test_two_fingers_pan(canvas):
    zoom, before = canvas.zoom, canvas.node_rect("s").topLeft()
    wheel(canvas, QPoint(300, 300), 30, fingers=QPoint(14, -9))
    assert canvas.zoom == zoom
    assert canvas.node_rect("s").topLeft() - before == QPoint(14, -9)


def test_two_fingers_with_ctrl_zoom(canvas):
    zoom = canvas.zoom
    ctrl = Qt.KeyboardModifier.ControlModifier
    wheel(canvas, QPoint(300, 300), 30, fingers=QPoint(0, 15), keys=ctrl)
    assert canvas.zoom > zoom


def test_a_pinch_zooms_at_the_fingers(canvas):
    point, zoom = QPointF(220, 410), canvas.zoom
    under = canvas.mapToScene(point.toPoint())
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        point,
        point,
        QPointF(canvas.viewport().mapToGlobal(point.toPoint())),
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(canvas.viewport(), event)
    assert canvas.zoom == pytest.approx(1.25 * zoom)
    moved = canvas.mapToScene(point.toPoint()) - under
    assert abs(moved.x()) * canvas.zoom <= 1.5


def test_the_middle_button_pans(canvas, hand, workspace):
    before, document = canvas.node_rect("s").topLeft(), workspace.document
    hand.drag(hand.body("mul1"), hand.body("mul1") + QPoint(60, 35), button=Qt.MouseButton.MiddleButton)
    assert canvas.node_rect("s").topLeft() - before == QPoint(60, 35)
    assert workspace.document is document
    assert workspace.selection == frozenset()


def test_space_held_down_pans_and_does_not_play(canvas, hand, player, workspace):
    before = canvas.node_rect("s").topLeft()
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    assert canvas.viewport().cursor().shape() == Qt.CursorShape.OpenHandCursor
    hand.drag(hand.body("mul1"), hand.body("mul1") + QPoint(60, 35))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.node_rect("s").topLeft() - before == QPoint(60, 35)
    assert not player.is_playing
    assert workspace.history.count() == 0


def test_a_tap_on_space_plays_and_pauses(canvas, hand, player):
    hand.key(Qt.Key.Key_Space)
    assert player.is_playing
    hand.key(Qt.Key.Key_Space)
    assert not player.is_playing


def test_escape_ends_panning_where_it_is(canvas, hand):
    hand.press(hand.ground(), Qt.MouseButton.MiddleButton)
    hand.move(hand.ground() + QPoint(30, 0))
    before = canvas.node_rect("s")
    hand.key(Qt.Key.Key_Escape)
    hand.move(hand.ground() + QPoint(50, 0))
    assert canvas.node_rect("s") == before


def test_fitting_shows_everything_at_most_at_100_percent(canvas, workspace):
    canvas.pan_by(4000, 100)
    canvas.fit()
    room = canvas.viewport().rect()
    assert all(room.contains(canvas.node_rect(node)) for node in workspace.document.nodes)
    workspace.edit("Delete", remove, [node for node in workspace.document.nodes if node != "s"])
    canvas.fit()
    assert canvas.zoom == 1.0
    assert room.contains(canvas.node_rect("s"))


def test_what_is_opened_is_fitted_and_what_is_edited_is_not(canvas, workspace, document):
    canvas.zoom_by(2.0)
    zoom = canvas.zoom
    workspace.edit("Delete", remove, ["t"])
    assert canvas.zoom == zoom
    workspace.show_document(document)
    assert canvas.zoom < 1.0
    assert canvas.viewport().rect().contains(canvas.node_rect("loss"))


def test_a_fitted_graph_stays_fitted_while_the_window_changes(canvas, workspace):
    for size in ((600, 400), (1400, 800), (300, 900)):
        canvas.resize(*size)
        assert canvas.viewport().rect().contains(canvas.node_rect("loss"))
        assert canvas.viewport().rect().contains(canvas.node_rect("s"))


def test_what_a_person_chose_to_see_stays_in_the_middle(canvas):
    canvas.zoom_by(2.0)
    canvas.pan_by(-100, 40)
    zoom, middle = canvas.zoom, canvas.area.center()
    canvas.resize(600, 400)
    assert canvas.zoom == zoom
    assert (canvas.area.center() - middle).manhattanLength() * zoom < 4


def test_in_a_theme_of_larger_type_the_same_stays_in_the_middle(canvas, workspace):
    canvas.zoom_by(2.0)
    canvas.centerOn(QRectF(*canvas.geometry_shown.rect("square1")).center())
    workspace.set_theme("projector")
    assert canvas.node_rect("square1").contains(canvas.viewport().rect().center())


def test_revealing_moves_only_as_far_as_needed(canvas, workspace):
    before = canvas.area
    canvas.reveal("s")
    assert canvas.area == before
    canvas.zoom_by(4.0)
    canvas.reveal("loss")
    assert canvas.viewport().rect().contains(canvas.node_rect("loss").center())
    canvas.reveal("nobody")


def test_places_of_nodes_and_ports_are_told_in_pixels(canvas, hand):
    rect = canvas.node_rect("mul1")
    assert canvas.port_point("mul1", 0).x() == pytest.approx(rect.left(), abs=2)
    assert canvas.port_point("mul1", -1).x() == pytest.approx(rect.right(), abs=2)
    assert rect.top() < canvas.port_point("mul1", 0).y() < canvas.port_point("mul1", 1).y() < rect.bottom()
    for node, slot in (("mul1", 7), ("nobody", 0)):
        with pytest.raises(KeyError):
            canvas.port_point(node, slot)


def test_the_pointer_says_what_it_meets(canvas, hand):
    shapes = {}
    for name, point in (
        ("port", hand.port("mul1", 0)),
        ("wire", hand.wire(Port("sub1", "b"), 0.3)),
        ("ground", hand.ground()),
    ):
        hand.move(point)
        shapes[name] = canvas.viewport().cursor().shape()
    assert shapes == {
        "port": Qt.CursorShape.CrossCursor,
        "wire": Qt.CursorShape.PointingHandCursor,
        "ground": Qt.CursorShape.ArrowCursor,
    }
    hand.move(hand.body("mul1"))
    QApplication.sendEvent(canvas.viewport(), QEvent(QEvent.Type.Leave))
    assert canvas._hovered.is_ground


# What could go wrong


def far_apart():
    document = add_leaf(Document(), "a", np.array(1.0), place=(-1e9, 1e9))
    return add_node(document, "y", "exp", None, ["a"], place=(1e9, -1e9))


def extremes():
    values = np.array([np.nan, np.inf, -np.inf, 1e308, -1e-308, 0.0])
    document = add_leaf(Document(), "nan", np.array(np.nan), place=(0, 0))
    document = add_leaf(document, "none", np.ones((0, 3)), place=(0, 160))
    document = add_leaf(document, "wild", values, place=(0, 320))
    document = add_leaf(document, "large", np.ones((400, 500)), place=(0, 480))
    document = add_leaf(document, "deep", np.ones((2,) * 8), place=(0, 900))
    document = add_leaf(document, "x" * 200, np.array([True]), role="constant", place=(0, 1200))
    return add_node(document, "product", "multiply", None, ["nan", "wild"], place=(400, 0))


@pytest.mark.parametrize("make", [Document, far_apart, extremes])
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_whatever_is_in_a_document_is_drawn(blank, workspace, hand, make, theme):
    workspace.set_theme(theme)
    workspace.show_document(make())
    QTest.qWait(50)
    for node in [*workspace.document.nodes]:
        blank.grab()
        blank.reveal(node)
        assert blank.viewport().rect().intersects(blank.node_rect(node))
        blank.zoom_whole()
        hand.move(blank.viewport().rect().center())
    workspace.seek(workspace.length)
    blank.grab()
    blank.fit()
    blank.grab()


def test_nodes_a_world_apart_can_be_fitted_and_visited(blank, workspace):
    workspace.show_document(far_apart())
    room = blank.viewport().rect()
    assert room.contains(blank.node_rect("a").center())
    assert room.contains(blank.node_rect("y").center())
    blank.zoom_whole()
    for node in ("a", "y"):
        blank.reveal(node)
        assert room.contains(blank.node_rect(node).center())


def test_a_canvas_without_room_does_no_harm(blank, workspace, document):
    blank.resize(1, 1)
    workspace.show_document(document)
    blank.grab()
    blank.resize(1000, 600)
    assert blank.viewport().rect().contains(blank.node_rect("loss"))


def test_what_is_opened_before_the_canvas_is_seen_is_fitted(workspace, player, document, qtbot):
    canvas = Canvas(workspace, player)
    qtbot.addWidget(canvas)
    workspace.show_document(document)
    canvas.resize(800, 500)
    canvas.show()
    qtbot.waitExposed(canvas)
    assert canvas.viewport().rect().contains(canvas.node_rect("loss"))
    assert canvas.viewport().rect().contains(canvas.node_rect("s"))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot be freed there")
def test_painting_a_thousand_times_keeps_every_reference_to_none(canvas, workspace):
    workspace.seek(7, Motion(7, 0.5))
    canvas.repaint()
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(1000):
        canvas.viewport().repaint()
    gc.collect()
    assert abs(sys.getrefcount(None) - before) < 200
