"""Every command of the window, in one table: menus, toolbar, context menus and the shortcut sheet come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

from gradviz.graph import Leaf, targets_of, why_not_close, why_not_open
from gradviz.workspace import Workspace

CANVAS: tuple[str, ...] = ("canvas",)
STEPPING: tuple[str, ...] = ("canvas", "timeline")


@dataclass(frozen=True)
class Command:
    """One row: what a command is called, its keys, where it appears and what it needs.

    `keys` are in Qt's portable form (Ctrl is ⌘ on macOS), several of them joined by "; ". `places` are titles of
    menus ("File", or "View/Theme" for a menu within), "toolbar", and the context menus "canvas", "node" and "wire";
    a place that ends in "|" begins a new section. `needs` names one of `CONDITIONS` or `REASONS`. A command with
    `checks` is a switch. `within` names the widgets in which the keys work: lists and fields keep theirs. Without it
    they work everywhere.
    """

    id: str
    text: str
    keys: str = ""
    places: tuple[str, ...] = ()
    needs: str = ""
    sign: str = ""
    checks: bool = False
    within: tuple[str, ...] = ()


COMMANDS: tuple[Command, ...] = (
    Command("new", "New", "Ctrl+N", ("File", "toolbar"), sign="file-plus"),
    Command("open", "Open…", "Ctrl+O", ("File", "toolbar"), sign="folder-open"),
    Command("save", "Save", "Ctrl+S", ("File|", "toolbar"), sign="save"),
    Command("save_as", "Save As…", "Ctrl+Shift+S", ("File",)),
    Command("data_from_file", "Data from File…", "Ctrl+I", ("File|", "node", "canvas"), "leaf or nothing"),
    Command("export", "Export Picture…", "Ctrl+E", ("File|", "toolbar"), "nodes", "image-down"),
    Command("quit", "Quit", "Ctrl+Q", ("File|",)),
    Command("undo", "Undo", "Ctrl+Z", ("Edit", "toolbar|"), "undo", "undo-2"),
    Command("redo", "Redo", "Ctrl+Y; Ctrl+Shift+Z", ("Edit", "toolbar"), "redo", "redo-2"),
    Command("cut", "Cut", "Ctrl+X", ("Edit|", "node"), "selected nodes"),
    Command("copy", "Copy", "Ctrl+C", ("Edit", "node"), "selected nodes", "copy"),
    Command("paste", "Paste", "Ctrl+V", ("Edit", "canvas"), sign="clipboard-paste"),
    Command("duplicate", "Duplicate", "Ctrl+D", ("Edit", "node"), "selected nodes"),
    Command("delete", "Delete", "Delete; Backspace", ("Edit", "node", "wire"), "selection", "trash-2", within=CANVAS),
    Command("select_all", "Select All", "Ctrl+A", ("Edit|", "canvas"), "nodes"),
    Command("copy_picture", "Copy as Picture", "Ctrl+Shift+C", ("Edit", "canvas"), "nodes"),
    Command("copy_latex", "Copy Formula as LaTeX", "Ctrl+Alt+C", ("Edit",), "run"),
    Command("quick_add", "Add Operation…", "Tab", ("Graph", "canvas"), sign="search", within=CANVAS),
    Command("search_palette", "Search Palette", "Ctrl+F", ("Graph",)),
    Command("write_expression", "Write Expression", "=", ("Graph",), within=CANVAS),
    Command("data_set", "Data Set…", "", ("Graph", "canvas")),
    Command("rename", "Rename…", "F2", ("Graph|", "node|"), "one node"),
    Command("make_target", "Make Target", "T", ("Graph|", "node"), "one node", "target", within=CANVAS),
    Command("clear_target", "No Longer Target", "", ("Graph", "node"), "one chosen target"),
    Command("seed_ones", "Seed: Ones", "", ("Graph", "node"), "one target"),
    Command("seed_one_hot", "Seed: One-hot at First Cell", "", ("Graph", "node"), "one target"),
    Command("role_variable", "Role: Variable", "", ("Graph|", "node|"), "leaves"),
    Command("role_input", "Role: Input", "", ("Graph", "node"), "leaves"),
    Command("role_constant", "Role: Constant", "", ("Graph", "node"), "leaves"),
    Command("detach", "Detach Wires", "", ("Graph|", "node|"), "selected nodes"),
    Command("open_op", "Open Op", "O", ("Graph|", "node|"), "composition", within=CANVAS),
    Command("close_op", "Close into One Op", "Shift+O", ("Graph", "node"), "pieces", within=CANVAS),
    Command("tidy", "Tidy Layout", "Ctrl+L", ("Graph|", "canvas", "toolbar|"), "nodes", "network"),
    Command("play", "Play or Pause", "Space", ("Run",), "run", "play", within=STEPPING),
    Command("step_forward", "Step Forward", "Right", ("Run|",), "run", "step-forward", within=STEPPING),
    Command("step_back", "Step Back", "Left", ("Run",), "run", "step-back", within=STEPPING),
    Command("next_phase", "Next Phase", "Shift+Right", ("Run",), "run", within=STEPPING),
    Command("previous_phase", "Previous Phase", "Shift+Left", ("Run",), "run", within=STEPPING),
    Command("first", "First Moment", "Home", ("Run|",), "run", "skip-back", within=STEPPING),
    Command("last", "Last Moment", "End", ("Run",), "run", "skip-forward", within=STEPPING),
    Command("train", "Train or Pause", "F9", ("Run|",), "nodes"),
    Command("train_step", "One Training Step", "F10", ("Run",), "nodes"),
    Command("train_back", "Back One Training Step", "Shift+F9", ("Run",), "run"),
    Command("train_first", "Before the First Training Step", "Ctrl+F9", ("Run",), "run"),
    Command("show_chain_rule", "Explain This Step", "Ctrl+R", ("Run|",), "run"),
    Command("show_probe", "Nudge a Number", "N", ("Run",), "nodes", within=CANVAS),
    Command("fit", "Fit to View", "F", ("View", "toolbar", "canvas"), "nodes", "maximize", within=CANVAS),
    Command("zoom_in", "Zoom In", "Ctrl++; Ctrl+=", ("View",), sign="zoom-in"),
    Command("zoom_out", "Zoom Out", "Ctrl+-", ("View",), sign="zoom-out"),
    Command("zoom_whole", "Actual Size", "Ctrl+0", ("View",)),
    Command("theme_light", "Light", "", ("View/Theme",), checks=True),
    Command("theme_dark", "Dark", "", ("View/Theme",), checks=True),
    Command("theme_projector", "Projector", "", ("View/Theme",), checks=True),
    Command("next_theme", "Next Theme", "Ctrl+T", ("View|", "toolbar"), sign="sun"),
    Command("snap", "Snap to Grid", "", ("View|",), checks=True),
    Command("reduced_motion", "Reduced Motion", "", ("View",), checks=True),
    Command("shortcuts", "Keyboard Shortcuts", "F1", ("Help",), sign="keyboard"),
    Command("about", "About gradviz", "", ("Help",), sign="info"),
)

HANDS: tuple[tuple[str, str, str], ...] = (
    ("Mouse", "Drag from the palette", "Add an operation or a leaf where it is dropped"),
    ("Mouse", "Double-click in the palette", "Add it in the middle of the view"),
    ("Mouse", "Double-click on the canvas", "Add an operation by name"),
    ("Mouse", "Drag from a port", "Draw a wire; released over nothing it asks what to add there"),
    ("Mouse", "Drag a wire off an input", "Move it to another port, or drop it to detach"),
    ("Mouse", "Drag a node", "Move it, and what is selected with it"),
    ("Mouse", "Drag on the ground", "Select what the frame touches"),
    ("Mouse", "Shift or Ctrl and click", "Add to the selection, or take away"),
    ("Mouse", "Alt while dragging", "Do not snap to the grid"),
    ("Mouse", "Middle button, or Space, and drag", "Pan"),
    ("Mouse", "Wheel, or pinch", "Zoom at the pointer"),
    ("Mouse", "Two fingers on a touchpad", "Pan"),
    ("Mouse", "Point at a cell", "See what its number comes from, in all views"),
    ("Mouse", "Click a cell of a heatmap", "Make it the one of a one-hot seed"),
    ("Mouse", "Ctrl and wheel over a heatmap", "Zoom into it; a double click shows all of it"),
    ("Mouse", "Drop a .gradviz file", "Open it"),
    ("Mouse", "Drop a .csv, .npy or picture", "Read it into the leaf below, or into a new input there"),
    ("Mouse", "Click a curve of training", "Go to that step"),
    ("Keys", "Esc", "Cancel what is under way; leave a field"),
    ("Keys", "Alt+Shift and arrows", "Point at the cells of the selected node"),
    ("Keys", "Enter in the palette's search", "Add the best hit"),
    ("Keys", "Enter in the expression line", "Add the graph of the expression"),
    ("Keys", "Ctrl+C, Ctrl+V in a table", "Copy and paste a block of numbers"),
)
"""What mouse and keyboard do where no menu tells it: where, how, and what."""


def _all_leaves(workspace: Workspace) -> bool:
    nodes = workspace.document.nodes
    return bool(workspace.selection) and all(isinstance(nodes[name], Leaf) for name in workspace.selection)


def _is_target(workspace: Workspace) -> bool:
    """Tell whether the one selected node is a target: a chosen one, or the implied one where none was chosen."""
    return len(workspace.selection) == 1 and workspace.selection <= targets_of(workspace.document.computation).keys()


def _why_not_open(workspace: Workspace) -> str:
    if len(workspace.selection) != 1:
        return "Select one operation to see its pieces"
    return why_not_open(workspace.document, *workspace.selection)


def _why_not_close(workspace: Workspace) -> str:
    return why_not_close(workspace.document, workspace.selection)


REASONS: Mapping[str, Callable[[Workspace], str]] = {"composition": _why_not_open, "pieces": _why_not_close}
"""What a command may need that is not seen at a glance, and why it is missing: nothing where it is there."""

CONDITIONS: Mapping[str, Callable[[Workspace], bool]] = {
    "": lambda _workspace: True,
    "nodes": lambda workspace: bool(workspace.document.nodes),
    "selected nodes": lambda workspace: bool(workspace.selection),
    "selection": lambda workspace: bool(workspace.selection or workspace.selected_wires),
    "one node": lambda workspace: len(workspace.selection) == 1,
    "one chosen target": lambda workspace: (
        len(workspace.selection) == 1 and workspace.selection <= workspace.document.targets.keys()
    ),
    "one target": _is_target,
    "leaves": _all_leaves,
    "leaf or nothing": lambda workspace: (
        not workspace.selection or (len(workspace.selection) == 1 and _all_leaves(workspace))
    ),
    "run": lambda workspace: workspace.length > 0,
    "undo": lambda workspace: workspace.history.canUndo(),
    "redo": lambda workspace: workspace.history.canRedo(),
}
"""What else a command may need, and how to tell."""


def obstacle(command: Command, workspace: Workspace) -> str | None:
    """Return why a command cannot be had now, in words where that is not seen at a glance; None where it can."""
    if command.needs in REASONS:
        return REASONS[command.needs](workspace) or None
    return None if CONDITIONS[command.needs](workspace) else ""


def in_place(place: str) -> tuple[tuple[Command, bool], ...]:
    """Return the commands of a menu, toolbar or context menu, each with whether it begins a new section."""
    return tuple(
        (command, here.endswith("|"))
        for command in COMMANDS
        for here in command.places
        if here.removesuffix("|") == place
    )


def keys_as_text(keys: str) -> str:
    """Return keys as this system writes them, several of them joined by "or"."""
    native = QKeySequence.SequenceFormat.NativeText
    return "  or  ".join(QKeySequence(key).toString(native) for key in keys.split("; "))
