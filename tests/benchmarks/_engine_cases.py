"""The cases of the engine's benchmark: the tensors of each, the document that gradviz runs, and NumPy by hand.

By hand means: as somebody writes it who knows the derivatives, with nothing computed twice; numbers of rank 0 are
Python floats there, and convolution is the textbook's (windows gathered into columns).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gradviz.graph import Computation, Document, Leaf, Node, Port, Tensor
from tests.engine.building import build

CHAIN, FAN = 1_000, 256


@dataclass(frozen=True)
class Case:
    """`leaves` all get a gradient; `labels` and `upstream` are what a loss, or the sweep, starts from."""

    name: str
    kind: str
    leaves: dict
    labels: np.ndarray | None = None
    upstream: np.ndarray | None = None


def cases():
    """Return the cases in the order of the table."""
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=32)
    return [
        Case("chain of 1,000", "chain", {"x": np.array(0.3), "a": np.array(1.001), "b": np.array(0.002)}),
        Case("fan of 256", "fan", {"x": np.array(0.7), **{f"w{i}": np.array(rng.normal()) for i in range(FAN)}}),
        Case("MLP 64, float32", "classifier", layers(rng, 32, (64, 64, 10), "float32"), labels),
        Case("MLP 64, float64", "classifier", layers(rng, 32, (64, 64, 10), "float64"), labels),
        with_upstream(rng, "MLP 1024", "mlp", layers(rng, 256, (1024, 1024, 1024), "float32"), (256, 1024)),
        with_upstream(rng, "conv 3×3", "conv", images(rng), (8, 16, 32, 32)),
        with_upstream(rng, "attention", "attention", head(rng), (64, 64)),
    ]


def with_upstream(rng, name, kind, leaves, shape):
    """Return a case in float32 whose sweep starts with a given gradient."""
    return Case(f"{name}, float32", kind, leaves, upstream=normal(rng, shape, "float32"))


def normal(rng, shape, dtype, scale=1.0):
    return (scale * rng.normal(size=shape)).astype(dtype)


def layers(rng, batch, sizes, dtype):
    leaves = {"x": normal(rng, (batch, sizes[0]), dtype)}
    for i, (m, n) in enumerate(pairwise(sizes), 1):
        leaves |= {f"W{i}": normal(rng, (m, n), dtype, m**-0.5), f"b{i}": normal(rng, n, dtype, 0.1)}
    return leaves


def images(rng):
    kernels = {"w": normal(rng, (16, 16, 3, 3), "float32", 0.1), "b": normal(rng, 16, "float32")}
    return {"x": normal(rng, (8, 16, 32, 32), "float32"), **kernels}


def head(rng):
    weights = {f"W{name}": normal(rng, (64, 64), "float32", 0.125) for name in "qkv"}
    return {"x": normal(rng, (64, 64), "float32"), **weights}


def document(case):
    """Return the document of a case."""
    if case.kind in ("chain", "fan"):
        return {"chain": chain, "fan": fan}[case.kind](case.leaves)
    leaves, nodes = dict(case.leaves), {}
    if case.kind == "classifier":
        leaves["t"] = (case.labels, "constant")
    if case.kind in ("classifier", "mlp"):
        nodes = {"z": ("linear", "x", "W1", "b1"), "h": ("relu", "z"), "y": ("linear", "h", "W2", "b2")}
        nodes |= {"loss": ("cross_entropy", "y", "t")} if case.kind == "classifier" else {}
    if case.kind == "conv":
        nodes = {"z": ("conv2d", "x", "w", "b", {"padding": 1}), "y": ("relu", "z")}
    if case.kind == "attention":
        leaves["scale"] = (np.array(0.125, "float32"), "constant")
        nodes = {
            "q": ("matmul", "x", "Wq"),
            "k": ("matmul", "x", "Wk"),
            "v": ("matmul", "x", "Wv"),
            "kt": ("permute_dims", "k", {"axes": (1, 0)}),
            "s": ("matmul", "q", "kt"),
            "scaled": ("multiply", "s", "scale"),
            "p": ("softmax", "scaled"),
            "y": ("matmul", "p", "v"),
        }
    target = next(reversed(nodes))
    return build(leaves, nodes, {target: None if case.upstream is None else Tensor(case.upstream)})


def chain(leaves, length=CHAIN):
    """Return `length` ops of rank 0, one after the other: times a, plus b, relu, and so on."""
    nodes = {name: Leaf("variable", Tensor(value)) for name, value in leaves.items()}
    wires, latest = {}, "x"
    for i in range(length):
        name, (op, port, *others) = f"n{i}", STEPS[i % 3]
        nodes[name] = Node(op)
        wires |= {Port(name, port): latest, **{Port(name, slot): leaf for slot, leaf in others}}
        latest = name
    return Document(Computation(nodes, wires, {latest: None}))


STEPS = (("multiply", "a", ("b", "a")), ("add", "a", ("b", "b")), ("relu", "x"))


def fan(leaves):
    """Return the sum of the rectified products of x with many weights."""
    nodes = {name: Leaf("variable", Tensor(value)) for name, value in leaves.items()}
    wires, latest = {}, "r0"
    for i in range(FAN):
        nodes |= {f"m{i}": Node("multiply"), f"r{i}": Node("relu")}
        wires |= {Port(f"m{i}", "a"): "x", Port(f"m{i}", "b"): f"w{i}", Port(f"r{i}", "x"): f"m{i}"}
        if i:
            nodes[f"s{i}"] = Node("add")
            wires |= {Port(f"s{i}", "a"): latest, Port(f"s{i}", "b"): f"r{i}"}
            latest = f"s{i}"
    return Document(Computation(nodes, wires, {latest: None}))


def by_hand(case):
    """Return a function that gives the gradients of all leaves, in their order."""
    return {
        "chain": chain_by_hand,
        "fan": fan_by_hand,
        "classifier": classifier_by_hand,
        "mlp": mlp_by_hand,
        "conv": conv_by_hand,
        "attention": attention_by_hand,
    }[case.kind](case)


def chain_by_hand(case):
    x, a, b = (value.item() for value in case.leaves.values())

    def step():
        values, latest = [], x
        for i in range(CHAIN):
            values.append(latest)
            latest = (latest * a, latest + b, latest if latest > 0 else 0.0)[i % 3]
        g, ga, gb = 1.0, 0.0, 0.0
        for i in range(CHAIN - 1, -1, -1):
            if i % 3 == 0:
                ga += g * values[i]
                g *= a
            elif i % 3 == 1:
                gb += g
            elif values[i] <= 0:
                g = 0.0
        return g, ga, gb

    return step


def fan_by_hand(case):
    x, *weights = (value.item() for value in case.leaves.values())

    def step():
        total, gx, gradients = 0.0, 0.0, []
        for w in weights:
            product = x * w
            is_open = product > 0
            total += product if is_open else 0.0
            gradients.append(x if is_open else 0.0)
            gx += w if is_open else 0.0
        return [gx, *gradients]

    return step


def classifier_by_hand(case):
    x, W1, b1, W2, b2 = case.leaves.values()
    rows, labels, count = np.arange(len(x)), case.labels, len(x)

    def step():
        z = x @ W1 + b1
        h = np.maximum(z, 0)
        y = h @ W2 + b2
        shifted = y - y.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        sums = powers.sum(axis=1, keepdims=True)
        loss = (np.log(sums[:, 0]) - shifted[rows, labels]).sum() / count
        g = powers / sums
        g[rows, labels] -= 1
        g /= count
        gh = g @ W2.T
        gh *= z > 0
        gradients = gh @ W1.T, x.T @ gh, gh.sum(axis=0), h.T @ g, g.sum(axis=0)
        return None if np.isnan(loss) else gradients

    return step


def mlp_by_hand(case):
    x, W1, b1, W2, b2 = case.leaves.values()
    g = case.upstream

    def step():
        z = x @ W1 + b1
        h = np.maximum(z, 0)
        y = h @ W2 + b2
        gh = g @ W2.T
        gh *= z > 0
        return (gh @ W1.T, x.T @ gh, gh.sum(axis=0), h.T @ g, g.sum(axis=0)) if y.size else None

    return step


def conv_by_hand(case):
    x, w, b = case.leaves.values()
    count, inside, height, width = x.shape
    outside = w.shape[0]
    flat = w.reshape(outside, -1)

    def step():
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(count * height * width, inside * 9)
        z = (columns @ flat.T + b).reshape(count, height, width, outside).transpose(0, 3, 1, 2)
        y = np.maximum(z, 0)
        g = case.upstream * (z > 0)
        rows = g.transpose(0, 2, 3, 1).reshape(-1, outside)
        gw = (rows.T @ columns).reshape(w.shape)
        spread = (rows @ flat).reshape(count, height, width, inside, 3, 3)
        gx = np.zeros_like(padded)
        for i in range(3):
            for j in range(3):
                gx[:, :, i : i + height, j : j + width] += spread[..., i, j].transpose(0, 3, 1, 2)
        return (gx[:, :, 1:-1, 1:-1], gw, rows.sum(axis=0)) if y.size else None

    return step


def attention_by_hand(case):
    x, Wq, Wk, Wv = case.leaves.values()
    g = case.upstream

    def step():
        q, k, v = x @ Wq, x @ Wk, x @ Wv
        s = (q @ k.T) * np.float32(0.125)
        s -= s.max(axis=1, keepdims=True)
        p = np.exp(s)
        p /= p.sum(axis=1, keepdims=True)
        y = p @ v
        gv = p.T @ g
        gp = g @ v.T
        gs = p * (gp - (gp * p).sum(axis=1, keepdims=True)) * np.float32(0.125)
        gq, gk = gs @ k, gs.T @ q
        gx = gq @ Wq.T + gk @ Wk.T + gv @ Wv.T
        return (gx, x.T @ gq, x.T @ gk, x.T @ gv) if y.size else None

    return step
