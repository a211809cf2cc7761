"""Asks what to export: which moment, in which theme, how large, on which ground; shows what will come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gradviz.engine import Tape
from gradviz.export.image import as_image
from gradviz.export.render import picture_of
from gradviz.export.sheet import sheet_for
from gradviz.graph import Document
from gradviz.picture import THEMES, Picture, Theme, load_theme
from gradviz.workspace import named

MOST_PREVIEWED = 4000
"""Pixels of the longer side of the image from which a preview is made."""

CHECK = 8
"""Pixels of a square of the pattern that stands for a ground that is left out."""


@dataclass(frozen=True)
class ExportChoice:
    """What to export: a file's suffix, the frame, the theme, the scale, and whether the ground is left out."""

    suffix: str
    frame: int
    theme: str
    scale: float
    transparent: bool


class ExportDialog(QDialog):
    """Asks for the moment, the theme, the scale and the ground of a picture, with a preview."""

    def __init__(self, document: Document, tape: Tape, frame: int, theme: str, parent: QWidget) -> None:
        """Propose what is on screen: a moment of `tape` in a theme."""
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(self.tr("Export Picture"))
        self._picture = lru_cache(8)(lambda frame, theme: picture_of(document, frame, theme, tape=tape))
        self._tape = tape
        self.format = named(QComboBox(), "export.format")
        self.format.addItem(self.tr("PNG, an image"), ".png")
        self.format.addItem(self.tr("SVG, for slides and print"), ".svg")
        self.frame = named(QSpinBox(), "export.frame")
        self.frame.setRange(0, len(tape.frames))
        self.frame.setValue(frame)
        self.frame.setSuffix(self.tr(" of {count}").format(count=len(tape.frames)))
        self.theme = named(QComboBox(), "export.theme")
        for name in THEMES:
            self.theme.addItem(load_theme(name).title, name)
        self.theme.setCurrentIndex(self.theme.findData(theme))
        self.scale = named(QDoubleSpinBox(), "export.scale")
        self.scale.setRange(0.25, 8.0)
        self.scale.setSingleStep(0.5)
        self.scale.setPrefix("×")
        self.scale.setValue(2.0)
        self.transparent = named(QCheckBox(self.tr("Transparent background")), "export.transparent")
        self.size_told = named(QLabel(), "export.size")
        self.sentence = named(QLabel(), "export.sentence")
        self.preview = Preview(self._shown)
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        form = QFormLayout()
        for title, field in (
            (self.tr("Format"), self.format),
            (self.tr("Moment"), self.frame),
            (self.tr("Theme"), self.theme),
            (self.tr("Scale"), self.scale),
            (self.tr("Size"), self.size_told),
            ("", self.transparent),
        ):
            form.addRow(title, field)
            field.setAccessibleName(title or self.transparent.text())
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.setMinimumHeight(3 * self.sentence.fontMetrics().lineSpacing())
        shown = QVBoxLayout()
        shown.addWidget(self.preview, stretch=1)
        shown.addWidget(self.sentence)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.tr("Export…"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(20)
        chosen = QVBoxLayout()
        chosen.addLayout(form)
        chosen.addStretch(1)
        row.addLayout(chosen)
        row.addLayout(shown, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.addLayout(row, stretch=1)
        layout.addWidget(buttons)

    def _listen(self) -> None:
        for signal in (
            self.format.currentIndexChanged,
            self.frame.valueChanged,
            self.theme.currentIndexChanged,
            self.scale.valueChanged,
            self.transparent.toggled,
        ):
            signal.connect(self._show_choice)
        self._show_choice()

    def _show_choice(self) -> None:
        picture, _theme, _transparent = self._shown()
        sheet = sheet_for(picture.bounds, self.scale.value())
        self.size_told.setText(self.tr("{w} × {h} pixels").format(w=sheet.width, h=sheet.height))
        self.sentence.setText(self._tape.at(self.frame.value()).sentence or self.tr("The start."))
        self.preview.update()

    def _shown(self) -> tuple[Picture, Theme, bool]:
        choice = self.choice()
        return self._picture(choice.frame, choice.theme), load_theme(choice.theme), choice.transparent

    def choice(self) -> ExportChoice:
        """Return what the person chose."""
        return ExportChoice(
            suffix=self.format.currentData(),
            frame=self.frame.value(),
            theme=self.theme.currentData(),
            scale=self.scale.value(),
            transparent=self.transparent.isChecked(),
        )


class Preview(QWidget):
    """A picture, fitted, on the ground that it will have."""

    def __init__(self, shown: Callable[[], tuple[Picture, Theme, bool]]) -> None:
        """Show what `shown` returns: a picture, its theme, and whether the ground is left out."""
        super().__init__()
        self._shown = shown
        self._drawn: tuple[Picture, QImage] | None = None
        self.setObjectName("export.preview")
        self.setAccessibleName(self.tr("Preview"))
        self.setMinimumSize(420, 240)

    def sizeHint(self) -> QSize:
        """Ask for a comfortable size."""
        return QSize(720, 360)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture as the file will have it, only smaller."""
        picture, theme, transparent = self._shown()
        image = self._image_of(picture)
        scale = min(self.width() / image.width(), self.height() / image.height(), 1.0)
        sheet = QRectF(0, 0, image.width() * scale, image.height() * scale)
        sheet.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        if transparent:
            self._paint_pattern(painter, sheet, theme)
        else:
            painter.fillRect(sheet, QColor(theme.background))
        keeps, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        pixels = (sheet.size() * self.devicePixelRatioF()).toSize()
        painter.drawImage(sheet, image.scaled(pixels, keeps, smooth))
        painter.setPen(QColor(theme.border))
        painter.drawRect(sheet)
        painter.end()

    def _image_of(self, picture: Picture) -> QImage:
        """Return the picture at 100 %, or as large as a preview needs, without its ground; the last one is kept."""
        if self._drawn is None or self._drawn[0] is not picture:
            scale = min(1.0, MOST_PREVIEWED / max(1.0, *picture.bounds[2:]))
            self._drawn = picture, as_image(picture, scale, transparent=True)
        return self._drawn[1]

    @staticmethod
    def _paint_pattern(painter: QPainter, sheet: QRectF, theme: Theme) -> None:
        """Paint the squares that stand for nothing."""
        painter.fillRect(sheet, QColor(theme.window))
        for row in range(int(sheet.height() / CHECK) + 1):
            for column in range(row % 2, int(sheet.width() / CHECK) + 1, 2):
                square = QRectF(sheet.left() + column * CHECK, sheet.top() + row * CHECK, CHECK, CHECK)
                painter.fillRect(square & sheet, QColor(theme.grid))
