"""The window and the command line.

What the window shows only when it is asked, its dialogs, is loaded when it is first used: the first paint does not
wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AboutDialog": "gradviz.app.about",
    "ExportDialog": "gradviz.app.export_dialog",
    "ShortcutSheet": "gradviz.app.shortcut_sheet",
}


def __getattr__(name: str) -> Any:
    """Load a dialog from its module."""
    if name not in _HOMES:
        message = f"gradviz.app has no {name!r}; it has {', '.join(_HOMES)}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
