"""What is drawn, as data, and the one painter of it."""

from gradviz.picture.items import Box, Cells, Curve, Item, Picture, Point, Polygon, Rect, Text
from gradviz.picture.theme import THEMES, Theme, load

__all__ = ["THEMES", "Box", "Cells", "Curve", "Item", "Picture", "Point", "Polygon", "Rect", "Text", "Theme", "load"]
