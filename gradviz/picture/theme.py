"""The look: which colour plays which role, and how large things are.

Four roles have four colours, and none is used for another: values flow in `ink`, gradients in `gradient` purple and
dashed, the sign of a number is `positive` or `negative` inside cells only, the active step is `active` yellow. Local
derivatives are `local` green. Tints of op families are only tints. Numbers live in resources/themes, one file a theme.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType

from gradviz.assets import names, read_text
from gradviz.errors import GradvizError


@dataclass(frozen=True, eq=False)
class Theme:
    """Colours as "#RRGGBB"; sizes, widths and spacing in pixels at 100 %.

    `title` is its name for people. `families` tints title bars by op family ("leaf" for leaves). `waiting` is the
    opacity of what has not happened yet. Texts: titles of nodes, numbers in chips, numbers in cells, shapes on wires,
    notes, legend. A wire is `wire_width` wide, `wire_width_most` where the largest magnitude flows; `dash` is its
    pattern while a gradient flows. The window around the picture takes `window`, `field`, `border` and `selection`.
    """

    name: str
    title: str
    is_dark: bool
    background: str
    grid: str
    card: str
    card_stroke: str
    ink: str
    muted: str
    gradient: str
    positive: str
    negative: str
    local: str
    active: str
    window: str
    field: str
    border: str
    selection: str
    families: Mapping[str, str]
    colormap: str
    waiting: float
    title_size: int
    number_size: int
    cell_size: int
    shape_size: int
    note_size: int
    legend_size: int
    spacing: int
    radius: float
    stroke_width: float
    wire_width: float
    wire_width_most: float
    ring_width: float
    port_radius: float
    dash: tuple[float, ...]

    def tint(self, family: str) -> str:
        """Return the tint of an op family; a family that the theme does not know looks like a leaf."""
        return self.families.get(family, self.families["leaf"])


THEMES: tuple[str, ...] = ("light", "dark", "projector")


@cache
def load(name: str) -> Theme:
    """Return the theme of a name in THEMES; raises GradvizError with the names that there are."""
    if f"themes/{name}.json" not in names("themes"):
        raise GradvizError("there is no theme {name!r}: choose {themes}", name=name, themes=", ".join(THEMES))
    facts = json.loads(read_text(f"themes/{name}.json"))
    facts["families"] = MappingProxyType(facts["families"])
    facts["dash"] = tuple(facts["dash"])
    return Theme(**{field.name: facts[field.name] for field in fields(Theme)})
