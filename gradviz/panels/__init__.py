"""The docks around the canvas: one file, one dock."""
