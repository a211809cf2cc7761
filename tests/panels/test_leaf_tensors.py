"""What becomes of a leaf's tensor when values, a dtype, a shape or an argument are typed."""

import numpy as np
import pytest

from gradviz.errors import FormatError
from gradviz.formats import make_tensor
from gradviz.graph import Recipe, Tensor
from gradviz.panels.leaf_tensors import as_typed, cast, read_shape, reshaped, typed, with_argument, write_shape


def tensor(value, dtype=None):
    return Tensor(np.array(value, dtype))


@pytest.mark.parametrize(
    "value",
    [
        np.array(3.0),
        np.array([1.0, -0.5, 1e-300]),
        np.array([[1, 2], [3, 4]], np.uint8),
        np.array([[[1.5]], [[np.nan]]]),
        np.array([np.inf, -np.inf, np.nan], np.float32),
        np.array([[True, False]]),
        np.array([[[True]], [[False]]]),
        np.array([[1.0], [2.0]]),
        np.float32([0.1, 1e10]),
    ],
)
def test_what_is_shown_as_typed_is_read_back_bit_by_bit(value):
    text = as_typed(value)
    again = typed(Tensor(np.zeros((), value.dtype)), text).array
    assert again.dtype == value.dtype
    if value.ndim > 1 or value.ndim == 0:
        assert again.shape == value.shape or value.shape[0] == 1
    np.testing.assert_array_equal(again.reshape(value.shape), value)


def test_large_and_empty_tensors_are_not_shown_as_text():
    assert as_typed(np.zeros(65)) == as_typed(np.zeros((0, 3))) == ""


def test_typed_values_keep_the_dtype_or_say_why_not():
    assert typed(tensor([1.0], np.float32), "1 2; 3 4").array.dtype == np.float32
    with pytest.raises(FormatError, match="int64"):
        typed(tensor([1]), "1.5")
    with pytest.raises(FormatError, match="length"):
        typed(tensor([1.0]), "1 2; 3")


def test_another_dtype_takes_number_by_number():
    assert cast(tensor([1.7, -1.7]), np.dtype(np.int64)).array.tolist() == [1, -1]
    assert cast(tensor([0, 2]), np.dtype(bool)).array.tolist() == [False, True]
    with pytest.raises(FormatError, match="uint8"):
        cast(tensor([1.0, 300.0]), np.dtype(np.uint8))
    with pytest.raises(FormatError, match="int32"):
        cast(tensor([np.nan]), np.dtype(np.int32))
    with pytest.raises(FormatError, match="int8"):
        cast(tensor([200]), np.dtype(np.int8))


def test_a_recipe_is_made_anew_in_another_dtype_and_shape():
    made = make_tensor(Recipe("normal", {"seed": 3}), (2, 3), np.dtype(np.float64))
    single = cast(made, np.dtype(np.float32))
    assert single.recipe.kind == "normal"
    np.testing.assert_array_equal(single.array, made.array.astype(np.float32))
    assert reshaped(made, "4").array.shape == (4,)
    assert reshaped(made, "4").recipe is not None


def test_as_many_numbers_are_rearranged():
    assert reshaped(tensor([1, 2, 3, 4]), "2, 2").array.tolist() == [[1, 2], [3, 4]]
    assert reshaped(tensor([7.0]), "").array.shape == ()


def test_other_sizes_are_cut_and_filled_up_with_zeros():
    assert reshaped(tensor([[1, 2], [3, 4]]), "3, 1").array.tolist() == [[1], [3], [0]]
    assert reshaped(tensor([1, 2]), "2, 2").array.tolist() == [[1, 2], [0, 0]]
    assert reshaped(tensor(5), "2").array.tolist() == [5, 0]
    assert reshaped(tensor([1, 2]), "0").array.shape == (0,)
    assert reshaped(tensor(np.zeros((0, 2))), "1, 2").array.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("text", "shape"), [("", ()), ("()", ()), ("3", (3,)), ("2×3", (2, 3)), ("2 x 3", (2, 3)), ("(2, 3,)", (2, 3))]
)
def test_shapes_are_read_as_people_write_them(text, shape):
    assert read_shape(text) == shape
    assert read_shape(write_shape(shape)) == shape


NO_SHAPES = ["-1", "a", "2, x", "x", "2×", "2.5", "1e3", "99999999999", "100000, 100000", " ".join(["1"] * 40), "٣"]


@pytest.mark.parametrize("text", NO_SHAPES)
def test_what_is_no_shape_is_refused_before_anything_is_made(text):
    with pytest.raises(FormatError):
        read_shape(text)


def test_an_argument_is_one_number():
    recipe = Recipe("normal", {"mean": 0.0, "std": 1.0, "seed": 0})
    assert with_argument(recipe, "std", "1e-9", is_whole=False).arguments["std"] == 1e-9
    assert with_argument(recipe, "seed", "123456789012", is_whole=True).arguments["seed"] == 123456789012
    assert with_argument(Recipe("full"), "value", "nan", is_whole=False).arguments["value"] == "nan"
    for text in ("1 2", "true", "a", ""):
        with pytest.raises(FormatError):
            with_argument(recipe, "mean", text, is_whole=False)
    with pytest.raises(FormatError, match="whole"):
        with_argument(recipe, "seed", "1.5", is_whole=True)
    with pytest.raises(FormatError, match="whole"):
        with_argument(recipe, "seed", "inf", is_whole=True)
