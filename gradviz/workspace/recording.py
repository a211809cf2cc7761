"""A recorded run together with what it was recorded of, so that one can tell when it is stale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from gradviz.engine import Caution, Standing, Tape, cautions_of, record_step, run
from gradviz.errors import EditRefusedError
from gradviz.graph import Array, Computation, Document, Leaf, NodeId, computes_alike, order, problem_of, sources_of


def record(document: Document, standing: Standing | None, cancelled: Callable[[], bool]) -> Recording:
    """Record a run of a document, with the step that follows from it where the document is trained, and look it over.

    `standing` is where training stood last; it counts where the document still holds its variables. Examples that do
    not go together are a problem of the run, which then has no step.
    """
    recording = Recording(_tape(document, standing, cancelled), document.computation)
    _ = recording.cautions  # here, in the background, where looking at all tensors keeps nobody waiting
    return recording


def _tape(document: Document, standing: Standing | None, cancelled: Callable[[], bool]) -> Tape:
    if document.training is None:
        return run(document, cancelled=cancelled)
    if standing is not None and not standing.is_of(document):
        standing = None
    try:
        return record_step(document, standing, cancelled)
    except EditRefusedError as error:
        tape = run(document, cancelled=cancelled)
        return replace(tape, problems=(*tape.problems, problem_of(error, None)))


@dataclass(frozen=True, eq=False)
class Recording:
    """A tape and the computation that it is a run of."""

    tape: Tape
    computation: Computation

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """What to look at in the run: right by the rules, and hardly meant."""
        return cautions_of(self.tape)

    def followed(self, before: Document, after: Document) -> Recording:
        """Return the run as one of the next document, where an edit changed nothing that was run; else itself."""
        if self.computation is before.computation and computes_alike(before, after):
            return Recording(self.tape, after.computation)
        return self

    def renamed(self, before: Document, after: Document, old: NodeId, new: NodeId) -> Recording | None:
        """Return the run under a new name for one of its nodes; a run of the document before is one of that after.

        None where the run already has the new name, for a node that is gone: the two could not be told apart.
        """
        if new in self.tape.nodes:
            return None
        computation = after.computation if self.computation is before.computation else self.computation
        return Recording(self.tape.renamed(old, new), computation)

    def lasting_values(self, computation: Computation) -> Mapping[NodeId, Array]:
        """Return the values that hold in another computation: those of its leaves, and of nodes that did not change.

        A node has changed where it was edited, or wired anew, or where something above it has changed.
        """
        was, same = self.computation, set[NodeId]()
        for name in order(computation):
            node = computation.nodes[name]
            if was.nodes.get(name) is not node:
                continue
            sources = () if isinstance(node, Leaf) else sources_of(computation, name)
            is_wired_alike = isinstance(node, Leaf) or sources == sources_of(was, name)
            if name in self.tape.values and is_wired_alike and all(each is None or each in same for each in sources):
                same.add(name)
        leaves = {name: node.value for name, node in computation.nodes.items() if isinstance(node, Leaf)}
        return {**leaves, **{name: self.tape.values[name] for name in same}}

    def has_begun_backward(self, index: int) -> bool:
        """Tell whether moment `index` shows anything of the sweep."""
        return index > self.forward_end

    @property
    def forward_end(self) -> int:
        """The moment at which all values are there and no gradient is."""
        return self.tape.phases.get("seed", len(self.tape.frames))
