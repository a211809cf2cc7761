# The types of the root page, which loads its names late; a test holds the two alike.
from gradviz.engine import Tape as Tape
from gradviz.errors import GradvizError as GradvizError
from gradviz.formats import load as load
from gradviz.formats import parse as parse
from gradviz.formats import save as save
from gradviz.graph import Document as Document
from gradviz.graph import Limits as Limits
from gradviz.graph import OneHot as OneHot
from gradviz.graph import connect as connect
from gradviz.graph import fold as fold
from gradviz.graph import set_target as set_target
from gradviz.graph import unfold as unfold
from gradviz.scripting.derivatives import differentiate as differentiate
from gradviz.scripting.derivatives import jacobian as jacobian
from gradviz.scripting.derivatives import jvp as jvp
from gradviz.scripting.graphs import add as add
from gradviz.scripting.graphs import document as document
from gradviz.scripting.graphs import gradcheck as gradcheck
from gradviz.scripting.graphs import leaf as leaf
from gradviz.scripting.graphs import run as run
from gradviz.scripting.pictures import render as render
from gradviz.scripting.training import train as train

__version__: str
