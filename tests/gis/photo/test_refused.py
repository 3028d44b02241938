"""Refused photos: seen by the administrator, judged again by today's rules, deleted so that they can be sent anew."""

from __future__ import annotations

import contextlib
import hashlib
import io
import uuid
from datetime import UTC, datetime

import pytest
from PIL import Image

from gis.errors import Conflict, Forbidden, InvalidInput, NotFound
from gis.patrol.service import log_points
from gis.photo import jpeg as jpeg_reader
from gis.photo import picture
from gis.photo.model import Announcement, State
from gis.photo.reading import find_photo
from gis.photo.refused import (
    delete_refused,
    judge_again,
    look_at_refused,
    refused_photos,
    show_refused,
)
from gis.photo.upload import announce_photo, photo_progress, take_piece
from tests.pictures import exif, jpeg
from tests.world import PEOPLE

CONTENT = jpeg(120, 90, extra=exif(6, secret=b"serial 4711"))


def send(world, content: bytes = CONTENT, *, arrives: bytes | None = None, **changes) -> Announcement:
    """Announce a photo and send what arrives of it."""
    values = {
        "client_id": uuid.uuid4(), "record_id": uuid.uuid4(), "sha256": hashlib.sha256(content).digest(),
        "bytes": len(content), "media_type": "image/jpeg", "taken_at": datetime(2014, 4, 15, tzinfo=UTC), **changes,
    }  # fmt: skip
    photo = Announcement(**values)
    announce_photo(world.db, world.actor("pat"), photo)
    with contextlib.suppress(InvalidInput):
        take_piece(world.db, world.actor("pat"), photo.client_id, 0, content if arrives is None else arrives)
    return photo


def number_of(world, photo: Announcement) -> int:
    return world.ask("SELECT photo_id FROM app.photo WHERE client_id = %s", str(photo.client_id))[0][0]


def listed(world, state: str) -> list[int]:
    return [row.photo_id for row in refused_photos(world.db, world.actor("adam"), state=state)]


def age(world, photo: Announcement) -> None:
    statement = "UPDATE app.photo SET received_at = now() - interval '25 hours' WHERE client_id = %s"
    world.ask(statement, str(photo.client_id))


def test_who_when_why_and_of_which_record_is_told(world):
    record_id = uuid.uuid4()
    log_points(
        world.db,
        world.actor("pat"),
        [
            {
                "client_id": str(record_id), "lon": 113.905, "lat": 22.755, "kind": "OK",
                "device_at": "2014-04-15T09:30:00+08:00",
            }
        ],
    )  # fmt: skip
    photo = send(world, b"<svg/>", record_id=record_id)
    half = send(world, arrives=CONTENT[:50])
    number = number_of(world, photo)
    assert listed(world, "refused")[0] == number and listed(world, "uploading")[0] == number_of(world, half)
    row = refused_photos(world.db, world.actor("adam"))[0]
    point = world.ask("SELECT patrol_point_id FROM app.patrol_point WHERE client_id = %s", str(record_id))[0][
        0
    ]
    assert (row.username, row.refusal, row.received_bytes, row.bytes) == ("pat", "not-a-photo", 6, 6)
    assert (row.patrol_point_id, row.incident_id, row.refused_at is None) == (point, None, False)
    assert show_refused(world.db, world.actor("adam"), number).cell_code == "440306007001001"
    unfinished = show_refused(world.db, world.actor("adam"), number_of(world, half))
    assert (unfinished.received_bytes, unfinished.refusal, unfinished.is_deletable) == (50, None, False)


def test_only_an_administrator_sees_them(world):
    photo = send(world, b"<svg/>")
    number = number_of(world, photo)
    for name in set(PEOPLE) - {"adam"}:
        actor = world.actor(name)
        for attempt in (
            lambda actor=actor: refused_photos(world.db, actor),
            lambda actor=actor: show_refused(world.db, actor, number),
            lambda actor=actor: look_at_refused(world.db, actor, number),
            lambda actor=actor: judge_again(world.db, actor, number),
            lambda actor=actor: delete_refused(world.db, actor, number, "x"),
        ):
            with pytest.raises(Forbidden):
                attempt()
    assert photo_progress(world.db, world.actor("pat"), photo.client_id).state is State.REFUSED


def test_what_is_looked_at_is_drawn_anew_and_leaves_a_trace(world):
    photo = send(world, media_type="image/png")
    number = number_of(world, photo)
    drawn = look_at_refused(world.db, world.actor("adam"), number)
    assert Image.open(io.BytesIO(drawn)).size == (90, 120) and b"4711" not in drawn
    trace = world.ask(
        "SELECT account_id, detail FROM app.audit_log WHERE action = 'photo.look' AND subject = %s",
        str(number),
    )
    assert trace == [(world.accounts["adam"], {"sender": world.accounts["pat"]})]
    assert look_at_refused(world.db, world.actor("adam"), number_of(world, send(world, b"<svg/>"))) == b""


def test_a_photo_of_another_kind_than_announced_is_taken_as_what_it_is(world):
    photo = send(world, media_type="image/png")
    adam, number = world.actor("adam"), number_of(world, photo)
    judge_again(world.db, adam, number)
    found = find_photo(world.db, world.actor("pat"), photo.client_id)
    assert (found.media_type, found.is_mine) == ("image/jpeg", True)
    assert world.ask(
        "SELECT width, height, length(thumbnail) > 0 FROM app.photo WHERE photo_id = %s", number
    ) == [(90, 120, True)]
    trace = world.ask(
        "SELECT account_id, detail FROM app.audit_log WHERE action = 'photo.take' AND subject = %s",
        str(number),
    )
    assert trace == [(world.accounts["adam"], {"sender": world.accounts["pat"]})]
    for settled in (
        lambda: judge_again(world.db, adam, number),
        lambda: delete_refused(world.db, adam, number, "x"),
    ):
        with pytest.raises(Conflict):
            settled()
    with pytest.raises(NotFound):
        show_refused(world.db, adam, number)
    assert world.ask("SELECT count(*) FROM app.photo_piece WHERE photo_id = %s", number) == [(1,)]


def test_a_limit_that_was_raised_lets_a_photo_in(world, monkeypatch):
    monkeypatch.setattr(picture, "MAX_EDGE", 100)
    photo = send(world)
    number = number_of(world, photo)
    with pytest.raises(InvalidInput) as refused:
        judge_again(world.db, world.actor("adam"), number)
    assert refused.value.code == "too-many-pixels"
    assert show_refused(world.db, world.actor("adam"), number).refusal == "too-many-pixels"
    monkeypatch.undo()
    assert jpeg_reader.read_jpeg(CONTENT).width == 90
    judge_again(world.db, world.actor("adam"), number)
    assert photo_progress(world.db, world.actor("pat"), photo.client_id).state is State.COMPLETE


def test_bytes_that_are_not_those_announced_are_never_taken(world):
    photo = send(world, sha256=bytes(32))
    with pytest.raises(InvalidInput) as refused:
        judge_again(world.db, world.actor("adam"), number_of(world, photo))
    assert refused.value.code == "wrong-hash"


def test_a_deleted_photo_can_be_sent_anew_under_its_id(world):
    adam = world.actor("adam")
    photo = send(world, arrives=CONTENT[:-1] + b"x")
    number = number_of(world, photo)
    assert show_refused(world.db, adam, number).refusal == "wrong-hash"
    with pytest.raises(InvalidInput):
        delete_refused(world.db, adam, number, "  ")
    delete_refused(world.db, adam, number, "arrived damaged")
    assert world.ask("SELECT count(*) FROM app.photo_piece WHERE photo_id = %s", number) == [(0,)]
    detail = world.ask(
        "SELECT detail FROM app.audit_log WHERE action = 'photo.delete' AND subject = %s", str(number)
    )[0][0]
    assert (detail["sender"], detail["code"], detail["sha256"], detail["reason"]) == (
        world.accounts["pat"],
        "wrong-hash",
        photo.sha256.hex(),
        "arrived damaged",
    )
    pat = world.actor("pat")
    assert announce_photo(world.db, pat, photo).state is State.UPLOADING
    assert take_piece(world.db, pat, photo.client_id, 0, CONTENT).state is State.COMPLETE
    with pytest.raises(Conflict):
        delete_refused(world.db, adam, number, "again")


def test_an_upload_under_way_is_left_alone_for_a_day(world):
    photo = send(world, arrives=CONTENT[:50])
    adam, number = world.actor("adam"), number_of(world, photo)
    with pytest.raises(Conflict):
        delete_refused(world.db, adam, number, "x")
    assert take_piece(world.db, world.actor("pat"), photo.client_id, 50, CONTENT[50:60]).offset == 60
    age(world, photo)
    delete_refused(world.db, adam, number, "never finished")
    with pytest.raises(NotFound):
        photo_progress(world.db, world.actor("pat"), photo.client_id)


def test_no_complete_photo_is_deleted_or_changed(world):
    adam = world.actor("adam")
    for attempt in (lambda: judge_again(world.db, adam, 1), lambda: delete_refused(world.db, adam, 1, "x")):
        with pytest.raises(Conflict):
            attempt()
    assert world.ask("SELECT state, (SELECT count(*) FROM app.photo_piece WHERE photo_id = 1) FROM app.photo"
                     " WHERE photo_id = 1") == [("complete", 1)]  # fmt: skip
