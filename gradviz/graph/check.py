"""What is wrong with a document, told without computing anything: shapes and dtypes follow from the ops' own rules.

An open port is no error: a half-built document runs as far as it goes. A node that cannot compute is told once; the
nodes below it have no shape and no problem of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, Literal

from gradviz.errors import FormatError, GradvizError, LimitError, ShapeError
from gradviz.graph.dag import order
from gradviz.graph.limits import LIMITS, Limits
from gradviz.graph.model import Computation, Leaf, Node, NodeId, Port
from gradviz.graph.ports import op_of
from gradviz.graph.remembering import once_per_computation
from gradviz.graph.seeds import seed_error
from gradviz.ops import Dtype, Op, Shape, is_float, on_the_way_at_most


@dataclass(frozen=True, eq=False)
class Problem:
    """Something that keeps a node from computing, or a target from being swept, in a sentence.

    `severity` is "error", or "open" for a port that waits for a wire. `node` is None for what concerns the whole.
    """

    node: NodeId | None
    port: str | None
    sentence: str
    severity: Literal["error", "open"] = "error"
    error: GradvizError | None = None


@dataclass(frozen=True, eq=False)
class Report:
    """What a check found: `shapes` and `dtypes` of all nodes that can compute, and what is wrong with the others."""

    shapes: Mapping[NodeId, Shape]
    dtypes: Mapping[NodeId, Dtype]
    problems: tuple[Problem, ...]
    open_ports: tuple[Port, ...]


def check(computation: Computation, limits: Limits = LIMITS) -> Report:
    """Return the shapes, dtypes and problems of a computation; the same computation gets the same report."""
    return _usual_report(computation) if limits is LIMITS else _report(computation, limits)


@once_per_computation
def _usual_report(computation: Computation) -> Report:
    return _report(computation, LIMITS)


def _report(computation: Computation, limits: Limits) -> Report:
    checking = _Checking(computation, limits)
    with on_the_way_at_most(limits.elements_on_the_way):
        problems = [problem for node in order(computation) for problem in checking.problems_of(node)]
    problems.extend(checking.target_problems())
    return Report(
        MappingProxyType(checking.shapes),
        MappingProxyType(checking.dtypes),
        tuple(problems),
        tuple(Port(problem.node or "", problem.port or "") for problem in problems if problem.severity == "open"),
    )


class _Checking:
    """One walk over a computation, sources first, that fills in shapes and dtypes."""

    def __init__(self, computation: Computation, limits: Limits) -> None:
        self.computation = computation
        self.limits = limits
        self.shapes: dict[NodeId, Shape] = {}
        self.dtypes: dict[NodeId, Dtype] = {}
        self.bytes = 0

    def problems_of(self, name: NodeId) -> Iterator[Problem]:
        node = self.computation.nodes[name]
        if isinstance(node, Leaf):
            self._keep(name, node.value.shape, node.value.dtype)
            return
        try:
            op = op_of(node)
        except FormatError as error:
            yield problem_of(error, name)
            return
        open_ports = tuple(self._open_ports(name, op.ports(node.slots), op.required_ports(node.slots)))
        for port in open_ports:
            sentence = f'{op.name} "{name}": the input {port} is open'
            yield Problem(name, port, sentence, "open")
        if not open_ports:
            yield from self._infer(name, node, op)

    def _open_ports(self, name: NodeId, ports: tuple[str, ...], required: tuple[str, ...]) -> Iterator[str]:
        """Yield the ports that wait for a wire: the required ones, and optional ones before a wired one."""
        wired = [Port(name, port) in self.computation.wires for port in ports]
        needed = max(len(required), len(ports) - wired[::-1].index(True) if any(wired) else 0)
        return (port for port, is_wired in zip(ports[:needed], wired, strict=False) if not is_wired)

    def _infer(self, name: NodeId, node: Node, op: Op) -> Iterator[Problem]:
        wires = self.computation.wires
        sources = [wires[port] for slot in op.ports(node.slots) if (port := Port(name, slot)) in wires]
        if not all(source in self.shapes for source in sources):
            return
        shapes = [self.shapes[source] for source in sources]
        dtypes = [self.dtypes[source] for source in sources]
        try:
            shape, dtype = infer(op, shapes, dtypes, node.params, self.limits)
            self._refuse_too_much(prod(shape) * dtype.itemsize)
        except (ShapeError, LimitError) as error:
            yield problem_of(error.at(op.name, name), name)
        else:
            self._keep(name, shape, dtype)

    def _keep(self, name: NodeId, shape: Shape, dtype: Dtype) -> None:
        self.shapes[name] = shape
        self.dtypes[name] = dtype
        self.bytes += prod(shape) * dtype.itemsize

    def _refuse_too_much(self, more: int) -> None:
        if self.bytes + more > self.limits.run_bytes:
            raise LimitError(
                "with this value a run would hold more than {limit:.3g} GiB: make the tensors smaller",
                limit=self.limits.run_bytes / 2**30,
            )

    def target_problems(self) -> Iterator[Problem]:
        for target, seed in self.computation.targets.items():
            if target not in self.shapes:
                continue
            error = seed_error(target, self.shapes[target], seed) or self._dtype_error(target)
            if error is not None:
                yield problem_of(error, target)

    def _dtype_error(self, target: NodeId) -> ShapeError | None:
        if is_float(self.dtypes[target]):
            return None
        node = self.computation.nodes[target]
        return ShapeError(
            '{op}"{node}" has dtype {dtype}: only float tensors have a gradient',
            op="" if isinstance(node, Leaf) else f"{node.op} ",
            node=target,
            dtype=self.dtypes[target],
        )


def problem_of(error: GradvizError, node: NodeId | None) -> Problem:
    """Return an error as a problem of a node, for the list of problems."""
    return Problem(node, None, str(error), "error", error)


def infer(
    op: Op, shapes: list[Shape], dtypes: list[Dtype], params: Mapping[str, Any], limits: Limits = LIMITS
) -> tuple[Shape, Dtype]:
    """Return the shape and dtype of what an op makes of inputs of these shapes and dtypes.

    Raises `ShapeError` where it cannot, `LimitError` where the result would be too large; neither names the node.
    """
    shape = op.shape(*shapes, **params)
    dtype = op.dtype(*dtypes, **params)
    if prod(shape) > limits.elements:
        raise LimitError(
            "its result of shape {shape} would have {count:,} elements; the limit is {limit:,}",
            shape=shape,
            count=prod(shape),
            limit=limits.elements,
        )
    if len(shape) > limits.nesting:
        raise LimitError(
            "its result would have {count} axes; the limit is {limit}", count=len(shape), limit=limits.nesting
        )
    return shape, dtype
