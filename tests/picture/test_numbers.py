import numpy as np
import pytest

from gradviz import engine
from gradviz.picture import show_number, show_shape


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3, "3"),
        (-3, "−3"),
        (2.0, "2"),
        (1.23456, "1.235"),
        (-0.00012345, "−0.0001234"),
        (99999.4, "99999"),
        (123456.0, "1.235e5"),
        (9.99995e-5, "0.0001"),
        (1.234e-5, "1.234e−5"),
        (-1.5e-300, "−1.5e−300"),
        (5e-324, "4.941e−324"),
        (1e300, "1e300"),
        (np.nan, "NaN"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
        (True, "true"),
        (np.float32(0.1), "0.1"),
        (np.array(2.5), "2.5"),
        (np.int64(-7), "−7"),
    ],
)
def test_a_number_has_four_significant_digits(value, text):
    assert show_number(value) == text


def test_drawings_and_sentences_write_the_same_numbers():
    assert show_number is engine.show_number


@pytest.mark.parametrize(
    ("shape", "text"), [((), "scalar"), ((3,), "(3,)"), ((2, 3), "2×3"), ((0, 4), "0×4"), ((2, 3, 4, 5), "2×3×4×5")]
)
def test_a_shape_has_its_lengths_joined(shape, text):
    assert show_shape(shape) == text
