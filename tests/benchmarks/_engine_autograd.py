"""The cases of the engine's benchmark in HIPS autograd: NumPy functions, differentiated."""

import autograd.numpy as np
from autograd import make_vjp
from autograd.builtins import tuple as as_tuple

from tests.benchmarks._engine_cases import CHAIN


def prepare(case):
    """Return a function that runs a case forward and back and gives the gradients of its leaves, in their order."""
    leaves = tuple(value.item() if value.ndim == 0 else value for value in case.leaves.values())
    forward = FORWARD[case.kind]

    def step():
        sweep, y = make_vjp(lambda given: forward(given, case.labels))(as_tuple(leaves))
        return sweep(np.ones_like(y) if case.upstream is None else case.upstream)

    return step


def chain(leaves, _labels):
    y, a, b = leaves
    for i in range(CHAIN):
        y = y * a if i % 3 == 0 else y + b if i % 3 == 1 else np.maximum(y, 0.0)
    return y


def fan(leaves, _labels):
    x, weights = leaves[0], leaves[1:]
    total = np.maximum(x * weights[0], 0.0)
    for w in weights[1:]:
        total = total + np.maximum(x * w, 0.0)
    return total


def mlp(leaves, _labels):
    x, W1, b1, W2, b2 = leaves
    return np.dot(np.maximum(np.dot(x, W1) + b1, 0), W2) + b2


def classifier(leaves, labels):
    y = mlp(leaves, labels)
    shifted = y - np.max(y, axis=1, keepdims=True)
    picked = shifted[np.arange(len(labels)), labels]
    return np.mean(np.log(np.sum(np.exp(shifted), axis=1)) - picked)


def conv(leaves, _labels):
    x, w, b = leaves
    count, inside, height, width = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="constant")
    windows = [padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    columns = np.reshape(np.stack(windows, axis=2), (count, inside * 9, height * width))
    y = np.matmul(np.reshape(w, (w.shape[0], inside * 9)), columns)
    return np.maximum(np.reshape(y, (count, -1, height, width)) + np.reshape(b, (-1, 1, 1)), 0)


def attention(leaves, _labels):
    x, Wq, Wk, Wv = leaves
    q, k, v = np.dot(x, Wq), np.dot(x, Wk), np.dot(x, Wv)
    s = np.dot(q, k.T) * np.float32(0.125)
    powers = np.exp(s - np.max(s, axis=1, keepdims=True))
    return np.dot(powers / np.sum(powers, axis=1, keepdims=True), v)


FORWARD = {"chain": chain, "fan": fan, "mlp": mlp, "classifier": classifier, "conv": conv, "attention": attention}
