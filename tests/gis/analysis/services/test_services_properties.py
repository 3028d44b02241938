"""What holds for any town: more minutes, more facilities and shorter ways never serve fewer people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis.services.ground import Cells, Demand, Facilities, Ground
from gis.analysis.services.measure import measure, reach
from gis.analysis.services.model import COMMUNITY_FIGURES, ServicesParameters
from gis.roads.model import RoadNetwork

COLUMNS = [figure.name for figure in COMMUNITY_FIGURES]
WITHIN_ASKED = [COLUMNS.index("within"), COLUMNS.index("units_within")]
ADDED_UP = [COLUMNS.index(name) for name in ("units", "residents", "worst_residents")]
ROADS = RoadNetwork(1, "x", "", "", None, True, 1, 1.0, 1.0, 1, 0.0, datetime(2014, 4, 1, tzinfo=UTC))


def facilities(xy: np.ndarray) -> Facilities:
    count = len(xy)
    texts = tuple(f"F{n}" for n in range(count))
    return Facilities(
        codes=texts,
        kinds=("park",) * count,
        names=texts,
        names_en=texts,
        xy=xy,
        lon_lat=np.full((count, 2), (113.9, 22.7)),
        cell=np.zeros(count, np.intp),
        capacity=np.full(count, 10.0),
        hours=(None,) * count,
        hours_text=("",) * count,
    )


def town(seed: int, places: int) -> Ground:
    """A square kilometre of streets 100 m apart, some of them missing, with people and parks anywhere."""
    rng = np.random.default_rng(seed)
    lines = [
        shapely.LineString([start, end])
        for x in range(11)
        for y in range(11)
        for start, end in (((x, y), (x + 1, y)), ((x, y), (x, y + 1)))
        if max(end) <= 10 and rng.random() < 0.85
    ]
    count = 40
    cell = np.sort(rng.integers(0, 4, count)).astype(np.intp)
    return Ground(
        version=str(seed),
        cells=Cells(np.arange(4), ("a1", "a2", "b1", "b2"), np.array([0, 0, 1, 1]), ("a", "b")),
        demand=Demand(
            tuple(f"B{n}" for n in range(count)),
            rng.uniform(0, 1000, (count, 2)),
            cell,
            rng.integers(1, 9, count).astype(float),
            rng.integers(0, 20, count).astype(float),
        ),
        facilities=facilities(rng.uniform(0, 1000, (places, 2))),
        lines=shapely.transform(np.array(lines, object), lambda points: points * 100),
        roads=ROADS,
    )


def quiet(_done: int, _of: int) -> None:
    pass


TOWNS = st.builds(town, st.integers(0, 10_000), st.integers(1, 6))


@settings(max_examples=25, deadline=None)
@given(TOWNS, st.integers(1, 20), st.integers(1, 20))
def test_more_minutes_serve_no_fewer(ground, some, more):
    def within(minutes):
        rows = measure(ground, ServicesParameters(kind="park", minutes=minutes), quiet).tables[0].rows
        return [[row[n] or 0 for n in WITHIN_ASKED] for row in rows]

    assert (np.array(within(max(some, more))) >= np.array(within(min(some, more)))).all()


@settings(max_examples=25, deadline=None)
@given(TOWNS)
def test_another_facility_makes_nobody_walk_longer(ground):
    asked = ServicesParameters(kind="park")
    before = reach(ground, asked, "park").minutes
    fewer = replace(ground, facilities=facilities(ground.facilities.xy[1:]), kept={})
    assert (before <= reach(fewer, asked, "park").minutes + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(TOWNS)
def test_streets_are_never_shorter_than_the_straight_line(ground):
    over_streets = reach(ground, ServicesParameters(kind="park"), "park").minutes
    straight = reach(ground, ServicesParameters(kind="park", way="straight", detour=1), "park").minutes
    assert (over_streets >= straight - 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(TOWNS, st.randoms(use_true_random=False))
def test_the_order_of_facilities_is_irrelevant(ground, random):
    order = list(range(len(ground.facilities.codes)))
    random.shuffle(order)
    turned = replace(ground, facilities=facilities(ground.facilities.xy[order]), kept={})
    asked = ServicesParameters(kind="park", minutes=7)
    one, other = (measure(place, asked, quiet).tables[0].rows for place in (ground, turned))
    for left, right in zip(one, other, strict=True):
        assert left[0] == right[0] and left[1:] == pytest.approx(right[1:])


@settings(max_examples=25, deadline=None)
@given(TOWNS)
def test_cells_add_up_to_their_community_and_shares_are_shares(ground):
    result = measure(ground, ServicesParameters(kind="park"), quiet)
    communities, cells = result.tables[0].rows, result.tables[1].rows
    for whole in communities:
        parts = [row for row in cells if row[0].startswith(whole[0])]
        assert [whole[n] for n in ADDED_UP] == [sum(row[n] for row in parts) for n in ADDED_UP]
    shares = [value for row in (*communities, *cells) for value in row[3:8] if value is not None]
    assert all(0 <= share <= 1 for share in shares)


@settings(max_examples=25, deadline=None)
@given(TOWNS)
def test_places_given_out_are_those_there_are(ground):
    asked = ServicesParameters(kind="park", minutes=60)
    rows = measure(ground, asked, quiet).tables[0].rows
    residents, per_1000 = COLUMNS.index("residents"), COLUMNS.index("places_per_1000")
    handed_out = sum(row[residents] * (row[per_1000] or 0) / 1000 for row in rows)
    reached = [row for row in measure(ground, asked, quiet).tables[-1].rows if row[5]]
    assert handed_out == pytest.approx(10 * len(reached))
