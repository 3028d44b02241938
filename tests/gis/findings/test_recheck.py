"""A finding is closed once somebody has seen on site that it is gone, or with a reason why nobody can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from gis.errors import Conflict, Forbidden, InvalidInput, NotFound
from gis.findings.service import show_finding, to_recheck
from gis.incident.lifecycle import State
from gis.incident.service import close_unreached, course_of
from tests.gis.findings.cases import (
    METRE,
    NO_PARCEL,
    PARCEL_1,
    TO_HANDLING,
    finding,
    handled,
    log,
    take,
)

REASON = "道路被洪水冲断，无法到达"


def closes(world, incident_id):
    """Whether the dispatcher may close it, by what is offered and by what happens: both must agree."""
    offered = State.CLOSED in course_of(world.db, world.actor("dan"), incident_id).next_states
    try:
        take(world, incident_id, "closed")
    except Conflict as error:
        assert error.code == "no-recheck"
        assert not offered
        return False
    assert offered
    return True


def near(place, metres):
    return (place[0] + metres * METRE, place[1])


@pytest.mark.parametrize(
    ("found_at", "who", "seen", "counts"),
    [
        (PARCEL_1, "quinn", {"place": near(PARCEL_1, 150)}, True),  # the same parcel
        (PARCEL_1, "alice", {}, True),
        (PARCEL_1, "pat", {}, False),  # the finder on the same day
        (PARCEL_1, "quinn", {"kind": "L1"}, False),
        (PARCEL_1, "quinn", {"place": near(PARCEL_1, 1000)}, False),  # the next parcel
        (NO_PARCEL, "quinn", {"place": near(NO_PARCEL, 49)}, True),
        (NO_PARCEL, "quinn", {"place": near(NO_PARCEL, -51)}, False),
        (NO_PARCEL, "quinn", {"place": PARCEL_1}, False),
        (PARCEL_1, "quinn", {"device_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}, False),
    ],
)
def test_what_counts_as_a_re_check(world, found_at, who, seen, counts):
    incident_id = handled(world, place=found_at)
    take(world, incident_id, "checking")
    assert not closes(world, incident_id)
    client_id = log(world, who, **{"place": found_at, "kind": "OK", **seen})
    assert closes(world, incident_id) is counts
    stored = world.ask("SELECT recheck_client_id::text FROM app.incident WHERE incident_id = %s", incident_id)
    assert stored == [(client_id if counts else None,)]


def test_the_finder_may_look_again_on_another_day(world):
    incident_id = handled(world)
    world.ask(
        "UPDATE app.incident SET occurred_at = occurred_at - interval '1 day' WHERE incident_id = %s",
        incident_id,
    )
    take(world, incident_id, "checking")
    log(world, "pat", kind="OK")
    assert closes(world, incident_id)


def test_what_was_seen_before_it_was_handled_does_not_count(world):
    incident_id = finding(world)
    take(world, incident_id, *TO_HANDLING)
    log(world, "quinn", kind="OK")
    take(world, incident_id, "handled", name="alice")
    take(world, incident_id, "checking")
    assert not closes(world, incident_id)
    # Seen to be gone, sent to rework all the same: the next handling needs a look of its own.
    log(world, "quinn", kind="OK")
    take(world, incident_id, "rework", "dispatched", "handling")
    take(world, incident_id, "handled", name="alice")
    take(world, incident_id, "checking")
    assert not closes(world, incident_id)


def test_other_incidents_close_as_before(world):
    world.ask("UPDATE app.incident SET state = 'checking' WHERE incident_id = 1")
    assert closes(world, 1)


def test_a_written_reason_closes_what_cannot_be_reached(world):
    incident_id, dan = handled(world), world.actor("dan")
    with pytest.raises(Conflict) as early:
        close_unreached(world.db, dan, incident_id, REASON)
    assert early.value.code == "no-such-step"
    take(world, incident_id, "checking")
    for reason, code in (("  去不了  ", "too-short"), ("x" * 501, "too-long")):
        with pytest.raises(InvalidInput) as refused:
            close_unreached(world.db, dan, incident_id, reason)
        assert (refused.value.pointer, refused.value.code) == ("reason", code)
    for name in ("alice", "pat", "petra", "audrey", "adam"):
        with pytest.raises(Forbidden):
            close_unreached(world.db, world.actor(name), incident_id, REASON)
    close_unreached(world.db, dan, incident_id, REASON)
    assert world.ask(
        "SELECT state, recheck_waiver, recheck_client_id, closed_at IS NOT NULL FROM app.incident WHERE incident_id = %s",
        incident_id,
    ) == [("closed", REASON, None, True)]
    last = course_of(world.db, dan, incident_id).steps[-1]
    assert (last.to_state, last.note) == ("closed", REASON)
    assert world.ask(
        "SELECT count(*) FROM app.audit_log WHERE action = 'finding.close_unreached' AND subject = %s",
        str(incident_id),
    ) == [(1,)]


def test_a_reason_closes_neither_own_work_nor_what_is_no_finding(world):
    own = handled(world, name="dan")
    take(world, own, "checking")
    world.ask("UPDATE app.incident SET state = 'checking', closed_at = NULL WHERE incident_id = 2")
    for incident_id, code in ((own, "own-work"), (2, "not-a-finding")):
        with pytest.raises(Conflict) as refused:
            close_unreached(world.db, world.actor("dan"), incident_id, REASON)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        close_unreached(world.db, world.actor("dan"), 999_999, REASON)


def test_the_database_itself_keeps_an_unseen_finding_open(world):
    incident_id = finding(world)
    with pytest.raises(psycopg2.errors.CheckViolation):
        world.ask("UPDATE app.incident SET state = 'closed' WHERE incident_id = %s", incident_id)


def listed(world, name):
    return {row.incident_id: row for row in to_recheck(world.db, world.actor(name))}


def test_the_team_of_the_place_is_told_what_to_look_at(world):
    incident_id = handled(world)
    assert incident_id in listed(world, "pat") and incident_id in listed(world, "alice")
    assert incident_id not in listed(world, "quinn") and incident_id not in listed(world, "bob")
    row = listed(world, "pat")[incident_id]
    assert (row.violation, row.parcel_code, row.needs_another) == ("L2", "P1", True)
    assert not listed(world, "alice")[incident_id].needs_another
    take(world, incident_id, "checking")
    assert incident_id in listed(world, "pat")
    log(world, "alice", kind="OK")
    assert incident_id not in listed(world, "pat")
    for name in ("dan", "petra"):
        with pytest.raises(Forbidden):
            to_recheck(world.db, world.actor(name))


def test_what_is_still_in_hand_is_not_to_be_looked_at_yet(world):
    incident_id = finding(world)
    take(world, incident_id, *TO_HANDLING)
    assert incident_id not in listed(world, "pat")


def test_a_team_sees_findings_of_its_area_and_changes_none_of_another_finder(world):
    incident_id = finding(world, "bob", place=(113.955, 22.755))  # parcel 6, patrolled by quinn and rex
    seen = {
        name: sql_as(world, name, "SELECT 1 FROM app.incident WHERE incident_id = %(id)s", incident_id)
        for name in ("pat", "quinn", "rex")
    }
    assert seen == {"pat": [], "quinn": [(1,)], "rex": [(1,)]}
    with pytest.raises(NotFound):
        take(world, incident_id, "voided", name="rex")


def sql_as(world, name, statement, incident_id):
    with world.db.transaction(world.actor(name).identity) as connection, connection.cursor() as cursor:
        cursor.execute(statement, {"id": incident_id})
        return [tuple(row) for row in cursor.fetchall()]


def test_the_page_of_a_finding_tells_who_saw_it_gone(world):
    incident_id = handled(world)
    dan = world.actor("dan")
    assert show_finding(world.db, dan, incident_id).recheck is None
    log(world, "quinn", kind="OK", place=near(PARCEL_1, 30), note="已拆除")
    recheck = show_finding(world.db, dan, incident_id).recheck
    assert (recheck.by, recheck.note, round(recheck.distance_m)) == ("演示quinn", "已拆除", 30)
