"""What PyTorch calls the ops of the catalogue: for each a function of its tensors and params.

`run_in_pytorch` computes a plan with them and has PyTorch differentiate it. Where PyTorch has an op under other params
(axes as a number, no negative steps), it is given these; where it has none, it is composed of what PyTorch has.
"""

from functools import partial

import numpy as np
import torch
from torch.nn import functional

from gradviz.engine import seed_for
from gradviz.ops import is_float
from tests.engine import pytorch_layers as layers
from tests.engine import pytorch_places as places


def run_in_pytorch(plan):
    """Return the values and gradients of all nodes of a plan; None for a gradient that PyTorch does not give."""
    values = {}
    for name, leaf in plan.leaves.items():
        is_watched = leaf.role != "constant" and is_float(leaf.value.dtype)
        values[name] = torch.tensor(leaf.value).requires_grad_(is_watched)
    for step in plan.steps:
        values[step.node] = TABLE[step.op.name](*inputs_of(step, plan, values), **step.params)
    watched = {name: value for name, value in values.items() if value.requires_grad}
    scores = [torch.sum(values[node] * seed_of(values[node], seed)) for node, seed in plan.targets.items()]
    score = sum(scores, start=torch.zeros(()))
    found = torch.autograd.grad(score, list(watched.values()), allow_unused=True) if score.requires_grad else ()
    return values, dict.fromkeys(values) | dict(zip(watched, found, strict=False))


def inputs_of(step, plan, values):
    """Yield the inputs of a step; numbers of another kind that are calculated with become floats, as in NumPy."""
    for port, source in zip(step.ports, step.sources, strict=True):
        is_number = step.op.rule_for(port) is not None and port != "mask" and is_float(plan.report.dtypes[step.node])
        yield values[source].to(torch.float64) if is_number else values[source]


def seed_of(value, seed):
    return torch.tensor(seed_for(value.detach().numpy(), seed))


dim = partial(places.renamed, axis="dim")

TABLE = {
    **{
        name: getattr(torch, name)
        for name in (
            *(
                "add",
                "subtract",
                "multiply",
                "divide",
                "maximum",
                "minimum",
                "remainder",
                "atan2",
                "hypot",
                "logaddexp",
            ),
            *(
                "negative",
                "reciprocal",
                "abs",
                "sign",
                "square",
                "sqrt",
                "rsqrt",
                "exp",
                "exp2",
                "expm1",
                "log",
                "log1p",
            ),
            *("log2", "log10", "floor", "ceil", "round", "trunc", "sin", "cos", "tan", "asin", "acos", "atan", "sinh"),
            *("cosh", "asinh", "acosh", "atanh", "erf", "relu", "sigmoid", "tanh", "matmul", "outer"),
            *(
                "greater",
                "greater_equal",
                "less",
                "less_equal",
                "not_equal",
                "logical_and",
                "logical_or",
                "logical_xor",
            ),
            *("logical_not", "zeros_like", "reshape"),
        )
    },
    **{
        name: getattr(functional, name)
        for name in ("relu6", "selu", "hardswish", "softplus", "softsign", "silu", "gelu", "mish", "elu")
    },
    "power": torch.pow,
    "equal": torch.eq,
    "floor_divide": lambda a, b: torch.floor_divide(a.detach(), b.detach()) + 0 * (a + b),
    "hardsigmoid": lambda x: functional.relu6(x + 3) / 6,
    "cbrt": lambda x: torch.sign(x) * torch.pow(torch.abs(x), 1 / 3),
    "add_n": layers.summed,
    "log_sigmoid": functional.logsigmoid,
    "leaky_relu": places.renamed(functional.leaky_relu, alpha="negative_slope"),
    "prelu": lambda x, alpha: torch.where(x > 0, x, alpha * x),
    "clip": layers.clipped,
    "sum": places.reduced(torch.sum),
    "mean": places.reduced(torch.mean),
    "max": places.reduced(torch.amax),
    "min": places.reduced(torch.amin),
    "var": places.reduced(torch.var),
    "std": places.reduced(torch.std),
    "logsumexp": places.reduced(torch.logsumexp),
    "prod": places.over_all(torch.prod),
    "argmax": places.renamed(torch.argmax, axis="dim", keepdims="keepdim"),
    "argmin": places.renamed(torch.argmin, axis="dim", keepdims="keepdim"),
    "vector_norm": places.reduced(torch.linalg.vector_norm),
    "cumulative_sum": places.running(torch.cumsum, 0),
    "cumulative_prod": places.running(torch.cumprod, 1),
    "cumulative_max": lambda x, axis: torch.cummax(x, axis).values,
    "cumulative_min": lambda x, axis: torch.cummin(x, axis).values,
    "cumulative_argmax": lambda x, axis: torch.cummax(x, axis).indices,
    "cumulative_argmin": lambda x, axis: torch.cummin(x, axis).indices,
    "recurrence": places.recurrence,
    "linear": layers.linear,
    "diagonal": places.renamed(torch.diagonal, axis1="dim1", axis2="dim2"),
    "embed_diagonal": places.embedded,
    "tensordot": places.paired,
    "vecdot": dim(torch.linalg.vecdot),
    "cosine_similarity": layers.similarity,
    "tril": places.renamed(torch.tril, k="diagonal"),
    "triu": places.renamed(torch.triu, k="diagonal"),
    "trace": lambda x, offset: torch.diagonal(x, offset, -2, -1).sum(-1),
    "inv": torch.linalg.inv,
    "det": torch.linalg.det,
    "adjugate": layers.adjugate,
    "logdet": layers.log_determinant,
    "solve": torch.linalg.solve,
    "cholesky": torch.linalg.cholesky,
    "einsum": lambda *xs, equation: torch.einsum(equation, *xs),
    "conv1d": layers.convolved(functional.conv1d),
    "conv2d": layers.convolved(functional.conv2d),
    "conv_transpose1d": layers.convolved(functional.conv_transpose1d),
    "conv_transpose2d": layers.convolved(functional.conv_transpose2d),
    "conv2d_input_adjoint": layers.input_adjoint,
    "conv2d_weight_adjoint": layers.weight_adjoint,
    "softmax": dim(torch.softmax),
    "log_softmax": dim(torch.log_softmax),
    "mse_loss": layers.elementwise_loss(functional.mse_loss),
    "l1_loss": layers.elementwise_loss(functional.l1_loss),
    "huber_loss": layers.elementwise_loss(functional.huber_loss),
    "cross_entropy": layers.cross_entropy,
    "softmax_cross_entropy": layers.soft_cross_entropy,
    "nll_loss": layers.picked,
    "binary_cross_entropy": layers.elementwise_loss(functional.binary_cross_entropy),
    "binary_cross_entropy_with_logits": layers.elementwise_loss(functional.binary_cross_entropy_with_logits),
    "kl_div": layers.divergence,
    "hinge_loss": layers.hinge,
    "permute_dims": places.permuted,
    "matrix_transpose": lambda x: x.mT,
    "broadcast_to": places.stretched,
    "expand_dims": places.expanded,
    "squeeze": places.squeezed,
    "concat": lambda *xs, axis: torch.cat(xs, axis),
    "stack": lambda *xs, axis: torch.stack(xs, axis),
    "split": places.parted,
    "flip": places.laid(np.flip),
    "roll": places.laid(np.roll),
    "tile": places.laid(np.tile),
    "repeat": places.laid(np.repeat),
    "pad": places.padded,
    "crop": places.cropped,
    "getitem": lambda x, index: torch.take(x, places.positions(x.shape, index)),
    "scatter": lambda x, index, shape: places.spread(x, places.positions(shape, index), shape),
    "take": places.taken,
    "segment_sum": places.segments,
    "index_add": places.added,
    "take_along_axis": places.taken_along,
    "scatter_along_axis": places.scattered_along,
    "gather_nd": lambda x, i: torch.take(x, places.several(x.shape, i)),
    "scatter_nd": lambda x, i, shape: places.spread(x, places.several(shape, i), shape),
    "sort": layers.sorted_along,
    "argsort": lambda x, axis, descending: torch.argsort(x, dim=axis, descending=descending, stable=True),
    "top_k_values": layers.best("values"),
    "top_k_indices": layers.best("indices"),
    "one_hot": layers.one_hot,
    "where": layers.chosen,
    "identity": torch.clone,
    "stop_gradient": layers.stopped,
    "astype": layers.turned,
    "product_of_others": places.others,
    "layer_norm": layers.layer_normalised,
    "rms_norm": layers.root_normalised,
    "batch_norm": layers.batch_normalised,
    "batch_norm_inference": layers.given_normalised,
    "group_norm": layers.group_normalised,
    "instance_norm": layers.instance_normalised,
    "dropout": layers.dropped,
    "embedding": partial(places.taken, axis=0),
    "scaled_dot_product_attention": layers.attended,
    "multi_head_attention": layers.attended_by_heads,
    "rnn_cell": layers.cell(layers.plain_step),
    "gru_cell": layers.cell(layers.gated_step),
    "lstm_cell_hidden": layers.cell(layers.long_hidden, states=2),
    "lstm_cell_state": layers.cell(layers.long_memory, states=2),
    "max_pool2d_adjoint": lambda u, x, **params: places.transposed(partial(TABLE["max_pool2d"], **params), u, x),
    "max_pool2d_tangent": layers.pool_tangent,
    "avg_pool2d_adjoint": lambda u, shape, **params: places.transposed(
        partial(TABLE["avg_pool2d"], **params), u, torch.zeros(shape)
    ),
    "max_pool1d": layers.pooled(functional.max_pool1d),
    "avg_pool1d": layers.pooled(functional.avg_pool1d),
    "max_pool2d": layers.pooled(functional.max_pool2d),
    "avg_pool2d": layers.pooled(functional.avg_pool2d),
}
"""The ops that PyTorch has, or can be given in a line."""
