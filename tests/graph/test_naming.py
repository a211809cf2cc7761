import pytest

from gradviz.errors import EditRefusedError
from gradviz.graph import Document, add_leaf, fresh_name, is_valid_name, refuse_bad_name, stem_of


@pytest.mark.parametrize("name", ["x", "_", "W1", "größe", "α", "変数", "ناتج", "match", "x" * 200])
def test_an_identifier_of_any_script_is_a_name(name):
    assert is_valid_name(name)
    refuse_bad_name(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "a node needs a name: a letter, then letters, digits or _"),
        ("2x", '"2x" is no name: use letters, digits and _, first a letter'),
        ("a b", '"a b" is no name: use letters, digits and _, first a letter'),
        ("a\nb", '"a\\nb" is no name: use letters, digits and _, first a letter'),
        ("lambda", '"lambda" is a word of Python, so it cannot name a node: try "lambda_"'),
        ("None", '"None" is a word of Python, so it cannot name a node: try "None_"'),
        ("\N{LATIN SMALL LIGATURE FI}", '"\N{LATIN SMALL LIGATURE FI}" is a variant spelling of "fi": use that'),
        ("x" * 201, "a name has at most 200 characters: 'xxxxxxxxxxxxxxxxxxxx' … has 201"),
        (7, "a name is a text, not int"),
        (None, "a name is a text, not NoneType"),
    ],
)
def test_a_bad_name_is_refused_with_what_is_wrong_with_it(name, sentence):
    assert not is_valid_name(name)
    with pytest.raises(EditRefusedError) as refused:
        refuse_bad_name(name)
    assert str(refused.value) == sentence


def test_a_name_of_ten_million_characters_makes_a_short_sentence():
    with pytest.raises(EditRefusedError) as refused:
        refuse_bad_name("x" * 10_000_000)
    assert len(str(refused.value)) < 100


def document_of(*names):
    document = Document()
    for name in names:
        document = add_leaf(document, name, 1.0)
    return document


@pytest.mark.parametrize(
    ("names", "stem", "name"),
    [
        ([], "x", "x"),
        (["x"], "x", "x1"),
        (["x", "x1"], "x", "x2"),
        (["x1"], "x1", "x2"),
        (["x", "x2"], "x", "x1"),
        ([], "add", "add1"),
        (["add1"], "add", "add2"),
        ([], "multiply", "mul1"),
        (["mul1", "mul2"], "mul", "mul3"),
        ([], "matmul", "matmul1"),
        (["x" * 200], "x" * 200, "x" * 190 + "1"),
    ],
)
def test_a_fresh_name_is_the_stem_with_a_number_where_it_needs_one(names, stem, name):
    assert fresh_name(document_of(*names), stem) == name
    assert is_valid_name(name)


def test_a_fresh_name_is_not_made_of_what_cannot_begin_one():
    with pytest.raises(EditRefusedError, match="is no name"):
        fresh_name(Document(), "2x")


def test_an_op_names_its_nodes_in_short():
    assert [stem_of(op) for op in ("add", "subtract", "divide", "power", "softmax")] == [
        "add",
        "sub",
        "div",
        "pow",
        "softmax",
    ]
