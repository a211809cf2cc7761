"""Losses and layers, as PyTorch has them: its channels come second, its weights are turned round."""

import math

import torch
from torch.nn import functional


def linear(x, w, b=None):
    return x @ w if b is None else x @ w + b


def convolved(function):
    def convolve(x, w, b=None, **params):
        return function(x, w, b, **params)

    return convolve


def input_adjoint(u, w, shape, **params):
    return torch.nn.grad.conv2d_input(shape, w, u, **params)


def weight_adjoint(x, u, shape, **params):
    return torch.nn.grad.conv2d_weight(x, shape, u, **params)


def total(losses, reduction):
    return {"none": lambda x: x, "sum": torch.sum, "mean": torch.mean}[reduction](losses)


def elementwise_loss(function):
    return lambda x, t, reduction, **params: total(
        function(*torch.broadcast_tensors(x, t), reduction="none", **params), reduction
    )


def picked(logs, t, axis, reduction):
    return total(-torch.gather(logs, axis, t.unsqueeze(axis)).squeeze(axis), reduction)


def cross_entropy(x, t, axis, reduction):
    return picked(torch.log_softmax(x, axis), t, axis, reduction)


def soft_cross_entropy(x, t, axis, reduction):
    return total(-torch.sum(t * torch.log_softmax(x, axis), axis), reduction)


def divergence(x, t, reduction):
    return total(functional.kl_div(*torch.broadcast_tensors(x, t), reduction="none"), reduction)


def hinge(x, t, reduction):
    return total(torch.relu(1 - x * t), reduction)


def one_hot(x, depth, axis, dtype):
    cells = functional.one_hot(x.to(torch.int64), depth).to(getattr(torch, dtype))
    return torch.movedim(cells, -1, axis)


def turned(x, dtype):
    return x.to(getattr(torch, dtype), copy=True)


def clipped(x, min, max):
    return x.clone() if min is None and max is None else torch.clamp(x, min, max)


def log_determinant(x):
    return torch.linalg.slogdet(x).logabsdet


def adjugate(x):
    return torch.linalg.det(x)[..., None, None] * torch.linalg.inv(x)


def similarity(a, b, axis, eps):
    lengths = [torch.clamp(torch.linalg.vector_norm(x, dim=axis), eps) for x in torch.broadcast_tensors(a, b)]
    return torch.linalg.vecdot(a, b, dim=axis) / math.prod(lengths)


def chosen(condition, a, b):
    return torch.where(condition.to(torch.bool), a, b)


def sorted_along(x, axis, descending):
    return torch.sort(x, dim=axis, descending=descending, stable=True).values


def best(which):
    return lambda x, k, axis: getattr(torch.topk(x, k, dim=axis), which)


def pooled(function, **more):
    def pool(x, kernel, stride, padding, **params):
        return function(x, kernel, stride, padding, **params, **more)

    return pool


def pool_tangent(u, x, **params):
    where = functional.max_pool2d(x, params["kernel"], params["stride"], params["padding"], return_indices=True)[1]
    return u.flatten(2).gather(2, where.flatten(2)).reshape(where.shape)


def stopped(x):
    return x.detach()


def summed(*xs):
    return sum(xs)


def layer_normalised(x, gamma, beta=None, *, eps):
    return functional.layer_norm(x, gamma.shape, gamma, beta, eps)


def root_normalised(x, gamma, eps):
    return functional.rms_norm(x, gamma.shape, gamma, eps)


def batch_normalised(x, gamma, beta, axis, eps):
    others = [a for a in range(x.ndim) if a != axis % x.ndim]
    if not others:
        return 0 * (x + gamma) + beta  # a channel of one number, which PyTorch refuses, is its own mean
    variance = torch.var(x, others, correction=0)
    return given_normalised(x, gamma, beta, torch.mean(x, others), variance, axis=axis, eps=eps)


def given_normalised(x, gamma, beta, mean, variance, *, axis, eps):
    shape = [-1 if a == axis % x.ndim else 1 for a in range(x.ndim)]
    gamma, beta, mean, variance = (each.reshape(shape) for each in (gamma, beta, mean, variance))
    return (x - mean) * torch.rsqrt(variance + eps) * gamma + beta


def group_normalised(x, gamma, beta, groups, eps):
    return functional.group_norm(x, groups, gamma, beta, eps)


def instance_normalised(x, gamma, beta, eps):
    return functional.group_norm(x, x.shape[1], gamma, beta, eps)


def dropped(x, mask, p):
    return x * mask / (1 - p)


def attended(q, k, v, mask=None, *, causal, scale):
    allowed = torch.zeros(q.shape[-2], k.shape[-2], dtype=q.dtype)
    if causal:
        allowed = allowed.masked_fill(~torch.ones(allowed.shape, dtype=torch.bool).tril(), -math.inf)
    if mask is not None:
        allowed = torch.where(mask, allowed, -math.inf) if mask.dtype == torch.bool else allowed + mask
    batch = torch.broadcast_shapes(*(x.shape[:-2] for x in (q, k, v, allowed)))
    q, k, v = (x.broadcast_to((*batch, *x.shape[-2:])) for x in (q, k, v))
    y = functional.scaled_dot_product_attention(q, k, v, allowed, scale=scale)
    masked = torch.all(allowed == -math.inf, -1, keepdim=True) & (allowed.shape[-1] > 0)
    return y.masked_fill(masked, math.nan)  # PyTorch gives 0 since 2.5


def attended_by_heads(q, k, v, mask=None, *, heads, causal, scale):
    split = [x.unflatten(-1, (heads, x.shape[-1] // heads)).transpose(-2, -3) for x in (q, k, v)]
    several = mask if mask is None or mask.ndim < 3 else mask.unsqueeze(-3)
    return attended(*split, several, causal=causal, scale=scale).transpose(-2, -3).flatten(-2)


def cell(function, states=1):
    """Return one step of a recurrent network: PyTorch wants a batch, its weights turned round, and both biases."""

    def step(x, *rest, **params):
        state, (inward, around, *biases) = rest[:states], rest[states:]
        missing = [torch.zeros(around.shape[-1], dtype=x.dtype)] * (2 - len(biases))
        x, *state = (each if x.ndim > 1 else each[None] for each in (x, *state))
        lead = x.shape[:-1]
        x, *state = (each.reshape(-1, each.shape[-1]) for each in (x, *state))
        y = function(x, state, inward.mT, around.mT, *biases, *missing, **params)
        return y.reshape((*lead, y.shape[-1])) if rest[0].ndim > 1 else y[0]

    return step


def plain_step(x, state, *weights, activation):
    return {"tanh": torch.rnn_tanh_cell, "relu": torch.rnn_relu_cell}[activation](x, *state, *weights)


def gated_step(x, state, *weights):
    return torch.gru_cell(x, *state, *weights)


def long_hidden(x, state, *weights):
    return torch.lstm_cell(x, state, *weights)[0]


def long_memory(x, state, *weights):
    return torch.lstm_cell(x, state, *weights)[1]
