"""What is to be said of a node: what it is, what it is made of, and what is kept of it for the backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QCoreApplication

from gradviz.engine import Compute, kept_names, listed
from gradviz.graph import Leaf, NodeId, op_of, steps_of
from gradviz.picture import show_shape
from gradviz.workspace import Workspace

_MOST = 8
"""Steps that are named one by one."""


def facts_of(workspace: Workspace, node: NodeId) -> Iterator[str]:
    """Yield sentences about a node: kind, shape and dtype first."""
    found, report = workspace.document.nodes[node], workspace.report
    shape = report.shapes.get(node)
    what = _tr("{role} leaf").format(role=found.role) if isinstance(found, Leaf) else found.op
    yield what if shape is None else f"{what}  ·  {show_shape(shape)}  ·  {report.dtypes[node]}"
    if isinstance(found, Leaf):
        return
    yield op_of(found).doc
    steps = steps_of(workspace.document, node)
    if steps:
        yield _tr("A composition: {steps}.").format(steps=_told(steps))
    kept = _kept(workspace, node)
    if kept is not None:
        yield _tr("Kept for the backward pass: {kept}.").format(kept=listed(kept) if kept else _tr("nothing"))


def _told(steps: Sequence[str]) -> str:
    """Return the steps in order, or how many there are."""
    if len(steps) <= _MOST:
        return " → ".join(steps)
    return _tr("{count} steps, {first} → … → {last}").format(count=len(steps), first=steps[0], last=steps[-1])


def _kept(workspace: Workspace, node: NodeId) -> Sequence[str] | None:
    """Return what the run that is shown keeps of a node; None where there is none, or no gradient flows there."""
    tape = None if workspace.is_stale else workspace.tape
    if tape is None:
        return None
    frames = (frame for frame in tape.frames if isinstance(frame, Compute) and frame.node == node)
    frame = next(frames, None)
    return None if frame is None else kept_names(frame, tape.plan)


def _tr(text: str) -> str:
    return QCoreApplication.translate("InspectorPanel", text)
