"""What is selected, in words, for whoever cannot see the canvas."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.canvas.tips import wire_tip
from gradviz.picture import NodeLabels
from gradviz.workspace import Workspace

MOST_TOLD = 3
"""Of more selected things only their number is told."""


def selection_in_words(workspace: Workspace) -> str:
    """Return a sentence for each selected node and wire; where nothing is selected, what the graph is."""
    return ". ".join(_sentences(workspace)) + "."


def _sentences(workspace: Workspace) -> Iterator[str]:
    document, nodes, wires = workspace.document, sorted(workspace.selection), sorted(workspace.selected_wires)
    if not nodes and not wires:
        yield f"{_counted(len(document.nodes), 'node')}, {_counted(len(document.wires), 'wire')}, nothing selected"
    elif len(nodes) + len(wires) > MOST_TOLD:
        yield f"{_counted(len(nodes), 'node')} and {_counted(len(wires), 'wire')} selected"
    else:
        labels = NodeLabels(document, workspace.moment, workspace.report)
        yield from (labels[node] for node in nodes)
        yield from (f"wire {wire_tip(workspace, wire)}".replace("\n", "; ") for wire in wires)
    if workspace.is_stale:
        yield "The gradients are stale: the graph was edited after this run"


def _counted(count: int, one: str) -> str:
    return f"{count} {one}" + ("" if count == 1 else "s")
