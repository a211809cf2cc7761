"""Runs gradviz and tells what a person sees of it: a question a line on standard input, an answer a line on output.

It only looks. Whatever happens to the window comes from the mouse and the keyboard.
"""

import json
import os
import sys
import threading

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolBar,
    QToolTip,
)

from gradviz.app.command_line import main


class Onlooker(QObject):
    """Answers on the thread of the window; questions come in from another one."""

    asked = Signal(str)

    def __init__(self):
        super().__init__()
        self.asked.connect(self.answer, Qt.ConnectionType.QueuedConnection)

    def listen(self):
        with open(0, "rb", buffering=0, closefd=False) as questions:  # unbuffered, so that no lock is held at the end
            for line in questions:
                self.asked.emit(line.decode())
        os._exit(3)  # whoever asked is gone

    def answer(self, line):
        question = json.loads(line)
        if question["look"] == "painted":
            QTimer.singleShot(20, lambda: self.tell({"answer": True}))  # what waits to be painted comes before timers
            return
        try:
            self.tell({"answer": LOOKS[question.pop("look")](**question)})
        except LookupError as error:
            self.tell({"missing": str(error)})

    def tell(self, told):
        print(json.dumps(told), flush=True)


def first(found, what):
    """Return the first of what was found; raises LookupError where nothing was."""
    for each in found:
        return each
    raise LookupError(what)


def visible(kind):
    """Yield every visible widget of a kind, those of the foremost window first."""
    ahead = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    widgets = [widget for widget in QApplication.allWidgets() if isinstance(widget, kind) and widget.isVisible()]
    yield from sorted(widgets, key=lambda widget: widget.window() is not ahead)


def main_window():
    """Return the window of gradviz, once it is filled."""
    windows = (each for each in QApplication.topLevelWidgets() if each.objectName() == "gradviz")
    return first((each for each in windows if hasattr(each, "workspace")), "the window, filled")


def on_screen(rect, widget):
    """Return a rectangle of a widget as x, y, width and height on the screen."""
    corner = widget.mapToGlobal(rect.topLeft())
    return [corner.x(), corner.y(), rect.width(), rect.height()]


def see_state():
    """Return what is open, how far its run is, and what is told about it."""
    window = main_window()
    workspace = window.workspace
    document, tape = workspace.document, workspace.tape
    return {
        "title": window.windowTitle().replace("[*]", "*" if window.isWindowModified() else ""),
        "nodes": {name: getattr(node, "op", None) or node.role for name, node in document.nodes.items()},
        "places": {name: [place.x, place.y] for name, place in document.places.items()},
        "wires": {f"{port.node}.{port.name}": source for port, source in document.wires.items()},
        "targets": list(document.targets),
        "selection": sorted(workspace.selection),
        "playhead": workspace.playhead,
        "length": workspace.length,
        "is_stale": workspace.is_stale,
        "is_moving": workspace.motion is not None or window.canvas.is_fading,
        "is_playing": window.player.is_playing,
        "values": {} if tape is None else as_lists(tape.values),
        "gradients": {} if tape is None else as_lists(tape.gradients),
        "undo": workspace.history.undoText() if workspace.history.canUndo() else "",
        "theme": workspace.theme_name,
        "zoom": window.canvas.zoom,
        "told": window.statusBar().currentMessage(),
        "tip": QToolTip.text() if QToolTip.isVisible() else "",
    }


def as_lists(arrays):
    """Return arrays as nested lists; None stays None."""
    return {name: None if array is None else array.tolist() for name, array in arrays.items()}


def see_node(name):
    """Return where a node's card is."""
    canvas = main_window().canvas
    if name not in canvas.workspace.document.nodes:
        raise LookupError(name)
    return on_screen(canvas.node_rect(name), canvas.viewport())


def see_port(node, slot):
    """Return where a port is; slot -1 is the output."""
    canvas = main_window().canvas
    if node not in canvas.workspace.document.nodes:
        raise LookupError(node)
    return on_screen(QRect(canvas.port_point(node, slot), canvas.port_point(node, slot)), canvas.viewport())


def see_canvas():
    """Return where the canvas is."""
    viewport = main_window().canvas.viewport()
    return on_screen(viewport.rect(), viewport)


def see_place(x, y):
    """Return which point of the picture lies under a pixel of the screen."""
    canvas = main_window().canvas
    place = canvas.viewportTransform().inverted()[0].map(canvas.viewport().mapFromGlobal(QPoint(x, y)).toPointF())
    return [place.x(), place.y()]


def see_widget(name):
    """Return where the widget of an object name is."""
    widget = first((each for each in visible(QObject) if each.objectName() == name), name)
    return on_screen(widget.rect(), widget)


def see_handle(name):
    """Return where the handle of a slider is."""
    slider = first((each for each in visible(QSlider) if each.objectName() == name), name)
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    parts = slider.style().subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
    )
    return on_screen(parts, slider)


def see_text(name):
    """Return what a label, a line, a box or a button says."""
    kinds = QLabel, QLineEdit, QComboBox, QPlainTextEdit
    widget = first((each for each in visible(kinds) if each.objectName() == name), name)
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText()
    return widget.currentText() if isinstance(widget, QComboBox) else widget.text()


def see_focus():
    """Return the object name of what the keyboard goes to."""
    widget = QApplication.focusWidget()
    return "" if widget is None else widget.objectName()


def see_button(text):
    """Return where the button with a text is."""
    buttons = visible(QAbstractButton)
    button = first((each for each in buttons if each.text().replace("&", "") == text), text)
    return on_screen(button.rect(), button)


def see_entry(text):
    """Return where an entry of a menu, the menu bar or the toolbar is."""
    for bar in visible((QMenu, QMenuBar, QToolBar)):
        for action in bar.actions():
            if action.text().replace("&", "") == text and action.isVisible() and action.isEnabled():
                return on_screen(bar.actionGeometry(action), bar)
    raise LookupError(text)


def see_row(text, name=""):
    """Return where the row of a list that begins with a text is; without a name, of the foremost list."""
    for view in visible(QAbstractItemView):
        start, begins = view.model().index(0, 0), Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchRecursive
        for index in view.model().match(start, Qt.ItemDataRole.DisplayRole, text, 1, begins):
            rect = view.visualRect(index) & view.viewport().rect()
            if view.objectName() == name or (not name and rect.isValid()):
                return on_screen(rect, view.viewport())
    raise LookupError(text)


def see_rows(name):
    """Return the texts of a list."""
    view = first((each for each in visible(QAbstractItemView) if each.objectName() == name), name)
    return [view.model().index(row, 0).data() for row in range(view.model().rowCount())]


def see_cell(name, row, column):
    """Return where a cell of a table is."""
    view = first((each for each in visible(QAbstractItemView) if each.objectName() == name), name)
    return on_screen(view.visualRect(view.model().index(row, column)), view.viewport())


def see_dialog():
    """Return the title of the dialog that asks something."""
    return first((each.windowTitle() for each in visible(QDialog)), "a dialog")


LOOKS = {name.removeprefix("see_"): look for name, look in vars().items() if name.startswith("see_")}


if __name__ == "__main__":
    onlooker = Onlooker()
    threading.Thread(target=onlooker.listen, daemon=True).start()
    sys.exit(main())
