"""Recurrent cells against the formulas of the textbook, one number after the other, and their odd cases."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ShapeError

GATES = {"rnn_cell": 1, "gru_cell": 3, "lstm_cell_state": 4, "lstm_cell_hidden": 4}
LSTM = ("lstm_cell_state", "lstm_cell_hidden")


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def cell(name, batch=(2,), size=3, hidden=2):
    """Return the inputs of a cell, both biases included."""
    states = [normal(*batch, hidden, seed=seed) for seed in (1, 2)[: 2 if name in LSTM else 1]]
    columns = GATES[name] * hidden
    weights = normal(size, columns, seed=3), normal(hidden, columns, seed=4)
    return normal(*batch, size), *states, *weights, normal(columns, seed=5), normal(columns, seed=6)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_the_plain_cell_bends_one_sum(bench):
    x, h, weights_x, weights_h, b_x, b_h = inputs = cell("rnn_cell")
    total = x @ weights_x + h @ weights_h + b_x + b_h
    assert_allclose(bench.forward("rnn_cell", *inputs), np.tanh(total))
    assert_allclose(bench.forward("rnn_cell", *inputs, activation="relu"), np.maximum(total, 0))


def test_an_lstm_forgets_takes_in_and_lets_out(bench):
    x, h, c, weights_x, weights_h, b_x, b_h = inputs = cell("lstm_cell_state")
    i, f, z, o = np.split(x @ weights_x + h @ weights_h + b_x + b_h, 4, axis=1)
    memory = sigmoid(f) * c + sigmoid(i) * np.tanh(z)
    assert_allclose(bench.forward("lstm_cell_state", *inputs), memory)
    assert_allclose(bench.forward("lstm_cell_hidden", *inputs), sigmoid(o) * np.tanh(memory))


def test_a_gated_unit_lies_between_the_old_state_and_the_new_content(bench):
    x, h, weights_x, weights_h, b_x, b_h = inputs = cell("gru_cell")
    (x_r, x_z, x_n), (h_r, h_z, h_n) = (
        np.split(part, 3, axis=1) for part in (x @ weights_x + b_x, h @ weights_h + b_h)
    )
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    assert_allclose(bench.forward("gru_cell", *inputs), (1 - z) * n + z * h)


@pytest.mark.parametrize("name", GATES)
def test_one_sample_is_a_batch_of_one(bench, name):
    batch = cell(name, (1,))
    states = 3 if name in LSTM else 2
    alone = *(x[0] for x in batch[:states]), *batch[states:]
    assert_allclose(bench.forward(name, *alone), bench.forward(name, *batch)[0])
    found, expected = bench.gradients(name, 1.0, *alone), bench.gradients(name, 1.0, *batch)
    for one, other in zip(found, expected, strict=True):
        assert_allclose(one, other.reshape(one.shape), atol=1e-15)


@pytest.mark.parametrize("name", GATES)
def test_biases_may_be_left_out(bench, name):
    *inputs, b_x, b_h = cell(name)
    with_zeros = bench.forward(name, *inputs, 0 * b_x, 0 * b_h)
    assert_array_equal(bench.forward(name, *inputs), with_zeros)
    assert_array_equal(bench.forward(name, *inputs, 0 * b_x), with_zeros)


@pytest.mark.parametrize("name", GATES)
def test_gates_that_are_open_or_shut_for_good_do_not_overflow(bench, name):
    inputs = cell(name)
    for factor in (1e4, -1e4):
        large = [factor * x for x in inputs]
        assert np.isfinite(bench.forward(name, *large)).all()
        assert all(np.isfinite(gradient).all() for gradient in bench.gradients(name, 1.0, *large))
    shut = *inputs[:-2], np.full_like(inputs[-2], 1e4), inputs[-1]
    assert np.isfinite(bench.forward(name, *shut)).all()
    assert all(np.isfinite(gradient).all() for gradient in bench.gradients(name, 1.0, *shut))


@pytest.mark.parametrize("name", GATES)
def test_an_empty_batch_and_an_empty_state_work(bench, name):
    assert bench.forward(name, *cell(name, (0,))).shape == (0, 2)
    gradients = bench.gradients(name, 1.0, *cell(name, (0,)))
    assert_array_equal(gradients[-4], np.zeros((3, 2 * GATES[name])))
    assert bench.forward(name, *cell(name, (2,), 3, 0)).shape == (2, 0)


@pytest.mark.parametrize("name", GATES)
def test_float32_stays_and_integers_become_floats(bench, name):
    small = [x.astype(np.float32) for x in cell(name)]
    assert bench.forward(name, *small).dtype == np.float32
    assert all(gradient.dtype == np.float32 for gradient in bench.gradients(name, 1.0, *small))
    whole = [x.astype(np.int64) for x in cell(name)]
    assert bench.forward(name, *whole).dtype == np.float64


@pytest.mark.parametrize(
    ("name", "shapes", "sentence"),
    [
        ("rnn_cell", ((2, 3), (3, 2), (3, 2), (2, 2)), r"x and h are \(batch, size\) of one batch, .*not \(2, 3\) and"),
        ("rnn_cell", ((3,), (1, 2), (3, 2), (2, 2)), "of one batch"),
        ("rnn_cell", ((2, 2, 3), (2, 2, 2), (3, 2), (2, 2)), "of one batch"),
        ("rnn_cell", ((), (), (3, 2), (2, 2)), "of one batch"),
        (
            "rnn_cell",
            ((2, 3), (2, 2), (2, 3), (2, 2)),
            r"W_x must be \(3, 2\): 3 rows, and 1 × 2 columns, not \(2, 3\)",
        ),
        (
            "gru_cell",
            ((2, 3), (2, 2), (3, 2), (2, 6)),
            r"W_x must be \(3, 6\): 3 rows, and 3 × 2 columns, not \(3, 2\)",
        ),
        ("gru_cell", ((2, 3), (2, 2), (3, 6), (6, 2)), r"W_h must be \(2, 6\)"),
        ("gru_cell", ((2, 3), (2, 2), (3, 6), (2, 6), (2,)), r"b_x must be \(6,\), not \(2,\)"),
        ("lstm_cell_state", ((2, 3), (2, 2), (2, 2), (3, 8), (2, 8), (8,), (4,)), r"b_h must be \(8,\), not \(4,\)"),
        (
            "lstm_cell_hidden",
            ((2, 3), (2, 2), (2, 3), (3, 8), (2, 8)),
            r"c must have the shape of h, \(2, 2\), not \(2, 3",
        ),
    ],
)
def test_what_does_not_fit_is_told(bench, name, shapes, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape(name, *shapes)
