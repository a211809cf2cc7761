"""The docks around the canvas: one file, one dock."""

from gradviz.panels.chain_rule import ChainRulePanel
from gradviz.panels.expression import ExpressionBar
from gradviz.panels.inspector import InspectorPanel
from gradviz.panels.legend import LegendBar
from gradviz.panels.palette import PalettePanel
from gradviz.panels.plots import PlotsPanel
from gradviz.panels.probe import ProbePanel
from gradviz.panels.problems import ProblemsPanel
from gradviz.panels.timeline import TimelinePanel

__all__ = [
    "ChainRulePanel",
    "ExpressionBar",
    "InspectorPanel",
    "LegendBar",
    "PalettePanel",
    "PlotsPanel",
    "ProbePanel",
    "ProblemsPanel",
    "TimelinePanel",
]
