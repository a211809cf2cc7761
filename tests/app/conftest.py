"""The window on a small document, its dialogs answered by real clicks, and its settings in a file of the test."""

from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QFileDialog, QLineEdit, QMessageBox

from gradviz.app.look import apply_look
from gradviz.app.window import MainWindow
from gradviz.formats import parse


@pytest.fixture(autouse=True)
def own_dialogs(application):
    """Qt's own file dialogs in place of the system's, which no test can click."""
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    yield
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, on=False)


@pytest.fixture
def store(tmp_path):
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def document():
    """loss = sum((s * T - t)**2) with a number and two vectors."""
    return parse(
        "loss = sum((s * T - t)**2)", s=np.array(2.0), T=np.array([1.0, 2.0, 3.0]), t=np.array([0.5, 1.0, 4.0])
    )


@pytest.fixture
def shell(qtbot, store):
    """The window on no document; it closes without a question, whatever the test has left."""
    window = MainWindow(store)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.workspace.history.setClean()
    window.close()
    window.deleteLater()
    apply_look("light")


@pytest.fixture
def settle(qtbot, shell):
    """Wait until nothing runs in the background."""
    return lambda: qtbot.waitUntil(lambda: not shell.workspace.jobs.is_busy, timeout=20_000)


@pytest.fixture
def window(shell, document, settle):
    """The window on the document, with its run."""
    shell.workspace.show_document(document)
    settle()
    return shell


@pytest.fixture
def told(shell):
    """All sentences that are told."""
    sentences = []
    shell.workspace.told.connect(sentences.append)
    return sentences


@pytest.fixture
def asked():
    """Answer the dialogs that will come up, in order, each by a function of it; gives what they say.

    Afterwards no answer may be left.
    """

    @contextmanager
    def asked(*answers):
        left, seen, said = list(answers), [], []

        def look():
            dialog = QApplication.activeModalWidget()
            if left and isinstance(dialog, QDialog) and dialog not in seen and dialog.isVisible():
                seen.append(dialog)
                said.append(dialog.text() if isinstance(dialog, QMessageBox) else dialog.windowTitle())
                left.pop(0)(dialog)

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(20)
        try:
            yield said
        finally:
            timer.stop()
        assert not left, "a dialog was expected that did not come"

    return asked


def press(button):
    """Return an answer that clicks a standard button."""

    def answer(dialog):
        box = dialog if isinstance(dialog, QMessageBox) else dialog.findChild(QDialogButtonBox)
        QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)

    return answer


def press_text(text):
    """Return an answer that clicks the button of a dialog with a text."""

    def answer(dialog):
        buttons = dialog.findChild(QDialogButtonBox).buttons()
        QTest.mouseClick(next(each for each in buttons if text in each.text()), Qt.MouseButton.LeftButton)

    return answer


def choose_path(path):
    """Return an answer that gives a file dialog a path, without the popup of suggestions, and accepts it."""

    def answer(dialog):
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        line.setText(str(path))
        QTest.keyClick(line, Qt.Key.Key_Return)

    return answer


def dismiss(dialog):
    """Close a dialog with Esc."""
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
