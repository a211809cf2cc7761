import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradviz.picture import Box, Cells, Curve, Picture, Polygon, Text, load_theme, text_width
from gradviz.picture.curves import flattened
from tests.picture.sample import every_item

BENT = ((0.0, 0.0), (50.0, 0.0), (50.0, 40.0), (100.0, 40.0))


@pytest.fixture(autouse=True)
def application(qapp):
    """Texts are measured by Qt."""


def test_the_bounds_of_a_box_hold_its_stroke():
    assert Box(10, 20, 30, 40, "#FFFFFF").bounds == (10, 20, 30, 40)
    assert Box(10, 20, 30, 40, None, "#000000", 4).bounds == (8, 18, 34, 44)


def test_the_bounds_of_a_curve_hold_its_width_and_its_head():
    assert Curve(BENT, "#000000", 2.0).bounds == (-1, -1, 102, 42)
    assert Curve(BENT, "#000000", 2.0, head=10.0).bounds == (-5, -5, 110, 50)


def test_the_bounds_of_a_polygon_hold_its_corners():
    assert Polygon(((0, 0), (10, 0), (5, 8)), "#000000").bounds == (0, 0, 10, 8)
    assert Polygon(((0, 0), (10, 0), (5, 8)), None, "#000000", 2.0).bounds == (-1, -1, 12, 10)


@pytest.mark.parametrize(("anchor", "share"), [("left", 0.0), ("middle", 0.5), ("right", 1.0)])
def test_a_text_starts_where_its_anchor_says(anchor, share):
    text = Text(100, 50, "softmax", 13, "#000000", anchor=anchor)
    width = text_width("softmax", 13)
    assert text.origin == pytest.approx((100 - share * width, 50))
    assert text.bounds[0] == pytest.approx(100 - share * width)
    assert text.bounds[2] == pytest.approx(width)


def test_a_text_hangs_from_its_top_and_is_centred_on_its_middle():
    top = Text(0, 50, "8", 13, "#000000", baseline="top")
    middle = Text(0, 50, "8", 13, "#000000", baseline="middle")
    assert top.bounds[1] == pytest.approx(50)
    assert 50 < middle.origin[1] < 56
    assert middle.bounds[1] < 50 < middle.bounds[1] + middle.bounds[3]


@pytest.mark.parametrize("points", [(), ((0, 0),), ((0, 0), (1, 1)), ((0, 0),) * 5])
def test_points_that_make_no_bezier_curve_are_refused(points):
    with pytest.raises(ValueError, match="four points"):
        Curve(points, "#000000")


def test_an_arrow_points_the_way_the_curve_arrives():
    level = ((0.0, 40.0), (50.0, 40.0), (50.0, 40.0), (100.0, 40.0))
    tip, left, right = Curve(level, "#000000", head=10.0).arrow
    assert tip == (100, 40)
    assert left == pytest.approx((90, 44.5))
    assert right == pytest.approx((90, 35.5))


def test_an_arrow_slants_where_the_curve_comes_in_steeply():
    steep = ((0.0, 0.0), (40.0, 0.0), (40.0, 900.0), (80.0, 900.0))
    tip, left, right = Curve(steep, "#000000", head=10.0).arrow
    back = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    assert tip == (80, 900)
    assert np.hypot(tip[0] - back[0], tip[1] - back[1]) == pytest.approx(10)
    assert 890 < back[1] < 899


@pytest.mark.parametrize("points", [BENT, ((0.0, 0.0), (40.0, 0.0), (40.0, 900.0), (80.0, 900.0))])
def test_the_line_of_an_arrow_ends_within_its_head_and_leaves_its_way_nowhere(points):
    curve = Curve(points, "#000000", head=10.0)
    (x, y), tip = curve.shaft[-1], points[-1]
    assert np.hypot(tip[0] - x, tip[1] - y) == pytest.approx(8, abs=1e-3)
    way = flattened(np.array([points]), 4000)[0]
    for point in flattened(np.array([curve.shaft]), 20)[0]:
        assert np.hypot(*(way - point).T).min() < 0.2


def test_the_line_without_a_head_and_that_of_a_polyline_are_simple():
    assert Curve(BENT, "#000000").shaft == BENT
    assert Curve(((0.0, 0.0), (0.0, 9.0)), "#000000", bent=False, head=5.0).shaft == ((0.0, 0.0), (0.0, 5.0))


def test_a_head_longer_than_its_curve_hides_the_line():
    short = ((0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0))
    curve = Curve(short, "#000000", head=10.0)
    assert np.ptp(np.array(curve.shaft), axis=0).max() < 1e-3
    assert curve.arrow[0] == (3, 0)
    assert np.isfinite(curve.arrow).all()


def test_an_arrow_without_a_direction_points_right():
    curve = Curve(((5.0, 5.0),) * 4, "#000000", head=10.0)
    assert curve.arrow[0] == (5, 5)
    assert all(np.isfinite(curve.arrow).ravel())
    assert curve.arrow[1][0] < 5


def test_colours_and_marks_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="uint8"):
        Cells(0, 0, 10, 10, np.zeros((2, 2), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        Cells(0, 0, 10, 10, np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="marks"):
        Cells(0, 0, 10, 10, np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3), np.uint8))


@given(arrays(np.uint8, st.tuples(st.integers(0, 4), st.integers(0, 6), st.just(3)), elements=st.integers(0, 1)))
def test_runs_of_one_colour_make_up_all_cells(colours):
    rows, columns = colours.shape[:2]
    cells = Cells(0, 0, columns, rows, colours)
    found = np.full((rows, columns, 3), 255, np.uint8)
    for (x, y, w, h), colour in cells.runs():
        found[round(y) : round(y + h), round(x) : round(x + w)] = list(bytes.fromhex(colour[1:]))
    assert np.array_equal(found, colours)


def test_neighbours_of_one_colour_are_one_run():
    cells = Cells(10, 20, 40, 20, np.array([[[1, 2, 3]] * 4, [[1, 2, 3]] * 2 + [[4, 5, 6]] * 2], np.uint8))
    assert [*cells.runs()] == [
        ((10, 20, 40, 10), "#010203"),
        ((10, 30, 20, 10), "#010203"),
        ((30, 30, 20, 10), "#040506"),
    ]


def test_a_picture_knows_bounds_and_sizes_of_its_items():
    picture = every_item(load_theme("light"))
    assert picture.item_bounds.shape == (len(picture.items), 4)
    assert picture.item_bounds[0].tolist() == [10, 10, 120, 90]
    assert picture.item_sizes[[0, 3]].tolist() == [110, 13]
    assert np.all(picture.item_bounds[:, 0] >= picture.bounds[0])
    assert np.all(picture.item_bounds[:, 3] <= picture.bounds[3])


def test_an_empty_picture_has_no_bounds():
    empty = Picture((), (0, 0, 0, 0))
    assert empty.item_bounds.shape == (0, 4)
    assert empty.item_sizes.shape == (0,)
