"""Cells of a hectare or three, as villages have them: within 0.1 points of what all legs cover."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.analysis.patrol.areas import cell_areas
from gis.analysis.patrol.legs import DayLegs
from gis.analysis.patrol.painting import Painted, grid_of, paint_legs
from gis.analysis.patrol.places import Place, Places
from gis.geometry.footprint.scanline import covered_exact_m2
from tests.known_areas import CORNER, pieces

RADIUS_M = 30.0


def places_of(polygons) -> Places:
    cells = tuple(Place(number, f"{number:02d}", "", "estate", "c") for number in range(len(polygons)))
    none = np.empty((0, 3), dtype=np.int64)
    return Places(1, cells, (), np.array(polygons, dtype=object), ("c",), {"c": ("", "")}, none, True)


def a_day(seed: int) -> DayLegs:
    """Short legs about some streets that are walked again and again."""
    random = np.random.default_rng(seed)
    begin = np.repeat(random.uniform(0, 1000, (12, 2)), 20, axis=0) + random.normal(0, 4, (240, 2)) + CORNER
    ends = np.concatenate([begin, begin + random.normal(0, 40, begin.shape)], axis=1)
    none = np.zeros(len(ends), dtype=np.int64)
    return DayLegs(np.rint(ends * 1000).astype(np.int64), none, none, none.astype(np.uint8))


@pytest.fixture(scope="module")
def walked() -> tuple[Places, list[DayLegs], list[Painted]]:
    places = places_of(pieces(5, 60))
    days = [a_day(seed) for seed in (1, 2, 3)]
    return places, days, [paint_legs(grid_of(places), day, RADIUS_M) for day in days]


def test_shares_of_small_cells_are_those_of_all_legs(walked):
    places, days, painted = walked
    legs = np.concatenate([day.covering for day in days])
    exact = covered_exact_m2(places.polygons, legs, [], RADIUS_M, step_m=0.05) / places.area_m2
    squares = places.zones.share([np.bitwise_or.reduce([day.layer for day in painted])])
    found = cell_areas(places, painted, RADIUS_M)
    assert np.abs(found.share - exact).max() < 0.001 < np.abs(squares - exact).max()
    assert (np.abs(found.covered - exact * places.area_m2) <= found.bound + 1e-6).all()
    assert (found.likely <= found.bound).all()


def test_repeats_are_no_less_than_what_is_covered_once(walked):
    places, _, painted = walked
    for some in (painted[:1], painted):
        found = cell_areas(places, some, RADIUS_M)
        assert ((found.covered >= 0) & (found.covered <= found.repeated)).all()
        assert (found.covered <= found.whole * (1 + 1e-12)).all()


def test_needed_legs_of_days_cover_what_all_legs_cover(walked):
    places, days, painted = walked
    needed, legs = (
        np.concatenate(some) for some in ([p.needed for p in painted], [d.covering for d in days])
    )
    assert len(needed) < len(legs)
    few, everything = (covered_exact_m2(places.polygons, some, [], RADIUS_M) for some in (needed, legs))
    assert few == pytest.approx(everything, abs=1e-6)
    assert shapely.area(places.polygons).sum() == pytest.approx(1e6)


def test_nothing_walked_covers_nothing(walked):
    found = cell_areas(walked[0], [], RADIUS_M)
    assert found.covered.tolist() == found.repeated.tolist() == [0.0] * 60
