"""The table of all ops, as Markdown, for readers of documentation."""

from __future__ import annotations

from collections.abc import Iterable

from gradviz.ops.catalogue import families
from gradviz.ops.op import Op

_HEAD = ("op", "inputs", "params", "TensorFlow", "PyTorch", "ONNX", "what it does")


def as_table() -> str:
    """Return every op, family by family, with its names elsewhere, as a Markdown table without a line break at the end.

    Names elsewhere are the first alias of each framework, the one that its users know best.
    """
    rows = [_HEAD, ("---",) * len(_HEAD)]
    for family, ops in families().items():
        rows.append((f"**{family}**", *[""] * (len(_HEAD) - 1)))
        rows += [_row(op) for op in ops]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


def _row(op: Op) -> tuple[str, ...]:
    required = len(op.inputs) - op.optional
    inputs = [f"{name}…" if op.variadic else name for name in op.inputs[:required]]
    return (
        f"`{op.name}`",
        ", ".join([*inputs, *(f"[{name}]" for name in op.inputs[required:])]),
        ", ".join(op.params),
        _first(alias for alias in op.aliases if alias.startswith("tf.")),
        _first(alias for alias in op.aliases if alias.startswith("torch.")),
        _first(alias for alias in op.aliases if alias[0].isupper() and "." not in alias),
        op.doc,
    )


def _first(names: Iterable[str]) -> str:
    name = next(iter(names), "")
    return f"`{name}`" if name else ""
