"""How the window looks: its layout, its themes, its sentences and dialogs."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from gradviz.app.about import AboutDialog
from gradviz.app.actions import COMMANDS, HANDS, in_place
from gradviz.app.look import apply_look
from gradviz.app.shortcut_sheet import ShortcutSheet
from gradviz.app.window import MainWindow
from gradviz.graph import set_tensor
from gradviz.picture import THEMES, load_theme, ui_font
from tests.app.conftest import dismiss


def trigger(window, command):
    window.action_set.actions[command].trigger()


@pytest.fixture
def filled_late(qtbot, store):
    """Make windows that are filled after their first paint, as the program does."""
    windows = []

    def make():
        window = MainWindow(store, fills=False)
        windows.append(window)
        with qtbot.waitSignal(window.painted):
            window.show()
        window.fill()
        QTest.qWait(50)
        return window

    yield make
    for window in windows:
        window.workspace.history.setClean()
        window.close()
        window.deleteLater()
    apply_look("light")


def test_a_window_that_is_filled_after_its_first_paint_gives_the_canvas_the_room(filled_late):
    window = filled_late()
    assert window.canvas.width() > 0.6 * window.width()
    assert window.canvas.height() > 0.7 * window.height()
    assert window.focusWidget() is window.canvas


def test_a_window_that_was_laid_out_by_hand_comes_back_as_it_was(filled_late):
    window = filled_late()
    window.resize(780, 720)  # the screen of the tests is small, and no window comes back larger than the screen
    window.resizeDocks([window.docks["palette"], window.docks["inspector"]], [170, 310], Qt.Orientation.Horizontal)
    window.docks["problems"].hide()
    QTest.qWait(50)
    window.close()
    again = filled_late()
    assert again.size() == window.size()
    assert again.docks["palette"].width() == window.docks["palette"].width()
    assert again.docks["timeline"].height() == window.docks["timeline"].height()
    assert again.docks["problems"].isHidden()


@pytest.mark.parametrize("kept", ["", "nonsense", "00ff", "zz"])
def test_a_layout_that_cannot_be_read_is_forgotten(filled_late, store, kept):
    store.setValue("geometry", kept)
    store.setValue("docks", kept)
    assert filled_late().canvas.height() > 300


@pytest.mark.parametrize("theme", THEMES)
def test_a_note_is_seen_whole(shell, settle, theme):
    shell.open_first(None, None)
    settle()
    trigger(shell, f"theme_{theme}")
    QTest.qWait(50)
    text = shell.inspector.note.text
    assert text.toPlainText()
    assert text.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_dresses_everything(window, theme):
    trigger(window, f"theme_{theme}")
    look = load_theme(theme)
    palette = QApplication.palette()
    assert palette.color(QPalette.ColorRole.Window).name().upper() == look.window.upper()
    assert palette.color(QPalette.ColorRole.Text).name().upper() == look.ink.upper()
    assert window.action_set.actions[f"theme_{theme}"].isChecked()
    known = {value.upper() for value in vars(look).values() if isinstance(value, str) and value.startswith("#")}
    used = re.findall(r"#[0-9A-Fa-f]{6}\b", QApplication.instance().styleSheet())
    assert used
    assert {colour.upper() for colour in used} <= known


def test_nothing_is_written_small_on_the_projector(window):
    window.workspace.select(["T"])
    trigger(window, "theme_projector")
    QTest.qWait(50)
    kinds = QLabel, QLineEdit, QAbstractButton, QComboBox, QPlainTextEdit, QAbstractItemView
    small = [
        (widget.objectName(), QFontInfo(widget.font()).pixelSize())
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds) and QFontInfo(widget.font()).pixelSize() < 18
    ]
    assert small == []


def test_the_next_theme_comes_round(window):
    for theme in (*THEMES[1:], THEMES[0]):
        trigger(window, "next_theme")
        assert window.workspace.theme_name == theme


@pytest.mark.parametrize("size", [(1024, 640), (1440, 900), (1920, 1080)])
@pytest.mark.parametrize("theme", THEMES)
def test_no_sentence_of_the_timeline_is_cut_off(window, size, theme):
    trigger(window, f"theme_{theme}")
    window.resize(*size)
    QTest.qWait(30)
    label = window.timeline.sentence
    for index in range(window.workspace.length + 1):
        window.player.seek(index)
        QApplication.processEvents()
        assert label.height() >= label.heightForWidth(label.width()), label.text()
        assert label.visibleRegion().boundingRect().height() == label.height()


def test_the_sheet_of_shortcuts_is_complete(window):
    sheet = ShortcutSheet(window)
    table = sheet.table
    rows = {(table.item(row, 0).text(), table.item(row, 1).text()) for row in range(table.rowCount())}
    assert {command.text for command in COMMANDS if command.keys} <= {what for what, _ in rows}
    assert {(what, how) for _, how, what in HANDS} <= rows
    assert all(
        how for what, how in rows if what not in {"File", "Edit", "Graph", "Run", "View", "Help", "Mouse", "Keys"}
    )
    sheet.show()
    assert table.horizontalScrollBar().maximum() == 0
    sheet.close()


def test_about_names_what_it_stands_on(window):
    dialog = AboutDialog(window)
    text = dialog.findChild(QLabel, "about.text").text()
    for name in ("gradviz", "Python", "Qt", "numpy", "networkx", "pyqtgraph", np.__version__):
        assert name in text
    dialog.close()


def test_dialogs_open_from_the_menu_and_close_with_escape(window, asked):
    for command, title in (("shortcuts", "Keyboard Shortcuts"), ("about", "About gradviz")):
        with asked(dismiss) as said:
            trigger(window, command)
            QTest.qWait(60)
        assert said == [title]


def test_switches_show_how_they_stand(window):
    actions, settings = window.action_set.actions, window.workspace.settings
    assert actions["snap"].isChecked() == settings.snaps
    trigger(window, "snap")
    assert actions["snap"].isChecked() == settings.snaps
    settings.reduced_motion = True
    assert actions["reduced_motion"].isChecked()


def test_context_menus_have_what_fits_the_place():
    assert {"delete", "make_target", "rename", "duplicate"} <= {command.id for command, _ in in_place("node")}
    assert {command.id for command, _ in in_place("wire")} == {"delete"}
    assert {"paste", "quick_add", "fit"} <= {command.id for command, _ in in_place("canvas")}


@pytest.mark.parametrize("theme", THEMES)
def test_small_tensors_are_seen_whole_as_typed(window, theme):
    trigger(window, f"theme_{theme}")
    for value in (1.0, [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], [[1.0]] * 6):
        window.workspace.edit("Edit", set_tensor, "T", np.array(value))
        window.workspace.select(["T"])
        QTest.qWait(20)
        assert window.inspector.leaf.values.text.verticalScrollBar().maximum() == 0
        window.workspace.select(())


def test_the_sides_are_wider_on_the_projector_and_come_back(window):
    widths = [window.docks[name].width() for name in ("palette", "inspector")]
    trigger(window, "theme_projector")
    QTest.qWait(50)
    tabs = next(bar for bar in window.findChildren(QTabBar) if bar.count() == 3 and bar.parent() is window)
    assert sum(tabs.tabRect(at).width() for at in range(3)) <= tabs.width()
    assert all(
        tabs.tabRect(at).width() > tabs.fontMetrics().horizontalAdvance(tabs.tabText(at)) + 12 for at in range(3)
    )
    assert window.docks["inspector"].width() > widths[1] * 1.2
    trigger(window, "theme_light")
    QTest.qWait(50)
    for name, width in zip(("palette", "inspector"), widths, strict=True):
        assert abs(window.docks[name].width() - width) <= 2


@pytest.mark.parametrize("theme", THEMES)
def test_the_title_of_a_dock_keeps_what_reaches_below_its_line(window, theme):
    trigger(window, f"theme_{theme}")
    dock = window.docks["plots"]
    dock.show()
    QTest.qWait(50)
    font = ui_font(load_theme(theme))
    font.setWeight(QFont.Weight.DemiBold)
    # Below the line only the g of "Training" reaches: its rows are there, where nothing is cut off.
    picture = dock.grab().toImage()
    ground = picture.pixelColor(4, 6)
    right = 10 + QFontMetrics(font).horizontalAdvance("Training") + 4
    inked = [
        y
        for y in range(3, dock.widget().y() - 2)
        if any(abs(picture.pixelColor(x, y).lightness() - ground.lightness()) > 40 for x in range(8, right))
    ]
    # A tight rectangle is rounded outwards: the faintest of its rows may hold next to nothing.
    assert inked[-1] - inked[0] + 2 >= QFontMetrics(font).tightBoundingRect("Training").height()
