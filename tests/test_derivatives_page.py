"""Derivatives on the page for programs: `gv.differentiate`, `gv.jacobian`, `gv.jvp`."""

import numpy as np
import pytest

import gradviz as gv

DOCUMENT = gv.parse("loss = sum((x @ W)**2)", x=np.ones((2, 3)), W=np.full((3, 1), 0.5))


def test_a_gradient_is_a_document_that_runs_like_any_other():
    gradient = gv.differentiate(DOCUMENT, ["W"])
    assert isinstance(gradient, gv.Document)
    assert gv.run(gradient).values["d_loss_d_W"].tolist() == [[6.0]] * 3


def test_a_hessian_is_the_jacobian_of_a_gradient():
    hessian = gv.jacobian(gv.differentiate(DOCUMENT, "W"), "d_loss_d_W", "W")
    assert hessian.reshape(3, 3).tolist() == [[4.0] * 3] * 3


def test_forward_mode_gives_the_tangent_of_every_node():
    tangents = gv.jvp(DOCUMENT, {"x": np.eye(2, 3)}).tangents
    assert tangents["matmul1"].tolist() == [[0.5], [0.5]]
    assert tangents["loss"] == 3
    assert tangents["W"] is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: gv.differentiate("loss"),
        lambda: gv.jacobian(None, "y", "x"),
        lambda: gv.jvp({}, {}),
        lambda: gv.jvp(DOCUMENT, ["x"]),
        lambda: gv.jvp(DOCUMENT, {"x": [1.0]}),
        lambda: gv.jacobian(DOCUMENT, "loss", "y"),
        lambda: gv.jacobian(DOCUMENT, "loss", "x", limit=0),
        lambda: gv.jacobian(DOCUMENT, "loss", "x", limit="many"),
        lambda: gv.differentiate(DOCUMENT, "y"),
        lambda: gv.differentiate(DOCUMENT, 3),
        lambda: gv.differentiate(DOCUMENT, "x", "y"),
        lambda: gv.differentiate(DOCUMENT, "x", 3),
        lambda: gv.jvp(DOCUMENT, {"x": np.ones((2, 3))}, "y"),
        lambda: gv.jvp(DOCUMENT, {"x": np.ones((2, 3))}, 3),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(call):
    with pytest.raises(gv.GradvizError):
        call()
