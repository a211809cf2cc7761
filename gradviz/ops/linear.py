"""Linear algebra: matrix products and their generalisation."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
