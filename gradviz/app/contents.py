"""What fills the window: the workspace, the canvas, the panels, and what each command does with them."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QSettings
from PySide6.QtWidgets import QMenu, QWidget

from gradviz import app
from gradviz.app.action_set import ActionSet
from gradviz.app.data_files import DataFiles, is_source
from gradviz.app.editing import Editing
from gradviz.app.files import Files
from gradviz.app.look import apply_look
from gradviz.app.window import MainWindow
from gradviz.canvas import Canvas
from gradviz.formats import examples
from gradviz.graph import Document
from gradviz.panels import (
    ChainRulePanel,
    ExpressionBar,
    InspectorPanel,
    LegendBar,
    PalettePanel,
    PlotsPanel,
    ProbePanel,
    ProblemsPanel,
    TimelinePanel,
)
from gradviz.picture import THEMES, icon_size, load_theme
from gradviz.workspace import Player, Pointing, Practice, Settings, Workspace

TOLD_FOR = 8000
"""Milliseconds that a sentence stays in the status bar."""


class Contents(QObject):
    """All that a window holds, put into its docks, menus and toolbar."""

    def __init__(self, window: MainWindow, store: QSettings) -> None:
        """Fill the docks, the menus and the toolbar that a window shows already; settings are kept in `store`."""
        super().__init__(window)
        self._window = window
        self.workspace = Workspace(Settings(store, self), self)
        self._title_size = load_theme(self.workspace.theme_name).title_size
        self._show_theme()
        self.player = Player(self.workspace, self)
        self.practice = Practice(self.workspace, self)
        self.pointing = Pointing(self.workspace, self)
        self.canvas = Canvas(self.workspace, self.player, self.pointing)
        self.palette_panel = PalettePanel()
        self.expression = ExpressionBar(self.workspace)
        self.timeline = TimelinePanel(self.workspace, self.player)
        self.inspector = InspectorPanel(self.workspace, self.pointing)
        self.chain_rule = ChainRulePanel(self.workspace, self.pointing)
        self.probe = ProbePanel(self.workspace)
        self.problems = ProblemsPanel(self.workspace, self.practice)
        self.plots = PlotsPanel(self.workspace, self.practice, self.player)
        self.files = Files(self.workspace, window, self.inspector.settle)
        self.editing = Editing(self.workspace, self.canvas)
        self.data_files = DataFiles(self.workspace, self.canvas, window)
        self.action_set = ActionSet(self.workspace, self.handlers(), window)
        self._lay_out()
        self._fill_menus()
        self._listen()
        self._show_file()
        self.canvas.setFocus()

    def may_close(self) -> bool:
        """Ask about unsaved edits; where they may go, end all motion and work."""
        self.canvas.cancel_gesture()
        if not self.files.may_discard():
            return False
        self.player.stop()
        self.workspace.close()
        return True

    def open_first(self, document: Document | None, path: Path | None) -> None:
        """Show a document (of a file at `path`, or new), or the first example, fitted."""
        if document is None:
            self.files.open_example(examples()[0].name)
        elif path is None:
            self.editing.add_drawing(document)
        else:
            self.workspace.show_document(document, path.absolute())
            self.workspace.settings.remember_file(path)

    def drop_file(self, path: Path, at: QPoint) -> None:
        """Take a file that was dropped on the window: a tensor goes into a leaf there, anything else is opened."""
        if is_source(path):
            self.data_files.drop(path, at)
        else:
            self.files.open_file(path)

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what each command of the table does."""
        player, canvas, workspace, settings = self.player, self.canvas, self.workspace, self.workspace.settings
        return {
            **self.files.handlers(),
            **self.editing.handlers(),
            "data_from_file": self.data_files.choose,
            "copy_latex": self.chain_rule.copy_latex,
            "show_chain_rule": lambda: self._begin_in(self.chain_rule, self.chain_rule.begin),
            "show_probe": lambda: self._begin_in(self.probe, self.probe.begin),
            "rename": lambda: self._begin_in(self.inspector, self.inspector.edit_name),
            "search_palette": lambda: self._begin_in(self.palette_panel, self.palette_panel.edit_search),
            "write_expression": self.expression.line.setFocus,
            "quit": self._window.close,
            "play": player.toggle,
            "step_forward": player.step_forward,
            "step_back": player.step_back,
            "next_phase": lambda: player.seek_phase(1),
            "previous_phase": lambda: player.seek_phase(-1),
            "first": lambda: player.seek(0),
            "last": lambda: player.seek(workspace.length),
            "train": lambda: self._begin_in(self.plots, self.plots.train),
            "train_step": lambda: self._begin_in(self.plots, self.plots.take_one_step),
            "train_back": lambda: self._begin_in(self.plots, self.plots.take_back_one_step),
            "train_first": lambda: self._begin_in(self.plots, lambda: self.plots.go_to(0)),
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
            "shortcuts": lambda: app.ShortcutSheet(self._window).open(),
            "about": lambda: app.AboutDialog(self._window).open(),
        }

    def _lay_out(self) -> None:
        self._window.middle.addWidget(self.expression.trouble)
        self._window.middle.addWidget(self.canvas, stretch=1)
        self._window.middle.addWidget(LegendBar(self.workspace))
        right = self.inspector, self.chain_rule, self.probe, self.problems
        for panel in (self.palette_panel, *right, self.plots, self.timeline):
            self._window.docks[panel.objectName()].setWidget(panel)

    def _fill_menus(self) -> None:
        actions, window = self.action_set, self._window
        titles = window.menus
        actions.fill_menus(titles)
        for text, fill in (
            (self.tr("Open Recent"), self.files.fill_recent),
            (self.tr("Examples"), self.files.fill_examples),
        ):
            menu = QMenu(text, window)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(lambda menu=menu, fill=fill: fill(menu))
            titles["File"].insertMenu(actions.actions["save"], menu)
        titles["View"].addSeparator()
        for dock in self._window.docks.values():
            titles["View"].addAction(dock.toggleViewAction())
        actions.fill(window.tools, "toolbar")
        window.tools.addSeparator()
        window.tools.addWidget(self.expression)
        actions.attach(self.canvas, self.timeline)
        self.canvas.set_menus(*(actions.menu(place, window) for place in ("canvas", "node", "wire")))

    def _listen(self) -> None:
        workspace = self.workspace
        workspace.file_changed.connect(self._show_file)
        workspace.document_changed.connect(lambda _before, _after: self._show_file())
        workspace.document_opened.connect(self.canvas.setFocus)
        workspace.document_opened.connect(self._show_training)
        workspace.theme_changed.connect(self._show_theme)
        workspace.told.connect(lambda sentence: self._window.statusBar().showMessage(sentence, TOLD_FOR))
        workspace.reveal_wanted.connect(self.canvas.reveal)
        self.inspector.leaf.file_wanted.connect(self.data_files.choose)
        for panel in (self.chain_rule, self.probe):
            self._window.docks[panel.objectName()].visibilityChanged.connect(panel.set_in_front)
        self.inspector.tensors.cell_clicked.connect(self.probe.take_cell)
        self.palette_panel.chosen.connect(self.canvas.add_in_view)
        self.expression.added.connect(self.canvas.fit)
        for left in (self.palette_panel, self.expression):
            left.left.connect(self.canvas.setFocus)

    def _show_training(self) -> None:
        """Have the training of a document at hand that is made to be trained."""
        if self.workspace.document.training is not None:
            self._window.docks["plots"].show()

    def _show_theme(self) -> None:
        theme = load_theme(self.workspace.theme_name)
        apply_look(theme.name)
        self._window.tools.setIconSize(icon_size(theme))
        if theme.title_size != self._title_size:
            # Larger letters want more room, but as much more would leave none to the graph.
            self._window.widen_sides(sqrt(theme.title_size / self._title_size))
            self._title_size = theme.title_size

    def _show_file(self) -> None:
        name = self.workspace.name.replace("[*]", "[*][*]")
        self._window.setWindowTitle(f"{name}[*] — gradviz")
        self._window.setWindowModified(self.workspace.is_modified)

    def _begin_in(self, panel: QWidget, begin: Callable[[], None]) -> None:
        """Begin something in a panel, whose dock may be closed or behind another."""
        for dock in self._window.docks.values():
            if dock.widget() is panel:
                dock.show()
                dock.raise_()
        begin()

    def _next_theme(self) -> None:
        place = THEMES.index(self.workspace.theme_name) if self.workspace.theme_name in THEMES else 0
        self.workspace.set_theme(THEMES[(place + 1) % len(THEMES)])
