import math

import numpy as np
import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    Recipe,
    Tensor,
    add_leaf,
    add_node,
    check,
    set_cell,
    set_params,
    set_role,
    set_tensor,
    starting_params,
)
from gradviz.ops import OPS


def refusal_of(edit, *args):
    with pytest.raises(EditRefusedError) as refused:
        edit(*args)
    return str(refused.value)


def test_params_are_read_by_the_op(line):
    after = set_params(line, "loss", {"axis": [0], "keepdims": True})
    assert dict(after.nodes["loss"].params) == {"axis": (0,), "keepdims": True}
    assert after.wires == line.wires


def test_params_that_are_set_already_change_nothing(line):
    after = set_params(line, "loss", {"axis": 0})
    assert set_params(after, "loss", {"axis": 0, "keepdims": False}) is after
    assert set_params(line, "loss", {}) is line
    assert set_params(line, "loss", {"axis": None}) is line


def test_params_with_arrays_are_compared_by_their_numbers(line):
    index = {"index": [{"array": [2, 0]}, "ellipsis"]}
    document = add_node(line, "y", "getitem", index, ["x"])
    assert set_params(document, "y", index) is document
    assert set_params(document, "y", {"index": [{"array": [2, 1]}, "ellipsis"]}) is not document


@pytest.mark.parametrize(
    ("node", "params", "sentence"),
    [
        ("loss", {"axis": "rows"}, 'sum "loss": the parameter axis must be the number of an axis, or a list of axes'),
        ("loss", {"keepdims": 1}, 'sum "loss": the parameter keepdims must be true or false, not 1'),
        ("loss", {"dim": 0}, 'sum "loss": there is no parameter dim; sum has axis, keepdims'),
        ("scale", {"axis": 0}, 'multiply "scale": there is no parameter axis; multiply has none'),
        ("x", {"axis": 0}, '"x" is a leaf: it has no op, no parameters and no inputs'),
        ("q", {}, 'there is no node named "q"'),
    ],
)
def test_params_that_cannot_be_are_refused_in_the_words_of_the_op(line, node, params, sentence):
    assert refusal_of(set_params, line, node, params).startswith(sentence)


def test_an_axis_that_the_shape_lacks_is_no_refusal_but_a_problem(line):
    after = set_params(line, "loss", {"axis": 1})
    assert [problem.node for problem in check(after.computation).problems] == ["loss"]


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_every_op_can_be_put_down_before_anybody_chose_its_params(op):
    document = add_node(Document(), "y", op.name, starting_params(op.name))
    assert set(document.nodes["y"].params) == set(op.params)
    assert all(problem.severity == "open" for problem in check(document.computation).problems)


def test_einsum_starts_as_a_product(line):
    document = add_node(line, "y", "einsum", starting_params("einsum"), ["x", "w"])
    assert check(document.computation).shapes["y"] == (3,)


def test_a_leaf_changes_its_role_and_keeps_its_tensor(line):
    after = set_role(line, "w", "constant")
    assert after.nodes["w"].role == "constant"
    assert after.nodes["w"].tensor is line.nodes["w"].tensor
    assert set_role(after, "w", "constant") is after
    assert refusal_of(set_role, line, "w", "weight").startswith('there is no role "weight"')
    assert refusal_of(set_role, line, "loss", "input") == 'sum "loss" computes its value: only a leaf holds one'


def test_a_leaf_takes_another_tensor(line):
    after = set_tensor(line, "w", np.float32([[1], [2]]))
    assert (after.nodes["w"].value.shape, after.nodes["w"].value.dtype) == ((2, 1), np.float32)
    assert after.nodes["w"].role == line.nodes["w"].role


def test_the_same_tensor_changes_nothing():
    document = add_leaf(Document(), "x", [math.nan, 0.0, math.inf])
    assert set_tensor(document, "x", [math.nan, 0.0, math.inf]) is document
    assert set_tensor(document, "x", document.nodes["x"].tensor) is document
    assert set_tensor(document, "x", [math.nan, -0.0, math.inf]) is not document
    assert set_tensor(document, "x", np.float32([math.nan, 0.0, math.inf])) is not document


def test_the_same_numbers_from_another_recipe_are_a_change():
    document = add_leaf(Document(), "x", Tensor(np.zeros(3), Recipe("zeros")))
    assert set_tensor(document, "x", Tensor(np.zeros(3), Recipe("zeros"))) is document
    assert set_tensor(document, "x", np.zeros(3)).nodes["x"].tensor.recipe is None


@pytest.mark.parametrize("tensor", [np.zeros((0, 3)), np.float64(2), np.zeros((1,) * 64)])
def test_a_leaf_may_be_empty_or_of_any_rank(line, tensor):
    after = set_tensor(line, "x", tensor)
    assert after.nodes["x"].value.shape == tensor.shape
    assert set_tensor(after, "x", tensor.copy()) is after


def test_one_cell_changes_and_the_recipe_is_forgotten():
    document = add_leaf(Document(), "x", Tensor(np.zeros((2, 2)), Recipe("zeros")))
    after = set_cell(document, "x", (1, 0), 3)
    assert after.nodes["x"].value.tolist() == [[0, 0], [3, 0]]
    assert document.nodes["x"].value.tolist() == [[0, 0], [0, 0]]
    assert after.nodes["x"].tensor.recipe is None
    assert not after.nodes["x"].value.flags.writeable
    assert set_cell(after, "x", (1, 0), 3.0) is after
    assert set_cell(document, "x", (0, 0), 0).nodes["x"].tensor.recipe is not None


@pytest.mark.parametrize(
    ("dtype", "value", "cell"),
    [
        ("float64", math.nan, math.nan),
        ("float16", -math.inf, -math.inf),
        ("float32", 0.1, np.float32(0.1)),
        ("int8", -128, -128),
        ("int64", 3.0, 3),
        ("uint64", 2**64 - 1, 2**64 - 1),
        ("bool", 1, True),
        ("bool", False, False),
    ],
)
def test_a_cell_holds_what_its_dtype_can(dtype, value, cell):
    document = set_cell(add_leaf(Document(), "x", np.zeros((), dtype)), "x", (), value)
    np.testing.assert_array_equal(document.nodes["x"].value, np.asarray(cell, dtype))


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("int64", 2.5),
        ("int64", math.nan),
        ("int8", 128),
        ("uint8", -1),
        ("int64", 2**63),
        ("int64", 1e300),
        ("bool", 2),
        ("bool", 0.5),
        ("float32", 1e39),
        ("float16", 70_000),
        ("float64", 10**400),
        ("float64", "1"),
        ("float64", [1.0]),
        ("float64", 1j),
        ("float64", None),
    ],
)
def test_a_cell_refuses_what_its_dtype_cannot_hold(dtype, value):
    document = add_leaf(Document(), "x", np.zeros(2, dtype))
    assert refusal_of(set_cell, document, "x", (0,), value).startswith(f"a cell of dtype {dtype} cannot hold ")


@pytest.mark.parametrize("index", [(), (3,), (-1,), (0, 0), (0.0,), (True,), ("a",)])
def test_a_cell_outside_the_tensor_is_refused(line, index):
    assert refusal_of(set_cell, line, "x", index, 1.0) == f"there is no cell {index} in a tensor of shape (3,)"


def test_a_cell_of_an_empty_tensor_is_refused():
    document = add_leaf(Document(), "x", np.zeros((0, 3)))
    assert refusal_of(set_cell, document, "x", (0, 0), 1.0) == "there is no cell (0, 0) in a tensor of shape (0, 3)"
