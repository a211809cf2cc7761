"""Dtypes are chosen as NumPy chooses them, before anything is computed."""

import numpy as np
import pytest

from gradviz.errors import ShapeError
from gradviz.ops import DTYPES, OPS, is_float
from gradviz.ops.dtypes import boolean, promote, promote_numbers, promote_to_float, quotient


def of(name):
    return np.dtype(name)


def test_there_are_booleans_integers_and_floats():
    assert [dtype.name for dtype in DTYPES if is_float(dtype)] == ["float16", "float32", "float64"]
    assert len(DTYPES) == 12


def test_inputs_promote_as_numpy_promotes():
    assert promote(of("float32"), of("float64")) == np.float64
    assert promote(of("int64"), of("float32")) == np.float64
    assert promote(of("int8"), of("float32"), axis=1) == np.float32
    assert boolean(of("float32"), of("int8")) == np.bool


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_functions_and_quotients_give_floats(dtype):
    assert promote_to_float(dtype) == np.exp(np.ones(1, dtype)).dtype
    assert quotient(dtype, dtype) == np.divide(np.ones(1, dtype), np.ones(1, dtype)).dtype


def test_booleans_alone_are_no_numbers_and_the_way_out_is_told():
    with pytest.raises(ShapeError, match="turn them into numbers with astype first"):
        promote_numbers(of("bool"), of("bool"))
    assert promote_numbers(of("bool"), of("float32")) == np.float32


@pytest.mark.parametrize("name", ["subtract", "negative", "square", "sign", "relu", "power"])
def test_ops_that_numpy_refuses_or_bends_for_booleans_refuse_them(name):
    op = OPS[name]
    with pytest.raises(ShapeError, match="not with booleans"):
        op.dtype(*[of("bool")] * len(op.inputs))


def test_integers_stay_integers_where_the_mathematics_allows():
    kept = ("add", "subtract", "multiply", "power", "square", "negative", "abs", "sign", "relu", "maximum", "minimum")
    for name in kept:
        assert OPS[name].dtype(*[of("int32")] * len(OPS[name].inputs)) == np.int32, name


def test_clip_promotes_integers_only_for_bounds_that_are_not_integers():
    clip = OPS["clip"].dtype
    assert clip(of("int32"), min=0, max=None) == np.int32
    assert clip(of("int32"), min=0.5, max=None) == np.float64
    assert clip(of("float32"), min=0.5, max=1) == np.float32


def test_bounds_that_no_integer_of_the_dtype_can_meet_are_refused():
    clip = OPS["clip"].dtype
    with pytest.raises(ShapeError, match="no int8 lies within the bounds 1000 … "):
        clip(of("int8"), min=1000, max=None)
    with pytest.raises(ShapeError, match="no uint8 lies within the bounds  … -1"):
        clip(of("uint8"), min=None, max=-1)
    assert clip(of("uint8"), min=-1, max=1000) == np.uint8
    np.testing.assert_array_equal(OPS["clip"].forward(np.array([5], np.uint8), min=-1, max=1000), [5])


def test_the_condition_has_no_say_in_the_dtype_of_a_choice():
    assert OPS["where"].dtype(of("float64"), of("float32"), of("int8")) == np.float32


def test_a_sigmoid_of_unsigned_integers_does_not_wrap_around():
    y = OPS["sigmoid"].forward(np.array([0, 5], np.uint8))
    np.testing.assert_allclose(y, [0.5, 1 / (1 + np.exp(-5.0))])
