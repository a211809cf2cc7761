"""Cautions come where something is hardly meant, say why, and keep quiet where all is well."""

import numpy as np
import pytest

from gradviz.engine import cautions_of, run
from gradviz.formats import examples, load_example, parse


def told(document):
    return {caution.kind: caution.sentence for caution in cautions_of(run(document))}


def test_a_column_that_meets_a_row_is_told_with_the_loss_that_should_have_been_zero():
    p, t = np.array([[1.0], [2.0], [3.0]]), np.array([1, 2, 3])
    made = parse("loss = mean((p - t)**2)", p=p, t=t)
    assert run(made).values["loss"] == pytest.approx(4 / 3)
    np.testing.assert_allclose(run(made).gradients["p"], [[-2 / 3], [0], [2 / 3]])
    assert told(made)["stretched"] == (
        "sub1 puts (3, 1) and (3,) together and has every pair of rows, 3 × 3: reshape one to the shape of the other "
        "if each row has its own partner"
    )
    assert "stretched" in told(parse("loss = mse_loss(t, p)", p=p, t=t.astype(float)))
    right = parse("loss = mean((p - t)**2)", p=p, t=t.reshape(3, 1))
    assert run(right).values["loss"] == 0
    assert told(right) == {}


def test_one_row_and_true_outer_differences_are_left_alone():
    assert told(parse("y = sum(a + b)", a=np.ones((1, 1)), b=np.ones(1))) == {}
    assert told(parse("y = sum(a + b)", a=np.ones((3, 1)), b=np.ones(4))) == {}


@pytest.mark.parametrize(
    ("text", "arrays"),
    [
        ("loss = softmax_cross_entropy(softmax(z), t)", {"t": np.array([[0.0, 1.0, 0.0]])}),
        ("loss = cross_entropy(identity(log_softmax(z)), t)", {"t": np.array([1])}),
        ("loss = binary_cross_entropy_with_logits(sigmoid(z), t)", {"t": np.array([[0.0, 1.0, 0.0]])}),
    ],
)
def test_a_softmax_before_a_loss_that_has_it_is_told(text, arrays):
    made = parse(text, z=np.array([[8.0, 0.0, 0.0]]), **arrays)
    assert "is one already" in told(made)["twice"]


def test_logits_are_left_alone():
    assert told(parse("loss = softmax_cross_entropy(z, t)", z=np.zeros((1, 3)), t=np.array([[0.0, 1.0, 0.0]]))) == {}


def test_units_that_are_dead_for_every_row_are_counted():
    x = np.array([[-1.0, 2.0, -3.0], [-1.0, -2.0, -3.0]])
    assert told(parse("y = sum(relu(x))", x=x))["dead"] == (
        "2 of 3 units of relu1 are 0 for every row: no gradient flows back through them"
    )
    assert "every number of relu1 is 0" in told(parse("y = sum(relu(x))", x=-np.abs(x)))["dead"]
    assert "dead" not in told(parse("y = sum(relu(x))", x=np.array([-1.0, 2.0])))


def test_a_flat_sigmoid_is_told_and_a_steep_one_is_not():
    assert "100 % of its slopes are below 0.001" in told(parse("y = sum(sigmoid(x))", x=np.full(4, 9.0)))["flat"]
    assert "flat" not in told(parse("y = sum(tanh(x))", x=np.array([0.1, 9.0])))


def test_the_place_where_nan_first_appears_is_told():
    assert told(parse("y = exp(log(x))", x=np.array(-1.0)))["not finite"] == (
        "NaN first appears in the value of log1, at moment 1"
    )
    made = parse("y = sqrt(x) * 0.0", x=np.array(0.0))
    assert told(made)["not finite"] == "NaN first appears in what sqrt1 sends back to x, at moment 8"
    assert "not finite" not in told(parse("y = exp(x)", x=np.array(np.nan)))


def test_gradients_that_explode_or_vanish_are_told():
    assert "has exploded" in told(parse("y = x * 1e9", x=np.array(2.0)))["exploding"]
    assert told(parse("y = a * 1e-9 + b", a=np.array(1.0), b=np.array(1.0)))["vanishing"] == (
        "the gradient of a has all but vanished: its largest number is 1e−9, that of b 1"
    )


@pytest.mark.parametrize("name", [entry.name for entry in examples()])
def test_the_examples_need_no_caution(name):
    assert told(load_example(name)) == {}
