"""What goes to disk and comes from it, and leaving without losing anything."""

import subprocess
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

import gradviz as gv
from tests.x11.hand import Hand
from tests.x11.program import ROOT
from tests.x11.screen import started, until

pytestmark = pytest.mark.x11


@pytest.fixture
def program(start, tmp_path):
    """The graph y = a * b, from a file."""
    gv.save(gv.parse("y = a * b", a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0])), tmp_path / "product.gradviz")
    return start("product.gradviz")


def edit(program):
    """Delete b, so that there is something to lose."""
    program.hand.click(program.body("b"))
    program.hand.key("Delete")
    program.until(lambda now: "b" not in now.nodes)


def take_path(program, path):
    """Type a path into the dialog that asks for a file."""
    program.fill("fileNameEdit", str(path))


def test_a_file_that_is_named_opens_fitted(program):
    now = program.now
    assert now.title.startswith("product.gradviz")
    assert now.nodes == {"a": "variable", "b": "variable", "y": "multiply"}
    x, y, width, height = program.rect("canvas")
    for node in now.nodes:
        left, top, wide, high = program.rect("node", name=node)
        assert x <= left <= left + wide <= x + width
        assert y <= top <= top + high <= y + height


def test_a_picture_is_exported_as_png(program, tmp_path):
    program.hand.click(program.spot(0.5, 0.95))
    program.hand.key("ctrl+e")
    program.click("button", text="Export…")
    take_path(program, tmp_path / "picture.png")
    program.until(lambda now: "picture.png" in now.told)
    with Image.open(tmp_path / "picture.png") as image:
        assert min(image.size) > 200
        assert len(image.convert("RGB").getcolors(1 << 24)) > 20


def test_a_picture_is_exported_as_svg(program, tmp_path):
    program.choose("File", "Export Picture…")
    program.press("export.format")
    program.click("row", text="SVG")
    program.click("button", text="Export…")
    take_path(program, tmp_path / "picture.svg")
    program.until(lambda now: "picture.svg" in now.told)
    picture = ET.parse(tmp_path / "picture.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert "multiply y" in picture.find("{*}desc").text
    assert len(picture.findall(".//{*}path")) > 20


def test_what_is_edited_is_marked_and_saved(program, tmp_path):
    edit(program)
    assert "*" in program.now.title
    program.hand.key("ctrl+s")
    program.until(lambda now: "*" not in now.title)
    assert gv.load(tmp_path / "product.gradviz").nodes.keys() == {"a", "y"}


def test_closing_with_unsaved_work_asks_first(program, tmp_path):
    edit(program)
    program.hand.key("alt+F4")
    assert until(lambda: program.look("dialog")) == "Unsaved changes"
    program.click("button", text="Cancel")
    program.until(lambda now: now.nodes.keys() == {"a", "y"})
    program.hand.key("alt+F4")
    program.click("button", text="Discard")
    assert program.process.wait(10) == 0
    assert gv.load(tmp_path / "product.gradviz").nodes.keys() == {"a", "b", "y"}


def test_closing_without_edits_asks_nothing(program):
    program.hand.key("alt+F4")
    assert program.process.wait(10) == 0


def test_closing_in_the_middle_of_a_sweep_leaves_nothing_behind(start):
    program = start(reduced_motion=False, speed=1)
    program.press("timeline.play")
    program.until(lambda now: now.is_moving)
    program.hand.key("alt+F4")
    assert program.process.wait(10) == 0


def test_a_saved_graph_is_opened_again_through_the_dialog(start, tmp_path):
    program = start()
    program.choose("File", "Save As…")
    take_path(program, tmp_path / "mine.gradviz")
    program.until(lambda now: now.title.startswith("mine.gradviz"))
    nodes = program.now.nodes
    program.choose("File", "New")
    program.until(lambda now: not now.nodes)
    program.hand.key("ctrl+o")
    take_path(program, tmp_path / "mine.gradviz")
    program.until(lambda now: now.nodes == nodes)


def test_what_people_start_opens_the_first_example_and_ends_well(screen, tmp_path):
    settings = {"env": {**screen, "PYTHONPATH": str(ROOT)}, "cwd": tmp_path}
    command = [sys.executable, "-W", "error", "-m", "gradviz"]
    with started(command, **settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        hand = Hand(screen)
        hand.do("search", "--sync", "--onlyvisible", "--name", "loss =.* gradviz", "windowactivate", "--sync")
        hand.key("alt+F4")
        assert process.communicate(timeout=20) == (b"", None)
        assert process.returncode == 0


@pytest.mark.parametrize("text", ["", "{", '{"format": "gradviz", "version": 99, "nodes": []}', None])
def test_a_file_that_cannot_be_opened_is_one_sentence_and_exit_code_2(screen, tmp_path, text):
    if text is not None:
        (tmp_path / "bad.gradviz").write_text(text, "utf-8")
    command = [sys.executable, "-m", "gradviz", "bad.gradviz"]
    settings = {"env": {**screen, "PYTHONPATH": str(ROOT)}, "cwd": tmp_path}
    result = subprocess.run(command, **settings, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert "bad.gradviz" in result.stderr
