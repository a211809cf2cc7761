"""A plan as a straight line: every NumPy call of forward and sweep, once, in an order in which it can run.

The rules of each op are traced once for all nodes that use it on tensors of the same shapes and dtypes; what they call
is then written down node by node. A call that was there already is not made again: the softmax that a loss computes
and that its gradient rule computes again, say. What no wanted result needs is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.engine.lowering import Kernel, Kind, Names, cast, lower
from gradviz.engine.paths import above, paths_of
from gradviz.graph import NodeId, Plan, Port, Step
from gradviz.ops import Array, Call, Dtype, Ref, Shape, Trace, get, sum_to_shape, trace


class Sent(NamedTuple):
    """What one port sends: the lines of what its rule gives, and of that in the shape and dtype of its source."""

    port: Port
    raw: int
    share: int


@dataclass(eq=False)
class Straight:
    """All calls, and which of them are what. A line is a number: its kernel, and the lines that give its operands.

    leaves, seeds   the lines that a caller gives, by node
    constant        the lines that are the same in every call, unless it gives another constant or seed
    values, totals  the lines of values and of settled gradients, by node
    sent            what the ports send, in order
    """

    names: Names
    kernels: list[Kernel] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    leaves: dict[NodeId, int] = field(default_factory=dict)
    seeds: dict[NodeId, int] = field(default_factory=dict)
    values: dict[NodeId, int] = field(default_factory=dict)
    totals: dict[NodeId, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    constant: set[int] = field(default_factory=set)
    _known: dict[Any, int] = field(default_factory=dict)
    _pieces: dict[Hashable, _Piece] = field(default_factory=dict)

    def give(self, shape: Shape, dtype: Dtype, *, is_constant: bool) -> int:
        """Add a tensor that a caller gives, and return its line."""
        number = self._append(Kernel("", shape, dtype, source="given"), ())
        if is_constant:
            self.constant.add(number)
        return number

    def _append(self, kernel: Kernel, operands: tuple[int, ...]) -> int:
        self.kernels.append(kernel)
        self.operands.append(operands)
        return len(self.kernels) - 1

    def add(self, kernel: Kernel, operands: tuple[int, ...]) -> int:
        """Add a call, if it is not there yet, and return its line."""
        if kernel.source == "same":
            return operands[0]
        if kernel.is_exact:
            operands = self._without_spreads(kernel, operands)
        if kernel.is_cast and kernel.shape != () and not self.constant.isdisjoint(operands):
            operands = tuple([self._as_cast(kernel.dtype, number) for number in operands])
        key = (kernel.text, operands)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = self._append(kernel, operands)
            if self.constant.issuperset(operands):
                self.constant.add(number)
        return number

    def _as_cast(self, dtype: Dtype | None, number: int) -> int:
        """Return a constant in the dtype in which it is used, so that it is not cast again in every call."""
        kernel = self.kernels[number]
        if number not in self.constant or dtype is None or kernel.dtype in (None, dtype) or kernel.shape == ():
            return number
        return self.add(cast(kernel.shape, dtype, self.names), (number,))

    def _without_spreads(self, kernel: Kernel, operands: tuple[int, ...]) -> tuple[int, ...]:
        """Return operands before they were broadcast, where the call itself broadcasts them to the same result."""
        kernels = self.kernels
        spread = [number for number in operands if kernels[number].source == "spread"]
        if not spread:
            return operands
        inner = tuple(self.operands[number][0] if number in spread else number for number in operands)
        shapes = [kernels[number].shape for number in inner]
        if kernel.shape is None or None in shapes or np.broadcast_shapes(*filter(None, shapes)) != kernel.shape:
            return operands
        return inner

    def apply(self, piece: _Piece, inputs: Sequence[int]) -> int:
        """Add the calls of a rule on the lines of its inputs, and return the line of its result."""
        numbers = list(inputs)
        for kernel, operands in piece.steps:
            numbers.append(self.add(kernel, tuple([numbers[i] for i in operands])))
        return numbers[piece.result]

    def promise(self, number: int, shape: Shape | None, dtype: Dtype | None) -> int:
        """Say what shape and dtype a line gives, where tracing could not tell; returns the line."""
        kernel = self.kernels[number]
        if kernel.shape is None:
            self.kernels[number] = Kernel(kernel.text, shape, dtype)
        return number

    def kinds(self, numbers: Iterable[int]) -> tuple[tuple[Shape | None, Dtype | None], ...]:
        """Return the shapes and dtypes of lines."""
        return tuple((self.kernels[number].shape, self.kernels[number].dtype) for number in numbers)

    def piece(
        self, key: Hashable, rule: Callable[..., Any], inputs: Sequence[int], params: Mapping[str, Any]
    ) -> _Piece:
        """Return the kernels of a rule on tensors like these lines; `key` tells it and its params from others."""
        kinds = self.kinds(inputs)
        whole = (key, kinds)
        if whole not in self._pieces:
            self._pieces[whole] = _piece(rule, kinds, params, self.names)
        return self._pieces[whole]


@dataclass(frozen=True, eq=False, slots=True)
class _Piece:
    """The kernels of one rule; its inputs count from 0, and after them its kernels."""

    steps: tuple[tuple[Kernel, tuple[int, ...]], ...]
    result: int


def _piece(
    rule: Callable[..., Any],
    kinds: Sequence[tuple[Shape | None, Dtype | None]],
    params: Mapping[str, Any],
    names: Names,
) -> _Piece:
    if any(shape is None for shape, _ in kinds):  # only a run knows them: the rule is one call
        whole = Call(_named(rule), tuple(Ref(i) for i in range(len(kinds))), params, None, None)
        found = Trace((whole,), Ref(len(kinds)))
    else:
        with np.errstate(all="ignore"):
            found = trace(rule, [shape or () for shape, _ in kinds], [dtype for _, dtype in kinds if dtype], params)
    known = [Kind(shape, dtype, True) for shape, dtype in kinds]
    steps: list[tuple[Kernel, tuple[int, ...]]] = []
    places = list(range(len(kinds)))

    def note(kernel: Kernel, operands: tuple[int, ...]) -> int:
        steps.append((kernel, operands))
        known.append(Kind(kernel.shape, kernel.dtype, kernel.source == "constant"))
        return len(known) - 1

    for call in found.calls:
        inputs, operands = _numbered(call, places, partial(_noted_constant, note, names))
        kernel = lower(inputs, [known[number] for number in operands], names)
        places.append(note(kernel, operands))
    result = found.result
    end = places[result.number] if isinstance(result, Ref) else _noted_constant(note, names, np.asarray(result))
    return _Piece(tuple(steps), end)


def _named(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return a rule under a name that code can have."""

    def rule_of_op(*inputs: Any, **params: Any) -> Any:
        return rule(*inputs, **params)

    return rule_of_op


def _noted_constant(note: Callable[[Kernel, tuple[int, ...]], int], names: Names, array: Array) -> int:
    name = names.constant(array)
    return note(Kernel(name, array.shape, array.dtype, source="constant"), ())


def _numbered(call: Call, places: Sequence[int], constant: Callable[[Array], int]) -> tuple[Call, tuple[int, ...]]:
    """Return a call whose `Ref`s count its operands, arrays among them, and where these are."""
    operands: list[int] = []

    def number(value: Any) -> Any:
        if isinstance(value, Ref):
            place = places[value.number]
        elif isinstance(value, np.ndarray | np.generic):
            place = constant(np.asarray(value))
        elif type(value) in (list, tuple):
            return type(value)(map(number, value))
        else:
            return value
        if place not in operands:
            operands.append(place)
        return Ref(operands.index(place))

    key_at = 1 if call.function.__name__ == "getitem" else len(call.inputs)
    inputs = tuple(number(value) if i < key_at else value for i, value in enumerate(call.inputs))
    params = {name: number(value) if _holds_ref(value) else value for name, value in call.params.items()}
    return Call(call.function, inputs, params, call.shape, call.dtype), tuple(operands)


def _holds_ref(value: Any) -> bool:
    if isinstance(value, Ref):
        return True
    return type(value) in (list, tuple) and any(map(_holds_ref, value))


def straighten(plan: Plan, gradients: Iterable[NodeId] | None, values: Iterable[NodeId]) -> Straight:
    """Return the calls that compute `values`, and the gradients of nodes: None for all variables and inputs.

    Raises a `GradvizError` where a rule refuses tensors of these shapes.
    """
    straight = Straight(Names())
    for node, leaf in plan.leaves.items():
        number = straight.give(leaf.value.shape, leaf.value.dtype, is_constant=leaf.role == "constant")
        straight.values[node] = straight.leaves[node] = number
    closed = paths_of(plan).closed
    wanted = set(plan.leaves if gradients is None else gradients) - set(closed)
    needed = _needed(plan, wanted)
    swept = [target for target in plan.targets if target in needed]
    live = above(plan, {*values, *swept})
    for step in plan.steps:
        if step.node in live:
            _compute(straight, plan, step)
    for target in swept:
        kernel = straight.kernels[straight.values[target]]
        number = straight.give(kernel.shape or (), kernel.dtype or _FLOAT, is_constant=True)
        straight.seeds[target] = straight.totals[target] = number
    for step in reversed(plan.steps):
        if step.node in straight.totals:
            _send(straight, step, needed)
    return straight


_FLOAT: Final = np.dtype(np.float64)


def _needed(plan: Plan, wanted: set[NodeId]) -> set[NodeId]:
    """Return the nodes that a gradient must reach on its way to the wanted ones."""
    closed = paths_of(plan).closed
    needed = set(wanted)
    for step in plan.steps:
        if step.node not in closed and any(
            source in needed for port, source in zip(step.ports, step.sources, strict=True) if step.op.rule_for(port)
        ):
            needed.add(step.node)
    return needed


def _compute(straight: Straight, plan: Plan, step: Step) -> None:
    inputs = [straight.values[source] for source in step.sources]
    piece = straight.piece((step.op, "y", _settings(step.params)), step.op.forward, inputs, step.params)
    report = plan.report
    number = straight.apply(piece, inputs)
    straight.values[step.node] = straight.promise(number, report.shapes[step.node], report.dtypes[step.node])


def _send(straight: Straight, step: Step, needed: set[NodeId]) -> None:
    """Add what a step sends back through its ports, and the sums at its sources."""
    total, y = straight.totals[step.node], straight.values[step.node]
    inputs = [total, y, *(straight.values[source] for source in step.sources)]
    settings = _settings(step.params)
    for port, source in zip(step.ports, step.sources, strict=True):
        rule = step.op.rule_for(port)
        if rule is None or source not in needed:
            continue
        raw = straight.apply(straight.piece((step.op, port, settings), rule, inputs, step.params), inputs)
        share = _share(straight, raw, straight.values[source])
        straight.sent.append(Sent(Port(step.node, port), raw, share))
        so_far = straight.totals.get(source)
        straight.totals[source] = share if so_far is None else _sum(straight, so_far, share)


def _share(straight: Straight, raw: int, source: int) -> int:
    """Return the line of a contribution with broadcasting undone, in the shape and dtype of its source."""
    kind = straight.kernels[source]
    given = straight.kernels[raw]
    if given.shape == kind.shape and given.dtype == kind.dtype:
        return raw
    rule = partial(_fitted, shape=kind.shape or (), dtype=kind.dtype or _FLOAT)
    number = straight.apply(straight.piece(("share", kind.shape, kind.dtype), rule, [raw], {}), [raw])
    return straight.promise(number, kind.shape, kind.dtype)


def _fitted(raw: Any, shape: Shape, dtype: Dtype) -> Any:
    share = sum_to_shape(raw, shape)
    return share if share.dtype == dtype else get("astype").forward(share, dtype=dtype)


def _sum(straight: Straight, total: int, share: int) -> int:
    piece = straight.piece(("sum",), np.add, [total, share], {})
    return straight.apply(piece, [total, share])


def _settings(params: Mapping[str, Any]) -> Hashable:
    """Return params as something that can be compared; arrays and their like are equal to themselves only."""
    return tuple((name, _setting(value)) for name, value in params.items())


def _setting(value: Any) -> Hashable:
    if type(value) is tuple:
        return tuple(map(_setting, value))
    return (type(value), repr(value) if type(value) is float else value) if isinstance(value, _PLAIN) else id(value)


_PLAIN: Final = (bool, int, float, str, type(None))


def live_lines(straight: Straight, wanted: Iterable[int]) -> list[int]:
    """Return the lines that the wanted ones need, themselves among them, in order."""
    live = bytearray(len(straight.kernels))
    for number in wanted:
        live[number] = 1
    for number in range(len(live) - 1, -1, -1):
        if live[number]:
            for operand in straight.operands[number]:
                live[operand] = 1
    return [number for number, is_live in enumerate(live) if is_live]
