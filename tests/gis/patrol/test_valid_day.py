"""What makes a patrol day valid: known answers."""

from __future__ import annotations

import datetime as dt

import pytest

from gis.patrol.plans import Season
from gis.patrol.valid_day import Rule, Walked, days_wanted, judge, rule_of

RAIN = Rule(Season("06-01", "09-30"), 3000, 60, 10)
FIRE = Rule(Season("10-01", "05-31"), 3000, 60, 20)
SEASONS = [RAIN, FIRE]


def month(year: int, number: int) -> list[dt.date]:
    day = dt.date(year, number, 1)
    days = []
    while day.month == number:
        days.append(day)
        day += dt.timedelta(days=1)
    return days


@pytest.mark.parametrize(
    ("walks", "is_valid", "lacks"),
    [
        ([], False, (True, True)),
        ([Walked(3000, 60)], True, (False, False)),
        ([Walked(2999.9, 60)], False, (True, False)),
        ([Walked(3000, 59.9)], False, (False, True)),
        ([Walked(2340, 90)], False, (True, False)),
        # Two who walk together do not make up one day.
        ([Walked(1500, 30), Walked(1500, 30)], False, (True, True)),
        ([Walked(500, 10), Walked(4000, 75)], True, (False, False)),
        # One went far and fast, one enough of both: the second makes the day.
        ([Walked(9000, 50), Walked(3100, 61)], True, (False, False)),
        ([Walked(0, 0)], False, (True, True)),
    ],
)
def test_a_day_counts_if_one_person_walked_enough_of_both(walks, is_valid, lacks):
    judged = judge(walks, FIRE)
    assert judged.is_valid is is_valid
    assert (judged.lacks_metres, judged.lacks_minutes) == lacks


def test_the_day_is_told_by_who_came_nearest_to_the_rule():
    assert judge([Walked(9000, 30), Walked(2700, 55)], FIRE).best == Walked(2700, 55)
    assert judge([Walked(100, 5), Walked(200, 5)], None).best == Walked(200, 5)


def test_a_rule_without_numbers_still_wants_a_track():
    lenient = Rule(Season("01-01", "12-31"), 0, 0, 5)
    assert judge([Walked(0, 0)], lenient).is_valid
    assert not judge([], lenient).is_valid


def test_a_day_in_no_season_is_not_judged():
    judged = judge([Walked(9000, 600)], None)
    assert (judged.is_valid, judged.lacks_metres, judged.lacks_minutes) == (False, False, False)


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (dt.date(2026, 5, 31), FIRE),
        (dt.date(2026, 6, 1), RAIN),
        (dt.date(2026, 9, 30), RAIN),
        (dt.date(2026, 10, 1), FIRE),
        (dt.date(2027, 1, 1), FIRE),
    ],
)
def test_seasons_hold_from_their_first_day_to_their_last(day, rule):
    assert rule_of(day, SEASONS) is rule
    assert rule_of(day, SEASONS[::-1]) is rule


def test_of_two_seasons_the_one_that_asks_for_most_holds():
    drill = Rule(Season("10-10", "10-20"), 1000, 30, 25)
    assert rule_of(dt.date(2026, 10, 15), [FIRE, drill]) is drill
    assert rule_of(dt.date(2026, 10, 9), [FIRE, drill]) is FIRE
    assert rule_of(dt.date(2026, 10, 9), [drill]) is None


@pytest.mark.parametrize(
    ("days", "rules", "wanted"),
    [
        (month(2026, 11), SEASONS, 20),
        (month(2026, 2), SEASONS, 20),
        (month(2026, 7), SEASONS, 10),
        (month(2026, 7), [FIRE], 0),
        # Ten of thirty days ask for 20 a month, twenty for 10: 6.67 + 6.67 days.
        (
            month(2026, 6),
            [Rule(Season("06-01", "06-10"), 1, 1, 20), Rule(Season("06-11", "06-30"), 1, 1, 10)],
            14,
        ),
        (month(2026, 6), [Rule(Season("06-30", "06-30"), 1, 1, 1)], 1),
    ],
)
def test_a_month_wants_as_many_days_as_its_seasons_ask_for(days, rules, wanted):
    assert days_wanted(days, rules) == wanted
