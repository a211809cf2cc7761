"""Records a run of a document: forward, then the sweep back from its targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from numpy.typing import ArrayLike

from gradviz.engine.backward import sweep
from gradviz.engine.forward import forward
from gradviz.engine.frames import Compute, Frame
from gradviz.engine.memory import Memory
from gradviz.engine.tape import Tape
from gradviz.errors import ComputeError, EditRefusedError, GradvizError
from gradviz.graph import (
    LIMITS,
    Document,
    Limits,
    NodeId,
    Plan,
    Problem,
    Seed,
    ancestors,
    as_seed,
    plan_for,
    problem_of,
    targets_of,
)
from gradviz.ops import Array, on_the_way_at_most

GivenSeed = Seed | ArrayLike
Targets = NodeId | Iterable[NodeId] | Mapping[NodeId, GivenSeed]


def run(
    document: Document,
    targets: Targets | None = None,
    seed: GivenSeed = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    strict: bool = False,
    limits: Limits = LIMITS,
) -> Tape:
    """Record a run of a document and return its tape.

    `targets`: None for the document's own with their seeds (or its only sink); or a name, names, or names with seeds,
    in place of these. `seed`: for a single target; an array of its shape, a `OneHot`, or None for ones. Seeds are cast
    to the dtype of their target.
    `cancelled` is asked between frames; a cancelled run returns its tape so far, which is not whole. `limits` say how
    large tensors may become, and the whole run; what is larger is refused before it is allocated.

    Raises `EditRefusedError` for a target that no node is, or a seed that is no tensor. What cannot run is told by the
    report of the plan and by the problems of the tape; with `strict` the first of them is raised instead.
    """
    chosen = _chosen(document, targets, seed)
    recording = _Recording(plan_for(document, chosen, limits), cancelled or _never, limits)
    with on_the_way_at_most(limits.elements_on_the_way):
        recording.take(forward(recording.plan))
        if recording.is_whole:
            recording.drop_failed_targets()
            recording.take(sweep(recording.plan, recording.values))
    if strict:
        _raise_first(document, recording, chosen if chosen is not None else targets_of(document.computation))
    return Tape(
        recording.plan,
        recording.values,
        tuple(recording.frames),
        tuple(recording.problems),
        tuple(document.nodes),
        recording.is_whole,
    )


def _never() -> bool:
    return False


class _Recording:
    """A run as far as it has been recorded."""

    def __init__(self, plan: Plan, cancelled: Callable[[], bool], limits: Limits = LIMITS) -> None:
        self.plan = plan
        self.values: dict[NodeId, Array] = {node: leaf.value for node, leaf in plan.leaves.items()}
        self.frames: list[Frame] = []
        self.problems: list[Problem] = []
        self.is_whole = True
        self._cancelled = cancelled
        self._memory = Memory(plan, limits)

    def take(self, happenings: Iterator[Frame | Problem]) -> None:
        """Record what happens, until it ends, fails or is cancelled."""
        try:
            for happened in happenings:
                if self._cancelled():
                    self.is_whole = False
                    return
                self._keep(happened)
        except GradvizError as error:
            self.problems.append(problem_of(error, error.facts.get("at_node")))
            self.is_whole = False

    def _keep(self, happened: Frame | Problem) -> None:
        if isinstance(happened, Problem):
            self.problems.append(happened)
            return
        self._memory.hold(happened)
        self.frames.append(happened)
        if isinstance(happened, Compute):
            self.values[happened.node] = happened.value

    def drop_failed_targets(self) -> None:
        """Leave targets out whose values could not be computed."""
        targets = {node: seed for node, seed in self.plan.targets.items() if node in self.values}
        if len(targets) < len(self.plan.targets):
            self.plan = replace(self.plan, targets=MappingProxyType(targets))


def _chosen(document: Document, targets: Targets | None, seed: GivenSeed) -> Mapping[NodeId, Seed] | None:
    """Return the targets that a caller asks for, with their seeds; None for the document's own."""
    if targets is None and seed is None:
        return None
    if isinstance(targets, Mapping):
        if seed is not None:
            raise EditRefusedError("seeds are given with the targets or as one seed, not both")
        return {node: as_seed(given) for node, given in targets.items()}
    names = _names(document, targets)
    if seed is not None and len(names) != 1:
        raise EditRefusedError(
            "one seed needs one target, and there are {count}: name each with its own", count=len(names)
        )
    return dict.fromkeys(names, as_seed(seed))


def _names(document: Document, targets: NodeId | Iterable[NodeId] | None) -> tuple[NodeId, ...]:
    if targets is None:
        return tuple(targets_of(document.computation))
    names = (targets,) if isinstance(targets, str) else tuple(targets) if isinstance(targets, Iterable) else (targets,)
    for name in names:
        _refuse_no_name(name)
    return tuple(dict.fromkeys(names))


def _refuse_no_name(name: object) -> None:
    if not isinstance(name, str):
        raise EditRefusedError("a target is named by a text, not by {kind}", kind=type(name).__name__)


def _raise_first(document: Document, recording: _Recording, targets: Iterable[NodeId]) -> None:
    """Raise the first problem as its error, if there is one; an open port is one where a target waits for it."""
    for problem in (*recording.plan.report.problems, *recording.problems):
        if problem.error is not None:
            raise problem.error
    for target in targets:
        if target not in recording.values:
            raise _incomplete(document, recording, target)


def _incomplete(document: Document, recording: _Recording, target: NodeId) -> ComputeError:
    """Return the error for a target that has no value because something above it is open."""
    above = ancestors(document.computation, target) | {target}
    port = next(port for port in recording.plan.report.open_ports if port.node in above)
    return ComputeError(
        'the target "{target}" cannot be computed: the input {port} of "{node}" is open',
        target=target,
        port=port.name,
        node=port.node,
    )
