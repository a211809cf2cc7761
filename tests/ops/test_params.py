"""Params are read strictly, kept in one canonical form and written as JSON."""

import json
import math

import numpy as np
import pytest

from gradviz.errors import ShapeError
from gradviz.ops import REQUIRED, Param, as_key


def frozen(values, dtype=np.int64):
    array = np.array(values, dtype)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("param", "given", "canonical", "written"),
    [
        (Param(kind="integer"), 3, 3, 3),
        (Param(kind="integer"), np.int64(3), 3, 3),
        (Param(kind="integer", minimum=1), 1, 1, 1),
        (Param(kind="number"), 0.5, 0.5, 0.5),
        (Param(kind="number"), np.float32(0.5), 0.5, 0.5),
        (Param(kind="number"), 2, 2, 2),
        (Param(kind="number", optional=True), None, None, None),
        (Param(kind="flag"), True, True, True),
        (Param(kind="flag"), np.False_, False, False),
        (Param(kind="axis"), -1, -1, -1),
        (Param(kind="axes", optional=True), None, None, None),
        (Param(kind="axes"), 1, 1, 1),
        (Param(kind="axes"), [0, -1], (0, -1), [0, -1]),
        (Param(kind="axes"), (), (), []),
        (Param(kind="permutation"), [1, 0], (1, 0), [1, 0]),
        (Param(kind="shape"), [2, -1], (2, -1), [2, -1]),
        (Param(kind="shape"), 6, (6,), [6]),
        (Param(kind="shape"), [], (), []),
        (Param(kind="sizes"), 2, 2, 2),
        (Param(kind="sizes"), [1, 0], (1, 0), [1, 0]),
        (Param(kind="integers"), -2, -2, -2),
        (Param(kind="integers"), [3], (3,), [3]),
        (Param(kind="integers", minimum=0), [], (), []),
        (Param(kind="widths"), 2, 2, 2),
        (Param(kind="widths"), [1, 2], ((1, 2),), [[1, 2]]),
        (Param(kind="widths"), [[1, 2], (0, 3)], ((1, 2), (0, 3)), [[1, 2], [0, 3]]),
        (Param(kind="widths"), [], (), []),
        (Param(kind="pairing"), 2, 2, 2),
        (Param(kind="pairing"), [[0, -1], (1, 0)], ((0, -1), (1, 0)), [[0, -1], [1, 0]]),
        (Param(kind="pairing"), [1, 0], ((1,), (0,)), [[1], [0]]),
        (Param(kind="pairing"), [[], []], ((), ()), [[], []]),
        (Param(kind="number", infinite=True), "inf", math.inf, "inf"),
        (Param(kind="number", infinite=True), -math.inf, -math.inf, "-inf"),
        (Param(kind="number", infinite=True), np.float32(math.inf), math.inf, "inf"),
        (Param(kind="number", infinite=True), 2, 2, 2),
        (Param(kind="dtype"), "float32", "float32", "float32"),
        (Param(kind="equation"), "ij, jk -> ik", "ij,jk->ik", "ij,jk->ik"),
        (Param(kind="equation"), "...i->...", "...i->...", "...i->..."),
        (Param(kind="choice", choices=("mean", "sum")), "sum", "sum", "sum"),
    ],
)
def test_a_param_is_read_into_one_form_and_written_as_json(param, given, canonical, written):
    value = param.read("p", given)
    assert (value, type(value)) == (canonical, type(canonical))
    assert param.write(value) == written
    assert json.loads(json.dumps(param.write(value))) == written
    assert param.read("p", param.write(value)) == canonical
    assert param.read("p", value) == canonical


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", 1.0, "an integer"),
        ("integer", True, "an integer"),
        ("integer", 2**70, "an integer"),
        ("integer", None, "an integer"),
        ("number", math.nan, "a finite number"),
        ("number", math.inf, "a finite number"),
        ("number", "1", "a finite number"),
        ("number", True, "a finite number"),
        ("number", 10**400, "a finite number"),
        ("flag", 1, "true or false"),
        ("flag", "true", "true or false"),
        ("axis", [0], "the number of an axis"),
        ("axes", "0", "the number of an axis, or a list of axes"),
        ("axes", [0, 0.5], "the number of an axis, or a list of axes"),
        ("axes", [True], "the number of an axis, or a list of axes"),
        ("permutation", 0, "a list of axes"),
        ("shape", [-1, -1], "a list of sizes from 0, of which one may be -1"),
        ("shape", [-2], "a list of sizes from 0"),
        ("shape", [1] * 65, "a list of sizes from 0"),
        ("shape", {"a": 1}, "a list of sizes from 0"),
        ("sizes", [1, 2, 3], "an integer or a pair of integers"),
        ("sizes", -1, "an integer or a pair of integers"),
        ("integers", 0.5, "an integer or a list of integers"),
        ("integers", [1, True], "an integer or a list of integers"),
        ("widths", -1, "an integer from 0, or a list of pairs"),
        ("widths", [1, 2, 3], "an integer from 0, or a list of pairs"),
        ("widths", [[1, 2], [1, -2]], "an integer from 0, or a list of pairs"),
        ("widths", [[1, 2], 3], "an integer from 0, or a list of pairs"),
        ("widths", "1", "an integer from 0, or a list of pairs"),
        ("pairing", -1, "an integer from 0, or two lists of axes"),
        ("pairing", [1], "an integer from 0, or two lists of axes of one length"),
        ("pairing", [[0], [1, 2]], "an integer from 0, or two lists of axes of one length"),
        ("pairing", [[0, 1.5], [1, 2]], "an integer from 0, or two lists of axes"),
        ("pairing", "01", "an integer from 0, or two lists of axes"),
        ("dtype", "complex64", "one of bool, int8"),
        ("dtype", np.zeros(2), "one of bool, int8"),
        ("choice", np.zeros(2), "one of mean, sum"),
        ("dtype", ["float32"], "one of bool, int8"),
        ("equation", "ij;jk", "an equation such as ij,jk->ik"),
        ("equation", 3, "an equation such as ij,jk->ik"),
        ("equation", "i" * 1001, "an equation of at most 1,000 characters"),
        ("choice", "max", "one of mean, sum"),
        ("choice", ["mean"], "one of mean, sum"),
        ("index", "0", "a list of index items"),
        ("index", {"int": 0}, "a list of index items"),
    ],
)
def test_what_a_param_may_not_be_is_refused_with_what_is_expected(kind, value, expected):
    param = Param(kind=kind, choices=("mean", "sum"))
    with pytest.raises(ShapeError) as caught:
        param.read("p", value)
    assert str(caught.value).startswith(f"the parameter p must be {expected}")


def test_a_smallest_value_is_told():
    with pytest.raises(ShapeError, match="must be an integer from 1, not 0"):
        Param(kind="integer", minimum=1).read("depth", 0)
    with pytest.raises(ShapeError, match="a pair of integers from 1, not 0"):
        Param(kind="sizes", minimum=1).read("stride", 0)
    with pytest.raises(ShapeError, match=r"must be a finite number from 0, not -0\.5"):
        Param(kind="number", minimum=0).read("eps", -0.5)


def test_a_long_value_is_told_in_short():
    with pytest.raises(ShapeError) as caught:
        Param(kind="integer").read("p", list(range(1000)))
    assert len(str(caught.value)) < 120
    assert str(caught.value).endswith("…")


INDEX = Param(kind="index")
ITEMS = [
    ({"int": -1}, -1),
    ({"slice": [1, None, -2]}, slice(1, None, -2)),
    ({"slice": [None, None, None]}, slice(None)),
    ("ellipsis", ...),
    ("newaxis", None),
]


@pytest.mark.parametrize(("item", "canonical"), ITEMS)
def test_an_index_item_is_read_and_written_back(item, canonical):
    (value,) = INDEX.read("index", [item])
    assert value == canonical
    assert INDEX.write((value,)) == [item]
    assert INDEX.read("index", (canonical,)) == (canonical,)


@pytest.mark.parametrize(
    ("item", "dtype"),
    [({"array": [[0, 2], [1, 1]]}, np.int64), ({"mask": [True, False]}, np.bool), ({"array": []}, np.int64)],
)
def test_an_array_in_an_index_becomes_a_read_only_array_and_is_written_back(item, dtype):
    (value,) = INDEX.read("index", [item])
    assert value.dtype == dtype
    assert not value.flags.writeable
    assert INDEX.write((value,)) == [item]
    assert INDEX.read("index", (value,))[0] is value


def test_a_numpy_integer_in_an_index_becomes_a_python_integer():
    value = INDEX.read("index", (np.int64(2), slice(np.int8(1), None), {"slice": [None, np.int8(3), None]}))
    assert json.dumps(INDEX.write(value)) == '[{"int": 2}, {"slice": [1, null, null]}, {"slice": [null, 3, null]}]'


def test_an_empty_index_is_an_index():
    assert INDEX.read("index", []) == ()
    assert INDEX.write(()) == []


@pytest.mark.parametrize(
    "item",
    [
        "colon",
        1.5,
        True,
        {"int": 1.5},
        {"int": True},
        {"int": 0, "slice": [0, 1, 1]},
        {"slice": [0, 1]},
        {"slice": [0, "1", None]},
        {"array": [0.5]},
        {"array": [[0], [0, 1]]},
        {"array": [True]},
        {"array": "text"},
        {"array": [2**70]},
        {"mask": [0, 1]},
        {"mask": [["a"]]},
        {},
        [],
        np.zeros(2),
        np.zeros(2, np.uint64),
        slice(0.5),
    ],
    ids=repr,
)
def test_a_wrong_index_item_is_refused(item):
    with pytest.raises(ShapeError, match="the parameter index must be"):
        INDEX.read("index", [item])


@pytest.mark.parametrize("item", [{"slice": [0, 1, 0]}, slice(None, None, 0)])
def test_a_slice_that_does_not_move_is_told(item):
    with pytest.raises(ShapeError, match="the parameter index has a slice with steps of 0: leave the step out"):
        INDEX.read("index", [item])


def test_an_array_that_its_owner_may_write_to_is_copied():
    numbers = np.array([0, 1], np.int16)
    mask = np.array([True, False])
    view = mask.view()
    view.flags.writeable = False
    read = INDEX.read("index", [numbers, view])
    numbers[:] = 7
    mask[:] = True
    assert read[0].tolist() == [0, 1]
    assert read[0].dtype == np.int64
    assert read[1].tolist() == [True, False]


def test_a_deep_list_in_an_index_is_refused():
    deep = 0
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ShapeError, match="the parameter index must be a nested list of integers"):
        INDEX.read("index", [{"array": deep}])


def test_arrays_that_are_in_canonical_form_are_taken_as_they_are():
    numbers, mask = frozen([0, 1]), frozen([True, False], bool)
    assert INDEX.read("index", (numbers, mask))[0] is numbers
    assert INDEX.read("index", (numbers, mask))[1] is mask


def test_a_param_without_a_default_is_required():
    assert Param(kind="axis").default is REQUIRED


@pytest.mark.parametrize("value", [math.nan, "nan", "infinity", True, None, [math.inf]])
def test_infinity_is_a_number_where_it_may_be_but_nan_never_is(value):
    with pytest.raises(ShapeError, match="must be a number"):
        Param(kind="number", infinite=True).read("ord", value)


def test_every_one_of_several_integers_has_the_smallest_value():
    with pytest.raises(ShapeError, match=r"an integer or a list of integers from 0"):
        Param(kind="integers", minimum=0).read("repeats", [1, -1])


KINDS_OF_ONE = (1, 1.0, True, "1", (1,), slice(1), frozen([1]), frozen([1], bool), frozen([[1]]), None, ...)


def test_params_have_one_key_where_they_are_the_same():
    assert len({as_key({"index": (value,)}) for value in KINDS_OF_ONE}) == len(KINDS_OF_ONE)
    assert as_key({"index": (frozen([1]), slice(1))}) == as_key({"index": (frozen([1]), slice(1))})
    assert as_key(0.0) != as_key(-0.0)
    assert as_key(math.nan) == as_key(float("nan"))
