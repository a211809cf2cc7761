"""What is open now: the document, its run, the playhead, the selection and the history of edits."""

from gradviz.workspace.clipboard import OP_MIME, copied_nodes, copy_nodes, dragged_op, op_data
from gradviz.workspace.jobs import Jobs
from gradviz.workspace.leaves import DATA, LEAVES, LeafEntry, fresh_seed, leaf_entry, search_entries
from gradviz.workspace.named import named
from gradviz.workspace.player import Player
from gradviz.workspace.pointing import Pointed, Pointing, Spot, frame_of, tensor_of
from gradviz.workspace.practice import Practice
from gradviz.workspace.settings import SPEEDS, Settings
from gradviz.workspace.workspace import Motion, Workspace

__all__ = [
    "DATA",
    "LEAVES",
    "OP_MIME",
    "SPEEDS",
    "Jobs",
    "LeafEntry",
    "Motion",
    "Player",
    "Pointed",
    "Pointing",
    "Practice",
    "Settings",
    "Spot",
    "Workspace",
    "copied_nodes",
    "copy_nodes",
    "dragged_op",
    "frame_of",
    "fresh_seed",
    "leaf_entry",
    "named",
    "op_data",
    "search_entries",
    "tensor_of",
]
