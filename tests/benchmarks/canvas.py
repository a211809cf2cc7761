"""A canvas with many nodes: what pointing, dragging, panning, zooming, a motion and a step cost, paint and all.

The peer is one repaint of an empty `QGraphicsView` of the same size, in the same process. Goal at 300 nodes: whatever
happens sixty times a second takes at most a frame, 16 ms. `canvas 1000` takes another number of nodes.
"""

import time
from functools import partial
from itertools import count
from statistics import median

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView

from gradviz.canvas import Canvas
from gradviz.graph import Computation, Document, Leaf, Node, Place, Port, Tensor
from gradviz.workspace import Motion, Player, Workspace

SIZE, FRAME, ROUNDS = (1440, 900), 16.0, 25


def main(words):
    application = QApplication.instance() or QApplication([])
    workspace = Workspace()
    canvas = Canvas(workspace, Player(workspace))
    canvas.resize(*SIZE)
    canvas.show()
    workspace.show_document(many_nodes(int(words[0]) if words else 300))
    while workspace.jobs.is_busy:
        application.processEvents()
    bare = bare_view()
    application.processEvents()
    peer = timed(bare.viewport().repaint)
    print(f"{len(workspace.document.nodes)} nodes; one repaint of an empty view takes {peer:.2f} ms")
    slow = [name for name, cost in costs(canvas) if report(name, cost, peer) > FRAME and not name.startswith("(")]
    workspace.close()
    return int(bool(slow))


def costs(canvas):
    """Yield what is done, and how many milliseconds it takes; in brackets what happens once in a while."""
    workspace, viewport, node = canvas.workspace, canvas.viewport(), "n100"
    for name, zoom in (("all in view", canvas.zoom), ("at 100 %", 1.0)):
        canvas.zoom_by(zoom / canvas.zoom)
        canvas.reveal(node)
        canvas.grab()
        rect = canvas.node_rect(node)
        title = QPoint(rect.center().x(), rect.top() + max(1, int(6 * canvas.zoom)))
        yield f"pointing, {name}", timed(to_and_fro(canvas, title, QPoint(2, 2))) / 2
        yield f"panning, {name}", timed(lambda: (canvas.pan_by(7, 3), viewport.repaint()))
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, title)
        yield f"dragging, {name}", timed(to_and_fro(canvas, title + QPoint(60, 40), title + QPoint(80, 60))) / 2
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        workspace.seek(workspace.length // 2)
        progress = count()
        yield f"a motion, {name}", timed(partial(move_on, canvas, progress))
        workspace.move(None)
        yield f"(a step), {name}", timed(lambda: (workspace.seek(workspace.playhead + 1), viewport.repaint()))
        canvas.fit()


def to_and_fro(canvas, *points):
    """Return the movement of the pointer to some points, each painted."""

    def move():
        for point in points:
            QTest.mouseMove(canvas.viewport(), point)
            canvas.viewport().repaint()

    return move


def move_on(canvas, progress):
    """Let the frame under way go on, and paint it."""
    canvas.workspace.move(Motion(canvas.workspace.playhead, next(progress) % 100 / 100))
    canvas.viewport().repaint()


def report(name, cost, peer):
    """Print and return what something costs."""
    print(f"{name:24} {cost:7.2f} ms, {cost / peer:6.1f} times the empty view")
    return cost


def timed(function):
    """Return how many milliseconds a function takes, the median of many calls."""
    spans = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        spans.append(1_000 * (time.perf_counter() - start))
    return median(spans)


def bare_view():
    """Return an empty view on screen."""
    view = QGraphicsView()
    view.setScene(QGraphicsScene(-1000, -1000, 2000, 2000, view))
    view.resize(*SIZE)
    view.show()
    return view


def many_nodes(number):
    """Return a document in columns: additions of nodes before them, over a few leaves."""
    rng, rows = np.random.default_rng(0), max(1, number // 10)
    names = [f"x{row}" for row in range(rows)]
    nodes = {name: Leaf("variable", Tensor(rng.normal(size=(3, 4)))) for name in names}
    places = {name: Place(0.0, 180.0 * row) for row, name in enumerate(names)}
    wires = {}
    for index in range(number - rows):
        name = f"n{index}"
        nodes[name], wires[Port(name, "a")] = Node("add"), names[-rows]
        wires[Port(name, "b")] = names[int(rng.integers(max(0, len(names) - 2 * rows), len(names)))]
        places[name] = Place(340.0 * (1 + index // rows), 180.0 * (index % rows))
        names.append(name)
    return Document(Computation(nodes, wires, {names[-1]: None}), places)
