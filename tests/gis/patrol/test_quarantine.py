"""Refused records are kept once and bounded; the administrator repairs one in its sender's name or dismisses it."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace

import pytest

from gis.errors import Conflict, Forbidden, InvalidInput, NotFound, OutOfScope
from gis.patrol import quarantine, repair
from gis.patrol.model import Envelope
from gis.patrol.records import log_records
from tests.gis.patrol.test_records import outcomes, point, send, stored


def kept(world, client_id, columns="code, pointer, state"):
    return world.ask(f"SELECT {columns} FROM app.quarantine WHERE payload ->> 'client_id' = %s", client_id)


def number_of(world, client_id):
    return kept(world, client_id, "quarantine_id")[0][0]


def test_refused_payload_is_kept_once_however_often_it_is_sent(world):
    bad = point(kind="L9")
    for _ in range(3):
        assert [(r.outcome, r.is_kept) for r in send(world, bad)] == [("rejected", True)]
    assert kept(world, bad["client_id"]) == [("unknown-kind", "kind", "open")]
    assert kept(world, bad["client_id"], "account_id") == [(world.accounts["pat"],)]


def test_what_the_database_cannot_hold_is_kept_as_it_can(world):
    bad = point(note="a\0b\ud800", accuracy_m=float("nan"))
    assert send(world, bad)[0].is_kept
    payload = kept(world, bad["client_id"], "payload")[0][0]
    assert (payload["note"], payload["accuracy_m"]) == ("a\ufffdb?", "nan")


def test_large_deep_and_shapeless_payloads_are_not_kept(world):
    deep: list = []
    for _ in range(100):
        deep = [deep]
    receipts = send(world, point(note="x" * 17_000), point(note=deep), 7)
    assert [r.is_kept for r in receipts] == [False, False, False]


def test_so_many_a_day_are_kept_of_one_account(world, monkeypatch):
    monkeypatch.setattr(quarantine, "MAX_PER_DAY", 4)  # one is there already
    receipts = send(world, *(point(kind="L9") for _ in range(5)), who="rex")
    assert [r.is_kept for r in receipts] == [True, True, True, False, False]
    assert [r.is_kept for r in send(world, point(kind="L9"), who="rex")] == [False]
    assert send(world, point(), who="rex")[0].outcome == "created"


def test_repaired_record_is_its_senders_and_the_audit_names_who_repaired_it(world):
    bad, device = point(kind="L9"), uuid.uuid4()
    send(world, bad, device_id=device)
    number, adam = number_of(world, bad["client_id"]), world.actor("adam")
    receipt = repair.repair(world.db, adam, number, json.dumps({**bad, "kind": "L2"}))
    assert receipt.outcome == "created"
    columns = "account_id, team_id, kind, device_id::text, grade"
    assert stored(world, bad["client_id"], columns) == [(world.accounts["pat"], 1, "L2", str(device), "A")]
    assert kept(world, bad["client_id"], "state, settled_by, repaired ->> 'kind'") == [
        ("repaired", world.accounts["adam"], "L2")
    ]
    trail = (
        "SELECT action, account_id, (detail ->> 'sender')::integer, detail ->> 'outcome' FROM app.audit_log"
        " WHERE action LIKE 'quarantine.%%' AND subject = %s ORDER BY audit_id"
    )
    both = (world.accounts["adam"], world.accounts["pat"])
    assert world.ask(trail, str(number)) == [
        ("quarantine.stand_in", *both, None), ("quarantine.repair", *both, "created"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        repair.repair(world.db, adam, number, json.dumps(bad))


def test_a_program_repairs_nothing(world):
    bad = point(kind="L9")
    send(world, bad)
    program = replace(world.actor("adam"), token_id=1)
    with pytest.raises(OutOfScope):
        repair.repair(
            world.db, program, number_of(world, bad["client_id"]), json.dumps({**bad, "kind": "OK"})
        )
    assert kept(world, bad["client_id"], "state") == [("open",)]


@pytest.mark.parametrize("who", ["dan", "adam"])
def test_nobody_with_wider_rights_has_a_record_sent_in_their_name(world, who):
    sent = json.dumps({**point(), "kind": "L9"})
    [(number,)] = world.ask(
        "INSERT INTO app.quarantine (account_id, payload, payload_sha256, code) VALUES (%s, %s, sha256(%s), 'x')"
        " RETURNING quarantine_id",
        world.accounts[who],
        sent,
        sent.encode(),
    )
    with pytest.raises(InvalidInput) as caught:
        repair.repair(world.db, world.actor("adam"), number, json.dumps(point()))
    assert caught.value.code == "sender-left"


def test_conflict_is_repaired_by_a_higher_revision(world):
    first = point()
    send(world, first)
    assert outcomes(send(world, {**first, "note": "另一处"})) == ["conflict"]
    repair.repair(
        world.db,
        world.actor("adam"),
        number_of(world, first["client_id"]),
        json.dumps({**first, "note": "另一处", "revision": 2}),
    )
    assert stored(world, first["client_id"]) == [("另一处",)]


@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"type": "point"}', "x" * 20_000, "[" * 5_000])
def test_what_is_still_wrong_stays_open_and_adds_nothing(world, text):
    bad = point(kind="L9")
    send(world, bad)
    before = world.ask("SELECT count(*) FROM app.quarantine")
    with pytest.raises(InvalidInput):
        repair.repair(world.db, world.actor("adam"), number_of(world, bad["client_id"]), text)
    assert kept(world, bad["client_id"], "state") == [("open",)]
    assert world.ask("SELECT count(*) FROM app.quarantine") == before


def test_record_of_somebody_who_left_is_not_stored(world):
    bad = point(kind="L9")
    send(world, bad, who="bob")
    world.ask("UPDATE app.account SET is_active = false WHERE username = 'bob'")
    try:
        with pytest.raises(InvalidInput) as caught:
            repair.repair(
                world.db,
                world.actor("adam"),
                number_of(world, bad["client_id"]),
                json.dumps({**bad, "kind": "OK"}),
            )
    finally:
        world.ask("UPDATE app.account SET is_active = true WHERE username = 'bob'")
    assert caught.value.code == "sender-left"


def test_dismissing_needs_a_reason_and_keeps_it(world):
    bad, adam = point(kind="L9"), world.actor("adam")
    send(world, bad)
    number = number_of(world, bad["client_id"])
    with pytest.raises(InvalidInput):
        repair.dismiss(world.db, adam, number, "  ")
    repair.dismiss(world.db, adam, number, "误报")
    assert kept(world, bad["client_id"], "state, reason") == [("dismissed", "误报")]
    with pytest.raises(Conflict):
        repair.dismiss(world.db, adam, number, "再次")


def test_list_is_newest_first_by_pages_and_reading_one_leaves_a_trace(world, monkeypatch):
    monkeypatch.setattr(repair, "PAGE_SIZE", 2)
    adam = world.actor("adam")
    send(world, *(point(kind="L9") for _ in range(3)))
    first = repair.quarantined(world.db, adam)
    second = repair.quarantined(world.db, adam, before=first[-1].quarantine_id)
    numbers = [row.quarantine_id for row in [*first, *second]]
    assert len(first) == 2 and numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers)
    row = repair.show_quarantined(world.db, adam, numbers[0])
    assert row.payload["kind"] == "L9"
    trail = "SELECT count(*) FROM app.audit_log WHERE action = 'quarantine.read' AND subject = %s"
    assert world.ask(trail, str(numbers[0])) == [(1,)]
    with pytest.raises(NotFound):
        repair.show_quarantined(world.db, adam, 10**9)


@pytest.mark.parametrize("name", ["pat", "alice", "dan", "petra", "audrey"])
def test_only_the_administrator_reads_it(world, name):
    with pytest.raises(Forbidden):
        repair.quarantined(world.db, world.actor(name))


def test_what_comes_from_the_quarantine_is_not_kept_again(world):
    bad = point(kind="L9")
    receipts = log_records(world.db, world.actor("pat"), [bad], Envelope(keeps_refused=False))
    assert (receipts[0].outcome, receipts[0].is_kept) == ("rejected", None)
    assert kept(world, bad["client_id"]) == []
