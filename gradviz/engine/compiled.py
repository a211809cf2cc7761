"""The fast path: a plan as one straight NumPy function, without frames.

`compile_plan` writes the rules of all steps as one function of arrays and compiles it; a `Compiled` is called with
leaves and seeds and returns values and gradients, bit for bit those of the recorded run (the sign bit of a NaN apart,
of which no rule speaks). It is for what runs again and again on one graph: training, Jacobians, gradient checks.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gradviz.engine.arrays import as_arrays
from gradviz.engine.backward import seed_for
from gradviz.engine.binding import Bound, Given, bind, stand_in
from gradviz.engine.by_rules import run_by_rules
from gradviz.engine.failures import FAILURES
from gradviz.engine.recording import Recorder, Recording, recorder_of
from gradviz.engine.straight import straighten
from gradviz.errors import EditRefusedError, GradvizError
from gradviz.graph import Leaf, NodeId, Plan, Seed, Tensor, as_seed, seed_error
from gradviz.ops import Array

_NOTHING: Final[Mapping[NodeId, Any]] = MappingProxyType({})


class Result(NamedTuple):
    """What a compiled plan gives: read-only arrays; a gradient is None where no path leads to the node."""

    values: Mapping[NodeId, Array]
    gradients: Mapping[NodeId, Array | None]


def compile_plan(
    plan: Plan, gradients: Iterable[NodeId] | None = None, values: Iterable[NodeId] | None = None
) -> Compiled:
    """Return a plan as a function of its leaves and seeds.

    `gradients` are the nodes whose gradients are wanted: all variables and inputs if None, nothing of the sweep if
    empty. `values` are the nodes whose values are wanted: the targets if None. What neither needs is never computed.
    Raises `EditRefusedError` for a node that the plan does not have.
    """
    open_leaves = (node for node, leaf in plan.leaves.items() if leaf.role != "constant")
    return Compiled(
        plan,
        _known(plan, open_leaves if gradients is None else gradients),
        _known(plan, plan.targets if values is None else values),
    )


def _known(plan: Plan, nodes: Iterable[NodeId]) -> tuple[NodeId, ...]:
    named = (nodes,) if isinstance(nodes, str) else tuple(dict.fromkeys(nodes))
    known = {*plan.leaves, *(step.node for step in plan.steps)}
    for node in named:
        if node not in known:
            raise EditRefusedError('the plan computes no node "{node}"', node=node)
    return named


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Keep Python from looking for rings of garbage: compiling makes none, only ever more to look through."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


class Compiled:
    """A plan as a function; call it with leaves and seeds by name, those of the document stand for the others."""

    def __init__(self, plan: Plan, gradients: tuple[NodeId, ...], values: tuple[NodeId, ...]) -> None:
        """Write and compile the function."""
        self._plan = plan
        self._gradients = gradients
        self._values = values
        self._reached: tuple[NodeId, ...] = ()
        self._bound: Bound | None = None
        self._recorder: Recorder | None = None
        try:
            with _no_collecting():
                self._bound = self._compiled()
        except FAILURES:  # a rule refuses these shapes: the run by rules will tell where, and what would help
            return

    def _compiled(self) -> Bound:
        straight = straighten(self._plan, self._gradients, self._values)
        self._reached = tuple(node for node in self._gradients if node in straight.totals)
        wanted = [straight.values[node] for node in self._values]
        return bind(straight, self._plan, wanted + [straight.totals[node] for node in self._reached])

    @property
    def source(self) -> str:
        """The compiled code as Python text; nothing where a rule refuses the shapes of this plan."""
        return "" if self._bound is None else self._bound.source

    def __call__(
        self, leaves: Mapping[NodeId, ArrayLike] = _NOTHING, seeds: Mapping[NodeId, Seed | ArrayLike] = _NOTHING
    ) -> Result:
        """Return the wanted values and gradients.

        A leaf that is given has the shape of the document's, and its dtype or one that can be cast to it. Raises the
        error of the recorded run where a rule fails on its values, and a `GradvizError` for a tensor that does not fit.
        """
        given = self._read(leaves, seeds) if leaves or seeds else {}
        if self._bound is not None:
            try:
                with np.errstate(all="ignore"):
                    found = self._bound.run(given)
            except FAILURES:
                pass  # the run by rules tells where, and what would help
            else:
                return self._result(found)
        return self._by_rules(given, self._gradients, self._values)

    def record(
        self, leaves: Mapping[NodeId, ArrayLike] = _NOTHING, seeds: Mapping[NodeId, Seed | ArrayLike] = _NOTHING
    ) -> Recording:
        """Run all steps, as a recorded run does, and return everything that it computed on the way.

        Raises the error of the first rule that fails.
        """
        given = self._read(leaves, seeds) if leaves or seeds else {}
        try:
            if self._recorder is None:
                with _no_collecting():
                    self._recorder = recorder_of(self._plan)
            with np.errstate(all="ignore"):
                return self._recorder.recording(self._recorder.bound.run(given))
        except FAILURES:
            steps = [step.node for step in self._plan.steps]
            self._by_rules(given, steps, steps)
            raise

    def _read(self, leaves: Mapping[NodeId, ArrayLike], seeds: Mapping[NodeId, Seed | ArrayLike]) -> dict[Given, Array]:
        given: dict[Given, Array] = {}
        for node, value in leaves.items():
            given["leaf", node] = self._read_leaf(node, value)
        for target, seed in seeds.items():
            given["seed", target] = self._read_seed(target, as_seed(seed))
        return given

    def _read_leaf(self, node: NodeId, value: ArrayLike) -> Array:
        if node not in self._plan.leaves:
            raise EditRefusedError('the plan has no leaf "{node}"', node=node)
        wanted, array = self._plan.leaves[node].value, np.asarray(value)
        if array.shape == wanted.shape and array.dtype == wanted.dtype:
            # A document would copy what can be written, row by row: the same order gives the same bits.
            return array.copy() if array.flags.writeable and not array.flags.c_contiguous else array
        if array.shape != wanted.shape or not np.can_cast(array.dtype, wanted.dtype, "same_kind"):
            raise GradvizError(
                'the leaf "{node}" was compiled as {dtype} of shape {shape}, not {given} of shape {found}: compile a '
                "plan for that",
                node=node,
                dtype=wanted.dtype.name,
                shape=wanted.shape,
                given=array.dtype.name,
                found=array.shape,
            )
        with np.errstate(all="ignore"):
            return array.astype(wanted.dtype, order="C")

    def _read_seed(self, target: NodeId, seed: Seed) -> Array:
        plan = self._plan
        if target not in plan.targets:
            raise EditRefusedError('"{node}" is no target of the plan', node=target)
        shape, dtype = plan.report.shapes[target], plan.report.dtypes[target]
        error = seed_error(target, shape, seed)
        if error is not None:
            raise error
        return seed_for(stand_in(shape, dtype), seed)

    def _result(self, found: Sequence[Any]) -> Result:
        arrays = as_arrays(found)
        reached = dict(zip(self._reached, arrays[len(self._values) :], strict=True))
        gradients = reached if len(reached) == len(self._gradients) else {**dict.fromkeys(self._gradients), **reached}
        return Result(dict(zip(self._values, arrays, strict=False)), gradients)

    def _by_rules(self, given: Mapping[Given, Array], gradients: Sequence[NodeId], values: Sequence[NodeId]) -> Result:
        """Return what the plain loop over the rules gives, or raise the error that it meets."""
        leaves = dict(self._plan.leaves)
        targets = dict(self._plan.targets)
        for (kind, node), array in given.items():
            if kind == "leaf":
                leaves[node] = Leaf(leaves[node].role, Tensor(array))
            else:
                targets[node] = Tensor(array)
        plan = replace(self._plan, leaves=leaves, targets=targets)
        return Result(*run_by_rules(plan, gradients, values))
