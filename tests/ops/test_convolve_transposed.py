"""Transposed convolution: every number spreads the kernel, which is the adjoint of a convolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from gradviz.errors import LimitError, ShapeError


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


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


@pytest.mark.parametrize(
    ("shapes", "params", "sentence"),
    [
        (((1, 2, 3), (2, 1, 2, 2)), {}, "needs images .* kernels .channels in, channels out"),
        (((1, 3, 2, 2), (2, 1, 2, 2)), {}, "for 2 channels in, but images .* have 3"),
        (((1, 3, 2, 2), (3, 1, 2, 2)), {"groups": 2}, "3 channels in and 2 out do not both split"),
        (((1, 1, 2, 2), (1, 2, 2, 2), (1,)), {}, r"b must have shape \(2,\)"),
        (
            ((1, 1, 2, 2), (1, 1, 2, 2)),
            {"output_padding": 1},
            r"output_padding \(1, 1\) must be sm",
        ),
        (((1, 1, 1, 1), (1, 1, 2, 2)), {"padding": 1}, r"leave nothing .*would be \(0, 0\)"),
        (((1, 1, 0, 2), (1, 1, 2, 2)), {}, "leave nothing"),
    ],
)
def test_what_cannot_be_spread_is_told(bench, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("conv_transpose2d", *shapes, **params)


def test_steps_beyond_memory_are_refused(bench):
    with pytest.raises(LimitError, match=r"with 10,\d\d\d,\d\d\d,\d\d\d elements"):
        bench.shape("conv_transpose2d", (1, 1, 2, 2), (1, 1, 1, 1), stride=100_000)


def test_no_images_work(bench):
    assert bench.forward("conv_transpose2d", np.zeros((0, 1, 2, 2)), np.zeros((1, 2, 2, 2))).shape == (0, 2, 3, 3)
