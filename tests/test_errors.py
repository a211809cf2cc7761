"""Errors are a template and its facts, formatted once, whatever stands in the facts."""

import pytest

from gradviz.errors import EditRefusedError, FormatError, GradvizError, ShapeError

MISFIT = ShapeError("cannot broadcast {a} with {b}", a="(3,)", b="(4,)")


def test_an_error_is_its_sentence_and_keeps_what_it_is_made_of():
    assert str(MISFIT) == "cannot broadcast (3,) with (4,)"
    assert MISFIT.template == "cannot broadcast {a} with {b}"
    assert MISFIT.facts == {"a": "(3,)", "b": "(4,)"}


def test_an_error_is_told_of_a_node_and_of_a_file():
    told = MISFIT.at("multiply", "scale").within("graph.gradviz")
    assert type(told) is ShapeError
    assert str(told) == 'graph.gradviz: multiply "scale": cannot broadcast (3,) with (4,)'
    assert told.template.format(**told.facts) == str(told)


def test_an_error_of_another_kind_says_the_same():
    told = MISFIT.at("multiply", "scale").told_as(EditRefusedError)
    assert type(told) is EditRefusedError
    assert str(told) == 'multiply "scale": cannot broadcast (3,) with (4,)'
    assert told.facts["at_node"] == "scale"


@pytest.mark.parametrize("name", ["{a}", "{", "}}", "{0}", "%s", "{a!r:>99}"])
def test_braces_in_a_fact_are_letters_like_any_other(name):
    error = FormatError("there is no op {name}", name=name)
    assert str(error.at(name, name).within(name)) == f'{name}: {name} "{name}": there is no op {name}'


def test_every_kind_of_error_is_caught_as_one():
    with pytest.raises(GradvizError):
        raise MISFIT
