"""Convolution along lines and transposed convolution: the same as over images of height 1, and the adjoint of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError


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


def slow_transpose(x, w, *, stride, padding, dilation, output_padding):
    """Return the transposed convolution of one group, one number after the other."""
    sizes = [
        (x.shape[2 + k] - 1) * stride[k] + dilation[k] * (w.shape[2 + k] - 1) + 1 + output_padding[k] for k in (0, 1)
    ]
    y = np.zeros((x.shape[0], w.shape[1], *sizes))
    for p in range(x.shape[2]):
        for q in range(x.shape[3]):
            for i in range(w.shape[2]):
                for j in range(w.shape[3]):
                    y[:, :, p * stride[0] + i * dilation[0], q * stride[1] + j * dilation[1]] += (
                        x[:, :, p, q] @ w[:, :, i, j]
                    )
    return y[:, :, padding[0] : sizes[0] - padding[0], padding[1] : sizes[1] - padding[1]]


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(st.tuples(pairs, pairs, pairs), st.integers(0, 1), st.data())
def test_every_number_spreads_the_kernel(bench, drawn, padding, data):
    kernel, stride, dilation = drawn
    size = data.draw(st.integers(2, 4))
    output_padding = tuple(data.draw(st.integers(0, step - 1)) for step in stride)
    params = {"stride": stride, "padding": (padding,) * 2, "dilation": dilation, "output_padding": output_padding}
    x, w, b = normal((2, 3, size, size + 1)), normal((3, 2, *kernel), 1), normal((2,), 2)
    try:
        y = bench.forward("conv_transpose2d", x, w, b, **params)
    except ShapeError:
        assert padding == 1
        return
    assert_allclose(y, slow_transpose(x, w, **params) + b[:, None, None], atol=1e-12)


def test_groups_are_separate_convolutions(bench):
    x, w = normal((1, 4, 3, 3)), normal((4, 2, 2, 2), 1)
    y = bench.forward("conv_transpose2d", x, w, stride=2, groups=2)
    halves = [bench.forward("conv_transpose2d", x[:, k : k + 2], w[k : k + 2], stride=2) for k in (0, 2)]
    assert_allclose(y, np.concatenate(halves, axis=1))


def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(bench):
    x, w, u = normal((2, 3, 7, 6)), normal((4, 3, 3, 2), 1), normal((2, 4, 4, 6), 2)
    params = {"stride": [2, 1], "padding": [1, 0], "dilation": 1}
    back = bench.forward("conv_transpose2d", u[..., :5], w, **params)
    assert back.shape == x.shape
    assert_allclose(np.sum(back * x), np.sum(u[..., :5] * bench.forward("conv2d", x, w, **params)))


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
        ("conv_transpose2d", ((1, 2, 3), (2, 1, 2, 2)), {}, "needs images .* kernels .channels in, channels out"),
        ("conv_transpose2d", ((1, 3, 2, 2), (2, 1, 2, 2)), {}, "for 2 channels in, but images .* have 3"),
        ("conv_transpose2d", ((1, 3, 2, 2), (3, 1, 2, 2)), {"groups": 2}, "3 channels in and 2 out do not both split"),
        ("conv_transpose2d", ((1, 1, 2, 2), (1, 2, 2, 2), (1,)), {}, r"b must have shape \(2,\)"),
        (
            "conv_transpose2d",
            ((1, 1, 2, 2), (1, 1, 2, 2)),
            {"output_padding": 1},
            r"output_padding \(1, 1\) must be sm",
        ),
        ("conv_transpose2d", ((1, 1, 1, 1), (1, 1, 2, 2)), {"padding": 1}, r"leave nothing .*would be \(0, 0\)"),
        ("conv_transpose2d", ((1, 1, 0, 2), (1, 1, 2, 2)), {}, "leave nothing"),
        ("conv_transpose1d", ((1, 1, 2), (1, 1, 1)), {"padding": 1}, r"signals of \(2,\) .*would be \(0,\)"),
        ("conv_transpose1d", ((1, 1, 2), (1, 1, 1)), {"output_padding": 2}, r"output_padding \(2,\) must be smaller"),
        ("conv_transpose1d", ((1, 2), (1, 1, 1)), {}, "conv_transpose1d needs signals"),
    ],
)
def test_what_cannot_be_convolved_is_told(bench, name, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes, **params)


def test_steps_beyond_memory_are_refused(bench):
    with pytest.raises(LimitError, match=r"with 10,\d\d\d,\d\d\d,\d\d\d elements"):
        bench.shape("conv_transpose2d", (1, 1, 2, 2), (1, 1, 1, 1), stride=100_000)


def test_no_signals_work(bench):
    assert bench.forward("conv1d", np.zeros((0, 1, 3)), np.zeros((2, 1, 2))).shape == (0, 2, 2)
    assert bench.forward("conv_transpose2d", np.zeros((0, 1, 2, 2)), np.zeros((1, 2, 2, 2))).shape == (0, 2, 3, 3)
    to_w = bench.gradients("conv_transpose1d", 1.0, np.zeros((0, 1, 3)), np.ones((1, 2, 2)))[1]
    assert_array_equal(to_w, np.zeros((1, 2, 2)))
