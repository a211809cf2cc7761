"""What the File menu does: new, open, recent, examples, save, export; and the question about unsaved edits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from gradviz.app.dialogs import ExportDialog
from gradviz.errors import GradvizError
from gradviz.export.image import as_image
from gradviz.export.render import picture_of, render
from gradviz.formats import examples, load_example
from gradviz.graph import Document
from gradviz.workspace import Workspace

FILES = "gradviz (*.gradviz);;All files (*)"


class Files(QObject):
    """Opens, saves and exports what the workspace holds, asking the person where it must."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        """Ask questions above `window`."""
        super().__init__(window)
        self._workspace, self._window = workspace, window

    def handlers(self) -> dict[str, Callable[[], object]]:
        """Return what each command about files does."""
        return {
            "new": self.new,
            "open": self.open,
            "save": self.save,
            "save_as": self.save_as,
            "export": self.export,
            "copy_picture": self.copy_picture,
        }

    def may_discard(self) -> bool:
        """Ask whether unsaved edits may go; True where there are none, or they were saved, or may go."""
        if not self._workspace.is_modified:
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            self.tr("Unsaved changes"),
            self.tr("“{name}” has changes that no file holds. Save them?").format(name=self._workspace.name),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            return self.save()
        return answer == buttons.Discard

    def new(self) -> None:
        """Begin an empty document."""
        if self.may_discard():
            self._workspace.show_document(Document())

    def open(self) -> None:
        """Let the person choose a file and open it."""
        if not self.may_discard():
            return
        name, _kind = QFileDialog.getOpenFileName(self._window, self.tr("Open"), self._folder(), FILES)
        if name:
            self._workspace.open(Path(name))

    def open_file(self, path: Path) -> None:
        """Open a file that was named elsewhere: dropped on the window, or recent."""
        if self.may_discard():
            self._workspace.open(path)

    def open_example(self, name: str) -> None:
        """Open one of the examples that ship with gradviz, as a document without a file."""
        if not self.may_discard():
            return
        try:
            self._workspace.show_document(load_example(name))
        except GradvizError as error:
            self._workspace.told.emit(str(error))

    def save(self) -> bool:
        """Save to the document's file, or ask for one; tells whether it was saved."""
        path = self._workspace.path
        return self._workspace.save(path) if path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save there; tells whether it was saved."""
        name, _kind = QFileDialog.getSaveFileName(self._window, self.tr("Save As"), self._suggestion(), FILES)
        if not name:
            return False
        path = Path(name)
        return self._workspace.save(path if path.suffix else path.with_suffix(".gradviz"))

    def export(self) -> None:
        """Ask what to export and how, and write the picture."""
        dialog = ExportDialog(self._workspace, self._window)
        if dialog.exec() != ExportDialog.DialogCode.Accepted:
            return
        choice = dialog.choice()
        suggestion = str(Path(self._suggestion()).with_suffix(choice.suffix))
        kind = f"{choice.suffix[1:].upper()} (*{choice.suffix})"
        name, _kind = QFileDialog.getSaveFileName(self._window, self.tr("Export Picture"), suggestion, kind)
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(name).with_suffix(choice.suffix)
        try:
            render(
                self._workspace.document,
                path,
                frame=choice.frame,
                theme=choice.theme,
                scale=choice.scale,
                transparent=choice.transparent,
            )
        except GradvizError as error:
            QMessageBox.warning(self._window, self.tr("Export Picture"), str(error))
            return
        self._workspace.told.emit(self.tr("Exported to {path}").format(path=path))

    def copy_picture(self) -> None:
        """Put the picture of the present moment on the clipboard."""
        workspace = self._workspace
        tape = None if workspace.is_stale else workspace.tape
        frame = None if tape is None else workspace.playhead
        try:
            picture = picture_of(workspace.document, frame, workspace.theme_name, tape=tape)
            QGuiApplication.clipboard().setImage(as_image(picture, 2.0))
        except GradvizError as error:
            workspace.told.emit(str(error))
            return
        workspace.told.emit(self.tr("The picture is on the clipboard"))

    def fill_recent(self, menu: QMenu) -> None:
        """List the files opened or saved last."""
        menu.clear()
        recent = self._workspace.settings.recent_files
        for path in recent:
            action = menu.addAction(path.name, partial(self.open_file, path))
            action.setToolTip(str(path))
        if not recent:
            menu.addAction(self.tr("No files yet")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(self.tr("Forget These"), self._workspace.settings.forget_files).setEnabled(bool(recent))

    def fill_examples(self, menu: QMenu) -> None:
        """List the examples that ship with gradviz."""
        for example in examples():
            menu.addAction(example.title, partial(self.open_example, example.name))

    def _folder(self) -> str:
        path = self._workspace.path
        recent = self._workspace.settings.recent_files
        return str(path.parent if path else recent[0].parent if recent else Path.home())

    def _suggestion(self) -> str:
        path = self._workspace.path
        stem = path.stem if path else self._workspace.document.title.strip().lower().replace(" ", "_") or "graph"
        return str(Path(self._folder()) / f"{stem}.gradviz")
