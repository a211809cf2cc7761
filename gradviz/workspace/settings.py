"""What gradviz remembers between two starts: recent files, theme, speed, and whether things may move."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal

RECENT_FILES = 8
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Settings(QObject):
    """The settings of one person, kept in a plain INI file of the system's own place."""

    changed = Signal(str)

    def __init__(self, store: QSettings | None = None, parent: QObject | None = None) -> None:
        """Read from `store`, or from the person's own file."""
        super().__init__(parent)
        self._store = store or QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradviz", "gradviz")

    @property
    def theme(self) -> str:
        """The name of the theme, "light" unless another was chosen."""
        return str(self._store.value("theme", "light"))

    @theme.setter
    def theme(self, name: str) -> None:
        self._set("theme", name)

    @property
    def speed(self) -> float:
        """How fast motion runs: one of `SPEEDS`."""
        try:
            speed = float(str(self._store.value("speed", 1.0)))
        except ValueError:
            return 1.0
        return speed if speed in SPEEDS else 1.0

    @speed.setter
    def speed(self, speed: float) -> None:
        self._set("speed", speed)

    @property
    def reduced_motion(self) -> bool:
        """Whether steps are shown at once, without motion."""
        return str(self._store.value("reduced_motion", "false")) == "true"

    @reduced_motion.setter
    def reduced_motion(self, is_reduced: bool) -> None:
        self._set("reduced_motion", "true" if is_reduced else "false")

    @property
    def snaps(self) -> bool:
        """Whether moved nodes snap to the grid."""
        return str(self._store.value("snaps", "true")) == "true"

    @snaps.setter
    def snaps(self, snaps: bool) -> None:
        self._set("snaps", "true" if snaps else "false")

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """The files opened or saved last, newest first."""
        value = self._store.value("recent_files", [])
        names = [value] if isinstance(value, str) else value
        return tuple(Path(str(name)) for name in names) if isinstance(names, list) else ()

    def remember_file(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        others = [name for name in self.recent_files if name != path]
        self._set("recent_files", [str(name) for name in [path, *others][:RECENT_FILES]])

    def forget_files(self) -> None:
        """Empty the list of recent files."""
        self._set("recent_files", [])

    @property
    def geometry(self) -> bytes:
        """How the window was laid out, as Qt wrote it; empty the first time."""
        return self._bytes("geometry")

    @property
    def docks(self) -> bytes:
        """Where the docks were, as Qt wrote it; empty the first time."""
        return self._bytes("docks")

    def remember_window(self, geometry: bytes, docks: bytes) -> None:
        """Keep the window's layout for the next start."""
        self._store.setValue("geometry", geometry.hex())
        self._store.setValue("docks", docks.hex())

    def _bytes(self, key: str) -> bytes:
        try:
            return bytes.fromhex(str(self._store.value(key, "")))
        except ValueError:
            return b""

    def _set(self, key: str, value: object) -> None:
        if self._store.value(key) != value:
            self._store.setValue(key, value)
            self.changed.emit(key)
