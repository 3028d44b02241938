"""Evidence: the clock of a phone set right, and grades that follow from how a position came about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patrol.evidence import (
    SANE,
    STEP_BACK,
    TOO_FAR_AHEAD,
    Fix,
    Grade,
    Method,
    Moment,
    grade_of,
    happened,
    read_clock,
    stepped_back,
)

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
YEARS_3 = timedelta(days=3 * 365)
moments = st.integers(86_400, 7 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC))
spans = st.timedeltas(timedelta(days=-2000), timedelta(days=2000))


@pytest.mark.parametrize("off", [-YEARS_3, timedelta(days=1), timedelta(minutes=-6), timedelta(hours=8)])
def test_clock_that_is_off_is_set_right_and_flagged(off):
    made = NOW - timedelta(hours=2)
    moment = read_clock(made + off, NOW + off, NOW)
    assert moment == Moment(made, round(-off.total_seconds()), has_jumped=False)


def test_clock_that_is_a_little_off_is_believed():
    made = NOW - timedelta(hours=2) + timedelta(minutes=4)
    assert read_clock(made, NOW + timedelta(minutes=4), NOW) == Moment(made)


def test_time_that_still_lies_more_than_a_day_ahead_is_the_time_of_receipt():
    device_at = NOW + timedelta(days=2)
    for sent_at in (None, NOW):
        moment = read_clock(device_at, sent_at, NOW)
        assert moment == Moment(NOW, -2 * 86_400, has_jumped=True)


def test_record_made_after_it_was_sent_tells_of_a_clock_set_back():
    assert read_clock(NOW + timedelta(minutes=6), NOW, NOW).has_jumped
    assert not read_clock(NOW + timedelta(minutes=4), NOW, NOW).has_jumped


@given(device_at=moments, sent_off=st.none() | spans, received_at=moments)
def test_no_record_lies_far_ahead_and_the_offset_tells_what_was_added(device_at, sent_off, received_at):
    sent_at = None if sent_off is None else received_at + sent_off
    moment = read_clock(device_at, sent_at, received_at)
    assert moment.at <= received_at + TOO_FAR_AHEAD
    added = timedelta(seconds=moment.clock_offset_s or 0)
    assert abs(device_at + added - moment.at) <= timedelta(seconds=0.5)
    if moment.clock_offset_s is None:
        assert moment.at == device_at
        assert sent_at is None or abs(received_at - sent_at) <= SANE


@given(off=spans, ages=st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_steady_clock_gives_the_true_times_whatever_it_shows(off, ages):
    for age in ages:
        made = NOW - timedelta(seconds=age)
        found = read_clock(made + off, NOW + off, NOW)
        assert not found.has_jumped
        assert abs(found.at - made) <= max(SANE, timedelta(seconds=1))


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (timedelta(minutes=4), Moment(NOW)),  # believed, but never after the receipt
        (timedelta(minutes=-4), Moment(NOW - timedelta(minutes=4))),
        (timedelta(minutes=6), Moment(NOW, -360)),
        (timedelta(hours=-9), Moment(NOW, 9 * 3600)),
    ],
)
def test_what_happened_is_put_right_as_records_are_and_is_over(off, expected):
    assert happened(NOW + off, NOW + off, NOW) == expected


@given(device_at=moments, sent_off=st.none() | spans, received_at=moments)
def test_what_happened_is_when_a_record_would_be_but_not_later_than_told(device_at, sent_off, received_at):
    sent_at = None if sent_off is None else received_at + sent_off
    moment, record = (rule(device_at, sent_at, received_at) for rule in (happened, read_clock))
    assert moment.at == min(record.at, received_at)
    assert (moment.clock_offset_s, moment.has_jumped) == (record.clock_offset_s, record.has_jumped)


@given(st.lists(st.tuples(st.none() | st.integers(0, 50), moments), max_size=30), st.none() | moments)
def test_steps_back_are_those_of_a_plain_walk_in_order(counted, last):
    found = stepped_back(counted, last)
    numbered = sorted((n, at, place) for place, (n, at) in enumerate(counted) if n is not None)
    for rank, (_, at, place) in enumerate(numbered):
        before = [earlier for _, earlier, _ in numbered[:rank]] + ([] if last is None else [last])
        assert found[place] == any(at < earlier - STEP_BACK for earlier in before)
    assert not any(found[place] for place, (n, _) in enumerate(counted) if n is None)


def test_steps_back_do_not_depend_on_the_order_of_arrival():
    clock = [NOW, NOW + timedelta(minutes=1), NOW - timedelta(hours=1), NOW - timedelta(minutes=59)]
    counted = list(enumerate(clock))
    assert stepped_back(counted) == [False, False, True, True]
    assert stepped_back(counted[::-1]) == [True, True, False, False]


GOOD = Fix(Method.GPS, NOW, 8.0, is_mock=False)


@pytest.mark.parametrize(
    ("fix", "moment", "grade"),
    [
        (GOOD, Moment(NOW), "A"),
        (Fix(Method.GPS, NOW - timedelta(seconds=30), 10.0, is_mock=False), Moment(NOW), "A"),
        (Fix(Method.GPS, NOW, 10.1, is_mock=False), Moment(NOW), "B"),
        (Fix(Method.GPS, NOW, 30.0, is_mock=False), Moment(NOW), "B"),
        (Fix(Method.GPS, NOW, 30.1, is_mock=False), Moment(NOW), "C"),
        (Fix(Method.GPS, NOW, None, is_mock=False), Moment(NOW), "C"),
        (Fix(Method.GPS, NOW - timedelta(seconds=31), 5.0, is_mock=False), Moment(NOW), "C"),
        (Fix(Method.GPS, None, 5.0, is_mock=False), Moment(NOW), "C"),
        (Fix(Method.MAP, NOW, 5.0, is_mock=False), Moment(NOW), "C"),
        (Fix(Method.QR, None, None, is_mock=False), Moment(NOW), "C"),
        (Fix(None, None, 5.0, is_mock=False), Moment(NOW), "C"),
        (GOOD, Moment(NOW, 600), "C"),
        (Fix(Method.TYPED, NOW, 5.0, is_mock=False), Moment(NOW), "D"),
        (Fix(Method.GPS, NOW, 5.0, is_mock=True), Moment(NOW), "D"),
        (GOOD, Moment(NOW, has_jumped=True), "D"),
    ],
)
def test_grade(fix, moment, grade):
    assert grade_of(fix, NOW, moment) == grade


fixes = st.builds(
    Fix,
    method=st.none() | st.sampled_from(Method),
    fix_at=st.none() | st.timedeltas(timedelta(minutes=-2), timedelta(minutes=2)).map(lambda d: NOW + d),
    accuracy_m=st.none() | st.floats(0, 200),
    is_mock=st.booleans(),
)


@given(fixes, st.none() | st.integers(-(10**9), 10**9), st.booleans())
def test_nothing_that_speaks_against_a_record_makes_it_better(fix, offset_s, has_jumped):
    grade = grade_of(fix, NOW, Moment(NOW, offset_s, has_jumped))
    assert grade >= grade_of(fix, NOW, Moment(NOW))
    assert grade_of(Fix(fix.method, fix.fix_at, fix.accuracy_m, is_mock=True), NOW, Moment(NOW)) == Grade.D
    if grade in (Grade.A, Grade.B):
        assert fix.method == Method.GPS and not fix.is_mock and not has_jumped and offset_s is None
