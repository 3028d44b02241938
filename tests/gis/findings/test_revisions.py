"""A finder revises a point: the incident follows while nobody has taken it up, and is flagged once somebody has."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from gis.findings import revision
from gis.findings.model import FindingQuery, Follow, Standing, follow
from gis.findings.service import list_findings, show_finding, tick_step
from gis.incident.service import change_incident, course_of
from gis.patrol.service import log_points
from gis.publish.draft import Draft
from tests.gis.findings.cases import PARCEL_1, TO_HANDLING, incident_of, point, take

STATE = "SELECT state, violation, finder_kind, closed_at IS NULL FROM app.incident WHERE incident_id = %s"
CLOCKS = (
    "SELECT step, days, in_working_days, due_at = app.deadline_of(found_at, days, in_working_days), done_at IS NULL"
    " FROM app.finding_deadline WHERE incident_id = %s ORDER BY step"
)


def send(world, *points, name="pat"):
    return [receipt.outcome.value for receipt in log_points(world.db, world.actor(name), list(points))]


def found(world, **what):
    """A violation as pat logs it, and its incident's id."""
    sent = point(**what)
    assert send(world, sent) == ["created"]
    return sent, incident_of(world, sent["client_id"])


def revised(sent, revision, **changes):
    return {**sent, "revision": revision, **changes}


def state(world, incident_id):
    [row] = world.ask(STATE, incident_id)
    return row


def test_untouched_case_is_void_when_its_finder_says_all_clear(world):
    sent, incident_id = found(world)
    assert send(world, revised(sent, 2, kind="OK")) == ["revised"]
    assert state(world, incident_id) == ("voided", "L2", "OK", False)
    [step] = course_of(world.db, world.actor("dan"), incident_id).steps
    assert (step.from_state, step.to_state, step.note) == ("reported", "voided", "发现人更正：没有违法行为。")
    assert step.by == "演示pat"
    [(account, detail)] = world.ask(
        "SELECT account_id, detail FROM app.audit_log WHERE action = 'finding.revise' AND subject = %s",
        str(incident_id),
    )
    assert (account, detail) == (world.accounts["pat"], {"outcome": "voided", "kind": "OK"})
    listed = list_findings(world.db, world.actor("dan"), FindingQuery(), page_size=1000).findings
    assert incident_id not in {finding.row.incident_id for finding in listed}


def test_revision_sent_again_changes_nothing_more(world):
    sent, incident_id = found(world)
    second = revised(sent, 2, kind="OK")
    assert send(world, second) == ["revised"]
    assert send(world, second, second) == ["duplicate", "duplicate"]
    assert len(course_of(world.db, world.actor("dan"), incident_id).steps) == 1


def test_an_older_revision_that_comes_late_brings_nothing_back(world):
    sent, incident_id = found(world)
    assert send(world, revised(sent, 3, kind="OK")) == ["revised"]
    assert send(world, revised(sent, 2, kind="L3")) == ["duplicate"]
    assert state(world, incident_id)[:2] == ("voided", "L2")


def test_all_clear_that_comes_before_the_violation_raises_nothing(world):
    sent = point()
    assert send(world, revised(sent, 2, kind="OK")) == ["created"]
    assert send(world, sent) == ["duplicate"]
    assert world.ask("SELECT 1 FROM app.incident WHERE patrol_point_client_id = %s", sent["client_id"]) == []


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_ends_with_what_the_newest_says(world, seed):
    sent = point()
    said = [
        sent,
        revised(sent, 2, kind="OK"),
        revised(sent, 3, kind="L3"),
        revised(sent, 4, kind="L6", note="渣土"),
    ]
    random.Random(seed).shuffle(said)
    for one in said:
        send(world, one)
    incident_id = incident_of(world, sent["client_id"])
    assert state(world, incident_id) == ("reported", "L6", None, True)
    assert [row[3:] for row in world.ask(CLOCKS, incident_id)] == [(True, True)] * 3


def test_point_that_becomes_a_violation_raises_its_incident_then(world):
    sent = point(kind="OK")
    send(world, sent)
    assert send(world, revised(sent, 2, kind="L4")) == ["revised"]
    assert state(world, incident_of(world, sent["client_id"])) == ("reported", "L4", None, True)


def test_untouched_case_takes_the_kind_with_its_category_and_clock(world):
    world.ask(
        "UPDATE app.finding_rule SET valid_to = app.today() - 1 WHERE kind = 'L5' AND step = 'correction';"
        "INSERT INTO app.finding_rule (kind, step, days, in_working_days, valid_from, source)"
        " VALUES ('L5', 'correction', 20, true, app.today(), 'test');"
        "DELETE FROM app.finding_rule WHERE kind = 'L5' AND step = 'stop_notice'"
    )
    sent, incident_id = found(world)
    assert send(world, revised(sent, 2, kind="L5")) == ["revised"]
    assert state(world, incident_id) == ("reported", "L5", None, True)
    [(category, says, is_last, in_feature)] = world.ask(
        "SELECT i.category = (SELECT category FROM app.violation_kind WHERE code = 'L5'), i.description,"
        " i.due_at = (SELECT max(d.due_at) FROM app.finding_deadline AS d WHERE d.incident_id = i.incident_id),"
        " i.feature::json->'properties'->>'violation'"
        " FROM app.incident AS i WHERE i.incident_id = %s",
        incident_id,
    )
    assert (category, is_last, in_feature) == (True, True, "L5")
    [(name,)] = world.ask("SELECT name_zh FROM app.violation_kind WHERE code = 'L5'")
    assert says == f"巡查发现{name}。"
    assert world.ask(CLOCKS, incident_id) == [
        ("correction", 20, True, True, True),
        ("investigation", 5, True, True, True),
    ]


def test_what_the_finder_wrote_follows_with_the_kind(world):
    sent, incident_id = found(world, note="堆土")
    said = "SELECT violation, description FROM app.incident WHERE incident_id = %s"
    send(world, revised(sent, 2, kind="L3", note="砖房一间"))
    assert world.ask(said, incident_id) == [("L3", "砖房一间")]
    send(world, revised(sent, 3, kind="L1"))
    assert world.ask(said, incident_id) == [("L1", "堆土")]


def test_what_somebody_wrote_or_chose_stays(world):
    sent, incident_id = found(world, note="铁皮棚一处")
    draft = Draft({"category": "SR0102", "description": "铁皮棚两处"}, is_whole=False)
    change_incident(world.db, world.actor("dan"), incident_id, draft, expected=None)
    send(world, revised(sent, 2, kind="L3", note="改"))
    assert world.ask(
        "SELECT violation, category, description FROM app.incident WHERE incident_id = %s", incident_id
    ) == [("L3", "SR0102", "铁皮棚两处")]


@pytest.mark.parametrize("kind", ["OK", "L3"])
@pytest.mark.parametrize("steps", [("accepted",), TO_HANDLING])
def test_case_in_hand_is_flagged_and_goes_on(world, kind, steps):
    sent, incident_id = found(world)
    take(world, incident_id, *steps)
    before = world.ask(CLOCKS, incident_id)
    assert send(world, revised(sent, 2, kind=kind)) == ["revised"]
    assert state(world, incident_id) == (steps[-1], "L2", kind, True)
    assert world.ask(CLOCKS, incident_id) == before
    assert show_finding(world.db, world.actor("dan"), incident_id).finding.row.finder_kind == kind
    # The dispatcher decides.
    take(world, incident_id, "voided")
    assert state(world, incident_id)[0] == "voided"
    send(world, revised(sent, 3, kind="L2"))
    assert state(world, incident_id)[:3] == ("voided", "L2", None)


def test_a_step_ticked_off_makes_a_case_one_in_hand(world):
    sent, incident_id = found(world)
    tick_step(world.db, world.actor("dan"), incident_id, "stop_notice", "已送达")
    send(world, revised(sent, 2, kind="OK"))
    assert state(world, incident_id) == ("reported", "L2", "OK", True)


def test_finder_who_comes_back_to_what_the_case_says_takes_the_flag_away(world):
    sent, incident_id = found(world)
    take(world, incident_id, "accepted")
    send(world, revised(sent, 2, kind="OK"))
    send(world, revised(sent, 3, note="确认"))
    assert state(world, incident_id) == ("accepted", "L2", None, True)


def test_what_was_withdrawn_comes_back_with_its_clock_when_it_is_a_violation_after_all(world):
    sent, incident_id = found(world)
    send(world, revised(sent, 2, kind="OK"))
    send(world, revised(sent, 3, kind="L3"))
    assert state(world, incident_id) == ("reported", "L3", None, True)
    assert [step.to_state for step in course_of(world.db, world.actor("dan"), incident_id).steps] == [
        "voided",
        "reported",
    ]
    clocks = show_finding(world.db, world.actor("dan"), incident_id).finding.deadlines
    assert len(clocks) == 3 and "stopped" not in {deadline.clock for deadline in clocks}
    [(incidents,)] = world.ask(
        "SELECT count(*) FROM app.incident WHERE patrol_point_client_id = %s", sent["client_id"]
    )
    assert incidents == 1


def test_what_others_or_the_finder_himself_have_voided_stays_void(world):
    for who in ("dan", "pat"):
        sent, incident_id = found(world)
        take(world, incident_id, "voided", name=who)
        send(world, revised(sent, 2, note="改"))
        assert state(world, incident_id) == ("voided", "L2", None, False)


def test_photos_of_the_point_stay_with_the_case(world):
    sent, incident_id = found(world)
    carried = "SELECT count(*) FROM app.photo_carry AS c JOIN app.incident AS i ON c.to_record = i.client_id WHERE i.incident_id = %s"
    for number, kind in enumerate(("OK", "L3", "OK"), 2):
        send(world, revised(sent, number, kind=kind))
        assert world.ask(carried, incident_id) == [(1,)]


def test_point_and_case_are_revised_together_or_not_at_all(world, monkeypatch):
    sent, incident_id = found(world)

    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(revision._queries, "void", fail)
    with pytest.raises(ZeroDivisionError):
        send(world, revised(sent, 2, kind="OK"))
    assert state(world, incident_id)[0] == "reported"
    assert world.ask(
        "SELECT kind, revision FROM app.patrol_point WHERE client_id = %s", sent["client_id"]
    ) == [("L2", 1)]
    monkeypatch.undo()
    assert send(world, revised(sent, 2, kind="OK")) == ["revised"]
    assert state(world, incident_id)[0] == "voided"


def test_many_points_of_a_batch_are_followed_each_by_its_own_rule(world):
    cases = [found(world) for _ in range(3)]
    take(world, cases[1][1], "accepted")
    kinds = ("OK", "OK", "L3")
    batch = [revised(sent, 2, kind=kind) for (sent, _), kind in zip(cases, kinds, strict=True)]
    assert send(world, *batch) == ["revised"] * 3
    assert [state(world, incident_id)[:3] for _, incident_id in cases] == [
        ("voided", "L2", "OK"),
        ("accepted", "L2", "OK"),
        ("reported", "L3", None),
    ]


def test_an_officer_who_patrols_is_followed_too(world):
    sent = point(place=(113.935, 22.755))
    send(world, sent, name="bob")
    send(world, revised(sent, 2, kind="OK"), name="bob")
    assert state(world, incident_of(world, sent["client_id"]))[0] == "voided"


def test_the_flag_is_a_findings_alone(world):
    with pytest.raises(psycopg2.errors.CheckViolation):
        world.ask(
            "UPDATE app.incident SET finder_kind = 'OK', finder_revised_at = now() WHERE incident_id = 1"
        )


@pytest.mark.parametrize(
    ("standing", "kind", "outcome"),
    [
        (("L2", None, True, False), "OK", Follow.VOIDED),
        (("L2", None, True, False), "L3", Follow.KIND),
        (("L2", None, True, False), "L2", Follow.STAYS),
        (("L2", None, False, False), "OK", Follow.FLAGGED),
        (("L2", "OK", False, False), "OK", Follow.STAYS),
        (("L2", "OK", False, False), "L3", Follow.FLAGGED),
        (("L2", "OK", False, False), "L2", Follow.AGREES),
        (("L2", "OK", False, True), "OK", Follow.STAYS),
        (("L2", "OK", False, True), "L2", Follow.RESTORED),
        (("L2", "OK", False, True), "L3", Follow.RESTORED),
    ],
)
def test_the_rule(standing, kind, outcome):
    assert follow(Standing(*standing), kind, is_violation=kind != "OK") is outcome


def test_the_place_of_the_case_is_where_it_was_found(world):
    sent, incident_id = found(world)
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    send(world, revised(sent, 2, kind="L3", lon=113.915, device_at=at))
    assert world.ask(
        "SELECT ST_X(geom), parcel_id FROM app.incident WHERE incident_id = %s", incident_id
    ) == [(PARCEL_1[0], 1)]
