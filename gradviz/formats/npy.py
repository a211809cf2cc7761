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

from gradviz.errors import FormatError
from gradviz.ops import Array, Dtype, Shape

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
    header, body = _split(data)
    stored, fortran_order = _stored_dtype(header, shape, dtype)
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
