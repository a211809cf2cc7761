"""A file is written whole or not at all, and what stands in the way is told in a sentence."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from gradviz.errors import FormatError, LimitError
from gradviz.formats import files, load, save
from gradviz.formats.files import read_file, write_file
from gradviz.graph import Document

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")


def fail_with(code):
    def fail(*_args, **_keywords):
        raise OSError(code, os.strerror(code))

    return fail


def test_a_file_is_created_and_replaced(tmp_path):
    path = tmp_path / "a.gradviz"
    write_file(path, b"one")
    write_file(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gradviz"]


@POSIX
def test_a_new_file_has_the_permissions_that_new_files_have(tmp_path):
    write_file(tmp_path / "a", b"")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


@POSIX
def test_a_replaced_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o640)
    write_file(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@POSIX
def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "this disk can only be read"),
        (errno.EACCES, "you may not use that file or folder"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step, code, sentence):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr(*((files.os, "fsync") if step == "fsync" else (Path, "replace")), fail_with(code))
        with pytest.raises(FormatError, match=sentence):
            write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_an_interrupted_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    def interrupt(_handle):
        raise KeyboardInterrupt

    path = tmp_path / "a"
    path.write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FormatError, match=r"cannot write .*: there is no such file or folder"):
        write_file(tmp_path / "no" / "a", b"")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FormatError, match="this is a folder"):
        write_file(tmp_path, b"")
    with pytest.raises(FormatError, match="it is no file"):
        read_file(tmp_path, 10)


@POSIX
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write anywhere")
def test_a_file_that_may_only_be_read_is_not_replaced(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(FormatError, match="you may not use"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(FormatError, match=r"cannot read .*nowhere\.gradviz: there is no such file or folder"):
        load(tmp_path / "nowhere.gradviz")


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000])
def test_what_is_no_path_is_told(tmp_path, path):
    with pytest.raises(FormatError, match="cannot read"):
        load(tmp_path / path)
    with pytest.raises(FormatError, match="cannot write"):
        save(Document(), tmp_path / path)


@POSIX
def test_a_pipe_or_a_device_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(FormatError, match="it is no file"):
            read_file(path, 10)


def test_a_file_larger_than_the_limit_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert read_file(tmp_path / "a", 5) == b"12345"
    with pytest.raises(LimitError, match="more than 4 bytes"):
        read_file(tmp_path / "a", 4)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    small = (tmp_path / "b").touch() or (tmp_path / "b").stat()
    monkeypatch.setattr(Path, "stat", lambda _self, **_keywords: small)
    with pytest.raises(LimitError):
        read_file(path, 4)


def test_a_name_that_cannot_be_printed_is_escaped_in_the_sentence(tmp_path):
    with pytest.raises(FormatError, match=r"a\\nb"):
        load(tmp_path / "a\nb")


def test_a_title_with_half_a_character_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / "a.gradviz"
    save(Document(), path)
    before = path.read_bytes()
    with pytest.raises(FormatError, match="half of a character"):
        save(Document(title="\ud800"), path)
    assert path.read_bytes() == before


@POSIX
@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path, through_a_link):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("pipe")
    with pytest.raises(FormatError, match=r"(pipe|link): it is no file$"):
        save(Document(), link if through_a_link else pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link", "pipe"]


@pytest.mark.parametrize("path", [None, 5, b"a.gradviz", ["a"]])
def test_a_path_of_the_wrong_type_is_told(path):
    with pytest.raises(FormatError, match=f"^a path is a text, not {type(path).__name__}$"):
        load(path)
    with pytest.raises(FormatError, match=f"^a path is a text, not {type(path).__name__}$"):
        save(Document(), path)


def test_an_empty_path_is_told():
    with pytest.raises(FormatError, match="the path of the file is empty"):
        load("")
    with pytest.raises(FormatError, match="the path of the file is empty"):
        save(Document(), "")
