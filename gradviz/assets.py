"""Finds what lies under resources/: icons, fonts, themes, examples.

In a checkout, in an editable install and in an unpacked sdist `resources/` lies beside the package; in a wheel it lies
inside. Names are written with slashes on every system, such as "examples/scalar_times_tensor.gradviz".
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from gradviz.errors import GradvizError


def find(name: str) -> Path:
    """Return the path of a file or folder under resources/.

    Raises GradvizError for a name that leads out of resources/ and for one that does not exist.
    """
    path = _root() / _checked(name)
    if not path.exists():
        raise GradvizError("gradviz has no resource {name!r}: is the installation complete?", name=name)
    return path


def read_bytes(name: str) -> bytes:
    """Return the bytes of a file under resources/; raises GradvizError as `find` does, and for a folder."""
    path = find(name)
    if not path.is_file():
        raise GradvizError("resource {name!r} is a folder: name a file in it", name=name)
    return path.read_bytes()


def read_text(name: str) -> str:
    """Return the text of a UTF-8 file under resources/; raises GradvizError as `read_bytes` does."""
    return read_bytes(name).decode("utf-8")


def names(folder: str) -> tuple[str, ...]:
    """Return the names of the files in a folder under resources/, sorted, each as `find` takes it.

    Folders in it, and files that start with a dot, are left out. Raises GradvizError as `find` does, and for a file.
    """
    path = find(folder)
    if not path.is_dir():
        raise GradvizError("resource {name!r} is a file: name the folder it lies in", name=folder)
    found = (entry.name for entry in path.iterdir() if entry.is_file() and not entry.name.startswith("."))
    return tuple(f"{_checked(folder)}/{name}" for name in sorted(found))


@cache
def _root() -> Path:
    """Return resources/ itself: inside the package where it was installed so, else beside it."""
    package = Path(str(files("gradviz")))
    inside, beside = package / "resources", package.parent / "resources"
    return inside if inside.is_dir() else beside


def _checked(name: str) -> PurePosixPath:
    """Return `name` as a relative path of plain parts, so that no name reaches another folder of the machine."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or any(part == ".." or set(part) & set("\\:\0") for part in path.parts):
        raise GradvizError("{name!r} does not name anything under resources/", name=name)
    return path
