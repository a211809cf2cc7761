"""The table of commands as Qt actions: one action a row, placed in menus and toolbar, enabled as the row needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QMenu, QToolBar, QWidget

from gradviz.app.actions import COMMANDS, Command, in_place, keys_as_text, obstacle
from gradviz.picture import icon, load_theme
from gradviz.workspace import Workspace


class ExplainingMenu(QMenu):
    """A menu that tells in the status line why the entry under the pointer cannot be had, where that is known."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the entry that is met."""
        super().mouseMoveEvent(event)
        action, window = self.actionAt(event.position().toPoint()), self.parentWidget()
        if action is not None and window is not None:
            action.showStatusText(window)


class ActionSet(QObject):
    """All actions of a window, by the id of their command."""

    def __init__(self, workspace: Workspace, handlers: Mapping[str, Callable[[], object]], parent: QWidget) -> None:
        """Make an action for every command; `handlers` has what each one does."""
        super().__init__(parent)
        self._workspace = workspace
        self.actions = {command.id: self._action(command, handlers[command.id]) for command in COMMANDS}
        workspace.document_changed.connect(lambda _before, _after: self.refresh())
        for signal in (workspace.tape_changed, workspace.selection_changed, workspace.file_changed):
            signal.connect(self.refresh)
        workspace.history.canUndoChanged.connect(self.actions["undo"].setEnabled)
        workspace.history.canRedoChanged.connect(self.actions["redo"].setEnabled)
        workspace.theme_changed.connect(self.show_icons)
        workspace.settings.changed.connect(lambda _name: self.refresh())
        self.show_icons()
        self.refresh()

    def _action(self, command: Command, handler: Callable[[], object]) -> QAction:
        action = QAction(self.tr(command.text), self)
        action.setObjectName(f"action.{command.id}")
        action.setToolTip(f"{action.text()} ({keys_as_text(command.keys)})" if command.keys else action.text())
        action.setCheckable(command.checks)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys.split("; ") if keys])
        if command.within:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked: handler())
        if command.checks:
            action.triggered.connect(self.refresh)  # a click turns the mark, whatever has come of it
        return action

    def refresh(self) -> None:
        """Enable what can be done now, and tick the switches that are on."""
        settings = self._workspace.settings
        for command in COMMANDS:
            self._meet_needs(command)
        for name in ("light", "dark", "projector"):
            self.actions[f"theme_{name}"].setChecked(settings.theme == name)
        self.actions["snap"].setChecked(settings.snaps)
        self.actions["reduced_motion"].setChecked(settings.reduced_motion)

    def _meet_needs(self, command: Command) -> None:
        action, reason = self.actions[command.id], obstacle(command, self._workspace)
        action.setEnabled(reason is None)
        action.setStatusTip(reason or "")

    def show_icons(self) -> None:
        """Draw every sign in the ink of the present theme."""
        ink = load_theme(self._workspace.theme_name).ink
        for command in COMMANDS:
            if command.sign:
                self.actions[command.id].setIcon(icon(command.sign, ink))
        self.refresh()

    def attach(self, *widgets: QWidget) -> None:
        """Let the keys of commands that work within some widgets only work in these, found by their names."""
        for widget in widgets:
            widget.addActions([self.actions[each.id] for each in COMMANDS if widget.objectName() in each.within])

    def fill_menus(self, menus: Mapping[str, QMenu]) -> None:
        """Add the commands of every menu of the menu bar, by its title, and the menu of themes."""
        for title, menu in menus.items():
            self.fill(menu, title)
        self.fill(menus["View"].addMenu(self.tr("Theme")), "View/Theme")

    def fill(self, menu: QMenu | QToolBar, place: str) -> None:
        """Add the commands of a place, with its sections."""
        for command, begins_section in in_place(place):
            if begins_section:
                menu.addSeparator()
            menu.addAction(self.actions[command.id])

    def menu(self, place: str, parent: QWidget) -> QMenu:
        """Return a context menu with the commands of a place."""
        menu = ExplainingMenu(parent)
        self.fill(menu, place)
        return menu
