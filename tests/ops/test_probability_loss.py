"""Losses of probabilities and signs: certainty, saturation, 0 ln 0, hard and soft targets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError
from gradviz.ops import OPS, forward_formula, unicode, vjp_formula

NAN, INF = np.nan, np.inf
FLOAT = np.dtype("float64")
LOSSES = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div", "hinge_loss", "l1_loss", "huber_loss"]

logits = arrays.arrays(np.float64, arrays.array_shapes(max_dims=3, max_side=3), elements=st.floats(-30, 30))


@given(logits, st.sampled_from(["mean", "sum", "none"]), st.sampled_from([0.0, 0.3, 1.0]))
def test_probabilities_and_their_logits_cost_the_same(bench, x, reduction, target):
    t = np.full(x.shape, target)
    p = bench.forward("sigmoid", x)
    y = bench.forward("binary_cross_entropy_with_logits", x, t, reduction=reduction)
    assert_allclose(bench.forward("binary_cross_entropy", p, t, reduction=reduction), y, rtol=1e-2, atol=1e-9)
    to_x, to_t = bench.gradients("binary_cross_entropy_with_logits", 1.0, x, t, reduction=reduction)
    count = x.size if reduction == "mean" else 1
    assert_allclose(to_x, (p - t) / count, atol=1e-15)
    assert_allclose(to_t, -x / count)


def test_logits_neither_overflow_nor_lose_the_last_bit_of_the_loss(bench):
    x, t = np.array([-800.0, 800.0, 800.0, 40.0]), np.array([0.0, 1.0, 0.0, 1.0])
    y = bench.forward("binary_cross_entropy_with_logits", x, t, reduction="none")
    assert_allclose(y, [0, 0, 800, np.exp(-40)], rtol=1e-12)
    gradient = bench.gradient("binary_cross_entropy_with_logits", 1.0, x, t, reduction="sum")
    assert_allclose(gradient, [0, 0, 1, -np.exp(-40)], atol=1e-16)


def test_who_is_certain_and_right_pays_nothing_and_who_is_wrong_pays_everything(bench):
    x, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    assert_array_equal(bench.forward("binary_cross_entropy", x, t, reduction="none"), [0, 0, INF, INF])
    to_x, to_t = bench.gradients("binary_cross_entropy", 1.0, x, t, reduction="none")
    assert_array_equal(to_x, [1, -1, -INF, INF])  # the slopes of -ln(1 - x) and -ln(x): PyTorch clamps, and says 0
    assert_array_equal(to_t, [INF, -INF, INF, -INF])


def test_what_is_no_probability_is_nan_and_not_an_error(bench):
    y = bench.forward("binary_cross_entropy", np.array([1.5, -0.5, NAN]), np.full(3, 0.5), reduction="none")
    assert np.all(np.isnan(y))


def test_hard_targets_may_be_booleans_or_integers(bench):
    x = np.array([0.25, 0.75])
    for dtype in (bool, np.int8, np.uint8, np.int64):
        t = np.array([0, 1], dtype)
        assert_allclose(bench.forward("binary_cross_entropy", x, t), -np.log(0.75))
        assert_allclose(bench.gradient("binary_cross_entropy", 1.0, x, t), [2 / 3, -2 / 3])
        assert_allclose(bench.gradient("binary_cross_entropy_with_logits", 1.0, np.zeros(2), t), [0.25, -0.25])
    small = bench.forward("binary_cross_entropy", x.astype(np.float32), np.array([False, True]))
    assert small.dtype == np.float32


def test_a_distribution_is_at_no_distance_from_itself(bench):
    t = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    assert_allclose(bench.forward("kl_div", np.log(t), t, reduction="none"), 0, atol=1e-16)
    assert_array_equal(bench.gradient("kl_div", 1.0, np.log(t), t, reduction="sum"), -t)


def test_what_has_no_probability_costs_nothing_even_where_its_logarithm_is_infinite(bench):
    x, t = np.array([-INF, -1.0, -INF]), np.array([0.0, 0.0, 1.0])
    assert_array_equal(bench.forward("kl_div", x, t, reduction="none"), [0, 0, INF])
    to_x, to_t = bench.gradients("kl_div", 1.0, x, t, reduction="none")
    assert_array_equal(to_x, [0, 0, -1])
    assert_array_equal(to_t, [NAN, -INF, INF])


def test_a_margin_that_is_kept_costs_nothing_and_has_no_slope(bench):
    x, t = np.array([2.0, 1.0, 0.5, -1.0]), np.array([1, 1, 1, 1])
    assert_array_equal(bench.forward("hinge_loss", x, t, reduction="none"), [0, 0, 0.5, 2])
    assert_array_equal(bench.gradient("hinge_loss", 1.0, x, t, reduction="sum"), [0, 0, -1, -1])
    assert_array_equal(bench.gradient("hinge_loss", 1.0, -x, -t, reduction="sum"), [0, 0, 1, 1])


def test_an_infinite_gradient_does_not_leak_past_a_margin_that_is_kept(bench):
    to_x, to_t = bench.gradients("hinge_loss", INF, [2.0], [1.0], reduction="none")
    assert (to_x, to_t) == ([0], [0])


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_distances_have_a_slope_of_one_and_none_where_they_end(bench, reduction):
    x, t = np.array([3.0, 2.0, -1.0]), np.array([1.0, 2.0, 1.0])
    expected = {"none": [2, 0, 2], "sum": 4, "mean": 4 / 3}[reduction]
    assert_allclose(bench.forward("l1_loss", x, t, reduction=reduction), expected)
    count = 3 if reduction == "mean" else 1
    to_x, to_t = bench.gradients("l1_loss", 1.0, x, t, reduction=reduction)
    assert_allclose(to_x, np.array([1, 0, -1]) / count)
    assert_allclose(to_t, np.array([-1, 0, 1]) / count)


def test_large_differences_are_squared_up_to_delta_and_no_further(bench):
    x, t = np.array([0.5, 2.0, -2.0, 10.0, INF, NAN, 1e200]), np.zeros(7)
    y = bench.forward("huber_loss", x, t, delta=2, reduction="none")
    assert_array_equal(y, [0.125, 2, 2, 18, INF, NAN, 2e200])
    gradient = bench.gradient("huber_loss", 1.0, x, t, delta=2, reduction="none")
    assert_array_equal(gradient, [0.5, 2, -2, 2, 2, NAN, 2])


@pytest.mark.parametrize("delta", [0, -1.0])
def test_a_delta_that_leaves_no_room_is_told(bench, delta):
    with pytest.raises(ShapeError, match=f"delta must be above 0, not {delta}"):
        bench.shape("huber_loss", (2,), (2,), delta=delta)


def test_minus_the_log_probability_of_the_label(bench):
    x, labels = np.log([[0.2, 0.8], [0.5, 0.5]]), np.array([1, 0])
    assert_allclose(bench.forward("nll_loss", x, labels, reduction="none"), -np.log([0.8, 0.5]))
    assert_array_equal(bench.gradient("nll_loss", 1.0, x, labels), [[0, -0.5], [-0.5, 0]])
    logits = np.random.default_rng(1).normal(size=(2, 2))
    after = bench.forward("nll_loss", bench.forward("log_softmax", logits), labels)
    assert_allclose(after, bench.forward("cross_entropy", logits, labels))


def test_classes_that_are_impossible_do_not_touch_the_others(bench):
    x = np.array([[0.0, -INF], [-INF, 0.0]])
    assert_array_equal(bench.forward("nll_loss", x, [0, 0], reduction="none"), [0, INF])
    gradient = bench.gradient("nll_loss", [INF, 1.0], x, [0, 0], reduction="none")
    assert_array_equal(gradient, [[-INF, 0], [-1, 0]])


def test_labels_of_log_probabilities_are_held_to_the_rules_of_labels(bench):
    with pytest.raises(ShapeError, match=r"labels must have shape \(2,\)"):
        bench.shape("nll_loss", (2, 3), (3,))
    with pytest.raises(ShapeError, match="there are no classes"):
        bench.shape("nll_loss", (2, 0), (2,))
    with pytest.raises(ShapeError, match="integers, not float64"):
        bench.dtype("nll_loss", "float64", "float64")


@pytest.mark.parametrize("name", LOSSES)
def test_the_mean_of_no_losses_is_nan_their_sum_zero_and_their_gradients_empty(bench, name):
    nothing = np.zeros((0, 3))
    assert np.isnan(bench.forward(name, nothing, nothing))
    assert bench.forward(name, nothing, nothing, reduction="sum") == 0
    assert bench.forward(name, nothing, np.zeros(3), reduction="none").shape == (0, 3)
    to_x, to_t = bench.gradients(name, 1.0, nothing, np.full(3, 0.5))
    assert to_x.shape == (0, 3)
    assert_array_equal(to_t, np.zeros(3))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_a_target_for_every_row_gets_the_sum_of_the_gradients_of_its_rows(bench, name, reduction):
    generator = np.random.default_rng(3)
    x, t = generator.uniform(0.1, 0.9, (4, 3)), generator.uniform(0.1, 0.9, 3)
    to_x, to_t = bench.gradients(name, 1.0, x, t, reduction=reduction)
    whole_x, whole_t = bench.gradients(name, 1.0, x, np.tile(t, (4, 1)), reduction=reduction)
    assert_allclose(to_x, whole_x)
    assert_allclose(to_t, np.sum(whole_t, axis=0))


@pytest.mark.parametrize("name", LOSSES)
def test_shapes_that_do_not_broadcast_are_told(bench, name):
    with pytest.raises(ShapeError, match=r"cannot broadcast \(2, 3\) with \(2,\)"):
        bench.shape(name, (2, 3), (2,))


@pytest.mark.parametrize(
    ("name", "forward", "backward"),
    [
        ("l1_loss", "|x − t|", ["g × sgn(x − t)", "−g × sgn(x − t)"]),
        ("mse_loss", "(x − t)²", ["g × 2 × (x − t)", "−g × 2 × (x − t)"]),
        ("binary_cross_entropy_with_logits", "max(x, 0) − x × t + ln(1 + exp(−|x|))", ["g × (σ(x) − t)", "−g × x"]),
        ("kl_div", "t × (ln(t) − x) × [t ≠ 0]", ["−g × t", "g × (ln(t) + 1 − x)"]),
        ("hinge_loss", "max(1 − t × x, 0)", ["−g × t × [t × x < 1]", "−g × x × [t × x < 1]"]),
    ],
)
def test_single_losses_look_as_people_know_them(name, forward, backward):
    op, sizes, dtypes = OPS[name], [(2,), (2,)], [FLOAT, FLOAT]
    params = op.read_params({"reduction": "none"})
    assert unicode(forward_formula(op, sizes, dtypes, params)) == forward
    assert [unicode(vjp_formula(op, port, sizes, dtypes, params)) for port in op.inputs] == backward
    mean = unicode(vjp_formula(op, "x", sizes, dtypes, op.read_params({})))
    assert mean == f"{backward[0]} / 2"
