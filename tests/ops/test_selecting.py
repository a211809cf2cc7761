"""Lookups by a tensor of indices, and what goes back: negative, double, missing and wrong indices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ComputeError, LimitError, ShapeError
from gradviz.ops import OPS

TABLE = np.arange(12.0).reshape(3, 4)


@st.composite
def lookups(draw):
    """Draw a table without empty axes, one of its axes, and indices of any rank up to 2 of that axis."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    places = tuple(draw(st.lists(st.integers(0, 3), max_size=2)))
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    return generator.normal(size=shape), generator.integers(-shape[axis], shape[axis], size=places), axis


def moved(function, x, g):
    """Return the gradient of a selection, which is linear: what each number of the table alone would send."""
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([np.sum(function(unit) * g) for unit in units], x.shape)


@given(lookups())
def test_slices_are_taken_as_in_numpy_and_go_back_where_they_came_from(bench, drawn):
    x, indices, axis = drawn
    y = bench.forward("take", x, indices, axis=axis)
    assert_array_equal(y, np.take(x, indices, axis=axis))
    g = np.random.default_rng(3).normal(size=y.shape)
    gradient, none = bench.gradients("take", g, x, indices, axis=axis)
    assert none is None
    assert_allclose(gradient, moved(lambda unit: np.take(unit, indices, axis=axis), x, g), atol=1e-12)
    total = bench.forward("segment_sum", g, indices, size=x.shape[axis], axis=axis)
    assert_array_equal(total, gradient)
    assert_array_equal(bench.gradient("segment_sum", x, g, indices, size=x.shape[axis], axis=axis), y)


@given(lookups())
def test_a_source_is_added_to_the_slices_that_are_named(bench, drawn):
    x, indices, axis = drawn
    source = np.random.default_rng(4).normal(size=np.take(x, indices, axis=axis).shape)
    expected = x + bench.forward("segment_sum", source, indices, size=x.shape[axis], axis=axis)
    assert_array_equal(bench.forward("index_add", x, indices, source, axis=axis), expected)
    to_x, to_indices, to_source = bench.gradients("index_add", x, x, indices, source, axis=axis)
    assert_array_equal(to_x, x)
    assert to_indices is None
    assert_array_equal(to_source, np.take(x, indices, axis=axis))


@pytest.mark.parametrize(
    ("x", "indices", "axis"),
    [((3, 4), (3, 2), 1), ((3, 4), (5, 4), 0), ((2, 3, 2), (1, 4, 1), -2), ((1, 3), (2, 5), -1), ((2, 3), (2, 0), 1)],
)
def test_numbers_are_taken_along_an_axis_as_in_numpy(bench, x, indices, axis):
    generator = np.random.default_rng(5)
    x, indices = generator.normal(size=x), generator.integers(-x[axis], x[axis], size=indices)
    y = bench.forward("take_along_axis", x, indices, axis=axis)
    assert_array_equal(y, np.take_along_axis(x, indices, axis=axis))
    g = generator.normal(size=y.shape)
    expected = moved(lambda unit: np.take_along_axis(unit, indices, axis=axis), x, g)
    assert_allclose(bench.gradient("take_along_axis", g, x, indices, axis=axis), expected, atol=1e-12)


def test_numbers_that_meet_along_an_axis_add_up(bench):
    x, indices = np.array([[1.0, 10.0, 100.0]]), np.array([[2, -1, 0]])
    assert_array_equal(bench.forward("scatter_along_axis", x, indices, size=3, axis=1), [[100, 0, 11]])
    assert_array_equal(bench.gradient("scatter_along_axis", [[5.0, 6.0, 7.0]], x, indices, size=3, axis=1), [[7, 7, 5]])


def test_slices_are_gathered_by_several_indices(bench):
    places = np.array([[0, 1], [2, -1], [0, 1]])
    assert_array_equal(bench.forward("gather_nd", TABLE, places), [1, 11, 1])
    expected = np.zeros((3, 4))
    expected[0, 1], expected[2, 3] = 101, 10
    assert_array_equal(bench.gradient("gather_nd", [1.0, 10.0, 100.0], TABLE, places), expected)
    assert_array_equal(bench.forward("scatter_nd", np.array([1.0, 10.0, 100.0]), places, shape=[3, 4]), expected)
    assert_array_equal(bench.forward("gather_nd", TABLE, np.array([[-1], [0]])), TABLE[[2, 0]])
    assert_array_equal(bench.forward("gather_nd", TABLE, np.zeros((2, 0), int)), [TABLE, TABLE])
    assert_array_equal(bench.gradient("gather_nd", 1.0, TABLE, np.zeros((2, 0), int)), np.full((3, 4), 2))
    assert bench.forward("gather_nd", TABLE, np.array([1, 2])) == 6


CALLS = {
    "take": lambda indices: OPS["take"].forward(TABLE, indices, axis=0),
    "segment_sum": lambda indices: OPS["segment_sum"].forward(np.zeros(len(indices)), indices, size=3, axis=0),
    "index_add": lambda indices: OPS["index_add"].forward(TABLE[:, 0], indices, np.zeros(len(indices)), axis=0),
    "take_along_axis": lambda indices: OPS["take_along_axis"].forward(TABLE[:, 0], indices, axis=0),
    "scatter_along_axis": lambda indices: OPS["scatter_along_axis"].forward(1.0 * indices, indices, size=3, axis=0),
    "gather_nd": lambda indices: OPS["gather_nd"].forward(TABLE, indices[:, None]),
    "scatter_nd": lambda indices: OPS["scatter_nd"].forward(
        np.zeros((len(indices), 4)), indices[:, None], shape=(3, 4)
    ),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("index", [3, -4, 2**62, -(2**62)])
def test_an_index_that_is_out_of_range_is_told(name, index):
    with pytest.raises(ComputeError, match=f"index {index} is out of range: the axis has size 3, so .* from -3 to 2"):
        CALLS[name](np.array([0, index]))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64"])
def test_indices_may_be_integers_of_every_size(name, dtype):
    assert_array_equal(CALLS[name](np.array([0, 2], dtype)), CALLS[name](np.array([0, 2])))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["float64", "bool"])
def test_indices_are_integers(bench, name, dtype):
    others = ["float64"] if name == "index_add" else []
    with pytest.raises(ShapeError, match=f"indices are integers, not {dtype}"):
        bench.dtype(name, "float64", dtype, *others, **given(name))


def given(name):
    """Return the params that an op needs."""
    return {key: value for key, value in {"size": 3, "shape": [3]}.items() if key in OPS[name].params}


@pytest.mark.parametrize(
    ("name", "shapes", "params", "sentence"),
    [
        ("take", ((), (2,)), {}, "no axis 0"),
        ("take", ((0, 3), (2,)), {}, r"the axis of \(0, 3\) is empty"),
        ("segment_sum", ((2,), (2, 2)), {"size": 3}, r"indices of shape \(2, 2\) have no slices in \(2,\)"),
        ("segment_sum", ((2, 3), (3,)), {"size": 3}, r"\(2, 3\) must have the axes \(3,\) of the indices at axis 0"),
        ("segment_sum", ((2,), (2,)), {"size": 0}, "is empty"),
        ("segment_sum", ((2,), (2,)), {"size": -1}, "an integer from 0"),
        ("index_add", ((3, 4), (2,), (4,)), {}, r"the source must be \(2, 4\).*, not \(4,\)"),
        ("take_along_axis", ((3, 4), (2,)), {}, "need as many axes"),
        ("take_along_axis", ((3, 4), (2, 4)), {}, r"cannot broadcast \(3, 1\) with \(2, 1\)"),
        ("scatter_along_axis", ((3, 4), (3, 1)), {"size": 2}, "needs an index for every number"),
        ("scatter_along_axis", ((3, 4), (4,)), {"size": 2}, "need as many axes"),
        ("gather_nd", ((3, 4), (2, 3)), {}, r"the last axis of the indices \(2, 3\) names axes of \(3, 4\)"),
        ("gather_nd", ((3, 4), ()), {}, "the last axis of the indices"),
        ("gather_nd", ((3, 0), (2, 2)), {}, "is empty"),
        ("scatter_nd", ((2,), (2, 1)), {"shape": [3, 4]}, r"name \(2, 4\) places in \(3, 4\), but there are \(2,\)"),
        ("scatter_nd", ((2,), (2, 1)), {"shape": [-1]}, "every size of its shape"),
    ],
)
def test_what_cannot_be_selected_is_told(bench, name, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes, **params)


def test_no_indices_select_nothing_from_nothing(bench):
    none = np.zeros(0, int)
    assert bench.forward("take", np.zeros((0, 3)), none).shape == (0, 3)
    assert bench.gradient("take", 1.0, np.zeros((2, 3)), none).tolist() == [[0] * 3] * 2
    assert bench.forward("segment_sum", np.zeros((0, 2)), none, size=3).tolist() == [[0, 0]] * 3


def test_what_goes_back_keeps_its_dtype_and_integers_stay_exact(bench):
    indices = np.array([1, 1])
    assert bench.gradient("take", 1.0, np.zeros((3, 2), np.float32), indices).dtype == np.float32
    assert bench.forward("segment_sum", np.array([2**53, 1]), indices, size=2).tolist() == [0, 2**53 + 1]
    assert bench.forward("take", np.array([True, False]), indices).tolist() == [False, False]
    assert bench.dtype("index_add", "float32", "int64", "float64") == np.float64


def test_nan_and_infinity_go_back_to_their_own_place_only(bench):
    gradient = bench.gradient("take", [np.nan, np.inf, 1.0], np.zeros(4), np.array([2, 0, 2]))
    assert_array_equal(gradient, [np.inf, 0, np.nan, 0])


def test_the_numbers_on_the_way_back_are_limited():
    wide = np.broadcast_to(0.0, (2**14, 2**14))
    with pytest.raises(LimitError, match="268,435,456 elements"):
        OPS["segment_sum"].forward(wide, np.zeros(2**14, int), size=1, axis=0)
