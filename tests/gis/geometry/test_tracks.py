"""From raw fixes to a line: each rule by a walk made for it, and what must hold for any walk."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.geometry.crs import to_metric
from gis.geometry.tracks import IN_VEHICLE_MPS, MAX_GAP_M, MAX_GAP_S, Fixes, Limits, clean, thinned

LON, LAT = 113.9, 22.75
# Degrees in a metre here, east and north.
EAST, NORTH = 1 / 102_710, 1 / 110_740
GEOD = pyproj.Geod(ellps="WGS84")


def metres(fixes: Fixes) -> np.ndarray:
    """Between neighbours, on the ellipsoid: within 0.1 % of the plane here."""
    return GEOD.inv(fixes.lon[:-1], fixes.lat[:-1], fixes.lon[1:], fixes.lat[1:])[2]


def walk(*rows: tuple[float, float, float]) -> Fixes:
    """Fixes from (seconds, metres east, metres north), accurate to 5 m."""
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return Fixes(table[:, 0], LON + table[:, 1] * EAST, LAT + table[:, 2] * NORTH, np.full(len(table), 5.0))


def parts(track) -> list[list[int]]:
    return [track.kept[track.part == number].tolist() for number in np.unique(track.part)]


def test_a_plain_walk_is_one_line_with_its_metres_and_minutes():
    track = clean(walk((0, 0, 0), (60, 60, 0), (120, 60, 80)))
    assert parts(track) == [[0, 1, 2]]
    assert track.metres == pytest.approx(140, abs=0.2)
    assert track.minutes == 2
    assert shapely.get_coordinates(track.line)[0].tolist() == [LON, LAT]


def test_what_is_not_accurate_is_dropped_and_what_says_nothing_is_kept():
    fixes = walk((0, 0, 0), (10, 10, 0), (20, 20, 0), (30, 30, 0))
    fixes.accuracy_m[:] = [50.0, 50.1, np.nan, 5.0]
    assert parts(clean(fixes)) == [[0, 2, 3]]


def test_there_and_back_is_dropped_and_its_neighbours_are_joined():
    assert parts(clean(walk((0, 0, 0), (10, 10, 0), (20, 1000, 0), (30, 30, 0), (40, 40, 0)))) == [
        [0, 1, 3, 4]
    ]


def test_two_jumps_to_the_same_place_are_dropped():
    track = clean(walk((0, 0, 0), (10, 900, 0), (20, 20, 0), (30, 900, 0), (40, 40, 0), (50, 50, 0)))
    assert parts(track) == [[0, 2, 4, 5]]


def test_first_fix_of_a_cold_receiver_is_dropped():
    assert parts(clean(walk((0, 3000, 0), (10, 0, 0), (20, 10, 0), (30, 20, 0)))) == [[1, 2, 3]]


def test_a_ride_is_no_walk_but_one_in_a_vehicle():
    on_foot = [(t, t, 0) for t in range(0, 50, 10)]
    ride = [(t, 50 + (t - 50) * 20, 0) for t in range(60, 100, 10)]
    then = [(t, 1050 + t - 100, 0) for t in range(100, 150, 10)]
    fixes = walk(*on_foot, *ride, *then)
    assert parts(clean(fixes)) == [[0, 1, 2, 3, 4], [9, 10, 11, 12, 13]]
    assert len(clean(fixes, Limits(speed_mps=IN_VEHICLE_MPS, gap_m=250)).kept) == len(fixes)


def test_the_same_fix_again_is_dropped_and_standing_still_is_not():
    assert parts(clean(walk((0, 0, 0), (0, 0, 0), (10, 0, 0), (20, 9, 0)))) == [[0, 2, 3]]


@pytest.mark.parametrize(("second", "is_joined"), [((300, 50, 0), True), ((301, 50, 0), False),
                                                   ((150, 199, 0), True), ((150, 201, 0), False),
                                                   ((-1, 0, 5), False)])  # fmt: skip
def test_a_gap_and_a_clock_that_goes_back_break_the_line(second, is_joined):
    track = clean(walk((-9, -9, 0), (0, 0, 0), second, (second[0] + 9, second[1] + 9, 0)))
    assert parts(track) == ([[0, 1, 2, 3]] if is_joined else [[0, 1], [2, 3]])


def test_lone_fixes_are_no_line():
    track = clean(walk((0, 0, 0), (1000, 0, 0)))
    assert (parts(track), track.line, track.metres) == ([[0], [1]], None, 0)
    assert clean(walk()).line is None


def test_far_from_the_district_lengths_are_those_of_the_ellipsoid():
    fixes = Fixes(
        np.array([0.0, 100.0]), np.array([13.74, 13.741]), np.array([46.43, 46.43]), np.full(2, 5.0)
    )
    assert clean(fixes).metres == pytest.approx(76.9, abs=0.1)


# Properties ----------------------------------------------------------------------------------------

step = st.tuples(st.sampled_from([0, 1, 1, 5, 30, 301, -20]), st.integers(-60, 60), st.integers(-60, 60))
leap = st.tuples(st.sampled_from([1, 5, 60]), st.integers(-3000, 3000), st.integers(-3000, 3000))


@st.composite
def walks(draw):
    """Steps with leaps, standing still, repeats, bad accuracies and clocks that go back."""
    moves = draw(st.lists(st.one_of(step, step, step, leap, st.just((0, 0, 0))), min_size=1, max_size=60))
    fixes = walk(*np.cumsum(moves, axis=0))
    accuracy = draw(st.lists(st.sampled_from([5.0, np.nan, 80.0]), min_size=len(moves), max_size=len(moves)))
    fixes.accuracy_m[:] = accuracy
    return fixes


@given(walks())
@settings(max_examples=80, deadline=None)
def test_no_leg_of_any_walk_is_longer_than_the_gap_or_faster_than_allowed(fixes):
    track = clean(fixes)
    left = fixes[track.kept]
    joined = np.diff(track.part) == 0
    seconds = np.diff(left.at_s)[joined]
    way = metres(left)[joined]
    assert (seconds >= 0).all() and (seconds <= MAX_GAP_S).all()
    assert (way <= MAX_GAP_M * 1.001).all()
    assert (way <= 12 * np.maximum(seconds, 1) * 1.001).all()
    assert track.metres == pytest.approx(way.sum(), rel=1e-3, abs=0.01)


@given(walks())
@settings(max_examples=80, deadline=None)
def test_cleaning_twice_is_cleaning_once(fixes):
    once = clean(fixes)
    again = clean(fixes[once.kept])
    assert again.kept.tolist() == list(range(len(once.kept)))
    assert again.part.tolist() == once.part.tolist()
    assert (again.metres, again.minutes) == (once.metres, once.minutes)


@given(walks(), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_what_was_cut_off_by_a_gap_does_not_change_with_what_comes_later(fixes, cut):
    """So that a track drawn while somebody walks is the beginning of the one drawn at the end."""
    first = fixes[np.arange(len(fixes)) < cut]
    later = walk((1000, 0, 0), (1010, 10, 0))
    later.at_s[:] += first.at_s.max(initial=0)
    both = Fixes(*(np.concatenate([getattr(first, name), getattr(later, name)])
                   for name in ("at_s", "lon", "lat", "accuracy_m")))  # fmt: skip
    before, after = clean(first), clean(both)
    assert after.kept[after.kept < len(first)].tolist() == before.kept.tolist()
    assert (after.metres, after.minutes) == pytest.approx(
        (before.metres + clean(later).metres, before.minutes + 1 / 6)
    )


# Thinning ------------------------------------------------------------------------------------------


def noisy_walk(seed: int, seconds: int = 4000) -> Fixes:
    """A fix a second at 1.2 m/s with turns, noise that drifts (4 m) and a rest."""
    dice = np.random.default_rng(seed)
    heading = (
        np.cumsum(dice.normal(0, 0.03, seconds))
        + np.repeat(dice.uniform(0, 6, seconds // 400 + 1), 400)[:seconds]
    )
    pace = np.where(np.arange(seconds) % 1500 < 1200, 1.2, 0.0)
    noise = np.zeros((seconds, 2))
    for at in range(1, seconds):
        noise[at] = 0.98 * noise[at - 1] + dice.normal(0, 0.8, 2)
    x, y = np.cumsum(pace * np.cos(heading)) + noise[:, 0], np.cumsum(pace * np.sin(heading)) + noise[:, 1]
    return walk(*np.column_stack([np.arange(seconds), x, y]))


@pytest.mark.parametrize("seed", range(4))
def test_thinned_walk_covers_the_same_within_a_thousandth(seed):
    fixes = noisy_walk(seed)
    track = clean(fixes)
    rows = thinned(track)
    assert len(rows) < len(fixes) / 5
    again = clean(fixes[rows])
    assert len(again.kept) == len(rows)
    before, after = to_metric(track.line), to_metric(again.line)
    assert shapely.hausdorff_distance(before, after) <= 2.0
    zone = shapely.envelope(shapely.buffer(before, 200))
    covered = [shapely.intersection(zone, shapely.buffer(line, 50.0)) for line in (before, after)]
    shares = shapely.area(covered) / shapely.area(zone)
    assert abs(shares[0] - shares[1]) <= 0.001
    assert again.minutes == track.minutes


@given(walks())
@settings(max_examples=60, deadline=None)
def test_thinning_keeps_ends_and_breaks_and_is_done_once(fixes):
    track = clean(fixes)
    rows = thinned(track)
    assert np.isin(rows, track.kept).all()
    kept_part = track.part[np.isin(track.kept, rows)]
    for number in np.unique(track.part):
        members = track.kept[track.part == number]
        assert {members[0], members[-1]} <= set(rows.tolist())
    left = fixes[rows]
    joined = np.diff(kept_part) == 0
    assert (np.diff(left.at_s)[joined] <= MAX_GAP_S).all()
    assert (metres(left)[joined] <= MAX_GAP_M * 1.001).all()
