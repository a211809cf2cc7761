"""Opening, saving, the question about unsaved edits, recent files and examples, with real dialogs."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMessageBox

import gradviz as gv
from gradviz.formats import examples
from gradviz.graph import remove, set_title
from tests.app.conftest import choose_path, dismiss, press

BUTTONS = QMessageBox.StandardButton


@pytest.fixture
def edited(window):
    window.workspace.edit("Delete", remove, ["t"])
    return window


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "product.gradviz"
    gv.save(gv.parse("y = a * b", a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0])), path)
    return path


def trigger(window, command):
    window.action_set.actions[command].trigger()


def test_the_title_shows_the_name_and_whether_there_are_unsaved_edits(window):
    assert window.windowTitle() == "Untitled[*] — gradviz"
    assert not window.isWindowModified()
    window.workspace.edit("Delete", remove, ["t"])
    assert window.isWindowModified()
    window.workspace.history.undo()
    assert not window.isWindowModified()


def test_without_a_file_the_first_example_opens_fitted(shell, settle):
    shell.open_first(None, None)
    settle()
    assert shell.workspace.document.title == examples()[0].title
    assert not shell.isWindowModified()
    room = shell.canvas.viewport().rect()
    assert all(room.contains(shell.canvas.node_rect(node)) for node in shell.workspace.document.nodes)


def test_a_file_named_at_the_start_is_the_windows_and_recent(shell, file, settle):
    shell.open_first(gv.load(file), file)
    settle()
    assert shell.windowTitle().startswith("product.gradviz")
    assert shell.workspace.settings.recent_files == (file,)
    assert not shell.isWindowModified()


def test_an_expression_named_at_the_start_is_unsaved_work(shell, settle):
    shell.open_first(gv.parse("y = x * x", x=np.ones(3)), None)
    settle()
    assert shell.isWindowModified()
    rects = [shell.canvas.node_rect(node) for node in shell.workspace.document.nodes]
    assert not rects[0].intersects(rects[1])
    shell.workspace.history.undo()
    assert not shell.workspace.document.nodes


def test_save_as_asks_for_a_name_and_adds_the_ending(edited, asked, tmp_path):
    with asked(choose_path(tmp_path / "mine")):
        trigger(edited, "save_as")
    assert gv.load(tmp_path / "mine.gradviz").nodes.keys() == edited.workspace.document.nodes.keys()
    assert edited.windowTitle().startswith("mine.gradviz")
    assert not edited.isWindowModified()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Fit s²: loss = sum((s·t)²)", "fit_s2.gradviz"),
        ("Größe / Wert?", "größe_wert.gradviz"),
        ("∂loss/∂W", "loss_w.gradviz"),
        ("…: x", "graph.gradviz"),
    ],
)
def test_a_title_suggests_a_name_that_every_system_takes(edited, asked, title, name):
    edited.workspace.edit("Change title", set_title, title)
    suggested = []

    def look(dialog):
        suggested.append(dialog.findChild(QLineEdit, "fileNameEdit").text())
        dismiss(dialog)

    with asked(look):
        trigger(edited, "save_as")
    assert suggested == [name]


def test_saving_again_asks_nothing(edited, asked, tmp_path):
    with asked(choose_path(tmp_path / "mine.gradviz")):
        trigger(edited, "save")
    edited.workspace.edit("Delete", remove, ["T"])
    trigger(edited, "save")
    assert "T" not in gv.load(tmp_path / "mine.gradviz").nodes
    assert not edited.isWindowModified()


def test_a_file_is_not_replaced_unasked_where_the_ending_was_left_out(edited, asked, tmp_path):
    (tmp_path / "mine.gradviz").write_text("precious", "utf-8")
    with asked(choose_path(tmp_path / "mine"), press(BUTTONS.No)):
        trigger(edited, "save_as")
    assert (tmp_path / "mine.gradviz").read_text("utf-8") == "precious"
    assert edited.isWindowModified()
    with asked(choose_path(tmp_path / "mine"), press(BUTTONS.Yes)):
        trigger(edited, "save_as")
    assert not edited.isWindowModified()


def test_a_save_that_fails_is_told_and_keeps_the_edits(edited, asked, tmp_path):
    (tmp_path / "mine.gradviz").mkdir()
    edited.workspace._path = tmp_path / "mine.gradviz"
    with asked(press(BUTTONS.Ok)) as boxes:
        trigger(edited, "save")
    assert "mine.gradviz" in boxes[0]
    assert edited.isWindowModified()


def test_closing_without_edits_asks_nothing(window):
    assert window.close()


def test_cancel_keeps_the_window_open_and_everything_in_it(edited, asked):
    document = edited.workspace.document
    with asked(press(BUTTONS.Cancel)):
        assert not edited.close()
    assert edited.isVisible()
    assert edited.workspace.document is document
    assert edited.workspace.history.canUndo()


def test_escape_is_cancel(edited, asked):
    with asked(dismiss):
        assert not edited.close()


def test_discard_closes(edited, asked):
    with asked(press(BUTTONS.Discard)):
        assert edited.close()


def test_save_asks_for_a_name_and_closes(edited, asked, tmp_path):
    with asked(press(BUTTONS.Save), choose_path(tmp_path / "kept.gradviz")):
        assert edited.close()
    assert "t" not in gv.load(tmp_path / "kept.gradviz").nodes


def test_a_name_that_is_not_given_keeps_the_window_open(edited, asked):
    with asked(press(BUTTONS.Save), dismiss):
        assert not edited.close()
    assert edited.isWindowModified()


def test_a_failing_save_keeps_the_window_open(edited, asked, tmp_path):
    (tmp_path / "mine.gradviz").mkdir()
    edited.workspace._path = tmp_path / "mine.gradviz"
    with asked(press(BUTTONS.Save), press(BUTTONS.Ok)):
        assert not edited.close()
    assert edited.isVisible()


@pytest.mark.parametrize("command", ["new", "open"])
def test_other_documents_ask_about_unsaved_edits_first(edited, asked, command):
    document = edited.workspace.document
    with asked(press(BUTTONS.Cancel)):
        trigger(edited, command)
    assert edited.workspace.document is document


def test_new_begins_an_empty_document(edited, asked):
    with asked(press(BUTTONS.Discard)):
        trigger(edited, "new")
    assert not edited.workspace.document.nodes
    assert not edited.workspace.history.canUndo()
    assert edited.windowTitle() == "Untitled[*] — gradviz"


def test_open_shows_the_file(window, asked, settle, file):
    with asked(choose_path(file)):
        trigger(window, "open")
    settle()
    assert set(window.workspace.document.nodes) == {"a", "b", "y"}
    assert window.windowTitle().startswith("product.gradviz")


@pytest.mark.parametrize("text", ["", "{", '{"format": "gradviz", "version": 99, "nodes": []}', "[" * 100_000])
def test_a_file_that_cannot_be_read_is_told_in_words_and_loses_nothing(window, asked, settle, tmp_path, text):
    path = tmp_path / "bad.gradviz"
    path.write_text(text, "utf-8")
    document = window.workspace.document
    with asked(choose_path(path), press(BUTTONS.Ok)) as boxes:
        trigger(window, "open")
        settle()
        QTest.qWait(100)
    assert "bad.gradviz" in boxes[1]
    assert window.workspace.document is document
    assert window.workspace.tape is not None


def test_recent_files_open_and_can_be_forgotten(window, settle, file):
    window.workspace.open(file)
    settle()
    trigger(window, "new")
    menu = QMenu()
    window.files.fill_recent(menu)
    entries = {action.text(): action for action in menu.actions()}
    entries["product.gradviz"].trigger()
    settle()
    assert set(window.workspace.document.nodes) == {"a", "b", "y"}
    entries["Forget These"].trigger()
    window.files.fill_recent(menu)
    assert [action.text() for action in menu.actions() if action.text()] == ["No files yet", "Forget These"]
    menu.deleteLater()


def test_every_example_opens_from_its_menu(window, settle):
    menu = QMenu()
    window.files.fill_examples(menu)
    assert len(menu.actions()) == len(examples())
    for action, example in zip(menu.actions(), examples(), strict=True):
        action.trigger()
        settle()
        assert window.workspace.document.title == example.title
        assert window.workspace.tape is not None
        assert not window.isWindowModified()
    menu.deleteLater()


def drop(widget, *urls):
    """Drop files onto a widget, the way that Qt does: who ignores it, passes it to who is behind."""
    data = QMimeData()
    data.setUrls(list(urls))
    at, button, keys = QPoint(20, 20), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    while widget is not None:
        if widget.acceptDrops():
            enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, button, keys)
            QApplication.sendEvent(widget, enter)
            if enter.isAccepted():
                QApplication.sendEvent(widget, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, button, keys))
                return True
        widget = widget.parentWidget()
    return False


@pytest.mark.parametrize("where", ["canvas", "palette.list", "palette.search", "expression", "inspector", "timeline"])
def test_a_file_dropped_anywhere_on_the_window_opens(window, qtbot, settle, file, where):
    widget = next(each for each in QApplication.allWidgets() if each.objectName() == where and each.window() is window)
    widget = widget.viewport() if where in {"canvas", "palette.list", "inspector"} else widget
    assert drop(widget, QUrl.fromLocalFile(str(file)))
    qtbot.waitUntil(lambda: set(window.workspace.document.nodes) == {"a", "b", "y"})
    settle()


def test_what_is_no_single_file_is_not_taken(window, file):
    url = QUrl.fromLocalFile(str(file))
    assert not drop(window, url, url)
    assert not drop(window, QUrl("https://example.org/a.gradviz"))


def test_a_drop_asks_about_unsaved_edits(edited, qtbot, asked, file):
    document = edited.workspace.document
    with asked(press(BUTTONS.Cancel)):
        drop(edited, QUrl.fromLocalFile(str(file)))
        QTest.qWait(150)
    assert edited.workspace.document is document


def test_closing_while_a_file_is_read_ends_well(window, file):
    window.workspace.open(file)
    assert window.close()


def test_the_window_remembers_how_it_was_laid_out(window, store, qtbot):
    window.docks["palette"].hide()
    window.resize(1100, 700)
    window.close()
    assert store.value("geometry")
    assert store.value("docks")


def test_a_name_is_told_as_it_is_written(window, asked, tmp_path):
    window.workspace._path = tmp_path / "<b>bold.gradviz"
    window.workspace.edit("Delete", remove, ["t"])

    def look(box):
        assert box.textFormat() == Qt.TextFormat.PlainText
        dismiss(box)

    with asked(look) as said:
        trigger(window, "new")
    assert "<b>bold.gradviz" in said[0]
