"""The window: a shell that is painted at once, and is filled when what it holds has been loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QDragEnterEvent, QDropEvent, QPaintEvent, QPalette
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QToolBar, QVBoxLayout, QWidget

from gradviz import app
from gradviz.assets import names, read_text

SIZE, SHARE = QSize(1440, 900), 0.85
"""Pixels of a window that was never laid out by hand; on a large screen, so much of it."""

SIDES = (208, 324)
"""Pixels that the docks at the left and at the right are wide at first."""

BELOW, BOTTOM = 96, 110
"""Pixels that the problems below the inspector, and the timeline, are high at first."""

MENUS = ("File", "Edit", "Graph", "Run", "View", "Help")
"""The titles of the menu bar."""


class MainWindow(QMainWindow):
    """The one window of gradviz; `painted` tells of its first paint."""

    painted = Signal()

    def __init__(self, store: QSettings | None = None, *, fills: bool = True) -> None:
        """Build the shell, and fill it unless that is to come later (`fill`); settings are kept in `store`.

        Without a store they are kept in the person's own file.
        """
        super().__init__()
        self.setObjectName("gradviz")
        self._store = store or QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradviz", "gradviz")
        self._contents: Any = None
        self._is_painted = False
        middle = QWidget()
        self.setCentralWidget(middle)
        self.middle = QVBoxLayout(middle)
        self.middle.setContentsMargins(0, 0, 0, 0)
        self.middle.setSpacing(0)
        self.setPalette(_first_palette(str(self._store.value("theme", "light"))))
        self.docks = self._made_docks()
        self.menus = {title: self.menuBar().addMenu(self.tr(title)) for title in MENUS}
        self.tools = QToolBar(self.tr("Tools"), self)
        self.tools.setObjectName("tools")
        self.tools.setMovable(False)
        self.tools.setIconSize(QSize(20, 20))
        self.addToolBar(self.tools)
        self.setAcceptDrops(True)
        self.statusBar().setSizeGripEnabled(False)
        self.setWindowTitle("gradviz")
        self.is_laid_out = self._restore()
        if not self.is_laid_out:
            self.resize(SIZE.expandedTo(self.screen().availableSize() * SHARE))
            self._lay_out_docks()
        if fills:
            self.fill()

    def fill(self) -> None:
        """Load and show all that the window holds, around an empty document."""
        self.setPalette(QPalette())
        contents = app.Contents(self, self._store)
        self._contents = contents
        self.workspace, self.player, self.canvas = contents.workspace, contents.player, contents.canvas
        self.palette_panel, self.inspector, self.problems = (
            contents.palette_panel,
            contents.inspector,
            contents.problems,
        )
        self.timeline, self.expression = contents.timeline, contents.expression
        self.chain_rule, self.probe = contents.chain_rule, contents.probe
        self.files, self.editing, self.action_set = contents.files, contents.editing, contents.action_set
        self.handlers = contents.handlers
        if not self.is_laid_out:
            self._lay_out_docks()  # what came into the docks wants less room than nothing did

    def open_first(self, document: Any, path: Path | None) -> None:
        """Show a document (of a file at `path`, or new), or the first example, in the window that has been filled."""
        self._contents.open_first(document, path)

    def widen_sides(self, factor: float) -> None:
        """Make the docks at the left and at the right wider by a factor, or narrower where it is below 1."""
        areas = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        docks = [
            dock
            for dock in self.docks.values()
            if self.dockWidgetArea(dock) in areas and not dock.isFloating() and not dock.visibleRegion().isEmpty()
        ]
        self.resizeDocks(docks, [round(dock.width() * factor) for dock in docks], Qt.Orientation.Horizontal)

    def _made_docks(self) -> dict[str, QDockWidget]:
        """Return the docks by the name of the panel that each will hold, where they stand at first."""
        areas = Qt.DockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, areas.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, areas.RightDockWidgetArea)
        docks = {
            "palette": self._dock("palette", self.tr("Palette"), areas.LeftDockWidgetArea),
            "inspector": self._dock("inspector", self.tr("Inspector"), areas.RightDockWidgetArea),
            "chain_rule": self._dock("chain_rule", self.tr("Chain Rule"), areas.RightDockWidgetArea),
            "probe": self._dock("probe", self.tr("Nudge"), areas.RightDockWidgetArea),
            "problems": self._dock("problems", self.tr("Problems"), areas.RightDockWidgetArea),
            "plots": self._dock("plots", self.tr("Training"), areas.BottomDockWidgetArea),
            "timeline": self._dock("timeline", self.tr("Timeline"), areas.BottomDockWidgetArea),
        }
        self.splitDockWidget(docks["plots"], docks["timeline"], Qt.Orientation.Vertical)
        self.setTabPosition(areas.RightDockWidgetArea, QTabWidget.TabPosition.North)
        self.tabifyDockWidget(docks["inspector"], docks["chain_rule"])
        self.tabifyDockWidget(docks["chain_rule"], docks["probe"])
        docks["inspector"].raise_()
        docks["plots"].hide()  # until something is trained
        return docks

    def _lay_out_docks(self) -> None:
        """Give the docks the room that they have at first, and the middle all the rest."""
        names = "palette", "inspector", "problems", "timeline"
        palette, inspector, problems, timeline = (self.docks[name] for name in names)
        self.resizeDocks([palette, inspector], [*SIDES], Qt.Orientation.Horizontal)
        self.resizeDocks([inspector, problems], [self.height(), BELOW], Qt.Orientation.Vertical)
        self.resizeDocks([timeline], [BOTTOM], Qt.Orientation.Vertical)

    def _dock(self, name: str, title: str, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock.{name}")
        dock.setWidget(QWidget())
        self.addDockWidget(area, dock)
        return dock

    # What the system asks of a window

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell of the first paint."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.painted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a file."""
        if _dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the file that was dropped, after the drop: a question about unsaved edits must not hold the sender."""
        path = _dropped_file(event)
        if path is not None and self._contents is not None:
            event.acceptProposedAction()
            at = event.position().toPoint()
            QTimer.singleShot(0, self, lambda: self._contents.drop_file(path, at))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close where nothing is lost by it, and remember how the window stood."""
        if self._contents is not None and not self._contents.may_close():
            event.ignore()
            return
        self._store.setValue("geometry", bytes(self.saveGeometry().data()).hex())
        self._store.setValue("docks", bytes(self.saveState().data()).hex())
        super().closeEvent(event)

    def _restore(self) -> bool:
        """Stand as the window stood last, if it did; what the store holds instead of that changes nothing."""
        geometry, docks = (_bytes_of(self._store.value(key)) for key in ("geometry", "docks"))
        return self.restoreGeometry(geometry) and self.restoreState(docks)


def _bytes_of(value: object) -> QByteArray:
    """Return bytes that were kept as hexadecimal digits; none where these are none."""
    try:
        return QByteArray(bytes.fromhex(str(value)))
    except ValueError:
        return QByteArray()


def _first_palette(theme: str) -> QPalette:
    """Return the ground and the ink of a theme, so that nothing flashes before the window is filled."""
    known = f"themes/{theme}.json" in names("themes")
    facts = json.loads(read_text(f"themes/{theme}.json" if known else "themes/light.json"))
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, "window"),
        (QPalette.ColorRole.Base, "field"),
        (QPalette.ColorRole.WindowText, "ink"),
        (QPalette.ColorRole.Text, "ink"),
        (QPalette.ColorRole.ButtonText, "ink"),
    ):
        palette.setColor(role, QColor(facts[colour]))
    return palette


def _dropped_file(event: QDropEvent) -> Path | None:
    """Return the one local file that a drop carries, or None."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
