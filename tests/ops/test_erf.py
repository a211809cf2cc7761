"""The error function is exact to the last digits, everywhere and in every dtype."""

import math

import numpy as np
import pytest


def reference(x):
    return np.array([math.erf(value) for value in x.ravel().tolist()]).reshape(x.shape)


def test_erf_agrees_with_the_standard_library_to_1e_15(bench):
    generator = np.random.default_rng(6)
    x = np.concatenate(
        [
            np.linspace(-7, 7, 40_001),
            np.linspace(0.46874, 0.46876, 1001),  # where one approximation ends and the other begins
            10.0 ** generator.uniform(-300, 1, 5000),
            -(10.0 ** generator.uniform(-20, 1, 5000)),
        ]
    )
    np.testing.assert_allclose(bench.forward("erf", x), reference(x), rtol=1e-15, atol=0)


@pytest.mark.parametrize(("kind", "rtol"), [("float32", 6e-8), ("float16", 5e-4)])
def test_a_narrow_float_is_the_nearest_to_the_exact_value(bench, kind, rtol):
    x = np.linspace(-5, 5, 2001).astype(kind)
    result = bench.forward("erf", x)
    assert result.dtype == kind
    np.testing.assert_allclose(result, reference(x.astype(np.float64)), rtol=rtol, atol=0)


def test_erf_is_odd_and_keeps_the_sign_of_zero(bench):
    x = np.random.default_rng(7).normal(size=(3, 4, 5))
    np.testing.assert_array_equal(bench.forward("erf", -x), -bench.forward("erf", x))
    np.testing.assert_array_equal(np.signbit(bench.forward("erf", [0.0, -0.0])), [False, True])


def test_erf_takes_more_than_a_block_in_any_layout(bench):
    x = np.random.default_rng(8).normal(size=(300, 100))
    np.testing.assert_array_equal(bench.forward("erf", x.T), bench.forward("erf", x).T)
    np.testing.assert_array_equal(bench.forward("erf", x)[:5], bench.forward("erf", x[:5]))
    np.testing.assert_array_equal(bench.forward("erf", np.broadcast_to(0.5, (3, 3))), np.full((3, 3), math.erf(0.5)))


def test_erf_takes_a_number_nothing_and_integers(bench):
    assert bench.forward("erf", 0.5) == math.erf(0.5)
    assert bench.forward("erf", np.zeros((2, 0))).shape == (2, 0)
    assert bench.forward("erf", np.array([0, 1]))[1] == pytest.approx(math.erf(1), rel=1e-15)
