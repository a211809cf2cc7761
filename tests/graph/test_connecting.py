import numpy as np
import pytest

from gradviz.graph import (
    add_leaf,
    add_node,
    compatible_sources,
    connect,
    connection_problem,
    disconnect,
    ports_of,
    set_tensor,
)


@pytest.fixture
def bench(line):
    """The line, a vector of four, a matrix, an open matmul, and c = concat(x, w)."""
    document = add_leaf(line, "four", np.zeros(4))
    document = add_leaf(document, "W", np.zeros((3, 2)))
    document = add_node(document, "h", "matmul")
    return add_node(document, "c", "concat", sources=["x", "w"])


@pytest.mark.parametrize(
    ("source", "port", "sentence"),
    [
        ("four", ("scale", "b"), 'multiply "scale": cannot broadcast (3,) with (4,)'),
        ("W", ("scale", "a"), 'multiply "scale": cannot broadcast (3, 2) with (3,)'),
        ("loss", ("scale", "a"), '"loss" already depends on "scale": the wire would close a loop'),
        ("scale", ("scale", "a"), '"scale" cannot feed itself: the wire would close a loop'),
        ("x", ("w", "x"), '"w" is a leaf: it has no op, no parameters and no inputs'),
        ("x", ("scale", "c"), 'multiply "scale" has no input "c"; it has a, b'),
        ("q", ("scale", "a"), 'there is no node named "q"'),
        ("x", ("q", "a"), 'there is no node named "q"'),
        ("x", ("scale", "b"), None),
        ("x", ("h", "b"), None),
        ("x", ("c", "x2"), None),
        ("x", ("c", "x3"), 'concat "c" has no input "x3"; it has x0, x1'),
    ],
)
def test_a_wire_tells_what_speaks_against_it(bench, source, port, sentence):
    assert connection_problem(bench, source, port) == sentence


def test_the_port_to_come_is_tried_with_the_others(bench):
    assert connection_problem(bench, "W", ("c", "x2")).startswith('concat "c": ')


def test_the_replaced_wire_does_not_count(bench):
    document = set_tensor(bench, "w", np.zeros(4))
    assert connection_problem(document, "x", ("scale", "b")) is None
    assert connection_problem(document, "four", ("scale", "a")) is None


def test_of_what_is_open_or_broken_nothing_is_known(bench):
    assert connection_problem(bench, "W", ("h", "a")) is None
    half_built = disconnect(bench, ("scale", "a"))
    assert connection_problem(half_built, "scale", ("h", "a")) is None
    assert connection_problem(half_built, "four", ("scale", "b")) is None
    matched = connect(bench, "W", ("h", "b"))
    assert connection_problem(matched, "x", ("h", "a")) is None
    assert connection_problem(matched, "four", ("h", "a")).startswith('matmul "h": ')


def test_dtypes_are_tried_as_well(bench):
    document = add_node(bench, "y", "one_hot", {"depth": 3})
    assert connection_problem(document, "x", ("y", "x")).startswith('one_hot "y": ')
    assert connection_problem(add_leaf(document, "n", [1, 2]), "n", ("y", "x")) is None


def test_a_result_that_is_too_large_is_told(bench):
    document = add_leaf(add_leaf(bench, "row", np.zeros(20_000)), "column", np.zeros((20_000, 1)))
    document = add_node(document, "outer", "add", sources=["row"])
    assert "the limit is 67,108,864" in connection_problem(document, "column", ("outer", "b"))


def ports_that_take(document, source):
    ports = [(name, port) for name, node in document.nodes.items() for port in ports_of(node)]
    return [port for port in ports if connection_problem(document, source, port) is None]


def test_what_is_said_holds_when_it_is_done(bench):
    """A wire against which nothing is said neither is refused nor brings a problem at its node."""
    for source in bench.nodes:
        for port in ports_that_take(bench, source):
            assert connection_problem(connect(bench, source, port), source, port) is None
            assert source in compatible_sources(bench, port)


def test_each_port_says_whether_it_takes_a_node(bench):
    assert ports_that_take(bench, "four") == [("loss", "x"), ("h", "a"), ("h", "b"), ("c", "x0"), ("c", "x1")]
    assert ports_that_take(bench, "loss") == [("h", "a"), ("h", "b")]


def test_all_sources_are_told_at_once(bench):
    assert compatible_sources(bench, ("scale", "a")) == ("x", "w", "h")
    assert compatible_sources(bench, ("h", "a")) == ("x", "w", "scale", "loss", "four", "W", "c")


def test_a_question_leaves_the_document_alone(bench):
    before = dict(bench.wires)
    connection_problem(bench, "four", ("scale", "b"))
    assert dict(bench.wires) == before
