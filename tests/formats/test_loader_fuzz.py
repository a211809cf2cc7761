"""Whatever a file holds, reading it gives a document or a sentence: no traceback, and no memory beyond the limits."""

import base64
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.assets import names, read_bytes
from gradviz.errors import GradvizError
from gradviz.formats import load, parse_array, read, write
from gradviz.formats.npy import read_npy, write_npy
from gradviz.graph import LIMITS, Document, Limits
from tests.formats.random_documents import JSON, documents

FILES = [read_bytes(name) for name in names("examples")]
MIB = 2**20


def error_told(error):
    """Hold a refusal to be a sentence of readable length; return None."""
    if not 0 < len(str(error)) < 1000:
        pytest.fail(f"no sentence for a person: {str(error)[:2000]!r}")


def read_or_refuse(text, limits=LIMITS):
    """Return a document, or None where the text is refused with a sentence; nothing else may happen."""
    try:
        return read(text, limits)
    except GradvizError as error:
        return error_told(error)


@settings(max_examples=300)
@given(st.sampled_from(FILES), st.data())
def test_a_file_that_was_cut_off_is_refused(text, data):
    end = data.draw(st.integers(0, len(text) - 3))
    assert read_or_refuse(text[:end]) is None


@settings(max_examples=400)
@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes_give_a_document_or_a_sentence(text, changes):
    changed = bytearray(text)
    for where, byte in changes:
        changed[int(where * (len(text) - 1))] = byte
    document = read_or_refuse(bytes(changed))
    assert document is None or isinstance(read(write(document)), Document)


@settings(max_examples=200)
@given(st.sampled_from(FILES), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_moved_pieces_give_a_document_or_a_sentence(text, start, end, to):
    a, b = sorted((int(start * len(text)), int(end * len(text))))
    rest, piece = text[:a] + text[b:], text[a:b]
    place = int(to * len(rest))
    read_or_refuse(rest[:place] + piece + rest[place:])


@given(st.binary(max_size=300))
def test_any_bytes_give_a_sentence(data):
    assert read_or_refuse(data) is None


@given(JSON)
def test_any_json_gives_a_sentence(value):
    assert read_or_refuse(json.dumps(value)) is None


def places_in(value, path=()):
    """Yield the path of everything inside a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places_in(inner, (*path, key))


def replaced(value, path, new):
    """Return a JSON value with another one at a path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


ODD = st.sampled_from(
    [None, True, False, 0, -1, 1.5, 1e300, 10**200, 2**63, "", "x", "nan", [], [[]], {}, [None], {"a": 1}]
)


@settings(max_examples=400)
@given(st.sampled_from(FILES), st.data())
def test_wrong_types_anywhere_give_a_document_or_a_sentence(text, data):
    value = json.loads(text)
    path = data.draw(st.sampled_from(sorted(places_in(value), key=str)))
    document = read_or_refuse(json.dumps(replaced(value, path, data.draw(ODD | JSON))))
    assert document is None or isinstance(read(write(document)), Document)


@given(documents(), st.data())
def test_changed_documents_of_every_kind_give_a_document_or_a_sentence(document, data):
    value = json.loads(write(document))
    path = data.draw(st.sampled_from(sorted(places_in(value), key=str)))
    read_or_refuse(json.dumps(replaced(value, path, data.draw(ODD))))


@given(st.binary(max_size=200), st.sampled_from(["float64", "bool", "int8"]))
def test_any_npy_body_is_an_array_of_the_asked_kind_or_refused(body, dtype):
    for data in (
        body,
        base64.b64decode(write_npy(np.ones(3)))[: len(body)],
        base64.b64decode(write_npy(np.ones(3))) + body,
    ):
        try:
            array = read_npy(base64.b64encode(data).decode(), (3,), np.dtype(dtype))
        except GradvizError:
            continue
        assert (array.shape, array.dtype) == ((3,), dtype)


@settings(max_examples=300)
@given(st.text(alphabet="0123456789 ,;.-+e[]()\n\tnaif", max_size=40) | st.text(max_size=20))
def test_any_typed_text_is_an_array_or_refused(text):
    try:
        array = parse_array(text)
    except GradvizError as error:
        error_told(error)
    else:
        assert array.dtype.name in {"bool", "int64", "float64"}


def peak_of(action):
    """Return the most memory in bytes that an action held at a time."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def claiming(**value):
    leaf = {"id": "x", "op": "leaf", "role": "variable", "value": {"dtype": "float64", **value}}
    return json.dumps({"format": "gradviz", "version": 1, "nodes": [leaf]})


@pytest.mark.parametrize(
    "text",
    [
        claiming(shape=[2**40], data=[1]),
        claiming(shape=[2**26], recipe="zeros"),
        claiming(shape=[2**20], recipe="normal"),
        claiming(shape=[2**13, 2**13], recipe="eye"),
        claiming(shape=[2**26], npy="k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgfQ=="),
        claiming(shape=[4], npy="A" * 400_000),
        claiming(shape=[0, 2**60], data=[]),
        claiming(shape=[1] * 64, data=1),
        "[" * 1_000_000,
        "[" * 500_000 + "]" * 500_000,
        '{"a":' * 100_000,
        '"' + "\\" * 999_999,
        "9" * 1_000_000,
        '{"format": "gradviz", "version": 1, "nodes": [' + "{}," * 300_000 + "{}]}",
        "[1e999]",
    ],
    ids=range(15),
)
def test_no_claim_of_a_small_file_makes_large_memory(text):
    limits = Limits(file_bytes=MIB, total_bytes=MIB, elements=2**16)
    assert peak_of(lambda: read_or_refuse(text, limits)) < 64 * MIB


@pytest.mark.parametrize(
    ("unit", "count"),
    [
        (b"[],", 2**20),
        (b'{"a":1},', 2**18),
        (b'"ab",', 2**20),
        (b"0.5,", 2**21),
        (b"]", 2**24),
        (b'"', 2**21),
        (b"\\", 2**24),
    ],
)
def test_a_quarter_of_what_may_stand_in_a_file_takes_a_quarter_of_a_gibibyte_at_most(unit, count):
    text = b"[" + unit * count + b"0]"
    assert peak_of(lambda: read_or_refuse(text)) < 2**28


def test_a_tensor_is_made_without_a_second_of_its_size():
    text = claiming(shape=[2**20], recipe="normal", dtype="float64")
    assert peak_of(lambda: read(text)) < 16 * MIB


def test_a_file_larger_than_the_limit_is_not_opened(tmp_path):
    path = tmp_path / "large.gradviz"
    with path.open("wb") as file:
        file.truncate(LIMITS.file_bytes + 1)

    def refuse():
        with pytest.raises(GradvizError, match="more than 67,108,864 bytes"):
            load(path)

    assert peak_of(refuse) < MIB
