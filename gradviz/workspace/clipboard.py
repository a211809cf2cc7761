"""What travels by clipboard and by drag and drop: pieces of documents, and ops from the palette."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from gradviz.errors import GradvizError
from gradviz.formats import read, write
from gradviz.graph import ROLES, Document, NodeId, Role, extract

OP_MIME = "application/x-gradviz-op"
"""The drag format of the palette: an op's name, or `leaf:` and a role."""


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
    """Return what a drag from the palette carries: an op's name, or `leaf:` and a role."""
    data = QMimeData()
    data.setData(OP_MIME, what.encode())
    data.setText(what)
    return data


def dragged_op(data: QMimeData) -> str | None:
    """Return the op's name, or `leaf:` and a role, that a drag carries, or None where it carries something else."""
    return bytes(data.data(OP_MIME).data()).decode("utf-8", "replace") if data.hasFormat(OP_MIME) else None


def leaf_role(what: str) -> Role | None:
    """Return the role that `leaf:` and a role name, or None where an op is named."""
    return next((role for role in ROLES if what == f"leaf:{role}"), None)
