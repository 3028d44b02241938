"""The administrator keeps the calendar: day by day, or a year by a file; running deadlines follow."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from gis.calendar import service
from gis.calendar.model import DayKind, Holiday
from gis.errors import Forbidden, InvalidInput, NotFound, TooLarge

HEADER = "on_date,kind,name_zh,name_en,source\n"


def days(world, year):
    shown = service.show_year(world.db, world.actor("adam"), year)
    return {holiday.on_date.isoformat(): holiday.kind.value for holiday in shown.holidays}


def load(world, text, year=2031, encoding="utf-8"):
    return service.import_year(world.db, world.actor("adam"), text.encode(encoding), year)


def test_a_day_is_added_changed_and_removed_with_a_trace(world):
    adam = world.actor("adam")
    service.put_day(world.db, adam, Holiday(date(2030, 5, 1), DayKind.OFF, "劳动节"))
    service.put_day(world.db, adam, Holiday(date(2030, 5, 1), DayKind.OFF, "劳动节", "Labour Day", "通知"))
    assert days(world, 2030) == {"2030-05-01": "off"}
    service.remove_day(world.db, adam, date(2030, 5, 1))
    assert days(world, 2030) == {}
    with pytest.raises(NotFound):
        service.remove_day(world.db, adam, date(2030, 5, 1))
    actions = world.ask("SELECT action FROM app.audit_log WHERE action LIKE 'holiday.%%' ORDER BY audit_id")
    assert [action for (action,) in actions] == ["holiday.put", "holiday.put", "holiday.remove"]


def test_only_years_with_a_day_are_known(world):
    shown = service.show_year(world.db, world.actor("adam"))
    assert {2025, 2026} <= set(shown.known_years)
    assert shown.year == shown.today.year


def test_a_file_replaces_its_year_and_no_other(world):
    before = days(world, 2026)
    load(world, HEADER + "2031-01-01,off,元旦,,\n2031-01-02,off,元旦,,\n")
    read = load(world, "日期,类型,名称\n2031/1/1,放假,元旦\n2031年1月4日,上班,元旦调休\n", encoding="gb18030")
    assert (len(read.holidays), read.rejects) == (2, ())
    assert days(world, 2031) == {"2031-01-01": "off", "2031-01-04": "work"}
    assert days(world, 2026) == before


def test_every_fault_is_told_and_nothing_is_changed(world):
    load(world, HEADER + "2031-01-01,off,元旦,,\n")
    read = load(
        world,
        HEADER
        + "2031-01-01,off,元旦,,\n"  # row 2 is good
        + "2031-13-01,off,x,,\n"
        + "2030-01-01,off,x,,\n"
        + "2031-05-05,work,x,,\n"  # a Monday
        + "2031-05-06,maybe,x,,\n"
        + "2031-05-07,off,,,\n"
        + ",off,x,,\n"
        + "2031-01-01,off,元旦,,\n",
    )
    assert read.holidays == ()
    assert [(r.row, r.field, r.code) for r in read.rejects] == [
        (3, "on_date", "not-a-date"),
        (4, "on_date", "other-year"),
        (5, "kind", "not-a-weekend"),
        (6, "kind", "unknown-word"),
        (7, "name_zh", "missing"),
        (8, "on_date", "missing"),
        (9, "on_date", "twice"),
    ]
    assert all(r.reason for r in read.rejects)
    assert days(world, 2031) == {"2031-01-01": "off"}


def test_a_file_that_is_none_is_refused_whole(world):
    with pytest.raises(InvalidInput) as refused:
        load(world, "day,what\n2031-01-01,off\n")
    assert refused.value.pointer == "on_date"
    with pytest.raises(TooLarge):
        load(world, HEADER + "x" * 200_001)
    with pytest.raises(InvalidInput):
        load(world, HEADER + "1901-01-01,off,x,,\n", year=1901)


def test_nobody_but_the_administrator_keeps_it(world):
    for name in ("alice", "pat", "dan", "petra", "audrey"):
        with pytest.raises(Forbidden):
            service.show_year(world.db, world.actor(name))
        with pytest.raises(Forbidden):
            service.put_day(world.db, world.actor(name), Holiday(date(2030, 5, 1), DayKind.OFF, "x"))
        with pytest.raises(Forbidden):
            service.remove_day(world.db, world.actor(name), date(2030, 5, 1))
        with pytest.raises(Forbidden):
            service.import_year(world.db, world.actor(name), b"", 2031)


def test_running_deadlines_follow_the_calendar_and_ended_ones_stay(world):
    """Found on Thu 2032-01-01, three working days: Fri 2, Mon 5, Tue 6 Jan. Then Fri 2 becomes a day off."""
    world.ask("DELETE FROM app.finding_deadline")
    world.ask(
        "INSERT INTO app.finding_deadline (incident_id, step, found_at, days, in_working_days, due_at, done_at, done_by)"
        " SELECT v.id, v.step, m.found_at, 3, v.working, app.deadline_of(m.found_at, 3, v.working), v.done_at, v.done_by"
        " FROM (VALUES (3, 'stop_notice', true, NULL::timestamptz, NULL::integer), (3, 'correction', false, NULL, NULL),"
        "   (3, 'investigation', true, '2032-01-02 08:00+08', 6), (6, 'stop_notice', true, NULL, NULL))"
        "   AS v (id, step, working, done_at, done_by),"
        " (VALUES (timestamptz '2032-01-01 10:00+08')) AS m (found_at)",
    )
    world.ask("UPDATE app.incident SET state = 'voided', closed_at = now() WHERE incident_id = 6")
    service.put_day(world.db, world.actor("adam"), Holiday(date(2032, 1, 2), DayKind.OFF, "元旦"))
    due = world.ask("SELECT incident_id, step, due_at FROM app.finding_deadline ORDER BY 1, 2")
    assert [(i, step, at.astimezone().timestamp()) for i, step, at in due] == [
        (3, "correction", moment("2032-01-04")),
        (3, "investigation", moment("2032-01-06")),
        (3, "stop_notice", moment("2032-01-07")),
        (6, "stop_notice", moment("2032-01-06")),
    ]
    [(due_at,)] = world.ask("SELECT due_at FROM app.incident WHERE incident_id = 3")
    assert due_at.timestamp() == moment("2032-01-07")


def moment(day):
    return datetime.fromisoformat(f"{day}T23:59:59+08:00").timestamp()
