import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.assets import read_text
from gradviz.picture import THEMES, Mark, coloured, colours, is_dark, load_theme, scale_limit

LIGHT = load_theme("light")
DTYPES = ["bool", "int8", "int64", "uint8", "uint64", "float16", "float32", "float64"]


@pytest.fixture(params=THEMES)
def theme(request):
    return load_theme(request.param)


def colour_of(value, limit, theme):
    """Return red, green and blue of one number."""
    return colours(np.array([[value]]), limit, theme)[0, 0].astype(int).tolist()


def mark_of(value, limit):
    return Mark(coloured(np.array([value]), limit, LIGHT)[1][0])


def test_positive_is_blue_and_negative_is_red(theme):
    red, _, blue = colour_of(1.0, 1.0, theme)
    assert blue > red + 60
    red, _, blue = colour_of(-1.0, 1.0, theme)
    assert red > blue + 60


def test_zero_is_a_grey_near_the_ground(theme):
    grey = colour_of(0.0, 1.0, theme)
    assert max(grey) - min(grey) <= 3
    ground = int(theme.background[1:3], 16)
    assert abs(grey[0] - ground) < 30


def test_the_smallest_steps_from_zero_have_the_hue_of_their_sign(theme):
    red, _, blue = colour_of(0.05, 1.0, theme)
    assert blue > red
    red, _, blue = colour_of(-0.05, 1.0, theme)
    assert red > blue


def test_colours_grow_away_from_zero_step_by_step(theme):
    found = colours(np.linspace(0, 1, 17), 1.0, theme).astype(int)
    from_zero = np.abs(found - found[0]).sum(axis=1)
    assert np.all(np.diff(from_zero) > 0)


def test_the_tables_are_whole():
    for name in ("vik", "berlin"):
        assert len(read_text(f"colormaps/{name}.txt").split()) == 256
    assert "Fabio Crameri" in read_text("colormaps/LICENSE.txt")


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (np.nan, Mark.NAN),
        (np.inf, Mark.PLUS_INFINITY),
        (-np.inf, Mark.MINUS_INFINITY),
        (2.5, Mark.ABOVE),
        (-2.5, Mark.BELOW),
        (2.0, Mark.NONE),
        (-2.0, Mark.NONE),
        (0.0, Mark.NONE),
        (-0.0, Mark.NONE),
    ],
)
def test_what_is_no_ordinary_number_or_off_the_scale_is_marked(value, mark):
    assert mark_of(value, 2.0) == mark


def test_infinities_and_outliers_have_the_colour_of_the_end_of_the_scale(theme):
    assert colour_of(np.inf, 1.0, theme) == colour_of(9.0, 1.0, theme) == colour_of(1.0, 1.0, theme)
    assert colour_of(-np.inf, 1.0, theme) == colour_of(-1.0, 1.0, theme)


def test_nan_has_a_colour_that_no_number_has(theme):
    scale = {tuple(colour) for colour in colours(np.linspace(-1, 1, 2001), 1.0, theme).tolist()}
    assert tuple(colour_of(np.nan, 1.0, theme)) not in scale


def test_a_limit_that_was_rounded_to_float32_marks_nothing():
    values = np.array([0.1], np.float32)
    assert coloured(values, float(np.float32(0.1)) * (1 - 1e-8), LIGHT)[1].tolist() == [Mark.NONE]


@pytest.mark.parametrize("limit", [5e-324, 1e-300, 1.0, 1e300, np.finfo(float).max])
@pytest.mark.parametrize("value", [5e-324, 1e-308, 1.0, 1e308, -1e308])
def test_no_range_overflows(value, limit):
    found, marks = coloured(np.array([value]), limit, LIGHT)
    assert (marks[0] == Mark.NONE) == (abs(value) <= limit)
    assert found.shape == (1, 3)


def test_a_scale_that_ends_at_zero_keeps_the_signs_and_marks_them():
    found, marks = coloured(np.array([-1.0, 0.0, 1.0]), 0.0, LIGHT)
    assert marks.tolist() == [Mark.BELOW, Mark.NONE, Mark.ABOVE]
    assert found.tolist() == colours(np.array([-1.0, 0.0, 1.0]), 1.0, LIGHT).tolist()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (4,), (2, 3)])
def test_tensors_of_every_dtype_and_shape_have_colours(dtype, shape):
    found, marks = coloured(np.ones(shape, dtype), 1.0, LIGHT)
    assert found.shape == (*shape, 3)
    assert found.dtype == marks.dtype == np.uint8
    assert marks.shape == shape
    assert not marks.any()


def test_extreme_integers_are_told_apart():
    ends = np.array([np.iinfo(np.int64).min, np.iinfo(np.int64).max])
    assert colours(ends, scale_limit(ends), LIGHT).tolist() == colours(np.array([-1.0, 1.0]), 1.0, LIGHT).tolist()


def test_booleans_are_two_greys(theme):
    found = colours(np.array([False, True]), 1.0, theme).astype(int)
    assert np.ptp(found, axis=1).max() < 20
    assert np.abs(found[0] - found[1]).min() > 30


def test_a_scale_ends_at_the_largest_magnitude():
    assert scale_limit(np.array([1.0, -3.0, 2.0])) == 3
    assert scale_limit(np.array(-7)) == 7
    assert scale_limit(np.array([False, True])) == 1


def test_a_scale_ends_before_an_outlier():
    usual = np.r_[np.ones(10_000), 1e6]
    assert 1 < scale_limit(usual) < 1e6
    assert coloured(usual, scale_limit(usual), LIGHT)[1][-1] == Mark.ABOVE


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [np.nan, np.inf, -np.inf], [False]])
def test_a_scale_without_numbers_ends_at_zero(values):
    assert scale_limit(np.array(values)) == 0


@pytest.mark.parametrize("size", [5e-324, 1e-200, 1e200, 1.7e308])
def test_a_scale_neither_overflows_nor_vanishes(size):
    assert scale_limit(np.array([size, -size, np.nan])) == size


@given(st.lists(st.floats(), max_size=20), st.floats(min_value=0))
def test_any_numbers_on_any_scale_have_colours_and_marks(values, limit):
    array = np.array(values, dtype=np.float64)
    found, marks = coloured(array, limit, LIGHT)
    assert found.shape == (*array.shape, 3)
    assert np.array_equal(marks == Mark.NAN, np.isnan(array))


def test_dark_colours_want_light_ink():
    rgb = np.array([[0, 0, 0], [66, 95, 143], [246, 198, 2], [255, 255, 255]], np.uint8)
    assert is_dark(rgb).tolist() == [True, True, False, False]
    assert is_dark(np.zeros((0, 0, 3), np.uint8)).shape == (0, 0)


def test_a_colour_is_as_strong_as_the_root_of_its_number(theme):
    for value, limit in ((1.0, 4.0), (-0.25, 1.0), (1e-300, 4e-300)):
        assert colour_of(value, limit, theme) == colour_of(np.sign(value) * 49.0, 196.0, theme)
    hundredth, zero = colour_of(0.01, 1.0, theme), colour_of(0.0, 1.0, theme)
    assert sum(abs(one - other) for one, other in zip(hundredth, zero, strict=True)) >= 20
