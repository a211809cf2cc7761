"""Documents as text: the .gradviz file, the expression line, tensors as JSON and as they are typed, and the examples.

Whatever comes from outside is read strictly, within limits that hold before memory is taken, and nothing in it is
ever executed. Each refusal is one sentence that says where and what would help.
"""

from gradviz.formats.datasets import DATASETS, Examples, add_dataset, make_examples, refill_dataset
from gradviz.formats.elements import array_as_json
from gradviz.formats.examples import ExampleEntry, examples, load_example
from gradviz.formats.expression import into, parse
from gradviz.formats.files import write_file
from gradviz.formats.param_text import read_param, write_param
from gradviz.formats.project import load, save
from gradviz.formats.reader import read
from gradviz.formats.recipes import RECIPES, make_tensor
from gradviz.formats.seed_text import read_seed
from gradviz.formats.sources import SOURCE_ENDINGS, read_source
from gradviz.formats.typed import parse_array
from gradviz.formats.writer import write

__all__ = [
    "DATASETS",
    "RECIPES",
    "SOURCE_ENDINGS",
    "ExampleEntry",
    "Examples",
    "add_dataset",
    "array_as_json",
    "examples",
    "into",
    "load",
    "load_example",
    "make_examples",
    "make_tensor",
    "parse",
    "parse_array",
    "read",
    "read_param",
    "read_seed",
    "read_source",
    "refill_dataset",
    "save",
    "write",
    "write_file",
    "write_param",
]
