"""Tensors as text: npy bodies, recipes and elements, exact and the same everywhere."""

import base64
import io

import numpy as np
import pytest

from gradviz.errors import FormatError
from gradviz.formats import RECIPES, array_as_json, make_tensor
from gradviz.formats.npy import read_npy, write_npy
from gradviz.graph import Recipe
from gradviz.ops import DTYPES

FLOAT64 = np.dtype(np.float64)


def npy_of(array, **keywords):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **keywords)
    return base64.b64encode(buffer.getvalue()).decode()


def with_header(header, body=b""):
    text = header.encode("latin1") + b"\n"
    return base64.b64encode(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body).decode()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (4, 5, 2)])
def test_an_array_of_any_dtype_survives_as_npy(dtype, shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    found = read_npy(write_npy(array), shape, dtype)
    assert (found.dtype, found.shape, found.tobytes()) == (dtype, shape, array.tobytes())


def test_what_numpy_wrote_is_read_whatever_its_order():
    array = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(read_npy(npy_of(np.asfortranarray(array)), (2, 3), FLOAT64), array)
    assert np.array_equal(read_npy(npy_of(array.astype(">f8")), (2, 3), FLOAT64), array)
    assert np.array_equal(read_npy(npy_of(array, version=(2, 0)), (2, 3), FLOAT64), array)


def test_booleans_in_npy_are_true_or_false_whatever_their_byte():
    header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }"
    found = read_npy(with_header(header, b"\x00\x01\x07"), (3,), np.dtype(bool))
    assert found.view(np.uint8).tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (npy_of(np.ones(3)), "npy holds a tensor of shape"),
        (npy_of(np.ones(2, np.float32)), "npy holds <f4, the document says float64"),
        (npy_of(np.ones(2))[:-8], "bytes of data instead of 16"),
        (npy_of(np.ones(2))[:40], "cut off in its header"),
        (npy_of(np.array([None, 1]), allow_pickle=True), "a header that gradviz does not read"),
        (npy_of(np.zeros(2, [("a", "f8")])), "a header that gradviz does not read"),
        (with_header("{'descr': '<f8', 'fortran_order': __import__('os'), 'shape': (2,), }", bytes(16)), "a header"),
        (with_header("{'descr': '<f16', 'fortran_order': False, 'shape': (2,), }", bytes(32)), "npy holds"),
        (base64.b64encode(b"\x93NUMPY\x03\x00" + bytes(50)).decode(), "of version 1 or 2"),
        ("", "not the body of a .npy file"),
        ("k05VTVBZ", "not the body of a .npy file"),
    ],
)
def test_npy_that_is_not_the_announced_tensor_is_refused(text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_npy(text, (2,), FLOAT64)


def made(kind, shape, dtype="float64", **arguments):
    return make_tensor(Recipe(kind, arguments), shape, np.dtype(dtype)).array


def test_random_recipes_are_numpys_generator_in_float64_and_then_cast():
    expected = np.random.default_rng(7).normal(1, 0.5, (300, 400))
    assert np.array_equal(made("normal", (300, 400), mean=1, std=0.5, seed=7), expected)
    assert np.array_equal(made("normal", (300, 400), "float32", mean=1, std=0.5, seed=7), expected.astype(np.float32))
    expected = np.random.default_rng(3).uniform(-1, 9, (100_000,))
    assert np.array_equal(made("uniform", (100_000,), low=-1, high=9, seed=3), expected)
    assert np.array_equal(made("uniform", (100_000,), "int8", low=-1, high=9, seed=3), np.trunc(expected))


@pytest.mark.parametrize(
    ("kind", "shape", "arguments", "expected"),
    [
        ("zeros", (2,), {}, [0, 0]),
        ("ones", (1, 2), {}, [[1, 1]]),
        ("full", (), {"value": 2.5}, 2.5),
        ("full", (2,), {"value": "inf"}, [np.inf, np.inf]),
        ("arange", (2, 3), {}, [[0, 1, 2], [3, 4, 5]]),
        ("arange", (3,), {"start": 1, "step": -0.5}, [1, 0.5, 0]),
        ("eye", (2, 3), {}, [[1, 0, 0], [0, 1, 0]]),
        ("eye", (3, 2), {"k": -1}, [[0, 0], [1, 0], [0, 1]]),
        ("eye", (2, 2), {"k": 1}, [[0, 1], [0, 0]]),
        ("eye", (0, 0), {}, np.zeros((0, 0))),
        ("zeros", (2, 0), {}, np.zeros((2, 0))),
    ],
)
def test_plain_recipes_make_what_they_say(kind, shape, arguments, expected):
    assert np.array_equal(made(kind, shape, **arguments), np.array(expected, float))


def test_eye_agrees_with_numpy_where_slices_meet():
    assert np.array_equal(made("eye", (300, 350), "bool", k=5), np.eye(300, 350, 5, bool))


@pytest.mark.parametrize("kind", RECIPES)
def test_every_recipe_works_with_what_it_is_given_by_default(kind):
    tensor = make_tensor(Recipe(kind), (2, 2), FLOAT64)
    assert tensor.array.shape == (2, 2)
    assert tensor.recipe.kind == kind
    assert not tensor.array.flags.writeable


def test_a_recipe_without_a_seed_makes_the_same_tensor_every_time():
    assert np.array_equal(made("normal", (5,)), made("normal", (5,), seed=0))


def test_arrays_go_to_other_programs_with_words_for_what_json_cannot_say():
    array = np.array([[1.0, np.nan], [np.inf, -np.inf]], np.float32)
    assert array_as_json(array) == {
        "dtype": "float32",
        "shape": [2, 2],
        "data": [[1.0, "NaN"], ["Infinity", "-Infinity"]],
    }
    assert array_as_json(np.array(True)) == {"dtype": "bool", "shape": [], "data": True}
    assert array_as_json(np.zeros((0, 2), int)) == {"dtype": "int64", "shape": [0, 2], "data": []}
