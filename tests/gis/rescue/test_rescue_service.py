"""A phone's file is stored as its person's, once, by an administrator and by nobody else."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from gis.errors import Conflict, Forbidden, InvalidInput, NotFound, OutOfScope
from gis.patrol.records import log_records
from gis.people.standing_in import Reason, stand_in_for
from gis.rescue import service
from gis.rescue.service import discard, items_of, receive_file, rescue_files, show_file, take_in
from tests.pictures import exif, jpeg
from tests.rescue_files import exported, photo, record, walk
from tests.world import PEOPLE, World

CONTENT = jpeg(200, 150, extra=exif(6, secret=b"serial 4711"))


def upload(world: World, who: str = "pat", name: str = "phone.json", **content) -> int:
    account = world.accounts[who]
    return receive_file(world.db, world.actor("adam"), name, exported(account, username=who, **content))


def taken(world: World, number: int, who: str = "pat") -> list[tuple[str, str]]:
    items = take_in(world.db, world.actor("adam"), number, world.accounts[who], request_id=f"take-{number}")
    return [(item.kind, item.outcome) for item in items]


def whole(world: World, who: str = "pat") -> dict:
    """One of each, of a round this person may walk."""
    account = world.accounts[who]
    point = record(account, kind="L1", note="救援")
    return {
        "records": [
            point,
            record(account, "event", round_id=1),
            record(account, "visit", round_id=1),
        ],
        "photos": [photo(account, point["client_id"], CONTENT)],
        "streams": [walk(account)],
    }


def state(world: World, number: int) -> tuple:
    statement = (
        "SELECT state, settled_by, (SELECT count(*) FROM app.rescue_piece AS p WHERE p.rescue_file_id = %s)"
        " FROM app.rescue_file WHERE rescue_file_id = %s"
    )
    return world.ask(statement, number, number)[0]


def audit(world: World, action: str, subject: object) -> list[tuple]:
    statement = (
        "SELECT account_id, detail FROM app.audit_log WHERE action = %s AND subject = %s ORDER BY audit_id"
    )
    return world.ask(statement, action, str(subject))


def test_all_of_a_file_is_stored_in_the_name_of_whose_phone_it_was(world):
    content = whole(world)
    number = upload(world, **content)
    assert taken(world, number) == [
        (kind, "created") for kind in ("point", "event", "visit", "walk", "photo")
    ]
    pat, point = world.accounts["pat"], content["records"][0]["client_id"]
    assert world.ask(
        "SELECT account_id, team_id, grade FROM app.patrol_point WHERE client_id = %s", point
    ) == [(pat, 1, "A")]
    receipts = world.ask("SELECT account_id, revision FROM app.field_receipt WHERE client_id = %s", point)
    assert receipts == [(pat, 1)]
    events = world.ask(
        "SELECT kind, account_id, patrol_round_id FROM app.round_event WHERE client_id = ANY (%s::uuid[]) ORDER BY kind",
        [item["client_id"] for item in content["records"][1:]],
    )
    assert events == [("pause", pat, 1), ("visit", pat, 1)]
    found = world.ask(
        "SELECT account_id, next_sequence, closed_at IS NOT NULL FROM app.track_stream WHERE stream_id = %s",
        content["streams"][0]["stream_id"],
    )
    assert found == [(pat, 3, True)]
    photos = world.ask(
        "SELECT account_id, state, record_id::text, length(thumbnail) > 0 FROM app.photo WHERE client_id = %s",
        content["photos"][0]["client_id"],
    )
    assert photos == [(pat, "complete", point, True)]
    incidents = world.ask("SELECT reporter_id FROM app.incident WHERE patrol_point_client_id = %s", point)
    assert incidents == [(pat,)], "a violation becomes its finder's incident, as from the phone"
    assert state(world, number) == ("taken", world.accounts["adam"], 0)


def test_times_are_those_of_the_phone_however_long_the_file_was_on_its_way(world):
    point = record(world.accounts["pat"], device_at="2026-03-02T09:30:00+08:00")
    taken(world, upload(world, records=[point]))
    assert world.ask(
        "SELECT at = device_at, clock_offset_s FROM app.patrol_point WHERE client_id = %s", point["client_id"]
    ) == [(True, None)]


def test_the_audit_log_names_the_administrator_the_person_and_the_file(world):
    number = upload(world, records=[record(world.accounts["pat"])])
    show_file(world.db, world.actor("adam"), number)
    taken(world, number)
    adam, pat = world.accounts["adam"], world.accounts["pat"]
    sha256 = world.ask("SELECT encode(sha256, 'hex') FROM app.rescue_file WHERE rescue_file_id = %s", number)[
        0
    ][0]
    both = {"sender": pat, "sha256": sha256}
    for action in ("rescue.upload", "rescue.look", "rescue.stand_in"):
        assert audit(world, action, number) == [(adam, both)], action
    assert audit(world, "rescue.take_in", number) == [(adam, {**both, "created": 1})]
    rows = world.ask(
        "SELECT DISTINCT account_id FROM app.audit_log WHERE request_id = %s AND action = 'field.log'",
        f"take-{number}",
    )
    assert rows == [(pat,)], "what the doors write is the person's, under the same request"


def test_the_same_file_twice_changes_nothing(world):
    content = whole(world)
    first = upload(world, **content)
    assert upload(world, **content) == first, "while it waits it is the same"
    taken(world, first)
    again = upload(world, **content)
    assert again != first
    shown = show_file(world.db, world.actor("adam"), again)
    assert [(count.kind, count.total, count.here, count.others) for count in shown.counts] == [
        (kind, 1, 1, 0) for kind in service.KINDS
    ]
    assert {outcome for _, outcome in taken(world, again)} == {"duplicate"}
    count = world.ask(
        "SELECT count(*) FROM app.patrol_point WHERE client_id = %s", content["records"][0]["client_id"]
    )
    assert count == [(1,)]


def test_what_the_phone_sends_itself_afterwards_is_a_duplicate(world):
    point = record(world.accounts["pat"], sequence=4)
    taken(world, upload(world, records=[point]))
    beside = {name: point[name] for name in ("client_id", "revision", "sequence", "type")}
    receipt = log_records(world.db, world.actor("pat"), [{**beside, **point["body"]}])[0]
    assert receipt.outcome == "duplicate"


def test_a_newer_content_is_a_revision_and_a_longer_walk_goes_on(world):
    account = world.accounts["pat"]
    point, way = record(account, note="a"), walk(account, 3)
    taken(world, upload(world, records=[point], streams=[way]))
    newer = {**point, "revision": 2, "body": {**point["body"], "note": "b"}}
    longer = {**walk(account, 5), "stream_id": way["stream_id"]}
    assert taken(world, upload(world, records=[newer], streams=[longer])) == [
        ("point", "revised"),
        ("walk", "revised"),
    ]
    assert world.ask("SELECT note FROM app.patrol_point WHERE client_id = %s", point["client_id"]) == [("b",)]
    stored = world.ask("SELECT next_sequence FROM app.track_stream WHERE stream_id = %s", way["stream_id"])
    assert stored == [(5,)]


def test_what_is_refused_stays_with_its_reason_and_goes_in_once_the_reason_is_gone(world):
    account = world.accounts["pat"]
    bad = record(account, kind="L99")
    elsewhere = record(account, "event", round_id=4)  # of the other team
    good = [record(account), record(account, "event", round_id=1)]
    number = upload(world, records=[bad, good[0], elsewhere, good[1]])
    assert taken(world, number) == [
        ("point", "rejected"),
        ("point", "created"),
        ("event", "rejected"),
        ("event", "created"),
    ]
    shown = show_file(world.db, world.actor("adam"), number)
    assert [(item.kind, item.id, item.code) for item in shown.not_stored] == [
        ("point", bad["client_id"], "unknown-kind"),
        ("event", elsewhere["client_id"], "not-found"),
    ]
    assert shown.outcomes[("point", "created")] == 1
    assert state(world, number)[0::2] == ("partly", 1), "its content is still here"
    kept = world.ask(
        "SELECT account_id, code FROM app.quarantine WHERE payload ->> 'client_id' = %s", bad["client_id"]
    )
    assert kept == [(account, "unknown-kind")]
    world.ask("UPDATE app.patrol_round SET team_id = 1 WHERE patrol_round_id = 4")
    try:
        assert taken(world, number) == [
            ("point", "rejected"),
            ("point", "duplicate"),
            ("event", "created"),
            ("event", "duplicate"),
        ]
    finally:
        world.ask("UPDATE app.patrol_round SET team_id = 2 WHERE patrol_round_id = 4")
    discard(world.db, world.actor("adam"), number)
    assert state(world, number)[0::2] == ("discarded", 0)
    assert len(items_of(world.db, world.actor("adam"), number)) == 4, "what became of it is still known"


def test_one_bad_record_of_a_batch_takes_no_other_along(world):
    account = world.accounts["pat"]
    raws = [record(account, "event", round_id=1) for _ in range(5)]
    raws[2]["body"]["device_at"] = "yesterday"
    raws[3]["client_id"] = "no uuid\0"
    assert taken(world, upload(world, records=raws)) == [
        ("event", outcome) for outcome in ("created", "created", "rejected", "rejected", "created")
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"base64": "?"}, "bad-base64"),
        ({"sha256": "00"}, "bad-hash"),
        ({"sha256": "xy"}, "bad-hash"),
        ({"sha256": "00" * 32}, "wrong-hash"),
        ({"media_type": "image/png"}, "wrong-type"),
        ({"media_type": "text/html"}, "not-a-photo"),
        ({"record_id": None}, "bad-uuid"),
        ({"client_id": "x"}, "bad-client-id"),
        ({"taken_at": "x"}, "bad-time"),
        ({"base64": ""}, "out-of-range"),
        ({"lon": 999, "lat": 0}, None),
    ],
)
def test_a_photo_that_is_none_is_refused(world, changes, code):
    account = world.accounts["pat"]
    good = photo(account, str(uuid.uuid4()), CONTENT)
    number = upload(world, photos=[photo(account, str(uuid.uuid4()), CONTENT, **changes), good])
    assert taken(world, number) == [("photo", "rejected"), ("photo", "created")]
    item = items_of(world.db, world.actor("adam"), number)[0]
    assert code is None or item.code == code


def test_a_photo_refused_before_stays_refused_until_it_is_deleted(world):
    account = world.accounts["pat"]
    torn = photo(account, str(uuid.uuid4()), CONTENT[:100])
    number = upload(world, photos=[torn])
    assert taken(world, number) == [("photo", "rejected")]
    assert taken(world, number) == [("photo", "rejected")]
    assert items_of(world.db, world.actor("adam"), number)[0].code == "broken-photo"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"stream_id": "x"}, "rejected"),
        ({"device_id": None}, "rejected"),
        ({"fixes": None}, "rejected"),
        ({"fixes": [[0]]}, "rejected"),
        ({"round_id": 999_999}, "created"),  # the round is gone; the walk was walked
        ({"stream_id": "00000000-0000-4000-8000-000000000004"}, "conflict"),  # quinn's
        ({"stream_id": "00000000-0000-4000-8000-000000000003"}, "conflict"),  # his own, with other fixes
    ],
)
def test_walks_that_are_odd(world, changes, outcome):
    number = upload(world, streams=[walk(world.accounts["pat"], 3, **changes)])
    assert taken(world, number) == [("walk", outcome)]


def test_what_a_colleague_sent_before_in_another_name_is_a_conflict_and_shown(world):
    point = record(world.accounts["pat"])
    beside = {name: point[name] for name in ("client_id", "revision", "sequence", "type")}
    log_records(world.db, world.actor("quinn"), [{**beside, **point["body"], "note": "other"}])
    number = upload(world, records=[point])
    shown = show_file(world.db, world.actor("adam"), number)
    assert (shown.counts[0].here, shown.counts[0].others) == (0, 1)
    assert taken(world, number) == [("point", "conflict")]


def test_the_person_is_confirmed(world):
    number, adam = upload(world, records=[record(world.accounts["pat"])]), world.actor("adam")
    for confirmed in (None, world.accounts["quinn"], world.accounts["adam"]):
        with pytest.raises(InvalidInput) as refused:
            take_in(world.db, adam, number, confirmed)
        assert refused.value.code == "not-confirmed"
    assert state(world, number)[0] == "waiting"


def test_only_an_administrator_who_is_signed_in_takes_a_file_in(world):
    number = upload(world, records=[record(world.accounts["pat"])])
    data, pat = exported(world.accounts["pat"]), world.accounts["pat"]
    reason = Reason("rescue.stand_in", "1")
    for name in set(PEOPLE) - {"adam"}:
        actor = world.actor(name)
        for attempt in (
            lambda actor=actor: receive_file(world.db, actor, "x", data),
            lambda actor=actor: rescue_files(world.db, actor),
            lambda actor=actor: show_file(world.db, actor, number),
            lambda actor=actor: items_of(world.db, actor, number),
            lambda actor=actor: take_in(world.db, actor, number, pat),
            lambda actor=actor: discard(world.db, actor, number),
            lambda actor=actor: stand_in_for(world.db, actor, pat, reason, may_write=False),
        ):
            with pytest.raises(Forbidden):
                attempt()
    program = replace(world.actor("adam"), token_id=1)
    for attempt in (
        lambda: receive_file(world.db, program, "x", data),
        lambda: take_in(world.db, program, number, pat),
        lambda: discard(world.db, program, number),
        lambda: stand_in_for(world.db, program, pat, reason, may_write=False),
    ):
        with pytest.raises(OutOfScope):
            attempt()
    assert state(world, number)[0] == "waiting"


@pytest.mark.parametrize("who", ["dan", "petra", "audrey", "adam"])
def test_nobody_with_wider_rights_is_stood_in_for(world, who):
    reason = Reason("rescue.stand_in", f"for {who}")
    with pytest.raises(InvalidInput) as refused:
        stand_in_for(world.db, world.actor("adam"), world.accounts[who], reason, may_write=True)
    assert refused.value.code == "sender-left"
    assert audit(world, "rescue.stand_in", f"for {who}") == []
    number = upload(world, who, records=[record(world.accounts[who])])
    shown = show_file(world.db, world.actor("adam"), number)
    assert (shown.fault.code, shown.counts) == ("sender-left", ())
    with pytest.raises(InvalidInput):
        taken(world, number, who)


def test_nobody_is_stood_in_for_whose_account_is_closed(world):
    number = upload(world, "bob", records=[record(world.accounts["bob"])])
    world.ask("UPDATE app.account SET is_active = false WHERE username = 'bob'")
    try:
        with pytest.raises(InvalidInput):
            taken(world, number, "bob")
    finally:
        world.ask("UPDATE app.account SET is_active = true WHERE username = 'bob'")
    assert taken(world, number, "bob") == [("point", "created")]


def test_an_officer_walks_no_round(world):
    account = world.accounts["alice"]
    number = upload(world, "alice", records=[record(account), record(account, "event", round_id=1)])
    assert taken(world, number, "alice") == [("point", "created"), ("event", "rejected")]


def test_who_only_looks_can_write_nothing_in_the_persons_name(world):
    reason = Reason("rescue.look", "1")
    person = stand_in_for(world.db, world.actor("adam"), world.accounts["pat"], reason, may_write=False)
    with pytest.raises(Forbidden):
        log_records(world.db, person, [{**record(person.account_id)["body"], "type": "point"}])


def test_an_account_of_another_installation_is_refused(world):
    adam = world.actor("adam")
    for content in (exported(999_999), exported(world.accounts["pat"], username="quinn")):
        with pytest.raises(InvalidInput) as refused:
            receive_file(world.db, adam, "x", content)
        assert refused.value.code == "unknown-account"
    older = receive_file(world.db, adam, "x", exported(world.accounts["pat"], records=[]))
    assert show_file(world.db, adam, older).row.username == "pat", "older pages wrote no user name"


def test_a_settled_file_is_settled(world):
    adam = world.actor("adam")
    number = upload(world, records=[record(world.accounts["pat"])])
    taken(world, number)
    with pytest.raises(Conflict):
        taken(world, number)
    with pytest.raises(Conflict):
        discard(world.db, adam, number)
    with pytest.raises(NotFound):
        show_file(world.db, adam, 999_999)


def test_what_nobody_took_in_is_forgotten_after_a_month(world):
    old = upload(world, records=[record(world.accounts["pat"])])
    world.ask(
        "UPDATE app.rescue_file SET uploaded_at = now() - interval '31 days' WHERE rescue_file_id = %s", old
    )
    fresh = upload(world, records=[record(world.accounts["pat"])])
    assert state(world, old)[0::2] == ("discarded", 0)
    assert state(world, fresh)[0::2] == ("waiting", 1)


def test_a_name_is_kept_without_what_cannot_be_shown(world):
    number = upload(world, name="<b>\0\n" + "n" * 300, records=[record(world.accounts["pat"])])
    names = [row.name for row in rescue_files(world.db, world.actor("adam")) if row.rescue_file_id == number]
    assert names == ["<b>" + "n" * 197]


def test_a_file_of_several_pieces_comes_back_whole(world):
    records = [record(world.accounts["pat"], note="长" * 400) for _ in range(800)]
    number = upload(world, records=records)
    assert state(world, number)[2] == 2
    assert taken(world, number) == [("point", "created")] * 800
