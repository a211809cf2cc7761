"""Asks for a small set of examples: which, how many rows, how much noise; and draws its inputs as they will be."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gradviz.formats import DATASETS, Examples, make_examples
from gradviz.graph import NodeId
from gradviz.picture import Theme
from gradviz.workspace import named

MOST_DRAWN = 2000
"""Rows of which points are drawn."""


@dataclass(frozen=True)
class DatasetChoice:
    """Which set, how many rows, how much noise, drawn from which number; and whether it replaces what is there."""

    name: str
    rows: int
    noise: float
    seed: int
    replaces: bool


class DatasetDialog(QDialog):
    """Asks for a set; where there are leaves that hold examples already, it may go into them."""

    def __init__(self, theme: Theme, leaves: tuple[NodeId, ...], parent: QWidget) -> None:
        """Propose two moons; `leaves` are those that the set could go into, two of them or none."""
        super().__init__(parent)
        self.setObjectName("dataset")
        self.setWindowTitle(self.tr("Data Set"))
        self.name = named(QComboBox(), "dataset.name")
        self.name.addItems([*DATASETS])
        self.name.setCurrentText("moons")
        self.rows = named(QSpinBox(), "dataset.rows")
        self.rows.setRange(2, 10_000)
        self.rows.setValue(200)
        self.noise = named(QDoubleSpinBox(), "dataset.noise")
        self.noise.setRange(0.0, 5.0)
        self.noise.setSingleStep(0.05)
        self.noise.setValue(0.1)
        self.seed = named(QSpinBox(), "dataset.seed")
        self.seed.setRange(0, 2**31 - 1)
        into = self.tr("Into {leaves}").format(leaves=self.tr(" and ").join(leaves))
        self.replaces = named(QCheckBox(into), "dataset.replaces")
        self.replaces.setChecked(bool(leaves))
        self.replaces.setVisible(bool(leaves))
        self.points = _Points(theme)
        self._lay_out()
        self.name.currentTextChanged.connect(self._show)
        for field in (self.rows, self.noise, self.seed):
            field.valueChanged.connect(self._show)
        self._show()

    def choice(self) -> DatasetChoice:
        """Return what was chosen."""
        name, replaces = self.name.currentText(), self.replaces.isChecked()
        return DatasetChoice(name, self.rows.value(), self.noise.value(), self.seed.value(), replaces)

    def _lay_out(self) -> None:
        form = QFormLayout()
        for title, field in (
            (self.tr("Set"), self.name),
            (self.tr("Rows"), self.rows),
            (self.tr("Noise"), self.noise),
            (self.tr("Seed"), self.seed),
        ):
            form.addRow(title, field)
            field.setAccessibleName(title)
        form.addRow(self.replaces)
        row = QHBoxLayout()
        row.addLayout(form)
        row.addWidget(self.points)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(buttons)

    def _show(self) -> None:
        chosen = self.choice()
        self.points.show_examples(make_examples(chosen.name, min(chosen.rows, MOST_DRAWN), chosen.noise, chosen.seed))


class _Points(QWidget):
    """The rows of a set as points: two numbers, or one and what should come out; hollow where that is 0."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        named(self, "dataset.points")
        self.setAccessibleName(self.tr("The rows of the set"))
        self._theme = theme
        self._examples: Examples | None = None

    def sizeHint(self) -> QSize:
        """Ask for a square."""
        return QSize(240, 240)

    def show_examples(self, examples: Examples) -> None:
        """Draw other rows."""
        self._examples = examples
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw every row where it lies."""
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), QColor(theme.field))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.border))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        if self._examples is not None:
            self._paint_points(painter, self._examples)
        painter.end()

    def _paint_points(self, painter: QPainter, examples: Examples) -> None:
        is_flat = examples.x.shape[1] > 1
        across, up = examples.x[:, 0], examples.x[:, 1] if is_flat else examples.t[:, 0]
        margin, w, h = 10.0, self.width() - 20.0, self.height() - 20.0
        spans = [max(float(values.max() - values.min()), 1e-9) for values in (across, up)]
        x = margin + w * (across - across.min()) / spans[0]
        y = margin + h * (1 - (up - up.min()) / spans[1])
        painter.setPen(QColor(self._theme.ink))
        for left, top, wanted in zip(x.tolist(), y.tolist(), examples.t[:, 0].tolist(), strict=True):
            is_filled = not is_flat or wanted > 0
            painter.setBrush(QColor(self._theme.ink) if is_filled else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(left, top), 2.5, 2.5)
