import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.errors import LimitError, ShapeError
from gradviz.graph import (
    Computation,
    Document,
    Limits,
    Node,
    OneHot,
    Port,
    Tensor,
    add_leaf,
    add_node,
    check,
    disconnect,
    move,
    remove,
    set_params,
    set_target,
    set_tensor,
    starting_params,
)
from gradviz.ops import DTYPES, OPS


def sentences_of(document):
    return [problem.sentence for problem in check(document.computation).problems]


def test_shapes_and_dtypes_follow_from_the_leaves(line):
    report = check(set_tensor(line, "x", np.zeros((2, 1), np.float32)).computation)
    assert report.shapes == {"x": (2, 1), "w": (3,), "scale": (2, 3), "loss": ()}
    assert report.dtypes["x"] == np.float32
    assert report.dtypes["loss"] == np.float64
    assert report.problems == ()
    assert report.open_ports == ()


def test_a_clash_of_shapes_names_node_op_and_shapes(line):
    document = set_tensor(line, "w", np.zeros(4))
    report = check(document.computation)
    (problem,) = report.problems
    assert problem.sentence == 'multiply "scale": cannot broadcast (3,) with (4,)'
    assert (problem.node, problem.port, problem.severity) == ("scale", None, "error")
    assert isinstance(problem.error, ShapeError)
    assert problem.error.facts["at_node"] == "scale"
    assert report.shapes.keys() == {"x", "w"}


def test_below_a_broken_node_nothing_more_is_told(line):
    document = set_tensor(line, "w", np.zeros(4))
    for i in range(5):
        document = add_node(document, f"n{i}", "exp", sources=["loss"])
    assert len(sentences_of(document)) == 1


def test_two_broken_nodes_are_two_problems(line):
    document = add_node(line, "y", "sum", {"axis": 3}, ["x"])
    document = add_node(document, "z", "reshape", {"shape": [2]}, ["x"])
    assert [problem.node for problem in check(document.computation).problems] == ["y", "z"]


def test_an_open_port_is_no_error(line):
    document = disconnect(line, ("scale", "b"))
    report = check(document.computation)
    (problem,) = report.problems
    assert (problem.node, problem.port, problem.severity, problem.error) == ("scale", "b", "open", None)
    assert problem.sentence == 'multiply "scale": the input b is open'
    assert report.open_ports == (Port("scale", "b"),)
    assert report.shapes.keys() == {"x", "w"}


def test_an_optional_input_may_be_left_out(line):
    document = add_leaf(line, "W", np.zeros((3, 2)))
    document = add_node(document, "h", "linear", sources=["x", "W"])
    report = check(document.computation)
    assert report.shapes["h"] == (2,)
    assert report.open_ports == ()


def test_of_an_op_of_any_number_every_slot_wants_a_wire(line):
    document = add_node(line, "c", "concat", sources=["x", None, "w"])
    assert check(document.computation).open_ports == (Port("c", "x1"),)


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        (Tensor(np.ones(3)), 'the seed of "scale" has shape (3,), but "scale" has shape (2, 3): give it that shape'),
        (OneHot((2,)), 'the one-hot seed of "scale" stands at (2,), outside of its shape (2, 3): choose another cell'),
    ],
)
def test_a_seed_that_no_longer_fits_is_a_problem(line, seed, sentence):
    document = set_tensor(set_target(line, "scale", seed), "x", np.zeros((2, 3)))
    (problem,) = check(document.computation).problems
    assert problem.node == "scale"
    assert problem.sentence.startswith(sentence)


def test_an_integer_target_is_a_problem_and_still_computes(line):
    document = set_target(add_leaf(line, "n", [1, 2]), "n")
    assert sentences_of(document) == ['"n" has dtype int64: only float tensors have a gradient']
    assert check(document.computation).shapes["n"] == (2,)


def test_a_result_that_is_too_large_is_told_before_it_is_made():
    document = add_leaf(add_leaf(Document(), "x", np.zeros((20_000, 1))), "y", np.zeros(20_000))
    document = add_node(document, "outer", "add", sources=["x", "y"])
    (problem,) = check(document.computation).problems
    assert isinstance(problem.error, LimitError)
    assert problem.sentence == (
        'add "outer": its result of shape (20000, 20000) would have 400,000,000 elements; the limit is 67,108,864'
    )


def test_a_run_that_would_hold_too_much_is_told_before_it_begins():
    document = add_leaf(Document(), "x", np.zeros((2**13, 1)))
    for i in range(12):
        document = add_node(document, f"n{i:02}", "broadcast_to", {"shape": [2**13, 2**13]}, ["x"])
    problems = check(document.computation).problems
    assert [problem.node for problem in problems] == ["n07", "n08", "n09", "n10", "n11"]
    assert problems[0].sentence == (
        'broadcast_to "n07": with this value a run would hold more than 4 GiB: make the tensors smaller'
    )


def test_a_result_has_at_most_as_many_axes_as_numpy_allows():
    document = add_node(add_leaf(Document(), "x", np.zeros((1,) * 64)), "y", "expand_dims", {"axis": 0}, ["x"])
    assert sentences_of(document) == ['expand_dims "y": its result would have 65 axes; the limit is 64']


def test_limits_can_be_set(line):
    limits = Limits(elements=2)
    assert [problem.node for problem in check(line.computation, limits).problems] == ["scale"]
    assert not check(line.computation).problems


def test_an_op_that_the_catalogue_lacks_is_told_at_its_node(line):
    strange = Computation({**line.nodes, "y": Node("reduce_summ")}, line.wires)
    (problem,) = check(strange).problems
    assert problem.node == "y"
    assert problem.sentence.startswith("there is no op reduce_summ")


def test_the_same_computation_has_the_same_report(line):
    report = check(line.computation)
    assert check(move(line, {"x": (1, 1)}).computation) is report
    assert check(set_params(line, "loss", {"axis": 0}).computation) is not report


def test_a_report_does_not_keep_its_computation_alive(line):
    document = add_leaf(line, "y", 1.0)
    check(document.computation)
    ghost = weakref.ref(document.computation)
    del document
    gc.collect()
    assert ghost() is None


def test_reports_of_a_long_history_do_not_pile_up(line):
    history = [line]
    for i in range(40):
        history.append(set_tensor(history[-1], "x", [float(i)] * 3))
    first = check(history[0].computation)
    for document in history:
        check(document.computation)
    assert check(history[0].computation) is not first
    assert check(history[0].computation).shapes == first.shapes


def test_an_empty_document_has_nothing_to_tell():
    report = check(Document().computation)
    assert (dict(report.shapes), report.problems, report.open_ports) == ({}, (), ())


shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@given(st.data())
def test_whatever_is_wired_together_is_told_in_sentences(data):
    """No combination of op, shapes, dtypes and parameters makes the check itself fail."""
    op = data.draw(st.sampled_from(list(OPS.values())))
    document = Document()
    sources = []
    for i in range(len(op.ports(data.draw(st.integers(1, 3))))):
        dtype = data.draw(st.sampled_from(DTYPES))
        document = add_leaf(document, f"v{i}", np.zeros(data.draw(shapes), dtype))
        sources.append(f"v{i}")
    document = add_node(document, "y", op.name, data.draw(params_of(op)), sources)
    report = check(set_target(document, "y").computation)
    if "y" in report.shapes:
        assert all(isinstance(size, int) and size >= 0 for size in report.shapes["y"])
        assert report.dtypes["y"] in DTYPES
    else:
        assert report.problems[0].sentence.startswith(f'{op.name} "y": ')


integers = st.integers(-5, 5)
PARAMS = {
    "integer": integers,
    "number": integers | st.floats(-9, 9),
    "flag": st.booleans(),
    "axis": integers,
    "axes": integers | st.lists(integers, max_size=3).map(tuple),
    "permutation": st.permutations(range(3)).map(tuple) | st.lists(integers, max_size=4).map(tuple),
    "shape": st.lists(st.integers(0, 5), max_size=4).map(tuple) | st.just((-1,)),
    "integers": st.integers(0, 5) | st.lists(integers, max_size=3).map(tuple),
    "sizes": st.integers(0, 3) | st.tuples(st.integers(0, 3), st.integers(0, 3)),
    "widths": st.integers(0, 3) | st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3).map(tuple),
    "pairing": st.integers(0, 3) | st.permutations(range(2)).map(lambda axes: (tuple(axes), (0, 1))),
    "index": st.lists(
        st.sampled_from(
            [
                "ellipsis",
                "newaxis",
                {"int": 1},
                {"int": -7},
                {"slice": [None, None, -1]},
                {"slice": [1, 9, 2]},
                {"array": [0, 1, 1]},
                {"array": [[5]]},
                {"array": []},
                {"mask": [True, False]},
                {"mask": [[True], [False]]},
            ]
        ),
        max_size=4,
    ),
    "dtype": st.sampled_from([dtype.name for dtype in DTYPES]),
    "equation": st.sampled_from(
        ["ij,jk->ik", "ii->i", "...i,...i->...", "i", "->", "ij->k", "i,i,i", ",", "iij...->j", ""]
    )
    | st.text("ijk,.->", max_size=8),
}


def params_of(op):
    """Return a strategy for parameters that the op can read, sensible ones among them."""

    def drawn(param):
        values = st.sampled_from(param.choices) if param.kind == "choice" else PARAMS[param.kind]
        return values.filter(lambda value: readable(param, value))

    return st.fixed_dictionaries({}, optional={name: drawn(param) for name, param in op.params.items()}).map(
        lambda given: {**starting_params(op.name), **given}
    )


def readable(param, value):
    try:
        param.read("p", value)
    except ShapeError:
        return False
    return True


def test_a_broken_document_gets_well_again(line):
    broken = set_tensor(line, "w", np.zeros(4))
    assert sentences_of(broken)
    assert not sentences_of(remove(broken, ["scale", "loss"]))
    assert not sentences_of(set_tensor(broken, "w", 2.0))
