"""A virtual screen with a window manager."""

import os
import subprocess
import time
from contextlib import contextmanager

from PIL import ImageGrab

SIZE = (1600, 1000)


def until(claim, seconds=10.0):
    """Ask again and again until a claim is true and return what it gave; fails when time is up."""
    deadline, found = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            found = claim()
        except LookupError as error:
            found = error
        else:
            if found:
                return found
        time.sleep(0.02)
    raise AssertionError(f"not so after {seconds:g} s; last seen: {found!r}")


@contextmanager
def started(command, **options):
    """Run a program while the block lasts, and end it however the block ends."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def screen_in(folder):
    """Offer a screen of its own, with its settings in a folder; gives the environment that leads there."""
    reading, writing = os.pipe()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    server = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset", "-dpi", "96"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with os.fdopen(reading) as numbers, started(server, pass_fds=[writing], **quiet):
        os.close(writing)
        environment = environment_of(folder, f":{numbers.readline().strip()}")
        with started(["openbox", "--sm-disable"], env=environment, **quiet):
            until(lambda: has_manager(environment))
            yield environment


def environment_of(folder, display):
    """Return the environment of a person who has just got an account."""
    for name in ("home", "settings", "runtime"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "DISPLAY": display,
        "HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "settings"),
        "XDG_RUNTIME_DIR": str(folder / "runtime"),
    }


def has_manager(environment):
    """Tell whether a window manager has taken the screen over."""
    command = ["xdotool", "get_num_desktops"]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def grab(environment, rect=None):
    """Return the screen, or x, y, width and height of it, as an image."""
    box = None if rect is None else (rect[0], rect[1], rect[0] + rect[2], rect[1] + rect[3])
    return ImageGrab.grab(bbox=box, xdisplay=environment["DISPLAY"])
