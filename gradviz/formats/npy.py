"""The body of a .npy file as base64 text: large tensors, exact to the bit and without a digit spent on reading them.

The header is matched word for word, never evaluated; nothing is decoded before dtype and size are known to be what
the document says. Layout: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays", versions 1.0 and 2.0.
"""

from __future__ import annotations

import base64
import io
import math
import re
from typing import Final

import numpy as np

from gradviz.errors import FormatError, LimitError
from gradviz.graph import Limits
from gradviz.ops import DTYPES, Array, Dtype, Shape

_MAGIC: Final = b"\x93NUMPY"
_LENGTH_BYTES: Final = {(1, 0): 2, (2, 0): 4}
_HEADER: Final = re.compile(
    rb"\{'descr': '([<>|=]?[a-z]\d{1,2})', 'fortran_order': (True|False), 'shape': \(([\d, ]{0,2000})\), \}[ ]*\n"
)
_LONGEST_HEADER: Final = 4096


def read_npy(text: object, shape: Shape, dtype: Dtype) -> Array:
    """Return the array in the base64 text of a .npy body; raises `FormatError` unless it has this shape and dtype."""
    if not isinstance(text, str):
        raise FormatError("npy is base64 text, not {kind}", kind=type(text).__name__)
    size = math.prod(shape) * dtype.itemsize
    if len(text) > (size + _LONGEST_HEADER) * 4 // 3 + 4:
        raise FormatError("npy holds more than a tensor of shape {shape} takes", shape=shape)
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise FormatError("npy is not base64 text") from error
    return _array(*_split(data), shape, dtype)


def _array(header: bytes, body: bytes, shape: Shape, dtype: Dtype) -> Array:
    """Return the array of a body, which must have this shape and dtype."""
    stored, fortran_order = _stored_dtype(header, shape, dtype)
    size = math.prod(shape) * dtype.itemsize
    if len(body) != size:
        raise FormatError("npy holds {found} bytes of data instead of {size}", found=len(body), size=size)
    read = np.frombuffer(body, np.uint8) != 0 if dtype.kind == "b" else np.frombuffer(body, stored)
    array = read.astype(dtype, copy=False)
    return array.reshape(shape, order="F" if fortran_order else "C")


def write_npy(array: Array) -> str:
    """Return an array as base64 text of a .npy body."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array).reshape(array.shape), allow_pickle=False)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def read_npy_file(data: bytes, limits: Limits) -> Array:
    """Return the array of a whole .npy file; raises `FormatError` for one that gradviz does not read, or `LimitError`.

    Objects, texts, dates and complex numbers are no tensors; nothing is ever unpickled.
    """
    header, body = _split(data)
    match = _HEADER.fullmatch(header)
    kind = "" if match is None else match[1].decode("ascii").lstrip("<>|=")
    dtype = next((dtype for dtype in DTYPES if dtype.str[1:] == kind), None)
    if match is None or dtype is None:
        known = ", ".join(dtype.name for dtype in DTYPES)
        raise FormatError("it holds no tensor of a dtype that gradviz knows: {known}", known=known)
    shape = tuple(int(size) for size in match[3].decode("ascii").replace(" ", "").split(",") if size)
    if math.prod(max(size, 1) for size in shape) > limits.elements:
        raise LimitError("its tensor has more than {limit:,} numbers", limit=limits.elements)
    return _array(header, body, shape, dtype)


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Return the header and the body of a .npy file."""
    count = _LENGTH_BYTES.get((data[6], data[7])) if data.startswith(_MAGIC) and len(data) >= 8 else None
    if count is None:
        raise FormatError("npy is not the body of a .npy file of version 1 or 2")
    length = int.from_bytes(data[8 : 8 + count], "little")
    end = 8 + count + length
    if length > _LONGEST_HEADER or end > len(data):
        raise FormatError("npy is cut off in its header")
    return data[8 + count : end], data[end:]


def _stored_dtype(header: bytes, shape: Shape, dtype: Dtype) -> tuple[Dtype, bool]:
    """Return the dtype of the body, which is `dtype` up to the order of bytes, and whether columns go first."""
    match = _HEADER.fullmatch(header)
    if match is None:
        raise FormatError("npy has a header that gradviz does not read")
    description, order, sizes = (group.decode("ascii") for group in match.groups())
    if tuple(int(size) for size in sizes.replace(" ", "").split(",") if size) != shape:
        raise FormatError("npy holds a tensor of shape ({sizes}), the document says {shape}", sizes=sizes, shape=shape)
    if description.lstrip("<>|=") != dtype.str[1:]:
        raise FormatError("npy holds {found}, the document says {dtype}", found=description, dtype=dtype.name)
    return np.dtype(description), order == "True"
