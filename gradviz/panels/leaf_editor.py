"""Editing a leaf: role, dtype, shape, recipe, typed or pasted values, and a table of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gradviz.errors import FormatError, GradvizError
from gradviz.formats import RECIPES, make_tensor
from gradviz.graph import ROLES, Array, Document, Leaf, NodeId, Recipe, Tensor, set_role, set_tensor
from gradviz.ops import DTYPES
from gradviz.panels.drafts import Draft, telling
from gradviz.panels.field import Field, Lines, tell_trouble, trouble_label
from gradviz.panels.forms import Choice, add_row, clear_rows, growing_form, put_in_tab_order
from gradviz.panels.leaf_tensors import MOST_TYPED, as_typed, cast, reshaped, typed, with_argument, write_shape
from gradviz.panels.slices import SliceBar
from gradviz.panels.tensor_table import TensorTable
from gradviz.workspace import Workspace, named

TYPED = "typed values"
"""What the choice of recipes says for a tensor that no recipe made."""

Make = Callable[[Tensor], Tensor]


class LeafEditor(QWidget):
    """The fields of one leaf; each edit is one step of undo. `file_wanted` asks to read its tensor from a file."""

    file_wanted = Signal()

    def __init__(self, workspace: Workspace, slices: SliceBar) -> None:
        """Edit leaves of the workspace's document; `slices` chooses what the table shows."""
        super().__init__()
        self._workspace = workspace
        self._node: NodeId = ""
        self._leaf: Leaf | None = None
        self.role = Choice("inspector.role", self.tr("Role"), self.tr("Whether it gets a gradient"))
        self.dtype = Choice("inspector.dtype", self.tr("Dtype"))
        self.recipe = Choice("inspector.recipe", self.tr("Recipe"), self.tr("How its numbers are made"))
        self.role.addItems(ROLES)
        self.dtype.addItems([dtype.name for dtype in DTYPES])
        self.recipe.addItems([TYPED, *RECIPES])
        tip = self.tr("Sizes of the axes, such as 2, 3; nothing for a scalar")
        self.shape = Field("inspector.shape", self.tr("Shape"), telling(workspace.told.emit, self._set_shape), tip)
        self.shape.line.setPlaceholderText(self.tr("scalar"))
        self.trouble = trouble_label("inspector.leaf.trouble")
        tip = self.tr("Rows of numbers, typed or pasted; Enter takes them, Shift+Enter begins a row")
        self.values = Lines("inspector.values", self.tr("Values"), telling(workspace.told.emit, self._set_values), tip)
        self.table = TensorTable(slices, self._set_array, partial(tell_trouble, self.trouble), "inspector.table")
        self.from_file = named(QPushButton(self.tr("From File…")), "inspector.from_file")
        self.from_file.setAccessibleName(self.tr("Tensor from a file"))
        self.from_file.setToolTip(self.tr("Read a table (.csv), a NumPy array (.npy) or a picture into this leaf"))
        self.from_file.setAutoDefault(False)
        self.from_file.clicked.connect(self.file_wanted)
        self._arguments: dict[str, Field] = {}
        self._arguments_form = growing_form()
        self._lay_out()
        self.role.textActivated.connect(self._set_role)
        self.dtype.textActivated.connect(self._set_dtype)
        self.recipe.textActivated.connect(self._set_recipe)

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """What is typed in the fields."""
        return (self.shape.draft, self.values.draft, *(field.draft for field in self._arguments.values()))

    def settle(self) -> None:
        """Hand over what is typed in a cell of the table."""
        self.table.settle()

    def _lay_out(self) -> None:
        form = growing_form()
        for title, field in (
            (self.tr("Role"), self.role),
            (self.tr("Dtype"), self.dtype),
            (self.tr("Shape"), self.shape),
            (self.tr("Recipe"), self.recipe),
        ):
            add_row(form, title, field)
        values = growing_form()
        add_row(values, self.tr("Values"), self.values)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (form, self._arguments_form, values):
            column.addLayout(part)
        for widget in (self.from_file, self.trouble, self.table):
            column.addWidget(widget)

    def show_leaf(self, node: NodeId, leaf: Leaf) -> None:
        """Show a leaf, as it is now."""
        if (node, leaf) != (self._node, self._leaf):
            tell_trouble(self.trouble, "")
        self._node, self._leaf = node, leaf
        array, recipe = leaf.value, leaf.tensor.recipe
        self.role.setCurrentText(leaf.role)
        self.dtype.setCurrentText(array.dtype.name)
        self.recipe.setCurrentText(recipe.kind if recipe else TYPED)
        self.shape.draft.show(node, write_shape(array.shape))
        self.values.draft.show(node, as_typed(array))
        self.values.suggest(
            self.tr("{count:,} numbers: type or paste others").format(count=array.size)
            if array.size > MOST_TYPED
            else self.tr("1 2 3")
        )
        self._show_arguments(node, recipe)
        self.table.show_array(array)
        self.table.setVisible(array.size > 0)

    def _show_arguments(self, node: NodeId, recipe: Recipe | None) -> None:
        known = RECIPES.get(recipe.kind, {}) if recipe else {}
        if tuple(known) != tuple(self._arguments):
            clear_rows(self._arguments_form)
            told = self._workspace.told.emit
            takes = {name: telling(told, partial(self._set_argument, name)) for name in known}
            self._arguments = {name: Field(f"inspector.recipe.{name}", name, take) for name, take in takes.items()}
            for name, field in self._arguments.items():
                add_row(self._arguments_form, name, field)
            put_in_tab_order(self.recipe, self._arguments.values())
        for name, field in self._arguments.items():
            value = recipe.arguments.get(name, known[name]) if recipe else ""
            field.draft.show(node, str(value).removesuffix(".0"))

    # What is typed or chosen

    def _set_role(self, role: str) -> None:
        self._workspace.edit(self.tr("Change role"), set_role, self._node, role)

    def _set_shape(self, node: NodeId, text: str) -> None:
        self._remake(self.tr("Change shape"), node, lambda tensor: reshaped(tensor, text))

    def _set_values(self, node: NodeId, text: str) -> None:
        if text.strip():
            self._remake(self.tr("Type values"), node, lambda tensor: typed(tensor, text))

    def _set_argument(self, name: str, node: NodeId, text: str) -> None:
        def make(tensor: Tensor) -> Tensor:
            recipe = tensor.recipe
            if recipe is None or name not in RECIPES.get(recipe.kind, {}):
                return tensor  # it was replaced while its argument was typed
            is_whole = isinstance(RECIPES[recipe.kind][name], int)
            changed = with_argument(recipe, name, text, is_whole=is_whole)
            return make_tensor(changed, tensor.array.shape, tensor.array.dtype)

        self._remake(self.tr("Change {name}").format(name=name), node, make)

    def _set_dtype(self, name: str) -> None:
        self._choose(self.tr("Change dtype"), lambda tensor: cast(tensor, np.dtype(name)))

    def _set_recipe(self, kind: str) -> None:
        def make(tensor: Tensor) -> Tensor:
            if kind == TYPED:
                return Tensor(tensor.array)
            if tensor.recipe is not None and tensor.recipe.kind == kind:
                return tensor
            return make_tensor(Recipe(kind), tensor.array.shape, tensor.array.dtype)

        self._choose(self.tr("Change recipe"), make)

    def _set_array(self, array: Array) -> None:
        self._choose(self.tr("Edit numbers"), lambda _tensor: Tensor(array))

    def _choose(self, label: str, make: Make) -> None:
        """Put another tensor into the leaf, or tell why not and show again what holds."""
        trouble = ""
        try:
            self._remake(label, self._node, make)
        except GradvizError as error:
            trouble = str(error)
        leaf = self._workspace.document.nodes.get(self._node)
        if trouble and isinstance(leaf, Leaf):
            self.show_leaf(self._node, leaf)
        tell_trouble(self.trouble, trouble)

    def _remake(self, label: str, node: NodeId, make: Make) -> None:
        """Put the tensor that `make` makes of the present one into a leaf; raises `GradvizError` where it cannot be."""

        def change(document: Document) -> Document:
            leaf = document.nodes.get(node)
            if not isinstance(leaf, Leaf):
                return document  # it was removed while something was typed for it
            try:
                return set_tensor(document, node, make(leaf.tensor))
            except MemoryError:
                raise FormatError("there is not enough memory for this") from None

        self._workspace.apply(label, change)
