"""Faults of the program while it paints: told as any other, but kept from Qt, which would go on with them and crash."""

from __future__ import annotations

import sys
from types import TracebackType


class FaultsTold:
    """A block whose faults go to `sys.excepthook` and no further; use it as a context manager."""

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Tell a fault, if there was one; whatever asks the program to end (Ctrl+C) goes on."""
        if kind is None or not isinstance(fault, Exception):
            return False
        sys.excepthook(kind, fault, trace)
        return True
