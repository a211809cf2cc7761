"""Playing while runs come and go: edits, fresh runs, runs that fail, other documents."""

import threading

import numpy as np

from gradviz.engine import run
from gradviz.graph import Document, Tensor, connect, remove, rename, set_tensor
from gradviz.workspace import Motion, Player

LENGTH, SEND = 18, 7


def double(document):
    return set_tensor(document, "s", Tensor(np.array(4.0)))


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
    monkeypatch.setattr("gradviz.workspace.recording.run", exhaust)
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

    monkeypatch.setattr("gradviz.workspace.recording.run", slow_run)
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
    qtbot.waitUntil(lambda: not player.is_playing, timeout=60_000)
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


def test_a_wire_drawn_while_playing_pauses(workspace, player, settle):
    workspace.seek(0)
    player.play()
    workspace.edit("Connect", connect, "s", ("sub1", "b"))
    assert not player.is_playing
    settle(workspace)
    assert workspace.playhead == 4
