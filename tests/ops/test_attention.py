"""Attention: weights that add up to one, masks of both kinds, and heads that do not look at each other."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError

INF = np.inf
NAMES = ("scaled_dot_product_attention", "multi_head_attention")


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def attend(bench, *inputs, **params):
    return bench.forward("scaled_dot_product_attention", *inputs, **params)


def gradients(bench, g, *inputs, **params):
    return bench.gradients("scaled_dot_product_attention", g, *inputs, **params)


def test_values_are_mixed_by_the_softmax_of_the_scores(bench):
    q, k, v = normal(2, 4), normal(3, 4, seed=1), normal(3, 2, seed=2)
    weights = bench.forward("softmax", q @ k.T / 2)
    assert_allclose(attend(bench, q, k, v), weights @ v)
    assert_allclose(attend(bench, q, k, v, scale=0.0), np.broadcast_to(v.mean(axis=0), (2, 2)))
    assert_allclose(attend(bench, q, k, np.ones((3, 1))), np.ones((2, 1)))


def test_a_query_that_looks_back_sees_its_own_place_and_those_before(bench):
    q, k, v = normal(3, 2), normal(3, 2, seed=1), normal(3, 2, seed=2)
    y = attend(bench, q, k, v, causal=True)
    assert_array_equal(y[0], v[0])
    assert_allclose(y[1], attend(bench, q[1:2], k[:2], v[:2])[0])
    assert_array_equal(y, attend(bench, q, k, v, np.tril(np.ones((3, 3), bool))))
    to_k = gradients(bench, np.eye(3)[:, :2] * [[1, 0], [0, 1], [0, 0]], q, k, v, causal=True)[1]
    assert_array_equal(to_k[2], [0, 0])  # only the last query sees the last key, and nothing arrives there


def test_a_mask_keeps_what_is_true_and_one_of_numbers_is_added(bench):
    q, k, v = normal(2, 2), normal(3, 2, seed=1), normal(3, 2, seed=2)
    keep = np.array([[True, False, True], [False, True, False]])
    y = attend(bench, q, k, v, keep)
    assert_allclose(y[0], attend(bench, q[:1], k[[0, 2]], v[[0, 2]])[0])
    assert_allclose(y[1], v[1])
    assert_allclose(attend(bench, q, k, v, np.where(keep, 0.0, -INF)), y)
    for one, other in zip(
        gradients(bench, 1.0, q, k, v, keep)[:3],
        gradients(bench, 1.0, q, k, v, np.where(keep, 0.0, -INF))[:3],
        strict=True,
    ):
        assert_allclose(one, other, atol=1e-15)


def test_a_mask_of_numbers_has_a_gradient_of_its_own_shape(bench):
    q, k, v, mask = normal(2, 2, 3), normal(2, 4, 3, seed=1), normal(2, 4, 2, seed=2), normal(4, seed=3)
    to_mask = gradients(bench, normal(2, 2, 2, seed=4), q, k, v, mask)[3]
    assert to_mask.shape == (4,)
    assert_allclose(np.sum(to_mask), 0, atol=1e-12)  # a common shift of the scores makes no difference
    heads = bench.gradients(
        "multi_head_attention", 1.0, normal(2, 2, 4), normal(2, 3, 4), v[:, :3], normal(2, 2, 3), heads=2
    )
    assert heads[3].shape == (2, 2, 3)


def test_a_row_that_is_masked_entirely_is_nan_and_leaves_the_other_rows_alone(bench):
    q, k, v = normal(2, 2), normal(3, 2, seed=1), normal(3, 2, seed=2)
    keep = np.array([[False] * 3, [True] * 3])
    y = attend(bench, q, k, v, keep)
    assert_array_equal(np.isnan(y), [[True, True], [False, False]])
    to_q, to_k, _, _ = gradients(bench, [[0.0, 0.0], [1.0, 2.0]], q, k, v, keep)
    alone = gradients(bench, [[1.0, 2.0]], q[1:], k, v)
    assert_allclose(to_q, [[0, 0], alone[0][0]])
    assert_allclose(to_k, alone[1])


def test_large_scores_do_not_overflow(bench):
    q, k, v = np.full((1, 1), 1e200), np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]])
    assert_array_equal(attend(bench, q, k, v), [[4.0]])
    assert_array_equal(gradients(bench, 1.0, q, k, v)[0], [[0.0]])


def test_one_batch_of_keys_serves_many_of_queries(bench):
    q, k, v = normal(5, 2, 3), normal(4, 3, seed=1), normal(4, 2, seed=2)
    y = attend(bench, q, k, v)
    assert_allclose(y[3], attend(bench, q[3], k, v))
    g = normal(5, 2, 2, seed=3)
    alone = [gradients(bench, g[n], q[n], k, v)[1] for n in range(5)]
    assert_allclose(gradients(bench, g, q, k, v)[1], np.sum(alone, axis=0))


def test_heads_attend_side_by_side(bench):
    q, k, v, g = normal(2, 3, 4), normal(2, 5, 4, seed=1), normal(2, 5, 6, seed=2), normal(2, 3, 6, seed=3)
    keep = normal(2, 3, 5, seed=4) > -1
    whole = bench.forward("multi_head_attention", q, k, v, keep, heads=2)
    found = bench.gradients("multi_head_attention", g, q, k, v, keep, heads=2)
    for head in (0, 1):
        parts = [x[..., head * size : (head + 1) * size] for x, size in ((q, 2), (k, 2), (v, 3))]
        assert_allclose(whole[..., 3 * head : 3 * head + 3], attend(bench, *parts, keep))
        alone = gradients(bench, g[..., 3 * head : 3 * head + 3], *parts, keep)
        for gradient, expected, size in zip(found[:3], alone[:3], (2, 2, 3), strict=True):
            assert_allclose(gradient[..., head * size : (head + 1) * size], expected)


def test_one_head_is_attention(bench):
    q, k, v = normal(3, 4), normal(3, 4, seed=1), normal(3, 2, seed=2)
    y = bench.forward("multi_head_attention", q, k, v, heads=1, causal=True)
    assert_array_equal(y, attend(bench, q, k, v, causal=True))


def test_nobody_asks_and_nobody_answers(bench):
    assert attend(bench, np.zeros((0, 2)), np.zeros((3, 2)), np.zeros((3, 4))).shape == (0, 4)
    assert_array_equal(attend(bench, np.ones((2, 2)), np.zeros((0, 2)), np.zeros((0, 3))), np.zeros((2, 3)))
    assert_allclose(attend(bench, np.ones((2, 0)), np.ones((2, 0)), np.array([[1.0], [3.0]])), [[2], [2]])


def test_dtypes_promote_and_float32_stays(bench):
    x = np.ones((2, 2), np.float32)
    assert attend(bench, x, x, x).dtype == np.float32
    assert attend(bench, x, x, x, np.zeros((2, 2), np.float32), causal=True).dtype == np.float32
    assert attend(bench, x, x, x, np.zeros((2, 2))).dtype == np.float64
    assert attend(bench, np.ones((2, 2), int), np.ones((2, 2), int), np.ones((2, 2), int)).dtype == np.float64
    with pytest.raises(ShapeError, match=r"a mask is of booleans .true keeps. or of floats .* not int64"):
        bench.dtype(NAMES[0], "float64", "float64", "float64", "int64")


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        (((3,), (3, 2), (3, 2)), r"queries, keys and values are \(…, length, features\), not \(3,\)"),
        (((3, 2), (3, 4), (3, 2)), r"queries \(3, 2\) and keys \(3, 4\) must have as many features"),
        (((3, 2), (3, 2), (4, 2)), r"one value for each key: keys are \(3, 2\), values \(4, 2\)"),
        (((2, 3, 2), (3, 3, 2), (3, 2)), "cannot broadcast"),
        (((3, 2), (4, 2), (4, 2), (3, 3)), "cannot broadcast"),
        (((3, 2), (4, 2), (4, 2), (5, 3, 4)), r"a mask of shape \(5, 3, 4\) does not broadcast to the scores \(3, 4\)"),
    ],
)
def test_what_cannot_attend_is_told(bench, shapes, sentence):
    for name in NAMES:
        with pytest.raises(ShapeError, match=sentence):
            bench.shape(name, *shapes, **({"heads": 1} if name == NAMES[1] else {}))


def test_heads_that_do_not_divide_the_features_are_told(bench):
    with pytest.raises(ShapeError, match="3 features of the queries and keys do not split into 2 heads"):
        bench.shape("multi_head_attention", (2, 3), (2, 3), (2, 4), heads=2)
    with pytest.raises(ShapeError, match="3 features of the values do not split into 2 heads"):
        bench.shape("multi_head_attention", (2, 4), (2, 4), (2, 3), heads=2)
    with pytest.raises(ShapeError, match="the parameter heads is needed"):
        bench.shape("multi_head_attention", (2, 4), (2, 4), (2, 3))


def test_scores_beyond_memory_are_refused(bench):
    with pytest.raises(LimitError, match=r"a tensor of shape \(100000, 100000\), with 10,000,000,000 elements"):
        bench.shape(NAMES[0], (100_000, 2), (100_000, 2), (100_000, 2))
    with pytest.raises(LimitError, match="elements"):
        bench.shape(NAMES[1], (10_000, 64), (10_000, 64), (10_000, 64), heads=64)
