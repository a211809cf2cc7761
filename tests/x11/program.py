"""The real program in a child process, and what a person does with it and sees of it."""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tests.x11.hand import Hand
from tests.x11.screen import grab, started, until

ROOT = Path(__file__).parents[2]
SETTINGS = "[General]\nreduced_motion={reduced}\nspeed={speed}\n"


@contextmanager
def program_on(environment, folder, *words, reduced_motion=True, speed=4):
    """Start gradviz with the words of a command line; whatever it complains of on standard error fails the test.

    What the screen shows at the end is kept as `end.png` in the folder.
    """
    settings = Path(environment["XDG_CONFIG_HOME"]) / "gradviz/gradviz.ini"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(SETTINGS.format(reduced=str(reduced_motion).lower(), speed=speed), "utf-8")
    command = [sys.executable, "-W", "error", str(Path(__file__).with_name("onlooker.py")), *map(str, words)]
    place = {"env": {**environment, "PYTHONPATH": str(ROOT)}, "cwd": folder}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    complaints = folder / "complaints.txt"
    with complaints.open("w") as told, started(command, stderr=told, **place, **pipes) as process:
        program = Program(process, environment)
        try:
            yield program
        finally:
            grab(environment).save(folder / "end.png")
            program.hand.do("mouseup", 1, "mouseup", 2, "keyup", "space")
    assert not (said := complaints.read_text("utf-8")), said


class Program:
    """A running gradviz: `hand` acts on it, the other methods look at it or say in short what a hand does."""

    def __init__(self, process, environment):
        self.process, self._environment = process, environment
        self.hand = Hand(environment)

    # Looking

    def look(self, look, **question):
        """Ask the onlooker; raises LookupError where there is no such thing on the screen."""
        self.process.stdin.write(json.dumps({"look": look, **question}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"gradviz has ended with code {self.process.wait(5)}"
        told = json.loads(line)
        if "missing" in told:
            raise LookupError(told["missing"])
        return told["answer"]

    @property
    def now(self):
        """What is open, how far its run is, and what is told."""
        return SimpleNamespace(**self.look("state"))

    def until(self, claim, seconds=10.0):
        """Wait until something is true of what is now."""
        return until(lambda: claim(self.now), seconds)

    def rect(self, look, **question):
        """Wait for a thing on the screen that stands still; return its x, y, width and height."""

        def settled():
            before = self.look(look, **question)
            self.look("painted")
            return before if self.look(look, **question) == before else None

        return until(settled)

    def point(self, look, **question):
        """Wait for a thing on the screen; return its middle."""
        x, y, width, height = self.rect(look, **question)
        return x + width // 2, y + height // 2

    def spot(self, across, down):
        """Return a point of the canvas, as shares of its width and height."""
        x, y, width, height = self.rect("canvas")
        return round(x + across * width), round(y + down * height)

    def says(self, name):
        """Return what a label, a line or a box says."""
        return self.look("text", name=name)

    def picture(self):
        """Return what the canvas shows, once everything rests, as an array of pixels."""
        self.until(lambda now: not now.is_moving)
        self.look("painted")
        return np.asarray(grab(self._environment, self.rect("canvas")))

    # Doing

    def click(self, look, **question):
        """Click on a thing."""
        self.hand.click(self.point(look, **question))

    def press(self, name):
        """Click on the widget of an object name."""
        self.click("widget", name=name)

    def choose(self, *entries):
        """Click through entries of menus."""
        for entry in entries:
            self.click("entry", text=entry)

    def write(self, name, text):
        """Click into a line and replace what it says."""
        self.press(name)
        until(lambda: self.look("focus") == name)
        self.hand.key("ctrl+a")
        self.hand.write(text)
        until(lambda: self.says(name) == text)

    def fill(self, name, text):
        """Click into a line, replace what it says, and confirm with Enter."""
        self.write(name, text)
        self.hand.key("Return")

    def add(self, search, entry, to):
        """Find an entry of the palette by typing, and drag it onto the canvas."""
        self.write("palette.search", search)
        before = self.now.nodes
        self.hand.drag(self.point("row", name="palette.list", text=entry), to)
        after = self.until(lambda now: now.nodes if len(now.nodes) > len(before) else None)
        return next(name for name in after if name not in before)

    def quick_add(self, search):
        """Type into the field that pops up over the canvas, and take what it finds first."""
        self.rect("widget", name="quick_add.line")
        self.hand.write(search)
        until(lambda: self.says("quick_add.line") == search)
        self.hand.key("Return")

    def output(self, node):
        """Return where a node's output is."""
        return self.point("port", node=node, slot=-1)

    def input(self, node, slot=0):
        """Return where a node's input port is."""
        return self.point("port", node=node, slot=slot)

    def body(self, node):
        """Return a point of a node's card that is no port."""
        x, y, width, _height = self.rect("node", name=node)
        return x + width // 2, y + 10
