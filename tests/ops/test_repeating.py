"""Copies, runs and margins: what is there several times gets the sum of all its gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

MODES = ("constant", "reflect", "edge", "wrap", "symmetric")


def summed_back(places, g, shape):
    """Return what a number gets whose copies stand wherever `places` holds its number; -1 is no copy."""
    total = np.zeros(int(np.prod(shape)))
    for place, arriving in zip(np.ravel(places), np.ravel(g), strict=True):
        if place >= 0:
            total[int(place)] += arriving
    return total.reshape(shape)


def check(bench, name, shape, expected_from, **params):
    """Hold an op that only copies to what NumPy makes, and its gradient to the sum over the copies."""
    x = np.random.default_rng(1).normal(size=shape)
    y = bench.forward(name, x, **params)
    assert_array_equal(y, expected_from(x))
    g = np.random.default_rng(2).normal(size=y.shape)
    places = expected_from(np.arange(x.size, dtype=float).reshape(shape))
    assert_allclose(bench.gradient(name, g, x, **params), summed_back(places, g, shape), atol=1e-12)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0, 2)])
@pytest.mark.parametrize("reps", [1, 3, 0, [2], [2, 1], [1, 2, 2], []])
def test_tiles_lie_as_in_numpy(bench, shape, reps):
    check(bench, "tile", shape, lambda x: np.tile(x, reps), reps=reps)


@pytest.mark.parametrize(
    ("shape", "repeats", "axis"),
    [
        ((3,), 2, 0),
        ((2, 3), 0, 1),
        ((2, 3), [1, 0, 4], -1),
        ((2, 3), [2, 1], 0),
        ((2, 2), 3, None),
        ((2, 2), [0, 1, 2, 3], None),
        ((), 3, None),
        ((), [2], None),
        ((0, 2), 2, 0),
        ((0, 2), [], 0),
        ((2, 1, 2), [3], 1),
    ],
)
def test_runs_are_those_of_numpy(bench, shape, repeats, axis):
    check(bench, "repeat", shape, lambda x: np.repeat(x, np.array(repeats, int), axis), repeats=repeats, axis=axis)


@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.lists(st.integers(0, 5), min_size=6, max_size=6),
    st.sampled_from(MODES[1:]),
)
def test_margins_are_those_of_numpy_and_are_added_where_they_came_from(bench, shape, numbers, mode):
    widths = [[numbers[2 * i], numbers[2 * i + 1]] for i in range(len(shape))]
    check(bench, "pad", tuple(shape), lambda x: np.pad(x, widths, mode), pad_width=widths, mode=mode)


@pytest.mark.parametrize("value", [0, 2.5, "inf", "-inf"])
def test_a_margin_of_a_constant_is_cut_off(bench, value):
    x = np.array([[1.0, 2.0]])
    y = bench.forward("pad", x, pad_width=[[1, 0], [0, 2]], value=value)
    assert_array_equal(y, np.pad(x, [[1, 0], [0, 2]], constant_values=float(value)))
    g = np.arange(8.0).reshape(2, 4)
    assert_array_equal(bench.gradient("pad", g, x, pad_width=[[1, 0], [0, 2]], value=value), g[1:, :2])


def test_one_pair_and_one_number_serve_all_axes(bench):
    assert bench.shape("pad", (2, 3), pad_width=2) == (6, 7)
    assert bench.shape("pad", (2, 3), pad_width=[[1, 0]]) == bench.shape("pad", (2, 3), pad_width=[1, 0]) == (3, 4)
    assert bench.shape("pad", (), pad_width=2) == bench.shape("pad", (), pad_width=[]) == ()
    assert bench.forward("pad", np.array(2.0), pad_width=3) == 2


@pytest.mark.parametrize("mode", MODES)
def test_what_was_padded_and_cropped_counts_every_copy(bench, mode):
    x = np.ones((2, 3))
    padded = bench.forward("pad", x, pad_width=[[2, 1], [0, 4]], mode=mode)
    cropped = bench.forward("crop", padded, pad_width=[[2, 1], [0, 4]], mode=mode)
    assert cropped.shape == x.shape
    assert np.sum(cropped) == (6 if mode == "constant" else padded.size)


def test_a_wide_margin_is_added_in_one_go(bench):
    g = np.ones(300_002, np.float32)
    gradient = bench.gradient("pad", g, np.zeros(2, np.float32), pad_width=[[100_000, 200_000]], mode="edge")
    assert gradient.dtype == np.float32
    assert_array_equal(gradient, [100_001, 200_001])


@pytest.mark.parametrize(
    ("name", "shape", "params", "sentence"),
    [
        ("pad", (2, 3), {"pad_width": [[1, 1], [1, 1], [1, 1]]}, "3 pairs of widths, but .* has 2 axes"),
        ("pad", (2, 3), {"pad_width": []}, "0 pairs of widths"),
        ("pad", (2, 3), {"pad_width": -1}, "an integer from 0"),
        ("pad", (2, 3), {"mode": "mirror"}, "one of constant, reflect"),
        ("pad", (0, 3), {"mode": "edge"}, r"axis 0 of \(0, 3\) is empty: nothing is there that a margin could repeat"),
        ("crop", (2, 3), {"pad_width": 2}, r"margins of \(2, 2\) are wider than axis 0 of \(2, 3\)"),
        ("crop", (2, 4), {"pad_width": 1, "mode": "wrap"}, "is empty"),
        ("tile", (2,), {"reps": -1}, "from 0"),
        ("tile", (2,), {"reps": [2, -1]}, "from 0"),
        ("repeat", (2, 3), {"repeats": [1, 2], "axis": 1}, r"2 counts of repetitions, but 3 numbers along the axis"),
        ("repeat", (2, 3), {"repeats": [1]}, "1 count of repetitions, but 6 numbers"),
        ("repeat", (2, 3), {"axis": 2}, "no axis 2"),
        ("repeat", (), {"axis": 0}, "no axis 0"),
    ],
)
def test_what_cannot_be_repeated_is_told(bench, name, shape, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, shape, **params)


@pytest.mark.parametrize(
    ("dtype", "value"), [("int32", 0.5), ("uint8", -1), ("int8", 200), ("bool", 2), ("int64", "inf")]
)
def test_a_value_that_the_dtype_cannot_hold_is_refused(bench, dtype, value):
    with pytest.raises(ShapeError, match=f"a tensor of {dtype} cannot hold the value"):
        bench.dtype("pad", dtype, value=value)


def test_integers_and_booleans_are_repeated_as_they_are(bench):
    assert_array_equal(bench.forward("pad", np.array([1, 2], np.uint8), pad_width=1, value=255), [255, 1, 2, 255])
    assert_array_equal(bench.forward("pad", np.array([False]), pad_width=1, value=1), [True, False, True])
    assert bench.forward("tile", np.array([True])).dtype == bool
    assert bench.forward("crop", np.arange(5), pad_width=1, mode="edge").tolist() == [1, 2, 7]


def test_the_shape_of_what_is_huge_is_told_without_making_it(bench):
    assert bench.shape("tile", (3,), reps=[2**40]) == (3 * 2**40,)
    assert bench.shape("repeat", (3,), repeats=2**40) == (3 * 2**40,)
    assert bench.shape("pad", (3,), pad_width=2**40) == (3 + 2**41,)
