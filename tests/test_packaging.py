"""Whichever way gradviz is installed, its resources come with it."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESOURCES = {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}
LIST_FONTS = """
import site, sys
site.addsitedir({folder!r})
sys.path.insert(0, {folder!r})
import gradviz.assets
print(gradviz.assets.find("fonts"), *gradviz.assets.names("fonts"), sep="\\n")
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder that holds the sdist, and the wheel built from that sdist."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def fonts_found(folder):
    """Return where gradviz, imported from a folder, finds the fonts, and their names."""
    command = [sys.executable, "-I", "-c", LIST_FONTS.format(folder=str(folder))]
    place, *names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return Path(place), names


FONTS = sorted(name.removeprefix("resources/") for name in RESOURCES if name.startswith("resources/fonts/"))


def test_the_wheel_holds_the_resources_and_finds_them(built, tmp_path):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        wheel.extractall(tmp_path)
    assert {f"gradviz/{name}" for name in RESOURCES} <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"gradviz"}
    assert fonts_found(tmp_path) == (tmp_path / "gradviz/resources/fonts", FONTS)


def test_the_sdist_holds_the_resources_and_finds_them(built, tmp_path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        for member in filter(tarfile.TarInfo.isfile, sdist):  # extractall differs between Python's patch versions
            (tmp_path / member.name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / member.name).write_bytes(sdist.extractfile(member).read())
    folder = next(tmp_path.iterdir())
    assert {path.relative_to(folder).as_posix() for path in (folder / "resources").rglob("*.*")} == RESOURCES
    assert {path.name for path in folder.iterdir()} >= {"main.py", "README.md", "pyproject.toml", "tests", ".ci"}
    assert fonts_found(folder) == (folder / "resources/fonts", FONTS)


def test_an_editable_install_finds_the_resources(tmp_path):
    code = f"import hatchling.build; hatchling.build.build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path)
    assert fonts_found(tmp_path) == (ROOT / "resources/fonts", FONTS)


def test_a_checkout_finds_the_resources():
    assert fonts_found(ROOT) == (ROOT / "resources/fonts", FONTS)


def test_the_wheel_brings_the_command(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        entries = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
        assert "gradviz = gradviz.app.command_line:main" in wheel.read(entries).decode()
