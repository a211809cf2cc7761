"""`gradviz train`: takes the steps of a training, prints the loss, and writes what was learned. It needs no Qt."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from gradviz.app.arguments import Parser, add_file, count
from gradviz.engine import History, Trainer, cautions_of_history, show_number
from gradviz.formats import array_as_json, load, save

LINES = 20
"""Steps whose loss is printed as text, about."""


def main(words: Sequence[str]) -> int:
    """Train a file, and print the loss of its steps."""
    asked = _parser().parse_args(words)
    trainer = Trainer(load(asked.file))
    history = History(trainer)
    history.take(trainer.training.steps if asked.steps is None else asked.steps)
    if asked.out is not None:
        save(trainer.document_at(history.latest), asked.out)
    print(_as_json(history) if asked.json else _as_text(history))
    for caution in cautions_of_history(history):
        print(caution.sentence, file=sys.stderr)
    return 0


def _parser() -> Parser:
    parser = Parser("train", main.__doc__)
    add_file(parser)
    parser.add_argument("--steps", type=count, metavar="N", help="how many; else as many as the file says")
    parser.add_argument("--json", action="store_true", help="as JSON: losses, held-out losses, and the variables")
    parser.add_argument("-o", "--out", type=Path, metavar="OUT.gradviz", help="where to save what was learned")
    return parser


def _as_json(history: History) -> str:
    """Return the history as JSON in ASCII; what is not finite is written as in files."""
    found = {
        "losses": [_number(loss) for loss in history.losses],
        "held_out": {str(step): _number(loss) for step, loss in history.held_out.items()},
        "variables": {name: array_as_json(array) for name, array in history.latest.variables.items()},
    }
    return json.dumps(found, indent=1)


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _as_text(history: History) -> str:
    """Return the loss of some of the steps, evenly spread, the first and the last among them."""
    taken = len(history)
    stride = max(1, -(-taken // LINES))
    steps = sorted({*range(1, taken + 1, stride), *([taken] if taken else [])})
    lines = [f"step {step:>{len(str(taken))}}  loss {show_number(history.losses[step - 1])}" for step in steps]
    lines += [
        f"held out after step {step}: loss {show_number(loss)}" for step, loss in [*history.held_out.items()][-1:]
    ]
    return "\n".join(lines)
