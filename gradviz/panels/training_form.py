"""How the document is trained, chosen and typed: each change is a step of undo, each refusal stands at its field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QMenu, QToolButton, QVBoxLayout, QWidget

from gradviz.errors import EditRefusedError, GradvizError
from gradviz.graph import Leaf, NodeId, refuse_rows, rows_of, set_training, training_of
from gradviz.ops import OPTIMISERS
from gradviz.panels.drafts import Draft, telling
from gradviz.panels.field import Field, tell_trouble, trouble_label
from gradviz.panels.forms import Choice, add_row, clear_rows, growing_form, put_in_tab_order
from gradviz.workspace import Workspace, named

WHOLE = ""
"""The owner of what is typed: the document as a whole."""


class TrainingForm(QWidget):
    """The optimiser with its settings, how many steps, and which examples they see."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit the training of the workspace's document."""
        super().__init__()
        self._workspace = workspace
        self.optimiser = Choice("plots.optimiser", self.tr("Optimiser"))
        for name, optimiser in OPTIMISERS.items():
            self.optimiser.addItem(name)
            self.optimiser.setItemData(self.optimiser.count() - 1, optimiser.doc, Qt.ItemDataRole.ToolTipRole)
        self.settings: dict[str, Field] = {}
        self._settings_form = growing_form()
        self.steps = self._field("steps", self.tr("Steps"), self.tr("How many steps Train takes"))
        self.batch = self._field(
            "batch", self.tr("Batch"), self.tr("Rows that a step sees; nothing for all of them"), "all"
        )
        self.held_out = self._field(
            "held_out", self.tr("Held out"), self.tr("The last rows, on which the loss is looked at but not trained")
        )
        self.data = named(QToolButton(), "plots.data")
        self.data.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.data.setToolTip(self.tr("The leaves whose rows are examples, a row of each being one"))
        self.data.setAccessibleName(self.tr("Leaves that hold examples"))
        self._menu = QMenu(self.data)
        self.data.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.shuffle = self._check("shuffle", self.tr("Shuffle rows in every round"))
        self.zeroes = self._check("zeroes_gradients", self.tr("Set gradients back to zero"))
        self.zeroes.setToolTip(self.tr("Without this, gradients pile up from step to step"))
        self.trouble = trouble_label("plots.trouble")
        self._lay_out()
        self.optimiser.textActivated.connect(lambda name: self._choose(optimiser=name))
        self.shuffle.clicked.connect(lambda on: self._choose(shuffle=0 if on else None))
        self.zeroes.clicked.connect(lambda on: self._choose(zeroes_gradients=on))
        workspace.document_changed.connect(lambda _before, _after: self.show_training())
        self.show_training()

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What is typed in the fields."""
        fields = (*self.settings.values(), self.steps, self.batch, self.held_out)
        return tuple(field.draft for field in fields)

    def settle(self) -> None:
        """Hand over what is typed and not confirmed yet."""
        for draft in self.drafts:
            draft.settle()

    def _field(self, name: str, title: str, tip: str, hint: str = "") -> Field:
        field = Field(f"plots.{name}", title, telling(self._workspace.told.emit, partial(self._take_whole, name)), tip)
        field.line.setPlaceholderText(hint)
        return field

    def _check(self, name: str, title: str) -> QCheckBox:
        box = named(QCheckBox(title), f"plots.{name}")
        box.setAccessibleName(title)
        return box

    def _lay_out(self) -> None:
        first, last = growing_form(), growing_form()
        add_row(first, self.tr("Optimiser"), self.optimiser)
        for title, field in (
            (self.tr("Steps"), self.steps),
            (self.tr("Examples"), self.data),
            (self.tr("Batch"), self.batch),
            (self.tr("Held out"), self.held_out),
        ):
            add_row(last, title, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(4)
        for part in (first, self._settings_form, last):
            part.setVerticalSpacing(4)
            column.addLayout(part)
        for box in (self.shuffle, self.zeroes, self.trouble):
            column.addWidget(box)
        column.addStretch(1)

    def show_training(self) -> None:
        """Show what holds for the document."""
        training = training_of(self._workspace.document)
        self.optimiser.setCurrentText(training.optimiser)
        self.optimiser.setToolTip(OPTIMISERS[training.optimiser].doc)
        self._show_settings(training.optimiser, training.settings)
        self.steps.draft.show(WHOLE, str(training.steps))
        self.batch.draft.show(WHOLE, "" if training.batch is None else str(training.batch))
        self.held_out.draft.show(WHOLE, str(training.held_out))
        self.shuffle.setChecked(training.shuffle is not None)
        self.zeroes.setChecked(training.zeroes_gradients)
        self.data.setText(", ".join(training.data) or self.tr("all of every leaf"))
        for widget in (self.batch, self.held_out, self.shuffle):
            widget.setEnabled(bool(training.data))
        tell_trouble(self.trouble, self._rows_trouble(training.data))

    def _rows_trouble(self, data: tuple[NodeId, ...]) -> str:
        """Return why the examples do not go together as they are now; nothing where they do."""
        try:
            refuse_rows(training_of(self._workspace.document), rows_of(self._workspace.document, data))
        except EditRefusedError as error:
            return str(error)
        return ""

    def _show_settings(self, optimiser: str, settings: Mapping[str, float]) -> None:
        params = OPTIMISERS[optimiser].settings
        if tuple(params) != tuple(self.settings):
            clear_rows(self._settings_form)
            told = self._workspace.told.emit
            self.settings = {
                name: Field(f"plots.{name}", name, telling(told, partial(self._take_setting, name)), param.doc)
                for name, param in params.items()
            }
            for name, field in self.settings.items():
                add_row(self._settings_form, name, field)
            put_in_tab_order(self.optimiser, (*self.settings.values(), self.steps))
        for name, field in self.settings.items():
            field.draft.show(WHOLE, f"{settings[name]:g}" if name in settings else "")

    # Leaves that hold examples

    def _fill_menu(self) -> None:
        """List the leaves that have rows."""
        self._menu.clear()
        chosen = training_of(self._workspace.document).data
        nodes = self._workspace.document.nodes
        for name, leaf in nodes.items():
            if isinstance(leaf, Leaf) and leaf.role != "variable" and leaf.value.ndim:
                rows = self.tr("{name}: {count:,} rows").format(name=name, count=len(leaf.value))
                action = self._menu.addAction(rows.replace("&", "&&"), partial(self._switch, name))
                action.setCheckable(True)
                action.setChecked(name in chosen)
        if self._menu.isEmpty():
            self._menu.addAction(self.tr("No input or constant has rows")).setEnabled(False)

    def _switch(self, name: NodeId) -> None:
        chosen = training_of(self._workspace.document).data
        data = tuple(each for each in chosen if each != name) if name in chosen else (*chosen, name)
        self._choose(data=data, **({} if data else {"batch": None, "held_out": 0, "shuffle": None}))

    # What is typed or chosen

    def _choose(self, **changes: Any) -> None:
        """Take what was chosen, or say why not and show again what holds."""
        trouble = ""
        try:
            self._set(**changes)
        except GradvizError as error:
            trouble = str(error)
        self.show_training()
        if trouble:
            tell_trouble(self.trouble, trouble)

    def _set(self, **changes: Any) -> None:
        self._workspace.apply(self.tr("Change training"), set_training, **changes)

    def _take_whole(self, name: str, _owner: str, text: str) -> None:
        typed = text.strip()
        if name == "batch" and typed in {"", "all", self.tr("all")}:
            self._set(batch=None)
            return
        try:
            number = int(typed.replace(",", "").replace("_", ""))
        except ValueError:
            sentence = "{typed} is no whole number"
            raise EditRefusedError(sentence, typed=f'"{typed[:40]}"' if typed else self.tr("nothing")) from None
        self._set(**{name: number})

    def _take_setting(self, name: str, _owner: str, text: str) -> None:
        training = training_of(self._workspace.document)
        try:
            number = float(text.strip().replace("−", "-"))
        except ValueError:
            raise EditRefusedError("{typed} is no number", typed=f'"{text.strip()[:40]}"') from None
        self._set(settings={**training.settings, name: number})
