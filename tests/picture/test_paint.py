from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPicture

from gradviz.engine import run
from gradviz.graph import Document, add_leaf, add_node
from gradviz.picture import (
    THEMES,
    Box,
    Cells,
    Curve,
    Mark,
    Picture,
    Text,
    compose,
    load_theme,
    mark_items,
    paint,
    text_width,
)
from gradviz.picture.paint import visible
from tests.picture.comparing import pixels, share_of_different_pixels
from tests.picture.sample import every_item

GOLDEN = Path(__file__).parent / "golden"
LIGHT = load_theme("light")


@pytest.fixture(autouse=True)
def application(qapp):
    """Painting needs an application."""


def painted(picture, rect=None, scale=1.0, ground="#FFFFFF"):
    """Return a picture, painted on an image of the size of its bounds, as an array (height, width, 4)."""
    x, y, w, h = picture.bounds
    image = QImage(round(w * scale), round(h * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(picture.background or ground))
    painter = QPainter(image)
    painter.scale(scale, scale)
    painter.translate(-x, -y)
    paint(painter, picture, rect, scale)
    painter.end()
    return pixels(image)


def of(*items, size=(100.0, 60.0)):
    return Picture(items, (0.0, 0.0, *size))


def is_inked(array):
    """Tell of each pixel whether it is not white."""
    return np.any(array[..., :3] != 255, axis=-1)


@pytest.mark.parametrize("name", THEMES)
def test_every_item_looks_as_it_did(name):
    picture = every_item(load_theme(name))
    found = painted(replace(picture, items=picture.items[:-1]), scale=2.0)  # the last is in a script of the system's
    kept = pixels(QImage(str(GOLDEN / f"{name}.png")))
    assert share_of_different_pixels(found, kept) <= 0.0005


@pytest.mark.parametrize("index", range(1, 17))  # the card itself is as white as the paper
def test_a_picture_that_changed_is_noticed(index):
    picture = every_item(LIGHT)
    changed = replace(picture, items=picture.items[:index] + picture.items[index + 1 :])
    assert share_of_different_pixels(painted(picture, scale=2.0), painted(changed, scale=2.0)) > 0.0005


@pytest.mark.parametrize("scale", [0.2, 1.0, 1.7])
def test_two_paintings_are_the_same_to_the_bit(scale):
    assert np.array_equal(painted(every_item(LIGHT), scale=scale), painted(every_item(LIGHT), scale=scale))


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.0, 3.0])
def test_a_part_is_painted_as_it_is_in_the_whole(scale):
    picture = every_item(LIGHT)
    whole = painted(picture, scale=scale)
    part = painted(picture, (100.0, 0.0, 80.0, 200.0), scale)
    inside = slice(round(100 * scale), round(180 * scale))
    assert np.array_equal(whole[:, inside], part[:, inside])


def test_only_what_lies_in_the_rectangle_is_painted():
    boxes = of(*(Box(50.0 * i, 0, 40, 40, "#000000") for i in range(100)), size=(5000.0, 40.0))
    assert visible(boxes, (1000.0, 0.0, 90.0, 40.0)).tolist() == [20, 21]
    assert visible(boxes, (0.0, 500.0, 90.0, 40.0)).tolist() == []
    assert len(visible(boxes)) == 100


def test_a_wire_through_the_rectangle_is_painted_though_its_ends_are_far():
    wire = of(Curve(((-900.0, 30.0), (0.0, 30.0), (100.0, 30.0), (900.0, 30.0)), "#000000", 2.0))
    assert is_inked(painted(wire, (40.0, 0.0, 20.0, 60.0)))[29:31, 45:55].all()


def test_the_painter_is_left_as_it_was():
    image = QImage(10, 10, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setOpacity(0.5)
    before = painter.pen(), painter.brush(), painter.font(), painter.renderHints()
    paint(painter, every_item(LIGHT))
    assert painter.opacity() == 0.5
    assert (painter.pen(), painter.brush(), painter.font(), painter.renderHints()) == before
    painter.end()


def test_the_background_is_left_to_whoever_asks():
    image = QImage(100, 60, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#00FF00"))
    painter = QPainter(image)
    paint(painter, replace(of(), background="#FF0000"))
    painter.end()
    assert image.pixelColor(50, 30) == QColor("#00FF00")


def test_whoever_fades_the_painter_fades_all_of_the_picture():
    image = QImage(100, 60, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    painter.setOpacity(0.5)
    paint(painter, of(Cells(0, 0, 50, 60, np.zeros((1, 1, 3), np.uint8)), Box(50, 0, 50, 60, "#000000")))
    painter.end()
    assert [image.pixelColor(x, 30).red() for x in (25, 75)] == pytest.approx([127, 127], abs=2)


def test_a_text_that_nobody_could_read_is_a_bar_and_then_nothing():
    text = of(Text(10, 40, "gradient", 13, "#000000"))
    readable, bar, nothing = (painted(text, scale=scale) for scale in (1.0, 0.4, 0.1))
    assert readable[..., :3].min() < 60
    dark = bar[..., :3].min(axis=-1)
    assert 100 < dark.min() < 200
    assert is_inked(bar).any(axis=0).sum() == pytest.approx(0.4 * text_width("gradient", 13), abs=2)
    assert not is_inked(nothing).any()


@pytest.mark.parametrize("size", [13, 9.5, 7.25])
def test_a_text_is_painted_as_wide_as_it_is_measured(size):
    inked = np.flatnonzero(
        is_inked(painted(of(Text(10, 40, "mmmmmmmm", size, "#000000"), size=(150.0, 60.0)))).any(axis=0)
    )
    assert inked[-1] - inked[0] == pytest.approx(text_width("mmmmmmmm", size), abs=0.3 * size)


def test_from_afar_specks_are_left_out_and_cards_and_wires_stay():
    items = (
        Curve(((0.0, 10.0), (300.0, 10.0), (600.0, 300.0), (900.0, 300.0)), "#000000", 1.0),
        Box(300, 100, 160, 100, "#336699", "#000000", radius=6),
        Box(380, 300, 10, 10, "#FF0000", radius=5),
    )
    far = painted(of(*items, size=(1000.0, 400.0)), scale=0.1)
    assert far[15, 38, :3].tolist() == [0x33, 0x66, 0x99]
    assert is_inked(far)[:, 80].any()
    assert not is_inked(far)[29:32, 38:40].any()


def test_cells_have_exactly_their_colours_and_no_seams():
    colours = np.random.default_rng(0).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    found = painted(of(Cells(10.0, 10.0, 80.0, 30.0, colours)))
    assert np.array_equal(found[15:40:10, 20:90:20, :3], colours)
    assert {tuple(colour) for colour in found[10:40, 10:90, :3].reshape(-1, 3)} == {
        tuple(c) for c in colours.reshape(-1, 3)
    }


def test_cells_whose_colours_are_a_view_of_others_are_painted_alike():
    colours = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    view = colours[::2, ::-2]
    assert not view.flags.c_contiguous
    assert np.array_equal(
        painted(of(Cells(10, 10, 80, 30, view))), painted(of(Cells(10, 10, 80, 30, np.ascontiguousarray(view))))
    )


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 4, 3), (4, 0, 3)])
def test_cells_of_an_empty_tensor_are_nothing(shape):
    assert not is_inked(painted(of(Cells(10, 10, 80, 30, np.zeros(shape, np.uint8))))).any()


def test_waiting_cells_shine_through():
    black = np.zeros((1, 1, 3), np.uint8)
    assert painted(of(Cells(0, 0, 100, 60, black, opacity=0.35)))[30, 50, 0] == pytest.approx(255 * 0.65, abs=2)


@pytest.mark.parametrize("mark", [mark for mark in Mark if mark])
@pytest.mark.parametrize("ground", [0, 255])
def test_a_mark_can_be_seen_on_dark_and_on_light_cells(mark, ground):
    plain = Cells(10, 10, 40, 40, np.full((1, 1, 3), ground, np.uint8))
    marked = replace(plain, marks=np.array([[mark]], np.uint8))
    assert np.abs(painted(of(marked)).astype(int) - painted(of(plain)).astype(int)).max() > 200


def test_marks_are_told_apart():
    cells = Cells(10, 10, 40, 40, np.full((1, 1, 3), 255, np.uint8))
    seen = {painted(of(replace(cells, marks=np.array([[mark]], np.uint8)))).tobytes() for mark in Mark}
    assert len(seen) == len(Mark)


def test_cells_too_small_for_marks_carry_none():
    cells = Cells(0, 0, 30, 30, np.zeros((30, 30, 3), np.uint8), np.full((30, 30), Mark.NAN, np.uint8))
    assert [*mark_items(cells, least=4.0)] == []
    assert len([*mark_items(cells)]) == 2 * 900


def test_paper_gets_cells_as_rectangles():
    colours = np.random.default_rng(1).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    picture = of(Cells(10, 10, 80, 30, colours))
    record = QPicture()
    painter = QPainter(record)
    paint(painter, picture)
    painter.end()
    image = QImage(100, 60, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    record.play(painter)
    painter.end()
    assert np.array_equal(pixels(image)[12:40:10, 20:90:20], painted(picture)[12:40:10, 20:90:20])


@pytest.mark.parametrize("corners", ["top", "bottom", "left", "right", "all"])
def test_only_the_corners_named_are_round(corners):
    inked = is_inked(painted(of(Box(10, 10, 60, 40, "#000000", radius=12.0, corners=corners))))
    square = {name: bool(inked[y, x]) for name, (x, y) in CORNER_PIXELS.items()}
    round_ones = {"top": "lt rt", "bottom": "lb rb", "left": "lt lb", "right": "rt rb", "all": "lt rt lb rb"}[corners]
    assert {name for name, is_square in square.items() if not is_square} == set(round_ones.split())


CORNER_PIXELS = {"lt": (10, 10), "rt": (69, 10), "lb": (10, 49), "rb": (69, 49)}


@pytest.mark.parametrize("corners", ["all", "top"])
def test_a_radius_larger_than_the_box_makes_it_a_pill(corners):
    assert is_inked(painted(of(Box(10, 10, 60, 20, "#000000", radius=500.0, corners=corners))))[20, 40]


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "a\nb", "خسارة", "🙂" * 3, "x" * 10_000])
def test_no_text_breaks_the_painter(text):
    painted(of(Text(10, 40, text, 13, "#000000"), Text(10, 50, text, 13, "#000000", anchor="middle")))


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e300])
def test_no_number_breaks_the_painter(number):
    painted(of(Box(number, 0, 10, 10, "#000000"), Text(0, number, "x", 13, "#000000"), Box(0, 0, 5, 5, "#000000")))


def heights(array):
    """How many rows are inked."""
    return int(is_inked(array).any(axis=1).sum())


@pytest.mark.parametrize("scale", [0.15, 0.3, 0.5])
def test_a_name_is_read_from_afar_as_long_as_it_has_room(scale):
    name = Text(20, 40, "loss", 13, "#000000", weight="semibold", baseline="middle", room=200.0)
    picture = of(name, size=(300.0, 80.0))
    found = painted(picture, scale=scale)
    assert found[..., :3].min() < 100
    assert heights(found) >= 5
    assert is_inked(found).any(axis=0)[: round(220 * scale)].sum() == is_inked(found).any(axis=0).sum()
    long = painted(of(replace(name, text="loss" * 50), size=(300.0, 80.0)), scale=scale)
    assert is_inked(long).any(axis=0)[round(220 * scale) + 1 :].sum() == 0
    assert not is_inked(painted(of(replace(name, room=20.0)), scale=0.1)).any()


def test_a_number_is_set_larger_whole_or_not_at_all():
    short = Text(50, 30, "−6", 13, "#000000", family="mono", anchor="middle", baseline="middle", room=84.0)
    assert painted(of(short), scale=0.3)[..., :3].min() < 100
    bar = painted(of(replace(short, text="−1.234e−12")), scale=0.3)
    assert is_inked(bar).any()
    assert bar[..., :3].min() > 100
    assert heights(bar) <= 3


@pytest.mark.parametrize("scale", [0.05, 0.2, 0.29, 0.4, 1.0])
def test_gradients_are_dashed_at_any_size(scale):
    way = ((1000.0, 30.0), (600.0, 30.0), (300.0, 30.0), (0.0, 30.0))
    line = Curve(way, LIGHT.gradient, 2.0, dash=LIGHT.dash, head=10.0)
    inked = is_inked(painted(of(line, size=(1000.0, 60.0)), scale=scale)).any(axis=0)
    pale = painted(of(line, size=(1000.0, 60.0)), scale=scale)[..., 1].min(axis=0)
    assert inked.sum() > 0.4 * inked.size
    assert np.ptp(pale[inked.size // 4 : inked.size // 2].astype(int)) > 20


def test_what_has_a_least_scale_is_left_out_below_it():
    picture = of(Box(0, 0, 90, 50, "#000000", least=0.5), Text(5, 30, "2×3", 12, "#FF0000", least=0.5), Box(0, 0, 9, 9))
    assert visible(picture, scale=0.5).tolist() == [0, 1, 2]
    assert visible(picture, scale=0.49).tolist() == [2]


def test_a_theme_of_larger_type_is_near_where_its_texts_are_as_large_as_those_of_the_others():
    document = add_node(add_leaf(Document(), "x", np.array(2.0)), "y", "square", sources=("x",))
    tape = run(document)
    for name in THEMES:
        theme = load_theme(name)
        picture = compose(document, tape.at(len(tape.frames)), theme)
        assert picture.unit == theme.spacing / LIGHT.spacing
        ports = [row for row in visible(picture, scale=0.31 / picture.unit) if picture.item_sizes[row] < 12]
        assert ports
        assert not [row for row in visible(picture, scale=0.29 / picture.unit) if picture.item_sizes[row] < 12]
