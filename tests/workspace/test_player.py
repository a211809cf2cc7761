import pytest

from gradviz.engine import Compute, Send
from gradviz.workspace import Motion

LENGTH = 18
SEND = 7
"""The moment after the first `Send`, whose motion is long."""


def rest(player, qtbot):
    """Wait until nothing moves."""
    qtbot.waitUntil(lambda: not player.is_moving and not player.is_playing, timeout=60_000)


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
