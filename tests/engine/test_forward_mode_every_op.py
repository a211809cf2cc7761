"""Forward mode for every op, from its gradient rules: against finite differences, and against the sweep."""

import numpy as np
import pytest

from gradviz.engine import jacobian, jvp, run
from gradviz.graph import Leaf, Node, Tensor, build
from gradviz.ops import OPS, is_float

STEP = 1e-6
CELLS = 40
every_op = pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values() if any(op.vjp.values())])


def samples_of(op, dtype="float64"):
    """Yield a document for each sample, of its inputs `i_x` and its one op `out`, and the inputs that may move."""
    for sample in op.samples:
        drawn = sample.inputs(np.random.default_rng(5))
        inputs = [x.astype(dtype) if is_float(x.dtype) else x for x in drawn]
        ports = op.ports(len(inputs))[: len(inputs)]
        params = op.read_params(sample.params)
        leaves = {f"i_{port}": Leaf("constant", Tensor(x)) for port, x in zip(ports, inputs, strict=True)}
        out = Node(op.name, params, len(ports) if op.variadic else 0)
        document = build({**leaves, "out": out}, {("out", port): f"i_{port}" for port in ports})
        moving = [
            f"i_{port}"
            for port, x in zip(ports, inputs, strict=True)
            if is_float(x.dtype) and op.rule_for(port) is not None
        ]
        y = run(document).values["out"]
        if moving and is_float(y.dtype) and not np.any(np.isnan(y)):  # a mean of nothing has no slope
            yield document, moving


def drawn_like(document, nodes, seed):
    generator = np.random.default_rng(seed)
    leaves = {node: document.nodes[node].value for node in nodes}
    return {node: np.asarray(generator.normal(size=x.shape), x.dtype) for node, x in leaves.items()}


def moved(document, directions, step, role="constant"):
    nodes = {
        name: Leaf(role, Tensor(made.value + step * directions[name])) if name in directions else made
        for name, made in document.nodes.items()
    }
    return document.changed(nodes=nodes)


@every_op
def test_a_tangent_agrees_with_finite_differences(op):
    samples = list(samples_of(op))
    assert samples
    for document, moving in samples:
        along = drawn_like(document, moving, 6)
        ahead, behind = (run(moved(document, along, s * STEP)).values["out"] for s in (1, -1))
        tangent = jvp(document, along).tangents["out"]
        expected = (ahead - behind) / (2 * STEP)
        if tangent is None:
            assert not np.any(expected)
            continue
        assert tangent.shape == expected.shape
        np.testing.assert_allclose(tangent, expected, rtol=1e-5, atol=1e-6)


@every_op
def test_forward_mode_is_the_transpose_of_the_sweep(op):
    for document, moving in samples_of(op):
        along = drawn_like(document, moving, 6)
        tangent = jvp(document, along).tangents["out"]
        up = np.random.default_rng(7).normal(size=run(document).values["out"].shape)
        swept = run(moved(document, along, 0.0, "variable"), "out", up).gradients
        pushed = 0.0 if tangent is None else np.sum(up * tangent)
        assert pushed == pytest.approx(sum(np.sum(swept[node] * along[node]) for node in moving), rel=1e-10, abs=1e-10)


@every_op
def test_tangents_of_float32_are_float32(op):
    for document, moving in samples_of(op, "float32"):
        result = jvp(document, drawn_like(document, moving, 6))
        tangent = result.tangents["out"]
        assert tangent is None or tangent.dtype == result.values["out"].dtype


@every_op
def test_the_jacobian_is_what_the_sweep_gives_for_each_number_of_the_result(op):
    for document, moving in samples_of(op):
        y = run(document).values["out"]
        swept_document = moved(document, dict.fromkeys(moving, 0.0), 0.0, "variable")
        for node in moving:
            x = document.nodes[node].value
            found = jacobian(document, "out", node)
            assert (found.shape, found.dtype) == (y.shape + x.shape, y.dtype)
            if y.size > CELLS:
                continue
            for cell in np.ndindex(y.shape):
                seed = np.zeros(y.shape)
                seed[cell] = 1
                expected = run(swept_document, "out", seed).gradients[node]
                np.testing.assert_allclose(found[cell], expected, rtol=1e-10, atol=1e-12)
