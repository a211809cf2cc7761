"""Tensors in chips: layouts from shapes alone, numbers that fit, thumbnails that hide nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.picture import Cells, Mark, Text, load_theme, text_width
from gradviz.picture.tensor_layout import small_layout, tensor_layout, travelling_layout
from gradviz.picture.tensors import Chip, chip_items, thumbnail

LIGHT, DARK = load_theme("light"), load_theme("dark")
SHAPES = st.lists(st.integers(0, 60), max_size=6).map(tuple)


def chip_of(array, theme=LIGHT, limit=1.0):
    layout = tensor_layout(array.shape, theme)
    return list(chip_items(Chip(10.0, 20.0, layout, theme, limit, theme.ink), array)), layout


def texts(items):
    return [item.text for item in items if isinstance(item, Text)]


@pytest.mark.parametrize(
    ("shape", "kind", "grid", "sheet"),
    [
        (None, "unknown", (1, 1), (1, 1)),
        ((), "number", (1, 1), (1, 1)),
        ((3,), "cells", (1, 1), (1, 3)),
        ((4, 4), "cells", (1, 1), (4, 4)),
        ((1, 1, 1), "cells", (1, 1), (1, 1)),
        ((2, 2, 2), "cells", (1, 2), (2, 2)),
        ((7,), "heatmap", (1, 1), (1, 7)),
        ((5, 4), "heatmap", (1, 1), (5, 4)),
        ((9, 3, 12), "heatmap", (9, 1), (3, 12)),
        ((2, 3, 8, 8), "heatmap", (2, 3), (8, 8)),
        ((2, 3, 4, 8, 8), "heatmap", (6, 4), (8, 8)),
        ((0, 4), "empty", (1, 1), (1, 1)),
    ],
)
def test_a_layout_follows_from_the_shape(shape, kind, grid, sheet):
    layout = tensor_layout(shape, LIGHT)
    assert (layout.kind, layout.grid, layout.sheet) == (kind, grid, sheet)


@given(SHAPES)
def test_chips_of_any_shape_stay_small(shape):
    for layout_of, widest in ((tensor_layout, 400), (travelling_layout, 220), (small_layout, 90)):
        layout = layout_of(shape, LIGHT)
        assert 4 <= layout.w <= widest
        assert 4 <= layout.h <= 250


@given(SHAPES.filter(lambda shape: np.prod(shape) < 50_000), st.sampled_from([LIGHT, DARK]))
def test_what_is_drawn_stays_in_its_chip(shape, theme):
    array = np.random.default_rng(0).normal(size=shape)
    items, layout = chip_of(np.asarray(array), theme)
    assert items
    for item in items:
        x, y, w, h = item.bounds
        assert x >= 9
        assert x + w <= 11 + layout.w
        assert isinstance(item, Text) or (y >= 19 and y + h <= 21 + layout.h)


def test_a_number_is_written_with_four_digits():
    assert texts(chip_of(np.array(-1.23456))[0]) == ["−1.235"]
    assert texts(chip_of(np.array(True))[0]) == ["true"]
    assert texts(chip_of(np.array(np.nan))[0]) == ["✕ NaN"]
    assert texts(chip_of(np.array(-np.inf))[0]) == ["−∞"]


def test_cells_have_their_numbers_in_ink_that_can_be_read():
    items, _ = chip_of(np.array([[1.0, 0.0]]), LIGHT)
    colours = [item.colour for item in items if isinstance(item, Text)]
    assert colours == [LIGHT.background, LIGHT.ink]
    items, _ = chip_of(np.array([[1.0, 0.0]]), DARK)
    assert [item.colour for item in items if isinstance(item, Text)] == [DARK.background, DARK.ink]


def test_long_numbers_are_set_smaller_together():
    items, layout = chip_of(np.array([1.0, -1.234e-30]))
    sizes = {item.size for item in items if isinstance(item, Text)}
    assert len(sizes) == 1
    assert sizes.pop() < LIGHT.cell_size
    assert all(text_width(item.text, item.size, "mono") < layout.w / 2 for item in items if isinstance(item, Text))


def test_an_empty_tensor_says_so_with_its_shape():
    assert texts(chip_of(np.zeros((0, 3)))[0]) == ["empty 0×3"]


def test_sheets_left_out_leave_dots():
    items, _ = chip_of(np.zeros((9, 9, 3, 3)))
    assert texts(items) == ["…", "…"]
    assert len([item for item in items if isinstance(item, Cells)]) == 16


def test_nan_infinity_and_outliers_are_marked_in_a_heatmap():
    array = np.zeros((9, 9))
    array[0, 0], array[1, 1], array[2, 2], array[3, 3] = np.nan, np.inf, -np.inf, 50.0
    items, _ = chip_of(array, limit=1.0)
    marks = next(item for item in items if isinstance(item, Cells)).marks
    assert [marks[i, i] for i in range(4)] == [Mark.NAN, Mark.PLUS_INFINITY, Mark.MINUS_INFINITY, Mark.ABOVE]


def test_a_thumbnail_shows_the_largest_magnitude_of_each_block_with_its_sign():
    array = np.zeros((1000, 300))
    array[17, 3], array[999, 299], array[500, 150] = -9.0, 4.0, np.nan
    small = thumbnail(array, 50, 30)
    assert small.shape == (50, 30)
    assert small[0, 0] == -9
    assert small[-1, -1] == 4
    assert np.isnan(small).sum() == 1
    assert thumbnail(array[:50, :30], 50, 30).shape == (50, 30)


def test_a_thumbnail_of_integers_and_booleans_keeps_their_extremes():
    assert thumbnail(np.arange(-500, 500).reshape(1, -1), 4, 4).tolist() == [[-500, -250, 249, 499]]
    assert thumbnail(np.ones((9, 9), dtype=bool), 3, 3).tolist() == [[1.0] * 3] * 3


def middles(items, column, columns, width):
    """Where the numbers of a column stand: text and the middle of it, from the middle of the cell."""
    found = [item for item in items if isinstance(item, Text)][column::columns]
    return [(item.text, item.x - (10.0 + width * (column + 0.5) / columns), item) for item in found]


def point_of(text):
    """Where the decimal point of a text stands; where it would stand in a whole number."""
    figure = text_width("0", text.size, "mono")
    return text.x - figure * len(text.text) / 2 + figure * len(text.text.partition(".")[0])


def test_the_points_of_a_column_are_in_line():
    array = np.array([[0.2, 31.0], [-1.146, 1.5], [10.5, -123.0]])
    items, layout = chip_of(array)
    for column in range(2):
        points = [point_of(text) for _, _, text in middles(items, column, 2, layout.w)]
        np.testing.assert_allclose(points, points[0], atol=1e-9)
        for _, _, text in middles(items, column, 2, layout.w):
            left = 10.0 + layout.w * column / 2
            assert left <= text.bounds[0]
            assert text.bounds[0] + text.bounds[2] <= left + layout.w / 2


@pytest.mark.parametrize(
    "column",
    [[1e-9, 2.0], [np.nan, 2.5], [np.inf, 2.5], [12345.0, 0.0001234]],
    ids=["power", "nan", "infinity", "long"],
)
def test_numbers_that_cannot_be_in_line_stand_in_the_middle(column):
    items, layout = chip_of(np.array(column)[:, None])
    assert [gap for _, gap, _ in middles(items, 0, 1, layout.w)] == pytest.approx([0, 0])
