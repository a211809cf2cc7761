"""The chain rule at one frame, as it is told: with the user's names, with shapes, and with the numbers of one cell.

    ∂loss/∂W = xᵀ · ∂loss/∂h            the rule of the op, with names
    (4×3) = (2×4)ᵀ · (2×3)              the same with shapes
    0.5 × 2 + (−1) × 3 = −2             one cell of it, factors before the result

The first two are read from the rule itself. So are the numbers where each cell comes from its own cells alone; of other
rules a cell is a sum of products, whose factors are the links of the cell. What happens to a target, a total and a
variable is told in the same way.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from gradviz.engine.arrays import is_zero
from gradviz.engine.chain_numbers import Reading, deposit_line, elementwise_line, number_lines, reading_of
from gradviz.engine.chain_terms import (
    Cell,
    Letters,
    RuleLine,
    RuleTerm,
    cell_term,
    gradient_term,
    place,
    shape_term,
    sum_of,
    value_term,
)
from gradviz.engine.frames import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.engine.links import MOST_INPUTS, is_too_large
from gradviz.engine.moment import Moment, Run
from gradviz.engine.step_program import program_of, update_program
from gradviz.engine.telling import show_axes
from gradviz.engine.zeros import why_share_is_zero
from gradviz.graph import Document, NodeId, OneHot, Training, is_cell, training_of
from gradviz.ops import OPTIMISERS, Array, Word, update_formula

_RESULT = "_result"
_MOST_DEPOSITS = 8


@dataclass(frozen=True, eq=False)
class ChainRule:
    """What a frame does, told: lines of mathematics, the NumPy line, and a note where there is something to explain.

    `result` is the tensor that the frame gives, `cell` the one whose numbers are told (None where there is none).
    `lines` is empty where nothing is computed or sent: the note says why.
    """

    result: RuleTerm
    lines: tuple[RuleLine, ...] = ()
    cell: Cell | None = None
    program: str = ""
    note: str = ""


def chain_rule_of(moment: Moment, cell: Cell | None = None, training: Training | None = None) -> ChainRule | None:
    """Return the rule at work in the latest frame of a moment; None before the first.

    `cell` is the one of the frame's result whose numbers are told, the first by default and where there is no such
    cell. `training` says by which optimiser an `Update` was made: the document's, plain descent by default.
    """
    run, frame = moment.run, moment.latest
    match frame:
        case None:
            return None
        case Compute(node=node, value=value):
            return _computed(run, frame, node, _cell_in(value, cell))
        case Send(share=share):
            return _sent(run, frame, _cell_in(share, cell))
        case Seed(target=target, gradient=gradient):
            return _seeded(run, target, gradient, _cell_in(gradient, cell))
        case Settle(node=node, total=total):
            return _settled(moment, node, total, _cell_in(total, cell))
        case Update():
            return _updated(run, frame, _cell_in(frame.after, cell), training or training_of(Document()))
        case Clear(node=node):
            result = gradient_term(run.paths.targets, node)
            line = RuleLine("names", (ast.Name(_RESULT), ast.Constant(0)), {_RESULT: result}, sign="←")
            return ChainRule(result, (line,))
        case Blocked(source=source, reason=reason):
            return ChainRule(gradient_term(run.paths.targets, source), note=f"nothing is sent: {reason}")


def result_of(frame: Frame) -> tuple[NodeId, str]:
    """Return the node whose value or gradient a frame gives, and which of the two ("value", "gradient")."""
    match frame:
        case Compute(node=node) | Update(node=node):
            return node, "value"
        case Send(source=node) | Blocked(source=node) | Settle(node=node) | Clear(node=node) | Seed(target=node):
            return node, "gradient"


def _cell_in(array: Array, cell: Cell | None) -> Cell | None:
    """Return the cell, if the array has it, else its first cell; None of an empty one."""
    if array.size == 0:
        return None
    return cell if cell is not None and is_cell(cell, array.shape) else (0,) * array.ndim


def _computed(run: Run, frame: Compute, node: NodeId, cell: Cell | None) -> ChainRule:
    result = value_term(node)
    reading = reading_of(run, frame)
    if reading is None:
        return ChainRule(result, cell=cell, note="its rule cannot be read")
    lines = _rule_lines(result, frame.value, reading, reading.rule)
    if cell is not None:
        lines += number_lines(run, frame, reading, cell, frame.value)
    return ChainRule(result, lines, cell, program_of(run, frame))


def _sent(run: Run, frame: Send, cell: Cell | None) -> ChainRule:
    reading = reading_of(run, frame)
    result = gradient_term(run.paths.targets, frame.source, _via(run, frame))
    if reading is None:
        return ChainRule(result, cell=cell, note="its rule cannot be read")
    rule = reading.rule
    if frame.axes:
        axis = ast.Constant(frame.axes[0]) if len(frame.axes) == 1 else _tuple(frame.axes)
        rule = ast.Call(ast.Attribute(ast.Name("np"), "sum"), [rule], [ast.keyword("axis", axis)])
    lines = _rule_lines(result, frame.share, reading, rule)
    if cell is not None:
        lines += number_lines(run, frame, reading, cell, frame.share)
    note = "; ".join(part for part in (_note(run, frame), _why_bare(run, frame, lines, cell)) if part)
    return ChainRule(result, lines, cell, program_of(run, frame), note)


def _why_bare(run: Run, frame: Send, lines: Sequence[RuleLine], cell: Cell | None) -> str:
    """Return why a cell of a contribution is zero that no cell of the gradient leads to; nothing for any other."""
    if cell is None or frame.share[cell] != 0 or is_zero(frame.share) or is_too_large(run, frame):
        return ""
    if any(letter.startswith(("t", "g", "r")) for letter in lines[-1].terms):
        return ""
    step = run.paths.steps[frame.port.node]
    if len(step.sources) > MOST_INPUTS:  # nobody has looked for what leads there
        return ""
    return f"{place(cell) or 'it'} is zero: no cell of the gradient of {step.node} leads there"


def _tuple(numbers: tuple[int, ...]) -> ast.expr:
    return ast.Tuple([ast.Constant(number) for number in numbers])


def _note(run: Run, frame: Send) -> str:
    """Return what must be said of a contribution beside its formula: broadcasting, dtype, and why it is zero."""
    told = []
    if frame.axes:
        told.append(f"broadcasting is undone: summed over {show_axes(frame.axes)}")
    if frame.raw.dtype != frame.share.dtype:
        told.append(f"cast to {frame.share.dtype.name}")
    if is_zero(frame.share):
        told.append(f"zero: {why_share_is_zero(frame, run.ledger, run.paths.steps[frame.port.node], run.values)}")
    return "; ".join(told)


def _via(run: Run, frame: Send) -> str:
    """Return by which wire a contribution comes, where it is not the only one."""
    deposits = run.ledger.deposits[frame.source]
    count = run.paths.deposits.get(frame.source, 0) + (deposits.seed is not None)
    return _wire(run, frame) if count > 1 else ""


def _wire(run: Run, frame: Send) -> str:
    is_ambiguous = run.paths.steps[frame.port.node].sources.count(frame.source) > 1
    return f"{frame.port.node}.{frame.port.name}" if is_ambiguous else frame.port.node


def _rule_lines(result: RuleTerm, outcome: Array, reading: Reading, rule: ast.expr) -> tuple[RuleLine, ...]:
    """Return the line with names, and the one with shapes unless all tensors are single numbers."""
    sides = ast.Name(_RESULT), rule
    lines = [RuleLine("names", sides, {_RESULT: result, **reading.terms})]
    used = {letter: array for letter, array in reading.arrays.items() if letter in reading.used}
    if outcome.ndim or any(array.ndim for array in used.values()):
        shapes = {letter: shape_term(reading.terms[letter], array) for letter, array in used.items()}
        lines.append(RuleLine("shapes", sides, {_RESULT: shape_term(result, outcome), **shapes}))
    return tuple(lines)


def _seeded(run: Run, target: NodeId, gradient: Array, cell: Cell | None) -> ChainRule:
    result = gradient_term(run.paths.targets, target)
    match run.plan.targets[target]:
        case None:
            seed, note = "1" if gradient.ndim == 0 else "ones", "the seed: every cell of the target counts once"
        case OneHot(index=index):
            seed, note = "one-hot", f"the seed is 1 at [{', '.join(map(str, index))}] and 0 elsewhere"
        case _:
            seed, note = "seed", "the seed was chosen"
    sides = ast.Name(_RESULT), ast.Name("seed")
    lines = [RuleLine("names", sides, {_RESULT: result, "seed": RuleTerm(Word(seed), target, "gradient")})]
    if gradient.ndim:
        shapes = {_RESULT: shape_term(result, gradient), "seed": RuleTerm(gradient.shape, target, "gradient")}
        lines.append(RuleLine("shapes", sides, shapes))
    if cell is not None and seed != "1":
        number = {"seed": cell_term(result, gradient, cell)}
        lines.append(RuleLine("numbers", (ast.Name("seed"),), number, place(cell)))
    return ChainRule(result, tuple(lines), cell, program_of(run, Seed(target, gradient)), note)


def _settled(moment: Moment, node: NodeId, total: Array, cell: Cell | None) -> ChainRule:
    run = moment.run
    result, deposits = gradient_term(run.paths.targets, node), run.ledger.deposits[node]
    letters: Letters = {}
    if deposits.seed is not None:
        letters["seed"] = RuleTerm(Word("seed"), node, "gradient")
    left = len(deposits.sends) - _MOST_DEPOSITS
    for number, send in enumerate(deposits.sends[:_MOST_DEPOSITS]):
        letters[f"s{number}"] = gradient_term(run.paths.targets, node, _wire(run, send))
    if left > 0:
        letters["_more"] = RuleTerm(Word(f"… {left} more"))
    right = sum_of(ast.Name(letter) for letter in letters)
    lines = [RuleLine("names", (ast.Name(_RESULT), right), {_RESULT: result, **letters})]
    if total.ndim and len(letters) > 1:
        shapes = {letter: RuleTerm(total.shape, node, "gradient") for letter in letters if letter != "_more"}
        more = {letter: term for letter, term in letters.items() if letter == "_more"}
        lines.append(
            RuleLine("shapes", (ast.Name(_RESULT), right), {_RESULT: shape_term(result, total), **shapes, **more})
        )
    if cell is not None:
        lines.append(deposit_line(deposits, result, cell, total))
    gradient = moment.gradient(node)
    note = f"zero: {gradient.reason}" if gradient.state == "zero" else ""
    return ChainRule(result, tuple(lines), cell, program_of(run, Settle(node, total)), note)


def _updated(run: Run, frame: Update, cell: Cell | None, training: Training) -> ChainRule:
    optimiser = OPTIMISERS[training.optimiser]
    settings = optimiser.read_settings(training.settings)
    result = value_term(frame.node)
    terms = {"x": result, "g": gradient_term(run.paths.targets, frame.node)}
    terms |= {name: RuleTerm(name, frame.node) for name in optimiser.state_names}
    arrays: dict[str, Array] = {"x": frame.before, "g": frame.gradient, **frame.remembered}
    lines: list[RuleLine] = []
    programs: list[str] = []
    for name in optimiser.rules:
        rule = update_formula(optimiser, name, frame.step, settings)
        lines.append(RuleLine("names", (ast.Name(_RESULT), rule), {**terms, _RESULT: terms[name]}, sign="←"))
        programs.append(update_program(run, frame.node, name, rule))
        outcome = frame.after if name == "x" else frame.state[name]
        worked = None if cell is None else elementwise_line(Reading(rule, terms, arrays), cell, outcome, terms[name])
        lines += [] if worked is None else [worked]
        arrays[name] = outcome  # the rules after this one see the new one
    note = "" if frame.carried is None else "the gradients of earlier steps were added: they were not set back"
    return ChainRule(result, tuple(lines), cell, "\n".join(programs), note)
