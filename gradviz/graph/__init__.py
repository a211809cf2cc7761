"""What a document is: nodes, wires and targets that a person edits, and what follows from them without computing.

`model` holds the data, immutable: `tensors` and all. Edits are pure functions `Document -> Document`.

Edits       nodes (`edits`), wires (`wiring`), what a node holds (`contents`), `targets` and their `seeds`, `training`,
            `places`, copies (`fragments`), whole documents (`building`); for all of them `naming` and `refusals`
Opening     an op into its pieces and back (`opening`, `making_room` for them): a rule as nodes (`pieces`), ops that are
            `compositions`, and which op some nodes make up (`recognising`, `guessing` its params)
Following   the graph and its order (`dag`), nodes' `ports`, shapes and problems (`check`, within `limits`), the line
            of steps that a run walks (`plan`), whether a wire would fit (`connecting`), whether a run is stale
            (`difference`); `remembering` keeps such answers
Tidying up  where nodes go (`arrange`), by columns: `layering`, `ordering`, `levelling`; where wires pass (`passing`)
"""

from gradviz.graph.arrange import arrange
from gradviz.graph.building import build
from gradviz.graph.check import Problem, Report, check, problem_of
from gradviz.graph.compositions import steps_of
from gradviz.graph.connecting import compatible_sources, connection_problem
from gradviz.graph.contents import set_cell, set_params, set_role, set_tensor, set_tensors, starting_params
from gradviz.graph.dag import ancestors, descendants, graph_of, order, reaches, sinks, sources_of, targets_of
from gradviz.graph.difference import computes_alike, renaming
from gradviz.graph.edits import add_leaf, add_node, remove, rename, set_document_note, set_note, set_title, tensor_for
from gradviz.graph.fragments import duplicate, extract, insert
from gradviz.graph.limits import LIMITS, Limits
from gradviz.graph.model import (
    ROLES,
    Array,
    Computation,
    Document,
    Leaf,
    Node,
    NodeId,
    OneHot,
    Place,
    Port,
    Recipe,
    Role,
    Seed,
    Tensor,
    Training,
)
from gradviz.graph.naming import fresh_name, is_valid_name, next_name, refuse_bad_name, stem_of
from gradviz.graph.opening import fold, unfold, why_not_close, why_not_open
from gradviz.graph.passing import reach_of
from gradviz.graph.pieces import Pieces
from gradviz.graph.places import GAP, USUAL_SIZE, free_place, move
from gradviz.graph.plan import Plan, Step, plan_for
from gradviz.graph.ports import op_of, ports_of
from gradviz.graph.refusals import leaf_at
from gradviz.graph.seeds import as_seed, seed_error
from gradviz.graph.targets import add_target, clear_target, set_seed, set_target
from gradviz.graph.tensors import are_same_bits, as_tensor, is_cell, with_cell
from gradviz.graph.training import (
    MOST_STEPS,
    canonical_training,
    refuse_rows,
    rows_of,
    set_training,
    training_of,
)
from gradviz.graph.wiring import connect, detach, disconnect, next_port, remove_slot, set_slots

__all__ = [
    "GAP",
    "LIMITS",
    "MOST_STEPS",
    "ROLES",
    "USUAL_SIZE",
    "Array",
    "Computation",
    "Document",
    "Leaf",
    "Limits",
    "Node",
    "NodeId",
    "OneHot",
    "Pieces",
    "Place",
    "Plan",
    "Port",
    "Problem",
    "Recipe",
    "Report",
    "Role",
    "Seed",
    "Step",
    "Tensor",
    "Training",
    "add_leaf",
    "add_node",
    "add_target",
    "ancestors",
    "are_same_bits",
    "arrange",
    "as_seed",
    "as_tensor",
    "build",
    "canonical_training",
    "check",
    "clear_target",
    "compatible_sources",
    "computes_alike",
    "connect",
    "connection_problem",
    "descendants",
    "detach",
    "disconnect",
    "duplicate",
    "extract",
    "fold",
    "free_place",
    "fresh_name",
    "graph_of",
    "insert",
    "is_cell",
    "is_valid_name",
    "leaf_at",
    "move",
    "next_name",
    "next_port",
    "op_of",
    "order",
    "plan_for",
    "ports_of",
    "problem_of",
    "reach_of",
    "reaches",
    "refuse_bad_name",
    "refuse_rows",
    "remove",
    "remove_slot",
    "rename",
    "renaming",
    "rows_of",
    "seed_error",
    "set_cell",
    "set_document_note",
    "set_note",
    "set_params",
    "set_role",
    "set_seed",
    "set_slots",
    "set_target",
    "set_tensor",
    "set_tensors",
    "set_title",
    "set_training",
    "sinks",
    "sources_of",
    "starting_params",
    "stem_of",
    "steps_of",
    "targets_of",
    "tensor_for",
    "training_of",
    "unfold",
    "why_not_close",
    "why_not_open",
    "with_cell",
]
