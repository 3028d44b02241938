"""The formula and its figures: by hand, by known answers, by properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gis.analysis.workload.fairness import lorenz, share_of_heaviest, spread
from gis.analysis.workload.formula import Counts, Duties, minutes_of, officer_minutes, parts_of, travel_m
from gis.analysis.workload.model import (
    DEFAULTS,
    MONTH_DAYS,
    TOUR_FACTOR,
    Source,
    Weights,
    WorkloadQuestion,
    source_of,
)
from gis.errors import InvalidInput

LOADS = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


def counts(**changed) -> Counts:
    """Two cells: ten watched units in four buildings and two disputes; a strict unit and a check point."""
    values = {
        "grades": ("watch", "strict"),
        "visits": np.array([2.0, 4.0]),
        "units": np.array([[10.0, 0.0], [0.0, 1.0]]),
        "stops": np.array([8.0, 4.0]),
        "families": ("JF", "SR"),
        "incidents": np.array([[2.0, 0.0], [0.0, 0.0]]),
        "points": np.array([0.0, 1.0]),
        "point_visits": np.array([0.0, 3.0]),
        "lone_points": np.array([0.0, 0.0]),
        "area_m2": np.array([90_000.0, 0.0]),
        **changed,
    }
    return Counts(**values)


def test_minutes_by_hand():
    terms = minutes_of(counts(), Weights(check={"watch": 8, "strict": 12}, incident={"JF": 90, "SR": 20}))
    assert terms.checks == pytest.approx([10 * 2 * 8, 1 * 4 * 12])
    assert terms.incidents == pytest.approx([2 * 90, 0])
    assert terms.points == pytest.approx([0, 3 * 4])
    # Ten stops are fewer than working days: a tour each, 10 x 0.7124 x sqrt(1 x 90,000) x 1.3 at 75 m a minute.
    assert terms.travel == pytest.approx([10 * 0.7124 * 300 * 1.3 / 75, 0])
    assert terms.total == pytest.approx(terms.checks + terms.incidents + terms.points + terms.travel)


def test_a_point_without_a_parcel_is_visited_as_the_weights_say():
    lone = counts(points=np.array([5.0, 0.0]), point_visits=np.zeros(2), lone_points=np.array([5.0, 0.0]))
    assert minutes_of(lone, Weights(point_visits=3, point_minutes=2)).points == pytest.approx([30, 0])


def test_a_grade_the_weights_do_not_name_has_minutes_too():
    unknown = counts(grades=("watch", "new"), units=np.array([[0.0, 1.0], [0.0, 0.0]]))
    assert minutes_of(unknown, DEFAULTS).checks == pytest.approx([4 * 8, 0])


def test_the_way_of_a_month_is_a_tour_a_day():
    # 206.7 stops in 20.67 days: ten stops a day in a square kilometre, c x sqrt(10 x 1e6) each.
    metres = travel_m(np.array([206.7]), np.array([1e6]), working_days=20.67, detour=1.0)
    assert metres == pytest.approx([20.67 * TOUR_FACTOR * np.sqrt(10 * 1e6)])


def test_the_tour_estimate_is_near_a_good_tour_of_random_places():
    # Nearest neighbour and 2-opt lie some 5 % above the shortest tour, the border adds a little for 200 places.
    places = np.random.default_rng(1).random((200, 2)) * 1000.0
    estimate = travel_m(np.array([200.0]), np.array([1e6]), working_days=1.0, detour=1.0)[0]
    assert 1.0 < _two_opt(places) / estimate < 1.2


def _two_opt(places: np.ndarray) -> float:
    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    tour, left = [0], set(range(1, len(places)))
    while left:
        tour.append(min(left, key=lambda place: away[tour[-1], place]))
        left.remove(tour[-1])
    better = True
    while better:
        better = False
        for i in range(1, len(tour) - 1):
            for j in range(i + 1, len(tour)):
                a, b, c, d = tour[i - 1], tour[i], tour[j], tour[(j + 1) % len(tour)]
                if away[a, c] + away[b, d] < away[a, b] + away[c, d] - 1e-9:
                    tour[i : j + 1] = tour[i : j + 1][::-1]
                    better = True
    return float(sum(away[a, b] for a, b in zip(tour, tour[1:] + tour[:1], strict=True)))


def duties(*rows) -> Duties:
    cell, officer, is_primary = zip(*rows, strict=True)
    return Duties(np.array(cell), np.array(officer), np.array(is_primary), max(officer) + 1)


def test_officers_of_a_cell_share_it():
    held = duties((0, 0, True), (0, 1, False), (1, 1, False), (1, 2, False))
    minutes = np.array([300.0, 100.0, 50.0])
    assert officer_minutes(minutes, held, 0.0) == pytest.approx([300, 50, 50])
    assert officer_minutes(minutes, held, 0.5) == pytest.approx([200, 100 + 50, 50])
    assert officer_minutes(minutes, held, 1.0) == pytest.approx([150, 150 + 50, 50])


@given(st.floats(0, 1))
def test_no_minute_of_a_cell_with_officers_is_lost(part):
    held = duties((0, 0, True), (0, 1, False), (1, 1, False))
    assert np.bincount(held.cell, parts_of(held, 2, part)) == pytest.approx([1, 1])
    assert officer_minutes(np.array([7.0, 5.0]), held, part).sum() == pytest.approx(12)


def test_spread_of_known_loads():
    # One of four has all: Gini (n - 1) / n, standard deviation sqrt(3) of the mean.
    one_has_all = spread([0, 0, 0, 8])
    assert (one_has_all.mean, one_has_all.max_over_mean) == (2, 4)
    assert one_has_all.gini == pytest.approx(0.75)
    assert one_has_all.cv == pytest.approx(np.sqrt(3))
    # 1, 2, 3: half the mean absolute difference over all pairs is 4/9, by the mean 2.
    assert spread([3, 1, 2]).gini == pytest.approx(2 / 9)
    equal = spread([5, 5, 5])
    assert (equal.cv, equal.gini, equal.max_over_mean) == pytest.approx((0, 0, 1))
    assert spread([]).total == spread([0, 0]).gini == 0


@given(LOADS, st.floats(0.01, 100))
def test_gini_and_cv_know_no_unit_and_no_order(loads, factor):
    before, after = spread(loads), spread([load * factor for load in reversed(loads)])
    assert after.gini == pytest.approx(before.gini, abs=1e-9)
    assert after.cv == pytest.approx(before.cv, abs=1e-9)


@given(LOADS)
def test_twice_the_area_above_the_lorenz_curve_is_the_gini(loads):
    curve = lorenz(loads, steps=len(loads))
    assert 0 <= spread(loads).gini <= 1
    assert (np.diff(curve[:, 1]) >= -1e-12).all()
    assert (curve[:, 1] <= curve[:, 0] + 1e-9).all()
    assert 1 - 2 * np.trapezoid(curve[:, 1], curve[:, 0]) == pytest.approx(spread(loads).gini, abs=1e-9)


def test_the_heaviest_fifth():
    assert share_of_heaviest([1, 1, 1, 1, 6], 0.2) == pytest.approx(0.6)
    assert share_of_heaviest([2, 2, 2, 2, 2], 0.2) == pytest.approx(0.2)


def test_weights_by_flat_name():
    flat = DEFAULTS.flat()
    assert flat["check.watch"] == 8 and flat["incident.JF"] == 90 and flat["detour"] == 1.3
    changed = DEFAULTS.changed({"check.watch": 9, "detour": 1.2, "check.ninth": 3})
    assert changed.check == {**DEFAULTS.check, "watch": 9, "ninth": 3} and changed.detour == 1.2
    assert DEFAULTS.flat()["check.watch"] == 8
    assert source_of("check.watch", 9) is Source.CHANGED
    assert source_of("check.watch", 8) is Source.ASSUMPTION
    assert source_of("working_days", 20.67) is Source.LABOUR_2025


@pytest.mark.parametrize(
    ("name", "value"),
    [("detour", 0.9), ("check.watch", -1), ("check.watch", float("nan")), ("check", 1), ("nothing", 1),
     ("deputy_part", 1.1), ("walk_m_min", float("inf")), ("detour.x", 1), ("check.", 1),
     ("incident.XX", 1), ("check.a b", 1)],
)  # fmt: skip
def test_a_weight_out_of_bounds_is_refused_by_name(name, value):
    with pytest.raises(InvalidInput) as refused:
        DEFAULTS.changed({name: value})
    assert refused.value.pointer == name


def test_a_what_if_stands_in_an_address():
    asked = WorkloadQuestion.model_validate({"what_if": "check.watch:12, detour:1.2"})
    assert asked.what_if == {"check.watch": 12, "detour": 1.2}
    assert WorkloadQuestion.model_validate(asked.model_dump(mode="json")) == asked
    with pytest.raises(ValidationError):
        WorkloadQuestion.model_validate({"what_if": "check.watch"})


def test_a_month_is_a_twelfth_of_a_year():
    assert MONTH_DAYS * 12 == 365.25
