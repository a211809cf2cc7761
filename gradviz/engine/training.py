"""Training: step after step on the compiled path, each of which can be looked at frame by frame.

A `Trainer` holds what stays the same (the document, the optimiser, the compiled plan); where training stands is a
`Standing`, a value. `Trainer.step` leads from one standing to the next, `Trainer.tape` records the same step with all
its frames, and both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.backward import seed_for
from gradviz.engine.compiled import Compiled, Result, compile_plan
from gradviz.engine.frames import Clear, Frame, Update
from gradviz.engine.rows import Rows
from gradviz.engine.run import run
from gradviz.engine.tape import Tape
from gradviz.errors import EditRefusedError
from gradviz.graph import (
    Document,
    Leaf,
    NodeId,
    Plan,
    Training,
    are_same_bits,
    leaf_at,
    plan_for,
    set_tensors,
    training_of,
)
from gradviz.ops import OPTIMISERS, Array


@dataclass(frozen=True, eq=False)
class Standing:
    """Where training stands after some steps.

    `states` is what the optimiser remembers of each variable; `carried` are gradients that were not set back.
    """

    steps: int
    variables: Mapping[NodeId, Array]
    states: Mapping[NodeId, Mapping[str, Array]]
    carried: Mapping[NodeId, Array]

    def is_of(self, document: Document) -> bool:
        """Tell whether a document holds these variables, bit for bit: a step that changes nothing counts, too."""
        return all(
            isinstance(leaf := document.nodes.get(name), Leaf)
            and (leaf.value is array or are_same_bits(leaf.value, array))
            for name, array in self.variables.items()
        )


@dataclass(frozen=True, eq=False)
class Iteration:
    """One step: where it began, where it led, and the loss and the gradients that it found on the way.

    `loss` is what is differentiated: the targets times their seeds, summed. `gradients` are what the optimiser used.
    """

    before: Standing
    after: Standing
    loss: float
    gradients: Mapping[NodeId, Array]

    @property
    def step(self) -> int:
        """The number of the step, from 1."""
        return self.after.steps

    @property
    def has_diverged(self) -> bool:
        """Whether the loss, or a variable that came of the step, is not finite."""
        return not np.isfinite(self.loss) or not all(np.all(np.isfinite(x)) for x in self.after.variables.values())


class Updater:
    """The optimiser's side of a training: what a step makes of gradients, whoever computed them."""

    def __init__(self, training: Training) -> None:
        """Read the optimiser and its settings."""
        self._zeroes_gradients = training.zeroes_gradients
        self._optimiser = OPTIMISERS[training.optimiser]
        self._settings = self._optimiser.read_settings(training.settings)

    def start(self, variables: Mapping[NodeId, Array]) -> Standing:
        """Return where training stands before the first step: nothing remembered."""
        states = {name: self._optimiser.start(array) for name, array in variables.items()}
        return Standing(0, MappingProxyType(dict(variables)), MappingProxyType(states), MappingProxyType({}))

    def updates(self, before: Standing, gradients: Mapping[NodeId, Array | None]) -> list[Update]:
        """Return the step of every variable."""
        given = ((name, gradients[name]) for name in before.variables)
        return [self._update(before, name, gradient) for name, gradient in given if gradient is not None]

    def _update(self, before: Standing, name: NodeId, gradient: Array) -> Update:
        carried = before.carried.get(name)
        with np.errstate(all="ignore"):
            used = gradient if carried is None else frozen(carried + gradient)
        x, remembered, step = before.variables[name], before.states[name], before.steps + 1
        after, state = self._optimiser.update(x, used, remembered, step, self._settings)
        state = {key: frozen(array) for key, array in state.items()}
        return Update(name, x, frozen(after), used, carried, remembered, state, step)

    def after(self, before: Standing, updates: Sequence[Update]) -> Standing:
        """Return where training stands after the step of every variable."""
        carried = {} if self._zeroes_gradients else {update.node: update.gradient for update in updates}
        return Standing(
            before.steps + 1,
            MappingProxyType({update.node: update.after for update in updates}),
            MappingProxyType({update.node: update.state for update in updates}),
            MappingProxyType(carried),
        )

    def frames(self, updates: Sequence[Update]) -> tuple[Frame, ...]:
        """Return what a recorded run tells of a step: the updates, and gradients set back where they are."""
        clears = (Clear(update.node, update.gradient) for update in updates if self._zeroes_gradients)
        return (*updates, *clears)


def record_step(
    document: Document, before: Standing | None = None, cancelled: Callable[[], bool] | None = None
) -> Tape:
    """Record a run of a document on the examples of one step, and the step that its training takes from there.

    `before` is where training stands, with the variables that the document holds; None for the first step. There is no
    step where the run was cut short, or nothing that is trained got a gradient. Raises the `EditRefusedError` of rows
    that do not go together.
    """
    training = training_of(document)
    rows = Rows(document, training)
    tape = run(rows.cut(document, rows.of_step(1 if before is None else before.steps + 1)), cancelled=cancelled)
    leaves = tape.plan.leaves
    gradients = {name: tape.gradients[name] for name, leaf in leaves.items() if leaf.role == "variable"}
    updater = Updater(training)
    if before is None:
        before = updater.start({name: leaves[name].value for name, found in gradients.items() if found is not None})
    if not tape.is_whole or any(gradients.get(name) is None for name in before.variables):
        return tape
    return replace(tape, frames=(*tape.frames, *updater.frames(updater.updates(before, gradients))))


class Trainer:
    """Trains one document the way that it says."""

    def __init__(self, document: Document) -> None:
        """Compile the document's plan.

        Raises a `GradvizError` in a sentence where it cannot be trained: nothing to differentiate, no variable with a
        gradient, rows that do not go together.
        """
        self.document = document
        self.training = training_of(document)
        self._updater = Updater(self.training)
        self._rows = Rows(document, self.training)
        self._compiled: dict[int, tuple[Plan, Compiled]] = {}
        plan, compiled = self._compiled_for(self._rows.of_step(1))
        self.variables = self._trained_variables(plan, compiled)

    @property
    def batches(self) -> int:
        """How many steps it takes to see all rows once."""
        return self._rows.batches

    def _trained_variables(self, plan: Plan, compiled: Compiled) -> tuple[NodeId, ...]:
        """Return the variables that get a gradient, in the order of the plan, or refuse to train none."""
        if not plan.targets:
            problem = next((each.error for each in plan.report.problems if each.error is not None), None)
            raise problem or EditRefusedError("there is no target to train towards: make a node the target first")
        gradients = compiled().gradients
        names = [name for name, leaf in plan.leaves.items() if leaf.role == "variable" and gradients[name] is not None]
        if not names:
            raise EditRefusedError(
                "no variable gets a gradient from {targets}, so that there is nothing to train",
                targets=", ".join(plan.targets),
            )
        return tuple(names)

    def start(self) -> Standing:
        """Return where training stands before the first step: the document's own tensors, nothing remembered."""
        return self._updater.start({name: leaf_at(self.document, name).value for name in self.variables})

    def step(self, before: Standing) -> Iteration:
        """Return the next step; raises the error of a rule that fails on the values it meets."""
        rows = self._rows.of_step(before.steps + 1)
        plan, compiled = self._compiled_for(rows)
        result = compiled({**before.variables, **self._rows.tensors(rows)})
        updates = self._updater.updates(before, result.gradients)
        gradients = MappingProxyType({update.node: update.gradient for update in updates})
        return Iteration(before, self._updater.after(before, updates), _loss(plan, result), gradients)

    def tape(self, before: Standing) -> Tape:
        """Record the next step with all its frames: forward, backward, update, and gradients set back."""
        return record_step(self.document_at(before), before)

    def held_out_loss(self, standing: Standing) -> float | None:
        """Return the loss on the rows that are never trained on; None where there are none."""
        rows = self._rows.held_out()
        if rows is None:
            return None
        plan, compiled = self._compiled_for(rows)
        return _loss(plan, compiled({**standing.variables, **self._rows.tensors(rows)}))

    def document_at(self, standing: Standing) -> Document:
        """Return the document with its variables as training has left them."""
        return set_tensors(self.document, standing.variables)

    def _compiled_for(self, rows: Array | None) -> tuple[Plan, Compiled]:
        """Return the plan for batches of this many rows, compiled once."""
        count = -1 if rows is None else len(rows)
        if count not in self._compiled:
            plan = plan_for(self._rows.cut(self.document, rows))
            variables = [name for name, leaf in plan.leaves.items() if leaf.role == "variable"]
            self._compiled[count] = plan, compile_plan(plan, variables)
        return self._compiled[count]


def _loss(plan: Plan, result: Result) -> float:
    with np.errstate(all="ignore"):
        parts: list[Any] = [
            np.sum(result.values[target] * seed_for(result.values[target], seed))
            for target, seed in plan.targets.items()
        ]
    return float(sum(parts))
