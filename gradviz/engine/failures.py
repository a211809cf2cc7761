"""What happens when a rule meets values that it cannot work with: a sentence about the node, and the run goes on."""

from __future__ import annotations

from typing import Final

from gradviz.errors import ComputeError, GradvizError
from gradviz.graph import NodeId
from gradviz.ops import Op

FAILURES: Final = (ArithmeticError, GradvizError, LookupError, MemoryError, TypeError, ValueError)
"""What rules and NumPy raise for values, sizes and dtypes: an index out of range, a singular matrix, no memory."""


def failure_of(error: Exception, op: Op, node: NodeId) -> GradvizError:
    """Return an error that a rule raised as one that names the node and its op."""
    match error:
        case GradvizError():
            return error.at(op.name, node)
        case MemoryError():
            return ComputeError("there is not enough memory for it").at(op.name, node)
    return ComputeError("{message}", message=str(error)).at(op.name, node)
