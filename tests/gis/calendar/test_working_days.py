"""Working days by the State Council's arrangement, and the same in SQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.calendar import service
from gis.calendar.model import DayKind, Holiday, WorkingCalendar
from gis.errors import InvalidInput
from gis.zone import ZONE

# Written by hand a second time, as published: first and last day off, then weekend days worked.
PUBLISHED = {
    2025: (
        [
            ("01-01", "01-01"),
            ("01-28", "02-04"),
            ("04-04", "04-06"),
            ("05-01", "05-05"),
            ("05-31", "06-02"),
            ("10-01", "10-08"),
        ],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        [
            ("01-01", "01-03"),
            ("02-15", "02-23"),
            ("04-04", "04-06"),
            ("05-01", "05-05"),
            ("06-19", "06-21"),
            ("09-25", "09-27"),
            ("10-01", "10-07"),
        ],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}


@pytest.fixture(scope="module")
def calendar(world) -> WorkingCalendar:
    years = [service.show_year(world.db, world.actor("adam"), year) for year in PUBLISHED]
    return WorkingCalendar([holiday for year in years for holiday in year.holidays])


@pytest.fixture(scope="module")
def ask(world):
    connection = psycopg2.connect(world.url, options="-c timezone=UTC")

    def answer(statement: str, *values):
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]

    yield answer
    connection.close()


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", PUBLISHED)
def test_every_day_of_a_published_year(year, calendar, ask):
    spans, worked = PUBLISHED[year]
    off = {
        day
        for first, last in spans
        for day in days_of(year)
        if date.fromisoformat(f"{year}-{first}") <= day <= date.fromisoformat(f"{year}-{last}")
    }
    extra = {date.fromisoformat(f"{year}-{day}") for day in worked}
    for day in days_of(year):
        expected = day in extra or (day.isoweekday() < 6 and day not in off)
        assert calendar.is_working_day(day) is expected, day
        assert ask("SELECT app.is_working_day(%s)", day) is expected, day
    assert sum(map(calendar.is_working_day, days_of(year))) == 248


# Worked by hand: found at, days, in working days, due on.
EXAMPLES = [
    # 国庆 2026: Wed 30 Sep, then Thu 8, Fri 9 Oct; Sat 10 Oct is worked, Mon 12 Oct.
    ("2026-09-29T14:00+08:00", 3, True, "2026-10-09"),
    ("2026-09-29T14:00+08:00", 5, True, "2026-10-12"),
    ("2026-09-29T14:00+08:00", 3, False, "2026-10-02"),
    # It is Wed 30 Sep already in the district.
    ("2026-09-29T16:30+00:00", 3, True, "2026-10-10"),
    # Found on a day off.
    ("2026-10-03T09:00+08:00", 1, True, "2026-10-08"),
    # 国庆 2025: found on a worked Sunday; Mon 29, Tue 30 Sep, Thu 9, Fri 10, worked Sat 11 Oct.
    ("2025-09-28T10:00+08:00", 3, True, "2025-10-09"),
    ("2025-09-28T10:00+08:00", 5, True, "2025-10-11"),
    # 春节 2026: worked Sat 14 Feb, Tue 24, Wed 25, Thu 26, Fri 27, worked Sat 28 Feb.
    ("2026-02-13T18:00+08:00", 3, True, "2026-02-25"),
    ("2026-02-13T18:00+08:00", 5, True, "2026-02-27"),
    ("2026-02-13T18:00+08:00", 6, True, "2026-02-28"),
    # 春节 2025: Mon 27 Jan, Wed 5, Thu 6, Fri 7, worked Sat 8 Feb.
    ("2025-01-26T08:00+08:00", 5, True, "2025-02-08"),
    # An ordinary week.
    ("2026-03-12T23:59+08:00", 3, True, "2026-03-17"),
]


@pytest.mark.parametrize(("found_at", "days", "in_working_days", "due_on"), EXAMPLES)
def test_worked_examples(found_at, days, in_working_days, due_on, calendar, ask):
    moment = datetime.fromisoformat(found_at)
    due_at = datetime.fromisoformat(f"{due_on}T23:59:59+08:00")
    assert calendar.deadline(moment, days, in_working_days=in_working_days) == due_at
    assert ask("SELECT app.deadline_of(%s, %s, %s)", moment, days, in_working_days) == due_at
    if in_working_days:
        assert ask("SELECT app.add_working_days(%s, %s)", moment, days) == due_at


moments = st.datetimes(
    datetime(2024, 12, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2027, 2, 1),  # noqa: DTZ001
    timezones=st.sampled_from([ZONE, timezone.utc, timezone(timedelta(hours=-9))]),  # noqa: UP017
)


@settings(max_examples=150, deadline=None)
@given(moment=moments, days=st.integers(-2, 60), in_working_days=st.booleans())
def test_sql_and_python_agree(moment, days, in_working_days, calendar, ask):
    due_at = ask("SELECT app.deadline_of(%s, %s, %s)", moment, days, in_working_days)
    assert calendar.deadline(moment, days, in_working_days=in_working_days) == due_at


kinds = st.dictionaries(st.dates(date(2030, 1, 1), date(2030, 3, 31)), st.sampled_from(DayKind), max_size=40)


@given(kinds=kinds, start=st.dates(date(2030, 1, 1), date(2030, 2, 28)), days=st.integers(1, 20))
def test_counting_back_gives_the_days_that_were_added(kinds, start, days):
    calendar = WorkingCalendar(
        Holiday(day, kind, "x") for day, kind in kinds.items() if kind is DayKind.OFF or day.isoweekday() > 5
    )
    end = calendar.add_working_days(start, days)
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(start, end) == days
    assert calendar.working_days_between(start, end - timedelta(days=1)) == days - 1
    assert calendar.working_days_between(end, start) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ((date(2026, 1, 5), DayKind.WORK, "x"), "kind"),
        ((date(1999, 1, 1), DayKind.OFF, "x"), "on_date"),
        ((date(2026, 1, 5), DayKind.OFF, ""), "name_zh"),
        ((date(2026, 1, 5), DayKind.OFF, "x" * 101), "name_zh"),
        ((date(2026, 1, 5), DayKind.OFF, "x", "", "y" * 201), "source"),
    ],
)
def test_a_day_that_cannot_be_names_its_field(values, field):
    with pytest.raises(InvalidInput) as refused:
        Holiday(*values)
    assert refused.value.pointer == field
