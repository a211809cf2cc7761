"""The dialogs: what to export and how, the sheet of shortcuts, and what this program is."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.actions import COMMANDS
from gradviz.picture import THEMES
from gradviz.version import own_version
from gradviz.workspace import Workspace, named

MOUSE = (
    ("Drag an operation from the palette", "Add it where it is dropped"),
    ("Double-click on the canvas", "Add an operation by name"),
    ("Drag from a port", "Draw a wire; release over nothing to add an operation there"),
    ("Drag a wire's end", "Move it to another port, or drop it to detach"),
    ("Middle button, or Space and drag", "Pan"),
    ("Wheel", "Zoom at the pointer"),
    ("Alt while moving", "Do not snap to the grid"),
    ("Shift or Ctrl and click", "Add to the selection, or take away"),
    ("Esc", "Cancel what is under way"),
)
"""What the mouse does, for the sheet of shortcuts."""


@dataclass(frozen=True)
class ExportChoice:
    """What to export: a file's suffix, the frame, the theme, the scale, and whether the ground is left out."""

    suffix: str
    frame: int
    theme: str
    scale: float
    transparent: bool


class ExportDialog(QDialog):
    """Asks for the frame, the theme, the scale and the ground of an exported picture."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        """Propose what is on screen."""
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(self.tr("Export Picture"))
        self.format = named(QComboBox(), "export.format")
        self.format.addItem(self.tr("PNG, an image"), ".png")
        self.format.addItem(self.tr("SVG, for slides and print"), ".svg")
        self.frame = named(QSpinBox(), "export.frame")
        self.frame.setRange(0, workspace.length)
        self.frame.setValue(workspace.playhead)
        self.frame.setSuffix(self.tr(" of {count}").format(count=workspace.length))
        self.theme = named(QComboBox(), "export.theme")
        self.theme.addItems(THEMES)
        self.theme.setCurrentText(workspace.theme_name)
        self.scale = named(QDoubleSpinBox(), "export.scale")
        self.scale.setRange(0.25, 8.0)
        self.scale.setSingleStep(0.5)
        self.scale.setValue(2.0)
        self.transparent = named(QCheckBox(self.tr("Transparent background")), "export.transparent")
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        for title, field in (
            (self.tr("Format"), self.format),
            (self.tr("Moment"), self.frame),
            (self.tr("Theme"), self.theme),
            (self.tr("Scale"), self.scale),
            ("", self.transparent),
        ):
            form.addRow(title, field)
            field.setAccessibleName(title or self.transparent.text())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.tr("Export…"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def choice(self) -> ExportChoice:
        """Return what the person chose."""
        return ExportChoice(
            suffix=self.format.currentData(),
            frame=self.frame.value(),
            theme=self.theme.currentText(),
            scale=self.scale.value(),
            transparent=self.transparent.isChecked(),
        )


class ShortcutSheet(QDialog):
    """Every command with its keys, and what the mouse does."""

    def __init__(self, parent: QWidget) -> None:
        """List the table of commands."""
        super().__init__(parent)
        self.setObjectName("shortcuts")
        self.setWindowTitle(self.tr("Keyboard Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = [(self.tr(command.text), _shown_keys(command.keys)) for command in COMMANDS if command.keys]
        rows += [(self.tr(what), self.tr(how)) for how, what in MOUSE]
        self.table = named(QTableWidget(len(rows), 2), "shortcuts.table")
        self.table.setAccessibleName(self.windowTitle())
        self.table.setHorizontalHeaderLabels([self.tr("What"), self.tr("How")])
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                self.table.setItem(number, column, QTableWidgetItem(text))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table)
        layout.addWidget(_close_button(self))
        self.resize(720, 640)


def _shown_keys(keys: str) -> str:
    """Return keys as this system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return "  or  ".join(QKeySequence(key).toString(native) for key in keys.split("; "))


class AboutDialog(QDialog):
    """What this program is, and on what it runs."""

    def __init__(self, parent: QWidget) -> None:
        """Name the versions."""
        super().__init__(parent)
        self.setObjectName("about")
        self.setWindowTitle(self.tr("About gradviz"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        versions = [f"{name} {version(name)}" for name in ("PySide6-Essentials", "numpy", "networkx", "pyqtgraph")]
        facts = [f"Python {platform.python_version()}", f"Qt {qVersion()}", *versions]
        text = named(
            QLabel(
                f"<h2>gradviz {own_version()}</h2>"
                f"<p>{self.tr('See what reverse-mode differentiation does, wire by wire.')}</p>"
                f"<p>{'<br>'.join(facts)}</p>"
                f"<p>{self.tr('Fonts: SIL Open Font License. Icons: Lucide. Colours: Crameri.')}</p>"
            ),
            "about.text",
        )
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(_close_button(self))


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    return buttons
