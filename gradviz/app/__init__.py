"""The window and the command line.

What fills the window, and what it shows only when it is asked, is loaded when it is first used: the first paint does
not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AboutDialog": "gradviz.app.about",
    "Contents": "gradviz.app.contents",
    "DatasetDialog": "gradviz.app.dataset_dialog",
    "ExportDialog": "gradviz.app.export_dialog",
    "ShortcutSheet": "gradviz.app.shortcut_sheet",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for from its module."""
    if name not in _HOMES:
        message = f"gradviz.app has no {name!r}; it has {', '.join(_HOMES)}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
