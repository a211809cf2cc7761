"""Comparisons, logic, and the choice between two tensors."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
