"""Recurrent cells: one step of a network that reads a sequence, as PyTorch computes them.

Inputs are `x` (batch, in) or (in,), the state `h` (batch, hidden) or (hidden,), and weights (in, gates × hidden) and
(hidden, gates × hidden), whose columns stand gate by gate. The two biases belong to the two products.

    RNN     h′ = tanh(a),                        a = x·Wx + bx + h·Wh + bh
    LSTM    c′ = σ(f)·c + σ(i)·tanh(z),          a = i | f | z | o,    h′ = σ(o)·tanh(c′)
    GRU     h′ = n + σ(z)·(h - n),               n = tanh(xn + σ(r)·hn),   gates r | z | n

Sources: Hochreiter and Schmidhuber 1997 (LSTM); Cho et al. 2014 (GRU, here with the reset behind the product).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from gradviz.errors import ShapeError
from gradviz.ops.activation import sigmoid
from gradviz.ops.dtypes import promote_to_float
from gradviz.ops.op import Op, Rule, Sample, Shape
from gradviz.ops.params import Param
from gradviz.ops.reduce import as_floats
from gradviz.ops.shapes import show


def _product(x: Any, weights: Any, *bias: Any) -> Any:
    return x @ weights + bias[0] if bias else x @ weights


def _sums(x: Any, h: Any, W_x: Any, W_h: Any, *biases: Any) -> tuple[Any, Any]:
    """Return what the input and what the state bring to all gates."""
    return _product(x, W_x, *biases[:1]), _product(h, W_h, *biases[1:])


def _gates(a: Any, count: int) -> list[Any]:
    """Return the parts of the last axis, one for each gate."""
    size = a.shape[-1] // count
    return [a[..., i * size : (i + 1) * size] for i in range(count)]


def _to_weights(x: Any, d: Any) -> Any:
    """Return what goes back to weights that `x` was multiplied by."""
    return np.expand_dims(x, -1) * np.expand_dims(d, -2) if x.ndim == 1 else np.matrix_transpose(x) @ d


def _slope(gate: Any) -> Any:
    """Return the slope of the sigmoid where its value is `gate`."""
    return gate * (1 - gate)


def _checked_cell(gates: int, x: Shape, h: Shape, weights: tuple[Shape, Shape], biases: tuple[Shape, ...]) -> Shape:
    """Return the shape of the state, or raise a `ShapeError` that tells what does not fit."""
    if len(x) not in {1, 2} or len(x) != len(h) or x[:-1] != h[:-1]:
        raise ShapeError(
            "x and h are (batch, size) of one batch, or both (size,), not {x} and {h}", x=show(x), h=show(h)
        )
    columns = gates * h[-1]
    for name, shape, size in (("W_x", weights[0], x[-1]), ("W_h", weights[1], h[-1])):
        if shape != (size, columns):
            raise ShapeError(
                "{name} must be {wanted}: {size} rows, and {gates} × {hidden} columns, not {shape}",
                name=name,
                wanted=show((size, columns)),
                size=size,
                gates=gates,
                hidden=h[-1],
                shape=show(shape),
            )
    for name, shape in zip(("b_x", "b_h"), biases, strict=False):
        if shape != (columns,):
            raise ShapeError(
                "{name} must be {wanted}, not {shape}", name=name, wanted=show((columns,)), shape=show(shape)
            )
    return h


def _cell_shape(gates: int) -> Callable[..., Shape]:
    def shape(x: Shape, h: Shape, W_x: Shape, W_h: Shape, *biases: Shape, **_params: object) -> Shape:
        return _checked_cell(gates, x, h, (W_x, W_h), biases)

    return shape


def _vjps(back: Rule, states: int = 0) -> dict[str, Rule]:
    """Return the rules of input, state, weights and biases; `states` is how many more states stand before the weights.

    `back(g, y, *inputs, **params)` returns what goes back to what the input, and to what the state brings to all gates.
    """
    first = 2 + states

    def to_input(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
        return back(g, y, *inputs, **params)[0] @ np.matrix_transpose(inputs[first])

    def to_state(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
        return back(g, y, *inputs, **params)[1] @ np.matrix_transpose(inputs[first + 1])

    return {
        "x": to_input,
        "h": to_state,
        "W_x": lambda g, y, *inputs, **params: _to_weights(inputs[0], back(g, y, *inputs, **params)[0]),
        "W_h": lambda g, y, *inputs, **params: _to_weights(inputs[1], back(g, y, *inputs, **params)[1]),
        "b_x": lambda g, y, *inputs, **params: back(g, y, *inputs, **params)[0],
        "b_h": lambda g, y, *inputs, **params: back(g, y, *inputs, **params)[1],
    }


# the plain cell


def _rnn(*inputs: Any, activation: str) -> Any:
    from_x, from_h = _sums(*as_floats(*inputs))
    return np.tanh(from_x + from_h) if activation == "tanh" else np.maximum(from_x + from_h, 0)


def _rnn_back(g: Any, y: Any, *_inputs: Any, activation: str) -> tuple[Any, Any]:
    d = g * (1 - np.square(y)) if activation == "tanh" else np.where(y > 0, g, 0.0)
    return d, d


# long short-term memory


def _lstm_gates(x: Any, h: Any, _c: Any, *rest: Any) -> Sequence[Any]:
    """Return the gates: in, forget, and out, with the new content before the last."""
    from_x, from_h = _sums(x, h, *rest)
    i, f, z, o = _gates(from_x + from_h, 4)
    return [sigmoid(i), sigmoid(f), np.tanh(z), sigmoid(o)]


def _memory(gates: Sequence[Any], c: Any) -> Any:
    """Return the new memory: what the gate forget lets pass of the old, and the gate in of the new content."""
    i, f, z, _ = gates
    return f * c + i * z


def _lstm_state(*inputs: Any) -> Any:
    inputs = as_floats(*inputs)
    return _memory(_lstm_gates(*inputs), inputs[2])


def _lstm_hidden(*inputs: Any) -> Any:
    inputs = as_floats(*inputs)
    gates = _lstm_gates(*inputs)
    return gates[3] * np.tanh(_memory(gates, inputs[2]))


def _to_gates(to_c: Any, to_out: Any, gates: Sequence[Any], c: Any) -> tuple[Any, Any]:
    """Return what goes back to the sums, from what goes back to the new memory and to the sum of the gate out."""
    i, f, z, _ = gates
    parts = [to_c * z * _slope(i), to_c * c * _slope(f), to_c * i * (1 - np.square(z)), to_out]
    d = np.concatenate(parts, axis=-1)
    return d, d


def _lstm_state_back(g: Any, y: Any, *inputs: Any) -> tuple[Any, Any]:
    inputs = as_floats(*inputs)
    return _to_gates(g, np.zeros_like(g), _lstm_gates(*inputs), inputs[2])


def _lstm_state_vjp_c(g: Any, y: Any, *inputs: Any) -> Any:
    return g * _lstm_gates(*as_floats(*inputs))[1]


def _to_memory(g: Any, o: Any, bent: Any) -> Any:
    """Return what goes back from the hidden state to the new memory, whose tanh is `bent`."""
    return g * o * (1 - np.square(bent))


def _lstm_hidden_back(g: Any, y: Any, *inputs: Any) -> tuple[Any, Any]:
    inputs = as_floats(*inputs)
    gates = _lstm_gates(*inputs)
    bent, o = np.tanh(_memory(gates, inputs[2])), gates[3]
    return _to_gates(_to_memory(g, o, bent), g * bent * _slope(o), gates, inputs[2])


def _lstm_hidden_vjp_c(g: Any, y: Any, *inputs: Any) -> Any:
    inputs = as_floats(*inputs)
    gates = _lstm_gates(*inputs)
    return _to_memory(g, gates[3], np.tanh(_memory(gates, inputs[2]))) * gates[1]


def _lstm_shape(x: Shape, h: Shape, c: Shape, W_x: Shape, W_h: Shape, *biases: Shape) -> Shape:
    if c != h:
        raise ShapeError("the memory c must have the shape of h, {h}, not {c}", h=show(h), c=show(c))
    return _checked_cell(4, x, h, (W_x, W_h), biases)


# the gated unit


def _gru_gates(*inputs: Any) -> tuple[Any, Any, Any, Any]:
    """Return the gates reset and update, the new content, and what the state brings to it."""
    from_x, from_h = _sums(*inputs)
    (x_r, x_z, x_n), (h_r, h_z, h_n) = _gates(from_x, 3), _gates(from_h, 3)
    r = sigmoid(x_r + h_r)
    return r, sigmoid(x_z + h_z), np.tanh(x_n + r * h_n), h_n


def _gru(*inputs: Any) -> Any:
    inputs = as_floats(*inputs)
    _, z, n, _ = _gru_gates(*inputs)
    return n + z * (inputs[1] - n)


def _gru_back(g: Any, y: Any, *inputs: Any) -> tuple[Any, Any]:
    inputs = as_floats(*inputs)
    r, z, n, from_h = _gru_gates(*inputs)
    to_n = g * (1 - z) * (1 - np.square(n))
    to_r, to_z = to_n * from_h * _slope(r), g * (inputs[1] - n) * _slope(z)
    return np.concatenate([to_r, to_z, to_n], axis=-1), np.concatenate([to_r, to_z, to_n * r], axis=-1)


def _gru_vjp_h(g: Any, y: Any, *inputs: Any) -> Any:
    _, z, _, _ = _gru_gates(*as_floats(*inputs))
    return _vjps(_gru_back)["h"](g, y, *inputs) + g * z


_PORTS: Final = ("W_x", "W_h", "b_x", "b_h")
_SIZES: Final[tuple[tuple[Shape, int, int], ...]] = (((2,), 3, 2), ((3,), 3, 3), ((), 2, 1), ((1,), 1, 2), ((0,), 2, 2))
"""Batches, and how many numbers the input and the state have."""


def _samples(gates: int, states: int, **params: Any) -> tuple[Sample, ...]:
    """Return samples with both biases, one of them and none."""
    samples = []
    for number, (batch, size, hidden) in enumerate(_SIZES):
        weights = (size, gates * hidden), (hidden, gates * hidden)
        biases = ((gates * hidden,),) * ((2, 2, 1, 0, 2)[number])
        samples.append(Sample(((*batch, size), *((*batch, hidden),) * states, *weights, *biases), params))
    return tuple(samples)


RNN_CELL: Final = Op(
    name="rnn_cell",
    family="layer",
    doc="Do one step of a plain recurrent network: h′ = tanh(x·Wx + bx + h·Wh + bh), or relu.",
    inputs=("x", "h", *_PORTS),
    optional=2,
    forward=_rnn,
    vjp=_vjps(_rnn_back),
    shape=_cell_shape(1),
    dtype=promote_to_float,
    params={
        "activation": Param(kind="choice", default="tanh", choices=("tanh", "relu"), doc="what bends the sum"),
    },
    samples=(*_samples(1, 1, activation="tanh"), *_samples(1, 1, activation="relu")[:2]),
    symbol="RNN",
    aliases=("tf.keras.layers.SimpleRNNCell", "torch.nn.RNNCell", "torch.rnn_tanh_cell", "RNN"),
)

LSTM_CELL_STATE: Final = Op(
    name="lstm_cell_state",
    family="layer",
    doc="Do one step of an LSTM and return its new memory c′; lstm_cell_hidden returns its new state h′ from the same "
    "inputs. Gates stand in the weights as in, forget, content, out.",
    inputs=("x", "h", "c", *_PORTS),
    optional=2,
    forward=_lstm_state,
    vjp={**_vjps(_lstm_state_back, 1), "c": _lstm_state_vjp_c},
    shape=_lstm_shape,
    dtype=promote_to_float,
    samples=_samples(4, 2),
    symbol="LSTMc",
    aliases=("long short-term memory", "tf.keras.layers.LSTMCell", "torch.nn.LSTMCell", "torch.lstm_cell"),
)

LSTM_CELL_HIDDEN: Final = Op(
    name="lstm_cell_hidden",
    family="layer",
    doc="Do one step of an LSTM and return its new state h′, what the gate out lets through of its new memory; "
    "lstm_cell_state returns the memory itself.",
    inputs=("x", "h", "c", *_PORTS),
    optional=2,
    forward=_lstm_hidden,
    vjp={**_vjps(_lstm_hidden_back, 1), "c": _lstm_hidden_vjp_c},
    shape=_lstm_shape,
    dtype=promote_to_float,
    samples=_samples(4, 2),
    symbol="LSTMh",
    aliases=("tf.keras.layers.LSTM", "torch.nn.LSTM", "LSTM"),
)

GRU_CELL: Final = Op(
    name="gru_cell",
    family="layer",
    doc="Do one step of a gated recurrent unit; its gates stand in the weights as reset, update, content, and the "
    "reset works behind the product with h.",
    inputs=("x", "h", *_PORTS),
    optional=2,
    forward=_gru,
    vjp={**_vjps(_gru_back), "h": _gru_vjp_h},
    shape=_cell_shape(3),
    dtype=promote_to_float,
    samples=_samples(3, 1),
    symbol="GRU",
    aliases=("tf.keras.layers.GRUCell", "torch.nn.GRUCell", "torch.gru_cell", "GRU"),
)

OPS: tuple[Op, ...] = (RNN_CELL, LSTM_CELL_STATE, LSTM_CELL_HIDDEN, GRU_CELL)
