"""Pointing at a cell lights up what it comes from in the whole window: graph, inspector and chain rule."""

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from gradviz.engine import Send
from gradviz.formats import parse
from gradviz.picture import cell_rect
from gradviz.workspace import Spot

X, W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])


def test_a_cell_of_the_graph_lights_up_the_inspector_and_the_numbers_of_the_step(shell, settle):
    workspace, canvas = shell.workspace, shell.docks["inspector"].parent().findChild(object, "canvas")
    workspace.show_document(parse("Y = X @ W; loss = sum(Y * Y)", X=X, W=W))
    settle()
    index = next(i for i, frame in enumerate(workspace.tape.frames) if isinstance(frame, Send) and frame.source == "W")
    workspace.settings.reduced_motion = True
    workspace.seek(index + 1)
    workspace.select(["X"])
    inspector, panel = shell.docks["inspector"].widget(), shell.docks["chain_rule"].widget()
    shell.docks["chain_rule"].show()
    shell.docks["chain_rule"].raise_()
    corner, layout, tensor = canvas.cells_shown.chip(Spot("W", "gradient", ()))
    x, y, w, h = cell_rect(layout, tensor.shape, (2, 1))
    QTest.mouseMove(canvas.viewport(), QPoint(3, 3))
    QTest.mouseMove(canvas.viewport(), canvas.mapFromScene(corner + QPointF(x + w / 2, y + h / 2)))
    assert panel.sections["loom"].view.sum.text() == "3 × (−2) + 6 × (−2) = −18"
    shell.docks["inspector"].raise_()
    assert np.argwhere(inspector.tensors.value._outline.lit).tolist() == [[0, 2], [1, 2]]


def test_the_keys_alone_come_to_a_cell(shell, settle):
    workspace, canvas = shell.workspace, shell.docks["inspector"].parent().findChild(object, "canvas")
    workspace.show_document(parse("Y = X @ W; loss = sum(Y * Y)", X=X, W=W))
    settle()
    workspace.seek(workspace.length)
    canvas.setFocus()
    workspace.select(["Y"])
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(canvas, key, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    assert canvas.accessibleDescription() == "Y[1, 1]: value -1.0"
