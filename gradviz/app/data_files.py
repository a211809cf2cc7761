"""Tensors from files of other programs: chosen in a dialog or dropped on the canvas, and read in the background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog, QWidget

from gradviz.app.files import chosen_file
from gradviz.canvas import Canvas
from gradviz.errors import GradvizError
from gradviz.formats import SOURCE_ENDINGS, read_source
from gradviz.graph import Document, Leaf, NodeId, Place, Tensor, add_leaf, fresh_name, is_valid_name, set_tensor
from gradviz.workspace import Workspace

_KEY = "source"


class DataFiles(QObject):
    """Reads a file into the selected leaf, or into a new input where none is."""

    def __init__(self, workspace: Workspace, canvas: Canvas, window: QWidget) -> None:
        """Ask above `window`; the canvas says where a new leaf stands."""
        super().__init__(window)
        self._workspace, self._canvas, self._window = workspace, canvas, window
        self._folder = Path.home()
        workspace.document_opened.connect(lambda: workspace.jobs.cancel(_KEY))

    def choose(self) -> None:
        """Let the person choose a file, and read it into the selected leaf, or into a new one in the middle."""
        node = self._selected_leaf()
        dialog = QFileDialog(self._window, self.tr("Data from File"), str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        endings = " ".join(f"*{ending}" for ending in SOURCE_ENDINGS)
        dialog.setNameFilters([self.tr("Tables, arrays, pictures ({endings})").format(endings=endings), "*"])
        path = chosen_file(dialog)
        if path is not None:
            self._folder = path.parent
            self.read(path, node, self._canvas.paste_place())

    def drop(self, path: Path, at: QPoint) -> None:
        """Read a file into the leaf that it was dropped on, or into a new one there; `at` is a point of the window."""
        canvas = self._canvas
        point = canvas.mapToScene(canvas.viewport().mapFrom(self._window, at))
        node = canvas.geometry_shown.node_at(point.x(), point.y())
        is_leaf = isinstance(self._workspace.document.nodes.get(node or ""), Leaf)
        self.read(path, node if is_leaf else None, canvas.geometry_shown.place_at(point.x(), point.y()))

    def read(self, path: Path, node: NodeId | None, place: Place) -> None:
        """Read a file in the background, then put its tensor into a leaf, or into a new input at a place."""
        workspace = self._workspace
        workspace.told.emit(self.tr("Reading {name} …").format(name=path.name))

        def put(tensor: Tensor) -> None:
            if node is None:
                self._add(path, tensor, place)
            elif isinstance(workspace.document.nodes.get(node), Leaf):
                workspace.edit(self.tr("Data from {name}").format(name=path.name), set_tensor, node, tensor)
                self._tell(path, node)
            else:
                gone = self.tr("{name} was read, but its leaf is no longer there")
                workspace.told.emit(gone.format(name=path.name))

        workspace.jobs.run(_KEY, _read, path, done=put, failed=self._refuse)

    def _add(self, path: Path, tensor: Tensor, place: Place) -> None:
        name = fresh_name(self._workspace.document, _stem(path))

        def change(document: Document) -> Document:
            return add_leaf(document, name, tensor, role="input", place=place)

        if self._workspace.edit(self.tr("Data from {name}").format(name=path.name), change):
            self._workspace.select([name])
            self._tell(path, name)

    def _selected_leaf(self) -> NodeId | None:
        nodes = self._workspace.document.nodes
        chosen = [name for name in self._workspace.selection if isinstance(nodes[name], Leaf)]
        return chosen[0] if len(chosen) == 1 else None

    def _tell(self, path: Path, node: NodeId) -> None:
        leaf = self._workspace.document.nodes.get(node)
        if isinstance(leaf, Leaf):
            told = self.tr("{node} holds {name}: {dtype}, of shape {shape}")
            facts = {"node": node, "name": path.name, "dtype": leaf.value.dtype.name, "shape": leaf.value.shape}
            self._workspace.told.emit(told.format(**facts))

    def _refuse(self, error: GradvizError) -> None:
        self._workspace.told.emit(str(error))
        self._workspace.refused.emit(str(error))


def is_source(path: Path) -> bool:
    """Tell whether a file is one that a tensor is read from, by its ending."""
    return path.suffix.lower() in SOURCE_ENDINGS


def _stem(path: Path) -> NodeId:
    """Return a name for a leaf that goes with a file; "data" where the file's own cannot be one."""
    name = "".join(sign if sign.isalnum() else "_" for sign in normalize("NFKC", path.stem)).strip("_")
    return name if is_valid_name(name) else "data"


def _read(path: Path, cancelled: Callable[[], bool]) -> Tensor:  # noqa: ARG001 - a file is read in one step
    return read_source(path)
