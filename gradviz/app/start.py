"""Starting the window: the shell is painted first, what it shows follows in the next event."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSocketNotifier, QTimer

from gradviz.app.display import NoDisplayError, make_application
from gradviz.app.window import MainWindow

__all__ = ["NoDisplayError", "start"]

SHOWN_FOR = 5
"""Milliseconds that the shell has to appear on the screen, before loading what fills it keeps the event loop busy."""

INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl+C, as shells count."""


def start(document: Any, path: Path | None) -> int:
    """Show the window on a document (of a file at `path`), or (None) on the first example, until it is closed.

    The shell is painted before what fills it is loaded.

    Raises `NoDisplayError` where no display answers.
    """
    application = make_application()
    application.setApplicationName("gradviz")
    application.setDesktopFileName("gradviz")
    application.setStyle("Fusion")
    window = MainWindow(fills=False)
    interrupts: list[int] = []
    _close_on_interrupt(window, interrupts)

    def fill() -> None:
        window.fill()
        QTimer.singleShot(0, window, lambda: window.open_first(document, path))

    window.painted.connect(lambda: QTimer.singleShot(SHOWN_FOR, window, fill))
    room = window.screen().availableSize()
    fits = window.width() <= room.width() and window.height() <= room.height()
    (window.show if fits or window.is_laid_out else window.showMaximized)()
    code = application.exec()
    return INTERRUPTED if interrupts else code


def _close_on_interrupt(window: MainWindow, interrupts: list[int]) -> None:
    """Let Ctrl+C in the terminal close the window, as its own button does; Qt's loop would not notice it."""

    def close(number: int, _frame: object) -> None:
        QTimer.singleShot(0, window, lambda: interrupts.append(number) if window.close() else None)

    signal.signal(signal.SIGINT, close)
    if os.name != "posix":
        return  # there the signal comes on a thread of its own, and Python hears of it at the next event
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    wakeup = QSocketNotifier(reader, QSocketNotifier.Type.Read, window)
    wakeup.activated.connect(lambda: os.read(reader, 64))  # Python runs, and with it the handler
