"""The two plots of the nudge probe: the targets over a number that is dragged, and the error of differences over h."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor

from gradviz.engine import ErrorCurve, Nudged, Probe, show_number
from gradviz.graph import Array
from gradviz.panels.axes import Axes
from gradviz.picture import Theme

_LEAST_ERROR: Final = 1e-17
"""What an error of 0 is drawn as, where errors are drawn by their powers of ten."""


class NudgePlot(Axes):
    """The targets over the number that is moved, the tangent, and a dot that can be dragged along the curve."""

    dragged = Signal(float)
    """The value to which the dot is dragged."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__("probe.plot", self.tr("The targets over the number that is moved, and the tangent"))

    def fill(self, box: Any, pyqtgraph: Any) -> None:
        """Put the curve, the tangent and the dot into the view."""
        self._true, self._tangent, self._gap = (pyqtgraph.PlotDataItem(antialias=True) for _ in range(3))
        self._rest = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._dot = pyqtgraph.TargetItem(size=12, movable=True)
        for item in (self._true, self._tangent, self._rest, self._gap, self._dot):
            box.addItem(item)
        self._dot.sigPositionChanged.connect(lambda: self.dragged.emit(float(self._dot.pos().x())))

    def show_curve(self, found: Probe, values: Array, scores: Array, theme: Theme) -> None:
        """Show the scores at some values, and the tangent at the value of the probe."""
        import pyqtgraph

        box, finite = self.made(theme), np.isfinite(scores)
        self._true.setData(values[finite], scores[finite])
        self._tangent.setData(values[[0, -1]], [found.tangent_at(float(end)) for end in values[[0, -1]]])
        self._true.setPen(pyqtgraph.mkPen(theme.ink, width=2))
        self._tangent.setPen(pyqtgraph.mkPen(theme.gradient, width=2, style=Qt.PenStyle.DashLine))
        self._rest.setPen(pyqtgraph.mkPen(theme.muted, width=1, style=Qt.PenStyle.DotLine))
        self._rest.setValue(found.value)
        self._gap.setPen(pyqtgraph.mkPen(theme.active, width=4))
        self._dot.setPen(pyqtgraph.mkPen(theme.ink, width=1.5))
        self._dot.setBrush(QColor(theme.active))
        low, high = (scores[finite].min(), scores[finite].max()) if np.any(finite) else (0.0, 1.0)
        room = 0.08 * (high - low) or 0.5
        box.setXRange(values[0], values[-1], padding=0.02)
        box.setYRange(low - room, high + room, padding=0)
        self.show()

    def show_nudge(self, found: Probe, step: Nudged) -> None:
        """Put the dot on the curve, and mark how far it is from the tangent."""
        if not self.is_made:
            return
        x, y = found.value + step.h, found.score + step.true
        is_there = bool(np.isfinite(y))
        self._gap.setData([x, x] if is_there else [], [y, found.score + step.promised] if is_there else [])
        was_blocked = self._dot.blockSignals(True)
        self._dot.setPos(x, y if is_there else found.score)
        self._dot.blockSignals(was_blocked)


class ErrorPlot(Axes):
    """How far central differences are from the gradient, over the size of their step; both by their powers of ten."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__("probe.errors", self.tr("The error of central differences over their step h"))

    def fill(self, box: Any, pyqtgraph: Any) -> None:
        """Put the curve into the view."""
        self._errors = pyqtgraph.PlotDataItem(antialias=True, symbol="o", symbolSize=7)
        self._errors.setLogMode(xState=True, yState=True)
        box.addItem(self._errors)
        for side, label in (("bottom", self.tr("step h")), ("left", self.tr("error"))):
            self.axis(side).setLogMode(True)
            self.axis(side).setLabel(label)

    def show_curve(self, curve: ErrorCurve, theme: Theme) -> None:
        """Show an error curve; steps whose difference is no number are left out."""
        import pyqtgraph

        self.made(theme)
        finite = np.isfinite(curve.errors)
        errors = np.maximum(curve.errors[finite], _LEAST_ERROR)
        self._errors.setData(curve.steps[finite], errors)
        self._errors.setPen(pyqtgraph.mkPen(theme.ink, width=2))
        self._errors.setSymbolBrush(QColor(theme.gradient))
        self._errors.setSymbolPen(pyqtgraph.mkPen(theme.ink))
        self.show()


def tell_best(curve: ErrorCurve) -> str:
    """Return which step came nearest, and what too large and too small ones do."""
    if not np.any(np.isfinite(curve.errors)):
        return "no step gives a difference that is a number"
    best = int(np.nanargmin(curve.errors))
    return (
        f"differences come nearest with h = {show_number(curve.steps[best])}: {show_number(curve.differences[best])}, "
        f"and the gradient is {show_number(curve.gradient)}; larger steps feel the bend, smaller ones the rounding"
    )
