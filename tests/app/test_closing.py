"""A program that is closed after an edit ends without a complaint, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from gradviz.app.display import make_application
from gradviz.app.window import MainWindow
from gradviz.graph import add_leaf

application = make_application()
window = MainWindow(QSettings(sys.argv[1], QSettings.Format.IniFormat))
window.show()

def discard():
    box = QApplication.activeModalWidget()
    QTest.mouseClick(box.button(QMessageBox.StandardButton.Discard), Qt.MouseButton.LeftButton)

def edit_and_close():
    window.workspace.edit("Edit", add_leaf, "x", 1.0)
    QTimer.singleShot(50, discard)
    print("closed" if window.close() else "open")

QTimer.singleShot(50, edit_and_close)
sys.exit(application.exec())
"""


def test_closing_after_an_edit_leaves_no_complaint(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "settings.ini")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    told = [line for line in result.stderr.decode().splitlines() if "propagateSizeHints" not in line]
    assert (result.returncode, result.stdout.strip(), told) == (0, b"closed", [])
