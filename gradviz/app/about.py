"""What this program is, and on what it runs."""

from __future__ import annotations

import platform
from importlib.metadata import version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from gradviz.version import own_version
from gradviz.workspace import named

PARTS = ("PySide6-Essentials", "numpy", "networkx", "pyqtgraph", "pillow")
"""The packages that gradviz stands on."""


class AboutDialog(QDialog):
    """Names the program, its version and those of what it stands on."""

    def __init__(self, parent: QWidget) -> None:
        """Name the versions."""
        super().__init__(parent)
        self.setObjectName("about")
        self.setWindowTitle(self.tr("About gradviz"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = named(QLabel(self._text()), "about.text")
        text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(text)
        layout.addWidget(buttons)

    def _text(self) -> str:
        system = f"Python {platform.python_version()}, Qt {qVersion()}, {platform.system()} {platform.machine()}"
        parts = ", ".join(f"{name} {version(name)}" for name in PARTS)
        return "".join(
            (
                f"<h2>gradviz {own_version()}</h2>",
                f"<p>{self.tr('See what reverse-mode differentiation does, wire by wire.')}</p>",
                f"<p>{system}<br>{parts}</p>",
                f"<p>{self.tr('Fonts: SIL Open Font License. Icons: Lucide. Colour maps: F. Crameri.')}</p>",
            )
        )
