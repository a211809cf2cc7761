"""Where cells lie in chips: what is drawn at a cell is found there, for tensors of every rank and size."""

import numpy as np
import pytest

from gradviz.picture import THEMES, cell_at, cell_rect, load_theme, outlines
from gradviz.picture.tensor_layout import small_layout, tensor_layout, travelling_layout

LIGHT = load_theme("light")
SHAPES = [
    (),
    (1,),
    (3,),
    (64,),
    (2, 3),
    (7, 1),
    (64, 64),
    (2, 3, 4),
    (2, 3, 4, 5),
    (5, 6, 2, 2),
    (1, 1, 1, 1),
    (300, 2),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("layout_of", [tensor_layout, small_layout, travelling_layout])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_middle_of_a_cell_is_that_cell(shape, layout_of, theme):
    layout = layout_of(shape, load_theme(theme))
    found = 0
    for cell in list(np.ndindex(shape))[:400]:
        rect = cell_rect(layout, shape, cell)
        if rect is not None:
            found += 1
            x, y, w, h = rect
            assert cell_at(layout, shape, x + w / 2, y + h / 2) == cell
    assert found


@pytest.mark.parametrize("shape", SHAPES)
def test_outside_a_chip_there_are_no_cells(shape):
    layout = tensor_layout(shape, LIGHT)
    for x, y in ((-1, 1), (1, -1), (layout.w + 1, 1), (1, layout.h + 1)):
        assert cell_at(layout, shape, x, y) is None


def test_sheets_that_are_left_out_have_no_cells():
    shape = (5, 6, 2, 2)
    layout = tensor_layout(shape, LIGHT)
    assert cell_rect(layout, shape, (4, 5, 0, 0)) is None
    assert not len(outlines(layout, np.arange(120).reshape(shape) == 119))


@pytest.mark.parametrize("shape", [None, (0,), (0, 3), (2, 0)])
def test_chips_without_numbers_have_no_cells(shape):
    layout = tensor_layout(shape, LIGHT)
    assert shape is None or cell_at(layout, shape, 2, 2) is None
    assert not len(outlines(layout, np.ones(shape or (0,), bool)))


def test_cells_that_touch_have_one_outline():
    layout = tensor_layout((2, 3), LIGHT)
    row = np.array([[False] * 3, [True] * 3])
    lines = outlines(layout, row)
    assert len(lines) == 4
    assert set(lines[:, [0, 2]].ravel()) == {0.0, layout.sheet_w}
    corners = np.array([[True, False, False], [False, False, True]])
    assert len(outlines(layout, corners)) == 8


def test_a_single_number_is_outlined_whole_or_not():
    layout = tensor_layout((), LIGHT)
    assert len(outlines(layout, np.array(True))) == 4
    assert not len(outlines(layout, np.array(False)))
