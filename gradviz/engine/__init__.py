"""How it runs: forward, the backward sweep, and the tape that records both; compiled code; derivatives. Pure functions.

`run` records a document's run: frames (what happens, one record each) on a tape. `Tape.at` shows any moment of it:
values, gradients in their four states with the reasons, contributions and totals. `describe` tells a frame in words.

`compile_plan` makes one straight NumPy function of a plan, without frames, for what runs again and again.
`gradcheck` holds the sweep against finite differences. `differentiate` gives the gradient as a document; `jacobian` and
`jvp` (forward mode) follow from the same rules.

Recording    `run`: `forward`, then `backward` over the `paths` that gradients can take; `arrays`, `failures`, `memory`;
             `renaming` without running again
The tape     `frames` on a `tape`, indexed by the `ledger`, seen at a `moment`; sentences are `telling`, with `numbers`
Asking why   what is `kept` by a node and by a run (`keeping`), `zeros`, `cautions`; what a cell comes from (`links`,
             `weaving`); where broadcasting is `stretching`; a step's `chain_rule` with its `chain_terms` and
             `chain_numbers`, its line of NumPy (`step_program`), its Jacobian (`lens`), by rules shared by `rule_keys`
Compiling    `compiled`: a plan made `straight`, `lowering` each call to `kernels` or Python's `floats`, a `sheet` of
             lines, `emitting` source, `binding` arguments, `recording` on demand; `by_rules` where that cannot be
Derivatives  `differentiate`, by `pulling` gradients back as nodes, `simplifying`, `naming_gradients`; `forward_mode`,
             `jacobian`, `directions`; `evaluating` without frames; what is `valueless` is refused
Checking     `gradcheck`, by `slopes` and `nudging`; `probe`, the same for one cell in one hand
Training     `training` step by step, on `rows` of the data, with its `history` and `history_cautions`
"""

from gradviz.engine.arrays import is_zero
from gradviz.engine.backward import seed_for, sweep
from gradviz.engine.cautions import Caution, cautions_of
from gradviz.engine.chain_rule import ChainRule, chain_rule_of, result_of
from gradviz.engine.chain_terms import RuleLine, RuleTerm
from gradviz.engine.compiled import Compiled, Result, compile_plan
from gradviz.engine.differentiate import differentiate
from gradviz.engine.directions import Followed, Passes, follow, inner, passes_of
from gradviz.engine.forward import forward
from gradviz.engine.forward_mode import Jvp, jvp
from gradviz.engine.frames import Blocked, Clear, Compute, Frame, Seed, Send, Settle, Update
from gradviz.engine.gradcheck import (
    CELLS,
    TOLERANCE,
    CellCheck,
    ErrorCurve,
    GradCheck,
    LeafCheck,
    error_curve,
    gradcheck,
)
from gradviz.engine.history import History, train
from gradviz.engine.history_cautions import cautions_of_history
from gradviz.engine.jacobian import JACOBIAN_LIMIT, jacobian
from gradviz.engine.keeping import Keeping, Kept, keeping_of
from gradviz.engine.lens import Lens, lens_of
from gradviz.engine.links import Link, links_of
from gradviz.engine.moment import Gradient, Moment, Run, State
from gradviz.engine.numbers import show_number
from gradviz.engine.paths import no_gradient_of
from gradviz.engine.probe import Nudged, Probe, probe, tell_step
from gradviz.engine.recording import Recording
from gradviz.engine.run import GivenSeed, Targets, run
from gradviz.engine.stretching import stretched_axes
from gradviz.engine.tape import Tape
from gradviz.engine.telling import Telling, describe, kept_names, listed, show_axes, show_tensor, tell
from gradviz.engine.training import Iteration, Standing, Trainer, record_step
from gradviz.engine.weaving import Factor, Term, Weave, term_text, weave

__all__ = [
    "CELLS",
    "JACOBIAN_LIMIT",
    "TOLERANCE",
    "Blocked",
    "Caution",
    "CellCheck",
    "ChainRule",
    "Clear",
    "Compiled",
    "Compute",
    "ErrorCurve",
    "Factor",
    "Followed",
    "Frame",
    "GivenSeed",
    "GradCheck",
    "Gradient",
    "History",
    "Iteration",
    "Jvp",
    "Keeping",
    "Kept",
    "LeafCheck",
    "Lens",
    "Link",
    "Moment",
    "Nudged",
    "Passes",
    "Probe",
    "Recording",
    "Result",
    "RuleLine",
    "RuleTerm",
    "Run",
    "Seed",
    "Send",
    "Settle",
    "Standing",
    "State",
    "Tape",
    "Targets",
    "Telling",
    "Term",
    "Trainer",
    "Update",
    "Weave",
    "cautions_of",
    "cautions_of_history",
    "chain_rule_of",
    "compile_plan",
    "describe",
    "differentiate",
    "error_curve",
    "follow",
    "forward",
    "gradcheck",
    "inner",
    "is_zero",
    "jacobian",
    "jvp",
    "keeping_of",
    "kept_names",
    "lens_of",
    "links_of",
    "listed",
    "no_gradient_of",
    "passes_of",
    "probe",
    "record_step",
    "result_of",
    "run",
    "seed_for",
    "show_axes",
    "show_number",
    "show_tensor",
    "stretched_axes",
    "sweep",
    "tell",
    "tell_step",
    "term_text",
    "train",
    "weave",
]
