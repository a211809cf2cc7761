"""A recorded run under a new name for one of its nodes: nothing is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from gradviz.engine.frames import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.engine.paths import Paths
from gradviz.errors import GradvizError
from gradviz.graph import NodeId, Plan, Port, Problem, Report, Step

Value = TypeVar("Value")
_NAMES: Final = ("at_node", "node")
"""The facts of an error that are names of nodes: an op may be called what a node is called."""


def rename_keys(table: Mapping[NodeId, Value], old: NodeId, new: NodeId) -> dict[NodeId, Value]:
    """Return a table with one of its nodes renamed, in the same order."""
    return {_renamed(node, old, new): value for node, value in table.items()}


def rename_in_plan(plan: Plan, old: NodeId, new: NodeId) -> Plan:
    """Return a plan with one of its nodes renamed; the order of its steps stays as it was recorded."""
    return Plan(
        rename_keys(plan.targets, old, new),
        rename_keys(plan.leaves, old, new),
        tuple(_rename_in_step(step, old, new) for step in plan.steps),
        _rename_in_report(plan.report, old, new),
    )


def rename_in_frame(frame: Frame, old: NodeId, new: NodeId, paths: Paths) -> Frame:
    """Return a frame with one node renamed; `paths`, under the new name, knows the reasons for what is blocked."""
    match frame:
        case Compute(node=node) | Settle(node=node) | Update(node=node) | Clear(node=node):
            return replace(frame, node=new) if node == old else frame
        case Seed(target=target):
            return replace(frame, target=new) if target == old else frame
        case Send(source=source, port=port):
            if old not in (source, port.node):
                return frame
            return replace(frame, source=_renamed(source, old, new), port=_rename_port(port, old, new))
        case Blocked(source=source, port=port):
            port = _rename_port(port, old, new)
            renamed = Blocked(_renamed(source, old, new), port, paths.ends[port])
            return frame if vars(renamed) == vars(frame) else renamed


def rename_in_problem(problem: Problem, old: NodeId, new: NodeId) -> Problem:
    """Return a problem with one node renamed, in its sentence too, where nodes stand in double quotes."""
    error = problem.error and _rename_in_error(problem.error, old, new)
    sentence = problem.sentence.replace(f'"{old}"', f'"{new}"') if error is None else str(error)
    node = problem.node and _renamed(problem.node, old, new)
    return replace(problem, node=node, sentence=sentence, error=error)


def _rename_in_error(error: GradvizError, old: NodeId, new: NodeId) -> GradvizError:
    facts = {name: new if name in _NAMES and fact == old else fact for name, fact in error.facts.items()}
    return type(error)(error.template, **facts)


def _rename_in_step(step: Step, old: NodeId, new: NodeId) -> Step:
    if old != step.node and old not in step.sources:
        return step
    sources = tuple(_renamed(source, old, new) for source in step.sources)
    return replace(step, node=_renamed(step.node, old, new), sources=sources)


def _rename_in_report(report: Report, old: NodeId, new: NodeId) -> Report:
    return Report(
        rename_keys(report.shapes, old, new),
        rename_keys(report.dtypes, old, new),
        tuple(rename_in_problem(problem, old, new) for problem in report.problems),
        tuple(_rename_port(port, old, new) for port in report.open_ports),
    )


def _rename_port(port: Port, old: NodeId, new: NodeId) -> Port:
    return Port(new, port.name) if port.node == old else port


def _renamed(node: NodeId, old: NodeId, new: NodeId) -> NodeId:
    return new if node == old else node
