"""The cases of the engine's benchmark in PyTorch, as one writes them there: eager, one thread."""

import torch
from torch.nn import functional

from tests.benchmarks._engine_cases import CHAIN

torch.set_num_threads(1)


def prepare(case):
    """Return a function that runs a case forward and back and gives the gradients of its leaves, in their order."""
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in case.leaves.items()}
    upstream = None if case.upstream is None else torch.tensor(case.upstream)
    labels = None if case.labels is None else torch.tensor(case.labels)
    forward = FORWARD[case.kind]
    given = list(leaves.values())

    def step():
        for leaf in given:
            leaf.grad = None
        forward(leaves, labels).backward(upstream)
        return [leaf.grad for leaf in given]

    return step


def chain(leaves, _labels):
    y, a, b = leaves.values()
    for i in range(CHAIN):
        y = y * a if i % 3 == 0 else y + b if i % 3 == 1 else torch.relu(y)
    return y


def fan(leaves, _labels):
    x, *weights = leaves.values()
    total = torch.relu(x * weights[0])
    for w in weights[1:]:
        total = total + torch.relu(x * w)
    return total


def mlp(leaves, _labels):
    x, W1, b1, W2, b2 = leaves.values()
    return torch.relu(x @ W1 + b1) @ W2 + b2


def classifier(leaves, labels):
    return functional.cross_entropy(mlp(leaves, labels), labels)


def conv(leaves, _labels):
    x, w, b = leaves.values()
    return torch.relu(functional.conv2d(x, w, b, padding=1))


def attention(leaves, _labels):
    x, Wq, Wk, Wv = leaves.values()
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    return torch.softmax((q @ k.T) * 0.125, -1) @ v


FORWARD = {"chain": chain, "fan": fan, "mlp": mlp, "classifier": classifier, "conv": conv, "attention": attention}
