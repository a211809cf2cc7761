"""The mouse and the keyboard of a virtual screen, moved by xdotool."""

import subprocess
from itertools import pairwise

STEPS = 8
"""Moves between two points of a drag; a hand does not jump."""


class Hand:
    """Presses, moves and types as a person does; points are pixels of the screen."""

    def __init__(self, environment):
        self._environment = environment

    def do(self, *words):
        """Run xdotool with these words and return what it printed."""
        command = ["xdotool", *map(str, words)]
        result = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=30, check=False)
        assert result.returncode == 0, f"{command}: {result.stderr}"
        return result.stdout

    def move(self, *points):
        """Move through points, slowly enough to be seen."""
        for point in points:
            self.do("mousemove", *point, "sleep", 0.01)

    def press(self, point, button=1):
        """Press a button at a point and hold it."""
        self.do("mousemove", *point, "sleep", 0.02, "mousedown", button)

    def release(self, button=1):
        """Let a button go where the pointer is."""
        self.do("mouseup", button)

    def click(self, point, button=1, times=1):
        """Click at a point."""
        self.do("mousemove", *point, "sleep", 0.02, "click", "--repeat", times, "--delay", 40, button)

    def drag(self, *points, button=1):
        """Press at the first point, move through the others, and let go at the last."""
        self.press(points[0], button)
        self.carry(*points)
        self.release(button)

    def carry(self, *points):
        """Move from point to point in small steps."""
        words = []
        for (x, y), (to_x, to_y) in pairwise(points):
            for step in range(1, STEPS + 1):
                share = step / STEPS
                words += ["mousemove", round(x + (to_x - x) * share), round(y + (to_y - y) * share), "sleep", 0.015]
        self.do(*words)

    def roll(self, point, notches):
        """Turn the wheel at a point: up where positive, else down."""
        self.do("mousemove", *point, "click", "--repeat", abs(notches), "--delay", 20, 4 if notches > 0 else 5)

    def key(self, *keys):
        """Press keys, such as "ctrl+z", one after the other."""
        self.do("key", "--delay", 20, *keys)

    def hold(self, key):
        """Hold a key down."""
        self.do("keydown", key)

    def let_go(self, key):
        """Let a key go."""
        self.do("keyup", key)

    def write(self, text):
        """Type a text."""
        self.do("type", "--delay", 8, text)
