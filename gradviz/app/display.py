"""The application on a display, or a sentence about why there is none: Qt by itself would abort the process.

Qt is given a last choice that always works, `offscreen`; where it has to take that, no window can be seen.
"""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QLibrary, QLibraryInfo, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from gradviz.errors import GradvizError


class NoDisplayError(GradvizError):
    """There is no display to open a window on; whatever needs none works."""


def make_application() -> QApplication:
    """Make the application of a window.

    Raises `NoDisplayError` where no display answers (the application is there all the same, to draw with), and
    `GradvizError` where a system library is missing.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return QApplication(sys.argv[:1])
    os.environ["QT_QPA_PLATFORM"] = ";".join([*_platforms(), "offscreen"])
    qInstallMessageHandler(lambda _kind, _context, _message: None)  # what it says about each choice is for developers
    try:
        application = QApplication(sys.argv[:1])
    finally:
        qInstallMessageHandler(None)
        del os.environ["QT_QPA_PLATFORM"]
    if application.platformName() != "offscreen":
        return application
    missing = _missing_library()
    if missing:
        raise GradvizError(
            "Qt cannot open a window: {missing}. `python3 main.py` says what to install", missing=missing
        )
    raise NoDisplayError(
        "There is no display to open a window on: {name} does not answer.",
        name=os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"),
    )


def _platforms() -> list[str]:
    """Return what to try, in Qt's order: Wayland first, but X11 on GNOME, whose windows Wayland leaves bare."""
    known = ["xcb"] if os.environ.get("DISPLAY") else []
    if os.environ.get("WAYLAND_DISPLAY"):
        known.insert(len(known) if "gnome" in os.environ.get("XDG_CURRENT_DESKTOP", "").lower() else 0, "wayland")
    return known


def _missing_library() -> str:
    """Return what the system's loader says is missing for windows on X11, or nothing."""
    plugin = QLibrary(f"{QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)}/platforms/libqxcb.so")
    return "" if plugin.load() else plugin.errorString()
