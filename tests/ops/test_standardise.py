"""Normalisation: what comes out is standardised, what goes back knows of the statistics, and odd cases are told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

INF = np.inf


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def ones_and_zeros(*shape):
    return np.ones(shape), np.zeros(shape)


@given(st.integers(-2, 1), st.integers(0, 9))
def test_every_channel_of_a_batch_has_mean_0_and_variance_1(bench, axis, seed):
    x = 5 + 3 * normal((4, 4), seed)
    y = bench.forward("batch_norm", x, *ones_and_zeros(4), axis=axis, eps=0)
    assert_allclose(np.mean(y, axis=1 - axis % 2), 0, atol=1e-12)
    assert_allclose(np.var(y, axis=1 - axis % 2), 1)


def test_every_sample_has_mean_0_and_variance_1_along_the_axes_of_gamma(bench):
    x = 5 + 3 * normal((4, 3, 5))
    y = bench.forward("layer_norm", x, *ones_and_zeros(3, 5), eps=0)
    assert_allclose(np.mean(y, axis=(1, 2)), 0, atol=1e-12)
    assert_allclose(np.var(y, axis=(1, 2)), 1)
    assert_allclose(np.mean(np.square(bench.forward("rms_norm", x, np.ones(5), eps=0)), axis=2), 1)


def test_what_goes_back_moves_neither_the_mean_nor_the_stretch(bench):
    for name, x, inputs, axes in (
        ("batch_norm", normal((5, 3)), ones_and_zeros(3), 0),
        ("layer_norm", normal((3, 5)), ones_and_zeros(5), 1),
    ):
        to_x = bench.gradient(name, normal(x.shape, 1), x, *inputs, eps=0)
        assert_allclose(np.sum(to_x, axis=axes), 0, atol=1e-12)
        assert_allclose(np.sum(to_x * x, axis=axes), 0, atol=1e-12)


def test_given_statistics_of_the_batch_give_the_same_value_and_another_gradient(bench):
    x, gamma, beta = normal((4, 3)), normal(3, 1), normal(3, 2)
    statistics = x.mean(axis=0), x.var(axis=0)
    y = bench.forward("batch_norm", x, gamma, beta)
    assert_allclose(bench.forward("batch_norm_inference", x, gamma, beta, *statistics), y)
    g = normal((4, 3), 3)
    to_x, _, _, to_mean, to_variance = bench.gradients("batch_norm_inference", g, x, gamma, beta, *statistics)
    through = to_x + to_mean / 4 + to_variance * 2 * (x - statistics[0]) / 4
    assert_allclose(through, bench.gradient("batch_norm", g, x, gamma, beta))


def test_one_group_is_a_layer_and_as_many_groups_as_channels_are_instances(bench):
    x, gamma, beta = normal((2, 4, 3, 3)), normal(4, 1), normal(4, 2)
    layer = bench.forward("layer_norm", x, *ones_and_zeros(4, 3, 3)) * gamma[:, None, None] + beta[:, None, None]
    assert_allclose(bench.forward("group_norm", x, gamma, beta, groups=1), layer)
    instances = bench.forward("instance_norm", x, gamma, beta)
    assert_allclose(bench.forward("group_norm", x, gamma, beta, groups=4), instances)
    g = normal(x.shape, 3)
    for one, other in zip(
        bench.gradients("group_norm", g, x, gamma, beta, groups=4),
        bench.gradients("instance_norm", g, x, gamma, beta),
        strict=True,
    ):
        assert_allclose(one, other)


def test_what_does_not_vary_becomes_the_shift_and_has_no_gradient(bench):
    x, beta = np.full((2, 3), 7.0), np.array([1.0, 2.0, 3.0])
    assert_array_equal(bench.forward("layer_norm", x, np.ones(3), beta), [beta, beta])
    assert_array_equal(bench.gradient("layer_norm", 1.0, x, np.ones(3), beta), np.zeros((2, 3)))
    assert_array_equal(bench.forward("batch_norm", x[:1], np.ones(3), beta), [beta])
    assert np.isnan(bench.forward("layer_norm", x, np.ones(3), eps=0)).all()


def test_one_infinite_number_spoils_its_own_sample_only(bench):
    x = np.array([[1.0, INF], [1.0, 2.0], [np.nan, 0.0]])
    y = bench.forward("layer_norm", x, np.ones(2))
    assert_array_equal(np.isnan(y).any(axis=1), [True, False, True])


def test_large_numbers_do_not_lose_their_variance(bench):
    x = 1e8 + np.array([[1.0, 2.0, 3.0]])
    assert_allclose(bench.forward("layer_norm", x, np.ones(3), eps=0), [[-np.sqrt(1.5), 0, np.sqrt(1.5)]])


def test_nothing_in_the_batch_has_no_statistics(bench):
    assert bench.forward("batch_norm", np.zeros((0, 3)), *ones_and_zeros(3)).shape == (0, 3)
    to_gamma = bench.gradients("batch_norm", 1.0, np.zeros((0, 3)), *ones_and_zeros(3))[1]
    assert_array_equal(to_gamma, np.zeros(3))
    assert bench.forward("layer_norm", np.zeros((2, 0)), *ones_and_zeros(0)).shape == (2, 0)
    assert bench.forward("group_norm", np.zeros((2, 0, 3)), *ones_and_zeros(0), groups=2).shape == (2, 0, 3)


def test_integers_become_floats_and_float32_stays(bench):
    x = np.arange(6).reshape(2, 3)
    assert bench.forward("layer_norm", x, np.ones(3, np.int64)).dtype == np.float64
    assert bench.forward("batch_norm", x.astype(np.float32), np.ones(3), np.zeros(3)).dtype == np.float64
    small = [a.astype(np.float32) for a in (x, np.ones(3), np.zeros(3))]
    assert bench.forward("batch_norm", *small).dtype == np.float32
    assert bench.gradient("batch_norm", 1.0, *small).dtype == np.float32


@pytest.mark.parametrize(
    ("name", "shapes", "params", "sentence"),
    [
        (
            "batch_norm",
            ((4, 3), (4,), (3,)),
            {},
            r"gamma must have shape \(3,\), one number for each index of axis 1 of",
        ),
        ("batch_norm", ((4, 3), (3,), ()), {}, r"beta must have shape \(3,\)"),
        ("batch_norm", ((4,), (4,), (4,)), {}, r"there is no axis 1 in a tensor of shape \(4,\)"),
        ("batch_norm", ((), (), ()), {}, "there is no axis 1"),
        ("batch_norm", ((4, 3), (3,), (3,)), {"eps": -1}, "from 0"),
        ("batch_norm_inference", ((4, 3), (3,), (3,), (3,), (4,)), {}, r"variance must have shape \(3,\)"),
        ("layer_norm", ((4, 3), (4,)), {}, r"gamma \(4,\) must have the shape of the last axes of x \(4, 3\)"),
        ("layer_norm", ((4, 3), ()), {}, "one axis at least"),
        ("layer_norm", ((), ()), {}, "one axis at least"),
        ("layer_norm", ((3,), (2, 3)), {}, "must have the shape of the last axes"),
        ("layer_norm", ((4, 3), (3,), (1,)), {}, r"beta must have the shape of gamma, \(3,\), not \(1,\)"),
        ("rms_norm", ((4, 3), (4,)), {}, "must have the shape of the last axes"),
        ("group_norm", ((2, 4), (4,), (4,)), {"groups": 3}, "4 channels do not split into 3 groups"),
        ("group_norm", ((4,), (4,), (4,)), {"groups": 2}, r"needs x \(batch, channels, …\), not \(4,\)"),
        ("group_norm", ((2, 4), (4,), (4,)), {"groups": 0}, "from 1"),
        ("group_norm", ((2, 4), (4,), (4,)), {}, "the parameter groups is needed"),
        ("instance_norm", ((2, 4), (4,), (4,)), {}, r"at least one axis of places\), not \(2, 4\)"),
        ("instance_norm", ((2, 4, 3), (3,), (4,)), {}, r"gamma must have shape \(4,\)"),
    ],
)
def test_what_cannot_be_standardised_is_told(bench, name, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes, **params)
