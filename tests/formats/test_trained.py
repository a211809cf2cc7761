"""Training in a file: what was chosen comes back, and what is no training is refused in a sentence."""

import json
import re

import numpy as np
import pytest

from gradviz.errors import FormatError
from gradviz.formats import read, write
from gradviz.graph import Document, add_leaf, set_tensor, set_training


@pytest.fixture
def document():
    made = add_leaf(Document(), "x", np.zeros((6, 2)), role="input")
    made = add_leaf(made, "t", np.zeros(6), role="constant")
    return add_leaf(made, "w", np.zeros(2))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimiser": "adamw", "settings": {"lr": 0.5}},
        {"steps": 7, "zeroes_gradients": False},
        {"data": ("x", "t"), "batch": 2, "held_out": 1, "shuffle": 3},
    ],
)
def test_training_comes_back_from_a_file(document, changes):
    made = set_training(document, **changes) if changes else document
    assert read(write(made)).training == made.training


def test_what_is_usual_is_not_written(document):
    written = json.loads(write(set_training(document, steps=7)))
    assert written["training"] == {"optimiser": "sgd", "settings": {"lr": 0.01}, "steps": 7}
    assert "training" not in json.loads(write(document))


def test_keys_that_a_newer_gradviz_may_know_survive(document):
    value = json.loads(write(set_training(document, steps=7)))
    value["training"]["schedule"] = {"kind": "cosine"}
    assert json.loads(write(read(json.dumps(value)))) == value


def test_a_document_whose_rows_disagree_may_be_saved_and_opened(document):
    made = set_tensor(set_training(document, data=("x", "t")), "t", np.zeros(5))
    assert read(write(made)).training.data == ("x", "t")


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        ([], '"training" must be an object such as {"optimiser": "sgd", "settings": {"lr": 0.1}}'),
        ({"optimiser": 3}, 'the "optimiser" of a training is a name'),
        ({"optimiser": "lbfgs"}, 'there is no optimiser "lbfgs"'),
        ({"settings": [0.1]}, 'the "settings" of a training are an object from names to numbers'),
        ({"settings": {"lr": "fast"}}, "the parameter lr must be a finite number from 0, not 'fast'"),
        ({"zeroes_gradients": 1}, '"zeroes_gradients" must be true or false'),
        ({"steps": 0}, "steps must be a whole number from 1 to 1,000,000"),
        ({"steps": [5]}, "steps must be a whole number from 1 to 1,000,000"),
        ({"data": "x"}, 'the "data" of a training is a list of names of leaves, each once'),
        ({"data": ["x", "x"]}, 'the "data" of a training is a list of names of leaves, each once'),
        ({"data": ["nowhere"]}, "the \"data\" of a training name 'nowhere', and there is no such node"),
        ({"data": [1]}, 'the "data" of a training name 1, and there is no such node'),
        ({"batch": True}, "batch must be a whole number from 1"),
    ],
)
def test_what_is_no_training_is_refused_in_a_sentence(document, training, sentence):
    value = {**json.loads(write(document)), "training": training}
    with pytest.raises(FormatError, match=f"^{re.escape(sentence)}"):
        read(json.dumps(value))
