import ast

import pytest

from gradviz.ops import gradient_name, latex, told_name, unicode

TOLD = {
    "d_loss_d_W": "∂loss/∂W",
    "d_loss_d_W_hidden": "∂loss/∂W_hidden",
    "d_loss_d_h_via_y": "∂loss/∂h via y",
    "d_loss_d_h_via_y_a": "∂loss/∂h via y_a",
    "d_a_plus_b_d_W": "∂(a + b)/∂W",
    "d_d_loss_d_W_d_b": "∂(∂loss/∂W)/∂b",
    "d_y_d_d_loss_d_W": "∂y/∂(∂loss/∂W)",
    "d_d_loss_d_W_d_d_loss_d_h": "∂(∂loss/∂W)/∂(∂loss/∂h)",
    "d_y_d_d": "∂y/∂d",
    "d_d_d_x": "∂d/∂x",
    "d_損失_d_重み": "∂損失/∂重み",
}


@pytest.mark.parametrize(("name", "told"), TOLD.items())
def test_a_name_of_a_gradient_is_told_as_one(name, told):
    assert told_name(name) == told


@pytest.mark.parametrize(
    "name",
    [
        "loss",
        "d",
        "d_",
        "d_loss",
        "d_loss_d",
        "d_loss_d_",
        "d__d_W",
        "x_d_y",
        "d_d_d",
        "d_d_d_d",
        "d_d_d_d_d",
        "dx_dy",
        "__",
        "D_a_d_b",
    ],
)
def test_any_other_name_is_told_as_it_is(name):
    assert told_name(name) == name


def test_names_are_made_as_they_are_read():
    first = gradient_name(["loss"], "W")
    assert first == "d_loss_d_W"
    assert gradient_name([first], "b") == "d_d_loss_d_W_d_b"
    assert gradient_name(["loss"], "h", via="y") == "d_loss_d_h_via_y"
    assert gradient_name(["a", "b"], "W") == "d_a_plus_b_d_W"


def shown(text):
    return unicode(ast.parse(text, mode="eval").body), latex(ast.parse(text, mode="eval").body)


def test_formulas_tell_gradients_as_quotients_with_parentheses_where_they_are_needed():
    assert shown("d_loss_d_y @ W") == ("(∂loss/∂y) · W", r"\frac{\partial \mathit{loss}}{\partial y} \cdot W")
    assert shown("d_loss_d_h_via_y + x")[0] == "(∂loss/∂h via y) + x"
    assert shown("np.square(d_loss_d_y)")[0] == "(∂loss/∂y)²"
    assert shown("d_d_loss_d_W_d_b")[1] == (
        r"\frac{\partial \left(\frac{\partial \mathit{loss}}{\partial W}\right)}{\partial b}"
    )
