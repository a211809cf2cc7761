"""What is right by the rules and yet is hardly what was meant: told with its reason, and never in the way.

kind            told where
==============  =========================================================================================
stretched       (N, 1) meets (N,): broadcasting makes (N, N) of a difference that is then averaged
twice           a softmax or sigmoid feeds a loss that takes one itself
dead            units of a relu are 0 for every row: no gradient flows through them
flat            nearly all slopes of a sigmoid or tanh are almost 0
vanishing       the gradient of a variable is tiny beside that of another
exploding       the gradient of a variable is huge
not finite      NaN or infinity appears where everything before it was finite
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradviz.engine.frames import Compute, Send
from gradviz.engine.moment import Run
from gradviz.engine.numbers import show_number
from gradviz.engine.tape import Tape
from gradviz.graph import NodeId, Plan, Step
from gradviz.ops import Array, Shape

FLAT_SLOPE: Final = 1e-3
"""A slope below this is flat: a sigmoid beyond ±6.9, a tanh beyond ±4.2."""
FLAT_PART: Final = 0.9
"""A node is flat where this part of its slopes is."""
VANISHING: Final = 1e-6
"""The largest number of a gradient that is this much smaller than that of another variable has vanished."""
EXPLODING: Final = 1e6
"""A gradient with a number larger than this has exploded."""

_GATES: Final = frozenset({"relu", "relu6"})
_SLOPES: Final[Mapping[str, Callable[[Array], Array]]] = {
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y * y,
}
_MEETINGS: Final = frozenset({"subtract", "add", "multiply", "divide", "mse_loss", "l1_loss", "huber_loss"})
_OWN: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "cross_entropy": ("softmax", ("softmax", "log_softmax")),
    "softmax_cross_entropy": ("softmax", ("softmax", "log_softmax")),
    "binary_cross_entropy_with_logits": ("sigmoid", ("sigmoid",)),
}
"""Losses that begin with a function of their own: its name, and the ops that should not stand before them."""
_PASSING: Final = frozenset({"identity", "astype", "reshape", "squeeze", "expand_dims"})


@dataclass(frozen=True)
class Caution:
    """Something to look at: where, of which kind, and a sentence as a template with its facts."""

    node: NodeId
    kind: str
    template: str
    facts: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """The sentence."""
        return self.template.format(**self.facts)


def cautions_of(tape: Tape) -> tuple[Caution, ...]:
    """Return what to look at in a recorded run, in the order of its steps; gradients last."""
    run = tape.at(len(tape.frames)).run
    with np.errstate(all="ignore"):
        found = [caution for step in run.plan.steps for caution in _of_step(run, step)]
        return (*found, *_not_finite(tape), *_sizes(run))


def _of_step(run: Run, step: Step) -> Iterator[Caution]:
    if step.node not in run.values:
        return
    yield from _stretched(run.plan, step)
    yield from _twice(run, step)
    if step.op.name in _GATES:
        yield from _dead(step, run.values[step.node])
    if step.op.name in _SLOPES:
        yield from _flat(step, run.values[step.node])


def caution_at(node: NodeId, kind: str, template: str, **facts: str) -> Caution:
    """Return a caution of a node, whose name is one of its facts."""
    return Caution(node, kind, template, {**facts, "node": node})


def _stretched(plan: Plan, step: Step) -> Iterator[Caution]:
    if step.op.name not in _MEETINGS or len(step.sources) != 2:
        return
    shapes = [plan.report.shapes[source] for source in step.sources]
    for column, row in (shapes, shapes[::-1]):
        if _is_column(column) and row == column[:-1]:
            yield caution_at(
                step.node,
                "stretched",
                "{node} puts {column} and {row} together and has every pair of rows, {count} × {count}: reshape one to "
                "the shape of the other if each row has its own partner",
                column=str(column),
                row=str(row),
                count=str(column[0]),
            )


def _is_column(shape: Shape) -> bool:
    return len(shape) == 2 and shape[1] == 1 and shape[0] > 1


def _twice(run: Run, step: Step) -> Iterator[Caution]:
    own, before = _OWN.get(step.op.name, ("", ()))
    if not own or not step.sources:
        return
    steps, source = run.paths.steps, step.sources[0]
    while source in steps and steps[source].op.name in _PASSING:
        source = steps[source].sources[0]
    if source in steps and steps[source].op.name in before:
        yield caution_at(
            step.node,
            "twice",
            "{node} takes the {own} of its input itself, and {source} is one already: its gradients become small and "
            "wrong numbers hardly count; feed it what {source} takes",
            own=own,
            source=source,
        )


def _dead(step: Step, value: Array) -> Iterator[Caution]:
    if value.ndim == 0 or value.size == 0:
        return
    alive = np.any(value.reshape(-1, value.shape[-1]) > 0, axis=0)
    dead, count = int(np.sum(~alive)), alive.size
    if dead == count:
        template = "every number of {node} is 0: no gradient flows back through it"
    elif dead and len(value.reshape(-1, count)) > 1:
        template = "{dead} of {count} units of {node} are 0 for every row: no gradient flows back through them"
    else:
        return
    yield caution_at(step.node, "dead", template, dead=str(dead), count=str(count))


def _flat(step: Step, value: Array) -> Iterator[Caution]:
    slopes = np.abs(_SLOPES[step.op.name](value))
    if value.size == 0 or np.mean(slopes < FLAT_SLOPE) < FLAT_PART:
        return
    yield caution_at(
        step.node,
        "flat",
        "the {op} {node} is flat where it stands: {part} % of its slopes are below {slope}, so that hardly any "
        "gradient flows back",
        op=step.op.name,
        part=f"{100 * float(np.mean(slopes < FLAT_SLOPE)):.0f}",
        slope=show_number(FLAT_SLOPE),
    )


def _not_finite(tape: Tape) -> Iterator[Caution]:
    """Yield the first frame whose numbers are not finite, where a node's inputs, or its own gradient, still were."""
    if not all(np.all(np.isfinite(leaf.value)) for leaf in tape.plan.leaves.values() if leaf.value.dtype.kind == "f"):
        return
    for index, frame in enumerate(tape.frames, 1):
        match frame:
            case Compute(node=node, value=value) if not _is_finite(value):
                template = "{what} first appears in the value of {node}, at moment {index}"
                yield caution_at(node, "not finite", template, what=oddity(value), index=str(index))
                return
            case Send(source=source, port=port, raw=raw) if not _is_finite(raw):
                template = "{what} first appears in what {node} sends back to {source}, at moment {index}"
                facts = {"what": oddity(raw), "source": source, "index": str(index)}
                yield caution_at(port.node, "not finite", template, **facts)
                return


def _is_finite(array: Array) -> bool:
    return array.dtype.kind != "f" or bool(np.all(np.isfinite(array)))


def oddity(array: Array) -> str:
    """Return what an array that is not finite holds, in a word: NaN, if there is one, else infinity."""
    return "NaN" if np.any(np.isnan(array)) else "infinity"


def _sizes(run: Run) -> Iterator[Caution]:
    """Yield what there is to say of the gradients of variables beside each other."""
    totals = {
        node: float(np.max(np.abs(total)))
        for node, (_, total) in run.ledger.settled.items()
        if node in run.plan.leaves and run.plan.leaves[node].role == "variable" and total.size and _is_finite(total)
    }
    largest = max(totals, key=totals.__getitem__, default="")
    for node, size in totals.items():
        if size > EXPLODING:
            template = "the gradient of {node} has exploded: its largest number is {size}"
            yield caution_at(node, "exploding", template, size=show_number(size))
        elif 0 < size < VANISHING * totals[largest]:
            template = (
                "the gradient of {node} has all but vanished: its largest number is {size}, that of {other} {most}"
            )
            facts = {"size": show_number(size), "other": largest, "most": show_number(totals[largest])}
            yield caution_at(node, "vanishing", template, **facts)
