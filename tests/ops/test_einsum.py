"""Einsum against NumPy's own, its gradients as adjoints, and equations that mean nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from gradviz.errors import LimitError, ShapeError
from gradviz.ops.einsum import solve

LABELS = "ijkB"


def normal(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@st.composite
def equations(draw):
    """Draw an equation and inputs: labels repeat, are left out, meet in any number, stretch, hide in an ellipsis."""
    size = {label: draw(st.integers(0, 3)) for label in LABELS}
    unnamed = draw(st.lists(st.integers(1, 2), max_size=2))
    terms, inputs = [], []
    for seed in range(draw(st.integers(1, 4))):
        labels = draw(st.text(LABELS, max_size=3))
        shape = [size[label] if draw(st.integers(0, 4)) or labels.count(label) > 1 else 1 for label in labels]
        if draw(st.integers(0, 3)) == 0:
            at = draw(st.integers(0, len(labels)))
            labels = labels[:at] + "..." + labels[at:]
            shape[at:at] = unnamed[draw(st.integers(0, len(unnamed))) :]
        terms.append(labels)
        inputs.append(normal(shape, seed))
    present = sorted(set("".join(terms)) - {"."})
    result = draw(st.lists(st.sampled_from(present), unique=True)) if present else []
    result += ["..."] * any("..." in term for term in terms)
    arrow = draw(st.booleans())
    return ",".join(terms) + ("->" + "".join(draw(st.permutations(result))) if arrow else ""), inputs


@given(equations())
def test_every_equation_gives_what_numpy_gives(bench, drawn):
    equation, inputs = drawn
    assert_allclose(bench.forward("einsum", *inputs, equation=equation), np.einsum(equation, *inputs), atol=1e-12)


@given(equations())
def test_every_gradient_is_the_adjoint_of_its_input(bench, drawn):
    equation, inputs = drawn
    y = bench.forward("einsum", *inputs, equation=equation)
    g = normal(y.shape, 9)
    for i, gradient in enumerate(bench.gradients("einsum", g, *inputs, equation=equation)):
        direction = normal(inputs[i].shape, 10)
        moved = bench.forward("einsum", *inputs[:i], direction, *inputs[i + 1 :], equation=equation)
        assert gradient.shape == inputs[i].shape
        assert_allclose(np.sum(gradient * direction), np.sum(g * moved), atol=1e-10)


def test_the_gradient_of_a_trace_is_the_unit_matrix(bench):
    assert_array_equal(bench.gradient("einsum", 2.0, normal((3, 3)), equation="ii"), 2 * np.eye(3))
    assert_array_equal(bench.gradient("einsum", [1.0, 2.0], normal((2, 2)), equation="ii->i"), np.diag([1.0, 2.0]))


def test_a_label_that_is_only_summed_gets_the_gradient_repeated(bench):
    assert_array_equal(bench.gradient("einsum", [1.0, 2.0], normal((2, 3)), equation="ij->i"), [[1] * 3, [2] * 3])


def test_a_square_matrix_keeps_its_sides_apart(bench):
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])
    for equation, left in {"ij,jk->ik": b @ np.ones((2, 2)), "ij,kj->ik": b.T @ np.ones((2, 2))}.items():
        assert_allclose(bench.gradient("einsum", 1.0, a, b, equation=equation), left.T)


def test_without_an_arrow_labels_that_stand_once_are_sorted(bench):
    assert bench.shape("einsum", (2, 3), equation="ba") == (3, 2)
    assert bench.shape("einsum", (2, 3), (3, 4), equation="ij,jk") == (2, 4)
    assert bench.shape("einsum", (2, 3), equation="aB") == (3, 2)
    assert bench.shape("einsum", (2, 3, 4), equation="b...a") == (3, 4, 2)
    assert bench.shape("einsum", (3, 3), equation="ii") == ()


def test_an_ellipsis_that_the_result_leaves_out_is_summed(bench):
    x = normal((2, 3, 4))
    assert_allclose(bench.forward("einsum", x, equation="...i->i"), np.sum(x, axis=(0, 1)))
    assert_array_equal(
        bench.gradient("einsum", np.arange(4.0), x, equation="...i->i"), np.tile(np.arange(4.0), (2, 3, 1))
    )


@pytest.mark.parametrize(
    ("equation", "shapes", "sentence"),
    [
        ("ij,jk->ik", [(2, 3)], "for 2 inputs, but there is 1"),
        ("ij->ij", [(2, 3), (3,)], "for 1 input, but there are 2"),
        ("ij->j", [(2, 3, 4)], r"ij names 2 axes, but the input has 3: \(2, 3, 4\)"),
        ("ij->j", [(2,)], "ij names 2 axes, but the input has 1"),
        ("", [(2,)], "an empty term names 0 axes, but the input has 1"),
        ("i...j", [(2,)], "names 2 axes, but the input has 1"),
        ("ij,jk->ik", [(2, 3), (4, 2)], r"j has size 3 in one input and 4 in another, of shape \(4, 2\)"),
        ("...,...->...", [(2,), (3,)], "has size 2 in one input and 3 in another"),
        ("ii->i", [(2, 3)], r"i names two axes of \(2, 3\), of sizes 2 and 3: a diagonal needs equal ones"),
        ("ii->i", [(1, 3)], "a diagonal needs equal ones"),
        ("ij->ik", [(2, 3)], "the result names k, which no input has"),
        ("ij->ii", [(2, 3)], "the result names i twice"),
        ("ij->i->j", [(2, 3)], "is not like ij,jk->ik"),
        ("ij-i", [(2, 3)], "is not made of letters and one ..."),
        ("i.j->i", [(2, 3)], "is not made of letters"),
        ("..i->i", [(2, 3)], "is not made of letters"),
        ("...i...->i", [(2, 3)], "is not made of letters"),
        ("ij->j,i", [(2, 3)], "is not made of letters"),
        ("ij>j", [(2, 3)], "is not made of letters"),
    ],
)
def test_an_equation_that_means_nothing_here_is_told(bench, equation, shapes, sentence):
    with pytest.raises(ShapeError, match=sentence):
        bench.shape("einsum", *shapes, equation=equation)


@pytest.mark.parametrize("equation", ["i1->i", "ié->i", 3, None, ["ij"], "i j;k"])
def test_what_is_no_equation_is_refused(bench, equation):
    with pytest.raises(ShapeError, match="an equation such as"):
        bench.shape("einsum", (2, 3), equation=equation)


def test_more_labels_than_letters_are_refused(bench):
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert bench.shape("einsum", (1,) * 52, equation=f"{letters}->") == ()
    with pytest.raises(ShapeError, match="more labels than there are letters"):
        bench.shape("einsum", (1,) * 53, equation=f"...{letters}->")


def test_spaces_do_not_matter(bench):
    assert bench.shape("einsum", (2, 3), (3, 4), equation=" i j , jk -> ik ") == (2, 4)


def test_the_order_of_the_products_keeps_them_small(bench):
    a, b, c = normal((300, 300), 1), normal((300, 300), 2), normal((300, 300), 3)
    product = bench.forward("einsum", a, c, b, equation="ij,kl,jk->il")  # left to right would make 300⁴ numbers
    assert_allclose(product, a @ b @ c)


def test_sixty_factors_multiply(bench):
    factors = [np.full(2, 1.1)] * 60
    assert_allclose(bench.forward("einsum", *factors, equation=",".join("i" * 60)), 1.1**60 * np.ones(2).sum())


def test_integers_and_booleans_keep_their_dtype(bench):
    small, yes = np.array([[1, 2], [3, 4]], np.int8), np.array([[True, False], [True, True]])
    assert_array_equal(bench.forward("einsum", small, equation="ij->"), 10)
    assert bench.dtype("einsum", "int8", equation="ij->") == np.int8
    assert_array_equal(bench.forward("einsum", yes, yes, equation="ij,jk->ik"), yes @ yes)
    assert bench.forward("einsum", small, np.ones((2, 2), np.float32), equation="ij,jk->ik").dtype == np.float32
    assert bench.forward("einsum", small, np.ones(2, np.float64), equation="...j,j").dtype == np.float64


def test_a_nan_stays_where_it_is(bench):
    x = np.array([[1.0, np.nan], [2.0, np.inf]])
    assert_array_equal(bench.forward("einsum", x, equation="ij->i"), [np.nan, np.inf])
    assert_array_equal(bench.forward("einsum", x, np.eye(2), equation="ij,ij->ij"), [[1, np.nan], [0, np.inf]])


def test_an_equation_is_solved_label_by_label():
    solved = solve("...ij,jk", ((5, 1, 2, 3), (3, 4)))
    assert solved.inputs == (("Y", "Z", "i", "j"), ("j", "k"))
    assert solved.result == ("Y", "Z", "i", "k")
    assert solved.shape == (5, 1, 2, 4)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int64", "uint64"])
@pytest.mark.parametrize("equation", ["ij,jk,kl->il", "ij,jk,kl->", "ij,kj,kl->j", "ij,jk,kl->ikl"])
def test_integers_and_booleans_are_multiplied_as_numpy_multiplies_them(bench, dtype, equation):
    generator = np.random.default_rng(5)
    drawn = generator.integers(0, 2 if dtype == "bool" else 100, size=(3, 3, 3)).astype(dtype)
    assert_array_equal(bench.forward("einsum", *drawn, equation=equation), np.einsum(equation, *drawn))


def test_the_order_of_the_products_keeps_those_of_integers_small_too(bench):
    a = np.ones((300, 300), np.int64)
    product = bench.forward("einsum", a, a, a, equation="ij,kl,jk->il")
    assert_array_equal(product, np.full((300, 300), 90_000))


def test_a_hundred_inputs_are_multiplied_and_more_are_refused(bench):
    x, equation = np.full(2, 1.01), ",".join("i" * 100) + "->i"
    assert_allclose(bench.forward("einsum", *[x] * 100, equation=equation), x**100)
    with pytest.raises(ShapeError, match="at most 100 inputs, not 101: multiply some of them first"):
        bench.shape("einsum", *[(2,)] * 101, equation="i," + equation)


def test_a_product_that_would_be_too_large_on_the_way_is_refused_before_it_is_made(bench):
    x = np.ones((1000, 1000), np.float32)
    with pytest.raises(LimitError, match=r"a tensor of shape \(1000, 1000, 1000\), with 1,000,000,000 elements"):
        bench.forward("einsum", *[x] * 6, equation="ab,bc,cd,da,ac,bd->")  # every pair of four labels
