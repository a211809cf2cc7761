"""The Jacobian lens: the matrix of one op that the chain rule speaks of, beside the product that the sweep makes of it.

It is found in the background, once per port and run, and never larger than `engine.lens_of` makes one: of a larger
Jacobian its true size, its structure and a sketch are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.engine import Blocked, Clear, Compute, Lens, Moment, Run, Seed, Send, Settle, Update, lens_of, show_number
from gradviz.errors import GradvizError
from gradviz.graph import Array, NodeId, Port
from gradviz.panels.forms import Choice
from gradviz.panels.jacobian_view import JacobianView, Place, product_of, signed
from gradviz.panels.words import Words
from gradviz.picture import load_theme, show_shape
from gradviz.workspace import Pointing, Spot, Workspace

_MOST_KEPT: Final = 32
"""Jacobians that are kept of a run."""

_AT_ONCE: Final = 24, 1024
"""Rows and numbers of a Jacobian up to which it is found at once; a larger one in the background."""

_REST: Final = 60
"""Milliseconds that a step must be looked at before a larger Jacobian is asked for."""


class LensView(QWidget):
    """Shows g · J for a port of the selected node, else of the op that is at work."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Look at the workspace's run."""
        super().__init__()
        self.setObjectName("lens")
        self._workspace, self._pointing = workspace, pointing
        self._run: Run | None = None
        self._found: dict[Port, Lens | str] = {}
        self._port: Port | None = None
        self._latest: object = None
        self._place: Place | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._ask)
        self.head = Words("lens.head")
        self.port = Choice("lens.port", self.tr("Input of the Jacobian"))
        self.matrix = JacobianView()
        self.told = Words("lens.told")
        self.reading = Words("lens.reading")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.head, self.port, self.matrix, self.reading, self.told):
            layout.addWidget(part)
        self.port.activated.connect(self._choose)
        self.matrix.hovered.connect(self._point)
        pointing.changed.connect(self._mark)

    @property
    def is_looking(self) -> bool:
        """Whether the Jacobian that is looked at is still to be found."""
        return self._rest.isActive() or self._workspace.jobs.is_running("lens")

    @property
    def shown(self) -> Lens | None:
        """The Jacobian that is shown, or None while it is being found, and where there is none."""
        found = None if self._port is None else self._found.get(self._port)
        return found if isinstance(found, Lens) else None

    def has_something(self) -> bool:
        """Tell whether there is a step whose Jacobian could be shown."""
        moment = self._moment()
        return moment is not None and bool(_ports_of(moment, self._node(moment)))

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was found while this was out of sight."""
        super().showEvent(event)
        self.show_moment()

    def show_moment(self) -> None:
        """Show the Jacobian of the step at the workspace's moment."""
        moment = self._moment()
        if moment is None or not self.has_something():
            return
        if moment.run is not self._run:
            self._run, self._found = moment.run, {}
        self._follow(moment)
        if self._port is None:
            return
        node, source = self._port.node, _source(moment.run, self._port)
        self.head.say(f"J = ∂{node}/∂{source}")
        if self._port not in self._found:
            self._place = None
            self._find(moment.run, self._port)
        self._show_lens(moment, self._found.get(self._port))

    def _moment(self) -> Moment | None:
        return self._workspace.present_moment

    def _node(self, moment: Moment) -> NodeId | None:
        """Return the op that is looked at: the selected one, else the one that is at work."""
        selected = next(iter(self._workspace.selection)) if len(self._workspace.selection) == 1 else None
        if selected is not None and _ports_of(moment, selected):
            return selected
        match moment.latest:
            case Send(port=port) | Blocked(port=port):
                return port.node
            case Settle(node=node) if node in moment.run.plan.leaves and moment.deposits(node):
                return moment.deposits(node)[-1].port.node
            case Compute(node=node) | Settle(node=node) | Seed(target=node):
                return node
            case Update() | Clear() | None:
                return None

    def _follow(self, moment: Moment) -> None:
        """Look at the port that is at work, or stay with the one that was chosen at this node."""
        node, latest = self._node(moment), moment.latest
        ports = _ports_of(moment, node)
        is_new = latest is not self._latest
        self._latest = latest
        active = latest.port if isinstance(latest, Send | Blocked) and latest.port in ports else None
        if active is not None and (is_new or self._port not in ports):
            self._port = active
        elif self._port not in ports:
            self._port = next((port for port in ports if moment.run.paths.ends.get(port) is None), ports[0])
        names = [f"{port.name}: {_source(moment.run, port)}" for port in ports]
        if names != [self.port.itemText(number) for number in range(self.port.count())]:
            self.port.clear()
            self.port.addItems(names)
        self.port.setCurrentIndex(ports.index(self._port))
        self.port.setVisible(len(ports) > 1)

    def _choose(self, number: int) -> None:
        moment = self._moment()
        if moment is not None:
            ports = _ports_of(moment, self._node(moment))
            self._port = ports[number] if number < len(ports) else self._port
            self.show_moment()

    def _find(self, run: Run, port: Port) -> None:
        """Find a small Jacobian now, and a larger one when the person rests at it."""
        rows, columns = run.values[port.node].size, run.values[_source(run, port)].size
        if rows > _AT_ONCE[0] or rows * columns > _AT_ONCE[1]:
            self._rest.start()
            return
        try:
            self._found[port] = lens_of(run, port)
        except GradvizError as error:
            self._found[port] = str(error)

    def _ask(self) -> None:
        """Find the Jacobian in the background, and show it if it is still the one that is looked at."""
        run, port = self._run, self._port
        if run is None or port is None or port in self._found or not self.isVisible():
            return

        def take(found: Lens) -> None:
            self._keep(run, port, found)

        def refuse(error: GradvizError) -> None:
            self._keep(run, port, str(error))

        self._workspace.jobs.run("lens", _looked, run, port, done=take, failed=refuse)

    def _keep(self, run: Run, port: Port, found: Lens | str) -> None:
        if run is self._run:
            while len(self._found) >= _MOST_KEPT:
                self._found.pop(next(iter(self._found)))
            self._found[port] = found
            if port == self._port and self.isVisible():
                self.show_moment()

    def _show_lens(self, moment: Moment, lens: Lens | str | None) -> None:
        self.matrix.setVisible(not isinstance(lens, str))
        if not isinstance(lens, Lens):
            self.matrix.show_nothing()
            self.told.say(self.tr("Looking…") if lens is None else lens)
            self.reading.say("")
            return
        theme = load_theme(self._workspace.theme_name)
        gradient, share = moment.gradient(lens.port.node), _share(moment, lens.port)
        g, blocked = gradient.array, moment.run.paths.ends.get(lens.port)
        has_no_path = gradient.state == "no path"
        signs = "∅" if has_no_path else "–", "∅" if has_no_path or blocked else "–"
        self.matrix.show_lens(lens, g, share, theme, signs)
        shapes = f"{show_shape(lens.result)} by {show_shape(lens.source)}"
        parts = [f"{shapes}: {lens.sentence}."]
        if lens.matrix is None:
            parts.append(self.tr("Too large to be written down: this is a sketch of its structure."))
        parts.append(_selected_row(lens, g))
        if gradient.state == "zero":
            parts.append(self.tr("g is zero: {reason}.").format(reason=gradient.reason))
        elif has_no_path:
            parts.append(self.tr("g: ∅ no path, {reason}.").format(reason=gradient.reason))
        if blocked:
            parts.append(self.tr("Nothing is sent: {reason}.").format(reason=blocked))
        self.told.say(" ".join(filter(None, parts)))
        self._mark()

    # What is pointed at

    def _point(self, place: Place | None) -> None:
        """Point at the cell of the result or, in the product, of what is sent."""
        moment, lens = self._moment(), self.shown
        self._place = place
        if moment is None or lens is None or place is None:
            self.matrix.mark(None)
            self._pointing.point_at(None)
            self._read(None)
            return
        if place.row is not None:
            spot = Spot(lens.port.node, "value", _cell(place.row, lens.result))
        else:
            spot = Spot(_source(moment.run, lens.port), "gradient", _cell(place.column or 0, lens.source))
        self._pointing.point_at(spot)
        self.matrix.mark(place)
        self._read(place)

    def _mark(self) -> None:
        """Ring the row or column of what is pointed at in another view."""
        moment, lens = self._moment(), self.shown
        if moment is None or lens is None or not self.isVisible():
            return
        if self._place is not None:  # what is pointed at here says more than one cell elsewhere
            self._read(self._place)
            return
        node, source = lens.port.node, _source(moment.run, lens.port)
        place: Place | None = None
        for kind in ("gradient", "value"):
            row = self._pointing.cell_of(node, kind)
            column = self._pointing.cell_of(source, kind)
            if row is not None and len(row) == len(lens.result):
                place = Place(_number(row, lens.result), None)
            elif column is not None and len(column) == len(lens.source):
                place = Place(None, _number(column, lens.source))
        self.matrix.mark(place)
        self._read(place)

    def _read(self, place: Place | None) -> None:
        """Write out the number that is pointed at: a derivative, or a sum of g × J down a column."""
        moment, lens = self._moment(), self.shown
        text = ""
        if moment is not None and lens is not None and place is not None:
            text = self._reading(moment, lens, place)
        self.reading.say(text)

    def _reading(self, moment: Moment, lens: Lens, place: Place) -> str:
        g, share = moment.gradient(lens.port.node).array, _share(moment, lens.port)
        y, x = lens.port.node, _source(moment.run, lens.port)
        row, column = place
        if row is not None and column is not None and lens.matrix is not None:
            slope = lens.matrix[row, column]
            told = f"∂{y}{_at(row, lens.result)}/∂{x}{_at(column, lens.source)} = {show_number(slope)}"
            if g is not None:
                number = g.ravel()[row]
                told += (
                    f"; g × J: {signed(number, is_first=True)} × {signed(slope)} = {show_number(_times(number, slope))}"
                )
            return told
        if row is not None:
            told = f"row {row}: {y}{_at(row, lens.result)}"
            return told if g is None else f"{told}, g = {show_number(g.ravel()[row])}"
        if column is None:
            return ""
        told = f"sent to {x}{_at(column, lens.source)}"
        if share is None or g is None:
            return f"column {column}: {x}{_at(column, lens.source)}"
        total = show_number(share.ravel()[column])
        if lens.matrix is None:
            return f"{told}: {total}"
        return f"{told}: {product_of(g.ravel(), lens.matrix[:, column])} = {total}"


def _looked(run: Run, port: Port, *, cancelled: Callable[[], bool]) -> Lens | None:
    return None if cancelled() else lens_of(run, port)


def _ports_of(moment: Moment, node: NodeId | None) -> tuple[Port, ...]:
    """Return the ports of an op that has run; none of a leaf."""
    step = None if node is None else moment.run.paths.steps.get(node)
    if step is None or step.node not in moment.run.values:
        return ()
    return tuple(Port(step.node, name) for name in step.ports if step.op.rule_for(name) is not None)


def _source(run: Run, port: Port) -> NodeId:
    """Return the node that feeds a port."""
    step = run.paths.steps[port.node]
    return step.sources[step.ports.index(port.name)]


def _share(moment: Moment, port: Port) -> Array | None:
    sent = moment.sent(port)
    return sent.share if isinstance(sent, Send) else None


def _selected_row(lens: Lens, g: Array | None) -> str:
    """Return which row a one-hot gradient selects, in words."""
    if g is None or g.size < 2:
        return ""
    there = np.flatnonzero(g)
    if len(there) == 1 and g.ravel()[there[0]] == 1:
        row = int(there[0])
        return f"g is one at {_at(row, lens.result)} and zero elsewhere: it selects row {row} of J."
    if g.size and np.all(g == 1):
        return "g is ones: what is sent is the sum of all rows of J."
    return ""


def _cell(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(at) for at in np.unravel_index(number, shape)) if shape else ()


def _number(cell: tuple[int, ...], shape: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index(cell, shape)) if shape else 0


def _at(number: int, shape: tuple[int, ...]) -> str:
    cell = _cell(number, shape)
    return f"[{', '.join(map(str, cell))}]" if cell else ""


def _times(a: Array, b: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(a * b)
