import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtGui import QImage

from gradviz.engine import run
from gradviz.errors import FormatError, GradvizError, LimitError
from gradviz.export.render import picture_of, render
from gradviz.formats import examples, load_example
from gradviz.graph import Document, Port, disconnect
from gradviz.picture import THEMES, Text, load_theme
from tests.engine.building import build
from tests.picture.comparing import pixels

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def application(qapp):
    """Painting needs an application."""


@pytest.fixture
def document():
    return build(
        {"x": np.array([[1.0, -2.0]]), "b": (np.array([3.0, 0.5]), "constant")},
        {"h": ("multiply", "x", "b"), "loss": ("sum", "h")},
        {"loss": None},
    )


def words(picture):
    return [item.text for item in picture.items if isinstance(item, Text)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("suffix", [".png", ".svg", ".PNG"])
def test_a_picture_is_written_by_the_ending_of_the_file(document, tmp_path, suffix, theme):
    path = tmp_path / f"step{suffix}"
    render(document, path, theme=theme)
    written = path.read_bytes()
    if suffix == ".svg":
        assert ET.fromstring(written).tag.endswith("svg")
        assert load_theme(theme).background.encode() in written
    else:
        image = QImage(str(path))
        assert image.pixelColor(1, 1).name() == load_theme(theme).background.lower()


@pytest.mark.parametrize("name", ["step.pdf", "step", "step.gradviz", ".png"])
def test_other_endings_are_told_which_there_are(document, tmp_path, name):
    with pytest.raises(GradvizError, match=r"name it \*\.png or \*\.svg"):
        render(document, tmp_path / name)
    assert [*tmp_path.iterdir()] == []


def test_frames_count_as_moments_do_and_the_end_is_the_default(document, tmp_path):
    last = len(run(document).frames)
    told = {index: picture_of(document, index).alt for index in (0, 1, last)}
    assert len(set(told.values())) == 3
    assert picture_of(document).alt == told[last]
    with pytest.raises(GradvizError, match=f"0 to {last}"):
        render(document, tmp_path / "step.png", frame=last + 1)
    with pytest.raises(GradvizError):
        render(document, tmp_path / "step.png", frame=-1)


def test_a_run_that_is_there_is_not_run_again(document):
    tape = run(document)
    assert picture_of(document, 3, tape=tape).alt == picture_of(document, 3).alt


def test_every_export_has_its_legend(document):
    assert any("gradients −" in text for text in words(picture_of(document)))
    assert any("gradients −" in text for text in words(picture_of(document, select=["x", "h"])))


def test_selected_nodes_are_all_that_is_drawn(document):
    part = picture_of(document, select=["x", "h"])
    assert {item.node for item in part.items if item.node} == {"x", "h"}
    assert {item.port for item in part.items if item.port} == {Port("h", "a")}
    assert part.bounds[2] * part.bounds[3] < np.prod(picture_of(document).bounds[2:])


@pytest.mark.parametrize(("select", "told"), [(["x", "nobody"], 'no node "nobody"'), ([], "no node is selected")])
def test_a_selection_that_names_nothing_is_refused(document, tmp_path, select, told):
    with pytest.raises(GradvizError, match=told):
        render(document, tmp_path / "step.png", select=select)


def test_scale_and_size_decide_how_large_the_file_is(document, tmp_path):
    for suffix in (".png", ".svg"):
        whole, double, fitted = (tmp_path / f"{name}{suffix}" for name in ("whole", "double", "fitted"))
        render(document, whole)
        render(document, double, scale=2.0)
        render(document, fitted, size=(640, 360))
        width, height = size_of(whole)
        assert size_of(double) == pytest.approx((2 * width, 2 * height), abs=2)
        assert size_of(fitted) == (640, 360)


def size_of(path):
    if path.suffix == ".png":
        image = QImage(str(path))
        return image.width(), image.height()
    root = ET.fromstring(path.read_bytes())
    return int(root.get("width")), int(root.get("height"))


def test_a_transparent_picture_has_no_ground(document, tmp_path):
    render(document, tmp_path / "step.png", transparent=True)
    assert pixels(QImage(str(tmp_path / "step.png")))[1, 1, 3] == 0
    render(document, tmp_path / "step.svg", transparent=True)
    first = next(each for each in ET.fromstring((tmp_path / "step.svg").read_bytes()) if each.tag.endswith("rect"))
    assert float(first.get("width")) < size_of(tmp_path / "step.svg")[0]


def test_bad_scales_themes_and_folders_are_told_in_sentences(document, tmp_path):
    with pytest.raises(GradvizError, match="scale 0"):
        render(document, tmp_path / "step.png", scale=0)
    with pytest.raises(LimitError, match="too large"):
        render(document, tmp_path / "step.png", scale=1000)
    with pytest.raises(GradvizError, match="no theme"):
        render(document, tmp_path / "step.png", theme="sepia")
    with pytest.raises(FormatError, match="cannot write"):
        render(document, tmp_path / "missing" / "step.png")


def test_half_built_and_empty_documents_are_drawn(document, tmp_path):
    for number, drawn in enumerate((Document(), disconnect(document, Port("h", "a")), build({"x": np.nan}, {}))):
        for suffix in (".png", ".svg"):
            render(drawn, tmp_path / f"{number}{suffix}")
    assert len([*tmp_path.iterdir()]) == 6


@pytest.mark.parametrize(
    "value", [np.zeros((0, 3)), np.array([np.nan, np.inf, -np.inf, 1e308]), np.zeros((2, 3, 4, 5))]
)
def test_odd_tensors_are_drawn(value, tmp_path):
    document = build({"x": value}, {"y": ("exp", "x"), "loss": ("sum", "y")})
    render(document, tmp_path / "odd.png")
    render(document, tmp_path / "odd.svg")


@pytest.mark.parametrize("name", [entry.name for entry in examples()])
def test_every_example_is_drawn_at_every_moment(name):
    document = load_example(name)
    tape = run(document)
    told = [picture_of(document, index, tape=tape).alt for index in range(len(tape.frames) + 1)]
    assert all(told)


def test_a_program_draws_without_a_display(tmp_path):
    code = "import sys, gradviz as gv; gv.render(gv.parse('y = x * x', x=[1.0, 2.0]), sys.argv[1])"
    surroundings = {"PATH": "", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "y.png")], env=surroundings, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert not QImage(str(tmp_path / "y.png")).isNull()
