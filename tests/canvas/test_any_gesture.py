"""A hurried hand: presses, moves, keys, edits and undo in any order leave a canvas that goes on working."""

import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gradviz.graph import Document, Port, add_leaf, disconnect, fresh_name, remove, rename

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
KEYS = [
    (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
    (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
    *[(key, Qt.KeyboardModifier.AltModifier) for key in (Qt.Key.Key_Left, Qt.Key.Key_Down)],
    *[(key, Qt.KeyboardModifier.ControlModifier) for key in (Qt.Key.Key_Right, Qt.Key.Key_Up)],
]
MODIFIERS = [
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
]


class Hurry:
    """Draws what happens next."""

    def __init__(self, canvas, hand, document, seed):
        self.canvas, self.hand, self.workspace, self.document = canvas, hand, canvas.workspace, document
        self.random = random.Random(seed)

    def point(self):
        """Return a port, a card, or any place on the canvas or beside it."""
        nodes = list(self.workspace.document.nodes)
        kind = self.random.randrange(4 if nodes else 1)
        if kind == 0:
            room = self.canvas.rect()
            return QPoint(self.random.randrange(-60, room.width() + 60), self.random.randrange(-60, room.height() + 60))
        node = self.random.choice(nodes)
        slots = len(self.canvas.geometry_shown.layout(node).ports)
        if kind == 1:
            return self.hand.body(node)
        return self.canvas.port_point(node, self.random.randrange(-1, slots))

    def press(self):
        self.hand.press(self.point(), self.random.choice([LEFT, LEFT, MIDDLE, RIGHT]), self.random.choice(MODIFIERS))

    def move(self):
        self.hand.move(self.point())

    def release(self):
        self.hand.release(self.point(), self.random.choice([LEFT, LEFT, MIDDLE]), self.random.choice(MODIFIERS))

    def double_click(self):
        QTest.mouseDClick(self.canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, self.point())

    def key(self):
        self.hand.key(*self.random.choice(KEYS))

    def edit(self):
        workspace, nodes = self.workspace, list(self.workspace.document.nodes)
        if not nodes:
            workspace.edit("Add", lambda document: add_leaf(document, fresh_name(document, "x"), [1.0, 2.0]))
            return
        node = self.random.choice(nodes)
        change, *args = self.random.choice(
            [(remove, [node]), (rename, node, f"n{self.random.randrange(99)}"), (disconnect, Port(node, "a"))]
        )
        workspace.edit("Edit", change, *args)

    def undo(self):
        self.random.choice([self.workspace.history.undo, self.workspace.history.redo])()

    def look(self):
        self.canvas.grab()

    def zoom(self):
        self.canvas.zoom_by(self.random.choice([0.3, 0.8, 1.3, 4.0]), self.point())

    def step(self):
        self.workspace.seek(self.random.randrange(20))

    def theme(self):
        self.workspace.set_theme(self.random.choice(["light", "dark", "projector"]))

    def open(self):
        self.workspace.show_document(self.random.choice([self.document, Document()]))

    def wait(self):
        QTest.qWait(5)

    def happen(self):
        often = [self.press, self.move, self.move, self.move, self.release, self.release] * 3
        seldom = [self.key, self.key, self.edit, self.undo, self.look, self.look, self.zoom, self.step, self.wait]
        self.random.choice([*often, *seldom, self.double_click, self.theme, self.open])()


@pytest.mark.parametrize("seed", range(24))
def test_whatever_a_hurried_hand_does_the_canvas_goes_on(canvas, hand, workspace, document, seed):
    hurry = Hurry(canvas, hand, document, seed)
    for _ in range(120):
        hurry.happen()
        assert workspace.selection <= workspace.document.nodes.keys()
        assert workspace.selected_wires <= workspace.document.wires.keys()
    canvas.setFocus()
    hand.key(Qt.Key.Key_Escape)
    canvas.cancel_gesture()
    assert not canvas._edge_pan.is_moving
    assert canvas._carried == frozenset()
    documents = [workspace.document]
    while workspace.history.canUndo():
        workspace.history.undo()
        documents.append(workspace.document)
    for expected in documents[-2::-1]:
        workspace.history.redo()
        assert workspace.document is expected
    workspace.show_document(document)
    start = hand.body("mul1")
    hand.drag(start, start + QPoint(60, 0))
    assert workspace.document.places["mul1"].x > 300
