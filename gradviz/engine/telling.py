"""Sentences about frames, with names, shapes and, for single numbers, the numbers.

A sentence is a template and its facts, as errors are, so that a template can be translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradviz.engine.arrays import is_zero
from gradviz.engine.frames import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.engine.numbers import show_number
from gradviz.engine.paths import paths_of
from gradviz.graph import OneHot, Plan
from gradviz.ops import Array, told_name


@dataclass(frozen=True, eq=False)
class Telling:
    """A sentence as a template and its facts, all of them texts."""

    template: str
    facts: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """The sentence."""
        return self.template.format(**self.facts)


def describe(frame: Frame, plan: Plan) -> str:
    """Return a sentence that tells what happens in a frame of a run of `plan`."""
    return tell(frame, plan).sentence


def tell(frame: Frame, plan: Plan) -> Telling:
    """Return what `describe` says as a template and its facts."""
    match frame:
        case Compute():
            return _tell_compute(frame, plan)
        case Seed():
            return _tell_seed(frame, plan)
        case Settle():
            return _tell_settle(frame, plan)
        case Send():
            return _tell_send(frame, plan)
        case Blocked(source=source, port=port, reason=reason):
            op = paths_of(plan).steps[port.node].op.name
            template = '{op} "{node}" sends nothing back to {source}: {reason}'
            return _telling(template, op=op, node=port.node, source=source, reason=reason)
        case Update():
            return _tell_update(frame)
        case Clear(node=node):
            return _telling("the gradient of {node} is set back to zero before the next step", node=node)


def _telling(template: str, **facts: str) -> Telling:
    return Telling(template, {key: told_name(fact) if key in _NAMES else fact for key, fact in facts.items()})


_NAMES: Final = frozenset({"node", "source", "target"})
"""Facts that are names of nodes: that of a gradient is told as one, ∂loss/∂W."""


def _tell_compute(frame: Compute, plan: Plan) -> Telling:
    template, names = "{node} is computed: {value}", kept_names(frame, plan)
    if names is not None:
        template += "; kept for the backward pass: {kept}"
    kept = listed(names) if names else "nothing"
    return _telling(template, node=frame.node, value=show_tensor(frame.value), kept=kept)


def kept_names(frame: Compute, plan: Plan) -> tuple[str, ...] | None:
    """Return what a node keeps for the backward pass, by the names of what feeds it, its own value last.

    Nothing where its rules need no tensor; None where no gradient flows into the node.
    """
    paths = paths_of(plan)
    if frame.node in paths.closed:
        return None
    step = paths.steps[frame.node]
    sources = dict(zip(step.ports, step.sources, strict=True))
    return tuple(dict.fromkeys("its own value" if name == "y" else sources[name] for name in frame.kept))


def listed(names: Sequence[str]) -> str:
    """Return names as a person lists them: `x`, `x and w`, `x, w and b`."""
    *most, last = map(told_name, names)
    return f"{', '.join(most)} and {last}" if most else last


def _tell_seed(frame: Seed, plan: Plan) -> Telling:
    target, gradient = frame.target, frame.gradient
    if gradient.ndim == 0:
        template = "the sweep starts at {target} with the seed {seed}"
        return _telling(template, target=target, seed=show_number(gradient))
    match plan.targets[target]:
        case None:
            template = "the sweep starts at {target} with a seed of ones, of shape {shape}"
        case OneHot(index=index):
            template = "the sweep starts at {target} with a seed that is one at {cell} and zero elsewhere"
            return _telling(template, target=target, cell=str(list(index)))
        case _:
            template = "the sweep starts at {target} with a chosen seed of shape {shape}"
    return _telling(template, target=target, shape=str(gradient.shape))


def _tell_settle(frame: Settle, plan: Plan) -> Telling:
    node, count = frame.node, paths_of(plan).deposits.get(frame.node, 0)
    is_seeded = node in plan.targets
    if not count:
        template = "{node} has its seed and waits for nothing else: its gradient is {total}"
    elif is_seeded and count == 1:
        template = "{node} has its seed and has received its only contribution: its gradient is {total}"
    elif is_seeded:
        template = "{node} has its seed and has received {count} contributions: its gradient is {total}"
    elif count == 1:
        template = "{node} has received its only contribution: its gradient is {total}"
    else:
        template = "{node} has received {count} contributions: its gradient is {total}"
    return _telling(template, node=node, count=_all_of(count), total=_show_gradient(frame.total))


def _tell_send(frame: Send, plan: Plan) -> Telling:
    step = paths_of(plan).steps[frame.port.node]
    is_ambiguous = step.sources.count(frame.source) > 1
    template = '{op} "{node}" sends {raw} back to {source}' + (", through its input {port}" if is_ambiguous else "")
    if frame.axes:
        template += "; summed over {axes} it is {share}"
    if frame.raw.dtype != frame.share.dtype:
        template += ", cast to {dtype}"
    return _telling(
        template,
        op=step.op.name,
        node=step.node,
        raw=_show_contribution(frame.raw),
        source=frame.source,
        port=frame.port.name,
        axes=show_axes(frame.axes),
        share=show_tensor(frame.share),
        dtype=frame.share.dtype.name,
    )


def _tell_update(frame: Update) -> Telling:
    template = "step {step} updates {node}"
    template += " from {before} to {after}" if frame.after.ndim == 0 else ", {after}"
    if frame.carried is not None:
        template += "; its gradient was added to that of the steps before"
    return _telling(
        template,
        step=str(frame.step),
        node=frame.node,
        before=show_tensor(frame.before),
        after=show_tensor(frame.after),
    )


def _all_of(count: int) -> str:
    return "both" if count == _PAIR else f"all {count}"


_PAIR: Final = 2


def show_tensor(array: Array) -> str:
    """Return a number, or a tensor by its shape and what is not finite in it.

    As in `12.5`, `a (2, 3) tensor`, `an empty (0, 3) tensor`, `a (3,) tensor that holds NaN`.
    """
    if array.ndim == 0:
        return show_number(array)
    return f"{'an empty' if array.size == 0 else 'a'} {array.shape} tensor{_not_finite(array)}"


def _not_finite(array: Array) -> str:
    """Return what a tensor holds that is no finite number, as the end of its description; nothing where all are."""
    if array.dtype.kind != "f" or np.all(np.isfinite(array)):
        return ""
    kinds = {"NaN": np.any(np.isnan(array)), "∞": np.any(np.isinf(array))}
    return " that holds " + " and ".join(kind for kind, is_there in kinds.items() if is_there)


def _show_contribution(array: Array) -> str:
    if array.ndim == 0:
        return show_number(array)
    kind = "an empty" if array.size == 0 else "a zero" if is_zero(array) else "a"
    return f"{kind} {array.shape} gradient{_not_finite(array)}"


def _show_gradient(array: Array) -> str:
    return f"zero everywhere, of shape {array.shape}" if array.ndim and is_zero(array) else show_tensor(array)


def show_axes(axes: tuple[int, ...]) -> str:
    """Return the numbers of axes in words: `axis 0`, `axes 0 and 1`, `no axis`."""
    if not axes:
        return "no axis"
    return f"ax{'es' if len(axes) > 1 else 'is'} {listed([*map(str, axes)])}"
