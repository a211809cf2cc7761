from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from gradviz.picture import THEMES, load_theme
from gradviz.workspace import SPEEDS, Settings, Workspace


@pytest.fixture
def file(tmp_path):
    return tmp_path / "settings.ini"


def settings_in(file):
    return Settings(QSettings(str(file), QSettings.Format.IniFormat))


def usual(settings):
    """Say whether all settings are as they are the first time."""
    switches = settings.reduced_motion, settings.snaps
    return (settings.theme, settings.speed, switches, settings.recent_files) == ("light", 1.0, (False, True), ())


def test_the_first_time_everything_is_usual(file):
    settings = settings_in(file)
    assert usual(settings)


def test_everything_is_there_again_the_next_time(file, tmp_path):
    settings = settings_in(file)
    settings.theme, settings.speed, settings.reduced_motion, settings.snaps = "dark", 2.0, True, False
    settings.remember_file(tmp_path / "a b, ü.gradviz")
    del settings
    settings = settings_in(file)
    assert (settings.theme, settings.speed, settings.reduced_motion, settings.snaps) == ("dark", 2.0, True, False)
    assert settings.recent_files == (tmp_path / "a b, ü.gradviz",)


@pytest.mark.parametrize(
    "text",
    [
        "[General]\ntheme=purple\nspeed=fast\nreduced_motion=maybe\nsnaps=\nrecent_files=\n",
        "[General]\ntheme=@Invalid()\nspeed=nan\nreduced_motion=2\nsnaps=[]\nrecent_files=@Invalid()\n",
        '[General]\ntheme=light, dark\nspeed=1, 2\nsnaps=@ByteArray(\\0)\nrecent_files=@Rect(1 2 3 4), ""\n',
        "[General]\ntheme=../../themes/light\nspeed=-1\nrecent_files=a\\x0b\n",
        "\x00\x01\x02[[[=\n==\n%%%",
    ],
)
def test_garbage_in_the_file_counts_as_usual(file, text):
    file.write_text(text, "utf-8")
    settings = settings_in(file)
    assert usual(settings)


def test_only_a_speed_that_there_is_can_be_set(file):
    settings = settings_in(file)
    for speed in (*SPEEDS, 3.0, float("nan"), -1.0):
        settings.speed = speed
        assert settings.speed == (speed if speed in SPEEDS else 1.0)


def test_every_theme_can_be_set_and_no_other(file):
    settings = settings_in(file)
    for name in THEMES:
        settings.theme = name
        assert load_theme(settings.theme).name == name
    settings.theme = "purple"
    assert settings.theme == "light"


def test_a_setting_that_changes_is_announced_and_one_that_does_not_is_not(file):
    settings, changed = settings_in(file), []
    settings.changed.connect(changed.append)
    settings.speed = 1.0
    settings.snaps = True
    assert changed == []
    settings.speed = 2.0
    settings.snaps = False
    settings.speed = 2.0
    assert changed == ["speed", "snaps"]


def test_recent_files_are_the_latest_and_each_stands_once(file, tmp_path):
    settings = settings_in(file)
    for number in (*range(10), 5):
        settings.remember_file(tmp_path / f"{number}.gradviz")
    assert [path.stem for path in settings.recent_files] == ["5", "9", "8", "7", "6", "4", "3", "2"]
    settings.forget_file(tmp_path / "9.gradviz")
    assert [path.stem for path in settings_in(file).recent_files][:2] == ["5", "8"]
    settings.forget_files()
    assert settings.recent_files == ()


def test_a_recent_file_keeps_its_whole_path(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = settings_in(file)
    settings.remember_file(Path("here.gradviz"))
    assert settings.recent_files == (tmp_path / "here.gradviz",)


def test_another_theme_is_announced_once(empty, announced):
    empty.set_theme("dark")
    empty.set_theme("dark")
    assert empty.theme_name == "dark"
    empty.set_theme("purple")
    assert empty.theme_name == "light"
    assert announced == ["theme_changed"] * 2


def test_two_workspaces_can_have_settings_of_their_own(qtbot, file):
    workspace = Workspace(settings_in(file))
    workspace.set_theme("projector")
    assert settings_in(file).theme == "projector"
    workspace.close()
