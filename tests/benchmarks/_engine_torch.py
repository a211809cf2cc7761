"""The cases of the engine's benchmark in PyTorch, as one writes them there: eager, one thread.

Networks are modules, whose gradients are cleared by the optimizer; what has no layers is written with tensors.
`prepare_bare` writes networks with tensors too: less usual, and quicker.
"""

import torch
from torch import nn
from torch.nn import functional

from tests.benchmarks._engine_cases import CHAIN

torch.set_num_threads(1)


def prepare(case):
    """Return a function that runs a case forward and back and gives the gradients of its leaves, in their order."""
    upstream = None if case.upstream is None else torch.tensor(case.upstream)
    if case.kind in ("classifier", "mlp"):
        return network(case, upstream)
    return with_tensors(case, FORWARD[case.kind], upstream)


def prepare_bare(case):
    """Return the same for a network, without modules; None for a case that has none anyway."""
    if case.kind not in ("classifier", "mlp"):
        return None
    labels = None if case.labels is None else torch.tensor(case.labels)

    def forward(leaves):
        x, W1, b1, W2, b2 = leaves.values()
        y = torch.relu(x @ W1 + b1) @ W2 + b2
        return y if labels is None else functional.cross_entropy(y, labels)

    return with_tensors(case, forward, None if case.upstream is None else torch.tensor(case.upstream))


def with_tensors(case, forward, upstream):
    """Return the step of a function of the leaves."""
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in case.leaves.items()}

    def step():
        for leaf in leaves.values():
            leaf.grad = None
        forward(leaves).backward(upstream)
        return [leaf.grad for leaf in leaves.values()]

    return step


def network(case, upstream):
    """Return the step of two layers; a layer keeps its weights as (out, in)."""
    x, W1, b1, W2, b2 = (torch.tensor(value, requires_grad=True) for value in case.leaves.values())
    first, second = (nn.Linear(*W.shape, dtype=W.dtype) for W in (W1, W2))
    for layer, W, b in ((first, W1, b1), (second, W2, b2)):
        layer.weight.data, layer.bias.data = W.detach().T.contiguous(), b.detach()
    model = nn.Sequential(first, nn.ReLU(), second)
    optimizer = torch.optim.SGD([x, *model.parameters()], lr=0.1)
    labels = None if case.labels is None else torch.tensor(case.labels)

    def step():
        optimizer.zero_grad()
        y = model(x)
        (y if labels is None else functional.cross_entropy(y, labels)).backward(upstream)
        return x.grad, first.weight.grad.T, first.bias.grad, second.weight.grad.T, second.bias.grad

    return step


def chain(leaves):
    y, a, b = leaves.values()
    for i in range(CHAIN):
        y = y * a if i % 3 == 0 else y + b if i % 3 == 1 else torch.relu(y)
    return y


def fan(leaves):
    x, *weights = leaves.values()
    total = torch.relu(x * weights[0])
    for w in weights[1:]:
        total = total + torch.relu(x * w)
    return total


def conv(leaves):
    x, w, b = leaves.values()
    return torch.relu(functional.conv2d(x, w, b, padding=1))


def attention(leaves):
    x, Wq, Wk, Wv = leaves.values()
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    return torch.softmax((q @ k.T) * 0.125, -1) @ v


FORWARD = {"chain": chain, "fan": fan, "conv": conv, "attention": attention}
