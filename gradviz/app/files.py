"""What the File menu does: new, open, recent, examples, save, export; and the question about unsaved edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from unicodedata import normalize

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from gradviz import app, export
from gradviz.engine import Tape
from gradviz.errors import GradvizError
from gradviz.formats import examples, load_example
from gradviz.graph import Document
from gradviz.workspace import Workspace

SUFFIX = ".gradviz"
SAVE, DISCARD, YES = (
    QMessageBox.StandardButton.Save,
    QMessageBox.StandardButton.Discard,
    QMessageBox.StandardButton.Yes,
)


class Files(QObject):
    """Opens, saves and exports what the workspace holds, asking the person where it must."""

    def __init__(self, workspace: Workspace, window: QWidget, settle: Callable[[], None]) -> None:
        """Ask questions above `window`; `settle` hands over what is typed in a field and not confirmed yet."""
        super().__init__(window)
        self._workspace, self._window, self._settle = workspace, window, settle
        workspace.refused.connect(self._warn)

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
        self._settle()
        if not self._workspace.is_modified:
            return True
        question = self.tr("“{name}” has changes that no file holds. Save them?").format(name=self._workspace.name)
        answer = self._ask(self.tr("Unsaved changes"), question, SAVE | DISCARD | QMessageBox.StandardButton.Cancel)
        return self.save() if answer == SAVE else answer == DISCARD

    # Opening

    def new(self) -> None:
        """Begin an empty document."""
        if self.may_discard():
            self._workspace.show_document(Document())

    def open(self) -> None:
        """Let the person choose a file and open it."""
        if not self.may_discard():
            return
        dialog = QFileDialog(self._window, self.tr("Open"), self._folder())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"gradviz (*{SUFFIX})", self.tr("All files (*)")])
        path = chosen_file(dialog)
        if path is not None:
            self._workspace.open(path)

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
            self._warn(str(error))

    # Saving

    def save(self) -> bool:
        """Save to the document's file, or ask for one; tells whether it was saved."""
        self._settle()
        path = self._workspace.path
        return self._workspace.save(path) if path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and save there; tells whether it was saved."""
        self._settle()
        path = self._ask_where_to_save(self.tr("Save As"), f"gradviz (*{SUFFIX})", (SUFFIX,))
        return path is not None and self._workspace.save(path)

    def _ask_where_to_save(self, title: str, kind: str, suffixes: Sequence[str]) -> Path | None:
        """Ask for a file with one of these endings, the first where none is typed; nothing is replaced unasked."""
        dialog = QFileDialog(self._window, title, self._folder())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kind)
        dialog.selectFile(self._suggestion() + suffixes[0])
        typed = chosen_file(dialog)
        if typed is None or typed.suffix.lower() in suffixes:
            return typed
        path = typed.with_name(typed.name + suffixes[0])
        return path if not path.exists() or self._may_replace(path) else None

    def _may_replace(self, path: Path) -> bool:
        question = self.tr("There is a file {name} already. Replace it?").format(name=path.name)
        return self._ask(self.tr("Replace"), question, YES | QMessageBox.StandardButton.No) == YES

    # Pictures

    def export(self) -> None:
        """Ask what to export and how, and write the picture."""
        tape = self._fresh_tape()
        if tape is None:
            return
        workspace = self._workspace
        try:
            dialog = app.ExportDialog(workspace.document, tape, workspace.playhead, workspace.theme_name, self._window)
            accepted = dialog.exec() == dialog.DialogCode.Accepted
            choice = dialog.choice()
            dialog.deleteLater()
            if accepted:
                self._write_picture(workspace.document, tape, choice)
        except GradvizError as error:
            self._warn(str(error), self.tr("Export Picture"))

    def _write_picture(self, document: Document, tape: Tape, choice: app.ExportChoice) -> None:
        others = [suffix for suffix in (".png", ".svg") if suffix != choice.suffix]
        kind = f"{choice.suffix[1:].upper()} (*{choice.suffix})"
        path = self._ask_where_to_save(self.tr("Export Picture"), kind, (choice.suffix, *others))
        if path is None:
            return
        picture = export.picture_of(document, choice.frame, choice.theme, tape=tape)
        export.writer_for(path)(picture, path, choice.scale, transparent=choice.transparent)
        self._workspace.told.emit(self.tr("Exported to {path}").format(path=path))

    def copy_picture(self) -> None:
        """Put the picture of the present moment on the clipboard."""
        workspace, tape = self._workspace, self._fresh_tape()
        if tape is None:
            return
        try:
            export.copy_picture(workspace.document, workspace.playhead, workspace.theme_name, tape=tape)
        except GradvizError as error:
            self._warn(str(error), self.tr("Copy as Picture"))
        else:
            workspace.told.emit(self.tr("The picture is on the clipboard"))

    def _fresh_tape(self) -> Tape | None:
        """Return the run of the document as it is now; None, and a sentence, while it is still being recorded."""
        self._settle()
        if self._workspace.take_fresh():
            return self._workspace.tape
        self._workspace.told.emit(self.tr("The run is still being recorded: try again in a moment"))
        return None

    # Menus

    def fill_recent(self, menu: QMenu) -> None:
        """List the files opened or saved last."""
        menu.clear()
        recent = self._workspace.settings.recent_files
        for path in recent:
            action = menu.addAction(_plain(path.name), partial(self.open_file, path))
            action.setToolTip(str(path))
        if not recent:
            menu.addAction(self.tr("No files yet")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(self.tr("Forget These"), self._workspace.settings.forget_files).setEnabled(bool(recent))

    def fill_examples(self, menu: QMenu) -> None:
        """List the examples that ship with gradviz."""
        menu.clear()
        for example in examples():
            action = menu.addAction(_plain(example.title), partial(self.open_example, example.name))
            action.setToolTip(example.note)

    def _folder(self) -> str:
        path = self._workspace.path
        recent = self._workspace.settings.recent_files
        return str(path.parent if path else recent[0].parent if recent else Path.home())

    def _suggestion(self) -> str:
        """Return a name for a new file, without its ending: letters and digits that every system takes."""
        path, title = self._workspace.path, self._workspace.document.title.partition(":")[0].lower()
        plain = normalize("NFKC", title)  # the square of a title is a 2
        words = "".join(sign if sign.isalnum() else " " for sign in plain).split()
        return path.stem if path else "_".join(words)[:60] or "graph"

    def _warn(self, sentence: str, title: str = "") -> None:
        """Tell what must not be overlooked."""
        self._ask(title or "gradviz", sentence, QMessageBox.StandardButton.Ok, QMessageBox.Icon.Warning)

    def _ask(
        self,
        title: str,
        question: str,
        buttons: QMessageBox.StandardButton,
        icon: QMessageBox.Icon = QMessageBox.Icon.Question,
    ) -> int:
        """Ask a question in plain text, whatever names of files are in it, and return the button that answers."""
        box = QMessageBox(icon, title, question, buttons, self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        answer = box.exec()
        box.deleteLater()
        return answer


def chosen_file(dialog: QFileDialog) -> Path | None:
    """Return the file that a person chooses in a dialog, or None."""
    is_chosen = dialog.exec() == QFileDialog.DialogCode.Accepted
    names = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(names[0]) if is_chosen and names else None


def _plain(text: str) -> str:
    """Return a text for a menu, in which & would underline the next letter."""
    return text.replace("&", "&&")
