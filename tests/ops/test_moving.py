"""Pieces, order turned around, and rolling: what moves comes back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gradviz.errors import ShapeError

X = np.arange(24.0).reshape(2, 3, 4)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5), st.sampled_from([0, 1, -1]))
def test_the_pieces_of_a_tensor_are_the_tensor_and_so_are_their_gradients(bench, sizes, axis):
    shape = [2, 2]
    shape[axis] = sum(sizes)
    x = np.random.default_rng(1).normal(size=shape)
    parts = [{"sizes": sizes, "axis": axis, "part": part} for part in range(len(sizes))]
    pieces = [bench.forward("split", x, **params) for params in parts]
    assert_array_equal(np.concat(pieces, axis=axis), x)
    assert_array_equal(
        sum(bench.gradient("split", piece, x, **params) for piece, params in zip(pieces, parts, strict=True)), x
    )


def test_one_size_may_be_worked_out_and_parts_count_from_the_end(bench):
    assert_array_equal(bench.forward("split", X, sizes=[1, -1], axis=2, part=-1), X[:, :, 1:])
    assert bench.shape("split", (3,), sizes=[3, -1], part=1) == (0,)
    assert_array_equal(bench.gradient("split", 1.0, np.zeros(4), sizes=[1, 2, 1], part=1), [0, 1, 1, 0])


@pytest.mark.parametrize(
    ("shape", "params", "sentence"),
    [
        ((5,), {"sizes": [2, 2]}, r"sizes \(2, 2\) do not fill an axis of size 5"),
        ((5,), {"sizes": [4, 2]}, "do not fill"),
        ((5,), {"sizes": [6, -1]}, "do not fill"),
        ((5,), {"sizes": []}, "do not fill"),
        ((5,), {"sizes": [2, 3], "part": 2}, "no part 2 among 2 parts"),
        ((5,), {"sizes": [2, 3], "part": -3}, "no part -3 among 2 parts"),
        ((0,), {"sizes": []}, "no part 0 among 0 parts"),
        ((5,), {"sizes": [2, 3], "axis": 1}, "no axis 1"),
        ((), {"sizes": [1]}, "no axis 0"),
        ((5,), {}, "the parameter sizes is needed"),
        ((5,), {"sizes": [-1, -1]}, "one may be -1"),
    ],
)
def test_pieces_that_do_not_fit_are_told(bench, shape, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("split", shape, **params)


@pytest.mark.parametrize("axis", [None, 0, -1, [0, 2], []])
def test_flip_is_that_of_numpy_and_undoes_itself(bench, axis):
    flipped = bench.forward("flip", X, axis=axis)
    assert_array_equal(flipped, np.flip(X, tuple(axis) if isinstance(axis, list) else axis))
    assert_array_equal(bench.gradient("flip", flipped, X, axis=axis), X)


@pytest.mark.parametrize(
    ("shift", "axis"),
    [(1, None), (-30, None), (0, 0), (5, 1), (-1, -1), ([1, -2], [0, 2]), (2, [0, 1]), ([3], None), ([1], 2)],
)
def test_roll_is_that_of_numpy_and_is_rolled_back(bench, shift, axis):
    rolled = bench.forward("roll", X, shift=shift, axis=axis)
    assert_array_equal(rolled, np.roll(X, shift, tuple(axis) if isinstance(axis, list) else axis))
    assert_array_equal(bench.gradient("roll", rolled, X, shift=shift, axis=axis), X)


def test_axes_of_a_roll_may_be_told_in_any_order(bench):
    rolled = bench.forward("roll", X, shift=[1, 2], axis=[2, 0])
    assert_array_equal(rolled, np.roll(X, (1, 2), (2, 0)))


@pytest.mark.parametrize(
    ("name", "params", "sentence"),
    [
        ("flip", {"axis": 3}, "no axis 3"),
        ("flip", {"axis": [0, -3]}, "name one axis twice"),
        ("roll", {"shift": [1, 2], "axis": 0}, r"shifts \(1, 2\) need as many axes, and the axes are \(0,\)"),
        ("roll", {"shift": [1, 2]}, "the axes are none"),
        ("roll", {"axis": [0, 0]}, "name one axis twice"),
        ("roll", {"shift": 0.5}, "an integer or a list of integers"),
    ],
)
def test_what_cannot_be_moved_is_told(bench, name, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, (2, 3, 4), **params)


def test_a_number_and_an_empty_tensor_can_be_moved(bench):
    for name in ("flip", "roll"):
        assert bench.forward(name, np.array(2.0)) == bench.forward(name, np.array(2.0), axis=[]) == 2
        assert bench.gradient(name, 3.0, np.array(2.0)) == 3
        assert bench.forward(name, np.zeros((0, 3)), axis=0).shape == (0, 3)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32"])
def test_dtypes_stay_as_they_are(bench, dtype):
    x = np.ones((2, 2), dtype)
    assert bench.forward("split", x, sizes=[1, 1]).dtype == dtype
    assert bench.forward("flip", x).dtype == dtype
    assert bench.forward("roll", x).dtype == dtype
