"""Training: step after step on the compiled path, each of which can be looked at frame by frame.

A `Trainer` holds what stays the same (the document, the optimiser, the compiled plan); where training stands is a
`Standing`, a value. `Trainer.step` leads from one standing to the next, `Trainer.tape` records the same step with all
its frames, and both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from gradviz.engine.arrays import frozen
from gradviz.engine.backward import seed_for
from gradviz.engine.compiled import Compiled, Result, compile_plan
from gradviz.engine.frames import Clear, Frame, Update
from gradviz.engine.rows import Rows, with_tensors
from gradviz.engine.run import run
from gradviz.engine.tape import Tape
from gradviz.errors import EditRefusedError
from gradviz.graph import Document, NodeId, Plan, Tensor, leaf_at, plan_for, set_training, training_of
from gradviz.ops import OPTIMISERS, Array


@dataclass(frozen=True, eq=False)
class Standing:
    """Where training stands after some steps.

    `states` is what the optimiser remembers of each variable; `kept` are gradients that were not set back.
    """

    steps: int
    variables: Mapping[NodeId, Array]
    states: Mapping[NodeId, Mapping[str, Array]]
    kept: Mapping[NodeId, Array]


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


class Trainer:
    """Trains one document the way that it says."""

    def __init__(self, document: Document) -> None:
        """Compile the document's plan.

        Raises a `GradvizError` in a sentence where it cannot be trained: nothing to differentiate, no variable with a
        gradient, rows that do not go together.
        """
        self.document = document
        self.training = training_of(document)
        self._optimiser = OPTIMISERS[self.training.optimiser]
        self._settings = self._optimiser.read_settings(self.training.settings)
        self._rows = Rows(document, self.training)
        self._compiled: dict[int, tuple[Plan, Compiled]] = {}
        plan, compiled = self._compiled_for(self._rows.of_step(1))
        self.variables = self._trained_variables(plan, compiled)

    @property
    def batches(self) -> int:
        """How many steps it takes to see all rows once."""
        return self._rows.batches

    def rows_of_step(self, step: int) -> Array | None:
        """Return the numbers of the rows that a step sees, from 1; None where it sees all, or there are no examples."""
        return self._rows.of_step(step)

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
        variables = {name: leaf_at(self.document, name).value for name in self.variables}
        states = {name: self._optimiser.start(array) for name, array in variables.items()}
        return Standing(0, MappingProxyType(variables), MappingProxyType(states), MappingProxyType({}))

    def step(self, before: Standing) -> Iteration:
        """Return the next step; raises the error of a rule that fails on the values it meets."""
        rows = self._rows.of_step(before.steps + 1)
        plan, compiled = self._compiled_for(rows)
        result = compiled({**before.variables, **self._rows.tensors(rows)})
        updates = self._updates(before, {name: result.gradients[name] for name in self.variables})
        after = self._after(before, updates)
        gradients = MappingProxyType({update.node: update.gradient for update in updates})
        return Iteration(before, after, _loss(plan, result), gradients)

    def tape(self, before: Standing) -> Tape:
        """Record the next step with all its frames: forward, backward, update, and gradients set back."""
        tape = run(self.document_at(before, self._rows.of_step(before.steps + 1)))
        if not tape.is_whole or any(tape.gradients[name] is None for name in self.variables):
            return tape
        updates = self._updates(before, {name: tape.gradients[name] for name in self.variables})
        frames: list[Frame] = [*tape.frames, *updates]
        if self.training.zeroes_gradients:
            frames += [Clear(update.node, update.gradient) for update in updates]
        return replace(tape, frames=tuple(frames))

    def held_out_loss(self, standing: Standing) -> float | None:
        """Return the loss on the rows that are never trained on; None where there are none."""
        rows = self._rows.held_out()
        if rows is None:
            return None
        plan, compiled = self._compiled_for(rows)
        return _loss(plan, compiled({**standing.variables, **self._rows.tensors(rows)}))

    def document_at(self, standing: Standing, rows: Array | None = None) -> Document:
        """Return the document with its variables as training has left them; with `rows`, on these examples alone."""
        made = with_tensors(self.document, {**standing.variables, **self._rows.tensors(rows)})
        return made if rows is None else set_training(made, data=(), batch=None, held_out=0)

    def _updates(self, before: Standing, gradients: Mapping[NodeId, Array | None]) -> list[Update]:
        return [self._update(before, name, gradient) for name, gradient in gradients.items() if gradient is not None]

    def _update(self, before: Standing, name: NodeId, gradient: Array) -> Update:
        kept = before.kept.get(name)
        with np.errstate(all="ignore"):
            used = gradient if kept is None else frozen(kept + gradient)
        x, step = before.variables[name], before.steps + 1
        after, state = self._optimiser.update(x, used, before.states[name], step, self._settings)
        return Update(name, x, frozen(after), used, kept, {key: frozen(array) for key, array in state.items()}, step)

    def _after(self, before: Standing, updates: list[Update]) -> Standing:
        kept = {} if self.training.zeroes_gradients else {update.node: update.gradient for update in updates}
        return Standing(
            before.steps + 1,
            MappingProxyType({update.node: update.after for update in updates}),
            MappingProxyType({update.node: update.state for update in updates}),
            MappingProxyType(kept),
        )

    def _compiled_for(self, rows: Array | None) -> tuple[Plan, Compiled]:
        """Return the plan for batches of this many rows, compiled once."""
        count = -1 if rows is None else len(rows)
        if count not in self._compiled:
            plan = plan_for(with_tensors(self.document, self._rows.tensors(rows)))
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


def leaf_tensors(standing: Standing) -> Mapping[NodeId, Tensor]:
    """Return the variables of a standing as tensors, for an edit of a document."""
    return {name: Tensor(array) for name, array in standing.variables.items()}
