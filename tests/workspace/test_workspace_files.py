import json

import pytest

from gradviz.graph import Document, remove, set_note, set_title


def opened(workspace, path, settle):
    workspace.open(path)
    settle(workspace)


def test_what_is_saved_can_be_opened(workspace, tmp_path, settle, announced):
    path = tmp_path / "Größe 1.gradviz"
    workspace.edit("Note", set_note, "s", "a scale")
    assert workspace.is_modified
    assert workspace.save(path)
    assert not workspace.is_modified
    assert (workspace.path, workspace.name) == (path, path.name)
    workspace.show_document(Document())
    announced.clear()
    opened(workspace, path, settle)
    assert workspace.document.notes == {"s": "a scale"}
    assert workspace.path == path
    assert not workspace.is_modified
    assert workspace.settings.recent_files == (path,)
    assert announced.index("document_changed") < announced.index("document_opened")
    assert workspace.length > 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "nothing in it"),
        (b"\xff\xfe\x00", ""),
        (b"{", ""),
        (b"[1, 2]", ""),
        (b'{"format": "gradviz", "version": 99, "nodes": []}', "99"),
        (json.dumps({"format": "gradviz", "version": 1, "nodes": [{"id": "y", "op": "sparkle"}]}).encode(), "sparkle"),
        (b"[" * 100_000, ""),
    ],
    ids=["empty", "no text", "truncated", "no document", "newer", "unknown op", "deep"],
)
def test_a_bad_file_is_told_and_nothing_changes(workspace, tmp_path, settle, content, sentence):
    path = tmp_path / "bad.gradviz"
    path.write_bytes(content)
    told, refused = [], []
    workspace.told.connect(told.append)
    workspace.refused.connect(refused.append)
    workspace.edit("Note", set_note, "s", "precious")
    document, tape = workspace.document, workspace.tape
    opened(workspace, path, settle)
    assert told == refused
    assert len(told) == 1
    assert told[0].startswith("bad.gradviz: ")
    assert sentence in told[0]
    assert workspace.document is document
    assert workspace.tape is tape
    assert workspace.is_modified
    assert workspace.history.canUndo()
    assert workspace.path is None


def test_a_file_that_is_gone_is_told_and_forgotten(workspace, tmp_path, settle, told):
    path = tmp_path / "gone.gradviz"
    workspace.settings.remember_file(path)
    opened(workspace, path, settle)
    assert "there is no such file" in told[0]
    assert workspace.settings.recent_files == ()


def test_a_folder_is_no_file(workspace, tmp_path, settle, told):
    opened(workspace, tmp_path, settle)
    assert len(told) == 1


def test_what_cannot_be_saved_is_told_and_stays_unsaved(workspace, tmp_path, told):
    workspace.edit("Note", set_note, "s", "a scale")
    assert not workspace.save(tmp_path / "nowhere" / "file.gradviz")
    assert len(told) == 1
    assert workspace.is_modified
    assert workspace.path is None
    assert workspace.settings.recent_files == ()


def test_undo_to_what_was_saved_is_unmodified(workspace, tmp_path, announced):
    workspace.edit("Note", set_note, "s", "a scale")
    workspace.save(tmp_path / "a.gradviz")
    workspace.edit("Note", set_note, "s", "another")
    assert workspace.is_modified
    announced.clear()
    workspace.history.undo()
    assert not workspace.is_modified
    assert "file_changed" in announced
    workspace.history.undo()
    assert workspace.is_modified


def test_a_file_that_arrives_after_an_edit_does_not_overwrite_it(workspace, tmp_path, settle, told):
    workspace.save(tmp_path / "a.gradviz")
    workspace.open(tmp_path / "a.gradviz")
    workspace.edit("Note", set_note, "s", "precious")
    settle(workspace)
    assert workspace.document.notes == {"s": "precious"}
    assert told == ["a.gradviz was not opened, because the graph was edited meanwhile: open it again"]


def test_a_new_document_is_not_overwritten_by_a_file_that_was_asked_for_before(workspace, tmp_path, settle, told):
    workspace.save(tmp_path / "a.gradviz")
    workspace.open(tmp_path / "a.gradviz")
    workspace.show_document(Document())
    settle(workspace)
    workspace.jobs._pool.waitForDone()
    assert workspace.document.nodes == {}
    assert told == []


def test_of_two_files_the_one_asked_for_last_is_opened(workspace, tmp_path, settle):
    for name in ("a", "b"):
        workspace.edit("Title", set_title, name)
        workspace.save(tmp_path / f"{name}.gradviz")
    workspace.open(tmp_path / "a.gradviz")
    workspace.open(tmp_path / "b.gradviz")
    settle(workspace)
    assert workspace.name == "b.gradviz"


def test_opening_ends_the_history_and_the_selection(workspace, tmp_path, settle):
    workspace.save(tmp_path / "a.gradviz")
    workspace.edit("Delete", remove, ["t"])
    workspace.select(["s"])
    opened(workspace, tmp_path / "a.gradviz", settle)
    assert not workspace.history.canUndo()
    assert not workspace.history.canRedo()
    assert workspace.selection == frozenset()


def test_a_document_without_a_file_goes_by_its_title(workspace):
    assert workspace.name == "Untitled"
    workspace.edit("Title", set_title, "A scale to fit")
    assert workspace.name == "A scale to fit"
