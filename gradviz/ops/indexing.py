"""Indexing: picking parts of a tensor, and putting them back where they came from."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
