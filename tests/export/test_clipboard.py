from xml.etree import ElementTree as ET

import pytest
from PySide6.QtGui import QGuiApplication, QImage

from gradviz.errors import GradvizError
from gradviz.export.clipboard import copy_picture
from gradviz.export.render import picture_of
from tests.engine.building import build


@pytest.fixture
def document(qapp):
    yield build({"x": 2.0}, {"y": ("square", "x")})
    QGuiApplication.clipboard().clear()


def test_a_copied_picture_is_there_as_pixels_and_as_svg(document):
    copy_picture(document, theme="dark", scale=2.0)
    data = QGuiApplication.clipboard().mimeData()
    width = picture_of(document).bounds[2]
    assert data.hasImage()
    assert QImage(data.imageData()).width() == pytest.approx(2 * width, abs=1)
    assert QImage.fromData(data.data("image/png")).pixelColor(1, 1).name() == "#15191e"
    assert ET.fromstring(bytes(data.data("image/svg+xml").data())).tag.endswith("svg")


def test_the_frame_that_is_asked_for_is_copied(document):
    copies = []
    for frame in (0, None):
        copy_picture(document, frame)
        copies.append(bytes(QGuiApplication.clipboard().mimeData().data("image/svg+xml").data()))
    assert copies[0] != copies[1]


def test_a_moment_that_is_not_there_leaves_the_clipboard_alone(document):
    QGuiApplication.clipboard().setText("mine")
    with pytest.raises(GradvizError):
        copy_picture(document, 99)
    assert QGuiApplication.clipboard().text() == "mine"
