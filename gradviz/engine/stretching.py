"""Broadcasting on the way forward: along which axes the inputs of a step are stretched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradviz.graph import Step
from gradviz.ops import Shape, broadcast_axes, broadcasts


def stretched_axes(step: Step, shapes: Sequence[Shape], result: Shape) -> Mapping[str, tuple[int, ...]]:
    """Return the axes of a step's result along which each input of some `shapes` is stretched, by port.

    Only ops whose result has the shape that the inputs broadcast to stretch them; what keeps its shape is left out.
    """
    if not broadcasts(step.op) or 0 in result:
        return {}
    return {
        port: axes
        for port, shape in zip(step.ports, shapes, strict=True)
        if shape != result and (axes := broadcast_axes(shape, result))
    }
