"""Reductions: empties, ties, infinities, and every kind of axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

INF = np.inf
NAMES = ("sum", "mean", "max", "min", "logsumexp")


@st.composite
def reductions(draw):
    """Draw a tensor with distinct values, and params of a reduction of it; axes count from both ends."""
    shape = tuple(draw(st.lists(st.integers(1, 3), max_size=4)))
    chosen = draw(st.lists(st.integers(0, len(shape) - 1), unique=True)) if shape else []
    axis = [each - len(shape) if draw(st.booleans()) else each for each in chosen]
    if draw(st.booleans()) and len(axis) == 1:
        axis = axis[0]
    x = np.random.default_rng(draw(st.integers(0, 99))).permutation(np.prod(shape, dtype=int)).reshape(shape) / 4
    return x, {"axis": draw(st.sampled_from([axis, None])), "keepdims": draw(st.booleans())}


def numpy_params(params):
    axis = params["axis"]
    return {**params, "axis": tuple(axis) if isinstance(axis, list) else axis}


@given(reductions())
def test_every_axis_reduces_as_in_numpy(bench, drawn):
    x, params = drawn
    for name in ("sum", "mean", "max", "min"):
        assert_allclose(bench.forward(name, x, **params), getattr(np, name)(x, **numpy_params(params)))
    expected = np.log(np.sum(np.exp(x), **numpy_params(params)))
    assert_allclose(bench.forward("logsumexp", x, **params), expected, atol=1e-12)


@given(reductions())
def test_what_arrives_is_shared_out_among_what_went_in(bench, drawn):
    x, params = drawn
    y = bench.forward("sum", x, **params)
    g = 1.0 + np.arange(y.size).reshape(y.shape)
    shares = {name: bench.gradient(name, g, x, **params) for name in NAMES}
    for name in ("mean", "max", "min", "logsumexp"):
        assert_allclose(np.sum(shares[name], **numpy_params(params)), g, err_msg=name)
    assert_array_equal(np.unique(shares["sum"]), np.unique(g))
    assert_allclose(shares["mean"], shares["sum"] / (x.size / y.size))
    for name in ("max", "min"):
        assert np.count_nonzero(shares[name]) == y.size
        assert_allclose(np.sum(shares[name] * x), np.sum(g * bench.forward(name, x, **params)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("shape", "axis", "sentence"),
    [
        ((2, 3), 2, r"no axis 2 in a tensor of shape \(2, 3\)"),
        ((2, 3), -3, "no axis -3"),
        ((), 0, r"no axis 0 in a tensor of shape \(\)"),
        ((), -1, "no axis -1"),
        ((2, 3), [1, -1], "name one axis twice"),
        ((2, 3), [0, 0], "name one axis twice"),
    ],
)
def test_an_axis_that_is_not_there_is_refused(bench, name, shape, axis, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, shape, axis=axis)


@pytest.mark.parametrize("name", NAMES)
def test_no_axes_at_all_reduce_nothing(bench, name):
    x = np.array([[1.0, -2.0], [0.5, 4.0]])
    assert_allclose(bench.forward(name, x, axis=[]), x)
    assert_allclose(bench.gradient(name, x, x, axis=[]), x)


def test_the_sum_of_nothing_is_zero_and_its_mean_nan(bench):
    nothing = np.zeros((0, 3))
    assert_array_equal(bench.forward("sum", nothing, axis=0), np.zeros(3))
    assert_array_equal(bench.forward("mean", nothing, axis=0), np.full(3, np.nan))
    assert_array_equal(bench.forward("mean", nothing, axis=0, keepdims=True), np.full((1, 3), np.nan))
    assert bench.forward("mean", nothing, axis=1).shape == (0,)
    for name in ("sum", "mean"):
        assert bench.gradient(name, 1.0, nothing).shape == (0, 3)


def test_the_mean_of_no_integers_is_nan_too(bench):
    assert np.isnan(bench.forward("mean", np.zeros((0,), np.int32)))


def test_the_logsumexp_of_nothing_is_the_logarithm_of_zero(bench):
    assert bench.forward("logsumexp", np.zeros(0)) == -INF
    assert bench.gradient("logsumexp", 1.0, np.zeros((2, 0)), axis=1).shape == (2, 0)


@pytest.mark.parametrize("name", ["max", "min"])
def test_there_is_no_largest_or_smallest_of_nothing(bench, name):
    with pytest.raises(ShapeError, match=r"no number stands along axes \(0,\) of \(0, 3\), so none is the largest"):
        bench.shape(name, (0, 3), axis=0)
    with pytest.raises(ShapeError, match="no number stands"):
        bench.shape(name, (0,))
    assert bench.shape(name, (0, 3), axis=1) == (0,)
    assert bench.forward(name, np.zeros((2, 0)), axis=0, keepdims=True).shape == (1, 0)


def test_numbers_that_tie_share_the_gradient_evenly(bench):
    x = np.array([[1.0, 3.0, 3.0], [3.0, 2.0, -3.0]])
    assert_allclose(bench.gradient("max", 6.0, x), [[0, 2, 2], [2, 0, 0]])
    assert_allclose(bench.gradient("max", [6.0, 8.0], x, axis=1), [[0, 3, 3], [8, 0, 0]])
    assert_allclose(bench.gradient("max", [[2.0, 4.0, 6.0]], x, axis=0, keepdims=True), [[0, 4, 6], [2, 0, 0]])
    assert_allclose(bench.gradient("min", 6.0, -x), [[0, 2, 2], [2, 0, 0]])
    assert_allclose(bench.gradient("max", 1.0, np.zeros((2, 2))), np.full((2, 2), 0.25))


def test_zero_ties_with_negative_zero(bench):
    assert_array_equal(bench.gradient("max", 1.0, np.array([0.0, -0.0])), [0.5, 0.5])


def test_an_infinite_gradient_reaches_the_maximum_only(bench):
    assert_array_equal(bench.gradient("max", INF, np.array([1.0, 2.0])), [0.0, INF])


def test_a_nan_makes_the_maximum_and_all_its_gradients_nan(bench):
    x = np.array([[1.0, np.nan, 3.0], [1.0, 2.0, 3.0]])
    for name in ("max", "min"):
        y = bench.forward(name, x, axis=1)
        assert_array_equal(np.isnan(y), [True, False])
        assert_array_equal(np.isnan(bench.gradient(name, 1.0, x, axis=1)), [[True] * 3, [False] * 3])


def test_the_maximum_of_infinities_is_one_of_them(bench):
    assert_array_equal(bench.gradient("max", 1.0, np.array([-INF, -INF])), [0.5, 0.5])
    assert_array_equal(bench.gradient("max", 1.0, np.array([INF, 0.0])), [1.0, 0.0])


def test_logsumexp_does_not_overflow(bench):
    assert_allclose(bench.forward("logsumexp", [1000.0, 1001.0]), 1001.3132616875182)
    assert_allclose(bench.forward("logsumexp", [-1000.0, -1000.0]), -1000 + np.log(2))
    assert_allclose(bench.gradient("logsumexp", 2.0, [1e6, 1e6]), [1.0, 1.0], rtol=1e-6)
    assert bench.forward("logsumexp", [1.7e308, -1.7e308]) == 1.7e308
    assert_allclose(bench.forward("logsumexp", np.array([100, 100], np.float16)), 100.7, rtol=1e-3)


@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_of_infinities_is_told_row_by_row(bench, keepdims):
    x = np.array([[-INF, -INF], [INF, 1.0], [-INF, 1.0], [np.nan, 1.0]])
    y = np.ravel(bench.forward("logsumexp", x, axis=1, keepdims=keepdims))
    assert_array_equal(y, [-INF, INF, 1.0, np.nan])
    gradient = bench.gradient("logsumexp", 1.0, x, axis=1, keepdims=keepdims)
    assert_array_equal(gradient, [[np.nan, np.nan], [np.nan, 0.0], [0.0, 1.0], [np.nan, np.nan]])


def test_small_integers_do_not_overflow(bench):
    small = np.array([100, 100, 27], np.int8)
    assert bench.forward("sum", small) == 227
    assert_allclose(bench.forward("mean", small), 227 / 3)
    assert_allclose(bench.forward("logsumexp", np.array([100, -100], np.int8)), 100)
    assert_allclose(bench.forward("logsumexp", np.array([0, 10], np.uint8)), np.log(1 + np.exp(10)), rtol=1e-3)


def test_booleans_are_counted(bench):
    yes = np.array([True, True, False])
    assert bench.forward("sum", yes) == 2
    assert_allclose(bench.forward("mean", yes), 2 / 3)
    assert bench.forward("max", yes)
    assert bench.dtype("max", "bool").kind == "b"


def test_a_float16_mean_does_not_overflow_on_the_way(bench):
    assert bench.forward("mean", np.full(1000, 1000, np.float16)) == 1000
