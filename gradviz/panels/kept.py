"""What is kept for the backward pass: per op the tensors that its gradient rules need again, with their memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import nlargest
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from gradviz.engine import Keeping, Kept, Moment, Run, keeping_of, listed
from gradviz.graph import NodeId
from gradviz.panels.words import Words
from gradviz.picture import Theme, load_theme, show_shape
from gradviz.workspace import Pointing, Workspace, named

Index = QModelIndex | QPersistentModelIndex

MOST_ROWS: Final = 300
"""Ops that are listed; of more, those that keep the most."""

_KEEPS: Final = 2
"""The column that takes the room that the others leave."""
_SEEN_ROWS: Final = 9
_AT_ONCE: Final = 2000
"""Ops up to which what they keep is found at once."""
_MOST_WRAPPED: Final = 60
"""Rows whose texts may take several lines; of more, measuring each would take too long."""
_KIB: Final = 1024
_SORT = Qt.ItemDataRole.UserRole
_MARKED_BY: Final = [Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole]
"""What a mark changes of a row; not what it is sorted by."""


def show_bytes(count: int) -> str:
    """Return a count of bytes as people read it, as in `96 B`, `1.5 KiB`, `32 MiB`."""
    if count < _KIB:
        return f"{count} B"
    size, unit = count / _KIB, "KiB"
    for larger in ("MiB", "GiB"):
        if size < _KIB:
            break
        size, unit = size / _KIB, larger
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"


def told_keeping(keeping: Keeping, run: Run) -> str:
    """Return in words what an op keeps, with shapes, as in `x 3×4 and its own value 3×4`."""
    if keeping.is_closed:
        return "nothing: no gradient flows into it"
    if not keeping.tensors:
        return "nothing"
    return listed(
        [
            ("its own value" if node == keeping.node else node) + _with_shape(run.values[node].shape)
            for node in keeping.tensors
        ]
    )


def _with_shape(shape: tuple[int, ...]) -> str:
    """Return a shape as it follows a name, on the same line; nothing for a number by itself."""
    return f"\N{NO-BREAK SPACE}{show_shape(shape)}" if shape else ""


def _title(keeping: Keeping) -> str:
    """Return the name of an op, with what kind it is where the name does not say so."""
    return keeping.node if keeping.node.startswith(keeping.op) else f"{keeping.node} ({keeping.op})"


class KeptModel(QAbstractTableModel):
    """One row per op: its step in the plan, its name, what it keeps, and the memory of that."""

    def __init__(self) -> None:
        """Start with no run."""
        super().__init__()
        self.rows: Sequence[Keeping] = ()
        self.run: Run | None = None
        self.marked: NodeId | None = None
        self.theme: Theme | None = None
        self._places: dict[NodeId, int] = {}
        self._titles = ("#", self.tr("op"), self.tr("keeps"), self.tr("size"))

    def show_rows(self, run: Run, rows: Sequence[Keeping], theme: Theme) -> None:
        """Show what the ops of a run keep."""
        self.beginResetModel()
        self.run, self.rows, self.theme = run, rows, theme
        self._places = {each.node: row for row, each in enumerate(rows)}
        self.endResetModel()

    def mark(self, node: NodeId | None, theme: Theme) -> None:
        """Mark the row of one op."""
        before, is_other = self.marked, theme is not self.theme
        self.marked, self.theme = node, theme
        if is_other or node != before:
            rows = range(len(self.rows)) if is_other else map(self.row_of, (before, node))
            for row in rows:
                if row is not None:
                    self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._titles) - 1), _MARKED_BY)

    def row_of(self, node: NodeId | None) -> int | None:
        """Return the row of an op, or None where it is not listed."""
        return None if node is None else self._places.get(node)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of ops that are listed."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, _parent: Index | None = None) -> int:
        """Return the number of columns."""
        return len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a text, what it is sorted by, or how the marked row stands out."""
        if self.run is None or self.theme is None:
            return None
        keeping, roles = self.rows[index.row()], Qt.ItemDataRole
        is_marked = keeping.node == self.marked
        match role:
            case roles.ToolTipRole if index.column() == 1:
                return _title(keeping)
            case roles.DisplayRole | roles.ToolTipRole:
                return self._texts(keeping, self.run)[index.column()]
            case _ if role == _SORT:
                return (keeping.step, keeping.node, len(keeping.tensors), keeping.bytes)[index.column()]
            case roles.TextAlignmentRole if index.column() in {0, 3}:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case roles.ForegroundRole if not keeping.tensors and not is_marked:
                return QColor(self.theme.muted)
            case roles.BackgroundRole if is_marked:
                colour = QColor(self.theme.active)
                colour.setAlphaF(0.28)
                return colour
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the titles of the columns."""
        is_title = way == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return self._titles[section] if is_title else None

    def _texts(self, keeping: Keeping, run: Run) -> tuple[str, ...]:
        sign = "▸ " if keeping.node == self.marked else ""
        told = told_keeping(keeping, run)
        return f"{sign}{keeping.step}", keeping.node, told, show_bytes(keeping.bytes) if keeping.tensors else "–"


class KeptView(QWidget):
    """The table, the sentence about the op that is looked at, and what everything takes together."""

    def __init__(self, workspace: Workspace, pointing: Pointing) -> None:
        """Show what the workspace's run keeps."""
        super().__init__()
        self.setObjectName("kept")
        self._workspace = workspace
        self._run: Run | None = None
        self._kept: Kept | None = None
        self.model = KeptModel()
        self.order = QSortFilterProxyModel(self)
        self.order.setSourceModel(self.model)
        self.order.setSortRole(_SORT)
        self.table = named(KeptTable(), "kept.table")
        self.table.setModel(self.order)
        self.table.take_look()
        self.about, self.total = Words("kept.about"), Words("kept.total")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for part in (self.about, self.table, self.total):
            layout.addWidget(part)
        self.table.activated.connect(self._select)

    def has_something(self) -> bool:
        """Tell whether there is a run of any op."""
        moment = self._workspace.present_moment
        return moment is not None and bool(moment.run.ledger.computed)

    def show_moment(self) -> None:
        """Show what is kept in the workspace's run, and mark the op that is selected or at work."""
        moment = self._workspace.moment
        if moment is None or not self.has_something():
            return
        theme = load_theme(self._workspace.theme_name)
        if moment.run is not self._run:
            self._find(moment.run)
        if self._kept is None:
            self.about.say(self.tr("Looking…"))
            return
        node = self._node(moment)
        self.model.mark(node, theme)
        row = self.model.row_of(node)
        if row is not None:
            self.table.scrollTo(self.order.mapFromSource(self.model.index(row, 0)))
        self.about.say(self._told(moment, node))
        self.total.say(self._told_total(moment, self._kept))

    def _find(self, run: Run) -> None:
        """Find what a run keeps: of a big one in the background."""
        self._run, self._kept = run, None
        self.model.show_rows(run, (), load_theme(self._workspace.theme_name))
        self.total.say("")
        if len(run.ledger.computed) <= _AT_ONCE:
            self._take(run, keeping_of(run))
            return

        def take(kept: Kept) -> None:
            if run is self._run:
                self._take(run, kept)
                self.show_moment()

        self._workspace.jobs.run("kept", _looked, run, done=take, failed=lambda error: self.about.say(str(error)))

    def _take(self, run: Run, kept: Kept) -> None:
        self._kept = kept
        by_op = kept.by_op
        rows = by_op if len(by_op) <= MOST_ROWS else nlargest(MOST_ROWS, by_op, key=lambda each: each.bytes)
        self.model.show_rows(run, sorted(rows, key=lambda each: each.step), load_theme(self._workspace.theme_name))
        self.table.take_room()

    def _node(self, moment: Moment) -> NodeId | None:
        """Return the op that is selected, else the one that is at work."""
        selected = next(iter(self._workspace.selection)) if len(self._workspace.selection) == 1 else None
        if selected in moment.run.ledger.computed:
            return selected
        latest = moment.latest
        port = getattr(latest, "port", None)
        return port.node if port is not None else getattr(latest, "node", None)

    def _told(self, moment: Moment, node: NodeId | None) -> str:
        at = None if node is None else moment.run.ledger.computed.get(node)
        found = None if self._kept is None or at is None else self._kept.by_op[at]
        if found is None:
            return ""
        if found.tensors:
            size = show_bytes(found.bytes)
            text = self.tr("{op} keeps {kept}, {size}: its gradient rule needs {it} again")
            it = "it" if len(found.tensors) == 1 else "them"
            return text.format(op=_title(found), it=it, kept=told_keeping(found, moment.run), size=size)
        why = "no gradient flows into it" if found.is_closed else "its gradient rule needs only what arrives"
        return self.tr("{op} keeps nothing: {why}").format(op=_title(found), why=why)

    def _told_total(self, moment: Moment, kept: Kept) -> str:
        count, shared = len(kept.tensors), len(kept.shared)
        told = self.tr("Together {size} in {count} {tensors}").format(
            size=show_bytes(kept.total), count=count, tensors="tensor" if count == 1 else "tensors"
        )
        if shared:
            told += self.tr("; {shared} kept by several ops and counted once").format(shared=shared)
        done = min(moment.index, len(kept.totals))
        if done < len(kept.totals):
            told += self.tr(". So far: {size}").format(size=show_bytes(kept.totals[done - 1] if done else 0))
        if len(kept.by_op) > MOST_ROWS:
            told += self.tr(". Listed are the {rows} of {all:,} ops that keep the most").format(
                rows=MOST_ROWS, all=len(kept.by_op)
            )
        return f"{told}."

    def _select(self, index: QModelIndex) -> None:
        """Select the op of a row that was double-clicked or entered."""
        node = self.model.rows[self.order.mapToSource(index).row()].node
        self._workspace.select([node])
        self._workspace.reveal(node)


def _looked(run: Run, *, cancelled: Callable[[], bool]) -> Kept | None:
    return None if cancelled() else keeping_of(run)


class KeptTable(QTableView):
    """A table without edges that is as high as its rows, up to some, and leaves the wheel to the panel at its ends."""

    def take_look(self) -> None:
        """Set columns and behaviour; there must be a model."""
        self.setAccessibleName(self.tr("What every op keeps for the backward pass"))
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().setVisible(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setResizeContentsPrecision(_MOST_WRAPPED)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_KEEPS, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMaximumSectionSize(self.fontMetrics().horizontalAdvance("a_name_of_16_let"))

    def take_room(self) -> None:
        """Be as high as the rows, up to some; more are scrolled to. Columns are as wide as what stands in them."""
        for column in range(self.model().columnCount()):
            if column != _KEEPS:
                self.resizeColumnToContents(column)
        steps = self.fontMetrics().horizontalAdvance(f"▸ {self.model().rowCount()}") + 12
        self.setColumnWidth(0, max(self.columnWidth(0), steps))
        rows = min(_SEEN_ROWS, self.model().rowCount())
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().lineSpacing() + 8)
        if self.model().rowCount() <= _MOST_WRAPPED:
            self.resizeRowsToContents()
        inside = sum(self.rowHeight(row) for row in range(rows))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + inside + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.take_room()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel where there is nothing to scroll."""
        bar = self.verticalScrollBar()
        if bar.minimum() == bar.maximum():
            event.ignore()
        else:
            super().wheelEvent(event)
