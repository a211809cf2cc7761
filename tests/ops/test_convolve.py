"""Convolution against loops that anybody can read, and its two adjoints."""

import tracemalloc
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError
from gradviz.ops import OPS, windows

NAMES = ("conv2d", "conv2d_input_adjoint", "conv2d_weight_adjoint")


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def slow_conv2d(x, w, *, stride, padding, dilation, groups):
    """Return the convolution, one window and one channel after the other."""
    (down, across), (top, left), (rows, columns) = (
        [v, v] if isinstance(v, int) else v for v in (stride, padding, dilation)
    )
    x = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    span = (w.shape[2] - 1) * rows + 1, (w.shape[3] - 1) * columns + 1
    height, width = (x.shape[2] - span[0]) // down + 1, (x.shape[3] - span[1]) // across + 1
    y = np.zeros((x.shape[0], w.shape[0], height, width))
    for n, o, i, j in product(*map(range, y.shape)):
        first = o // (w.shape[0] // groups) * w.shape[1]
        window = x[n, first : first + w.shape[1], i * down :, j * across :][:, : span[0] : rows, : span[1] : columns]
        y[n, o, i, j] = np.sum(window * w[o])
    return y


pairs = st.one_of(st.integers(1, 3), st.lists(st.integers(1, 3), min_size=2, max_size=2))


@st.composite
def convolutions(draw):
    """Draw images, a kernel that fits into them, and params of every kind."""
    groups, inside, outside = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    padding = draw(st.one_of(st.integers(0, 2), st.lists(st.integers(0, 2), min_size=2, max_size=2)))
    params = {"stride": draw(pairs), "padding": padding, "dilation": draw(pairs), "groups": groups}
    kernel = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    around, apart = ([v, v] if isinstance(v, int) else v for v in (padding, params["dilation"]))
    sizes = [
        max(0, (k - 1) * d + 1 - 2 * p) + draw(st.integers(0, 4)) for k, d, p in zip(kernel, apart, around, strict=True)
    ]
    x = normal((draw(st.integers(0, 2)), groups * inside, *sizes), 1)
    return x, normal((groups * outside, inside, *kernel), 2), params


@given(convolutions())
def test_every_window_meets_the_kernel(bench, drawn):
    x, w, params = drawn
    y = bench.forward("conv2d", x, w, **params)
    assert_allclose(y, slow_conv2d(x, w, **params), atol=1e-12)
    bias = np.arange(1.0, 1 + w.shape[0])
    assert_allclose(bench.forward("conv2d", x, w, bias, **params), y + bias[:, None, None])


@given(convolutions())
def test_the_three_functions_are_each_others_adjoints(bench, drawn):
    x, w, params = drawn
    y = bench.forward("conv2d", x, w, **params)
    u = normal(y.shape, 3)
    to_x, to_w = bench.gradients("conv2d", u, x, w, **params)
    assert_allclose([np.sum(to_x * x), np.sum(to_w * w)], [np.sum(u * y)] * 2, atol=1e-10)
    assert_array_equal(to_x, bench.forward("conv2d_input_adjoint", u, w, shape=x.shape, **params))
    assert_array_equal(to_w, bench.forward("conv2d_weight_adjoint", x, u, shape=w.shape, **params))
    for name, inputs, shape in (("input", (u, w), x.shape), ("weight", (x, u), w.shape)):
        g = normal(shape, 4)
        gradients = bench.gradients(f"conv2d_{name}_adjoint", g, *inputs, shape=shape, **params)
        value = np.sum(g * bench.forward(f"conv2d_{name}_adjoint", *inputs, shape=shape, **params))
        for gradient, given_input in zip(gradients, inputs, strict=True):
            assert gradient.shape == given_input.shape
            assert_allclose(np.sum(gradient * given_input), value, atol=1e-10)


def test_the_kernel_is_not_flipped(bench):
    x, w = np.arange(9.0).reshape(1, 1, 3, 3), np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
    assert_array_equal(bench.forward("conv2d", x, w), [[[[4310, 5421], [7643, 8754]]]])


def test_a_bias_gets_the_sum_over_images_and_places(bench):
    x, w = normal((2, 1, 3, 3)), normal((3, 1, 2, 2))
    g = normal((2, 3, 2, 2))
    assert_allclose(bench.gradients("conv2d", g, x, w, np.zeros(3))[2], np.sum(g, axis=(0, 2, 3)))


def test_pixels_that_no_window_meets_get_zero(bench):
    gradient = bench.gradient("conv2d", 1.0, np.zeros((1, 1, 3, 3)), np.ones((1, 1, 1, 1)), stride=2)
    assert_array_equal(gradient[0, 0], [[1, 0, 1], [0, 0, 0], [1, 0, 1]])


@pytest.mark.parametrize("channels", [2, 12])
def test_images_that_are_taken_a_few_at_a_time_do_not_mix(bench, channels):
    x, w = normal((5, channels, 64, 64), 1), normal((4, channels // 2, 3, 3), 2)
    y = bench.forward("conv2d", x, w, groups=2)
    to_x, to_w = bench.gradients("conv2d", y, x, w, groups=2)
    alone = [bench.forward("conv2d", x[n : n + 1], w, groups=2) for n in range(5)]
    assert_allclose(y, np.concatenate(alone))
    parts = [bench.gradients("conv2d", alone[n], x[n : n + 1], w, groups=2) for n in range(5)]
    assert_allclose(to_x, np.concatenate([part[0] for part in parts]))
    assert_allclose(to_w, np.sum([part[1] for part in parts], axis=0))


@pytest.mark.parametrize(
    ("x", "w", "params", "sentence"),
    [
        ((3, 8, 8), (4, 3, 3, 3), {}, r"needs images \(batch, channels, height, width\) .* not \(3, 8, 8\)"),
        ((1, 3, 8, 8), (3, 3), {}, "and kernels"),
        ((1, 3, 8, 8), (4, 2, 3, 3), {}, r"kernels \(4, 2, 3, 3\) are for 2 channels, but each group .* has 3"),
        ((1, 4, 8, 8), (4, 4, 3, 3), {"groups": 2}, "are for 4 channels, but each group of images .* has 2"),
        ((1, 3, 8, 8), (4, 1, 3, 3), {"groups": 2}, "3 channels in and 4 out do not both split into 2 groups"),
        ((1, 4, 8, 8), (3, 2, 3, 3), {"groups": 2}, "4 channels in and 3 out do not both split"),
        ((1, 1, 2, 8), (1, 1, 3, 3), {}, r"a kernel that spans \(3, 3\) does not fit into images of \(2, 8\)"),
        ((1, 1, 4, 4), (1, 1, 3, 3), {"dilation": 2}, r"spans \(5, 5\) does not fit into images of \(4, 4\)"),
        ((1, 1, 1, 1), (1, 1, 4, 4), {"padding": 1}, r"does not fit into images of \(3, 3\)"),
        ((1, 1, 4, 4), (1, 1, 0, 1), {}, "does not fit"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": 0}, "from 1"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"padding": -1}, "from 0"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"dilation": [1, 2, 3]}, "a pair of integers"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"groups": 0}, "from 1"),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"padding": "same"}, "an integer or a pair"),
    ],
)
def test_what_cannot_be_convolved_is_told(bench, x, w, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("conv2d", x, w, **params)


def test_a_bias_that_does_not_fit_is_told(bench):
    with pytest.raises(ShapeError, match=r"b must have shape \(2,\), one number per channel of the result, not \(1,\)"):
        bench.shape("conv2d", (1, 1, 3, 3), (2, 1, 2, 2), (1,))


@pytest.mark.parametrize("name", ["conv2d_input_adjoint", "conv2d_weight_adjoint"])
def test_an_adjoint_of_another_shape_is_refused(bench, name):
    shapes = ((1, 2, 4, 4), (2, 1, 2, 2)) if name == "conv2d_input_adjoint" else ((1, 1, 3, 3), (1, 2, 4, 4))
    shape = [1, 1, 3, 3] if name == "conv2d_input_adjoint" else [2, 1, 2, 2]
    with pytest.raises(ShapeError, match=r"conv2d of .* has shape \(1, 2, 2, 2\), not \(1, 2, 4, 4\)"):
        bench.shape(name, *shapes, shape=shape)
    assert bench.shape(name, *shapes, shape=shape, padding=1) == tuple(shape)
    with pytest.raises(ShapeError, match="every size of its shape"):
        bench.shape(name, *shapes, shape=[-1, *shape[1:]])


def test_no_images_and_no_channels_work(bench):
    assert bench.forward("conv2d", np.zeros((0, 1, 3, 3)), np.zeros((2, 1, 2, 2))).shape == (0, 2, 2, 2)
    assert_array_equal(
        bench.gradients("conv2d", 1.0, np.zeros((0, 1, 3, 3)), np.ones((1, 1, 2, 2)))[1], np.zeros((1, 1, 2, 2))
    )
    empty = bench.forward("conv2d", np.zeros((1, 0, 3, 3)), np.zeros((2, 0, 2, 2)), np.ones(2))
    assert_array_equal(empty, np.ones((1, 2, 2, 2)))
    assert bench.forward("conv2d", np.zeros((1, 1, 3, 3)), np.zeros((0, 1, 2, 2))).shape == (1, 0, 2, 2)


def test_dtypes_promote_and_small_ones_stay(bench):
    x, w = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    assert bench.forward("conv2d", x.astype(np.int8), w.astype(np.int8)).dtype == np.int8
    assert bench.forward("conv2d", x.astype(bool), w.astype(bool), np.ones(1, bool)).dtype == bool
    assert bench.forward("conv2d", x.astype(np.float32), w.astype(np.float16)).dtype == np.float32
    assert bench.forward("conv2d", x.astype(np.float32), w.astype(np.float32), np.ones(1)).dtype == np.float64


def test_a_nan_reaches_only_the_windows_that_hold_it(bench):
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 0, 0] = np.nan
    y = bench.forward("conv2d", x, np.ones((1, 1, 2, 2)))
    assert_array_equal(np.isnan(y[0, 0]), [[True, False], [False, False]])


def test_an_image_that_is_taken_in_strips_gives_what_it_gives_whole(bench, monkeypatch):
    x, w = normal((2, 2, 9, 8)), normal((4, 1, 3, 2), 1)
    params = {"stride": [2, 1], "padding": [1, 2], "dilation": [2, 3], "groups": 2}
    g = normal(bench.shape("conv2d", x.shape, w.shape, **params), 2)
    whole = bench.forward("conv2d", x, w, **params), *bench.gradients("conv2d", g, x, w, **params)
    assert_allclose(whole[0], slow_conv2d(x, w, **params), atol=1e-12)
    monkeypatch.setattr(windows, "_MOST_ELEMENTS", 1)
    monkeypatch.setattr(windows, "_MOST_OF_AN_IMAGE", 250)  # two of four rows of places at a time
    strips = bench.forward("conv2d", x, w, **params), *bench.gradients("conv2d", g, x, w, **params)
    for one, other in zip(whole, strips, strict=True):
        assert_allclose(one, other, atol=1e-12)


def test_a_large_kernel_on_a_large_image_takes_little_memory(bench):
    x, w = np.ones((1, 1, 300, 300)), np.ones((1, 1, 60, 60))  # columns of 1.6 GiB, if taken at once
    tracemalloc.start()
    y = bench.forward("conv2d", x, w)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_array_equal(y, np.full((1, 1, 241, 241), 3600.0))
    assert peak < 400 * 2**20


def test_padding_beyond_memory_is_refused(bench):
    with pytest.raises(LimitError, match=r"a tensor of shape \(1, 200003, 200003\), with 40,001,200,009 elements"):
        bench.shape("conv2d", (1, 1, 3, 3), (1, 1, 1, 1), padding=100_000, stride=100_000)


def test_the_bias_promotes_what_the_product_has_become(bench):
    x, w = np.ones((1, 1, 1, 1), np.int16), np.ones((1, 1, 1, 1), np.uint16)
    assert bench.forward("conv2d", x, w, np.ones(1, np.float16)).dtype == np.float64


def test_an_infinite_kernel_reaches_only_the_pixels_that_it_met(bench):
    w = np.zeros((1, 1, 3, 3))
    w[0, 0, 0, 0] = np.inf  # meets the pixel above and to the left of its place
    to_x = bench.gradient("conv2d", np.ones((1, 1, 3, 3)), np.zeros((1, 1, 3, 3)), w, padding=1)
    assert_array_equal(np.isinf(to_x[0, 0]), [[True, True, False], [True, True, False], [False, False, False]])


def test_many_channels_and_few_give_the_same_as_loops(bench):
    for channels, other in product((2, 9), ({"padding": 1}, {"padding": [2, 0], "dilation": [1, 2]}, {"stride": 2})):
        params = {"stride": 1, "padding": 0, "dilation": 1, "groups": 2, **other}
        x, w = normal((3, 2 * channels, 7, 6), 1), normal((4, channels, 3, 3), 2)
        y = bench.forward("conv2d", x, w, **params)
        assert_allclose(y, slow_conv2d(x, w, **params), atol=1e-12)
        u = normal(y.shape, 3)
        to_x, to_w = bench.gradients("conv2d", u, x, w, **params)
        assert_allclose([np.sum(to_x * x), np.sum(to_w * w)], [np.sum(u * y)] * 2, atol=1e-10)


def test_many_channels_out_take_little_memory_on_the_way_back(bench):
    x, w = np.ones((1, 1, 40, 400)), np.ones((300, 1, 25, 25))  # turned round: columns of 0.6 GiB for one row of pixels
    shape = bench.shape("conv2d", x.shape, w.shape, padding=12)
    u = np.broadcast_to(np.float64(1.0), shape)
    tracemalloc.start()
    to_x = OPS["conv2d"].vjp["x"](u, None, x, w, **OPS["conv2d"].read_params({"padding": 12}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert to_x[0, 0, 20, 200] == 300 * 625
    assert peak < 600 * 2**20
