"""Indexing: NumPy's own meaning of every index, and everything put back where it came from."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.testing import assert_array_equal

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops import OPS


def add_at(shape, index, values):
    result = np.zeros(shape)
    np.add.at(result, index, values)
    return result


@st.composite
def indices(draw):
    """Draw a shape and an index of it, of every kind that NumPy knows."""
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    basic = draw(arrays.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))
    items = list(basic) if isinstance(basic, tuple) else [basic]
    kinds = draw(st.lists(st.sampled_from(["keep", "array", "mask"]), min_size=len(items), max_size=len(items)))
    common = draw(st.sampled_from([(), (1,), (2,), (2, 2), (0,)]))
    axis = 0
    for i, (item, kind) in enumerate(zip(items, kinds, strict=True)):
        if item is None:
            continue
        if item is ...:
            axis += len(shape) - sum(each is not None and each is not ... for each in items)
            continue
        if kind == "array" and shape[axis]:
            numbers = st.integers(-shape[axis], shape[axis] - 1)
            items[i] = draw(arrays.arrays(np.int64, common, elements=numbers))
        elif kind == "mask":
            items[i] = draw(arrays.arrays(bool, (shape[axis],)))
        axis += 1
    for item in items:
        if isinstance(item, np.ndarray):
            item.flags.writeable = False
    return shape, tuple(items)


@given(indices())
def test_the_shape_rule_knows_what_numpy_selects(bench, drawn):
    shape, index = drawn
    x = np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape)
    try:
        expected = np.asarray(x[index])
    except IndexError:
        with pytest.raises(ShapeError):
            bench.shape("getitem", shape, index=index)
        return
    assert_array_equal(bench.forward("getitem", x, index=index), expected)


@given(indices(), st.sampled_from(["float64", "float32", "int32"]))
def test_what_was_selected_goes_back_and_adds_up(bench, drawn, dtype):
    shape, index = drawn
    x = np.zeros(shape)
    try:
        selected = np.asarray(x[index])
    except IndexError:
        assume(False)
    values = np.arange(1, 1 + selected.size, dtype=dtype).reshape(selected.shape)
    scattered = bench.forward("scatter", values, index=index, shape=shape)
    assert scattered.dtype == dtype
    assert_array_equal(scattered, add_at(shape, index, values))
    if dtype == "float64":
        assert_array_equal(bench.gradient("getitem", values, x, index=index), scattered)
        assert_array_equal(bench.gradient("scatter", scattered, values, index=index, shape=shape), scattered[index])


@pytest.mark.parametrize(
    ("shape", "index", "sentence"),
    [
        ((2, 3), [{"int": 2}], r"index 2 is out of range: axis 0 of \(2, 3\) has size 2"),
        ((2, 3), ["ellipsis", {"int": -4}], r"index -4 is out of range: axis 1 of \(2, 3\) has size 3"),
        ((2, 3), [{"array": [0, 5]}], "index 5 is out of range"),
        ((2, 3), [{"array": [[0], [-3]]}, {"int": 0}], "index -3 is out of range"),
        ((0,), [{"int": 0}], "index 0 is out of range: axis 0 of .* has size 0"),
        ((2, 3), [{"int": 0}] * 3, r"the index names 3 axes, but the shape is \(2, 3\)"),
        ((), [{"int": 0}], r"names 1 axis, but the shape is \(\)"),
        ((), [{"slice": [None, None, None]}], "names 1 axis"),
        ((2, 3), ["ellipsis", "ellipsis"], "one ellipsis"),
        ((2, 3), [{"mask": [True, False, True]}], r"a mask of shape \(3,\) does not fit axes of sizes \(2,\)"),
        ((2, 3), [{"mask": [[True, False], [True, True]]}], r"\(2, 2\) does not fit axes of sizes \(2, 3\)"),
        ((2,), [{"mask": [[True, False]]}], "the index names 2 axes"),
        ((4, 4), [{"array": [0, 1]}, {"array": [0, 1, 2]}], r"must broadcast .* cannot broadcast \(2,\) with \(3,\)"),
    ],
)
def test_what_cannot_be_selected_is_told(bench, shape, index, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("getitem", shape, index=index)


@pytest.mark.parametrize("index", ["0", {"int": 0}, [{"int": 0.5}], [{"slice": [0, 1]}], [{"array": [0.5]}], [True]])
def test_what_is_no_index_is_refused(bench, index):
    with pytest.raises(ShapeError, match="the parameter index must be"):
        bench.shape("getitem", (2, 3), index=index)


def test_the_shape_of_a_huge_selection_is_told_without_making_it(bench):
    huge = (2**40, 3)
    assert bench.shape("getitem", huge, index=[{"slice": [None, None, 2]}, {"array": [0, 0]}]) == (2**39, 2)
    assert bench.shape("getitem", huge, index=[{"int": -1}]) == (3,)
    assert bench.shape("scatter", (2,), index=[{"int": 0}, {"array": [0, 0]}], shape=huge) == huge


def test_an_element_that_is_selected_often_gets_the_sum(bench):
    gradient = bench.gradient("getitem", [1.0, 10.0, 100.0], np.zeros(4), index=[{"array": [3, -1, 0]}])
    assert_array_equal(gradient, [100, 0, 0, 11])


def test_infinite_and_nan_gradients_stay_in_their_places(bench):
    for index in ([{"array": [2, 0]}], [{"slice": [2, None, -2]}]):
        gradient = bench.gradient("getitem", [np.inf, np.nan], np.zeros(3), index=index)
        assert_array_equal(gradient, [np.nan, 0, np.inf])


def test_rows_of_a_large_table_go_back_in_its_dtype(bench):
    table = np.zeros((100_000, 8), np.float32)
    index = [{"array": [7, 7, 99_999]}]
    gradient = bench.gradient("getitem", 1.0, table, index=index)
    assert gradient.dtype == np.float32
    assert_array_equal(np.flatnonzero(gradient[:, 0]), [7, 99_999])
    assert_array_equal(gradient[7], np.full(8, 2))


@pytest.mark.parametrize(
    ("x", "index", "shape", "sentence"),
    [
        ((3,), [{"int": 0}], [2, 2], r"names \(2,\) places in \(2, 2\), but there are \(3,\) numbers"),
        ((2,), [{"int": 5}], [2, 2], "index 5 is out of range"),
        ((2,), [{"int": 0}], [2, -1], "every size of its shape"),
    ],
)
def test_numbers_without_a_place_are_refused(bench, x, index, shape, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("scatter", x, index=index, shape=shape)


def test_one_hot_has_a_one_at_each_label(bench):
    labels = np.array([[2, 0], [1, 1]], np.uint8)
    assert_array_equal(bench.forward("one_hot", labels, depth=3), np.eye(3)[labels])
    assert_array_equal(bench.forward("one_hot", labels, depth=3, axis=0), np.moveaxis(np.eye(3)[labels], -1, 0))
    assert_array_equal(bench.forward("one_hot", labels, depth=3, axis=-2), np.moveaxis(np.eye(3)[labels], -1, 1))
    assert bench.forward("one_hot", labels, depth=3, dtype="bool").dtype == bool
    assert_array_equal(bench.forward("one_hot", np.array(1), depth=2), [0, 1])
    assert bench.gradients("one_hot", 1.0, labels, depth=3) == [None]


@pytest.mark.parametrize("label", [3, -1, 2**40, -100])
def test_a_label_that_names_no_class_is_told(label):
    with pytest.raises(ComputeError, match=f"no class {label} among 3 classes: labels go from 0 to 2"):
        OPS["one_hot"].forward(np.array([0, label]), depth=3)


@pytest.mark.parametrize("dtype", ["float64", "bool"])
def test_labels_are_integers(bench, dtype):
    with pytest.raises(ShapeError, match=f"integers, not {dtype}"):
        bench.dtype("one_hot", dtype, depth=3)


@pytest.mark.parametrize(
    ("params", "sentence"), [({"depth": 0}, "from 1"), ({}, "depth is needed"), ({"depth": 2, "axis": 3}, "no axis 3")]
)
def test_one_hot_needs_classes_and_a_place_for_them(bench, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("one_hot", (2,), **params)


@pytest.mark.parametrize(
    "index",
    [
        [{"mask": True}],
        [{"mask": False}],
        [{"mask": True}, {"int": 0}, {"slice": [None, None, None]}],
        [{"slice": [0, 1, None]}, {"mask": False}, {"array": [1]}],
        [{"array": 1}, {"slice": [None, None, -1]}],
        [{"mask": [[True, False, True], [False, True, True]]}, "newaxis", {"array": [0]}],
        [{"array": [1]}, "ellipsis", {"mask": [True, False, False, True]}],
    ],
)
def test_masks_and_arrays_of_any_rank_mean_what_they_mean_in_numpy(bench, index):
    x = np.arange(24.0).reshape(2, 3, 4)
    canonical = OPS["getitem"].read_params({"index": index})["index"]
    expected = x[canonical]
    assert_array_equal(bench.forward("getitem", x, index=index), expected)
    assert_array_equal(bench.gradient("getitem", expected, x, index=index), add_at(x.shape, canonical, expected))
