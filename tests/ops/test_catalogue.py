"""People find ops by whatever name they know."""

import pytest

from gradviz.errors import FormatError
from gradviz.ops import FAMILIES, OPS, as_table, families, find, get, search

NAMES = {
    "add": "+ tf.add torch.add Add plus np.add",
    "subtract": "- − sub tf.subtract torch.sub Sub minus",
    "multiply": "* × mul tf.multiply torch.mul torch.multiply Mul np.multiply",
    "divide": "/ ÷ div tf.divide torch.div Div truediv np.true_divide",
    "negative": "neg Neg torch.neg",
    "power": "** pow tf.pow torch.pow Pow np.power",
    "square": "x² torch.square tf.math.square",
    "exp": "Exp tf.exp torch.exp numpy.exp jnp.exp jax.numpy.exp tensorflow.exp",
    "abs": "|x| np.absolute Abs",
    "sigmoid": "σ tf.sigmoid tf.nn.sigmoid torch.sigmoid F.sigmoid Sigmoid logistic expit",
    "reciprocal": "1/x tf.math.reciprocal torch.reciprocal Reciprocal",
    "rsqrt": "tf.math.rsqrt torch.rsqrt",
    "log": "ln Log tf.math.log logarithm",
    "asin": "arcsin np.arcsin np.asin tf.asin torch.arcsin Asin",
    "atan2": "np.arctan2 torch.atan2",
    "erf": "tf.math.erf torch.erf Erf",
    "round": "rint tf.round Round np.rint",
    "remainder": "% mod floormod Mod",
    "floor_divide": "// floordiv",
    "add_n": "tf.add_n Sum",
    "logical_xor": "xor ⊕ Xor",
    "leaky_relu": "tf.nn.leaky_relu F.leaky_relu LeakyRelu",
    "silu": "swish Swish tf.nn.silu F.silu",
    "gelu": "F.gelu tf.nn.gelu Gelu",
    "log_sigmoid": "logsigmoid F.logsigmoid",
    "relu": "ReLU Relu tf.nn.relu F.relu torch.nn.functional.relu",
    "maximum": "Max tf.maximum torch.maximum",
    "max": "tf.reduce_max reduce_max amax torch.amax ReduceMax",
    "sum": "Σ reduce_sum tf.reduce_sum torch.sum ReduceSum",
    "mean": "reduce_mean average ReduceMean",
    "where": "tf.where torch.where Where",
    "greater": "> gt torch.gt Greater",
    "greater_equal": ">= ≥ ge GreaterOrEqual",
    "equal": "= == eq Equal",
    "logical_and": "and ∧ And",
    "clip": "clamp torch.clamp clip_by_value Clip",
    "matmul": "@ tf.matmul torch.matmul torch.mm bmm MatMul dot",
    "permute_dims": "tf.transpose torch.permute transpose np.transpose Transpose",
    "matrix_transpose": "tf.linalg.matrix_transpose mT",
    "expand_dims": "unsqueeze torch.unsqueeze Unsqueeze",
    "broadcast_to": "Expand torch.broadcast_to",
    "concat": "cat torch.cat concatenate Concat tf.concat",
    "getitem": "[] strided_slice Slice",
    "einsum": "tf.einsum torch.einsum Einsum",
    "linear": "Gemm Dense F.linear",
    "softmax": "tf.nn.softmax F.softmax Softmax",
    "logsumexp": "reduce_logsumexp ReduceLogSumExp",
    "cross_entropy": "F.cross_entropy sparse_softmax_cross_entropy_with_logits",
    "softmax_cross_entropy": "softmax_cross_entropy_with_logits",
    "mse_loss": "F.mse_loss MSE",
    "conv2d": "tf.nn.conv2d F.conv2d Conv",
    "identity": "clone tf.identity Identity",
    "stop_gradient": "detach tf.stop_gradient torch.Tensor.detach",
    "astype": "cast tf.cast Cast torch.Tensor.to",
}


@pytest.mark.parametrize("name", NAMES)
def test_an_op_is_found_and_is_the_first_that_a_search_finds_by_each_of_its_names(name):
    for known in (name, *NAMES[name].split()):
        assert find(known) is OPS[name], known
        assert search(known)[0] is OPS[name], known


def test_case_matters_only_where_two_ops_differ_in_nothing_else():
    assert find("Max") is OPS["maximum"]
    assert find("max") is OPS["max"]
    assert find("MATMUL") is OPS["matmul"]
    assert find("Reduce_Sum") is OPS["sum"]


def test_an_unknown_name_is_nothing_to_find():
    assert find("frobnicate") is None
    assert find("") is None


def test_an_unknown_name_is_refused_with_the_names_that_are_spelled_alike():
    with pytest.raises(FormatError, match="there is no op matmull; did you mean matmul"):
        get("matmull")
    with pytest.raises(FormatError, match=r"there is no op zzzzqqq$"):
        get("zzzzqqq")
    assert get("tf.reduce_sum") is OPS["sum"]


def test_a_name_with_braces_is_told_as_it_is():
    with pytest.raises(FormatError, match=r"there is no op \{0\}"):
        get("{0}")


def test_a_search_without_text_finds_everything_in_order():
    assert search("") == search("  ") == tuple(OPS.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("matr", ["matrix_transpose"]),
        ("REDUCE sum", ["sum"]),
        ("reduce-sum", ["sum"]),
        ("soft", ["softplus", "softsign", "softmax", "softmax_cross_entropy"]),
        ("entropy", ["cross_entropy", "softmax_cross_entropy"]),
        ("trans", ["permute_dims", "matrix_transpose"]),
        ("hadamard product", ["multiply"]),
        ("logarithm", ["log"]),
        ("square root", ["sqrt"]),
        ("larger numbers", ["maximum"]),
    ],
)
def test_a_search_finds_beginnings_words_and_descriptions(text, expected):
    found = [op.name for op in search(text)]
    assert set(expected) <= set(found)
    assert found[0] in expected


def test_better_matches_come_first():
    found = [op.name for op in search("max")]
    assert found[:2] == ["max", "maximum"]
    assert found.index("softmax") > found.index("maximum")


def test_a_search_for_nonsense_finds_nothing():
    assert search("zzzzqqq") == ()
    assert search("§§§") == ()
    assert search("._.") == ()


def test_every_op_is_found_by_its_own_name_first():
    for name, op in OPS.items():
        assert search(name)[0] is op
        assert all(find(alias) is op for alias in op.aliases)


def test_families_hold_every_op_once_in_the_order_of_the_palette():
    members = families()
    assert [op for ops in members.values() for op in ops] == sorted(
        OPS.values(), key=lambda op: (FAMILIES.index(op.family), list(OPS).index(op.name))
    )
    assert all(members.values())


def test_the_table_has_a_row_for_every_op_with_its_names_elsewhere():
    lines = as_table().splitlines()
    assert len(lines) == 2 + len(families()) + len(OPS)
    (row,) = (line for line in lines if line.startswith("| `multiply` |"))
    assert "| a, b |" in row
    assert "`tf.multiply` | `torch.mul` | `Mul` |" in row
    (row,) = (line for line in lines if line.startswith("| `linear` |"))
    assert "| x, W, [b] |" in row
    (row,) = (line for line in lines if line.startswith("| `concat` |"))
    assert "| x… |" in row
    assert {line.replace("\\|", "").count("|") for line in lines} == {8}


def test_a_name_that_has_no_end_is_told_by_its_beginning():
    with pytest.raises(FormatError) as refused:
        get("a" * 100_000)
    assert str(refused.value) == f"there is no op {'a' * 60}…"
