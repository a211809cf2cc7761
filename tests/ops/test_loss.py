"""Losses: what they are worth, what they hand back, and labels that are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops import OPS

INF = np.inf


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def classified(draw):
    """Draw logits, labels, and the axis of the classes, counted from either end."""
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    axis = draw(st.integers(0, len(shape) - 1))
    labels = np.random.default_rng(draw(st.integers(0, 99))).integers(shape[axis], size=np.delete(shape, axis))
    return normal(shape), labels, axis - len(shape) if draw(st.booleans()) else axis


@given(classified())
def test_cross_entropy_is_minus_the_logarithm_at_the_label(bench, drawn):
    x, labels, axis = drawn
    logarithms = bench.forward("log_softmax", x, axis=axis)
    single = -np.squeeze(np.take_along_axis(logarithms, np.expand_dims(labels, axis), axis), axis)
    for reduction, expected in (("none", single), ("sum", np.sum(single)), ("mean", np.mean(single))):
        assert_allclose(bench.forward("cross_entropy", x, labels, axis=axis, reduction=reduction), expected, atol=1e-12)


@given(classified(), st.sampled_from(["mean", "sum", "none"]))
def test_labels_and_their_one_hot_rows_give_one_loss(bench, drawn, reduction):
    x, labels, axis = drawn
    rows = bench.forward("one_hot", labels, depth=x.shape[axis], axis=axis)
    params = {"axis": axis, "reduction": reduction}
    y = bench.forward("cross_entropy", x, labels, **params)
    assert_allclose(bench.forward("softmax_cross_entropy", x, rows, **params), y, atol=1e-12)
    g = 1.0 + np.arange(y.size).reshape(y.shape)
    to_x, to_labels = bench.gradients("cross_entropy", g, x, labels, **params)
    soft_x, soft_rows = bench.gradients("softmax_cross_entropy", g, x, rows, **params)
    assert to_labels is None
    assert_allclose(soft_x, to_x, atol=1e-12)
    assert_allclose(np.sum(soft_rows * rows), np.sum(g * y), atol=1e-10)


def test_the_derivative_of_softmax_is_in_the_gradient_already(bench):
    x, labels = np.zeros((2, 3)), np.array([0, 2])
    assert_allclose(bench.forward("cross_entropy", x, labels), np.log(3))
    gradient = bench.gradient("cross_entropy", 1.0, x, labels)
    assert_allclose(gradient, [[-1 / 3, 1 / 6, 1 / 6], [1 / 6, 1 / 6, -1 / 3]])
    x = normal((3, 3))
    expected = 5 * (bench.forward("softmax", x, axis=0) - np.eye(3)[:, [1, 1, 0]])
    assert_allclose(bench.gradient("cross_entropy", 5.0, x, np.array([1, 1, 0]), axis=0, reduction="sum"), expected)


def test_a_masked_class_costs_nothing_unless_it_is_the_label(bench):
    x = np.array([[0.0, -INF], [-INF, 0.0]])
    assert_array_equal(bench.forward("cross_entropy", x, np.array([0, 0]), reduction="none"), [0, INF])
    assert_array_equal(bench.gradient("cross_entropy", 1.0, x, np.array([0, 0]), reduction="sum"), [[0, 0], [-1, 1]])


def test_certain_predictions_do_not_overflow(bench):
    x = np.array([[1000.0, 0.0, -1000.0]])
    assert_array_equal(bench.forward("cross_entropy", x, np.array([1])), 1000)
    assert_array_equal(bench.gradient("cross_entropy", 1.0, x, np.array([1])), [[1, -1, 0]])


@pytest.mark.parametrize("label", [3, -1, -100])
def test_a_label_that_names_no_class_is_told(label):
    op = OPS["cross_entropy"]
    with pytest.raises(ComputeError, match=f"no class {label} among 3 classes: labels go from 0 to 2"):
        op.forward(np.zeros((2, 3)), np.array([0, label]), **op.read_params({}))


@pytest.mark.parametrize("dtype", ["float64", "bool"])
def test_labels_that_are_no_integers_are_told_where_probabilities_go(bench, dtype):
    with pytest.raises(ShapeError, match=f"integers, not {dtype}; softmax_cross_entropy takes probabilities"):
        bench.dtype("cross_entropy", "float64", dtype)


def test_labels_of_every_integer_dtype_work(bench):
    for dtype in ("int8", "uint8", "int64", "uint64"):
        labels = np.array([0, 2], dtype)
        assert_allclose(bench.forward("cross_entropy", np.zeros((2, 3), np.float32), labels), np.log(3), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "shapes", "params", "sentence"),
    [
        ("cross_entropy", [(2, 3), (2, 1)], {}, r"labels must have shape \(2,\), .* in \(2, 3\), not \(2, 1\)"),
        ("cross_entropy", [(2, 3), (2, 3)], {}, r"labels must have shape \(2,\)"),
        ("cross_entropy", [(2, 3, 4), (2, 3)], {"axis": 1}, r"labels must have shape \(2, 4\)"),
        ("cross_entropy", [(), ()], {}, r"no axis -1 in a tensor of shape \(\)"),
        ("cross_entropy", [(2, 0), (2,)], {}, r"there are no classes: axis -1 of \(2, 0\) is empty"),
        ("cross_entropy", [(2, 3), (2,)], {"reduction": "max"}, "one of mean, sum, none"),
        ("softmax_cross_entropy", [(2, 3), (3,)], {}, r"must have the shape \(2, 3\) .* not \(3,\)"),
        ("softmax_cross_entropy", [(2, 3), (2, 3)], {"axis": 2}, "no axis 2"),
        ("mse_loss", [(2, 3), (2,)], {}, r"cannot broadcast \(2, 3\) with \(2,\)"),
    ],
)
def test_what_cannot_be_compared_is_told(bench, name, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes, **params)


def test_soft_labels_need_not_add_up_to_one(bench):
    x, t = normal((2, 3), 1), np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    p = bench.forward("softmax", x)
    to_x, to_t = bench.gradients("softmax_cross_entropy", 1.0, x, t, reduction="sum")
    assert_allclose(to_x, p * [[3], [0]] - t)
    assert_allclose(to_t, -np.log(p))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_squared_differences_broadcast(bench, reduction):
    x, t = normal((2, 1), 1), normal((1, 3), 2)
    expected = {"none": (x - t) ** 2, "sum": np.sum((x - t) ** 2), "mean": np.mean((x - t) ** 2)}[reduction]
    assert_allclose(bench.forward("mse_loss", x, t, reduction=reduction), expected)
    slope = 2 * (x - t) / (6 if reduction == "mean" else 1)
    to_x, to_t = bench.gradients("mse_loss", 1.0, x, t, reduction=reduction)
    assert_allclose(to_x, np.sum(slope, axis=1, keepdims=True))
    assert_allclose(to_t, -np.sum(slope, axis=0, keepdims=True))


def test_the_mean_of_no_losses_is_nan_and_their_sum_zero(bench):
    nothing, labels = np.zeros((0, 3)), np.zeros(0, int)
    assert np.isnan(bench.forward("cross_entropy", nothing, labels))
    assert bench.forward("cross_entropy", nothing, labels, reduction="sum") == 0
    assert bench.forward("cross_entropy", nothing, labels, reduction="none").shape == (0,)
    assert bench.gradient("cross_entropy", 1.0, nothing, labels).shape == (0, 3)
    for name in ("mse_loss", "softmax_cross_entropy"):
        assert np.isnan(bench.forward(name, nothing, nothing))
        assert bench.forward(name, nothing, nothing, reduction="sum") == 0
        assert [gradient.shape for gradient in bench.gradients(name, 1.0, nothing, nothing)] == [(0, 3)] * 2


def test_no_classes_make_an_empty_sum(bench):
    assert_array_equal(bench.forward("softmax_cross_entropy", *np.zeros((2, 2, 0)), reduction="none"), [0, 0])


def test_one_example_has_a_label_of_rank_zero(bench):
    x = np.array([1.0, 2.0, 3.0])
    assert_allclose(bench.forward("cross_entropy", x, np.array(2)), -np.log(bench.forward("softmax", x)[2]))
    assert bench.gradient("cross_entropy", 1.0, x, np.array(2)).shape == (3,)


def test_small_integers_are_compared_without_overflow(bench):
    a, b = np.array([0, 200], np.uint8), np.array([10, 100], np.uint8)
    assert_allclose(bench.forward("mse_loss", a, b), (100 + 10000) / 2)
    assert bench.forward("mse_loss", np.array([True]), np.array([False])) == 1
    mixed = np.array([[1, 0]], np.uint8), np.array([[0, 1]], np.int8)
    assert_allclose(bench.forward("softmax_cross_entropy", *mixed), np.log(1 + np.e), rtol=1e-6)
