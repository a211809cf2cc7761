"""Triangles and traces: which diagonals stay, and that nothing leaks from what was cut off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gradviz.errors import ShapeError

NAN, INF = np.nan, np.inf


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.integers(-6, 6))
def test_two_triangles_make_the_matrix_and_their_gradients_all_of_the_gradient(bench, shape, k):
    x, g = normal(shape, 1), normal(shape, 2)
    assert_array_equal(bench.forward("tril", x, k=k), np.tril(x, k))
    assert_array_equal(bench.forward("tril", x, k=k) + bench.forward("triu", x, k=k + 1), x)
    assert_array_equal(bench.gradient("tril", g, x, k=k) + bench.gradient("triu", g, x, k=k + 1), g)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.integers(-6, 6))
def test_a_trace_is_the_sum_of_a_diagonal_of_the_last_two_axes(bench, shape, offset):
    x = normal(shape)
    y = bench.forward("trace", x, offset=offset)
    assert_array_equal(y, np.linalg.trace(x, offset=offset))
    gradient = bench.gradient("trace", normal(y.shape, 1), x, offset=offset)
    expected = normal(y.shape, 1)[..., None, None] * np.eye(shape[-2], shape[-1], offset)
    assert_array_equal(gradient, expected)


def test_what_is_cut_off_does_not_leak(bench):
    x = np.array([[1.0, NAN], [INF, 2.0]])
    assert_array_equal(bench.forward("tril", x), [[1, 0], [INF, 2]])
    assert_array_equal(bench.gradient("triu", [[1.0, 2.0], [INF, NAN]], x), [[1, 2], [0, NAN]])
    assert bench.forward("trace", x) == 3
    assert_array_equal(bench.gradient("trace", INF, x), [[INF, 0], [0, INF]])


def test_a_trace_of_integers_is_summed_in_64_bits(bench):
    x = np.full((3, 3), 100, np.int8)
    assert bench.forward("trace", x) == 300
    assert bench.forward("trace", np.eye(3, dtype=bool)) == 3
    assert bench.forward("tril", x).dtype == np.int8


@pytest.mark.parametrize("name", ["tril", "triu", "trace"])
def test_what_has_no_triangles_and_no_trace_is_told(bench, name):
    for shape in ((), (3,)):
        with pytest.raises(ShapeError, match="only a tensor with at least two axes has "):
            bench.shape(name, shape)


@pytest.mark.parametrize(("name", "param"), [("tril", "k"), ("triu", "k"), ("trace", "offset")])
def test_a_diagonal_that_no_tensor_reaches_is_told(bench, name, param):
    far = {param: 2**31}
    with pytest.raises(ShapeError, match="there is no diagonal 2147483648"):
        bench.shape(name, (2, 2), **far)
    assert bench.forward(name, np.ones((2, 2)), **{param: -(2**30)}).size in (1, 4)
