"""The catalogue is closed under differentiation: for every op the gradient is a document of ops, right and swept again.

For each op on each of its samples the gradient document computes what the sweep computes, and its own gradient (the
second order) is that of finite differences of the sweep.
"""

import numpy as np
import pytest

from gradviz.engine import differentiate, run
from gradviz.graph import Leaf, Node, Tensor, build
from gradviz.ops import OPS, is_float

STEP = 1e-6
DIFFERENTIABLE = [pytest.param(op, id=op.name) for op in OPS.values() if any(op.vjp.values())]
OF_SEVERAL = [param for param in DIFFERENTIABLE if len(param.values[0].ports()) > 1]
every_op = pytest.mark.parametrize("op", DIFFERENTIABLE)


def samples_of(op):
    """Yield a document for each sample, its inputs `i_x` and its one op `out`, with a seed, where gradients flow."""
    for sample in op.samples:
        inputs = sample.inputs(np.random.default_rng(2))
        ports = op.ports(len(inputs))[: len(inputs)]
        params = op.read_params(sample.params)
        with np.errstate(all="ignore"):
            y = np.asarray(op.forward(*inputs, **params))
        open_ports = [
            port
            for port, x in zip(ports, inputs, strict=True)
            if is_float(y.dtype) and is_float(x.dtype) and op.rule_for(port) is not None
        ]
        if open_ports:
            leaves = {f"i_{port}": Leaf("variable", Tensor(x)) for port, x in zip(ports, inputs, strict=True)}
            wires = {("out", port): f"i_{port}" for port in ports}
            seed = Tensor(np.random.default_rng(3).normal(size=y.shape))
            document = build(
                {**leaves, "out": Node(op.name, params, len(ports) if op.variadic else 0)}, wires, {"out": seed}
            )
            yield document, [f"i_{port}" for port in open_ports]


@every_op
def test_the_gradient_document_computes_what_the_sweep_computes(op):
    samples = list(samples_of(op))
    assert samples
    for document, wrt in samples:
        gradient = differentiate(document, wrt)
        swept, computed = run(document, strict=True).gradients, run(gradient, strict=True).values
        assert list(gradient.targets) == [f"d_out_d_{node}" for node in wrt]
        for node in wrt:
            value = computed[f"d_out_d_{node}"]
            assert (value.shape, value.dtype) == (swept[node].shape, swept[node].dtype)
            np.testing.assert_allclose(value, swept[node], rtol=1e-12, atol=1e-12)


def moved(document, directions, step):
    nodes = {
        name: Leaf(made.role, Tensor(made.value + step * directions[name])) if name in directions else made
        for name, made in document.nodes.items()
    }
    return document.changed(nodes=nodes)


@every_op
def test_the_gradient_of_the_gradient_agrees_with_differences_of_the_sweep(op):
    generator = np.random.default_rng(4)
    for document, wrt in samples_of(op):
        ups = {node: generator.normal(size=document.nodes[node].value.shape) for node in wrt}
        along = {node: generator.normal(size=document.nodes[node].value.shape) for node in wrt}
        ahead, behind = (run(moved(document, along, s * STEP), strict=True).gradients for s in (1, -1))
        expected = sum(np.sum(ups[node] * (ahead[node] - behind[node])) / (2 * STEP) for node in wrt)
        again = run(differentiate(document, wrt), {f"d_out_d_{node}": up for node, up in ups.items()}, strict=True)
        found = sum(
            np.sum(again.gradients[node] * along[node]) for node in wrt if again.gradients.get(node) is not None
        )
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("op", OF_SEVERAL)
@pytest.mark.parametrize("dtype", ["bool", "int8"])
def test_beside_an_input_of_another_kind_the_gradient_document_computes_what_the_sweep_computes(op, dtype):
    for document, wrt in samples_of(op):
        for other in wrt if len(wrt) > 1 else ():
            value = (2 * np.abs(document.nodes[other].value)).astype(dtype)
            mixed = document.changed(nodes={**document.nodes, other: Leaf("variable", Tensor(value))})
            tape = run(mixed)
            left = [node for node in wrt if tape.gradients.get(node) is not None]
            if not left or tape.problems or tape.plan.report.problems:
                continue
            computed = run(differentiate(mixed, left), strict=True).values
            for node in left:
                np.testing.assert_allclose(computed[f"d_out_d_{node}"], tape.gradients[node], rtol=1e-6, atol=1e-6)
