import random
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    GAP,
    USUAL_SIZE,
    Document,
    Leaf,
    Node,
    Place,
    Tensor,
    add_leaf,
    arrange,
    build,
    move,
    ports_of,
    remove,
)
from gradviz.ops import OPS

ONE = Leaf("variable", Tensor(np.ones(2)))


def drawn(text):
    """Return the document of lines such as `y add x b`: a name, its op, its sources; a leaf has a name only."""
    nodes, wires = {}, {}
    for line in text.strip().splitlines():
        name, *rest = line.split()
        nodes[name] = Node(rest[0]) if rest else ONE
        for slot, source in enumerate(rest[1:]):
            wires[name, ports_of(nodes[name])[slot]] = source
    return build(nodes, wires)


LINEAR = drawn("""
    x
    W
    h multiply x W
    b
    z add h b
    t
    d subtract z t
    q square d
    loss mean q""")
RESIDUAL = drawn("""
    x
    a relu x
    b tanh a
    c add x b
    d relu c
    e tanh d
    f add c e
    s sum f""")
SOFTMAX = drawn("""
    x
    m max x
    s subtract x m
    e exp s
    z sum e
    p divide e z
    l log p
    t
    k multiply t l
    loss sum k""")
REUSED = drawn("""
    x
    c
    a multiply x c
    b relu a
    d multiply b c
    e relu d
    f multiply e c
    g relu f
    h multiply g c""")
SELF = drawn("""
    x
    y multiply x x
    z add y x""")
GRAPHS = {"linear": LINEAR, "residual": RESIDUAL, "softmax": SOFTMAX, "reused": REUSED, "self": SELF}
each_graph = pytest.mark.parametrize("document", GRAPHS.values(), ids=GRAPHS)


def some_sizes(document, seed=0):
    generator = random.Random(seed)
    return {node: (generator.choice([120, 160, 240]), generator.choice([80, 100, 180])) for node in document.nodes}


def gap(a, b, places, sizes):
    """Return how far two nodes are apart, to the side or in height; negative where they overlap."""
    sideways, upright = (
        max(places[a][axis], places[b][axis]) - min(places[a][axis] + sizes[a][axis], places[b][axis] + sizes[b][axis])
        for axis in (0, 1)
    )
    return max(sideways, upright)


def assert_nothing_overlaps(places, sizes, least=GAP[1] - 1):
    assert all(gap(a, b, places, sizes) >= least for a, b in combinations(places, 2))


def curve(document, port, places, sizes):
    """Return points on the plain S of a wire: level handles of half its run, at most 150 pixels."""
    source = document.wires[port]
    (x, y), (w, h) = places[source], sizes[source]
    (end_x, end_y), body = places[port.node], sizes[port.node][1] - 28
    names = ports_of(document.nodes[port.node])
    start = np.array([x + w, y + 28 + (h - 28) / 2])
    end = np.array([end_x, end_y + 28 + body * (names.index(port.name) + 1) / (len(names) + 1)])
    reach = np.array([np.clip((end - start)[0] / 2, 28, 150), 0])
    t = np.linspace(0, 1, 200)[:, None]
    return (
        (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * (start + reach) + 3 * t**2 * (1 - t) * (end - reach) + t**3 * end
    )


def passed_under(document, places, sizes):
    """Yield every wire with a node that it runs under, its own ends apart."""
    for port, source in document.wires.items():
        points = curve(document, port, places, sizes)
        for node in document.nodes.keys() - {port.node, source}:
            corner, size = np.array(places[node]), np.array(sizes[node])
            if ((points > corner) & (points < corner + size)).all(axis=1).any():
                yield port, node


@each_graph
def test_nothing_overlaps(document):
    for seed in range(4):
        sizes = some_sizes(document, seed)
        assert_nothing_overlaps(arrange(document, sizes), sizes)


@each_graph
def test_no_wire_runs_under_a_node(document):
    for seed in range(4):
        sizes = some_sizes(document, seed)
        assert list(passed_under(document, arrange(document, sizes), sizes)) == []


@each_graph
def test_wires_run_to_the_right_with_room_for_a_shape(document):
    sizes = some_sizes(document)
    places = arrange(document, sizes)
    for port, source in document.wires.items():
        assert places[port.node].x - places[source].x - sizes[source][0] >= GAP[0]


@each_graph
def test_the_same_document_gives_the_same_layout(document):
    sizes = some_sizes(document)
    places = arrange(document, sizes)
    assert arrange(document, sizes) == places
    assert arrange(move(document, places), sizes) == places


def test_the_main_chain_is_one_straight_line_and_parameters_hang_below_it():
    places = arrange(LINEAR, {})
    assert len({places[node].y for node in ("x", "h", "z", "d", "q", "loss")}) == 1
    chain = [places[node].x for node in ("x", "h", "z", "d", "q", "loss")]
    assert all(b - a == USUAL_SIZE[0] + GAP[0] for a, b in pairwise(chain))
    for parameter, beside in (("W", "x"), ("b", "h"), ("t", "z")):
        assert places[parameter] == Place(places[beside].x, places[beside].y + USUAL_SIZE[1] + GAP[1])


def test_a_leaf_of_the_upper_port_hangs_above():
    places = arrange(SOFTMAX, {})
    assert places["t"].y < places["l"].y
    assert places["t"].x == places["l"].x


def test_a_shortcut_is_level_and_what_it_skips_hangs_below():
    places = arrange(RESIDUAL, {})
    assert len({places[node].y for node in ("x", "c", "f", "s")}) == 1
    assert len({places[node].y for node in ("a", "b", "d", "e")}) == 1
    assert places["a"].y > places["x"].y


def test_ports_are_fed_without_crossings():
    """The leaves of a node with many ports stand in the order of the ports."""
    leaves = [f"v{i}" for i in (3, 0, 2, 4, 1)]
    document = build(
        dict.fromkeys(sorted(leaves), ONE) | {"c": Node("concat")},
        {("c", f"x{slot}"): leaf for slot, leaf in enumerate(leaves)},
    )
    places = arrange(document, {})
    assert sorted(leaves, key=lambda leaf: places[leaf].y) == leaves


def test_parts_that_are_not_connected_are_stacked():
    document = drawn("x\ny exp x\na\nb exp a\nc add b a")
    places = arrange(document, {})
    assert_nothing_overlaps(places, dict.fromkeys(places, USUAL_SIZE))
    assert max(places[node].y for node in ("x", "y")) + USUAL_SIZE[1] < min(places[node].y for node in ("a", "b", "c"))
    assert places["x"].x == places["a"].x


def test_what_is_wired_to_nothing_stands_in_rows():
    document = Document()
    for i in range(30):
        document = add_leaf(document, f"v{i}", 1.0)
    places = arrange(document, {})
    assert_nothing_overlaps(places, dict.fromkeys(places, USUAL_SIZE))
    assert 1 < len({place.y for place in places.values()}) < 30


def test_the_upper_left_corner_stays_where_it_is():
    document = move(LINEAR, {node: (x + 1000, y - 500) for node, (x, y) in LINEAR.places.items()})
    places = arrange(document, {})
    assert min(place.x for place in places.values()) == min(place.x for place in document.places.values())
    assert min(place.y for place in places.values()) == min(place.y for place in document.places.values())


def test_only_the_given_nodes_move_and_make_way():
    sizes = dict.fromkeys(LINEAR.nodes, USUAL_SIZE)
    moved = arrange(LINEAR, sizes, ["q", "loss", "t"])
    assert set(moved) == {"q", "loss", "t"}
    assert_nothing_overlaps({**LINEAR.places, **moved}, sizes)


def test_nothing_moves_where_nothing_is_given():
    assert arrange(LINEAR, {}, []) == {}
    assert arrange(Document(), {}) == {}


def test_what_is_not_there_cannot_be_arranged():
    with pytest.raises(EditRefusedError, match='there is no node named "y"'):
        arrange(LINEAR, {}, ["x", "y"])


@given(st.integers(2, 60), st.integers(0, 10**6), st.integers(1, 12))
def test_random_graphs_are_laid_out_without_overlap(count, seed, reach):
    generator = random.Random(seed)
    nodes, wires = {}, {}
    for i in range(count):
        name = f"n{i}"
        if i < 2 or generator.random() < 0.2:
            nodes[name] = ONE
            continue
        nodes[name] = Node(generator.choice(["add", "exp", "where", "concat"]))
        for port in OPS[nodes[name].op].ports(2):
            wires[name, port] = f"n{i - generator.randint(1, min(i, reach))}"
    document = build(nodes, wires, places=dict.fromkeys(nodes, (0, 0)))
    sizes = some_sizes(document, seed)
    places = arrange(document, sizes)
    assert_nothing_overlaps(places, sizes)
    for port, source in document.wires.items():
        assert places[source].x + sizes[source][0] + GAP[0] <= places[port.node].x


def test_a_part_of_a_random_graph_moves_without_touching_the_rest():
    for seed in range(10):
        generator = random.Random(seed)
        document = move(LINEAR, {node: (generator.randint(0, 900), 0) for node in LINEAR.nodes})
        document = move(document, {node: (300 * i, 200 * i) for i, node in enumerate(LINEAR.nodes)})
        chosen = generator.sample(list(LINEAR.nodes), 4)
        sizes = some_sizes(document, seed)
        places = {**document.places, **arrange(document, sizes, chosen)}
        apart = [pair for pair in combinations(places, 2) if set(pair) & set(chosen)]
        assert all(gap(a, b, places, sizes) >= GAP[1] - 1 for a, b in apart)


def test_sizes_may_be_strange():
    sizes = {"x": (0, 0), "W": (5_000, 3), "b": (10, 4_000.5), "loss": (0.25, 27)}
    places = arrange(LINEAR, sizes)
    assert_nothing_overlaps(places, dict.fromkeys(places, USUAL_SIZE) | sizes, least=GAP[1] - 2)
    assert arrange(remove(LINEAR, list(LINEAR.nodes)[1:]), {"x": (10, 10)}) == {"x": LINEAR.places["x"]}
