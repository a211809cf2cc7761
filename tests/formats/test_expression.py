"""The expression line: what it makes of what a person writes, and how it refuses the rest."""

import ast
import itertools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.engine import run
from gradviz.errors import ExpressionError, GradvizError, LimitError
from gradviz.formats import into, parse
from gradviz.graph import Document, Leaf, Place, add_leaf, add_node, check, sources_of

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


def refusal(text, **arrays):
    with pytest.raises(ExpressionError) as caught:
        parse(text, **arrays)
    return str(caught.value)


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


def test_wrong_shapes_are_told_at_the_node_and_the_rest_is_there():
    document = parse("y = (x @ x) + 1", x=X)
    (problem,) = check(document.computation).problems
    assert problem.node == "matmul1"


@pytest.mark.parametrize("count", [2, 100_000])
def test_a_sum_may_be_very_long(count):
    document = parse("y = " + " + ".join(["x"] * count), x=np.float64(1))
    assert len(document.nodes) == count
    assert len(set(document.places.values())) == count


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is nothing to make a graph of"),
        (" # x", "there is nothing to make a graph of"),
        ("x +", "column 4: something is missing here"),
        ("x + * x", "column 5: something is missing before *"),
        ("(x", "column 1: this bracket is never closed"),
        ("x)", "column 2: ) stands at the wrong place"),
        ("(x]", "column 3: ] stands at the wrong place: here belongs )"),
        ("x x", 'column 3: a sign is missing before "x": write a * between factors'),
        ("2x", 'column 2: a number runs into "x"'),
        ("2(x)", "column 2: a sign is missing before the bracket"),
        ("x(2)", 'column 1: "x" is a tensor: write a * before the bracket'),
        ("y =", "column 4: something is missing here"),
        ("x = 2", 'column 1: "x" is there already'),
        ("y = x\nz = q", 'line 2, column 5: there is no array "q"'),
        ("z + 1", 'column 1: there is no array "z": hand it in as z=…'),
        ("lambda x: x", "column 1: functions cannot be defined here"),
        ("x if x else x", "column 3: there is no if"),
        ("[x for x in x]", "column 4: there are no loops here"),
        ("(y := x)", "column 4: a name is given with ="),
        ("y = z = x", "column 7: a name is given at the beginning of a line"),
        ("x += 1", "column 3: something is missing before +="),
        ("x[0] = 1", "column 6: a name is given at the beginning"),
        ("x < 1 < 2", "column 7: comparisons cannot be chained"),
        ("f'{x}'", "column 1: only plain texts in quotes are read"),
        ("'abc'", "column 1: a tensor belongs here"),
        ("'abc", "column 1: this text in quotes is never closed"),
        ("{1}", "column 1: braces have no meaning here"),
        ("x.__class__", 'column 2: a tensor has no "__class__" here'),
        ("x.shape", 'column 2: a tensor has no "shape" here'),
        ("x.sum", "column 1: sum needs its brackets"),
        ("().__class__.__base__", 'column 3: a tensor has no "__class__"'),
        ("__import__('os')", "column 1: there is no op __import__"),
        ("np.load('a')", "column 1: there is no op np.load"),
        ("eval('1')", "column 1: there is no op eval"),
        ("np.sum", 'column 1: "np.sum" is no tensor'),
        ("sum", 'column 1: "sum" is no tensor; an op is written with brackets'),
        ("summ(x)", "column 1: there is no op summ; did you mean sum"),
        ("1e999 * x", "column 1: 1e999 is infinite"),
        ("9" * 101, "column 1: this number has more than 100 digits"),
        ("x * 1j", 'column 6: a number runs into "j"'),
        ("0x10", 'column 2: a number runs into "x"'),
        ("x²", 'column 1: "x²" is no name: a power is written x**2'),
        ("x $ 2", 'column 3: "$" does not belong in an expression'),
        ("x // 2", "column 3: there is no op for //"),
        ("*x", "column 1: something is missing before *"),
        ("sum(*x)", "column 5: something is missing before *"),
        ("for = x", 'column 1: "for" is a word of Python'),
        ("y = class", '"class" has no meaning in an expression'),
        ("sum()", "column 4: sum still needs x"),
        ("matmul(x)", "column 7: matmul still needs b"),
        ("where(x > 0, b=x)", "where still needs a"),
        ("matmul(x, x, x)", "matmul has the inputs a, b and the parameters none"),
        ("sum(x, 0, True, 3)", "sum has the inputs x and the parameters axis, keepdims"),
        ("sum(x, axis=0, axis=1)", "axis is given twice"),
        ("sum(x, 0, axis=1)", "axis is given twice"),
        ("sum(x, x=x)", "the input x is given twice"),
        ("sum(axis=0, x)", "column 13: arguments without a name come before"),
        ("sum(x, colour=1)", "sum has no colour; it has x, axis, keepdims"),
        ("sum(x, axis=x)", "axis must be written out as a number, not as a tensor"),
        ("sum(x, axis='0')", "sum: the parameter axis must be"),
        ("sum(x, 'a')", 'sum has no use for "a"'),
        ("astype(x, 'complex64')", "astype: the parameter dtype must be one of"),
        ("reshape(x)", "reshape: the parameter shape is needed"),
        ("einsum('ij', x, 'k')", 'einsum has no use for "k"'),
        ("einsum(x)", "the parameter equation is needed"),
        ("concat(x, x, 0)", "write concat([a, b], axis=0)"),
        ("conv2d(x, x, 2)", "say what that number is, by name"),
        ("x[x]", "column 2: an index is written out"),
        ("x[1.5]", "column 2: an index is written out"),
        ("x['a']", "column 2: an index is written out"),
        ("x[0:x]", "column 2: an index is written out"),
        ("x[1:2:3:4]", "column 3: a slice has at most three parts"),
        ("x[::0]", "getitem: the parameter index must be"),
        ("x[,]", "column 3: something is missing before ,"),
        ("x.", "column 3: behind a point belongs a name"),
        ("[x, x]", "column 1: a list holds numbers; stack([a, b]) joins tensors"),
        ("[1, [2]]", "column 1: a single number stands beside a row"),
        ("[[1, 2], [3]]", "column 1: row 2 has 1 values and row 1 has 2"),
        ("['a']", "column 1: a list holds numbers, nothing else"),
        ("None", "column 1: a tensor belongs here"),
        ("y" * 201 + " = x", "column 1: a name has at most 200 characters"),
        ("(" * 50_000, "nested more than 40 deep"),
        ("(" * 50_000 + "x" + ")" * 50_000, "nested more than 40 deep"),
        ("[" * 50_000 + "]" * 50_000, "nested more than 40 deep"),
        ("-" * 50_000 + "x", "nested more than 40 deep"),
        ("x" + "**x" * 50_000, "nested more than 40 deep"),
        ("not " * 50_000 + "x", "nested more than 40 deep"),
        ("sin(" * 50_000 + "x" + ")" * 50_000, "nested more than 40 deep"),
    ],
    ids=itertools.count(),
)
def test_what_cannot_be_read_is_told_with_its_column(text, sentence):
    assert sentence in refusal(text, x=X)


def test_a_number_that_does_not_fit_the_dtype_is_refused():
    assert "300 does not fit into int8" in refusal("n * 300", n=np.int8(1))
    assert "1000000.0 does not fit into float16" in refusal("x * 1e6", x=np.float16(1))


def test_too_long_a_text_and_too_many_nodes_are_refused():
    with pytest.raises(LimitError, match="at most 4,194,304 characters"):
        parse(" " * 5_000_000)
    with pytest.raises(LimitError, match="at most 200,000 nodes"):
        parse("+".join(["1"] * 150_000))


@pytest.mark.parametrize("array", [np.array([1j]), np.array(["a"]), np.array([None]), [[1], [2, 3]]])
def test_what_is_no_tensor_is_refused(array):
    with pytest.raises(GradvizError):
        parse("y = x", x=array)


@pytest.mark.parametrize("name", ["lambda", "a b", "1", ""])
def test_an_array_needs_a_name_that_can_stand_in_an_expression(name):
    with pytest.raises(GradvizError):
        parse("1", **{name: X})


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


@given(st.text(alphabet="xab01.,:;=+-*/@<>()[] \n'#_", max_size=30) | st.text(max_size=15))
def test_any_text_is_a_graph_or_a_sentence(text):
    for read in (lambda: parse(text, x=X), lambda: into(Document(), text, (0, 0))):
        try:
            assert read()
        except GradvizError as error:
            if not 0 < len(str(error)) < 1000:
                raise


class TestIntoADocument:
    """The expression line of the window."""

    def test_names_that_nobody_has_become_variables_of_one(self):
        document, names = into(Document(), "loss = sum((s*T - target)**2)", Place(5, 7))
        assert [name for name in names if isinstance(document.nodes[name], Leaf)] == ["s", "T", "target"]
        assert {document.nodes[name].role for name in ("s", "T", "target")} == {"variable"}
        assert run(document).values["loss"] == 0
        assert dict(document.targets) == {"loss": None}
        assert min(place.x for place in document.places.values()) == 5
        assert min(place.y for place in document.places.values()) == 7

    def test_names_that_nodes_have_are_wired_in(self):
        document = add_node(add_leaf(Document(), "x", np.float32([1, 2])), "y", "exp", sources=["x"])
        after, names = into(document, "z = y * w + 1", Place(0, 200))
        assert nodes_of(after)["mul1"] == ("multiply", "y", "w")
        assert set(names) == {"w", "mul1", "c1", "z"}
        assert after.nodes["w"].value.dtype == np.float32
        assert after.places["x"] == document.places["x"]
        assert after.nodes["x"] is document.nodes["x"]
        assert list(after.targets) == ["z"]

    def test_a_target_that_was_chosen_stays(self):
        document, _ = into(Document(), "a = x**2", Place(0, 0))
        after, _ = into(document, "b = x**3", Place(0, 0))
        assert list(after.targets) == ["a"]

    def test_what_adds_nothing_changes_nothing(self):
        document, _ = into(Document(), "a = x**2", Place(0, 0))
        assert into(document, "a", Place(0, 0)) == (document, ())

    def test_a_name_that_is_taken_is_refused(self):
        document, _ = into(Document(), "a = x**2", Place(0, 0))
        with pytest.raises(ExpressionError, match='"a" is there already'):
            into(document, "a = x", Place(0, 0))

    def test_an_op_is_not_taken_for_a_new_variable(self):
        with pytest.raises(ExpressionError, match='"exp" is no tensor'):
            into(Document(), "y = exp + 1", Place(0, 0))

    def test_new_nodes_do_not_cover_each_other(self):
        document, names = into(Document(), "y = a*b + c*d", Place(0, 0))
        places = [document.places[name] for name in names]
        assert all(abs(p.x - q.x) >= 100 or abs(p.y - q.y) >= 60 for p in places for q in places if p is not q)
