"""What every op owes: each test here is derived from the records and runs for every op on every sample."""

import ast
from contextlib import nullcontext, suppress
from itertools import product

import numpy as np
import pytest

from gradviz.errors import ComputeError, ShapeError
from gradviz.ops import DTYPES, OPS, formula, is_float, sum_to_shape, symbolic

EVERY_OP = [pytest.param(op, id=op.name) for op in OPS.values()]
FORMULAS_BY_HAND = {"sigmoid", "logsumexp"}
GRADIENTS_CUT_ON_PURPOSE = {"stop_gradient"}
NEEDS_AN_INVERSE = {"inv", "solve", "cholesky", "logdet"}
"""Ops, or gradients of ops, that a matrix of equal numbers has none of: it is refused in words."""

every_op = pytest.mark.parametrize("op", EVERY_OP)
every_differentiable_op = pytest.mark.parametrize(
    "op", [pytest.param(op, id=op.name) for op in OPS.values() if any(op.vjp.values())]
)


@pytest.fixture(autouse=True)
def _without_warnings():
    with np.errstate(all="ignore"):
        yield


def draw(op, sample, dtype="float64", seed=0):
    """Return the sample's inputs, floats in `dtype` and read-only, and its params."""
    inputs = [np.array(x, dtype if is_float(x.dtype) else x.dtype) for x in sample.inputs(np.random.default_rng(seed))]
    for x in inputs:
        x.flags.writeable = False
    return inputs, op.read_params(sample.params)


def forward(op, inputs, params):
    y = np.array(op.forward(*inputs, **params))
    y.flags.writeable = False
    return y


def upstream(y, seed=8):
    g = np.array(np.random.default_rng(seed).normal(size=y.shape), y.dtype)
    g.flags.writeable = False
    return g


def ports_of(op, inputs):
    return op.ports(len(inputs))[: len(inputs)]


def differentiable(op, inputs, y):
    """Yield the number, port and rule of the inputs to which the sweep sends a gradient."""
    for i, port in enumerate(ports_of(op, inputs)):
        if op.rule_for(port) is not None and is_float(inputs[i].dtype) and is_float(y.dtype):
            yield i, port, op.rule_for(port)


def kinds(inputs):
    return [x.shape for x in inputs], [x.dtype for x in inputs]


def same_bits(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return (
        a.shape == b.shape
        and a.dtype == b.dtype
        and np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()
    )


# what comes out


@every_op
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_shape_rule_and_dtype_rule_agree_with_the_forward_rule(op, dtype):
    for sample in op.samples:
        inputs, params = draw(op, sample, dtype)
        y = forward(op, inputs, params)
        shapes, dtypes = kinds(inputs)
        assert op.shape(*shapes, **params) == y.shape
        assert op.dtype(*dtypes, **params) == y.dtype


@every_op
def test_dtype_rule_agrees_with_the_forward_rule_for_every_dtype_or_refuses_it(op):
    for sample, dtype in product(op.samples, DTYPES):
        drawn, params = draw(op, sample)
        inputs = [(3 * np.abs(x)).astype(dtype) if is_float(x.dtype) else x for x in drawn]
        try:
            expected = op.dtype(*(x.dtype for x in inputs), **params)
        except ShapeError:
            continue
        with refusals_of_matrices(op):
            assert forward(op, inputs, params).dtype == expected


SIZES = (0, 1, 1, 2, 2, 3)


@every_op
def test_whatever_the_shape_rule_accepts_works_and_it_refuses_by_shape_errors_only(op):
    generator = np.random.default_rng(5)
    for sample, _ in product(op.samples, range(12)):
        params = op.read_params(sample.params)
        shapes = [tuple(map(int, generator.choice(SIZES, size=generator.integers(5)))) for _ in sample.shapes]
        try:
            expected = op.shape(*shapes, **params)
        except ShapeError:
            continue
        inputs, _ = draw(op, type(sample)(tuple(shapes), sample.params, sample.draw))
        try:
            y = forward(op, inputs, params)
        except ComputeError:  # the shapes are right, the values are not: a label out of range
            continue
        assert y.shape == expected
        for i, _, rule in differentiable(op, inputs, y):
            assert sum_to_shape(np.asarray(rule(upstream(y), y, *inputs, **params)), shapes[i]).shape == shapes[i]


@every_op
def test_a_broadcast_a_scalar_or_an_empty_input_works_where_the_shape_rule_allows_it(op):
    for sample in op.samples:
        params = op.read_params(sample.params)
        for shapes in variants(sample.shapes):
            try:
                expected = op.shape(*shapes, **params)
            except ShapeError:
                continue
            inputs, _ = draw(op, type(sample)(shapes, sample.params, sample.draw))
            try:
                y = forward(op, inputs, params)
            except ComputeError:  # the shapes are right, the values are not: a label out of range
                continue
            assert y.shape == expected
            check_against_differences(op, inputs, params, y)


def variants(shapes):
    """Yield the shapes with one input scalar, one axis less, one axis of size 1, or every axis of one size empty."""
    for i, shape in enumerate(shapes):
        changed = [(), shape[1:], *((*shape[:k], 1, *shape[k + 1 :]) for k in range(len(shape)))]
        yield from ((*shapes[:i], other, *shapes[i + 1 :]) for other in changed)
    for size in {size for shape in shapes for size in shape}:
        yield tuple(tuple(0 if n == size else n for n in shape) for shape in shapes)


@every_op
def test_non_finite_numbers_are_facts_and_not_failures(op):
    for sample in op.samples:
        drawn, params = draw(op, sample)
        for value in (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300):
            inputs = [np.full_like(x, value) if is_float(x.dtype) else x for x in drawn]
            with refusals_of_matrices(op):
                y = forward(op, inputs, params)
                for _, _, rule in differentiable(op, inputs, y):
                    rule(np.full_like(y, value), y, *inputs, **params)


def refusals_of_matrices(op):
    return suppress(ComputeError) if op.name in NEEDS_AN_INVERSE else nullcontext()


# what goes back


def check_against_differences(op, inputs, params, y):
    g = upstream(y)
    for i, _, rule in differentiable(op, inputs, y):
        if inputs[i].size == 0 or np.any(np.isnan(y)):
            continue  # nothing can be moved, or a mean of nothing is NaN
        direction = np.random.default_rng(9).normal(size=inputs[i].shape)
        slope = slope_along(op, inputs, params, i, direction)
        gradient = sum_to_shape(np.asarray(rule(g, y, *inputs, **params)), inputs[i].shape)
        assert np.sum(gradient * direction) == pytest.approx(np.sum(g * slope), rel=1e-6, abs=1e-7)


def slope_along(op, inputs, params, i, direction):
    step = 1e-6
    ahead, behind = ([*inputs[:i], inputs[i] + s * step * direction, *inputs[i + 1 :]] for s in (1, -1))
    return (np.asarray(op.forward(*ahead, **params)) - np.asarray(op.forward(*behind, **params))) / (2 * step)


@every_differentiable_op
def test_gradients_agree_with_finite_differences(op):
    for sample in op.samples:
        inputs, params = draw(op, sample)
        check_against_differences(op, inputs, params, forward(op, inputs, params))


@every_op
def test_an_input_without_a_gradient_rule_does_not_move_the_result(op):
    for sample in op.samples:
        inputs, params = draw(op, sample)
        y = forward(op, inputs, params)
        if op.name in GRADIENTS_CUT_ON_PURPOSE or not is_float(y.dtype):
            continue
        for i, port in enumerate(ports_of(op, inputs)):
            if op.rule_for(port) is None and is_float(inputs[i].dtype):
                assert not np.any(slope_along(op, inputs, params, i, np.ones(inputs[i].shape)))


@every_op
def test_float32_stays_float32(op):
    for sample in op.samples:
        inputs, params = draw(op, sample, "float32")
        y = forward(op, inputs, params)
        for i, _, rule in differentiable(op, inputs, y):
            assert np.asarray(rule(upstream(y), y, *inputs, **params)).dtype == inputs[i].dtype == np.float32


@every_op
@pytest.mark.parametrize("dtype", ["bool", "int8", "int64"])
def test_integers_beside_floats_give_what_the_same_floats_give(op, dtype):
    for sample in op.samples:
        inputs, params = draw(op, sample)
        for i, port in enumerate(ports_of(op, inputs)):
            if op.rule_for(port) is not None and is_float(inputs[i].dtype):
                narrow = (2 * np.abs(inputs[i])).astype(dtype)
                compare_narrow(op, inputs, params, i, narrow)


def compare_narrow(op, inputs, params, i, narrow):
    """Compare what an integer input gives with what it gives as floats, where the others make the result float64."""
    given, wide = ([*inputs[:i], x, *inputs[i + 1 :]] for x in (narrow, narrow.astype(float)))
    try:
        if op.dtype(*(x.dtype for x in given), **params).name != "float64" or len(inputs) == 1:
            return
        y, expected = forward(op, given, params), forward(op, wide, params)
    except (ComputeError, ShapeError):  # a mask of booleans is another thing than one of numbers; a singular matrix
        return
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)
    g = upstream(y)
    for _, port, rule in differentiable(op, given, y):
        gradients = [np.asarray(rule(g, y, *xs, **params)) for xs in (given, wide)]
        np.testing.assert_allclose(*gradients, rtol=1e-12, atol=1e-12, err_msg=port)


@every_op
def test_a_rule_gives_the_same_again_and_leaves_its_inputs_alone(op):
    for sample in op.samples:
        inputs, params = draw(op, sample)  # all of them are read-only: writing to one would raise
        y = forward(op, inputs, params)
        assert same_bits(y, forward(op, inputs, params))
        g = upstream(y)
        for _, _, rule in differentiable(op, inputs, y):
            assert same_bits(rule(g, y, *inputs, **params), rule(g, y, *inputs, **params))


@every_differentiable_op
def test_nothing_that_is_not_saved_enters_a_gradient(op):
    for sample in op.samples:
        inputs, params = draw(op, sample)
        y = forward(op, inputs, params)
        g = upstream(y)
        shapes, dtypes = kinds(inputs)
        for _, port, rule in differentiable(op, inputs, y):
            saved = symbolic.saved(op, shapes, dtypes, params, [port])
            named = dict(zip([*ports_of(op, inputs), "y"], [*inputs, y], strict=True))
            lost = {name: x if name in saved else spoilt(x) for name, x in named.items()}
            lost_y = lost.pop("y")
            assert same_bits(rule(g, lost_y, *lost.values(), **params), rule(g, y, *inputs, **params))


def spoilt(x):
    return np.full_like(x, np.nan) if is_float(x.dtype) else np.zeros_like(x)


# what is read


def evaluate(node, tensors):
    """Compute an expression with NumPy and the forward rules of the catalogue: a small interpreter, no eval."""

    def value(part):
        return None if part is None else evaluate(part, tensors)

    return KINDS[type(node)](node, value, tensors)


KINDS = {
    ast.Constant: lambda node, value, tensors: node.value,
    ast.Name: lambda node, value, tensors: tensors[node.id],
    ast.Tuple: lambda node, value, tensors: tuple(map(value, node.elts)),
    ast.List: lambda node, value, tensors: list(map(value, node.elts)),
    ast.Slice: lambda node, value, tensors: slice(value(node.lower), value(node.upper), value(node.step)),
    ast.Subscript: lambda node, value, tensors: value(node.value)[value(node.slice)],
    ast.UnaryOp: lambda node, value, tensors: OPERATORS[type(node.op)](value(node.operand)),
    ast.BinOp: lambda node, value, tensors: OPERATORS[type(node.op)](value(node.left), value(node.right)),
    ast.Compare: lambda node, value, tensors: OPERATORS[type(node.ops[0])](value(node.left), value(*node.comparators)),
    ast.Call: lambda node, value, tensors: function_of(node.func)(
        *map(value, node.args), **{keyword.arg: value(keyword.value) for keyword in node.keywords}
    ),
}


def function_of(node):
    match node:
        case ast.Attribute(value=ast.Name(id="np"), attr=name):
            return getattr(np, name)
        case ast.Name(id="slice"):
            return slice
        case ast.Name(id=name):
            return OPS[name].forward
    raise AssertionError(ast.dump(node))


OPERATORS = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: lambda a, b: a**b,
    ast.USub: lambda a: -a,
    ast.MatMult: np.matmul,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


@every_op
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_text_of_a_rule_computes_what_the_rule_computes_bit_for_bit(op, dtype):
    for sample in op.samples:
        inputs, params = draw(op, sample, dtype)
        y = forward(op, inputs, params)
        shapes, dtypes = kinds(inputs)
        tensors = dict(zip(ports_of(op, inputs), inputs, strict=True))
        assert same_bits(computed(symbolic.read_forward(op, shapes, dtypes, params), tensors), y)
        tensors |= {"g": upstream(y), "y": y}
        for _, port, rule in differentiable(op, inputs, y):
            expected = rule(tensors["g"], y, *inputs, **params)
            assert same_bits(computed(symbolic.read_vjp(op, port, shapes, dtypes, params), tensors), expected)


def computed(expression, tensors):
    return evaluate(ast.parse(symbolic.text(expression), mode="eval").body, tensors)


def expressions(op, sample):
    inputs, params = draw(op, sample)
    shapes, dtypes = kinds(inputs)
    yield symbolic.read_forward(op, shapes, dtypes, params)
    yield from (
        expression
        for port in ports_of(op, inputs)
        if (expression := symbolic.read_vjp(op, port, shapes, dtypes, params)) is not None
    )


@every_op
def test_the_catalogue_is_closed_every_step_of_a_rule_is_an_op_with_these_params(op):
    for sample in op.samples:
        for expression in expressions(op, sample):
            assert symbolic.operations(expression) <= set(OPS)
            for step in ast.walk(expression):
                if isinstance(step, ast.Call) and (name := symbolic.operation(step)) not in {"array", "slice"}:
                    assert {keyword.arg for keyword in step.keywords} <= set(OPS[name].params), name


@every_op
def test_every_rule_prints_as_mathematics(op):
    for sample in op.samples:
        inputs, params = draw(op, sample)
        shapes, dtypes = kinds(inputs)
        shown = [formula.forward_formula(op, shapes, dtypes, params), *expressions(op, sample)]
        for expression in shown:
            line, tex = formula.unicode(expression), formula.latex(expression)
            assert line.count("(") == line.count(")")
            assert "np." not in line
            assert "\n" not in line
            assert tex.count("{") == tex.count("}")
            assert tex.count(r"\left") == tex.count(r"\right")
            assert tex.isascii() or not line.isascii()


def test_only_these_formulas_are_stated_by_hand():
    assert {op.name for op in OPS.values() if op.formula is not None} == FORMULAS_BY_HAND


@pytest.mark.parametrize("name", sorted(FORMULAS_BY_HAND))
def test_a_formula_stated_by_hand_computes_what_the_rule_computes(name):
    op = OPS[name]
    for sample in op.samples:
        inputs, params = draw(op, sample)
        shapes, dtypes = kinds(inputs)
        stated = formula.forward_formula(op, shapes, dtypes, params)
        tensors = dict(zip(ports_of(op, inputs), inputs, strict=True))
        np.testing.assert_allclose(computed(stated, tensors), forward(op, inputs, params), rtol=1e-12)
