"""Parts of forms: rows that come and go, and choices that a turn of the wheel does not change."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QSlider, QWidget

SHORTEST = 4
"""Letters of a choice that are shown however narrow its panel is."""


class Choice(QComboBox):
    """A choice among a few words; scrolling past it leaves it as it is."""

    def __init__(self, name: str, title: str, tip: str = "") -> None:
        """Offer nothing yet; `name` is its object name, `title` its accessible name."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setToolTip(tip)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(SHORTEST)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()


class Slide(QSlider):
    """A slider that scrolling past it leaves as it is."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel."""
        event.ignore()


class RowTitle(QLabel):
    """The title of a row; in all forms titles are equally wide, so that their fields stand in line."""

    def sizeHint(self) -> QSize:
        """Ask for the usual width, or for more."""
        hint = super().sizeHint()
        return QSize(max(hint.width(), self.fontMetrics().horizontalAdvance("reduction")), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Ask for the usual width, or for more."""
        return self.sizeHint()


def add_row(form: QFormLayout, title: str, field: QWidget) -> None:
    """Add a field under its title, which gives it the focus."""
    label = RowTitle(title)
    label.setBuddy(field)
    form.addRow(label, field)


def put_in_tab_order(first: QWidget, fields: Iterable[QWidget]) -> None:
    """Let Tab go on from a field to others that stand behind it, although they came later."""
    for before, after in pairwise((first, *fields)):
        QWidget.setTabOrder(before.focusProxy() or before, after.focusProxy() or after)


def growing_form() -> QFormLayout:
    """Return a form without margins, whose fields take the width that there is."""
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def clear_rows(form: QFormLayout) -> None:
    """Take all rows out of a form; their widgets go when the event that asked for it is over."""
    while form.rowCount():
        row = form.takeRow(0)
        for item in (row.labelItem, row.fieldItem):
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                for each in (widget, *widget.findChildren(QObject)):
                    each.setObjectName("")  # names are for those who come in their places
                widget.deleteLater()
