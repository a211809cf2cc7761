import itertools

import numpy as np
import pytest

from gradviz.errors import GradvizError
from gradviz.ops import families
from gradviz.picture import THEMES, load_theme

ROLES = ("ink", "gradient", "positive", "negative", "local", "active")

# How people see who lack one kind of cone, as matrices on linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.
VISIONS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def linear(colour):
    """Return linear RGB of "#RRGGBB"."""
    values = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light):
    """Return CIE L*a*b* of linear RGB."""
    shares = TO_XYZ @ light / WHITE
    f = np.where(shares > 216 / 24389, np.cbrt(shares), (24389 / 27 * shares + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other, vision):
    """Return how far two colours are apart for a kind of vision (CIE 1976)."""
    matrix = np.array(VISIONS[vision])
    return np.linalg.norm(np.subtract(*(lab(np.clip(matrix @ linear(colour), 0, 1)) for colour in (one, other))))


def contrast(one, other):
    """Return the contrast of two colours as WCAG 2 defines it."""
    dim, bright = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (bright + 0.05) / (dim + 0.05)


@pytest.fixture(params=THEMES)
def theme(request):
    return load_theme(request.param)


def test_the_measure_of_colours_knows_black_white_and_red_against_green():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert difference("#000000", "#FFFFFF", "normal") == pytest.approx(100, abs=0.01)
    assert difference("#D62728", "#2CA02C", "deutan") < 0.5 * difference("#D62728", "#2CA02C", "normal")


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("pair", list(itertools.combinations(ROLES, 2)), ids="-".join)
def test_no_two_roles_can_be_mistaken_for_each_other(theme, pair, vision):
    one, other = (getattr(theme, role) for role in pair)
    assert difference(one, other, vision) >= 25


def test_every_text_can_be_read_on_every_ground_it_stands_on(theme):
    tints = theme.families.values()
    grounds = {
        theme.ink: (theme.background, theme.card, theme.window, theme.field, *tints),
        theme.muted: (theme.background, theme.card, theme.window, theme.field, *tints),
        theme.gradient: (theme.background, theme.card),
        theme.background: (theme.selection,),
    }
    read = {(ink, ground): contrast(ink, ground) for ink, found in grounds.items() for ground in found}
    assert {pair: ratio for pair, ratio in read.items() if ratio < 4.5} == {}


def test_lines_and_rings_stand_out_from_the_ground(theme):
    assert contrast(theme.selection, theme.background) >= 3
    assert difference(theme.active, theme.background, "normal") >= 25
    assert difference(theme.grid, theme.background, "normal") < 15


def test_every_family_of_ops_has_a_tint_of_its_own(theme):
    tinted = [*families(), "leaf"]
    assert set(tinted) <= set(theme.families)
    assert len(set(theme.families.values())) == len(theme.families)
    assert theme.tint("no such family") == theme.tint("leaf")


def test_a_projector_shows_no_text_under_18_pixels():
    theme = load_theme("projector")
    sizes = {name: getattr(theme, name) for name in theme.__dataclass_fields__ if name.endswith("_size")}
    assert len(sizes) == 6
    assert min(sizes.values()) >= 18


def test_a_theme_is_loaded_once_and_says_its_own_name(theme):
    assert load_theme(theme.name) is theme
    assert theme.title
    assert theme.is_dark == (contrast(theme.background, "#FFFFFF") > contrast(theme.background, "#000000"))


@pytest.mark.parametrize("name", ["sepia", "", "../themes/light", "light.json", "Light"])
def test_an_unknown_theme_is_refused_with_the_names_there_are(name):
    with pytest.raises(GradvizError, match="choose light, dark, projector"):
        load_theme(name)
