"""What gradviz remembers between two starts: recent files, theme, speed, and whether things may move.

Whatever stands in the file, a setting has a value that the program can work with: what makes no sense is taken for the
usual value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TypeVar

from PySide6.QtCore import QObject, QSettings, Signal

from gradviz.assets import names

RECENT_FILES = 8
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
USUAL_THEME = "light"

Value = TypeVar("Value")


class Settings(QObject):
    """The settings of one person, kept in a plain INI file of the system's own place.

    `changed` tells the name of the setting that has changed.
    """

    changed = Signal(str)

    def __init__(self, store: QSettings | None = None, parent: QObject | None = None) -> None:
        """Read from `store`, or from the person's own file."""
        super().__init__(parent)
        own = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradviz", "gradviz")
        self._store = own if store is None else store
        self._theme = self._read("theme", _as_theme)
        self._speed = self._read("speed", _as_speed)
        self._reduced_motion = self._read("reduced_motion", lambda value: _as_switch(value, usual=False))
        self._snaps = self._read("snaps", lambda value: _as_switch(value, usual=True))
        self._recent_files = self._read("recent_files", _as_files)

    @property
    def theme(self) -> str:
        """The name of the theme, "light" unless another was chosen."""
        return self._theme

    @theme.setter
    def theme(self, name: str) -> None:
        if name != self._theme:
            self._theme = _as_theme(name)
            self._write("theme", self._theme)

    @property
    def speed(self) -> float:
        """How fast motion runs: one of `SPEEDS`."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if speed != self._speed:
            self._speed = _as_speed(speed)
            self._write("speed", self._speed)

    @property
    def reduced_motion(self) -> bool:
        """Whether steps are shown at once, without motion."""
        return self._reduced_motion

    @reduced_motion.setter
    def reduced_motion(self, is_reduced: bool) -> None:
        if is_reduced != self._reduced_motion:
            self._reduced_motion = is_reduced
            self._write("reduced_motion", _switch(is_reduced))

    @property
    def snaps(self) -> bool:
        """Whether moved nodes snap to the grid."""
        return self._snaps

    @snaps.setter
    def snaps(self, snaps: bool) -> None:
        if snaps != self._snaps:
            self._snaps = snaps
            self._write("snaps", _switch(snaps))

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """The files opened or saved last, newest first."""
        return self._recent_files

    def remember_file(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        absolute = path.absolute()
        self._keep_files((absolute, *(other for other in self._recent_files if other != absolute))[:RECENT_FILES])

    def forget_file(self, path: Path) -> None:
        """Take a file that is no longer there off the recent ones."""
        self._keep_files(tuple(other for other in self._recent_files if other != path.absolute()))

    def forget_files(self) -> None:
        """Empty the list of recent files."""
        self._keep_files(())

    def _keep_files(self, files: tuple[Path, ...]) -> None:
        if files != self._recent_files:
            self._recent_files = files
            self._write("recent_files", [str(path) for path in files])

    def _read(self, key: str, understood: Callable[[object], Value]) -> Value:
        return understood(self._store.value(key))

    def _write(self, key: str, value: object) -> None:
        self._store.setValue(key, value)
        self.changed.emit(key)


@cache
def _themes() -> frozenset[str]:
    return frozenset(PurePosixPath(name).stem for name in names("themes"))


def _as_theme(value: object) -> str:
    return value if isinstance(value, str) and value in _themes() else USUAL_THEME


def _as_speed(value: object) -> float:
    try:
        speed = float(str(value))
    except ValueError:
        return 1.0
    return speed if speed in SPEEDS else 1.0


def _as_switch(value: object, *, usual: bool) -> bool:
    return {"true": True, "false": False}.get(str(value).lower(), usual)


def _switch(is_on: bool) -> str:
    return "true" if is_on else "false"


def _as_files(value: object) -> tuple[Path, ...]:
    names = value if isinstance(value, list) else [value]
    usable = [name for name in names if isinstance(name, str) and name and name.isprintable()]
    return tuple(dict.fromkeys(Path(name) for name in usable))[:RECENT_FILES]
