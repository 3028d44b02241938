"""Colours that stay apart for those who see fewer of them.

Simulation: Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision
Deficiency", matrices for severity 1.0. Differences: CIE 1976 L*a*b*.
"""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from webmap.planner import palette

SEEN = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.9505, 1.0, 1.089])


def lab(colour: str, eyes: str) -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    srgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = _TO_XYZ @ np.clip(SEEN[eyes] @ linear, 0, 1) / _WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("ramp", [palette.WARM, palette.COOL, palette.GREEN])
def test_ramps_fall_in_lightness_by_steps_one_sees(ramp, eyes):
    lightness = [lab(colour, eyes)[0] for colour in ramp]
    assert all(brighter - darker >= 6 for brighter, darker in pairwise(lightness))


@pytest.mark.parametrize("eyes", SEEN)
def test_both_sides_of_a_change_stay_apart(eyes):
    colours = palette.DIVERGING
    for step in range(len(colours) // 2):
        less, more = lab(colours[step], eyes), lab(colours[-1 - step], eyes)
        assert np.linalg.norm(less - more) >= 25, (step, eyes)


@pytest.mark.parametrize("eyes", SEEN)
def test_classes_stay_apart(eyes):
    for one, other in combinations(palette.OKABE_ITO, 2):
        assert np.linalg.norm(lab(one, eyes) - lab(other, eyes)) >= 10, (one, other)


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("ramp", [palette.WARM, palette.COOL, palette.GREEN])
def test_no_data_is_no_class(ramp, eyes):
    """No data is grey; the nearest class is still another colour."""
    nearest = min(np.linalg.norm(lab(colour, eyes) - lab(palette.NO_DATA, eyes)) for colour in ramp)
    assert nearest >= 4


@pytest.mark.parametrize("count", range(1, 7))
def test_a_ramp_gives_as_many_colours_as_asked_each_once(count):
    for good in ("high", "low", ""):
        colours = palette.ramp(good, count)
        assert len(set(colours)) == len(colours) == count


def test_the_scripts_of_other_maps_have_the_same_ramps():
    from tests.conftest import ROOT

    script = (ROOT / "webmap/static/js/map/palette.js").read_text("utf-8")
    for ramp in (palette.WARM, palette.COOL, palette.GREEN):
        assert ", ".join(f'"{colour}"' for colour in ramp) in script
    assert f'NO_DATA = "{palette.NO_DATA}"' in script
