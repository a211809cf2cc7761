"""What every record owes to the people who read it: words, names, and params that fit into a file."""

import json

import pytest

from gradviz.errors import GradvizError
from gradviz.ops import FAMILIES, OPS

every_op = pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in OPS.values()])


@every_op
def test_the_record_says_what_a_person_needs(op):
    assert op.name.isidentifier()
    assert op.family in FAMILIES
    assert op.symbol
    assert len(op.symbol) <= 6
    assert op.doc[0].isupper()
    assert op.doc.endswith(".")
    for reason in op.why_zero.values():
        assert reason.format(**dict.fromkeys(op.inputs, "x"))
        assert not reason.endswith(".")
    for param in op.params.values():
        assert param.doc


@every_op
def test_params_survive_the_way_into_a_file_and_back(op):
    for sample in op.samples:
        params = op.read_params(sample.params)
        written = op.write_params(params)
        again = op.read_params(json.loads(json.dumps(written)))
        assert op.write_params(again) == written
        assert again.keys() == params.keys()


@every_op
def test_an_unknown_param_is_refused_by_name(op):
    with pytest.raises(GradvizError, match="no parameter wrong"):
        op.read_params({**op.samples[0].params, "wrong": 1})


def test_no_two_ops_share_a_name_or_an_alias():
    owners = {}
    for op in OPS.values():
        for name in (op.name, *op.aliases):
            assert owners.setdefault(name, op) is op, name
        assert len(set(op.aliases)) == len(op.aliases)
