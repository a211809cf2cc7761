"""Small graphs and the same in PyTorch, for Hessians and Hessian–vector products.

`python -m tests.engine.second_order_cases` writes what PyTorch says into tests/golden/second_order.json.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

GOLDEN = Path(__file__).parents[1] / "golden/second_order.json"


def numbers(shape, seed, low=-1.0, high=1.0):
    """Draw a tensor whose numbers are short to write down."""
    return np.round(np.random.default_rng(seed).uniform(low, high, size=shape), 3)


def positive(shape, seed):
    return numbers(shape, seed, 0.4, 1.6)


def spd(size, seed):
    root = numbers((size, size), seed)
    return np.round(root @ root.T + size * np.eye(size), 3)


CASES = {
    "a cubic": ("loss = x**3", {"x": np.array(1.5)}, lambda x: x**3),
    "the valley of Rosenbrock": (
        "loss = sum(100 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)",
        {"x": numbers(4, 1)},
        lambda x: torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    ),
    "logistic regression": (
        "loss = mean(log(1 + exp(-t * (X @ w + b))))",
        {"X": numbers((5, 3), 2), "w": numbers(3, 3), "b": numbers((), 4), "t": np.array([1.0, -1, 1, 1, -1])},
        lambda X, w, b, t: torch.mean(torch.log(1 + torch.exp(-t * (X @ w + b)))),
    ),
    "a network with tanh": (
        "loss = mean((tanh(X @ W + b) @ V - t)**2)",
        {
            "X": numbers((4, 3), 5),
            "W": numbers((3, 2), 6),
            "b": numbers(2, 7),
            "V": numbers((2, 1), 8),
            "t": numbers((4, 1), 9),
        },
        lambda X, W, b, V, t: torch.mean((torch.tanh(X @ W + b) @ V - t) ** 2),
    ),
    "a softmax layer": (
        "loss = -sum(t * log_softmax(X @ W + b))",
        {"X": numbers((2, 3), 10), "W": numbers((3, 3), 11), "b": numbers(3, 12), "t": positive((2, 3), 13)},
        lambda X, W, b, t: -torch.sum(t * torch.log_softmax(X @ W + b, -1)),
    ),
    "softmax and its own logarithm": (
        "p = softmax(z); loss = -sum(p * log(p) * w)",
        {"z": numbers((2, 3), 14), "w": numbers((2, 3), 15)},
        lambda z, w: -torch.sum(torch.softmax(z, -1) * torch.log(torch.softmax(z, -1)) * w),
    ),
    "logsumexp": (
        "loss = sum(logsumexp(x, axis=1)**2)",
        {"x": numbers((2, 3), 16)},
        lambda x: torch.sum(torch.logsumexp(x, 1) ** 2),
    ),
    "a quotient and a power that broadcast": (
        "loss = sum((a / b)**c * a)",
        {"a": positive((2, 3), 17), "b": positive(3, 18), "c": positive((2, 1), 19)},
        lambda a, b, c: torch.sum((a / b) ** c * a),
    ),
    "gates": (
        "loss = sum(sigmoid(a) * tanh(b) + softplus(a * b) + gelu(a - b) + silu(b))",
        {"a": numbers((2, 2), 20), "b": numbers((2, 2), 21)},
        lambda a, b: torch.sum(
            torch.sigmoid(a) * torch.tanh(b) + functional.softplus(a * b) + functional.gelu(a - b) + functional.silu(b)
        ),
    ),
    "pieces that are flat": (
        "loss = sum(relu(x)**2 * maximum(x, y) + where(x > y, x * y, y**3) + abs(x) * y)",
        {"x": numbers((2, 3), 22), "y": numbers((2, 3), 23)},
        lambda x, y: torch.sum(
            torch.relu(x) ** 2 * torch.maximum(x, y) + torch.where(x > y, x * y, y**3) + torch.abs(x) * y
        ),
    ),
    "a convolution": (
        "loss = sum(tanh(conv2d(x, w, stride=2, padding=1))**2)",
        {"x": numbers((1, 2, 4, 4), 24), "w": numbers((2, 2, 3, 3), 25)},
        lambda x, w: torch.sum(torch.tanh(functional.conv2d(x, w, stride=2, padding=1)) ** 2),
    ),
    "a mean, a spread and a root": (
        "d = x - mean(x, axis=1, keepdims=True); loss = sum(d / sqrt(mean(d**2, axis=1, keepdims=True) + 0.1) * w)",
        {"x": numbers((2, 4), 26), "w": numbers((2, 4), 27)},
        lambda x, w: torch.sum(
            (x - x.mean(1, keepdim=True))
            / torch.sqrt(((x - x.mean(1, keepdim=True)) ** 2).mean(1, keepdim=True) + 0.1)
            * w
        ),
    ),
    "layer norm": (
        "loss = sum(layer_norm(x, w, b)**3)",
        {"x": numbers((2, 4), 28), "w": numbers(4, 29), "b": numbers(4, 30)},
        lambda x, w, b: torch.sum(functional.layer_norm(x, (4,), w, b) ** 3),
    ),
    "attention": (
        "loss = sum(scaled_dot_product_attention(q, k, v)**2)",
        {"q": numbers((2, 3), 31), "k": numbers((4, 3), 32), "v": numbers((4, 2), 33)},
        lambda q, k, v: torch.sum(functional.scaled_dot_product_attention(q, k, v) ** 2),
    ),
    "an inverse and a determinant": (
        "loss = sum(inv(A) @ b) + det(A)",
        {"A": numbers((3, 3), 34) + 2 * np.eye(3), "b": numbers(3, 35)},
        lambda A, b: torch.sum(torch.linalg.inv(A) @ b) + torch.linalg.det(A),
    ),
    "solving, factoring and the logarithm of a determinant": (
        "loss = sum(solve(A, b)**2) + sum(cholesky(A @ matrix_transpose(A))) + logdet(A @ matrix_transpose(A))",
        {"A": spd(3, 36), "b": numbers((3, 1), 37)},
        lambda A, b: (
            torch.sum(torch.linalg.solve(A, b) ** 2)
            + torch.sum(torch.linalg.cholesky(A @ A.mT))
            + torch.logdet(A @ A.mT)
        ),
    ),
    "an equation of indices": (
        "loss = sum(einsum(x, y, z, equation='bi,ij,bj->b')**2)",
        {"x": numbers((2, 3), 38), "y": numbers((3, 2), 39), "z": numbers((2, 2), 40)},
        lambda x, y, z: torch.sum(torch.einsum("bi,ij,bj->b", x, y, z) ** 2),
    ),
    "places, products and running sums": (
        "loss = sum(cumulative_sum(x, axis=1)[:, ::2]**3) + prod(x) + sum(concat(x[0:1], y, axis=0)**2 * 0.5)",
        {"x": numbers((2, 3), 41), "y": numbers((1, 3), 42)},
        lambda x, y: (
            torch.sum(torch.cumsum(x, 1)[:, ::2] ** 3) + torch.prod(x) + torch.sum(torch.cat([x[0:1], y]) ** 2 * 0.5)
        ),
    ),
    "a norm and angles": (
        "loss = vector_norm(x) * sum(atan2(x, y)) + sum(sin(x) * cos(y) / cosh(x))",
        {"x": positive(3, 43), "y": positive(3, 44)},
        lambda x, y: (
            torch.linalg.vector_norm(x) * torch.sum(torch.atan2(x, y))
            + torch.sum(torch.sin(x) * torch.cos(y) / torch.cosh(x))
        ),
    ),
}
"""By name: the expression, its leaves, and the same in PyTorch."""


def second_order(name):
    """Return what PyTorch says of a case: gradients, a Hessian–vector product along `vectors`, and whole Hessians."""
    _, arrays, function = CASES[name]
    names = list(arrays)
    leaves = tuple(torch.tensor(array, dtype=torch.float64) for array in arrays.values())
    vectors = {leaf: numbers(np.shape(array), 100 + i) for i, (leaf, array) in enumerate(arrays.items())}

    def loss(*tensors):
        return function(**dict(zip(names, tensors, strict=True)))

    _, gradients = torch.autograd.functional.vjp(loss, leaves)
    _, products = torch.autograd.functional.hvp(loss, leaves, tuple(map(torch.tensor, vectors.values())))
    hessians = torch.autograd.functional.hessian(loss, leaves)
    return {
        "vectors": {leaf: vector.tolist() for leaf, vector in vectors.items()},
        "gradients": told(names, gradients),
        "products": told(names, products),
        "hessians": told(names, [hessians[i][i] for i in range(len(names))]),
    }


def told(names, tensors):
    return {name: tensor.tolist() for name, tensor in zip(names, tensors, strict=True)}


def write():
    """Write all cases, with what PyTorch says of them, as the golden file."""
    cases = [
        {
            "name": name,
            "expression": expression,
            "leaves": {leaf: np.asarray(array).tolist() for leaf, array in arrays.items()},
            **second_order(name),
        }
        for name, (expression, arrays, _) in CASES.items()
    ]
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"oracle": "torch {torch.__version__} float64", "cases": [\n{lines}\n]}}\n'
    GOLDEN.write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    write()
