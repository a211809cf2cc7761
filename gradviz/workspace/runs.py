"""The run on screen, and the newer one that waits for it to be left.

shown   what is on screen; stale once an edit has changed what it ran
fresh   a run of the present document, recorded while a stale sweep is still on screen
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradviz.engine import Moment
from gradviz.graph import Array, Computation, Document, NodeId, renaming
from gradviz.workspace.recording import Recording


@dataclass
class Runs:
    """Both runs, and the document that they are held against."""

    document: Document
    shown: Recording | None = None
    fresh: Recording | None = None
    _lasting: Mapping[NodeId, Array] | None = None

    @property
    def computation(self) -> Computation:
        """What the present document computes."""
        return self.document.computation

    @property
    def is_stale(self) -> bool:
        """Whether the run on screen is one of an earlier document."""
        return self.shown is not None and self.shown.computation is not self.computation

    @property
    def needs_recording(self) -> bool:
        """Whether there is no run of the present document, on screen or waiting."""
        return self.fresh is None and (self.shown is None or self.is_stale)

    @property
    def length(self) -> int:
        """The number of frames of the run on screen."""
        return len(self.shown.tape.frames) if self.shown else 0

    def follow(self, after: Document) -> tuple[NodeId, NodeId] | None:
        """Hold the runs against the next document; returns the old and the new name where one node was renamed."""
        before, self.document = self.document, after
        self._lasting = None
        if before.computation is after.computation:
            return None
        renamed = renaming(before, after)
        if renamed:
            self.shown = self.shown and self.shown.renamed(before, after, *renamed)
            self.fresh = self.fresh and self.fresh.renamed(before, after, *renamed)
        else:
            self.shown = self.shown and self.shown.followed(before, after)
            self.fresh = self.fresh and self.fresh.followed(before, after)
        if self.fresh is not None and (not self.is_stale or self.fresh.computation is not self.computation):
            self.fresh = None
        return renamed

    def show(self, recording: Recording) -> None:
        """Put a run on screen."""
        self.shown, self.fresh, self._lasting = recording, None, None

    def moment(self, index: int) -> Moment | None:
        """Return how everything stands at a moment, or as near as the run has it.

        Of a stale run the gradients are shown with the values of the new run, or with those that still hold.
        """
        if self.shown is None:
            return None
        moment = self.shown.tape.at(max(0, min(index, self.length)))
        if not self.is_stale:
            return moment
        if self.fresh is not None:
            return moment.with_values(self.fresh.tape.values)
        if self._lasting is None:
            self._lasting = self.shown.lasting_values(self.computation)
        return moment.with_values({name: each for name, each in self._lasting.items() if name in moment.values})
