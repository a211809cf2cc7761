"""Random edits, allowed and refused: a document keeps what it promises, and no edit changes another document."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    Leaf,
    Node,
    OneHot,
    Port,
    Tensor,
    add_leaf,
    add_node,
    add_target,
    check,
    clear_target,
    connect,
    connection_problem,
    disconnect,
    duplicate,
    extract,
    fold,
    insert,
    is_valid_name,
    move,
    order,
    plan_for,
    ports_of,
    remove,
    remove_slot,
    rename,
    set_cell,
    set_note,
    set_params,
    set_role,
    set_seed,
    set_slots,
    set_target,
    set_tensor,
    starting_params,
    unfold,
)
from gradviz.ops import OPS

NAMES = [*"abcdefgh", "a1", "class", "", "2x"]
names = st.sampled_from(NAMES)
ports = st.tuples(names, st.sampled_from(["a", "b", "x", "x0", "x1", "x2", "x3", "W", ""]))
ops = st.sampled_from([*OPS, "no_such_op"])
coordinates = st.floats(-500, 500) | st.sampled_from([float("nan"), 1e300])
places = st.tuples(coordinates, coordinates)
tensors = st.sampled_from([np.ones(3), np.zeros((2, 3)), np.float32(1), np.arange(3), np.zeros((0, 3)), ["no"]])
seeds = st.sampled_from([None, OneHot((1,)), OneHot(()), Tensor(np.ones(3)), Tensor(np.float64(1))])


def remember(document):
    """Return all that a document says, as it says it now: contents, not objects."""
    computation = document.computation
    return [
        [(node, told(value)) for node, value in computation.nodes.items()],
        list(computation.wires.items()),
        [(node, told(seed)) for node, seed in computation.targets.items()],
        list(document.places.items()),
        list(document.notes.items()),
    ]


def told(part):
    """Return what a node, a leaf or a seed says."""
    if isinstance(part, Leaf):
        return part.role, told(part.tensor)
    if isinstance(part, Node):
        return part.op, repr(dict(part.params)), part.slots
    if isinstance(part, Tensor):
        return str(part.array.dtype), part.array.shape, part.array.tobytes(), part.recipe
    return part


class Editing(RuleBasedStateMachine):
    """A person who edits, undoes and redoes."""

    @initialize()
    def begin(self):
        document = add_leaf(add_leaf(Document(), "a", np.ones(3)), "b", np.ones(3))
        document = add_node(document, "c", "add", sources=["a", "b"])
        document = add_node(document, "d", "concat", sources=["a", "b", "c"])
        document = add_target(add_node(document, "e", "sum", sources=["c"]), "c", OneHot((1,)))
        self.history = [(document, remember(document))]
        self.now = 0

    @property
    def document(self):
        return self.history[self.now][0]

    def edit(self, change, *args, **keywords):
        before, told = self.history[self.now]
        try:
            after = change(before, *args, **keywords)
        except EditRefusedError:
            assert remember(before) == told
            return
        after = after[0] if isinstance(after, tuple) else after
        if after is not before:
            assert remember(after) != told
            self.history = [*self.history[: self.now + 1], (after, remember(after))]
            self.now += 1

    @rule(node=names, tensor=tensors, place=st.none() | places)
    def add_leaf(self, node, tensor, place):
        self.edit(add_leaf, node, tensor, place=place)

    @rule(node=names)
    def unfold(self, node):
        self.edit(unfold, node)

    @rule(node=names, op=st.sampled_from(["softmax", "sigmoid", "std", "gelu"]), source=names)
    def unfold_and_fold(self, node, op, source):
        before = set(self.document.nodes)
        self.edit(add_node, node, op, {}, [source])
        self.edit(unfold, node)
        self.edit(fold, set(self.document.nodes) - before)

    @rule(nodes=st.lists(names, max_size=8))
    def fold(self, nodes):
        self.edit(fold, nodes)

    @rule(
        node=names, op=ops, sources=st.lists(st.none() | names, max_size=3), slots=st.sampled_from([None, None, 3, 0])
    )
    def add_node(self, node, op, sources, slots):
        params = starting_params(op) if op in OPS else {}
        self.edit(add_node, node, op, params, sources, slots=slots)

    @rule(source=names, port=ports)
    def connect(self, source, port):
        loop = "would close a loop" in (connection_problem(self.document, source, port) or "")
        before = self.document
        self.edit(connect, source, port)
        assert not loop or self.document is before

    @rule(port=ports)
    def disconnect(self, port):
        self.edit(disconnect, port)

    @rule(nodes=st.sets(names, max_size=2))
    def remove(self, nodes):
        self.edit(remove, nodes)

    @rule(old=names, new=names)
    def rename(self, old, new):
        self.edit(rename, old, new)

    @rule(node=names, place=places)
    def move(self, node, place):
        computation = self.document.computation
        self.edit(move, {node: place})
        assert self.document.computation is computation

    @rule(node=names, note=st.sampled_from(["", "a note"]))
    def note(self, node, note):
        self.edit(set_note, node, note)

    @rule(node=names, axis=st.sampled_from([0, -1, 7, None, "no"]))
    def set_params(self, node, axis):
        self.edit(set_params, node, {} if axis is None else {"axis": axis})

    @rule(node=names, slots=st.integers(-1, 4))
    def set_slots(self, node, slots):
        self.edit(set_slots, node, slots)

    @rule(port=ports)
    def remove_slot(self, port):
        self.edit(remove_slot, port)

    @rule(node=names, tensor=tensors, role=st.sampled_from(["variable", "input", "constant", "no"]))
    def refill(self, node, tensor, role):
        self.edit(set_tensor, node, tensor)
        self.edit(set_role, node, role)

    @rule(node=names, index=st.sampled_from([(0,), (1, 2), ()]), value=st.sampled_from([0, 1.5, float("nan")]))
    def set_cell(self, node, index, value):
        self.edit(set_cell, node, index, value)

    @rule(node=names, seed=seeds, change=st.sampled_from([set_target, add_target, set_seed]))
    def aim(self, node, seed, change):
        self.edit(change, node, seed)

    @rule(node=st.none() | names)
    def clear_target(self, node):
        self.edit(clear_target, node)

    @rule(nodes=st.sets(names, max_size=3), at=places, with_inputs=st.booleans())
    def copy(self, nodes, at, with_inputs):
        there = [node for node in nodes if node in self.document.nodes]
        self.edit(lambda document: insert(document, extract(document, there), at))
        self.edit(duplicate, nodes, at, with_inputs=with_inputs)

    @rule(steps=st.integers(-5, 5))
    def undo_or_redo(self, steps):
        self.now = min(max(self.now + steps, 0), len(self.history) - 1)

    @invariant()
    def what_a_document_promises_holds(self):
        document = self.document
        nodes = document.nodes
        assert all(map(is_valid_name, nodes))
        assert set(document.places) == set(nodes)
        assert nodes.keys() >= document.notes.keys() | document.targets.keys()
        assert all(np.isfinite(place).all() for place in document.places.values())
        for port, source in document.wires.items():
            assert isinstance(port, Port)
            assert source in nodes
            assert port.name in ports_of(nodes[port.node])
        assert all(
            isinstance(node, Leaf) or OPS[node.op].read_params(node.params) is not None for node in nodes.values()
        )

    @invariant()
    def what_follows_from_a_document_can_be_told(self):
        computation = self.document.computation
        position = {node: i for i, node in enumerate(order(computation))}
        assert all(position[source] < position[port.node] for port, source in computation.wires.items())
        report = check(computation)
        told = {problem.node for problem in report.problems}
        assert all(node in report.shapes or self.is_told(node, told) for node in computation.nodes)
        steps = {step.node for step in plan_for(self.document).steps}
        assert steps == {node for node in report.shapes if not isinstance(computation.nodes[node], Leaf)}

    def is_told(self, node, told):
        """Tell whether a node without a shape, or one that it depends on, has a problem."""
        wires = self.document.wires
        sources = [wires[port] for name in ports_of(self.document.nodes[node]) if (port := Port(node, name)) in wires]
        return node in told or any(self.is_told(source, told) for source in sources)

    def teardown(self):
        """Undo all and redo all: every document is what it was."""
        for document, told in [*reversed(self.history), *self.history]:
            assert remember(document) == told


Editing.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestEditing = Editing.TestCase
