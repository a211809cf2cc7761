"""Tensors from files of other programs: tables of numbers, NumPy arrays, pictures. Each is looked at before it is read.

======================  ================================================================================
.csv .tsv .txt          rows of numbers, float64, rank 2; a first line of words is taken for the heading
.npy                    an array of a dtype that gradviz knows; never pickled objects
pictures                float32 from 0 to 1: grey (height, width), colour (3, height, width)
======================  ================================================================================
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from gradviz.errors import FormatError, GradvizError, LimitError
from gradviz.formats.files import read_file
from gradviz.formats.npy import read_npy_file
from gradviz.graph import LIMITS, Limits, Tensor
from gradviz.ops import Array

_DELIMITERS: Final = "\t;,"
_WORDS: Final[Mapping[str, float]] = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "+inf": math.inf}
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_source(path: str | os.PathLike[str], limits: Limits = LIMITS) -> Tensor:
    """Return the tensor in a table, a .npy file or a picture.

    Raises `FormatError` in a sentence that names the file and the place in it, and `LimitError` for what is too large,
    before memory of that size is taken.
    """
    ending = Path(path).suffix.lower()
    read = _READERS.get(ending)
    if read is None:
        known = " ".join(_READERS)
        raise FormatError("{path}: gradviz reads tensors from {known}", path=Path(path).name, known=known)
    data = read_file(path, limits.file_bytes)
    try:
        array = read(data, limits)
    except GradvizError as error:
        raise error.within(Path(path).name) from error
    array.flags.writeable = False
    return Tensor(array)


def read_table(text: str, limits: Limits = LIMITS) -> Array:
    """Return rows of numbers as a matrix; raises `FormatError` for a hole, a word, or a row of another length."""
    rows = list(_rows(text))
    if rows and not _are_numbers(rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise FormatError("there are no numbers in it")
    width = len(rows[0][1])
    if len(rows) * width > limits.elements:
        raise LimitError("this table has more than {limit:,} numbers", limit=limits.elements)
    for line, row in rows:
        if len(row) != width:
            raise FormatError(
                "line {line} has {found} columns, and the lines before it have {width}",
                line=line,
                found=len(row),
                width=width,
            )
    return np.array([[_number(cell, line, column) for column, cell in enumerate(row, 1)] for line, row in rows])


def _rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the lines that hold anything, each with its number, cut at commas, semicolons, tabs or blanks."""
    lines = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    first = next((line for line in lines.splitlines() if line.strip()), "")
    delimiter = next((sign for sign in _DELIMITERS if sign in first), None)
    if delimiter is None:
        yield from ((number, line.split()) for number, line in enumerate(lines.splitlines(), 1) if line.strip())
        return
    reader = csv.reader(io.StringIO(lines), delimiter=delimiter)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                # Where semicolons stand between numbers, commas stand inside them: that is how such countries write.
                yield reader.line_num, [cell.replace(",", ".") for cell in cells] if delimiter == ";" else cells
    except csv.Error as error:
        raise FormatError("line {line} is no row of a table", line=reader.line_num) from error


def _are_numbers(cells: Sequence[str]) -> bool:
    return any(_NUMBER.fullmatch(cell) or cell.lower() in _WORDS for cell in cells)


def _number(cell: str, line: int, column: int) -> float:
    if _NUMBER.fullmatch(cell):
        return float(cell)
    if cell.lower() in _WORDS:
        return _WORDS[cell.lower()]
    what = f'"{cell[:40]}" is no number' if cell else "there is no number: fill the hole, or write nan"
    raise FormatError("line {line}, column {column}: {what}", line=line, column=column, what=what)


def _table(data: bytes, limits: Limits) -> Array:
    try:
        return read_table(data.decode("utf-8"), limits)
    except UnicodeDecodeError as error:
        raise FormatError("this is no text in UTF-8") from error


def _picture(data: bytes, limits: Limits) -> Array:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; they are refused below
            with Image.open(io.BytesIO(data)) as picture:
                _refuse_large(picture.size, limits)
                is_grey = picture.mode in ("1", "L", "LA", "I", "I;16", "F")
                pixels = np.asarray(picture.convert("L" if is_grey else "RGB"), np.float32) / np.float32(255)
    except Image.DecompressionBombError as error:
        raise LimitError("this picture is larger than gradviz reads") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise FormatError("this is no picture that can be read") from error
    return pixels if is_grey else np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _refuse_large(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if 3 * width * height > limits.elements:
        raise LimitError(
            "this picture has {width:,} × {height:,} points, and a tensor at most {limit:,} numbers: make it smaller",
            width=width,
            height=height,
            limit=limits.elements,
        )


_READERS: Final[Mapping[str, Callable[[bytes, Limits], Array]]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), _table),
    ".npy": read_npy_file,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"), _picture),
}

SOURCE_ENDINGS: Final = tuple(_READERS)
"""The endings of files that hold a tensor."""
