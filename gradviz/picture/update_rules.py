"""The rule of an optimiser's step in words of mathematics: with the user's names, and for single numbers with them.

W ←  W − 0.1 × ∂loss/∂W
1 − 0.1 × (−60) = 7
"""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.engine import Moment, Update, show_number
from gradviz.graph import Document, training_of
from gradviz.ops import OPTIMISERS, Array, gradient_name, unicode, update_formula
from gradviz.picture.rules import RuleText, operand_text

PILED_UP = "with the gradients of earlier steps"
"""What is said of a gradient that was not set back before its step."""


def update_rules(document: Document, moment: Moment, frame: Update) -> tuple[RuleText, ...]:
    """Return the rules of an `Update` in the order in which they run: those of the state, then that of the variable."""
    training = training_of(document)
    optimiser = OPTIMISERS[training.optimiser]
    settings = optimiser.read_settings(training.settings)

    def written(name: str, names: Mapping[str, str]) -> str:
        return unicode(update_formula(optimiser, name, frame.step, settings, names=names))

    gradient = gradient_name(list(moment.run.plan.targets), frame.node)
    numbers: dict[str, Array] = {"x": frame.before, "g": frame.gradient, **frame.remembered}
    rules = []
    for name in optimiser.rules:
        formula = written(name, {"x": frame.node, "g": gradient})
        outcome = frame.after if name == "x" else frame.state[name]
        worked = ""
        if outcome.ndim == 0:
            operands = {key: operand_text(array) for key, array in numbers.items()}
            worked = f"{written(name, operands)} = {show_number(outcome)}"
        numbers[name] = outcome  # the rules after this one see the new one
        legend = PILED_UP if frame.carried is not None and name == "x" else ""
        rules.append(RuleText(f"{frame.node if name == 'x' else name} ←", formula, worked, legend))
    return tuple(rules)
