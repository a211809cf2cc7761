"""Pointing at the cells of tensors on the canvas, by mouse and by keys, and what lights up."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from gradviz.engine import Send
from gradviz.formats import parse
from gradviz.graph import Place, Port, move, set_tensor
from gradviz.picture import cell_rect
from gradviz.workspace import Spot

ALT_SHIFT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
X, W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])


@pytest.fixture
def product(canvas, workspace, qtbot):
    """A canvas on loss = sum(X @ W) at the end of its run."""
    made = parse("Y = X @ W; loss = sum(Y * Y)", X=X, W=W)
    workspace.show_document(made)
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)
    workspace.seek(workspace.length)
    return canvas


def point_of(canvas, spot):
    """Return the middle of a cell, in pixels of the viewport."""
    corner, layout, tensor = canvas.cells_shown.chip(spot)
    x, y, w, h = cell_rect(layout, tensor.shape, spot.cell)
    return canvas.mapFromScene(corner + QPointF(x + w / 2, y + h / 2))


def lit(canvas, node, kind):
    return {tuple(map(int, cell)) for cell in np.argwhere(canvas.pointing.sources_of(node, kind))}


@pytest.mark.parametrize("cell", [(0, 0), (1, 0), (1, 1)])
def test_a_cell_under_the_mouse_lights_up_the_row_and_the_column_that_it_comes_from(product, hand, cell):
    hand.move(point_of(product, Spot("Y", "value", cell)))
    assert product.pointing.pointed.spot == Spot("Y", "value", cell)
    assert lit(product, "X", "value") == {(cell[0], k) for k in range(3)}
    assert lit(product, "W", "value") == {(k, cell[1]) for k in range(3)}


def test_a_cell_of_a_gradient_lights_up_what_met_in_it(product, hand):
    hand.move(point_of(product, Spot("W", "gradient", (2, 1))))
    assert lit(product, "X", "value") == {(0, 2), (1, 2)}
    assert lit(product, "Y", "gradient") == {(0, 1), (1, 1)}


def test_what_was_sent_along_a_wire_can_be_pointed_at(product, hand, workspace):
    spot = Spot("Y", "raw", (0, 1), Port("Y", "a"))
    hand.move(point_of(product, spot))
    sent = workspace.moment.sent(Port("Y", "a"))
    assert isinstance(sent, Send)
    assert product.pointing.pointed.spot.kind == "raw"
    assert lit(product, "W", "value")


def test_the_mouse_beside_all_cells_and_outside_points_at_nothing(product, hand):
    hand.move(point_of(product, Spot("Y", "value", (0, 0))))
    hand.move(hand.ground())
    assert product.pointing.pointed is None


def test_the_tip_of_a_cell_has_all_digits_and_its_sum(product):
    tip = product.tip_at(point_of(product, Spot("Y", "value", (1, 0))))
    assert tip == "Y[1, 0]: value 10.0\n= 4 × 1 + 5 × 0 + 6 × 1"


def test_arrow_keys_go_through_the_cells_of_the_selected_node(product, hand, workspace):
    workspace.select(["Y"])
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left):
        hand.key(key, ALT_SHIFT)
        spot = product.pointing.pointed.spot
        seen.append((spot.kind, spot.cell))
    assert seen == [
        ("value", (0, 0)),
        ("value", (0, 1)),
        ("value", (1, 1)),
        ("gradient", (1, 0)),
        ("value", (1, 1)),
    ]
    assert product.accessibleDescription() == "Y[1, 1]: value −1.0".replace("−", "-")
    hand.key(Qt.Key.Key_Escape)
    assert product.pointing.pointed is None


def test_keys_without_one_selected_node_point_at_nothing(product, hand, workspace):
    for selection in ([], ["X", "W"]):
        workspace.select(selection)
        hand.key(Qt.Key.Key_Right, ALT_SHIFT)
        assert product.pointing.pointed is None


def test_nothing_of_a_stale_run_can_be_pointed_at(product, hand, workspace):
    at = point_of(product, Spot("W", "gradient", (2, 1)))
    hand.move(at)
    workspace.edit("Change", set_tensor, "X", X + 1)
    assert workspace.is_stale
    assert product.pointing.pointed is None
    hand.move(at + (at - at))
    assert product.cells_shown.spot_at(product.mapToScene(at), product.pixel) is None


def test_rings_are_drawn_over_the_picture_and_go_again(product, hand):
    before = product.grab().toImage()
    hand.move(point_of(product, Spot("Y", "value", (1, 0))))
    assert product.grab().toImage() != before
    picture = product.picture
    hand.move(hand.ground())
    assert product.grab().toImage() == before
    assert product.picture is picture, "pointing composes nothing"


def test_cells_that_are_too_small_to_see_are_not_pointed_at(product, hand):
    spot = Spot("Y", "value", (1, 0))
    product.zoom_by(0.06)
    at = product.mapToScene(point_of(product, spot))
    assert product.cells_shown.spot_at(at, product.pixel) is None


def test_odd_tensors_can_be_pointed_at(canvas, workspace, qtbot):
    odd = {
        "scalar": np.array(np.nan),
        "empty": np.zeros((0, 3)),
        "one": np.ones((1, 1, 1)),
        "deep": np.arange(120.0).reshape(2, 3, 4, 5),
    }
    made = parse("a = exp(scalar); b = exp(empty); c = exp(one); d = exp(deep)", **odd)
    made = move(made, {node: Place(300.0 * row, 0.0) for row, node in enumerate(made.nodes)})
    workspace.show_document(made)
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)
    workspace.seek(workspace.length)
    for node, cell in (("a", ()), ("c", (0, 0, 0)), ("d", (1, 2, 3, 4))):
        spot = Spot(node, "value", cell)
        found = canvas.cells_shown.spot_at(QPointF(canvas.mapToScene(point_of(canvas, spot))), 1e-3)
        assert found == spot
        canvas.pointing.point_at(spot)
        canvas.grab()
    canvas.pointing.point_at(Spot("b", "value", (0, 0)))
    assert canvas.pointing.pointed is None
    QTest.mouseMove(canvas.viewport())
