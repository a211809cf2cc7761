import ast

import numpy as np
import pytest

from gradviz.engine import forward
from gradviz.errors import GradvizError
from gradviz.graph import Document, Leaf, Node, Pieces, Tensor, add_leaf, add_node, build, plan_for
from gradviz.ops import OPS, is_float, read_forward, read_vjp
from gradviz.ops.symbolic import operations

every_op = pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])


@pytest.fixture(autouse=True)
def _without_warnings():
    with np.errstate(all="ignore"):
        yield


def drawn(op, sample, dtype):
    inputs = sample.inputs(np.random.default_rng(0))
    return [x.astype(dtype) if is_float(x.dtype) else x for x in inputs], op.read_params(sample.params)


def leaves_of(tensors):
    return build({name: Leaf("input", Tensor(np.asarray(array))) for name, array in tensors.items()}, {})


def computed(document, pieces, result):
    whole = build({**document.nodes, **pieces.nodes}, {**document.wires, **pieces.wires})
    values = {frame.node: frame.value for frame in forward(plan_for(whole))}
    return values[result] if result in values else whole.nodes[result].value


def check_read(expression, tensors, expected):
    document = leaves_of(tensors)
    pieces = Pieces(document.computation)
    result = pieces.read(expression, {name: name for name in tensors})
    value = computed(document, pieces, result)
    expected = np.asarray(expected)
    assert (
        (value.dtype, value.shape) == (expected.dtype, expected.shape) == (pieces.dtypes[result], pieces.shapes[result])
    )
    if "power" in operations(expression):  # NumPy's powers of numbers and of arrays may differ in the last bit
        np.testing.assert_allclose(value, expected, rtol=4 * np.finfo(expected.dtype).eps)
    else:
        assert np.ascontiguousarray(value).tobytes() == np.ascontiguousarray(expected).tobytes()


@every_op
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_pieces_of_a_rule_compute_what_the_rule_computes_bit_for_bit(op, dtype):
    for sample in op.samples:
        inputs, params = drawn(op, sample, dtype)
        shapes, dtypes = [x.shape for x in inputs], [x.dtype for x in inputs]
        ports = op.ports(len(inputs))[: len(inputs)]
        y = np.asarray(op.forward(*inputs, **params))
        tensors = dict(zip(ports, inputs, strict=True))
        check_read(read_forward(op, shapes, dtypes, params), tensors, y)
        if not is_float(y.dtype):
            continue
        g = np.asarray(np.random.default_rng(1).normal(size=y.shape), y.dtype)
        for port, x in tensors.items():
            rule = op.rule_for(port)
            if rule is not None and is_float(x.dtype):
                expression = read_vjp(op, port, shapes, dtypes, params)
                check_read(expression, {**tensors, "g": g, "y": y}, rule(g, y, *inputs, **params))


def parsed(text):
    return ast.parse(text, mode="eval").body


def two_leaves(dtype="float64"):
    document = add_leaf(Document(), "x", np.ones((2, 3), dtype))
    return add_leaf(document, "y", np.ones(3, dtype))


def test_equal_pieces_are_one_node():
    document = two_leaves()
    pieces = Pieces(document.computation)
    pieces.read(parsed("np.exp(x + y) / (1 + np.exp(x + y))"), {"x": "x", "y": "y"})
    assert [node.op for node in pieces.nodes.values() if isinstance(node, Node)] == ["add", "exp", "add", "divide"]


def test_pieces_with_zeros_of_either_sign_as_params_are_two_nodes():
    document = two_leaves()
    pieces = Pieces(document.computation)
    plus, minus = (pieces.node("clip", ["x"], {"min": zero}) for zero in (0.0, -0.0))
    assert plus != minus


def test_what_the_document_has_already_is_made_again_only_where_nothing_is_to_be_shared():
    document = add_node(two_leaves(), "s", "add", sources=["x", "y"])
    names = {"x": "x", "y": "y"}
    assert Pieces(document.computation, shares=True).read(parsed("x + y"), names) == "s"
    assert Pieces(document.computation).read(parsed("x + y"), names) == "add1"


def test_a_number_of_a_rule_is_no_leaf_of_the_document_which_may_be_changed():
    document = add_leaf(two_leaves(), "two", 2.0, "constant")
    pieces = Pieces(document.computation, shares=True)
    pieces.read(parsed("2 * x"), {"x": "x"})
    assert list(pieces.nodes) == ["c1", "mul1"]


def test_names_of_pieces_are_free_and_count_on():
    document = add_node(two_leaves(), "mul1", "multiply", sources=["x", "y"])
    pieces = Pieces(document.computation)
    assert pieces.read(parsed("x * 2 * 3"), {"x": "x"}) == "mul3"
    assert list(pieces.nodes) == ["c1", "mul2", "c2", "mul3"]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_number_takes_the_dtype_of_the_tensors_beside_it(dtype):
    pieces = Pieces(two_leaves(dtype).computation)
    result = pieces.read(parsed("np.where(x > 0, 2 * x, -1.5)"), {"x": "x"})
    assert pieces.dtypes[result] == dtype
    assert {pieces.dtypes[node] for node, made in pieces.nodes.items() if isinstance(made, Leaf)} == {np.dtype(dtype)}


def test_an_integer_beside_which_a_fraction_stands_becomes_a_float_as_in_numpy():
    document = add_leaf(Document(), "n", np.arange(3, dtype="int32"), "constant")
    pieces = Pieces(document.computation)
    assert pieces.dtypes[pieces.read(parsed("n * 0.5"), {"n": "n"})] == np.float64
    assert pieces.dtypes[pieces.read(parsed("n * 2"), {"n": "n"})] == np.int32


def test_the_result_gets_the_name_that_is_wanted_even_where_it_is_only_a_tensor():
    pieces = Pieces(two_leaves().computation)
    assert pieces.read(parsed("x * y"), {"x": "x", "y": "y"}, name="z") == "z"
    assert pieces.read(parsed("x"), {"x": "x"}, name="same") == "same"
    assert (pieces.nodes["z"].op, pieces.nodes["same"].op) == ("multiply", "identity")


def test_an_index_list_and_a_slice_are_params_of_a_node():
    document = add_leaf(Document(), "x", np.arange(12.0).reshape(3, 4))
    pieces = Pieces(document.computation)
    result = pieces.read(parsed("x[np.array([0, 2]), 1:]"), {"x": "x"})
    assert pieces.shapes[result] == (2, 3)
    np.testing.assert_array_equal(computed(document, pieces, result), np.arange(12.0).reshape(3, 4)[[0, 2], 1:])


def test_a_swap_of_the_last_axes_is_called_a_transpose():
    pieces = Pieces(two_leaves().computation)
    pieces.read(parsed("np.permute_dims(x, axes=(1, 0))"), {"x": "x"})
    assert [node.op for node in pieces.nodes.values()] == ["matrix_transpose"]


def test_a_step_that_cannot_be_is_refused_with_the_sentence_of_its_op():
    pieces = Pieces(two_leaves().computation)
    with pytest.raises(GradvizError, match="cannot multiply"):
        pieces.read(parsed("x @ x"), {"x": "x"})


def test_a_long_expression_does_not_exhaust_the_stack():
    document = two_leaves()
    expression = ast.Name("x")
    for _ in range(20_000):
        expression = ast.UnaryOp(ast.USub(), expression)
    pieces = Pieces(document.computation)
    assert pieces.read(expression, {"x": "x"}) == "neg20000"
