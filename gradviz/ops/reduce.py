"""Reductions: many numbers become one along chosen axes."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
