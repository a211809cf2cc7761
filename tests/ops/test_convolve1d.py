"""Convolution along lines: the same as over images of height 1, there and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from gradviz.errors import ShapeError


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@given(st.data())
def test_a_line_is_an_image_of_height_1(bench, data):
    stride, padding, dilation, groups, kernel = (data.draw(st.integers(low, 3)) for low in (1, 0, 1, 1, 1))
    length = max(1, dilation * (kernel - 1) + 1 - 2 * padding) + data.draw(st.integers(0, 3))
    params = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    wide = {"stride": [1, stride], "padding": [0, padding], "dilation": [1, dilation], "groups": groups}
    x, w, b = normal((2, 2 * groups, length)), normal((groups, 2, kernel), 1), normal((groups,), 2)
    y = bench.forward("conv1d", x, w, b, **params)
    images = x[:, :, None], w[:, :, None], b
    assert_array_equal(y, bench.forward("conv2d", *images, **wide)[:, :, 0])
    g = normal(y.shape, 3)
    found = bench.gradients("conv1d", g, x, w, b, **params)
    expected = bench.gradients("conv2d", g[:, :, None], *images, **wide)
    for one, other in zip(found, expected, strict=True):
        assert_array_equal(one, other.reshape(one.shape))


def test_a_line_is_correlated_and_not_flipped(bench):
    assert_array_equal(bench.forward("conv1d", [[[1.0, 2.0, 4.0]]], [[[1.0, 10.0]]]), [[[21, 42]]])


def test_a_line_spreads_like_an_image_of_height_1(bench):
    x, w, b = normal((2, 2, 4)), normal((2, 3, 3), 1), normal((3,), 2)
    y = bench.forward("conv_transpose1d", x, w, b, stride=2, padding=1, output_padding=1)
    wide = {"stride": [1, 2], "padding": [0, 1], "output_padding": [0, 1]}
    images = x[:, :, None], w[:, :, None], b
    assert_array_equal(y, bench.forward("conv_transpose2d", *images, **wide)[:, :, 0])
    g = normal(y.shape, 3)
    found = bench.gradients("conv_transpose1d", g, x, w, b, stride=2, padding=1, output_padding=1)
    expected = bench.gradients("conv_transpose2d", g[:, :, None], *images, **wide)
    for one, other in zip(found, expected, strict=True):
        assert_array_equal(one, other.reshape(one.shape))


@pytest.mark.parametrize(
    ("name", "shapes", "params", "sentence"),
    [
        ("conv1d", ((1, 2, 3, 3), (1, 2, 2)), {}, r"conv1d needs signals \(batch, channels, length\) .*not \(1, 2, 3"),
        ("conv1d", ((1, 1, 2), (1, 1, 3)), {}, r"spans \(3,\) does not fit into signals of \(2,\) \(length, padding"),
        ("conv1d", ((1, 3, 4), (1, 2, 3)), {}, r"for 2 channels, but each group of signals \(1, 3, 4\) has 3"),
        ("conv1d", ((1, 1, 4), (1, 1, 0)), {}, "does not fit"),
        ("conv1d", ((1, 1, 4), (2, 1, 2), (1,)), {}, r"b must have shape \(2,\)"),
        ("conv1d", ((1, 1, 4), (2, 1, 2)), {"stride": [1, 2]}, "an integer from 1"),
        ("conv_transpose1d", ((1, 1, 2), (1, 1, 1)), {"padding": 1}, r"signals of \(2,\) .*would be \(0,\)"),
        ("conv_transpose1d", ((1, 1, 2), (1, 1, 1)), {"output_padding": 2}, r"output_padding \(2,\) must be smaller"),
        ("conv_transpose1d", ((1, 2), (1, 1, 1)), {}, "conv_transpose1d needs signals"),
    ],
)
def test_what_no_kernel_walks_along_is_told(bench, name, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes, **params)


def test_no_signals_work(bench):
    assert bench.forward("conv1d", np.zeros((0, 1, 3)), np.zeros((2, 1, 2))).shape == (0, 2, 2)
    to_w = bench.gradients("conv_transpose1d", 1.0, np.zeros((0, 1, 3)), np.ones((1, 2, 2)))[1]
    assert_array_equal(to_w, np.zeros((1, 2, 2)))
