"""Which op some nodes are the pieces of: the ops of the catalogue are opened and compared with them.

The samples of an op show what its pieces look like, and so which node feeds which port. With the shapes of these
nodes known, the op is opened at these shapes, its parameters are varied until its pieces are those that are there,
and only what is the same in every param and every bit of a constant is recognised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.graph.check import Report, check
from gradviz.graph.compositions import Composition, Use, composition_of
from gradviz.graph.dag import sources_of
from gradviz.graph.guessing import guesses
from gradviz.graph.model import Computation, Leaf, Node, NodeId
from gradviz.graph.naming import stem_of
from gradviz.graph.ports import op_of
from gradviz.graph.tensors import are_same_bits
from gradviz.ops import OPS, REQUIRED, Op, operation

_ROUNDS: Final = 2
"""How often every param is tried anew: one may only fit once another does."""


@dataclass(frozen=True, eq=False)
class Match:
    """Nodes that stand as the pieces of an op would: `inputs` feed its ports.

    `differing` are those of the pieces and constants that have other params, or another number, than they should.
    """

    inputs: Mapping[str, NodeId]
    pieces: Collection[NodeId]
    constants: Collection[NodeId]
    differing: Collection[NodeId]


@dataclass(frozen=True, eq=False)
class Recognised:
    """An op with params whose pieces some nodes are, and what feeds its ports."""

    op: Op
    params: Mapping[str, Any]
    match: Match


@dataclass(frozen=True, eq=False)
class _Pattern:
    """What the pieces of an op look like, as one of its samples shows."""

    use: Use

    @cached_property
    def composition(self) -> Composition | None:
        return composition_of(self.use)


@cache
def _patterns() -> Mapping[str, tuple[_Pattern, ...]]:
    """Return patterns of all compositions of the catalogue, by the op of their last step."""
    found: dict[str, list[_Pattern]] = {}
    for op in OPS.values():
        for use in _sampled(op):
            try:
                if use.is_composed:
                    found.setdefault(operation(use.rule), []).append(_Pattern(use))
            except GradvizError:
                continue
    return {name: tuple(patterns) for name, patterns in found.items()}


def _sampled(op: Op) -> Iterator[Use]:
    for sample in op.samples:
        drawn = sample.inputs(np.random.default_rng(0))
        yield Use(op, [x.shape for x in drawn], [x.dtype for x in drawn], op.read_params(sample.params))


def recognised(computation: Computation, result: NodeId) -> Iterator[Recognised]:
    """Yield the ops of which a node is the last piece, those that the name of the node tells first."""
    last = computation.nodes[result]
    patterns = _patterns().get(last.op, ()) if isinstance(last, Node) else ()
    told = result.rstrip("0123456789")
    known: set[str] = set()
    tried: set[str] = set()
    for pattern in sorted(patterns, key=lambda pattern: stem_of(pattern.use.op.name) != told):
        found = None if pattern.composition is None else match(pattern.composition, computation, result)
        for variant in () if found is None else _variants(found, computation):
            key = f"{pattern.use.op.name} {sorted(variant.inputs.items())}"
            fitted = None if key in known else _fitted(pattern.use, computation, result, variant, tried)
            if fitted is not None:
                known.add(key)
                yield fitted


def _variants(found: Match, computation: Computation) -> Iterator[Match]:
    """Yield a match as it is, and as it would be for integers: a cast before a port is a piece then."""
    yield found
    inputs = {port: _before_cast(node, computation) for port, node in found.inputs.items()}
    if inputs != found.inputs:
        yield replace(found, inputs=inputs)


def _before_cast(node: NodeId, computation: Computation) -> NodeId:
    made = computation.nodes[node]
    source = sources_of(computation, node)[0] if isinstance(made, Node) and made.op == "astype" else None
    return source or node


def match(composition: Composition, computation: Computation, result: NodeId) -> Match | None:
    """Return how nodes up to `result` stand as the pieces of a composition do, or None where they do not.

    Pieces that are equal may be one node here and two there. Params and numbers may differ: `differing` has them.
    """
    inputs: dict[str, NodeId] = {}
    pieces: dict[NodeId, bool] = {}
    constants: dict[NodeId, bool] = {}
    waiting = [(composition.result, result)]
    seen = {*waiting}
    while waiting:
        piece, node = waiting.pop()
        wanted, found = composition.nodes.get(piece), computation.nodes[node]
        if wanted is None:
            if inputs.setdefault(piece, node) != node:
                return None
        elif isinstance(wanted, Leaf) and isinstance(found, Leaf) and found.role == "constant":
            constants[node] = constants.get(node, True) and are_same_bits(wanted.value, found.value)
        elif isinstance(wanted, Node) and isinstance(found, Node) and wanted.op == found.op:
            pieces[node] = pieces.get(node, True) and _are_same_params(wanted, found)
            pairs = _paired(composition.sources[piece], sources_of(computation, node))
            if pairs is None:
                return None
            waiting += pairs - seen
            seen |= pairs
        else:
            return None
    differing = [node for node, is_same in (pieces | constants).items() if not is_same]
    return None if pieces.keys() & inputs.values() else Match(inputs, tuple(pieces), tuple(constants), differing)


def _paired(wanted: Sequence[NodeId], found: Sequence[NodeId | None]) -> set[tuple[NodeId, NodeId]] | None:
    """Return what feeds a piece, each with what feeds the node; None where the numbers differ."""
    wired = [source for source in found if source is not None]
    return set(zip(wanted, wired, strict=True)) if len(wanted) == len(wired) else None


def _are_same_params(a: Node, b: Node) -> bool:
    """Tell whether two nodes of one op have the same params; 1 and 1.0 differ."""
    op = op_of(a)
    return repr(op.write_params(a.params)) == repr(op.write_params(b.params))


def _fitted(use: Use, computation: Computation, result: NodeId, found: Match, tried: set[str]) -> Recognised | None:
    """Return the op with the params that make it what is there, if any do; `tried` has where others have begun."""
    report = check(computation)
    if found.inputs.keys() != set(use.ports) or not report.shapes.keys() >= set(found.inputs.values()):
        return None
    fitting = _Fitting(use, computation, result, found, report)
    for start in fitting.starts():
        beginning = f"{use.op.name} {sorted(found.inputs.items())} {use.op.write_params(start)}"
        if beginning in tried:
            continue
        tried.add(beginning)
        params = fitting.varied(start)
        exact = None if params is None else fitting.tried(params)
        if params is not None and exact is not None:
            return Recognised(use.op, params, exact)
    return None


@dataclass(frozen=True, eq=False)
class _Fitting:
    """The search for the params of an op, by opening it at the shapes that are there."""

    use: Use
    computation: Computation
    result: NodeId
    found: Match
    report: Report

    def tried(self, params: Mapping[str, Any]) -> Match | None:
        """Return how the op with these params matches."""
        sources = [self.found.inputs[port] for port in self.use.ports]
        shapes, dtypes = [self.report.shapes[name] for name in sources], [self.report.dtypes[name] for name in sources]
        try:
            op = self.use.op
            if op.shape(*shapes, **params) != self.report.shapes.get(self.result):
                return None
            op.dtype(*dtypes, **params)
        except GradvizError:
            return None
        composition = composition_of(Use(op, shapes, dtypes, params))
        found = None if composition is None else match(composition, self.computation, self.result)
        return found if found is not None and found.inputs == self.found.inputs else None

    def starts(self) -> Iterator[Mapping[str, Any]]:
        """Yield params to begin with: those that nobody need write, then those of the sample."""
        op = self.use.op
        if all(param.default is not REQUIRED for param in op.params.values()):
            yield op.read_params({})
        yield self.use.params

    def varied(self, start: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return params that match in every detail, varied from `start` one by one; None where that leads nowhere."""
        params, best = dict(start), self.tried(start)
        for _ in range(_ROUNDS):
            before = best
            for name in self.use.op.params:
                for value in self._guesses(name, best):
                    if best is not None and not best.differing:
                        return params
                    tried = self.tried({**params, name: value})
                    if tried is not None and (best is None or len(tried.differing) < len(best.differing)):
                        params, best = {**params, name: value}, tried
            if best is before:
                break
        return params if best is not None and not best.differing else None

    def _guesses(self, name: str, best: Match | None) -> Iterator[Any]:
        """Yield what a param may be, judging by what differs.

        Where the pieces are still others (None), a param is to blame that has few values.
        """
        param, sampled = self.use.op.params[name], self.use.params[name]
        if best is None and param.kind in {"number", "integer"}:
            return guesses(param, (), 0, sampled)
        telling = best.differing if best else self.found.pieces
        rank = max((len(self.report.shapes[node]) for node in self.found.inputs.values()), default=0)
        return guesses(param, [self.computation.nodes[node] for node in telling], rank, sampled)
