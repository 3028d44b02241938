"""Rounds over HTTP, as the phone asks and tells."""

from __future__ import annotations

import datetime as dt
import json
from uuid import uuid4

import psycopg2
import pytest

from tests.conftest import program_of, sign_in_client
from tests.world import PASSWORD


@pytest.fixture(scope="module")
def pat(world_app):
    return sign_in_client(world_app, "pat", PASSWORD)


def event(kind: str, sequence: int) -> dict:
    now = dt.datetime.now(dt.UTC).isoformat()
    return {"client_id": str(uuid4()), "kind": kind, "device_at": now, "sequence": sequence}


def test_today_is_asked_again_for_nothing_until_something_changes(pat):
    answer = pat.get("/api/v1/field/today")
    assert answer.status_code == 200
    assert {row["id"] for row in answer.json["rounds"]} == {1, 2, 3}
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert pat.get("/api/v1/field/today", headers=tag).status_code == 304
    told = pat.post("/api/v1/field/rounds/1/events", json={"events": [event("start", 2)]})
    assert told.json["results"][0]["outcome"] == "created"
    fresh = pat.get("/api/v1/field/today", headers=tag)
    assert fresh.status_code == 200
    assert next(row for row in fresh.json["rounds"] if row["id"] == 1)["state"] == "started"


def test_ten_rounds_of_twenty_points_fit_a_hundred_kilobytes(world_app, world):
    with psycopg2.connect(world.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SET ROLE gis_migrator; SET search_path TO app, public;"
            "WITH made AS (INSERT INTO check_point (code, name_zh, parcel_id, cell_id, community_id, geom)"
            " SELECT 'GT4403060070010' || n, '某某社区演示储备地' || n || '号点', 5, 5, 2,"
            " ST_SetSRID(ST_MakePoint(113.945 + 0.00001 * n, 22.755), 4326) FROM generate_series(1, 200) AS n"
            " RETURNING check_point_id),"
            " numbered AS (SELECT check_point_id, row_number() OVER (ORDER BY check_point_id) - 1 AS n FROM made),"
            " rounds AS (INSERT INTO patrol_round (team_id, parcel_id, community_id, planned_from, planned_to, number,"
            " state) SELECT 2, 5, 2, now() + interval '1 minute', now() + interval '2 hours', n, 'planned'"
            " FROM generate_series(1, 7) AS n RETURNING patrol_round_id),"
            " ranked AS (SELECT patrol_round_id, row_number() OVER () - 1 AS r FROM rounds"
            " UNION ALL SELECT n, n + 3 FROM generate_series(4, 6) AS n)"
            " INSERT INTO patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s, visited_at,"
            " visited_by, dwell_s_done) SELECT patrol_round_id, n % 20 + 2, check_point_id, 40, 60, now(), 'pass', 90"
            " FROM ranked JOIN numbered ON n / 20 = r"
        )
    connection.close()
    answer = sign_in_client(world_app, "quinn", PASSWORD).get("/api/v1/field/today")
    assert len(answer.json["rounds"]) == 10
    assert sum(len(row["points"]) for row in answer.json["rounds"]) >= 200
    assert len(json.dumps(answer.json, ensure_ascii=False, separators=(",", ":")).encode()) <= 100_000


def test_visits_come_in_batches_with_a_receipt_each(pat):
    now = dt.datetime.now(dt.UTC).isoformat()
    good = {
        "client_id": str(uuid4()),
        "check_point_id": 2,
        "by": "pass",
        "dwell_s": 70,
        "device_at": now,
        "sequence": 4,
    }
    answer = pat.post(
        "/api/v1/field/rounds/2/visits", json={"visits": [good, {**good, "by": "car"}, good], "sent_at": now}
    )
    assert [item["outcome"] for item in answer.json["results"]] == ["created", "rejected", "duplicate"]
    assert answer.json["results"][1]["pointer"] == "by"
    assert len(answer.json["results"][0]["sha256"]) == 64


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"events": "x"}, 400),
        ({"events": [], "more": 1}, 400),
        ({"events": [], "sent_at": "noon"}, 400),
        ({"events": [{}] * 501}, 413),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_problem(pat, body, status):
    answer = pat.post("/api/v1/field/rounds/1/events", json=body)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_rounds_of_other_teams_do_not_exist(world_app, pat, world):
    for number in (4, 999_999):
        answer = pat.post(f"/api/v1/field/rounds/{number}/events", json={"events": [event("start", 1)]})
        assert answer.status_code == 404
    officer = sign_in_client(world_app, "alice", PASSWORD)
    assert officer.get("/api/v1/field/today").json["rounds"] == []
    assert officer.post("/api/v1/field/rounds/1/events", json={"events": []}).status_code == 404
    assert sign_in_client(world_app, "petra", PASSWORD).get("/api/v1/field/today").status_code == 404


def test_a_cookie_needs_its_csrf_token_and_a_bearer_token_none(world_app, pat, world):
    body = {"events": [event("pause", 9)]}
    assert pat.flask.post("/api/v1/field/rounds/3/events", json=body).status_code == 403
    program = program_of(world_app, world.actor("pat"))
    assert program.post("/api/v1/field/rounds/3/events", json=body).json["results"][0]["outcome"] == "created"
