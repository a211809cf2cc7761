"""Elementwise operations: each number by itself, or with its partner after broadcasting."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
