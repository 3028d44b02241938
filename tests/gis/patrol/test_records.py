"""Records of a phone: receipts, revisions, wrong clocks, and one bad record that takes no good one along."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import Forbidden
from gis.patrol.model import Envelope
from gis.patrol.records import log_records

HERE = (113.905, 22.755)


def point(**changes):
    made = datetime.now(UTC)
    return {
        "type": "point",
        "client_id": str(uuid.uuid4()),
        "revision": 1,
        "lon": HERE[0],
        "lat": HERE[1],
        "device_at": made.isoformat(),
        "fix_at": made.isoformat(),
        "method": "gps",
        "accuracy_m": 8.0,
        "kind": "L1",
        "note": "渣土",
        "sequence": 1,
        **changes,
    }


def send(world, *records, who="pat", off=timedelta(0), device_id=None):
    envelope = Envelope(datetime.now(UTC) + off, device_id or uuid.uuid4())
    return log_records(world.db, world.actor(who), list(records), envelope)


def outcomes(receipts):
    return [r.outcome.value for r in receipts]


def stored(world, client_id, columns="note"):
    return world.ask(f"SELECT {columns} FROM app.patrol_point WHERE client_id = %s", client_id)


def test_fresh_point_is_graded_and_keeps_device_and_method(world):
    sent, device = point(), uuid.uuid4()
    receipt = send(world, sent, device_id=device)[0]
    assert (receipt.outcome, receipt.revision, len(receipt.sha256)) == ("created", 1, 64)
    columns = "grade, method, is_mock, clock_offset_s, revision, device_id::text, at = device_at"
    assert stored(world, sent["client_id"], columns) == [("A", "gps", False, None, 1, str(device), True)]
    assert world.ask(
        "SELECT revision, encode(content_sha256, 'hex'), account_id, kind FROM app.field_receipt WHERE client_id = %s",
        sent["client_id"],
    ) == [(1, receipt.sha256, world.accounts["pat"], "point")]


def test_newer_revision_takes_the_place_and_the_older_one_stays_as_history(world):
    first = point()
    send(world, first)
    second = {**first, "revision": 2, "note": "已清理", "lon": 113.915}
    receipts = send(world, second)
    assert outcomes(receipts) == ["revised"]
    assert stored(world, first["client_id"], "note, revision, cell_id, parcel_id") == [("已清理", 2, 2, 2)]
    assert world.ask(
        "SELECT revision, content ->> 'note', account_id FROM app.patrol_point_revision WHERE client_id = %s",
        first["client_id"],
    ) == [(1, "渣土", world.accounts["pat"])]
    assert outcomes(send(world, second, first)) == ["duplicate", "duplicate"]
    assert stored(world, first["client_id"]) == [("已清理",)]


def test_older_revision_that_comes_late_is_history_and_overwrites_nothing(world):
    newer = point(revision=3, note="三")
    older = {**newer, "revision": 2, "note": "二"}
    assert outcomes(send(world, newer)) == ["created"]
    late = send(world, older)[0]
    assert (late.outcome, late.code, late.revision) == ("duplicate", "older-revision", 2)
    assert outcomes(send(world, {**older, "note": "另"})) == ["conflict"]
    assert stored(world, newer["client_id"]) == [("三",)]
    kept = world.ask(
        "SELECT revision, content ->> 'note' FROM app.patrol_point_revision WHERE client_id = %s",
        newer["client_id"],
    )
    assert kept == [(2, "二")]


def test_same_revision_with_other_content_is_a_conflict_and_the_first_stays(world):
    first = point()
    send(world, first)
    receipts = send(world, {**first, "note": "其他"})
    assert [(r.outcome, r.code, r.is_kept) for r in receipts] == [("conflict", "id-taken", True)]
    assert stored(world, first["client_id"]) == [("渣土",)]


def test_revision_may_move_a_point_to_another_month(world):
    first = point()
    send(world, first)
    earlier = (datetime.now(UTC) - timedelta(days=70)).isoformat()
    assert outcomes(send(world, {**first, "revision": 2, "device_at": earlier})) == ["revised"]
    assert outcomes(send(world, {**first, "revision": 3, "device_at": earlier, "note": "x"})) == ["revised"]
    assert stored(world, first["client_id"], "note, at < now() - interval '60 days'") == [("x", True)]
    tally = "SELECT sum(objects) FROM app.layer_tally WHERE layer = 'patrol_point' AND zoom = 0"
    assert world.ask(tally) == world.ask("SELECT count(*) FROM app.patrol_point")


def test_revision_keeps_the_time_the_clock_first_gave(world):
    off = -timedelta(days=3 * 365)
    made = datetime.now(UTC) + off
    first = point(device_at=made.isoformat(), fix_at=made.isoformat())
    send(world, first, off=off)
    before = stored(world, first["client_id"], "at, clock_offset_s")
    assert abs(before[0][0] - datetime.now(UTC)) < timedelta(minutes=1)
    # The phone's clock is set right before the note is corrected.
    assert outcomes(send(world, {**first, "revision": 2, "note": "改"})) == ["revised"]
    assert stored(world, first["client_id"], "at, clock_offset_s") == before


def test_foreign_id_is_a_conflict_whatever_its_revision(world):
    hidden = point(lon=113.955)
    send(world, hidden, who="quinn")
    for revision in (1, 2):
        receipt = send(world, {**hidden, "revision": revision})[0]
        assert (receipt.outcome, receipt.sha256) == ("conflict", None)
    assert stored(world, hidden["client_id"], "revision") == [(1,)]


contents = st.lists(st.tuples(st.integers(1, 4), st.sampled_from("甲乙")), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents, st.randoms(use_true_random=False))
def test_any_order_of_revisions_ends_with_the_newest_in_one_row(world, said, dice):
    base = point()
    first: dict[int, str] = {}
    records = []
    for revision, note in said:
        first.setdefault(revision, note)  # one content to a revision, as a phone makes them
        records.append({**base, "revision": revision, "note": first[revision]})
    dice.shuffle(records)
    cut = dice.randint(0, len(records))
    receipts = [r for part in (records[:cut], records[cut:]) for r in (send(world, *part) if part else [])]
    assert all(r.outcome in ("created", "revised", "duplicate") for r in receipts)
    assert stored(world, base["client_id"], "revision, note") == [(max(first), first[max(first)])]
    history = world.ask(
        "SELECT revision, content ->> 'note' FROM app.patrol_point_revision WHERE client_id = %s ORDER BY 1",
        base["client_id"],
    )
    assert history == sorted((r, note) for r, note in first.items() if r < max(first))


@pytest.mark.parametrize("off", [-timedelta(days=3 * 365), timedelta(days=1), timedelta(0)])
def test_wrong_clock_is_stored_flagged_and_ordered_by_sequence(world, off):
    device, made = uuid.uuid4(), datetime.now(UTC)
    records = [
        point(
            sequence=n,
            note=str(n),
            device_at=(made + off - timedelta(seconds=60 - n)).isoformat(),
            fix_at=(made + off - timedelta(seconds=60 - n)).isoformat(),
        )
        for n in range(1, 21)
    ]
    random.Random(7).shuffle(records)
    assert set(outcomes(send(world, *records, off=off, device_id=device))) == {"created"}
    rows = world.ask(
        "SELECT note, clock_offset_s, grade, at FROM app.patrol_point WHERE device_id = %s ORDER BY sequence",
        str(device),
    )
    assert [row[0] for row in rows] == [str(n) for n in range(1, 21)]
    assert sorted(row[3] for row in rows) == [row[3] for row in rows]
    assert all(abs(row[3] - made) < timedelta(minutes=2) for row in rows)
    if off:
        assert {row[2] for row in rows} == {"C"}
        assert all(abs(row[1] + off.total_seconds()) < 30 for row in rows)
    else:
        assert {(row[1], row[2]) for row in rows} == {(None, "A")}


def test_clock_running_backwards_is_stored_and_graded_d_from_where_it_turned(world):
    device, made = uuid.uuid4(), datetime.now(UTC)
    ats = [made - timedelta(minutes=n) for n in range(10)]
    records = [point(sequence=n, device_at=at.isoformat(), fix_at=at.isoformat()) for n, at in enumerate(ats)]
    assert set(outcomes(send(world, *records, device_id=device))) == {"created"}
    rows = world.ask("SELECT grade FROM app.patrol_point WHERE device_id = %s ORDER BY sequence", str(device))
    assert [row[0] for row in rows] == ["A", *"D" * 9]


def graded(world, device, *sequences):
    return [
        grade
        for (grade,) in world.ask(
            "SELECT grade FROM app.patrol_point WHERE device_id = %s AND sequence = ANY (%s) ORDER BY sequence",
            str(device),
            list(sequences),
        )
    ]


def taken(sequence, ago, **more):
    at = (datetime.now(UTC) - timedelta(minutes=ago)).isoformat()
    return point(sequence=sequence, device_at=at, fix_at=at, **more)


def test_clock_set_back_between_two_batches_is_found_by_the_last_record_of_the_device(world):
    device = uuid.uuid4()
    send(world, taken(1, 30), taken(2, 20), device_id=device)
    assert outcomes(send(world, taken(3, 50), taken(4, 10), device_id=device)) == ["created"] * 2
    assert graded(world, device, 1, 2, 3, 4) == ["A", "A", "D", "A"]
    # The batch after that begins where the clock stood then.
    send(world, taken(5, 9), device_id=device)
    send(world, taken(6, 9.2), device_id=device)
    assert graded(world, device, 5, 6) == ["A", "A"]


def test_clock_is_compared_with_the_record_before_by_sequence_not_by_arrival(world):
    device = uuid.uuid4()
    send(world, taken(10, 5), device_id=device)
    send(world, taken(3, 40), device_id=device)
    assert graded(world, device, 3, 10) == ["A", "A"]
    send(world, taken(11, 30), device_id=device)
    assert graded(world, device, 11) == ["D"]


def test_other_devices_other_people_and_records_without_a_number_tell_nothing(world):
    device = uuid.uuid4()
    send(world, taken(1, 1), device_id=device)
    send(world, taken(2, 60), device_id=uuid.uuid4())
    send(world, taken(2, 60, lon=113.945), device_id=device, who="quinn")
    unnumbered = taken(None, 60)
    send(world, unnumbered, device_id=device)
    assert stored(world, unnumbered["client_id"], "grade") == [("A",)]
    assert graded(world, device, 2) == ["A"]


def test_a_batch_sent_again_is_judged_as_the_first_time(world):
    device = uuid.uuid4()
    first, second = [taken(1, 10), taken(2, 5)], [taken(3, 60), taken(4, 55)]
    for batch in (first, second, first, second, [*first, *second]):
        send(world, *batch, device_id=device)
    assert graded(world, device, 1, 2, 3, 4) == ["A", "A", "D", "D"]


def test_last_record_of_a_device_is_found_by_the_index(world):
    world.ask("ANALYZE app.patrol_point")
    with world.db.transaction(world.actor("pat").identity) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off;"
            "EXPLAIN SELECT device_at FROM app.patrol_point WHERE sequence < 7"
            " AND device_id = '00000000-0000-4000-8000-000000000001'"
            " AND account_id = app.account_id() ORDER BY sequence DESC LIMIT 1"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "device_id_sequence_idx" in plan and "Sort  (" not in plan


def test_time_two_days_ahead_is_stored_at_its_receipt_and_flagged(world):
    sent = point(device_at=(datetime.now(UTC) + timedelta(days=2)).isoformat())
    assert outcomes(send(world, sent)) == ["created"]
    columns = "at = received_at, clock_offset_s BETWEEN -172801 AND -172790, grade"
    assert stored(world, sent["client_id"], columns) == [(True, True, "D")]


def test_check_point_and_round_are_those_named(world):
    sent = point(check_point_id=5, round_id=2, method="qr")
    assert outcomes(send(world, sent)) == ["created"]
    assert stored(world, sent["client_id"], "check_point_id, patrol_round_id, grade") == [(5, 2, "C")]


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"type": "event"}, "unknown-type", "type"),
        ({"type": None}, "unknown-type", "type"),
        ({"type": ["point"]}, "unknown-type", "type"),
        ({"check_point_id": 999}, "unknown-reference", "check_point_id"),
        ({"round_id": 999}, "unknown-reference", "round_id"),
        ({"check_point_id": 2**40}, "out-of-range", "check_point_id"),
        ({"revision": 0}, "out-of-range", "revision"),
        ({"revision": True}, "out-of-range", "revision"),
        ({"method": "guess"}, "unknown-method", "method"),
        ({"method": ["gps"]}, "unknown-method", "method"),
        ({"is_mock": 1}, "bad-flag", "is_mock"),
        ({"fix_at": "2026-01-01T00:00:00"}, "bad-time", "fix_at"),
        ({"device_at": None}, "bad-time", "device_at"),
        ({"account_id": 1}, "unknown-field", "account_id"),
        ({"a\0\ud800": 1}, "unknown-field", "a\ufffd?"),
    ],
)
def test_bad_record_is_refused_kept_and_takes_no_good_one_along(world, change, code, pointer):
    good, bad = point(), point(**change)
    receipts = send(world, bad, good, "no object")
    assert outcomes(receipts) == ["rejected", "created", "rejected"]
    assert (receipts[0].code, receipts[0].pointer, receipts[0].is_kept) == (code, pointer, True)
    assert (receipts[2].code, receipts[2].is_kept) == ("not-an-object", False)


def test_row_the_database_refuses_takes_no_good_one_along(world):
    world.ask("ALTER TABLE app.patrol_point ADD CONSTRAINT unlucky CHECK (note <> '十三')")
    try:
        good = [point(), point()]
        receipts = send(world, good[0], point(note="十三"), good[1])
    finally:
        world.ask("ALTER TABLE app.patrol_point DROP CONSTRAINT unlucky")
    assert outcomes(receipts) == ["created", "rejected", "created"]
    assert receipts[1].is_kept
    assert outcomes(send(world, *good)) == ["duplicate", "duplicate"]


@pytest.mark.parametrize("name", ["dan", "petra", "audrey", "adam"])
def test_roles_that_do_not_patrol_may_not_log(world, name):
    with pytest.raises(Forbidden):
        send(world, point(), who=name)
