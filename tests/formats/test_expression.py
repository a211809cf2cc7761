"""The expression line: what it makes of what a person writes, and how it refuses the rest."""

import ast
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.engine import run
from gradviz.formats import parse
from gradviz.graph import Leaf, check, sources_of

X = np.array([[1.0, -2.0, 0.5], [4.0, 3.0, -1.0]])


def nodes_of(document):
    """Return the ops of a document by name, each with its inputs and with the params that were given."""
    return {
        name: (node.op, *sources_of(document.computation, name))
        for name, node in document.nodes.items()
        if not isinstance(node, Leaf)
    }


def value_of(text, **arrays):
    """Return the value of the last statement."""
    document = parse(text, **arrays)
    return run(document, strict=False).values[next(iter(document.targets))]


def test_an_expression_becomes_the_graph_it_says():
    document = parse("loss = sum((x @ W + b - t)**2)", x=X, W=X.T, b=X[:, 0], t=np.array([1, 2]))
    assert nodes_of(document) == {
        "matmul1": ("matmul", "x", "W"),
        "add1": ("add", "matmul1", "b"),
        "sub1": ("subtract", "add1", "t"),
        "square1": ("square", "sub1"),
        "loss": ("sum", "square1"),
    }
    assert list(document.nodes)[:4] == ["x", "W", "b", "t"]
    assert dict(document.targets) == {"loss": None}
    assert check(document.computation).problems == ()


def test_float_arrays_are_variables_and_all_others_constants():
    document = parse("y = a + b + c", a=np.float32(1), b=np.arange(3), c=np.array([True, False, True]))
    assert [document.nodes[name].role for name in "abc"] == ["variable", "constant", "constant"]
    assert [document.nodes[name].value.dtype.name for name in "abc"] == ["float32", "int64", "bool"]


def test_numbers_become_constants_numbered_as_one_reads():
    document = parse("y = 0.5*x**3 + 2", x=np.float32(1))
    leaves = {
        name: (node.role, node.value.dtype.name, node.value.item())
        for name, node in document.nodes.items()
        if isinstance(node, Leaf)
    }
    assert leaves == {
        "x": ("variable", "float32", 1.0),
        "c1": ("constant", "float32", 0.5),
        "c2": ("constant", "float32", 3.0),
        "c3": ("constant", "float32", 2.0),
    }


@pytest.mark.parametrize(
    ("arrays", "text", "dtype"),
    [
        ({"x": np.float32(1)}, "x * 2.5", "float32"),
        ({"x": np.float32(1), "n": np.int64(3)}, "x * n * 2.5", "float32"),
        ({"x": np.float32(1), "z": np.float64(3)}, "x * z * 2.5", "float64"),
        ({"n": np.int32(1)}, "n * 2", "int32"),
        ({"n": np.int64(1)}, "n * 2.5", "float64"),
        ({"m": np.True_}, "m * 2", "int64"),
        ({"m": np.True_}, "m & True", "bool"),
        ({}, "2 + 3", "float64"),
    ],
)
def test_a_number_takes_the_dtype_that_numpy_gives_it_beside_the_arrays(arrays, text, dtype):
    assert parse(text, **arrays).nodes["c1"].value.dtype == dtype


def test_two_is_a_square_and_other_powers_are_powers():
    assert nodes_of(parse("x**2", x=X)) == {"square1": ("square", "x")}
    assert nodes_of(parse("x**2.0", x=X)) == {"square1": ("square", "x")}
    assert nodes_of(parse("x^2", x=X)) == {"square1": ("square", "x")}
    assert nodes_of(parse("x**3", x=X)) == {"pow1": ("power", "x", "c1")}
    assert nodes_of(parse("x**x", x=X)) == {"pow1": ("power", "x", "x")}
    assert nodes_of(parse("power(x, 2)", x=X)) == {"pow1": ("power", "x", "c1")}


def test_a_negative_number_is_a_number_and_a_negative_tensor_a_node():
    document = parse("-2 * -x", x=X)
    assert nodes_of(document) == {"neg1": ("negative", "x"), "mul1": ("multiply", "c1", "neg1")}
    assert document.nodes["c1"].value == -2
    assert nodes_of(parse("-x**2", x=X)) == {"square1": ("square", "x"), "neg1": ("negative", "square1")}


@pytest.mark.parametrize(
    "text",
    [
        "sum(x, axis=1)",
        "sum(x, 1)",
        "x.sum(1)",
        "x.sum(axis=1)",
        "np.sum(x, axis=1)",
        "tf.reduce_sum(x, axis=1)",
        "tf.math.reduce_sum(x, 1)",
        "torch.sum(x, dim=1, keepdim=False)",
        "reduce_sum(x, axis=-1)",
        "jnp.sum(x, axis=(1,))",
        "ReduceSum(x=x, axis=[1])",
    ],
)
def test_an_op_may_be_called_by_any_of_its_names(text):
    assert value_of(text, x=X).tolist() == [-0.5, 6.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reshape(x, (3, 2))", X.reshape(3, 2)),
        ("reshape(x, 3, 2)", X.reshape(3, 2)),
        ("x.reshape(3, -1)", X.reshape(3, 2)),
        ("x.reshape([6])", X.reshape(6)),
        ("reshape(x, shape=6)", X.reshape(6)),
        ("permute_dims(x, 1, 0)", X.T),
        ("transpose(x)", X.T),
        ("x.T", X.T),
        ("x.mT", X.T),
        ("x.T.T", X),
        ("x[0].T", X[0]),
        ("reshape(x, 2, 3, 1).T", X.reshape(2, 3, 1).T),
        ("concat([x, x], axis=1)", np.concatenate([X, X], 1)),
        ("concat([x, x], 1)", np.concatenate([X, X], 1)),
        ("np.concatenate((x, x))", np.concatenate([X, X])),
        ("torch.cat([x, x], dim=-1)", np.concatenate([X, X], 1)),
        ("stack([x, x], axis=-1)", np.stack([X, X], -1)),
        ("stack(x, x)", np.stack([X, X])),
        ("concat([x])", X),
        ("einsum('ij,kj->ik', x, x)", X @ X.T),
        ("np.einsum('ij->j', x)", X.sum(0)),
        ("einsum(x, x, equation='ij,ij->')", np.sum(X * X)),
        ("clip(x, -1, 1)", np.clip(X, -1, 1)),
        ("np.clip(x, a_min=0, a_max=None)", np.maximum(X, 0)),
        ("tf.clip_by_value(x, -1, 2)", np.clip(X, -1, 2)),
        ("where(x > 0, x, 0)", np.where(X > 0, X, 0)),
        ("where(condition=x < 0, a=x, b=-x)", -np.abs(X)),
        ("maximum(x, 0)", np.maximum(X, 0)),
        ("x.max(1, True)", X.max(1, keepdims=True)),
        ("mean(x, axis=(0, 1))", X.mean()),
        ("mean(x, axis=None)", X.mean()),
        ("linear(x, x.T, None)", X @ X.T),
        ("linear(x, x.T, b=[1, 2])", X @ X.T + [1, 2]),
        ("mse_loss(x, 0, reduction='sum')", np.sum(X * X)),
        ("mse_loss(x, 0, 'sum')", np.sum(X * X)),
        ("astype(x, float32)", X.astype(np.float32)),
        ("x.astype(np.float32)", X.astype(np.float32)),
        ("astype(x, 'float32')", X.astype(np.float32)),
        ("x * [[1, 2, 3]]", X * [[1, 2, 3]]),
        ("x @ [1.5, 2, 3]", X @ [1.5, 2, 3]),
        ("x * np.pi", X * np.pi),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("x × x − x ÷ 2", X * X - X / 2),
        ("(x > 0) & (x < 2)", (X > 0) & (X < 2)),
        ("x > 0 and x < 2 or not x < 3", ((X > 0) & (X < 2)) | ~(X < 3)),
        ("~(x > 0)", ~(X > 0)),
        ("x ≥ 0.5", X >= 0.5),
        ("x // 2 * 2 + x % 2", X),
        ("-x % 3", -X % 3),
        ("add_n(x, x, 1)", X + X + 1),
        ("add_n([x, x])", X + X),
        ("F.leaky_relu(x, negative_slope=0.5)", np.where(X > 0, X, 0.5 * X)),
        ("elu(x, 2)", np.where(X > 0, X, 2 * np.expm1(X))),
        ("np.arctan2(x, 1)", np.arctan2(X, 1)),
        ("x == 3", X == 3),
        ("+x", X),
    ],
)
def test_a_call_does_what_it_does_in_numpy(text, expected):
    assert np.array_equal(value_of(text, x=X), expected)


@pytest.mark.parametrize(
    "index",
    [
        "0", "-1", "0, 1", "1:", ":, 0", "::-1", ":, ::2", "0:2, 1:3", "...", "..., 0", "None", ":, None", "1:None",
        "0, np.newaxis, 1:", "[0, 1, 0]", "[0, 1], [2, 0]", "[[0], [1]], [[0, 2]]", "[True, False]", "(0, 1)",
        ":, [True, False, True]", "-1, ::-1", "newaxis, ..., newaxis",
    ],
)  # fmt: skip
def test_an_index_picks_what_it_picks_in_numpy(index):
    assert np.array_equal(value_of(f"x[{index}]", x=X), eval(f"x[{index}]", {"x": X, "np": np, "newaxis": None}))


def test_statements_may_stand_in_lines_or_behind_semicolons():
    text = """
    # a layer
    h = tanh(x @
             x.T)   # its value
    h = h * 2;; y = h + h

    """
    document = parse(text, x=X)
    assert nodes_of(document)["y"] == ("add", "h", "h")
    assert nodes_of(document)["h"] == ("multiply", "h1", "c1")
    assert nodes_of(document)["h1"] == ("tanh", "matmul1")
    assert list(document.targets) == ["y"]


def test_a_name_for_what_has_one_already_is_a_copy():
    document = parse("y = x; z = y", x=X)
    assert nodes_of(document) == {"y": ("identity", "x"), "z": ("identity", "y")}


def test_a_number_with_a_name_is_a_variable():
    document = parse("a = 2; y = a * x", x=np.float32(3))
    assert document.nodes["a"].role == "variable"
    assert document.nodes["a"].value.dtype == np.float32
    assert parse("m = [True, False]; y = m", x=X).nodes["m"].role == "constant"


def test_an_array_that_is_not_used_is_a_leaf_all_the_same():
    tape = run(parse("y = x", x=X, z=X))
    assert tape.gradients["z"] is None


def test_the_last_statement_is_the_target_with_or_without_a_name():
    assert list(parse("a = x; x * x", x=X).targets) == ["mul1"]
    assert list(parse("a = x * x; b = a + a; a", x=X).targets) == ["a"]
    assert list(parse("x", x=X).targets) == ["x"]


def test_numbered_names_keep_clear_of_given_ones():
    document = parse("add2 = (x + c1) + (c1 + 1) + x", x=X, c1=X, add1=X)
    assert nodes_of(document) == {
        "add3": ("add", "x", "c1"),
        "add4": ("add", "c1", "c2"),
        "add5": ("add", "add3", "add4"),
        "add2": ("add", "add5", "x"),
    }


def test_a_tower_of_powers_stays_a_graph():
    document = parse("9**9**9")
    assert nodes_of(document) == {"pow1": ("power", "c2", "c3"), "pow2": ("power", "c1", "pow1")}


def test_names_may_be_of_any_script_and_are_normalised():
    document = parse("größe = 重み * ﬁ", 重み=X, fi=X)
    assert nodes_of(document) == {"größe": ("multiply", "重み", "fi")}


@pytest.mark.parametrize("name", ["x\u0301", "\u2118", "नी", "שָׁלוֹם"])
def test_every_name_that_a_node_may_have_can_be_written(name):
    document = parse(f"y = -{name}*{name}+1", **{name: 2.0})
    tape = run(document)
    assert tape.values["y"] == -3
    assert tape.gradients[name] == -4


def test_a_point_of_multiplication_is_no_part_of_a_name():
    assert run(parse("y = a·b", a=2.0, b=3.0)).values["y"] == 6


def test_wrong_shapes_are_told_at_the_node_and_the_rest_is_there():
    document = parse("y = (x @ x) + 1", x=X)
    (problem,) = check(document.computation).problems
    assert problem.node == "matmul1"


@pytest.mark.parametrize("count", [2, 100_000])
def test_a_sum_may_be_very_long(count):
    document = parse("y = " + " + ".join(["x"] * count), x=np.float64(1))
    assert len(document.nodes) == count
    assert len(set(document.places.values())) == count


OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
TREES = st.recursive(
    st.sampled_from(["a", "b", "1", "2", "0.5", "3e-1"]),
    lambda inner: (
        st.tuples(inner, st.sampled_from([" + ", "-", "*", " / ", "**"]), inner).map("".join)
        | inner.map("-{}".format)
        | inner.map("({})".format)
        | inner.map("sin({})".format)
    ),
    max_leaves=12,
)


def by_python(node, names):
    """Evaluate Python's own reading of an expression with NumPy, in float64."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}[type(op)]
            return OPERATORS[sign](by_python(left, names), by_python(right, names))
        case ast.UnaryOp(operand=operand):
            return -by_python(operand, names)
        case ast.Call(args=[argument]):
            return np.sin(by_python(argument, names))
        case ast.Name(id=name):
            return names[name]
        case ast.Constant(value=value):
            return np.float64(value)
    raise AssertionError(node)


@given(TREES)
def test_signs_bind_as_they_do_in_python(text):
    names = {"a": np.float64(1.25), "b": np.float64(-0.75)}
    with np.errstate(all="ignore"):
        expected = by_python(ast.parse(text, mode="eval").body, names)
    found = value_of(text, **names)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
