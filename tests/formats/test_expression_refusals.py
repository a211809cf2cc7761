"""Whatever is no expression is refused with a sentence that tells the column."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.errors import ExpressionError, GradvizError, LimitError
from gradviz.formats import into, parse
from gradviz.graph import Document

X = np.array([[1.0, -2.0, 0.5], [4.0, 3.0, -1.0]])


def refusal(text, **arrays):
    with pytest.raises(ExpressionError) as caught:
        parse(text, **arrays)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is nothing to make a graph of"),
        (" # x", "there is nothing to make a graph of"),
        ("x +", "column 4: something is missing here"),
        ("x + * x", "column 5: something is missing before *"),
        ("(x", "column 1: this bracket is never closed"),
        ("x)", "column 2: ) stands at the wrong place"),
        ("(x]", "column 3: ] stands at the wrong place: ) belongs here"),
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
        ("x += 1", "column 3: += has no meaning in an expression"),
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
        ("x << 2", "column 3: << has no meaning in an expression"),
        ("*x", "column 1: something is missing before *"),
        ("sum(*x)", "column 5: something is missing before *"),
        ("for = x", 'column 1: "for" is a word of Python'),
        ("y = class", '"class" has no meaning in an expression'),
        ("sum()", "column 4: sum still needs x"),
        ("matmul(x)", "column 7: matmul still needs b"),
        ("where(x > 0, b=x)", "where still needs a"),
        ("matmul(x, x, x)", "matmul takes a, b, nothing else"),
        ("sum(x, 0, True, 3)", "sum takes x, axis, keepdims, nothing else"),
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
        ("x[::0]", "getitem: the parameter index has a slice with steps of 0"),
        ("x[,]", "column 3: something is missing before ,"),
        ("x.", "column 3: a name belongs behind the point"),
        ("[x, x]", "column 1: a list holds numbers; stack([a, b]) joins tensors"),
        ("[1, [2]]", "column 1: a single number stands beside a row"),
        ("[[1, 2], [3]]", "column 1: row 2 has length 1 and row 1 has length 2"),
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


@given(st.text(alphabet="xab01.,:;=+-*/@<>()[] \n'#_", max_size=30) | st.text(max_size=15))
def test_any_text_is_a_graph_or_a_sentence(text):
    for read in (lambda: parse(text, x=X), lambda: into(Document(), text, (0, 0))):
        try:
            assert read()
        except GradvizError as error:
            if not 0 < len(str(error)) < 1000:
                raise
