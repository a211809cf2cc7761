"""Compiled plans where something goes wrong: numbers that Python would raise for, rules that fail, hostile names."""

import numpy as np
import pytest

from gradviz.engine import compile_plan, run
from gradviz.engine.lowering import kept_where
from gradviz.errors import GradvizError
from gradviz.graph import Tensor, plan_for, set_tensor
from tests.engine.bits import assert_compiled_as_recorded, assert_same_bits, compiled_of
from tests.engine.building import build

HARD = [0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, np.inf, -np.inf, np.nan]


def scalars():
    """Return a document of numbers of rank 0 in which divisions, powers, ties and overflow can happen."""
    return build(
        {"a": 1.0, "b": 2.0},
        {
            "q": ("divide", "a", "b"),
            "r": ("divide", "b", "q"),
            "p": ("power", "a", "b"),
            "m": ("maximum", "a", "b"),
            "n": ("minimum", "q", "b"),
            "l": ("log", "m"),
            "e": ("exp", "r"),
            "s": ("sqrt", "n"),
            "h": ("relu", "e"),
            "z": ("abs", "l"),
            "i": ("add", "h", "z"),
            "j": ("multiply", "i", "s"),
            "k": ("subtract", "j", "p"),
        },
        {"k": None, "q": None},
    )


@pytest.mark.parametrize("a", HARD)
@pytest.mark.parametrize("b", HARD)
def test_numbers_for_which_python_would_raise_or_choose_otherwise(a, b):
    document = set_tensor(set_tensor(scalars(), "a", Tensor(np.array(a))), "b", Tensor(np.array(b)))
    assert_compiled_as_recorded(document)
    tape, result = run(document), compiled_of(scalars())({"a": a, "b": b})
    for node in ("a", "b"):
        assert_same_bits(result.gradients[node], tape.gradients[node])


def test_numbers_among_arrays_turn_to_floats_and_back():
    document = build(
        {"x": np.array([1.0, 2.0, 0.0]), "s": 0.0},
        {
            "n": ("sum", "x"),
            "d": ("divide", "n", "s"),
            "e": ("exp", "d"),
            "f": ("negative", "e"),
            "y": ("multiply", "x", "f"),
            "w": ("maximum", "f", "n"),
            "z": ("add", "y", "w"),
        },
        {"z": None},
    )
    assert_compiled_as_recorded(document)


@pytest.mark.parametrize("first", ["among floats", "among arrays"])
def test_a_number_that_is_read_among_floats_and_among_float32_arrays_is_no_weak_number(first):
    among_floats = {"a": ("multiply", "s", "t"), "b": ("exp", "a"), "c": ("add", "b", "s")}
    among_arrays = {"x1": ("multiply", "x", "s"), "x2": ("multiply", "x", "b")}
    order = {"among floats": "abc", "among arrays": "xyz"}[first]
    names = {"s": f"{order[0]}_s", "x": "m_x"}
    nodes = {node: (op, *(names.get(name, name) for name in of)) for node, (op, *of) in among_floats.items()}
    nodes |= {node: (op, *(names.get(name, name) for name in of)) for node, (op, *of) in among_arrays.items()}
    nodes |= {"u": ("add", "x1", "x2"), "w": ("multiply", "u", "c"), "y": ("sum", "w")}
    leaves = {names["s"]: 0.1, "t": 3.0, "m_x": np.array([0.1, 0.7], "float32")}
    assert_compiled_as_recorded(build(leaves, nodes, {"y": None}))


def test_float32_numbers_stay_float32():
    document = build(
        {"x": np.float32(0.1), "y": np.float32(3)},
        {"a": ("multiply", "x", "y"), "b": ("exp", "a"), "c": ("divide", "b", "x"), "d": ("tanh", "c")},
        {"d": None},
    )
    assert compiled_of(document)().gradients["x"].dtype == np.float32
    assert_compiled_as_recorded(document)


def with_label(label):
    return build(
        {"x": np.ones((2, 3)), "t": (np.array([0, label]), "constant")},
        {"loss": ("cross_entropy", "x", "t")},
        {"loss": None},
    )


def test_a_label_out_of_range_gives_the_error_of_the_recorded_run():
    with pytest.raises(GradvizError) as recorded:
        run(with_label(7), strict=True)
    for compiled, leaves in ((compiled_of(with_label(7)), {}), (compiled_of(with_label(1)), {"t": np.array([0, 7])})):
        for call in (compiled, compiled.record):
            with pytest.raises(GradvizError) as failed:
                call(leaves)
            assert str(failed.value) == str(recorded.value)
    assert compiled_of(with_label(7))({"t": np.array([0, 1])}).values["loss"] > 0


def test_a_failure_in_a_branch_that_no_target_needs_is_none():
    document = build(
        {"x": np.ones((2, 3)), "t": (np.array([0, 7]), "constant")},
        {"dead": ("cross_entropy", "x", "t"), "y": ("sum", "x")},
        {"y": None},
    )
    assert compiled_of(document)().values["y"] == 6.0


def test_a_singular_matrix_gives_the_error_of_the_recorded_run():
    document = build({"x": np.zeros((2, 2))}, {"i": ("inv", "x"), "y": ("sum", "i")}, {"y": None})
    tape = run(document)
    if tape.problems:
        with pytest.raises(GradvizError, match="inv"):
            compiled_of(document)()
    else:
        assert_compiled_as_recorded(document)


def test_a_gradient_that_is_refused_for_its_size_is_refused_with_the_same_sentence():
    document = build(
        {"a": np.ones((300, 1_000)), "b": np.ones((500, 1_000, 1))}, {"y": ("matmul", "a", "b")}, {"y": None}
    )
    recorded = run(document).problems[0].error
    compiled = compiled_of(document)
    assert compiled.source == ""
    for call in (compiled, compiled.record):
        with pytest.raises(GradvizError) as failed:
            call()
        assert str(failed.value) == str(recorded)
    assert compile_plan(plan_for(document), gradients=())().values["y"].shape == (500, 300, 1)


def test_no_name_and_no_text_of_a_document_gets_into_the_code():
    names = ["import_os", "v0", "np", "float64", "step", "k0", "__import__", "наименование"]
    document = build(
        {name: np.full((2, 2), 1.0 + i) for i, name in enumerate(names)},
        {
            "exec_": ("einsum", names[0], names[1], {"equation": "ij,jk->ik"}),
            "system": ("concat", *names, {"axis": 0}),
            "first": ("getitem", "system", {"index": (np.array([0, 1]),)}),
            "kind": ("astype", "first", {"dtype": "float64"}),
            "out": ("multiply", "exec_", "kind"),
        },
        {"out": None},
    )
    assert_compiled_as_recorded(document)
    source = compiled_of(document).source
    for text in ("import", "exec", "system", "наименование", "ij", "->", "'", '"', "__"):
        assert text not in source


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_masking_by_bits_is_masking_whatever_the_numbers_and_however_they_lie_in_memory(dtype):
    with np.errstate(over="ignore"):
        numbers = np.resize(np.array(HARD).astype(dtype), (60, 50))
    mask = np.resize(np.array([True, False, False]), (60, 50))
    for x, m in ((numbers, mask), (numbers.T, mask.T), (numbers[::2], mask[::2]), (numbers, np.asfortranarray(mask))):
        expected = np.where(m, x, np.zeros((), dtype))
        found = kept_where(m, x)
        assert found.dtype == expected.dtype
        assert found.tobytes() == expected.tobytes()
        assert found.strides == expected.strides
