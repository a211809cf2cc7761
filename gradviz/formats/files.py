"""Files on disk: read within a limit, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from gradviz.errors import FormatError, LimitError

_WHAT_IS_WRONG: Final = {
    errno.ENOENT: "there is no such file or folder",
    errno.EACCES: "you may not use that file or folder",
    errno.EPERM: "you may not use that file or folder",
    errno.EROFS: "this disk can only be read",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC: "there is no room left on the disk",
    errno.ENOTDIR: "a part of this path is no folder",
    errno.EISDIR: "this is a folder",
    errno.ENAMETOOLONG: "this name is too long",
}


def read_file(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the bytes of a file of at most `limit` bytes; raises `FormatError` or `LimitError` in a sentence."""
    _refuse_no_path(path)
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise FormatError("cannot read {path}: it is no file", path=_shown(path))
        if status.st_size > limit:
            raise _too_large(path, limit)
        with Path(path).open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise FormatError("cannot read {path}: {why}", path=_shown(path), why=_reason(error)) from error
    if len(data) > limit:
        raise _too_large(path, limit)
    return data


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole or not at all: beside it first, then in its place, with the permissions that it had.

    A link is followed. What is there and is no file (a folder, a pipe, a device) is left alone. Raises `FormatError`
    in a sentence, and then leaves what was there as it was.
    """
    _refuse_no_path(path)
    try:
        _replace(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as error:
        raise FormatError("cannot write {path}: {why}", path=_shown(path), why=_reason(error)) from error


def _replace(path: Path, data: bytes) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    status = path.stat() if path.exists() else None
    if status is not None and not stat.S_ISREG(status.st_mode):
        # A file would take the place of the device for the whole system, where the person is its administrator.
        raise FormatError("cannot write {path}: it is no file", path=_shown(path))
    mode = None if status is None else stat.S_IMODE(status.st_mode)
    if mode is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    beside = path.with_name(f".gradviz-{secrets.token_hex(6)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _keep_folder(path.parent)


def _keep_folder(folder: Path) -> None:
    """Make the new name of a file survive a loss of power, where the system can do that for folders."""
    if os.name == "posix":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _refuse_no_path(path: object) -> None:
    """Refuse what is no path before anything is asked of the system."""
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):
        raise FormatError("a path is a text, not {kind}", kind=type(path).__name__)
    if not os.fspath(path):
        raise FormatError("the path of the file is empty")


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return _WHAT_IS_WRONG.get(error.errno, error.strerror or "the system refused")
    return "this is no path"


def _too_large(path: str | os.PathLike[str], limit: int) -> LimitError:
    return LimitError("cannot read {path}: it has more than {limit:,} bytes", path=_shown(path), limit=limit)


def _shown(path: str | os.PathLike[str]) -> str:
    """Return a path as a person reads it; what cannot be printed is escaped."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in os.fspath(path))
