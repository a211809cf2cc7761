"""`gradviz run`: the values and gradients of a file as text or JSON. It needs no Qt."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence

import numpy as np

from gradviz.app.arguments import Parser, add_file
from gradviz.engine import Tape, run
from gradviz.errors import GradvizError
from gradviz.formats import array_as_json, load, read_seed
from gradviz.graph import Array, Document, NodeId, Seed, sinks

Arrays = Mapping[NodeId, Array | None]

NO_SEED = object()
"""Stands for a seed that is not given; None stands for ones."""


def main(words: Sequence[str]) -> int:
    """Print the values and gradients of every node of a file."""
    asked = _parser().parse_args(words)
    document = load(asked.file)
    tape = _recorded(document, asked)
    if not tape.plan.targets:
        ends = ", ".join(sinks(document.computation)) or "no node"
        print(f"There is no target, so nothing is differentiated: name one of {ends} with --target.", file=sys.stderr)
    print((_as_json if asked.json else _as_text)(tape.values, tape.gradients))
    return 0


def _parser() -> Parser:
    parser = Parser("run", main.__doc__)
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="as JSON: dtype, shape and data of every array")
    parser.add_argument(
        "--target", action="append", metavar="NODE", help="differentiate this node (may be said several times)"
    )
    parser.add_argument(
        "--seed",
        metavar="JSON",
        type=_seed,
        default=NO_SEED,
        help='the upstream gradient of the target: [[1, 0], [0, 0]] or {"one_hot": [0, 1]}',
    )
    return parser


def _seed(text: str) -> Seed:
    try:
        return read_seed(text)
    except GradvizError as error:
        raise ArgumentTypeError(str(error)) from None


def _recorded(document: Document, asked: Namespace) -> Tape:
    """Return the run that is asked for; a target that the file has too keeps the file's seed, unless one is given."""
    names = asked.target or tuple(document.targets)
    if asked.seed is NO_SEED:
        return run(document, {name: document.targets.get(name) for name in names} or None, strict=True)
    if asked.seed is None:
        return run(document, dict.fromkeys(names) or None, strict=True)
    return run(document, asked.target, asked.seed, strict=True)


def _as_json(values: Arrays, gradients: Arrays) -> str:
    """Return the arrays as JSON in ASCII, which every pipe carries."""

    def table(arrays: Arrays) -> dict[str, object]:
        return {name: None if array is None else array_as_json(array) for name, array in arrays.items()}

    return json.dumps({"values": table(values), "gradients": table(gradients)}, indent=1)


def _as_text(values: Arrays, gradients: Arrays) -> str:
    """Return the arrays as a person reads them, node by node; long ones are cut short."""
    return "\n".join(
        f"{name}\n  value     {_shown(values.get(name))}\n  gradient  {_shown(gradients[name])}" for name in gradients
    )


def _shown(array: Array | None) -> str:
    text = "None" if array is None else np.array2string(np.asarray(array), precision=6, separator=", ")
    return text.replace("\n", "\n" + " " * 12)
