"""What an operation is: one record per op, with rules in plain NumPy that compute, print and differentiate."""

from gradviz.ops.op import Array, Op, Rule, Sample, Shape
from gradviz.ops.params import REQUIRED, Param

__all__ = ["REQUIRED", "Array", "Op", "Param", "Rule", "Sample", "Shape"]
