import weakref

import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import Place, Port, connect, disconnect, move, remove, rename
from gradviz.workspace import Workspace


def place_at(x):
    return lambda document: move(document, {"s": Place(x, 0.0)})


def test_undo_and_redo_return_the_very_documents(workspace):
    documents = [workspace.document]
    for change in (place_at(5.0), place_at(9.0), lambda document: remove(document, ["t"])):
        workspace.edit("Change", change)
        documents.append(workspace.document)
    for document in documents[-2::-1]:
        workspace.history.undo()
        assert workspace.document is document
    for document in documents[1:]:
        workspace.history.redo()
        assert workspace.document is document


def test_the_steps_of_a_gesture_become_one(workspace):
    first, gesture = workspace.document, workspace.gesture_name("move")
    for x in (5.0, 6.0, 7.0):
        workspace.edit("Move", place_at(x), gesture=gesture)
    assert workspace.history.count() == 1
    assert workspace.document.places["s"] == (7.0, 0.0)
    workspace.history.undo()
    assert workspace.document is first


def test_two_gestures_of_one_kind_stay_two_steps(workspace):
    for x in (5.0, 6.0):
        workspace.edit("Move", place_at(x), gesture=workspace.gesture_name("move"))
    assert workspace.history.count() == 2


def test_a_gesture_that_ends_where_it_began_leaves_no_step_and_the_very_document(workspace):
    first, gesture = workspace.document, workspace.gesture_name("move")
    home = first.places["s"]
    workspace.edit("Move", place_at(5.0), gesture=gesture)
    workspace.edit("Move", move, {"s": home}, gesture=gesture)
    assert workspace.history.count() == 0
    assert workspace.document is first
    assert not workspace.is_modified


def test_a_gesture_that_is_saved_half_way_goes_on_in_a_new_step(workspace, tmp_path):
    gesture = workspace.gesture_name("move")
    first = workspace.document
    workspace.edit("Move", place_at(5.0), gesture=gesture)
    assert workspace.save(tmp_path / "half.gradviz")
    saved = workspace.document
    workspace.edit("Move", move, {"s": first.places["s"]}, gesture=gesture)
    assert workspace.is_modified
    workspace.history.undo()
    assert workspace.document is saved
    assert not workspace.is_modified


def test_steps_without_a_gesture_never_merge(workspace):
    for x in (5.0, 6.0):
        workspace.edit("Move", place_at(x))
    assert workspace.history.count() == 2


def test_an_edit_that_changes_nothing_is_no_step_and_announces_nothing(workspace, announced):
    assert workspace.edit("Move", move, {"s": workspace.document.places["s"]})
    assert workspace.edit("Disconnect", lambda document: document)
    assert workspace.history.count() == 0
    assert announced == []


def test_a_refused_edit_is_told_and_changes_nothing(workspace, told):
    first = workspace.document
    assert not workspace.edit("Connect", connect, "loss", Port("mul1", "a"))
    assert told == ['"loss" already depends on "mul1": the wire would close a loop']
    assert workspace.document is first
    assert workspace.history.count() == 0


def test_a_panel_can_show_a_refusal_itself(workspace, told):
    with pytest.raises(EditRefusedError, match="already depends on"):
        workspace.apply("Connect", connect, "loss", Port("mul1", "a"))
    assert told == []


def test_what_vanishes_is_no_longer_selected(workspace):
    workspace.select(["s", "loss"], [Port("mul1", "a"), Port("loss", "x")])
    workspace.edit("Delete", remove, ["s"])
    assert workspace.selection == {"loss"}
    assert workspace.selected_wires == {Port("loss", "x")}
    workspace.edit("Detach", disconnect, Port("loss", "x"))
    assert workspace.selected_wires == frozenset()
    assert isinstance(hash(workspace.selection), int)


def test_what_is_renamed_stays_selected(workspace):
    workspace.select(["mul1"], [Port("mul1", "a"), Port("loss", "x")])
    workspace.edit("Rename", rename, "mul1", "scaled")
    assert workspace.selection == {"scaled"}
    assert workspace.selected_wires == {Port("scaled", "a"), Port("loss", "x")}
    workspace.history.undo()
    assert workspace.selection == {"mul1"}


def test_names_that_there_are_not_cannot_be_selected(workspace, announced):
    workspace.select(["nobody"], [Port("nobody", "a")])
    assert workspace.selection == frozenset()
    assert announced == []


def test_selecting_the_same_again_announces_nothing(workspace, announced):
    workspace.select(["s"])
    workspace.select(["s", "s"])
    assert announced == ["selection_changed"]


def test_only_nodes_that_there_are_are_revealed(workspace, qtbot):
    wanted = []
    workspace.reveal_wanted.connect(wanted.append)
    workspace.reveal("nobody")
    workspace.reveal("s")
    assert wanted == ["s"]


def test_a_history_does_not_keep_its_workspace_alive(qtbot, document):
    workspace = Workspace()
    workspace.edit("Open", lambda _: document)
    workspace.history.undo()
    workspace.close()
    ghost = weakref.ref(workspace)
    del workspace
    assert ghost() is None


def test_a_closed_workspace_has_nothing_to_undo(workspace):
    workspace.edit("Change", place_at(5.0))
    workspace.close()
    assert workspace.history.count() == 0


def test_a_closed_workspace_forgets_its_history(workspace):
    workspace.edit("Move", place_at(5.0))
    workspace.close()
    assert not workspace.history.canUndo()
