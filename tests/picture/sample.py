"""A picture with every kind of item, for tests of the painter and of what writes pictures."""

import numpy as np

from gradviz.graph import Port
from gradviz.picture import Box, Cells, Curve, Picture, Polygon, Text, coloured

VALUES = np.array([[-1.0, -0.4, 0.0], [0.4, 1.0, np.nan], [np.inf, -np.inf, 3.0]])


def every_item(theme):
    """Return a picture of every kind of item, in its ways, 260 by 200 pixels."""
    colours, marks = coloured(VALUES, 1.0, theme)
    wire = ((20.0, 150.0), (80.0, 150.0), (60.0, 184.0), (120.0, 184.0))
    items = (
        Box(10.0, 10.0, 110.0, 80.0, theme.card, radius=theme.radius, node="add1"),
        Box(10.0, 10.0, 110.0, 24.0, theme.tint("elementwise"), radius=theme.radius, corners="top", node="add1"),
        Box(10.0, 10.0, 110.0, 80.0, None, theme.card_stroke, 1.0, theme.radius, node="add1"),
        Text(20.0, 22.0, "+ add1", 13, theme.ink, weight="semibold", baseline="middle", node="add1"),
        Text(112.0, 22.0, "add", 12, theme.muted, anchor="right", baseline="middle", node="add1"),
        Text(20.0, 50.0, "value", 12, theme.muted, node="add1"),
        Text(65.0, 70.0, "−1.234e−5", 13, theme.ink, family="mono", anchor="middle", node="add1"),
        Box(115.0, 45.0, 10.0, 10.0, theme.ink, radius=5.0, node="add1"),
        Cells(140.0, 14.0, 108.0, 84.0, colours, marks, node="x"),
        Box(140.0, 14.0, 108.0, 84.0, None, theme.gradient, 1.0, dash=(3.0, 3.0), node="x"),
        Curve(wire, theme.ink, 2.5, head=10.0, port=Port("add1", "a")),
        Curve(wire[::-1], theme.gradient, 2.0, dash=theme.dash, opacity=theme.waiting, port=Port("add1", "b")),
        Curve(((140.0, 120.0), (180.0, 120.0), (180.0, 140.0)), theme.local, 2.0, bent=False, head=8.0),
        Polygon(((200.0, 115.0), (240.0, 115.0), (220.0, 145.0)), theme.active, theme.ink, 1.5),
        Box(140.0, 155.0, 40.0, 30.0, theme.local, theme.ink, 2.0, 10.0, "left", opacity=0.5),
        Box(190.0, 155.0, 50.0, 30.0, None, theme.active, theme.ring_width, 6.0),
        Text(215.0, 170.0, "xᵀ∅∞", 9.5, theme.ink, anchor="middle", baseline="middle"),
        Text(20.0, 106.0, "損失", 13, theme.ink, baseline="top"),
    )
    return Picture(items, (0.0, 0.0, 260.0, 200.0), words="every item", background=theme.background)
