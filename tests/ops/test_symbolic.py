"""A rule run on names writes itself down, and refuses what cannot be written."""

import ast

import numpy as np
import pytest

from gradviz.errors import GradvizError
from gradviz.ops import OPS, Op, Sample, shapes
from gradviz.ops.symbolic import operation, operations, read, read_vjp, recorded, saved, text, used_names

FLOAT = np.dtype("float64")


def read_text(rule, *sizes, dtypes=None, **params):
    names = ("a", "b", "c")[: len(sizes)]
    return text(read(rule, names, sizes, dtypes or [FLOAT] * len(sizes), params))


def test_operators_read_as_operators_and_ufuncs_with_an_operator_do_too():
    assert read_text(lambda a, b: -(a + b) * a / b - a**2, (2,), (2,)) == "-(a + b) * a / b - a ** 2"
    assert read_text(lambda a, b: np.add(a, np.negative(b)), (2,), (2,)) == "a + -b"
    assert read_text(lambda a, b: np.multiply(a, 2) @ b, (2, 2), (2, 2)) == "a * 2 @ b"
    assert read_text(lambda a, b: np.true_divide(1, a), (2,), (2,)) == "1 / a"


@pytest.mark.parametrize("sign", [">", ">=", "<", "<=", "==", "!="])
def test_comparisons_read_as_comparisons(sign):
    function = {
        ">": np.greater,
        ">=": np.greater_equal,
        "<": np.less,
        "<=": np.less_equal,
        "==": np.equal,
        "!=": np.not_equal,
    }[sign]
    assert read_text(lambda a: function(a, 0), (2,)) == f"a {sign} 0"


def test_a_comparison_with_the_constant_in_front_is_turned_round_by_python_and_stays_true():
    assert read_text(lambda a: 0 < a, (2,)) == "a > 0"  # noqa: SIM300 - the order is what is tested


def test_functions_read_with_tensors_by_position_and_params_by_keyword():
    assert read_text(lambda a: np.sum(a, 0, keepdims=True), (2, 3)) == "np.sum(a, axis=0, keepdims=True)"
    assert read_text(lambda a: np.reshape(a, (3, 2)), (2, 3)) == "np.reshape(a, shape=(3, 2))"
    assert read_text(lambda a, b: np.where(a > 0, a, b), (2,), (2,)) == "np.where(a > 0, a, b)"
    assert read_text(lambda a: np.clip(a, min=0, max=None), (2,)) == "np.clip(a, min=0, max=None)"


def test_lists_of_tensors_read_as_lists():
    assert read_text(lambda a, b: np.concatenate([a, b], 1), (2, 1), (2, 2)) == "np.concat([a, b], axis=1)"
    assert read_text(lambda a, b: np.stack((a, b), axis=0), (2,), (2,)) == "np.stack([a, b], axis=0)"


def test_functions_are_called_as_the_catalogue_calls_them():
    assert read_text(np.absolute, (2,)) == "np.abs(a)"
    assert read_text(np.amax, (2,)) == "np.max(a)"
    assert read_text(lambda a, b: np.concatenate([a, b]), (2,), (2,)) == "np.concat([a, b])"


@pytest.mark.parametrize(
    ("rule", "axes"),
    [
        (lambda a: np.swapaxes(a, -1, -2), (0, 2, 1)),
        (np.matrix_transpose, (0, 2, 1)),
        (np.transpose, (2, 1, 0)),
        (lambda a: np.permute_dims(a, (1, -1, 0)), (1, 2, 0)),
        (lambda a: np.swapaxes(np.exp(a), 0, 2), (2, 1, 0)),
    ],
)
def test_every_way_to_permute_axes_reads_as_one(rule, axes):
    assert read_text(rule, (2, 3, 4)).endswith(f", axes={axes})")
    assert read_text(rule, (2, 3, 4)).startswith("np.permute_dims(")


def test_indexing_reads_as_python_writes_it():
    assert read_text(lambda a: a[0, 1:, ::-1], (2, 3, 4)) == "a[0, 1:, ::-1]"
    assert read_text(lambda a: a[..., None], (2,)) == "a[..., None]"
    assert read_text(lambda a: a[np.array([0, 1])], (2,)) == "a[np.array([0, 1])]"


def test_constants_read_as_literals():
    assert read_text(lambda a: 0.5 * a + np.inf, (2,)) == "0.5 * a + 1e309"
    assert read_text(lambda a: a * np.arange(3), (3,)) == "a * np.array([0, 1, 2])"
    assert read_text(lambda a: a * np.ones(2, np.float32), (2,)) == "a * np.array([1.0, 1.0], dtype='float32')"
    assert read_text(lambda a: a * np.zeros((0, 2)), (0, 2)) == "a * np.reshape(np.array([]), shape=(0, 2))"


def test_shape_ndim_and_dtype_of_inputs_are_known():
    rule = lambda a: np.reshape(a, a.shape[::-1]) if a.ndim == 2 else a  # noqa: E731 - rules are lambdas
    assert read_text(rule, (2, 3)) == "np.reshape(a, shape=(3, 2))"
    assert read_text(rule, (2,)) == "a"
    assert read_text(lambda a: OPS["astype"].forward(a, a.dtype), (2,), dtypes=[np.dtype("f4")]) == (
        "astype(a, dtype='float32')"
    )


@pytest.mark.parametrize(
    "step",
    [
        lambda a, b: a + b,
        lambda a, b: a @ np.matrix_transpose(b),
        lambda a, b: np.sum(a, axis=0, keepdims=True),
        lambda a, b: np.concatenate([a, b]),
        lambda a, b: a[0, ::-1],
        lambda a, b: a > 0,
        lambda a, b: 2 * b,
        lambda a, b: OPS["astype"].forward(a, "int8"),
    ],
)
def test_shape_and_dtype_of_what_is_computed_on_the_way_are_known_too(step):
    seen = []

    def rule(a, b):
        result = step(a, b)
        seen.append((result.shape, result.ndim, result.dtype))
        return result

    arrays = np.ones((2, 3)), np.ones((1, 3), np.float32)
    read(rule, ("a", "b"), [x.shape for x in arrays], [x.dtype for x in arrays], {})
    rule(*arrays)
    assert seen[0] == seen[1]


def test_reading_a_rule_makes_no_tensor_of_the_size_of_the_inputs():
    huge = (100_000, 100_000, 100_000)
    assert read_text(lambda a: np.exp(a) * 2, huge) == "np.exp(a) * 2"
    assert read_text(lambda a: np.reshape(a, (a + a).shape), huge).startswith("np.reshape(a, ")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (lambda a: a if a > 0 else -a, "must not branch on the values of a > 0: use np.where"),
        (lambda a: [item for item in a][0], "must not take a apart"),  # noqa: C416, RUF015 - iterating is the test
        (lambda a: len(a) * a, "must not take a apart"),
        (lambda a: float(a) * a, "must not take a apart"),
        (lambda a: [0, 1][a], "must not take a apart"),
        (lambda a: 1 in a, "must not take a apart"),
        (lambda a: np.asarray(a) + 1, "must not take a apart"),
        (lambda a: np.full((2,), a), "must not take a apart"),
        (lambda a: np.add(a, 1, out=np.ones(2)), "must call np.add plainly, without out="),
        (np.add.reduce, "must call np.add plainly"),
        (lambda a: np.exp(a, where=np.ones(2, bool)), "must call np.exp plainly"),
        (lambda a: np.sum(a, out=np.ones(())), "must not write to out=; np.sum returns its result"),
        (lambda a: a[{1: 2}], "must not use {1: 2}"),
        (lambda a: a[a], "must not index with a tensor"),
        (lambda a: a + 1j, "must not use 1j"),
    ],
)
def test_what_cannot_be_written_down_is_refused_in_a_sentence(rule, sentence):
    with pytest.raises((GradvizError, AttributeError)) as caught:
        read_text(rule, (2,))
    assert sentence in str(caught.value)


def test_a_rule_cannot_write_into_its_input():
    def rule(a):
        a[0] = 1
        return a

    with pytest.raises(GradvizError, match="must not take a apart"):
        read_text(rule, (2,))


def test_methods_are_refused_and_the_function_is_named():
    with pytest.raises(AttributeError, match=r"must not use \.sum of a tensor: call the NumPy function np\.sum"):
        read_text(lambda a: a.sum(), (2,))


@recorded
def blur(image, kernel, times=1, edge="wrap"):
    return np.full(np.shape(image), times) if edge else kernel


def test_a_recorded_function_computes_with_arrays_and_is_written_down_with_symbols():
    np.testing.assert_array_equal(blur(np.ones(3), np.ones(2), 4), [4, 4, 4])
    assert read_text(lambda a, b: blur(a, b, 4, edge=None), (3,), (2,)) == "blur(a, b, times=4, edge=None)"
    assert read_text(lambda a, b: blur(np.ones(1), b), (3,), (2,)) == "blur(np.array([1.0]), b)"


def test_a_recorded_function_keeps_its_name_and_docstring():
    assert OPS["astype"].forward.__name__ == "astype"
    assert OPS["astype"].forward.__doc__.startswith("Return a tensor")


def test_operations_are_those_of_the_catalogue_and_leave_params_and_constants_out():
    expression = read(
        lambda a: -np.exp(a)[0:1] * (a > 0) + OPS["astype"].forward(np.arange(2) @ a, a.dtype),
        ["a"],
        [(2,)],
        [FLOAT],
        {},
    )
    assert operations(expression) == {"negative", "exp", "getitem", "multiply", "greater", "add", "astype", "matmul"}


def test_a_negative_literal_is_a_constant_and_no_operation():
    assert operation(ast.parse("-2", mode="eval").body) == ""
    assert operation(ast.parse("-x", mode="eval").body) == "negative"


def test_used_names_are_the_tensors_that_enter_a_value():
    expression = read(lambda g, x: np.broadcast_to(g, x.shape), ["g", "x"], [(), (2,)], [FLOAT] * 2, {})
    assert used_names(expression) == {"g"}


def saved_by(name, *sizes, ports=None, **params):
    op = OPS[name]
    everything = ports or op.ports(len(sizes))[: len(sizes)]
    return saved(op, sizes, [FLOAT] * len(sizes), op.read_params(params), everything)


def test_only_what_a_rule_uses_is_saved():
    assert saved_by("add", (2,), (2,)) == ()
    assert saved_by("multiply", (2,), (2,)) == ("a", "b")
    assert saved_by("multiply", (2,), (2,), ports=["a"]) == ("b",)
    assert saved_by("exp", (2,)) == ("y",)
    assert saved_by("divide", (2,), (2,)) == ("b", "y")
    assert saved_by("where", (2,), (2,), (2,)) == ("condition",)
    assert saved_by("sum", (2, 3), axis=0) == ()
    assert saved_by("linear", (2, 3), (3, 4)) == ("x", "W")
    assert saved_by("stop_gradient", (2,)) == ()
    assert saved_by("concat", (2,), (2,), (1,)) == ()


def test_a_variadic_op_reads_each_port_by_itself():
    op = OPS["stack"]
    params = op.read_params({"axis": 0})
    texts = [text(read_vjp(op, port, [(2,)] * 3, [FLOAT] * 3, params)) for port in op.ports(3)]
    assert len(set(texts)) == 3


def test_a_port_without_a_rule_reads_as_nothing():
    assert read_vjp(OPS["greater"], "a", [(2,), (2,)], [FLOAT] * 2, {}) is None


def test_the_rule_of_any_op_can_be_read():
    cube = Op(
        name="cube",
        family="elementwise",
        doc="Multiply three times.",
        inputs=("x",),
        forward=lambda x: x**3,
        vjp={"x": lambda g, y, x: g * 3 * np.square(x)},
        shape=shapes.same,
        samples=(Sample(((2,),)),),
    )
    assert text(read_vjp(cube, "x", [(2,)], [FLOAT], {})) == "g * 3 * np.square(x)"
    assert saved(cube, [(2,)], [FLOAT], {}, ["x"]) == ("x",)
