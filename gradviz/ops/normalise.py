"""Normalisation: softmax and its logarithm."""

from __future__ import annotations

from gradviz.ops.op import Op

OPS: tuple[Op, ...] = ()
