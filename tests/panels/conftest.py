"""A workspace, and panels on it that are shown, so that focus and events are real."""

import numpy as np
import pytest

from gradviz.formats import parse
from gradviz.panels import InspectorPanel
from gradviz.workspace import Player, Workspace


@pytest.fixture
def workspace(qtbot):
    """A workspace on loss = sum((s * T - t)**2), at the end of its forward phase."""
    workspace = Workspace()
    yield workspace
    workspace.close()


@pytest.fixture
def settle(qtbot, workspace):
    """Wait until nothing runs in the background."""
    return lambda: qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)


@pytest.fixture
def load(workspace, settle):
    """Open a document and wait for its run."""

    def load(document):
        workspace.show_document(document)
        settle()
        return workspace

    return load


@pytest.fixture
def open_one(load):
    """The workspace on loss = sum((s * T - t)**2), with a number and two vectors."""
    return load(
        parse("loss = sum((s * T - t)**2)", s=np.array(2.0), T=np.array([1.0, 2.0, 3.0]), t=np.array([0.5, 1.0, 4.0]))
    )


@pytest.fixture
def player(workspace):
    """A player of the workspace."""
    player = Player(workspace)
    yield player
    player.stop()


@pytest.fixture
def told(workspace):
    """All sentences that are told."""
    sentences = []
    workspace.told.connect(sentences.append)
    return sentences


@pytest.fixture
def show(qtbot):
    """Show a widget, active, for the length of a test."""

    def show(widget, width=340, height=900):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        widget.activateWindow()
        return widget

    return show


@pytest.fixture
def inspector(workspace, show):
    """The inspector, shown."""
    return show(InspectorPanel(workspace))
