import ast
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from gradviz.assets import names, read_text
from gradviz.errors import GradvizError
from gradviz.picture import icon
from tests.picture.comparing import pixels

CODE = Path(__file__).parents[2] / "gradviz"
FILES = [name for name in names("icons") if name.endswith(".svg")]
SIGNS = {name.removeprefix("icons/").removesuffix(".svg") for name in FILES}


@pytest.fixture(autouse=True)
def application(qapp):
    """Icons are pixmaps."""


@pytest.mark.parametrize("name", FILES)
def test_every_icon_is_drawn_in_the_colour_that_is_asked_for(name):
    assert ET.fromstring(read_text(name)).get("viewBox") == "0 0 24 24"
    sign = name.removeprefix("icons/").removesuffix(".svg")
    drawn = pixels(icon(sign, "#B50FE7").pixmap(40, 40).toImage())
    inked = drawn[drawn[..., 3] == 255]
    assert len(inked) > 20
    assert np.abs(inked[:, :3].astype(int) - [0xB5, 0x0F, 0xE7]).max() <= 2


def test_the_icons_come_with_their_licence():
    assert "ISC License" in read_text("icons/LICENSE.txt")


def test_every_icon_is_used_somewhere():
    texts = set()
    for path in CODE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        texts |= {
            each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        }
    assert SIGNS - texts == set()


def test_an_icon_that_is_not_there_is_told():
    with pytest.raises(GradvizError, match="no resource"):
        icon("no-such-sign", "#000000")
