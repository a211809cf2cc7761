"""From the start of a process to the first paint: gradviz against a bare window with NumPy, in turn, offscreen.

Prints both medians and their ratio; the goal is at most 2.0. `startup 21` makes 21 runs of each.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOAL = 2.0
TELL_FIRST_PAINT = """
import os
from PySide6.QtCore import QCoreApplication, QEvent


def told(window):
    class Told(window):
        def paintEvent(self, event):
            super().paintEvent(event)
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))  # comes when the docks are painted too

        def customEvent(self, event):
            print("painted", flush=True)
            os._exit(0)

    return Told

"""
BARE = """
import numpy
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QGraphicsScene, QGraphicsView, QMainWindow, QWidget

application = QApplication([])
window = told(QMainWindow)()
window.menuBar().addMenu("File").addAction("Quit")
for area in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
    dock = QDockWidget("Dock")
    dock.setWidget(QWidget())
    window.addDockWidget(area, dock)
window.setCentralWidget(QGraphicsView(QGraphicsScene(window)))
window.resize(1440, 900)
window.show()
application.exec()
"""
GRADVIZ = """
from gradviz.app import command_line, window

window.MainWindow = told(window.MainWindow)
command_line.main([])
"""


def main(words):
    runs = int(words[0]) if words else 11
    times = {"bare window": [], "gradviz": []}
    programs = {"bare window": TELL_FIRST_PAINT + BARE, "gradviz": TELL_FIRST_PAINT + GRADVIZ}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs + 1):
            for name, program in programs.items():
                seconds = time_first_paint(program, folder)
                times[name] += [seconds] if run else []  # the first run writes bytecode and fills caches
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    for name, median in medians.items():
        print(f"{name:12} {1000 * median:6.0f} ms to the first paint, the median of {runs}")
    print(f"ratio        {medians['gradviz'] / medians['bare window']:6.2f} (goal: at most {GOAL})")
    return 0


def time_first_paint(program, folder):
    """Return the seconds from the start of a Python process to its saying that it has painted."""
    settings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    settings |= {"HOME": folder, "XDG_CONFIG_HOME": folder, "APPDATA": folder, "XDG_RUNTIME_DIR": folder}
    command, said = [sys.executable, "-c", program], []
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=settings
    ) as process:
        for line in process.stdout:
            said.append(line)
            if line == "painted\n":
                return time.perf_counter() - start
    raise RuntimeError(f"nothing was painted: {''.join(said)}")
