"""Codes of check points: printed by the few, replaced when lost, and what was scanned before still counts."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from gis.errors import Forbidden, InvalidInput, NotFound, TooLarge
from gis.patrol import codes, own_rounds, walking


def token_of(world, check_point_id):
    [(token,)] = world.ask("SELECT qr_token FROM app.check_point WHERE check_point_id = %s", check_point_id)
    return token


def scan(world, token, *, ago=0, off=dt.timedelta(0)):
    """Whether a visit of pat's, so many minutes ago by a clock that is off, counts by this code."""
    now = dt.datetime.now(dt.UTC)
    visit = {
        "client_id": str(uuid4()),
        "by": "qr",
        "qr_token": token,
        "sequence": 1,
        "device_at": (now + off - dt.timedelta(minutes=ago)).isoformat(),
    }
    [receipt] = walking.log_visits(world.db, world.actor("pat"), 1, [visit], sent_at=now + off)
    assert receipt.outcome == "created" or (receipt.code, receipt.pointer) == ("wrong-code", "qr_token")
    return receipt.outcome == "created"


def test_labels_say_what_stands_there_and_each_printing_leaves_a_trace(world):
    rows = codes.print_labels(world.db, world.actor("petra"), [2, 1, 2])
    assert [(row.code, row.token, row.parcel_name) for row in rows] == [
        ("C1", token_of(world, 1), "地块1"),
        ("C2", token_of(world, 2), "地块2"),
    ]
    [(account, detail)] = world.ask(
        "SELECT account_id, detail FROM app.audit_log WHERE action = 'check_point.print_code'"
    )
    assert (account, detail) == (world.accounts["petra"], {"check_points": [1, 2]})


def test_nothing_is_printed_of_what_is_not_there(world):
    petra = world.actor("petra")
    for wrong, error in (([], InvalidInput), ([1, 999_999], InvalidInput), (range(1, 122), TooLarge)):
        with pytest.raises(error):
            codes.print_labels(world.db, petra, wrong)
    [(printed,)] = world.ask(
        "SELECT count(*) FROM app.audit_log WHERE detail @> '{\"check_points\": [999999]}'"
    )
    assert printed == 0


@pytest.mark.parametrize("name", ["alice", "pat", "dan", "audrey"])
def test_codes_are_the_planners_and_the_administrators(world, name):
    actor, before = world.actor(name), token_of(world, 3)
    for act in (
        lambda: codes.list_codes(world.db, actor, codes.CodeQuery()),
        lambda: codes.print_labels(world.db, actor, [3]),
        lambda: codes.replace_code(world.db, actor, 3),
    ):
        with pytest.raises(Forbidden):
            act()
    assert token_of(world, 3) == before


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (codes.CodeQuery(), ["C1", "C2", "C3", "C4", "C5", "C6"]),
        (codes.CodeQuery(community="440306007002"), ["C4", "C5", "C6"]),
        (codes.CodeQuery(parcel_id=3), ["C3"]),
        (codes.CodeQuery(plan_id=5), ["C5"]),
        (codes.CodeQuery(community="440306007001", plan_id=5), []),
    ],
)
def test_list_is_by_community_parcel_and_plan_and_tells_no_code(world, asked, found):
    listed = codes.list_codes(world.db, world.actor("adam"), asked)
    assert [row.code for row in listed.check_points] == found
    assert not any("token" in name for row in listed.check_points for name in row._fields)
    assert len(listed.parcels) == 6 and len(listed.plans) == 6 and len(listed.communities) == 2


def test_a_replaced_code_counts_for_what_was_scanned_before_and_for_nothing_later(world):
    old = token_of(world, 1)
    assert codes.replace_code(world.db, world.actor("petra"), 1) == "C1"
    new = token_of(world, 1)
    assert new != old and len(new) == len(old)
    assert scan(world, new)
    assert scan(world, old, ago=10)  # told late
    assert scan(world, old, ago=10, off=-dt.timedelta(days=900))
    assert not scan(world, old, ago=-1)
    assert world.ask(
        "SELECT account_id FROM app.audit_log WHERE action = 'check_point.replace_code' AND subject = '1'"
    ) == [(world.accounts["petra"],)]


def test_of_a_code_replaced_twice_the_first_is_gone(world):
    first = token_of(world, 2)
    codes.replace_code(world.db, world.actor("petra"), 2)
    second = token_of(world, 2)
    codes.replace_code(world.db, world.actor("adam"), 2)
    assert not scan(world, first, ago=10)
    assert scan(world, second, ago=10)


def test_phones_are_told_of_the_new_code(world):
    before = own_rounds_of(world)[3]
    codes.replace_code(world.db, world.actor("petra"), 3)
    assert own_rounds_of(world)[3] != before


def own_rounds_of(world):
    today = own_rounds.own_rounds(world.db, world.actor("pat"))
    return {row.check_point_id: row.qr_sha256 for row in today.check_points}


def test_there_is_no_code_of_a_place_that_is_not_there(world):
    with pytest.raises(NotFound):
        codes.replace_code(world.db, world.actor("petra"), 999_999)
