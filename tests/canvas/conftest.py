"""A canvas on a small document, and a hand that moves the mouse over it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.canvas import Canvas
from gradviz.formats import parse
from gradviz.graph import Place, move
from gradviz.workspace import Player, Workspace

OUTPUT = -1
PLACES = {
    "s": Place(0.0, 0.0),
    "T": Place(0.0, 160.0),
    "mul1": Place(300.0, 40.0),
    "t": Place(300.0, 260.0),
    "sub1": Place(640.0, 40.0),
    "square1": Place(940.0, 40.0),
    "loss": Place(1240.0, 40.0),
}


@pytest.fixture
def document():
    """loss = sum((s * T - t)**2) in four columns, on the grid."""
    T, t = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.0, 4.0])
    return move(parse("loss = sum((s * T - t)**2)", s=np.array(2.0), T=T, t=t), PLACES)


@pytest.fixture
def workspace(qtbot):
    """A workspace without nodes."""
    workspace = Workspace()
    yield workspace
    workspace.close()


@pytest.fixture
def player(workspace):
    """A player of the workspace."""
    player = Player(workspace)
    yield player
    player.stop()


@pytest.fixture
def blank(workspace, player, qtbot):
    """A canvas without nodes."""
    canvas = Canvas(workspace, player)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 640)
    canvas.show()
    with qtbot.waitActive(canvas):
        canvas.activateWindow()
    canvas.setFocus()
    return canvas


@pytest.fixture
def canvas(blank, workspace, document, qtbot):
    """A canvas on the document, with its run, all of it in view."""
    workspace.show_document(document)
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)
    return blank


@pytest.fixture
def told(workspace):
    """All sentences that the workspace tells."""
    sentences = []
    workspace.told.connect(sentences.append)
    return sentences


class Hand:
    """Moves the mouse over a canvas, by pixels of its viewport."""

    def __init__(self, canvas):
        self.canvas = canvas

    @property
    def viewport(self):
        return self.canvas.viewport()

    def port(self, node, slot):
        return self.canvas.port_point(node, slot)

    def body(self, node):
        """Return a point of a card's title, away from its ports."""
        rect = self.canvas.node_rect(node)
        return QPoint(rect.center().x(), rect.top() + 6)

    def ground(self):
        """Return a point where nothing lies."""
        return self.viewport.rect().bottomRight() - QPoint(60, 60)

    def wire(self, port, share=0.5):
        """Return a point on a wire."""
        geometry = self.canvas.geometry_shown
        a, b, c, d = geometry.curves[geometry.wire_index[port]]
        t, u = share, 1 - share
        x, y = u**3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t**3 * d
        return self.canvas.mapFromScene(x, y)

    def move(self, point, keys=Qt.KeyboardModifier.NoModifier):
        QTest.mouseMove(self.viewport, point)

    def press(self, point, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
        QTest.mouseMove(self.viewport, point)
        QTest.mousePress(self.viewport, button, keys, point)

    def release(self, point, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
        QTest.mouseRelease(self.viewport, button, keys, point)

    def drag(self, start, *points, button=Qt.MouseButton.LeftButton, keys=Qt.KeyboardModifier.NoModifier):
        self.press(start, button, keys)
        for point in points:
            self.move((start + point) / 2)
            self.move(point)
        self.release(points[-1], button, keys)

    def click(self, point, keys=Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.LeftButton):
        self.press(point, button, keys)
        self.release(point, button, keys)

    def double_click(self, point):
        self.click(point)
        QTest.mouseDClick(self.viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
        self.release(point)

    def key(self, key, keys=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.canvas, key, keys)


@pytest.fixture
def hand(blank):
    return Hand(blank)
