"""Softmax and its logarithm: probabilities, masks, and numbers too large for exp."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

INF = np.inf
NAMES = ("softmax", "log_softmax")
tensors = arrays.arrays(
    np.float64, arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), elements=st.floats(-800, 800)
)


@given(tensors, st.data())
def test_probabilities_add_up_to_one_and_what_goes_back_to_zero(bench, x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    y = bench.forward("softmax", x, axis=axis)
    assert_allclose(np.sum(y, axis=axis), np.ones(np.sum(y, axis=axis).shape))
    assert_allclose(np.exp(bench.forward("log_softmax", x, axis=axis)), y, atol=1e-15)
    g = np.random.default_rng(0).normal(size=x.shape)
    for name in NAMES:
        assert_allclose(np.sum(bench.gradient(name, g, x, axis=axis), axis=axis), 0, atol=1e-12)


@given(tensors)
def test_a_constant_makes_no_difference(bench, x):
    for name in NAMES:
        assert_allclose(bench.forward(name, x + 1000), bench.forward(name, x), atol=1e-9)


def test_softmax_has_the_jacobian_of_the_textbook(bench):
    x = np.array([0.5, -1.0, 2.0])
    p = bench.forward("softmax", x)
    jacobian = np.stack([bench.gradient("softmax", row, x) for row in np.eye(3)])
    assert_allclose(jacobian, np.diag(p) - np.outer(p, p))
    jacobian = np.stack([bench.gradient("log_softmax", row, x) for row in np.eye(3)])
    assert_allclose(jacobian, np.eye(3) - p)


def test_large_numbers_do_not_overflow(bench):
    assert_allclose(bench.forward("softmax", [1000.0, 1001.0, 999.0]), [0.24472847, 0.66524096, 0.09003057])
    assert_array_equal(bench.forward("log_softmax", [0.0, -2000.0]), [0.0, -2000.0])
    assert_array_equal(bench.forward("softmax", np.array([60000, -60000], np.float16)), [1.0, 0.0])


def test_a_masked_entry_has_no_probability_and_moves_nothing(bench):
    x = np.array([0.0, -INF, 1.0])
    assert_allclose(bench.forward("softmax", x), [0.26894142, 0, 0.73105858])
    assert_allclose(bench.gradient("softmax", [1.0, 10.0, 100.0], x), [-19.46459, 0, 19.46459], rtol=1e-6)
    assert_allclose(bench.forward("log_softmax", x), [-1.31326169, -INF, -0.31326169])
    assert_allclose(bench.gradient("log_softmax", 1.0, x), [0.19317574, 1, -1.19317574], rtol=1e-6)


def test_nothing_but_masks_is_no_distribution(bench):
    for name in NAMES:
        x = np.array([[-INF, -INF], [0.0, 0.0]])
        assert_array_equal(np.isnan(bench.forward(name, x)), [[True, True], [False, False]])
        assert_array_equal(np.isnan(bench.gradient(name, 1.0, x)), [[True, True], [False, False]])


def test_an_infinite_number_or_nan_spoils_its_row_only(bench):
    for name in NAMES:
        y = bench.forward(name, [[INF, 1.0], [np.nan, 1.0], [0.0, 1.0]])
        assert_array_equal(np.isnan(y).any(axis=1), [True, True, False])


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_axis_has_nothing_to_normalise(bench, name):
    for shape, axis in (((2, 0), -1), ((0, 3), 1), ((0,), 0), ((0, 2, 0), 1)):
        assert bench.forward(name, np.zeros(shape), axis=axis).shape == shape
        assert bench.gradient(name, 1.0, np.zeros(shape), axis=axis).shape == shape


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("shape", "axis"), [((), -1), ((2, 3), 2), ((2, 3), -3)])
def test_an_axis_that_is_not_there_is_refused(bench, name, shape, axis):
    with pytest.raises(ShapeError, match=f"no axis {axis} in a tensor of shape"):
        bench.shape(name, shape, axis=axis)


@pytest.mark.parametrize("name", NAMES)
def test_several_axes_are_refused(bench, name):
    with pytest.raises(ShapeError, match="the number of an axis"):
        bench.shape(name, (2, 3), axis=[0, 1])


def test_small_integers_are_compared_without_overflow(bench):
    for dtype in (np.int8, np.uint8, bool, np.int64):
        x = np.array([1, 0, 1], dtype)
        assert_allclose(bench.forward("softmax", x), [0.42231880, 0.15536240, 0.42231880], rtol=1e-3)
    assert_allclose(bench.forward("log_softmax", np.array([127, -128], np.int8)), [0, -255])
