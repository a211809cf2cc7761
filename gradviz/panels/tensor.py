"""Value and gradient of a node side by side, as heatmaps of the same slice, linked cell by cell."""

from __future__ import annotations

from functools import partial
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradviz.engine import Gradient
from gradviz.graph import Array, NodeId
from gradviz.panels.heatmap import Heatmap
from gradviz.panels.slices import SliceBar
from gradviz.picture import Theme
from gradviz.workspace import Pointing, Spot, named


class TensorPair(QWidget):
    """A node's value and gradient; hovering a cell in one rings it in both and tells both numbers in full."""

    cell_clicked = Signal(object)

    def __init__(self, pointing: Pointing) -> None:
        """Show nothing yet; the cells that are pointed at anywhere are ringed here too."""
        super().__init__()
        self._pointing = pointing
        self._node: NodeId = ""
        self.slices = SliceBar()
        self.value = Heatmap(self.tr("value"), "inspector.value")
        self.gradient = Heatmap(self.tr("gradient"), "inspector.gradient")
        self.reading = named(QLabel(" "), "inspector.reading")
        self.reading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reading.setWordWrap(True)
        maps = QHBoxLayout()
        maps.setSpacing(12)
        maps.addWidget(self.value, stretch=1)
        maps.addWidget(self.gradient, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slices)
        layout.addLayout(maps)
        layout.addWidget(self.reading)
        self._arrays: tuple[Array | None, Array | None] = (None, None)
        self._absent = self._told = ("", "")
        self._hovered: tuple[int, int] | None = None
        self._theme: Theme | None = None
        self.slices.changed.connect(self._redraw)
        for heatmap in (self.value, self.gradient):
            heatmap.hovered.connect(partial(self._point, heatmap))
            heatmap.clicked.connect(self._click)
        pointing.changed.connect(self._mark)

    def show_node(
        self,
        node: NodeId,
        shape: tuple[int, ...] | None,
        value: Array | None,
        gradient: Gradient | None,
        theme: Theme,
        *,
        is_stale: bool = False,
    ) -> None:
        """Show a value and a gradient, or say in words what there is instead.

        `shape` is the node's as it is now, where it is known: what has another one is from before an edit. So is the
        gradient where the run is stale.
        """
        array = gradient.array if gradient is not None else None
        unknown = self.tr("– not computed")
        self._node, self._arrays, self._theme = node, (value, array), theme
        self._absent = (unknown, unknown if gradient is None else _in_words(gradient))
        reason = "" if gradient is None else gradient.reason
        self._told = ("", self.tr("stale: from before the last edit") if is_stale and array is not None else reason)
        known = (each.shape for each in (value, array) if each is not None)
        self.slices.show_shape(next(known, ()) if shape is None else shape)
        self._redraw()

    def _redraw(self) -> None:
        if self._theme is None:
            return
        theme, slicing = self._theme, self.slices.slicing
        inks = theme.ink, theme.gradient
        for number, heatmap in enumerate((self.value, self.gradient)):
            array = self._arrays[number]
            if array is None:
                heatmap.show_absent(self._absent[number], inks[number])
            elif array.shape != slicing.shape:
                heatmap.show_absent(self.tr("stale: from before the last edit"), inks[number])
            else:
                heatmap.show_matrix(array, slicing, theme, inks[number], self._told[number])
        self._mark()

    def _point(self, heatmap: Heatmap, cell: tuple[int, int] | None) -> None:
        """Point at a cell of one of the maps, and read it in both."""
        self._hovered = cell
        kind: Literal["value", "gradient"] = "value" if heatmap is self.value else "gradient"
        spot = None if cell is None else Spot(self._node, kind, self.slices.slicing.cell(*cell))
        self._pointing.point_at(spot)
        self._mark()

    def _mark(self) -> None:
        """Ring the cell that is pointed at, here or elsewhere, in both maps, and outline where it comes from."""
        if self._node == "" or self._theme is None:
            return
        slicing, pointed = self.slices.slicing, self._pointing.pointed
        cell = self._hovered
        sources = self._pointing.sources_of
        for heatmap, lit in (
            (self.value, sources(self._node, "value")),
            (self.gradient, sources(self._node, "gradient")),
        ):
            heatmap.outline(slicing.matrix(lit) if lit is not None and lit.shape == slicing.shape else None)
        if cell is None and pointed is not None and pointed.spot.node == self._node and pointed.spot.kind != "raw":
            cell = slicing.place(pointed.spot.cell)
        self._read(cell)

    def _read(self, cell: tuple[int, int] | None) -> None:
        self.value.mark(cell)
        self.gradient.mark(cell)
        slicing = self.slices.slicing
        if cell is None and slicing.shape != ():
            self.reading.setText(" ")
        else:
            self.reading.setText(self._reading(slicing.cell(*cell or (0, 0))))

    def _reading(self, index: tuple[int, ...]) -> str:
        """Return the numbers of one cell with all their digits."""
        told = [f"[{', '.join(map(str, index))}]"] if index else []
        for title, array in ((self.tr("value"), self._arrays[0]), (self.tr("gradient"), self._arrays[1])):
            if array is not None and array.shape == self.slices.slicing.shape:
                told.append(f"{title} {array[index]}")
        return "  ".join(told) or " "

    def _click(self, cell: tuple[int, int] | None) -> None:
        if cell is not None:
            self.cell_clicked.emit(self.slices.slicing.cell(*cell))


def _in_words(gradient: Gradient) -> str:
    sign = {"no path": "∅ no path", "not computed": "– not computed", "zero": "0 zero"}.get(
        gradient.state, gradient.state
    )
    return f"{sign}: {gradient.reason}" if gradient.reason else sign
