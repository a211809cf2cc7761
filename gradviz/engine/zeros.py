"""Why a gradient is zero: the reason that a learner asks for, from the op that made it so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from gradviz.engine.arrays import is_zero
from gradviz.engine.frames import Send
from gradviz.engine.kept import kept_by
from gradviz.engine.ledger import Deposits, Ledger
from gradviz.engine.telling import show_axes
from gradviz.graph import NodeId, Step
from gradviz.ops import Array, sum_to_shape, told_name

_TOLD: Final = 3
_TOO_SMALL: Final = "it is too small for {dtype}, which rounds it to 0"


def why_zero(deposits: Deposits, ledger: Ledger, steps: Mapping[NodeId, Step], values: Mapping[NodeId, Array]) -> str:
    """Return why the total of a node is zero, given what arrived there."""
    if deposits.seed is not None and not is_zero(deposits.seed):
        return "the seed and the contributions cancel"
    if not deposits.sends:
        return "the seed is zero"
    if not all(is_zero(send.share) for send in deposits.sends):
        return "the contributions cancel"
    reasons = dict.fromkeys(why_share_is_zero(send, ledger, steps[send.port.node], values) for send in deposits.sends)
    return "; ".join([*list(reasons)[:_TOLD], *(["…"] if len(reasons) > _TOLD else [])])


def why_share_is_zero(send: Send, ledger: Ledger, step: Step, values: Mapping[NodeId, Array]) -> str:
    """Return why a contribution that is zero is zero."""
    total = ledger.settled[step.node][1]
    if is_zero(total):
        return f"what arrives at {told_name(step.node)} is zero"
    if send.raw.size == 0:
        return "it is a sum over no numbers"
    if not is_zero(send.raw):
        if is_zero(sum_to_shape(send.raw, send.share.shape)):
            return f"its sum over {show_axes(send.axes)} cancels"
        return _TOO_SMALL.format(dtype=send.share.dtype)
    if _is_lost(send, total, step, values):
        return _TOO_SMALL.format(dtype=send.raw.dtype)
    reason = step.op.reason_for_zero(send.port.name)
    if reason is not None:
        return reason.format(**dict(zip(step.ports, step.sources, strict=True)))
    factors = " and ".join(dict.fromkeys(_zero_factors(send, step, values)))
    return f"the factor {factors} is zero" if factors else "the local factor is zero"


def _is_lost(send: Send, total: Array, step: Step, values: Mapping[NodeId, Array]) -> bool:
    """Tell whether a rule gives zero only because the dtype has no numbers that small, as where gradients vanish.

    A rule is linear in what arrives, and a power of two changes no digit: from a larger gradient comes more than zero.
    """
    rule = step.op.rule_for(send.port.name)
    if rule is None:
        return False
    largest = np.max(np.abs(total), where=np.isfinite(total), initial=0)
    with np.errstate(all="ignore"):
        larger = np.ldexp(total, -np.frexp(largest)[1])
        raw = np.asarray(rule(larger, values[step.node], *(values[node] for node in step.sources), **step.params))
    return bool(np.any(np.isfinite(raw) & (raw != 0)))


def _zero_factors(send: Send, step: Step, values: Mapping[NodeId, Array]) -> Iterator[NodeId]:
    """Yield the tensors that the rule of a port uses and that are zero everywhere."""
    inputs = [values[source] for source in step.sources]
    used = kept_by(step, inputs, (send.port.name,))
    for port, source in zip(step.ports, step.sources, strict=True):
        if port in used and is_zero(values[source]):
            yield source
