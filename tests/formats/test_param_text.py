"""Parameters as a person types them: what is shown in a field is read back as what it was."""

import numpy as np
import pytest

from gradviz.errors import FormatError, GradvizError
from gradviz.formats import read_param, write_param
from gradviz.ops import OPS, get

WITH_PARAMS = [op for op in OPS.values() if any(param.kind != "flag" for param in op.params.values())]


def read_back(op, name, text):
    """Return the canonical value of one param as typed, through the op's own record."""
    return op.params[name].read(name, read_param(op.params[name], text))


@pytest.mark.parametrize("op", WITH_PARAMS, ids=lambda op: op.name)
def test_what_is_shown_is_read_back_as_what_it_was(op):
    for sample in op.samples:
        for name, value in op.read_params(sample.params).items():
            if op.params[name].kind != "flag":
                text = write_param(op.params[name], value)
                np.testing.assert_equal(read_back(op, name, text), value)


@pytest.mark.parametrize(
    ("op", "name", "text", "expected"),
    [
        ("sum", "axis", "", None),
        ("sum", "axis", "none", None),
        ("sum", "axis", "-1", -1),
        ("sum", "axis", "−1", -1),
        ("sum", "axis", "0, 1", (0, 1)),
        ("sum", "axis", "(0,)", (0,)),
        ("reshape", "shape", "2 x 3", (2, 3)),
        ("reshape", "shape", "2×-1", (2, -1)),
        ("reshape", "shape", "6", (6,)),
        ("reshape", "shape", "[]", ()),
        ("getitem", "index", "0, 1:3", (0, slice(1, 3, None))),
        ("getitem", "index", "..., newaxis, ::-1", (..., None, slice(None, None, -1))),
        ("clip", "min", "1e-3", 0.001),
        ("einsum", "equation", "ij, jk -> ik", "ij,jk->ik"),
        ("tile", "reps", "2", 2),
        ("tile", "reps", "2,", (2,)),
        ("roll", "shift", "1, −1", (1, -1)),
        ("pad", "pad_width", "2", 2),
        ("pad", "pad_width", "1, 2", ((1, 2),)),
        ("pad", "pad_width", "1 2; 0 3", ((1, 2), (0, 3))),
        ("pad", "pad_width", "[[1, 2], [0, 3]]", ((1, 2), (0, 3))),
        ("pad", "value", "-inf", -np.inf),
        ("vector_norm", "ord", "∞", np.inf),
        ("vector_norm", "ord", "1.5", 1.5),
    ],
)
def test_what_is_typed_is_understood(op, name, text, expected):
    assert read_back(get(op), name, text) == expected


@pytest.mark.parametrize(
    ("op", "name", "text"),
    [
        ("sum", "axis", "first"),
        ("sum", "axis", "1.5"),
        ("reshape", "shape", "2, two"),
        ("reshape", "shape", "("),
        ("getitem", "index", "x"),
        ("getitem", "index", "1:2:3:4"),
        ("getitem", "index", "[0, 1"),
        ("getitem", "index", "::0"),
        ("clip", "min", "low"),
        ("clip", "min", "nan"),
        ("clip", "min", "inf"),
        ("vector_norm", "ord", "nan"),
        ("vector_norm", "ord", "1e999"),
        ("tile", "reps", "-1"),
        ("pad", "pad_width", "1, 2, 3"),
        ("pad", "pad_width", "1, -2"),
        ("sum", "axis", "9" * 30),
    ],
)
def test_what_is_no_parameter_is_told_in_a_sentence(op, name, text):
    with pytest.raises(GradvizError):
        read_back(get(op), name, text)


def test_an_index_says_what_may_be_written():
    with pytest.raises(FormatError, match="is no index: write 0, 1:3"):
        read_param(get("getitem").params["index"], "all")


@pytest.mark.parametrize("text", ["x", "0,,1", ",", "1 x", "2x", "a, b"])
def test_what_parts_no_numbers_is_refused(text):
    with pytest.raises(FormatError, match="whole number"):
        read_param(get("sum").params["axis"], text)


@pytest.mark.parametrize("text", ["1_000", "١٢", "nan", "inf", "1e", "0x10"])
def test_a_number_is_written_plainly(text):
    with pytest.raises(FormatError, match="not a number"):
        read_param(get("clip").params["min"], text)
