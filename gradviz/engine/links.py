"""Which cells a cell comes from: the numbers that a step puts together for one number of its result.

A rule is differentiated once more, by the sweep itself, from the one cell that is asked about: what that cell depends
on has a derivative there. So links are known for every op, and none is written down. They are asked at the values of
the run and, so that a zero does not hide what it is multiplied with, at values a little beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.compiled import Compiled, compile_plan
from gradviz.engine.frames import Compute, Send
from gradviz.engine.moment import Run
from gradviz.engine.pulling import fitted
from gradviz.engine.rule_keys import RuleKey, rule_key, rule_of
from gradviz.errors import GradvizError, LimitError
from gradviz.graph import Computation, Document, Leaf, NodeId, OneHot, Pieces, Tensor, plan_for
from gradviz.ops import Array, is_float

Cell = tuple[int, ...]
_RESULT = "result"
MOST_INPUTS = 128
"""Inputs of an op at most whose links are worked out: the rule of more takes too long to differentiate."""

MOST_CELLS = 1 << 18
"""Numbers of all tensors of a step at most whose links are worked out: of more they would hold up the window."""

_BESIDE = 1e-6
"""How far beside the values of a run links are asked for again, relative to them."""


@dataclass(frozen=True, eq=False)
class Link:
    """A tensor that a cell comes from.

    `name` is what the rule calls it: "g" for the gradient of the step's node, "y" for its value, else a port; `node`
    is the node whose value (or gradient) it is. `cells` marks the cells that the cell depends on, `factors` holds the
    derivative of the cell by each.
    """

    name: str
    node: NodeId
    tensor: Array
    cells: Array
    factors: Array

    @property
    def count(self) -> int:
        """How many cells are linked."""
        return int(np.count_nonzero(self.cells))


def links_of(run: Run, frame: Compute | Send, cell: Cell, *, raw: bool = False) -> tuple[Link, ...]:
    """Return where a cell of what a frame gives comes from: of a value, or of what was sent back.

    Of a `Send` the cell is one of its share, or, with `raw`, of what the rule gives before broadcasting is undone.
    Integers and masks are not linked. Raises GradvizError where the rule cannot be read, and LimitError where the step
    has too many inputs or works on too many numbers.
    """
    _refuse_too_large(run, frame)
    rule = rule_at_work(run, frame, raw=raw)
    if rule is None:
        return ()
    exact, beside = (rule.factors(each, cell) for each in (rule.tensors, moved(rule.tensors)))
    links = []
    for name, tensor in rule.tensors.items():
        factors = exact.get(name)
        if factors is not None:
            # One-hot seeds times NaN are NaN everywhere: what is not finite says nothing about where it comes from.
            cells = (beside[name] != 0) | (np.isfinite(factors) & (factors != 0))
            links.append(Link(name, rule.nodes[name], tensor, frozen(cells), frozen(np.where(cells, factors, 0))))
    return tuple(link for link in links if link.count)


def is_too_large(run: Run, frame: Compute | Send) -> bool:
    """Tell whether a step works on so many numbers that what one of them comes from is not worked out."""
    return _size(run, frame) > MOST_CELLS


def _refuse_too_large(run: Run, frame: Compute | Send) -> None:
    if is_too_large(run, frame):
        raise LimitError(
            "{node} works on {count:,} numbers: where each comes from is worked out for {most:,} at most",
            node=frame.node if isinstance(frame, Compute) else frame.port.node,
            count=_size(run, frame),
            most=MOST_CELLS,
        )


def _size(run: Run, frame: Compute | Send) -> int:
    node = frame.node if isinstance(frame, Compute) else frame.port.node
    return sum(run.values[each].size for each in (node, *run.paths.steps[node].sources))


@dataclass(frozen=True, eq=False)
class RuleAtWork:
    """The rule of a frame, ready to be differentiated: its tensors by their names in the rule, and whose they are."""

    tensors: Mapping[str, Array]
    nodes: Mapping[str, NodeId]
    compiled: Compiled

    def factors(self, tensors: Mapping[str, Array], cell: Cell) -> Mapping[str, Array]:
        """Return the derivative of a cell of the result by each of these tensors, where there is one."""
        gradients = self.compiled(tensors, {_RESULT: OneHot(cell)}).gradients
        return {name: gradient for name, gradient in gradients.items() if gradient is not None}


def rule_at_work(run: Run, frame: Compute | Send, *, raw: bool = False) -> RuleAtWork | None:
    """Return the rule of a frame, None where it gives no floats.

    Raises GradvizError where it cannot be read, and LimitError where it has too many inputs.
    """
    node = frame.node if isinstance(frame, Compute) else frame.port.node
    step = run.paths.steps[node]
    if not is_float(run.values[node].dtype):
        return None
    if len(step.sources) > MOST_INPUTS:
        raise LimitError(
            "{node} has {count} inputs: where its numbers come from is worked out for {most} at most",
            node=node,
            count=len(step.sources),
            most=MOST_INPUTS,
        )
    tensors = dict(zip(step.ports, (run.values[source] for source in step.sources), strict=True))
    nodes = dict(zip(step.ports, step.sources, strict=True))
    if isinstance(frame, Send):
        tensors |= {"g": run.ledger.settled[node][1], "y": run.values[node]}
        nodes |= {"g": node, "y": node}
    asked = () if isinstance(frame, Compute) else (frame.port.name,)
    key = rule_key(step, [run.values[source] for source in step.sources], asked)
    return RuleAtWork(tensors, nodes, _compiled(key, is_share=isinstance(frame, Send) and not raw))


def moved(tensors: Mapping[str, Array]) -> Mapping[str, Array]:
    """Return tensors a little beside these, no cell of which is zero or not finite."""
    return {name: _beside(array, seed) for seed, (name, array) in enumerate(tensors.items())}


def _beside(array: Array, seed: int) -> Array:
    if not is_float(array.dtype):
        return array
    way = np.random.default_rng(seed).uniform(0.5, 1.0, array.shape)
    finite = np.where(np.isfinite(array), array, 1.0)
    return np.asarray(finite + _BESIDE * way * np.maximum(np.abs(finite), 1.0), array.dtype)


@lru_cache(maxsize=256)
def _compiled(key: RuleKey, *, is_share: bool) -> Compiled:
    """Return the rule of a key as a function of its tensors that gives the derivative of a cell by each of them."""
    shapes, dtypes = key.shapes, key.dtypes
    names: Sequence[str] = key.op.ports(len(shapes))[: len(shapes)]
    all_shapes, all_dtypes = dict(zip(names, shapes, strict=True)), dict(zip(names, dtypes, strict=True))
    if key.ports:
        shape, dtype = key.op.shape(*shapes, **key.params), key.op.dtype(*dtypes, **key.params)
        all_shapes |= {"g": shape, "y": shape}
        all_dtypes |= {"g": dtype, "y": dtype}
    leaves = {
        name: Leaf("variable", Tensor(np.broadcast_to(np.zeros((), all_dtypes[name]), shape)))
        for name, shape in all_shapes.items()
    }
    pieces = Pieces(Computation(leaves))
    port = key.ports[0] if key.ports else None
    rule = rule_of(key)
    if rule is None:
        raise GradvizError("{op} sends nothing back from {port}", op=key.op.name, port=port)
    result = pieces.read(rule, {name: name for name in leaves})
    if is_share and port is not None:
        result = fitted(pieces, result, all_shapes[port], all_dtypes[port])
    pieces.node("identity", [result], name=_RESULT)
    made = Document(Computation({**leaves, **pieces.nodes}, pieces.wires, {_RESULT: None}))
    floats = [name for name in leaves if is_float(all_dtypes[name])]
    return compile_plan(plan_for(made), floats, ())
