"""The pair of Python and PySide6 does not lose references to None, as PySide6 6.12.0 does on Python 3.11."""

import sys

import pytest
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")


class Canvas(QWidget):
    """A widget that Python paints."""

    paints = 0

    def paintEvent(self, event):
        self.paints += 1


def test_calling_qt_keeps_none_alive():
    item = QGraphicsRectItem()
    before = sys.getrefcount(None)
    for step in range(200):
        item.setPos(step, step)
    assert abs(sys.getrefcount(None) - before) < 50


def test_a_thousand_repaints_keep_none_alive(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    with qtbot.waitExposed(canvas):
        canvas.show()
    before = sys.getrefcount(None)
    for _ in range(1000):
        canvas.repaint()
    assert canvas.paints >= 1000
    assert abs(sys.getrefcount(None) - before) < 50
