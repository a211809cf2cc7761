"""The NumPy line of a step, with the user's names: `W_grad = x.T @ h_grad`.

It is the rule's own expression, in which letters became names. What NumPy has no function for stands by the name of its
op. Names that NumPy's own would collide with, and gradients that a node is called like, get an underscore.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from gradviz.engine.frames import Compute, Seed, Send, Settle
from gradviz.engine.moment import Run
from gradviz.engine.rule_keys import rule_key, rule_of
from gradviz.errors import GradvizError
from gradviz.graph import NodeId, OneHot
from gradviz.ops import OPS, Array, Shape

_TAKEN: Final = frozenset(OPS) | {"np", "slice"}


def program_of(run: Run, frame: Compute | Send | Seed | Settle) -> str:
    """Return the line of NumPy that does what a frame does; "" where its rule cannot be read."""
    match frame:
        case Compute(node=node):
            rule = _rule_text(run, frame)
            return f"{value_name(node)} = {rule}" if rule else ""
        case Send(source=source):
            rule = _rule_text(run, frame)
            sign = "=" if _is_first(run, frame) else "+="
            return f"{gradient_name_of(run, source)} {sign} {rule}" if rule else ""
        case Seed(target=target, gradient=gradient):
            name = gradient_name_of(run, target)
            return f"{name} = {_seed_text(run, target, gradient)}"
        case Settle(node=node):
            return f"# {gradient_name_of(run, node)} is complete"


def update_program(run: Run, node: NodeId, name: str, rule: ast.expr) -> str:
    """Return the line of NumPy that gives a variable, or one of the optimiser's states, anew."""
    own = value_name(node)
    names = {"x": own, "g": gradient_name_of(run, node)}
    text = ast.unparse(_Named(_States(names, own)).visit(_copied(rule)))
    return f"{names.get(name, f'{own}_{name}')} = {text}"


def value_name(node: NodeId) -> str:
    """Return what the value of a node is called in a program."""
    return _free(node, _TAKEN)


def gradient_name_of(run: Run, node: NodeId) -> str:
    """Return what the gradient of a node is called in a program."""
    return _free(f"{node}_grad", run.values.keys() | _TAKEN)


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


class _States(dict[str, str]):
    """Names of letters; any other is a state of the optimiser, which goes by the name of its variable."""

    def __init__(self, names: Mapping[str, str], own: str) -> None:
        super().__init__(names)
        self._own = own

    def __missing__(self, letter: str) -> str:
        return f"{self._own}_{letter}"


def _is_first(run: Run, frame: Send) -> bool:
    deposits = run.ledger.deposits[frame.source]
    return deposits.seed is None and deposits.sends[0] is frame


def _seed_text(run: Run, target: NodeId, gradient: Array) -> str:
    match run.plan.targets[target]:
        case None:
            return f"np.ones({gradient.shape}, {gradient.dtype.name!r})" if gradient.ndim else "1.0"
        case OneHot(index=index):
            return f"np.zeros({gradient.shape}); {gradient_name_of(run, target)}[{', '.join(map(str, index))}] = 1"
    return "seed"


def _rule_text(run: Run, frame: Compute | Send) -> str:
    step = run.paths.steps[frame.node if isinstance(frame, Compute) else frame.port.node]
    names = {port: value_name(source) for port, source in zip(step.ports, step.sources, strict=True)}
    asked: tuple[str, ...] = ()
    if isinstance(frame, Send):
        asked = (frame.port.name,)
        names |= {"g": gradient_name_of(run, step.node), "y": value_name(step.node)}
    try:
        rule = rule_of(rule_key(step, [run.values[source] for source in step.sources], asked))
    except GradvizError:
        return ""
    if rule is None:
        return ""
    expression = _Named(names).visit(_copied(rule))
    if isinstance(frame, Send):
        expression = _fitted(expression, frame)
    return ast.unparse(expression)


def _fitted(rule: ast.expr, frame: Send) -> ast.expr:
    """Return the rule with broadcasting undone, and cast where the source has another dtype."""
    if frame.axes:
        is_kept = frame.raw.ndim == frame.share.ndim
        axes = frame.axes[0] if len(frame.axes) == 1 else frame.axes
        rule = _call("np.sum", rule, axis=axes, **({"keepdims": True} if is_kept else {}))
        if not is_kept and frame.raw.ndim - len(frame.axes) != frame.share.ndim:
            rule = _call("np.reshape", rule, shape=frame.share.shape)
    if frame.raw.dtype != frame.share.dtype:
        rule = _call("np.astype", rule, dtype=frame.share.dtype.name)
    return rule


def _call(name: str, operand: ast.expr, **params: int | str | bool | Shape) -> ast.expr:
    words = [ast.keyword(key, ast.parse(repr(value), mode="eval").body) for key, value in params.items()]
    return ast.Call(ast.parse(name, mode="eval").body, [operand], words)


def _copied(rule: ast.expr) -> ast.expr:
    """Return a copy of a rule; a part that it uses twice is one object in both places, and each becomes its own."""
    return ast.parse(ast.unparse(rule), mode="eval").body


class _Named(ast.NodeTransformer):
    """Puts names in the places of letters, and writes what NumPy has a shorter word for as people do."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self._names[node.id])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        match node:
            case ast.Call(
                func=ast.Attribute(attr="permute_dims"),
                keywords=[ast.keyword(value=ast.Tuple(elts=[ast.Constant(value=1), ast.Constant(value=0)]))],
            ):
                return ast.Attribute(arguments[0], "T")
            case ast.Call(func=ast.Name(id="einsum"), keywords=[ast.keyword(arg="equation", value=equation)]):
                return ast.Call(ast.Attribute(ast.Name("np"), "einsum"), [equation, *_listed(arguments)], [])
        keywords = [ast.keyword(keyword.arg, keyword.value) for keyword in node.keywords]
        return ast.Call(node.func, arguments, keywords)


def _listed(arguments: Sequence[ast.expr]) -> list[ast.expr]:
    return [item for each in arguments for item in (each.elts if isinstance(each, ast.List) else [each])]
