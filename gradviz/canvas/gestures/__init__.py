"""The gestures of the mouse on the canvas, one class each."""

from gradviz.canvas.gestures.draw_wire import DrawWire
from gradviz.canvas.gestures.gesture import Gesture, Pointer, Surface
from gradviz.canvas.gestures.move_nodes import GRID, MoveNodes, snapped
from gradviz.canvas.gestures.pan import Pan
from gradviz.canvas.gestures.rubber_band import RubberBand

__all__ = ["GRID", "DrawWire", "Gesture", "MoveNodes", "Pan", "Pointer", "RubberBand", "Surface", "snapped"]
