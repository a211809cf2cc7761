"""Order: ties keep theirs, NaN counts as the largest, and every gradient finds its way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_array_equal

from gradviz.errors import ShapeError

TIED = arrays.arrays(np.float64, st.integers(0, 8), elements=st.sampled_from([-1.0, 0.0, -0.0, 2.0, np.inf]))


@given(TIED, st.booleans())
def test_the_order_is_stable_in_both_directions(bench, x, descending):
    sign = -1 if descending else 1
    expected = sorted(range(len(x)), key=lambda place: (sign * x[place], place))
    assert bench.forward("argsort", x, descending=descending).tolist() == expected
    assert_array_equal(bench.forward("sort", x, descending=descending), x[expected])
    g = np.arange(1.0, 1 + len(x))
    back = np.zeros(len(x))
    back[expected] = g
    assert_array_equal(bench.gradient("sort", g, x, descending=descending), back)


def test_ties_are_told_apart_by_their_places(bench):
    x = np.array([2.0, 1.0, 2.0])
    assert_array_equal(bench.gradient("sort", [1.0, 10.0, 100.0], x), [10, 1, 100])
    assert_array_equal(bench.gradient("sort", [1.0, 10.0, 100.0], x, descending=True), [1, 100, 10])


def test_nan_is_the_largest(bench):
    x = np.array([1.0, np.nan, 3.0, np.inf])
    assert_array_equal(bench.forward("sort", x), [1, 3, np.inf, np.nan])
    assert_array_equal(bench.forward("sort", x, descending=True), [np.nan, np.inf, 3, 1])
    assert_array_equal(bench.forward("top_k_indices", x, k=2), [1, 3])


def test_integers_and_booleans_are_sorted_without_changing_their_sign(bench):
    x = np.array([0, 255, 3], np.uint8)
    assert_array_equal(bench.forward("sort", x, descending=True), [255, 3, 0])
    least = np.array([-128, 127], np.int8)
    assert_array_equal(bench.forward("sort", least, descending=True), [127, -128])
    assert_array_equal(bench.forward("sort", np.array([True, False])), [False, True])
    assert bench.forward("argsort", x).dtype == np.int64


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_rows_and_columns_are_sorted_by_themselves(bench, axis):
    x = np.random.default_rng(0).normal(size=(3, 4))
    assert_array_equal(bench.forward("sort", x, axis=axis), np.sort(x, axis=axis))
    assert_array_equal(bench.gradient("sort", np.sort(x, axis=axis), x, axis=axis), x)


def test_the_largest_come_first_and_of_those_that_tie_those_in_front(bench):
    x = np.array([3.0, 1.0, 3.0, 2.0])
    assert_array_equal(bench.forward("top_k_values", x, k=3), [3, 3, 2])
    assert_array_equal(bench.forward("top_k_indices", x, k=3), [0, 2, 3])
    assert_array_equal(bench.gradient("top_k_values", [1.0, 10.0, 100.0], x, k=3), [1, 0, 10, 100])
    assert_array_equal(bench.gradient("top_k_values", 1.0, np.array([3.0, 3.0]), k=1), [1, 0])


@given(
    arrays.arrays(np.float64, (2, 12), elements=st.sampled_from([-1.0, 0.0, 2.0, 3.0, np.nan, -np.inf])),
    st.integers(0, 12),
    st.sampled_from([0, 1]),
)
def test_the_few_largest_are_the_first_of_all_sorted(bench, x, k, axis):
    x = x if axis else x.T
    expected = np.take(bench.forward("argsort", x, axis=axis, descending=True), range(k), axis=axis)
    assert_array_equal(bench.forward("top_k_indices", x, k=k, axis=axis), expected)


def test_none_of_the_largest_are_none(bench):
    assert bench.forward("top_k_values", np.ones((2, 3)), k=0, axis=0).shape == (0, 3)
    assert_array_equal(bench.gradient("top_k_values", 1.0, np.ones((2, 3)), k=0, axis=0), np.zeros((2, 3)))
    assert bench.forward("top_k_indices", np.zeros((2, 0)), k=0).shape == (2, 0)


@pytest.mark.parametrize(
    ("name", "shape", "params", "sentence"),
    [
        ("sort", (), {}, "no axis -1"),
        ("argsort", (2, 3), {"axis": 2}, "no axis 2"),
        ("top_k_values", (2, 3), {"k": 4}, r"there are no 4 numbers along axis -1 of \(2, 3\)"),
        ("top_k_indices", (2, 3), {"k": 3, "axis": 0}, "there are no 3 numbers along axis 0"),
        ("top_k_values", (), {}, "no axis -1"),
        ("top_k_values", (3,), {"k": -1}, "an integer from 0"),
    ],
)
def test_what_has_no_order_is_told(bench, name, shape, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, shape, **params)


def test_places_have_no_gradient(bench):
    for name in ("argsort", "top_k_indices", "argmax", "argmin"):
        assert bench.gradients(name, 1, np.array([1.0, 2.0])) == [None]


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_place_of_the_largest_is_that_of_numpy(bench, name):
    x = np.array([[1.0, 5.0, 5.0], [0.0, -2.0, -2.0]])
    for axis in (None, 0, 1, -1):
        for keepdims in (False, True):
            expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
            assert_array_equal(bench.forward(name, x, axis=axis, keepdims=keepdims), expected)
    assert bench.forward(name, np.array(3.0)) == 0
    assert bench.forward(name, np.array([1.0, np.nan, 9.0])) == 1
    assert bench.forward(name, np.array([True, True])).dtype == np.int64


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_nothing_has_no_largest_place(bench, name):
    with pytest.raises(ShapeError, match="no number stands along axes"):
        bench.shape(name, (0, 3), axis=0)
    with pytest.raises(ShapeError, match="no number stands"):
        bench.shape(name, (0,))
    assert bench.shape(name, (0, 3), axis=1) == (0,)
    with pytest.raises(ShapeError, match="the number of an axis"):
        bench.shape(name, (2, 3), axis=[0, 1])
