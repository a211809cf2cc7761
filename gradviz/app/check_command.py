"""`gradviz check`: the gradient of every leaf of a file against finite differences. It needs no Qt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gradviz.app.arguments import Parser, add_file, number, whole_number
from gradviz.engine import CELLS, TOLERANCE, CellCheck, GradCheck, LeafCheck, gradcheck, show_number
from gradviz.formats import array_as_json, load

FAILED: Final = 1
"""The exit code where a gradient is wrong."""

_HEADS: Final = ("leaf", "shape", "cells", "worst cell", "sweep", "difference", "error", "")


def main(words: Sequence[str]) -> int:
    """Check the gradient of every leaf of a file against finite differences; exit code 1 where one is wrong."""
    asked = _parser().parse_args(words)
    document = load(asked.file)
    targets = {name: document.targets.get(name) for name in asked.target or ()} or None
    found = gradcheck(document, targets, tolerance=asked.tolerance, cells=asked.cells)
    print(json.dumps(_as_json(found), indent=1) if asked.json else _as_text(found))
    return 0 if found.passed else FAILED


def _parser() -> Parser:
    parser = Parser("check", main.__doc__)
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, with every cell that was looked at")
    parser.add_argument("--target", action="append", metavar="NODE", help="from this node (may be said several times)")
    parser.add_argument(
        "--tolerance", type=number, default=TOLERANCE, metavar="NUMBER", help="relative; %(default)g if not given"
    )
    parser.add_argument(
        "--cells", type=whole_number, default=CELLS, metavar="N", help="at most so many of a leaf; %(default)s"
    )
    return parser


def _as_text(found: GradCheck) -> str:
    """Return a table with a line per leaf, and in words what it does not tell."""
    lines = [_HEADS, *map(_line, found.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    whole, *told = found.sentences
    odd = {row.sentence for row in found.rows if set(row.counts) - {"agrees"} or not row.has_path}
    left = told[len(found.rows) :]
    table = padded if found.rows else ()
    return "\n".join((*table, *(sentence for sentence in told if sentence in odd), *left, whole))


def _line(row: LeafCheck) -> tuple[str, ...]:
    shape = "×".join(map(str, row.shape)) or "scalar"
    cells = f"{len(row.cells):,} of {row.size:,}" if len(row.cells) < row.size else f"{row.size:,}"
    return (row.leaf, shape, cells, *_worst(row.worst), _mark(row))


def _mark(row: LeafCheck) -> str:
    """Return a tick only where a cell was judged: a kink, or an empty leaf, proves nothing."""
    return "✗" if not row.passed else "✓" if "agrees" in row.counts else "–"


def _worst(cell: CellCheck | None) -> tuple[str, str, str, str]:
    if cell is None:
        return ("", "", "", "")
    slope = cell.slope
    if slope.verdict not in {"agrees", "differs"}:
        return (cell.name, show_number(slope.gradient), slope.verdict, "")
    gradient, difference, error = map(show_number, (slope.gradient, slope.difference, slope.error))
    return (cell.name, gradient, difference, error)


def _as_json(found: GradCheck) -> Mapping[str, Any]:
    return {
        "passed": found.passed,
        "tolerance": found.tolerance,
        "targets": list(found.targets),
        "leaves": {row.leaf: _row_as_json(row) for row in found.rows},
        "left_out": dict(found.left_out),
        "sentences": list(found.sentences),
    }


def _row_as_json(row: LeafCheck) -> Mapping[str, Any]:
    return {
        "passed": row.passed,
        "shape": list(row.shape),
        "size": row.size,
        "has_path": row.has_path,
        "worst": None if row.worst is None else _cell_as_json(row.worst),
        "cells": [_cell_as_json(cell) for cell in row.cells],
    }


def _cell_as_json(cell: CellCheck) -> Mapping[str, Any]:
    slope = cell.slope
    numbers = {"sweep": slope.gradient, "difference": slope.difference, "error": slope.error}
    exchanged = {name: array_as_json(np.asarray(value))["data"] for name, value in numbers.items()}
    return {"index": list(cell.index), **exchanged, "verdict": slope.verdict}
