from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QImageReader

from gradviz.errors import FormatError, LimitError
from gradviz.export.image import as_image, png_bytes, write_png
from gradviz.picture import Box, Picture, load_theme
from tests.picture.comparing import pixels
from tests.picture.sample import every_item

PICTURE = Picture(
    (Box(20.0, 20.0, 60.0, 20.0, "#336699"),), (0.0, 0.0, 100.0, 60.0), words="one box", background="#FFEEDD"
)


@pytest.fixture(autouse=True)
def application(qapp):
    """Painting needs an application."""


def colour(image, x, y):
    return tuple(pixels(image)[y, x].tolist())


def test_an_image_has_the_picture_and_its_ground():
    image = as_image(PICTURE)
    assert (image.width(), image.height()) == (100, 60)
    assert colour(image, 50, 30) == (0x33, 0x66, 0x99, 255)
    assert colour(image, 2, 2) == (0xFF, 0xEE, 0xDD, 255)
    assert not image.hasAlphaChannel()


def test_a_transparent_image_has_no_ground():
    image = as_image(PICTURE, transparent=True)
    assert colour(image, 2, 2) == (0, 0, 0, 0)
    assert colour(image, 50, 30) == (0x33, 0x66, 0x99, 255)


def test_another_ground_takes_the_place_of_the_picture_s():
    assert colour(as_image(PICTURE, background="#000000"), 2, 2) == (0, 0, 0, 255)
    assert colour(as_image(replace(PICTURE, background=None)), 2, 2) == (0, 0, 0, 0)


def test_a_size_is_kept_and_the_rest_is_ground():
    image = as_image(PICTURE, size=(200, 200))
    assert (image.width(), image.height()) == (200, 200)
    assert colour(image, 100, 100) == (0x33, 0x66, 0x99, 255)
    assert colour(image, 100, 2) == (0xFF, 0xEE, 0xDD, 255)


def test_a_part_of_the_plane_left_of_zero_is_drawn_where_it_belongs():
    shifted = Picture((Box(-80.0, -40.0, 60.0, 20.0, "#336699"),), (-100.0, -60.0, 100.0, 60.0), background="#FFEEDD")
    assert np.array_equal(pixels(as_image(shifted)), pixels(as_image(PICTURE)))


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_printed_the_picture_is_as_large_at_every_scale(scale):
    image = as_image(PICTURE, scale)
    assert image.width() / image.dotsPerMeterX() == pytest.approx(100 / 96 * 0.0254, rel=0.01)


def test_the_alternative_text_goes_with_the_file(tmp_path):
    write_png(PICTURE, tmp_path / "box.png")
    assert QImageReader(str(tmp_path / "box.png")).text("Description") == "one box"


def test_the_same_picture_gives_the_same_bytes():
    one, other = (png_bytes(as_image(every_item(load_theme("light")), 2.0)) for _ in range(2))
    assert one == other


def test_what_is_written_is_what_was_drawn(tmp_path):
    picture = every_item(load_theme("dark"))
    write_png(picture, tmp_path / "all.png", 1.5, transparent=True)
    read = QImage(str(tmp_path / "all.png"))
    assert np.abs(pixels(read).astype(int) - pixels(as_image(picture, 1.5, transparent=True)).astype(int)).max() <= 1


def test_an_image_that_is_too_large_is_refused_before_memory_is_taken(tmp_path):
    with pytest.raises(LimitError, match="smaller scale"):
        write_png(PICTURE, tmp_path / "huge.png", 1000.0)
    assert [*tmp_path.iterdir()] == []


def test_a_picture_of_nothing_is_an_image():
    assert as_image(Picture((), (0.0, 0.0, 0.0, 0.0), background="#FFFFFF")).width() == 1


@pytest.mark.parametrize("name", ["missing/box.png", "folder"])
def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(FormatError, match="cannot write"):
        write_png(PICTURE, tmp_path / name)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_picture_that_is_there_is_replaced_whole(tmp_path):
    path = tmp_path / "box.png"
    path.write_bytes(b"old")
    write_png(PICTURE, path)
    assert QImage(str(path)).width() == 100
    assert [*tmp_path.iterdir()] == [path]
