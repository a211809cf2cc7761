"""Scans: every direction, with and without each element's own number; exact next to zeros."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

NAMES = ("cumulative_sum", "cumulative_prod", "cumulative_max", "cumulative_min", "cumulative_argmax")
FEW = st.sampled_from([0.0, 1.0, -2.0, 0.5, 3.0])
ROWS = arrays.arrays(np.float64, st.integers(0, 5), elements=FEW)


def factors_of(k, length, *, exclusive, reverse):
    """Return which numbers make element `k`."""
    if reverse:
        return range(k + exclusive, length)
    return range(k + (not exclusive))


@given(ROWS, st.booleans(), st.booleans())
def test_sums_and_products_run_in_both_directions_with_and_without_their_own_number(bench, x, exclusive, reverse):
    params = {"axis": 0, "exclusive": exclusive, "reverse": reverse}
    parts = [list(factors_of(k, len(x), exclusive=exclusive, reverse=reverse)) for k in range(len(x))]
    assert_allclose(bench.forward("cumulative_sum", x, **params), [np.sum(x[part]) for part in parts])
    assert_allclose(bench.forward("cumulative_prod", x, **params), [np.prod(x[part]) for part in parts])


@given(ROWS, st.booleans(), st.booleans())
def test_a_running_product_sends_to_every_factor_what_the_others_make(bench, x, exclusive, reverse):
    g = 1.0 + np.arange(len(x))
    expected = np.zeros(len(x))
    for k, arriving in enumerate(g):
        part = factors_of(k, len(x), exclusive=exclusive, reverse=reverse)
        for i in part:
            expected[i] += arriving * np.prod([x[j] for j in part if j != i])
    gradient = bench.gradient("cumulative_prod", g, x, axis=0, exclusive=exclusive, reverse=reverse)
    assert_allclose(gradient, expected, atol=1e-12)


def test_a_running_product_next_to_a_zero_is_exact(bench):
    assert_array_equal(bench.gradient("cumulative_prod", 1.0, np.array([2.0, 0.0, 3.0]), axis=0), [1, 8, 0])
    assert_array_equal(bench.gradient("cumulative_prod", 1.0, np.array([0.0, 0.0, 3.0]), axis=0), [1, 0, 0])


def test_nan_goes_on_to_the_end_and_no_further(bench):
    x = np.array([1.0, np.nan, 2.0])
    for name in NAMES[:4]:
        assert_array_equal(np.isnan(bench.forward(name, x, axis=0)), [False, True, True])
    assert_array_equal(bench.gradient("cumulative_sum", [1.0, np.nan, 1.0], x, axis=0), [np.nan, np.nan, 1])


@pytest.mark.parametrize("name", NAMES)
def test_a_scan_needs_its_axis(bench, name):
    with pytest.raises(ShapeError, match=r"no axis -1 in a tensor of shape \(\)"):
        bench.shape(name, ())
    with pytest.raises(ShapeError, match="no axis 2"):
        bench.shape(name, (2, 3), axis=2)


@pytest.mark.parametrize("name", NAMES)
def test_a_scan_of_nothing_is_nothing(bench, name):
    assert bench.forward(name, np.zeros((2, 0)), axis=1).shape == (2, 0)
    assert bench.forward(name, np.zeros((0, 2)), axis=-1).shape == (0, 2)


def test_small_integers_are_added_and_multiplied_in_64_bits(bench):
    assert_array_equal(bench.forward("cumulative_sum", np.array([100, 100], np.int8), axis=0), [100, 200])
    assert_array_equal(bench.forward("cumulative_prod", np.array([100, 100], np.uint8), axis=0), [100, 10_000])
    assert_array_equal(
        bench.forward("cumulative_sum", np.array([True, True, False]), axis=0, exclusive=True), [0, 1, 2]
    )


def test_the_last_of_those_that_tie_is_the_largest_so_far(bench):
    x = np.array([1.0, 3.0, 3.0, 2.0, -np.inf])
    assert_array_equal(bench.forward("cumulative_argmax", x, axis=0), [0, 1, 2, 2, 2])
    assert_array_equal(
        bench.gradient("cumulative_max", [1.0, 10.0, 100.0, 1000.0, 5.0], x, axis=0), [1, 10, 1105, 0, 0]
    )
    assert_array_equal(bench.forward("cumulative_argmin", -x, axis=0), [0, 1, 2, 2, 2])
    assert_array_equal(bench.gradient("cumulative_min", 1.0, -x, axis=0), [1, 1, 3, 0, 0])


def test_extremes_of_integers_and_booleans_keep_their_dtype(bench):
    assert_array_equal(bench.forward("cumulative_max", np.array([3, 5, 4], np.uint8), axis=0), [3, 5, 5])
    assert bench.forward("cumulative_min", np.array([True, False, True]), axis=0).tolist() == [True, False, False]


def stepped(a, b, axis, *, reverse):
    """Return the recurrence step by step along an axis."""
    a, b = (np.moveaxis(each, axis, 0) for each in np.broadcast_arrays(a, b))
    order = range(len(b))[::-1] if reverse else range(len(b))
    y, before = np.zeros(b.shape), np.zeros(b.shape[1:])
    for step, k in enumerate(order):
        before = b[k] if step == 0 else a[k] * before + b[k]
        y[k] = before
    return np.moveaxis(y, 0, axis)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("a", "b", "axis"), [((5,), (5,), 0), ((), (6,), -1), ((3, 1), (2, 3, 9), 1), ((4, 2), (2,), 0)]
)
def test_a_recurrence_is_what_its_steps_make(bench, a, b, axis, reverse):
    generator = np.random.default_rng(3)
    a, b = generator.normal(size=a), generator.normal(size=b)
    expected = stepped(a, b, axis, reverse=reverse)
    assert_allclose(bench.forward("recurrence", a, b, axis=axis, reverse=reverse), expected, rtol=1e-14)


def test_the_first_factor_of_a_recurrence_is_not_used(bench):
    a, b = np.array([np.inf, 2.0, 0.5]), np.array([1.0, 0.0, 0.0])
    assert_array_equal(bench.forward("recurrence", a, b, axis=0), [1, 2, 1])
    to_a, to_b = bench.gradients("recurrence", [np.inf, 1.0, 1.0], a, b, axis=0)
    assert_array_equal(to_a, [0, 1.5, 2])
    assert_array_equal(to_b, [np.inf, 1.5, 1])


def test_a_recurrence_of_large_integers_wraps_around_as_numpy_does(bench):
    many = np.full(70, 3)
    with np.errstate(over="ignore"):
        expected = stepped_integers(many)
    assert_array_equal(bench.forward("recurrence", many, np.ones(70, int), axis=0), expected)


def stepped_integers(factors):
    y = np.ones(len(factors), np.int64)
    for k in range(1, len(factors)):
        y[k : k + 1] += factors[k : k + 1] * y[k - 1 : k]
    return y


def test_a_recurrence_keeps_float32(bench):
    a, b = np.full(4, 0.5, np.float32), np.ones(4, np.float32)
    assert bench.forward("recurrence", a, b, axis=0).dtype == np.float32
    assert [g.dtype for g in bench.gradients("recurrence", 1.0, a, b, axis=0)] == [np.float32] * 2
