"""Shape: the same numbers in another arrangement, repeated or joined."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
