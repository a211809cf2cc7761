"""With reduced motion one moment fades into the next; nothing travels, and nothing of it stays."""

import numpy as np
import pytest

from gradviz.canvas.fade import LENGTH
from gradviz.graph import remove
from tests.canvas.looking import assert_shows_what_is, difference, drawn_afresh, pixels, shown


@pytest.fixture
def reduced(canvas, workspace):
    """The canvas of a person who wants no motion, at a moment, painted."""
    workspace.settings.reduced_motion = True
    workspace.seek(6)
    end(canvas)
    canvas.grab()
    return canvas


def end(canvas):
    canvas._fade.end()


def paused(canvas, share):
    """Hold the fade at a share of its length."""
    canvas._fade.pause()
    canvas._fade.setCurrentTime(round(share * LENGTH))


def test_a_step_fades_from_the_moment_before_to_the_moment_now(reduced, workspace, player):
    before = shown(reduced)
    player.step_forward()
    paused(reduced, 0.0)
    assert difference(shown(reduced), before) < 0.001
    paused(reduced, 0.5)
    between = shown(reduced)
    end(reduced)
    after = shown(reduced)
    assert difference(before, after) > 0.001
    mixed = (pixels(before) + pixels(after)) / 2
    assert np.mean(np.abs(pixels(between) - mixed)) < 1.0
    assert workspace.motion is None


def test_it_ends_by_itself_and_leaves_nothing(reduced, player, qtbot):
    player.step_forward()
    assert reduced.is_fading
    qtbot.waitUntil(lambda: not reduced.is_fading, timeout=5_000)
    assert_shows_what_is(reduced)


@pytest.mark.parametrize(
    "change",
    [
        lambda canvas: canvas.workspace.edit("Delete", remove, ["t"]),
        lambda canvas: canvas.workspace.set_theme("dark"),
        lambda canvas: canvas.zoom_by(1.2),
        lambda canvas: canvas.pan_by(30, 10),
    ],
    ids=["an edit", "a theme", "zooming", "panning"],
)
def test_whatever_else_changes_ends_it(reduced, player, qtbot, change):
    player.step_forward()
    paused(reduced, 0.2)
    change(reduced)
    reduced.grab()
    assert not reduced.is_fading
    qtbot.waitUntil(lambda: not reduced.workspace.jobs.is_busy, timeout=20_000)
    assert_shows_what_is(reduced)


def test_steps_that_follow_at_once_end_at_the_last(reduced, player):
    for _ in range(4):
        player.step_forward()
    end(reduced)
    assert difference(shown(reduced), drawn_afresh(reduced)) < 0.001


def test_with_motion_nothing_fades(canvas, workspace):
    canvas.grab()
    workspace.seek(6)
    assert not canvas.is_fading
