"""Whole graphs against finite differences: fan-out, broadcasting, several targets, seeds, and ops of every family."""

import numpy as np
import pytest

import gradviz as gv

STEP = 1e-5
GRAPHS = {  # expression; shapes of its float arrays; other arrays
    "a layer with a broadcast bias": (
        "loss = sum((x @ W + b - t)**2)",
        {"x": (4, 3), "W": (3, 2), "b": (2,), "t": (4, 2)},
        {},
    ),
    "two layers and a softmax loss": (
        "h = tanh(x @ W + b); loss = cross_entropy(h @ V + c, labels)",
        {"x": (5, 3), "W": (3, 4), "b": (4,), "V": (4, 3), "c": (3,)},
        {"labels": np.array([0, 2, 1, 1, 0])},
    ),
    "soft labels": (
        "p = softmax(t, axis=-1); loss = softmax_cross_entropy(linear(x, W, b), p)",
        {"x": (3, 2), "W": (2, 4), "b": (4,), "t": (3, 4)},
        {},
    ),
    "one node that feeds many": (
        "y = x*x + x*sin(x) - x/(2 + cos(x)); loss = mean(y * y, axis=0, keepdims=True) + x",
        {"x": (3,)},
        {},
    ),
    "broadcasting from both sides": (
        "y = (a + b) * c / (1 + exp(d))",
        {"a": (3, 1), "b": (1, 4), "c": (), "d": (2, 1, 1)},
        {},
    ),
    "attention written out": (
        "s = softmax((q @ k.mT) / 3**0.5, axis=-1); y = s @ v",
        {"q": (2, 4, 3), "k": (2, 5, 3), "v": (2, 5, 2)},
        {},
    ),
    "einsum of three, with a trace and a sum": (
        "y = einsum('ij,jk,ki->i', a, b, c) * einsum('ii->', d)",
        {"a": (2, 3), "b": (3, 4), "c": (4, 2), "d": (3, 3)},
        {},
    ),
    "a strided, padded, grouped convolution": (
        "y = relu(conv2d(x, w, b, stride=2, padding=1, groups=2)).sum(axis=(1, 2, 3))",
        {"x": (2, 4, 5, 5), "w": (6, 2, 3, 3), "b": (6,)},
        {},
    ),
    "indexing that picks twice and backwards": (
        "y = x[::-1, [0, 2, 0]] * w; z = y.sum() + (x[1:, None, 1] * x[..., 2][:-1]).mean()",
        {"x": (4, 3), "w": (3,)},
        {},
    ),
    "shapes turned and joined": (
        "y = stack([x.T.reshape(3, 2), permute_dims(z, (1, 0))], axis=-1); s = squeeze(expand_dims(y, 0), 0).mean(2)",
        {"x": (3, 2), "z": (2, 3)},
        {},
    ),
    "maxima, clips and choices": (
        "y = where(x > w, maximum(x, w), clip(x * w, -0.5, 0.5)) + max(x, axis=1, keepdims=True) - min(abs(w))",
        {"x": (3, 4), "w": (3, 4)},
        {},
    ),
    "a numerically careful likelihood": (
        "y = logsumexp(x, axis=0) + log_softmax(x, axis=1).sum(0) - log(sigmoid(x[0])) + sqrt(1 + x[1]**2)",
        {"x": (3, 3)},
        {},
    ),
    "powers and roots": (
        "y = abs(x)**p + mse_loss(x, p) - broadcast_to(q, (3, 2)).sum()",
        {"x": (3, 2), "p": (2,), "q": (2,)},
        {},
    ),
}


def drawn(shapes, generator):
    return {name: np.asarray(generator.normal(size=shape)) for name, shape in shapes.items()}


def weighed(tape, seeds):
    """Return what is differentiated: the sum over all targets of seed times value."""
    return sum(np.sum(seed * tape.values[name]) for name, seed in seeds.items())


def differences(text, arrays, others, seeds, name):
    """Return the gradient of the weighed targets for one array, cell by cell, by central differences."""
    gradient = np.zeros(arrays[name].shape)
    for cell in np.ndindex(gradient.shape):
        ahead, behind = arrays[name].copy(), arrays[name].copy()
        ahead[cell] += STEP
        behind[cell] -= STEP
        sides = [gv.run(gv.parse(text, **{**arrays, name: array}, **others), seeds) for array in (ahead, behind)]
        gradient[cell] = (weighed(sides[0], seeds) - weighed(sides[1], seeds)) / (2 * STEP)
    return gradient


@pytest.mark.parametrize("title", GRAPHS)
def test_gradients_agree_with_finite_differences(title):
    text, shapes, others = GRAPHS[title]
    generator = np.random.default_rng(len(title))
    arrays = drawn(shapes, generator)
    document = gv.parse(text, **arrays, **others)
    target = next(iter(document.targets))
    seeds = {target: np.asarray(generator.normal(size=gv.run(document).values[target].shape))}
    tape = gv.run(document, seeds)
    for name, array in arrays.items():
        assert tape.gradients[name].shape == array.shape
        expected = differences(text, arrays, others, seeds, name)
        np.testing.assert_allclose(tape.gradients[name], expected, rtol=1e-6, atol=1e-7)
    assert all(tape.gradients[name] is None for name in others)


def test_gradients_of_several_targets_with_seeds_are_added():
    text = "h = x @ W; y = tanh(h); loss = sum(h * h)"
    generator = np.random.default_rng(3)
    arrays = drawn({"x": (2, 3), "W": (3, 2)}, generator)
    seeds = {"loss": np.array(0.5), "y": generator.normal(size=(2, 2)), "h": generator.normal(size=(2, 2))}
    tape = gv.run(gv.parse(text, **arrays), seeds)
    for name in arrays:
        expected = differences(text, arrays, {}, seeds, name)
        np.testing.assert_allclose(tape.gradients[name], expected, rtol=1e-6, atol=1e-7)


def test_stopped_gradients_and_integers_leave_no_path():
    tape = gv.run(gv.parse("y = x * stop_gradient(x) + n * stop_gradient(z)", x=[1.0, 2.0], z=[3.0, 4.0], n=[1, 2]))
    assert tape.gradients["x"].tolist() == [1.0, 2.0]
    assert tape.gradients["z"] is None
    assert tape.gradients["n"] is None


def test_a_float32_graph_stays_float32_through_literals():
    x = np.ones((2, 2), np.float32)
    tape = gv.run(gv.parse("loss = 0.5 * sum((2*x - 1)**2 + x**3)", x=x))
    assert {value.dtype.name for value in tape.values.values()} == {"float32"}
    assert tape.gradients["x"].dtype == np.float32
    assert tape.gradients["x"].tolist() == [[3.5, 3.5], [3.5, 3.5]]
