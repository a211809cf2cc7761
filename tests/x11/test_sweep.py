"""Stepping through a sweep in both directions, with the mouse and with keys."""

from itertools import pairwise

import numpy as np
import pytest

import gradviz as gv

pytestmark = pytest.mark.x11


@pytest.fixture
def document(tmp_path):
    """A scalar times a matrix, so that broadcasting is undone on the way back: moments 0 … 9."""
    document = gv.parse("loss = sum(s * T)", s=np.array(2.0), T=np.array([[1.0, -2.0], [3.0, 4.0]]))
    gv.save(document, tmp_path / "scale.gradviz")
    return "scale.gradviz"


def at(program, moment):
    """Wait until the program rests at a moment."""
    return program.until(lambda now: now if now.playhead == moment and not now.is_moving else None)


def test_buttons_step_to_the_end_and_back_to_the_start(start, document):
    program = start(document)
    length = program.now.length
    program.press("timeline.first")
    at(program, 0)
    program.press("timeline.forward")
    at(program, 1)
    assert program.says("timeline.sentence").startswith("mul1 is computed")
    program.press("timeline.last")
    end = at(program, length)
    assert end.gradients["s"] == 6.0
    program.press("timeline.back")
    at(program, length - 1)
    program.press("timeline.first")
    at(program, 0)


def test_keys_step_as_the_buttons_do(start, document):
    program = start(document)
    program.hand.click(program.spot(0.5, 0.95))
    program.hand.key("Home")
    at(program, 0)
    program.hand.key("Right", "Right", "Right")
    at(program, 3)
    program.hand.key("Left")
    at(program, 2)
    program.hand.key("End")
    length = program.now.length
    at(program, length)
    program.hand.key("shift+Left")
    assert program.until(lambda now: now.playhead < length and now.playhead) > 0


def test_space_plays_and_pauses(start, document):
    program = start(document)
    program.hand.click(program.spot(0.5, 0.95))
    program.hand.key("Home")
    at(program, 0)
    program.hand.key("space")
    program.until(lambda now: now.is_playing and now.playhead > 0)
    program.hand.key("space")
    paused = program.until(lambda now: not now.is_playing and now)
    assert paused.playhead < paused.length
    program.hand.key("space")
    end = program.until(lambda now: now.playhead == now.length and not now.is_playing and now)
    assert end.gradients["T"] == [[2.0, 2.0], [2.0, 2.0]]


def test_the_slider_is_dragged_to_its_ends(start, document):
    program = start(document)
    left, middle, width, height = program.rect("widget", name="timeline.slider")
    row = middle + height // 2
    program.hand.drag(program.point("handle", name="timeline.slider"), (left + width - 1, row))
    at(program, program.now.length)
    program.hand.drag(program.point("handle", name="timeline.slider"), (left, row))
    at(program, 0)
    program.hand.drag(program.point("handle", name="timeline.slider"), (left + width // 2, row))
    program.until(lambda now: 2 < now.playhead < now.length)


def test_stepping_back_shows_every_moment_exactly_as_it_was(start, document):
    program = start(document)
    program.press("timeline.first")
    at(program, 0)
    there = [program.picture()]
    for moment in range(1, program.now.length + 1):
        program.press("timeline.forward")
        at(program, moment)
        there.append(program.picture())
    assert all(np.any(one != other) for one, other in pairwise(there))
    for moment in reversed(range(program.now.length)):
        program.press("timeline.back")
        at(program, moment)
        assert np.array_equal(program.picture(), there[moment]), moment


def test_a_gradient_travels_in_both_directions_and_what_rests_is_the_same(start, document):
    program = start(document, reduced_motion=False)
    program.press("timeline.last")
    length = program.now.length
    at(program, length)
    end = program.picture()
    program.press("timeline.back")
    program.until(lambda now: now.is_moving)
    at(program, length - 1)
    before = program.picture()
    assert np.any(before != end)
    program.press("timeline.forward")
    program.until(lambda now: now.is_moving)
    at(program, length)
    assert np.array_equal(program.picture(), end)
