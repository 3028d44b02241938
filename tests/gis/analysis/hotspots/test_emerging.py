"""From weekly layers to one class: Mann-Kendall against a published series, and each rule."""

from __future__ import annotations

import numpy as np
import pytest

from gis.analysis.hotspots.emerging import Trend, classify, current_run, mann_kendall

FLAT = np.zeros(12)
RISING = np.arange(12.0)


def _class(hot: str, *, cold: str = "." * 12, z=FLAT) -> Trend:
    """The class of one cell; x marks a week that is hot, or cold."""
    marks = [np.array([[c == "x" for c in weeks]]) for weeks in (hot, cold)]
    return classify(np.array([z]), *marks)[0]


@pytest.mark.parametrize(
    ("hot", "expected"),
    [
        ("............", Trend.NONE),
        ("...........x", Trend.NEW),
        ("xxxxxxxxxxxx", Trend.PERSISTENT),
        ("x.xxxxxxxxxx", Trend.PERSISTENT),
        ("xxxxxxxxxxx.", Trend.PAST),
        (".......xxxxx", Trend.LASTING),
        ("..........xx", Trend.LASTING),
        ("..x.x.....xx", Trend.SPORADIC),
        ("x..........x", Trend.SPORADIC),
        ("xx.xx.......", Trend.ENDED),
    ],
)
def test_each_class(hot, expected):
    assert _class(hot) is expected


def test_trend_tells_growing_from_fading():
    assert _class("x" * 12, z=RISING) is Trend.GROWING
    assert _class("x" * 12, z=-RISING) is Trend.FADING


def test_once_cold_is_swinging():
    assert _class("...x.......x", cold="x...........") is Trend.SWINGING


def test_mann_kendall_with_and_without_ties():
    """S and Var by hand: of 1..12 S = 66, Var = 12·11·29/18; of the tied series S = 5, Var = (4·3·13 - 2·1·9)/18."""
    assert mann_kendall(RISING[None])[0] == pytest.approx(65 / np.sqrt(12 * 11 * 29 / 18))
    assert mann_kendall(-RISING[None])[0] == pytest.approx(-65 / np.sqrt(12 * 11 * 29 / 18))
    tied = np.array([[1.0, 2.0, 2.0, 3.0]])
    assert mann_kendall(tied)[0] == pytest.approx((5 - 1) / np.sqrt((4 * 3 * 13 - 2 * 1 * 9) / 18))
    assert mann_kendall(FLAT[None])[0] == 0


def test_current_run():
    is_hot = np.array([[True, True, True], [False, True, True], [True, True, False]])
    assert current_run(is_hot).tolist() == [3, 2, 0]
