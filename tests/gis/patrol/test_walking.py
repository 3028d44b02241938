"""What phones tell of rounds: kept once, worked out in whatever order it comes, seen by the team alone."""

from __future__ import annotations

import datetime as dt
import hashlib
from uuid import uuid4

import psycopg2
import pytest

from gis.errors import Conflict, Forbidden, InvalidInput, NotFound, TooLarge
from gis.patrol import own_rounds, round_desk, walking

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def owner(world):
    connection = psycopg2.connect(world.url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET ROLE gis_migrator; SET search_path TO app, public")
    yield cursor
    connection.close()


@pytest.fixture
def round_id(owner) -> int:
    """A round of pat's team, of now, with check points 1 and 2."""
    owner.execute(
        "INSERT INTO patrol_round (team_id, parcel_id, community_id, planned_from, planned_to, state)"
        " VALUES (1, 1, 1, now() - interval '10 minutes', now() + interval '2 hours', 'planned')"
        " RETURNING patrol_round_id"
    )
    made = owner.fetchone()[0]
    owner.execute(
        "INSERT INTO patrol_round_point (patrol_round_id, position, check_point_id, radius_m, dwell_s)"
        " SELECT %s, n, n, 40, 60 FROM generate_series(1, 2) AS n",
        (made,),
    )
    return made


def event(kind: str, sequence: int, *, minutes: float = 0, **more) -> dict:
    at = (NOW + dt.timedelta(minutes=minutes - 60)).isoformat()
    return {"client_id": str(uuid4()), "kind": kind, "device_at": at, "sequence": sequence, **more}


def visit(point: int, sequence: int, *, by: str = "pass", minutes: float = 0, **more) -> dict:
    made = event("", sequence, minutes=minutes, check_point_id=point, by=by, **more)
    del made["kind"]
    return {"dwell_s": 75, **made} if by == "pass" else made


def outcomes(receipts) -> list[str]:
    return [receipt.outcome.value for receipt in receipts]


def state(world, round_id: int) -> str:
    return round_desk.show_round(world.db, world.actor("pat"), round_id).row.state


def test_a_whole_round_from_start_to_done(world, round_id):
    pat = world.actor("pat")
    walking.log_events(world.db, pat, round_id, [event("start", 1)])
    assert state(world, round_id) == "started"
    walking.log_events(world.db, pat, round_id, [event("pause", 2, minutes=5)])
    shown = round_desk.show_round(world.db, pat, round_id)
    assert shown.row.state == "paused" and shown.row.paused_at is not None
    walking.log_events(world.db, pat, round_id, [event("resume", 3, minutes=6)])
    record = str(uuid4())
    receipts = walking.log_visits(
        world.db,
        pat,
        round_id,
        [visit(2, 4, minutes=7, record_id=record, grade="B"), visit(1, 5, by="manual", minutes=9)],
    )
    assert outcomes(receipts) == ["created", "created"]
    assert state(world, round_id) == "done"
    walking.log_events(world.db, pat, round_id, [event("end", 6, minutes=12)])
    shown = round_desk.show_round(world.db, pat, round_id)
    assert (shown.row.state, shown.row.ended_at) == ("done", NOW + dt.timedelta(minutes=-48))
    assert [(p.visited_by, p.grade, p.dwell_s_done) for p in shown.points] == [
        ("manual", "D", None),
        ("pass", "B", 75),
    ]


def test_a_repeated_batch_gives_the_same_receipts_and_stores_nothing(world, round_id, owner):
    pat = world.actor("pat")
    batch = [event("start", 1), event("end", 2, minutes=5)]
    first = walking.log_events(world.db, pat, round_id, batch)
    again = walking.log_events(world.db, pat, round_id, [*batch, batch[0]])
    assert outcomes(first) == ["created", "created"]
    assert outcomes(again) == ["duplicate"] * 3
    assert [r.sha256 for r in again[:2]] == [r.sha256 for r in first]
    changed = {**batch[0], "kind": "pause"}
    assert outcomes(walking.log_events(world.db, pat, round_id, [changed])) == ["conflict"]
    owner.execute("SELECT count(*) FROM round_event WHERE patrol_round_id = %s", (round_id,))
    assert owner.fetchone()[0] == 2


def test_the_same_id_for_another_round_or_of_another_person_is_a_conflict(world, round_id):
    first = event("start", 1)
    walking.log_events(world.db, world.actor("pat"), round_id, [first])
    assert outcomes(walking.log_events(world.db, world.actor("pat"), 1, [first])) == ["conflict"]
    assert outcomes(walking.log_events(world.db, world.actor("quinn"), 4, [first])) == ["conflict"]


def test_events_out_of_order_are_put_right_by_their_sequence(world, round_id):
    pat = world.actor("pat")
    walking.log_events(world.db, pat, round_id, [event("end", 9, minutes=20)])
    assert state(world, round_id) == "partly_done"
    # The clock was set back by a day between the start and the end.
    walking.log_events(
        world.db, pat, round_id, [event("resume", 4, minutes=-1400), event("pause", 3, minutes=4)]
    )
    walking.log_events(world.db, pat, round_id, [event("start", 1)])
    row = round_desk.show_round(world.db, pat, round_id).row
    assert row.state == "partly_done"
    assert row.started_at == NOW - dt.timedelta(minutes=60)
    assert row.ended_at == NOW - dt.timedelta(minutes=40)


def test_a_wrong_clock_is_put_right_by_what_it_says_when_it_sends(world, round_id, owner):
    pat = world.actor("pat")
    years = dt.timedelta(days=3 * 365)
    told = {**event("start", 1), "device_at": (NOW - years - dt.timedelta(minutes=30)).isoformat()}
    walking.log_events(world.db, pat, round_id, [told], sent_at=dt.datetime.now(dt.UTC) - years)
    began = round_desk.show_round(world.db, pat, round_id).row.started_at
    assert abs(began - (NOW - dt.timedelta(minutes=30))) < dt.timedelta(minutes=2)
    ahead = {**event("end", 2), "device_at": (NOW + dt.timedelta(days=1)).isoformat()}
    walking.log_events(world.db, pat, round_id, [ahead])
    assert round_desk.show_round(world.db, pat, round_id).row.ended_at <= dt.datetime.now(dt.UTC)
    owner.execute(
        "SELECT device_at, clock_offset_s FROM round_event WHERE client_id = %s", (told["client_id"],)
    )
    stored, offset = owner.fetchone()
    assert stored == dt.datetime.fromisoformat(told["device_at"])
    assert abs(offset - years.total_seconds()) < 120


def test_a_clock_a_little_off_is_believed_as_it_is_for_records(world, round_id, owner):
    pat = world.actor("pat")
    for off, moved in ((4, 0), (-4, 0), (6, -6), (-6, 6)):
        told = event("pause", 50 + off)
        sent_at = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=off)
        walking.log_events(world.db, pat, round_id, [told], sent_at=sent_at)
        owner.execute(
            "SELECT at - device_at, clock_offset_s FROM round_event WHERE client_id = %s",
            (told["client_id"],),
        )
        difference, offset = owner.fetchone()
        assert abs(difference - dt.timedelta(minutes=moved)) < dt.timedelta(seconds=30), off
        assert difference == dt.timedelta(seconds=offset)


def test_a_clock_off_by_more_than_a_lifetime_is_stored(world, round_id, owner):
    told = {**event("start", 1), "device_at": "2199-01-01T00:00:00+08:00"}
    sent_at = dt.datetime.fromisoformat("2199-01-01T00:10:00+08:00")
    receipts = walking.log_events(world.db, world.actor("pat"), round_id, [told], sent_at=sent_at)
    assert outcomes(receipts) == ["created"]
    owner.execute(
        "SELECT now() - at BETWEEN '9 minutes' AND '11 minutes' FROM round_event WHERE client_id = %s",
        (told["client_id"],),
    )
    assert owner.fetchone() == (True,)


def test_what_comes_after_a_round_was_settled_still_puts_it_right(world, round_id, owner):
    owner.execute("UPDATE patrol_round SET state = 'missed' WHERE patrol_round_id = %s", (round_id,))
    pat = world.actor("pat")
    walking.log_visits(world.db, pat, round_id, [visit(1, 2), visit(2, 3)])
    assert state(world, round_id) == "done"


def test_a_stay_too_short_counts_only_when_somebody_stays_longer(world, round_id):
    pat = world.actor("pat")
    walking.log_visits(world.db, pat, round_id, [{**visit(1, 1), "dwell_s": 59}])
    point = round_desk.show_round(world.db, pat, round_id).points[0]
    assert (point.visited_at, point.dwell_s_done) == (None, 59)
    walking.log_visits(world.db, pat, round_id, [{**visit(1, 2), "dwell_s": 60}])
    point = round_desk.show_round(world.db, pat, round_id).points[0]
    assert (point.visited_by, point.dwell_s_done) == ("pass", 60)


def test_a_code_says_which_check_point_it_is_and_a_wrong_one_is_refused(world, round_id, owner):
    pat = world.actor("pat")
    owner.execute(
        "SELECT qr_token FROM check_point WHERE check_point_id IN (1, 2, 4) ORDER BY check_point_id"
    )
    first, second, foreign = (row[0] for row in owner.fetchall())
    sent = [
        {**visit(1, 1, by="qr"), "qr_token": first},
        {**visit(1, 2, by="qr"), "qr_token": second},
        {**visit(2, 3, by="qr"), "qr_token": foreign, "check_point_id": None},
        {**visit(2, 4, by="qr"), "qr_token": "gg" + "0" * 32},
        {**visit(2, 5, by="qr"), "qr_token": second, "check_point_id": None},
    ]
    receipts = walking.log_visits(world.db, pat, round_id, sent)
    assert outcomes(receipts) == ["created", "rejected", "rejected", "rejected", "created"]
    assert {receipt.pointer for receipt in receipts[1:4]} == {"qr_token"}
    assert state(world, round_id) == "done"


def test_a_visit_of_a_point_the_round_does_not_name_is_kept_and_counts_for_nothing(world, round_id, owner):
    receipts = walking.log_visits(
        world.db, world.actor("pat"), round_id, [visit(3, 1), visit(999_999, 2), visit(6, 3)]
    )
    assert outcomes(receipts) == ["created", "rejected", "rejected"]
    assert {p.visited_at for p in round_desk.show_round(world.db, world.actor("pat"), round_id).points} == {
        None
    }
    owner.execute("SELECT check_point_id FROM round_event WHERE patrol_round_id = %s", (round_id,))
    assert owner.fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"sequence": None}, "sequence"),
        ({"sequence": True}, "sequence"),
        ({"client_id": "x"}, "client_id"),
        ({"device_at": "2026-01-01T00:00:00"}, "device_at"),
        ({"device_id": "x"}, "device_id"),
        ({"by": "car"}, "by"),
        ({"dwell_s": -1}, "dwell_s"),
        ({"dwell_s": None}, "dwell_s"),
        ({"grade": "E"}, "grade"),
        ({"record_id": 7}, "record_id"),
        ({"check_point_id": None}, "check_point_id"),
        ({"lon": 113.9}, "lon"),
    ],
)
def test_one_bad_visit_is_named_and_the_others_are_stored(world, round_id, wrong, pointer):
    receipts = walking.log_visits(
        world.db, world.actor("pat"), round_id, [visit(1, 1), {**visit(2, 2), **wrong}, "nonsense"]
    )
    assert outcomes(receipts) == ["created", "rejected", "rejected"]
    assert receipts[1].pointer == pointer


def test_rounds_of_others_are_not_to_be_walked(world, round_id):
    for name in ("quinn", "rex"):
        with pytest.raises(NotFound):
            walking.log_events(world.db, world.actor(name), round_id, [event("start", 1)])
    with pytest.raises(NotFound):
        walking.log_events(world.db, world.actor("alice"), round_id, [event("start", 1)])
    with pytest.raises(Forbidden):
        walking.log_events(world.db, world.actor("petra"), round_id, [event("start", 1)])
    with pytest.raises(TooLarge):
        walking.log_events(world.db, world.actor("pat"), round_id, [{}] * 501)


def test_a_phone_gets_all_it_needs_for_two_days_and_not_the_codes(world, round_id, owner):
    found = own_rounds.as_json(own_rounds.own_rounds(world.db, world.actor("pat")))
    mine = next(row for row in found["rounds"] if row["id"] == round_id)
    assert [point["check_point_id"] for point in mine["points"]] == [1, 2]
    assert {row["team_id"] for row in found["rounds"]} == {1}
    assert {1, 2} <= {row["check_point_id"] for row in found["check_points"]}
    assert (
        next(row for row in found["parcels"] if row["parcel_id"] == 1)["geometry"]["type"] == "MultiPolygon"
    )
    owner.execute("SELECT qr_token FROM check_point WHERE check_point_id = 1")
    token = owner.fetchone()[0]
    told = next(row for row in found["check_points"] if row["check_point_id"] == 1)
    assert told["qr_sha256"] == hashlib.sha256(token.encode()).hexdigest()[:16]
    assert token not in str(found)
    assert own_rounds.own_rounds(world.db, world.actor("alice")).rounds == []


def test_an_excuse_is_asked_once_and_decided_by_somebody_else(world, round_id):
    pat, dan = world.actor("pat"), world.actor("dan")
    with pytest.raises(InvalidInput):
        round_desk.ask_excuse(world.db, pat, round_id, "  ")
    with pytest.raises(NotFound):
        round_desk.ask_excuse(world.db, world.actor("quinn"), round_id, "台风")
    excuse = round_desk.ask_excuse(world.db, pat, round_id, "台风")
    with pytest.raises(Conflict):
        round_desk.ask_excuse(world.db, pat, round_id, "台风")
    for name in ("pat", "audrey", "adam"):
        with pytest.raises(Forbidden):
            round_desk.decide_excuse(world.db, world.actor(name), excuse, "granted")
    with pytest.raises(InvalidInput):
        round_desk.decide_excuse(world.db, dan, excuse, "perhaps")
    with pytest.raises(NotFound):
        round_desk.decide_excuse(world.db, dan, 999_999, "granted")
    round_desk.decide_excuse(world.db, dan, excuse, "granted")
    assert state(world, round_id) == "excused"
    with pytest.raises(Conflict):
        round_desk.decide_excuse(world.db, dan, excuse, "refused")


def test_whoever_asked_never_decides_also_after_a_change_of_role(world, round_id, owner):
    excuse = round_desk.ask_excuse(world.db, world.actor("pat"), round_id, "生病")
    owner.execute(
        "UPDATE round_excuse SET asked_by = %s WHERE round_excuse_id = %s", (world.accounts["dan"], excuse)
    )
    with pytest.raises(Conflict) as refused:
        round_desk.decide_excuse(world.db, world.actor("dan"), excuse, "granted")
    assert refused.value.code == "own-work"
    with pytest.raises(psycopg2.errors.CheckViolation):
        owner.execute(
            "UPDATE round_excuse SET decided_by = asked_by, decided_at = now(), decision = 'granted'"
            " WHERE round_excuse_id = %s",
            (excuse,),
        )


def test_a_refused_excuse_leaves_the_round_and_may_be_asked_again(world, round_id):
    excuse = round_desk.ask_excuse(world.db, world.actor("pat"), round_id, "下雨")
    round_desk.decide_excuse(world.db, world.actor("petra"), excuse, "refused")
    assert state(world, round_id) == "ready"
    assert round_desk.ask_excuse(world.db, world.actor("pat"), round_id, "台风") != excuse


def test_an_excuse_covers_what_was_left_out_and_never_what_was_done(world, round_id):
    pat = world.actor("pat")
    walking.log_visits(world.db, pat, round_id, [visit(1, 1)])
    walking.log_events(world.db, pat, round_id, [event("end", 2, minutes=9)])
    excuse = round_desk.ask_excuse(world.db, pat, round_id, "道路中断")
    round_desk.decide_excuse(world.db, world.actor("dan"), excuse, "granted")
    assert state(world, round_id) == "excused"
    walking.log_visits(world.db, pat, round_id, [visit(2, 3, minutes=12)])
    assert state(world, round_id) == "done"
