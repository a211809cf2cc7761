"""How a document is trained: chosen, refused in sentences, and kept in step with its leaves."""

import re

import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    add_leaf,
    remove,
    rename,
    set_tensor,
    set_training,
    training_of,
)
from gradviz.ops import OPTIMISERS


@pytest.fixture
def document():
    made = add_leaf(Document(), "x", np.zeros((6, 2)), role="input")
    made = add_leaf(made, "t", np.zeros(6), role="constant")
    made = add_leaf(made, "w", np.zeros(2))
    return add_leaf(made, "rate", 1.0, role="constant")


def test_a_document_that_does_not_say_is_trained_by_plain_descent_on_all_rows(document):
    assert document.training is None
    assert training_of(document).optimiser == "sgd"
    assert training_of(document).settings == {"lr": 0.01}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_can_be_chosen_and_brings_its_settings(document, name):
    training = set_training(document, optimiser=name).training
    assert set(training.settings) == set(OPTIMISERS[name].settings)


def test_settings_of_the_same_name_stay_when_the_optimiser_changes(document):
    made = set_training(set_training(document, settings={"lr": 0.5}), optimiser="adam")
    assert made.training.settings["lr"] == 0.5
    assert made.training.settings["beta1"] == 0.9


def test_choosing_what_holds_already_changes_nothing(document):
    made = set_training(document, steps=5)
    assert set_training(made, steps=5) is made


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"optimiser": "lbfgs"},
            'there is no optimiser "lbfgs"; there are sgd, momentum, nesterov, rmsprop, adam, adamw',
        ),
        ({"settings": {"lr": -1}}, "the parameter lr must be a finite number from 0, not -1"),
        ({"settings": {"beta1": 0.9}}, "sgd has no setting beta1; it has lr"),
        ({"steps": 0}, 'steps must be a whole number from 1 to 1,000,000, not "0"'),
        ({"steps": 1e3}, 'steps must be a whole number from 1 to 1,000,000, not "1000.0"'),
        ({"data": ("nowhere",)}, 'there is no node named "nowhere"'),
        ({"data": ("w",)}, '"w" is a variable: examples are in inputs and constants'),
        ({"data": ("rate",)}, '"rate" is a single number: examples are the rows of a tensor'),
        ({"batch": 2}, "batches and held-out rows need leaves that hold examples: name them first"),
        ({"data": ("x", "t"), "held_out": 6}, "6 of 6 rows cannot be held out: nothing would be left to train on"),
        (
            {"data": ("x", "t"), "held_out": 2, "batch": 5},
            "a batch of 5 rows is more than the 4 rows that there are to train on",
        ),
        ({"data": ("x",), "shuffle": -1}, 'shuffle must be a whole number from 0, not "-1"'),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(document, changes, sentence):
    with pytest.raises(EditRefusedError, match=f"^{re.escape(sentence)}$"):
        set_training(document, **changes)


def test_leaves_with_other_rows_are_refused(document):
    made = set_tensor(document, "t", np.zeros(5))
    with pytest.raises(EditRefusedError, match='"x" has 6 rows and "t" has 5: an example is a row of each'):
        set_training(made, data=("x", "t"))


def test_data_follow_a_renamed_leaf_and_forget_a_removed_one(document):
    made = set_training(document, data=("x", "t"), batch=2, held_out=1)
    renamed = rename(made, "x", "points")
    assert renamed.training.data == ("points", "t")
    assert remove(made, ["x"]).training.data == ("t",)
    alone = remove(made, ["x", "t"]).training
    assert (alone.data, alone.batch, alone.held_out) == ((), None, 0)
