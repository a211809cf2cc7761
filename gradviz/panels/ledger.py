"""The ledger: what arrives at a node in the sweep, line by line, with the total after each, and what is still to come.

A node that several others use gets a contribution from each. Its gradient is their sum, and it may not send anything
on before the last has come: that is why the sweep walks the plan backwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.engine import Blocked, Clear, Compute, Moment, Run, Seed, Send, Settle, Update, listed, show_number
from gradviz.graph import Array, NodeId, Port
from gradviz.panels.cell_map import Cell, CellMap
from gradviz.panels.words import Words
from gradviz.picture import Theme, load_theme, scale_limit, show_shape
from gradviz.workspace import Pointing, Spot, Workspace, named

MOST_LINES = 16
"""Deposits that are listed at once; of more, those around the moment."""

_HEIGHT = 5.5
"""Lines of numbers that a tensor in the ledger may take."""

_LEFT = """
QPushButton { text-align: left; padding: 2px 3px 2px 6px; border: 1px solid transparent; border-radius: 3px; }
QPushButton:hover, QPushButton:focus { border-color: palette(highlight); }
"""

_AROUND = 13
"""Pixels beside the text of a line, its edge among them."""

MOST_TERMS = 6
"""Terms of a sum that are written out."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One line: what the frame of number `index` brings to a node, from a port, or (None) as its seed."""

    index: int
    share: Array
    send: Send | None = None

    @property
    def source(self) -> str:
        """Where it comes from, by the names of the document."""
        return "seed" if self.send is None else f"{self.send.port.node}.{self.send.port.name}"


def entries_of(moment: Moment, node: NodeId) -> tuple[Entry, ...]:
    """Return everything that arrives at a node in the whole run, in order of arrival: its seed first."""
    deposits = moment.run.ledger.deposits.get(node)
    if deposits is None:
        return ()
    seed = () if deposits.seed is None else (Entry(deposits.seeded_at, deposits.seed),)
    sends = zip(deposits.sent_at, deposits.sends, strict=True)
    return (*seed, *(Entry(index, send.share, send) for index, send in sends))


def coming_to(moment: Moment, node: NodeId) -> tuple[str, ...]:
    """Return from where something is still to come to a node, in order; of a run that ended early, too."""
    found = [entry.source for entry in entries_of(moment, node) if entry.index >= moment.index]
    if len(found) < moment.waiting(node):
        paths = moment.run.paths
        for step in reversed(moment.run.plan.steps):
            for name, source in zip(step.ports, step.sources, strict=True):
                port = Port(step.node, name)
                is_sent = step.node in paths.deposits and port not in paths.ends
                if source == node and is_sent and moment.sent(port) is None and f"{port.node}.{name}" not in found:
                    found.append(f"{port.node}.{name}")
    return tuple(found)


def account_node(workspace: Workspace, moment: Moment) -> NodeId | None:
    """Return the node whose ledger is shown: the selected one, else the one that the active frame is about."""
    if len(workspace.selection) == 1:
        return next(iter(workspace.selection))
    match moment.latest:
        case Send(source=node) | Blocked(source=node) | Seed(target=node) | Settle(node=node):
            return node
        case Compute() | Update() | Clear() | None:
            return None


def sum_of(terms: Sequence[str], total: str) -> str:
    """Return a sum in full, as in `2 + (−3) = −1`; of a long one its ends."""
    shown = [f"({term})" if number and term.startswith("−") else term for number, term in enumerate(terms)]
    if len(shown) > MOST_TERMS:
        shown = [*shown[: MOST_TERMS - 2], "…", shown[-1]]
    return f"{' + '.join(shown)} = {total}"


class LedgerView(QWidget):
    """Lists the deposits of a node; a click on a line goes to its moment, and its cells can be pointed at."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Show the ledger of the workspace's selected node, else of the one that something is sent to."""
        super().__init__()
        self.setObjectName("ledger")
        self.setStyleSheet(_LEFT)
        self._workspace, self._pointing = workspace, pointing
        self._node: NodeId = ""
        self._entries: tuple[Run, NodeId, Sequence[Entry]] | None = None
        self._scaled: tuple[Run, NodeId, float] | None = None
        self.head = Words("ledger.head")
        self.more = Words("ledger.more")
        self.reading = Words("ledger.reading")
        self.state = Words("ledger.state")
        self.lines: list[Line] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        for column, stretch in enumerate((3, 4, 4)):
            self._grid.setColumnStretch(column, stretch)
        for column, title in enumerate((self.tr("from"), self.tr("share"), self.tr("total")), 0):
            self._grid.addWidget(named(QLabel(title), f"ledger.column{column}"), 0, column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.head)
        layout.addLayout(self._grid)
        for part in (self.more, self.reading, self.state):
            layout.addWidget(part)
        pointing.changed.connect(self._mark)

    def has_something(self) -> bool:
        """Tell whether there is a node to show the ledger of."""
        moment = self._workspace.present_moment
        node = None if moment is None else account_node(self._workspace, moment)
        return moment is not None and node is not None and node in moment.run.ledger.deposits

    def show_moment(self) -> None:
        """Show how the ledger stands at the workspace's moment."""
        moment = self._workspace.moment
        if moment is None or not self.has_something():
            return
        self._node = account_node(self._workspace, moment) or ""
        entries = self._entries_of(moment)
        shown = _around(entries, moment.index)
        while len(self.lines) < len(shown):
            self.lines.append(self._new_line(len(self.lines) + 1))
        theme, limit = load_theme(self._workspace.theme_name), self._scale(moment, shown)
        for number, line in enumerate(self.lines):
            line.set_visible(number < len(shown))
            if number < len(shown):
                line.show_entry(shown[number], moment, self._node, theme, limit)
        self._tell(moment, entries, len(shown))
        self._mark()

    def _scale(self, moment: Moment, shown: Sequence[Entry]) -> float:
        """Return where the one scale of all lines ends, so that their colours can be compared."""
        if self._scaled is None or self._scaled[:2] != (moment.run, self._node):
            settled = moment.run.ledger.settled.get(self._node)
            arrays = [*(entry.share for entry in shown), *(() if settled is None else (settled[1],))]
            self._scaled = moment.run, self._node, max(map(scale_limit, arrays), default=0.0)
        return self._scaled[2]

    def _entries_of(self, moment: Moment) -> Sequence[Entry]:
        """Return the entries of the node, which are the same at all moments of a run."""
        if self._entries is None or self._entries[:2] != (moment.run, self._node):
            self._entries = moment.run, self._node, entries_of(moment, self._node)
        return self._entries[2]

    def _new_line(self, row: int) -> Line:
        line = Line(row)
        for column, part in enumerate(line.parts):
            self._grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
        line.button.clicked.connect(lambda: self._workspace.seek(line.moment))
        for cells in line.maps:
            cells.hovered.connect(self._point)
            cells.clicked.connect(lambda _cell: self._workspace.seek(line.moment))
        return line

    def _tell(self, moment: Moment, entries: Sequence[Entry], shown: int) -> None:
        node, gradient = self._node, moment.gradient(self._node)
        value = moment.run.values.get(node)
        shape = "" if value is None else f" · {show_shape(value.shape)}"
        count = len(entries)
        self.head.say(
            self.tr("What arrives at {node}{shape}: {count} {deposits}").format(
                node=node, shape=shape, count=count, deposits="deposit" if count == 1 else "deposits"
            )
        )
        left = count - shown
        self.more.say(self.tr("… and {count} more, before or after these").format(count=left) if left else "")
        coming = coming_to(moment, node)
        if gradient.state in {"value", "zero"}:
            told = self.tr("settled: this is the gradient of {node}").format(node=node)
            if gradient.state == "zero":
                told += self.tr("; zero: {reason}").format(reason=gradient.reason)
        elif coming:
            told = self.tr("waits for {count} more: {names}").format(count=len(coming), names=_few(coming))
            if count > 1:
                told += self.tr(". The sweep walks the plan backwards: what is computed last sends first")
            if len(coming) > sum(entry.index >= moment.index for entry in entries):
                told += self.tr(". The run ended before all had come")
        else:
            told = self.tr("all have arrived; it settles next")
        self.state.say(told)

    def _point(self, cell: Cell | None) -> None:
        self._pointing.point_at(None if cell is None else Spot(self._node, "gradient", cell))

    def _mark(self) -> None:
        """Ring what is pointed at, and write out the sum of that cell."""
        moment = self._workspace.present_moment
        if moment is None or not self._node or not self.isVisible():
            return
        cell = self._pointing.cell_of(self._node, "gradient")
        lit = self._pointing.sources_of(self._node, "gradient")
        for line in self.lines:
            for cells in line.maps:
                cells.mark(cell, lit)
        self.reading.say(self._sum(moment, cell))

    def _sum(self, moment: Moment, cell: Cell | None) -> str:
        """Return the sum of one cell as far as it has come; of a number by itself always."""
        total = moment.running_total(self._node)
        if total is None or (cell is None and total.ndim):
            return ""
        at = cell or ()
        entries = self._entries_of(moment)
        arrived = entries[: _count(entries, moment.index)]
        if len(arrived) > MOST_TERMS:  # those that are written out
            arrived = (*arrived[: MOST_TERMS - 1], *arrived[-2:])
        terms = [show_number(entry.share[at]) for entry in arrived]
        place = f"[{', '.join(map(str, at))}]" if at else ""
        return f"{self._node}{place}: {sum_of(terms, show_number(total[at]))}"


class LineButton(QPushButton):
    """A button that looks like a line of text, with a coloured edge where it is the active step."""

    def __init__(self) -> None:
        """Say nothing yet."""
        super().__init__()
        self.said, self._edge = "", ""

    def say(self, text: str) -> None:
        """Show a text, shortened in its middle where it is too long for the line."""
        if text != self.said:
            self.said = text
            self._fit()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for the room of the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self.said) + _AROUND, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Ask for the room of a short name."""
        short = self.fontMetrics().horizontalAdvance("▸ add1.b") + _AROUND
        return QSize(min(short, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the text to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - _AROUND + 2
        self.setText(self.fontMetrics().elidedText(self.said, Qt.TextElideMode.ElideMiddle, room))

    def take_edge(self, colour: str) -> None:
        """Have an edge of a colour at the left, or none."""
        if colour != self._edge:
            self._edge = colour
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the edge beside the text."""
        super().paintEvent(event)
        if self._edge:
            painter = QPainter(self)
            painter.fillRect(0, 1, 4, self.height() - 2, QColor(self._edge))
            painter.end()


class Line:
    """A deposit: a button that goes to its moment, what it brings, and the total after it."""

    def __init__(self, row: int) -> None:
        """Make the parts of the line in a row of the ledger."""
        self.moment = 0
        self.button = named(LineButton(), f"ledger.line{row}")
        self.share = CellMap(f"ledger.share{row}", "share", most_height=_HEIGHT)
        self.total = CellMap(f"ledger.total{row}", "total so far", most_height=_HEIGHT)
        self.share.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # the keys reach its cells through the total
        self.maps = (self.share, self.total)
        self.parts: tuple[QWidget, ...] = (self.button, self.share, self.total)

    def set_visible(self, is_visible: bool) -> None:
        """Show or hide all parts."""
        for part in self.parts:
            part.setVisible(is_visible)

    def show_entry(self, entry: Entry, moment: Moment, node: NodeId, theme: Theme, limit: float) -> None:
        """Show a deposit as it stands at a moment: arrived, arriving, or still to come."""
        self.moment = entry.index + 1
        has_arrived, is_active = entry.index < moment.index, self.moment == moment.index
        sign = "▸ " if is_active else "" if has_arrived else "… "
        self.button.say(f"{sign}{entry.source}")
        self.button.take_edge(theme.active if is_active else "")
        told = "has arrived" if has_arrived else "is still to come"
        name = f"{entry.source} {told}: go to moment {self.moment}"
        self.button.setAccessibleName(name)
        self.button.setToolTip(name)
        total = moment.run.ledger.deposits[node].total(self.moment) if has_arrived else None
        if has_arrived and total is not None:
            self.share.show_array(entry.share, theme, theme.gradient, limit=limit)
            self.total.show_array(total, theme, theme.gradient, limit=limit)
        else:
            for cells in self.maps:
                cells.show_absence("not computed", entry.share.shape, theme, theme.gradient)


def _around(entries: Sequence[Entry], index: int) -> Sequence[Entry]:
    """Return the lines that are shown: all, or those before and after a moment."""
    arrived = _count(entries, index)
    first = max(0, min(arrived - MOST_LINES // 2, len(entries) - MOST_LINES))
    return entries[first : first + MOST_LINES]


def _count(entries: Sequence[Entry], index: int) -> int:
    """Return how many entries have arrived at a moment."""
    return bisect_left(entries, index, key=lambda entry: entry.index)


def _few(names: Sequence[str]) -> str:
    few = list(names[:4])
    return listed(few) if len(names) <= 4 else f"{', '.join(few)} and {len(names) - 4} others"
