"""Editing a leaf: role, dtype, shape, recipe, typed or pasted values, and a table of its numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from gradviz.errors import FormatError, GradvizError
from gradviz.formats import RECIPES, make_tensor, parse_array
from gradviz.graph import LIMITS, ROLES, Array, Leaf, NodeId, Recipe, Tensor, set_role, set_tensor
from gradviz.ops import DTYPES
from gradviz.panels.param_editors import show_problem
from gradviz.panels.tensor_table import TensorTable
from gradviz.workspace import Workspace, named

TYPED = "typed"
"""What the choice of recipes says for a tensor that no recipe made."""

MOST_IN_FIELD = 64
"""A tensor of more numbers is not repeated in the field for typed values."""


class LeafEditor(QWidget):
    """The fields of one leaf; each edit is one step of undo."""

    def __init__(self, workspace: Workspace) -> None:
        """Edit leaves of the workspace's document."""
        super().__init__()
        self._workspace = workspace
        self._node: NodeId = ""
        self._leaf: Leaf | None = None
        self.role, self.dtype, self.recipe = QComboBox(), QComboBox(), QComboBox()
        self.role.addItems(ROLES)
        self.dtype.addItems([dtype.name for dtype in DTYPES])
        self.recipe.addItems([TYPED, *RECIPES])
        self.shape, self.values = QLineEdit(), QLineEdit()
        self.values.setPlaceholderText("1 2; 3 4")
        self.table = TensorTable(self._take_array, workspace.told.emit, "inspector.table")
        self._arguments = QFormLayout()
        self._lay_out()
        self.role.textActivated.connect(self._set_role)
        self.dtype.textActivated.connect(lambda _name: self._remake())
        self.recipe.textActivated.connect(lambda _kind: self._remake())
        self.shape.editingFinished.connect(self._set_shape)
        self.values.editingFinished.connect(self._set_values)

    def _lay_out(self) -> None:
        form = QFormLayout()
        for title, field, name in (
            (self.tr("Role"), self.role, "role"),
            (self.tr("Dtype"), self.dtype, "dtype"),
            (self.tr("Shape"), self.shape, "shape"),
            (self.tr("Recipe"), self.recipe, "recipe"),
        ):
            form.addRow(title, named(field, f"inspector.{name}"))
            field.setAccessibleName(title)
        self.shape.setToolTip(self.tr("Sizes of the axes, such as 2, 3; nothing for a scalar"))
        values = QFormLayout()
        values.addRow(self.tr("Values"), named(self.values, "inspector.values"))
        self.values.setAccessibleName(self.tr("Values"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (form, self._arguments, values):
            column.addLayout(part)
        column.addWidget(self.table)

    def show_leaf(self, node: NodeId, leaf: Leaf) -> None:
        """Show a leaf, as it is now."""
        if node == self._node and leaf is self._leaf:
            return
        self._node, self._leaf = node, leaf
        array, recipe = leaf.value, leaf.tensor.recipe
        self.role.setCurrentText(leaf.role)
        self.dtype.setCurrentText(array.dtype.name)
        self.shape.setText(", ".join(map(str, array.shape)))
        self.recipe.setCurrentText(recipe.kind if recipe else TYPED)
        self.values.setText(_as_typed(array))
        for field in (self.shape, self.values):
            show_problem(field, None)
        self._show_arguments(recipe)
        self.table.show_array(array)
        self.table.setVisible(array.size > 0)

    def _show_arguments(self, recipe: Recipe | None) -> None:
        while self._arguments.rowCount():
            self._arguments.removeRow(0)
        if recipe is None or recipe.kind not in RECIPES:
            return
        for name, default in RECIPES[recipe.kind].items():
            field = _number_field(name, recipe.arguments.get(name, default), whole=isinstance(default, int))
            field.setAccessibleName(name)
            field.editingFinished.connect(lambda field=field, name=name: self._set_argument(name, field.value()))
            self._arguments.addRow(name, named(field, f"inspector.recipe.{name}"))

    def _set_role(self, role: str) -> None:
        self._workspace.edit(self.tr("Change role"), set_role, self._node, role)

    def _set_argument(self, name: str, value: float) -> None:
        recipe = self._leaf.tensor.recipe if self._leaf else None
        if recipe is not None and recipe.arguments.get(name, RECIPES[recipe.kind][name]) != value:
            self._make(Recipe(recipe.kind, {**recipe.arguments, name: value}))

    def _remake(self) -> None:
        """Make the tensor anew after another dtype or recipe was chosen."""
        if self._leaf is None:
            return
        kind, dtype = self.recipe.currentText(), np.dtype(self.dtype.currentText())
        before = self._leaf.tensor.recipe
        if kind != TYPED:
            self._make(before if before is not None and before.kind == kind else Recipe(kind))
        elif dtype != self._leaf.value.dtype:
            self._take(self.tr("Change dtype"), lambda leaf: Tensor(_cast(leaf.value, dtype)))
        elif before is not None:
            self._take(self.tr("Keep as typed values"), lambda leaf: Tensor(leaf.value))

    def _make(self, recipe: Recipe) -> None:
        dtype = np.dtype(self.dtype.currentText())
        self._take(self.tr("Change recipe"), lambda leaf: make_tensor(recipe, leaf.value.shape, dtype))

    def _set_shape(self) -> None:
        if self._leaf is None or self.shape.text() == ", ".join(map(str, self._leaf.value.shape)):
            return
        self._take(self.tr("Change shape"), lambda leaf: _reshaped(leaf.tensor, self.shape.text()), self.shape)

    def _set_values(self) -> None:
        if self._leaf is None or self.values.text() in {_as_typed(self._leaf.value), ""}:
            return
        dtype = self._leaf.value.dtype
        self._take(self.tr("Type values"), lambda _leaf: Tensor(parse_array(self.values.text(), dtype)), self.values)

    def _take_array(self, array: Array) -> None:
        self._take(self.tr("Edit numbers"), lambda _leaf: Tensor(array))

    def _take(self, label: str, make: Any, field: QLineEdit | None = None) -> None:
        """Put the tensor that `make` gives into the leaf, or say at the field what is wrong."""
        if self._leaf is None:
            return
        try:
            self._workspace.apply(label, set_tensor, self._node, make(self._leaf))
        except GradvizError as error:
            if field is not None:
                show_problem(field, str(error))
            self._workspace.told.emit(str(error))
            self._restore_choices()

    def _restore_choices(self) -> None:
        if self._leaf is not None:
            self.dtype.setCurrentText(self._leaf.value.dtype.name)
            self.recipe.setCurrentText(self._leaf.tensor.recipe.kind if self._leaf.tensor.recipe else TYPED)


def _number_field(name: str, value: float, *, whole: bool) -> QSpinBox | QDoubleSpinBox:
    if whole:
        field = QSpinBox()
        field.setRange(0 if name == "seed" else -(2**31), 2**31 - 1)
        field.setValue(int(value))
        return field
    number = QDoubleSpinBox()
    number.setDecimals(6)
    number.setRange(0.0 if name == "std" else -1e9, 1e9)
    number.setValue(float(value))
    return number


def _as_typed(array: Array) -> str:
    """Return a small tensor as a person would type it; nothing for a large one."""
    if array.size > MOST_IN_FIELD or array.size == 0:
        return ""
    if array.ndim <= 2:
        return "; ".join(" ".join(str(item).lower() for item in row) for row in np.atleast_2d(array))
    return str(array.tolist())


def _cast(array: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind in "iu" and array.dtype.kind == "f":
        bounds = np.iinfo(dtype)
        if not np.all(np.isfinite(array)) or np.any(array < bounds.min) or np.any(array > bounds.max):
            raise FormatError("some of these numbers do not fit into {dtype}", dtype=dtype)
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def _reshaped(tensor: Tensor, text: str) -> Tensor:
    """Return a tensor of the typed shape: made anew by its recipe, rearranged, or cut and filled up with zeros."""
    shape = _read_shape(text)
    if tensor.recipe is not None:
        return make_tensor(tensor.recipe, shape, tensor.array.dtype)
    if math.prod(shape) == tensor.array.size:
        return Tensor(tensor.array.reshape(shape))
    filled = np.zeros(shape, tensor.array.dtype)
    if len(shape) == tensor.array.ndim:
        common = tuple(slice(min(new, old)) for new, old in zip(shape, tensor.array.shape, strict=True))
        filled[common] = tensor.array[common]
    else:
        flat = min(filled.size, tensor.array.size)
        filled.reshape(-1)[:flat] = tensor.array.reshape(-1)[:flat]
    return Tensor(filled)


def _read_shape(text: str) -> tuple[int, ...]:
    words = text.replace("(", " ").replace(")", " ").replace("×", " ").replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and len(word) < 12 for word in words):
        raise FormatError("a shape is sizes from 0, such as 2, 3 (nothing for a scalar), not {text!r}", text=text)
    shape = tuple(int(word) for word in words)
    if math.prod(shape) > LIMITS.elements or len(shape) > 32:
        raise FormatError("{shape} is too large: at most {most:,} numbers", shape=shape, most=LIMITS.elements)
    return shape
