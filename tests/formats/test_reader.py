"""A file that is wrong is refused with a sentence that says where and what would help."""

import json

import pytest

from gradviz.errors import FormatError, GradvizError, LimitError
from gradviz.formats import read
from gradviz.graph import Limits

LEAF = {"id": "x", "op": "leaf", "role": "variable", "value": {"dtype": "float64", "shape": [2], "data": [1, 2]}}
SUM = {"id": "loss", "op": "sum", "inputs": ["x"]}


def text_of(*nodes, **keys):
    return json.dumps({"format": "gradviz", "version": 1, "nodes": list(nodes), **keys})


def leaf(**changes):
    return {**LEAF, **changes}


def value(**changes):
    return leaf(value={"dtype": "float64", "shape": [2], "data": [1, 2], **changes})


def refusal(text):
    """Return the sentence with which a text is refused."""
    with pytest.raises((FormatError, LimitError)) as caught:
        read(text)
    return str(caught.value)


def test_a_correct_file_is_read():
    assert list(read(text_of(LEAF, SUM)).nodes) == ["x", "loss"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is nothing in it"),
        ("  \n ", "there is nothing in it"),
        ("[1, 2]", "this is no gradviz document"),
        ('{"nodes": []}', "this is no gradviz document"),
        ("hello", "line 1, column 1: a value is missing or not spelled as JSON spells it"),
        (
            '{"format": "gradviz",\n "version": 1 "nodes": []}',
            "line 2, column 15: a comma or a closing bracket is missing",
        ),
        ('{"format": "gradviz", "version": 1,\n "nodes": [', "line 2, column 12: a value is missing"),
        ('{"format": "gradviz", "version": 1, "title": "abc', "a text in quotes is never closed"),
        ('{"format": "gradviz", "version": 1, "nodes": []} {}', "something stands after the end"),
        ('{"format": "gradviz", "format": "gradviz"}', 'the key "format" stands twice'),
        ('{"format": "gradviz", "view": {"a": 1, "a": 2}}', 'the key "a" stands twice'),
        ('{"format": "gradviz", "x": NaN}', 'NaN is no JSON: in a tensor write "nan"'),
        ('{"format": "gradviz", "x": -Infinity}', 'write "-inf"'),
        ('{"format": "gradviz", "x": 1e999}', "1e999 is beyond every float"),
        ('{"format": "gradviz", "x": ' + "1" * 5000 + "}", "a number in this file has hundreds of digits"),
        ('{"format": "gradviz", "x": "\\ud800"}', "half of a character"),
        (b'{"format": "gradviz", "x": "\xe9"}', "line 1: this is not UTF-8 text"),
        ("{}".encode("utf-16"), "this text is UTF-16"),
        ('{"a": "\udc80"}', "this is no text"),
        ("[" * 100_000, "nested 100000 deep"),
        ('{"a":' * 65 + "1" + "}" * 65, "lists are nested 65 deep, at most 64 are read"),
        (b"\x93NUMPY\x01\x00", "this is not UTF-8"),
        ("\x00\x00", "a value is missing"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text, sentence):
    assert sentence in refusal(text)


def test_a_newer_version_asks_for_an_update():
    sentence = refusal('{"format": "gradviz", "version": 2, "nodes": []}')
    assert "newer gradviz" in sentence
    assert "update" in sentence


@pytest.mark.parametrize("version", ["null", '"1"', "0", "-1", "1.0", "true", "[1]"])
def test_a_version_is_a_whole_number(version):
    assert "no version" in refusal(f'{{"format": "gradviz", "version": {version}, "nodes": []}}')


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"format": "gradviz", "version": 1}', '"nodes" must be a list'),
        (text_of(7), 'node 1 of the list must be an object with "id" and "op"'),
        (text_of(LEAF, {"op": "exp"}), "node 2 of the list: a name is a text, not NoneType"),
        (text_of(leaf(id="")), "node 1 of the list: a node needs a name"),
        (text_of(leaf(id="a b")), "node 1 of the list:"),
        (text_of(leaf(id="lambda")), "lambda"),
        (text_of(leaf(id="x" * 201)), "node 1 of the list: a name has at most 200 characters"),
        (text_of(leaf(id="ﬁ")), "node 1 of the list:"),
        (text_of(LEAF, LEAF), 'two nodes have the name "x"'),
        (text_of({"id": "y"}), 'node "y" has no op'),
        (text_of({"id": "y", "op": ["sum"]}), 'node "y" has no op'),
        (text_of({**LEAF, "op": "constant"}), 'node "x": write "op": "leaf", "role": "constant"'),
        (text_of({"id": "y", "op": "matmull"}), 'matmull "y": there is no op matmull; did you mean matmul'),
        (text_of({"id": "y", "op": "?" * 500}), "there is no op"),
        (text_of({"id": "y", "op": "exp", "inputs": "x"}), 'exp "y": inputs must be a list of names'),
        (text_of({"id": "y", "op": "exp", "inputs": [1]}), 'exp "y": inputs must be a list of names'),
        (text_of(LEAF, {"id": "y", "op": "exp", "inputs": ["X"]}), 'exp "y": input x is "X", and there is no node'),
        (text_of(LEAF, {"id": "y", "op": "add", "inputs": ["x", "x1"]}), 'add "y": input b is "x1"'),
        (text_of(leaf(id="rate"), {"id": "y", "op": "exp", "inputs": ["rat"]}), 'did you mean "rate"?'),
        (
            text_of(LEAF, {"id": "y", "op": "exp", "inputs": ["x", "x"]}),
            'exp "y": the inputs are x, and 2 are wired',
        ),
        (
            text_of(LEAF, {"id": "y", "op": "sum", "params": [0]}),
            'sum "y": params must be an object such as {"axis": 0}',
        ),
        (text_of(LEAF, {"id": "y", "op": "sum", "params": {"axes": 0}}), 'sum "y": there is no parameter axes'),
        (text_of(LEAF, {"id": "y", "op": "sum", "params": {"axis": "0"}}), 'sum "y": the parameter axis must be'),
        (text_of(LEAF, {"id": "y", "op": "reshape", "inputs": ["x"]}), 'reshape "y": the parameter shape is needed'),
        (text_of(leaf(inputs=["x"])), 'leaf "x": a leaf holds a tensor and takes no inputs'),
        (text_of(leaf(role="weight")), 'leaf "x": a leaf needs a "role": one of variable, input, constant'),
        (text_of(leaf(role=None)), 'leaf "x": a leaf needs a "role"'),
        (text_of(leaf(at=[0])), 'leaf "x": at must be [x, y]'),
        (text_of(leaf(at=[0, "1"])), 'leaf "x": at must be [x, y]'),
        (text_of(leaf(at=[0, 1e12])), 'leaf "x": at must be [x, y]'),
        (text_of(leaf(at=[True, 0])), 'leaf "x": at must be [x, y]'),
        (text_of(leaf(at=[10**350, 0])), 'leaf "x": at must be [x, y]'),
        (text_of(leaf(note=["a"])), 'leaf "x": "note" must be a text'),
        (text_of(title=3), '"title" must be a text'),
        (text_of(LEAF, targets=["x"]), '"targets" must be an object'),
        (text_of(LEAF, targets={"y": None}), 'a target is "y", and there is no node of that name'),
        (text_of(LEAF, targets={"x": 1}), 'target "x": a tensor is an object'),
        (text_of(LEAF, targets={"x": {"one_hot": [-1]}}), 'target "x": one_hot must be a list of numbers from 0'),
        (text_of(LEAF, targets={"x": {"one_hot": 1}}), 'target "x": one_hot must be a list of numbers from 0'),
    ],
)
def test_what_is_wrong_with_a_node_is_told_by_its_name(text, sentence):
    assert sentence in refusal(text)


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        (leaf(value=None), "a tensor is an object such as"),
        (leaf(value=[1, 2]), "a tensor is an object such as"),
        (value(dtype="float128"), "dtype must be one of bool, int8"),
        (value(dtype="object"), "dtype must be one of"),
        (value(dtype=["float64"]), "dtype must be one of"),
        (value(shape=2), "shape must be a list of sizes"),
        (value(shape=[-2]), "shape must be a list of sizes"),
        (value(shape=[True]), "shape must be a list of sizes"),
        (value(shape=[2.0]), "shape must be a list of sizes"),
        (value(shape=[10**30]), "at most 64 axes, each of at most 2**62"),
        (value(shape=[1] * 65), "at most 64 axes"),
        (value(shape=[2**31, 2**31]), "more than 67,108,864 elements"),
        (value(shape=[0, 2**40]), "more than 67,108,864 elements"),
        (value(shape=[3]), "do not fill the shape (3,): a list of 2 where a list of 3 belongs"),
        (value(shape=[2, 1]), "a single value where a list of 1 belongs"),
        (value(shape=[]), "nested deeper than the shape ()"),
        (value(data=[[1], [2]]), "nested deeper than the shape (2,)"),
        (value(shape=[2, 2], data=[[1, 2], [3]]), "a list of 1 where a list of 2 belongs"),
        (value(data=[1, "2"]), '"2" is not a number; words for numbers are "nan"'),
        (value(data=[1, None]), "null is not a number"),
        (value(data=[1, True]), "true is not a number, as float64 needs"),
        (value(data=[1, {}]), "an object is not a number"),
        (value(data=[1, 10**350]), "does not fit into float64"),
        (value(dtype="float32", data=[1, 1e300]), "1e+300 does not fit into float32"),
        (value(dtype="float16", data=[1, 70000]), "70000.0 does not fit into float16"),
        (value(dtype="int8", data=[1, 300]), "300 does not fit into int8, which reaches from -128 to 127"),
        (value(dtype="uint8", data=[1, -1]), "-1 does not fit into uint8"),
        (value(dtype="int64", data=[1, 1.5]), "1.5 is not a whole number"),
        (value(dtype="int64", data=[1, "nan"]), '"nan" is not a whole number'),
        (value(dtype="bool", data=[True, 1]), "1 is not true or false"),
        (value(npy=""), "here is data and npy"),
        (leaf(value={"dtype": "float64", "shape": [2]}), "here is none"),
        (leaf(value={"dtype": "float64", "shape": [2], "npy": "!"}), "npy is not base64 text"),
        (leaf(value={"dtype": "float64", "shape": [2], "npy": 5}), "npy is base64 text, not int"),
        (leaf(value={"dtype": "float64", "shape": [2], "npy": "QUJD"}), "npy is not the body of a .npy file"),
        (
            leaf(value={"dtype": "float64", "shape": [0], "npy": "A" * 8000}),
            "npy holds more than a tensor of shape (0,)",
        ),
        (leaf(value={"dtype": "float64", "shape": [2], "recipe": "noise"}), "there is no recipe noise"),
        (leaf(value={"dtype": "float64", "shape": [2], "recipe": 3}), "recipe must be one of normal"),
        (leaf(value={"dtype": "float64", "shape": [2], "recipe": "normal", "std": -1}), "std is a distance"),
        (
            leaf(value={"dtype": "float64", "shape": [2], "recipe": "normal", "seed": -1}),
            "seed must be a whole number from 0",
        ),
        (
            leaf(value={"dtype": "float64", "shape": [2], "recipe": "normal", "seed": 1.5}),
            "seed must be a whole number",
        ),
        (leaf(value={"dtype": "float64", "shape": [2], "recipe": "normal", "mean": "0"}), "mean must be a number"),
        (
            leaf(value={"dtype": "float64", "shape": [2], "recipe": "uniform", "low": 2, "high": 1}),
            "high must be at least low",
        ),
        (leaf(value={"dtype": "float64", "shape": [2], "recipe": "eye"}), "the recipe eye makes matrices"),
        (leaf(value={"dtype": "int8", "shape": [200], "recipe": "arange"}), "128.0 does not fit into int8"),
        (leaf(value={"dtype": "int8", "shape": [2], "recipe": "full", "value": "nan"}), "nan does not fit into int8"),
        (leaf(value={"dtype": "float64", "shape": [2**20, 2**20], "recipe": "zeros"}), "more than 67,108,864 elements"),
    ],
)
def test_what_is_wrong_with_a_tensor_is_told_at_its_leaf(node, sentence):
    told = refusal(text_of(node))
    assert told.startswith('leaf "x": ')
    assert sentence in told


def test_wires_that_form_a_loop_are_refused():
    loop = [{"id": "a", "op": "exp", "inputs": ["b"]}, {"id": "b", "op": "log", "inputs": ["a"]}]
    assert "the wires form a loop" in refusal(text_of(*loop))
    assert "the wires form a loop" in refusal(text_of({"id": "a", "op": "exp", "inputs": ["a"]}))


def test_a_newer_error_in_a_seed_names_the_target():
    seed = {"dtype": "float64", "shape": [1], "data": ["x"]}
    assert refusal(text_of(LEAF, targets={"x": seed})).startswith('target "x": ')


def test_limits_can_be_set():
    text = text_of(LEAF, SUM)
    assert read(text, Limits(nodes=2))
    for limits in (
        Limits(nodes=1),
        Limits(file_bytes=10),
        Limits(elements=1),
        Limits(total_bytes=15),
        Limits(nesting=3),
    ):
        with pytest.raises(LimitError):
            read(text, limits)


def test_the_tensors_of_a_file_are_counted_together():
    many = [leaf(id=f"x{i}", value={"dtype": "float64", "shape": [2**26], "recipe": "zeros"}) for i in range(3)]
    with pytest.raises(LimitError, match="all tensors together"):
        read(text_of(*many), Limits(total_bytes=2**20))


def test_seeds_count_too():
    seed = {"dtype": "float64", "shape": [100], "recipe": "zeros"}
    with pytest.raises(LimitError, match="all tensors together"):
        read(text_of(LEAF, targets={"x": seed}), Limits(total_bytes=500))


def test_braces_in_a_file_do_not_disturb_the_sentence():
    sentence = refusal(text_of({"id": "y", "op": "{0.__class__}"}))
    assert "{0.__class__}" in sentence


@pytest.mark.parametrize("word", ["__import__('os').system('x')", "lambda: 0", "np.ones(3)"])
def test_nothing_in_a_file_is_executed(word):
    for node in ({"id": "y", "op": word}, leaf(role=word), value(dtype=word), value(data=word), leaf(id=word)):
        with pytest.raises(GradvizError):
            read(text_of(node))
