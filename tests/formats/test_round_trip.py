"""What is written and read again is what it was, and the text of a file is stable."""

import json

import numpy as np
import pytest
from hypothesis import given

from gradviz.formats import load, read, save, write
from gradviz.formats.values import Allowance, read_tensor, write_tensor
from gradviz.graph import LIMITS, Document, Leaf, Tensor, add_leaf, add_node, connect, set_slots
from gradviz.ops import OPS
from tests.formats.random_documents import documents, is_same_document, is_same_tensor, tensors


@given(documents())
def test_any_document_comes_back_as_it_was(document):
    assert is_same_document(read(write(document)), document)


@given(documents())
def test_writing_what_was_read_gives_the_same_text(document):
    text = write(document)
    assert write(read(text)) == text
    assert write(read(text.encode())) == text


@given(tensors())
def test_any_tensor_comes_back_as_it_was(tensor):
    found, rest = read_tensor(json.loads(json.dumps(write_tensor(tensor), allow_nan=False)), Allowance(LIMITS))
    assert is_same_tensor(found, tensor)
    assert rest == {}


@given(documents())
def test_a_file_has_one_line_for_each_node(document):
    lines = write(document).splitlines()
    assert sum(line.startswith('  {"id": ') for line in lines) == len(document.nodes)


def test_a_file_on_disk_comes_back_as_it_was(tmp_path):
    document = add_leaf(Document(), "größe", np.array([1.5, -0.0, np.nan]), role="input", place=(3.5, -2))
    save(document, tmp_path / "a.gradviz")
    assert is_same_document(load(tmp_path / "a.gradviz"), document)
    assert load(str(tmp_path / "a.gradviz")).places["größe"] == (3.5, -2)


def test_a_half_built_document_keeps_its_open_inputs():
    document = add_leaf(Document(), "x", 1.0)
    document = add_node(document, "y", "subtract")
    document = connect(document, "x", ("y", "b"))
    document = set_slots(add_node(document, "all", "concat"), "all", 3)
    document = connect(document, "x", ("all", "x1"))
    text = write(document)
    assert '"inputs": [null, "x"]' in text
    assert '"inputs": [null, "x", null]' in text
    assert is_same_document(read(text), document)


def test_open_optional_inputs_at_the_end_are_left_out():
    document = add_node(add_leaf(Document(), "x", np.ones((2, 2))), "y", "linear", sources=["x", "x"])
    assert '"inputs": ["x", "x"]' in write(document)
    assert is_same_document(read(write(document)), document)


def test_params_are_written_only_where_they_differ_from_the_default():
    document = add_node(add_leaf(Document(), "x", np.ones((2, 2))), "y", "sum", {"axis": None}, ["x"])
    assert "params" not in write(document)
    document = add_node(document, "z", "sum", {"axis": [0, -1], "keepdims": True}, ["x"])
    assert '"params": {"axis": [0, -1], "keepdims": true}' in write(document)


@pytest.mark.parametrize("op", [op for op in OPS.values() if op.params], ids=lambda op: op.name)
def test_every_op_keeps_its_params(op):
    for sample in op.samples:
        document = add_node(Document(), "y", op.name, sample.params, [None] * len(sample.shapes))
        found = read(write(document)).nodes["y"]
        assert (found.op, found.slots) == (op.name, document.nodes["y"].slots)
        np.testing.assert_equal(dict(found.params), dict(document.nodes["y"].params))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array([1.0, -0.0, 0.1]), "[1, -0.0, 0.1]"),
        (np.array([0.1, 1 / 3, 1e-45, 16777217], np.float32), "[0.1, 0.33333334, 1e-45, 16777216]"),
        (np.array([np.nan, np.inf, -np.inf], np.float16), '["nan", "inf", "-inf"]'),
        (np.array([[True], [False]]), "[[true], [false]]"),
        (np.array(2**63, np.uint64), "9223372036854775808"),
        (np.array(5e-324), "5e-324"),
        (np.array(1e17), "1e+17"),
        (np.zeros((2, 0, 3), np.int8), "[[], []]"),
    ],
)
def test_numbers_are_written_as_short_as_they_can_be(value, text):
    written = write_tensor(Tensor(value))
    assert json.dumps(written["data"]) == text
    assert is_same_tensor(read_tensor(written, Allowance(LIMITS))[0], Tensor(value))


@pytest.mark.parametrize("size", [1024, 1025])
def test_only_large_tensors_are_written_as_npy(size):
    written = write_tensor(Tensor(np.arange(size)))
    assert ("npy" in written) == (size > 1024)
    assert is_same_tensor(read_tensor(written, Allowance(LIMITS))[0], Tensor(np.arange(size)))


def test_a_tensor_of_very_many_axes_is_not_written_as_nested_lists():
    document = add_leaf(Document(), "x", np.ones((1,) * 64))
    assert "npy" in write(document)
    assert is_same_document(read(write(document)), document)


def test_tensors_that_lie_otherwise_in_memory_are_written_in_row_major_order():
    array = np.arange(2000.0).reshape(40, 50).T[::-1]
    tensor, _ = read_tensor(write_tensor(Tensor(array)), Allowance(LIMITS))
    assert np.array_equal(tensor.array, array)
    assert not tensor.array.flags.writeable


def test_unknown_keys_survive_at_every_level():
    text = """{"format": "gradviz", "version": 1, "author": "me",
     "nodes": [
      {"id": "x", "op": "leaf", "role": "variable", "color": "red",
       "value": {"dtype": "float64", "shape": [2], "data": [1, 2], "unit": "m"}},
      {"id": "y", "op": "exp", "inputs": ["x"], "value": {"of": "another program"}, "role": 7}],
     "targets": {"y": {"one_hot": [1], "why": "because"}}, "view": {"zoom": 2}, "groups": [["x"]]}"""
    value = json.loads(write(read(text)))
    assert (value["author"], value["view"], value["groups"]) == ("me", {"zoom": 2}, [["x"]])
    assert value["nodes"][0]["color"] == "red"
    assert value["nodes"][0]["value"]["unit"] == "m"
    assert value["nodes"][1]["value"] == {"of": "another program"}
    assert value["nodes"][1]["role"] == 7
    assert value["targets"]["y"] == {"one_hot": [1], "why": "because"}


def test_a_document_without_nodes_is_a_document():
    assert is_same_document(read(write(Document())), Document())


def test_nodes_may_stand_before_what_feeds_them():
    text = """{"format": "gradviz", "version": 1, "nodes": [
      {"id": "y", "op": "exp", "inputs": ["x"]},
      {"id": "x", "op": "leaf", "role": "variable", "value": {"dtype": "float64", "shape": [], "data": 1}}]}"""
    document = read(text)
    assert list(document.nodes) == ["y", "x"]
    assert document.wires["y", "x"] == "x"


def test_nodes_without_a_place_are_laid_out_from_left_to_right():
    text = """{"format": "gradviz", "version": 1, "nodes": [
      {"id": "y", "op": "exp", "inputs": ["x"]},
      {"id": "x", "op": "leaf", "role": "variable", "value": {"dtype": "float64", "shape": [], "data": 1}}]}"""
    places = read(text).places
    assert places["x"].x < places["y"].x


def test_a_byte_order_mark_does_no_harm():
    assert read(b"\xef\xbb\xbf" + write(Document()).encode()).nodes == {}


def test_a_long_chain_is_read_and_written_without_recursion():
    nodes = [
        '{"id": "n0", "op": "leaf", "role": "input", "value": {"dtype": "int8", "shape": [], "data": 1}, "at": [0, 0]}'
    ]
    nodes += [f'{{"id": "n{i}", "op": "sin", "inputs": ["n{i - 1}"], "at": [{i}, 0]}}' for i in range(1, 30_000)]
    document = read(f'{{"format": "gradviz", "version": 1, "nodes": [{",".join(nodes)}]}}')
    assert len(document.nodes) == 30_000
    assert write(document).count("\n") > 30_000


def test_leaves_keep_their_roles_and_arrays_cannot_be_written_to():
    document = read(write(add_leaf(Document(), "x", np.ones(3), role="constant")))
    leaf = document.nodes["x"]
    assert isinstance(leaf, Leaf)
    assert leaf.role == "constant"
    assert not leaf.value.flags.writeable
