"""What charts draw of numbers that are strange, and histograms of any tensor."""

import numpy as np
import pytest

from gradviz.panels.chart import drawable
from gradviz.panels.optimiser_state import histograms
from gradviz.picture import load_theme

LIGHT = load_theme("light")


def test_numbers_without_a_logarithm_are_left_out_of_a_logarithmic_curve():
    numbers = np.array([100.0, 0.0, -1.0, np.nan, np.inf, 1e200, 1e-3])
    np.testing.assert_array_equal(drawable(numbers, is_log=True), [2, np.nan, np.nan, np.nan, np.nan, np.nan, -3])
    np.testing.assert_array_equal(drawable(numbers, is_log=False), [100, 0, -1, np.nan, np.nan, np.nan, 1e-3])


def test_histograms_count_every_finite_number_on_the_same_bars():
    before, after = np.array([0.0, 1.0, 1.0, np.nan]), np.array([[2.0, np.inf], [-2.0, 1.0]])
    first, now = histograms(before, after, ("at first", "now"), LIGHT)
    assert first.y.sum() == 3
    assert now.y.sum() == 3
    np.testing.assert_array_equal(first.x, now.x)
    assert (now.x[0], now.x[-1]) == (-2, 2)


@pytest.mark.parametrize(
    "array", [np.array(3.0), np.zeros((0, 2)), np.full(4, np.nan), np.array([1e300, 1.0]), np.array([1e90, 1e90])]
)
def test_histograms_of_strange_tensors_have_their_bars_or_none(array):
    lines = histograms(array, array, ("at first", "now"), LIGHT)
    finite = array[np.abs(array) <= 1e100]
    assert bool(lines) == bool(finite.size)
    for line in lines:
        assert line.y.sum() == finite.size
        assert np.all(np.diff(line.x) > 0)
