import threading

import numpy as np
import pytest

from gradviz.engine import Compute, Send, run
from gradviz.graph import Document, Tensor, connect, remove, rename, set_tensor
from gradviz.workspace import Motion, Player

LENGTH = 18
SEND = 7
"""The moment after the first `Send`, whose motion is long."""


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


def rest(player, qtbot):
    """Wait until nothing moves."""
    qtbot.waitUntil(lambda: not player.is_moving and not player.is_playing, timeout=60_000)


def double(document):
    return set_tensor(document, "s", Tensor(np.array(4.0)))


def test_a_step_forward_is_a_motion_from_the_moment_before(workspace, player, qtbot, quick):
    seen = []
    workspace.motion_moved.connect(lambda: seen.append(workspace.motion))
    workspace.seek(SEND - 1)
    player.step_forward()
    assert workspace.playhead == SEND
    assert workspace.motion == Motion(SEND, 0.0)
    assert workspace.still.index == SEND - 1
    assert workspace.moving.index == SEND
    assert isinstance(workspace.moving.latest, Send)
    rest(player, qtbot)
    assert workspace.motion is None
    assert workspace.still is not None
    assert workspace.still.index == SEND
    assert workspace.moving is None
    progress = [motion.progress for motion in seen if motion is not None]
    assert len(progress) > 5
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_a_step_back_is_the_same_motion_the_other_way(workspace, player, qtbot, quick):
    seen = []
    workspace.motion_moved.connect(lambda: seen.append(workspace.motion))
    workspace.seek(SEND)
    player.step_back()
    assert workspace.playhead == SEND - 1
    assert workspace.motion == Motion(SEND, 1.0)
    assert workspace.still.index == SEND - 1
    rest(player, qtbot)
    assert {motion.index for motion in seen if motion} == {SEND}
    progress = [motion.progress for motion in seen if motion is not None]
    assert progress == sorted(progress, reverse=True)
    assert progress[-1] == 0.0


def test_stepping_back_shows_exactly_what_was_there(workspace, player, qtbot):
    workspace.settings.reduced_motion = True
    nodes = list(workspace.document.nodes)

    def state():
        moment = workspace.moment
        gradients = [moment.gradient(node) for node in nodes]
        return (
            moment.sentence,
            {node: id(value) for node, value in moment.values.items()},
            [(gradient.state, gradient.reason, id(gradient.array)) for gradient in gradients],
            [len(moment.deposits(node)) for node in nodes],
        )

    workspace.seek(0)
    states = [state()]
    for _ in range(LENGTH):
        player.step_forward()
        states.append(state())
    assert workspace.playhead == LENGTH
    for expected in states[-2::-1]:
        player.step_back()
        assert state() == expected


def test_pressing_right_quickly_never_waits_for_a_motion(workspace, player, qtbot):
    workspace.seek(0)
    for _ in range(SEND):
        player.step_forward()
    assert workspace.playhead == SEND
    assert workspace.motion == Motion(SEND, 0.0)


def test_a_step_back_during_a_motion_turns_it_round(workspace, player, qtbot):
    workspace.seek(SEND - 1)
    player.step_forward()
    qtbot.waitUntil(lambda: workspace.motion.progress > 0.1)
    player.step_back()
    assert workspace.playhead == SEND - 1
    assert workspace.motion.index == SEND
    assert 0.1 < workspace.motion.progress < 0.9
    seen = []
    workspace.motion_moved.connect(lambda: seen.append(workspace.motion))
    rest(player, qtbot)
    assert max(motion.progress for motion in seen if motion) < 0.9
    assert workspace.playhead == SEND - 1


def test_right_left_right_left_ends_where_it_began(workspace, player, qtbot, quick):
    workspace.seek(SEND)
    for step in (player.step_forward, player.step_back, player.step_back, player.step_forward):
        step()
    rest(player, qtbot)
    assert workspace.playhead == SEND


def test_there_is_no_step_beyond_the_ends(workspace, player, qtbot):
    workspace.seek(0)
    player.step_back()
    assert workspace.playhead == 0
    assert workspace.motion is None
    workspace.seek(LENGTH)
    player.step_forward()
    assert workspace.playhead == LENGTH
    assert workspace.motion is None


def test_a_step_at_the_end_finishes_the_last_motion(workspace, player):
    workspace.seek(LENGTH - 1)
    player.step_forward()
    assert workspace.motion is not None
    player.step_forward()
    assert workspace.motion is None
    assert not player.is_moving


def test_play_goes_to_the_end_and_pauses_there(workspace, player, qtbot, quick, playing):
    workspace.seek(LENGTH - 2)
    player.play()
    assert player.is_playing
    rest(player, qtbot)
    assert workspace.playhead == LENGTH
    assert workspace.motion is None
    assert playing == [True, False]


def test_play_at_the_end_begins_at_the_start(workspace, player, playing):
    workspace.seek(LENGTH)
    player.play()
    assert player.is_playing
    assert workspace.playhead == 1
    assert isinstance(workspace.moving.latest, Compute)
    player.pause()
    assert playing == [True, False]


def test_play_through_the_whole_run_visits_every_moment_once(workspace, player, qtbot):
    workspace.settings.reduced_motion = True
    workspace.settings.speed = 4.0
    workspace.seek(0)
    visited = []
    workspace.playhead_moved.connect(lambda: visited.append(workspace.playhead))
    player.play()
    rest(player, qtbot)
    assert visited == list(range(1, LENGTH + 1))


def test_pause_lets_the_frame_under_way_arrive(workspace, player, qtbot, quick):
    workspace.seek(SEND - 1)
    player.play()
    player.pause()
    assert not player.is_playing
    assert player.is_moving
    rest(player, qtbot)
    assert workspace.playhead == SEND
    assert workspace.motion is None
    qtbot.wait(200)
    assert workspace.playhead == SEND


def test_play_during_a_motion_goes_on_with_it(workspace, player, qtbot):
    workspace.seek(SEND - 1)
    player.step_forward()
    qtbot.waitUntil(lambda: workspace.motion.progress > 0.05)
    progress = workspace.motion.progress
    player.play()
    assert workspace.playhead == SEND
    assert workspace.motion.progress >= progress
    player.pause()


def test_play_during_a_motion_back_turns_round(workspace, player):
    workspace.seek(SEND)
    player.step_back()
    player.play()
    assert workspace.playhead == SEND
    assert workspace.motion.index == SEND
    player.pause()


def test_toggle_plays_and_pauses(workspace, player, playing):
    workspace.seek(0)
    player.toggle()
    player.toggle()
    assert playing == [True, False]


def test_a_step_while_playing_pauses(workspace, player, qtbot):
    workspace.seek(0)
    player.play()
    player.step_forward()
    assert not player.is_playing
    assert workspace.playhead == 2


def test_the_slider_ends_motion_and_playing(workspace, player):
    workspace.seek(SEND - 1)
    player.play()
    player.seek(3)
    assert workspace.playhead == 3
    assert workspace.motion is None
    assert not player.is_moving
    assert not player.is_playing


def test_the_slider_to_where_the_motion_goes_just_ends_it(workspace, player):
    workspace.seek(SEND - 1)
    player.step_forward()
    player.seek(SEND)
    assert workspace.playhead == SEND
    assert workspace.motion is None


def test_a_phase_is_reached_at_once(workspace, player):
    workspace.seek(1)
    player.step_forward()
    player.seek_phase(1)
    assert workspace.playhead == 4
    assert workspace.motion is None
    player.seek_phase(-1)
    assert workspace.playhead == 0


def test_somebody_elses_seek_ends_the_motion(workspace, player, qtbot):
    workspace.seek(SEND - 1)
    player.step_forward()
    workspace.seek(2)
    assert not player.is_moving
    qtbot.wait(50)
    assert workspace.motion is None
    assert workspace.playhead == 2


def test_an_edit_while_playing_pauses_and_stales(workspace, player, qtbot, playing, settle):
    workspace.seek(SEND - 1)
    player.play()
    workspace.edit("Value", double)
    assert playing == [True, False]
    assert not player.is_moving
    assert workspace.motion is None
    assert workspace.is_stale
    settle(workspace)
    assert workspace.is_stale
    assert workspace.playhead == SEND


def test_a_step_on_a_stale_sweep_takes_the_new_run_as_soon_as_it_is_there(workspace, player, settle):
    workspace.seek(SEND)
    workspace.edit("Value", double)
    for _ in range(3):
        player.step_forward()
    assert workspace.playhead == SEND
    settle(workspace)
    assert not workspace.is_stale
    assert workspace.playhead == SEND + 3
    assert workspace.motion == Motion(SEND + 3, 0.0)


def test_play_on_a_stale_sweep_plays_the_new_run(workspace, player, settle, playing):
    workspace.seek(SEND)
    workspace.edit("Value", double)
    player.play()
    assert player.is_playing
    settle(workspace)
    assert workspace.playhead == SEND + 1
    assert workspace.tape.values["s"] == 4.0
    player.pause()


def test_pausing_gives_up_what_waits(workspace, player, settle):
    workspace.seek(SEND)
    workspace.edit("Value", double)
    player.play()
    player.pause()
    settle(workspace)
    assert workspace.playhead == SEND
    assert workspace.is_stale


def test_a_run_that_fails_ends_the_waiting(workspace, player, settle, told, monkeypatch):
    def exhaust(document, cancelled):
        raise MemoryError

    workspace.seek(SEND)
    workspace.edit("Value", double)
    monkeypatch.setattr("gradviz.workspace.workspace.run", exhaust)
    workspace.edit("Value", lambda document: set_tensor(document, "s", Tensor(np.array(5.0))))
    player.play()
    settle(workspace)
    assert not player.is_playing
    assert told == ["there is not enough memory for this"]
    settle(workspace)
    assert told == ["there is not enough memory for this"]


def test_an_edit_while_a_step_waits_is_met_by_the_latest_run(workspace, player, settle, monkeypatch):
    gate = threading.Event()

    def slow_run(document, cancelled):
        assert gate.wait(20)
        return run(document, cancelled=cancelled)

    monkeypatch.setattr("gradviz.workspace.workspace.run", slow_run)
    workspace.seek(SEND)
    workspace.edit("Value", double)
    player.step_forward()
    workspace.edit("Value", lambda document: set_tensor(document, "s", Tensor(np.array(5.0))))
    gate.set()
    settle(workspace)
    assert workspace.playhead == SEND + 1
    assert workspace.tape.values["s"] == 5.0


def test_a_shorter_run_clamps_the_playhead(workspace, player, settle):
    workspace.seek(LENGTH)
    workspace.edit("Delete", remove, ["loss", "square1"])
    player.step_forward()
    settle(workspace)
    assert workspace.playhead == workspace.length < LENGTH


def test_renaming_while_playing_plays_on(workspace, player, qtbot, quick):
    workspace.seek(LENGTH - 3)
    player.play()
    workspace.edit("Rename", rename, "mul1", "scaled")
    assert player.is_playing
    assert workspace.motion is not None
    rest(player, qtbot)
    assert workspace.playhead == LENGTH


def test_nothing_plays_without_nodes(empty):
    player = Player(empty)
    for command in (player.play, player.step_forward, player.step_back, player.toggle):
        command()
    player.seek(3)
    assert not player.is_playing
    assert empty.playhead == 0
    player.stop()


def test_a_new_document_ends_playing(workspace, player, playing):
    workspace.seek(SEND)
    player.play()
    workspace.show_document(Document())
    assert playing == [True, False]
    assert not player.is_moving
    assert (workspace.playhead, workspace.motion) == (0, None)


def test_what_waited_for_a_run_is_forgotten_with_the_document(workspace, player, document, settle):
    workspace.seek(SEND)
    workspace.edit("Value", double)
    player.step_forward()
    workspace.show_document(Document())
    workspace.show_document(document)
    settle(workspace)
    assert workspace.playhead == 4
    assert workspace.motion is None


def test_a_document_without_anything_to_compute_ends_playing_at_once(workspace, player, settle):
    workspace.edit("Delete", remove, ["mul1", "sub1", "square1", "loss", "s", "t"])
    settle(workspace)
    player.play()
    settle(workspace)
    assert workspace.length == 0 or workspace.playhead <= workspace.length
    player.pause()


def test_another_speed_holds_at_once(workspace, player, qtbot):
    workspace.seek(SEND - 1)
    workspace.settings.speed = 0.25
    player.step_forward()
    qtbot.wait(60)
    progress = workspace.motion.progress
    assert progress < 0.1
    workspace.settings.speed = 4.0
    assert workspace.motion.progress == pytest.approx(progress, abs=0.05)
    rest(player, qtbot)
    assert workspace.motion is None


def test_reduced_motion_steps_at_once_and_still_plays(workspace, player, qtbot, quick):
    workspace.settings.reduced_motion = True
    moved = []
    workspace.motion_moved.connect(lambda: moved.append(workspace.motion))
    workspace.seek(LENGTH - 3)
    player.step_forward()
    player.step_back()
    player.play()
    rest(player, qtbot)
    assert workspace.playhead == LENGTH
    assert moved == []


def test_reduced_motion_ends_the_motion_under_way(workspace, player):
    workspace.seek(SEND - 1)
    player.step_forward()
    workspace.settings.reduced_motion = True
    assert workspace.motion is None
    assert workspace.playhead == SEND
    assert not player.is_moving


def test_stopping_ends_every_motion_and_timer(workspace, player, qtbot):
    workspace.seek(SEND - 1)
    player.play()
    player.stop()
    assert not player.is_playing
    assert not player.is_moving
    assert workspace.motion is None
    assert not player._rest.isActive()


def test_a_player_that_rests_between_frames_can_be_stopped(workspace, player, qtbot):
    workspace.settings.reduced_motion = True
    workspace.seek(0)
    player.play()
    assert player._rest.isActive()
    player.stop()
    assert not player._rest.isActive()
    assert workspace.playhead == 1


def test_a_wire_drawn_while_playing_pauses(workspace, player, settle):
    workspace.seek(0)
    player.play()
    workspace.edit("Connect", connect, "s", ("sub1", "b"))
    assert not player.is_playing
    settle(workspace)
    assert workspace.playhead == 4
