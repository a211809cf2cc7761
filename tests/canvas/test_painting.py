import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
from PySide6.QtTest import QTest

from gradviz.canvas.backdrop import Backdrop
from gradviz.formats import parse
from gradviz.graph import Document, Place, Port, move, remove, rename, set_note, set_tensor
from gradviz.picture import compose, compose_motion, load_theme, paint
from gradviz.workspace import Motion
from tests.canvas.looking import assert_shows_what_is, difference, drawn_afresh, shown

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


@pytest.mark.parametrize("name", ["compose", "geometry_of", "paint", "compose_motion"])
def test_a_fault_while_painting_is_told_and_the_canvas_goes_on(canvas, workspace, qtbot, monkeypatch, name):
    def fail(*_arguments, **_options):
        raise ArithmeticError

    with monkeypatch.context() as patch, qtbot.captureExceptions() as faults:
        patch.setattr(f"gradviz.canvas.view.{name}", fail)
        workspace.seek(7, Motion(7, 0.5))
        canvas._compose_anew()
        qtbot.wait(20)
        canvas.viewport().repaint()
    assert {kind for kind, _, _ in faults} == {ArithmeticError}
    workspace.move(None)
    canvas._compose_anew()
    assert_shows_what_is(canvas)


@pytest.mark.parametrize(("node", "ring"), [("s", 1), ("mul1", 1)])
def test_the_number_of_the_step_stays_above_the_ring(canvas, workspace, node, ring):
    workspace.seek(1)
    badge = canvas._parts_shown.badge({"mul1"})
    assert bool(badge.items)
    assert canvas._parts_shown.badge({"s"}).items == ()
    workspace.select([node])
    canvas.grab()


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


def test_a_scaled_copy_stays_as_long_as_the_zooming_goes_on(canvas):
    canvas.grab()
    canvas._backdrop._cost = 1.0
    image = canvas._backdrop._image.cacheKey()
    for _ in range(8):
        canvas.zoom_by(1.05)
        canvas.grab()
        QTest.qWait(25)
    assert canvas._backdrop._image.cacheKey() == image
    assert_shows_what_is(canvas)
