"""The plan: a document flattened to a straight line of steps, in one fixed order. The same document has the same film.

Only nodes that can compute are steps: complete ones with a shape, all of whose sources can compute. Only targets that
can be swept are targets of the plan: float nodes that are steps or leaves, with a seed that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gradviz.graph.check import Report, check
from gradviz.graph.dag import order, targets_of
from gradviz.graph.limits import LIMITS, Limits
from gradviz.graph.model import Computation, Document, Leaf, Node, NodeId, Port, Seed
from gradviz.graph.ports import op_of
from gradviz.graph.refusals import refuse_unknown
from gradviz.graph.remembering import once_per_computation
from gradviz.graph.seeds import as_seed, seed_error
from gradviz.ops import Op, is_float


@dataclass(frozen=True, eq=False)
class Step:
    """One node of a plan: its op, its params, its wired ports in order and what feeds each of them."""

    node: NodeId
    op: Op
    params: Mapping[str, Any]
    ports: tuple[str, ...]
    sources: tuple[NodeId, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run walks: targets with their seeds, leaves, the steps in order, and what the check said."""

    targets: Mapping[NodeId, Seed]
    leaves: Mapping[NodeId, Leaf]
    steps: tuple[Step, ...]
    report: Report


def plan_for(
    document: Document,
    targets: Mapping[NodeId, Seed] | Iterable[NodeId] | NodeId | None = None,
    limits: Limits = LIMITS,
) -> Plan:
    """Return the plan of a document for its own targets, or for others: a name, names, or names with seeds.

    A document without a target takes its only sink. Raises `EditRefusedError` for a target that no node is.
    """
    if targets is None:
        return _planned(document.computation, limits)
    if isinstance(targets, str):
        targets = [targets]
    chosen = targets if isinstance(targets, Mapping) else dict.fromkeys(targets)
    refuse_unknown(document, chosen)
    chosen = {node: as_seed(seed) for node, seed in chosen.items()}
    return _planned(replace(document.computation, targets=chosen), limits)


def _planned(computation: Computation, limits: Limits) -> Plan:
    return _usual_plan(computation) if limits is LIMITS else _plan(computation, limits)


@once_per_computation
def _usual_plan(computation: Computation) -> Plan:
    return _plan(computation, LIMITS)


def _plan(computation: Computation, limits: Limits) -> Plan:
    report = check(computation, limits)
    names = [name for name in order(computation) if name in report.shapes]
    leaves = {name: leaf for name in names if isinstance(leaf := computation.nodes[name], Leaf)}
    steps = tuple(_step(computation, name, node) for name in names if isinstance(node := computation.nodes[name], Node))
    targets = {name: seed for name, seed in targets_of(computation).items() if _is_swept(report, name, seed)}
    return Plan(MappingProxyType(targets), MappingProxyType(leaves), steps, report)


def _step(computation: Computation, name: NodeId, node: Node) -> Step:
    op = op_of(node)
    wires = computation.wires
    fed = [(slot, wires[port]) for slot in op.ports(node.slots) if (port := Port(name, slot)) in wires]
    return Step(name, op, node.params, tuple(slot for slot, _ in fed), tuple(source for _, source in fed))


def _is_swept(report: Report, name: NodeId, seed: Seed) -> bool:
    shape = report.shapes.get(name)
    return shape is not None and is_float(report.dtypes[name]) and seed_error(name, shape, seed) is None
