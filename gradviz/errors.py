"""What can go wrong, told in sentences for the person at the screen.

Every error is a template and its facts, formatted once, so that a sentence can be translated as a template
and shown with the facts that belong to it.
"""

from __future__ import annotations

from typing import Any, Self, TypeVar

Other = TypeVar("Other", bound="GradvizError")


class GradvizError(Exception):
    """Anything that gradviz refuses, with a sentence that says what and why."""

    def __init__(self, template: str, /, **facts: Any) -> None:
        """Format `template` once with `facts`; both stay readable on the error."""
        super().__init__(template.format(**facts))
        self.template = template
        self.facts = facts

    def at(self, op: str, node: str) -> Self:
        """Return the same error, told of one node: `multiply "scale": ...`."""
        return type(self)('{at_op} "{at_node}": ' + self.template, **{**self.facts, "at_op": op, "at_node": node})

    def within(self, name: str) -> Self:
        """Return the same error, told of one file: `graph.gradviz: ...`."""
        return type(self)("{within}: " + self.template, **{**self.facts, "within": name})

    def told_as(self, kind: type[Other]) -> Other:
        """Return the same sentence and facts as an error of another kind."""
        return kind(self.template, **self.facts)


class EditRefusedError(GradvizError):
    """An edit that would make a document which must not be."""


class ShapeError(GradvizError):
    """Shapes, dtypes or parameters that an operation cannot work with."""


class ComputeError(GradvizError):
    """Values that an operation cannot work with, such as an index out of range."""


class FormatError(GradvizError):
    """A file, or a text, that is not what it should be."""


class ExpressionError(GradvizError):
    """An expression that cannot be read as a graph."""


class LimitError(GradvizError):
    """Something larger than the set limit allows."""
