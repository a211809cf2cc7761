"""One editor per parameter of an op: a switch, a choice, or a field that says what is wrong with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from gradviz.errors import GradvizError
from gradviz.formats import read_param, write_param
from gradviz.ops import DTYPES, Param
from gradviz.workspace import named

Change = Callable[[str, Any], str | None]
"""Takes a parameter's name and new value (JSON); returns why it was refused, or None."""


def editor_for(name: str, param: Param, value: Any, change: Change) -> QWidget:
    """Return the editor of one parameter, showing `value` (canonical)."""
    if param.kind == "flag":
        editor: QWidget = _switch(name, value, change)
    elif param.kind == "choice":
        editor = _choice(name, param.choices, value, change)
    elif param.kind == "dtype":
        editor = _choice(name, tuple(dtype.name for dtype in DTYPES), value, change)
    else:
        editor = ParamField(name, param, value, change)
    editor.setAccessibleName(name)
    editor.setToolTip(param.doc)
    return named(editor, f"inspector.param.{name}")


def _switch(name: str, value: Any, change: Change) -> QCheckBox:
    box = QCheckBox()
    box.setChecked(bool(value))
    box.toggled.connect(lambda is_on: change(name, is_on))
    return box


def _choice(name: str, choices: tuple[str, ...], value: Any, change: Change) -> QComboBox:
    box = QComboBox()
    box.addItems(choices)
    box.setCurrentText(str(value))
    box.textActivated.connect(lambda text: change(name, text))
    return box


class ParamField(QLineEdit):
    """A field that takes what was typed on Enter, or on leaving it; what does not do is marked and told."""

    def __init__(self, name: str, param: Param, value: Any, change: Change) -> None:
        """Show `value` as a person would type it."""
        super().__init__(write_param(param, value))
        self._name, self._param, self._change = name, param, change
        self._taken = self.text()
        self.setPlaceholderText(self.tr("none") if param.optional else "")
        self.editingFinished.connect(self._take)

    def _take(self) -> None:
        if self.text() == self._taken:
            return
        self._taken = self.text()
        try:
            problem = self._change(self._name, read_param(self._param, self.text()))
        except GradvizError as error:
            problem = str(error)
        show_problem(self, problem, self._param.doc)


def show_problem(field: QLineEdit, problem: str | None, tip: str = "") -> None:
    """Mark a field with ✗ and the sentence of a refusal, or take the mark away."""
    for action in field.actions():
        if action.objectName() == "problem":
            field.removeAction(action)
    field.setToolTip(problem or tip)
    field.setProperty("problem", problem or "")
    if problem:
        mark = field.addAction(
            field.style().standardIcon(field.style().StandardPixmap.SP_MessageBoxWarning),
            field.ActionPosition.TrailingPosition,
        )
        mark.setObjectName("problem")
        mark.setToolTip(problem)
