import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PySide6.QtGui import QImage

from gradviz.engine import Send, run
from gradviz.errors import FormatError, LimitError
from gradviz.export.movie import MOST_GIF_SIDE, Film, gif_bytes, write_sweep
from gradviz.picture import THEMES, load_theme
from tests.engine.building import build, chain
from tests.picture.comparing import pixels


@pytest.fixture(autouse=True)
def application(qapp):
    """Painting needs an application."""


@pytest.fixture(scope="module")
def document():
    return build(
        {"x": np.array([[1.0, -2.0]]), "b": 3.0}, {"h": ("multiply", "x", "b"), "y": ("sum", "h")}, {"y": None}
    )


def film_of(document, theme="light"):
    return Film(document, run(document), load_theme(theme))


def frames_of(gif):
    """Return the pictures of a GIF as people see them, and how many milliseconds each stays."""
    image = Image.open(io.BytesIO(gif))
    assert image.info["loop"] == 0
    return [(np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in ImageSequence.Iterator(image)]


def test_a_sweep_is_a_picture_of_every_moment_and_a_film(document, tmp_path):
    paths = write_sweep(document, tmp_path / "new" / "out")
    count = len(run(document).frames) + 1
    assert [path.name for path in paths] == [*(f"frame_{index:03}.png" for index in range(count)), "sweep.gif"]
    assert {path.parent for path in paths} == {tmp_path / "new" / "out"}
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == sorted(path.name for path in paths)


def test_all_pictures_of_a_sweep_are_of_one_size_and_differ(document, tmp_path):
    images = [pixels(QImage(str(path))) for path in write_sweep(document, tmp_path)[:-1]]
    assert len({image.shape for image in images}) == 1
    assert len({image.tobytes() for image in images}) == len(images)


def test_the_film_stops_at_every_moment_and_the_gradients_travel(document):
    film = film_of(document)
    moments, sends = len(film.tape.frames) + 1, sum(isinstance(frame, Send) for frame in film.tape.frames)
    shots = [shot for index in range(moments) for shot in film.shots(index)]
    travelling = [shot for shot in shots if len(shot.layers) == 2 and shot.milliseconds < 100]
    assert len([shot for shot in shots if len(shot.layers) == 1]) == moments
    assert len(travelling) == 4 * sends
    seen = frames_of(gif_bytes(film))
    assert sum(milliseconds for _, milliseconds in seen) == sum(shot.milliseconds for shot in shots)
    assert all(np.any(one != other) for (one, _), (other, _) in pairwise(seen))


@pytest.mark.parametrize("name", THEMES)
def test_the_colours_of_the_roles_are_exact_in_the_film(document, name):
    theme = load_theme(name)
    found = set()
    for picture, _ in frames_of(gif_bytes(film_of(document, name))):
        found |= set(np.unique(picture.astype(int) @ [1 << 16, 1 << 8, 1]).tolist())
    for colour in (theme.background, theme.ink, theme.gradient, theme.active):
        assert int(colour[1:], 16) in found


def test_a_large_picture_makes_a_film_that_is_not_too_large():
    wide = build({f"x{i}": 1.0 for i in range(30)}, {})
    placed = wide.__class__(wide.computation, {f"x{i}": (200.0 * i, 0.0) for i in range(30)})
    [(picture, _)] = frames_of(gif_bytes(film_of(placed)))
    assert max(picture.shape) == pytest.approx(MOST_GIF_SIDE, abs=1)


def test_a_document_without_a_run_is_one_picture(tmp_path):
    assert [path.name for path in write_sweep(build({"x": 1.0}, {}), tmp_path)][-1] == "sweep.gif"


def test_the_same_run_gives_the_same_film(document):
    assert gif_bytes(film_of(document)) == gif_bytes(film_of(document))


def test_a_run_of_too_many_moments_is_refused_and_writes_nothing(tmp_path):
    with pytest.raises(LimitError, match="render --frame"):
        write_sweep(chain(("exp",), 200), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_told(document, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="cannot make the folder"):
        write_sweep(document, tmp_path / "file")
