"""The examples that ship give TensorFlow's numbers, and in float64 PyTorch's, at every node; and they look tidy."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import gradviz as gv
from gradviz.engine import History, Trainer, train
from gradviz.formats import examples, load_example, read, write
from gradviz.graph import Leaf, Node, Tensor, check, ports_of, set_seed, set_tensor, sources_of

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "resources/examples"
GOLDEN = {
    example["id"]: example
    for example in json.loads((ROOT / "tests/golden/examples.json").read_text("utf-8"))["examples"]
}
GRAPHS = {  # which golden graph a file is
    "fit_a_scale": ("s000.e2", "graph_s1"),
    "at_the_minimum": ("s000.e2", "graph"),
    "scalar_times_tensor": ("s000.e1", "graph"),
    "scalar_times_tensor_of_rank_3": ("s000.e3", "graph"),
    "sum_of_a_tensor": ("s002.e1", "graph"),
    "mean_of_a_tensor": ("s002.e2", "graph"),
    "pick_one_element": ("s002.e3", "graph"),
    "tensor_as_target_with_a_seed": ("s002.e3", "graph_seed"),
    "elementwise_product": ("s001.e2", "graph"),
    "matrix_product": ("s003.e2", "graph"),
    "matmul_inside_the_tape": ("s001.e1", "graph"),
    "matmul_outside_the_tape": ("s001.e1", "graph_as_printed"),
    "broadcast_addition": ("s003.e3", "graph"),
    "sigmoid": ("s003.e1", "graph"),
    "sigmoid_in_pieces": ("s003.e1", "graph_decomposed"),
    "batched_einsum": ("s001.e3", "graph"),
    "linear_layer": ("s004.e1", "graph"),
    "softmax_layer": ("s004.e2", "graph"),
    "convolution": ("s004.e3", "graph"),
    "convolution_with_zero_target": ("s004.e3", "graph_zero_target"),
}
VARIANTS = {  # files with other targets or seeds, and where their gradients stand
    "scalar_times_tensor_with_a_seed": ("s000.e1", ("extra", "custom_seed", "gradients")),
    "tensor_as_target": ("s002.e3", ("extra", "non_scalar_target_default", "gradient")),
    "tensor_as_target_with_a_seed": ("s002.e3", ("extra", "non_scalar_target_seed", "gradient")),
    "two_targets": ("s002.e3", ("extra", "list_of_targets_is_summed", "gradient")),
    "matmul_inside_the_tape": ("s001.e1", ("corrected", "gradients")),
    "matmul_outside_the_tape": ("s001.e1", ("gradients",)),
}
OWN_NAMES = {  # how the original programs call what the graphs have under another name
    "loss_step0": "loss",
    "element_wise_product": "p",
    "output_feature_map": "o",
    "filter": "f",
    **{f"{prefix}{name}": name for prefix in ("d", "dLd") for name in ("A", "B", "b")},
}
TRAINED = {  # examples of training, with the part of its loss that is left at the end (None where it runs away)
    "train_a_scale_too_fast": None,
    "train_a_scale": 1e-9,
    "train_a_line": 0.05,
    "train_xor": 0.02,
    "train_two_moons": 0.2,
}
NAMES = [entry.name for entry in examples()]
FIRST_OF_THEIRS = [name for name, (_, key) in GRAPHS.items() if key == "graph" and name != "matmul_inside_the_tape"]


def decoded(value):
    return None if value is None else np.array(value["data"], value["dtype"]).reshape(value["shape"])


def assert_close(found, expected, tolerance):
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.size == expected.size
        np.testing.assert_allclose(found, expected.reshape(found.shape), rtol=tolerance, atol=tolerance)


def load(name):
    return gv.load(FOLDER / f"{name}.gradviz")


def in_float64(document):
    """Return the document with every float tensor, leaf or seed, as float64."""
    for name, leaf in [(name, node) for name, node in document.nodes.items() if isinstance(node, Leaf)]:
        document = set_tensor(document, name, leaf.value.astype(np.float64))
    for name, seed in document.targets.items():
        if isinstance(seed, Tensor):
            document = set_seed(document, name, Tensor(seed.array.astype(np.float64)))
    return document


def test_every_worked_example_ships():
    assert set(NAMES) == {*GRAPHS, *VARIANTS, *TRAINED}
    assert {load(name).extra["example"] for name in NAMES if name not in TRAINED} == set(GOLDEN)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_file_holds_the_graph_of_its_example(name):
    example, key = GRAPHS[name]
    graph, document = GOLDEN[example][key], load(name)
    assert document.extra["example"] == example
    assert list(document.nodes) == [node["id"] for node in graph["nodes"]]
    for node in graph["nodes"]:
        found = document.nodes[node["id"]]
        if isinstance(found, Node):
            assert found.op == node["op"]
            assert [source for source in sources_of(document.computation, node["id"]) if source] == node["inputs"]
        else:
            assert found.role == node["op"]
            assert_close(found.value, decoded(node["value"]), 1e-7)
    assert list(document.targets) == graph["targets"]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TRAINED])
def test_tensors_have_the_dtype_of_the_original_program(name):
    document = load(name)
    dtypes = {
        value["dtype"] for value in GOLDEN[document.extra["example"]]["inputs"].values() if isinstance(value, dict)
    }
    leaves = [node for node in document.nodes.values() if isinstance(node, Leaf)]
    assert {leaf.value.dtype.name for leaf in leaves} == dtypes


@pytest.mark.parametrize("name", FIRST_OF_THEIRS)
def test_values_and_gradients_are_tensorflows(name):
    example, tape = GOLDEN[GRAPHS[name][0]], gv.run(load(name))
    own = {**OWN_NAMES, "y_predicted": "p" if name == "softmax_layer" else "z"}
    outputs = {
        own.get(key, key): decoded(value) for key, value in example["outputs"].items() if isinstance(value, dict)
    }
    compared = [node for node in outputs if node in tape.values]
    assert compared
    for node in compared:
        assert_close(tape.values[node], outputs[node], 1e-6)
    for key, gradient in example["gradients"].items():
        assert_close(tape.gradients[own.get(key, key)], decoded(gradient), 1e-6)


@pytest.mark.parametrize("name", VARIANTS)
def test_gradients_of_other_targets_and_seeds_are_tensorflows(name):
    example, path = VARIANTS[name]
    expected, tape = GOLDEN[example], gv.run(load(name))
    for key in path:
        expected = expected[key]
    if "dtype" in expected:
        expected = {"x": expected}
    for node, gradient in expected.items():
        assert_close(tape.gradients[OWN_NAMES.get(node, node)], decoded(gradient), 1e-6)


def test_the_first_example_takes_the_first_step_of_the_original_training():
    step = next(run["steps"][0] for run in GOLDEN["s000.e2"]["training"] if run["s0"] == 1.0)
    tape = gv.run(load("fit_a_scale"))
    assert tape.values["loss"] == step["loss"]
    assert tape.gradients["s"] == step["grad"] == -60


@pytest.mark.parametrize("name", GRAPHS)
def test_in_float64_every_value_and_gradient_is_that_of_the_graph(name):
    example, key = GRAPHS[name]
    graph, tape = GOLDEN[example][key], gv.run(in_float64(load(name)))
    for node, value in graph["values"].items():
        assert_close(tape.values[node], decoded(value), 1e-12)
    for node, gradient in graph["grads"].items():
        assert_close(tape.gradients[node], decoded(gradient), 1e-12)


def test_outside_of_the_tape_there_is_no_path_and_the_reason_is_told():
    tape = gv.run(load("matmul_outside_the_tape"))
    gradient = tape.at(len(tape.frames)).gradient("A")
    assert gradient.state == "no path"
    assert gradient.reason


@pytest.mark.parametrize("name", NAMES)
def test_saving_an_example_changes_nothing_in_its_file(name):
    text = (FOLDER / f"{name}.gradviz").read_bytes()
    assert write(read(text)).encode() == text


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_complete_and_says_what_it_shows(name):
    document = load_example(name)
    assert check(document.computation).problems == ()
    assert document.title
    assert len(document.note) > 60
    assert all(ports_of(node) or isinstance(node, Leaf) for node in document.nodes.values())


def test_examples_come_in_the_order_in_which_one_would_teach_them():
    orders = [load(name).extra["order"] for name in NAMES]
    assert orders == sorted(set(orders))
    assert NAMES[0] == "fit_a_scale"


@pytest.mark.parametrize("name", NAMES)
def test_wires_of_an_example_lead_to_the_right(name):
    document = load(name)
    for port, source in document.wires.items():
        assert document.places[source].x + 170 < document.places[port.node].x


@pytest.mark.parametrize("name", NAMES)
def test_no_two_nodes_of_an_example_overlap(name):
    for (ax, ay), (bx, by) in itertools.combinations(load(name).places.values(), 2):
        assert abs(ax - bx) >= 170 or abs(ay - by) >= 105


@pytest.mark.parametrize("name", TRAINED)
def test_an_example_of_training_does_what_its_note_says(name):
    trainer = Trainer(load(name))
    history = History(trainer)
    history.extend(train(trainer, history.latest, trainer.training.steps, 60, lambda: False))
    history.note_held_out()
    left = TRAINED[name]
    assert len(history) == trainer.training.steps
    if left is None:
        assert history.losses == sorted(history.losses)
    else:
        assert history.losses[-1] < left * history.losses[0]
        assert all(loss < left * history.losses[0] for loss in history.held_out.values())


@pytest.mark.parametrize("name", ["train_a_scale_too_fast", "train_a_scale"])
def test_the_scale_goes_where_the_program_of_the_document_really_goes(name):
    document = load(name)
    runs = json.loads((ROOT / "tests/golden/trajectories.json").read_text("utf-8"))["runs"]
    rate = document.training.settings["lr"]
    golden = next(run for run in runs if run["s0"] == 1 and run["lr"] == rate)
    trainer = Trainer(document)
    standing = trainer.start()
    for expected in golden["steps"]:
        iteration = trainer.step(standing)
        np.testing.assert_allclose(standing.variables["s"], expected["s"], rtol=1e-5)
        np.testing.assert_allclose(iteration.loss, expected["loss"], rtol=1e-3, atol=1e-6)
        standing = iteration.after


def test_a_line_comes_to_the_slope_and_height_that_it_was_drawn_with():
    trainer = Trainer(load("train_a_line"))
    standing = trainer.start()
    for _ in range(trainer.training.steps):
        standing = trainer.step(standing).after
    assert abs(standing.variables["w"] - 2) < 0.1
    assert abs(standing.variables["b"] - 0.5) < 0.1
