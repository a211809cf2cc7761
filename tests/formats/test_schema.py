"""The schema that ships says the same as the reader, for every example and for documents drawn at random."""

import json
import math
import re

import pytest
from hypothesis import given

from gradviz.assets import names, read_text
from gradviz.errors import GradvizError
from gradviz.formats import RECIPES, read, write
from gradviz.graph import ROLES
from gradviz.ops import DTYPES
from tests.formats.random_documents import documents

SCHEMA = json.loads(read_text("gradviz.schema.json"))
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}
SILENT = {"$schema", "$defs", "title", "description"}


def fits(value, schema):
    """Tell whether a value fits a schema of JSON Schema 2020-12, as far as this schema makes use of it."""
    if isinstance(schema, bool):
        return schema
    return all(RULES[keyword](value, rule, schema) for keyword, rule in schema.items() if keyword not in SILENT)


def is_same(value, constant):
    return value == constant and type(value) is type(constant)


def fits_properties(value, properties, _schema):
    return not isinstance(value, dict) or all(
        fits(value[key], rule) for key, rule in properties.items() if key in value
    )


def fits_additional(value, rule, schema):
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(fits(item, rule) for key, item in value.items() if key not in known)


def fits_items(value, rule, schema):
    first = len(schema.get("prefixItems", []))
    return not isinstance(value, list) or all(fits(item, rule) for item in value[first:])


def definition(reference):
    return SCHEMA["$defs"][reference.removeprefix("#/$defs/")]


RULES = {
    "uniqueItems": lambda value, _, __: not isinstance(value, list) or len({*map(repr, value)}) == len(value),
    "type": lambda value, rule, _: any(TYPES[name](value) for name in ([rule] if isinstance(rule, str) else rule)),
    "const": lambda value, rule, _: is_same(value, rule),
    "enum": lambda value, rule, _: any(is_same(value, item) for item in rule),
    "required": lambda value, rule, _: not isinstance(value, dict) or set(rule) <= set(value),
    "properties": fits_properties,
    "additionalProperties": fits_additional,
    "propertyNames": lambda value, rule, _: not isinstance(value, dict) or all(fits(key, rule) for key in value),
    "items": fits_items,
    "prefixItems": lambda value, rule, _: not isinstance(value, list) or all(map(fits, value, rule)),
    "minItems": lambda value, rule, _: not isinstance(value, list) or len(value) >= rule,
    "maxItems": lambda value, rule, _: not isinstance(value, list) or len(value) <= rule,
    "minLength": lambda value, rule, _: not isinstance(value, str) or len(value) >= rule,
    "maxLength": lambda value, rule, _: not isinstance(value, str) or len(value) <= rule,
    "minimum": lambda value, rule, _: not TYPES["number"](value) or value >= rule,
    "maximum": lambda value, rule, _: not TYPES["number"](value) or value <= rule,
    "pattern": lambda value, rule, _: not isinstance(value, str) or re.search(rule, value) is not None,
    "oneOf": lambda value, rule, _: sum(fits(value, each) for each in rule) == 1,
    "not": lambda value, rule, _: not fits(value, rule),
    "$ref": lambda value, rule, _: fits(value, definition(rule)),
}


@pytest.mark.parametrize("name", names("examples"))
def test_every_example_fits_the_schema(name):
    assert fits(json.loads(read_text(name)), SCHEMA)


@given(documents())
def test_whatever_is_written_fits_the_schema(document):
    value = json.loads(write(document))
    value.pop("view", None)  # drawn at random here, while the window writes an object
    value.pop("lesson", None)
    assert fits(value, SCHEMA)


def test_the_schema_lists_the_dtypes_roles_and_recipes_that_there_are():
    parts = SCHEMA["$defs"]
    assert parts["tensor"]["properties"]["dtype"]["enum"] == [dtype.name for dtype in DTYPES]
    assert parts["leaf"]["properties"]["role"]["enum"] == list(ROLES)
    recipe = parts["tensor"]["oneOf"][2]["properties"]
    assert recipe["recipe"]["enum"] == list(RECIPES)
    assert {name for known in RECIPES.values() for name in known} <= set(recipe)


TENSOR = {"dtype": "float64", "shape": [1], "data": [1]}
LEAF = {"id": "x", "op": "leaf", "role": "input", "value": TENSOR}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"format": "other"},
        {"nodes": {}},
        {"title": 5},
        {"targets": []},
        {"targets": {"x": 1}},
        {"targets": {"x": {"one_hot": [-1]}}},
        {"nodes": [{**LEAF, "id": "1x"}]},
        {"nodes": [{**LEAF, "id": "a b"}]},
        {"nodes": [{**LEAF, "id": ""}]},
        {"nodes": [{**LEAF, "role": "weight"}]},
        {"nodes": [{**LEAF, "at": [1]}]},
        {"nodes": [{**LEAF, "at": [0, 1e10]}]},
        {"nodes": [{**LEAF, "note": 3}]},
        {"nodes": [{**LEAF, "inputs": ["x"]}]},
        {"nodes": [{**LEAF, "value": {**TENSOR, "npy": ""}}]},
        {"nodes": [{**LEAF, "value": {**TENSOR, "dtype": "complex64"}}]},
        {"nodes": [{**LEAF, "value": {**TENSOR, "shape": [-1]}}]},
        {"nodes": [{**LEAF, "value": {**TENSOR, "data": [None]}}]},
        {"nodes": [{**LEAF, "value": {"dtype": "int8", "shape": [1], "recipe": "noise"}}]},
        {"nodes": [{"id": "y", "op": "exp", "inputs": "x"}]},
        {"nodes": [{"id": "y", "op": "exp", "params": []}]},
        {"nodes": [{"id": "y"}]},
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(change):
    value = {"format": "gradviz", "version": 1, "nodes": [LEAF]}
    assert fits(value, SCHEMA)
    assert read(json.dumps(value))
    assert not fits({**value, **change}, SCHEMA)
    with pytest.raises(GradvizError):
        read(json.dumps({**value, **change}))


def test_the_check_of_this_test_knows_a_number_from_a_truth():
    assert not fits(True, {"type": "number"})
    assert not fits(1, {"const": True})
    assert fits(math.pi, {"type": "number"})
