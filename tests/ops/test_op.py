"""A record is complete when it exists, or it does not come to exist."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from gradviz.errors import GradvizError, ShapeError
from gradviz.ops import OPS, REQUIRED, Op, Param, Sample, shapes


def make(**changes):
    fields = {
        "name": "double",
        "family": "elementwise",
        "doc": "Add a tensor to itself.",
        "inputs": ("x",),
        "forward": lambda x: 2 * x,
        "vjp": {"x": lambda g, y, x: 2 * g},
        "shape": shapes.same,
        "samples": (Sample(((2,),)),),
    }
    return Op(**{**fields, **changes})


def test_a_record_is_frozen_with_its_tables():
    op = make()
    with pytest.raises(FrozenInstanceError):
        op.name = "triple"
    with pytest.raises(TypeError):
        op.vjp["x"] = None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"vjp": {}}, r"op double: rules for \[\], but inputs \['x'\]"),
        ({"vjp": {"x": None, "z": None}}, "op double: rules for"),
        ({"inputs": ("x", "z"), "vjp": {"x": None, "z": None}, "variadic": True}, "names one stem of ports"),
        ({"variadic": True, "optional": 1}, "names one stem of ports"),
        ({"why_zero": {"z": "because"}}, "a reason for a port that it lacks"),
        ({"samples": ()}, "no samples to test it on"),
    ],
)
def test_a_record_that_does_not_fit_together_is_refused(changes, sentence):
    with pytest.raises(GradvizError, match=sentence):
        make(**changes)


def test_two_records_with_the_same_fields_are_two_ops():
    op = make()
    assert op != replace(op)
    assert len({op, replace(op)}) == 2


def test_ports_are_the_inputs_or_as_many_as_a_variadic_op_has():
    assert OPS["matmul"].ports() == ("a", "b")
    assert OPS["concat"].ports(3) == ("x0", "x1", "x2")
    assert OPS["linear"].ports() == ("x", "W", "b")
    assert OPS["linear"].required_ports() == ("x", "W")
    assert OPS["concat"].required_ports(3) == ("x0", "x1", "x2")


def test_the_rule_of_a_variadic_op_knows_its_port():
    op = OPS["stack"]
    g = np.arange(6.0).reshape(2, 3)
    parts = [op.rule_for(port)(g, g, *g, axis=0) for port in op.ports(2)]
    np.testing.assert_array_equal(parts, g)


def test_a_reason_for_a_zero_is_told_for_the_ports_that_have_one():
    assert OPS["relu"].reason_for_zero("x") == "the input is not above zero"
    assert OPS["add"].reason_for_zero("a") is None
    stacked = make(inputs=("x",), variadic=True, why_zero={"x": "because"})
    assert stacked.reason_for_zero("x3") == "because"


def test_params_are_read_with_their_defaults_and_written_without_them():
    op = OPS["sum"]
    assert op.read_params({}) == {"axis": None, "keepdims": False}
    assert op.read_params({"axis": [0, -1]}) == {"axis": (0, -1), "keepdims": False}
    assert op.write_params(op.read_params({"axis": [0, -1], "keepdims": False})) == {"axis": [0, -1]}
    assert op.write_params(op.read_params({})) == {}


def test_a_required_param_must_be_given_and_is_always_written():
    op = OPS["astype"]
    assert op.params["dtype"].default is REQUIRED
    assert repr(REQUIRED) == "REQUIRED"
    with pytest.raises(ShapeError, match="the parameter dtype is needed"):
        op.read_params({})
    assert op.write_params(op.read_params({"dtype": "float32"})) == {"dtype": "float32"}


def test_an_unknown_param_is_refused_with_those_that_are_known():
    with pytest.raises(ShapeError, match="no parameter axes; sum has axis, keepdims"):
        OPS["sum"].read_params({"axes": 0})
    with pytest.raises(ShapeError, match="no parameter axes; add has none"):
        OPS["add"].read_params({"axes": 0})


def test_params_that_were_read_cannot_be_changed():
    with pytest.raises(TypeError):
        OPS["sum"].read_params({})["axis"] = 1


@pytest.mark.parametrize(
    ("way", "holds"),
    [
        ("positive", lambda x: np.all(x >= 0.1)),
        ("unit", lambda x: np.all(np.abs(x) < 0.9)),
        ("distinct", lambda x: len(np.unique(x)) == x.size and np.min(np.diff(np.sort(x, axis=None))) >= 1),
        ("boolean", lambda x: x.dtype == np.bool),
        ("below 3", lambda x: x.dtype.kind == "i" and set(np.unique(x)) == {0, 1, 2}),
        ("normal", lambda x: x.dtype == np.float64),
    ],
)
def test_a_sample_draws_its_inputs_as_it_says(way, holds):
    (x,) = Sample(((5, 6),), draw=(way,)).inputs(np.random.default_rng(0))
    assert x.shape == (5, 6)
    assert holds(x)


def test_a_sample_draws_scalars_and_empty_tensors_too():
    for way in ("normal", "positive", "unit", "distinct", "boolean", "below 2"):
        scalar, empty = Sample(((), (0, 3)), draw=(way,)).inputs(np.random.default_rng(0))
        assert (np.shape(scalar), empty.shape) == ((), (0, 3))


def test_a_sample_draws_each_input_in_its_own_way():
    labels, x = Sample(((4,), (4,)), draw=("below 2", "normal")).inputs(np.random.default_rng(0))
    assert (labels.dtype.kind, x.dtype.kind) == ("i", "f")


def test_a_param_says_what_it_is_for():
    assert Param(kind="axis", doc="the axis").doc == "the axis"
