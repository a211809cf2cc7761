"""Generated examples: the same number gives the same rows, and the rows are what the name says."""

import numpy as np
import pytest

from gradviz.errors import FormatError
from gradviz.formats import DATASETS, add_dataset, make_examples, read, write
from gradviz.graph import Document, add_leaf


@pytest.mark.parametrize("name", DATASETS)
def test_the_same_number_draws_the_same_rows_and_another_one_others(name):
    first, again, other = (make_examples(name, 50, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.t, again.t)
    assert not np.array_equal(first.x, other.x)
    assert first.t.shape == (50, 1)
    assert len(first.x) == 50


def test_without_noise_the_rows_are_what_the_name_says():
    line = make_examples("line", 40, noise=0)
    np.testing.assert_allclose(line.t, 2 * line.x + 0.5)
    xor = make_examples("xor", 40, noise=0)
    np.testing.assert_array_equal(xor.t[:, 0], xor.x[:, 0] * xor.x[:, 1] < 0)
    moons = make_examples("moons", 40, noise=0)
    centre = np.where(moons.t == 0, 0.0, np.array([1.0, 0.5]))
    np.testing.assert_allclose(np.hypot(*(moons.x - centre).T), 1)
    spiral = make_examples("spiral", 40, noise=0)
    radius = np.hypot(*spiral.x.T)
    angle = 1.5 * np.pi * radius + np.pi * spiral.t[:, 0]
    np.testing.assert_allclose(spiral.x, radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1))


@pytest.mark.parametrize("name", ["xor", "moons", "spiral"])
def test_both_kinds_stand_among_the_first_rows_and_among_the_last(name):
    labels = make_examples(name, 100).t
    assert {0.0, 1.0} == set(labels[:80].ravel()) == set(labels[80:].ravel())


def test_a_set_comes_as_two_leaves_that_training_draws_from_and_survives_a_file():
    document = add_leaf(Document(), "x", 1.0)
    made, (x, t) = add_dataset(document, "moons", (0, 0), rows=50)
    assert x != "x"
    assert made.nodes[x].role == "input"
    assert made.nodes[t].role == "constant"
    assert made.training.data == (x, t)
    assert made.training.held_out == 10
    again = read(write(made))
    np.testing.assert_array_equal(again.nodes[x].value, made.nodes[x].value)
    assert again.training == made.training


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("iris",), "there is no set 'iris'; there are line, xor, moons, spiral"),
        (("line", 1), "a set has 2 to 100,000 rows, not 1"),
        (("line", 10, float("nan")), "noise is a number from 0, not nan"),
        (("line", 10, 0.1, -1), "the seed is a whole number from 0, not -1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, sentence):
    with pytest.raises(FormatError, match=f"^{sentence}$"):
        make_examples(*arguments)
