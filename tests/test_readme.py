"""What the README says and shows is so: its programs run, its picture is today's, its house is the one that stands."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gradviz as gv

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXAMPLE, PICTURE = "resources/examples/fit_a_scale.gradviz", "resources/pictures/sweep.png"
REFRESH = f"python3 main.py render {EXAMPLE} --frame 14 -o {PICTURE}"


def blocks(language):
    """Return the blocks of code in a language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for name, text in found if name == language]


def run(*words, folder):
    """Run Python on this checkout, without a display; return what it printed. Nothing else is complained of."""
    settings = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    settings |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-W", "error", *words]
    result = subprocess.run(command, cwd=folder, env=settings, capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stderr.partition("There is no display")[0]) == (0, ""), words
    return result.stdout


@pytest.fixture(scope="module")
def scripted(tmp_path_factory):
    """The folder in which the program for people who script was run, and what it printed."""
    folder = tmp_path_factory.mktemp("readme")
    (program,) = blocks("python")
    return folder, run("-c", program, folder=folder)


def test_the_program_prints_what_its_comments_say(scripted):
    folder, printed = scripted
    promised = re.findall(r"print\(.*\)  # (.*)", blocks("python")[0])
    assert promised
    assert printed.splitlines() == promised
    assert (folder / "step.svg").stat().st_size > 1000
    assert gv.run(gv.load(folder / "fit.gradviz")).gradients["s"] == -60


COMMANDS = [line.split("#")[0].strip() for block in blocks("") for line in block.splitlines()]


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("gradviz ")])
def test_a_command_does_what_it_says(scripted, command, monkeypatch):
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)  # with it, there is a display
    folder, _printed = scripted
    words = shlex.split(command)[1:]
    if len(words) == 1 and sys.platform != "linux":
        pytest.skip("only Linux can be without a display")
    printed = run("-m", "gradviz", *words, folder=folder)
    made = [folder / word for word in words if word.endswith((".png", ".svg"))]
    assert all(path.stat().st_size > 1000 for path in made)
    assert printed or made


def test_both_commands_of_the_set_up_are_there():
    assert [command for command in COMMANDS if "main.py" in command] == ["python3 main.py", "python3 main.py test"]


def test_the_picture_is_what_gradviz_draws_today(tmp_path):
    gv.render(gv.load(ROOT / EXAMPLE), tmp_path / "now.png", frame=14)
    with Image.open(tmp_path / "now.png") as drawn, Image.open(ROOT / PICTURE) as shown:
        assert drawn.size == shown.size, REFRESH
        one, other = (np.asarray(image.convert("RGB"), dtype=float) for image in (drawn, shown))
    assert np.abs(one - other).mean() < 1, REFRESH


def test_the_picture_can_be_read_aloud():
    (alt,) = re.findall(rf"!\[([^]]+)\]\({PICTURE}\)", README)
    assert "loss = sum((s·T − target)²)" in alt
    assert "−60" in alt


def test_the_house_is_the_one_that_stands():
    rows = re.findall(r"^\| (\d) \| `(\w+)` \| .+ \|$", README, re.MULTILINE)
    (floors,) = (each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["id"] == "floors")
    layers = [layer.split(" | ") for layer in floors["layers"]]
    stands = [(str(len(layers) - 1 - height), room) for height, layer in enumerate(layers) for room in layer]
    assert rows == stands
    inside = {path.stem for path in (ROOT / "gradviz").iterdir() if path.is_dir() or path.suffix == ".py"}
    assert {room for _floor, room in rows} == inside - {"__init__", "__main__", "__pycache__"}


def test_every_file_that_is_linked_exists():
    assert [link for link in re.findall(r"\]\(([^)#:]+)\)", README) if not (ROOT / link).exists()] == []
