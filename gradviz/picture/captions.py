"""The words of a picture: what is wrong with a node, and the text for who cannot see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from gradviz.engine import Gradient, Moment, show_number
from gradviz.graph import Computation, Document, Leaf, Node, NodeId, Problem, Report
from gradviz.ops import Array
from gradviz.picture.numbers import show_shape
from gradviz.picture.titles import title_of

_MOST_NODES_TOLD = 40


class Trouble(NamedTuple):
    """What is wrong with a node, without its name, and whether that is an error rather than an open input."""

    text: str
    is_error: bool


def troubles_of(computation: Computation, report: Report, failures: Iterable[Problem] = ()) -> Mapping[NodeId, Trouble]:
    """Return what to tell at each node in trouble: an error before open inputs; `failures` are those of a run."""
    told = {node: Trouble(text, is_error=False) for node, text in _open_inputs(report).items()}
    for problem in (*report.problems, *failures):
        if problem.node is not None and problem.severity == "error" and not told.get(problem.node, _FINE).is_error:
            kind = computation.nodes.get(problem.node)
            op = kind.op if isinstance(kind, Node) else "leaf"
            told[problem.node] = Trouble(problem.sentence.removeprefix(f'{op} "{problem.node}": '), is_error=True)
    return told


_FINE = Trouble("", is_error=False)


def _open_inputs(report: Report) -> Mapping[NodeId, str]:
    """Return which inputs of nodes are open: "the input b is open", "the inputs x and w are open"."""
    ports: dict[NodeId, list[str]] = {}
    for port in report.open_ports:
        ports.setdefault(port.node, []).append(port.name)
    return {
        node: f"the inputs {', '.join(names[:-1])} and {names[-1]} are open"
        if len(names) > 1
        else f"the input {names[0]} is open"
        for node, names in ports.items()
    }


def failures_of(moment: Moment | None) -> tuple[Problem, ...]:
    """Return the problems of nodes whose rules failed on their values in the run of a moment."""
    return () if moment is None else moment.run.problems


def alt_text(document: Document, moment: Moment | None, labels: Mapping[NodeId, str], *, stale: bool) -> str:
    """Return a paragraph that tells the picture: what the graph is, what has just happened, and what stands where."""
    return " ".join(_alt_sentences(document, moment, labels, stale=stale))


class NodeLabels(Mapping[NodeId, str]):
    """A sentence for every node's card, written when it is asked for."""

    def __init__(self, document: Document, moment: Moment | None, report: Report) -> None:
        """Tell the nodes of a document at a moment."""
        self._document = document
        self._moment = moment
        self._report = report
        self._troubles = troubles_of(document.computation, report, failures_of(moment))

    def __getitem__(self, node: NodeId) -> str:
        """Return the sentence for a node; raises KeyError where there is none of that name."""
        return "; ".join(self._told(node))

    def __iter__(self) -> Iterator[NodeId]:
        """Yield the names of all nodes."""
        return iter(self._document.nodes)

    def __len__(self) -> int:
        """Return the number of nodes."""
        return len(self._document.nodes)

    def _told(self, node: NodeId) -> Iterator[str]:
        title = title_of(node, self._document.nodes[node])
        shape = self._report.shapes.get(node)
        yield f"{title.word} {node}, {'of unknown shape' if shape is None else show_shape(shape)}"
        if node in self._troubles:
            yield self._troubles[node].text
        if self._moment is None:
            return
        value = self._moment.values.get(node)
        if value is not None:
            yield f"value {array_text(value)}"
        yield f"gradient {gradient_text(self._moment.gradient(node))}"


def gradient_text(gradient: Gradient) -> str:
    """Return a gradient in words: what it is, or why there is none."""
    match gradient.state:
        case "not computed":
            return "not computed yet"
        case "no path":
            return f"none: {gradient.reason}"
        case "zero":
            return f"zero: {gradient.reason}"
        case "value":
            return "" if gradient.array is None else array_text(gradient.array)


def array_text(array: Array) -> str:
    """Return a tensor in words: small ones number by number, larger ones by shape and range."""
    if array.size == 0:
        return f"empty {show_shape(array.shape)}"
    if array.size <= 4:
        return "[" * array.ndim + ", ".join(show_number(value) for value in array.ravel()) + "]" * array.ndim
    finite = array[np.isfinite(array)]
    if not finite.size:
        return f"{show_shape(array.shape)} without a finite number"
    span = f"from {show_number(finite.min())} to {show_number(finite.max())}"
    strange = array.size - finite.size
    return f"{show_shape(array.shape)} {span}" + (f", {strange} not finite" if strange else "")


def _alt_sentences(
    document: Document, moment: Moment | None, labels: Mapping[NodeId, str], *, stale: bool
) -> Iterator[str]:
    nodes = document.nodes
    if not nodes:
        yield "An empty graph."
        return
    leaves = sum(isinstance(node, Leaf) for node in nodes.values())
    name = f" “{document.title}”" if document.title else ""
    ops = _counted(len(nodes) - leaves, "op")
    yield f"A computational graph{name} of {_counted(leaves, 'leaf', 'leaves')} and {ops}."
    if moment is not None:
        step = f"Step {moment.index} of {len(moment.run.frames)}"
        yield f"{step}: {moment.sentence}." if moment.sentence else f"{step}: nothing has been computed yet."
    if stale:
        yield "The gradients are stale: the graph was edited after this run."
    for node in list(nodes)[:_MOST_NODES_TOLD]:
        yield f"{labels[node]}."
    if len(nodes) > _MOST_NODES_TOLD:
        yield f"And {_counted(len(nodes) - _MOST_NODES_TOLD, 'more node', 'more nodes')}."


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
