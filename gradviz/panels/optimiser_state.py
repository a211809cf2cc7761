"""What training makes of a variable: a histogram of its numbers beside where they began, and the optimiser's state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from gradviz.engine import Standing
from gradviz.graph import Array, NodeId
from gradviz.panels.cell_map import CellMap
from gradviz.panels.chart import MOST, Floats, Line
from gradviz.picture import Theme, show_number, show_shape
from gradviz.workspace import named

BINS: Final = 30
"""Bars of a histogram."""


def histograms(before: Array, after: Array, names: tuple[str, str], theme: Theme) -> Sequence[Line]:
    """Return the histograms of a variable's finite numbers where it began and now, on the same bars; none without."""
    arrays = [_finite(before), _finite(after)]
    together = np.concatenate(arrays)
    if not together.size:
        return ()
    low, high = float(together.min()), float(together.max())
    room = 0.5 if low == high else 0.0
    edges: Floats = np.linspace(low - room, high + room, BINS + 1, dtype=np.float64)
    if not np.all(np.diff(edges) > 0):  # numbers so alike that floats have no room for bars between them
        edges = low + np.arange(-BINS // 2, BINS // 2 + 1, dtype=np.float64) * max(abs(low), 1.0) * 1e-6
    counts = [np.histogram(array, edges)[0].astype(np.float64) for array in arrays]
    looks = ((theme.muted, Qt.PenStyle.DotLine), (theme.ink, Qt.PenStyle.SolidLine))
    return tuple(
        Line(name, edges, count, colour, style, is_stepped=True)
        for name, count, (colour, style) in zip(names, counts, looks, strict=True)
    )


def _finite(array: Array) -> Array:
    numbers = array.ravel().astype(np.float64)
    return numbers[np.abs(numbers) <= MOST]  # false for NaN


class StateView(QScrollArea):
    """A variable and all that the optimiser remembers of it, each tensor as cells under its name."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.setObjectName("plots.state")
        self.setAccessibleName(self.tr("What the optimiser remembers"))
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(3)
        self.hint = named(QLabel(), "plots.state.hint")
        self.hint.setWordWrap(True)
        self._column.addWidget(self.hint)
        self.maps: dict[str, CellMap] = {}
        self._heads: dict[str, QLabel] = {}
        self._column.addStretch(1)
        self.setWidget(inside)

    def show_state(self, standing: Standing | None, variable: NodeId, theme: Theme, hint: str) -> None:
        """Show what a standing knows of a variable; `hint` is said above it."""
        known = standing is not None and variable in standing.variables
        tensors: dict[str, Array] = {}
        if standing is not None and known:
            carried = {self.tr("gradient so far"): standing.carried[variable]} if variable in standing.carried else {}
            tensors = {variable: standing.variables[variable], **standing.states[variable], **carried}
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self._show_parts(tuple(tensors))
        for name, array in tensors.items():
            is_gradient = standing is not None and array is standing.carried.get(variable)
            self.maps[name].show_array(array, theme, theme.gradient if is_gradient else theme.muted)
            told = show_number(array.ravel()[0]) if array.size == 1 else show_shape(array.shape)
            self._heads[name].setText(f"{name}  {told}")

    def _show_parts(self, names: Sequence[str]) -> None:
        """Have a map for every name, in order, and no other."""
        if tuple(self.maps) == tuple(names):
            return
        for widget in (*self.maps.values(), *self._heads.values()):
            widget.hide()
            widget.deleteLater()
        self.maps = {name: CellMap(f"plots.state.{name}", name) for name in names}
        self._heads = {name: named(QLabel(), f"plots.state.{name}.head") for name in names}
        for name in names:
            for widget in (self._heads[name], self.maps[name]):
                self._column.insertWidget(self._column.count() - 1, widget)
