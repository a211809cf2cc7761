"""Resources are found by name, and no name leads out of their folder."""

from pathlib import Path

import pytest

from gradviz import assets
from gradviz.errors import GradvizError

RESOURCES = Path(__file__).parents[1] / "resources"
FILES = sorted(path.relative_to(RESOURCES).as_posix() for path in RESOURCES.rglob("*") if path.is_file())


def test_every_file_is_found_by_its_name():
    assert FILES
    assert [name for name in FILES if assets.read_bytes(name) != (RESOURCES / name).read_bytes()] == []


def test_the_names_of_a_folder_lead_to_its_files():
    folder = FILES[0].rpartition("/")[0]
    names = assets.names(folder)
    assert names == tuple(sorted(names))
    assert all(assets.find(name).is_file() for name in names)
    assert FILES[0] in names


def test_text_is_read_as_utf_8():
    name = next(name for name in FILES if name.endswith(".json"))
    assert assets.read_text(name) == (RESOURCES / name).read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["", ".", "/etc/hostname", "../main.py", "fonts/../../main.py", r"fonts\..\x", "C:/x", "a\0b"]
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(GradvizError, match="does not name anything under resources"):
        assets.find(name)


def test_a_missing_resource_is_told_by_its_name():
    with pytest.raises(GradvizError, match=r"no resource 'examples/nothing.gradviz'"):
        assets.read_text("examples/nothing.gradviz")


def test_a_folder_is_not_read_and_a_file_is_not_listed():
    with pytest.raises(GradvizError, match="is a folder"):
        assets.read_bytes(FILES[0].rpartition("/")[0])
    with pytest.raises(GradvizError, match="is a file"):
        assets.names(FILES[0])
