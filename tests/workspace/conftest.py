"""A workspace on a small document, and how to wait for its run."""

import numpy as np
import pytest

from gradviz.formats import parse
from gradviz.workspace import Player, Workspace


@pytest.fixture
def document():
    """loss = sum((s * T - t)**2) with three numbers: 4 forward frames, the seed, 13 backward ones."""
    return parse(
        "loss = sum((s * T - t)**2)", s=np.array(2.0), T=np.array([1.0, 2.0, 3.0]), t=np.array([0.5, 1.0, 4.0])
    )


@pytest.fixture
def empty(qtbot):
    """A workspace without nodes."""
    workspace = Workspace()
    yield workspace
    workspace.close()


@pytest.fixture
def settle(qtbot):
    """Wait until nothing runs in the background of a workspace."""

    def wait(workspace):
        qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=20_000)

    return wait


@pytest.fixture
def workspace(empty, document, settle):
    """A workspace on the document, with its run."""
    empty.show_document(document)
    settle(empty)
    return empty


@pytest.fixture
def told(empty):
    """All sentences that the workspace tells."""
    sentences = []
    empty.told.connect(sentences.append)
    return sentences


@pytest.fixture
def announced(empty):
    """The names of the signals of the workspace, in the order in which they come."""
    names = []
    for name in (
        "document_opened",
        "document_changed",
        "tape_changed",
        "run_failed",
        "playhead_moved",
        "motion_moved",
        "selection_changed",
        "file_changed",
        "theme_changed",
    ):
        getattr(empty, name).connect(lambda *_facts, name=name: names.append(name))
    return names


@pytest.fixture
def player(workspace):
    """A player of the workspace."""
    player = Player(workspace)
    yield player
    player.stop()


@pytest.fixture
def playing(player):
    """What the player has announced of playing and pausing."""
    changes = []
    player.playing_changed.connect(changes.append)
    return changes


@pytest.fixture
def quick(workspace):
    """The fastest speed."""
    workspace.settings.speed = 4.0
