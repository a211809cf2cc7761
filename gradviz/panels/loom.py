"""The loom: how one number of the active step is put together, written out term by term beside its tensors.

Whatever cell of the result is chosen, by mouse or by keys, what meets in it lights up: in a product of matrices a row
and a column, in a convolution the window, under a softmax the whole row, where broadcasting is undone what adds up.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.engine import Compute, Link, Moment, Run, Send, Weave, links_of, show_axes, show_number, weave
from gradviz.errors import GradvizError
from gradviz.graph import Array, NodeId, is_cell
from gradviz.panels.loom_sheets import (
    Cell,
    Laid,
    Product,
    Sheet,
    lay_out_beside,
    lay_out_product,
    lettered,
    product_of,
    sheet_of,
)
from gradviz.panels.sheets_view import SheetsView
from gradviz.panels.words import breakable, paragraph
from gradviz.picture import Theme, load_theme
from gradviz.workspace import Pointing, Spot, Workspace

MOST_TERMS: Final = 12
"""Terms of a sum that are written out."""

_TERM_EVERY: Final = 260
"""Milliseconds between two terms as a sum writes itself."""

_MOST_SHEETS: Final = 6


class LoomView(QWidget):
    """Shows the tensors of the step that is active, and the sum behind one number of what it gives."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Show the step at the workspace's moment."""
        super().__init__()
        self.setObjectName("loom")
        self._workspace, self._pointing = workspace, pointing
        self._frame: Compute | Send | None = None
        self._run: Run | None = None
        self._cell: Cell = ()
        self._shown: tuple[object, ...] = ()
        self._woven: Weave | None = None
        self._written = 0
        self.head = paragraph("loom.head")
        self.view = SheetsView()
        self.sum = paragraph("loom.sum")
        self.told = paragraph("loom.told")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.head, self.view, self.sum, self.told):
            layout.addWidget(part)
        self._pen = QTimer(self, interval=_TERM_EVERY)
        self._pen.timeout.connect(self._write)
        self.view.hovered.connect(self._point)
        self.view.chosen.connect(self._choose)
        pointing.changed.connect(self._follow)

    @property
    def cell(self) -> Cell:
        """The cell of the result that is told of: the one that is pointed at, else the one that was chosen last."""
        pointed, spot = self._pointing.pointed, self._spot(self._cell)
        if (
            pointed is not None
            and spot is not None
            and (pointed.spot.node, pointed.spot.kind) == (spot.node, spot.kind)
        ):
            return pointed.spot.cell
        return self._cell

    def has_something(self) -> bool:
        """Tell whether the active step computes or sends a tensor of numbers."""
        moment = self._workspace.present_moment
        return moment is not None and isinstance(moment.latest, Compute | Send)

    def show_moment(self) -> None:
        """Show the step at the workspace's moment."""
        moment = self._workspace.moment
        if moment is None or not self.has_something() or not isinstance(moment.latest, Compute | Send):
            self._pen.stop()
            return
        if moment.latest is not self._frame:
            self._frame, self._run = moment.latest, moment.run
            shape = _result(self._frame).shape
            self._cell = (0,) * len(shape)
        self._show(moment)

    def _show(self, moment: Moment) -> None:
        """Show one cell; what is shown already stays."""
        frame, cell, theme = self._frame, self.cell, load_theme(self._workspace.theme_name)
        if frame is None or (shown := (frame, cell, theme)) == self._shown:
            return
        self._shown = shown
        result = _result(frame)
        is_there = is_cell(cell, result.shape)
        try:
            links = links_of(moment.run, frame, cell) if is_there else ()
            woven = weave(moment.run, frame, cell, links) if is_there else None
            trouble = ""
        except GradvizError as error:
            links, woven, trouble = (), None, str(error)
        self._woven = woven
        heading = _heading(frame, cell)
        self.head.setText(breakable(heading))
        lit = np.zeros(result.shape, np.bool_)
        title, colour = (
            (frame.node, theme.ink) if isinstance(frame, Compute) else (f"to {frame.source}", theme.gradient)
        )
        if is_there:
            lit[cell] = True
        whole = sheet_of("", title, result, lit, colour)
        lay_out = partial(lettered, self._layout_of(woven, links, whole, cell, theme), self._letters(), theme)
        self.view.show_sheets(lay_out, cell, theme, heading)
        self.told.setText(breakable(trouble or self._in_words(frame, links, woven)))
        self.told.setVisible(bool(self.told.text()))
        self._begin_to_write()

    def _layout_of(
        self, woven: Weave | None, links: tuple[Link, ...], result: Sheet, cell: Cell, theme: Theme
    ) -> partial[Laid]:
        factors = None if woven is None else product_of(woven, links, result.tensor, cell)
        if factors is not None:
            return partial(
                lay_out_product, Product(*factors, _title(factors[0]), _title(factors[1])), result, cell, theme
            )
        sheets = [
            sheet_of(
                link.name, _title(link), link.tensor, link.cells, theme.gradient if link.name == "g" else theme.ink
            )
            for link in _used(woven, links)[:_MOST_SHEETS]
        ]
        return partial(lay_out_beside, (*sheets, result), theme)

    def _letters(self) -> dict[str, str]:
        """Return the letters of the axes of an einsum's tensors, by the names that the rule gives them."""
        frame, run = self._frame, self._run
        if frame is None or run is None:
            return {}
        step = run.paths.steps[frame.node if isinstance(frame, Compute) else frame.port.node]
        equation = step.params.get("equation")
        if step.op.name != "einsum" or not isinstance(equation, str) or "->" not in equation or "." in equation:
            return {}
        before, _, after = equation.replace(" ", "").partition("->")
        letters = dict(zip(step.ports, before.split(","), strict=False)) | {"g": after, "y": after}
        return letters | {"": after if isinstance(frame, Compute) else letters.get(frame.port.name, "")}

    def _in_words(self, frame: Compute | Send, links: tuple[Link, ...], woven: Weave | None) -> str:
        """Return what a sum cannot say: over which axes it runs, or what else the number depends on."""
        told = []
        if isinstance(frame, Send) and frame.axes:
            told.append(
                self.tr("{axes}: broadcasting had copied this cell of {source} along it, so its copies add up").format(
                    axes=f"sum over {show_axes(frame.axes)}", source=frame.source
                )
            )
        if woven is None or not links:
            told.append(self.tr("no number of another tensor goes into this one"))
        elif not woven.is_sum:
            numbers = ", ".join(show_number(term[0].number) for term in woven.terms[:MOST_TERMS])
            more = self.tr(" and {count} more").format(count=woven.count - MOST_TERMS)
            told.append(
                self.tr("{result} comes from {numbers}{more}, by a rule that is no sum of products").format(
                    result=show_number(woven.number), numbers=numbers, more=more if woven.count > MOST_TERMS else ""
                )
            )
        return "\n".join(told)

    # The sum that writes itself

    def _begin_to_write(self) -> None:
        count = 0 if self._woven is None else min(len(self._woven.terms), MOST_TERMS)
        is_still = self._workspace.settings.reduced_motion or not self.isVisible() or count < 2
        self._written = count if is_still else 1
        self._show_sum()
        if is_still:
            self._pen.stop()
        else:
            self._pen.start()

    def _write(self) -> None:
        self._written += 1
        self._show_sum()
        if self._woven is None or self._written >= min(len(self._woven.terms), MOST_TERMS):
            self._pen.stop()

    def _show_sum(self) -> None:
        woven = self._woven
        text = "" if woven is None else woven.text(MOST_TERMS, self._written)
        self.sum.setText(text)
        self.sum.setVisible(bool(text))
        term = woven.terms[self._written - 1] if woven is not None and self._pen_is_at(woven) else ()
        self.view.show_meeting({factor.name: factor.cell for factor in term if factor.name})

    def _pen_is_at(self, woven: Weave) -> bool:
        return woven.is_sum and 0 < self._written < min(len(woven.terms), MOST_TERMS)

    def hideEvent(self, event: QHideEvent) -> None:
        """Write nothing that nobody sees."""
        super().hideEvent(event)
        self._written = MOST_TERMS
        self._pen.stop()
        self._show_sum()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what has changed since."""
        super().showEvent(event)
        self.show_moment()

    # Pointing

    def _spot(self, cell: Cell) -> Spot | None:
        match self._frame:
            case Compute(node=node):
                return Spot(node, "value", cell)
            case Send(source=source):
                return Spot(source, "gradient", cell)
            case None:
                return None

    def _point(self, found: tuple[str, Cell] | None) -> None:
        """Point, in all views, at what the mouse is on."""
        if found is None or self._frame is None:
            self._pointing.point_at(None)
            return
        name, cell = found
        node = self._frame.node if isinstance(self._frame, Compute) else self._frame.port.node
        if not name:
            self._pointing.point_at(self._spot(cell))
        elif name == "g":
            self._pointing.point_at(Spot(node, "gradient", cell))
        else:
            self._pointing.point_at(Spot(self._source(node, name), "value", cell))

    def _source(self, node: NodeId, name: str) -> NodeId:
        step = None if self._run is None else self._run.paths.steps[node]
        sources = {} if step is None else dict(zip(step.ports, step.sources, strict=True))
        return sources.get(name, node)

    def _choose(self, cell: Cell) -> None:
        """Tell of a cell from now on, and point at it."""
        self._cell = cell
        self._pointing.point_at(self._spot(cell))
        self._follow()

    def _follow(self) -> None:
        moment = self._workspace.moment
        if moment is not None and self.isVisible() and self.has_something() and moment.latest is self._frame:
            self._show(moment)


def _result(frame: Compute | Send) -> Array:
    return frame.value if isinstance(frame, Compute) else frame.share


def _heading(frame: Compute | Send, cell: Cell) -> str:
    at = f"[{', '.join(map(str, cell))}]" if cell else ""
    if isinstance(frame, Compute):
        return f"{frame.node}{at}"
    return f"{frame.port.node}.{frame.port.name} to {frame.source}{at}"


def _title(link: Link) -> str:
    return f"g of {link.node}" if link.name == "g" else link.node


def _used(woven: Weave | None, links: tuple[Link, ...]) -> list[Link]:
    """Return the tensors that a sum is made of, in its order, then others whose cells it depends on."""
    names = [] if woven is None else [factor.name for term in woven.terms[:1] for factor in term]
    order = {name: number for number, name in enumerate(names)}
    return sorted(links, key=lambda link: order.get(link.name, len(order)))
