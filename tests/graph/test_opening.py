"""Opening an op into its pieces and closing pieces into an op: what stays, what is refused, and where nodes go."""

import numpy as np
import pytest

from gradviz.engine import run
from gradviz.errors import EditRefusedError
from gradviz.formats import load, parse, save
from gradviz.graph import (
    LIMITS,
    USUAL_SIZE,
    Document,
    Leaf,
    Node,
    OneHot,
    Place,
    add_leaf,
    add_node,
    connect,
    fold,
    move,
    order,
    rename,
    set_note,
    set_params,
    set_role,
    set_target,
    set_tensor,
    steps_of,
    unfold,
    why_not_close,
    why_not_open,
)

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])


@pytest.fixture
def attended():
    """y = sum(p * t), where p is the softmax of x @ w."""
    return parse("h = x @ w; p = softmax(h); y = sum(p * t)", x=X, w=np.eye(3), t=X)


def pieces(before, after, node):
    return [name for name in after.nodes if name not in before.nodes or name == node]


def ops(document):
    return [node.op for node in document.nodes.values() if isinstance(node, Node)]


def overlaps(document):
    """Return pairs of cards that overlap."""
    width, height = USUAL_SIZE
    places = list(document.places.items())
    return [
        (a, b)
        for i, (a, one) in enumerate(places)
        for b, other in places[i + 1 :]
        if abs(one.x - other.x) < width and abs(one.y - other.y) < height
    ]


# opening


def test_the_result_keeps_its_name_and_what_it_feeds(attended):
    opened = unfold(attended, "p")
    assert steps_of(attended, "p") == ("max", "subtract", "exp", "sum", "divide")
    assert opened.nodes["p"].op == "divide"
    assert opened.wires["mul1", "a"] == "p"
    assert opened.wires["max1", "x"] == opened.wires["sub1", "a"] == "h"
    assert opened.targets == attended.targets
    assert tuple(order(opened.computation))


def test_every_gradient_stays(attended):
    whole, apart = run(attended), run(unfold(attended, "p"))
    for name in attended.nodes:
        np.testing.assert_allclose(apart.gradients[name], whole.gradients[name], rtol=1e-12, atol=1e-15)


def test_target_seed_and_note_stay_with_the_result(attended):
    document = set_note(set_target(attended, "p", OneHot((0, 1))), "p", "probabilities")
    opened = unfold(document, "p")
    assert opened.targets == {"p": OneHot((0, 1))}
    assert opened.notes == {"p": "probabilities"}


def test_numbers_of_a_rule_become_constants_of_the_dtype_at_hand():
    document = parse("y = gelu(x)", x=X.astype(np.float32))
    opened = unfold(document, "y")
    constants = [node for name, node in opened.nodes.items() if isinstance(node, Leaf) and name != "x"]
    assert constants
    assert {(leaf.role, leaf.value.dtype, leaf.value.shape) for leaf in constants} == {
        ("constant", np.dtype("float32"), ())
    }
    assert run(opened).gradients["x"].dtype == np.float32


def test_a_piece_that_is_a_composition_can_be_opened_too():
    document = parse("loss = cross_entropy(x, t)", x=X, t=np.array([0, 2]))
    once = unfold(document, "loss")
    inner = next(name for name, node in once.nodes.items() if getattr(node, "op", "") == "log_softmax")
    twice = unfold(once, inner)
    np.testing.assert_allclose(run(twice).gradients["x"], run(document).gradients["x"], rtol=1e-12)
    assert ops(fold(twice, pieces(once, twice, inner))) == ops(once)


def test_one_node_at_several_inputs_is_wired_to_all_of_them():
    document = parse("y = mse_loss(x, x)", x=X)
    opened = unfold(document, "y")
    assert list(opened.wires.values()).count("x") == 2
    assert ops(fold(opened, pieces(document, opened, "y"))) == ["mse_loss"]


def test_only_where_a_convention_decides_may_a_gradient_be_another():
    document = parse("y = std(x)", x=np.ones(3))
    opened = unfold(document, "y")
    assert run(opened).values["y"] == run(document).values["y"] == 0.0
    np.testing.assert_array_equal(run(document).gradients["x"], 0.0)
    np.testing.assert_array_equal(run(opened).gradients["x"], np.nan)  # the square root has no slope at 0


def test_a_long_chain_beside_it_is_no_matter():
    document = add_leaf(Document(), "x", X)
    for i in range(1500):
        document = add_node(document, f"n{i}", "negative", sources=["x" if i == 0 else f"n{i - 1}"], place=(i, 0))
    document = add_node(document, "p", "softmax", sources=["n1499"], place=(9000, 0))
    opened = unfold(document, "p")
    assert ops(fold(opened, pieces(document, opened, "p"))) == ops(document)


@pytest.mark.parametrize(
    ("text", "node", "told"),
    [
        ("y = exp(x)", "y", 'exp "y" is one step: there is nothing in it to open'),
        ("y = exp(x)", "x", '"x"'),
        ("y = exp(x)", "z", "there is no node"),
        ("y = softmax(x, axis=7)", "y", "axis"),
    ],
)
def test_what_has_no_pieces_is_refused_in_a_sentence(text, node, told):
    document = parse(text, x=X)
    with pytest.raises(EditRefusedError) as refusal:
        unfold(document, node)
    assert told in str(refusal.value)
    assert why_not_open(document, node) == str(refusal.value)


def test_an_op_with_an_open_input_cannot_be_opened_yet():
    document = add_node(Document(), "p", "softmax")
    with pytest.raises(EditRefusedError, match=r'softmax "p" cannot be opened yet.*, and the input x is open'):
        unfold(document, "p")
    document = add_node(document, "q", "softmax", sources=["p"])
    with pytest.raises(EditRefusedError, match="what feeds it has none"):
        unfold(document, "q")


# closing


def test_renamed_and_moved_pieces_are_closed_and_nothing_else_moves(attended):
    opened = unfold(attended, "p")
    names = pieces(attended, opened, "p")
    opened = move(rename(opened, "exp1", "powers"), {"powers": Place(55.0, 4000.0)})
    chosen = ["powers" if name == "exp1" else name for name in names]
    closed = fold(opened, chosen)
    assert closed.nodes["p"].op == "softmax"
    assert {name: closed.places[name] for name in closed.nodes} == {name: opened.places[name] for name in closed.nodes}


def test_what_a_person_wrote_is_closed_as_well():
    document = parse("m = exp(x - max(x, axis=1, keepdims=True)); y = m / sum(m, axis=1, keepdims=True)", x=X)
    closed = fold(document, document.nodes)
    assert ops(closed) == ["softmax"]
    assert closed.nodes["y"].params == {"axis": 1}
    assert run(closed).values["y"].tobytes() == run(document).values["y"].tobytes()


def test_what_was_written_twice_is_closed_as_what_was_written_once():
    text = "y = exp(x - max(x, axis=-1, keepdims=True)) / "
    text += "sum(exp(x - max(x, axis=-1, keepdims=True)), axis=-1, keepdims=True)"
    document = parse(text, x=X)
    assert ops(document).count("exp") == 2
    assert ops(fold(document, document.nodes)) == ["softmax"]


@pytest.mark.parametrize(
    ("op", "params"),
    [
        ("elu", {"alpha": 0.37}),
        ("leaky_relu", {"alpha": 0.123}),
        ("softmax", {"axis": 1}),
        ("log_softmax", {"axis": 0}),
    ],
)
def test_parameters_are_found_again(op, params):
    document = add_node(add_leaf(Document(), "x", X), "y", op, params, ["x"])
    opened = unfold(document, "y")
    assert fold(opened, opened.nodes).nodes["y"].params == document.nodes["y"].params


def test_a_small_number_is_found_again_as_it_was_given():
    document = parse("y = layer_norm(x, gamma, beta, eps=0.007)", x=X, gamma=np.ones(3), beta=np.zeros(3))
    opened = unfold(document, "y")
    assert fold(opened, opened.nodes).nodes["y"].params == document.nodes["y"].params


def test_notes_of_pieces_are_kept_in_one_note(attended):
    opened = set_note(set_note(unfold(attended, "p"), "exp1", "all positive"), "p", "adds up to 1")
    closed = fold(opened, pieces(attended, opened, "p"))
    assert closed.notes == {"p": "adds up to 1\nall positive"}


def test_a_constant_that_something_else_needs_stays():
    document = parse("y = softsign(x)", x=X)
    opened = unfold(document, "y")
    (constant,) = [name for name, node in opened.nodes.items() if isinstance(node, Leaf) and name != "x"]
    needed = add_node(opened, "other", "exp", sources=[constant])
    assert constant in fold(needed, pieces(document, opened, "y")).nodes


@pytest.mark.parametrize(
    "change",
    [
        lambda document, name: set_tensor(document, name, np.array(4.0)),
        lambda document, name: set_tensor(document, name, np.array(3.0, np.float32)),
        lambda document, name: set_role(document, name, "variable"),
    ],
)
def test_another_constant_makes_no_op(change):
    document = parse("y = hardsigmoid(x)", x=X)
    opened = unfold(document, "y")
    names = pieces(document, opened, "y")
    (three,) = [name for name in names if isinstance(opened.nodes[name], Leaf) and opened.nodes[name].value == 3]
    assert why_not_close(opened, names) == ""
    assert "no op of the catalogue" in why_not_close(change(opened, three), names)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda document: add_node(document, "z", "exp", sources=["exp1"]), '"exp1" feeds "z" too'),
        (lambda document: set_target(document, "exp1"), '"exp1" is a target'),
        (lambda document: set_params(document, "sum1", {"axis": 0, "keepdims": True}), "no op of the catalogue"),
        (lambda document: connect(document, "h", ("exp1", "x")), "an op has one result"),
    ],
)
def test_pieces_that_do_not_make_an_op_are_refused_in_a_sentence(attended, change, told):
    opened = unfold(attended, "p")
    names = pieces(attended, opened, "p")
    document = change(opened)
    with pytest.raises(EditRefusedError) as refusal:
        fold(document, names)
    assert told in str(refusal.value)
    assert why_not_close(document, names) == str(refusal.value)


@pytest.mark.parametrize(
    ("left_out", "added", "told"),
    [
        (["max1"], [], '"max1" is a piece of this softmax as well: select it too'),
        ([], ["h"], '"h" is no piece of the softmax that the others make up: leave it out'),
        ([], ["mul1", "y"], "no op of the catalogue"),
        (["p"], [], 'sum "sum1" as the last'),
        (["p", "exp1", "sum1", "max1"], [], "at least two pieces"),
    ],
)
def test_other_nodes_than_the_pieces_are_refused_with_what_would_help(attended, left_out, added, told):
    opened = unfold(attended, "p")
    names = [name for name in pieces(attended, opened, "p") if name not in left_out]
    assert told in why_not_close(opened, [*names, *added])


def test_nothing_and_what_is_unknown_are_refused(attended):
    with pytest.raises(EditRefusedError, match="at least two pieces"):
        fold(attended, [])
    with pytest.raises(EditRefusedError, match="no node"):
        fold(attended, ["p", "nobody"])


# places


def test_the_pieces_stand_where_the_node_stood_and_nothing_overlaps(attended):
    assert overlaps(attended) == []
    opened = unfold(attended, "p")
    assert overlaps(opened) == []
    names = pieces(attended, opened, "p")
    assert min(opened.places[name].x for name in names) == attended.places["p"].x
    assert max(opened.places[name].x for name in names) < opened.places["mul1"].x
    assert opened.places["h"] == attended.places["h"]


def test_closing_where_the_pieces_stand_takes_the_room_back(attended):
    opened = unfold(attended, "p")
    assert fold(opened, pieces(attended, opened, "p")).places == attended.places


def test_cards_that_touched_before_are_not_run_over(attended):
    x, y = attended.places["p"]
    document = move(attended, {"t": Place(x, y + USUAL_SIZE[1] - 3)})
    opened = unfold(document, "p")
    assert opened.places["t"].y > max(opened.places[name].y for name in pieces(document, opened, "p"))
    assert fold(opened, pieces(document, opened, "p")).places == document.places


def test_at_the_end_of_the_canvas_there_is_no_room_for_pieces(attended):
    document = move(attended, {"p": Place(LIMITS.distance - 10, 0.0)})
    assert "no place" in refusal_of(unfold, document, "p")


def refusal_of(change, *args):
    with pytest.raises(EditRefusedError) as refusal:
        change(*args)
    return str(refusal.value)


def test_measured_sizes_are_respected(attended):
    def measure(document):
        return dict.fromkeys(document.nodes, (500.0, 300.0))

    opened = unfold(attended, "p", measure)
    assert opened.places["sub1"].x - opened.places["max1"].x > 500
    assert fold(opened, pieces(attended, opened, "p"), measure).places == attended.places


def test_an_opened_document_is_saved_and_read_like_any_other(attended, tmp_path):
    opened = unfold(attended, "p")
    save(opened, tmp_path / "opened.gradviz")
    read = load(tmp_path / "opened.gradviz")
    assert fold(read, pieces(attended, opened, "p")).nodes["p"].op == "softmax"
