"""Convolution: a small kernel moved over an image, and its adjoints."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
