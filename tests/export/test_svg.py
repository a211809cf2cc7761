import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtGui import QImage

from gradviz.errors import FormatError
from gradviz.export.image import as_image
from gradviz.export.svg import svg_text, write_svg
from gradviz.picture import THEMES, Box, Cells, Picture, Text, load_theme, text_width
from tests.picture.comparing import pixels, share_of_different_pixels
from tests.picture.sample import every_item

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
LIGHT = load_theme("light")
NASTY = "<&\"'>\x00\ud800\x1b]]>é损🙂"

with_rsvg = pytest.mark.skipif(
    shutil.which("rsvg-convert") is None, reason="rsvg-convert (librsvg2-bin) is not installed"
)


@pytest.fixture(autouse=True)
def application(qapp):
    """Texts are measured and outlined by Qt."""


def read(svg):
    """Return the root of an SVG document."""
    return ET.fromstring(svg.encode("utf-8"))


def of(*items, **more):
    return Picture(items, (0.0, 0.0, 100.0, 60.0), **more)


def rasterised(svg, tmp_path):
    """Return what rsvg-convert makes of an SVG document, as pixels."""
    (tmp_path / "picture.svg").write_text(svg, "utf-8")
    command = ["rsvg-convert", str(tmp_path / "picture.svg"), "-o", str(tmp_path / "picture.png")]
    subprocess.run(command, check=True, timeout=60)
    return pixels(QImage(str(tmp_path / "picture.png")))


@with_rsvg
@pytest.mark.parametrize("name", THEMES)
def test_svg_looks_as_the_painter_paints(name, tmp_path):
    picture = every_item(load_theme(name))
    found = rasterised(svg_text(picture, 2.0), tmp_path)
    drawn = pixels(as_image(picture, 2.0))
    assert share_of_different_pixels(found, drawn) < 0.005  # the painter puts texts on whole rows of pixels
    assert np.abs(found.astype(int) - drawn.astype(int)).mean() < 1.0


@with_rsvg
def test_a_transparent_svg_has_no_ground(tmp_path):
    picture = every_item(LIGHT)
    assert rasterised(svg_text(picture, transparent=True), tmp_path)[2, 2, 3] == 0
    assert rasterised(svg_text(picture), tmp_path)[2, 2].tolist() == [255] * 4


@with_rsvg
def test_a_size_is_kept_and_the_ground_reaches_its_edges(tmp_path):
    found = rasterised(svg_text(every_item(load_theme("dark")), size=(400, 100)), tmp_path)
    assert found.shape[:2] == (100, 400)
    assert found[50, 1, :3].tolist() == found[1, 200, :3].tolist() == [0x15, 0x19, 0x1E]


@with_rsvg
def test_live_text_is_as_long_as_it_was_laid_out(tmp_path):
    item = Text(10.0, 40.0, "mmmmmmmm", 13, "#000000")
    found = rasterised(svg_text(of(item, background="#FFFFFF"), text="text"), tmp_path)
    inked = np.flatnonzero((found[..., :3] < 200).any(axis=(0, 2)))
    assert inked[-1] - inked[0] == pytest.approx(item.length, abs=4)


def test_outlines_need_no_font():
    root = read(svg_text(every_item(LIGHT)))
    assert root.findall(f".//{SVG}text") == []
    assert "font" not in svg_text(every_item(LIGHT))


def test_a_text_that_comes_twice_is_outlined_once():
    again = [Text(10.0, 20.0 * row, "2×3", 12, "#000000") for row in range(3)]
    root = read(svg_text(of(*again, Text(10.0, 50.0, "2×3", 13, "#000000"))))
    used = [use.get(f"{XLINK}href") for use in root.iter(f"{SVG}use")]
    defined = [f"#{path.get('id')}" for path in root.find(f"{SVG}defs")]
    assert used == ["#t0", "#t0", "#t0", "#t1"]
    assert defined == ["#t0", "#t1"]


def test_live_text_can_be_searched_and_has_fonts_to_fall_back_on():
    root = read(svg_text(every_item(LIGHT), text="text"))
    texts = {text.text: text for text in root.iter(f"{SVG}text")}
    assert {"+ add1", "−1.234e−5", "損失"} <= set(texts)
    number = texts["−1.234e−5"]
    assert number.get("font-family").endswith("monospace")
    assert float(number.get("textLength")) == pytest.approx(text_width("−1.234e−5", 13, "mono"), abs=0.01)


def test_whoever_cannot_see_the_picture_is_told_what_it_shows():
    picture = of(Box(0, 0, 9, 9, "#000000", node="W"), words="W times x", labels={"W": "W, a variable (2, 3)"})
    root = read(svg_text(picture))
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.find(f"{SVG}desc").text == "W times x"
    group = root.find(f"{SVG}g")
    assert group.get("data-node") == "W"
    assert group.find(f"{SVG}title").text == "W, a variable (2, 3)"


def test_items_of_a_node_are_one_group_in_their_order():
    boxes = [Box(0, 0, 9, 9, "#000000", node=node) for node in ("a", "a", None, "b")]
    root = read(svg_text(of(*boxes)))
    assert [(each.tag, each.get("data-node")) for each in root[2:]] == [
        (f"{SVG}g", "a"),
        (f"{SVG}rect", None),
        (f"{SVG}g", "b"),
    ]
    assert len(root[2].findall(f"{SVG}rect")) == 2


@pytest.mark.parametrize("text", ["outlines", "text"])
def test_no_text_breaks_the_file(text):
    picture = of(Text(0, 20, NASTY, 13, "#000000", node=NASTY), words=NASTY, labels={NASTY: NASTY})
    root = read(svg_text(picture, text=text))
    assert "<&\"'>" in root.find(f"{SVG}desc").text
    assert "\ufffd" in root.get("aria-label")


def test_cells_of_one_colour_are_one_path():
    colours = np.zeros((4, 4, 3), np.uint8)
    colours[::2] = 255
    root = read(svg_text(of(Cells(0, 0, 40, 40, colours))))
    assert sorted(path.get("fill") for path in root.iter(f"{SVG}path")) == ["#000000", "#FFFFFF"]


def test_cells_of_an_empty_tensor_are_nothing():
    assert [*read(svg_text(of(Cells(0, 0, 40, 40, np.zeros((0, 4, 3), np.uint8))))).iter(f"{SVG}path")] == []


def test_lengths_are_short_and_never_in_a_country_s_notation():
    svg = svg_text(every_item(LIGHT), 1 / 3)
    assert re.findall(r"\d\.\d{3,}", svg) == []
    assert "e-" not in "".join(re.findall(r' d="[^"]*"', svg))


def test_svg_has_no_clips_filters_or_images():
    assert {each.tag.removeprefix(SVG) for each in read(svg_text(every_item(LIGHT))).iter()} <= {
        *("svg", "title", "desc", "defs", "g", "rect", "path", "use")
    }


def test_the_same_picture_gives_the_same_text():
    assert svg_text(every_item(LIGHT)) == svg_text(every_item(LIGHT))


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    write_svg(every_item(LIGHT), tmp_path / "all.svg")
    assert read((tmp_path / "all.svg").read_text("utf-8")).get("width") == "260"
    with pytest.raises(FormatError, match="cannot write"):
        write_svg(every_item(LIGHT), tmp_path / "missing" / "all.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["all.svg"]
