"""Random edits through the workspace: undo all and redo all lead through the very same documents."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from PySide6.QtCore import QCoreApplication

from gradviz.graph import (
    Place,
    Port,
    add_leaf,
    add_node,
    clear_target,
    connect,
    disconnect,
    duplicate,
    fresh_name,
    move,
    ports_of,
    remove,
    rename,
    set_note,
    set_role,
    set_target,
    set_tensor,
)
from gradviz.workspace import Workspace

OPS = ("add", "multiply", "matmul", "sum", "exp", "concat", "relu")
SHAPES = ((), (3,), (2, 3), (0, 2))
choices = st.randoms(use_true_random=False)


class Editing(RuleBasedStateMachine):
    """A person who edits, undoes and redoes, and never waits for a run."""

    def __init__(self):
        super().__init__()
        self.workspace = Workspace()
        self.documents = [self.workspace.document]
        self.at = 0

    def edit(self, change, *args, gesture=""):
        before = self.workspace.document
        self.workspace.edit("Edit", change, *args, gesture=gesture)
        after = self.workspace.document
        if after is not before:
            self.documents[self.at + 1 :] = [after]
            self.at += 1

    @property
    def nodes(self):
        return list(self.workspace.document.nodes)

    @rule(random=choices, shape=st.sampled_from(SHAPES))
    def add_a_leaf(self, random, shape):
        name = fresh_name(self.workspace.document, "x")
        self.edit(add_leaf, name, np.full(shape, random.random()), random.choice(["variable", "input", "constant"]))

    @rule(random=choices, op=st.sampled_from(OPS))
    def add_an_op(self, random, op):
        sources = random.sample(self.nodes, min(len(self.nodes), random.randrange(2)))
        self.edit(add_node, fresh_name(self.workspace.document, op), op, None, sources)

    @precondition(lambda self: self.nodes)
    @rule(random=choices)
    def wire(self, random):
        document = self.workspace.document
        ports = [Port(name, port) for name, node in document.nodes.items() for port in ports_of(node)]
        if ports:
            self.edit(connect, random.choice(self.nodes), random.choice(ports))

    @precondition(lambda self: self.workspace.document.wires)
    @rule(random=choices)
    def unwire(self, random):
        self.edit(disconnect, random.choice(list(self.workspace.document.wires)))

    @precondition(lambda self: self.nodes)
    @rule(random=choices)
    def remove_some(self, random):
        self.edit(remove, random.sample(self.nodes, min(len(self.nodes), random.randrange(1, 3))))

    @precondition(lambda self: self.nodes)
    @rule(random=choices, stem=st.sampled_from(["a", "b", "x"]))
    def rename_one(self, random, stem):
        self.edit(rename, random.choice(self.nodes), stem)

    @precondition(lambda self: self.nodes)
    @rule(random=choices, change=st.sampled_from([set_target, clear_target]))
    def change_the_target(self, random, change):
        self.edit(change, random.choice(self.nodes))

    @precondition(lambda self: self.nodes)
    @rule(random=choices)
    def change_a_leaf(self, random):
        node = random.choice(self.nodes)
        self.edit(set_tensor, node, np.full(random.choice(SHAPES), np.nan))
        self.edit(set_role, node, "constant")

    @precondition(lambda self: self.nodes)
    @rule(random=choices)
    def copy_some(self, random):
        chosen = random.sample(self.nodes, min(len(self.nodes), 2))
        self.edit(lambda document: duplicate(document, chosen, (40.0, 40.0))[0])

    @precondition(lambda self: self.nodes)
    @rule(random=choices)
    def note(self, random):
        self.edit(set_note, random.choice(self.nodes), random.choice(["", "here"]))

    @precondition(lambda self: self.nodes)
    @rule(random=choices, there_and_back=st.booleans())
    def drag(self, random, there_and_back):
        node = random.choice(self.nodes)
        home, gesture = self.workspace.document.places[node], self.workspace.gesture_name("move")
        ways = [Place(home.x + step, home.y) for step in (1.0, 2.0, 3.0)] + [home] * there_and_back
        before = self.workspace.document
        for way in ways:
            self.workspace.edit("Move", move, {node: way}, gesture=gesture)
        if there_and_back:
            assert self.workspace.document is before
            del self.documents[self.at + 1 :]
        else:
            self.documents[self.at + 1 :] = [self.workspace.document]
            self.at += 1

    @rule()
    def undo(self):
        if self.at:
            self.at -= 1
        self.workspace.history.undo()

    @rule()
    def redo(self):
        self.at = min(self.at + 1, len(self.documents) - 1)
        self.workspace.history.redo()

    @rule(index=st.integers(0, 40))
    def seek(self, index):
        self.workspace.seek(index)

    @rule()
    def take_the_run(self):
        self.workspace.take_fresh()

    @rule()
    def wait_for_the_run(self):
        self.workspace.jobs._pool.waitForDone()
        QCoreApplication.processEvents()

    @invariant()
    def shows_the_document_that_the_history_leads_to(self):
        assert self.workspace.document is self.documents[self.at]
        assert self.workspace.history.index() == self.at
        assert self.workspace.is_modified == (self.at != 0)

    @invariant()
    def stands_within_the_run(self):
        workspace = self.workspace
        assert 0 <= workspace.playhead <= workspace.length
        assert workspace.selection <= workspace.document.nodes.keys()
        if workspace.tape is not None and not workspace.is_stale:
            assert workspace.tape.values.keys() <= workspace.document.nodes.keys()
            assert {name: value.shape for name, value in workspace.moment.values.items()}.items() <= {
                **workspace.report.shapes
            }.items()

    def teardown(self):
        workspace = self.workspace
        while workspace.history.canUndo():
            workspace.history.undo()
            self.at -= 1
            assert workspace.document is self.documents[self.at]
        assert self.at == 0
        for document in self.documents[1:]:
            workspace.history.redo()
            assert workspace.document is document
        workspace.close()


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=40, stateful_step_count=40)
