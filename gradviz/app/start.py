"""Starting the window: the shell is painted first, what it shows follows in the next event."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gradviz.app.window import MainWindow
from gradviz.graph import Document


def start(document: Document | None, path: Path | None) -> int:
    """Show the window on a document (of a file at `path`), or on the first example, until it is closed."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("gradviz")
    application.setStyle("Fusion")
    window = MainWindow()
    window.show()
    QTimer.singleShot(0, window, lambda: window.open_first(document, path))
    return application.exec()
