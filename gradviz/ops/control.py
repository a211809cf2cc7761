"""Control: operations that pass values on and decide what becomes of the gradient."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
