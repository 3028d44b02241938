"""Legs of a day and what they give to places: known walks, and properties of any walk."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis.patrol.areas import Area
from gis.analysis.patrol.effort import DayEffort, Visits, day_effort, merged
from gis.analysis.patrol.figures import revisits
from gis.analysis.patrol.gap_service import short_way
from gis.analysis.patrol.legs import ON_FOOT, DayLegs, Kind, Walk, day_legs, midnight_ms, walk_of_line
from gis.analysis.patrol.places import Place, Places
from gis.errors import InvalidInput
from gis.geometry.crs import METRIC_EPSG, STORAGE_EPSG, transformer
from gis.geometry.footprint.grid import Grid
from gis.geometry.footprint.painter import paint

DAY = date(2014, 4, 15)
START_S = midnight_ms(DAY) / 1000
X0, Y0 = 492_000.0, 2_516_000.0
SIDE = 200.0
MINUTE = 60_000


def places() -> Places:
    """Four square cells of 200 m in a row and a parcel over the border of the first two."""
    cells = [shapely.box(X0 + n * SIDE, Y0, X0 + (n + 1) * SIDE, Y0 + SIDE) for n in range(4)]
    parcel = shapely.box(X0 + 150, Y0 + 50, X0 + 250, Y0 + 150)
    return Places(
        revision_id=1,
        cells=tuple(Place(n, f"C{n}", "", "estate", "A" if n < 2 else "B") for n in range(4)),
        parcels=(Place(9, "P9", "", "key", ""),),
        polygons=np.array([*cells, parcel], dtype=object),
        communities=("A", "B"),
        names={"A": ("甲", "A"), "B": ("乙", "B")},
        check_points=np.empty((0, 3), dtype=np.int64),
        is_schematic=True,
    )


def walk(xy, seconds, *, began_s=START_S + 3600, part=None, kind=ON_FOOT) -> Walk:
    """Positions in metres from the corner, one every so many seconds."""
    table = np.asarray(xy, dtype=float) + np.array([X0, Y0])
    lon, lat = transformer(METRIC_EPSG, STORAGE_EPSG).transform(table[:, 0], table[:, 1])
    at = began_s + np.arange(len(table)) * float(seconds)
    numbers = np.zeros(len(table), dtype=np.int64) if part is None else np.asarray(part, dtype=np.int64)
    return Walk(at, lon, lat, numbers, kind)


def straight(length=400.0, steps=8, seconds=40):
    """Eastwards at 100 m north of the corner, from the middle of the first cell."""
    return walk([(100 + length * n / steps, 100) for n in range(steps + 1)], seconds)


def test_a_straight_walk_is_parted_among_the_cells_it_crosses():
    effort = day_effort(day_legs(DAY, [straight()]), places())
    # From x = 100 to 500 m: 100 in the first cell, 200 in the second, 100 in the third; 100 in the parcel.
    assert effort.metres == pytest.approx([100, 200, 100, 0, 100], abs=0.01)
    assert effort.minutes == pytest.approx(np.array([100, 200, 100, 0, 100]) / 400 * 8 * 40 / 60, abs=0.01)
    assert effort.visits.place.tolist() == [0, 1, 2, 4]
    assert effort.seconds[40] == 8 and effort.seconds.sum() == 8


def test_lines_without_times_are_walked_evenly_and_tell_no_sampling_rate():
    x, y = transformer(METRIC_EPSG, STORAGE_EPSG).transform([X0 + 10, X0 + 110, X0 + 160], [Y0 + 10] * 3)
    line = shapely.MultiLineString([np.column_stack([x, y])])
    legs = day_legs(DAY, [walk_of_line(line, START_S, START_S + 150)])
    assert legs.spent_ms.tolist() == pytest.approx([100_000, 50_000], abs=1)
    assert day_effort(legs, places()).seconds.sum() == 0


def test_a_line_whose_end_nobody_knows_is_no_vehicle():
    x, y = transformer(METRIC_EPSG, STORAGE_EPSG).transform([X0 + 10, X0 + 110], [Y0 + 10] * 2)
    line = shapely.MultiLineString([np.column_stack([x, y])])
    legs = day_legs(DAY, [walk_of_line(line, START_S, START_S)])
    assert not legs.are(Kind.VEHICLE).any() and legs.spent_ms.tolist() == [0]


def test_legs_belong_to_the_day_they_began_on():
    late = walk([(10 + 20 * n, 50) for n in range(6)], 60, began_s=START_S + 86_400 - 150)
    first, second = day_legs(DAY, [late]), day_legs(date(2014, 4, 16), [late])
    # Fixes 150, 90 and 30 s before midnight, then 30, 90 and 150 s after.
    assert (len(first), len(second)) == (3, 2)
    assert (first.fixes, second.fixes) == (3, 3)
    assert first.metres.sum() + second.metres.sum() == pytest.approx(100, abs=0.01)


def test_vehicles_and_second_devices():
    fast = walk([(10, 20), (30, 20)], 2)  # 36 km/h
    slow = walk([(10, 60), (30, 60)], 20, kind=Kind.DOUBLE)
    legs = day_legs(DAY, [fast, slow])
    effort = day_effort(legs, places())
    assert (effort.metres[0], effort.vehicle_m[0]) == (0, pytest.approx(20, abs=0.01))
    assert len(legs.covering) == 1
    assert effort.visits.place.tolist() == [0]  # of the second device; the drive through is none


def test_lone_fixes_are_points():
    legs = day_legs(DAY, [walk([(10, 10), (500, 10)], 60, part=[0, 1])])
    assert legs.are(Kind.LONE).all() and legs.metres.tolist() == [0, 0]
    assert day_effort(legs, places()).visits.place.tolist() == [0, 2]


def test_days_are_packed_and_come_back_the_same():
    legs = day_legs(DAY, [straight()])
    again = DayLegs.unpacked(legs.packed(), legs.packed_times())
    assert again.version == legs.version and again.fixes == legs.fixes
    timeless = DayLegs.unpacked(legs.packed())
    assert (timeless.covering == legs.covering).all() and not timeless.start_ms.any()
    at_noon = legs.without_hours()
    assert set(at_noon.start_ms) == {12 * 60 * MINUTE} and (at_noon.spent_ms == legs.spent_ms).all()
    effort = day_effort(legs, places(), [5, 3, 5])
    back = DayEffort.unpacked(effort.packed())
    assert (back.metres == effort.metres).all() and (back.visits.begin_ms == effort.visits.begin_ms).all()
    assert back.check_points.tolist() == [3, 5]
    with pytest.raises(InvalidInput):
        DayLegs.unpacked(b"no arrays")


def test_visits_end_where_nobody_was_for_more_than_half_an_hour():
    at = np.array([0, 10, 40, 71, 300, 5, 1000]) * MINUTE
    place = np.array([1, 1, 1, 1, 1, 2, 2])
    found = merged(Visits(place, at, at))
    # 40 to 71 minutes is a pause of 31, 10 to 40 one of 30.
    assert found.place.tolist() == [1, 1, 1, 2, 2]
    assert (found.begin_ms // MINUTE).tolist() == [0, 71, 300, 5, 1000]
    assert (found.end_ms // MINUTE).tolist() == [40, 71, 300, 5, 1000]


def test_a_short_visit_within_a_long_one_does_not_end_it():
    found = merged(
        Visits(np.zeros(3, np.int64), np.array([0, 5, 90]) * MINUTE, np.array([80, 6, 95]) * MINUTE)
    )
    assert (found.begin_ms.tolist(), (found.end_ms // MINUTE).tolist()) == ([0], [95])


def test_revisit_intervals_are_from_end_to_begin():
    day = 24 * 60 * MINUTE
    begin = np.array([0, 1, 3, 10, 4]) * day
    visits = Visits(np.array([0, 0, 0, 0, 1]), begin, begin + 2 * 60 * MINUTE)
    before = Visits(np.array([2]), np.array([-5 * day]), np.array([-4 * day]))
    found = revisits(visits, before, 4, 12 * day)
    hours = 2 / 24
    assert found.visits.tolist() == [4, 1, 0, 0]
    assert [found.p50[0], found.p90[0], found.longest[0]] == pytest.approx([2 - hours, 7 - hours, 7 - hours])
    assert np.isnan(found.longest[1:]).all()
    assert found.since[:3] == pytest.approx([2 - hours, 8 - hours, 16])
    assert np.isnan(found.since[3]) and found.last_ms[3] == -1


def test_what_begins_after_the_moment_asked_is_no_visit_yet():
    visits = Visits(np.array([0, 0]), np.array([0, 100]) * MINUTE, np.array([10, 110]) * MINUTE)
    none = Visits(*(np.empty(0, np.int64) for _ in range(3)))
    found = revisits(visits, none, 1, 50 * MINUTE)
    assert found.visits.tolist() == [1] and found.since[0] == pytest.approx(40 / 1440)


def test_share_of_a_place_without_area_is_none():
    area = Area(np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1), np.zeros(1))
    assert area.share.tolist() == [0]


def test_short_way_goes_to_the_nearest():
    points = [
        SimpleNamespace(lon=lon, lat=0, name=name) for name, lon in (("c", 2), ("a", 0), ("d", 9), ("b", 1))
    ]
    assert [point.name for point in short_way(points)] == ["a", "b", "c", "d"]


steps = st.lists(st.tuples(st.integers(-90, 90), st.integers(-90, 90)), min_size=1, max_size=12)


@st.composite
def walks(draw):
    """Up to four walks inside the four cells."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        begin = np.array([draw(st.integers(50, 750)), draw(st.integers(20, 180))])
        xy = np.clip(np.cumsum(np.vstack([begin, draw(steps)]), axis=0), [1, 1], [799, 199])
        found.append(walk(xy, draw(st.integers(20, 120)), began_s=START_S + draw(st.integers(0, 80_000))))
    return found


def test_order_of_legs_tells_no_time():
    legs = day_legs(DAY, [walk([(100 + n, 100) for n in range(200)], 10)])
    ranks = np.argsort(np.argsort(legs.start_ms))
    assert abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) < 0.3


@given(walks(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_of_tracks_changes_nothing(found, random):
    legs = day_legs(DAY, found)
    random.shuffle(found)
    assert day_legs(DAY, found).version == legs.version


@given(walks(), st.data())
@settings(max_examples=40, deadline=None)
def test_splitting_a_track_without_a_gap_changes_nothing(found, data):
    whole = day_legs(DAY, found)
    cut = []
    for one in found:
        at = data.draw(st.integers(0, len(one.at_s) - 1))
        for part in (slice(0, at + 1), slice(at, None)):
            cut.append(Walk(one.at_s[part], one.lon[part], one.lat[part], one.part[part], one.kind))
    split, all_places = day_legs(DAY, cut), places()
    on_way = ~split.are(Kind.LONE)
    assert (split.ends_mm[on_way] == whole.ends_mm[~whole.are(Kind.LONE)]).all()
    one, other = day_effort(whole, all_places), day_effort(split, all_places)
    assert other.metres == pytest.approx(one.metres, abs=1e-6)
    assert other.minutes == pytest.approx(one.minutes, abs=1e-6)
    grid = Grid.around(all_places.bounds, 2.0)
    none = np.empty((0, 2))
    assert (paint(grid, whole.covering, none, 50.0) == paint(grid, split.covering, none, 50.0)).all()


@given(walks())
@settings(max_examples=40, deadline=None)
def test_cells_add_up_to_what_was_walked(found):
    legs = day_legs(DAY, found)
    effort = day_effort(legs, places())
    on_foot = ~legs.are(Kind.VEHICLE)
    assert effort.metres[:4].sum() == pytest.approx(legs.metres[on_foot].sum(), abs=1e-6)
    assert effort.vehicle_m[:4].sum() == pytest.approx(legs.metres[~on_foot].sum(), abs=1e-6)
    assert effort.minutes[:4].sum() == pytest.approx(legs.spent_ms[on_foot].sum() / 60_000, abs=1e-6)
