"""The words around a picture: titles, headings, alternative texts."""

import numpy as np
import pytest

from gradviz.engine import run
from gradviz.graph import Document, Leaf, Node, Tensor, add_leaf, add_node, set_title
from gradviz.ops import get
from gradviz.picture import load_theme, text_width
from gradviz.picture.captions import array_text
from gradviz.picture.card_layout import seed_text, wrap
from gradviz.picture.compose import compose
from gradviz.picture.titles import title_of

LIGHT = load_theme("light")


def node(op, **params):
    return Node(op, get(op).read_params(params))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (node("sum", axis=0), "sum axis 0"),
        (node("sum", axis=[0, -1], keepdims=True), "sum axis [0, −1] keepdims"),
        (node("sum"), "sum"),
        (node("reshape", shape=[2, 3]), "reshape 2×3"),
        (
            node("getitem", index=[{"int": 0}, {"slice": [1, None, None]}, "ellipsis", "newaxis"]),
            "getitem [0, 1:, …, new]",
        ),
        (node("getitem", index=[{"slice": [None, None, -1]}]), "getitem [::−1]"),
        (node("astype", dtype="float32"), "astype float32"),
        (node("einsum", equation="ij,jk->ik"), "einsum ij,jk->ik"),
        (Leaf("input", Tensor(np.ones(2))), "input"),
        (Node("from_the_future"), "from_the_future"),
    ],
)
def test_a_title_tells_the_kind_of_node_and_what_is_unusual_about_it(kind, word):
    assert title_of("n", kind).word == word


def test_roles_have_signs_of_their_own():
    signs = {title_of("x", Leaf(role, Tensor(np.ones(1)))).sign for role in ("variable", "input", "constant")}
    assert len(signs) == 3


def test_text_is_wrapped_at_words_and_cut_with_dots():
    lines = wrap("one two three four five six seven eight nine ten", 80, 12, 3)
    assert len(lines) == 3
    assert all(text_width(line, 12) <= 80 for line in lines)
    assert lines[-1].endswith("…")
    assert wrap("short", 80, 12, 3) == ("short",)
    assert wrap("", 80, 12, 3) == ()
    assert wrap("W" * 100, 50, 12, 2)[0].endswith("…")


def test_a_seed_is_told_in_few_words():
    assert seed_text(None) == "seed: ones"
    assert seed_text(Tensor(np.ones(2))) == "seed: custom"


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array(2.0), "2"),
        (np.array([1.0, -2.0]), "[1, −2]"),
        (np.zeros((0, 3)), "empty 0×3"),
        (np.arange(10.0), "(10,) from 0 to 9"),
        (np.array([np.nan] * 3 + [1.0, 2.0]), "(5,) from 1 to 2, 3 not finite"),
        (np.full(6, np.inf), "(6,) without a finite number"),
        (np.array([True] * 5), "(5,) from true to true"),
    ],
)
def test_a_tensor_is_told_in_words(array, text):
    assert array_text(array) == text


def test_the_alternative_text_tells_title_step_and_every_node():
    made = set_title(add_leaf(Document(), "x", Tensor(np.array(2.0))), "One square")
    made = add_node(made, "y", "square", sources=("x",))
    tape = run(made)
    alt = compose(made, tape.at(len(tape.frames)), LIGHT).alt
    assert "“One square” of 1 leaf and 1 op." in alt
    assert "variable x, scalar; value 2; gradient 4." in alt
    assert "square y, scalar; value 4; gradient 1." in alt
    assert "nothing has been computed yet" in compose(made, tape.at(0), LIGHT).alt
    assert "not computed yet" in compose(made, tape.at(0), LIGHT).alt


def test_the_alternative_text_of_a_large_graph_stays_readable():
    made = Document()
    for number in range(60):
        made = add_leaf(made, f"x{number}", Tensor(np.array(1.0)))
    alt = compose(made, None, LIGHT).alt
    assert "And 20 more nodes." in alt
