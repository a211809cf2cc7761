"""The graph on screen, and the gestures that edit it."""

from gradviz.canvas.canvas import Canvas

__all__ = ["Canvas"]
