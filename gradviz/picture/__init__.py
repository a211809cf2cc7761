"""What is drawn, as data, and the one painter of it.

`compose` turns a document and a moment of its run into a `Picture`: items in drawing order, where everything lies, and
a text for who cannot see it. `compose_motion` gives what moves while a frame happens; `paint` draws either on a screen,
an image or paper, and `export` writes them in other formats. Sizes follow from the document, the shapes and the theme,
never from the moment, so that nothing jumps while the sweep runs. Places in a document are pixels of the light theme;
a theme of larger type has a larger picture (`Geometry.unit`).
"""

from gradviz.picture.captions import NodeLabels
from gradviz.picture.cell_places import cell_at, cell_rect, outlines
from gradviz.picture.colormap import Mark, coloured, colours, is_dark, scale_limit
from gradviz.picture.compose import compose, compose_legend
from gradviz.picture.fonts import ensure_application, ensure_fonts, font, shorten, text_width, ui_font
from gradviz.picture.formula_layout import Formula, lay_out
from gradviz.picture.geometry import OUTPUT, Geometry, geometry_of, node_sizes, unit_of
from gradviz.picture.icons import icon, icon_size
from gradviz.picture.items import ROUND_CORNERS, Box, Cells, Curve, Item, Picture, Point, Polygon, Rect, Text
from gradviz.picture.labels import labels_of
from gradviz.picture.marks import mark_items
from gradviz.picture.motion import STOPS, compose_motion
from gradviz.picture.numbers import show_number, show_shape
from gradviz.picture.paint import paint
from gradviz.picture.stage import eased
from gradviz.picture.tensor_layout import TensorLayout
from gradviz.picture.theme import THEMES, Theme
from gradviz.picture.theme import load as load_theme
from gradviz.picture.tidy import tidied
from gradviz.picture.wires import Room, share_place

__all__ = [
    "OUTPUT",
    "ROUND_CORNERS",
    "STOPS",
    "THEMES",
    "Box",
    "Cells",
    "Curve",
    "Formula",
    "Geometry",
    "Item",
    "Mark",
    "NodeLabels",
    "Picture",
    "Point",
    "Polygon",
    "Rect",
    "Room",
    "TensorLayout",
    "Text",
    "Theme",
    "cell_at",
    "cell_rect",
    "coloured",
    "colours",
    "compose",
    "compose_legend",
    "compose_motion",
    "eased",
    "ensure_application",
    "ensure_fonts",
    "font",
    "geometry_of",
    "icon",
    "icon_size",
    "is_dark",
    "labels_of",
    "lay_out",
    "load_theme",
    "mark_items",
    "node_sizes",
    "outlines",
    "paint",
    "scale_limit",
    "share_place",
    "shorten",
    "show_number",
    "show_shape",
    "text_width",
    "tidied",
    "ui_font",
    "unit_of",
]
