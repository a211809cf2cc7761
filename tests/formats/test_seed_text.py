"""Seeds as a person writes them on a command line."""

import numpy as np
import pytest

from gradviz.errors import GradvizError
from gradviz.formats import read_seed
from gradviz.graph import OneHot


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3.0),
        ("[1, 2.5]", [1.0, 2.5]),
        ("[[1, 0], [0, -2]]", [[1.0, 0.0], [0.0, -2.0]]),
        ('{"dtype": "float32", "shape": [2], "recipe": "ones"}', [1.0, 1.0]),
    ],
)
def test_lists_and_tensors_are_seeds(text, expected):
    assert np.array_equal(read_seed(text).array, expected)


def test_a_selector_and_ones_are_seeds():
    assert read_seed('{"one_hot": [0, 1]}') == OneHot((0, 1))
    assert read_seed("null") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[1, [2]]",
        "[[1, 2], [3]]",
        '"a"',
        "true",
        "[null]",
        '{"one_hot": 1}',
        '{"one_hot": [-1]}',
        "{}",
        "[1e999]",
    ],
)
def test_what_is_no_seed_is_told_in_a_sentence(text):
    with pytest.raises(GradvizError):
        read_seed(text)


def test_an_object_that_is_no_seed_is_shown_what_one_looks_like():
    with pytest.raises(GradvizError, match="one_hot"):
        read_seed('{"one_hut": [0, 1]}')
