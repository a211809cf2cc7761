"""Pictures on disk and on the clipboard, without a screen.

Each writer is loaded when it is first used: the window opens before anybody exports.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "copy_picture": "gradviz.export.clipboard",
    "picture_of": "gradviz.export.render",
    "render": "gradviz.export.render",
    "writer_for": "gradviz.export.render",
    "write_sweep": "gradviz.export.movie",
}


def __getattr__(name: str) -> Any:
    """Load a writer from its module."""
    if name not in _HOMES:
        message = f"gradviz.export has no {name!r}; it has {', '.join(_HOMES)}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
