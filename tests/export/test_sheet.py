import pytest

from gradviz.errors import GradvizError, LimitError
from gradviz.export.sheet import MOST_PIXELS, MOST_SIDE, Sheet, refuse_large, sheet_for

BOUNDS = (10.0, 20.0, 300.0, 200.0)


def test_a_sheet_is_as_large_as_the_picture():
    assert sheet_for(BOUNDS) == Sheet(300, 200, BOUNDS, 1.0)


def test_a_scale_makes_the_sheet_larger_and_shows_the_same():
    assert sheet_for(BOUNDS, 2.5) == Sheet(750, 500, BOUNDS, 2.5)


def test_a_picture_is_fitted_into_a_size_and_stands_in_its_middle():
    assert sheet_for(BOUNDS, size=(600, 600)) == Sheet(600, 600, (10.0, -30.0, 300.0, 300.0), 2.0, is_fitted=True)
    assert sheet_for(BOUNDS, size=(600, 200)) == Sheet(600, 200, (-140.0, 20.0, 600.0, 200.0), 1.0, is_fitted=True)


def test_part_of_a_pixel_is_a_pixel():
    sheet = sheet_for((0.0, 0.0, 10.2, 10.0), 1.0)
    assert (sheet.width, sheet.height) == (11, 10)
    assert sheet.view[2:] == (11, 10)


def test_an_empty_picture_has_a_sheet():
    assert sheet_for((0.0, 0.0, 0.0, 0.0)) == Sheet(1, 1, (0.0, 0.0, 1.0, 1.0), 1.0)
    assert sheet_for(BOUNDS, 1e-9).width == 1


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf"), 1e308])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(GradvizError, match="choose a number above zero"):
        sheet_for(BOUNDS, scale)


@pytest.mark.parametrize("size", [(0, 100), (100, 0), (-5, 5)])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(GradvizError, match="choose a number above zero"):
        sheet_for(BOUNDS, size=size)


@pytest.mark.parametrize("size", [(MOST_SIDE + 1, 1), (1, MOST_SIDE + 1), (MOST_SIDE, MOST_PIXELS // MOST_SIDE + 1)])
def test_a_sheet_too_large_for_an_image_is_refused_with_the_limit(size):
    with pytest.raises(LimitError, match=f"{size[0]:,}×{size[1]:,} pixels is too large"):
        refuse_large(sheet_for(BOUNDS, size=size))


def test_the_advice_is_about_what_was_chosen():
    with pytest.raises(LimitError, match="choose a smaller size, or draw SVG"):
        refuse_large(sheet_for(BOUNDS, size=(99_999_999, 99_999_999)))
    with pytest.raises(LimitError, match="choose a smaller scale, draw fewer nodes, or draw SVG"):
        refuse_large(sheet_for(BOUNDS, 1e6))


def test_the_largest_image_is_not_refused():
    refuse_large(sheet_for(BOUNDS, size=(MOST_SIDE, MOST_PIXELS // MOST_SIDE)))
