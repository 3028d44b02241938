"""The list of findings: where each clock stands, what is due next first, and steps ticked off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gis.errors import Conflict, Forbidden, InvalidInput, NotFound
from gis.findings.model import Clock, FindingQuery, Step
from gis.findings.service import list_findings, show_finding, tick_step
from tests.gis.findings.cases import finding, handled, log, take

AGO, LATER = "now() - interval '1 hour'", "now() + interval '1 hour'"
NEXT, AFTER_NEXT = "app.add_working_days(now(), 1)", "app.add_working_days(now(), 2)"


@pytest.mark.parametrize(
    ("due_at", "done_at", "closed_at", "state"),
    [
        (AGO, "NULL", "NULL", "overdue"),
        (LATER, "NULL", "NULL", "due"),
        (NEXT, "NULL", "NULL", "due"),
        (AFTER_NEXT, "NULL", "NULL", "running"),
        (LATER, "now()", "NULL", "done"),
        ("now()", "now()", "NULL", "done"),
        (AGO, "now()", "NULL", "done_late"),
        (AGO, "now()", "now()", "done_late"),
        (AGO, "NULL", "now()", "stopped"),
    ],
)
def test_where_a_step_stands(world, due_at, done_at, closed_at, state):
    assert world.ask(f"SELECT app.deadline_state({due_at}, {done_at}, {closed_at})") == [(state,)]


def days_ago(days):
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def order(world, **asked):
    return [
        f.row.incident_id
        for f in list_findings(world.db, world.actor("dan"), FindingQuery(**asked), page_size=1000).findings
    ]


def test_what_is_due_next_comes_first(world):
    fresh, old, older = (finding(world, device_at=days_ago(days)) for days in (0, 8, 15))
    places = [order(world).index(incident_id) for incident_id in (older, old, fresh)]
    assert places == sorted(places)
    for step in Step:
        tick_step(world.db, world.actor("dan"), older, step, "done")
    assert order(world).index(older) > order(world).index(fresh)


def test_filters_by_kind_community_team_and_standing(world):
    west = finding(world, kind="L6")
    east = finding(world, "quinn", kind="L4", place=(113.955, 22.755))
    gone = finding(world, kind="L6")
    take(world, gone, "voided")

    def found(**asked):
        return {west, east, gone} & set(order(world, **asked))

    assert found() == {west, east}
    assert found(kind="L6") == {west}
    assert found(community="440306007002") == {east}
    assert found(team="T1") == {west}
    assert found(team="T2") == found(team="T3") == {east}
    assert found(team="T9") == found(kind="L9") == set()
    assert found(is_open=False) == {gone}
    assert found(is_open=None) == {west, east, gone}


def test_pages_hold_each_finding_once(world):
    for _ in range(5):
        finding(world)
    dan, everything = world.actor("dan"), order(world)
    paged, page = [], 1
    while True:
        found = list_findings(world.db, dan, FindingQuery(), page=page, page_size=2)
        paged += [f.row.incident_id for f in found.findings]
        if not found.has_next:
            break
        page += 1
    assert paged == everything


def test_a_step_is_ticked_off_once_with_who_and_how(world):
    incident_id, dan = finding(world), world.actor("dan")
    tick_step(world.db, dan, incident_id, "stop_notice", " 已送达 ")
    found = show_finding(world.db, dan, incident_id).finding
    done = next(d for d in found.deadlines if d.step is Step.STOP_NOTICE)
    assert (done.clock, done.by, done.note) == (Clock.DONE, "演示dan", "已送达")
    with pytest.raises(Conflict) as again:
        tick_step(world.db, dan, incident_id, "stop_notice", "again")
    assert again.value.code == "done-before"
    trace = world.ask(
        "SELECT account_id, detail FROM app.audit_log WHERE action = 'finding.step_done' AND subject = %s",
        str(incident_id),
    )
    assert trace == [(world.accounts["dan"], {"step": "stop_notice"})]


def test_a_step_is_not_ticked_off_without_a_note_or_by_others_or_late(world):
    incident_id, dan = finding(world), world.actor("dan")
    for note, code in (("  ", "missing"), ("x" * 501, "too-long")):
        with pytest.raises(InvalidInput) as refused:
            tick_step(world.db, dan, incident_id, "correction", note)
        assert (refused.value.pointer, refused.value.code) == ("note", code)
    for name in ("alice", "pat", "petra", "audrey", "adam"):
        with pytest.raises(Forbidden):
            tick_step(world.db, world.actor(name), incident_id, "correction", "x")
    for wrong in ((incident_id, "demolition"), (1, "correction"), (999_999, "correction")):
        with pytest.raises(NotFound):
            tick_step(world.db, dan, *wrong, "x")
    take(world, incident_id, "voided")
    with pytest.raises(Conflict) as closed:
        tick_step(world.db, dan, incident_id, "correction", "x")
    assert closed.value.code == "closed"


def test_what_is_closed_runs_no_clock(world):
    incident_id = handled(world)
    log(world, "quinn", kind="OK")
    take(world, incident_id, "checking", "closed")
    found = show_finding(world.db, world.actor("dan"), incident_id).finding
    assert {d.clock for d in found.deadlines} == {Clock.STOPPED}
    assert found.worst is Clock.STOPPED


def test_only_the_desk_and_the_district_see_the_list(world):
    for name in ("alice", "pat"):
        with pytest.raises(Forbidden):
            list_findings(world.db, world.actor(name), FindingQuery())
        with pytest.raises(Forbidden):
            show_finding(world.db, world.actor(name), 3)
    with pytest.raises(NotFound):
        show_finding(world.db, world.actor("dan"), 1)
