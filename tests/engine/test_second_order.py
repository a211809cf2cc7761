"""Gradients of gradients: Hessians and Hessian–vector products, as PyTorch computes them."""

import json
from pathlib import Path

import numpy as np
import pytest

import gradviz as gv
from gradviz.engine import differentiate, jacobian, jvp, run

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/second_order.json").read_text("utf-8"))["cases"]
CLOSE = {"rtol": 1e-9, "atol": 1e-9}
every_case = pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in GOLDEN])


def document_of(case):
    return gv.parse(case["expression"], **arrays(case["leaves"]))


def arrays(table):
    return {name: np.array(value, float) for name, value in table.items()}


@every_case
def test_gradients_are_those_of_pytorch(case):
    values = run(differentiate(document_of(case), case["leaves"])).values
    for leaf, expected in arrays(case["gradients"]).items():
        np.testing.assert_allclose(values[f"d_loss_d_{leaf}"], expected, **CLOSE)


@every_case
def test_hessian_vector_products_by_the_sweep_of_the_gradient_are_those_of_pytorch(case):
    gradient = differentiate(document_of(case), case["leaves"])
    seeds = {f"d_loss_d_{leaf}": vector for leaf, vector in arrays(case["vectors"]).items()}
    twice = differentiate(gradient, case["leaves"], seeds)
    swept, computed = run(gradient, seeds).gradients, run(twice).values
    for (leaf, expected), target in zip(arrays(case["products"]).items(), twice.targets, strict=True):
        np.testing.assert_allclose(swept[leaf], expected, **CLOSE)
        np.testing.assert_allclose(computed[target], expected, **CLOSE)


@every_case
def test_hessian_vector_products_by_forward_mode_over_the_gradient_are_those_of_pytorch(case):
    gradient = differentiate(document_of(case), case["leaves"])
    tangents = jvp(gradient, arrays(case["vectors"])).tangents
    for leaf, expected in arrays(case["products"]).items():
        np.testing.assert_allclose(tangents[f"d_loss_d_{leaf}"], expected, **CLOSE)


@every_case
def test_hessians_are_those_of_pytorch_and_symmetric(case):
    document = document_of(case)
    for leaf, expected in arrays(case["hessians"]).items():
        gradient = differentiate(document, leaf)
        if leaf not in gradient.nodes:  # the loss is linear in it, so that its gradient is made of others
            assert not np.any(expected)
            continue
        hessian = jacobian(gradient, f"d_loss_d_{leaf}", leaf)
        np.testing.assert_allclose(hessian, expected, **CLOSE)
        square = np.reshape(hessian, (np.size(case["leaves"][leaf]),) * 2)
        np.testing.assert_allclose(square, square.T, **CLOSE)


def test_third_derivatives_are_right():
    document = gv.parse("y = exp(2 * x) + x**4", x=0.3)
    for order, expected in ((1, 2), (2, 4), (3, 8)):
        document = differentiate(document, "x")
        (target,) = document.targets
        polynomial = {1: 4 * 0.3**3, 2: 12 * 0.3**2, 3: 24 * 0.3}[order]
        assert run(document).values[target] == pytest.approx(expected * np.exp(0.6) + polynomial, rel=1e-12)
