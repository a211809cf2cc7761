"""The .gradviz file on disk. Opening one executes nothing; saving one leaves either the old file or the new one."""

from __future__ import annotations

import os
from pathlib import Path

from gradviz.errors import FormatError, GradvizError
from gradviz.formats.files import read_file, write_file
from gradviz.formats.reader import read
from gradviz.formats.writer import write
from gradviz.graph import LIMITS, Document, Limits


def load(path: str | os.PathLike[str], limits: Limits = LIMITS) -> Document:
    """Return the document in a file; raises `FormatError` or `LimitError` in a sentence for the person who opens it."""
    data = read_file(path, limits.file_bytes)
    try:
        return read(data, limits)
    except GradvizError as error:
        raise error.within(Path(path).name) from error


def save(document: Document, path: str | os.PathLike[str]) -> None:
    """Write a document into a file, whole or not at all; raises `FormatError` where that cannot be."""
    _refuse_no_document(document)
    write_file(path, write(document).encode("utf-8"))


def _refuse_no_document(document: object) -> None:
    if not isinstance(document, Document):
        raise FormatError("what is saved is a document, not {kind}: save(document, path)", kind=type(document).__name__)
