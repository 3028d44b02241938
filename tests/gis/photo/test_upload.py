"""A photo in pieces: whatever is lost, repeated or sent twice at once, it is complete once or refused with a reason."""

from __future__ import annotations

import hashlib
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.database.pool import Identity
from gis.errors import Conflict, Forbidden, InvalidInput, NotFound, TooLarge
from gis.incident.model import IncidentReport
from gis.incident.service import report_incident
from gis.patrol.service import log_points
from gis.photo.model import MAX_PIECE, Announcement, Progress, State, WrongOffset
from gis.photo.reading import (
    carry_photos,
    find_photo,
    original_of,
    photo_counts,
    photos_of_incident,
    photos_of_patrol_point,
    picture_of,
)
from gis.photo.upload import announce_photo, photo_progress, take_piece
from tests.pictures import exif, jpeg, segment

PHOTO = jpeg(extra=exif(6, secret=b"serial 4711") + segment(0xFE, bytes(range(1, 200)) * 30))


def announcement(content: bytes = PHOTO, **changes) -> Announcement:
    values = {
        "client_id": uuid.uuid4(),
        "record_id": uuid.uuid4(),
        "sha256": hashlib.sha256(content).digest(),
        "bytes": len(content),
        "media_type": "image/jpeg",
        "taken_at": datetime(2014, 4, 15, 9, 30, tzinfo=UTC),
        **changes,
    }
    return Announcement(**values)


def send(world, name: str, photo: Announcement, content: bytes = PHOTO, size: int = MAX_PIECE) -> Progress:
    actor = world.actor(name)
    progress = announce_photo(world.db, actor, photo)
    while progress.state is State.UPLOADING:
        piece = content[progress.offset : progress.offset + size]
        progress = take_piece(world.db, actor, photo.client_id, progress.offset, piece)
    return progress


def stored(world, photo: Announcement) -> list[tuple]:
    """State and the hash of the bytes in order, of every row under an id."""
    return world.ask(
        "SELECT f.state, (SELECT encode(sha256(string_agg(p.content, ''::bytea ORDER BY p.first_byte)), 'hex')"
        " FROM app.photo_piece AS p WHERE p.photo_id = f.photo_id)"
        " FROM app.photo AS f WHERE f.client_id = %s",
        str(photo.client_id),
    )


def once(photo: Announcement) -> list[tuple]:
    return [("complete", photo.sha256.hex())]


def point(record_id: uuid.UUID, **changes) -> dict:
    return {
        "client_id": str(record_id), "lon": 113.905, "lat": 22.755, "kind": "L1",
        "device_at": "2014-04-15T09:30:00+08:00", **changes,
    }  # fmt: skip


def point_id(world, record_id: uuid.UUID) -> int:
    statement = "SELECT patrol_point_id FROM app.patrol_point WHERE client_id = %s"
    return world.ask(statement, str(record_id))[0][0]


def names_of(found) -> list[str]:
    return [row.client_id for row in found.photos]


def test_a_photo_is_complete_with_its_last_piece_and_not_before(world):
    photo = announcement()
    begun = announce_photo(world.db, world.actor("pat"), photo)
    assert (begun.state, begun.offset, begun.sha256) == (State.UPLOADING, 0, None)
    half = take_piece(world.db, world.actor("pat"), photo.client_id, 0, PHOTO[:3000])
    assert (half.state, half.offset, half.sha256) == (State.UPLOADING, 3000, None)
    with pytest.raises(NotFound):
        find_photo(world.db, world.actor("pat"), photo.client_id)
    whole = take_piece(world.db, world.actor("pat"), photo.client_id, 3000, PHOTO[3000:])
    assert (whole.state, whole.sha256) == (State.COMPLETE, photo.sha256.hex())
    assert stored(world, photo) == once(photo)
    size = world.ask("SELECT width, height FROM app.photo WHERE client_id = %s", str(photo.client_id))
    assert size == [(48, 64)], "as it is seen, after its turn"


def test_a_complete_photo_answers_every_repetition_with_its_receipt(world):
    photo, pat = announcement(), world.actor("pat")
    receipt = send(world, "pat", photo)
    assert announce_photo(world.db, pat, photo) == receipt
    assert photo_progress(world.db, pat, photo.client_id) == receipt
    assert take_piece(world.db, pat, photo.client_id, 0, PHOTO) == receipt
    assert take_piece(world.db, pat, photo.client_id, 7, b"other") == receipt
    assert stored(world, photo) == once(photo)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tries=st.lists(
        st.tuples(
            st.integers(1, 4000), st.sampled_from(["answered", "lost", "stale", "announced", "elsewhere"])
        ),
        max_size=14,
    )
)
def test_any_order_of_lost_replies_ends_in_one_photo_with_the_right_hash(world, tries):
    photo, pat = announcement(), world.actor("pat")
    announce_photo(world.db, pat, photo)
    known = 0  # what the phone believes
    for size, what in tries:
        if what == "announced":
            known = announce_photo(world.db, pat, photo).offset
            continue
        begin = {"stale": 0, "elsewhere": min(known + 1, len(PHOTO) - 1)}.get(what, known)
        try:
            answer = take_piece(world.db, pat, photo.client_id, begin, PHOTO[begin : begin + size]).offset
        except WrongOffset as error:
            answer = error.offset
        if what != "lost":
            known = answer
    assert send(world, "pat", photo, size=2500).sha256 == photo.sha256.hex()
    assert stored(world, photo) == once(photo)


def test_the_same_piece_twice_at_once_is_stored_once(world):
    for _ in range(10):
        photo, pat = announcement(), world.actor("pat")
        announce_photo(world.db, pat, photo)
        together, answers = threading.Barrier(3), []

        def act(photo=photo, pat=pat, together=together, answers=answers) -> None:
            together.wait()
            answers.append(take_piece(world.db, pat, photo.client_id, 0, PHOTO))

        threads = [threading.Thread(target=act) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.sha256 for answer in answers] == [photo.sha256.hex()] * 3
        assert stored(world, photo) == once(photo)


def test_a_piece_elsewhere_is_told_where_to_go_on_and_stores_nothing(world):
    photo, pat = announcement(), world.actor("pat")
    announce_photo(world.db, pat, photo)
    take_piece(world.db, pat, photo.client_id, 0, PHOTO[:1000])
    for begin, piece in ((1001, PHOTO[1001:]), (500, PHOTO[500:2000])):
        with pytest.raises(WrongOffset) as caught:
            take_piece(world.db, pat, photo.client_id, begin, piece)
        assert caught.value.offset == 1000
    with pytest.raises(InvalidInput, match="beyond"):
        take_piece(world.db, pat, photo.client_id, 1000, PHOTO[1000:] + b"x")
    with pytest.raises(TooLarge):
        take_piece(world.db, pat, photo.client_id, 1000, b"x" * (MAX_PIECE + 1))
    assert photo_progress(world.db, pat, photo.client_id).offset == 1000


@pytest.mark.parametrize(
    ("content", "changes", "code"),
    [
        (PHOTO[:-1] + b"x", {"sha256": hashlib.sha256(PHOTO).digest()}, "wrong-hash"),
        (PHOTO, {"media_type": "image/png"}, "wrong-type"),
        (b"<svg onload='alert(1)'/>", {}, "not-a-photo"),
        (PHOTO[:-2], {}, "broken-photo"),
        (jpeg(8, 5000), {}, "too-many-pixels"),
    ],
)
def test_a_photo_that_is_refused_keeps_its_bytes_and_says_why(world, content, changes, code):
    photo, pat = announcement(content, **changes), world.actor("pat")
    announce_photo(world.db, pat, photo)
    for _ in range(2):
        with pytest.raises(InvalidInput) as caught:
            take_piece(world.db, pat, photo.client_id, 0, content)
        assert caught.value.code == code
    told = announce_photo(world.db, pat, photo)
    assert (told.state, told.refusal, told.sha256) == (State.REFUSED, code, None)
    assert stored(world, photo) == [("refused", hashlib.sha256(content).hexdigest())]
    for look in (find_photo, original_of):
        with pytest.raises(NotFound):
            look(world.db, pat, photo.client_id)


@pytest.mark.parametrize(
    "changes",
    [{"sha256": b"x" * 32}, {"bytes": 7}, {"media_type": "image/webp"}, {"record_id": uuid.uuid4()}],
)
def test_the_same_id_for_another_photo_is_a_conflict(world, changes):
    photo = announcement()
    announce_photo(world.db, world.actor("pat"), photo)
    with pytest.raises(Conflict):
        announce_photo(world.db, world.actor("pat"), replace(photo, **changes))


@pytest.mark.parametrize("other", ["quinn", "alice", "dan"])
def test_a_photo_goes_on_only_by_who_announced_it(world, other):
    photo = announcement()
    announce_photo(world.db, world.actor("pat"), photo)
    with pytest.raises(Conflict):
        announce_photo(world.db, world.actor(other), photo)
    with pytest.raises(NotFound):
        take_piece(world.db, world.actor(other), photo.client_id, 0, PHOTO)
    with pytest.raises(NotFound):
        photo_progress(world.db, world.actor(other), photo.client_id)


@pytest.mark.parametrize("name", ["petra", "audrey", "adam"])
def test_who_reports_nothing_sends_no_photos(world, name):
    with pytest.raises(Forbidden):
        announce_photo(world.db, world.actor(name), announcement())


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"bytes": 0}, "bytes"), ({"bytes": 3 * 2**20 + 1}, "bytes"), ({"media_type": "image/svg+xml"}, "media_type"),
     ({"sha256": b"x"}, "sha256")],
)  # fmt: skip
def test_an_announcement_is_checked(changes, pointer):
    with pytest.raises(InvalidInput) as caught:
        announcement(**changes)
    assert caught.value.pointer == pointer


def test_a_record_has_at_most_twenty_photos(world):
    record = uuid.uuid4()
    for _ in range(20):
        photo = announcement(record_id=record)
        announce_photo(world.db, world.actor("pat"), photo)
    with pytest.raises(InvalidInput) as caught:
        announce_photo(world.db, world.actor("pat"), announcement(record_id=record))
    assert caught.value.code == "too-many"
    assert announce_photo(world.db, world.actor("pat"), photo).offset == 0, "known ones are answered"


def test_a_photo_before_its_record_is_held_and_shown_when_it_comes(world):
    photo = announcement()
    send(world, "pat", photo)
    assert find_photo(world.db, world.actor("pat"), photo.client_id).is_mine
    for name in ("alice", "bob", "quinn"):
        with pytest.raises(NotFound):
            find_photo(world.db, world.actor(name), photo.client_id)
    log_points(world.db, world.actor("pat"), [point(photo.record_id)])
    number = point_id(world, photo.record_id)
    assert names_of(photos_of_patrol_point(world.db, world.actor("alice"), number)) == [str(photo.client_id)]
    assert not find_photo(world.db, world.actor("alice"), photo.client_id).is_mine
    for name in ("bob", "quinn"):
        with pytest.raises(NotFound):
            find_photo(world.db, world.actor(name), photo.client_id)
        with pytest.raises(NotFound):
            photos_of_patrol_point(world.db, world.actor(name), number)


def test_photos_on_their_way_are_counted_and_not_shown(world):
    record = uuid.uuid4()
    log_points(world.db, world.actor("pat"), [point(record)])
    done, begun, bad = (announcement(record_id=record) for _ in range(3))
    send(world, "pat", done)
    announce_photo(world.db, world.actor("pat"), begun)
    with pytest.raises(InvalidInput):
        send(world, "pat", replace(bad, sha256=b"x" * 32))
    found = photos_of_patrol_point(world.db, world.actor("alice"), point_id(world, record))
    assert (names_of(found), found.on_their_way) == ([str(done.client_id)], 1)


def test_an_incident_shows_its_own_photos_and_those_of_the_point_it_came_from(world):
    origin, case = uuid.uuid4(), uuid.uuid4()
    log_points(world.db, world.actor("pat"), [point(origin, lon=113.925)])  # cell 3 is nobody's
    made = report_incident(
        world.db, world.actor("alice"), IncidentReport(case, "SR0102", "渣土", 113.925, 22.755)
    ).incident_id
    early, own = announcement(record_id=origin), announcement(record_id=case)
    send(world, "pat", early)
    send(world, "alice", own)
    assert names_of(photos_of_incident(world.db, world.actor("alice"), made)) == [str(own.client_id)]
    for _ in range(2):
        with world.db.transaction(world.actor("dan").identity) as connection:
            carry_photos(connection, from_records=[origin], to_records=[case])
    late = announcement(record_id=origin, taken_at=datetime(2014, 4, 16, tzinfo=UTC))
    send(world, "pat", late)
    shown = names_of(photos_of_incident(world.db, world.actor("alice"), made))
    assert sorted(shown[:2]) == sorted((str(early.client_id), str(own.client_id)))
    assert shown[2:] == [str(late.client_id)]
    for name in ("alice", "dan"):
        assert photo_counts(world.db, world.actor(name), "incident", [made, 1]) == {made: 3, 1: 1}
    assert photo_counts(world.db, world.actor("bob"), "incident", [made, 1]) == {}
    number = point_id(world, origin)
    assert photo_counts(world.db, world.actor("pat"), "patrol_point", [number, 1, 6]) == {number: 2, 1: 1}
    assert find_photo(world.db, world.actor("alice"), late.client_id)
    with pytest.raises(NotFound):
        find_photo(world.db, world.actor("bob"), late.client_id)


@pytest.mark.parametrize(("name", "number"), [("alice", 6), ("pat", 1), ("quinn", 6)])
def test_photos_are_carried_only_between_records_one_sees(world, name, number):
    """Patrol teams see points and no incident of others; alice sees neither in cell 6."""
    with (
        pytest.raises(Forbidden),
        world.db.transaction(world.actor(name).identity) as connection,
    ):
        ids = world.ask(
            "SELECT p.client_id::text, i.client_id::text FROM app.patrol_point AS p, app.incident AS i"
            " WHERE p.patrol_point_id = %s AND i.incident_id = %s",
            number, number % 6 + 1,
        )[0]  # fmt: skip
        carry_photos(connection, from_records=[ids[0]], to_records=[ids[1]])


def test_what_is_shown_has_no_metadata_and_the_original_has_all_and_leaves_a_trace(world):
    photo = announcement()
    send(world, "pat", photo)
    log_points(world.db, world.actor("pat"), [point(photo.record_id)])
    for name in ("pat", "alice", "dan", "audrey", "adam"):
        found = find_photo(world.db, world.actor(name), photo.client_id)
        shown = picture_of(world.db, world.actor(name), found)
        assert b"4711" not in shown and shown.startswith(b"\xff\xd8")
    for name in ("pat", "dan", "audrey"):
        assert original_of(world.db, world.actor(name), photo.client_id)[1] == PHOTO
    for name in ("alice", "adam", "petra", "quinn"):
        with pytest.raises(NotFound):
            original_of(world.db, world.actor(name), photo.client_id)
    number = world.ask("SELECT photo_id::text FROM app.photo WHERE client_id = %s", str(photo.client_id))
    trace = world.ask(
        "SELECT account_id FROM app.audit_log WHERE action = 'photo.original' AND subject = %s ORDER BY audit_id",
        number[0][0],
    )
    assert [row[0] for row in trace] == [world.accounts[name] for name in ("pat", "dan", "audrey")]


def test_a_complete_photo_cannot_be_changed_by_its_sender(world):
    photo, pat = announcement(), world.actor("pat")
    send(world, "pat", photo)
    with world.db.transaction(pat.identity) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE app.photo SET received_bytes = 0 WHERE client_id = %s", (str(photo.client_id),)
        )
        assert cursor.rowcount == 0
    with (
        pytest.raises(Forbidden),
        world.db.transaction(pat.identity) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM app.photo_piece")


def test_photos_of_a_record_are_found_by_index_below_the_policy(world):
    connection = psycopg2.connect(world.url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET ROLE gis_migrator")
        cursor.execute(
            "INSERT INTO app.patrol_point (client_id, content_sha256, team_id, kind, source, at, device_at, cell_id,"
            " community_id, is_outside, geom) SELECT gen_random_uuid(), sha256('x'), 1, 'OK', 'demo', now(), now(),"
            " 1, 1, false, ST_SetSRID(ST_MakePoint(113.905, 22.755), 4326) FROM generate_series(1, 5000)"
        )
        cursor.execute(
            "INSERT INTO app.photo (client_id, record_id, account_id, taken_at, sha256, bytes, media_type)"
            " SELECT gen_random_uuid(), client_id, 7, now(), sha256('x'), 1, 'image/jpeg'"
            " FROM app.patrol_point WHERE source = 'demo'"
        )
        cursor.execute("ANALYZE app.photo, app.patrol_point")
    connection.close()
    for name in ("alice", "pat"):
        with world.db.transaction(world.actor(name).identity) as connection, connection.cursor() as cursor:
            cursor.execute(
                "EXPLAIN SELECT photo_id FROM app.photo"
                " WHERE record_id = ANY (ARRAY['00000000-0000-4000-8000-000000000001'::uuid])"
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "photo_record_idx" in plan, plan
        assert "hashed" not in plan, plan
        assert "Seq Scan on photo " not in plan and "Seq Scan on patrol_point" not in plan, plan


def test_nobody_signed_in_sees_no_photo(world):
    with (
        pytest.raises(Forbidden),
        world.db.transaction(Identity("gis_anon")) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 FROM app.photo")
