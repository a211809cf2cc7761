"""What travels by clipboard and by drag and drop: pieces of documents, and ops from the palette."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from gradviz.errors import GradvizError
from gradviz.formats import read, write
from gradviz.graph import Document, NodeId, extract

OP_MIME = "application/x-gradviz-op"
"""The drag format of the palette: an op's name, or `leaf:` and the name of a leaf."""


def copy_nodes(document: Document, nodes: frozenset[NodeId]) -> None:
    """Put these nodes, with the wires among them, on the clipboard as the text of a document."""
    if nodes:
        QGuiApplication.clipboard().setText(write(extract(document, nodes)))


def copied_nodes() -> Document | None:
    """Return what the clipboard holds as a document, or None where it holds none."""
    try:
        return read(QGuiApplication.clipboard().text())
    except GradvizError:
        return None


def op_data(what: str) -> QMimeData:
    """Return what a drag from the palette carries: an op's name, or `leaf:` and the name of a leaf."""
    data = QMimeData()
    data.setData(OP_MIME, what.encode())
    data.setText(what)
    return data


def dragged_op(data: QMimeData) -> str | None:
    """Return the name of an op, or `leaf:` and that of a leaf, which a drag carries; None where it carries no such."""
    return bytes(data.data(OP_MIME).data()).decode("utf-8", "replace") if data.hasFormat(OP_MIME) else None
