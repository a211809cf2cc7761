"""Pooling against loops that anybody can read: ties, borders, NaN, and the gradients' own gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError

INF = np.inf
NAMES = ("max_pool2d", "avg_pool2d")


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def slow_pool(x, *, kernel, stride, padding, of_window):
    """Return the pooling, one window after the other; what is outside of the image is missing from a window."""
    height, width = (x.shape[2 + k] + 2 * padding[k] - kernel[k] for k in (0, 1))
    y = np.empty((*x.shape[:2], height // stride[0] + 1, width // stride[1] + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            top, left = i * stride[0] - padding[0], j * stride[1] - padding[1]
            window = x[:, :, max(top, 0) : top + kernel[0], max(left, 0) : left + kernel[1]]
            y[:, :, i, j] = of_window(window.reshape(*x.shape[:2], -1))
    return y


@st.composite
def pools(draw):
    """Draw images with many ties, and params of every kind that fit."""
    kernel = [draw(st.integers(1, 4)) for _ in range(2)]
    padding = [draw(st.integers(0, size // 2)) for size in kernel]
    stride = [draw(st.integers(1, 4)) for _ in range(2)]
    sizes = [max(1, k - 2 * p) + draw(st.integers(0, 4)) for k, p in zip(kernel, padding, strict=True)]
    x = np.random.default_rng(draw(st.integers(0, 99))).integers(-3, 3, (2, 2, *sizes)).astype(float)
    return x, {"kernel": kernel, "stride": stride, "padding": padding}


@given(pools())
def test_every_window_gives_its_largest_number_and_its_average(bench, drawn):
    x, params = drawn
    assert_array_equal(
        bench.forward("max_pool2d", x, **params), slow_pool(x, **params, of_window=lambda w: w.max(axis=-1))
    )
    assert_allclose(
        bench.forward("avg_pool2d", x, **params, count_include_pad=False),
        slow_pool(x, **params, of_window=lambda w: w.mean(axis=-1)),
    )
    size = np.prod(params["kernel"])
    assert_allclose(
        bench.forward("avg_pool2d", x, **params), slow_pool(x, **params, of_window=lambda w: w.sum(axis=-1) / size)
    )


@given(pools())
def test_the_first_of_the_largest_gets_all_of_the_gradient(bench, drawn):
    x, params = drawn
    order = np.linspace(0, 0.5, x[0, 0].size).reshape(x.shape[2:])  # earlier in the window now means a little larger
    g = normal(bench.forward("max_pool2d", x, **params).shape)
    assert_array_equal(
        bench.gradient("max_pool2d", g, x, **params), bench.gradient("max_pool2d", g, x - order, **params)
    )


@given(pools())
def test_adjoint_and_tangent_are_each_others_gradients(bench, drawn):
    x, params = drawn
    y = bench.forward("max_pool2d", x, **params)
    g, t = normal(y.shape, 1), normal(x.shape, 2)
    back = bench.forward("max_pool2d_adjoint", g, x, **params)
    ahead = bench.forward("max_pool2d_tangent", t, x, **params)
    assert_array_equal(back, bench.gradient("max_pool2d", g, x, **params))
    assert_allclose(np.sum(back * t), np.sum(g * ahead))
    assert_allclose(np.sum(back * x), np.sum(g * y))
    to_g, to_x = bench.gradients("max_pool2d_adjoint", t, g, x, **params)
    assert_array_equal(to_g, ahead)
    assert_array_equal(to_x, np.zeros(x.shape))
    to_t, to_x = bench.gradients("max_pool2d_tangent", g, t, x, **params)
    assert_array_equal(to_t, back)
    assert_array_equal(to_x, np.zeros(x.shape))


@given(pools(), st.booleans())
def test_an_average_is_shared_out_and_sharing_out_is_averaged_back(bench, drawn, count):
    x, params = drawn
    params = {**params, "count_include_pad": count}
    y = bench.forward("avg_pool2d", x, **params)
    g = normal(y.shape, 1)
    to_x = bench.gradient("avg_pool2d", g, x, **params)
    assert_allclose(np.sum(to_x * x), np.sum(g * y), atol=1e-10)
    assert_allclose(bench.gradient("avg_pool2d_adjoint", x, g, shape=x.shape, **params), y)


def test_a_tie_goes_to_the_first_in_the_window(bench):
    assert_array_equal(bench.gradient("max_pool2d", 1.0, np.ones((1, 1, 2, 2)), kernel=2), [[[[1, 0], [0, 0]]]])
    x = np.array([[[[0.0, 5.0], [5.0, 0.0]]]])
    assert_array_equal(bench.gradient("max_pool2d", 1.0, x, kernel=2), [[[[0, 1], [0, 0]]]])


def test_a_number_that_wins_twice_gets_both(bench):
    x = np.array([[[[0.0, 9.0, 0.0]]]])
    assert_array_equal(bench.gradient("max_pool2d", [[[[2.0, 3.0]]]], x, kernel=[1, 2], stride=1), [[[[0, 5, 0]]]])


def test_a_nan_wins_and_gets_the_gradient_of_its_windows(bench):
    x = np.array([[[[1.0, np.nan, 3.0, 4.0]]]])
    assert_array_equal(bench.forward("max_pool2d", x, kernel=[1, 2]), [[[[np.nan, 4]]]])
    assert_array_equal(bench.gradient("max_pool2d", 1.0, x, kernel=[1, 2]), [[[[0, 1, 0, 1]]]])


def test_padding_never_wins_even_against_minus_infinity(bench):
    x = np.full((1, 1, 2, 2), -INF)
    assert_array_equal(bench.forward("max_pool2d", x, kernel=2, stride=2, padding=1), np.full((1, 1, 2, 2), -INF))
    assert_array_equal(
        bench.gradient("max_pool2d", [[[[1.0, 2.0], [3.0, 4.0]]]], x, kernel=2, stride=2, padding=1),
        [[[[1, 2], [3, 4]]]],
    )


def test_an_infinite_gradient_reaches_the_winner_only(bench):
    x = np.array([[[[1.0, 2.0]]]])
    assert_array_equal(bench.gradient("max_pool2d", INF, x, kernel=[1, 2]), [[[[0, INF]]]])


def test_the_stride_is_the_kernel_unless_it_is_given(bench):
    x = normal((1, 1, 6, 6))
    for name in NAMES:
        assert_array_equal(bench.forward(name, x, kernel=[2, 3]), bench.forward(name, x, kernel=[2, 3], stride=[2, 3]))


def test_a_window_as_large_as_the_image_pools_all_of_it_at_once(bench):
    x = normal((2, 3, 200, 300))
    assert_array_equal(bench.forward("max_pool2d", x, kernel=[200, 300])[..., 0, 0], x.max(axis=(2, 3)))
    assert_allclose(bench.forward("avg_pool2d", x, kernel=[200, 300])[..., 0, 0], x.mean(axis=(2, 3)), atol=1e-12)
    assert np.count_nonzero(bench.gradient("max_pool2d", 1.0, x, kernel=[200, 300])) == 6


def test_integers_stay_for_the_largest_and_become_floats_for_the_average(bench):
    x = np.array([[[[-5, -7], [-6, -8]]]], np.int8)
    assert_array_equal(bench.forward("max_pool2d", x, kernel=2, stride=1, padding=1).ravel()[:2], [-5, -5])
    assert bench.forward("max_pool2d", x, kernel=2).dtype == np.int8
    assert bench.forward("max_pool2d", x > -6, kernel=2).dtype == bool
    assert bench.forward("avg_pool2d", x.astype(np.int64), kernel=2) == -6.5
    assert bench.forward("avg_pool2d", x.astype(np.int64), kernel=2).dtype == np.float64
    assert bench.forward("avg_pool1d", x[0].astype(np.int32), kernel=2).dtype == np.float64


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_a_line_is_an_image_of_height_1(bench, kind):
    x = normal((2, 2, 7))
    for params in ({"kernel": 2}, {"kernel": 3, "stride": 1, "padding": 1}, {"kernel": 2, "stride": 3}):
        wide = {name: [1 if name != "padding" else 0, value] for name, value in params.items()}
        y = bench.forward(f"{kind}_pool1d", x, **params)
        assert_array_equal(y, bench.forward(f"{kind}_pool2d", x[:, :, None], **wide)[:, :, 0])
        g = normal(y.shape, 1)
        to_x = bench.gradient(f"{kind}_pool2d", g[:, :, None], x[:, :, None], **wide)
        assert_array_equal(bench.gradient(f"{kind}_pool1d", g, x, **params), to_x[:, :, 0])


@pytest.mark.parametrize(
    ("name", "shape", "params", "sentence"),
    [
        ("max_pool2d", (2, 4, 4), {"kernel": 2}, r"needs images \(batch, channels, height, width\), not \(2, 4, 4\)"),
        ("max_pool2d", (1, 1, 2, 4), {"kernel": 3}, "a kernel of height 3 does not fit into 2, padding included"),
        ("avg_pool2d", (1, 1, 4, 2), {"kernel": 3}, "a kernel of width 3 does not fit into 2"),
        ("max_pool2d", (1, 1, 4, 4), {"kernel": 2, "padding": 2}, r"padding of height is 2, more than half .* \(2\)"),
        ("avg_pool2d", (1, 1, 4, 4), {"kernel": [2, 3], "padding": [1, 2]}, "padding of width is 2, more than half"),
        ("max_pool2d", (1, 1, 0, 4), {"kernel": 2, "padding": 1}, "images of height 0 have nothing to pool"),
        ("max_pool2d", (1, 1, 4, 4), {}, "the parameter kernel is needed"),
        ("max_pool2d", (1, 1, 4, 4), {"kernel": 0}, "from 1"),
        ("max_pool2d", (1, 1, 4, 4), {"kernel": 2, "stride": 0}, "from 1"),
        ("max_pool1d", (1, 4), {"kernel": 2}, r"needs signals \(batch, channels, length\), not \(1, 4\)"),
        ("avg_pool1d", (1, 1, 4), {"kernel": 5}, "a kernel of width 5 does not fit into 4"),
        ("avg_pool1d", (1, 1, 4), {"kernel": [2, 2]}, "an integer from 1"),
    ],
)
def test_what_cannot_be_pooled_is_told(bench, name, shape, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, shape, **params)


def test_an_adjoint_of_another_shape_is_refused(bench):
    with pytest.raises(ShapeError, match=r"pooling \(1, 1, 4, 4\) gives \(1, 1, 2, 2\), one number a window, not"):
        bench.shape("max_pool2d_adjoint", (1, 1, 4, 4), (1, 1, 4, 4), kernel=2)
    with pytest.raises(ShapeError, match=r"pooling .* gives \(1, 1, 2, 2\)"):
        bench.shape("avg_pool2d_adjoint", (1, 1, 3, 2), shape=[1, 1, 4, 4], kernel=2)
    with pytest.raises(ShapeError, match="every size of its shape"):
        bench.shape("avg_pool2d_adjoint", (1, 1, 3, 2), shape=[-1, 1, 4, 4], kernel=2)
    with pytest.raises(ShapeError, match="images of one shape, not"):
        bench.shape("max_pool2d_tangent", (1, 1, 4, 5), (1, 1, 4, 4), kernel=2)


def test_windows_beyond_memory_are_refused(bench):
    with pytest.raises(LimitError, match="elements"):
        bench.shape("max_pool2d", (1, 1, 10, 10), kernel=100_000, padding=50_000)


def test_no_images_work(bench):
    for name in NAMES:
        assert bench.forward(name, np.zeros((0, 2, 4, 4)), kernel=2).shape == (0, 2, 2, 2)
        assert bench.gradient(name, 1.0, np.zeros((2, 0, 4, 4)), kernel=2).shape == (2, 0, 4, 4)
