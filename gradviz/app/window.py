"""The window: canvas in the middle, docks around it, and what each command does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QToolBar, QVBoxLayout, QWidget

from gradviz import app
from gradviz.app.action_set import ActionSet
from gradviz.app.editing import Editing
from gradviz.app.files import Files
from gradviz.app.look import apply_look
from gradviz.canvas import Canvas
from gradviz.formats import examples
from gradviz.graph import Document
from gradviz.panels import ExpressionBar, InspectorPanel, PalettePanel, ProblemsPanel, TimelinePanel
from gradviz.picture import THEMES
from gradviz.workspace import Player, Settings, Workspace, named

TOLD_FOR = 8000
"""Milliseconds that a sentence stays in the status bar."""

SIZE = QSize(1440, 900)
"""Pixels of a window that was never laid out by hand."""

SIDES = (208, 324)
"""Pixels that the docks at the left and at the right are wide at first."""

BELOW = 96
"""Pixels that the problems below the inspector are high at first."""


class MainWindow(QMainWindow):
    """The one window of gradviz."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Build the shell around an empty document; what to open comes after the first paint (`open_first`)."""
        super().__init__()
        self.setObjectName("gradviz")
        self.workspace = Workspace(settings, self)
        apply_look(self.workspace.theme_name)
        self.player = Player(self.workspace, self)
        self.canvas = Canvas(self.workspace, self.player)
        self.palette_panel = PalettePanel()
        self.expression = ExpressionBar(self.workspace)
        self.timeline = TimelinePanel(self.workspace, self.player)
        self.inspector = InspectorPanel(self.workspace)
        self.problems = ProblemsPanel(self.workspace)
        self.files = Files(self.workspace, self, self.inspector.settle)
        self.editing = Editing(self.workspace, self.canvas)
        self.action_set = ActionSet(self.workspace, self._handlers(), self)
        self._lay_out()
        self._fill_menus()
        self._listen()
        self._show_file()
        self._restore()
        self.canvas.setFocus()

    def open_first(self, document: Document | None, path: Path | None) -> None:
        """Show a document (of a file at `path`, or new), or the first example, fitted."""
        if document is None:
            self.files.open_example(examples()[0].name)
        elif path is None:
            self.editing.add_drawing(document)
        else:
            self.workspace.show_document(document, path.absolute())
            self.workspace.settings.remember_file(path)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        """Return what each command of the table does."""
        player, canvas, workspace, settings = self.player, self.canvas, self.workspace, self.workspace.settings
        return {
            **self.files.handlers(),
            **self.editing.handlers(),
            "rename": lambda: self._begin_in(self.inspector, self.inspector.edit_name),
            "search_palette": lambda: self._begin_in(self.palette_panel, self.palette_panel.edit_search),
            "write_expression": self.expression.line.setFocus,
            "quit": self.close,
            "play": player.toggle,
            "step_forward": player.step_forward,
            "step_back": player.step_back,
            "next_phase": lambda: player.seek_phase(1),
            "previous_phase": lambda: player.seek_phase(-1),
            "first": lambda: player.seek(0),
            "last": lambda: player.seek(workspace.length),
            "fit": canvas.fit,
            "zoom_in": lambda: canvas.zoom_by(1.25),
            "zoom_out": lambda: canvas.zoom_by(0.8),
            "zoom_whole": canvas.zoom_whole,
            "theme_light": lambda: workspace.set_theme("light"),
            "theme_dark": lambda: workspace.set_theme("dark"),
            "theme_projector": lambda: workspace.set_theme("projector"),
            "next_theme": self._next_theme,
            "snap": lambda: setattr(settings, "snaps", not settings.snaps),
            "reduced_motion": lambda: setattr(settings, "reduced_motion", not settings.reduced_motion),
            "shortcuts": lambda: app.ShortcutSheet(self).open(),
            "about": lambda: app.AboutDialog(self).open(),
        }

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.expression)
        column.addWidget(self.canvas, stretch=1)
        self.setCentralWidget(middle)
        areas = Qt.DockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, areas.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, areas.RightDockWidgetArea)
        self.docks = (
            self._dock(self.tr("Palette"), self.palette_panel, areas.LeftDockWidgetArea),
            self._dock(self.tr("Inspector"), self.inspector, areas.RightDockWidgetArea),
            self._dock(self.tr("Problems"), self.problems, areas.RightDockWidgetArea),
            self._dock(self.tr("Timeline"), self.timeline, areas.BottomDockWidgetArea),
        )
        self.resize(SIZE)
        self.resizeDocks([*self.docks[:2]], [*SIDES], Qt.Orientation.Horizontal)
        self.resizeDocks([*self.docks[1:3]], [SIZE.height(), BELOW], Qt.Orientation.Vertical)
        self.setAcceptDrops(True)
        self.statusBar().setSizeGripEnabled(False)

    def _dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = named(QDockWidget(title, self), f"dock.{panel.objectName()}")
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        return dock

    def _fill_menus(self) -> None:
        actions = self.action_set
        titles = actions.fill_menu_bar(self.menuBar())
        for text, fill in (
            (self.tr("Open Recent"), self.files.fill_recent),
            (self.tr("Examples"), self.files.fill_examples),
        ):
            menu = QMenu(text, self)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(lambda menu=menu, fill=fill: fill(menu))
            titles["File"].insertMenu(actions.actions["save"], menu)
        titles["View"].addSeparator()
        for dock in self.docks:
            titles["View"].addAction(dock.toggleViewAction())
        bar = named(QToolBar(self.tr("Tools"), self), "tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        actions.fill(bar, "toolbar")
        self.addToolBar(bar)
        actions.attach(self.canvas, self.timeline)
        self.canvas.set_menus(*(actions.menu(place, self) for place in ("canvas", "node", "wire")))

    def _listen(self) -> None:
        workspace = self.workspace
        workspace.file_changed.connect(self._show_file)
        workspace.document_changed.connect(lambda _before, _after: self._show_file())
        workspace.theme_changed.connect(lambda: apply_look(workspace.theme_name))
        workspace.told.connect(lambda sentence: self.statusBar().showMessage(sentence, TOLD_FOR))
        workspace.reveal_wanted.connect(self.canvas.reveal)
        self.palette_panel.chosen.connect(self.canvas.add_in_view)
        self.expression.added.connect(self.canvas.fit)
        for panel in (self.palette_panel, self.expression):
            panel.left.connect(self.canvas.setFocus)

    def _show_file(self) -> None:
        name = self.workspace.name.replace("[*]", "[*][*]")
        self.setWindowTitle(f"{name}[*] — gradviz")
        self.setWindowModified(self.workspace.is_modified)

    def _begin_in(self, panel: QWidget, begin: Callable[[], None]) -> None:
        """Begin something in a panel, whose dock may be closed or behind another."""
        for dock in self.docks:
            if dock.widget() is panel:
                dock.show()
                dock.raise_()
        begin()

    def _next_theme(self) -> None:
        place = THEMES.index(self.workspace.theme_name) if self.workspace.theme_name in THEMES else 0
        self.workspace.set_theme(THEMES[(place + 1) % len(THEMES)])

    # What the system asks of a window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome a file."""
        if _dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped, after the drop: a question about unsaved edits must not hold the sender."""
        path = _dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.files.open_file(path))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved edits, then end all motion and work."""
        self.canvas.cancel_gesture()
        if not self.files.may_discard():
            event.ignore()
            return
        self.player.stop()
        self.workspace.close()
        self.workspace.history.blockSignals(True)  # it tells of its own end, when nobody is there any more
        self.workspace.settings.remember_window(bytes(self.saveGeometry().data()), bytes(self.saveState().data()))
        super().closeEvent(event)

    def _restore(self) -> None:
        settings = self.workspace.settings
        if settings.geometry:
            self.restoreGeometry(QByteArray(settings.geometry))
            self.restoreState(QByteArray(settings.docks))


def _dropped_file(event: QDropEvent) -> Path | None:
    """Return the one local file that a drop carries, or None."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
