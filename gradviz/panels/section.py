"""A section of a panel: a heading that folds what is below it.

What is folded, or has nothing to say, computes nothing.
"""

from __future__ import annotations

from typing import Protocol, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gradviz.workspace import named


class SectionView(Protocol):
    """What stands in a section: a widget that shows the workspace's moment when it is told to."""

    def has_something(self) -> bool:
        """Tell whether there is anything to show now; this is asked often, and must cost nothing."""
        ...

    def show_moment(self) -> None:
        """Show how things stand at the workspace's moment."""
        ...


class Section(QWidget):
    """A heading, and below it a view that can be folded away."""

    def __init__(self, name: str, title: str, view: QWidget, *, is_open: bool = True) -> None:
        """Put a `view`, which is a SectionView as well as a widget, below a heading of this `title`."""
        super().__init__()
        self.setObjectName(f"section.{name}")
        self.view = view
        self._is_due = False
        self.heading = named(QToolButton(), f"section.{name}.heading")
        self.heading.setText(title)
        self.heading.setCheckable(True)
        self.heading.setChecked(is_open)
        self.heading.setAutoRaise(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.heading.setStyleSheet("QToolButton { border: none; font-weight: 600; text-align: left; padding: 2px 0; }")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(view)
        self.heading.toggled.connect(self._fold)
        self._fold(is_open)

    def refresh(self) -> None:
        """Show the moment, if there is something to show and the section is open; hide the section otherwise."""
        view = cast("SectionView", self.view)
        has_something = view.has_something()
        self.setVisible(has_something)
        self._is_due = has_something and not self.heading.isChecked()
        if has_something and self.heading.isChecked():
            view.show_moment()

    def _fold(self, is_open: bool) -> None:
        self.heading.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self.heading.setToolTip(self.tr("Fold this section") if is_open else self.tr("Open this section"))
        self.heading.setAccessibleName(f"{self.heading.text()}, {self.tr('open') if is_open else self.tr('folded')}")
        self.view.setVisible(is_open)
        if is_open and self._is_due:
            self.refresh()
