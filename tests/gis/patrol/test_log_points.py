"""A batch of points: stored once whatever is sent how often, and each answered for what it is."""

from __future__ import annotations

import random
import uuid

import psycopg2
import pytest

from gis.errors import Forbidden, TooLarge
from gis.patrol.service import log_points


def point(**changes):
    return {
        "client_id": str(uuid.uuid4()),
        "lon": 113.905,
        "lat": 22.755,
        "device_at": "2014-04-15T09:30:00+08:00",
        "kind": "L1",
        "note": "渣土",
        "accuracy_m": 8.5,
        "sequence": 1,
        **changes,
    }


def outcomes(receipts):
    return [(r.outcome.value, r.code) for r in receipts]


def rows(world, client_id):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT cell_id, community_id, parcel_id, check_point_id, team_id, account_id, is_outside, note"
            " FROM app.patrol_point WHERE client_id = %s",
            (client_id,),
        )
        found = cursor.fetchall()
    connection.close()
    return found


def test_point_is_stored_with_its_place_parcel_check_point_and_team(world):
    sent = point()
    assert outcomes(log_points(world.db, world.actor("pat"), [sent])) == [("created", None)]
    assert rows(world, sent["client_id"]) == [(1, 1, 1, 1, 1, world.accounts["pat"], False, "渣土")]


def test_point_in_a_foreign_parcel_still_knows_its_parcel(world):
    sent = point(lon=113.955)
    log_points(world.db, world.actor("pat"), [sent])
    assert rows(world, sent["client_id"])[0][:3] == (6, 2, 6)


def test_point_on_a_border_belongs_to_the_lower_code(world):
    sent = point(lon=113.91)
    log_points(world.db, world.actor("pat"), [sent])
    assert rows(world, sent["client_id"])[0][0] == 1


def test_point_outside_the_district_is_kept_and_flagged(world):
    sent = point(lon=114.5, lat=22.3)
    assert outcomes(log_points(world.db, world.actor("pat"), [sent])) == [("created", None)]
    assert rows(world, sent["client_id"]) == [
        (None, None, None, None, 1, world.accounts["pat"], True, "渣土")
    ]


def test_phone_positions_in_gcj02_are_brought_home(world):
    # 500 m east and 320 m south is what GCJ-02 is off by here (domain.md section 4).
    sent = point(lon=113.905 + 0.00495, lat=22.755 - 0.00293, crs="gcj02")
    log_points(world.db, world.actor("pat"), [sent])
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_DistanceSphere(geom, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326))"
            " FROM app.patrol_point WHERE client_id = %s",
            (sent["client_id"],),
        )
        assert cursor.fetchone()[0] < 25
    connection.close()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lon": 22.755, "lat": 113.905}, "swapped-axes"),
        ({"lon": float("nan")}, None),
        ({"lon": "113.9"}, None),
        ({"lon": True}, None),
        ({"lat": None}, None),
        ({"client_id": "1"}, "bad-client-id"),
        ({"device_at": "2014-04-15T09:30:00"}, "bad-time"),
        ({"device_at": "yesterday"}, "bad-time"),
        ({"kind": "L9"}, "unknown-kind"),
        ({"note": "x" * 501}, "too-long"),
        ({"note": "a\x00b"}, "bad-text"),
        ({"note": "\ud800"}, "bad-text"),
        ({"accuracy_m": -1}, "out-of-range"),
        ({"sequence": 1.5}, "out-of-range"),
        ({"crs": "utm"}, "unknown-crs"),
        ({"role": "admin"}, "unknown-field"),
    ],
)
def test_bad_point_is_refused_with_its_field_and_takes_no_good_one_along(world, change, code):
    good, bad = point(), point(**change)
    receipts = log_points(world.db, world.actor("pat"), [bad, good])
    assert [r.outcome.value for r in receipts] == ["rejected", "created"]
    assert code == "swapped-axes" or receipts[0].detail.split(":")[0].strip("/") in change
    if code:
        assert receipts[0].code == code


def test_same_thousand_points_sent_five_times_shuffled_are_stored_once(world):
    points = [point(sequence=n, lon=113.9 + n * 1e-5) for n in range(1000)]
    dice = random.Random(4)
    created = 0
    for _ in range(5):
        dice.shuffle(points)
        for start in range(0, 1000, 250):
            receipts = log_points(world.db, world.actor("pat"), points[start : start + 250])
            created += sum(r.outcome == "created" for r in receipts)
            assert all(r.outcome in ("created", "duplicate") for r in receipts)
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM app.patrol_point WHERE client_id = ANY (%s::uuid[])",
            ([p["client_id"] for p in points],),
        )
        assert (created, cursor.fetchone()[0]) == (1000, 1000)
    connection.close()


def test_same_id_with_other_content_is_a_conflict_and_the_first_stays(world):
    first = point()
    log_points(world.db, world.actor("pat"), [first])
    receipts = log_points(world.db, world.actor("pat"), [{**first, "note": "其他"}])
    assert outcomes(receipts) == [("conflict", "id-taken")]
    assert rows(world, first["client_id"])[0][-1] == "渣土"


def test_id_twice_in_one_batch_is_answered_twice_and_stored_once(world):
    twice = point()
    receipts = log_points(world.db, world.actor("pat"), [twice, twice, {**twice, "note": "其他"}])
    assert [r.outcome.value for r in receipts] == ["created", "duplicate", "conflict"]


def test_id_of_a_row_one_may_not_see_is_a_conflict_that_tells_nothing(world):
    hidden = point(lon=113.955)
    log_points(world.db, world.actor("quinn"), [hidden])
    receipt = log_points(world.db, world.actor("pat"), [hidden])[0]
    assert (receipt.outcome, receipt.sha256) == ("conflict", None)


def test_batch_larger_than_allowed_is_refused_whole(world):
    with pytest.raises(TooLarge):
        log_points(world.db, world.actor("pat"), [point() for _ in range(501)])


@pytest.mark.parametrize("name", ["dan", "petra", "audrey", "adam"])
def test_roles_that_do_not_patrol_may_not_log(world, name):
    with pytest.raises(Forbidden):
        log_points(world.db, world.actor(name), [point()])
