"""What an operation is: one record per op, with rules in plain NumPy that compute, print and differentiate."""

from gradviz.ops.catalogue import FAMILIES, OPS, families, find, get, search
from gradviz.ops.dtypes import DTYPES, Dtype, is_float
from gradviz.ops.op import Array, Op, Rule, Sample, Shape
from gradviz.ops.params import REQUIRED, Param
from gradviz.ops.shapes import broadcast_axes, sum_to_shape
from gradviz.ops.symbolic import saved

__all__ = [
    "DTYPES",
    "FAMILIES",
    "OPS",
    "REQUIRED",
    "Array",
    "Dtype",
    "Op",
    "Param",
    "Rule",
    "Sample",
    "Shape",
    "broadcast_axes",
    "families",
    "find",
    "get",
    "is_float",
    "saved",
    "search",
    "sum_to_shape",
]
