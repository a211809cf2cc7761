"""The graph on screen, and the gestures that edit it."""
