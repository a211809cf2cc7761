"""The rule of a step in words of mathematics: with the user's names, and for single numbers with the numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from gradviz.engine import Compute, Frame, Moment, Run, Send, show_number
from gradviz.errors import GradvizError
from gradviz.graph import NodeId, Step
from gradviz.ops import Array, forward_formula, unicode, vjp_formula

_MOST_CHARACTERS = 400


class RuleText(NamedTuple):
    """A rule as it stands in a callout: what it gives, its formula, and the formula with numbers ("" for tensors).

    `legend` says what g is in the formula of a gradient; it is "" where there is none.
    """

    heading: str
    formula: str
    worked: str
    legend: str = ""


def rule_text(moment: Moment) -> RuleText | None:
    """Return the rule at work in the latest frame of a moment, a `Compute` or a `Send`; None for any other."""
    return _rule_text(moment.run, moment.latest)


@lru_cache(maxsize=4)
def _rule_text(run: Run, frame: Frame | None) -> RuleText | None:
    match frame:
        case Compute(node=node, value=value):
            return _text(run.paths.steps[node], None, f"{node} =", value, run.values)
        case Send(source=source, port=port, raw=raw):
            settled = run.ledger.settled.get(port.node)
            incoming = None if settled is None else settled[1]
            return _text(run.paths.steps[port.node], port.name, f"to {source}:", raw, run.values, incoming=incoming)
    return None


def _text(
    step: Step,
    port: str | None,
    heading: str,
    outcome: Array,
    values: Mapping[NodeId, Array],
    *,
    incoming: Array | None = None,
) -> RuleText:
    names = dict(zip(step.ports, step.sources, strict=True)) | {"y": step.node}
    formula = _formula(step, port, values, names)
    operands = {name: values[node] for name, node in names.items() if node in values}
    if incoming is not None:
        operands["g"] = incoming
    legend = "" if incoming is None else f"g: the gradient of {step.node}"
    if not formula or outcome.ndim or any(array.ndim for array in operands.values()):
        return RuleText(heading, formula, "", legend)
    numbers = {name: operand_text(array) for name, array in operands.items()}
    worked, number = _formula(step, port, values, numbers), show_number(outcome)
    return RuleText(heading, formula, "" if worked == number else f"{worked} = {number}", legend)


def operand_text(array: Array) -> str:
    """Return a number as it stands in a product: a negative one in parentheses."""
    text = show_number(array)
    return f"({text})" if text.startswith("−") else text


def _formula(step: Step, port: str | None, values: Mapping[NodeId, Array], names: Mapping[str, str]) -> str:
    """Return a rule as one line of mathematics; "" where it cannot be read."""
    inputs = [values[source] for source in step.sources]
    shapes, dtypes = [each.shape for each in inputs], [each.dtype for each in inputs]
    try:
        expression: ast.expr | None = (
            forward_formula(step.op, shapes, dtypes, step.params, names=names)
            if port is None
            else vjp_formula(step.op, port, shapes, dtypes, step.params, names=names)
        )
    except GradvizError:
        return ""
    return "" if expression is None else unicode(expression)[:_MOST_CHARACTERS]
