"""A violation that a patrol logs becomes one incident with its legal clock, in the same transaction."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from shapely import Point

from gis.findings import service
from gis.findings.model import describe, incident_client_id
from gis.incident.service import change_incident
from gis.patrol.service import log_points
from gis.publish.draft import Draft
from tests.gis.findings.cases import NO_PARCEL, finding, incident_of, log, point


def test_a_finding_carries_what_the_point_says(world):
    at = datetime.now(UTC) - timedelta(hours=3)
    client_id = log(world, kind="L2", note="搭建铁皮棚一处", device_at=at.isoformat())
    incident_id = incident_of(world, client_id)
    [row] = world.ask(
        "SELECT client_id::text, category, state, source, description, occurred_at, reporter_id, cell_id,"
        " community_id, parcel_id, violation, ST_X(geom), ST_Y(geom), feature::json->'properties'->>'violation'"
        " FROM app.incident WHERE incident_id = %s",
        incident_id,
    )
    assert row == (
        str(incident_client_id(uuid.UUID(client_id))), "SR0101", "reported", "patrol", "搭建铁皮棚一处", at,
        world.accounts["pat"], 1, 1, 1, "L2", 113.905, 22.755, "L2",
    )  # fmt: skip
    clocks = world.ask(
        "SELECT step, days, in_working_days, due_at = app.deadline_of(%s, days, in_working_days), done_at"
        " FROM app.finding_deadline WHERE incident_id = %s ORDER BY step",
        at,
        incident_id,
    )
    assert clocks == [
        ("correction", 3, False, True, None),
        ("investigation", 5, True, True, None),
        ("stop_notice", 3, True, True, None),
    ]
    [(is_last,)] = world.ask(
        "SELECT i.due_at = (SELECT max(d.due_at) FROM app.finding_deadline AS d WHERE d.incident_id = i.incident_id)"
        " FROM app.incident AS i WHERE i.incident_id = %s",
        incident_id,
    )
    assert is_last


def test_every_kind_of_violation_has_a_category_and_a_clock(world):
    kinds = [kind for (kind,) in world.ask("SELECT code FROM app.violation_kind WHERE is_violation")]
    assert sorted(kinds) == ["L1", "L2", "L3", "L4", "L5", "L6", "OTHER"]
    for kind in kinds:
        incident_id = finding(world, kind=kind)
        [(steps,)] = world.ask(
            "SELECT count(*) FROM app.finding_deadline WHERE incident_id = %s", incident_id
        )
        assert steps == 3, kind


def test_all_clear_raises_nothing(world):
    client_id = log(world, kind="OK")
    assert world.ask("SELECT 1 FROM app.incident WHERE patrol_point_client_id = %s", client_id) == []


def test_the_same_points_sent_again_and_again_raise_one_incident_each(world):
    points = [point(kind=kind) for kind in ("L1", "OK", "L6", "OTHER") for _ in range(10)]
    dice = random.Random(7)
    for _ in range(4):
        dice.shuffle(points)
        log_points(world.db, world.actor("pat"), points)
        log_points(world.db, world.actor("pat"), points[:13] * 2)
    [(incidents, distinct)] = world.ask(
        "SELECT count(*), count(DISTINCT patrol_point_client_id) FROM app.incident"
        " WHERE patrol_point_client_id = ANY (%s::uuid[])",
        [p["client_id"] for p in points],
    )
    assert (incidents, distinct) == (30, 30)


def test_raising_again_for_a_stored_point_makes_no_second_incident(world):
    client_id = log(world)

    logged = SimpleNamespace(client_id=uuid.UUID(client_id), kind="L3", note="changed")
    pat = world.actor("pat")
    with world.db.transaction(pat.identity) as connection:
        assert service.raise_incidents(connection, pat, [logged]) == []


def test_point_and_incident_are_stored_together_or_not_at_all(world, monkeypatch):
    sent = point()

    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(service._queries, "insert_deadlines", fail)
    with pytest.raises(ZeroDivisionError):
        log_points(world.db, world.actor("pat"), [sent])
    for table, column in (("patrol_point", "client_id"), ("incident", "patrol_point_client_id")):
        assert world.ask(f"SELECT 1 FROM app.{table} WHERE {column} = %s", sent["client_id"]) == []


@pytest.mark.parametrize("wrong_by", [timedelta(days=-3 * 365), timedelta(days=1)])
def test_a_clock_that_cannot_be_true_does_not_start_the_legal_clock(world, wrong_by):
    incident_id = finding(world, device_at=(datetime.now(UTC) + wrong_by).isoformat())
    [(age,)] = world.ask("SELECT now() - occurred_at FROM app.incident WHERE incident_id = %s", incident_id)
    assert timedelta(0) <= age < timedelta(minutes=5)


def test_outside_of_parcels_and_district_it_is_raised_all_the_same(world):
    places = {place: finding(world, place=place) for place in (NO_PARCEL, (114.5, 22.3))}
    rows = world.ask(
        "SELECT cell_id, parcel_id FROM app.incident WHERE incident_id = ANY (%s) ORDER BY incident_id",
        list(places.values()),
    )
    assert rows == [(1, None), (None, None)]


def test_an_officer_who_patrols_raises_it_too(world):
    incident_id = finding(world, "bob", place=(113.935, 22.755))
    assert world.ask("SELECT source, reporter_id FROM app.incident WHERE incident_id = %s", incident_id) == [
        ("patrol", world.accounts["bob"])
    ]


def test_without_a_note_it_says_a_sentence_in_the_language_of_who_found_it(world):
    [(said,)] = world.ask(
        "SELECT description FROM app.incident WHERE incident_id = %s", finding(world, kind="L1")
    )
    assert said == "巡查发现乱倒余泥渣土。"
    sent = point(kind="L1")
    log_points(world.db, replace(world.actor("pat"), locale="en"), [sent])
    [(said,)] = world.ask(
        "SELECT description FROM app.incident WHERE patrol_point_client_id = %s",
        sent["client_id"],
    )
    assert said == "Dumping of spoil or mud found on patrol."
    assert describe("有围挡", "违法建筑", "Illegal building", "en") == "有围挡"


def test_the_rule_of_the_day_it_was_found_holds(world):
    before = datetime.now(UTC) - timedelta(days=2)
    world.ask(
        "UPDATE app.finding_rule SET valid_to = app.today() - 1 WHERE kind = 'L5' AND step = 'stop_notice'",
    )
    world.ask(
        "INSERT INTO app.finding_rule (kind, step, days, in_working_days, valid_from, source)"
        " VALUES ('L5', 'stop_notice', 1, false, app.today(), 'test')",
    )
    found = [finding(world, kind="L5", device_at=at.isoformat()) for at in (before, datetime.now(UTC))]
    rows = world.ask(
        "SELECT days, in_working_days FROM app.finding_deadline WHERE incident_id = ANY (%s)"
        " AND step = 'stop_notice' ORDER BY incident_id",
        found,
    )
    assert rows == [(3, True), (1, False)]


def test_moving_a_finding_moves_its_parcel(world):
    incident_id = finding(world)
    moved = Draft({}, geometry=Point(113.915, 22.755), is_whole=False)
    change_incident(world.db, world.actor("pat"), incident_id, moved, expected=None)
    row = world.ask("SELECT cell_id, parcel_id FROM app.incident WHERE incident_id = %s", incident_id)
    assert row == [(2, 2)]
