import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QNativeGestureEvent, QPainter, QPointingDevice, QTransform, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.canvas import Canvas
from gradviz.canvas.backdrop import Backdrop
from gradviz.formats import parse
from gradviz.graph import Document, Place, Port, add_leaf, add_node, move, remove, rename, set_note, set_tensor
from gradviz.picture import compose, compose_motion, load_theme, paint
from gradviz.workspace import Motion


def shown(canvas):
    """Return what the canvas shows, as an image."""
    return canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def pixels(image):
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def drawn_afresh(canvas):
    """Return what the canvas should show, painted directly and without the grid."""
    workspace, viewport = canvas.workspace, canvas.viewport()
    theme = load_theme(workspace.theme_name)
    ratio = viewport.devicePixelRatioF()
    image = QImage(viewport.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(theme.background))
    painter = QPainter(image)
    painter.setTransform(canvas.viewportTransform())
    picture = compose(workspace.document, workspace.moment, theme, stale=workspace.is_stale)
    paint(painter, picture, None, canvas.zoom * ratio)
    painter.end()
    return image


def difference(a, b):
    """Return the share of pixels that differ clearly, grid dots and all."""
    return np.mean(np.abs(pixels(a) - pixels(b)).max(axis=2) > 48)


def assert_shows_what_is(canvas):
    assert difference(shown(canvas), drawn_afresh(canvas)) < 0.001


CHANGES = {
    "a step": lambda canvas: canvas.workspace.seek(9),
    "panning": lambda canvas: canvas.pan_by(37, -23),
    "panning far": lambda canvas: canvas.pan_by(3000, 0),
    "panning bit by bit": lambda canvas: [canvas.pan_by(-3, 5) or canvas.grab() for _ in range(9)],
    "zooming in": lambda canvas: canvas.zoom_by(1.3, QPoint(300, 200)),
    "zooming out": lambda canvas: canvas.zoom_by(0.5),
    "100 %": lambda canvas: canvas.zoom_whole(),
    "resizing": lambda canvas: canvas.resize(700, 500),
    "resizing after panning": lambda canvas: (canvas.pan_by(50, 0), canvas.resize(1100, 500)),
    "dark": lambda canvas: canvas.workspace.set_theme("dark"),
    "projector": lambda canvas: canvas.workspace.set_theme("projector"),
    "moving": lambda canvas: canvas.workspace.edit("Move", move, {"s": Place(-200.0, -80.0)}),
    "noting": lambda canvas: canvas.workspace.edit("Note", set_note, "s", "a scale to fit"),
    "renaming": lambda canvas: canvas.workspace.edit("Rename", rename, "mul1", "scaled"),
    "deleting": lambda canvas: canvas.workspace.edit("Delete", remove, ["t"]),
    "undo": lambda canvas: (canvas.workspace.edit("Delete", remove, ["t"]), canvas.workspace.history.undo()),
    "another document": lambda canvas: canvas.workspace.show_document(parse("y = a + b", a=1.0, b=2.0)),
    "no document": lambda canvas: canvas.workspace.show_document(Document()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_changes_is_painted_anew(canvas, workspace, qtbot, change):
    assert_shows_what_is(canvas)
    change(canvas)
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)
    assert_shows_what_is(canvas)


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_on_a_screen_of_small_pixels_it_is_painted_anew_too(factor):
    tests = f"{Path(__file__)}::test_what_changes_is_painted_anew"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]
    run = subprocess.run(
        command, env={**os.environ, "QT_SCALE_FACTOR": factor}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_a_stale_sweep_is_shown_as_stale(canvas, workspace, qtbot):
    workspace.seek(9)
    workspace.edit("Value", set_tensor, "s", np.array(3.0))
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)
    assert workspace.is_stale
    assert_shows_what_is(canvas)


def test_a_frame_under_way_is_drawn_over_the_moment_before(canvas, workspace):
    workspace.seek(7, Motion(7, 0.6))
    theme = load_theme("light")
    image = QImage(canvas.viewport().size(), QImage.Format.Format_RGB32)
    image.fill(QColor(theme.background))
    painter = QPainter(image)
    painter.setTransform(canvas.viewportTransform())
    tape, document = workspace.tape, workspace.document
    paint(painter, compose(document, tape.at(6), theme, active=False), None, canvas.zoom)
    paint(painter, compose_motion(document, tape.at(7), theme, 0.6), None, canvas.zoom)
    painter.end()
    assert difference(shown(canvas), image) < 0.001
    workspace.move(None)
    assert_shows_what_is(canvas)


def test_while_a_frame_is_under_way_only_what_moves_is_painted(canvas, workspace, monkeypatch):
    workspace.seek(7, Motion(7, 0.1))
    canvas.grab()
    picture, image = canvas.picture, canvas._backdrop._image.cacheKey()
    for progress in (0.2, 0.5, 0.9):
        workspace.move(Motion(7, progress))
        canvas.grab()
    assert canvas.picture is picture
    assert canvas._backdrop._image.cacheKey() == image
    workspace.seek(8, Motion(8, 0.0))
    canvas.grab()
    assert canvas.picture is not picture


def test_selecting_and_pointing_make_no_new_picture(canvas, workspace, hand):
    canvas.grab()
    picture, image = canvas.picture, canvas._backdrop._image.cacheKey()
    before = shown(canvas)
    workspace.select(["s"], [Port("sub1", "b")])
    selected = shown(canvas)
    hand.move(hand.body("square1"))
    pointed = shown(canvas)
    assert 0 < difference(before, selected) < 0.05
    assert 0 < difference(selected, pointed) < 0.05
    assert canvas.picture is picture
    assert canvas._backdrop._image.cacheKey() == image


def test_dragging_composes_no_picture_until_the_nodes_are_put_down(canvas, workspace, hand):
    start = hand.body("mul1")
    canvas.grab()
    picture = canvas.picture
    hand.press(start)
    hand.move(start + QPoint(0, 60))
    before = shown(canvas)
    image = canvas._backdrop._image.cacheKey()
    for step in range(3):
        hand.move(start + QPoint(0, 100 + 20 * step))
        assert difference(before, shown(canvas)) > 0
    assert canvas.picture is picture
    assert canvas._backdrop._image.cacheKey() == image
    hand.release(start + QPoint(0, 140))
    assert canvas.picture is not picture
    hand.move(hand.ground())
    workspace.select(())
    assert_shows_what_is(canvas)


def test_a_run_that_arrives_during_a_drag_is_shown_under_it(canvas, workspace, hand):
    hand.press(hand.body("mul1"))
    hand.move(hand.body("mul1") + QPoint(0, 60))
    before = shown(canvas)
    workspace.seek(12)
    assert difference(before, shown(canvas)) > 0
    hand.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize(("node", "ring"), [("s", 1), ("mul1", 1)])
def test_the_number_of_the_step_stays_above_the_ring(canvas, workspace, node, ring):
    workspace.seek(1)
    badge = canvas._parts_shown.badge({"mul1"})
    assert bool(badge.items)
    assert canvas._parts_shown.badge({"s"}).items == ()
    workspace.select([node])
    canvas.grab()


# Zooming, panning, fitting


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


# The image behind


def stripes(painter, area):
    """Paint what tells every place from its neighbours."""
    painter.fillRect(area, QColor("white"))
    for x in range(int(area.left()) // 7 - 2, int(area.right()) // 7 + 2):
        for y in range(int(area.top()) // 7 - 2, int(area.bottom()) // 7 + 2):
            painter.fillRect(QRectF(7 * x, 7 * y, 7, 7), QColor((37 * x) % 256, (53 * y) % 256, (x * y) % 256))


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("zoom", [1.0, 0.713])
def test_a_scrolled_image_is_the_same_as_one_painted_anew(blank, ratio, zoom):
    size = blank.viewport().size() / 4
    ground = QColor("white")

    def painted(backdrop, view):
        image = QImage(size * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        assert backdrop.paint(painter, size, ratio, view, ground)
        painter.end()
        return image

    scrolled = Backdrop(stripes)
    for dx, dy in ((0, 0), (9, 0), (9, -14), (-30, 5), (-30, 5), (400, 0), (395.5, 0.25)):
        view = QTransform(zoom, 0, 0, zoom, dx, dy)
        assert painted(scrolled, view) == painted(Backdrop(stripes), view)


def test_while_a_dear_picture_is_zoomed_a_scaled_copy_stands_in(canvas, qtbot):
    canvas.grab()
    canvas._backdrop._cost = 1.0
    canvas.zoom_by(1.5)
    makeshift = shown(canvas)
    assert difference(makeshift, drawn_afresh(canvas)) > 0.001
    qtbot.waitUntil(lambda: difference(shown(canvas), drawn_afresh(canvas)) < 0.001)
