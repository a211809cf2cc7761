"""What an operation is: one record per op, with rules in plain NumPy that compute, print and differentiate.

A record holds a forward rule, one gradient rule per input, and rules of shape and dtype. Run on arrays a rule computes;
run on names it is read as a Python expression, which is printed as mathematics. No op knows of graphs: broadcasting is
undone by whoever sweeps, with `sum_to_shape`.

The record     `op`, with its `params`; rules of `dtypes` and `shapes`; `families`, short constructors
A rule, read   as an expression (`symbolic`, `literals`) or as calls (`tracing`), from what is `standing` for tensors
A rule, told   `formula`, from `mathematics`, `spelling`, `notation`; tensors as `terms`, with `gradient_names`
All together   `catalogue`, which finds ops by any name; `table`; and, no ops themselves, the `optimisers`

The ops stand by family, each file with one idea, an op beside its adjoint:

elementwise      `elementwise` (of several tensors), `unary`, `trigonometry`, `erf`
activation       `rectifier`, `activation` (smooth ones), `normalise` (softmax and its logarithm)
reduction        `reduce`, `product`, `scan`, `spread`
linear algebra   `linear`, `contractions`, `einsum`, `triangles`, `decompose`, `solving`
convolution      `convolve`, `convolve_transposed`, `convolve1d` (the arithmetic: `windows`); `pooling`, `pooling1d`
normalisation    `standardise`, `standardise_groups`
layer            `layers`, `attention`, `recurrent`
loss             `loss`, `class_loss`, `probability_loss`
shape            `reshape`, `moving`, `repeating`
indexing         `indexing`, `selecting`, `gathering`, `sorting`
comparison       `comparison`
control          `control`
"""

from gradviz.ops.catalogue import FAMILIES, OPS, families, find, get, search
from gradviz.ops.dtypes import DTYPES, Dtype, is_float
from gradviz.ops.families import broadcasts
from gradviz.ops.formula import forward_formula, latex, unicode, update_formula, vjp_formula
from gradviz.ops.gradient_names import GradientName, gradient_name, told_name
from gradviz.ops.literals import value_of
from gradviz.ops.op import Array, Op, Rule, Sample, Shape
from gradviz.ops.optimisers import OPTIMISERS, Optimiser
from gradviz.ops.params import REQUIRED, Param, as_key
from gradviz.ops.shapes import MOST_ON_THE_WAY, broadcast_axes, most_on_the_way, on_the_way_at_most, sum_to_shape
from gradviz.ops.symbolic import (
    is_constant_array,
    operands,
    operation,
    operations,
    read_forward,
    read_vjp,
    read_vjps,
    saved,
    used_names,
)
from gradviz.ops.table import as_table
from gradviz.ops.terms import Numeral, Told, Word, latex_of, marked_of, unicode_of
from gradviz.ops.tracing import Call, Ref, Trace, trace

__all__ = [
    "DTYPES",
    "FAMILIES",
    "MOST_ON_THE_WAY",
    "OPS",
    "OPTIMISERS",
    "REQUIRED",
    "Array",
    "Call",
    "Dtype",
    "GradientName",
    "Numeral",
    "Op",
    "Optimiser",
    "Param",
    "Ref",
    "Rule",
    "Sample",
    "Shape",
    "Told",
    "Trace",
    "Word",
    "as_key",
    "as_table",
    "broadcast_axes",
    "broadcasts",
    "families",
    "find",
    "forward_formula",
    "get",
    "gradient_name",
    "is_constant_array",
    "is_float",
    "latex",
    "latex_of",
    "marked_of",
    "most_on_the_way",
    "on_the_way_at_most",
    "operands",
    "operation",
    "operations",
    "read_forward",
    "read_vjp",
    "read_vjps",
    "saved",
    "search",
    "sum_to_shape",
    "told_name",
    "trace",
    "unicode",
    "unicode_of",
    "update_formula",
    "used_names",
    "value_of",
    "vjp_formula",
]
