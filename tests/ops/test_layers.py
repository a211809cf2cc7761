"""Dropout with its mask, and embedding with its ids."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import ComputeError, ShapeError

INF = np.inf
MASK = np.array([True, False, True])


def test_what_stays_grows_so_that_the_sum_is_kept_on_average(bench):
    x = np.array([1.0, 2.0, 3.0])
    assert_allclose(bench.forward("dropout", x, MASK, p=0.25), [4 / 3, 0, 4])
    to_x, to_mask = bench.gradients("dropout", [1.0, 10.0, 100.0], x, MASK, p=0.25)
    assert_allclose(to_x, [4 / 3, 0, 400 / 3])
    assert to_mask is None


def test_what_drops_out_is_0_whatever_it_was(bench):
    x = np.array([INF, INF, np.nan])
    assert_array_equal(bench.forward("dropout", x, MASK), [INF, 0, np.nan])
    assert_array_equal(bench.gradient("dropout", [INF, INF, np.nan], x, MASK), [INF, 0, np.nan])


def test_a_mask_broadcasts_to_what_it_masks(bench):
    x = np.ones((2, 3, 2))
    y = bench.forward("dropout", x, np.array([[True], [False], [True]]), p=0.5)
    assert_array_equal(y[:, :, 0], [[2, 0, 2]] * 2)


def test_nothing_drops_out_where_all_stay(bench):
    x = np.arange(3.0)
    assert_array_equal(bench.forward("dropout", x, np.ones(3, bool), p=0), x)


@pytest.mark.parametrize(
    ("shapes", "params", "sentence"),
    [
        (((3,), (3,)), {"p": 1}, "p is the share that drops out: below 1, not 1"),
        (((3,), (3,)), {"p": -0.1}, "from 0"),
        (((3,), (2,)), {}, "cannot broadcast"),
        (((3,), (2, 3)), {}, r"a mask of shape \(2, 3\) does not broadcast to x of \(3,\)"),
        (((), (1,)), {}, "does not broadcast to x"),
    ],
)
def test_a_mask_that_does_not_fit_is_told(bench, shapes, params, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("dropout", *shapes, **params)


def test_a_mask_of_numbers_is_told(bench):
    with pytest.raises(ShapeError, match="the mask must be booleans, true for what stays, not float64"):
        bench.dtype("dropout", "float64", "float64")
    assert bench.dtype("dropout", "int64", "bool") == np.float64


def test_rows_are_looked_up_and_gradients_of_one_row_add_up(bench):
    table = np.arange(8.0).reshape(4, 2)
    ids = np.array([[2, 0], [2, 2]])
    assert_array_equal(bench.forward("embedding", table, ids), table[ids])
    to_table, to_ids = bench.gradients("embedding", np.arange(8.0).reshape(2, 2, 2), table, ids)
    assert_array_equal(to_table, [[2, 3], [0, 0], [10, 13], [0, 0]])
    assert to_ids is None


def test_one_id_looks_one_row_up(bench):
    table = np.arange(6.0).reshape(3, 2)
    assert_array_equal(bench.forward("embedding", table, np.array(1, np.uint8)), [2, 3])
    assert_array_equal(bench.gradient("embedding", 1.0, table, np.array(1)), [[0, 0], [1, 1], [0, 0]])


def test_no_id_looks_nothing_up(bench):
    assert bench.forward("embedding", np.ones((3, 2)), np.zeros(0, np.int64)).shape == (0, 2)
    assert bench.forward("embedding", np.ones((0, 2)), np.zeros((0, 2), np.int64)).shape == (0, 2, 2)
    assert_array_equal(bench.gradient("embedding", 1.0, np.ones((3, 2)), np.zeros(0, np.int64)), np.zeros((3, 2)))


@pytest.mark.parametrize("row", [-1, 3, 2**62])
def test_a_row_that_there_is_not_is_told(bench, row):
    with pytest.raises(ComputeError, match=f"there is no row {row} in a table of 3 rows: ids go from 0 to 2"):
        bench.forward("embedding", np.ones((3, 2)), np.array([0, row]))


def test_tables_and_ids_of_another_kind_are_told(bench):
    with pytest.raises(ShapeError, match=r"has rows and columns, not the shape \(3,\)"):
        bench.shape("embedding", (3,), (2,))
    with pytest.raises(ShapeError, match="has no rows to look up"):
        bench.shape("embedding", (0, 2), (2,))
    with pytest.raises(ShapeError, match="ids are the numbers of rows: integers, not float64"):
        bench.dtype("embedding", "float64", "float64")
