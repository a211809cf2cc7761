"""Arrays as a person types or pastes them."""

import numpy as np
import pytest

from gradviz.errors import FormatError, LimitError
from gradviz.formats import parse_array
from gradviz.graph import Limits

SQUARE = [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "text",
    [
        "1 2; 3 4",
        "1, 2; 3, 4;",
        "1,2\n3,4\n",
        "1\t2\r\n3\t4\r\n",
        "[[1, 2], [3, 4]]",
        "[[1, 2,], [3, 4],]",
        "((1, 2), (3, 4))",
        "[1 2; 3 4]",
        "[[1 2]\n [3 4]]",
        "np.array([[1, 2], [3, 4]])",
        "tensor([[1, 2],\n        [3, 4]])",
        "tf.Tensor([[1 2]\n [3 4]], shape=(2, 2), dtype=int32)",
        "array([[1, 2], [3, 4]], dtype=int64)",
        "  [[1,2] , [3,4]]  ",
    ],
)
def test_two_rows_may_be_written_in_many_ways(text):
    array = parse_array(text)
    assert array.dtype == np.int64
    assert array.tolist() == SQUARE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("-0.5", -0.5),
        ("−2", -2),
        ("1 2 3", [1, 2, 3]),
        ("1; 2; 3", [[1], [2], [3]]),
        ("1\n2", [[1], [2]]),
        ("1e3 .5 2.", [1000, 0.5, 2]),
        ("[]", []),
        ("[[], []]", [[], []]),
        ("[[[1]], [[2]]]", [[[1]], [[2]]]),
        ("inf -inf +Infinity ∞", [np.inf, -np.inf, np.inf, np.inf]),
        ("true False", [True, False]),
        ("1, 2,", [1, 2]),
    ],
)
def test_what_is_typed_has_the_shape_it_looks_like(text, expected):
    array = parse_array(text)
    assert array.shape == np.shape(expected)
    assert array.tolist() == expected


def test_nan_is_a_number_here():
    assert np.isnan(parse_array("nan 1")).tolist() == [True, False]


def test_minus_zero_stays_negative():
    assert np.signbit(parse_array("-0.0"))


@pytest.mark.parametrize(
    ("text", "dtype", "expected"),
    [
        ("1 2", "float32", [1, 2]),
        ("1.0 2e0", "int8", [1, 2]),
        ("0 1 true", "bool", [False, True, True]),
        ("18446744073709551615", "uint64", 18446744073709551615),
        ("0.1", "float16", float(np.float16(0.1))),
    ],
)
def test_numbers_take_the_dtype_that_is_asked_for(text, dtype, expected):
    array = parse_array(text, dtype)
    assert array.dtype == dtype
    assert array.tolist() == expected


@pytest.mark.parametrize(
    ("text", "dtype", "sentence"),
    [
        ("", None, "there are no numbers: write 1 2; 3 4"),
        (" \n;\n ", None, "there are no numbers"),
        ("1 2; 3", None, "row 2 has length 1 and row 1 has length 2"),
        ("[[1, 2], [3]]", None, "row 2 has length 1 and row 1 has length 2"),
        ("[1, [2]]", None, "a single number stands beside a row"),
        ("[[[1], [2]], [[3], 4]]", None, "a single number stands beside a row"),
        ("[1, 2", None, "a bracket is never closed"),
        ("[1, 2)", None, r"\) closes a bracket that was not opened"),
        ("[1]]", None, "] closes a bracket that was not opened"),
        ("1, two", None, '"two" is not a number'),
        ("1,,2", None, "there is no number before a comma"),
        (",", None, "there is no number before a comma"),
        ("[,1]", None, "there is no number before a comma"),
        ("1,5\t2,5", None, "1,5 has a decimal comma: write a point"),
        ("1\t\t2", None, "a cell is empty"),
        ("[0 1 ... 8 9]", None, "printed in short form"),
        ("0x10", None, '"0x10" is not a number'),
        ("1_000", None, '"1_000" is not a number'),
        ("1e999", None, "beyond every float"),
        ("9" * 500, None, "beyond every float"),
        ("9" * 30, None, "does not fit into int64"),
        ("1.5", "int64", "1.5 is not a whole number"),
        ("300", "int8", "300 does not fit into int8"),
        ("-1", "uint8", "-1 does not fit into uint8"),
        ("2", "bool", "2 is not true or false"),
        ("true", "float64", "true is not a number"),
        ("1 true", None, "true is not a number"),
        ("1e39", "float32", "does not fit into float32"),
        ("nan", "int64", "nan is not a whole number"),
        ("__import__('os')", None, "is not a number"),
        ("np.array(1)", None, "is not a number"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(text, dtype, sentence):
    with pytest.raises(FormatError, match=sentence):
        parse_array(text, dtype)


def test_a_huge_or_deep_text_is_refused():
    with pytest.raises(LimitError, match="nested more than 32"):
        parse_array("[" * 50_000)
    with pytest.raises(LimitError, match="at most 10 characters"):
        parse_array("1 " * 10, limits=Limits(file_bytes=10))
    assert parse_array("[" * 32 + "1" + "]" * 32).ndim == 32


def test_many_numbers_are_read():
    assert parse_array("\n".join(["1 2.5 3"] * 20_000)).shape == (20_000, 3)
