"""A stream of fixes: each stored once and in order whatever is sent how often, and the track drawn from it."""

from __future__ import annotations

import hashlib
import math
import struct
import uuid
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import Conflict, Forbidden, Gap, InvalidInput, NotFound, TooLarge
from gis.track.model import Flag, parse_upload
from gis.track.reading import read_stream
from gis.track.service import append_fixes

DEVICE = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def fixes(count: int, *, begin: datetime = START, lon: float = 113.905, step_s: float = 10) -> list[list]:
    """A walk east through cell 1 at 1 m/s."""
    ms = begin.timestamp() * 1000
    return [[ms + n * step_s * 1000, lon + n * step_s * 9.7e-6, 22.755, 5, 1.0, 90] for n in range(count)]


def send(world, stream, first, rows, *, who="pat", sent_at: datetime | None = None, **more):
    body = {"sent_at": (sent_at or datetime.now(UTC)).isoformat(), "device_id": DEVICE, "first": first,
            "fixes": rows, **more}  # fmt: skip
    return append_fixes(world.db, world.actor(who), stream, parse_upload(body))


def stored(world, stream):
    return world.ask(
        "SELECT sequence, lon FROM app.patrol_fix WHERE stream_id = %s ORDER BY sequence", str(stream)
    )


def test_chain_is_what_a_phone_computes(world):
    stream, rows = uuid.uuid4(), fixes(3)
    rows[1][3:] = [None, None, None]
    rows[2] = [*rows[2][:3], 4.5]
    link = bytes(32)
    for row in rows:
        values = [math.nan if value is None else float(value) for value in (row + [None] * 3)[:6]]
        link = hashlib.sha256(link + struct.pack(">6d", *values)).digest()
    receipt = send(world, stream, 0, rows)
    assert (receipt.stored, receipt.sha256) == (3, link.hex())


def test_repeats_are_skipped_and_the_rest_is_appended(world):
    stream, rows = uuid.uuid4(), fixes(30)
    first = send(world, stream, 0, rows[:20])
    assert send(world, stream, 0, rows[:20]) == first
    assert send(world, stream, 5, rows[5:15]) == first
    both = send(world, stream, 10, rows[10:])
    assert both.stored == 30
    assert stored(world, stream) == [(n, row[1]) for n, row in enumerate(rows)]
    other = uuid.uuid4()
    assert send(world, other, 0, rows).sha256 == both.sha256


def test_a_gap_names_the_number_wanted_and_stores_nothing(world):
    stream, rows = uuid.uuid4(), fixes(10)
    send(world, stream, 0, rows[:4])
    with pytest.raises(Gap) as fault:
        send(world, stream, 5, rows[5:])
    assert fault.value.members == {"wanted": 4}
    assert len(stored(world, stream)) == 4


@given(st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40)), max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_a_walk_is_cut_into_uploads_it_is_stored_once_and_drawn_alike(world, cuts):
    stream, rows = uuid.uuid4(), fixes(40, begin=START - timedelta(days=1))
    for first, count in cuts:
        if first <= len(stored(world, stream)):
            send(world, stream, first, rows[first : first + count])
    send(world, stream, len(stored(world, stream)), rows[len(stored(world, stream)) :], is_last=True)
    assert stored(world, stream) == [(n, row[1]) for n, row in enumerate(rows)]
    drawn = (
        "SELECT fixes, round(length_m), minutes, ST_NPoints(geom) FROM app.patrol_track WHERE client_id = %s"
    )
    assert world.ask(drawn, str(stream)) == [(40, 389, 6.5, 40)]


def test_track_knows_team_round_community_and_times(world):
    stream = uuid.uuid4()
    send(world, stream, 0, fixes(30), round_id=1, is_last=True)
    row = world.ask(
        "SELECT team_id, account_id, patrol_round_id, source, started_at, ended_at, at = started_at, is_outside,"
        " community_id FROM app.patrol_track WHERE client_id = %s",
        str(stream),
    )
    assert row == [
        (1, world.accounts["pat"], 1, "phone", START, START + timedelta(seconds=290), True, False, 1)
    ]


def test_track_is_of_the_community_of_its_longest_part_and_outside_of_none(world):
    stream, outside = uuid.uuid4(), uuid.uuid4()
    # 60 m west of the border of the communities at 113.93 E, 230 m east of it.
    send(world, stream, 0, fixes(30, lon=113.9294), is_last=True)
    send(world, outside, 0, fixes(30, lon=114.3), is_last=True)
    found = [world.ask("SELECT community_id, is_outside FROM app.patrol_track WHERE client_id = %s", str(s))
             for s in (stream, outside)]  # fmt: skip
    assert found == [[(2, False)], [(None, True)]]


def test_track_follows_a_walk_under_way_by_the_minute(world):
    stream, rows = uuid.uuid4(), fixes(20)
    seen = []
    for first in range(0, 20, 2):
        send(world, stream, first, rows[first : first + 2])
        seen += world.ask("SELECT fixes FROM app.patrol_track WHERE client_id = %s", str(stream))
    assert seen == [(2,), (2,), (2,), (8,), (8,), (8,), (14,), (14,), (14,), (20,)]


def test_what_comes_after_the_end_is_stored_and_drawn(world):
    stream, rows = uuid.uuid4(), fixes(6)
    send(world, stream, 0, rows[:4], is_last=True)
    closed = world.ask("SELECT closed_at FROM app.track_stream WHERE stream_id = %s", str(stream))
    assert send(world, stream, 4, rows[4:]).stored == 6
    assert world.ask("SELECT fixes FROM app.patrol_track WHERE client_id = %s", str(stream)) == [(6,)]
    assert world.ask("SELECT closed_at FROM app.track_stream WHERE stream_id = %s", str(stream)) == closed
    assert send(world, stream, 6, [], is_last=True).stored == 6


@pytest.mark.parametrize("wrong", [timedelta(days=-3 * 365), timedelta(days=1), timedelta(hours=8)])
def test_a_clock_that_is_far_off_is_put_right_and_kept(world, wrong):
    stream, now = uuid.uuid4(), datetime.now(UTC)
    begin = now - timedelta(minutes=5) + wrong
    send(world, stream, 0, fixes(10, begin=begin), sent_at=now + wrong, is_last=True)
    rows = world.ask(
        "SELECT at, device_at, flags FROM app.patrol_fix WHERE stream_id = %s ORDER BY sequence",
        str(stream),
    )
    assert len(rows) == 10
    for n, (at, device_at, flags) in enumerate(rows):
        assert abs(device_at - begin - timedelta(seconds=10 * n)) < timedelta(milliseconds=1)
        assert abs(at - wrong * -1 - device_at) < timedelta(seconds=20)
        assert flags == Flag.CLOCK_PUT_RIGHT
    (started,) = world.ask("SELECT started_at FROM app.patrol_track WHERE client_id = %s", str(stream))[0]
    assert abs(started - now) < timedelta(minutes=6)


def test_a_clock_that_is_a_little_off_is_believed(world):
    stream, now = uuid.uuid4(), datetime.now(UTC)
    send(world, stream, 0, fixes(3, begin=now), sent_at=now + timedelta(minutes=4))
    rows = world.ask("SELECT at = device_at, flags FROM app.patrol_fix WHERE stream_id = %s", str(stream))
    assert rows == [(True, 0)] * 3


def test_a_clock_that_runs_backwards_or_ahead_is_stored_in_order_and_flagged(world):
    stream, now = uuid.uuid4(), datetime.now(UTC)
    rows = fixes(6, begin=now - timedelta(hours=1))
    rows[3][0] -= 600_000
    send(world, stream, 0, rows[:3])
    send(world, stream, 3, rows[3:])
    ahead = fixes(1, begin=now + timedelta(days=1))
    send(world, stream, 6, ahead, is_last=True)
    flags = world.ask("SELECT flags FROM app.patrol_fix WHERE stream_id = %s ORDER BY sequence", str(stream))
    assert [f for (f,) in flags] == [0, 0, 0, Flag.CLOCK_WENT_BACK, 0, 0, Flag.LATER_THAN_RECEIVED]
    assert stored(world, stream) == [(n, row[1]) for n, row in enumerate([*rows, *ahead])]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"fixes": [[0, 113.9, 22.7], [0, 113.9]]}, "/fixes/1"),
        ({"fixes": [[0, 113.9, float("nan")]]}, "/fixes/0/lat"),
        ({"fixes": [[0, 22.7, 113.9]]}, "/fixes/0"),
        ({"fixes": [["0", 113.9, 22.7]]}, "/fixes/0/0"),
        ({"fixes": [[-1, 113.9, 22.7]]}, "/fixes/0/0"),
        ({"fixes": [[True, 113.9, 22.7]]}, "/fixes/0/0"),
        ({"fixes": [[0, 113.9, 22.7, -1]]}, "/fixes/0/3"),
        ({"fixes": [[0, 113.9, 22.7, 5, 10**400]]}, "/fixes/0/4"),
        ({"fixes": "none"}, "fixes"),
        ({"first": -1}, "first"),
        ({"first": True}, "first"),
        ({"device_id": "phone"}, "device_id"),
        ({"sent_at": "2026-11-20T09:00:00"}, "sent_at"),
        ({"is_last": 1}, "is_last"),
        ({"round_id": 999}, "round_id"),
        ({"round_id": "1"}, "round_id"),
        ({"role": "admin"}, "role"),
    ],
)
def test_a_bad_upload_is_refused_with_its_place_and_stores_nothing(world, change, pointer):
    stream = uuid.uuid4()
    body = {"sent_at": "2026-11-20T09:00:00Z", "device_id": DEVICE, "first": 0, "fixes": fixes(1), **change}
    with pytest.raises(InvalidInput) as fault:
        append_fixes(world.db, world.actor("pat"), stream, parse_upload(body))
    assert fault.value.pointer == pointer
    assert stored(world, stream) == []


def test_more_than_a_thousand_fixes_are_too_many(world):
    assert send(world, uuid.uuid4(), 0, fixes(1000)).stored == 1000
    with pytest.raises(TooLarge):
        send(world, uuid.uuid4(), 0, fixes(1001))


def test_a_stream_is_its_persons(world):
    stream = uuid.uuid4()
    send(world, stream, 0, fixes(2))
    with pytest.raises(Conflict):
        send(world, stream, 2, fixes(2), who="rex")
    with pytest.raises(InvalidInput):  # the round of another team
        send(world, uuid.uuid4(), 0, fixes(2), round_id=4)
    for who in ("dan", "audrey", "adam"):
        with pytest.raises(Forbidden):
            send(world, uuid.uuid4(), 0, fixes(2), who=who)


def test_a_track_is_of_the_own_team_or_of_the_team_its_walk_began_with(world):
    stream = uuid.uuid4()
    send(world, stream, 0, fixes(1), who="rex")
    change = "SET ROLE gis_migrator; UPDATE app.team_member SET valid_to = {} WHERE team_id = 3"
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute(change.format("app.today() - 1"))
    send(world, stream, 1, fixes(5)[1:], who="rex", is_last=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(change.format("NULL"))
    connection.close()
    assert world.ask("SELECT team_id FROM app.patrol_track WHERE client_id = %s", str(stream)) == [(3,)]
    foreign = (
        "INSERT INTO app.patrol_track (client_id, account_id, team_id, source, length_m, fixes, is_outside, geom)"
        " VALUES (gen_random_uuid(), app.account_id(), 2, 'phone', 1, 2, false,"
        " ST_SetSRID(ST_GeomFromText('MULTILINESTRING((113.901 22.755,113.902 22.755))'), 4326))"
    )
    with pytest.raises(Forbidden), world.db.transaction(world.actor("rex").identity) as transaction:
        transaction.cursor().execute(foreign)


# Reading -------------------------------------------------------------------------------------------


def traces(world, stream):
    return world.ask(
        "SELECT a.account_id, a.detail->>'of_account' FROM app.audit_log AS a"
        " WHERE action = 'track.read' AND subject = %s ORDER BY audit_id",
        str(stream),
    )


def test_own_walk_is_read_without_a_trace(world):
    stream = uuid.uuid4()
    receipt = send(world, stream, 0, fixes(30), is_last=True)
    found = read_stream(world.db, world.actor("pat"), stream, first=10, limit=5)
    assert (found["stored"], found["sha256"]) == (30, receipt.sha256)
    assert [fix[0] for fix in found["fixes"]] == [10, 11, 12, 13, 14]
    assert found["track"]["properties"]["fixes"] == 30
    assert traces(world, stream) == []


def test_leader_of_that_time_and_auditor_read_with_a_trace_and_nobody_else_reads(world):
    stream = uuid.uuid4()
    quinn, audrey = world.accounts["quinn"], world.accounts["audrey"]
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        # rex walked with team 2, which quinn leads.
        cursor.execute("SET ROLE gis_migrator; INSERT INTO app.team_member (team_id, account_id, valid_from, valid_to)"
                       " SELECT 2, account_id, '2026-11-01', '2026-12-31' FROM app.account WHERE username = 'rex'")  # fmt: skip
    send(world, stream, 0, fixes(3), who="rex")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SET ROLE gis_migrator; UPDATE app.track_stream SET team_id = 2 WHERE stream_id = %s",
            (str(stream),),
        )
    for who in ("quinn", "audrey"):
        assert len(read_stream(world.db, world.actor(who), stream)["fixes"]) == 3
    assert traces(world, stream) == [(account, str(world.accounts["rex"])) for account in (quinn, audrey)]
    for who in ("pat", "alice", "dan", "petra", "adam"):
        with pytest.raises((NotFound, Forbidden)):
            read_stream(world.db, world.actor(who), stream)
    with connection, connection.cursor() as cursor:  # quinn leads no more since before that walk
        cursor.execute("SET ROLE gis_migrator; UPDATE app.team_member SET valid_to = '2026-11-19'"
                       " WHERE account_id = %s", (quinn,))  # fmt: skip
    with pytest.raises(NotFound):
        read_stream(world.db, world.actor("quinn"), stream)
    connection.close()
    assert len(traces(world, stream)) == 2
